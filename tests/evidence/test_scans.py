"""A scan's record: what was closed is there after any cut, what was not is asked again, and many threads write whole lines."""

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.captures import seal
from evidence.durable import DurableLog, whole_lines
from evidence.scans import Done, Scans, Wanted
from tests.making import PROJECT
from xunyan.errors import DataError
from xunyan.model import Capture, Envelope
from xunyan.permits import Target

TARGETS = tuple(Target(f"host:{n}", "n", f"10.0.0.{n}") for n in range(4))


def answer(number: int) -> Capture:
    envelope = Envelope(
        asset=f"host:{number}", kind="endpoint", platform="linux", unit="", site="", network="n", address="",
        source="cpuinfo", request="cpuinfo", taken_at=datetime(2026, 11, 21, tzinfo=UTC), taken_by="ops",
    )  # fmt: skip
    return seal(envelope, b'{"done": 1}\n{"done":2,"captures":9}\n', exit_code=0)


def begun(folder: Path) -> Path:
    record = Scans(folder).begin("2026-11-21T00:00:00Z", TARGETS, learn_keys=False, wanted=Wanted())
    for number in range(2):
        record.answer(Done(done=number, captures=1), [answer(number)])
    record.close()
    return next(path for path in (folder / "000001").glob("answers-*.jsonl") if path.stat().st_size)


def test_after_a_cut_anywhere_only_whole_targets_are_done(tmp_path: Path) -> None:
    data = begun(tmp_path / "whole").read_bytes()
    first = data.index(b'{"done":0') + len(data[data.index(b'{"done":0') :].split(b"\n")[0]) + 1
    for cut in range(len(data) + 1):
        folder = tmp_path / str(cut)
        begun(folder).write_bytes(data[:cut])
        record = Scans(folder).open(1)
        expected = 2 if cut == len(data) else 1 if cut >= first else 0
        assert len(record.done) == expected, cut
        assert record.left() == list(range(expected, 4))
        assert len(list(record.read(record.finish_piece()))) == expected
        record.close()


def test_what_was_taken_in_is_gone_and_still_done(tmp_path: Path) -> None:
    begun(tmp_path)
    record = Scans(tmp_path).open(1)
    pieces = record.finish_piece()
    record.answer(Done(done=2, captures=1), [answer(2)])  # comes while the others are taken in
    record.taken_in(pieces)
    assert [one.envelope.asset for one in record.read(record.finish_piece())] == ["host:2"]
    record.close()
    again = Scans(tmp_path).open(1)
    assert sorted(again.done) == [0, 1, 2]
    assert again.left() == [3]


def test_a_changed_answer_is_refused_by_file_and_line(tmp_path: Path) -> None:
    path = begun(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"host:0", b"host:9", 1))
    record = Scans(tmp_path).open(1)
    with pytest.raises(DataError) as caught:
        list(record.read(record.finish_piece()))
    assert "line 1" in caught.value.where


def test_a_plan_that_was_not_written_is_no_scan(tmp_path: Path) -> None:
    (tmp_path / "000001").mkdir()
    assert Scans(tmp_path).numbers() == []
    assert Scans(tmp_path).begin("2026-11-21T00:00:00Z", TARGETS, learn_keys=False, wanted=Wanted()).plan.number == 1


def test_threads_write_whole_lines_and_share_flushes(tmp_path: Path) -> None:
    log = DurableLog(tmp_path / "log")

    def write(name: int) -> None:
        for count in range(50):
            log.append(f"{name} {count} {'x' * 500}\n".encode())

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = whole_lines(tmp_path / "log")
    assert len(lines) == 400
    assert len(set(lines)) == 400
    for name in range(8):  # one thread's lines are in its order
        own = [line for line in lines if line.startswith(f"{name} ".encode())]
        assert own == sorted(own, key=lambda line: int(line.split()[1]))


def test_after_a_failed_flush_nothing_is_said_to_be_on_disk(tmp_path: Path) -> None:
    """A disk that is full for a moment: here a limit on the size of files, which the system reports alike."""
    path = tmp_path / "log"
    program = f"""
import resource, signal
from pathlib import Path
from evidence.durable import DurableLog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = DurableLog(Path({str(path)!r}))
log.append(b"first\\n")
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
for number in range(3):
    try:
        log.append(b"x" * 100 + b"\\n")
        print("on disk")
    except OSError as error:
        print("failed")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:3] == ["failed"] * 3
    assert path.read_bytes() == b"first\n"
