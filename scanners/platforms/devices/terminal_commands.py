"""What a terminal session says of itself: which command was meant, whose device it is, and when it was."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, NamedTuple

from scanners.platforms.devices import VENDORS
from scanners.platforms.devices.commands import VRF_NAME, Vendor
from scanners.platforms.devices.terminal_log import Style
from xunyan.device_facts import DeviceClock

Unclear = Literal["", "unknown", "several", "filtered"]
_WHOLE = re.compile(r"no-?more", re.IGNORECASE)
_MAKERS: tuple[tuple[str, Style, re.Pattern[str]], ...] = (
    ("huawei_vrp", "angle", re.compile(r"\bHuawei Versatile Routing Platform\b|\bVRP \(R\) software\b", re.IGNORECASE)),
    ("hp_comware", "angle", re.compile(r"\b(?:H3C |HPE? |3Com )?Comware\b", re.IGNORECASE)),
    ("ruijie_os", "hash", re.compile(r"\bRuijie\b|_?RGOS\b|\bRed-Giant\b", re.IGNORECASE)),
    ("zte_zxros", "hash", re.compile(r"\bZXR10\b|\bZXROS\b|\bZTE Corporation\b|\bZXCTN\b", re.IGNORECASE)),
    ("cisco_ios", "hash", re.compile(r"\bCisco IOS\b|\bCisco Internetwork Operating System\b", re.IGNORECASE)),
)
_LOOKED_AT = 4000
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d\d)\b")
_SHIFT = re.compile(r"\b(add|minus) (\d{1,2}):(\d\d)(?::\d\d)?\b", re.IGNORECASE)
_UTC = frozenset({"utc", "gmt", "z"})
_BEIJING = frozenset({"bj", "beijing", "bjt", "cst", "china", "prc", "urumqi-bj", "gmt+8", "utc+8", "utc8", "bjs"})
_FURTHEST = timedelta(hours=14)


class Meant(NamedTuple):
    """The source that a typed command means; else why it means none."""

    source: str
    why: Unclear = ""


def meant(vendor: Vendor, typed: str) -> Meant:
    """Find the command of a vendor's map that was typed, written out or cut short.

    What was cut short counts where exactly one command of the map has these words' beginnings, word for word. A filtered
    answer is not the whole answer, and so none.
    """
    asked, _, tail = typed.partition("|")
    words = asked.lower().split()
    if words[:1] == ["do"]:
        del words[0]
    if ">" in asked or (tail and not _WHOLE.fullmatch(tail.strip())):
        return Meant("", "filtered")
    every = (*vendor.commands, *vendor.others)
    written = " ".join(words)
    if written in every:
        return Meant(written)
    if table := _vrf_table(vendor, words, asked.split()[-1:]):
        return Meant(table)
    candidates = _candidates(words, every)
    if len(candidates) == 1:
        return Meant(candidates[0])
    return Meant("", "several" if candidates else "unknown")


def _vrf_table(vendor: Vendor, words: Sequence[str], name: Sequence[str]) -> str:
    """Give the source that a typed command for the table of one VRF means; the name counts as it was typed."""
    begins = _candidates(words[:-1], vendor.vrf_tables)
    if len(begins) != 1 or not name or not VRF_NAME.fullmatch(name[0]):
        return ""
    return f"{begins[0]} {name[0]}"


def _candidates(words: Sequence[str], commands: Iterable[str]) -> list[str]:
    """Give the commands that words may be short for: a word that is written out is no beginning of a longer one."""
    found = [one for one in commands if _short_for(words, one.split())]
    for at, word in enumerate(words):
        found = [one for one in found if one.split()[at] == word] or found
    return found


def _short_for(typed: Sequence[str], written: Sequence[str]) -> bool:
    return len(typed) == len(written) and all(
        full.startswith(short) for short, full in zip(typed, written, strict=True)
    )


def asks_version(typed: str) -> bool:
    """Tell whether a typed command asks for the version, whatever the vendor."""
    words = typed.lower().split()
    return len(words) == 2 and (_short_for(words, ("display", "version")) or _short_for(words, ("show", "version")))


def asks_clock(typed: str) -> bool:
    """Tell whether a typed command asks for the clock, whatever the vendor."""
    words = typed.lower().split()
    return len(words) == 2 and (_short_for(words, ("display", "clock")) or _short_for(words, ("show", "clock")))


def platform_in(version: str, style: Style) -> str:
    """Give the platform that an answer about the version names; empty where it names none, or more than one."""
    named = {name for name, own, maker in _MAKERS if own == style and maker.search(version[:_LOOKED_AT])}
    return named.pop() if len(named) == 1 else ""


def fits(platform: str, style: Style) -> bool:
    """Tell whether a platform's prompts look so."""
    return platform in VENDORS and any(name == platform and own == style for name, own, _ in _MAKERS)


def moment_of(clock: DeviceClock) -> datetime | None:
    """Give the moment that a device's clock shows; None where its zone is not known."""
    zone = _zone(clock.zone)
    if zone is None:
        return None
    try:
        return datetime.strptime(clock.time, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> timezone | None:
    if found := _OFFSET.search(text):
        shift = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-shift if found[1] == "-" else shift) if shift <= _FURTHEST else None
    if found := _SHIFT.search(text):
        shift = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-shift if found[1].lower() == "minus" else shift) if shift <= _FURTHEST else None
    words = {word.strip("()").lower() for word in text.split()}
    if words & _BEIJING:
        return timezone(timedelta(hours=8))
    return UTC if words & _UTC else None
