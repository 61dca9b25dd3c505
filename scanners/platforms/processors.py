"""Who made a CPU, from the names and numbers it shows: the tables that Linux, Windows and firmware readers share.

Sources: util-linux lscpu-arm.c, public CPUID collections, and dmidecode outputs of real machines.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Identified(NamedTuple):
    """A maker (`hygon`, `intel`, ...; empty for unknown) and a family or core name (may be empty)."""

    vendor: str
    family: str


UNKNOWN = Identified("", "")

# MIDR implementer -> maker. 0x41 is Arm itself: domestic and foreign makers license its cores, so it decides nothing.
IMPLEMENTERS = {
    0x41: "arm", 0x42: "broadcom", 0x43: "cavium", 0x44: "dec", 0x46: "fujitsu", 0x48: "hisilicon", 0x49: "infineon",
    0x4D: "motorola", 0x4E: "nvidia", 0x50: "apm", 0x51: "qualcomm", 0x53: "samsung", 0x56: "marvell", 0x61: "apple",
    0x66: "faraday", 0x69: "intel", 0x6D: "microsoft", 0x70: "phytium", 0xC0: "ampere",
}  # fmt: skip

# Core names, with the chip where only one has that core: FTC663 is in FT-2000/4, D2000 and S2500, FTC862 in D3000 and
# maybe others, and a family must not read as the name of one of them.
PARTS = {
    (0x70, 0x303): "FTC310", (0x70, 0x660): "FTC660 (FT-1500A)", (0x70, 0x661): "FTC661",
    (0x70, 0x662): "FTC662 (FT-2000+/64)", (0x70, 0x663): "FTC663",
    (0x70, 0x664): "FTC664", (0x70, 0x862): "FTC862",
    (0x48, 0xD01): "Kunpeng-920", (0x48, 0xD02): "Kunpeng-920 V200", (0x48, 0xD03): "Kunpeng-920",
    (0x48, 0xD22): "Kunpeng-920", (0x48, 0xD06): "Kunpeng-950", (0x48, 0xD40): "Cortex-A76 (Kirin)",
    (0x48, 0xD41): "Cortex-A77 (Kirin)",
}  # fmt: skip

IMPLEMENTER_NAMES = {
    "arm": 0x41, "broadcom": 0x42, "cavium": 0x43, "fujitsu": 0x46, "hisilicon": 0x48, "nvidia": 0x4E, "apm": 0x50,
    "qualcomm": 0x51, "samsung": 0x53, "marvell": 0x56, "apple": 0x61, "intel": 0x69, "microsoft": 0x6D,
    "phytium": 0x70, "ampere": 0xC0,
}  # fmt: skip

# A name that a maker prints -> the maker. First match wins: ZHAOXIN stands before VIA, whose vendor id it shares.
_NAMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), vendor)
    for pattern, vendor in (
        (r"zhaoxin|kaixian|kaisheng|兆芯", "zhaoxin"),
        (r"\bvia\b", "via"),
        (r"hygon|haiguang|\bc86\b|海光", "hygon"),
        (r"phytium|phtium|飞腾|腾锐|腾云|\bft-?(1500|2000|2500)|\bd[23]000(/|\b)|\bs2500\b|\bs5000c", "phytium"),
        (r"kunpeng|\bkirin|hisilicon|\bhi16\d\d|鲲鹏", "hisilicon"),
        (r"loongson|龙芯", "loongson"),
        (r"sunway|申威|\bsw-?(wy)?(831|421|1621|3231)|\bwx-?h8000", "sunway"),
        (r"jintide|montage|津逮", "montage"),
        (r"\bhx-c2000", "hexin"),
        (r"\bintel\b|intel\(r\)|\bxeon\b|\bpentium\b|\bceleron\b", "intel"),
        (r"\bamd\b|advanced micro devices|\bepyc\b|\bryzen\b|\bopteron\b|athlon", "amd"),
        (r"ampere|\baltra\b", "ampere"),
        (r"graviton", "amazon"),
        (r"cavium|thunderx", "cavium"),
        (r"qualcomm|snapdragon", "qualcomm"),
        (r"\bapple\b", "apple"),
        (r"\bnvidia\b", "nvidia"),
        (r"\bibm\b", "ibm"),
    )
)

# Names that a hypervisor presents in place of the host's CPU: QEMU's own models and the masks that clouds use.
_PRESENTED = re.compile(
    r"""qemu | \bkvm\b | \btcg\b | ^pc-(q35|i440) | ^virt(-|$) | bochs | virtual\ cpu | ^rhel\d | ^NotSpecified$
      | ^intel\ (xeon|core|atom)\ processor\ \(       # QEMU's named Intel models
      | ^intel\ xeon\ e[357].*\((sandy|ivy|has|bro)   | ^intel\ core\ (i7\ 9xx|2\ duo\ p9xxx)
      | ^westmere | ^intel\ celeron_4x0
      # A cloud's mask: Intel's brand without a model number.
      | ^intel\(r\)\ xeon\(r\)(\ (processor|cpu|platinum|gold|silver|bronze))*(\ @.*)?$
      | ^amd\ epyc(-[\w-]+)?(\ processor.*)?$ | ^amd\ opteron\ (240|2\dxx|6\dxx)\b
      | ^hygon\ dhyana | ^zhaoxin\ yongfeng\ processor | ^yongfeng$
    """,
    re.IGNORECASE | re.VERBOSE,
)

_WORD = re.compile(r"[A-Za-z0-9]+")
_SERIES = re.compile(r"(kunpeng|kirin|ft)(?=\d)", re.IGNORECASE)  # some firmware writes `Kunpeng920` and `FT2000`
_NO_MODEL = ("HZ", "C86")  # a clock rate, and the name of a whole line


def identify_midr(implementer: int, part: int | None) -> Identified:
    """Name the maker and core of an Arm MIDR."""
    vendor = IMPLEMENTERS.get(implementer, "")
    return Identified(vendor, PARTS.get((implementer, part), "") if part is not None else "")


def identify_x86(vendor_id: str, family: str, name: str) -> Identified:
    """Name the maker behind a CPUID vendor, family (decimal text) and brand string.

    CentaurHauls is shared by VIA (foreign) and Zhaoxin (domestic): the brand decides, and where it is hidden, nobody does.
    """
    vendor, named = vendor_id.strip(), identify_name(name)
    if vendor == "GenuineIntel" and named.vendor != "montage":  # a domestic maker sells Intel's dies under its own name
        return Identified("intel", "")
    if vendor == "HygonGenuine":
        return Identified("hygon", "Dhyana" if family == "24" else "")
    if vendor == "CentaurHauls":
        return named if named.vendor in ("zhaoxin", "via") else UNKNOWN
    if vendor in ("", "GenuineIntel"):
        return named
    if vendor in ("AuthenticAMD", "Shanghai"):
        return Identified("amd" if vendor == "AuthenticAMD" else "zhaoxin", "")
    return identify_name(vendor)  # `sunway` and `IBM/S390` stand in the same field of their kernels


def identify_power(name: str, revision: str) -> Identified:
    """Name the maker of a POWER processor by the PVR in cpuinfo's `revision`, else by its name.

    Old kernels call HeXin's C2000 `POWER8 (raw)`; it has a PVR of its own (arch/powerpc/include/asm/reg.h of Linux).
    """
    return Identified("hexin", "HX-C2000") if "(pvr 0066 " in revision else identify_name(name)


def identify_name(name: str) -> Identified:
    """Name the maker that a model name or a manufacturer's name speaks of; UNKNOWN where it speaks of none we know."""
    for pattern, vendor in _NAMES:
        if pattern.search(name):
            return Identified(vendor, "")
    return UNKNOWN


def presented_by_hypervisor(name: str) -> bool:
    """Tell whether a model name is one that hypervisors present, so that it says nothing of the host."""
    return bool(_PRESENTED.search(name.strip()))


def models_differ(names: Iterable[str]) -> bool:
    """Tell whether names of one maker's CPU speak of different models: of two, each has a number that the other lacks.

    What one source leaves out (`Kunpeng-920` beside `Kunpeng 920-4826`) is no difference.
    """
    numbered = [numbers for name in dict.fromkeys(names) if (numbers := _model_numbers(name))]
    return any(one - other and other - one for i, one in enumerate(numbered) for other in numbered[i + 1 :])


def _model_numbers(name: str) -> frozenset[str]:
    """Give the words of a name that tell models apart: `Loongson-3A6000-HV` gives 3A6000."""
    spaced = _SERIES.sub(r"\1 ", name.partition("@")[0])
    words = {word.upper() for word in _WORD.findall(spaced)}
    return frozenset(
        word for word in words if len(word) >= 3 and any(c.isdigit() for c in word) and not word.endswith(_NO_MODEL)
    )
