"""What a scan keeps while it is going on: its plan, its logins before they are sent, its answers as they come.

    scans/000007/plan.json         who is to be asked, under which settings; written once
    scans/000007/logins.jsonl      every login before it is sent, and how it ended; kept for good
    scans/000007/answers-1.jsonl   captures and gaps of each target, closed by a line that says it is done; in pieces,
                                   each removed when the workspace has taken it in
    scans/000007/done.jsonl        the closing lines of what was taken in

A target is done when its closing line is on disk; what a crash cut off before that is dropped and asked again.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from evidence.captures import RejectedError, read_line, write_line
from evidence.durable import DurableLog, replace_file, whole_lines
from xunyan.errors import DataError
from xunyan.model import Capture, Gap
from xunyan.permits import Target
from xunyan.wording import Text

T = TypeVar("T")
_NUMBERED = re.compile(r"[0-9]{6,9}")
_PIECE = re.compile(r"answers-([0-9]{1,9})\.jsonl")
_DONE = b'{"done":'


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a scan was asked for: targets as they were named, else a unit or network; empty for all.

    `only`: endpoints, devices or systems, empty for all. `stage`: endpoints, then the systems that are filed, then those found.
    """

    targets: tuple[str, ...] = ()
    unit: str = ""
    network: str = ""
    only: Literal["", "endpoints", "devices", "systems"] = ""
    stage: Literal["endpoints", "filed", "found"] = "endpoints"


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is to be asked in a scan, in order; `targets[i]` is spoken of by its place `i`.

    `wanted` is what was asked for, so that a scan is gone on with as it was begun.
    """

    number: int
    started_at: str
    targets: tuple[Target, ...]
    learn_keys: bool = False
    wanted: Wanted = Wanted()
    schema: Literal["xunyan.scan/1"] = "xunyan.scan/1"


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One target is done: how many captures and gaps it gave, and what was in the way where something was."""

    done: int
    captures: int = 0
    gaps: int = 0
    reason: str = ""
    detail: str = ""


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A login that is about to be sent (`sent`), or how it ended."""

    at: str
    event: str
    asset: str
    network: str
    address: str
    port: int
    credential: str
    authorisation: str


_plan_decoder = msgspec.json.Decoder(Plan)
_done_decoder = msgspec.json.Decoder(Done)
_login_decoder = msgspec.json.Decoder(Login)
_encoder = msgspec.json.Encoder()


class ScanRecord:
    """The folder of one scan. One process at a time writes to it, under the workspace's lock."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self.plan = plan
        self._taken = folder / "done.jsonl"
        for path in self._pieces():
            _cut(path)
        self.done = {one.done: one for path in (self._taken, *self._pieces()) for one in _closings(path)}
        self._answers_log = DurableLog(self._next_piece())
        self._logins_log = DurableLog(folder / "logins.jsonl")

    def left(self) -> list[int]:
        """List the places of the targets that are still to be asked."""
        return [place for place in range(len(self.plan.targets)) if place not in self.done]

    def sending(self, login: Login) -> None:
        """Write a login down before it is sent; it is on disk when this returns."""
        self._logins_log.append(_encoder.encode(login) + b"\n")

    def ended(self, login: Login) -> None:
        """Write down how a login ended; it reaches the disk with the next that is sent."""
        self._logins_log.append(_encoder.encode(login) + b"\n", durable=False)

    def logins(self) -> Iterator[Login]:
        """Read all logins of this scan, in order."""
        for line in whole_lines(self.folder / "logins.jsonl"):
            yield _decoded(_login_decoder, line, self.folder / "logins.jsonl")

    def answer(self, done: Done, ones: list[Capture | Gap]) -> None:
        """Keep everything that one target gave, and close it: all of it is on disk when this returns."""
        lines = b"".join(write_line(one) for one in ones)
        self._answers_log.append(lines + _encoder.encode(done) + b"\n")
        self.done[done.done] = done

    def finish_piece(self) -> list[Path]:
        """Let the answers that come from now on go to another piece; list the pieces that hold something to take in."""
        closed = self._pieces()
        self._answers_log.go_on_in(self._next_piece())
        found = []
        for path in closed:
            if path.stat().st_size:
                found.append(path)
            else:
                path.unlink()
        return found

    def read(self, pieces: Iterable[Path]) -> Iterator[Capture | Gap]:
        """Read the captures and gaps of finished pieces. Raises DataError where one was damaged."""
        for path in pieces:
            with path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    if line.startswith(_DONE):
                        continue
                    try:
                        yield read_line(line)
                    except RejectedError as error:
                        raise _damaged(path, f"line {number} ({error.problem})") from error

    def taken_in(self, pieces: Iterable[Path]) -> None:
        """Remove pieces whose answers are in the workspace's segments now; their closing lines stay."""
        held = {one.done for one in _closings(self._taken)}  # a crash may have come between the two steps below
        log = DurableLog(self._taken)
        for path in pieces:
            log.append(b"".join(_encoder.encode(one) + b"\n" for one in _closings(path) if one.done not in held))
            path.unlink()
        log.close()

    def close(self) -> None:
        """Close the files; an empty last piece is of no use."""
        self._answers_log.close()
        self._logins_log.close()
        for path in self._pieces():
            if not path.stat().st_size:
                path.unlink()

    def _pieces(self) -> list[Path]:
        found = [(int(match[1]), path) for path in self.folder.iterdir() if (match := _PIECE.fullmatch(path.name))]
        return [path for _, path in sorted(found)]

    def _next_piece(self) -> Path:
        names = [int(match[1]) for path in self._pieces() if (match := _PIECE.fullmatch(path.name))]
        return self.folder / f"answers-{max(names, default=0) + 1}.jsonl"


def _closings(path: Path) -> Iterator[Done]:
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.startswith(_DONE) and line.endswith(b"\n"):
                yield _decoded(_done_decoder, line, path)


def _cut(path: Path) -> None:
    """Drop what stands after the last closing line: a target that a crash interrupted."""
    whole = end = 0
    with path.open("rb") as file:
        for line in file:
            end += len(line)
            if line.startswith(_DONE) and line.endswith(b"\n"):
                whole = end
    if whole < end:
        os.truncate(path, whole)


class Scans:
    """All scans of a workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def numbers(self) -> list[int]:
        """List the scans that are there, in order."""
        if not self.folder.is_dir():
            return []
        return sorted(
            int(path.name)
            for path in self.folder.iterdir()
            if _NUMBERED.fullmatch(path.name) and (path / "plan.json").exists()
        )

    def begin(self, started_at: str, targets: tuple[Target, ...], *, learn_keys: bool, wanted: Wanted) -> ScanRecord:
        """Begin a scan: its plan is on disk when this returns."""
        number = max(self.numbers(), default=0) + 1
        folder = self.folder / f"{number:06d}"
        folder.mkdir(parents=True, exist_ok=True)
        plan = Plan(number=number, started_at=started_at, targets=targets, learn_keys=learn_keys, wanted=wanted)
        replace_file(folder / "plan.json", _encoder.encode(plan) + b"\n")
        return ScanRecord(folder, plan)

    def open(self, number: int) -> ScanRecord:
        """Open a scan that is there. Raises DataError where its plan cannot be read."""
        path = self.folder / f"{number:06d}" / "plan.json"
        return ScanRecord(path.parent, _decoded(_plan_decoder, path.read_bytes(), path))

    def unfinished(self) -> list[int]:
        """List the scans that have targets left, or answers that are not taken in."""
        return [number for number in self.numbers() if not (self.folder / f"{number:06d}" / "finished").exists()]

    def finish(self, record: ScanRecord) -> None:
        """Mark a scan as finished: nothing of it is resumed."""
        (record.folder / "finished").touch()


def _decoded(decoder: msgspec.json.Decoder[T], line: bytes, path: Path) -> T:
    try:
        return decoder.decode(line)
    except msgspec.DecodeError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, what: str) -> DataError:
    return DataError(
        Text("扫描记录有一处读不出", "a part of a scan's record cannot be read"),
        where=f"{path}: {what}",
        advice=Text(
            "从备份恢复该文件；或用 xunyan scan --abandon 放弃这次扫描",
            "restore it from a backup, or give this scan up with xunyan scan --abandon",
        ),
    )
