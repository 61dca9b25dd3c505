"""One run of the command line: its language, its folder, its clock, and the way to a workspace that is in order."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from console import ingesting, judging, rebuilding
from console.language import Voice
from console.progress import Progress
from console.workspace import Workspace, find
from evidence.captures import EARLIEST, LATEST
from evidence.store import CACHE_KIB, Store, damaged
from xunyan.canonical import BEIJING, beijing_text, utc_text
from xunyan.canonical import moment as read_moment
from xunyan.errors import InputError
from xunyan.wording import Text


@dataclass(slots=True)
class Session:
    """What all commands share. `folder` is where the workspace is looked for."""

    say: Voice
    folder: Path

    def now(self) -> datetime:
        """The moment, aware."""
        return datetime.now(UTC)

    def workspace(self) -> Workspace:
        """Find the workspace."""
        return find(self.folder)

    @contextmanager
    def reading(self) -> Iterator[tuple[Workspace, Store]]:
        """Open the workspace for looking."""
        workspace = self.workspace()
        store = workspace.store(reading=True)
        try:
            if ingesting.behind(workspace, store):
                self.note(
                    self.say(
                        "注意：索引落后于原始采集（正在写入，或上次写入中断），结果可能不全；可运行 xunyan rebuild",
                        "note: the index is behind the originals (being written, or cut off); run xunyan rebuild",
                    )
                )
            yield workspace, store
        except sqlite3.DatabaseError as error:
            raise damaged(store.path, error) from error
        finally:
            store.close()

    @contextmanager
    def writing(self, cache_kib: int = CACHE_KIB) -> Iterator[tuple[Workspace, Store]]:
        """Open the workspace as its one writer; an index that fell behind its files is brought up first."""
        workspace = self.workspace()
        with workspace.writing():
            workspace.sweep()
            store = workspace.store(cache_kib=cache_kib)
            if ingesting.behind(workspace, store):
                store.close()
                self.note(
                    self.say(
                        "上次写入中断，正在由原始采集补齐索引……",
                        "the last write was cut off; making the index whole ...",
                    )
                )
                rebuilding.rebuild(workspace, workspace.inputs(), self.now)
                store = workspace.store(cache_kib=cache_kib)
            try:
                yield workspace, store
            except sqlite3.DatabaseError as error:
                raise damaged(store.path, error) from error
            finally:
                store.close()

    def judge(self, workspace: Workspace, store: Store, judged_at: datetime) -> judging.Judged:
        """Judge the snapshot, with progress."""
        total = int(store.value("SELECT count(*) FROM asset"))
        with Progress(self.say("正在判定", "judging"), total) as progress:
            judged = judging.judge(workspace, store, workspace.inputs(), judged_at, self.now(), progress)
        ahead = utc_text(
            max(judged_at, self.now())
        )  # what is later than an earlier moment that was asked for is no mistake
        later = store.value("SELECT count(*) FROM capture WHERE taken_at > ?", (ahead,))
        if later:
            self.note(
                self.say(
                    f"注意：{later} 条采集的时间比现在还晚，这次没有计入；请核对那些主机的时钟，过后再运行 xunyan judge",
                    f"note: {later} captures were taken later than now and do not count; "
                    "see to the clocks of their hosts, and run xunyan judge later",
                )
            )
        return judged

    def note(self, text: str) -> None:
        """Say something beside the answer, on standard error."""
        sys.stderr.write(text + "\n")

    def print(self, text: str = "") -> None:
        """Say a part of the answer."""
        sys.stdout.write(text + "\n")


def parse_moment(text: str, option: str = "--at") -> datetime:
    """Read `--at`: a moment with time zone, or a day, meaning its end in Beijing. Raises InputError."""
    wrong = InputError(
        Text(f"“{text}”不是可用的时间", f"{text!r} is not a usable moment"),
        where=option,
        advice=Text("写成 2026-11-21 或 2026-11-21T08:00:00+08:00", "write 2026-11-21 or 2026-11-21T08:00:00+08:00"),
    )
    try:
        day = len(text) == 10
        found = datetime.fromisoformat(f"{text}T23:59:59").replace(tzinfo=BEIJING) if day else read_moment(text)
    except ValueError as error:
        raise wrong from error
    if not EARLIEST <= found < LATEST:
        raise wrong
    return found


def shown(moment: str) -> str:
    """Show a kept moment in Beijing time; empty stays empty."""
    return beijing_text(read_moment(moment)) if moment else ""
