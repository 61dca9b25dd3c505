"""The network devices of `links` are scanned for real in namespaces: every verdict comes out, and no secret of theirs comes home."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.devices.secret import secrets_of
from lab.scenario.reading import read_scenario
from tests.lab.demonstrating import demo, needs_namespaces, needs_ssh
from tests.making import records, xunyan

pytestmark = [needs_ssh, needs_namespaces]
SCENARIO = read_scenario("links")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    return demo(tmp_path_factory.mktemp("demo"), "links", "--ground", "namespaces")


def test_links_comes_out_exactly(shown: Mapping[str, Any]) -> None:
    assert (shown["precision"], shown["recall"]) == (1.0, 1.0)
    assert (shown["missed"], shown["false_alarms"], shown["unread"], shown["not_shown"]) == ([], [], [], [])
    assert shown["areas"]["extranet"]["expected"] > 40
    assert (shown["packets"]["violations"], shown["packets"]["dropped"], shown["packets"]["whole"]) == (0, 0, True)
    assert xunyan("evidence", "verify", shown["package"]).returncode == 0


def test_every_device_of_the_list_was_asked(shown: Mapping[str, Any]) -> None:
    rows = records("-C", shown["workspace"], "coverage", "--all")
    asked = {row["key"] for row in rows if row["key"].startswith("device:")}
    assert asked == {f"device:{one.name}" for one in SCENARIO.devices}
    silent = {row["key"] for row in rows if row["key"].startswith("device:") and row["outcome"] != "answered"}
    assert {one.removeprefix("device:") for one in silent} >= {one.name for one in SCENARIO.devices if one.fault}


def test_no_secret_of_a_device_is_in_workspace_or_package(shown: Mapping[str, Any]) -> None:
    files = [path for path in Path(shown["workspace"]).rglob("*") if path.is_file() and path.suffix != ".zip"]
    with zipfile.ZipFile(shown["package"]) as package:
        kept = b"".join([path.read_bytes() for path in files] + [package.read(name) for name in package.namelist()])
    assert kept.count(b"<redacted:") > 10 * len(SCENARIO.devices)
    assert [(one.name, text) for one in SCENARIO.devices for text in secrets_of(one) if text.encode() in kept] == []
    words = {word for one in SCENARIO.devices for word in (*one.users.values(), one.enable) if word}
    assert [word for word in words if word.encode() in kept] == []
