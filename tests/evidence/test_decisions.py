"""Decisions on disk: whole acts only, each line holding the digest of the one before; every attack on the chain shows."""

import hashlib
import itertools
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import decisions
from evidence.decision_entries import FIRST, Entry, Head, Verb, encode, line_digest, link_of, parse
from evidence.decisions import append, check_chain, for_unit, head_path, lines_of, problems, read
from xunyan.canonical import canonical_json
from xunyan.errors import DataError
from xunyan.model import Status

OWN, OTHER = "0123456789abcdef", "fedcba9876543210"
ODD = 'a\x00\x1b\x7f\b\f\n\t"\\/中\u2028\u202e\U0001f600'


def draft(asset: str = OWN, verb: Verb = Verb.CONFIRM, **fields: Any) -> Entry:
    given: dict[str, Any] = {
        "number": 1, "act": 1, "previous": FIRST, "at": "2026-11-21T00:00:00.000000Z", "by": "zhangsan", "by_name": "张三",
        "by_unit": "大数据局", "os_user": "ops", "verb": verb, "finding": (asset * 2), "control": "domestic/cpu",
        "asset": asset, "status": Status.NOT_SATISFIED, "key": "foreign", "evidence": ("e" * 64,), "judgement": 1,
        "inputs": "i" * 64, "reopened": 0, "reason": "理由", **fields,
    }  # fmt: skip
    return Entry(**given)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Six entries in four acts, of two assets in turn."""
    file = tmp_path / "decisions.jsonl"
    append(file, [draft(), draft(OTHER, reason="别单位的")])
    append(file, [draft(verb=Verb.ASK, until=date(2027, 6, 30)), draft(OTHER, Verb.MENDING, due=date(2027, 1, 1))])
    append(file, [draft(verb=Verb.APPROVE, by="lisi", by_name="李四", answers=3, until=date(2027, 6, 30))])
    append(file, [draft(OTHER, Verb.WITHDRAW, answers=4)])
    return file


def link(line: bytes) -> str:
    one = parse(line)
    assert one is not None
    return link_of(one, line)


def numbers(found: list[decisions.Problem]) -> list[int]:
    return [one.number for one in found]


def written(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def test_an_absent_file_is_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path / "none.jsonl") == []
    assert problems(tmp_path / "none.jsonl") == []


def test_entries_are_numbered_and_linked_and_read_back(path: Path) -> None:
    found = read(path)
    assert [one.number for one in found] == [1, 2, 3, 4, 5, 6]
    assert [one.act for one in found] == [2, 2, 4, 4, 5, 6]
    lines = path.read_bytes().splitlines()
    assert [one.previous for one in found] == [FIRST, *map(link, lines[:-1])]
    assert json.loads(lines[2])["schema"] == "xunyan.decision/1"
    assert found[2].until == date(2027, 6, 30)
    assert problems(path) == []
    assert head_path(path).read_bytes() == encode(Head(number=6, link=link(lines[-1]))) + b"\n"


def test_a_link_is_made_as_the_page_says(path: Path) -> None:
    """With nothing of ours: sha256sum and printf would do."""
    previous = FIRST
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        assert json.loads(line)["previous"] == previous
        digest = hashlib.sha256(line).hexdigest()
        stand_in = (
            f'{{"digest":"{digest}","number":{number},"previous":"{previous}","schema":"xunyan.decision-withheld/1"}}'
        )
        previous = hashlib.sha256(stand_in.encode()).hexdigest()
    assert json.loads(head_path(path).read_bytes())["link"] == previous


@pytest.mark.parametrize("text", ["", "理由", ODD])
def test_a_line_is_canonical_json(text: str, tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    (entry,) = append(file, [draft(reason=text, due=date(2027, 1, 1))])
    line = file.read_text("utf-8").removesuffix("\n")
    assert "\n" not in line
    assert line == canonical_json(json.loads(line))
    assert read(file) == [entry]
    assert entry.reason == text


def test_cut_at_any_byte_only_whole_acts_are_read_and_the_next_fits(path: Path) -> None:
    whole, lines = path.read_bytes(), path.read_bytes().splitlines(keepends=True)
    ends = list(itertools.accumulate(map(len, lines)))
    acts = {0: 0, ends[1]: 2, ends[3]: 4, ends[4]: 5, ends[5]: 6}
    for length in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:length])
        kept = max(count for end, count in acts.items() if end <= length)
        head_path(path).unlink(missing_ok=True)  # it is written after the lines
        assert [one.number for one in read(path)] == list(range(1, kept + 1))
        append(path, [draft()])
        assert [one.number for one in read(path)] == list(range(1, kept + 2))
        assert path.read_bytes().startswith(b"".join(lines[:kept]))


def test_a_crash_between_the_lines_and_the_note_of_the_newest_loses_nothing(path: Path) -> None:
    noted = head_path(path).read_bytes()
    append(path, [draft()])
    head_path(path).write_bytes(noted)
    assert len(read(path)) == 7
    append(path, [draft()])
    assert len(read(path)) == 8


Attack = Callable[[list[bytes]], list[bytes]]


def change(place: int, /, **fields: Any) -> Attack:
    def attack(lines: list[bytes]) -> list[bytes]:
        one = parse(lines[place - 1])
        assert one is not None
        return [*lines[: place - 1], encode(msgspec.structs.replace(one, **fields)), *lines[place:]]

    return attack


def remove(number: int) -> Attack:
    return lambda lines: lines[: number - 1] + lines[number:]


def swap(number: int) -> Attack:
    return lambda lines: [*lines[: number - 1], lines[number], lines[number - 1], *lines[number + 1 :]]


def insert_copy(number: int, at: int) -> Attack:
    return lambda lines: [*lines[:at], lines[number - 1], *lines[at:]]


def insert_renumbered(lines: list[bytes]) -> list[bytes]:
    """A forged third entry, with fitting number and link, the rest moved up by one."""
    forged = encode(draft(number=3, act=3, previous=link(lines[1]), reason="forged"))
    rest = []
    for line in lines[2:]:
        one = parse(line)
        assert isinstance(one, Entry)
        answers = one.answers + 1 if one.answers else 0
        rest.append(encode(msgspec.structs.replace(one, number=one.number + 1, act=one.act + 1, answers=answers)))
    return [*lines[:2], forged, *rest]


ATTACKS: list[tuple[Attack, int]] = [
    (change(1, reason="另一个理由"), 1), (change(2, verb=Verb.FALSE_ALARM), 2), (change(3, by="wangwu"), 3),
    (change(3, until=date(2099, 1, 1)), 3), (change(4, asset=OWN), 4), (change(5, number_of_approval="x"), 5),
    (change(1, evidence=()), 1), (change(2, judgement=9), 2), (change(1, previous="1" * 64), 1),
    (change(6, reason="最后一条"), 6), (change(6, act=7), 6),
    (remove(1), 1), (remove(3), 3), (remove(6), 6), (lambda lines: lines[:4], 5), (lambda lines: lines[:0], 1),
    (lambda lines: lines[2:], 1), (swap(1), 1), (swap(3), 3), (swap(5), 5),
    (insert_copy(2, 4), 2), (insert_copy(6, 6), 6), (insert_renumbered, 3),
    (lambda lines: [*lines[:2], b"", *lines[2:]], 3), (lambda lines: [*lines[:2], b"{}", *lines[3:]], 3),
    (lambda lines: [*lines[:3], lines[3].replace(b",", b", ", 1), *lines[4:]], 4),
    (lambda lines: [*lines[:3], lines[3].replace(b"{", b'{"act":1,', 1), *lines[4:]], 4),
]  # fmt: skip


@pytest.mark.parametrize(("attack", "number"), ATTACKS)
def test_an_attack_on_the_file_is_shown_by_number_and_nothing_is_added_to_it(
    path: Path, attack: Attack, number: int
) -> None:
    path.write_bytes(written(attack(path.read_bytes().splitlines())))
    assert number in numbers(problems(path))
    before = path.read_bytes()
    with pytest.raises(DataError, match="chain"):
        read(path)
    with pytest.raises(DataError, match="chain"):
        append(path, [draft()])
    assert path.read_bytes() == before


@pytest.mark.parametrize(("attack", "number"), ATTACKS)
def test_the_lines_alone_show_all_but_what_happens_at_their_end(path: Path, attack: Attack, number: int) -> None:
    lines = path.read_bytes().splitlines()
    newest = Head(number=6, link=link(lines[-1]))
    attacked = attack(lines)
    assert number in numbers(check_chain(attacked, newest))
    at_the_end = number == 6 or attacked in (lines[:4], [])  # for these there is the note of the newest
    if not at_the_end:
        assert number in numbers(check_chain(attacked))


def test_an_act_without_its_last_entry_shows_even_at_the_end(path: Path) -> None:
    assert numbers(check_chain(path.read_bytes().splitlines()[:3])) == [4]


def test_a_sound_chain_has_no_problem(path: Path) -> None:
    lines = path.read_bytes().splitlines()
    assert check_chain(lines) == []
    assert check_chain(line + b"\n" for line in lines) == []
    for number, line in enumerate(lines, 1):
        assert check_chain(lines, Head(number=number, link=link(line))) == []
    assert check_chain([]) == []


def test_every_changed_byte_shows(path: Path) -> None:
    whole = path.read_bytes()
    for position in range(0, len(whole), 3):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert problems(path), position


def test_a_damaged_note_of_the_newest_is_named(path: Path) -> None:
    for data in (b"", b"{}", b"\xff", b'{"schema":"xunyan.decision-head/1","number":0,"digest":"x"}'):
        head_path(path).write_bytes(data)
        assert numbers(problems(path)) == [0]
        with pytest.raises(DataError, match=r"decisions\.head"):
            read(path)


@pytest.mark.parametrize(
    "forged",
    [
        draft(verb=Verb.APPROVE, answers=1),  # by the one who asked
        draft(verb=Verb.REFUSE, answers=1),
        draft(verb=Verb.APPROVE, answers=1, by="other-account"),  # the same person under another account
        draft(verb=Verb.APPROVE, answers=0, by="lisi", by_name="李四"),
        draft(verb=Verb.APPROVE, answers=9, by="lisi", by_name="李四"),
        draft(OTHER, Verb.APPROVE, answers=1, by="lisi", by_name="李四"),  # of another finding
        draft(verb=Verb.REVOKE, answers=1, by="lisi", by_name="李四"),  # nothing was approved
        draft(verb=Verb.WITHDRAW, answers=2),  # itself
        draft(verb=Verb.CONFIRM, answers=1),
    ],
)
def test_a_well_linked_entry_that_breaks_the_rules_is_shown(forged: Entry, tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    append(file, [draft(verb=Verb.ASK)])
    append(file, [forged])
    assert numbers(problems(file)) == [2]


def test_an_answer_by_another_is_no_problem(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    append(file, [draft(verb=Verb.ASK)])
    append(file, [draft(verb=Verb.APPROVE, answers=1, by="lisi", by_name="李四")])
    append(file, [draft(verb=Verb.REVOKE, answers=2)])
    assert problems(file) == []


def test_a_units_chain_says_nothing_of_others_and_can_be_checked(path: Path) -> None:
    lines = lines_of(path)
    unit = for_unit(lines, {OWN})
    kept = unit.splitlines()
    assert check_chain(kept) == []
    assert [number for number in range(6) if kept[number] == lines[number]] == [0, 2, 4]
    assert [one.number for one in decisions.entries(kept)] == [1, 3, 5]
    for word in (OTHER, "别单位的"):
        assert word.encode() not in unit
    withheld = json.loads(kept[1])
    assert withheld == {"schema": "xunyan.decision-withheld/1", "number": 2, "digest": line_digest(lines[1]),
                        "previous": link(lines[0])}  # fmt: skip
    assert for_unit(kept, {OWN}) == unit
    assert for_unit(lines, {OWN, OTHER}) == written(lines)
    assert check_chain(for_unit(lines, set()).splitlines()) == []


@pytest.mark.parametrize(
    ("attack", "number"),
    [
        (change(1, reason="x"), 1), (change(3, until=date(2099, 1, 1)), 3), (change(2, digest="0" * 64), 2),
        (change(4, digest="0" * 64), 4), (change(2, previous="0" * 64), 1),
        (remove(1), 1), (remove(2), 2), (remove(3), 3), (swap(2), 2), (swap(4), 4),
        (insert_copy(2, 5), 2), (change(2, number=7), 2), (lambda lines: lines[1:], 1),
    ],
)  # fmt: skip
def test_an_attack_on_a_units_chain_is_shown(path: Path, attack: Attack, number: int) -> None:
    kept = for_unit(lines_of(path), {OWN}).splitlines()
    assert number in numbers(check_chain(attack(kept)))


def test_a_line_unread_is_not_packed(path: Path) -> None:
    with pytest.raises(DataError):
        for_unit([*lines_of(path)[:2], b"{}"], {OWN})


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_whatever_the_lines_are_a_check_ends_in_problems(lines: list[bytes]) -> None:
    assert bool(check_chain(lines)) == bool(lines)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000, b"\xff", b"null", b'{"schema":"xunyan.decision/2"}', b"{" + b" " * (2 << 20) + b"}",
        b'{"digest":"' + b"0" * 64 + b'","number":1e9,"previous":"' + b"0" * 64 + b'","schema":"xunyan.decision-withheld/1"}',
        b'{"digest":"' + b"0" * 64 + b'","number":-1,"previous":"' + b"0" * 64 + b'","schema":"xunyan.decision-withheld/1"}',
        b'{"digest":"' + b"0" * 63 + b'\\n","number":1,"previous":"' + b"0" * 64 + b'","schema":"xunyan.decision-withheld/1"}',
        b'{"digest":"' + b"0" * 64 + b'","number":99999999999999999999999,"previous":"' + b"0" * 64 + b'","schema":"xunyan.decision-withheld/1"}',
    ],
)  # fmt: skip
def test_a_hostile_line_is_a_problem_and_nothing_else(line: bytes) -> None:
    assert numbers(check_chain([line])) == [1]


def test_the_problems_told_are_bounded() -> None:
    assert len(check_chain(b"x" for _ in range(100_000))) == 50


def test_ten_thousand_entries_are_written_as_one_act_and_read(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    append(file, [draft(reason=str(number)) for number in range(10_000)])
    found = read(file)
    assert len(found) == 10_000
    assert {one.act for one in found} == {10_000}
    assert found[-1].reason == "9999"
