"""Whether a Linux endpoint is a guest of a hypervisor or a container, from every source that tells."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from scanners.platforms.linux.cpuinfo import cpuinfo_fields
from scanners.platforms.linux.lscpu import LscpuFields, lscpu_fields, shown
from scanners.platforms.reading import Reading, cite, lines_of
from scanners.platforms.smbios import BIOS, SYSTEM, structures
from xunyan.facts import Virtualization
from xunyan.model import Capture, Evidence

SOURCES = ("virtualization", "cpuinfo", "lscpu", "dmidecode", "dmi-sysfs")
MOST_SIGNS = 4  # of one source; more of them prove nothing more

# System makers and products that are hypervisors or clouds. A maker that also builds machines (Huawei, Sangfor,
# Microsoft) is not here.
_GUEST_MAKERS = re.compile(
    r"^(qemu|red hat|openstack foundation|vmware|xen|innotek|bochs|alibaba cloud|tencent cloud|"
    r"huawei cloud|amazon ec2|nutanix|ovirt|parallels|zstack|smartx|h3c cas|inspur cloud)",
    re.IGNORECASE,
)
_GUEST_PRODUCTS = re.compile(
    r"^(kvm|standard pc|virtual ?box|virtual machine|vmware|openstack|hvm domu|rhel|bochs|alibaba cloud ecs|cvm$|ecs$|"
    r"google compute engine)",
    re.IGNORECASE,
)
_CONTAINERS = frozenset({
    "docker", "podman", "lxc", "lxc-libvirt", "systemd-nspawn", "openvz", "rkt", "wsl", "proot", "pouch", "container-other",
})  # fmt: skip
# What stands in the path of a control group -> the container. The first one found wins: a pod's path has several.
_CONTROL_GROUPS = {
    "kubepods": "kubernetes", "docker": "docker", "libpod": "podman", "crio": "cri-o", "containerd": "containerd",
    "lxc": "lxc",
}  # fmt: skip

Sign = tuple[str, Evidence]


def read_virtualization(sources: Mapping[str, Capture]) -> Reading:
    """Say whether the endpoint is a guest or a container. No sign in any source is read as a machine of its own."""
    guest, evidence = guest_signs(sources)
    container = container_sign(sources)
    if not guest and container is None:
        cited = tuple(cite(sources[source], 1, 1) for source in SOURCES if source in sources)
        return Reading((Virtualization(guest=False, hypervisor="", container=""),), cited)
    name, proof = container or ("", None)
    return Reading((Virtualization(bool(guest), guest, name),), (*evidence, *((proof,) if proof else ())))


def guest_signs(sources: Mapping[str, Capture]) -> tuple[str, tuple[Evidence, ...]]:
    """Name the hypervisor (`unknown` where a sign names none), or nothing where no source shows a guest."""
    signs: list[Sign] = []
    for source, read in _SIGNS.items():
        if source in sources:
            signs += islice(read(sources[source]), MOST_SIGNS)
    named = [name for name, _ in signs if name != "unknown"]
    return (named[0] if named else "unknown" if signs else ""), tuple(evidence for _, evidence in signs)


def native_loongarch(sources: Mapping[str, Capture]) -> bool:
    """Tell whether a source shows what no LoongArch guest does; a missing sign of a guest is none."""
    if "cpuinfo" in sources:
        watchpoints = cpuinfo_fields(sources["cpuinfo"]).get("hardware watchpoint", ())
        if any(value.startswith("yes") for value in watchpoints):
            return True
    if "lscpu" in sources:
        cores = shown(lscpu_fields(sources["lscpu"]), "core(s) per socket")[0]
        if cores.isascii() and cores.isdigit() and cores.strip("0") not in ("", "1"):
            return True
    return "virtualization" in sources and "systemd-detect-virt=none" in lines_of(sources["virtualization"])


def container_sign(sources: Mapping[str, Capture]) -> Sign | None:
    """Name the container in which the collector ran; None where no hint shows one."""
    capture = sources.get("virtualization")
    if capture is None:
        return None
    for number, line in enumerate(lines_of(capture), 1):
        key, _, value = line.partition("=")
        name = _container(key, _hint(value))
        if name:
            return name, cite(capture, number, number)
    return None


def _container(key: str, value: str) -> str:
    if key in ("systemd-detect-virt", "systemd-detect-virt-container"):
        return value if value in _CONTAINERS else ""
    if key == "pid1-container":  # whoever starts a container sets it, to a name of its own
        return value
    if key == "pid1-cgroup":
        return next((name for part, name in _CONTROL_GROUPS.items() if part in value), "")
    return {"dockerenv": "docker", "containerenv": "podman"}.get(key, "") if value == "yes" else ""


def _hint(value: str) -> str:
    """Give a hint's value; `<absent>`, `<denied>` and `<no answer>` mean that nothing was seen."""
    return "" if value.startswith("<") else value.strip()


def _from_hints(capture: Capture) -> Iterator[Sign]:
    for number, line in enumerate(lines_of(capture), 1):
        key, _, value = line.partition("=")
        value = _hint(value)
        if (key == "systemd-detect-virt" and value not in ("", "none") and value not in _CONTAINERS) or (
            key in ("hypervisor-type", "devicetree-hypervisor") and value
        ):
            yield value, cite(capture, number, number)
        elif key == "cpuinfo-hypervisor-flag" and value == "yes":
            yield "unknown", cite(capture, number, number)
        elif _names_guest(key, value):
            yield value, cite(capture, number, number)


def _names_guest(key: str, value: str) -> bool:
    pattern = {"sys_vendor": _GUEST_MAKERS, "product_name": _GUEST_PRODUCTS}.get(key)
    return pattern is not None and bool(pattern.search(value))


def _from_lscpu(capture: Capture) -> Iterator[Sign]:
    fields = lscpu_fields(capture)
    if "hypervisor vendor" in fields:
        value, number = fields["hypervisor vendor"]
        yield value or "unknown", cite(capture, number, number)
    elif "hypervisor" in shown(fields, "flags")[0].split():
        number = fields["flags"][1]
        yield "unknown", cite(capture, number, number)
    elif _one_core_a_socket(fields):
        number = fields["socket(s)"][1]
        yield "unknown", cite(capture, number, number)


def _one_core_a_socket(fields: LscpuFields) -> bool:
    """LoongArch guests show a socket for every core; no machine is built so."""
    if "loongarch" not in shown(fields, "architecture")[0]:
        return False
    cpus, sockets = shown(fields, "cpu(s)")[0], shown(fields, "socket(s)")[0]
    return cpus == sockets and cpus.isascii() and cpus.isdigit() and cpus.strip("0") not in ("", "1")


def _from_cpuinfo(capture: Capture) -> Iterator[Sign]:
    fields = cpuinfo_fields(capture)
    for flags, number in fields.get("flags", {}).items():
        if "hypervisor" in flags.split():
            yield "unknown", cite(capture, number, number)
            return
    # Every Loongson of this architecture has watchpoints; KVM gives its guests none.
    if "loongson" in " ".join(fields.get("model name", ())).lower() and "no" in fields.get("hardware watchpoint", ()):
        number = fields["hardware watchpoint"]["no"]
        yield "unknown", cite(capture, number, number)


def _from_dmidecode(capture: Capture) -> Iterator[Sign]:
    for found in structures(capture):
        maker, product = found.value("Manufacturer"), found.value("Product Name")
        if found.type == SYSTEM and (_GUEST_MAKERS.search(maker) or _GUEST_PRODUCTS.search(product)):
            yield maker or product, cite(capture, found.first, found.last)
        elif found.type == BIOS and "System is a virtual machine" in found.fields:
            yield "unknown", cite(capture, found.first, found.last)


def _from_sysfs(capture: Capture) -> Iterator[Sign]:
    for number, line in enumerate(lines_of(capture), 1):
        key, _, value = line.partition(":")
        if _names_guest(key, value.strip()):
            yield value.strip(), cite(capture, number, number)


_SIGNS = {
    "virtualization": _from_hints,
    "lscpu": _from_lscpu,
    "cpuinfo": _from_cpuinfo,
    "dmidecode": _from_dmidecode,
    "dmi-sysfs": _from_sysfs,
}
