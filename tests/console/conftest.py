"""Workspaces that several tests of bad input share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.making import JUDGED_AT, call, host, kept, write_jsonl


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one host in it. No test of bad input may change it."""
    workspace = tmp_path_factory.mktemp("bad") / "w"
    assert call("init", workspace).returncode == 0
    file = write_jsonl(workspace.parent / "seed.captures.jsonl", host("host:kept"))
    assert call("-C", workspace, "ingest", file, "--at", JUDGED_AT).returncode == 0
    return workspace


@pytest.fixture
def unchanged(seeded: Path) -> Iterator[Path]:
    before = kept(seeded)
    yield seeded
    assert kept(seeded) == before
    assert not list((seeded / "captures").glob(".*"))
