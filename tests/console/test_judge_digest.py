"""The digest of what judges changes with every library that reads originals, and none is left out."""

import ast
import sys

import pytest

from console import judge_digest
from console.judge_digest import CODE, HOUSE, libraries

HOUSE_PACKAGES = {"console", "inventories", "scanners", "evidence", "controls", "xunyan"}


def imported() -> set[str]:
    """The packages from elsewhere that the judging code imports, wherever in a module."""
    found: set[str] = set()
    for path in {path for pattern in CODE for path in HOUSE.glob(pattern)}:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
    return {name.partition(".")[0] for name in found} - sys.stdlib_module_names - HOUSE_PACKAGES


def test_every_library_that_reads_is_named_with_its_version() -> None:
    named = dict(one.split(" ") for one in libraries())
    assert imported() <= set(named)
    assert "libxml2" in named
    assert all(version[0].isdigit() for version in named.values())


def test_another_version_of_a_library_is_another_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    own = judge_digest.judge_digest()
    fresh = judge_digest.judge_digest.__wrapped__
    assert fresh() == own
    monkeypatch.setattr(judge_digest, "libraries", lambda: (*libraries()[:-1], "msgspec 0.0"))
    assert fresh() != own
