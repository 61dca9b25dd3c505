"""Killed at any moment: the next command works, nothing committed is lost, nothing is half there, nothing stays behind."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.making import JUDGED_AT, call, dump, host, write_jsonl

PROGRAM = [sys.executable, "-c", "from console.cli import main; main()"]
HOSTS = 500
BOOKS = ("run", "judgement", "mark")
"""Tables that tell how often a command ran, which a kill changes; all others must come out the same."""

# Runs the product, and ends it by SIGKILL when a function of it is reached: before it, after it, or with half of what it
# appended to a file on disk.
FAULT = """
import importlib, os, pathlib, signal, sys
module, path, when, file, *arguments = sys.argv[1:]
owner = importlib.import_module(module)
*classes, name = path.split(".")
for one in classes:
    owner = getattr(owner, one)
real = getattr(owner, name)

def dying(*args, **kwargs):
    target = pathlib.Path(file)
    before = target.stat().st_size if file and target.exists() else 0
    if when != "before":
        real(*args, **kwargs)
    if when == "half":
        os.truncate(target, before + (target.stat().st_size - before) // 2)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, dying)
sys.argv = ["xunyan", *arguments]
from console.cli import main
main()
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A first file, and one with a few thousand captures: new hosts, known ones, a renamed one and cloned keys."""
    folder = tmp_path_factory.mktemp("killed")

    def mac(n: int) -> str:
        return f"02:00:00:01:{n >> 8:02x}:{n & 255:02x}"

    first = [
        one
        for n in range(20)
        for one in host(f"host:h{n}", mac=mac(n), serial=f"S{n:06}", uuid=f"4c4c4544-0000-4000-8000-{n:012}")
    ]
    later = {"taken_at": "2026-11-20T20:00:00+08:00"}
    second = [
        one
        for n in range(10, HOSTS)
        for one in host(f"host:h{n}", mac=mac(n), serial=f"S{n:06}", uuid=f"4c4c4544-0000-4000-8000-{n:012}", **later)
    ]
    second += host("host:renamed", mac=mac(3), serial="S000003", uuid=f"4c4c4544-0000-4000-8000-{3:012}", **later)
    second += host("host:clone", mac=mac(12), serial="S000012", uuid=f"4c4c4544-0000-4000-8000-{12:012}", **later)
    return write_jsonl(folder / "first.captures.jsonl", first), write_jsonl(folder / "second.captures.jsonl", second)


def begin(workspace: Path, first: Path) -> Path:
    """A workspace that already holds the first file, judged."""
    assert call("init", workspace).returncode == 0
    assert call("-C", workspace, "ingest", first, "--at", JUDGED_AT).returncode == 0
    return workspace


def finish(workspace: Path, second: Path) -> None:
    """Take the same file in again and judge: what a person does who saw the command die."""
    for verb in (["ingest", second, "--no-judge"], ["judge", "--at", JUDGED_AT]):
        done = call("-C", workspace, *verb)
        assert done.returncode == 0, done.stderr


def content(workspace: Path) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows for name, rows in dump(workspace, {"event": ("judgement",)}).items() if name not in BOOKS}


def register(workspace: Path) -> list[bytes]:
    return sorted((workspace / "inventory" / "identities.jsonl").read_bytes().splitlines())


@pytest.fixture(scope="module")
def whole(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes out where nothing is killed."""
    workspace = begin(tmp_path_factory.mktemp("whole") / "w", files[0])
    finish(workspace, files[1])
    return workspace


def check(workspace: Path, whole: Path, second: Path) -> None:
    """After a kill all readers work, the same input ends in the same content, a rebuild gives it again, no litter stays."""
    assert call("-C", workspace, "findings", "--limit", "3").returncode == 0
    finish(workspace, second)
    assert content(workspace) == content(whole)
    assert register(workspace) == register(whole)
    litter = [path.name for path in workspace.rglob("*") if ".incoming" in path.name or "rebuild" in path.name]
    assert litter == []
    before = dump(workspace)
    done = call("-C", workspace, "rebuild")
    assert done.returncode == 0, done.stderr
    assert dump(workspace) == before


INGEST_POINTS = (
    ("evidence.segments", "Staged.commit", "before", ""),
    ("evidence.segments", "Staged.commit", "after", ""),
    ("inventories.identities", "save", "before", ""),
    ("inventories.identities", "save", "half", "inventory/identities.jsonl"),
    ("inventories.identities", "save", "after", ""),
    ("evidence.journal", "Journal.append", "half", "journal.jsonl"),
    ("evidence.journal", "Journal.append", "after", ""),
    ("evidence.store", "Store.add_run", "after", ""),
    ("console.ingesting", "set_marks", "after", ""),
)
JUDGE_POINTS = (
    ("evidence.journal", "Journal.append", "before", ""),
    ("evidence.journal", "Journal.append", "half", "journal.jsonl"),
    ("evidence.journal", "Journal.append", "after", ""),
    ("evidence.store", "Store.replace_outcome", "after", ""),
    ("evidence.store", "Store.add_events", "after", ""),
)


def die_at(workspace: Path, point: tuple[str, str, str, str], *verb: str | Path) -> None:
    module, path, when, file = point
    where = str(workspace / file) if file else ""
    done = subprocess.run(
        [sys.executable, "-c", FAULT, module, path, when, where, "-C", workspace, *verb],
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr


@pytest.mark.parametrize("point", INGEST_POINTS, ids=lambda point: f"{point[2]} {point[1]}")
def test_ingest_killed_between_its_steps(
    point: tuple[str, str, str, str], files: tuple[Path, Path], whole: Path, tmp_path: Path
) -> None:
    workspace = begin(tmp_path / "w", files[0])
    die_at(workspace, point, "ingest", files[1], "--no-judge")
    check(workspace, whole, files[1])


@pytest.mark.parametrize("point", INGEST_POINTS[1:6], ids=lambda point: f"{point[2]} {point[1]}")
def test_the_first_ingest_killed_between_its_steps(
    point: tuple[str, str, str, str], files: tuple[Path, Path], tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for workspace in (one, other):
        call("init", workspace)
    die_at(one, point, "ingest", files[0], "--no-judge")
    finish(other, files[0])
    check(one, other, files[0])


@pytest.mark.parametrize("point", JUDGE_POINTS, ids=lambda point: f"{point[2]} {point[1]}")
def test_judge_killed_between_its_steps(
    point: tuple[str, str, str, str], files: tuple[Path, Path], whole: Path, tmp_path: Path
) -> None:
    workspace = begin(tmp_path / "w", files[0])
    assert call("-C", workspace, "ingest", files[1], "--no-judge").returncode == 0
    die_at(workspace, point, "judge", "--at", JUDGED_AT)
    check(workspace, whole, files[1])


def test_a_rebuild_invents_no_history_for_what_was_not_judged_yet(files: tuple[Path, Path], tmp_path: Path) -> None:
    workspace = begin(tmp_path / "w", files[0])
    assert call("-C", workspace, "ingest", files[1], "--no-judge").returncode == 0
    before = dump(workspace)
    assert call("-C", workspace, "rebuild").returncode == 0
    after = dump(workspace)
    assert after["history"] == before["history"]
    assert len(after["verdict"]) == len(before["verdict"])


def test_rebuild_killed_before_it_is_done(files: tuple[Path, Path], whole: Path, tmp_path: Path) -> None:
    workspace = begin(tmp_path / "w", files[0])
    die_at(workspace, ("evidence.store", "Store.close", "after", ""), "rebuild")
    assert list(workspace.glob(".xunyan.db.rebuild*"))
    check(workspace, whole, files[1])


def started(workspace: Path, process: subprocess.Popen[bytes]) -> Iterator[float]:
    """Give the moment at which a process begins to write."""
    while process.poll() is None:
        if (
            next((workspace / "captures").glob(".*.incoming"), None)
            or (workspace / "captures" / "000002.captures.jsonl").exists()
        ):
            yield time.monotonic()
            return
        time.sleep(0.001)


@pytest.mark.parametrize("delays", [(0.01, 0.05, 0.1, 0.16), (0.03, 0.22, 0.3, 0.4), (0.07, 0.13, 0.26, 0.5)])
def test_killed_again_and_again_at_any_moment(
    delays: tuple[float, ...], files: tuple[Path, Path], whole: Path, tmp_path: Path
) -> None:
    workspace = begin(tmp_path / "w", files[0])
    for delay in delays:
        process = subprocess.Popen(
            [*PROGRAM, "-C", workspace, "ingest", files[1], "--at", JUDGED_AT],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        next(started(workspace, process), None)
        time.sleep(delay)
        process.kill()
        process.wait()
        assert call("-C", workspace, "findings", "--limit", "1").returncode == 0
    check(workspace, whole, files[1])


@pytest.mark.parametrize("delays", [(0.3, 0.4, 0.5), (0.35, 0.6, 0.8)])
def test_judge_killed_again_and_again(
    delays: tuple[float, ...], files: tuple[Path, Path], whole: Path, tmp_path: Path
) -> None:
    workspace = begin(tmp_path / "w", files[0])
    assert call("-C", workspace, "ingest", files[1], "--no-judge").returncode == 0
    for delay in delays:
        process = subprocess.Popen(
            [*PROGRAM, "-C", workspace, "judge", "--at", JUDGED_AT],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        process.kill()
        process.wait()
    check(workspace, whole, files[1])
