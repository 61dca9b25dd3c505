"""Reads the recorded packets back and proves from them that a scan talked to nobody whom no letter allows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import dpkt
import msgspec

from lab.packets.capture import SUMMARY, Seen, Summary
from lab.packets.frames import UnreadableError, read_frame
from lab.packets.rules import Facts, Finding, Judge
from lab.packets.scope import Why
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Violation:
    """Packets that should not have been sent, alike in all that stands here.

    `time` is that of the first, in seconds since 1970 (UTC); `count` how many there were; `port` that of the end that is not
    ours, 0 where there is none. Addresses and protocol are empty where a frame cannot be read.
    """

    bridge: str
    time: float
    source: str
    target: str
    protocol: str
    port: int
    why: Why
    text: Text
    count: int = 1


@dataclass(frozen=True, slots=True)
class Proof:
    """What came out. It proves something only where `valid`: `gaps` says what was not seen, `drops` how many packets."""

    packets: int
    bridges: int
    drops: int
    violations: tuple[Violation, ...]
    gaps: tuple[Text, ...]

    @property
    def valid(self) -> bool:
        """Whether every packet was seen."""
        return not self.gaps

    @property
    def clean(self) -> bool:
        """Whether it is proved that nothing went where it must not."""
        return self.valid and not self.violations


def prove(folder: Path, facts: Facts) -> Proof:
    """Judge every packet of a capture, in the order of time on each bridge.

    `folder` is where the capture wrote. What is missing or damaged there becomes a gap, what cannot be read as a packet a
    violation; nothing is skipped.
    """
    try:
        seen = msgspec.json.decode((folder / SUMMARY).read_bytes(), type=Summary).interfaces
    except (OSError, msgspec.DecodeError) as error:
        gap = Text(f"没有抓包的结束记录：{error}", f"the capture did not end well: {error}")
        return Proof(0, 0, 0, (), (gap,))
    violations: dict[tuple[str, Finding], Violation] = {}
    gaps = list(_unseen(seen, facts))
    packets = 0
    for one in seen:
        if one.interface not in facts.bridges:
            continue
        judge, read, path = Judge(facts, one.interface), 0, folder / one.file
        try:
            size = path.stat().st_size
            for time, data in _recorded(path):
                read += 1
                finding = _judged(judge, data)
                if finding is not None:
                    _note(violations, one.interface, time, finding)
        except (OSError, ValueError, dpkt.Error) as error:
            zh, en = f"{one.interface} 的抓包文件损坏：{error}", f"the file of {one.interface} is damaged: {error}"
            gaps.append(Text(zh, en))
        else:
            if (read, size) != (one.packets, one.size):
                zh = f"{one.interface} 抓到 {one.packets} 个包，文件里有 {read} 个，或文件长度不对"
                en = f"{one.packets} packets were seen on {one.interface}, its file holds {read} or is of another size"
                gaps.append(Text(zh, en))
        packets += read
    if not packets:
        gaps.append(Text("一个包也没有抓到", "not one packet was seen"))
    ordered = tuple(sorted(violations.values(), key=lambda one: (one.time, one.bridge, one.source, one.target)))
    return Proof(packets, len(seen), sum(one.drops for one in seen), ordered, tuple(gaps))


def _unseen(seen: list[Seen], facts: Facts) -> Iterator[Text]:
    names = [one.interface for one in seen]
    for name in sorted(set(facts.bridges) - set(names)):
        yield Text(f"没有在 {name} 上抓包", f"{name} was not watched")
    for name in sorted(set(names) - set(facts.bridges)):
        yield Text(f"不知道 {name} 是哪个地址域", f"nobody says which network {name} is")
    for one in seen:
        if one.drops:
            yield Text(f"{one.interface} 漏抓 {one.drops} 个包", f"{one.drops} packets on {one.interface} were lost")


def _recorded(path: Path) -> Iterator[tuple[float, bytes]]:
    with path.open("rb") as file:
        for time, data in dpkt.pcap.Reader(file):
            yield float(time), data


def _judged(judge: Judge, data: bytes) -> Finding | None:
    try:
        return judge.judge(read_frame(data))
    except UnreadableError as error:
        return Finding("unreadable", Text(f"无法读出的包：{error}", f"cannot be read: {error}"))


def _note(violations: dict[tuple[str, Finding], Violation], bridge: str, time: float, finding: Finding) -> None:
    known = violations.get((bridge, finding))
    if known is not None:
        violations[bridge, finding] = replace(known, count=known.count + 1)
        return
    ends = finding.source, finding.target, finding.protocol, finding.port
    violations[bridge, finding] = Violation(bridge, time, *ends, finding.why, finding.text)
