"""The machine under a Windows endpoint, whether it is a guest, and the keys by which it is known again.

Makers' placeholders, shared MACs and hypervisors' names are the same whatever system runs on the machine. So each answer
is said once more in the form of Linux's own sources (`dmi-sysfs`, `machine-id`, `ip-address`) and put through their filters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scanners.platforms.linux import machine as linux
from scanners.platforms.linux.virtualization import guest_signs
from scanners.platforms.reading import Reading
from scanners.platforms.smbios import real_serial
from scanners.platforms.windows.addresses import own_macs
from scanners.platforms.windows.answers import Row, cite_values, has, rows_of, shown
from xunyan.facts import Virtualization
from xunyan.model import Capture, Evidence, IdentityKey

SOURCE = "computer-system"
IDENTIFYING = (SOURCE, "machine-guid", "ip-address")
_MACHINE_VALUES = ("Manufacturer", "Model", "UUID", "IdentifyingNumber", "BIOSSerialNumber", "BaseBoardSerialNumber")


def read_machine(sources: Mapping[str, Capture]) -> Reading:
    """Read maker, product, serials and UUID from `computer-system`. Chassis and management controller do not show."""
    capture = sources.get(SOURCE)
    if capture is None:
        return Reading()
    row = _system(capture)
    if isinstance(row, str):
        return Reading(unreadable=((SOURCE, row),))
    facts = linux.read_machine({"dmi-sysfs": _as_sysfs(capture, row)}).facts
    return Reading(facts, (cite_values(capture, _MACHINE_VALUES),))


def read_virtualization(sources: Mapping[str, Capture]) -> Reading:
    """Say whether the endpoint is a guest, by maker and model.

    HypervisorPresent is no sign of one: it is true as well on a machine of its own whose Windows runs Hyper-V or
    virtualization-based security.
    """
    capture = sources.get(SOURCE)
    if capture is None:
        return Reading()
    row = _system(capture)
    if isinstance(row, str):
        return Reading(unreadable=((SOURCE, row),))
    sign = guest_sign(sources)
    fact = Virtualization(guest=sign is not None, hypervisor=sign[0] if sign else "", container="")
    return Reading((fact,), (cite_values(capture, ("Manufacturer", "Model")),))


def guest_sign(sources: Mapping[str, Capture]) -> tuple[str, Evidence] | None:
    """Name the hypervisor that maker and model speak of, with where they stand; None where they speak of none."""
    capture = sources.get(SOURCE)
    row = _system(capture) if capture is not None else ""
    if capture is None or isinstance(row, str):
        return None
    name, _ = guest_signs({"dmi-sysfs": _as_sysfs(capture, row)})
    return (name, cite_values(capture, ("Manufacturer", "Model"))) if name else None


def identify(sources: Mapping[str, Capture]) -> tuple[IdentityKey, ...]:
    """List the keys by which this machine is known again, strongest first; placeholders are no keys.

    MachineGuid is Windows's machine-id, and like that of Linux is the same on disks that were cloned unprepared.
    """
    said: dict[str, Capture] = {}
    if (capture := sources.get(SOURCE)) is not None and not isinstance(row := _system(capture), str):
        said["dmi-sysfs"] = _as_sysfs(capture, row)
    if (capture := sources.get("machine-guid")) is not None:
        said["machine-id"] = _said(capture, [capture.text.removeprefix("\ufeff").strip().strip("{}").replace("-", "")])
    if (capture := sources.get("ip-address")) is not None:
        said["ip-address"] = _said(capture, (f"    link/ether {mac}" for mac in own_macs(capture)))
    return linux.identify(said)


def _system(capture: Capture) -> Row | str:
    rows = rows_of(capture)
    if isinstance(rows, str):
        return rows
    return rows[0] if has(rows[0], "Manufacturer", "Model") else "no object of Win32_ComputerSystem"


def _as_sysfs(capture: Capture, row: Row) -> Capture:
    serial = real_serial(shown(row, "IdentifyingNumber")) or shown(row, "BIOSSerialNumber")
    return _said(
        capture,
        (
            f"sys_vendor: {shown(row, 'Manufacturer')}",
            f"product_name: {shown(row, 'Model')}",
            f"product_serial: {serial}",
            f"product_uuid: {shown(row, 'UUID')}",
            f"board_serial: {shown(row, 'BaseBoardSerialNumber')}",
        ),
    )


def _said(capture: Capture, lines: Iterable[str]) -> Capture:
    """Give the capture with other words; `shown` has left no line break in a value."""
    return replace(capture, body="\n".join(lines).encode("utf-8", "replace"))
