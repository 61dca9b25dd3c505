"""Links and units that only a judgement shows: found, kept, packed, drawn, and the same when all is made again."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.lab.test_links_logs import READ, by_answers
from tests.making import call, records
from tests.packages import members

UNIT = "交通局"
OTHERS = sorted(name for name, device in READ.items() if device.unit != UNIT)
KEPT = "SELECT id, kind, key, name, unit, network, derived FROM asset ORDER BY id"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("links") / "w"
    by_answers(place)
    return place


def rows(workspace: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(workspace / "xunyan.db") as database:
        return database.execute(query).fetchall()


def test_what_is_derived_is_found_shown_and_counted(estate: Path) -> None:
    derived = {row[0]: row for row in rows(estate, KEPT) if row[6]}
    assert {row[1] for row in derived.values()} == {"link", "unit"}
    found = records("-C", estate, "findings", "--all")
    links = [one for one in found if one["control"] == "ipv6/link-dual-stack" and one["asset"]["id"] in derived]
    assert {one["status"] for one in links} >= {"satisfied", "not-satisfied"}
    wrong = next(one for one in links if one["status"] == "not-satisfied")
    assert wrong["asset"]["key"].startswith("link:")
    shown = call("-C", estate, "show", wrong["id"])
    assert shown.returncode == 0, shown.stderr
    assert wrong["because"] in shown.stdout.replace("\n", "")
    counted = {(one["unit"], one["metric"]): one for one in records("-C", estate, "metrics")}
    rate = counted["", "ipv6-link-rate"]
    assert rate["denominator"] > len(links)
    assert 0 < rate["numerator"] < rate["denominator"]


def test_a_second_judgement_and_a_rebuilt_index_change_nothing(estate: Path) -> None:
    everything = KEPT, "SELECT fingerprint, body FROM verdict ORDER BY fingerprint"
    before = [rows(estate, query) for query in everything]
    assert "与上次判定相比没有变化" in call("-C", estate, "judge").stdout
    assert [rows(estate, query) for query in everything] == before
    done = call("-C", estate, "rebuild")
    assert done.returncode == 0, done.stderr
    assert [rows(estate, query) for query in everything] == before


def test_what_is_derived_goes_along_and_comes_out_again(estate: Path, tmp_path: Path) -> None:
    call("-C", estate, "judge")
    path = tmp_path / "all.zip"
    assert call("-C", estate, "evidence", "pack", "-o", path).returncode == 0
    derived = {row[0] for row in rows(estate, KEPT) if row[6]}
    packed = {json.loads(line)["asset"] for line in members(path)["verdicts.jsonl"].splitlines()}
    assert derived & packed
    done = call("evidence", "replay", path)
    assert done.returncode == 0, done.stdout
    assert "全部相同" in done.stdout


def test_a_unit_gets_its_links_and_no_originals_of_the_far_ends(estate: Path, tmp_path: Path) -> None:
    call("-C", estate, "judge")
    path = tmp_path / "unit.zip"
    assert call("-C", estate, "evidence", "pack", "--unit", UNIT, "-o", path).returncode == 0
    found = members(path)
    named = [json.loads(line) for line in found["elsewhere.jsonl"].splitlines()]
    assert "ipv6/link-dual-stack" in {one["control"] for one in named}
    for verb in ("verify", "replay"):
        done = call("evidence", verb, path)
        assert done.returncode == 0, done.stdout
    devices = {json.loads(line)["asset"] for line in found["captures/000001.captures.jsonl"].splitlines()}
    assert not devices & {f"device:{name}" for name in OTHERS}
    page = found["report.html"].decode()
    assert "<svg" in page
    picture = page[page.index('<div class="picture">') :]
    assert "其他单位" in picture
    assert not [name for name in OTHERS if f">{name}<" in picture]
