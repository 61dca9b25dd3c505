"""Time windows: the hours of the week, in Beijing time, in which a letter lets anything be touched."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from xunyan.canonical import BEIJING
from xunyan.errors import InputError
from xunyan.names import shown
from xunyan.wording import Text

DAY = 24 * 60
WEEK = 7 * DAY
FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of hours that never end."""

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_DAYS = {name: day for names in (_NAMES, _CHINESE) for day, name in enumerate(names)} | {"周天": 6}
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")
_ADVICE = Text(
    '写成 "22:00-06:00"，或 { days = ["周一", "周五"], from = "22:00", to = "06:00" }；全天写 "00:00-24:00"',
    'write "22:00-06:00", or { days = ["mon", "fri"], from = "22:00", to = "06:00" }; a whole day is "00:00-24:00"',
)


@dataclass(frozen=True, slots=True)
class Window:
    """One window: from minute `start` of each of `days` (0 is Monday) to minute `end`, exclusive, of that or the next day."""

    days: frozenset[int]
    start: int
    end: int

    def __str__(self) -> str:
        days = "".join(_CHINESE[day][1] for day in sorted(self.days))
        return f"{'' if len(self.days) == 7 else f'周{days} '}{_clock(self.start)}-{_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Hours:
    """All windows of one letter as the hours of a week; without windows, always.

    `spans` are disjoint and apart, in minutes since Monday 00:00 in Beijing, ends exclusive; the last may run on into
    the next week. One span as long as a week or longer is always.
    """

    windows: tuple[Window, ...] = ()
    spans: tuple[tuple[int, int], ...] = ((0, WEEK),)

    def until(self, moment: datetime) -> datetime | None:
        """Say when the hours that hold the moment end (FAR where they never do); None outside the hours."""
        monday, minute = _place(moment)
        for start, end in self.spans:
            for shift in (0, -WEEK):
                if timedelta(minutes=start + shift) <= minute < timedelta(minutes=end + shift):
                    return FAR if end - start >= WEEK else monday + timedelta(minutes=end + shift)
        return None

    def opens(self, after: datetime) -> datetime:
        """Say when the hours are next open: `after` itself where they are open then."""
        if self.until(after) is not None:
            return after
        monday, minute = _place(after)
        starts = [start + shift for start, _ in self.spans for shift in (0, WEEK)]
        return monday + min(timedelta(minutes=one) for one in starts if timedelta(minutes=one) >= minute)


ALWAYS = Hours()


def _place(moment: datetime) -> tuple[datetime, timedelta]:
    """Give the Monday 00:00 before a moment, in Beijing, and the time since then."""
    local = moment.astimezone(BEIJING)
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())
    return monday, local - monday


def hours(windows: Iterable[Window]) -> Hours:
    """Put windows together; those that touch or overlap are one span."""
    kept = tuple(windows)
    pieces = sorted(
        (day * DAY + one.start, day * DAY + (one.end if one.end > one.start else one.end + DAY))
        for one in kept
        for day in one.days
    )
    spans: list[tuple[int, int]] = []
    for start, end in pieces:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return Hours(kept, _closed(spans))


def _closed(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join the end of the week to its beginning."""
    while len(spans) > 1 and spans[-1][1] >= spans[0][0] + WEEK:
        last, first = spans.pop(), spans.pop(0)
        spans.append((last[0], max(last[1], first[1] + WEEK)))
    return tuple(spans)


def read_window(value: object) -> Window:
    """Read one window of a letter: a text, or a table with `from`, `to` and perhaps `days`. Raises InputError."""
    if isinstance(value, str):
        start, dash, end = value.partition("-")
        if not dash:
            raise _wrong(value)
        return _window(frozenset(range(7)), start, end, value)
    if not isinstance(value, Mapping):
        raise _wrong(value)
    unknown = sorted(map(str, set(value) - {"days", "from", "to"}))
    if unknown or "from" not in value or "to" not in value:
        raise _wrong(value)
    return _window(_days(value["days"]) if "days" in value else frozenset(range(7)), value["from"], value["to"], value)


def _days(value: object) -> frozenset[int]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise _wrong(value)
    found = [_DAYS.get(one.lower()) if isinstance(one, str) else None for one in value]
    days = frozenset(day for day in found if day is not None)
    if None in found:
        raise InputError(
            Text(f"“{shown(str(list(value)))}”里有不认识的星期", f"{shown(str(list(value)))} names no day of the week"),
            advice=Text("写周一至周日，或 mon 至 sun", "write mon to sun, or 周一 to 周日"),
        )
    return days


def _window(days: frozenset[int], start: object, end: object, value: object) -> Window:
    first, last = _minute(start, value), _minute(end, value)
    if first in (last, DAY):
        raise InputError(
            Text(
                f"时间窗“{shown(_said(value))}”的起止相同，或从24:00开始",
                f"the window {shown(_said(value))} has no length",
            ),
            advice=_ADVICE,
        )
    return Window(days, first, last)


def _minute(value: object, window: object) -> int:
    if isinstance(value, time) and not (value.second or value.microsecond):
        return value.hour * 60 + value.minute
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match is not None and int(match[2]) < 60 else DAY + 1
    if minute > DAY:
        raise _wrong(window)
    return minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return "，".join(f"{key} = {one}" for key, one in value.items())
    return str(value)


def _wrong(value: object) -> InputError:
    said = shown(_said(value))
    return InputError(Text(f"“{said}”不是时间窗", f"{said!r} is not a time window"), advice=_ADVICE)
