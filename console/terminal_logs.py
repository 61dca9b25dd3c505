"""Terminal logs of network devices: a saved session becomes the captures that a live read would have made."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from console.intake import FUTURE_TOLERANCE, Defaults, Handed, Problems, file_moment
from evidence.captures import BODY_LIMIT, RejectedError, check_envelope, seal
from scanners.platforms.devices import VENDORS
from scanners.platforms.devices.answers import Line, NotReadError, refusal
from scanners.platforms.devices.terminal_commands import (
    asks_clock,
    asks_version,
    fits,
    meant,
    moment_of,
    platform_in,
)
from scanners.platforms.devices.terminal_log import Answer, Session, split
from xunyan.device_facts import Device, DeviceClock
from xunyan.model import Capture, Envelope
from xunyan.wording import Text

MOST_NOTES = 200
CLOCKS = ("display clock", "show clock")
EARLIEST_CLOCK = datetime(2015, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier time was never set."""

FACTORY = frozenset(
    {
        *(
            "huawei",
            "quidway",
            "h3c",
            "hp",
            "hpe",
            "3com",
            "comware",
            "ruijie",
            "zte",
            "zxr10",
            "zxros",
            "cisco",
            "router",
        ),
        *("switch", "sw", "firewall", "usg", "secpath", "localhost", "device", "ac", "wlan", "core", "gateway"),
    }
)
"""Names of prompts, in lower case, that no single device has."""

WHY = {
    "unknown": Text("不是要读的命令", "not a command that is read"),
    "several": Text("缩写对得上不止一条命令", "short for more than one command"),
    "filtered": Text("用了过滤（|），不是完整的回答", "filtered (|), so not the whole answer"),
    "cut": Text("没有答完，日志或连接就断了", "the log or the connection ended before the answer"),
    "stopped": Text("分页时没有看完就停了", "the pager was stopped before the end"),
    "undated": Text(
        "在日志的前一段里，那一段没有能读出时间的 display clock（或 show clock）",
        "asked in an earlier part of the log, in which no clock shows when",
    ),
    "foreign": Text(
        "回答中间出现了别的设备的提示符，没有登录过去的命令；请把日志按设备分开",
        "another device's prompt stands in the answer, and nobody logged in there; part the log by devices",
    ),
}
"""Why an answer of a log was left out."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A command of a log whose answer was not taken: where it was asked, of whom, and why not."""

    where: str
    device: str
    command: str
    why: Text


@dataclass(slots=True)
class TerminalLogs:
    """Reads terminal logs, and remembers what of them was left out."""

    defaults: Defaults
    problems: Problems
    left_out: list[LeftOut] = field(default_factory=list)
    more: int = 0

    def read(self, path: Path) -> Iterator[Handed]:
        """Read one log: of each command of each device the last answer that is whole. What is wrong goes to `problems`."""
        try:
            with path.open("rb") as file:
                body = file.read(BODY_LIMIT + 1)
            changed = file_moment(path.stat().st_mtime)
        except OSError as error:
            self.problems.add(str(path), "read", error.strerror or "")
            return
        if len(body) > BODY_LIMIT:
            self.problems.add(str(path), "large", f"> {BODY_LIMIT}")
            return
        sessions = split(_text(body))
        if not sessions:
            self.problems.add(str(path), "prompts")
        elif self.defaults.asset and len(sessions) > 1:
            self.problems.add(str(path), "devices", ", ".join(one.name for one in sessions))
        else:
            for session in sessions:
                yield from self._session(path, session, changed)

    def _session(self, path: Path, session: Session, changed: datetime) -> Iterator[Handed]:
        where = f"{path}:{session.answers[0].line}"
        named = _platforms(session)
        if session.namesakes or len(named) > 1:
            self.problems.add(where, "namesakes", session.name)
            return
        if not self.defaults.asset and session.name.lower() in FACTORY:
            self.problems.add(where, "factory", session.name)
            return
        platform = named.pop() if named else self.defaults.platform
        if platform not in VENDORS:
            self.problems.add(where, "platform", session.name)
            return
        if not fits(platform, session.style):
            self.problems.add(where, "prompt-style", session.name)
            return
        if _differ(session, platform):
            self.problems.add(where, "namesakes", session.name)
            return
        taken = self._taken(path, session, platform)
        moments = _moments(session, platform)
        latest = max((one.time for one in moments), default=None)
        if not taken:
            self.problems.add(where, "commands", session.name)
        elif self.defaults.taken_at is None and latest is None:
            self.problems.add(where, "clock", session.name)
        elif self.defaults.taken_at is None and latest is not None and latest > changed + FUTURE_TOLERANCE:
            self.problems.add(where, "newer", latest.isoformat())
        else:
            given = self.defaults.asset or f"device:{session.name}"  # a device may call itself `host:web01`
            asset = given if ":" in given else f"device:{given}"
            for source, answer in taken.items():
                moment = self.defaults.taken_at or _moment(moments, answer)
                if moment is None:
                    self._leave_out(path, session.name, answer, "undated")
                    continue
                one = self._capture(asset, platform, source, answer, moment, f"{path}:{answer.line}")
                if one is not None:
                    yield Handed(f"{path}:{answer.line}", one)

    def _taken(self, path: Path, session: Session, platform: str) -> dict[str, Answer]:
        """Choose the last whole answer to each command that is read; a refusal only where there is nothing better."""
        found: dict[str, Answer] = {}
        faulty: dict[str, tuple[Answer, str]] = {}
        for answer in session.answers:
            source, own, why = _meaning(platform, answer)
            if not source or own.fault:
                faulty[source or answer.command] = (answer, own.fault if source else why)
            elif source not in found or not refusal(own.text) or refusal(found[source].text):
                found[source] = own
        for source, (answer, why) in faulty.items():
            if source not in found:
                self._leave_out(path, session.name, answer, why)
        return found

    def _leave_out(self, path: Path, device: str, answer: Answer, why: str) -> None:
        if len(self.left_out) < MOST_NOTES:
            self.left_out.append(LeftOut(f"{path}:{answer.line}", device, answer.command[:100], WHY[why]))
        else:
            self.more += 1

    def _capture(
        self, asset: str, platform: str, source: str, answer: Answer, moment: datetime, where: str
    ) -> Capture | None:
        envelope = Envelope(
            asset=asset, kind="device", platform=platform,
            unit=self.defaults.unit, site="", network=self.defaults.network, address="", source=source, request=source,
            taken_at=moment, taken_by="",
        )  # fmt: skip
        try:
            check_envelope(envelope)
        except RejectedError as error:
            self.problems.add(where, error.problem, error.detail)
            return None
        return seal(envelope, answer.text.encode(), exit_code=1 if refusal(answer.text) else 0)


def _text(body: bytes) -> str:
    """Decode a log: by its mark, else as UTF-8 or GB18030, else each line by itself, as of devices that differ."""
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    whole = _decoded(body.removeprefix(BOM_UTF8))
    if whole is not None:
        return whole
    return "\n".join(_decoded(line) or line.decode("utf-8", "replace") for line in body.split(b"\n"))


def _decoded(body: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _platforms(session: Session) -> set[str]:
    """Give the platforms that the device itself names, of which there should be one."""
    versions = [one.text for one in session.answers if not one.fault and asks_version(one.command)]
    return {name for text in versions if (name := platform_in(text, session.style))}


def _differ(session: Session, platform: str) -> bool:
    """Tell whether two whole answers to one command show different models or serial numbers, as of two devices."""
    seen: dict[tuple[str, str], set[str]] = {}
    for answer in session.answers:
        source = "" if answer.fault else meant(VENDORS[platform], answer.command).source
        facts = [one for one in _read(platform, source, answer.text) if isinstance(one, Device)] if source else []
        for name, values in (("model", {one.model for one in facts}), ("serial", {one.serial for one in facts})):
            held = values - {""}
            if held and held.isdisjoint(seen.setdefault((source, name), held)):
                return True
    return False


class _Moment(NamedTuple):
    """What a device's clock showed, and where in the log."""

    line: int
    sitting: int
    time: datetime


def _moments(session: Session, platform: str) -> list[_Moment]:
    """Give the moments that the device's own clock shows in the log, in order."""
    found: list[_Moment] = []
    clock = next(one for one in CLOCKS if one in VENDORS[platform].commands)
    for answer in session.answers:
        if answer.fault or not asks_clock(answer.command):
            continue
        for fact in _read(platform, clock, answer.text):
            moment = moment_of(fact) if isinstance(fact, DeviceClock) else None
            if moment is not None and moment >= EARLIEST_CLOCK:
                found.append(_Moment(answer.line, answer.sitting, moment))
    return found


def _moment(moments: Sequence[_Moment], answer: Answer) -> datetime | None:
    """Give the last moment before an answer, else the first one behind it in the same part of the log.

    So an answer is never taken for newer than it may be by the time of a later sitting.
    """
    before = [one.time for one in moments if one.line <= answer.line]
    behind = [one.time for one in moments if one.sitting == answer.sitting]
    return before[-1] if before else next(iter(behind), None)


def _read(platform: str, source: str, text: str) -> Sequence[object]:
    vendor = VENDORS[platform]
    command = vendor.commands.get(source) or vendor.others.get(source)
    lines = [Line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    try:
        return [one.fact for one in command.parse(lines)] if command is not None and lines else []
    except NotReadError:
        return ()


def _meaning(platform: str, answer: Answer) -> tuple[str, Answer, str]:
    """Give the source that a command means with its answer, or why it means none.

    Where the screen's width parted the command, its rest is the first line of the answer: so if only both together are a
    command.
    """
    vendor = VENDORS[platform]
    source, why = meant(vendor, answer.command)
    if source or not answer.full:
        return source, answer, why
    rest, _, text = answer.text.partition("\n")
    for between in ("", " "):
        whole = meant(vendor, f"{answer.command}{between}{rest.strip()}")
        if whole.source:
            return whole.source, replace(answer, text=text), ""
    return source, answer, why
