"""Clocks and whether they follow a reference, as the five vendors write them."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import number_of
from scanners.platforms.devices.rows import each, told
from xunyan.device_facts import UNSHOWN, DeviceClock, TimeServer, TimeSync

_MONTHS = {
    name: at
    for at, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_ISO = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d:\d\d)\S*")
_SLASHED = re.compile(r"\s*(\d\d:\d\d:\d\d)(?:\.\d+)?\s+(\S+)\s+[A-Z][a-z]{2}\s+(\d\d)/(\d\d)/(\d{4})")
_WORDED = re.compile(
    r"\s*[*.]?(\d\d:\d\d:\d\d)(?:\.\d+)?\s+(\S+)\s+[A-Z][a-z]{2},?\s+([A-Z][a-z]{2})\s+(\d{1,2}),?\s+(\d{4})"
)
_ZONE = re.compile(r"\s*Time Zone\s*(?:\(([^)]*)\))?\s*:\s*(.+)", re.IGNORECASE)
_STATUS = re.compile(r"\s*clock status\s*:\s*(synchronized|unsynchronized)\s*", re.IGNORECASE)
_STRATUM = re.compile(r"\s*clock stratum\s*:\s*(\d+)", re.IGNORECASE)
_REFERENCE = re.compile(r"\s*reference clock ID\s*:\s*(\S+)", re.IGNORECASE)
_SENTENCE = re.compile(
    r"\s*%?\s*Clock is (synchronized|unsynchronized),\s*stratum\s+(\d+),\s*(?:reference is (\S+)|no reference clock)",
    re.IGNORECASE,
)
_ASSOCIATION = re.compile(r"[*#+x\- ]?~?\s*([0-9A-Fa-f.:]+)\s+\S+\s+\d+(?:\s+\S+){3,8}")


def read_clock(lines: Sequence[Line]) -> list[Found]:
    """Read the answer to `display clock` or `show clock`."""
    first = next(shown(lines))
    zone = told(lines, _ZONE)
    named = " ".join(filter(None, zone.groups())) if zone else ""
    if match := _ISO.fullmatch(first.text):
        time, word = f"{match[1]}-{match[2]}-{match[3]} {match[4]}", ""
    elif match := _SLASHED.fullmatch(first.text):
        time, word = f"{match[5]}-{match[3]}-{match[4]} {match[1]}", match[2]
    elif (match := _WORDED.fullmatch(first.text)) and match[3].lower() in _MONTHS:
        time, word = f"{match[5]}-{_MONTHS[match[3].lower()]:02}-{int(match[4]):02} {match[1]}", match[2]
    else:
        raise NotReadError(first, "a date and a time")
    return [Found(DeviceClock(time, named or word), first.number, first.number)]


def read_status(lines: Sequence[Line]) -> list[Found]:
    """Read `display ntp-service status` or `show ntp status`."""
    for line in shown(lines):
        if match := _SENTENCE.match(line.text):
            fact = TimeSync(match[1].lower() == "synchronized", int(match[2]), match[3] or "")
            return [Found(fact, line.number, line.number)]
        if match := _STATUS.fullmatch(line.text):
            stratum, reference = told(lines, _STRATUM), told(lines, _REFERENCE)
            fact = TimeSync(
                match[1].lower() == "synchronized",
                number_of(stratum[1]) if stratum else UNSHOWN,
                reference[1] if reference else "",
            )
            return [Found(fact, line.number, line.number)]
    raise NotReadError(next(shown(lines)), "the state of a clock")


def read_associations(lines: Sequence[Line]) -> list[Found]:
    """Read `show ntp associations`: each server that the clock was told to follow."""
    rows = [line for line in shown(lines) if "sys.peer" not in line.text and not re.match(r"\s*address\s", line.text)]
    return each(rows, _ASSOCIATION, lambda row: TimeServer(row[1]), "an association")
