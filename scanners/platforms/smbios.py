"""The structures in dmidecode's text: type, fields, and the lines where they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from scanners.platforms.reading import KEPT_ANSWERS, lines_of
from xunyan.model import Capture

BIOS, SYSTEM, BOARD, CHASSIS, PROCESSOR, MANAGEMENT_CONTROLLER = 0, 1, 2, 3, 4, 38
READ = frozenset({BIOS, SYSTEM, BOARD, CHASSIS, PROCESSOR, MANAGEMENT_CONTROLLER})

# What firmware makers leave in place of a value. Compared in lower case, without dots around it.
PLACEHOLDERS = frozenset({
    "", "--", "-", "none", "null", "n/a", "na", "unknown", "unspecified", "not specified", "not set", "not provided",
    "not available", "not present", "default string", "default", "to be filled by o.e.m", "to be filled by oem",
    "o.e.m", "oem", "system serial number", "system product name", "system manufacturer", "base board serial number",
    "chassis serial number", "serial number", "0", "00000000", "0123456789", "123456789", "1234567890", "x.x", "xxxxxxxx",
    "invalid", "empty", "tbd", "fill by oem", "reserver", "reserved", "<out of spec>", "<bad index>", "not applicable",
    "system serialnumber", "type1 - system serial number", "type2 - board serial number",
    "type3 - chassis serial number", "abcdefg", "sn", "to be filled", "reserver for oem", "reserved for oem", "无",
})  # fmt: skip

# UUIDs that many machines share: all zeros, all ones, and the sample of a firmware kit.
SHARED_UUIDS = frozenset(
    {
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
    }
)


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(slots=True)
class Structure:
    """One SMBIOS structure: its fields, and the lines (from 1) where it stands."""

    type: int
    first: int
    last: int
    fields: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return a field with surrounding blanks removed; empty where absent."""
        return self.fields.get(name, "").strip()


@lru_cache(maxsize=KEPT_ANSWERS)
def structures(capture: Capture) -> tuple[Structure, ...]:
    """Read the structures of the types that are in `READ`. Text that has none gives an empty tuple; it never raises."""
    return tuple(_structures(lines_of(capture)))


def _structures(lines: Sequence[str]) -> list[Structure]:
    found: list[Structure] = []
    current: Structure | None = None
    for number, line in enumerate(lines, 1):
        if line.startswith("Handle 0x"):
            kind = _type_of(line)
            current = Structure(kind, number, number) if kind in READ else None
            if current is not None:
                found.append(current)
        elif current is not None and line[:1] in ("\t", " ") and line.strip():
            current.last = number
            name, colon, value = line.partition(":")
            if line.startswith("\t\t"):
                current.fields.setdefault(line.strip(), "")  # an item of a list, such as a BIOS characteristic
            elif colon:
                current.fields.setdefault(name.strip(), value.strip())
    return found


def _type_of(line: str) -> int:
    _, _, rest = line.partition("DMI type ")
    digits = rest.partition(",")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 3 else -1


def real(value: str) -> str:
    """Return a value, or nothing where it is a placeholder that a firmware maker left in place."""
    bare = value.strip().strip(".").strip()
    return "" if bare.lower() in PLACEHOLDERS or not bare.strip("0xX-. ") else value.strip()


def real_serial(value: str) -> str:
    """Return a serial, or nothing where it is a placeholder, as one or two characters are."""
    serial = real(value)
    return serial if len(serial) > 2 else ""


def real_uuid(value: str) -> str:
    """Return a UUID in lower case, or nothing where it is one that many machines share or none at all."""
    bare = value.strip().lower()
    return bare if _UUID.fullmatch(bare) and bare not in SHARED_UUIDS else ""
