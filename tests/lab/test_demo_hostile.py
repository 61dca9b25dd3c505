"""Every fault at once, and hosts that attack: the scan ends, each is named, nothing of theirs acts, none is asked twice."""

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lab.comparing import compare
from lab.demo import compared
from lab.grounds.namespaces import Namespaces
from lab.hostile import ALL, TEMPLATE
from lab.hosts import Host, HostSpec
from lab.product import Product
from lab.scenario.checking import DOWN
from lab.scenario.model import Scenario
from lab.scenario.reading import read_scenario
from lab.workspaces import asked, make_workspace
from tests.lab.demonstrating import needs_namespaces, needs_ssh

pytestmark = [needs_ssh, needs_namespaces]
READ = {"ok001", "ok002", "noisy", "slow", "evil001", "evil002"}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario("hostile")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory, scenario: Scenario) -> Iterator[Product]:
    place = tmp_path_factory.mktemp("hostile")
    ground = Namespaces(place / "lab", scenario)
    (place / "lab").mkdir()
    ground.start(lambda _: None)
    try:
        product = Product(place / "w", ground)
        make_workspace(scenario, product)
        done = product.run("scan", inside=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield product
    finally:
        ground.stop()


def test_the_scan_ends_and_names_a_reason_for_each(scanned: Product, scenario: Scenario) -> None:
    comparison = compared(scenario, scanned)
    assert comparison.exact, (comparison.missed, comparison.false_alarms, comparison.unread)
    assert {str(row.asset) for row in scenario.gaps} == {f"host:{host.name}" for host in asked(scenario)} - {
        f"host:{name}" for name in READ
    }
    assert compare([], scenario.expect, []).exact is False


def test_nobody_is_logged_in_to_twice(scanned: Product, scenario: Scenario) -> None:
    for host in asked(scenario):
        log = scanned.ground.log(host)
        attempts = Host(HostSpec(host.name, "127.0.0.1"), 22, "", log).attempts() if log.exists() else []
        assert len(attempts) <= 1, (host.name, attempts)
        if host.name in READ:
            assert len(attempts) == 1
        if host.fault in (DOWN, "changed-key"):
            assert attempts == []


def test_only_the_collector_was_run(scanned: Product, scenario: Scenario) -> None:
    for host in asked(scenario):
        commands = scanned.ground.log(host).with_name("log") / "commands.log"
        if host.name in READ - {"slow"}:  # whose forced command runs shells of its own
            lines = commands.read_text("utf-8").splitlines()
            assert len(lines) == 1
            assert re.fullmatch(r"\S+ ops -c .*sh.*-s.*", lines[0]), lines


def outputs(product: Product) -> dict[str, str]:
    """Everything that people and programs are given, by name."""
    words = ("findings --all", "coverage --all", "observations", "metrics", "runs")
    found = {}
    for word in words:
        for form in ("table", "json", "jsonl", "csv"):
            found[f"{word} {form}"] = product.run(*word.split(), "--format", form).stdout
    for name in ("report.html", "report.csv", "report.json"):
        product.run("report", "--format", name.partition(".")[2], "-o", product.workspace / name)
        found[name] = (product.workspace / name).read_text("utf-8")
    rows = [json.loads(line) for line in found["findings --all jsonl"].splitlines()]
    evil = [row["id"] for row in rows if row["asset"]["key"] == "host:evil001"]
    assert len(evil) == 4
    found["show"] = "".join(product.run("show", one).stdout for one in evil)
    return found


class Elements(HTMLParser):
    """Gathers what in a page could act."""

    def __init__(self) -> None:
        super().__init__()
        self.acting: list[tuple[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "img", "link", "base", "form"):
            self.acting.append((tag, attrs))
        self.acting += [(tag, one) for one in attrs if one[0].startswith("on") or "javascript:" in (one[1] or "")]


def test_nothing_of_theirs_survives_in_any_output(scanned: Product) -> None:
    found = outputs(scanned)
    assert any("window.pwned" in text for text in found.values()), (
        "the hosts' texts are shown nowhere, so nothing is proved"
    )
    for name, text in found.items():
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text.replace("\r\n", "\n")), (
            name
        )
    shown = html.unescape(found["report.html"])
    assert TEMPLATE in shown, "the template text must stand in the report as it was written"
    page = Elements()
    page.feed(found["report.html"])
    assert page.acting == []
    for name, text in found.items():
        if name.endswith("csv"):
            for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
                assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "-c", "-h"))], name
    assert not list(Path("/tmp").glob("xunyan-pwned*"))  # noqa: S108  # where the hosts' texts would have written


def test_the_package_holds_them_as_data_only(scanned: Product) -> None:
    package = scanned.workspace / "evidence.zip"
    scanned.run("evidence", "pack", "-o", package)
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
    assert not [name for name in names if ".." in name or name.startswith("/") or any(sign in name for sign in ALL)]
    assert scanned.run("evidence", "verify", package).returncode == 0
    assert scanned.run("evidence", "replay", package).returncode == 0


def test_the_screen_of_a_scan_shows_no_escape(scanned: Product) -> None:
    done = scanned.run("scan", "--target", "host:evil001=10.20.1.40", "--network", "外网", inside=True, check=False)
    assert "读到 1 台" in done.stdout
    assert "\x1b" not in done.stdout + (done.stderr or "")
