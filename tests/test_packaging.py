"""The wheel holds what runs, and nobody else owns the names of our rooms."""

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.making import PROJECT

ROOMS = ("xunyan", "inventories", "scanners", "evidence", "controls", "reports", "console", "lab", "playbooks")


def test_no_other_distribution_owns_one_of_our_names() -> None:
    owners = importlib.metadata.packages_distributions()
    for room in ROOMS:
        assert set(owners.get(room, [])) <= {"xunyan"}, room


def test_the_wheel_holds_every_file_that_runs(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    for room in ROOMS:
        for path in (PROJECT / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(PROJECT).as_posix() in names, path
    assert not any(name.startswith(("tests/", "benchmarks/", "docs/")) for name in names)


def test_the_wheel_works_away_from_the_project(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "site")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); from console.cli import main; import console; "
        "print(console.__file__, file=sys.stderr); main()"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, "controls", "list", "--format", "jsonl"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(tmp_path) in done.stderr
    assert len(done.stdout.splitlines()) == len(list((PROJECT / "controls" / "catalogue").glob("*/*.toml")))
    written = subprocess.run(
        [sys.executable, "-P", "-c", program, "collector"], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert written == (PROJECT / "playbooks" / "collect.sh").read_bytes()


def test_the_locks_pin_everything_by_digest_and_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT / name).read_text("utf-8")
        pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert pins
        assert all("==" in line and line.endswith("\\") for line in pins)
        assert "://" not in text
