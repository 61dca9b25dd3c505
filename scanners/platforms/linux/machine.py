"""The machine under a Linux endpoint as its firmware names it, and the keys by which it is known again."""

import re
from collections.abc import Mapping, Sequence

from scanners.platforms.reading import Reading, cite, cite_all, lines_of
from scanners.platforms.smbios import (
    BOARD,
    CHASSIS,
    MANAGEMENT_CONTROLLER,
    SYSTEM,
    real,
    real_serial,
    real_uuid,
    structures,
)
from xunyan.facts import Machine
from xunyan.model import Capture, IdentityKey

SOURCES = ("dmidecode", "dmi-sysfs")

_SYSFS = frozenset({"sys_vendor", "product_name", "product_serial", "product_uuid", "board_serial", "bios_vendor"})
_MACHINE_ID = re.compile(r"[0-9a-f]{32}")

# Interfaces that containers and hypervisors make on a host: their MACs are not the machine's.
VIRTUAL_INTERFACES = (
    "docker", "veth", "virbr", "vnet", "tap", "tun", "cni", "flannel", "cali", "br-", "lo", "dummy", "vmnet", "vboxnet",
    "lxcbr", "lxdbr", "podman", "wg", "zt", "kube", "ovs", "usb", "sit", "gre", "ip6tnl",
)  # fmt: skip
# MACs that VMware, Xen and VirtualBox give to the same interface of every host.
_SHARED_MACS = ("00:50:56:c0:00:", "00:16:3e:00:00:00", "0a:00:27:00:00:")


def read_machine(sources: Mapping[str, Capture]) -> Reading:
    """Read maker, product and serials from dmidecode, else from what sysfs lets an ordinary user see."""
    if "dmidecode" in sources:
        capture = sources["dmidecode"]
        found = {one.type: one for one in reversed(structures(capture))}
        if SYSTEM in found:
            system, board, chassis = found[SYSTEM], found.get(BOARD), found.get(CHASSIS)
            machine = Machine(
                manufacturer=real(system.value("Manufacturer")),
                product=real(system.value("Product Name")),
                serial=real_serial(system.value("Serial Number")),
                uuid=real_uuid(system.value("UUID")),
                board_serial=real_serial(board.value("Serial Number")) if board else "",
                chassis=real(chassis.value("Type")) if chassis else "",
                has_management_controller=MANAGEMENT_CONTROLLER in found,
            )
            return Reading((machine,), (cite(capture, system.first, system.last),))
    if "dmi-sysfs" in sources:
        capture = sources["dmi-sysfs"]
        lines = lines_of(capture)
        values = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        values = {key: "" if value == "<denied>" else value for key, value in values.items()}
        if not _SYSFS.intersection(values):
            return Reading(unreadable=(("dmi-sysfs", "no line is a value of the firmware's"),))
        machine = Machine(
            manufacturer=real(values.get("sys_vendor", "")),
            product=real(values.get("product_name", "")),
            serial=real_serial(values.get("product_serial", "")),
            uuid=real_uuid(values.get("product_uuid", "")),
            board_serial=real_serial(values.get("board_serial", "")),
            chassis="",
            has_management_controller=False,
        )
        return Reading((machine,), (cite_all(capture, lines),))
    return Reading()


def identify(sources: Mapping[str, Capture]) -> tuple[IdentityKey, ...]:
    """List the keys by which this machine is known again, strongest first; placeholders are no keys."""
    keys: list[IdentityKey] = []
    for fact in read_machine({name: sources[name] for name in SOURCES if name in sources}).facts:
        if isinstance(fact, Machine):
            keys += [
                IdentityKey("serial", fact.serial),
                IdentityKey("uuid", fact.uuid),
                IdentityKey("board-serial", fact.board_serial),
            ]
    if "machine-id" in sources:
        value = sources["machine-id"].text.strip().lower()
        keys.append(IdentityKey("machine-id", value if _MACHINE_ID.fullmatch(value) and value.strip("0") else ""))
    if "ip-address" in sources:
        keys += [IdentityKey("mac", mac) for mac in _macs(lines_of(sources["ip-address"]))]
    return tuple(dict.fromkeys(key for key in keys if key.value))


def _macs(lines: Sequence[str]) -> list[str]:
    found = []
    interface = ""
    for line in lines:
        if line[:1].isdigit():
            interface = line.split(":")[1].strip() if ":" in line else ""
        words = line.split()
        if "link/ether" in words and not interface.startswith(VIRTUAL_INTERFACES):
            at = words.index("link/ether") + 1
            mac = words[at].lower() if at < len(words) else ""
            if len(mac) == 17 and mac.strip("0:") and not mac.startswith(_SHARED_MACS):
                found.append(mac)
    return sorted(set(found))
