"""What a person decides about who is who: merged, kept apart, parted again; recorded, undone, and rebuilt."""

from pathlib import Path

import pytest

from tests.making import CPUINFO_INTEL, dump, host, records, write_jsonl, xunyan

DAY = "2026-11-18T08:00:00+08:00"
UUID = "aaaaaaaa-bbbb-cccc-dddd-000000000001"
BY = ("--by", "张三", "--reason", "现场核对")


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """Two hosts that share a serial and a UUID, and show different cards."""
    folder = tmp_path / "w"
    xunyan("init", folder)
    lines = [
        *host("host:one", serial="SN-7", uuid=UUID, taken_at=DAY, mac="02:00:00:00:00:01"),
        *host("host:two", serial="SN-7", uuid=UUID, taken_at=DAY, mac="02:00:00:00:00:02", cpuinfo=CPUINFO_INTEL),
    ]
    xunyan("-C", folder, "ingest", write_jsonl(tmp_path / "a.captures.jsonl", lines))
    return folder


def waiting(folder: Path) -> list[str]:
    return [one["state"] for one in records("-C", folder, "identities", "list")]


def keys(folder: Path) -> set[str]:
    return {one["asset"]["key"] for one in records("-C", folder, "findings", "--all")}


def test_a_clash_waits_until_a_person_keeps_the_two_apart(clones: Path) -> None:
    assert waiting(clones) == ["waiting"]
    xunyan("-C", clones, "identities", "apart", "host:one", "host:two", *BY)
    assert waiting(clones) == []
    assert keys(clones) == {"host:one", "host:two"}
    assert [one for one in records("-C", clones, "doctor") if one["state"] == "person"] == []
    decided = records("-C", clones, "identities", "list", "--all")
    assert [(one["state"], one["by"], one["reason"]) for one in decided] == [("apart", "张三", "现场核对")]


def test_merged_assets_are_one_and_can_be_parted_again(clones: Path, tmp_path: Path) -> None:
    before = {one["fingerprint"]: one["status"] for one in records("-C", clones, "findings", "--all")}
    xunyan("-C", clones, "identities", "merge", "host:one", "host:two", *BY)
    assert waiting(clones) == []
    assert len({one["asset"]["id"] for one in records("-C", clones, "findings", "--all")}) == 1
    later = [
        *host("host:one", serial="SN-7", uuid=UUID, taken_at="2026-11-19T08:00:00+08:00", mac="02:00:00:00:00:01"),
        *host("host:two", serial="SN-7", uuid=UUID, taken_at="2026-11-19T09:00:00+08:00", mac="02:00:00:00:00:02"),
    ]
    xunyan("-C", clones, "ingest", write_jsonl(tmp_path / "b.captures.jsonl", later))
    assert len({one["asset"]["id"] for one in records("-C", clones, "findings", "--all")}) == 1, "a person's word holds"
    rows = dump(clones)
    xunyan("-C", clones, "rebuild")
    assert dump(clones) == rows
    asset = records("-C", clones, "findings", "--all")[0]["asset"]["id"]
    xunyan("-C", clones, "identities", "split", asset, "host:two", *BY)
    assert keys(clones) == {"host:one", "host:two"}
    after = {one["fingerprint"]: one["status"] for one in records("-C", clones, "findings", "--all")}
    assert len(set(before) & set(after)) == 4, "the kept asset's findings are the same ones"
    rows = dump(clones)
    xunyan("-C", clones, "rebuild")
    assert dump(clones) == rows


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("merge", "host:one", "host:nine", *BY), "没有这个资产"),
        (("merge", "host:one", "one", *BY), "本来就是一个"),
        (("apart", "host:one", "host:two", "--by", " ", "--reason", "x"), "--by"),
        (("apart", "host:one", "host:two", "--by", "a\u202eb", "--reason", "x"), "--by"),
        (("split", "host:one", "host:one", *BY), "只有这一个名称"),
        (("merge", "host:one", "host:two"), "缺少"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_changes_nothing(
    clones: Path, arguments: tuple[str, ...], told: str
) -> None:
    rows = dump(clones)
    done = xunyan("-C", clones, "identities", *arguments, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert dump(clones) == rows
