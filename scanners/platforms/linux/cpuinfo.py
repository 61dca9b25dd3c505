"""The fields of /proc/cpuinfo that name a processor: each value once, though every core repeats them."""

from collections.abc import Mapping
from functools import lru_cache

from scanners.platforms.reading import KEPT_ANSWERS, lines_of
from xunyan.model import Capture

NAMING = frozenset({
    "vendor_id", "cpu family", "model name", "cpu implementer", "cpu part", "cpu model", "system type", "hardware", "cpu",
    "revision", "flags", "hardware watchpoint", "isa",
})  # fmt: skip
MOST_VALUES = 8  # of one field: a machine has one or two kinds of core

CpuinfoFields = Mapping[str, Mapping[str, int]]


@lru_cache(maxsize=KEPT_ANSWERS)
def cpuinfo_fields(capture: Capture) -> CpuinfoFields:
    """Map each naming field (lower case) to its values, in the order in which they stand, with the line of the first."""
    lines = lines_of(capture)
    first = dict(zip(reversed(lines), range(len(lines), 0, -1), strict=True))
    fields: dict[str, dict[str, int]] = {}
    for line in dict.fromkeys(lines):
        label, colon, value = line.partition(":")
        name = label.strip().lower()
        if colon and name in NAMING:
            values = fields.setdefault(name, {})
            if len(values) < MOST_VALUES:
                values.setdefault(value.strip(), first[line])
    return fields


def x86_cores(capture: Capture) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Map each kind of core, as (vendor id, family, model name), to the first and last line of what names it.

    Where makers differ, each has the name that stands with it.
    """
    fields = cpuinfo_fields(capture)
    if all(len(fields.get(name, ())) <= 1 for name in ("vendor_id", "cpu family", "model name")):
        (vendor, first), (family, _), (model, last) = (
            next(iter(fields.get(name, {}).items()), ("", 0)) for name in ("vendor_id", "cpu family", "model name")
        )
        return {(vendor, family, model): (first, max(first, last))}
    cores: dict[tuple[str, str, str], tuple[int, int]] = {}
    current: dict[str, str] = {}
    first = last = 0
    for number, line in enumerate((*lines_of(capture), "vendor_id"), 1):
        name, _, value = line.partition(":")
        name = name.strip().lower()
        if name == "vendor_id":
            if current and len(cores) < MOST_VALUES:
                kind = (current["vendor_id"], current.get("cpu family", ""), current.get("model name", ""))
                cores.setdefault(kind, (first, last))
            current, first, last = {name: value.strip()}, number, number
        elif current and name in ("cpu family", "model name") and name not in current:
            current[name] = value.strip()
            last = number if name == "model name" else last
    return cores


def arm_cores(capture: Capture) -> dict[tuple[int, int], tuple[int, int]]:
    """Map each kind of Arm core, as (implementer, part), to the lines from one to the other of the first of them.

    Big and little cores of one chip may have different implementers, so the two are read core by core.
    """
    cores: dict[tuple[int, int], tuple[int, int]] = {}
    implementer: int | None = None
    at = 0
    for number, line in enumerate(lines_of(capture), 1):
        if line.startswith("CPU implementer"):
            implementer, at = hexadecimal(line.partition(":")[2]), number
        elif line.startswith("CPU part") and implementer is not None and len(cores) < MOST_VALUES:
            part = hexadecimal(line.partition(":")[2])
            if part is not None:
                cores.setdefault((implementer, part), (at, number))
            implementer = None
    return cores


def hexadecimal(text: str) -> int | None:
    """Read a register's number such as `0x48`; None for what is none, or is longer than a register."""
    try:
        return int(text, 16) if len(text) <= 20 else None
    except ValueError:
        return None
