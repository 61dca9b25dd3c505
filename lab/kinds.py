"""Machines and systems by the names that a scenario calls them, and the texts by which a host of these kinds is known."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lab.identities import PROCESSORS, Processor, System, cpuinfo, dmidecode, lscpu, release

_NO_SIGNER = "%|RSA/SHA256, Key ID 0000000000lab001|"


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of machine; `texts` are answers that differ from what is made of its processor."""

    processor: Processor
    guest: bool = False
    texts: tuple[tuple[str, str], ...] = ()


_PHYTIUM, _KUNPENG, _HYGON, _XEON = PROCESSORS
_LOONGSON = Processor("Loongson-3A5000", 4, "Loongson", "LS3A5000-7A1000-L", "Loongson", loongson=True)
_ZHAOXIN = Processor("ZHAOXIN KaiXian KX-6640MA@2.2+GHz", 4, "Lenovo", "KaiTian-L6", "CentaurHauls", 7)

MACHINES: Mapping[str, Machine] = {
    "kunpeng-920": Machine(_KUNPENG),
    "phytium-ft2000-4": Machine(_PHYTIUM),
    "hygon-7285": Machine(_HYGON),
    "hygon-guest": Machine(replace(_HYGON, maker="Red Hat", product="KVM"), guest=True),
    "loongson-3a5000": Machine(_LOONGSON),
    "zhaoxin-kx6000": Machine(replace(_ZHAOXIN, vendor="  Shanghai  ")),
    "via-nano": Machine(Processor("VIA Nano processor U2250 (1.6GHz Capable)", 2, "VIA", "EPIA-L", "CentaurHauls", 6)),
    "intel-4214": Machine(_XEON),
    "greatwall-intel": Machine(replace(_XEON, maker="GreatWall", product="U320-L")),
    "amd-epyc": Machine(Processor("AMD EPYC 7763 64-Core Processor", 8, "Dell Inc.", "R7525-L", "AuthenticAMD", 25)),
    "qemu-guest": Machine(
        Processor("QEMU Virtual CPU version 2.5+", 2, "QEMU", "Standard PC (i440FX + PIIX, 1996)", "GenuineIntel", 15),
        guest=True,
    ),
}
"""Every machine that a scenario can name. Brands of cases and boards are invented; what tells the processor is its own form."""


def _rpm(package: str, version: str, vendor: str) -> str:
    return f"rpm: {package}|{version}|{vendor}|{vendor}|{_NO_SIGNER}"


def _deb(maintainer: str, version: str) -> str:
    return f"Package: base-files\nStatus: install ok installed\nMaintainer: {maintainer}\nVersion: {version}\n\n"


@dataclass(frozen=True, slots=True)
class Flavour:
    """A system, and for one that is made of .deb packages the status file of dpkg and the origin of its repository."""

    system: System
    dpkg: str = ""
    origin: str = ""


def _server(release: str, kernel: str, package: str, *files: tuple[str, str]) -> Flavour:
    return Flavour(System(release, kernel, package, tuple(files)))


_UOS_VERSION = "[Version]\nSystemName=UOS Desktop\nProductType=Desktop\nEditionName=Professional\nMajorVersion=20\nMinorVersion=1060\n"

SYSTEMS: Mapping[str, Flavour] = {
    "kylin-server-v10": _server(
        release("Kylin Linux Advanced Server", "V10 (Lance)", "kylin", "V10", "Kylin Linux Advanced Server V10 (Lance)"),
        "4.19.90-52.22.v2207.ky10",
        _rpm("kylin-release", "10-24.6.p113.ky10", "KylinSoft"),
        ("/etc/kylin-release", "Kylin Linux Advanced Server release V10 (Lance)\n"),
    ),
    "uos-server-20": _server(
        release("UnionTech OS Server", "20", "uos", "20", "UnionTech OS Server 20"),
        "4.19.90-2211.5.0.0178.22.uel20",
        _rpm("uos-release", "20-3.uelc20", "UnionTech"),
        ("/etc/UnionTech-release", "UnionTech OS Server release 20 (kongzi)\n"),
    ),
    "openeuler-22.03": _server(
        release("openEuler", "22.03 (LTS-SP3)", "openEuler", "22.03", "openEuler 22.03 (LTS-SP3)"),
        "5.10.0-182.0.0.95.oe2203sp3",
        _rpm("openEuler-release", "22.03LTS_SP3-52.oe2203sp3", "openEuler"),
        ("/etc/openEuler-release", "openEuler release 22.03 (LTS-SP3)\n"),
    ),
    "centos-7": _server(
        release("CentOS Linux", "7 (Core)", "centos", "7", "CentOS Linux 7 (Core)"),
        "3.10.0-1160.el7",
        _rpm("centos-release", "7-9.2009.1.el7.centos", "CentOS"),
        ("/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n"),
    ),
    "debian-12": Flavour(
        System(release("Debian GNU/Linux", "12 (bookworm)", "debian", "12", "Debian GNU/Linux 12 (bookworm)"),
               "6.1.0-26", "", (("/etc/debian_version", "12.7\n"),)),
        _deb("Santiago Vila <sanvila@debian.org>", "12.4+deb12u7"), "Debian",
    ),
    "ubuntu-22.04": Flavour(
        System(release("Ubuntu", "22.04.4 LTS (Jammy Jellyfish)", "ubuntu", "22.04", "Ubuntu 22.04.4 LTS"),
               "5.15.0-113-generic", "", (("/etc/debian_version", "bookworm/sid\n"),)),
        _deb("Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>", "12ubuntu4.6"), "Ubuntu",
    ),
    "ubuntu-kylin-22.04": Flavour(
        System(release("Ubuntu Kylin", "22.04 LTS (Jammy Jellyfish)", "ubuntu", "22.04", "Ubuntu Kylin 22.04 LTS"),
               "5.15.0-113-generic", "", (("/etc/debian_version", "bookworm/sid\n"),)),
        _deb("Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>", "12ubuntu4.6"), "Ubuntu",
    ),
    "kylin-desktop-v10-sp1": Flavour(
        System(
            'NAME="Kylin"\nVERSION="银河麒麟桌面操作系统V10 (SP1)"\nVERSION_US="Kylin Linux Desktop V10 (SP1)"\nID=kylin\n'
            'PRETTY_NAME="Kylin V10 SP1"\nVERSION_ID="v10"\n',
            "5.4.18-85-generic", "",
        ),
        _deb("Kylin Developers <developer@kylinos.cn>", "11kylin1.3k"), "Kylin",
    ),
    "uos-desktop-20": Flavour(
        System(
            'PRETTY_NAME="UnionTech OS Desktop 20 Pro"\nNAME="uos"\nVERSION_ID="20"\nVERSION="20"\nID=uos\n',
            "4.19.0-amd64-desktop", "",
            (("/etc/os-version", _UOS_VERSION),),
        ),
        _deb("UnionTech Developers <support@uniontech.com>", "2022.05.12-1"), "uos",
    ),
}  # fmt: skip
"""Every system that a scenario can name, in the forms by which its release files and packages tell it."""

LISTS = "/var/lib/apt/lists/"
"""A folder of the identity: what lies in it stands in place of all that the machine has there."""


def texts(machine: str, system: str, name: str, *, guest: bool = False) -> dict[str, str]:
    """Make the identity of a host: path or tool -> text. Equal names, equal texts. Raises KeyError for an unknown kind."""
    kind, flavour = MACHINES[machine], SYSTEMS[system]
    processor, own = kind.processor, flavour.system
    digest = hashlib.sha256(f"lab host {name} {machine} {system}".encode()).hexdigest()
    kernel = f"{own.kernel}.{processor.machine}" if own.package else own.kernel
    told = f"Linux {name} {kernel} #1 SMP Thu Jul 3 08:00:00 CST 2025 " + " ".join([processor.machine] * 3)
    identity = {
        "/proc/cpuinfo": cpuinfo(processor, hypervisor=kind.guest or guest),
        "/etc/os-release": own.release,
        "/etc/machine-id": digest[:32] + "\n",
        "/etc/issue": "Authorized users only. All activity is recorded.\n",
        "uname -m": processor.machine + "\n",
        "uname -r": kernel + "\n",
        "uname -a": f"{told} GNU/Linux\n",
        "uname -n -m": f"{name} {processor.machine}\n",
        "lscpu": lscpu(processor, hypervisor=kind.guest or guest),
        "dmidecode": dmidecode(processor, digest),
        "systemd-detect-virt": "kvm\n" if kind.guest or guest else "none\n",
        LISTS: "",
        **dict(own.files),
        **dict(kind.texts),
    }
    if own.package:
        return identity | {"/var/lib/dpkg/status": "", "rpm": own.package + "\n"}
    return identity | {
        "/var/lib/dpkg/status": flavour.dpkg,
        "/var/lib/dpkg/info/base-files.list": "/.\n/etc\n/etc/os-release\n/usr\n/usr/lib\n/usr/lib/os-release\n",
        f"{LISTS}lab_dists_stable_Release": f"Origin: {flavour.origin}\nLabel: {flavour.origin}\n",
    }
