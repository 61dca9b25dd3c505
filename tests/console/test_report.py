"""`xunyan report`: what it says, what it leaves out, where it writes, and that nothing in it obeys a target."""

import csv
import io
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.console.refusing import refused
from tests.making import CPUINFO_INTEL, IP_FOUR, JUDGED_AT, OS_DEBIAN, call, capture, host, write_jsonl, xunyan

HOSTILE = (
    "<script>document.title='owned'</script>", "<img src=x onerror=document.title='owned'>", "</pre></main><svg onload=owned()>",
    "]]><b>x</b>", "{{ 7*7 }}{% raw %}", "=cmd|' /C calc'!A0", "</title><style>body{display:none}</style>", "&lt;b&gt;",
)  # fmt: skip
LONG = "A" * 1_000_000
TURNING = "\u202eevil\x1b[31m\x07 <script>document.title='owned'</script> {{ 7*7 }} ]]>"

SCHOOL = ("教育局", "教育局内网", "10.1.0.9", "jyj-pc1")
WATER = ("水利局", "水利局内网", "10.2.0.9", "slj-pc1")

LETTERS = {
    "both": '[[networks]]\nname = "教育局内网"\nallow = ["10.1.0.0/24"]\ndeny = ["10.1.0.200"]\n'
    '[[networks]]\nname = "水利局内网"\nallow = ["10.2.0.0/24"]\n',
    "water": '[[networks]]\nname = "水利局内网"\nallow = ["10.2.0.0/24"]\n',
}


def letter(number: str, units: list[str], body: str, title: str) -> str:
    return (
        f'number = "{number}"\ntitle = "{title}"\nunits = {json.dumps(units, ensure_ascii=False)}\napprover = "数据局张三"\n'
        f'valid_from = 2026-01-01\nvalid_until = 2026-12-31\nmethods = ["ssh"]\n{body}'
    )


def ingest(workspace: Path, lines: list[dict[str, object]]) -> None:
    file = write_jsonl(workspace.parent / "in.captures.jsonl", lines)
    done = call("-C", workspace, "ingest", file, "--at", JUDGED_AT)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two units: one right but for a gap, one wrong; a letter for both, and one for the second alone."""
    workspace = tmp_path_factory.mktemp("report") / "w"
    assert call("init", workspace, "--profile", "example-city").returncode == 0
    letters = workspace / "inventory" / "authorisations"
    (letters / "both.toml").write_text(
        letter("测〔2026〕1号", ["教育局", "水利局"], LETTERS["both"], "教育局和水利局"), "utf-8"
    )
    (letters / "water.toml").write_text(letter("测〔2026〕2号", ["水利局"], LETTERS["water"], "水利局专项"), "utf-8")
    lines: list[dict[str, object]] = []
    for number, (unit, network, address, name) in enumerate((SCHOOL, WATER)):
        wrong = {"cpuinfo": CPUINFO_INTEL, "release": OS_DEBIAN, "addresses": IP_FOUR} if number else {}
        lines += host(
            f"host:{name}", unit=unit, network=network, address=address, mac=f"02:00:00:00:00:0{number}", **wrong
        )
    gap = capture("host:jyj-pc1", "dmidecode", "", unit="教育局", network="教育局内网", address="10.1.0.9")
    gap = {key: value for key, value in gap.items() if key not in ("output", "exit")}
    lines.append({**gap, "schema": "xunyan.gap/1", "reason": "denied", "detail": "/dev/mem: Permission denied"})
    ingest(workspace, lines)
    return workspace


def report(workspace: Path, *options: str | Path, name: str = "r.html") -> str:
    output = workspace.parent / name
    done = call("-C", workspace, "report", "-o", output, *options)
    assert done.returncode == 0, done.stderr
    return output.read_text("utf-8")


class Tags(HTMLParser):
    """Collects tags with their attributes, and the text outside styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found[-1:] and self.found[-1][0] != "style":
            self.words.append(data)


def read(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def text(page: str) -> str:
    """The words of a page, with one blank wherever a tag or a blank stood."""
    return " ".join(" ".join(read(page).words).split())


def inert(page: str) -> bool:
    """No tag that runs or fetches anything, no attribute that does, no address in the styles."""
    tags = {tag for tag, _ in read(page).found}
    attributes = {name for _, found in read(page).found for name in found}
    styles = page[page.index("<style>") : page.index("</style>")]
    return (
        not tags
        & {"script", "img", "iframe", "object", "embed", "link", "base", "form", "a", "video", "audio", "use", "image"}
        and not {name for name in attributes if name.startswith("on")}
        and not attributes & {"src", "href", "xlink:href", "action", "data", "srcset", "poster", "background"}
        and "url(" not in styles
        and "@import" not in styles
    )


def test_the_first_page_answers_the_five_questions_and_owns_up_to_what_was_not_looked_at(made: Path) -> None:
    page = report(made)
    first = text(page[: page.index("四、各单位")])
    assert re.search(r"有没有自建机房或私有云？ 未检测 ", first)
    assert re.search(r"哪些非涉密系统没有上政务云？ 未检测 ", first)
    assert re.search(r"等级保护测评缺什么？ 未检测 ", first)
    assert re.search(r"断在哪一跳？ 尚无定论 只查了一部分", first)
    assert re.search(r"国产CPU和操作系统？ 有不符合", first)
    assert "CPU为国产：应查 2，符合 1，不符合 1" in first
    assert "不是评估意见" in first


def test_rates_stand_with_their_targets(made: Path) -> None:
    first = text(report(made))
    rates = [json.loads(line) for line in call("-C", made, "metrics", "-f", "jsonl").stdout.splitlines()]
    whole = [one for one in rates if one["unit"] == ""]
    assert any(one["target"] is not None for one in whole)
    for one in whole:
        row = f"{one['title']} {one['numerator']}/{one['denominator']} {one['percent']:.2f}%"
        assert row in first
        if one["target"] is not None:
            assert f"≥{one['target']:g}% {one['requirement']}" in first


def test_a_target_for_what_nothing_counts_is_shown_as_not_looked_at(made: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    assert call("init", workspace, "--profile", "jungar").returncode == 0
    ingest(workspace, host("host:a"))
    assert re.search(r"系统上云率 - - .{0,40}≥98% ZGR-cloud-rate， 2025-12-31 未检测", text(report(workspace)))


def test_findings_come_with_proof_clause_and_force(made: Path) -> None:
    page = text(report(made))
    finding = next(
        json.loads(line)
        for line in call(
            "-C", made, "findings", "--control", "domestic/cpu", "--status", "not-satisfied", "-f", "jsonl"
        ).stdout.splitlines()
    )
    assert finding["id"] in page
    assert finding["because"] in page
    assert "vendor_id : GenuineIntel" in page
    assert re.search(r"SHA-256 [0-9a-f]{64}", page)
    assert re.search(r"依据：《[^》]+》\S*［(应当|原则上|逐步推进|目标值|说明性条款)］", page)
    assert "整改建议：" in page


def test_blind_spots_and_letters_are_there(made: Path) -> None:
    page = text(report(made))
    assert "没有权限［/dev/mem: Permission denied］ ：dmidecode" in page
    assert "测〔2026〕1号" in page
    assert "数据局张三" in page
    assert "2026-01-01 – 2026-12-31" in page
    assert "教育局内网：允许 10.1.0.0/24；禁止 10.1.0.200" in page
    assert "签字" in page
    assert "盖章" in page


def test_a_units_report_holds_nothing_of_others(made: Path) -> None:
    for form in ("html", "json", "csv"):
        written = report(made, "--unit", "教育局", "--format", form, name=f"unit.{form}")
        for word in ("水利", "slj-pc1", "10.2.0", "Intel", "Debian", "测〔2026〕2号", "10.1.0.200"):
            assert word not in written, (form, word)
        assert "jyj-pc1" in written or form == "csv"
    whole = json.loads(report(made, "--unit", "教育局", "--format", "json", name="unit.json"))
    assert whole["coverage"]["assets"] == 1
    assert sum(whole["tally"].values()) == 4
    assert [one["number"] for one in whole["letters"]] == ["测〔2026〕1号"]
    assert whole["letters"][0]["units"] == ["教育局"]
    assert [one["unit"] for one in whole["rates"]] == [""] * len(whole["rates"])
    assert {one["denominator"] for one in whole["rates"]} == {0, 1}


def test_the_estates_report_names_every_unit(made: Path) -> None:
    page = text(report(made))
    assert "教育局" in page
    assert "水利局" in page
    assert "测〔2026〕2号" in page


def test_equal_workspaces_give_equal_bytes_anywhere(made: Path, tmp_path: Path) -> None:
    other = tmp_path / "别处" / "w"
    shutil.copytree(made, other)
    for form in ("html", "json", "csv"):
        here, there = made.parent / f"same.{form}", tmp_path / f"other.{form}"
        xunyan("-C", made, "report", "-f", form, "-o", here, env={"TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"})
        xunyan(
            "-C",
            other,
            "report",
            "-f",
            form,
            "-o",
            there,
            env={"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "7"},
        )
        assert here.read_bytes() == there.read_bytes()


def test_english_is_english(made: Path) -> None:
    output = made.parent / "en.html"
    assert call("-C", made, "--lang", "en", "report", "-o", output).returncode == 0
    page = output.read_text("utf-8")
    said = text(page)
    assert '<html lang="en">' in page
    assert "1. The five questions" in said
    assert "not looked at" in said
    for heading in re.findall(r"<(?:th|h2|h4|summary)[^>]*>(.*?)</(?:th|h2|h4|summary)>", page):
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"<[^>]*>", "", heading)), heading


def test_json_is_one_object_with_every_finding(made: Path) -> None:
    whole = json.loads(report(made, "--format", "json", name="r.json"))
    assert whole["schema"] == "xunyan.report/1"
    listed = [json.loads(line) for line in call("-C", made, "findings", "-f", "jsonl").stdout.splitlines()]
    assert [one["fingerprint"] for one in whole["findings"]] == [one["fingerprint"] for one in listed]
    assert sum(one["count"] for one in whole["problems"]) == len(listed)
    printed = json.loads(call("-C", made, "report", "--format", "json").stdout)
    assert printed == whole


def test_csv_has_a_row_for_every_finding(made: Path) -> None:
    rows = list(
        csv.DictReader(io.StringIO(report(made, "--format", "csv", name="r.csv").removeprefix("\ufeff"), newline=""))
    )
    listed = [json.loads(line) for line in call("-C", made, "findings", "-f", "jsonl").stdout.splitlines()]
    assert [row["编号"] for row in rows] == [one["id"] for one in listed]
    assert all(one["evidence"][0]["capture"] in row["证据"] for one, row in zip(listed, rows, strict=True))


def test_a_former_report_is_written_over_and_nothing_else_is(made: Path, tmp_path: Path) -> None:
    for form in ("html", "json", "csv"):
        output = tmp_path / f"r.{form}"
        assert call("-C", made, "report", "-f", form, "-o", output).returncode == 0
        before = output.read_bytes()
        again = call("-C", made, "report", "-f", form, "-o", output)
        assert again.returncode == 0, again.stderr
        assert output.read_bytes() == before
        assert str(output) in again.stdout
    foreign = tmp_path / "notes.html"
    foreign.write_text("<!DOCTYPE html><p>mine</p>", "utf-8")
    refused(call("-C", made, "report", "-o", foreign), "notes.html", "不覆盖")
    assert foreign.read_text("utf-8") == "<!DOCTYPE html><p>mine</p>"
    settings = (made / "xunyan.toml").read_bytes()
    refused(call("-C", made, "report", "-f", "csv", "-o", made / "xunyan.toml"), "xunyan.toml")
    assert (made / "xunyan.toml").read_bytes() == settings
    lock = made / ".lock"
    same = lock.stat().st_ino
    refused(call("-C", made, "report", "-o", lock), ".lock")
    assert lock.stat().st_ino == same
    assert not list(tmp_path.glob(".*"))


def test_a_link_to_a_former_report_stays_a_link(made: Path, tmp_path: Path) -> None:
    assert call("-C", made, "report", "-o", tmp_path / "real.html").returncode == 0
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    (tmp_path / "real.html").write_bytes((tmp_path / "real.html").read_bytes()[:100])
    assert call("-C", made, "report", "-o", tmp_path / "link.html").returncode == 0
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_bytes().endswith(b"</html>\n")


def test_wrong_places_are_refused_with_advice(made: Path, tmp_path: Path) -> None:
    refused(call("-C", made, "report", "-o", tmp_path), "文件夹")
    refused(call("-C", made, "report", "-o", tmp_path / "none" / "r.html"), "没有这个文件夹")
    refused(call("-C", made, "report"), "-o")
    refused(call("-C", made, "report", "--unit", "财政局", "-o", tmp_path / "r.html"), "财政局")
    assert not list(tmp_path.iterdir())


def test_an_empty_workspace_says_what_to_do_first(tmp_path: Path) -> None:
    assert call("init", tmp_path / "w").returncode == 0
    refused(call("-C", tmp_path / "w", "report", "-o", tmp_path / "r.html"), "还没有判定过", "xunyan ingest")
    assert not (tmp_path / "r.html").exists()


def test_what_came_in_after_the_judgement_is_said(made: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    shutil.copytree(made, workspace)
    later = write_jsonl(tmp_path / "later.captures.jsonl", host("host:new", unit="教育局", mac="02:00:00:00:00:09"))
    assert call("-C", workspace, "ingest", later, "--no-judge").returncode == 0
    page = text(report(workspace))
    assert "判定之后又导入了 3 条采集" in page
    assert "host:new" not in page
    assert "判定之后又导入了 3 条采集" in text(report(workspace, "--unit", "教育局"))
    assert "判定之后又导入了" not in text(report(workspace, "--unit", "水利局"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("hostile") / "w"
    assert call("init", workspace).returncode == 0
    lines: list[dict[str, object]] = []
    for number, name in enumerate(HOSTILE):
        common = {"unit": name, "network": name, "site": name, "address": name, "taken_by": name, "request": name}
        release = (
            f'NAME="{TURNING}"\nPRETTY_NAME="{TURNING} {LONG if number == 0 else name}"\nID=kylin\nVERSION_ID="V10"\n'
        )
        lines += host(name, release=release, mac=f"02:00:00:00:03:{number:02x}", **common)
        gap = capture(name, "dmidecode", "", **common)
        gap = {key: value for key, value in gap.items() if key not in ("output", "exit")}
        lines.append({**gap, "schema": "xunyan.gap/1", "reason": "denied", "detail": TURNING + name})
    ingest(workspace, lines)
    return workspace


def test_hostile_text_stays_text(hostile: Path) -> None:
    page = report(hostile)
    assert inert(page)
    assert len(page) < 2_000_000
    said = text(page)
    for name in HOSTILE:
        assert re.sub(r"\s+", " ", name) in said
    assert "{{ 7*7 }}{% raw %}" in said
    assert not set(page) & {"\u202e", "\x1b", "\x07", "\x00"}
    assert "\\u202eevil\\x1b[31m\\x07" in said


def test_hostile_units_have_reports_of_their_own(hostile: Path) -> None:
    for name in HOSTILE:
        page = report(hostile, "--unit", name, name="one.html")
        assert inert(page)
        assert re.sub(r"\s+", " ", name) in text(page)


def test_hostile_text_is_inert_in_csv_and_json(hostile: Path) -> None:
    rows = csv.reader(io.StringIO(report(hostile, "--format", "csv", name="h.csv"), newline=""))
    assert not any(cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r")) for row in rows for cell in row)
    written = report(hostile, "--format", "json", name="h.json")
    assert not set(written) & {"\u202e", "\x1b", "\x07"}
    assert any(one["asset"]["name"] == HOSTILE[0] for one in json.loads(written)["findings"])


ACCOUNTS = (
    '[accounts.zhangsan]\nname = "张三"\nunit = "教育局"\nroles = ["officer"]\n'
    '[accounts.lisi]\nname = "李四"\nunit = "数据局"\nroles = ["approver"]\n'
)


@pytest.fixture(scope="module")
def decided(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same workspace, where the second unit's foreign CPU is exempted and its system is being mended."""
    workspace = tmp_path_factory.mktemp("decided") / "w"
    shutil.copytree(made, workspace)
    (workspace / "inventory" / "accounts.toml").write_text(ACCOUNTS, "utf-8")
    found = [
        json.loads(line)
        for line in call("-C", workspace, "findings", "--unit", "水利局", "-f", "jsonl").stdout.splitlines()
    ]
    cpu, system = (
        next(one["id"] for one in found if one["control"] == control)
        for control in ("domestic/cpu", "domestic/operating-system")
    )
    for arguments in (
        ("decide", cpu, "--ask-exemption", "专用设备", "--until", "2099-06-30", "--by", "zhangsan"),
        (
            "exemptions",
            "approve",
            cpu,
            "--number",
            "例〔2026〕7号",
            "--approver-class",
            "市级",
            "--until",
            "2099-06-30",
            "--by",
            "lisi",
        ),
        ("decide", system, "--mending", "--due", "2099-03-31", "--by", "zhangsan"),
    ):
        done = call("-C", workspace, *arguments)
        assert done.returncode == 0, done.stderr
    return workspace


def test_an_exemption_is_shown_beside_the_status_with_number_approver_and_expiry(decided: Path) -> None:
    page = text(report(decided))
    assert "不符合·已批准例外" in page
    assert "例〔2026〕7号 市级 至 2099-06-30" in page
    assert "整改中" in page
    whole = json.loads(report(decided, "--format", "json", name="d.json"))
    rate = next(one for one in whole["rates"] if one["metric"] == "domestic-cpu-rate")
    assert (rate["numerator"], rate["not_satisfied"], rate["exempted"]) == (1, 1, 1)
    assert (rate["percent"], rate["percent_exempted"], rate["met"]) == (50.0, 100.0, False)
    assert whole["tally"]["not_satisfied"] == 2
    assert [one["exempted"] for one in whole["problems"] if one["control"] == "domestic/cpu"] == [True]


def test_another_units_exemption_is_not_in_a_units_report(decided: Path) -> None:
    for form in ("html", "json", "csv"):
        written = report(decided, "--unit", "教育局", "--format", form, name=f"du.{form}")
        for word in ("例〔2026〕7号", "专用设备", "李四", "2099-03-31"):
            assert word not in written


def test_a_broken_record_of_decisions_counts_for_nothing_and_is_said(decided: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    shutil.copytree(decided, workspace)
    record = workspace / "decisions.jsonl"
    record.write_bytes(record.read_bytes().replace("专用设备".encode(), "通用设备".encode(), 1))
    page = text(report(workspace))
    assert "处置记录（decisions.jsonl）损坏" in page
    assert "已批准例外" not in page
