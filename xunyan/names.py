"""Names that people and machines write: what makes one unfit to be kept, and how an unfit one is shown."""

import unicodedata

NAME_LIMIT = 256
_UNFIT = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Control, invisible and direction-changing, lone surrogate, private, and separators of lines and paragraphs."""


def flaw(value: str) -> str:
    """Say what makes a name unfit: "" for nothing, "long", or the character (`U+202E`) that a screen would obey."""
    if len(value) > NAME_LIMIT:
        return "long"
    for character in value:
        if unicodedata.category(character) in _UNFIT:
            return f"U+{ord(character):04X}"
    return ""


def shown(value: str, limit: int = 40) -> str:
    """Write a value into a message: on one line, cut, and with whatever a screen would obey as escapes."""
    cut = value[:limit] + ("…" if len(value) > limit else "")
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
