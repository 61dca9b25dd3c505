"""Real outputs of real machines, which the project keeps beside its folder: every file has its expected facts here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanners.platforms.linux import PLATFORM
from scanners.platforms.reading import observe
from xunyan.facts import Fact, Machine, Processor, ProcessorClaim, Virtualization
from xunyan.model import Capture, Envelope

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"
TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="needs the folder `shared/samples` beside the project folder"
)


def cpu(vendor: str, model: str, family: str = "", architecture: str = "", source: str = "dmidecode") -> Processor:
    claim = ProcessorClaim(source, vendor, family, model)
    return Processor(
        vendor, family, model, architecture, through_hypervisor=False, hidden=False, disputed=False, model_disputed=False,
        claims=(claim,),
    )  # fmt: skip


def machine(maker: str, product: str, chassis: str, *, managed: bool = False) -> Machine:
    return Machine(maker, product, "", "", "", chassis, has_management_controller=managed)


XEON = cpu("intel", "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz")
HIDDEN = Processor(
    "", "", "pc-q35-8.2", "", through_hypervisor=True, hidden=True, disputed=False, model_disputed=False,
    claims=(ProcessorClaim("dmidecode", "", "", "pc-q35-8.2"),),
)  # fmt: skip

DMIDECODE: Mapping[str, tuple[Processor, Machine]] = {
    "foreign-cpu-in-greatwall-u320": (
        cpu("intel", "Intel(R) Atom(TM) CPU D2550   @ 1.86GHz"), machine("GREATWALL", "U320", "Desktop")
    ),
    "foreign-cpu-in-huawei-rh1288": (XEON, machine("Huawei", "RH1288 V3", "Main Server Chassis", managed=True)),
    "foreign-cpu-in-inspur-sa5248": (XEON, machine("Inspur", "SA5248M4", "Other", managed=True)),
    "kirin-990-l410": (cpu("hisilicon", "HUAWEI Kirin 990"), machine("HUAWEI", "L410 KLVU-WDU0", "Notebook")),
    "kunpeng-920-taishan-200": (
        cpu("hisilicon", "Kunpeng 920-4826", "Kunpeng-920"),
        machine("Huawei", "TaiShan 200 (Model 2280)", "Main Server Chassis"),
    ),
    "loongson-3a5000": (
        cpu("loongson", "Loongson-3A5000-HV"), machine("Loongson", "Loongson-3A5000-HV-7A2000-1w-V0.1-EVB", "Desktop")
    ),
    "loongson-3c5000l-server": (
        cpu("loongson", "Loongson-3C5000L"),
        machine("Loongson", "Loongson-3C5000L-7A1000-16w-V0.1-LS4C5LG", "Rack Mount Chassis"),
    ),
    "phytium-d2000-main-server-chassis": (
        cpu("phytium", "Phytium D2000/8 E8C", "FTC663"), machine("PHYTIUM LTD", "D2000", "Main Server Chassis")
    ),
    # The folder it was taken from says FT-2000/4; the machine itself says D2000.
    "phytium-ft2000-4-tn140": (
        cpu("phytium", "Phytium D2000/8 E8C", "FTC663"), machine("GreatWall", "......TN140A2", "Notebook")
    ),
    "vm-qemu": (HIDDEN, machine("QEMU", "Standard PC (Q35 + ICH9, 2009)", "Other")),
    "zhaoxin-zxe-crb": (
        cpu("zhaoxin", "ZHAOXIN KaiXian KX-6640MA@2.2+GHz"),
        machine("Shanghai Zhaoxin Semiconductor Co., Ltd.", "ZXE CRB", "Notebook"),
    ),
}  # fmt: skip

LSCPU: Mapping[str, Processor] = {
    "kunpeng-920": cpu("hisilicon", "Kunpeng-920", architecture="aarch64", source="lscpu"),
    "via-not-zhaoxin": cpu("via", "VIA C7-D Processor 1800MHz", architecture="i686", source="lscpu"),
}


def facts(source: str, name: str) -> dict[str, tuple[Fact, ...]]:
    body = (SAMPLES / source / f"{name}.txt").read_bytes()
    envelope = Envelope(f"host:{name}", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
    observations, blind = observe(PLATFORM.readers, {source: Capture("c", envelope, 0, body, "", "")})
    assert blind == ()
    return {one.name: one.facts for one in observations}


@pytest.mark.parametrize("name", DMIDECODE)
def test_dmidecode(name: str) -> None:
    processor, made = DMIDECODE[name]
    guest = "QEMU" if name == "vm-qemu" else ""
    assert facts("dmidecode", name) == {
        "processor": (processor,),
        "machine": (made,),
        "virtualization": (Virtualization(bool(guest), guest, ""),),
    }


@pytest.mark.parametrize("name", LSCPU)
def test_lscpu(name: str) -> None:
    assert facts("lscpu", name) == {
        "processor": (LSCPU[name],),
        "virtualization": (Virtualization(guest=False, hypervisor="", container=""),),
    }


def test_every_sample_has_its_expected_facts() -> None:
    assert {path.stem for path in (SAMPLES / "dmidecode").iterdir()} == set(DMIDECODE)
    assert {path.stem for path in (SAMPLES / "lscpu").iterdir()} == set(LSCPU)
