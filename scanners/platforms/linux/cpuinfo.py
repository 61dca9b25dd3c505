"""The fields of /proc/cpuinfo that name a processor: each value once, though every core repeats them."""

from collections.abc import Mapping
from functools import lru_cache

from scanners.platforms.reading import KEPT_ANSWERS, lines_of
from xunyan.model import Capture

NAMING = frozenset({
    "vendor_id", "cpu family", "model name", "cpu implementer", "cpu part", "cpu model", "system type", "hardware", "cpu",
    "revision", "flags", "hardware watchpoint",
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


def arm_cores(capture: Capture) -> dict[tuple[int, int], int]:
    """Map each kind of Arm core, as (implementer, part), to the line where the first of them stands.

    Big and little cores of one chip may have different implementers, so the two are read core by core.
    """
    cores: dict[tuple[int, int], int] = {}
    implementer: int | None = None
    at = 0
    for number, line in enumerate(lines_of(capture), 1):
        if line.startswith("CPU implementer"):
            implementer, at = hexadecimal(line.partition(":")[2]), number
        elif line.startswith("CPU part") and implementer is not None and len(cores) < MOST_VALUES:
            part = hexadecimal(line.partition(":")[2])
            if part is not None:
                cores.setdefault((implementer, part), at)
            implementer = None
    return cores


def hexadecimal(text: str) -> int | None:
    """Read a register's number such as `0x48`; None for what is none, or is longer than a register."""
    try:
        return int(text, 16) if len(text) <= 20 else None
    except ValueError:
        return None
