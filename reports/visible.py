"""Makes text harmless to look at: what a screen would obey or hide shows as an escape."""

import unicodedata


def visible(text: str) -> str:
    """Show control, invisible and direction-changing characters as escapes, so that a line reads as it is stored."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
