"""`xunyan scan` looks at information systems: within the letters, resumed, in two rounds; real names and pages behind it."""

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from console import system_run
from evidence.scans import Wanted
from lab.scenario.model import Web
from tests.lab.test_services import network, requests
from tests.making import capture, host, records, write_jsonl, xunyan
from tests.scanners.systems.looked_at import OWN, RESOLVER, WEB, names, sites, up
from tests.wire import needs_wire
from xunyan.canonical import BEIJING

assert network  # the fixture of the other file
pytestmark = [needs_wire, pytest.mark.usefixtures("network")]
DOMAIN = "jyj.gov.test"


def make_workspace(folder: Path, systems: dict[str, str], *, letter: str = "", settings: str = "") -> Path:
    """A workspace in which these systems are filed with their domain names, and a letter that allows to look at them."""
    place = folder / "w"
    xunyan("init", place)
    with (place / "xunyan.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    if letter is not None:
        (place / "inventory" / "authorisations").mkdir(parents=True, exist_ok=True)
        (place / "inventory" / "authorisations" / "1.toml").write_text(letter or allowed(), "utf-8")
    lines = []
    for name, domains in systems.items():
        for source, output in (
            ("ledger", f"信息系统名称: {name}\n部署归类: city-cloud\n"),
            ("ledger-companion", f"信息系统名称: {name}\n域名: {domains}\n"),
        ):
            lines.append({
                "schema": "xunyan.capture/1", "asset": f"system:{name}", "kind": "system", "platform": "", "unit": "教育局",
                "source": source, "request": "row", "taken_at": "2026-11-20T08:00:00+08:00", "taken_by": "", "output": output,
            })  # fmt: skip
    file_of_rows = folder / "rows.jsonl"
    file_of_rows.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    xunyan("-C", place, "ingest", "--with-ledger", "--no-judge", file_of_rows)
    return place


def allowed(*, methods: str = '["web"]', windows: str = "", more: str = "") -> str:
    today = datetime.now(BEIJING).date()
    return f"""
number = "授〔2026〕9号"
units = ["*"]
approver = "李四"
valid_from = {today - timedelta(days=1)}
valid_until = {today + timedelta(days=30)}
methods = {methods}
{windows}
[[networks]]
name = "default"
allow = ["{WEB[0]}", "{WEB[1]}"]
resolvers = ["{RESOLVER[0]}"]
name_servers = ["{OWN[0]}", "{OWN[1]}"]
{more}
"""


def both(*hosts: str) -> list[str]:
    return [f"{host} {kind} {address}" for host in hosts for kind, address in zip(("A", "AAAA"), WEB, strict=True)]


def test_filed_systems_are_looked_at_and_what_they_lead_to(tmp_path: Path) -> None:
    web = [
        Web(names=[f"www.{DOMAIN}"], title="门户", links=[f"http://old.{DOMAIN}/", "http://far.test/", "/about"]),
        Web(names=[f"old.{DOMAIN}"], title="旧系统"),
    ]  # fmt: skip
    place = make_workspace(tmp_path, {"门户": f"www.{DOMAIN}", "无名": ""})
    with up(*names(tmp_path, both("www", "old")), sites(tmp_path / "web", *web)):
        done = xunyan("-C", place, "scan")
    assert "又得到" in done.stderr
    seen = {one["key"] for one in records("-C", place, "coverage", "--all")}
    assert seen == {"system:门户", "system:无名", f"system:old.{DOMAIN}"}


def test_nobody_is_asked_where_no_letter_allows_it(tmp_path: Path) -> None:
    place = make_workspace(tmp_path, {"门户": f"www.{DOMAIN}"}, letter=allowed(methods='["ssh"]'))
    with up(*names(tmp_path, both("www")), sites(tmp_path / "web", Web(names=[f"www.{DOMAIN}"]))):
        done = xunyan("-C", place, "scan", "--only", "systems", check=False)
        shut = make_workspace(tmp_path / "shut", {"门户": f"www.{DOMAIN}"}, letter=allowed(windows=closed_now()))
        later = xunyan("-C", shut, "scan", "--only", "systems", check=False)
    assert done.returncode == 2
    assert "没有授权书允许方式 web" in done.stderr
    assert later.returncode == 2
    assert "不在授权书的时间窗内" in later.stderr
    assert requests(tmp_path / "web" / "web.log") == []
    assert "www" not in (tmp_path / "resolver" / "dns.log").read_text("utf-8", "replace")


def closed_now() -> str:
    """A window of one hour that is over, or begins much later today."""
    hour = (time.gmtime().tm_hour + 8) % 24
    return f'windows = ["{(hour + 6) % 24:02}:00-{(hour + 7) % 24:02}:00"]'


def test_only_what_was_named_is_looked_at(tmp_path: Path) -> None:
    place = make_workspace(tmp_path, {"门户": f"www.{DOMAIN}", "公文": f"oa.{DOMAIN}"})
    web = [Web(names=[f"www.{DOMAIN}"], title="门户"), Web(names=[f"oa.{DOMAIN}"], title="公文")]
    with up(*names(tmp_path, both("www", "oa")), sites(tmp_path / "web", *web)):
        plan = xunyan("-C", place, "scan", "--dry-run").stdout
        assert requests(tmp_path / "web" / "web.log") == []
        by_name = xunyan("-C", place, "scan", "--target", "公文")
    assert "可查  system:门户" in plan
    assert "共 2 个信息系统，现在可查 2 个" in plan
    assert "查了 1 个信息系统，有应答 1 个" in by_name.stdout
    assert {one["host"] for one in requests(tmp_path / "web" / "web.log")} == {f"oa.{DOMAIN}"}


def test_a_scan_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was closed on disk is not asked again, and nothing of it is lost."""
    hosts = [f"s{number}" for number in range(1, 13)]
    place = make_workspace(
        tmp_path, {host: f"{host}.{DOMAIN}" for host in hosts}, settings="[systems]\nconcurrency = 2\nports = [80]\n"
    )
    web = [Web(names=[f"{host}.{DOMAIN}"], title=host, slow=0.4, links=[f"http://old.{DOMAIN}/"]) for host in hosts]
    web.append(Web(names=[f"old.{DOMAIN}"], title="旧系统"))
    with up(*names(tmp_path, both(*hosts, "old")), sites(tmp_path / "web", *web)):
        kill_after(3, place, "scan")
        before = closed(place)
        asked = {one["host"] for one in requests(tmp_path / "web" / "web.log")}
        done = xunyan("-C", place, "scan", "--resume")
    assert 3 <= before < len(hosts)
    assert f"查了 {len(hosts) - before} 个信息系统" in done.stdout
    assert "又得到 1 处没有填报的" in done.stderr
    log = requests(tmp_path / "web" / "web.log")
    twice = {host for host in asked if sum(one["host"] == host and one["server"] == WEB[0] for one in log) > 1}
    assert len(twice) <= 2  # those that were under way
    seen = [one for one in records("-C", place, "coverage", "--all") if one["source"] == "http"]
    assert {one["outcome"] for one in seen} == {"answered"}
    assert {one["key"] for one in seen} == {f"system:{one}" for one in (*hosts, f"old.{DOMAIN}")}


def test_what_was_wanted_is_kept_when_a_scan_is_gone_on_with(tmp_path: Path) -> None:
    """Only the systems that were named are looked at, after a break too, and nothing that they lead to."""
    hosts = [f"s{number}" for number in range(1, 7)]
    place = make_workspace(
        tmp_path, {host: f"{host}.{DOMAIN}" for host in (*hosts, "other")}, settings="[systems]\nconcurrency = 1\nports = [80]\n"
    )  # fmt: skip
    web = [Web(names=[f"{host}.{DOMAIN}"], title=host, slow=0.4, links=[f"http://old.{DOMAIN}/"]) for host in hosts]
    with up(*names(tmp_path, both(*hosts, "other", "old")), sites(tmp_path / "web", *web)):
        kill_after(2, place, "scan", *(word for host in hosts for word in ("--target", host)))
        done = xunyan("-C", place, "scan", "--resume")
    assert "又得到" not in done.stderr
    assert {one["host"] for one in requests(tmp_path / "web" / "web.log")} == {f"{host}.{DOMAIN}" for host in hosts}


def kill_after(systems: int, place: Path, *words: str) -> None:
    """Run a command and kill it once so many systems are closed on disk."""
    command = [sys.executable, "-c", "from console.cli import main; main()", "-C", str(place), *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while closed(place) < systems and time.monotonic() < until:
            time.sleep(0.05)
        process.kill()


@pytest.mark.parametrize(("whole", "left"), [(True, True), (False, False), (False, True)])
def test_the_second_round_is_not_begun_before_the_first_is_done(
    whole: bool, left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the last scan can be gone on with: those that wait for their hours would be lost."""
    begun: list[str] = []

    def look_further(*_: object, **__: object) -> tuple[bool, list[object]]:
        begun.append("further")
        return True, []

    monkeypatch.setattr(system_run, "_look_further", look_further)
    ended = system_run.Ended(whole, left, [])
    assert system_run._and_further(None, None, Wanted(), ended) == (whole, [])  # type: ignore[arg-type]  # not looked at
    assert begun == []
    assert system_run._and_further(None, None, Wanted(), system_run.Ended(True, False, [])) == (True, [])  # type: ignore[arg-type]
    assert begun == ["further"]


def closed(place: Path) -> int:
    """How many systems are closed on disk in the first scan."""
    return sum(path.read_bytes().count(b'{"done":') for path in (place / "scans" / "000001").glob("*.jsonl"))


def test_a_port_that_waits_on_a_host_that_was_read_is_looked_at(tmp_path: Path) -> None:
    """The host was read by hand; nobody filed what it serves. One whose address a filed system has is not a second one."""
    place = make_workspace(
        tmp_path, {"门户": f"www.{DOMAIN}"}, letter=allowed().replace(f'"{WEB[0]}"', f'"{WEB[0]}", "{OWN[0]}"')
    )
    lines = []
    for asset, address in (("host:app", OWN[0]), ("host:web", WEB[0])):
        lines += host(asset, address=address, mac=f"02:00:00:00:00:{address[-1]:0>2}", unit="卫健委", network="default")
        lines.append(capture(asset, "listeners", LISTENERS, unit="卫健委", network="default"))
    xunyan("-C", place, "ingest", "--no-judge", write_jsonl(tmp_path / "hosts.jsonl", lines))
    web = sites(tmp_path / "web", Web(names=[f"www.{DOMAIN}"], title="门户"))
    app = sites(tmp_path / "app", Web(title="没有填报的"), addresses=OWN[:1])
    with up(*names(tmp_path, both("www")), web, app):
        done = xunyan("-C", place, "scan")
    systems = {one["key"]: one["unit"] for one in records("-C", place, "coverage", "--all") if one["source"] == "http"}
    assert systems == {"system:门户": "教育局", f"system:{OWN[0]}": "卫健委"}, done.stdout + done.stderr


LISTENERS = "tcp LISTEN 0 128 0.0.0.0:80 0.0.0.0:*\ntcp LISTEN 0 128 127.0.0.1:443 0.0.0.0:*\n"


def test_systems_that_fall_silent_pause_the_scan(tmp_path: Path) -> None:
    """Those that answered are done; then nobody does: the rest stays in the plan, and a person is told."""
    good, gone = [f"a{n:02}" for n in range(12)], [f"z{n:02}" for n in range(20)]
    place = make_workspace(
        tmp_path, {one: f"{one}.{DOMAIN}" for one in (*good, *gone)},
        settings="[scan]\nsilence = 5\n[systems]\nconcurrency = 2\nports = [80]\nconnect_seconds = 1.0\n",
    )  # fmt: skip
    web = [Web(names=[f"{one}.{DOMAIN}"], title=one) for one in good]
    records_of = [*both(*good), *(f"{one} A 10.91.0.2" for one in gone)]
    letter = place / "inventory" / "authorisations" / "1.toml"
    letter.write_text(letter.read_text("utf-8").replace(f'"{WEB[0]}"', f'"{WEB[0]}", "{OWN[0]}"'), "utf-8")
    with up(*names(tmp_path, records_of), sites(tmp_path / "web", *web)):
        done = xunyan("-C", place, "scan", check=False)
    assert done.returncode == 1
    assert "突然没有应答（连续 5 个）" in done.stderr
    left = len(good) + len(gone) - closed(place)
    assert 10 <= left <= 15
    assert "--resume" in done.stderr


def test_the_name_of_a_filed_address_is_looked_at(tmp_path: Path) -> None:
    place = make_workspace(tmp_path, {"门户": ""})
    rows = tmp_path / "more.jsonl"
    row = {
        "schema": "xunyan.capture/1", "asset": "system:门户", "kind": "system", "platform": "", "source": "ledger-companion",
        "request": "row", "taken_at": "2026-11-21T08:00:00+08:00", "taken_by": "", "output": f"信息系统名称: 门户\n访问地址: {WEB[0]}\n",
    }  # fmt: skip
    rows.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    xunyan("-C", place, "ingest", "--with-ledger", "--no-judge", rows)
    zone = names(tmp_path, both("n4"), reverse=[f"{WEB[0].split('.')[-1]} PTR n4.{DOMAIN}."])
    with up(*zone, sites(tmp_path / "web", Web(title="默认"), Web(names=[f"n4.{DOMAIN}"], title="别的系统"))):
        xunyan("-C", place, "scan")
    seen = {one["key"] for one in records("-C", place, "coverage", "--all") if one["outcome"] == "answered"}
    assert seen == {"system:门户", f"system:n4.{DOMAIN}"}
