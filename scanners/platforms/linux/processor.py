"""The CPU of a Linux endpoint, from cpuinfo, lscpu, MIDR registers, the device tree and the firmware's tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from scanners.platforms import processors
from scanners.platforms.linux.cpuinfo import CpuinfoFields, arm_cores, cpuinfo_fields, hexadecimal, x86_cores
from scanners.platforms.linux.lscpu import lscpu_fields, shown
from scanners.platforms.linux.virtualization import guest_signs, native_loongarch
from scanners.platforms.processors import Identified
from scanners.platforms.reading import Reading, cite, lines_of
from scanners.platforms.smbios import PROCESSOR, Structure, real, structures
from xunyan.facts import Processor, ProcessorClaim
from xunyan.model import Capture, Evidence

SOURCES = ("cpuinfo", "lscpu", "midr", "dmidecode", "dmi-sysfs", "devicetree", "virtualization")

_HYPERVISOR_FIRMWARE = re.compile(r"qemu|red hat|bochs|xen|kvm|parallels|virtualbox|innotek", re.IGNORECASE)
_X86_VENDORS = {"intel", "amd", "hygon", "zhaoxin", "via", "montage"}
_ARM_VENDORS = {"arm", "phytium", "hisilicon"}
_NAMED_ONLY = re.compile(r"mips|loongarch|sw_64", re.IGNORECASE)  # architectures whose makers have no vendor id
MOST_SIGHTINGS = 16  # of one source; a machine has a few sockets with one or two kinds of core


@dataclass(frozen=True, slots=True)
class Sighting:
    """One claim with where it stands.

    `presented`: the name is one that hypervisors show. `weak`: it names a board or a socket, so it only tells whose chip
    the Arm cores are that another source shows.
    """

    claim: ProcessorClaim
    evidence: Evidence
    presented: bool = False
    weak: bool = False


def read_processor(sources: Mapping[str, Capture]) -> Reading:
    """Join what each source says of the CPU; where makers contradict each other, say so and choose none silently."""
    sightings: list[Sighting] = []
    unreadable: list[tuple[str, str]] = []
    for source, read in _SOURCES.items():
        if source in sources:
            found = list(islice(read(sources[source]), MOST_SIGHTINGS))
            sightings += found
            if not found and source in ("cpuinfo", "lscpu"):
                unreadable.append((source, "no line names a processor"))
            elif not found and source == "dmidecode" and not structures(sources[source]):
                unreadable.append((source, "no SMBIOS structure"))
    if not sightings:
        return Reading(unreadable=tuple(unreadable))
    guest, guest_evidence = guest_signs(sources)
    if guest:  # the firmware's tables of a guest are its hypervisor's
        sightings = [replace(one, presented=True) if one.claim.source == "dmidecode" else one for one in sightings]
    if not any(one.claim.vendor in _ARM_VENDORS and not one.weak for one in sightings):
        sightings = [
            replace(one, claim=replace(one.claim, vendor="", model="")) if one.weak else one for one in sightings
        ]
    native = not _loongarch(sources, sightings) or native_loongarch(sources) or _named_by_firmware(sightings)
    processor = _join(sightings, _architecture(sources), guest=bool(guest), native=native)
    evidence = tuple(dict.fromkeys([one.evidence for one in sightings] + list(guest_evidence)))
    return Reading((processor,), evidence, tuple(unreadable))


def _loongarch(sources: Mapping[str, Capture], sightings: list[Sighting]) -> bool:
    """Tell whether a Loongson may be of the architecture whose guests show QEMU's model: all but those of MIPS."""
    if not any(one.claim.vendor == "loongson" for one in sightings):
        return False
    fields = cpuinfo_fields(sources["cpuinfo"]) if "cpuinfo" in sources else {}
    isa = " ".join(fields.get("isa", ()))
    mips = "cpu model" in fields or "mips" in isa or "mips" in _architecture(sources)
    return not mips or "loongarch" in isa


def _named_by_firmware(sightings: list[Sighting]) -> bool:
    """Tell whether firmware that is no hypervisor's names a Loongson."""
    return any(
        one.claim.source == "dmidecode" and one.claim.vendor == "loongson" and not one.presented for one in sightings
    )


def _join(sightings: list[Sighting], architecture: str, *, guest: bool, native: bool) -> Processor:
    shown = [one.claim for one in sightings if not one.presented]
    known = [claim for claim in shown if claim.vendor]
    vendors = {claim.vendor for claim in known}
    if vendors - {"arm"} and not vendors & _X86_VENDORS:
        vendors.discard("arm")  # makers of domestic and foreign chips license Arm's cores: the chip's maker decides
    disputed = len(vendors) > 1
    vendor = "" if disputed or not vendors else vendors.pop()
    presented = any(one.presented for one in sightings)
    # A vendor without a model is no evidence against a presented model of that vendor.
    masked = {one.claim.vendor for one in sightings if one.presented and one.claim.source != "dmidecode"}
    telling = [claim for claim in known if claim.model or claim.vendor not in masked]
    # QEMU presents a LoongArch model of its own, so only what no guest shows proves that a name is the host's.
    hidden = (presented and not telling) or (vendor == "loongson" and (guest or not native))
    named = [claim for claim in shown if claim.vendor == vendor or disputed or not vendor]
    # On Arm the firmware knows the chip where the kernel knows only its cores.
    order = (
        ("dmidecode", "cpuinfo", "lscpu")
        if vendor in ("hisilicon", "phytium", "arm")
        else ("cpuinfo", "lscpu", "dmidecode")
    )
    ranked = sorted(named, key=lambda claim: order.index(claim.source) if claim.source in order else len(order))
    every = [one.claim for one in sightings]
    return Processor(
        vendor=vendor or (next((c.vendor for c in every if c.vendor), "") if hidden else ""),
        family=next((claim.family for claim in ranked if claim.family), ""),
        model=next((c.model for c in (every if hidden else ranked) if c.model), ""),
        architecture=architecture,
        through_hypervisor=guest or presented,
        hidden=hidden,
        disputed=disputed,
        model_disputed=processors.models_differ(claim.model for claim in named),
        claims=tuple(dict.fromkeys(every)),
    )


def _sighting(capture: Capture, lines: tuple[int, int], identified: Identified, model: str) -> Sighting:
    claim = ProcessorClaim(capture.source, identified.vendor, identified.family, model)
    return Sighting(claim, cite(capture, *lines), processors.presented_by_hypervisor(model))


def _from_cpuinfo(capture: Capture) -> Iterator[Sighting]:
    fields = cpuinfo_fields(capture)
    if "vendor_id" in fields:
        for (vendor, family, name), lines in x86_cores(capture).items():
            yield _sighting(capture, lines, processors.identify_x86(vendor, family, name), name)
    elif "cpu implementer" in fields:
        yield from _from_arm_cores(capture, fields)
    else:
        yield from islice(_from_names(capture, fields), 1)


def _from_arm_cores(capture: Capture, fields: CpuinfoFields) -> Iterator[Sighting]:
    for core, lines in arm_cores(capture).items():
        yield _sighting(capture, lines, processors.identify_midr(*core), "")
    name, line = _first(fields, "model name" if "model name" in fields else "hardware")
    if (identified := processors.identify_name(name)).vendor:
        yield _sighting(capture, (line, line), identified, name)


def _from_names(capture: Capture, fields: CpuinfoFields) -> Iterator[Sighting]:
    """Loongson, Sunway and POWER print names only; `system type` and `hardware` may be those of a board."""
    revision, _ = _first(fields, "revision")
    for key in ("model name", "cpu model", "system type", "hardware", "cpu"):
        for value, line in fields.get(key, {}).items():
            identified = processors.identify_power(value, revision) if key == "cpu" else processors.identify_name(value)
            if identified.vendor or (value and key in ("model name", "cpu model", "cpu")):
                yield _sighting(capture, (line, line), identified, value)


def _first(fields: CpuinfoFields, name: str) -> tuple[str, int]:
    return next(iter(fields.get(name, {}).items()), ("", 0))


def _from_lscpu(capture: Capture) -> Iterator[Sighting]:
    fields = lscpu_fields(capture)
    vendor, vendor_line = shown(fields, "vendor id")
    name, name_line = shown(fields, "model name")
    if not vendor and not name:
        return
    span = (min(filter(None, (vendor_line, name_line))), max(vendor_line, name_line))
    implementer = processors.IMPLEMENTER_NAMES.get(vendor.lower())
    if implementer is None and vendor.startswith("0x"):
        implementer = hexadecimal(vendor)
    if implementer is not None:
        core = processors.identify_midr(implementer, None)
        yield _sighting(capture, span, core, name if processors.identify_name(name).vendor else "")
        bios, bios_line = shown(fields, "bios model name")
        if (identified := processors.identify_name(bios)).vendor:
            yield _sighting(capture, (bios_line, bios_line), identified, bios)
    elif not vendor or _NAMED_ONLY.search(shown(fields, "architecture")[0]):
        yield _sighting(capture, span, processors.identify_name(f"{vendor} {name}"), name)
    else:
        yield _sighting(capture, span, processors.identify_x86(vendor, shown(fields, "cpu family")[0], name), name)


def _from_midr(capture: Capture) -> Iterator[Sighting]:
    seen: set[int] = set()
    for number, line in enumerate(lines_of(capture), 1):
        value = hexadecimal(line.split()[-1]) if line.strip() else None
        if value is not None and value not in seen:
            seen.add(value)
            identified = processors.identify_midr(value >> 24 & 0xFF, value >> 4 & 0xFFF)
            yield _sighting(capture, (number, number), identified, "")


def _from_dmidecode(capture: Capture) -> Iterator[Sighting]:
    seen: set[ProcessorClaim] = set()
    for found in structures(capture):
        if found.type != PROCESSOR or "Unpopulated" in found.value("Status"):
            continue
        for sighting in _from_socket(capture, found):
            if sighting.claim not in seen:
                seen.add(sighting.claim)
                yield sighting


def _from_socket(capture: Capture, socket: Structure) -> Iterator[Sighting]:
    """What one socket of SMBIOS type 4 says: its Arm register, the name of the chip, the maker, else its designation."""
    span = (socket.first, socket.last)
    maker, version = socket.value("Manufacturer"), real(socket.value("Version"))
    if _HYPERVISOR_FIRMWARE.search(maker) or (version and processors.presented_by_hypervisor(version)):
        yield Sighting(ProcessorClaim("dmidecode", "", "", version or maker), cite(capture, *span), presented=True)
        return
    name, made = processors.identify_name(version), processors.identify_name(maker)
    midr, weak = _midr(socket), False
    if not name.vendor and not made.vendor:
        # Firmware that leaves maker and version empty may still name the chip on the socket.
        designation = socket.value("Socket Designation")
        name = processors.identify_name(designation)
        version = designation if name.vendor else version
        weak = bool(name.vendor) and not _arm_socket(socket)
    core = processors.identify_midr(*midr) if midr else processors.UNKNOWN
    vendors = dict.fromkeys(v for v in (name.vendor, made.vendor, core.vendor) if v)
    if len(vendors) > 1:
        vendors.pop("arm", None)
    if name.vendor == "montage":
        vendors.pop("intel", None)  # whose dies it sells
    for vendor in vendors or ("",):
        sighting = _sighting(capture, span, Identified(vendor, core.family if core.vendor == vendor else ""), version)
        yield replace(sighting, weak=weak)


def _arm_socket(socket: Structure) -> bool:
    signature = socket.value("Signature")
    return "ARM" in socket.value("Family").upper() or signature.startswith(("Implement", "JEP-106"))


def _midr(socket: Structure) -> tuple[int, int] | None:
    """Read the Arm MIDR out of the ID bytes (little-endian); None where they are another processor's or another number."""
    if socket.value("Signature").startswith("JEP-106") or not _arm_socket(socket):
        return None
    values = [hexadecimal(part) for part in socket.value("ID").split()[:4]]
    octets = [value for value in values if value is not None and 0 <= value <= 0xFF]
    if len(octets) != 4:
        return None
    midr = int.from_bytes(octets, "little")
    return (midr >> 24 & 0xFF, midr >> 4 & 0xFFF) if midr else None


def _from_devicetree(capture: Capture) -> Iterator[Sighting]:
    for number, line in enumerate(lines_of(capture), 1):
        identified = processors.identify_name(line.partition(":")[2].replace(",", " "))
        if identified.vendor:
            yield replace(_sighting(capture, (number, number), identified, ""), weak=True)
            return


def _architecture(sources: Mapping[str, Capture]) -> str:
    return shown(lscpu_fields(sources["lscpu"]), "architecture")[0] if "lscpu" in sources else ""


_SOURCES = {
    "cpuinfo": _from_cpuinfo,
    "lscpu": _from_lscpu,
    "midr": _from_midr,
    "dmidecode": _from_dmidecode,
    "devicetree": _from_devicetree,
}
