"""The structures in dmidecode's text: type, fields, and the lines where they stand."""

from collections.abc import Iterable
from dataclasses import dataclass, field

# What firmware makers leave in place of a value. Compared in lower case.
PLACEHOLDERS = frozenset({
    "", "--", "-", "none", "null", "n/a", "na", "unknown", "unspecified", "not specified", "not set", "not provided",
    "not available", "not present", "default string", "default", "to be filled by o.e.m.", "to be filled by oem",
    "o.e.m.", "oem", "system serial number", "system product name", "system manufacturer", "base board serial number",
    "chassis serial number", "serial number", "0", "00000000", "0123456789", "123456789", "1234567890", "x.x", "xxxxxxxx",
    "invalid", "empty", "fill by oem", "reserver", "reserved", "<out of spec>", "<bad index>",
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


@dataclass(slots=True)
class Structure:
    """One SMBIOS structure: its fields with their line numbers (from 1)."""

    type: int
    first: int
    last: int
    fields: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return a field with surrounding blanks removed; empty where absent."""
        return self.fields.get(name, "").strip()


def structures(lines: list[str], types: Iterable[int]) -> list[Structure]:
    """Read the structures of the given types. Text that has none gives an empty list; it never raises."""
    wanted = frozenset(types)
    found: list[Structure] = []
    current: Structure | None = None
    for number, line in enumerate(lines, 1):
        if line.startswith("Handle 0x"):
            kind = _type_of(line)
            current = Structure(kind, number, number) if kind in wanted else None
            if current is not None:
                found.append(current)
        elif current is not None and line[:1] in ("\t", " ") and line.strip():
            current.last = number
            name, colon, value = line.partition(":")
            if line.startswith("\t\t"):
                current.fields.setdefault(line.strip(), "")  # an item of a list, such as a BIOS characteristic
            elif colon:
                current.fields.setdefault(name.strip(), value.strip())
                current.lines.setdefault(name.strip(), number)
    return found


def _type_of(line: str) -> int:
    _, _, rest = line.partition("DMI type ")
    digits = rest.partition(",")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 3 else -1


def real(value: str) -> str:
    """Return a value, or nothing where it is a placeholder that a firmware maker left in place."""
    bare = value.strip().strip(".").strip()
    return "" if bare.lower() in PLACEHOLDERS or not bare.strip("0xX-. ") else value.strip()


def real_uuid(value: str) -> str:
    """Return a UUID in lower case, or nothing where it is one that many machines share or none at all."""
    bare = value.strip().lower()
    return "" if bare in SHARED_UUIDS or len(bare) != 36 else bare
