"""`xunyan ledger match`: what was found is proposed with its reasons, and is a system only where a person says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from console.resemblance import ENOUGH, domain, likeness, normal
from tests.console.deciding import ACCOUNTS
from tests.inventories.ledger_making import appendix, row, workbook
from tests.making import call, capture, kept, records, write_jsonl

BY = ("--by", "zhangsan")
COMPANION = ["序号", "信息系统名称", "域名", "访问地址", "地址域"]


def page(key: str, title: str, network: str = "default", **fields: Any) -> dict[str, Any]:
    """The first page of a found system, as the systems agent keeps it."""
    name = key.partition(":")[2]
    line = {
        "network": network, "url": f"http://{name}/", "name": name, "address": "10.1.2.3", "family": 4, "port": 80, "read": 1,
        "hop": 0, "start": f"http://{name}/", "outcome": "answered", "status": 200, "location": "", "content_type": "text/html",
        "server": "", "certificate": "", "size": 100, "truncated": False,
        "body": f"<html><title>{title}</title><body>正文</body></html>", "detail": "", **fields,
    }  # fmt: skip
    return capture(
        key, "http", json.dumps(line, ensure_ascii=False) + "\n", kind="system", platform="system", network=network, unit="", exit=None,
        address="",
    )  # fmt: skip


def names(key: str, *addresses: str) -> dict[str, Any]:
    name = key.partition(":")[2]
    line = {
        "network": "default", "name": name, "server": "10.0.0.53", "type": "A", "outcome": "answered", "rcode": "NOERROR",
        "answers": [f"{name}. 60 IN A {one}" for one in addresses], "authority": [], "detail": "",
    }  # fmt: skip
    return capture(
        key,
        "dns",
        json.dumps(line) + "\n",
        kind="system",
        platform="system",
        network="default",
        unit="",
        exit=None,
        address="",
    )


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    call("init", folder)
    (folder / "inventory" / "accounts.toml").write_text(ACCOUNTS, "utf-8")
    book: dict[str, Any] = {
        "清单": appendix([row(1, "智慧教育综合管理平台"), row(2, "协同办公系统"), row(3, "招生考试系统")]),
        "配": [COMPANION, ["1", "协同办公系统", "oa.jyj.example", "10.1.9.9"]],
    }
    assert call("-C", folder, "ledger", "import", workbook(tmp_path / "a.xlsx", book), "--no-judge").returncode == 0
    found = [
        page("system:edu.example", "智慧教育综合管理平台 - 用户登录"),
        page("system:10.1.2.3:8080", "欢迎访问"),
        page("system:www.jyj.example", "教育局门户网站"),
        page("system:far.example", "智慧教育综合管理平台", network="互联网"),
        names("system:old.other.example", "10.1.9.9"),
    ]
    write_jsonl(tmp_path / "a.captures.jsonl", found)
    done = call("-C", folder, "ingest", tmp_path / "a.captures.jsonl")
    assert done.returncode == 0, done.stderr
    return folder


def proposed(folder: Path, *arguments: str) -> list[tuple[str, str, str, list[str]]]:
    found = json.loads(call("-C", folder, "ledger", "match", *arguments, "-f", "json").stdout)
    return [
        (one["state"], one["system"]["name"], one["found"]["name"], [why["kind"] for why in one["reasons"]])
        for one in found
    ]


def row_of(folder: Path, key: str) -> dict[str, str]:
    """The newest match of an asset as it was sealed."""
    found: dict[str, str] = {}
    for path in sorted((folder / "captures").rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            one = json.loads(line)
            if (one["asset"], one["source"]) == (key, "ledger-match"):
                found = dict(part.split(": ", 1) for part in one["output"].splitlines())
    return found


def decide(folder: Path, *arguments: str) -> str:
    done = call("-C", folder, "ledger", "match", *arguments, "--no-judge")
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_what_was_found_is_proposed_with_its_reasons_and_nothing_is_matched(made: Path) -> None:
    before = kept(made)
    assert proposed(made) == [
        ("proposed", "智慧教育综合管理平台", "edu.example", ["title"]),
        ("proposed", "智慧教育综合管理平台", "far.example", ["title"]),
        ("proposed", "协同办公系统", "old.other.example", ["address"]),
        ("proposed", "协同办公系统", "www.jyj.example", ["domain"]),
    ]
    table = call("-C", made, "ledger", "match").stdout
    assert all(word in table for word in ("标题相近", "同一地址", "10.1.9.9", "同一域名之下"))
    assert kept(made) == before


def test_a_confirmed_match_is_a_row_on_both(made: Path) -> None:
    told = decide(made, "confirm", "智慧教育综合管理平台", "edu.example", *BY, "--reason", "电话核实")
    assert "认定是同一个" in told
    assert row_of(made, "system:智慧教育综合管理平台") == {
        "域名": "edu.example", "认定的名称或地址": "system:edu.example", "认定人": "张三（zhangsan，大数据局）", "理由": "电话核实",
    }  # fmt: skip
    assert row_of(made, "system:edu.example")["认定为系统"] == "system:智慧教育综合管理平台"
    assert ("confirmed", "智慧教育综合管理平台", "edu.example", []) in proposed(made, "--all")
    assert all(found != "edu.example" for _, _, found, _ in proposed(made))
    decide(made, "confirm", "system:智慧教育综合管理平台", "system:10.1.2.3:8080", *BY)
    both = row_of(made, "system:智慧教育综合管理平台")
    assert (both["域名"], both["访问地址"]) == ("edu.example", "10.1.2.3:8080")
    judged = records("-C", made, "findings", "--all", "--control", "systems/undeclared-system")
    assert {one["asset"]["key"]: one["status"] for one in judged}["system:edu.example"] != "not-satisfied"


def test_a_match_is_undone_and_leaves_no_trace_in_what_is_judged(made: Path) -> None:
    decide(made, "confirm", "智慧教育综合管理平台", "edu.example", *BY)
    decide(made, "confirm", "智慧教育综合管理平台", "10.1.2.3:8080", *BY)
    decide(made, "withdraw", "智慧教育综合管理平台", "edu.example", *BY)
    left = row_of(made, "system:智慧教育综合管理平台")
    assert (left.get("域名"), left["访问地址"], left["认定的名称或地址"]) == (
        None,
        "10.1.2.3:8080",
        "system:10.1.2.3:8080",
    )
    assert set(row_of(made, "system:edu.example")) == {"已撤回"}
    assert ("proposed", "智慧教育综合管理平台", "edu.example", ["title"]) in proposed(made)


def test_what_is_rejected_is_not_proposed_again_until_that_is_taken_back(made: Path) -> None:
    decide(made, "reject", "智慧教育综合管理平台", "edu.example", *BY, "--reason", "是另一个区的")
    assert all(found != "edu.example" for _, _, found, _ in proposed(made))
    assert ("rejected", "智慧教育综合管理平台", "edu.example", []) in proposed(made, "--all")
    assert row_of(made, "system:edu.example")["认定不是"] == "system:智慧教育综合管理平台"
    decide(made, "confirm", "协同办公系统", "edu.example", *BY)
    assert row_of(made, "system:edu.example")["认定为系统"] == "system:协同办公系统"
    decide(made, "withdraw", "智慧教育综合管理平台", "edu.example", *BY)
    assert row_of(made, "system:edu.example").get("认定不是") is None
    assert row_of(made, "system:edu.example")["认定为系统"] == "system:协同办公系统"


def test_names_of_another_network_stay_their_own(made: Path) -> None:
    told = decide(made, "confirm", "智慧教育综合管理平台", "far.example", *BY)
    assert "不在同一地址域" in told
    assert "域名" not in row_of(made, "system:智慧教育综合管理平台")
    assert row_of(made, "system:far.example")["认定为系统"] == "system:智慧教育综合管理平台"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("confirm", "智慧教育综合管理平台", "edu.example"), "--by"),
        (("confirm", "智慧教育综合管理平台", "edu.example", "--by", "lisi"), "officer"),
        (("confirm", "没有的系统", "edu.example", *BY), "没有填报这个系统"),
        (("confirm", "智慧教育综合管理平台", "nowhere.example", *BY), "没有查到"),
        (("confirm", "edu.example", "far.example", *BY), "没有填报，不能作为系统"),
        (("confirm", "智慧教育综合管理平台", "协同办公系统", *BY), "自己就填报了"),
        (("withdraw", "智慧教育综合管理平台", "edu.example", *BY), "没有认定过"),
        (("reject", "智慧教育综合管理平台", "edu.example", *BY, "--reason", "x\x1b"), "--reason"),
    ],
)  # fmt: skip
def test_what_cannot_be_decided_is_said(arguments: tuple[str, ...], told: str, made: Path) -> None:
    before = kept(made)
    done = call("-C", made, "ledger", "match", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "怎么办：" in done.stderr
    assert kept(made) == before


def test_a_pair_is_decided_once(made: Path) -> None:
    decide(made, "confirm", "智慧教育综合管理平台", "edu.example", *BY)
    for arguments in (
        ("confirm", "智慧教育综合管理平台", "edu.example"), ("confirm", "协同办公系统", "edu.example"),
        ("reject", "智慧教育综合管理平台", "edu.example"),
    ):  # fmt: skip
        done = call("-C", made, "ledger", "match", *arguments, *BY)
        assert (done.returncode, "--all" in done.stderr) == (2, True)


def test_with_nothing_to_match_it_says_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    call("init", folder)
    assert "ledger template" in call("-C", folder, "ledger", "match").stdout
    call(
        "-C",
        folder,
        "ledger",
        "import",
        workbook(tmp_path / "a.xlsx", {"一": appendix([row(1, "门户")])}),
        "--no-judge",
    )
    assert "xunyan scan" in call("-C", folder, "ledger", "match").stdout
    write_jsonl(tmp_path / "a.captures.jsonl", [page("system:x.example", "别的")])
    call("-C", folder, "ingest", tmp_path / "a.captures.jsonl")
    assert "match confirm" in call("-C", folder, "ledger", "match").stdout


@pytest.mark.parametrize(
    ("title", "name", "alike"),
    [
        ("智慧教育综合管理平台 - 用户登录", "智慧教育综合管理平台", True), ("欢迎访问XX局办公系统", "XX局办公系统", True),
        ("协同办公平台", "协同办公系统", True), ("教育管理平台", "医疗管理平台", False), ("登录", "登录系统", False), ("", "门户", False),
        ("智慧教育平台", "智慧教育综合管理平台", True), ("招生考试", "公文流转系统", False), ("ＯＡ 系统", "oa系统", True),
    ],
)  # fmt: skip
def test_how_alike_a_title_and_a_name_are(title: str, name: str, alike: bool) -> None:
    measured = likeness(normal(name), normal(title))
    assert (measured >= ENOUGH) == alike, measured
    assert 0 <= measured <= 1000


def test_a_domain_where_anybody_may_have_a_name_says_nothing() -> None:
    assert [domain(one) for one in ("www.jyj.example", "a.gov.cn", "a.b.gov.cn", "x", "example.com")] == [
        "jyj.example", "", "b.gov.cn", "", "",
    ]  # fmt: skip
