"""Whether a Linux endpoint is a guest of a hypervisor or a container, from every source that tells."""

import re
from collections.abc import Mapping

from scanners.platforms.linux.lscpu import lscpu_fields
from scanners.platforms.reading import Reading, cite
from scanners.platforms.smbios import structures
from xunyan.facts import Virtualization
from xunyan.model import Capture, Evidence

SOURCES = ("virtualization", "cpuinfo", "lscpu", "dmidecode", "dmi-sysfs")

# System makers and products that are hypervisors or clouds. A maker that also builds machines (Huawei) is not here.
_GUEST_MAKERS = re.compile(
    r"^(qemu|red hat|openstack foundation|vmware|xen|innotek|microsoft corporation|bochs|alibaba cloud|tencent cloud|"
    r"huawei cloud|amazon ec2|google|nutanix|ovirt|parallels|sangfor|zstack|smartx|h3c cas|inspur cloud)",
    re.IGNORECASE,
)
_GUEST_PRODUCTS = re.compile(
    r"^(kvm|standard pc|virtual ?box|virtual machine|vmware|openstack|hvm domu|rhel|bochs|alibaba cloud ecs|cvm$|ecs$|"
    r"google compute engine)",
    re.IGNORECASE,
)
_FLAGS = re.compile(r"^(?:flags|Flags|标记)[ \t]*[:：].*\bhypervisor\b", re.MULTILINE)


def read_virtualization(sources: Mapping[str, Capture]) -> Reading:
    """Say whether the endpoint is a guest or a container. No sign in any source is read as a machine of its own."""
    guest, evidence = guest_signs(sources)
    container, container_evidence = _container(sources)
    if not guest and not container:
        cited = tuple(cite(sources[source], 1, 1) for source in SOURCES if source in sources)
        return Reading((Virtualization(guest=False, hypervisor="", container=""),), cited)
    return Reading((Virtualization(bool(guest), guest, container),), (*evidence, *container_evidence))


def guest_signs(sources: Mapping[str, Capture]) -> tuple[str, tuple[Evidence, ...]]:
    """Name the hypervisor (`unknown` where a sign names none), or nothing where no source shows a guest."""
    signs: list[tuple[str, Evidence]] = []
    if "virtualization" in sources:
        signs += _from_hints(sources["virtualization"])
    if "lscpu" in sources:
        signs += _from_lscpu(sources["lscpu"])
    if "cpuinfo" in sources and (found := _FLAGS.search(text := sources["cpuinfo"].text)):
        line = text.count("\n", 0, found.start()) + 1
        signs.append(("unknown", cite(sources["cpuinfo"], line, line)))
    if "dmidecode" in sources:
        signs += _from_dmidecode(sources["dmidecode"])
    if "dmi-sysfs" in sources:
        signs += _from_sysfs(sources["dmi-sysfs"])
    named = [name for name, _ in signs if name != "unknown"]
    return (named[0] if named else "unknown" if signs else ""), tuple(evidence for _, evidence in signs)


def _from_hints(capture: Capture) -> list[tuple[str, Evidence]]:
    signs = []
    lines = capture.text.splitlines()
    for number, line in enumerate(lines, 1):
        key, _, value = line.partition("=")
        value = "" if value.startswith("<") else value.strip()  # <absent>, <denied>, <no answer>: nothing was seen
        if (key == "systemd-detect-virt" and value not in ("", "none") and not _is_container(value)) or (
            key in ("hypervisor-type", "devicetree-hypervisor") and value
        ):
            signs.append((value, cite(capture, number, number, lines)))
        elif key == "cpuinfo-hypervisor-flag" and value == "yes":
            signs.append(("unknown", cite(capture, number, number, lines)))
        elif (key in ("sys_vendor", "dmi-sys_vendor") and _GUEST_MAKERS.search(value)) or (
            key in ("product_name", "dmi-product_name") and _GUEST_PRODUCTS.search(value)
        ):
            signs.append((value, cite(capture, number, number, lines)))
    return signs


def _from_lscpu(capture: Capture) -> list[tuple[str, Evidence]]:
    lines = capture.text.splitlines()
    fields = lscpu_fields(lines)
    signs = []
    if "hypervisor vendor" in fields:
        value, number = fields["hypervisor vendor"]
        signs.append((value or "unknown", cite(capture, number, number, lines)))
    elif "flags" in fields and " hypervisor " in f" {fields['flags'][0]} ":
        number = fields["flags"][1]
        signs.append(("unknown", cite(capture, number, number, lines)))
    elif _one_core_a_socket(fields):
        number = fields["socket(s)"][1]
        signs.append(("unknown", cite(capture, number, number, lines)))
    return signs


def _one_core_a_socket(fields: Mapping[str, tuple[str, int]]) -> bool:
    """LoongArch guests show a socket for every core; no machine is built so."""
    if "loongarch" not in fields.get("architecture", ("", 0))[0]:
        return False
    cpus, sockets = fields.get("cpu(s)", ("", 0))[0], fields.get("socket(s)", ("", 0))[0]
    return cpus == sockets and cpus.isdigit() and int(cpus[:6]) >= 2


def _from_dmidecode(capture: Capture) -> list[tuple[str, Evidence]]:
    lines = capture.text.splitlines()
    signs = []
    for found in structures(lines, (0, 1)):
        maker, product = found.value("Manufacturer"), found.value("Product Name")
        if found.type == 1 and (_GUEST_MAKERS.search(maker) or _GUEST_PRODUCTS.search(product)):
            signs.append((maker or product, cite(capture, found.first, found.last, lines)))
        elif found.type == 0 and "System is a virtual machine" in found.fields:
            signs.append(("unknown", cite(capture, found.first, found.last, lines)))
    return signs


def _from_sysfs(capture: Capture) -> list[tuple[str, Evidence]]:
    signs = []
    lines = capture.text.splitlines()
    for number, line in enumerate(lines, 1):
        key, _, value = line.partition(":")
        value = value.strip()
        if (key == "sys_vendor" and _GUEST_MAKERS.search(value)) or (
            key == "product_name" and _GUEST_PRODUCTS.search(value)
        ):
            signs.append((value, cite(capture, number, number, lines)))
    return signs


def _is_container(value: str) -> bool:
    return value in (
        "docker",
        "podman",
        "lxc",
        "lxc-libvirt",
        "systemd-nspawn",
        "openvz",
        "rkt",
        "container-other",
        "proot",
    )


def _container(sources: Mapping[str, Capture]) -> tuple[str, tuple[Evidence, ...]]:
    capture = sources.get("virtualization")
    if capture is None:
        return "", ()
    lines = capture.text.splitlines()
    for number, line in enumerate(lines, 1):
        key, _, value = line.partition("=")
        value = value.strip()
        if key in ("systemd-detect-virt-container", "systemd-detect-virt", "pid1-container", "pid1-cgroup"):
            if _is_container(value):
                return value, (cite(capture, number, number, lines),)
        elif key in ("dockerenv", "containerenv") and value == "yes":
            return "docker" if key == "dockerenv" else "podman", (cite(capture, number, number, lines),)
    return "", ()
