"""The CPU of a Windows endpoint, from Win32_Processor and from what the kernel itself put into the registry."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from scanners.platforms import processors
from scanners.platforms.processors import Identified
from scanners.platforms.reading import Reading
from scanners.platforms.windows.answers import Row, cite_values, has, rows_of, shown
from scanners.platforms.windows.machine import guest_sign
from xunyan.facts import Processor, ProcessorClaim
from xunyan.model import Capture, Evidence

SOURCES = ("processor", "central-processor", "computer-system")

# Win32_Processor.Architecture, by the words that Linux has for the same.
ARCHITECTURES = {"0": "i686", "5": "arm", "9": "x86_64", "12": "aarch64"}
MIDR = "CP 4000"  # Arm's MIDR_EL1 among the registers that the kernel keeps in the registry
MOST_SIGHTINGS = 16
_FAMILY = re.compile(r"\bFamily (\d{1,4})\b")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One claim with where it stands; `presented`: the name is one that hypervisors show."""

    claim: ProcessorClaim
    evidence: Evidence
    presented: bool


def read_processor(sources: Mapping[str, Capture]) -> Reading:
    """Join what WMI and the registry say of the CPU; where makers contradict each other, choose none silently.

    Both are the system's own view, so a 32-bit or an emulated PowerShell (x86 on Arm) shows the real CPU here.
    """
    sightings: list[Sighting] = []
    unreadable: list[tuple[str, str]] = []
    architecture = ""
    for source in ("processor", "central-processor"):
        if source not in sources:
            continue
        rows = rows_of(sources[source])
        if isinstance(rows, str):
            unreadable.append((source, rows))
            continue
        found = list(islice(_distinct(sources[source], rows), MOST_SIGHTINGS))
        if not found:
            unreadable.append((source, "no object names a processor"))
        sightings += found
        architecture = architecture or next(filter(None, map(_architecture, rows)), "")
    if not sightings:
        return Reading(unreadable=tuple(unreadable))
    sign = guest_sign(sources)
    evidence = [one.evidence for one in sightings] + ([sign[1]] if sign else [])
    processor = _join(sightings, architecture, guest=sign is not None)
    return Reading((processor,), tuple(dict.fromkeys(evidence)), tuple(unreadable))


def _distinct(capture: Capture, rows: tuple[Row, ...]) -> Iterator[Sighting]:
    """Give each claim of the sockets or the logical processors once."""
    read = _from_wmi if capture.source == "processor" else _from_registry
    seen: set[ProcessorClaim] = set()
    for at, row in enumerate(rows):
        for identified, model, names in read(row):
            claim = ProcessorClaim(capture.source, identified.vendor, identified.family, model)
            if claim not in seen:
                seen.add(claim)
                yield Sighting(claim, cite_values(capture, names, at), processors.presented_by_hypervisor(model))


def _from_wmi(row: Row) -> Iterator[tuple[Identified, str, tuple[str, ...]]]:
    maker, name = shown(row, "Manufacturer"), shown(row, "Name")
    if has(row, "Manufacturer", "Name") and (maker or name):
        arm = _architecture(row) in ("arm", "aarch64")
        yield _identify(maker, name, shown(row, "Caption"), arm=arm), name, ("Manufacturer", "Name")


def _from_registry(row: Row) -> Iterator[tuple[Identified, str, tuple[str, ...]]]:
    maker, name, midr = shown(row, "VendorIdentifier"), shown(row, "ProcessorNameString"), shown(row, MIDR)
    arm = midr.isascii() and midr.isdigit() and len(midr) <= 20
    if maker or name:
        identified = _identify(maker, name, shown(row, "Identifier"), arm=arm or shown(row, "Identifier")[:3] == "ARM")
        yield identified, name, ("VendorIdentifier", "ProcessorNameString")
    if arm and int(midr):
        register = int(midr)
        yield processors.identify_midr(register >> 24 & 0xFF, register >> 4 & 0xFFF), "", (MIDR,)


def _identify(maker: str, name: str, caption: str, *, arm: bool) -> Identified:
    """Name the maker: on x86 by the CPUID vendor and the brand, on Arm by the name that the firmware gave."""
    if arm:
        named = processors.identify_name(name)
        return named if named.vendor else processors.identify_name(maker)
    family = _FAMILY.search(caption)
    return processors.identify_x86(maker, family[1] if family else "", name)


def _architecture(row: Row) -> str:
    return ARCHITECTURES.get(shown(row, "Architecture"), "")


def _join(sightings: list[Sighting], architecture: str, *, guest: bool) -> Processor:
    own = [one.claim for one in sightings if not one.presented]
    vendors = {claim.vendor for claim in own if claim.vendor}
    if len(vendors) > 1:
        vendors.discard("arm")  # whose cores others license: the maker of the chip decides
    disputed = len(vendors) > 1
    vendor = "" if disputed or not vendors else vendors.pop()
    presented = [one.claim for one in sightings if one.presented]
    # A maker without a model is no evidence against a presented model of that maker.
    masked = {claim.vendor for claim in presented}
    hidden = bool(presented) and not any(c.vendor and (c.model or c.vendor not in masked) for c in own)
    every = [one.claim for one in sightings]
    told = every if hidden else [claim for claim in own if claim.vendor == vendor or not vendor]
    return Processor(
        vendor=vendor or (next((c.vendor for c in every if c.vendor), "") if hidden else ""),
        family=next((c.family for c in told if c.family), ""),
        model=next((c.model for c in told if c.model), ""),
        architecture=architecture,
        through_hypervisor=guest or bool(presented),
        hidden=hidden,
        disputed=disputed,
        model_disputed=processors.models_differ(c.model for c in told),
        claims=tuple(dict.fromkeys(every)),
    )
