"""Texts that tell who a host is: processor, system, firmware and addresses. All of it is invented by us, in the tools' forms."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

_X86 = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 ht syscall nx lm"
_ARM = "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"


@dataclass(frozen=True, slots=True)
class Processor:
    """A kind of machine. `implementer` and `part` are an Arm core's; `vendor` and `family` an x86 processor's."""

    model: str
    cpus: int
    maker: str
    product: str
    vendor: str
    family: int = 0
    implementer: str = ""
    part: str = ""
    midr: str = "00 00 00 00"
    loongson: bool = False

    @property
    def machine(self) -> str:
        """What `uname -m` says."""
        if self.loongson:
            return "loongarch64"
        return "aarch64" if self.implementer else "x86_64"


@dataclass(frozen=True, slots=True)
class System:
    """An operating system: its release file, the end of its kernel's name, and its package with a packager."""

    release: str
    kernel: str
    package: str
    files: tuple[tuple[str, str], ...] = ()


def release(name: str, version: str, identifier: str, number: str, pretty: str) -> str:
    """Write /etc/os-release in the form that most systems give it."""
    return f'NAME="{name}"\nVERSION="{version}"\nID={identifier}\nVERSION_ID="{number}"\nPRETTY_NAME="{pretty}"\n'


PROCESSORS = (
    Processor("Phytium,FT-2000/4", 4, "GreatWall", "GW-L4", "Phytium", 0, "0x70", "0x663", "33 66 1F 70"),
    Processor("Kunpeng-920", 8, "Huawei", "TaiShan L200", "HiSilicon", 0, "0x48", "0xd01", "10 D0 1F 48"),
    Processor("Hygon C86 7285 32-core Processor", 8, "Sugon", "R62-L", "HygonGenuine", 24),
    Processor("Intel(R) Xeon(R) Silver 4214 CPU @ 2.20GHz", 8, "Inspur", "NF-L5", "GenuineIntel", 6),
)
SYSTEMS = (
    System(
        release(
            "Kylin Linux Advanced Server", "V10 (Lance)", "kylin", "V10", "Kylin Linux Advanced Server V10 (Lance)"
        ),
        "4.19.90-52.22.v2207.ky10",
        "rpm: kylin-release|10-24.6.p113.ky10|KylinSoft|Kylin Linux|%|RSA/SHA256, Key ID 0000000000lab001|",
        (("/etc/kylin-release", "Kylin Linux Advanced Server release V10 (Lance)\n"),),
    ),
    System(
        release("UnionTech OS Server", "20", "uos", "20", "UnionTech OS Server 20"),
        "4.19.90-2211.5.0.0178.22.uel20",
        "rpm: uos-release|20-3.uelc20|UnionTech|UnionTech|%|RSA/SHA256, Key ID 0000000000lab002|",
        (("/etc/UnionTech-release", "UnionTech OS Server release 20 (kongzi)\n"),),
    ),
    System(
        release("openEuler", "22.03 (LTS-SP3)", "openEuler", "22.03", "openEuler 22.03 (LTS-SP3)"),
        "5.10.0-182.0.0.95.oe2203sp3",
        "rpm: openEuler-release|22.03LTS_SP3-52.oe2203sp3|openEuler|openEuler|%|RSA/SHA1, Key ID 0000000000lab003|",
        (("/etc/openEuler-release", "openEuler release 22.03 (LTS-SP3)\n"),),
    ),
    System(
        release("Debian GNU/Linux", "12 (bookworm)", "debian", "12", "Debian GNU/Linux 12 (bookworm)"), "6.1.0-26", ""
    ),
)


def identity_of(number: int, address: IPv4Address) -> tuple[str, dict[str, str]]:
    """Return the name of the host at a position and its identity: path or tool -> text."""
    processor = PROCESSORS[number % len(PROCESSORS)]
    system = SYSTEMS[number // len(PROCESSORS) % len(SYSTEMS)]
    digest = hashlib.sha256(f"lab host {address}".encode()).hexdigest()
    name = f"lab{number + 1:04d}"
    kernel = f"{system.kernel}.{processor.machine}" if system.package else f"{system.kernel}-{processor.machine}"
    built = "#1 SMP Thu Jul 3 08:00:00 CST 2025"
    identity = {
        "/proc/cpuinfo": cpuinfo(processor),
        "/etc/os-release": system.release,
        "/etc/machine-id": digest[:32] + "\n",
        "/etc/hostname": name + "\n",
        "/etc/issue": "Authorized users only. All activity is recorded.\n",
        "uname -m": processor.machine + "\n",
        "uname -r": kernel + "\n",
        "uname -a": f"Linux {name} {kernel} {built} {processor.machine} {processor.machine} {processor.machine} GNU/Linux\n",
        "uname -n -m": f"{name} {processor.machine}\n",
        "lscpu": lscpu(processor),
        "dmidecode": dmidecode(processor, digest),
        "systemd-detect-virt": "none\n",
        **addresses(number, address, digest),
        **dict(system.files),
    }
    if system.package:
        identity |= {"/var/lib/dpkg/status": "", "rpm": system.package + "\n"}
    return name, identity


def cpuinfo(processor: Processor, *, hypervisor: bool = False) -> str:
    """/proc/cpuinfo: a block for every logical CPU; a guest's names a `hypervisor` among the flags of an x86 one."""
    if processor.loongson:
        head = "system type\t\t: generic-loongson-machine\n"
        return head + "".join(
            f"processor\t\t: {cpu}\npackage\t\t\t: 0\ncore\t\t\t: {cpu}\nCPU Family\t\t: Loongson-64bit\n"
            f"Model Name\t\t: {processor.model}\nCPU Revision\t\t: 0x10\nFPU Revision\t\t: 0x00\nCPU MHz\t\t\t: 2500.00\n"
            "BogoMIPS\t\t: 5000.00\nISA\t\t\t: loongarch32 loongarch64\n"
            "Features\t\t: cpucfg lam ual fpu lsx lasx complex crypto lvz\n\n"
            for cpu in range(processor.cpus)
        )
    if processor.implementer:
        block = (
            f"BogoMIPS\t: 100.00\nFeatures\t: {_ARM}\nCPU implementer\t: {processor.implementer}\nCPU architecture: 8\n"
            f"CPU variant\t: 0x1\nCPU part\t: {processor.part}\nCPU revision\t: 3\n\n"
        )
    else:
        block = (
            f"vendor_id\t: {processor.vendor}\ncpu family\t: {processor.family}\nmodel\t\t: 1\n"
            f"model name\t: {processor.model}\nstepping\t: 1\ncpu MHz\t\t: 2200.000\ncache size\t: 512 KB\n"
            f"flags\t\t: {_X86}{' hypervisor' * hypervisor}\nbogomips\t: 4400.00\n\n"
        )
    return "".join(f"processor\t: {cpu}\n{block}" for cpu in range(processor.cpus))


def lscpu(processor: Processor, *, hypervisor: bool = False) -> str:
    """`lscpu` in English."""
    rows = {
        "Architecture": processor.machine,
        "Byte Order": "Little Endian",
        "CPU(s)": str(processor.cpus),
        "On-line CPU(s) list": f"0-{processor.cpus - 1}",
        "Socket(s)": "1",
        "Vendor ID": processor.vendor,
        "Model name": processor.model,
        "Flags": "" if processor.loongson else _ARM if processor.implementer else _X86 + " hypervisor" * hypervisor,
    }
    if hypervisor:
        rows |= {"Hypervisor vendor": "KVM", "Virtualization type": "full"}
    return "".join(f"{label + ':':<32} {value}\n" for label, value in rows.items())


def dmidecode(processor: Processor, digest: str) -> str:
    """`dmidecode -t 0 -t 1 -t 2 -t 3 -t 4 -t 38`, with a serial number and a UUID of the host's own."""
    serial, own = f"LAB{digest[40:52].upper()}", str(uuid.UUID(digest[:32]))
    return (
        "# dmidecode 3.3\nGetting SMBIOS data from sysfs.\nSMBIOS 3.2.0 present.\n\n"
        "Handle 0x0000, DMI type 0, 26 bytes\nBIOS Information\n\tVendor: Lab Firmware\n\tVersion: 1.0\n"
        "\tRelease Date: 07/01/2025\n\n"
        f"Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: {processor.maker}\n"
        f"\tProduct Name: {processor.product}\n\tVersion: 1.0\n\tSerial Number: {serial}\n\tUUID: {own}\n\n"
        f"Handle 0x0003, DMI type 3, 22 bytes\nChassis Information\n\tManufacturer: {processor.maker}\n"
        "\tType: Rack Mount Chassis\n\tSerial Number: Not Specified\n\n"
        "Handle 0x0004, DMI type 4, 48 bytes\nProcessor Information\n\tSocket Designation: CPU0\n"
        f"\tType: Central Processor\n\tManufacturer: {processor.vendor}\n\tID: {processor.midr} 00 00 00 00\n"
        f"\tVersion: {processor.model}\n\tStatus: Populated, Enabled\n\tCore Count: {processor.cpus}\n\n"
    )


def addresses(number: int, address: IPv4Address, digest: str) -> Mapping[str, str]:
    """What `ip` and `ss` say: a MAC and an IPv4 address of the host's own, and on two of three hosts a global IPv6 one."""
    octets = address.packed
    inner = f"10.{octets[1]}.{octets[2]}.{octets[3]}"
    near = inner.rpartition(".")[0]
    mac = f"02:4c:{digest[52:54]}:{octets[1]:02x}:{octets[2]:02x}:{octets[3]:02x}"
    text = (
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
        "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n"
        "       valid_lft forever preferred_lft forever\n"
        "2: enp1s0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
        f"    link/ether {mac} brd ff:ff:ff:ff:ff:ff\n    inet {inner}/24 brd {near}.255 scope global enp1s0\n"
        "       valid_lft forever preferred_lft forever\n"
    )
    dual = number % 3 != 2
    if dual:
        text += (
            f"    inet6 2001:db8:77:{octets[2]:x}::{octets[3]:x}/64 scope global \n"
            "       valid_lft forever preferred_lft forever\n"
        )
    text += f"    inet6 fe80::4c:77ff:fe{octets[2]:02x}:{octets[3]:x}/64 scope link \n       valid_lft forever preferred_lft forever\n"
    return {
        "ip a": text,
        "ip -4 route": f"default via {near}.254 dev enp1s0 \n{near}.0/24 dev enp1s0 proto kernel scope link src {inner} \n",
        "ip -6 route": f"2001:db8:77:{octets[2]:x}::/64 dev enp1s0 proto kernel metric 256 pref medium\n"
        if dual
        else "",
        "ss -H -tuln": "tcp   LISTEN 0      128            0.0.0.0:22          0.0.0.0:*\n",
        "ss -H -tn": f"0      0      {inner}:22      {near}.250:50{octets[3]:03d} \n",
    }
