"""How wide words will be, said without a font: every machine cuts a label at the same place, and none flows over."""

import unicodedata

SIZE = 11
"""The size of all text of a picture, in its own units."""

TAB = 16
"""How wide the sign is that stands before the words of what is no device or unit."""

_NARROW = frozenset("ijltfrI.,:;|!'`()[]{}/\\ -")
_BROAD = frozenset("mwMWGOQDHNU@%&_+<>=~#AKRVXY")
_PERCENT = 100


def width(text: str) -> int:
    """Give a width that no usual sans-serif font exceeds."""
    return (sum(map(_share, text)) * SIZE + _PERCENT - 1) // _PERCENT


def usual(text: str) -> bool:
    """Whether fonts agree about these characters; any other text is squeezed into its width, however they draw it."""
    return all(" " <= c <= "~" or "\u4e00" <= c <= "\u9fff" or c in "…，。、：；（）《》—·" for c in text)


def fitted(text: str, room: int) -> str:
    """Cut a text to a width, with an ellipsis where something is missing; cut in its middle, since names end in numbers."""
    if width(text) <= room:
        return text
    head, tail = "", ""
    left = room - width("…")
    for step in range(len(text)):
        rest = text[len(head) : len(text) - len(tail)]
        # Two from the front for one from the back.
        one = rest[-1] if step % 3 == 2 else rest[0]
        left -= width(one)
        if left < 0:
            break
        head, tail = (head, one + tail) if step % 3 == 2 else (head + one, tail)
    return f"{head}…{tail}"


def begun(text: str, room: int) -> str:
    """Cut a text to a width at its end."""
    if width(text) <= room:
        return text
    kept = ""
    for one in text:
        if width(kept + one + "…") > room:
            break
        kept += one
    return f"{kept}…" if kept else ""


def _share(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WFA":
        return 100
    if character in _NARROW:
        return 45
    return 85 if character in _BROAD or character > "~" else 64
