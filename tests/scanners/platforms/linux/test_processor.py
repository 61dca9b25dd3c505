"""CPUs as Linux hosts show them.

The texts were made for these tests: each follows the form that the kernel, lscpu or dmidecode prints, with names and
numbers as they are on real machines. Real outputs are read in test_samples.py.
"""

from datetime import UTC, datetime

import pytest

from scanners.platforms.linux import PLATFORM
from scanners.platforms.linux.processor import read_processor
from scanners.platforms.reading import observe
from xunyan.facts import Processor, ProcessorClaim
from xunyan.model import Capture, Envelope, Evidence, GapReason

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def captures(**answers: str) -> dict[str, Capture]:
    """One host's answers; a source's dashes are written as underscores."""
    found = {}
    for name, text in answers.items():
        source = name.replace("_", "-")
        envelope = Envelope("host:a", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
        found[source] = Capture(f"c-{source}", envelope, 0, text.encode(), "", "")
    return found


def cpu(**answers: str) -> Processor:
    reading = read_processor(captures(**answers))
    assert reading.unreadable == ()
    [fact] = reading.facts
    assert isinstance(fact, Processor)
    return fact


def x86(vendor: str, name: str, family: int = 6, flags: str = "fpu vme de", cores: int = 2) -> str:
    one = "processor\t: {}\nvendor_id\t: {}\ncpu family\t: {}\nmodel\t\t: 1\nmodel name\t: {}\nflags\t\t: {}\n\n"
    return "".join(one.format(number, vendor, family, name, flags) for number in range(cores))


def arm(*cores: tuple[str, str], name: str = "") -> str:
    text = ""
    for number, (implementer, part) in enumerate(cores):
        text += f"processor\t: {number}\n" + (f"model name\t: {name}\n" if name else "")
        text += f"BogoMIPS\t: 200.00\nFeatures\t: fp asimd\nCPU implementer\t: {implementer}\nCPU architecture: 8\n"
        text += f"CPU variant\t: 0x1\nCPU part\t: {part}\nCPU revision\t: 0\n\n"
    return text


def socket(maker: str = "", version: str = "", name: str = "CPU0", **fields: str) -> str:
    lines = [f"\tSocket Designation: {name}", "\tType: Central Processor", f"\tManufacturer: {maker}"]
    lines += [f"\t{key}: {value}" for key, value in fields.items()]
    lines += [f"\tVersion: {version}", "\tStatus: Populated, Enabled"]
    return "# dmidecode 3.3\nHandle 0x0004, DMI type 4, 48 bytes\nProcessor Information\n" + "\n".join(lines) + "\n\n"


def system(maker: str, product: str) -> str:
    head = "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n"
    return f"{head}\tManufacturer: {maker}\n\tProduct Name: {product}\n\n"


QEMU = system("QEMU", "KVM Virtual Machine") + socket("QEMU", "virt-4.2", Family="Other")
GUEST = "fpu vme hypervisor lahf_lm"


@pytest.mark.parametrize(
    ("vendor_id", "family", "name", "vendor"),
    [
        ("CentaurHauls", 6, "VIA C7-D Processor 1800MHz", "via"),
        ("CentaurHauls", 6, "VIA Nano U3500@1000MHz", "via"),
        ("CentaurHauls", 7, "ZHAOXIN KaiXian KX-U6780A@2.7GHz", "zhaoxin"),
        ("CentaurHauls", 7, "ZHAOXIN KaiSheng KH-40000/16@2.2GHz", "zhaoxin"),
        ("CentaurHauls", 7, "             ZHAOXIN KaiXian KX-7000", "zhaoxin"),
        ("  Shanghai  ", 7, "ZHAOXIN KaiXian KX-6640MA@2.2+GHz", "zhaoxin"),
        ("  Shanghai  ", 7, "", "zhaoxin"),
        ("CentaurHauls", 6, "Centaur CNS engineering sample", ""),
        ("CentaurHauls", 7, "", ""),
        ("HygonGenuine", 24, "Hygon C86 7285 32-core Processor", "hygon"),
        ("HygonGenuine", 24, "Hygon C86-4G (OPN:3450)", "hygon"),
        ("AuthenticAMD", 23, "AMD EPYC 7551 32-Core Processor", "amd"),
        ("AuthenticAMD", 16, "Quad-Core AMD Opteron(tm) Processor 2378", "amd"),  # `Shanghai` is its code name
        ("GenuineIntel", 6, "Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz", "intel"),
        ("GenuineIntel", 6, "Montage(R) Jintide(R) C5318Y", "montage"),
        ("Virtual CPU ", 15, "", ""),
    ],
)
def test_x86_makers(vendor_id: str, family: int, name: str, vendor: str) -> None:
    shown = cpu(cpuinfo=x86(vendor_id, name, family))
    assert (shown.vendor, shown.model, shown.hidden, shown.disputed) == (vendor, name.strip(), False, False)
    assert not shown.through_hypervisor


def test_a_real_hygon_whole_fact_and_its_lines() -> None:
    reading = read_processor(captures(cpuinfo=x86("HygonGenuine", "Hygon C86 7185 32-core Processor", 24)))
    claim = ProcessorClaim("cpuinfo", "hygon", "Dhyana", "Hygon C86 7185 32-core Processor")
    assert reading.facts == (Processor("hygon", "Dhyana", claim.model, "", False, False, False, False, (claim,)),)
    quote = "vendor_id\t: HygonGenuine\ncpu family\t: 24\nmodel\t\t: 1\nmodel name\t: Hygon C86 7185 32-core Processor"
    assert reading.evidence == (Evidence("c-cpuinfo", "cpuinfo", 2, 5, quote, TAKEN),)


def test_jintide_sold_on_intels_dies_is_not_a_dispute() -> None:
    name = "Montage(R) Jintide(R) C5318Y"
    shown = cpu(cpuinfo=x86("GenuineIntel", name), dmidecode=socket("Intel(R) Corporation", name))
    assert (shown.vendor, shown.model, shown.disputed) == ("montage", name, False)


@pytest.mark.parametrize(
    ("cores", "vendor", "family"),
    [
        ([("0x70", "0x303")], "phytium", "FTC310"),
        ([("0x70", "0x660")], "phytium", "FTC660 (FT-1500A)"),
        ([("0x70", "0x661")], "phytium", "FTC661"),
        ([("0x70", "0x662")], "phytium", "FTC662 (FT-2000+/64)"),
        ([("0x70", "0x663")], "phytium", "FTC663"),
        ([("0x70", "0x664")], "phytium", "FTC664"),
        ([("0x70", "0x862")], "phytium", "FTC862"),
        ([("0x70", "0x999")], "phytium", ""),
        ([("0x48", "0xd01")], "hisilicon", "Kunpeng-920"),
        ([("0x48", "0xd02")], "hisilicon", "Kunpeng-920 V200"),
        ([("0x48", "0xd06")], "hisilicon", "Kunpeng-950"),
        ([("0x41", "0xd05")], "arm", ""),
        ([("0x41", "0xd49")], "arm", ""),  # Yitian 710 shows as AWS's and NVIDIA's chips do
        ([("0x41", "0xd05"), ("0x48", "0xd40")], "hisilicon", "Cortex-A76 (Kirin)"),
        ([("0x48", "0xd41"), ("0x41", "0xd05")], "hisilicon", "Cortex-A77 (Kirin)"),
        ([("0xc0", "0xac3")], "ampere", ""),
        ([("0x4e", "0x004")], "nvidia", ""),
        ([("0x6d", "0xd49")], "microsoft", ""),
        ([("0x00", "0x000")], "", ""),
    ],
)
def test_arm_makers_by_register(cores: list[tuple[str, str]], vendor: str, family: str) -> None:
    shown = cpu(cpuinfo=arm(*cores * 2))
    assert (shown.vendor, shown.family, shown.model, shown.disputed, shown.hidden) == (vendor, family, "", False, False)


def test_big_and_little_cores_are_both_claimed() -> None:
    shown = cpu(cpuinfo=arm(("0x41", "0xd05"), ("0x41", "0xd05"), ("0x48", "0xd40")))
    assert shown.claims == (
        ProcessorClaim("cpuinfo", "arm", "", ""),
        ProcessorClaim("cpuinfo", "hisilicon", "Cortex-A76 (Kirin)", ""),
    )


def test_kirin_shows_arms_cores_and_only_the_firmware_knows_it() -> None:
    cores = arm(("0x41", "0xd05"), ("0x41", "0xd0b"))
    assert cpu(cpuinfo=cores).vendor == "arm"
    firmware = socket("HISILICON", "HUAWEI Kirin 990", Family="ARM", ID="50 D0 1F 41 00 00 00 00")
    shown = cpu(cpuinfo=cores, dmidecode=firmware)
    assert (shown.vendor, shown.model, shown.disputed, shown.hidden) == ("hisilicon", "HUAWEI Kirin 990", False, False)
    assert shown.claims == (
        ProcessorClaim("cpuinfo", "arm", "", ""),
        ProcessorClaim("dmidecode", "hisilicon", "", "HUAWEI Kirin 990"),
    )
    devicetree = "model: HUAWEI QingYun L420\ncompatible: hisilicon,kirin9000\n"
    assert cpu(cpuinfo=cores, devicetree=devicetree).vendor == "hisilicon"


@pytest.mark.parametrize(
    ("octets", "vendor", "family"),
    [
        ("33 66 1F 70 00 00 00 00", "phytium", "FTC663"),
        ("20 86 0F 70 00 00 00 00", "phytium", "FTC862"),
        ("10 D0 1F 48 00 00 00 00", "hisilicon", "Kunpeng-920"),
        ("50 D0 1F 41 00 00 00 00", "arm", ""),
        ("71 D0 1F 41 00 00 00 00", "arm", ""),
        ("00 00 00 00 00 00 00 00", "", ""),
        ("-1 66 1F 70", "", ""),
        ("1F 70", "", ""),
    ],
)
def test_register_out_of_the_firmwares_id_bytes(octets: str, vendor: str, family: str) -> None:
    shown = cpu(dmidecode=socket("", "Not Specified", Family="ARMv8", ID=octets))
    assert (shown.vendor, shown.family, shown.model) == (vendor, family, "")


def test_id_bytes_of_others_are_no_register() -> None:
    intel = socket("Intel", "", Family="Xeon", ID="33 66 1F 70 FF FB EB BF")
    assert cpu(dmidecode=intel).claims == (ProcessorClaim("dmidecode", "intel", "", ""),)
    numbered = "JEP-106 Bank 0x48 Manufacturer 0x7f, SoC ID 0xd010, SoC Revision 0x00000000"
    jep = socket("", "", Family="ARMv8", ID="10 D0 7F 48 00 00 00 00", Signature=numbered)
    assert cpu(dmidecode=jep).claims == (ProcessorClaim("dmidecode", "", "", ""),)


def test_register_files() -> None:
    path = "/sys/devices/system/cpu/cpu{}/regs/identification/midr_el1"
    text = f"{path.format(0)} 0x00000000701f6633\n{path.format(1)} 0x00000000701f6633\n{path.format(2)} <denied>\n"
    shown = cpu(midr=text)
    assert shown.claims == (ProcessorClaim("midr", "phytium", "FTC663", ""),)


def test_d3000_firmware_leaves_the_maker_empty() -> None:
    numbered = "JEP-106 Bank 0x7f Manufacturer 0x7f, SoC ID 0x0000, SoC Revision 0x00000000"
    fields = {"Family": "ARMv8", "ID": "00 00 7F 7F 00 00 00 00", "Signature": numbered}
    named = cpu(dmidecode=socket("", "", "Phtium D3000", **fields))
    assert (named.vendor, named.model) == ("phytium", "Phtium D3000")
    nothing = cpu(dmidecode=socket("", "", "CPU0", **fields))
    assert (nothing.vendor, nothing.model, nothing.hidden) == ("", "", False)
    with_cores = cpu(dmidecode=socket("", "", "CPU0", **fields), cpuinfo=arm(("0x70", "0x862")))
    assert (with_cores.vendor, with_cores.family, with_cores.model) == ("phytium", "FTC862", "")


@pytest.mark.parametrize("name", ["phytium FT1500a", "Phytium,FT-2000+/64", "Phytium,D2000/8 E8C", "Phytium,S5000C/64"])
def test_phytium_names_of_vendor_kernels(name: str) -> None:
    shown = cpu(cpuinfo=arm(("0x70", "0x660"), name=name))
    assert (shown.vendor, shown.model, shown.disputed) == ("phytium", name, False)


LOONGARCH = (
    "system type\t\t: generic-loongson-machine\n\nprocessor\t\t: 0\npackage\t\t\t: 0\nCPU Family\t\t: Loongson-64bit\n"
    "Model Name\t\t: {}\nISA\t\t\t: loongarch32 loongarch64\nHardware Watchpoint\t: {}\n\n"
)


def test_loongson_of_both_architectures() -> None:
    real = cpu(cpuinfo=LOONGARCH.format("Loongson-3A6000-HV", "yes, iwatch count: 8, dwatch count: 4"))
    assert (real.vendor, real.model, real.hidden) == ("loongson", "Loongson-3A6000-HV", False)
    mips = "system type\t\t: generic-loongson-machine\nprocessor\t\t: 0\ncpu model\t\t: ICT Loongson-3 V0.9  FPU V0.1\n"
    assert (cpu(cpuinfo=mips).vendor, cpu(cpuinfo=mips).model) == ("loongson", "ICT Loongson-3 V0.9  FPU V0.1")
    named = mips + "model name\t\t: Loongson-3A R4 (Loongson-3A4000) @ 1800MHz\n"
    assert cpu(cpuinfo=named).model == "Loongson-3A R4 (Loongson-3A4000) @ 1800MHz"


def test_loongson_guest_shows_qemus_model() -> None:
    guest = LOONGARCH.format("Loongson-3A5000", "no")
    shown = cpu(cpuinfo=guest)
    assert (shown.vendor, shown.hidden, shown.through_hypervisor) == ("loongson", True, True)
    told = cpu(cpuinfo=LOONGARCH.format("Loongson-3A5000", "yes"), virtualization="systemd-detect-virt=kvm\n")
    assert (told.vendor, told.model, told.hidden) == ("loongson", "Loongson-3A5000", True)


LSCPU_LOONGARCH = """\
Architecture:          loongarch64
Byte Order:            Little Endian
CPU(s):                {}
On-line CPU(s) list:   0-31
Thread(s) per core:    1
Core(s) per socket:    {}
Socket(s):             {}
CPU family:            Loongson-64bit
Model name:            Loongson-3A5000
"""


def test_loongson_guest_has_a_socket_for_every_core() -> None:
    guest = cpu(lscpu=LSCPU_LOONGARCH.format(32, 1, 32))
    assert (guest.vendor, guest.architecture, guest.hidden) == ("loongson", "loongarch64", True)
    real = cpu(lscpu=LSCPU_LOONGARCH.format(32, 16, 2))
    assert (real.vendor, real.hidden, real.through_hypervisor) == ("loongson", False, False)


def test_sunway() -> None:
    text = "processor\t: 0\nvendor_id\t: sunway\ncpu family\t: 3\nmodel\t\t: 3\nmodel name\t: SW3231 CPU @ 2.40GHz\n"
    shown = cpu(cpuinfo=text + "cpu variation\t: 3\ncpu revision\t: 1\n")
    assert (shown.vendor, shown.model) == ("sunway", "SW3231 CPU @ 2.40GHz")
    for name in ("SW3231", "WX-H8000", "sw_831"):
        shown = cpu(lscpu=f"Architecture: sw_64\nVendor ID: sunway\nModel name: {name}\n")
        assert (shown.vendor, shown.model, shown.architecture) == ("sunway", name, "sw_64")
    assert cpu(lscpu="Architecture: sw_64\nModel name: WX-H8000\n").vendor == "sunway"


def test_power8_by_name_is_not_told_from_hexin() -> None:
    power = "processor\t: 0\ncpu\t\t: POWER8 (raw), altivec supported\nrevision\t: {}\n\nplatform\t: PowerNV\n"
    shown = cpu(cpuinfo=power.format("2.0 (pvr 004d 0200)"))
    assert (shown.vendor, shown.model) == ("", "POWER8 (raw), altivec supported")
    own = cpu(cpuinfo=power.format("2.0 (pvr 0066 0200)"))
    assert (own.vendor, own.family) == ("hexin", "HX-C2000")
    assert cpu(cpuinfo="processor\t: 0\ncpu\t\t: HX-C2000, altivec supported\n").vendor == "hexin"


# `LC_ALL=zh_CN.UTF-8 lscpu` of util-linux 2.38; its values were put in place of the CPU that printed the labels.
LSCPU_CHINESE = """\
架构：                                   {architecture}
CPU 运行模式：                           64-bit
字节序：                                 Little Endian
CPU:                                     8
在线 CPU 列表：                          0-7
厂商 ID：                                {vendor}
型号名称：                               {name}
CPU 系列：                               {family}
型号：                                   3
每个核的线程数：                         1
每个座的核数：                           8
座：                                     1
步进：                                   0x1
BogoMIPS：                               96.00
标记：                                   {flags}
"""


def test_lscpu_in_chinese() -> None:
    text = LSCPU_CHINESE.format(
        architecture="aarch64", vendor="Phytium", name="Phytium,D2000/8 E8C", family="-", flags="fp asimd"
    )
    claim = ProcessorClaim("lscpu", "phytium", "", "Phytium,D2000/8 E8C")
    assert cpu(lscpu=text) == Processor("phytium", "", claim.model, "aarch64", False, False, False, False, (claim,))
    text = LSCPU_CHINESE.format(
        architecture="x86_64", vendor="CentaurHauls", name="ZHAOXIN KaiXian KX-U6780A@2.7GHz", family="7", flags="fpu"
    )
    claim = ProcessorClaim("lscpu", "zhaoxin", "", "ZHAOXIN KaiXian KX-U6780A@2.7GHz")
    assert cpu(lscpu=text) == Processor("zhaoxin", "", claim.model, "x86_64", False, False, False, False, (claim,))
    guest = LSCPU_CHINESE.format(
        architecture="x86_64", vendor="HygonGenuine", name="Hygon C86 7285 32-core Processor", family="24", flags="fpu"
    )
    shown = cpu(
        lscpu=guest + "超管理器厂商：                           KVM\n虚拟化类型：                             完全\n"
    )
    assert (shown.vendor, shown.family, shown.through_hypervisor, shown.hidden) == ("hygon", "Dhyana", True, False)


def test_lscpu_of_old_and_new_tools_on_arm() -> None:
    old = cpu(lscpu="Architecture: aarch64\nCPU(s): 96\nVendor ID: 0x48\nModel: 0\nStepping: 0x1\n")
    assert old.claims == (ProcessorClaim("lscpu", "hisilicon", "", ""),)
    new = "Architecture: aarch64\nVendor ID: HiSilicon\n  BIOS Vendor ID: HiSilicon\n  Model name: Kunpeng-920\n"
    shown = cpu(lscpu=new + "    BIOS Model name: HUAWEI Kunpeng 920 5250\n")
    assert [claim.model for claim in shown.claims] == ["Kunpeng-920", "HUAWEI Kunpeng 920 5250"]
    assert (shown.vendor, shown.model_disputed) == ("hisilicon", False)
    bare = cpu(lscpu="Architecture: aarch64\nVendor ID: ARM\nModel name: Cortex-A55\n")
    assert (bare.vendor, bare.model) == ("arm", "")


@pytest.mark.parametrize(
    "name",
    [
        "QEMU Virtual CPU version 2.5+", "QEMU TCG CPU version 2.5+", "Common KVM processor",
        "Common 32-bit KVM processor", "Intel Xeon Processor (Skylake, IBRS)", "Intel Xeon Processor (Cascadelake)",
        "Intel Core Processor (Haswell, no TSX)", "Intel Xeon E312xx (Sandy Bridge)",
        "Westmere E56xx/L56xx/X56xx (Nehalem-C)", "Intel(R) Xeon(R) Processor @ 2.90GHz", "Intel(R) Xeon(R) Processor",
        "Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel(R) Xeon(R) Platinum", "AMD EPYC", "AMD EPYC Processor",
        "AMD EPYC-Rome Processor", "AMD EPYC Processor (with IBPB)", "AMD Opteron 23xx (Gen 3 Class Opteron)",
        "AMD Opteron 63xx class CPU", "Hygon Dhyana Processor",
    ],
)  # fmt: skip
def test_names_that_hypervisors_present_hide_the_host(name: str) -> None:
    vendor_id = "HygonGenuine" if "Hygon" in name else "AuthenticAMD" if "AMD" in name else "GenuineIntel"
    shown = cpu(cpuinfo=x86(vendor_id, name, 24 if "Hygon" in name else 6, flags=GUEST), dmidecode=QEMU)
    assert (shown.hidden, shown.through_hypervisor, shown.disputed, shown.model) == (True, True, False, name)
    assert shown.vendor == {"HygonGenuine": "hygon", "AuthenticAMD": "amd", "GenuineIntel": "intel"}[vendor_id]


@pytest.mark.parametrize(
    ("vendor_id", "name", "vendor"),
    [
        ("GenuineIntel", "Intel(R) Xeon(R) Platinum 8269CY CPU @ 2.50GHz", "intel"),
        ("GenuineIntel", "Intel(R) Xeon(R) Gold 6161 CPU @ 2.20GHz", "intel"),
        ("GenuineIntel", "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", "intel"),
        ("AuthenticAMD", "AMD EPYC 7K62 48-Core Processor", "amd"),
        ("HygonGenuine", "Hygon C86 7285 32-core Processor", "hygon"),
        ("CentaurHauls", "ZHAOXIN KaiSheng KH-40000/16@2.2GHz", "zhaoxin"),
    ],
)
def test_full_names_show_the_host_through_the_hypervisor(vendor_id: str, name: str, vendor: str) -> None:
    shown = cpu(cpuinfo=x86(vendor_id, name, flags=GUEST), dmidecode=QEMU)
    assert (shown.vendor, shown.model) == (vendor, name)
    assert (shown.hidden, shown.through_hypervisor, shown.disputed) == (False, True, False)


def test_kunpeng_guest_shows_the_register_of_its_host() -> None:
    shown = cpu(cpuinfo=arm(("0x48", "0xd01")), dmidecode=QEMU, virtualization="systemd-detect-virt=kvm\n")
    assert shown == Processor(
        "hisilicon", "Kunpeng-920", "", "", True, False, False, False,
        (ProcessorClaim("cpuinfo", "hisilicon", "Kunpeng-920", ""), ProcessorClaim("dmidecode", "", "", "virt-4.2")),
    )  # fmt: skip


def test_firmware_of_a_guest_proves_nothing() -> None:
    painted = system("QEMU", "Standard PC") + socket("Phytium", "Phytium S2500/64")
    shown = cpu(cpuinfo=x86("GenuineIntel", "Intel Xeon Processor (Icelake)", flags=GUEST), dmidecode=painted)
    assert (shown.vendor, shown.hidden, shown.disputed) == ("intel", True, False)
    alone = cpu(dmidecode=painted)
    assert (alone.vendor, alone.hidden) == ("phytium", True)


@pytest.mark.parametrize(
    ("maker", "product", "version", "made_by", "vendor"),
    [
        ("GREATWALL", "U320", "Intel(R) Atom(TM) CPU D2550   @ 1.86GHz", "Intel", "intel"),
        ("Huawei", "RH1288 V3", "Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz", "Intel(R) Corporation", "intel"),
        ("Inspur", "SA5248M4", "Intel(R) Xeon(R) CPU E5-2650 v4 @ 2.20GHz", "Intel", "intel"),
        ("Sugon", "I620-G10", "Intel(R) Xeon(R) CPU E5-2690 v2 @ 3.00GHz", "Intel", "intel"),
        ("Lenovo", "KaiTian N80z G1d", "ZHAOXIN KaiXian KX-6640MA@2.2+GHz", "Zhaoxin", "zhaoxin"),
    ],
)
def test_the_brand_on_the_case_says_nothing(maker: str, product: str, version: str, made_by: str, vendor: str) -> None:
    shown = cpu(dmidecode=system(maker, product) + socket(made_by, version))
    assert (shown.vendor, shown.model, shown.through_hypervisor) == (vendor, version, False)


def test_an_empty_socket_is_not_read() -> None:
    empty = socket("Intel", "Intel(R) Xeon(R) Gold 6248R").replace("Populated, Enabled", "Unpopulated")
    shown = cpu(dmidecode=socket("HiSilicon", "Kunpeng 920-4826") + empty)
    assert shown.claims == (ProcessorClaim("dmidecode", "hisilicon", "", "Kunpeng 920-4826"),)


def test_sources_that_name_different_makers() -> None:
    shown = cpu(
        cpuinfo=x86("GenuineIntel", "Intel(R) Core(TM) i5-10400 CPU @ 2.90GHz"),
        dmidecode=socket("Zhaoxin", "ZHAOXIN KaiXian KX-U6780A@2.7GHz"),
    )
    assert (shown.vendor, shown.disputed, shown.hidden) == ("", True, False)
    assert shown.claims == (
        ProcessorClaim("cpuinfo", "intel", "", "Intel(R) Core(TM) i5-10400 CPU @ 2.90GHz"),
        ProcessorClaim("dmidecode", "zhaoxin", "", "ZHAOXIN KaiXian KX-U6780A@2.7GHz"),
    )


@pytest.mark.parametrize(
    ("one", "other", "disputed"),
    [
        ("ZHAOXIN KaiXian KX-6640MA@2.2+GHz", "ZHAOXIN KaiXian KX-U6780A@2.7GHz", True),
        ("ZHAOXIN KaiXian KX-6640MA@2.2+GHz", "ZHAOXIN KX-6640MA Series Z3-6540M@2.1~2.2+GHz", False),
        ("ZHAOXIN KaiXian KX-6640MA@2.2+GHz", "ZHAOXIN KaiXian KX-6640MA@2.6GHz", False),
    ],
)
def test_sources_that_name_different_models_of_one_maker(one: str, other: str, *, disputed: bool) -> None:
    shown = cpu(cpuinfo=x86("CentaurHauls", one, 7), dmidecode=socket("Zhaoxin", other))
    assert (shown.vendor, shown.disputed, shown.model_disputed) == ("zhaoxin", False, disputed)


def test_128_cores_are_one_claim() -> None:
    shown = cpu(cpuinfo=x86("HygonGenuine", "Hygon C86 7390", 24, cores=128))
    assert shown.claims == (ProcessorClaim("cpuinfo", "hygon", "Dhyana", "Hygon C86 7390"),)
    assert cpu(cpuinfo=arm(*[("0x48", "0xd01")] * 128)).claims == (
        ProcessorClaim("cpuinfo", "hisilicon", "Kunpeng-920", ""),
    )


def test_a_host_that_floods_us_with_names_gets_a_bounded_answer() -> None:
    flood = "".join(f"vendor_id\t: maker{number}\nmodel name\t: X{number}\n" for number in range(20_000))
    sockets = "".join(socket("Intel", f"Intel X{number}") for number in range(5_000))
    registers = "".join(f"cpu{number} 0x{number:08x}\n" for number in range(20_000))
    assert len(cpu(cpuinfo=flood, dmidecode=sockets, midr=registers).claims) <= 8 + 16 + 16


@pytest.mark.parametrize(
    ("source", "text", "why"),
    [
        ("cpuinfo", "", "no line names a processor"),
        ("cpuinfo", "cat: /proc/cpuinfo: 没有那个文件或目录\n", "no line names a processor"),
        ("lscpu", "bash: lscpu: command not found\n", "no line names a processor"),
        ("dmidecode", "/dev/mem: Permission denied\n", "no SMBIOS structure"),
    ],
)
def test_what_is_no_answer_becomes_a_gap(source: str, text: str, why: str) -> None:
    observations, blind = observe([PLATFORM.readers[0]], captures(**{source: text}))
    assert observations == ()
    assert [(one.source, one.reason, one.detail) for one in blind] == [(source, GapReason.UNPARSABLE, why)]


def test_text_carried_over_from_windows_is_read() -> None:
    shown = cpu(cpuinfo="\ufeff" + arm(("0x70", "0x663")).replace("\n", "\r\n"))
    assert shown.vendor == "phytium"


@pytest.mark.parametrize(
    ("answers", "hidden"),
    [
        ({"cpuinfo": LOONGARCH.format("Loongson-3A5000-HV", "yes").partition("Hardware")[0]}, True),
        ({"lscpu": LSCPU_LOONGARCH.format(1, 1, 1)}, True),
        ({"lscpu": LSCPU_LOONGARCH.format(4, 4, 1)}, False),
        ({"lscpu": LSCPU_LOONGARCH.format(1, 1, 1), "virtualization": "systemd-detect-virt=none\n"}, False),
        ({"lscpu": LSCPU_LOONGARCH.format(1, 1, 1), "virtualization": "systemd-detect-virt=<absent>\n"}, True),
        ({"lscpu": LSCPU_LOONGARCH.format(1, 1, 1), "dmidecode": socket("Loongson", "Loongson-3A5000")}, False),
        ({"lscpu": LSCPU_LOONGARCH.format(1, 1, 1), "dmidecode": QEMU}, True),
    ],
)
def test_loongson_is_shown_only_by_what_no_guest_has(answers: dict[str, str], *, hidden: bool) -> None:
    shown = cpu(**answers)
    assert (shown.vendor, shown.hidden) == ("loongson", hidden)


def test_a_vendor_without_a_model_does_not_unmask_a_guest() -> None:
    masked = x86("HygonGenuine", "Hygon Dhyana Processor", 24, flags=GUEST)
    shown = cpu(cpuinfo=masked, lscpu="Architecture: x86_64\nVendor ID: HygonGenuine\nCPU family: 24\n")
    assert (shown.vendor, shown.model, shown.hidden) == ("hygon", "Hygon Dhyana Processor", True)


def test_a_board_or_a_socket_alone_names_no_processor() -> None:
    board = cpu(devicetree="model: Phytium Board\n")
    assert (board.vendor, board.model, board.claims) == ("", "", (ProcessorClaim("devicetree", "", "", ""),))
    intel = cpu(devicetree="model: Phytium Board\n", cpuinfo=x86("GenuineIntel", "Intel(R) Xeon(R) Gold 6248R CPU"))
    assert (intel.vendor, intel.disputed) == ("intel", False)
    lone = socket("", "", "Phytium D3000", Family="Other")
    assert (cpu(dmidecode=lone).vendor, cpu(dmidecode=lone).model) == ("", "")
    assert cpu(dmidecode=lone, cpuinfo=arm(("0x41", "0xd05"))).vendor == "phytium"
    assert cpu(devicetree="model: Phytium Board\n", cpuinfo=arm(("0x41", "0xd05"))).vendor == "phytium"


def test_each_maker_in_one_cpuinfo_has_its_own_model() -> None:
    one = x86("GenuineIntel", "Intel(R) Xeon(R) Gold 6248R CPU", cores=1)
    shown = cpu(cpuinfo=one + x86("HygonGenuine", "Hygon C86 7285 32-core Processor", 24, cores=1) + one)
    assert (shown.vendor, shown.disputed) == ("", True)
    assert [(claim.vendor, claim.family, claim.model) for claim in shown.claims] == [
        ("intel", "", "Intel(R) Xeon(R) Gold 6248R CPU"),
        ("hygon", "Dhyana", "Hygon C86 7285 32-core Processor"),
    ]


def test_an_arm_core_cites_its_part() -> None:
    reading = read_processor(captures(cpuinfo=arm(("0x48", "0xd01"))))
    [evidence] = reading.evidence
    assert "CPU implementer\t: 0x48" in evidence.quote
    assert "CPU part\t: 0xd01" in evidence.quote
