"""CPUs as Windows shows them; raw and expected, in documented shapes (see `answering`)."""

import pytest

from scanners.platforms.windows.processor import read_processor
from tests.scanners.platforms.windows.answering import (
    PROCESSOR_INTEL,
    as_json,
    capture,
    captures,
    central,
    cited,
    computer,
    processor,
)
from xunyan.facts import Processor, ProcessorClaim


def read(**answers: object) -> Processor:
    reading = read_processor(captures(**answers))
    assert reading.unreadable == ()
    (fact,) = reading.facts
    assert isinstance(fact, Processor)
    return fact


def test_intel_in_the_layout_of_windows_powershell() -> None:
    sources = captures(processor=PROCESSOR_INTEL)
    reading = read_processor(sources)
    name = "Intel(R) Core(TM) i5-9500 CPU @ 3.00GHz"
    assert reading.facts == (
        Processor("intel", "", name, "x86_64", through_hypervisor=False, hidden=False, disputed=False,
                  model_disputed=False, claims=(ProcessorClaim("processor", "intel", "", name),)),
    )  # fmt: skip
    assert cited(reading.evidence[0], sources) == ['"Manufacturer":  "GenuineIntel",', f'"Name":  "{name}",']


@pytest.mark.parametrize(
    ("maker", "name", "caption", "vendor"),
    [
        ("GenuineIntel", "Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", "Intel64 Family 6 Model 85 Stepping 7", "intel"),
        ("AuthenticAMD", "AMD Ryzen 5 PRO 4650G with Radeon Graphics", "AMD64 Family 23 Model 96 Stepping 1", "amd"),
        ("HygonGenuine", "Hygon C86 3250  8-core Processor", "AMD64 Family 24 Model 1 Stepping 1", "hygon"),
        ("  Shanghai  ", "          ZHAOXIN KaiXian KX-6640MA@2.2+GHz", "x64 Family 7 Model 59 Stepping 0", "zhaoxin"),
        ("CentaurHauls", "ZHAOXIN KaiSheng KH-40000/16@2.2GHz", "x64 Family 7 Model 91 Stepping 3", "zhaoxin"),
        ("CentaurHauls", "VIA Nano U3300@1200MHz", "x64 Family 6 Model 15 Stepping 10", "via"),
        ("CentaurHauls", "", "x64 Family 6 Model 15 Stepping 10", ""),
    ],
)
def test_the_cpuid_vendor_and_the_brand_decide(maker: str, name: str, caption: str, vendor: str) -> None:
    found = read(processor=processor(maker, name, caption), central_processor=central(maker, name))
    assert (found.vendor, found.disputed, found.hidden) == (vendor, False, False)


def test_hygon_has_its_family() -> None:
    found = read(processor=processor("HygonGenuine", "Hygon C86 3250  8-core Processor", "AMD64 Family 24 Model 1"))
    assert (found.family, found.model) == ("Dhyana", "Hygon C86 3250 8-core Processor")


def test_several_sockets_come_as_an_array_and_say_it_once() -> None:
    one = processor("HygonGenuine", "Hygon C86 7285 32-core Processor", "AMD64 Family 24 Model 1")
    assert len(read(processor=[one, one]).claims) == 1
    wrapped = as_json({"value": [one, one], "Count": 2})
    assert read(processor=wrapped).vendor == "hygon"


@pytest.mark.parametrize(
    ("maker", "name", "midr", "vendor", "family"),
    [
        ("", "Phytium FT2000/4", 0x701F6633, "phytium", "FTC663"),
        ("HiSilicon", "HUAWEI Kunpeng 920 3210", 0x481FD010, "hisilicon", "Kunpeng-920"),
        ("", "", 0x481FD010, "hisilicon", "Kunpeng-920"),
        ("HUAWEI", "HUAWEI Kirin 9006C", 0x411FD050, "hisilicon", ""),
        ("Qualcomm Technologies Inc", "Snapdragon (TM) 8cx Gen 3 @ 3.0 GHz", 0x411FD4C0, "qualcomm", ""),
        ("ARM Limited", "", 0x411FD4C0, "arm", ""),
    ],
)
def test_arm_by_the_name_and_the_register(maker: str, name: str, midr: int, vendor: str, family: str) -> None:
    found = read(
        processor=processor(maker, name or "ARMv8 processor", architecture=12),
        central_processor=[central(maker, name, midr, str(number)) for number in range(4)],
    )
    assert (found.vendor, found.family, found.architecture, found.disputed) == (vendor, family, "aarch64", False)


def test_wmi_and_registry_that_differ_are_disputed() -> None:
    found = read(
        processor=processor("HygonGenuine", "Hygon C86 3250  8-core Processor", "AMD64 Family 24 Model 1"),
        central_processor=central("GenuineIntel", "Intel(R) Core(TM) i5-9500 CPU @ 3.00GHz"),
    )
    assert (found.vendor, found.disputed) == ("", True)


def test_a_hypervisors_own_model_hides_the_host() -> None:
    name = "QEMU Virtual CPU version 2.5+"
    found = read(
        processor=processor("AuthenticAMD", name), central_processor=central("AuthenticAMD", name),
        computer_system=computer("QEMU", "Standard PC (i440FX + PIIX, 1996)"),
    )  # fmt: skip
    assert (found.hidden, found.through_hypervisor, found.model) == (True, True, name)


def test_a_guest_that_shows_its_hosts_cpu() -> None:
    sources = captures(
        processor=processor("HygonGenuine", "Hygon C86 7285 32-core Processor", "AMD64 Family 24 Model 1"),
        computer_system=computer("VMware, Inc.", "VMware Virtual Platform"),
    )
    reading = read_processor(sources)
    (found,) = reading.facts
    assert isinstance(found, Processor)
    assert (found.vendor, found.hidden, found.through_hypervisor) == ("hygon", False, True)
    assert [one.source for one in reading.evidence] == ["processor", "computer-system"]


@pytest.mark.parametrize(
    "text",
    ["", "\r\n", "null", "[]", "3", '"x"', "[3]", "{", "#< CLIXML", "Get-CimInstance : 拒绝访问。", "[" * 100_000, "{}",
     '{"Manufacturer": null, "Name": null}', '{"Manufacturer": ["GenuineIntel"], "Name": {}}', '{"Name": "Intel"}'],
)  # fmt: skip
def test_what_is_no_processor_is_unreadable(text: str) -> None:
    reading = read_processor(captures(processor=text))
    assert (reading.facts, reading.evidence) == ((), ())
    assert [source for source, _ in reading.unreadable] == ["processor"]


def test_one_unreadable_source_does_not_take_the_other_along() -> None:
    reading = read_processor(
        captures(processor="?", central_processor=central("AuthenticAMD", "AMD Ryzen 5 PRO 4650G"))
    )
    assert len(reading.facts) == 1
    assert [source for source, _ in reading.unreadable] == ["processor"]


def test_marks_and_code_pages() -> None:
    row = processor("CentaurHauls", "兆芯 开先 KX-6640MA")
    for body in (("\ufeff" + as_json(row)).encode(), as_json(row).encode("gb18030")):
        (found,) = read_processor({"processor": capture("processor", body)}).facts
        assert isinstance(found, Processor)
        assert found.vendor == "zhaoxin"


def test_a_register_that_is_no_number_is_none() -> None:
    for value in ("²", "٣", -1, True, 1 << 70, "9" * 100):
        row = {**central("", "X"), "CP 4000": value}
        assert len(read(central_processor=row).claims) == 1
