"""The tables of CPU makers; the names are as real machines print them, the pairs were made for these tests."""

import pytest

from scanners.platforms.processors import (
    UNKNOWN,
    Identified,
    identify_midr,
    identify_name,
    identify_power,
    identify_x86,
    models_differ,
    presented_by_hypervisor,
)


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("Phytium D2000/8 E8C", "phytium"), ("D2000", "phytium"), ("FT-2000+/64", "phytium"), ("FT-2000/4", "phytium"),
        ("Phtium D3000", "phytium"), ("D3000", "phytium"), ("PHYTIUM LTD", "phytium"), ("phytium FT1500a", "phytium"),
        ("FT1500A", "phytium"), ("飞腾信息技术有限公司", "phytium"), ("腾云S5000C", "phytium"),
        ("Kunpeng 920-4826", "hisilicon"), ("HUAWEI Kunpeng920 3211K", "hisilicon"), ("HUAWEI Kirin990", "hisilicon"),
        ("HUAWEI Kirin 9006C", "hisilicon"), ("Hi1612", "hisilicon"), ("HISILICON", "hisilicon"),
        ("Hygon C86 7185 32-core Processor", "hygon"), ("C86-4G (OPN:7490)", "hygon"),
        ("Chengdu Haiguang IC Design Co., Ltd.", "hygon"),
        ("ZHAOXIN KaiXian KX-6000G/4@2.6GHz", "zhaoxin"), ("ZHAOXIN Z3-6540M@2.1+GHz", "zhaoxin"),
        ("VIA Eden X4 C4250@1.6+GHz", "via"),
        ("Loongson-3C5000L", "loongson"), ("龙芯3A6000", "loongson"),
        ("SW3231", "sunway"), ("WX-H8000", "sunway"), ("申威", "sunway"),
        ("Montage(R) Jintide(R) C5318Y", "montage"), ("HX-C2000", "hexin"),
        ("Intel(R) Atom(TM) CPU D2550   @ 1.86GHz", "intel"), ("Intel(R) Pentium(R) D CPU 3.00GHz", "intel"),
        ("AMD Ryzen 5 5600G with Radeon Graphics", "amd"), ("Advanced Micro Devices, Inc.", "amd"),
        ("Ampere(R) Altra(R) Processor", "ampere"), ("POWER8 (raw), altivec supported", ""), ("Cortex-A55", ""),
        ("HUAWEI", ""), ("GreatWall", ""), ("Inspur", ""), ("CPU01", ""), ("Aviatrix", ""), ("", ""),
    ],
)  # fmt: skip
def test_makers_by_name(name: str, vendor: str) -> None:
    assert identify_name(name) == Identified(vendor, "")


def test_makers_by_number() -> None:
    assert identify_midr(0x70, 0x663) == Identified("phytium", "FTC663")
    assert identify_midr(0x70, None) == Identified("phytium", "")
    assert identify_midr(0x48, 0xD03) == identify_midr(0x48, 0xD22) == Identified("hisilicon", "Kunpeng-920")
    assert identify_midr(0x41, 0xD05) == Identified("arm", "")
    assert identify_midr(0x99, 0x663) == UNKNOWN


def test_a_vendor_id_of_another_architecture_is_a_name() -> None:
    assert identify_x86("sunway", "3", "SW3231") == Identified("sunway", "")
    assert identify_x86("IBM/S390", "", "") == Identified("ibm", "")
    assert identify_x86("Genuine  RDC", "", "") == UNKNOWN


def test_brand_never_outweighs_the_vendor_id_of_intel_and_amd() -> None:
    assert identify_x86("GenuineIntel", "6", "ZHAOXIN KaiXian KX-7000") == Identified("intel", "")
    assert identify_x86("AuthenticAMD", "23", "Hygon C86 7185") == Identified("amd", "")


def test_power_by_its_version_register() -> None:
    assert identify_power("POWER8 (raw), altivec supported", "2.0 (pvr 0066 0200)") == Identified("hexin", "HX-C2000")
    assert identify_power("POWER8 (raw), altivec supported", "2.0 (pvr 004d 0200)") == UNKNOWN


@pytest.mark.parametrize(
    "name",
    ["pc-i440fx-2.1", "pc-q35-8.2", "virt-4.2", "virt", "NotSpecified", "Bochs", "rhel8.2.0",
     "QEMU", "Virtual CPU a7769a6388d5", "KVM", "  AMD EPYC-Milan-v2 Processor"],
)  # fmt: skip
def test_presented_names(name: str) -> None:
    assert presented_by_hypervisor(name)


@pytest.mark.parametrize(
    "name",
    ["", "Kunpeng-920", "Phytium,D2000/8 E8C", "Loongson-3A5000-HV", "Hygon C86 7285 32-core Processor",
     "AMD EPYC 7551 32-Core Processor", "Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz",
     "Intel(R) Xeon(R) Processor E5-2690 v4", "Intel(R) Xeon(R) Gold 5118 CPU @ 2.30GHz", "Intel(R) Celeron(R) J4125",
     "ZHAOXIN KaiXian KX-7000"],
)  # fmt: skip
def test_names_of_real_cpus_are_not_presented(name: str) -> None:
    assert not presented_by_hypervisor(name)


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Kunpeng-920", "Kunpeng 920-4826", False),
        ("Kunpeng-920", "HUAWEI Kunpeng920 3211K", False),
        ("Kunpeng 920-4826", "HUAWEI Kunpeng 920 5250", True),
        ("HUAWEI Kirin990", "HUAWEI Kirin 990", False),
        ("HUAWEI Kirin990", "HUAWEI Kirin 9006C", True),
        ("Phytium,FT-2000/4", "Phytium FT2000/4", False),
        ("Phytium,FT-2000/4", "Phytium D2000/8 E8C", True),
        ("D2000", "Phytium(R) D2000 Series CPU", False),
        ("Hygon C86 7185 32-core Processor", "Hygon C86 7285 32-core Processor", True),
        ("Hygon C86 7185 32-core Processor", "C86 7185", False),
        ("Loongson-3A5000", "Loongson-3A5000-HV", False),
        ("Loongson-3A5000-HV", "Loongson-3A6000-HV", True),
        ("Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz", "Intel(R) Xeon(R) Gold 6248R", False),
        ("VIA C7-D Processor 1800MHz", "VIA Nano U3500", False),  # the first has no number of three places
        ("", "Kunpeng 920", False),
    ],
)
def test_models_that_differ(one: str, other: str, *, differ: bool) -> None:
    assert models_differ([one, other]) is differ
    assert models_differ([other, one, other]) is differ
