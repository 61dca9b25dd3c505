"""The journal: whole acts only; what a crash left unclosed is not read, and makes room for the next act."""

from pathlib import Path

import pytest

from evidence.journal import Event, Journal, Judgement, Run
from xunyan.errors import DataError


def run(number: int) -> Run:
    return Run(
        number=number, kind="ingest", started_at="2026-11-20T00:00:00.000000Z", finished_at="2026-11-20T00:00:01.000000Z",
        files=("采集.jsonl",), segment=number, captures=3, gaps=0, known=0,
    )  # fmt: skip


def event(judgement: int, mark: str) -> Event:
    return Event(
        judgement=judgement, happened="opened", before="", fingerprint=mark, control="domestic/cpu", asset="a1", state="open",
        status="not-satisfied", key="foreign", sight="not-satisfied", first_seen="", last_seen="", opened=1,
    )  # fmt: skip


def judgement(number: int) -> Judgement:
    return Judgement(
        number=number, judged_at="2026-11-21T00:00:00.000000Z", made_at="2026-11-21T00:00:00.000000Z", upto_segment=1, profile="general",
        inputs="x", version="0", counts={"satisfied": 1},
    )  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "journal.jsonl")
    made.append([run(1)])
    made.append([event(1, "f1"), event(1, "f2"), judgement(1)])
    return made


WHOLE = [run(1), event(1, "f1"), event(1, "f2"), judgement(1)]


def test_an_absent_journal_is_an_empty_one(tmp_path: Path) -> None:
    absent = Journal(tmp_path / "none")
    assert list(absent.read()) == []
    assert absent.size() == 0


def test_entries_are_read_in_order(journal: Journal) -> None:
    assert list(journal.read()) == WHOLE


def test_cut_at_any_byte_only_whole_acts_are_read_and_the_next_act_fits(journal: Journal) -> None:
    whole = journal.path.read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(0, len(whole), 7):
        journal.path.write_bytes(whole[:length])
        assert list(journal.read()) == (WHOLE[:1] if length >= first else [])
        journal.append([run(9)])
        assert list(journal.read()) == [*(WHOLE[:1] if length >= first else []), run(9)]


def test_events_without_their_judgement_are_not_read(journal: Journal) -> None:
    journal.path.write_bytes(b"".join(journal.path.read_bytes().splitlines(keepends=True)[:-1]))
    assert list(journal.read()) == [run(1)]


def test_a_line_that_is_no_entry_is_named(journal: Journal) -> None:
    lines = journal.path.read_bytes().splitlines(keepends=True)
    for broken in (b"{}\n", b"\n", b"\x00\x00\n", b'{"entry":"party"}\n', lines[1].replace(b"}", b',"more":1}')):
        journal.path.write_bytes(b"".join([lines[0], broken, *lines[1:]]))
        with pytest.raises(DataError, match="line 2"):
            list(journal.read())
        with pytest.raises(DataError, match="line 2"):
            journal.append([run(2)])


def test_an_entry_of_an_older_version_still_reads(journal: Journal) -> None:
    line = journal.path.read_bytes().splitlines(keepends=True)[0]
    older = line.replace(b',"identities":0', b"")
    assert older != line
    journal.path.write_bytes(older)
    assert list(journal.read()) == [run(1)]
