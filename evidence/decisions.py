"""Decisions: what named persons said of findings, append-only, each line linked to the one before it by its digest."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from evidence.decision_entries import (
    FIRST,
    SAYINGS,
    Entry,
    Head,
    Verb,
    encode,
    line_digest,
    link_of,
    parse,
    parse_head,
    withhold,
)
from evidence.durable import DurableLog, replace_file
from xunyan.errors import DataError
from xunyan.wording import Text

LINES_LIMIT = 200_000
SHOWN_PROBLEMS = 50

_ANSWERED = {
    Verb.WITHDRAW: SAYINGS | {Verb.ASK},
    Verb.APPROVE: frozenset({Verb.ASK}),
    Verb.REFUSE: frozenset({Verb.ASK}),
    Verb.REVOKE: frozenset({Verb.APPROVE}),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a chain: at which entry (0 for none of them), and what."""

    number: int
    what: Text


def head_path(path: Path) -> Path:
    """Where the newest entry of a file of decisions is noted: beside it."""
    return path.with_suffix(".head")


def lines_of(path: Path) -> list[bytes]:
    """Read the lines of all finished acts; what a crash left unfinished at the end is left out."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return lines[: len(lines) - _unfinished(lines)]


def problems(path: Path) -> list[Problem]:
    """Check a workspace's file against itself and against the note of its newest entry. An absent file has none."""
    return _checked(path)[1]


def read(path: Path) -> list[Entry]:
    """Read all entries in order; an absent file has none. Raises DataError where the chain is broken."""
    return _sound(path).entries


def entries(lines: Iterable[bytes]) -> list[Entry]:
    """Read the entries of checked lines in order; those withheld are left out."""
    return [one for one in map(parse, lines) if isinstance(one, Entry)]


def append(path: Path, drafts: Sequence[Entry]) -> list[Entry]:
    """Append the entries of one act, all or none, durably; `number`, `act` and `previous` are set here.

    Only the workspace's one writer may. Raises DataError where the chain is broken.
    """
    chain = _sound(path)
    _cut_unfinished(path, chain.size)
    first, previous = chain.last, chain.made.get(chain.last, FIRST)
    number = first
    written: list[Entry] = []
    data: list[bytes] = []
    for draft in drafts:
        number += 1
        entry = msgspec.structs.replace(draft, number=number, previous=previous, act=first + len(drafts))
        line = encode(entry)
        previous = link_of(entry, line)
        written.append(entry)
        data.append(line + b"\n")
    log = DurableLog(path)
    try:
        log.append(b"".join(data))
    finally:
        log.close()
    replace_file(head_path(path), encode(Head(number=number, link=previous)) + b"\n")
    return written


def for_unit(lines: Iterable[bytes], assets: set[str]) -> bytes:
    """Write a chain for those who may see these assets alone; it stays checkable. Raises DataError at a line unread."""
    out: list[bytes] = []
    for position, line in enumerate(lines, 1):
        one = parse(line)
        if one is None:
            raise _broken([Problem(position, _UNREADABLE)], "")
        if isinstance(one, Entry) and one.asset not in assets:
            one = withhold(one, line)
        out.append(encode(one) + b"\n")
    return b"".join(out)


def check_chain(lines: Iterable[bytes], noted: Head | None = None) -> list[Problem]:
    """Check a chain, whole or with entries withheld: what was removed, changed, reordered or inserted, by its number.

    `noted`: what was noted elsewhere of its newest entry at some time; without it, nothing shows that entries were taken
    off the end. The lines may be anything; at most `SHOWN_PROBLEMS` problems are returned.
    """
    chain = _Chain()
    for position, line in enumerate(lines, 1):
        if position > LINES_LIMIT:
            return [Problem(position, Text(f"超过 {LINES_LIMIT} 条", f"there are more than {LINES_LIMIT} entries"))]
        chain.take(line)
    return chain.problems(noted)


_UNREADABLE = Text("这一条读不出或不是规范写法", "this entry cannot be read, or is not in its canonical form")


class _Chain:
    """What a check has seen of a chain so far."""

    def __init__(self, *, keep: bool = False) -> None:
        self.keep = keep
        self.made: dict[int, str] = {}
        self.held: dict[int, str] = {}
        self.acts: dict[int, tuple[Verb, str, str, str]] = {}
        self.wrong: list[Problem] = []
        self.unread: set[int] = set()
        self.entries: list[Entry] = []
        self.size = 0
        self.last = 0
        self.act = 0

    def take(self, line: bytes) -> None:
        """Take one more line into account."""
        one = parse(line)
        self.size += len(line) + 1
        number = one.number if one is not None else self.last + 1
        if number in self.made:
            self._note(number, Text("出现了两次", "it stands there twice"))
            return
        if number < self.last:
            self._note(number, Text("不在原来的位置上", "it is not where it was"))
        self.last = max(self.last, number)
        if one is None:
            self.unread.add(number)
            self._note(number, _UNREADABLE)
            self.made[number] = line_digest(line)
            return
        self.made[number] = link_of(one, line)
        self.held[number] = one.previous
        if isinstance(one, Entry):
            self._check_rules(one)
            self.acts[number] = (one.verb, one.finding, one.by, _person(one))
            self.act = max(self.act, one.act)
            if self.keep:
                self.entries.append(one)

    def _note(self, number: int, what: Text) -> None:
        if len(self.wrong) < SHOWN_PROBLEMS:
            self.wrong.append(Problem(number, what))

    def _check_rules(self, one: Entry) -> None:
        """Check that an entry answers what it may answer; the product never writes another."""
        may = _ANSWERED.get(one.verb)
        verb, finding, by, person = self.acts.get(one.answers, (None, "", "", ""))
        if (may is None and one.answers) or (may is not None and (verb not in may or finding != one.finding)):
            self._note(one.number, Text("所答复的那一条不在或不对", "what it answers is absent or not of its kind"))
        elif one.verb in (Verb.APPROVE, Verb.REFUSE) and (by == one.by or person == _person(one)):
            self._note(one.number, Text("由申请人自己批复", "it was answered by the person who asked"))

    def problems(self, noted: Head | None) -> list[Problem]:
        """Give what is wrong, the first entries first."""
        found = [*self._within(), *self._against(noted)]
        return sorted(found, key=lambda one: one.number)[:SHOWN_PROBLEMS]

    def _within(self) -> Iterator[Problem]:
        yield from self.wrong
        yield from self._missing(self.last)
        for number, previous in self.held.items():
            if number == 1:
                if previous != FIRST:
                    yield Problem(1, Text("不是第一条，前面的被删去了", "it was not the first; those before are gone"))
            elif number - 1 in self.made and number - 1 not in self.unread and self.made[number - 1] != previous:
                yield Problem(
                    number - 1,
                    Text(
                        f"改动过：与第 {number} 条记下的摘要不符",
                        f"it was changed: entry {number} holds another link to it",
                    ),
                )
        if self.act > self.last:
            yield Problem(
                self.last + 1,
                Text(f"缺失：同一次写入的到第 {self.act} 条为止", f"missing: its act goes on to entry {self.act}"),
            )

    def _missing(self, upto: int) -> Iterator[Problem]:
        present = sorted(self.made)
        for before, after in zip([0, *present], [*present, upto + 1], strict=True):
            if after - before > 1:
                gap = f"{before + 1}" if after - before == 2 else f"{before + 1}～{after - 1}"
                yield Problem(before + 1, Text(f"第 {gap} 条缺失", f"missing: {gap}"))

    def _against(self, noted: Head | None) -> Iterator[Problem]:
        if noted is None:
            return
        if noted.number > self.last:
            yield Problem(
                self.last + 1,
                Text(f"缺失：曾经写到第 {noted.number} 条", f"missing: there were {noted.number} entries"),
            )
        elif noted.number not in self.unread and self.made.get(noted.number, noted.link) != noted.link:
            yield Problem(noted.number, Text("改动过：与另行记下的摘要不符", "it was changed: its noted link differs"))


def _person(one: Entry) -> str:
    return f"{one.by_name}\n{one.by_unit}"


def _checked(path: Path) -> tuple[_Chain, list[Problem]]:
    noted = _noted(path)  # before the lines: a writer that comes between makes the chain longer, never shorter
    chain = _Chain(keep=True)
    for line in lines_of(path):
        chain.take(line)
    if isinstance(noted, Problem):
        return chain, [noted, *chain.problems(None)]
    return chain, chain.problems(noted)


def _sound(path: Path) -> _Chain:
    chain, found = _checked(path)
    if found:
        raise _broken(found, str(path))
    return chain


def _unfinished(lines: Sequence[bytes]) -> int:
    """Count the entries at the end whose act lacks its last one."""
    last = parse(lines[-1]) if lines else None
    if not isinstance(last, Entry) or last.act <= last.number:
        return 0
    count = 0
    for line in reversed(lines):
        one = parse(line)
        if not isinstance(one, Entry) or one.act != last.act:
            break
        count += 1
    return count


def _cut_unfinished(path: Path, finished: int) -> None:
    if path.exists() and path.stat().st_size > finished:
        os.truncate(path, finished)


def _noted(path: Path) -> Head | Problem | None:
    beside = head_path(path)
    if not beside.exists():
        return None
    found = parse_head(beside.read_bytes())
    return found or Problem(0, Text(f"{beside.name} 读不出", f"{beside.name} cannot be read"))


def _broken(found: Sequence[Problem], where: str) -> DataError:
    zh = "；".join((f"第 {one.number} 条" if one.number else "") + one.what.zh for one in found[:5])
    en = "; ".join((f"entry {one.number}: " if one.number else "") + one.what.en for one in found[:5])
    return DataError(
        Text(f"处置记录的校验链断了：{zh}", f"the chain of decisions is broken: {en}"),
        where=where,
        advice=Text(
            "从备份恢复该文件和旁边的 .head 文件，再运行 xunyan doctor 核对；查明是谁改动的",
            "restore it and the .head file beside it from a backup, check with xunyan doctor, and find out who changed it",
        ),
    )
