"""`xunyan endpoints` as a person uses it: forms out, inventories in, mappings, and what is refused."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.console.refusing import refused
from tests.inventories.endpoint_making import workbook, write
from tests.making import call, records

EXPORT: list[list[object]] = [
    ["计算机名", "IP地址", "所属部门", "操作系统"],
    ["PC-1", "10.1.1.2", "民政局", "Windows 10"],
    ["PC-2", None, "民政局", "UOS 20"],
    ["PC-3", "10.1.1.3", "教育局", "麒麟 V10"],
]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    assert call("init", tmp_path / "w").returncode == 0
    return tmp_path / "w"


def kept(workspace: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (workspace / "inventory").rglob("*") if path.is_file()}


def test_the_blank_forms(made: Path, tmp_path: Path) -> None:
    assert call("-C", made, "endpoints", "template").stdout.startswith("\ufeff资产标识,单位")
    file = tmp_path / "空白.xlsx"
    assert call("-C", made, "endpoints", "template", "--xlsx", file).returncode == 0
    assert load_workbook(file).worksheets[0]["A1"].value == "资产标识"
    refused(call("-C", made, "endpoints", "template", "--xlsx", file), "已经有了")


def test_from_import_to_removal(made: Path, tmp_path: Path) -> None:
    hosts = write(tmp_path / "hosts.ini", "web[1:2] ansible_password=hunter2\n")
    form = write(tmp_path / "终端 表.csv", "资产标识,地址,单位\nweb9,10.1.1.9,民政局\n")
    dry = call("-C", made, "endpoints", "import", hosts, form, "--dry-run")
    assert "可导入 2" in dry.stdout
    assert kept(made) == {}
    done = call("-C", made, "endpoints", "import", hosts, form, "--network", "外网", "--unit", "教育局")
    assert done.returncode == 0, done.stderr
    assert "hosts：已导入 2" in done.stdout
    assert "2 台主机的口令" in done.stderr
    assert not any(b"hunter2" in data for data in kept(made).values())
    assert sorted(kept(made)) == ["hosts.jsonl", "终端-表.jsonl"]
    found = records("-C", made, "endpoints", "list")
    assert [(one["asset"], one["unit"], one["list"]) for one in found] == [
        ("host:web1", "教育局", "hosts"), ("host:web2", "教育局", "hosts"), ("host:web9", "民政局", "终端-表"),
    ]  # fmt: skip
    assert found[0]["schema"] == "xunyan.endpoint/1"
    assert len(records("-C", made, "endpoints", "list", "--unit", "民政局")) == 1
    refused(call("-C", made, "endpoints", "list", "--unit", "没有"), "民政局")
    again = call("-C", made, "endpoints", "import", hosts)
    assert "替换原有的 2" in again.stdout
    gone = call("-C", made, "endpoints", "remove", "hosts")
    assert "终端 2 个：host:web1、host:web2" in gone.stdout
    refused(call("-C", made, "endpoints", "remove", "hosts"), "终端-表")
    assert "host:web9" in call("-C", made, "endpoints", "list").stdout
    assert "终端 表.csv:2" in call("-C", made, "endpoints", "list", "--format", "csv").stdout


def test_one_wrong_file_keeps_all_out(made: Path, tmp_path: Path) -> None:
    good = write(tmp_path / "a.csv", "资产标识,地址\na,10.1.1.1\n")
    bad = write(tmp_path / "b.csv", "资产标识,地址\na,10.1\n\u202e,x\n")
    refused(call("-C", made, "endpoints", "import", good, bad), "b.csv", "第 2 行 地址", "10.1", "U+202E")
    refused(call("-C", made, "endpoints", "import", good, tmp_path / "nowhere"), "nowhere")
    refused(call("-C", made, "endpoints", "import", good, tmp_path), str(tmp_path))
    twin = write(tmp_path / "other" / "a.csv", "资产标识,地址\na,10.1.1.1\n")
    refused(call("-C", made, "endpoints", "import", good, twin), "--as")
    refused(call("-C", made, "endpoints", "import", good, "--as", "../x"), "--as")
    refused(call("-C", made, "endpoints", "import", good, "--network", "a\x1b"), "--network")
    refused(call("-C", made, "endpoints", "import", good, "--mapping", "没有"), "没有")
    assert kept(made) == {}


def test_what_is_classified_never_enters(made: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "资产标识,地址,涉密\na,10.1.1.1,\nshy,10.9.9.9,机密\n")
    done = call("-C", made, "endpoints", "import", file)
    refused(done, "第 3 行：标明涉密")
    ledger = write(tmp_path / "l.csv", "资产标识,地址,涉密\na,10.1.1.1,\nshy,10.9.9.9,机密\n")
    filed = call("-C", made, "ledger", "import", ledger)
    refused(filed, "第 3 行：标明涉密")
    assert not any(word in done.stderr + filed.stderr for word in ("shy", "10.9.9.9"))
    assert kept(made) == {}


def test_an_export_by_a_mapping(made: Path, tmp_path: Path) -> None:
    file = workbook(tmp_path / "导出.xlsx", EXPORT)
    refused(call("-C", made, "endpoints", "import", file), "--mapping")
    assert "还没有" in call("-C", made, "endpoints", "mapping", "--list").stdout
    options = (
        "--set",
        "asset=计算机名",
        "--set",
        "unit=所属部门",
        "--set",
        "platform=操作系统",
        "--constant",
        "network=内网",
    )
    refused(
        call("-C", made, "endpoints", "mapping", "桌管", "--file", file, "--set", "address=IP", *options),
        "IP",
        "缺少这一列",
    )
    done = call("-C", made, "endpoints", "mapping", "桌管", "--file", file, "--set", "address=IP地址", *options)
    assert done.returncode == 0, done.stderr
    assert "host:PC-1" in done.stdout
    assert "1 行没有地址" in done.stderr
    assert "address=IP地址" in call("-C", made, "endpoints", "mapping", "--list").stdout
    more = call("-C", made, "endpoints", "mapping", "桌管", "--file", file, "--value", "platform:麒麟=略过")
    assert "读出终端 1 个" in more.stdout
    assert call("-C", made, "endpoints", "import", file, "--mapping", "桌管").returncode == 0
    assert [(one["asset"], one["network"], one["platform"]) for one in records("-C", made, "endpoints", "list")] == [
        ("host:PC-1", "内网", "windows")
    ]
    for wrong in (("--set", "colour=x"), ("--value", "platform"), ("--constant", "network"), ("--set", "address=")):
        refused(call("-C", made, "endpoints", "mapping", "桌管", "--file", file, *wrong), wrong[0])
    refused(call("-C", made, "endpoints", "mapping", "../x", "--file", file))
    refused(call("-C", made, "endpoints", "mapping", "新的"), "--file")


def test_scripts_run_only_where_the_workspace_says_so(made: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    script = write(tmp_path / "hosts", f'#!/bin/sh\ntouch {mark}\necho \'{{"all": {{"hosts": ["web1"]}}}}\'\n')
    script.chmod(0o755)
    refused(call("-C", made, "endpoints", "import", script), "可执行", "inventory_plugins")
    assert not mark.exists()
    settings = made / "xunyan.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("inventory_plugins = false", "inventory_plugins = true"), "utf-8"
    )
    assert call("-C", made, "endpoints", "import", script).returncode == 0
    assert mark.exists()
