"""Host names as a letter denies them: one form for all spellings of a name, compared label by label."""

import re
import stringprep
import unicodedata
from typing import TypeAlias

from xunyan.errors import InputError
from xunyan.names import shown
from xunyan.wording import Text

Name: TypeAlias = tuple[str, ...]
"""The labels of a name, first the host's, in the form that is compared."""

LONGEST_NAME, LONGEST_LABEL = 253, 63
_DOTS = re.compile(r"[.。｡．]")
_ACE = "xn--"
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ADVICE = Text(
    "写域名本身，如 oa.example，它和它下面的所有名称都算；地址写完整的地址或网段",
    "write the name itself, such as oa.example: it and everything under it count; write addresses in full",
)


def labels(text: str) -> Name:
    """Bring a name to the form that is compared: case, width, trailing dot and Punycode make no difference.

    Spellings that different editions of IDNA tell apart fall together; for a denial that errs on the safe side.
    """
    parts = _DOTS.split(unicodedata.normalize("NFKC", text))
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(_label(part) for part in parts)


def _label(text: str) -> str:
    label = _folded(text)
    if label.startswith(_ACE):
        try:
            return _folded(label.removeprefix(_ACE).encode("ascii").decode("punycode"))
        except UnicodeError:
            return label
    return label


def _folded(text: str) -> str:
    bare = "".join(character for character in text if not stringprep.in_table_b1(character))
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold())


def is_under(name: Name, top: Name) -> bool:
    """Say whether a name is `top` or stands under it."""
    return name[-len(top) :] == top


def reads_as_address(text: str) -> bool:
    """Say whether a text is an address, a range or a mistyped one, rather than a name."""
    plain = unicodedata.normalize("NFKC", text).lower()
    parts = _DOTS.split(plain.rstrip("."))
    leading = [part for part in parts[:2] if _NUMERIC.fullmatch(part)]
    return (
        "/" in plain
        or ":" in plain
        or "%" in plain
        or not plain.strip("0123456789.-")
        or _NUMERIC.fullmatch(parts[-1]) is not None
        or (len(parts) <= 4 and len(leading) == 2)
    )


def read_name(text: str) -> Name:
    """Read a name that a letter denies. Raises InputError on wildcards, empty labels and what no name can hold."""
    wrong = InputError(Text(f"“{shown(text)}”不是域名", f"{shown(text)!r} is not a name"), advice=_ADVICE)
    bare = text.rstrip(".")
    parts = _DOTS.split(bare)
    if len(text) - len(bare) > 1 or len(bare) > LONGEST_NAME:
        raise wrong
    for part in parts:
        fits = part and len(part) <= LONGEST_LABEL and not part.startswith("-") and not part.endswith("-")
        if not fits or not all(character.isalnum() or character in "-_" for character in part):
            raise wrong
    name = labels(text)
    if not all(name):
        raise wrong
    return name
