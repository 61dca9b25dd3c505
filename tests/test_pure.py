"""The pure half touches nothing: shown at run time under a guard, and by the layer contract and the linter."""

import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controls import engine, estate
from controls.engine import Check
from controls.loader import load_catalogue, load_evaluated, load_profile
from controls.model import Outcome, Subject, outcome
from controls.view import View
from evidence.captures import read_line
from scanners.platforms import PLATFORMS
from scanners.platforms.reading import observe
from tests import making
from tests.purity import TouchedWorldError, pure
from xunyan.canonical import canonical_json
from xunyan.model import Asset, Capture, Status, Verdict


def captures() -> dict[str, Capture]:
    lines = making.host("host:one", serial="SN-1", uuid="11111111-2222-3333-4444-555555555555")
    found = [read_line(canonical_json(line).encode()) for line in lines]
    return {one.source: one for one in found if isinstance(one, Capture)}


def judge(checks: tuple[Check, ...]) -> Callable[[], list[Verdict]]:
    """Everything right of captures, ready to run: read, join, judge."""
    originals = captures()
    profile, products = load_profile("general"), load_evaluated()
    asset = Asset("a1", "endpoint", "host:one", "one", "", "", "外网", "", "linux")

    def run() -> list[Verdict]:
        observations, _ = observe(PLATFORMS["linux"].readers, originals)
        joined = estate.build([Subject(asset, {one.name: one for one in observations})])
        return list(engine.judge(checks, joined, profile, products, making.NOON))

    return run


def touching(what: Callable[[], object]) -> tuple[Check, ...]:
    def rule(_asset: Asset, _view: View, _params: object) -> Outcome:
        what()
        return outcome(Status.NEEDS_PERSON, "hidden")

    check = next(one for one in load_catalogue().checks if "endpoint" in one.control.kinds)
    return (Check(check.control, rule, check.params),)


def test_judging_touches_nothing() -> None:
    run = judge(load_catalogue().checks)
    expected = run()
    with pure():
        found = run()
    assert found == expected
    assert {one.status for one in found} >= {Status.SATISFIED}


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("a file", lambda: Path(__file__).read_text("utf-8")),
        ("the folder", lambda: list(Path(__file__).parent.iterdir())),
        ("the clock", time.time),
        ("the clock by datetime", lambda: datetime.now(UTC)),
        ("the clock by monotonic", time.monotonic),
        ("the network", lambda: socket.socket().close()),
        ("a name server", lambda: socket.getaddrinfo("127.0.0.1", 1)),
        ("a process", lambda: subprocess.run(["true"], check=True)),
        ("chance", random.random),
    ],
)
def test_a_rule_that_touches_the_world_is_caught(name: str, what: Callable[[], object]) -> None:
    run = judge(touching(what))
    run()
    with pytest.raises(TouchedWorldError), pure():
        run()


def test_readers_touch_nothing_on_any_source() -> None:
    platform = PLATFORMS["linux"]
    noise = "\x00junk: 1\n==\n\tHandle 0x0001, DMI type 4\n" * 3
    originals = {
        one.source: one
        for one in (
            read_line(canonical_json(making.capture("host:one", s, noise)).encode()) for s in sorted(platform.known)
        )
        if isinstance(one, Capture)
    }
    observe(platform.readers, originals)
    platform.identify(originals)
    with pure():
        observe(platform.readers, originals)
        platform.identify(originals)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's code in another folder, to be spoiled there."""
    rooms = ("xunyan", "inventories", "scanners", "evidence", "controls", "console")
    for room in rooms:
        shutil.copytree(making.PROJECT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(making.PROJECT / "pyproject.toml", tmp_path)
    (tmp_path / "README.md").touch()
    return tmp_path


def spoil(file: Path, line: str) -> None:
    text = file.read_text("utf-8")
    head, _, rest = text.partition("\nimport ") if "\nimport " in text else text.partition("\nfrom ")
    keyword = text[len(head) + 1 :].split(" ", 1)[0]
    file.write_text(f"{head}\n{line}\n{keyword} {rest}", "utf-8")


def layers(folder: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [tool, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
    )


def test_the_layer_contract_holds(copy: Path) -> None:
    done = layers(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("controls/rules/domestic.py", "import os"),
        ("controls/rules/ipv6.py", "import time"),
        ("controls/rules/ipv6.py", "import socket"),
        ("controls/engine.py", "import sqlite3"),
        ("scanners/platforms/linux/processor.py", "import pathlib"),
        ("xunyan/model.py", "import random"),
        ("controls/engine.py", "import evidence.store"),
        ("evidence/store.py", "import controls.model"),
        ("inventories/identities.py", "import scanners.platforms"),
        ("xunyan/model.py", "import console.language"),
    ],
)
def test_the_layer_contract_catches(copy: Path, file: str, line: str) -> None:
    spoil(copy / file, line)
    done = layers(copy)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("    open('/etc/passwd')", "PTH123"),
        ("    from pathlib import Path", "TID251"),
        ("    import time", "TID251"),
        ("    from datetime import datetime\n    datetime.now()", "TID251"),
        ("    import os", "TID251"),
    ],
)
def test_the_linter_catches_in_the_pure_half(copy: Path, line: str, code: str) -> None:
    tool = Path(sys.executable).with_name("ruff")
    file = copy / "controls" / "rules" / "ipv6.py"
    with file.open("a", encoding="utf-8") as out:
        out.write(f'\n\ndef spoiled() -> None:\n    """Spoil."""\n{line}\n')
    done = subprocess.run([tool, "check", "--no-cache", file], cwd=copy, capture_output=True, text=True, check=False)
    assert code in done.stdout
