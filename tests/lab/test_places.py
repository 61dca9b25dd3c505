"""Labs keep their files in folders of their own: dead ones are swept, living ones kept, somebody else's left alone."""

import contextlib
import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.places import LOCK, base, leave, new_place
from tests.lab.ssh import ROOT
from tests.making import PROJECT


@pytest.fixture
def own_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all labs, in a place of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return base()


PLACE = (
    "import os, sys, time; from lab.places import new_place; folder, held = new_place(); print(folder, flush=True)\n"
)


def place_process(tmp_path: Path, rest: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PLACE + rest], cwd=PROJECT, env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_folders_of_dead_labs_are_swept_and_those_of_living_ones_kept(tmp_path: Path, own_base: Path) -> None:
    with place_process(tmp_path) as dead:
        assert dead.stdout is not None
        left = Path(dead.stdout.readline().strip())
    (left / "lab").mkdir()
    (own_base / "half-made").mkdir()
    assert left.parent == own_base
    with place_process(tmp_path, "time.sleep(60)") as living:
        try:
            assert living.stdout is not None
            there = Path(living.stdout.readline().strip())
            assert not left.exists()
            assert not (own_base / "half-made").exists()
            folder, held = new_place()
            assert {one for one in own_base.iterdir() if one.is_dir()} == {there, folder}
        finally:
            living.kill()
    leave(folder, held)
    assert not folder.exists()
    assert there.exists()
    leave(*new_place())
    assert not own_base.exists()


def test_a_folder_is_in_use_for_as_long_as_any_process_holds_it(tmp_path: Path, own_base: Path) -> None:
    folder, held = new_place()
    with subprocess.Popen(["sleep", "60"], pass_fds=(held,)) as holder:
        try:
            os.close(held)
            other, other_held = new_place()
            assert folder.is_dir()
        finally:
            holder.kill()
    leave(other, other_held)
    assert folder.is_dir()
    leave(*new_place())
    assert not folder.exists()


def test_somebody_elses_folder_is_refused(tmp_path: Path, own_base: Path) -> None:
    (tmp_path / "other").mkdir()
    own_base.symlink_to(tmp_path / "other")
    with pytest.raises(PermissionError, match="somebody else"):
        new_place()
    own_base.unlink()
    if ROOT:
        own_base.mkdir()
        os.chown(own_base, 1000, 1000)
        with pytest.raises(PermissionError, match="somebody else"):
            new_place()
        assert list(own_base.iterdir()) == []


def test_a_lab_that_comes_while_the_last_one_leaves_gets_its_folder(tmp_path: Path, own_base: Path) -> None:
    own_base.mkdir()
    with (own_base / LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with place_process(tmp_path) as coming:
            end = time.monotonic() + 15
            while not any(link.name == LOCK for link in opened(coming.pid)) and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.2)  # until it waits for the lock
            (own_base / LOCK).unlink()
            own_base.rmdir()
            fcntl.flock(file, fcntl.LOCK_UN)
            said, _ = coming.communicate(timeout=30)
        assert coming.returncode == 0
        assert Path(said.strip()).parent == own_base


def opened(pid: int) -> Iterator[Path]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            yield link.readlink()
