"""Exemptions that come back in a ledger become requests, which another person answers as any other."""

import json
from pathlib import Path
from typing import Any

import pytest

from console.session import Session
from tests.console.deciding import ACCOUNTS, CPU, SYSTEM, make_workspace
from tests.inventories.ledger_making import appendix, row, workbook
from tests.making import call, kept
from xunyan.canonical import moment

HEADINGS = ["序号", "批准文号", "批准机关", "批准机关类别", "有效期至", "检查项", "资产", "理由"]
NOW = "2026-11-21T09:00:00+08:00"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_workspace(tmp_path)
    monkeypatch.setattr(Session, "now", lambda _session: moment(NOW))
    return folder


def exemption(control: str = CPU, asset: str = "wrong", until: str = "2027-06-30", **cells: str) -> list[object]:
    return [
        1,
        cells.get("number", "师市办发〔2026〕8号"),
        "师市政府",
        "师市级",
        until,
        control,
        asset,
        cells.get("reason", "国产化替代在途"),
    ]


def form(path: Path, *rows: list[object], **sheets: Any) -> Path:
    return workbook(path, {"例外": [HEADINGS, *rows], **sheets})


def refuse(folder: Path, *arguments: object) -> str:
    before = kept(folder), (folder / "decisions.jsonl").exists()
    done = call("-C", folder, "ledger", "import", *map(str, arguments), "--no-judge")
    assert done.returncode == 2, done.stdout
    assert (kept(folder), (folder / "decisions.jsonl").exists()) == before
    return done.stderr


def asked(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call("-C", folder, "exemptions", "list", "-f", "json").stdout)
    return found


def test_rows_become_requests_that_another_person_approves(made: Path, tmp_path: Path) -> None:
    path = form(tmp_path / "例外.xlsx", exemption(), exemption(SYSTEM, "host:wrong", reason="统一部署"))
    done = call("-C", made, "ledger", "import", path, "--by", "zhangsan")
    assert done.returncode == 0, done.stderr
    assert "已申请例外 2 条" in done.stdout
    found = {one["control"]: one for one in asked(made)}
    assert set(found) == {CPU, SYSTEM}
    assert all(
        (one["state"], one["asked_by"], one["until"]) == ("asked", "zhangsan", "2027-06-30") for one in found.values()
    )
    assert found[CPU]["reason"] == "师市办发〔2026〕8号（师市政府，师市级）：国产化替代在途"
    number = ("--number", "8", "--approver-class", "师市级", "--until", "2027-06-30")
    mine = call("-C", made, "exemptions", "approve", found[CPU]["id"], *number, "--by", "zhangsan")
    assert mine.returncode == 2
    assert call("-C", made, "exemptions", "approve", found[CPU]["id"], *number, "--by", "lisi").returncode == 0
    again = call("-C", made, "ledger", "import", path, "--by", "zhangsan")
    assert "2 条已有申请或批准，略过" in again.stdout
    longer = form(tmp_path / "续期.xlsx", exemption(until="2028-06-30"))
    assert "已申请例外 1 条" in call("-C", made, "ledger", "import", longer, "--by", "zhangsan").stdout


def test_titles_and_full_width_and_names_are_understood(made: Path, tmp_path: Path) -> None:
    path = form(tmp_path / "例外.xlsx", exemption(f"{CPU} 国产CPU", "wrong", "２０２７年６月30日"))
    assert call("-C", made, "ledger", "import", path, "--by", "zhangsan").returncode == 0
    assert [one["until"] for one in asked(made)] == ["2027-06-30"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"control": "domestic/gpu"}, "例外!F2 检查项：没有检查项“domestic/gpu”"),
        ({"asset": "nobody"}, "例外!G2 资产：没有资产“nobody”"),
        ({"until": "2025-06-30"}, "例外!E2 有效期至：2025-06-30 已经过去"),
        ({"asset": "good"}, "例外!F2 检查项：现在没有问题"),
        ({"asset": "blind", "control": SYSTEM}, "例外!F2 检查项：未检测"),
        ({"control": "ipv6/dns-aaaa"}, "例外!F2 检查项：这个资产还没有这一项的判定"),
        ({"until": "明年"}, "例外!E2 有效期至：“明年”不是日期"),
        ({"reason": ""}, "例外!H2 理由：没有填写"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_named_by_its_cell(
    cells: dict[str, str], told: str, made: Path, tmp_path: Path
) -> None:
    path = form(tmp_path / "例外.xlsx", exemption(**cells))
    assert told in refuse(made, path, "--by", "zhangsan")


def test_one_row_that_cannot_be_asked_for_stops_all_rows_of_all_ledgers(made: Path, tmp_path: Path) -> None:
    path = form(tmp_path / "例外.xlsx", exemption(), exemption(asset="good"), 现有系统=appendix([row(1, "门户")]))
    assert "有 1 处问题" in refuse(made, path, "--by", "zhangsan")
    mended = form(tmp_path / "改.xlsx", exemption(), 现有系统=appendix([row(1, "门户")]))
    done = call("-C", made, "ledger", "import", mended, "--by", "zhangsan", "--no-judge")
    assert done.returncode == 0, done.stderr
    assert len(asked(made)) == 1
    assert "门户" in call("-C", made, "ledger", "list").stdout


def test_who_asks_must_be_an_account_that_may(made: Path, tmp_path: Path) -> None:
    path = form(tmp_path / "例外.xlsx", exemption())
    assert "--by" in refuse(made, path)
    assert "nobody" in refuse(made, path, "--by", "nobody")
    assert "officer" in refuse(made, path, "--by", "lisi")
    assert "[accounts.lisi]" in ACCOUNTS


def test_a_preview_asks_for_nothing(made: Path, tmp_path: Path) -> None:
    before = kept(made)
    path = form(tmp_path / "例外.xlsx", exemption())
    done = call("-C", made, "ledger", "import", path, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "例外：申请 1 条" in done.stdout
    assert kept(made) == before
    assert asked(made) == []
