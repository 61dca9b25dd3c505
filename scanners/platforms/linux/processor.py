"""The CPU of a Linux endpoint, from cpuinfo, lscpu, MIDR registers, the device tree and the firmware's tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scanners.platforms import processors
from scanners.platforms.linux.lscpu import lscpu_fields
from scanners.platforms.linux.virtualization import guest_signs
from scanners.platforms.processors import Identified
from scanners.platforms.reading import Reading, cite
from scanners.platforms.smbios import Structure, real, structures
from xunyan.facts import Processor, ProcessorClaim
from xunyan.model import Capture, Evidence

SOURCES = ("cpuinfo", "lscpu", "midr", "dmidecode", "dmi-sysfs", "devicetree", "virtualization")

_CPUINFO = re.compile(
    r"^(vendor_id|cpu family|model name|cpu implementer|cpu part|cpu model|system type|hardware|cpu|isa|features)"
    r"[ \t]*:[ \t]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_HYPERVISOR_FIRMWARE = re.compile(r"qemu|red hat|bochs|xen|kvm|parallels|virtualbox|innotek", re.IGNORECASE)
_X86_VENDORS = {"intel", "amd", "hygon", "zhaoxin", "via", "montage"}
_LSCPU_MIPS = re.compile(r"mips|loongarch|sw_64", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One claim with where it stands; `presented`: the name is one that hypervisors show."""

    claim: ProcessorClaim
    evidence: Evidence
    presented: bool = False


def read_processor(sources: Mapping[str, Capture]) -> Reading:
    """Join what each source says of the CPU; where makers contradict each other, say so and choose none silently."""
    sightings: list[Sighting] = []
    unreadable: list[tuple[str, str]] = []
    for source, read in _SOURCES.items():
        if source in sources:
            found = list(read(sources[source]))
            sightings += found
            if not found and source in ("cpuinfo", "lscpu"):
                unreadable.append((source, "no line names a processor"))
            elif not found and source == "dmidecode" and "DMI type" not in sources[source].text:
                unreadable.append((source, "no SMBIOS structure"))
    if not sightings:
        return Reading(unreadable=tuple(unreadable))
    guest, guest_evidence = guest_signs(sources)
    processor = _join(sightings, _architecture(sources), guest=bool(guest))
    evidence = tuple(dict.fromkeys([one.evidence for one in sightings] + list(guest_evidence)))
    return Reading((processor,), evidence, tuple(unreadable))


def _join(sightings: list[Sighting], architecture: str, *, guest: bool) -> Processor:
    shown = [one.claim for one in sightings if not one.presented]
    known = [claim for claim in shown if claim.vendor]
    vendors = {claim.vendor for claim in known}
    if vendors - {"arm"} and not vendors & _X86_VENDORS:
        vendors.discard("arm")  # makers of domestic and foreign chips license Arm's cores: the chip's maker decides
    disputed = len(vendors) > 1
    vendor = "" if disputed or not vendors else vendors.pop()
    presented = any(one.presented for one in sightings)
    # QEMU presents a LoongArch model of its own, so in a guest even a full name says nothing of the host.
    hidden = (presented and not known) or (guest and vendor == "loongson")
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
        model=next((c.model for c in ranked if c.model), "") or next((c.model for c in every if c.model), ""),
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
    text = capture.text
    seen: dict[str, dict[str, int]] = {}
    for found in _CPUINFO.finditer(text):
        values = seen.setdefault(found[1].lower(), {})
        if found[2].strip() not in values:
            values[found[2].strip()] = text.count("\n", 0, found.start()) + 1
    first = {name: next(iter(values)) for name, values in seen.items()}
    if "vendor_id" in seen:
        name = first.get("model name", "")
        for vendor, line in seen["vendor_id"].items():
            last = max(line, seen.get("model name", {}).get(name, line))
            yield _sighting(
                capture, (line, last), processors.identify_x86(vendor, first.get("cpu family", ""), name), name
            )
    elif "cpu implementer" in seen:
        yield from _from_arm_cores(capture, text, seen)
    else:
        for key in ("model name", "cpu model", "system type", "hardware", "cpu"):
            for value, line in seen.get(key, {}).items():
                if (identified := processors.identify_name(value)).vendor or key in ("model name", "cpu model", "cpu"):
                    yield _sighting(capture, (line, line), identified, value)
                    return


_CORE = re.compile(r"^CPU implementer[ \t]*:[ \t]*(\S+)(?:\n(?!\n).*){0,3}?\nCPU part[ \t]*:[ \t]*(\S+)", re.MULTILINE)


def _from_arm_cores(capture: Capture, text: str, seen: dict[str, dict[str, int]]) -> Iterator[Sighting]:
    """Each kind of core once: big and little cores of one chip may have different implementers."""
    cores: dict[tuple[int, int], int] = {}
    for found in _CORE.finditer(text):
        implementer, part = _number(found[1]), _number(found[2])
        if implementer is not None and part is not None and (implementer, part) not in cores:
            cores[implementer, part] = text.count("\n", 0, found.start()) + 1
    name, name_line = next(iter(seen.get("model name", seen.get("hardware", {})).items()), ("", 0))
    for (implementer, part), line in cores.items():
        yield _sighting(capture, (line, line), processors.identify_midr(implementer, part), "")
    if name and (identified := processors.identify_name(name)).vendor:
        yield _sighting(capture, (name_line, name_line), identified, name)


def _from_lscpu(capture: Capture) -> Iterator[Sighting]:
    lines = capture.text.splitlines()
    fields = lscpu_fields(lines)
    vendor, vendor_line = fields.get("vendor id", ("", 0))
    name, name_line = fields.get("model name", ("", 0))
    if not vendor and not name:
        return
    span = (min(filter(None, (vendor_line, name_line))), max(vendor_line, name_line))
    family = fields.get("cpu family", ("", 0))[0]
    implementer = processors.IMPLEMENTER_NAMES.get(vendor.lower(), _number(vendor) if vendor.startswith("0x") else None)
    if implementer is not None and vendor != "GenuineIntel":
        core = processors.identify_midr(implementer, None)
        own = processors.identify_name(name)
        yield _sighting(capture, span, Identified(core.vendor, ""), name if own.vendor else "")
        bios, bios_line = fields.get("bios model name", ("", 0))
        if bios and (identified := processors.identify_name(bios)).vendor:
            yield _sighting(capture, (bios_line, bios_line), identified, bios)
    elif _LSCPU_MIPS.search(fields.get("architecture", ("", 0))[0]) or not vendor:
        yield _sighting(capture, span, processors.identify_name(f"{vendor} {name}"), name)
    else:
        yield _sighting(capture, span, processors.identify_x86(vendor, family, name), name)


def _from_midr(capture: Capture) -> Iterator[Sighting]:
    seen: set[int] = set()
    lines = capture.text.splitlines()
    for number, line in enumerate(lines, 1):
        value = _number(line.split()[-1]) if line.strip() else None
        if value is not None and value not in seen:
            seen.add(value)
            identified = processors.identify_midr(value >> 24 & 0xFF, value >> 4 & 0xFFF)
            yield Sighting(ProcessorClaim("midr", *identified, ""), cite(capture, number, number, lines))


def _from_dmidecode(capture: Capture) -> Iterator[Sighting]:
    lines = capture.text.splitlines()
    seen: set[ProcessorClaim] = set()
    for found in structures(lines, (4,)):
        if "Unpopulated" in found.value("Status"):
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
    name = processors.identify_name(version)
    # Firmware that leaves maker and version empty may still name the chip on the socket.
    designation = socket.value("Socket Designation")
    made = processors.identify_name(maker)
    if not name.vendor and not made.vendor:
        name, version = processors.identify_name(designation), version or designation
    midr = _midr(socket)
    core = processors.identify_midr(*midr) if midr else processors.UNKNOWN
    vendors = dict.fromkeys(v for v in (name.vendor, made.vendor, core.vendor) if v)
    if len(vendors) > 1:
        vendors.pop("arm", None)
    for vendor in vendors or ("",):
        yield _sighting(capture, span, Identified(vendor, core.family if core.vendor == vendor else ""), version)


def _midr(socket: Structure) -> tuple[int, int] | None:
    """Read the Arm MIDR out of the ID bytes (little-endian); None for a processor that is not an Arm one."""
    if not ("ARM" in socket.value("Family").upper() or socket.value("Signature").startswith("Implement")):
        return None
    parts = socket.value("ID").split()[:4]
    values = [_number("0x" + part) for part in parts if len(part) == 2]
    if len(values) != 4 or any(value is None for value in values):
        return None
    midr = sum((value or 0) << 8 * i for i, value in enumerate(values))
    return (midr >> 24 & 0xFF, midr >> 4 & 0xFFF) if midr else None


def _from_devicetree(capture: Capture) -> Iterator[Sighting]:
    lines = capture.text.splitlines()
    for number, line in enumerate(lines, 1):
        identified = processors.identify_name(line.partition(":")[2].replace(",", " "))
        if identified.vendor:
            yield _sighting(capture, (number, number), identified, "")
            return


def _number(text: str) -> int | None:
    try:
        return int(text, 16) if len(text) <= 18 else None
    except ValueError:
        return None


def _architecture(sources: Mapping[str, Capture]) -> str:
    if "lscpu" in sources:
        return lscpu_fields(sources["lscpu"].text.splitlines()[:20]).get("architecture", ("", 0))[0]
    return ""


_SOURCES = {
    "cpuinfo": _from_cpuinfo,
    "lscpu": _from_lscpu,
    "midr": _from_midr,
    "dmidecode": _from_dmidecode,
    "devicetree": _from_devicetree,
}
