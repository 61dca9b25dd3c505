"""A scan killed at any moment and resumed: the same verdicts, nothing committed asked again, nothing left behind.

XUNYAN_KILLS and XUNYAN_KILL_HOSTS say how often and over how many hosts (12 and 40; a full run is 100 and 200),
XUNYAN_KILL_SEED which moments. Run with `-s` to read what was counted.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from evidence.scans import ScanRecord, Scans
from lab.farm import Farm
from lab.hosts import Host, make_specs
from tests.making import call
from tests.scanning import farm_of, make_workspace, needs_root, needs_sshd

pytestmark = [needs_sshd, needs_root]

KILLS = int(os.environ.get("XUNYAN_KILLS", "12"))
HOSTS = int(os.environ.get("XUNYAN_KILL_HOSTS", "40"))
SEED = int(os.environ.get("XUNYAN_KILL_SEED", "8"))

# A process started in the background may be told to ignore Ctrl-C: ours is not.
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from console.cli import main
main()
"""
# Runs a scan, and ends it by SIGKILL when one of its steps was taken.
FAULT = """
import importlib, os, signal, sys
module, path, when, what = sys.argv[1:5]
owner = importlib.import_module(module)
*classes, name = path.split(".")
for one in classes:
    owner = getattr(owner, one)
real = getattr(owner, name)

def dying(*args, **kwargs):
    if what not in repr(args):
        return real(*args, **kwargs)
    if when == "after":
        real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, dying)
sys.argv = ["xunyan", *sys.argv[5:]]
from console.cli import main
main()
"""
POINTS = (
    ("evidence.scans", "Scans.begin", "after", ""),
    ("evidence.scans", "ScanRecord.sending", "after", ""),
    ("evidence.scans", "ScanRecord.answer", "after", ""),
    ("evidence.scans", "ScanRecord.finish_piece", "after", ""),
    ("evidence.segments", "Staged.commit", "after", ""),
    ("pathlib", "Path.unlink", "before", "answers-1"),
    ("evidence.scans", "Scans.finish", "before", ""),
)
TAKEN, FINISH = POINTS[5:]
MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})?")


class Course(NamedTuple):
    """How long the parts of a scan take, in seconds: until the first login, until the last answer, until the end."""

    start: float
    asking: float
    tail: float


@dataclass
class Undisturbed:
    """What a scan that nobody kills comes to."""

    workspace: Path
    at: str
    verdicts: list[str]
    kept: Counter[tuple[str, str]]
    course: Course


@dataclass
class Round:
    """One workspace whose scan is killed again and again; what was committed, and the logins seen by then."""

    workspace: Path
    hosts: Sequence[Host]
    before: dict[str, int] = field(default_factory=dict)
    committed: dict[int, int] = field(default_factory=dict)

    def record(self, scratch: Path) -> ScanRecord | None:
        """Read the scan's folder as the product does, from a copy, since opening it mends it."""
        shutil.rmtree(scratch, ignore_errors=True)
        if not (self.workspace / "scans").is_dir():
            return None
        shutil.copytree(self.workspace / "scans", scratch)
        numbers = Scans(scratch).numbers()
        assert numbers in ([], [1])
        if not numbers:
            return None
        record = Scans(scratch).open(1)
        record.close()
        return record

    def attempts(self, host: Host) -> int:
        return len(host.attempts()) - self.before[host.spec.name]

    def note(self, record: ScanRecord) -> None:
        """Remember who is committed now; who was before is still."""
        by_name = {f"host:{host.spec.name}": host for host in self.hosts}
        assert set(self.committed) <= set(record.done)
        for place in set(record.done) - set(self.committed):
            self.committed[place] = self.attempts(by_name[record.plan.targets[place].asset])


def start(workspace: Path, *options: str) -> subprocess.Popen[bytes]:
    """A scan in a process group of its own, and what it says in a file beside the workspace."""
    with (workspace.parent / "said.log").open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "-C", workspace, "scan", *options],
            stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the whole group as the system does when memory is short."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def relatives(session: int) -> list[str]:
    """Command lines of what is left of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(path.with_name("cmdline").read_text("utf-8", "replace"))
        except OSError:
            continue
    return found


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def rows(workspace: Path, *arguments: str) -> list[Any]:
    """What a command says as jsonl."""
    done = call("-C", workspace, *arguments, "--format", "jsonl")
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def verdicts(workspace: Path, at: str) -> list[str]:
    """All verdicts at one moment: control, asset's key, status, message; moments left out, since they differ."""
    names = {one["asset"]["id"]: one["asset"]["key"] for one in rows(workspace, "findings", "--all")}
    found = rows(workspace, "judge", "--at", at)
    assert found
    told = [(one["control"], names[one["asset"]], one["status"], one["message"], one["notices"]) for one in found]
    return sorted(MOMENT.sub("-", json.dumps(row, ensure_ascii=False, sort_keys=True)) for row in told)


def kept(workspace: Path) -> Counter[tuple[str, str]]:
    """How many originals there are of each (asset, source), captures and gaps alike, over all segments."""
    lines = [
        json.loads(line) for path in (workspace / "captures").glob("*.jsonl") for line in path.read_bytes().splitlines()
    ]
    return Counter((line["asset"], line["source"]) for line in lines)


def closings(workspace: Path) -> list[int]:
    """The places that closing lines tell of, from all files of the scan, as they stand."""
    return [
        json.loads(line)["done"]
        for path in (workspace / "scans" / "000001").glob("*.jsonl")
        for line in path.read_bytes().splitlines()
        if line.startswith(b'{"done":')
    ]


def sent(workspace: Path) -> Counter[str]:
    lines = (workspace / "scans" / "000001" / "logins.jsonl").read_bytes().splitlines()
    return Counter(one["asset"] for line in lines if (one := json.loads(line))["event"] == "sent")


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with farm_of(tmp_path_factory.mktemp("farm"), make_specs(HOSTS)) as farm:
        yield farm


@pytest.fixture(scope="module")
def whole(farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    workspace = make_workspace(tmp_path_factory.mktemp("whole"), farm)
    folder = workspace / "scans" / "000001"
    begun = time.monotonic()
    process = start(workspace)
    while process.poll() is None and not size(folder / "logins.jsonl"):
        time.sleep(0.005)
    first = last = time.monotonic()
    seen = -1
    while process.poll() is None:
        now = size(folder / "answers-1.jsonl")
        if now > seen:
            seen, last = now, time.monotonic()
        time.sleep(0.005)
    end = time.monotonic()
    assert process.returncode == 0, (workspace.parent / "said.log").read_text("utf-8")
    at = (datetime.now(UTC) + timedelta(hours=12)).isoformat()
    course = Course(first - begun, last - first, end - last)
    return Undisturbed(workspace, at, verdicts(workspace, at), kept(workspace), course)


def new_round(place: Path, farm: Farm, whole: Undisturbed, hosts: Sequence[Host]) -> Round:
    """A workspace that has not scanned yet, with the letter and the keys of the undisturbed one."""
    pristine = whole.workspace.parent / f"pristine-{len(hosts)}"
    if not pristine.exists():
        pristine.mkdir()
        make_workspace(pristine, farm, hosts)
    place.mkdir(exist_ok=True)
    shutil.copytree(pristine / "w", place / "w")
    return Round(place / "w", hosts, {host.spec.name: len(host.attempts()) for host in hosts})


def wait_to_kill(
    process: subprocess.Popen[bytes], one: Round, course: Course, left: int, chance: random.Random
) -> None:
    """Let it run until a random moment: while it starts, after any of its logins, or after the last of them.

    Within the asking it is counted in logins, not seconds, so that a busy machine spreads the kills no otherwise.
    """
    logins = one.workspace / "scans" / "000001" / "logins.jsonl"
    choice = chance.random()
    seconds = chance.uniform(0, course.start)
    if left and choice > 0.2:
        last = choice > 0.8 or left == 1
        wanted = count_sent(logins) + (left if last else chance.randint(1, left))
        while process.poll() is None and count_sent(logins) < wanted:
            time.sleep(0.002)
        seconds = chance.uniform(0, course.tail if last else 0.3)
    elif not left:
        seconds = chance.uniform(0, course.start + course.tail)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def count_sent(logins: Path) -> int:
    return logins.read_bytes().count(b'"event":"sent"') if logins.exists() else 0


def phase(one: Round, record: ScanRecord | None, logins: int) -> str:
    """Where it was when it was killed, as the disk tells."""
    folder = one.workspace / "scans" / "000001"
    if record is None:
        return "before its plan"
    if (folder / "finished").exists():
        return "judging"
    if not record.left():
        return "taking in" if any(size(path) for path in folder.glob("answers-*")) else "taken in"
    return "asking" if size(folder / "logins.jsonl") > logins else "before its first login"


def check(one: Round, whole: Undisturbed) -> None:
    """What must hold at the end of a round, whatever was done to it."""
    workspace = one.workspace
    due = {f"host:{host.spec.name}" for host in one.hosts}
    expected = [line for line in whole.verdicts if json.loads(line)[1] in due]
    assert verdicts(workspace, whole.at) == expected
    assert kept(workspace) == Counter({key: count for key, count in whole.kept.items() if key[0] in due})
    assert Counter(closings(workspace)) == Counter(range(len(one.hosts)))
    by_name = {f"host:{host.spec.name}": host for host in one.hosts}
    record = Scans(workspace / "scans").open(1)
    record.close()
    again = {
        record.plan.targets[place].asset: (then, now)
        for place, then in one.committed.items()
        if (now := one.attempts(by_name[record.plan.targets[place].asset])) != then
    }
    assert again == {}, "committed, and logged in to again"
    journalled = sent(workspace)
    unwritten = {name: host for name, host in by_name.items() if one.attempts(host) > journalled[name]}
    assert unwritten == {}, "a login that was not written down before"
    assert all(one.attempts(host) for host in one.hosts)
    assert call("-C", workspace, "rebuild").returncode == 0
    assert {row["state"] for row in rows(workspace, "doctor", "--deep")} <= {"good", "note"}
    assert verdicts(workspace, whole.at) == expected
    assert Scans(workspace / "scans").unfinished() == []
    pieces = list((workspace / "scans" / "000001").glob("answers-*"))
    assert [path.name for path in pieces if size(path)] == []


def go_on(one: Round, scratch: Path) -> None:
    """What a person does who saw it die: go on where there is something to go on with, else begin."""
    record = one.record(scratch)
    verb = ["scan", "--resume"] if record else ["scan"]
    if (one.workspace / "scans" / "000001" / "finished").exists():
        assert call("-C", one.workspace, *verb).returncode == 2
        verb = ["judge"]
    done = call("-C", one.workspace, *verb)
    assert done.returncode == 0, done.stdout + done.stderr


def test_killed_again_and_again(
    farm: Farm, whole: Undisturbed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)
    phases: Counter[str] = Counter()
    most = rounds = logins = spent = 0
    begun = time.monotonic()
    while sum(phases.values()) < KILLS:
        rounds += 1
        place = tmp_path / str(rounds)
        one = new_round(place, farm, whole, farm.hosts)
        for count in range(10**6):
            record = one.record(place / "copy")
            left = len(record.left()) if record else HOSTS
            before = size(one.workspace / "scans" / "000001" / "logins.jsonl")
            process = start(one.workspace, *(["--resume"] if record else []))
            wait_to_kill(process, one, whole.course, left, chance)
            ended = process.poll()
            kill(process)
            assert relatives(process.pid) == []
            record = one.record(place / "copy")
            if record:
                one.note(record)
            if ended is not None:
                assert ended == 0, (place / "said.log").read_text("utf-8")[-2000:]
                break
            phases[phase(one, record, before)] += 1
            most = max(most, count + 1)
            if sum(phases.values()) >= KILLS or (one.workspace / "scans" / "000001" / "finished").exists():
                break
        go_on(one, place / "copy")
        check(one, whole)
        logins += sum(sent(one.workspace).values())
        spent += sum(one.attempts(host) for host in one.hosts)
        shutil.rmtree(place)
    with capsys.disabled():
        print(  # noqa: T201  # the figures are what a person runs this for
            f"\n{sum(phases.values())} kills over {rounds} scans of {HOSTS} hosts (at most {most} of one): {dict(phases)};"
            f" {logins} logins written down, {spent} seen by the hosts, {rounds * HOSTS} answers;"
            f" {time.monotonic() - begun:.0f} s, undisturbed {sum(whole.course):.1f} s"
        )


def die_at(one: Round, point: tuple[str, str, str, str], *options: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULT, *point, "-C", one.workspace, "scan", *options], capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    record = one.record(one.workspace.parent / "copy")
    assert record is not None
    one.note(record)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point[2]} {point[1]}")
def test_killed_between_its_steps(
    point: tuple[str, str, str, str], farm: Farm, whole: Undisturbed, tmp_path: Path
) -> None:
    one = new_round(tmp_path, farm, whole, farm.hosts[:3])
    die_at(one, point)
    go_on(one, tmp_path / "copy")
    check(one, whole)


@pytest.mark.parametrize(
    ("point", "file", "again"),
    [(POINTS[2], "logins.jsonl", POINTS[2]), (POINTS[2], "answers-1.jsonl", POINTS[2]), (TAKEN, "done.jsonl", FINISH)],
    ids=lambda one: one if isinstance(one, str) else one[1],
)
def test_a_line_that_was_cut_off_is_no_obstacle(
    point: tuple[str, str, str, str], file: str, again: tuple[str, str, str, str], farm: Farm, whole: Undisturbed,
    tmp_path: Path,
) -> None:  # fmt: skip
    """Half a line at the end of a file, since the machine lost power; and then it dies once more."""
    one = new_round(tmp_path, farm, whole, farm.hosts[:4])
    with (one.workspace / "xunyan.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[scan]\nconcurrency = 1\n")
    die_at(one, point)
    path = one.workspace / "scans" / "000001" / file
    last = path.read_bytes().splitlines(keepends=True)[-1]
    if file == "done.jsonl":
        os.truncate(path, size(path) - len(last) // 2)
    else:
        with path.open("ab") as end:
            end.write(last[: len(last) // 2])
    die_at(one, again, "--resume")
    go_on(one, tmp_path / "copy")
    check(one, whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_gracefully(number: signal.Signals, farm: Farm, whole: Undisturbed, tmp_path: Path) -> None:
    """What is under way ends and is kept, nobody else is asked, and the same scan goes on from there."""
    one = new_round(tmp_path, farm, whole, farm.hosts[:5])
    with (one.workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
        file.write("\n[scan]\nper_second = 3.0\n")
    folder = one.workspace / "scans" / "000001"
    process = start(one.workspace)
    while process.poll() is None and not size(folder / "logins.jsonl"):
        time.sleep(0.005)
    os.killpg(process.pid, number)
    code = process.wait(60)
    said = (tmp_path / "said.log").read_text("utf-8")
    assert code == 1, said
    assert "Traceback" not in said
    assert "--resume" in said
    record = one.record(tmp_path / "copy")
    assert record is not None
    one.note(record)
    begun = sent(one.workspace)
    assert {record.plan.targets[place].asset for place in record.done} == set(begun)
    assert 0 < len(record.done) < 5
    assert all(one.attempts(host) == begun[f"host:{host.spec.name}"] for host in one.hosts)
    assert relatives(process.pid) == []
    go_on(one, tmp_path / "copy")
    check(one, whole)
    assert max(sent(one.workspace).values()) == 1
