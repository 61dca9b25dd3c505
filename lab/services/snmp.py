"""Makes an SNMP agent that answers as a host, or as the UPS, PDU or sensor unit that it is given out for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.contents import Entry
from lab.programs import Program
from lab.scenario.model import Snmp
from lab.services.missing import place
from lab.services.words import family, quoted, refused

LOG = "snmp.log"
UPS, SENSORS = "1.3.6.1.2.1.33", "1.3.6.1.2.1.99"
_PORT = 161
_SYSTEM, _INTERFACES = "1.3.6.1.2.1.1", "1.3.6.1.2.1.2"
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,9})){1,127}")
_TYPES = ("integer", "uinteger", "octet_str", "object_id", "counter")
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Kind:
    """What an agent of a kind says when the scenario does not: object id and description of the product, further objects."""

    object_id: str = ""
    describes: str = ""
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def _sensor(number: int, kind: int, value: int, unit: str) -> dict[str, tuple[str, str]]:
    """One row of ENTITY-SENSOR-MIB: type (4 volts, 5 amperes, 6 watts, 8 celsius, 9 %RH), value in tenths, in order."""
    row = f"{SENSORS}.1.1.1"
    return {
        f"{row}.1.{number}": ("integer", str(kind)),
        f"{row}.2.{number}": ("integer", "9"),
        f"{row}.3.{number}": ("integer", "1"),
        f"{row}.4.{number}": ("integer", str(value)),
        f"{row}.5.{number}": ("integer", "1"),
        f"{row}.6.{number}": ("octet_str", unit),
    }


KINDS: Mapping[str, Kind] = {
    "host": Kind(),
    "ups": Kind(
        "1.3.6.1.4.1.318.1.3.2",
        "APC Web/SNMP Management Card",
        {
            f"{UPS}.1.1.1.0": ("octet_str", "APC"),  # upsIdentManufacturer
            f"{UPS}.1.1.2.0": ("octet_str", "Smart-UPS"),  # upsIdentModel
            f"{UPS}.1.2.1.0": ("integer", "2"),  # upsBatteryStatus: normal
            f"{UPS}.1.2.2.0": ("integer", "0"),  # upsSecondsOnBattery
            f"{UPS}.1.2.3.0": ("integer", "45"),  # upsEstimatedMinutesRemaining
            f"{UPS}.1.2.4.0": ("integer", "100"),  # upsEstimatedChargeRemaining, %
            f"{UPS}.1.3.2.0": ("integer", "1"),  # upsInputNumLines
            f"{UPS}.1.3.3.1.3.1": ("integer", "220"),  # upsInputVoltage, V
            f"{UPS}.1.4.1.0": ("integer", "3"),  # upsOutputSource: normal
            f"{UPS}.1.4.3.0": ("integer", "1"),  # upsOutputNumLines
            f"{UPS}.1.4.4.1.4.1": ("integer", "1200"),  # upsOutputPower, W
            f"{UPS}.1.4.4.1.5.1": ("integer", "35"),  # upsOutputPercentLoad, %
            f"{UPS}.1.6.1.0": ("uinteger", "0"),  # upsAlarmsPresent
        },
    ),
    "pdu": Kind(
        "1.3.6.1.4.1.318.1.3.4.5",
        "APC Switched Rack PDU",
        {**_sensor(1, 4, 2203, "V"), **_sensor(2, 5, 68, "A"), **_sensor(3, 6, 14980, "W")},
    ),
    "environment": Kind(
        "1.3.6.1.4.1.2606.7",
        "Rittal CMC",
        {**_sensor(1, 8, 236, "C"), **_sensor(2, 9, 455, "%RH")},
    ),
}


def snmp_program(folder: Path, snmp: Snmp, addresses: Sequence[str], name: str, *, port: int = _PORT) -> Program:
    """Make a real snmpd on all the addresses, which says `name` as its own name and reads nothing of the machine's settings.

    The log `snmp.log` holds each request: the client's address and port, then the kind of PDU and the objects that it asks
    for. An agent of an appliance's kind shows what such a unit has and no tree of a Linux host. Raises InputError for what
    snmpd cannot be told.
    """
    kind = KINDS[snmp.kind]
    object_id, describes = snmp.object_id or kind.object_id, snmp.describes or kind.describes
    values = {**kind.values, **{oid.removeprefix("."): value for oid, value in snmp.values.items()}}
    values[f"{_SYSTEM}.5.0"] = ("octet_str", name)
    if describes:
        values[f"{_SYSTEM}.1.0"] = ("octet_str", describes)
    shown = [_SYSTEM, _INTERFACES, UPS, SENSORS, *values] if snmp.kind != "host" else ["1"]
    where = f"snmp, {name}"
    if not snmp.community:
        raise refused(snmp.community, where)
    community = quoted(snmp.community, where)
    lines = [f"view shown included .{oid}" for oid in dict.fromkeys(shown)]
    lines += [f"{word} {community} default -V shown" for word in ("rocommunity", "rocommunity6")]
    if object_id:
        lines.append(f"sysObjectID .{_oid(object_id, where)}")
    lines += [_override(oid, kind_and_value, where) for oid, kind_and_value in values.items()]
    lines += ["[snmp]", f"persistentDir {folder / 'snmp' / 'state'}", ""]
    quoted(str(folder), where, without="\"\\ ',#")  # the command line and persistentDir know no quotes
    files = (Entry("snmp/snmpd.conf", "\n".join(lines)), Entry("snmp/state", None, 0o755))
    listens = [f"udp6:[{one}]:{port}" if family(one) == 6 else f"udp:{one}:{port}" for one in addresses]
    settings = str(folder / "snmp" / "snmpd.conf")
    command = (place("snmpd"), "-f", "-r", "-V", "-Lo", "-m", "", "-C", "-c", settings, *listens)
    return Program("snmp", command, LOG, files, tuple(("udp", one, port) for one in addresses))


def _override(oid: str, kind_and_value: tuple[str, str], where: str) -> str:
    kind, value = kind_and_value
    if kind not in _TYPES:
        raise refused(kind, where)
    if kind == "object_id":
        written = "." + _oid(value, where)
    elif kind == "octet_str":
        if len(value.encode()) > _LONGEST:
            raise refused(value, where)
        written = quoted(value, where)
    elif re.fullmatch(r"-?[0-9]{1,10}", value):
        written = value
    else:
        raise refused(value, where)
    return f"override .{_oid(oid, where)} {kind} {written}"


def _oid(text: str, where: str) -> str:
    oid = text.removeprefix(".")
    if not _OID.fullmatch(oid):
        raise refused(text, where)
    return oid
