"""Segments: whole or not there, read back by place, and any change is noticed."""

import json
import os
from pathlib import Path

import pytest

from evidence.captures import read_line
from evidence.segments import Place, Segments
from tests.making import host
from xunyan.errors import DataError
from xunyan.model import Capture, Gap


def captures(name: str = "host:a") -> list[Capture | Gap]:
    return [read_line(json.dumps(one).encode()) for one in host(name)]


@pytest.fixture
def filled(tmp_path: Path) -> tuple[Segments, list[Place]]:
    segments = Segments(tmp_path / "captures")
    with segments.stage() as staged:
        places = [staged.append(one) for one in captures()]
        staged.commit()
    return segments, places


def test_what_was_appended_is_read_back_by_place_and_by_scan(filled: tuple[Segments, list[Place]]) -> None:
    segments, places = filled
    assert list(segments.read(places)) == captures()
    assert list(segments.read(places[::-1])) == captures()[::-1]
    assert list(segments.scan(1)) == list(zip(captures(), places, strict=True))
    assert segments.numbers() == [1]


def test_what_is_not_committed_is_never_there(tmp_path: Path) -> None:
    segments = Segments(tmp_path / "captures")
    with segments.stage() as staged:
        staged.append(captures()[0])
        assert segments.numbers() == []
    assert list(segments.folder.iterdir()) == []

    def fail() -> None:
        with segments.stage() as staged:
            staged.append(captures()[0])
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert list(segments.folder.iterdir()) == []


def test_numbers_go_on_and_other_files_are_not_segments(filled: tuple[Segments, list[Place]]) -> None:
    segments, _ = filled
    (segments.folder / "notes.txt").write_text("x")
    (segments.folder / "mine.captures.jsonl").write_text("x")
    with segments.stage() as staged:
        assert staged.number == 2
        staged.append(captures("host:b")[0])
        staged.commit()
    assert segments.numbers() == [1, 2]


def test_what_a_killed_writer_left_is_swept_and_nothing_else(filled: tuple[Segments, list[Place]]) -> None:
    segments, _ = filled
    (segments.folder / ".000002.incoming").write_text("half")
    (segments.folder / ".000007.incoming").write_text("half")
    segments.sweep()
    assert [path.name for path in segments.folder.iterdir()] == ["000001.captures.jsonl"]


def test_every_changed_byte_is_noticed(filled: tuple[Segments, list[Place]]) -> None:
    segments, places = filled
    path = segments.path(1)
    whole = path.read_bytes()
    for position in range(0, len(whole), 37):
        changed = bytearray(whole)
        changed[position] ^= 1
        path.write_bytes(changed)
        with pytest.raises(DataError) as noticed:
            list(segments.scan(1))
        assert "000001.captures.jsonl" in noticed.value.where
        with pytest.raises(DataError):
            list(segments.read(places))
    path.write_bytes(whole)
    assert list(segments.read(places)) == captures()


def test_a_cut_segment_is_noticed(filled: tuple[Segments, list[Place]]) -> None:
    segments, places = filled
    os.truncate(segments.path(1), places[-1].offset + 10)
    with pytest.raises(DataError, match="line 3"):
        list(segments.scan(1))
    with pytest.raises(DataError):
        list(segments.read(places))
    os.truncate(segments.path(1), places[-1].offset)
    with pytest.raises(DataError):
        list(segments.read(places))


def test_a_lost_segment_is_named(filled: tuple[Segments, list[Place]]) -> None:
    segments, places = filled
    segments.path(1).unlink()
    with pytest.raises(DataError) as noticed:
        list(segments.read(places))
    assert noticed.value.where.endswith("000001.captures.jsonl")
    assert noticed.value.exit_code == 1


def test_a_place_that_points_elsewhere_is_noticed(filled: tuple[Segments, list[Place]]) -> None:
    segments, places = filled
    for place in (
        Place(1, places[0].offset + 1, places[0].length),
        Place(1, 10**9, 10),
        Place(1, 0, places[0].length - 1),
    ):
        with pytest.raises(DataError):
            list(segments.read([place]))
