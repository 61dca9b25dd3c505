"""Ledger rows as originals: sealed, stored and read back equal, and the rows of one thing joined into one."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.captures import check_envelope, read_line, seal, write_line
from inventories import ledgers
from inventories.ledger_tables import TABLES
from inventories.ledgers import COMPANION, HEADINGS, MATCH, SOURCE, WITHDRAWN, body, is_filed, merge, read_row
from xunyan.model import Capture, Envelope

TAKEN = datetime(2026, 11, 1, tzinfo=UTC)


def capture(source: str, columns: Mapping[str, str], asset: str = "system:门户") -> Capture:
    envelope = Envelope(
        asset, "system", "system", "教育局", "", "外网", "", source, f"台账.xlsx sheet {source} row 7", TAKEN, ""
    )  # fmt: skip
    check_envelope(envelope)
    return seal(envelope, body(columns), exit_code=None)


def test_every_column_of_every_form_has_words_of_its_own() -> None:
    keys = {column.key for table in TABLES.values() for column in table.columns if table.kind}
    assert keys <= set(HEADINGS)
    assert len(set(HEADINGS.values())) == len(HEADINGS)
    assert not any(": " in heading or "\n" in heading for heading in HEADINGS.values())


def test_what_is_filed_is_known_by_its_source() -> None:
    assert all(map(is_filed, (SOURCE, COMPANION, MATCH)))
    assert not any(map(is_filed, ("", "ledgers", "lscpu", "dns")))


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20)


@given(st.dictionaries(st.sampled_from(sorted(HEADINGS)), TEXT, min_size=1))
def test_a_row_survives_being_sealed_stored_and_read(columns: dict[str, str]) -> None:
    stored = read_line(write_line(capture(SOURCE, columns)))
    assert isinstance(stored, Capture)
    row = read_row(stored)
    assert dict(row.columns) == columns
    assert set(row.by_column) == set(columns)
    assert json.loads(write_line(stored))["request"] == "台账.xlsx sheet ledger row 7"


def test_each_column_is_proved_by_its_own_line() -> None:
    row = read_row(capture(SOURCE, {"system": "门户", "unit": "教育局", "deployment": "自建机房"}))
    proof = row.by_column["deployment"]
    assert (proof.first, proof.last, proof.quote, proof.source) == (3, 3, "系统部署路径: 自建机房", SOURCE)
    assert (row.evidence.first, row.evidence.last) == (1, 3)


def test_the_rows_of_one_system_are_joined_each_column_with_its_row() -> None:
    own = capture(SOURCE, {"system": "门户", "unit": "教育局", "remark": "甲"})
    companion = capture(COMPANION, {"system": "门 户", "names": "a.example b.example", "remark": "乙"})
    match = capture(MATCH, {"names": "b.example c.example", "matched": "system:c.example", "decided_by": "张三"})
    row = merge([match, companion, own])
    assert row is not None
    assert dict(row.columns) == {
        "system": "门户", "unit": "教育局", "remark": "甲", "names": "a.example b.example c.example",
    }  # fmt: skip
    assert row.evidence.capture == own.id
    assert row.by_column["names"].capture == companion.id
    assert [one.capture for one in row.also["names"]] == [match.id]
    assert row.by_column["remark"].capture == own.id


GONE = {WITHDRAWN: "2026-11-01"}


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ({SOURCE: GONE}, GONE),
        ({SOURCE: GONE, COMPANION: {"names": "a.example"}}, {"names": "a.example", **GONE}),
        ({SOURCE: {"system": "a"}, COMPANION: GONE}, {"system": "a"}),
        ({COMPANION: GONE}, GONE),
        ({COMPANION: {"names": "a.example"}}, {"names": "a.example"}),
        ({SOURCE: {"system": "a"}, MATCH: GONE}, {"system": "a"}),
        ({MATCH: GONE}, None),
        ({MATCH: {"rejected": "system:a", "decided_by": "张三"}}, None),
        ({MATCH: {"matched_to": "system:a", "decided_by": "张三"}}, {"matched_to": "system:a"}),
        ({}, None),
    ],
)  # fmt: skip
def test_a_withdrawn_row_says_nothing_any_more(
    rows: Mapping[str, Mapping[str, str]], columns: Mapping[str, str] | None
) -> None:
    row = merge([capture(source, own) for source, own in rows.items()])
    assert (dict(row.columns) if row is not None else None) == columns


def test_reading_needs_nothing_but_the_ground() -> None:
    """What judges is in the judge's digest: this module reads rows back, so it may rest on nothing outside of it."""
    source = Path(ledgers.__file__).read_text("utf-8")
    imported = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert all(line.split()[1].split(".")[0] in ("collections", "types", "xunyan") for line in imported)
