"""The systems of a scenario stand as it says: asked from the scanner's place by real clients, every near miss is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from lab.grounds.facts import facts
from lab.grounds.namespaces import CAPTURES, Namespaces
from lab.packets.proof import prove
from lab.scenario.model import Scenario
from lab.scenario.reading import read_scenario
from tests.lab.asking import ask, fetch, sockets
from tests.lab.demonstrating import needs_namespaces, needs_parts, needs_ssh
from tests.lab.raising import Stand

pytestmark = [needs_ssh, needs_namespaces, needs_parts]

FOUR, SIX = "10.20.30.12", "2001:db8:20:30::12"
RESOLVER = "10.20.0.53"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario("systems")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, scenario: Scenario) -> Iterator[Namespaces]:
    folder = tmp_path_factory.mktemp("systems") / "lab"
    folder.mkdir()
    raised = Namespaces(folder, scenario)
    raised.start(lambda _: None)
    yield raised
    raised.stop()


def at(
    ground: Namespaces, host: str, path: str = "/", *, port: int = 80, ends: tuple[str, str] = (FOUR, SIX)
) -> list[Any]:
    """The same page over both families."""
    return fetch(ground, [(one, port, host, path) for one in ends])


def title(page: dict[str, Any]) -> str:
    found = re.search("<title>(.*?)</title>", page["body"])
    return found[1] if found else ""


def test_every_name_of_every_system_leads_where_its_host_is(ground: Namespaces, scenario: Scenario) -> None:
    hosts = {host.name: {one for own in host.at.values() for one in own} for host in scenario.hosts}
    systems = [one for one in scenario.systems if one.domains and one.runs_on]
    assert len(systems) > 40
    rows = [(RESOLVER, one.domains[0], kind) for one in systems for kind in ("A", "AAAA")]
    told = ask(ground, rows, recursion=True)
    strange = {"唯一本地", "链路本地", "地址转换", "过渡地址", "映射地址"}
    for number, one in enumerate(systems):
        found = {
            line.split()[-1]
            for each in told[2 * number : 2 * number + 2]
            for line in each["answers"]
            if " IN A" in line
        }
        assert found, one.name
        assert (found <= hosts[one.runs_on]) is (one.name not in strange), one.name
    assert sum(len(one.domains) + len(one.addresses) for one in scenario.systems) >= 40


def test_addresses_that_are_no_support_stand_in_the_zone(ground: Namespaces) -> None:
    names = {
        "ula": "fd00:20:30::10", "ll": "fe80::10", "nat64": "64:ff9b::a14:1e0a", "sixtofour": "2002:a14:1e0a::10",
        "mapped": "::ffff:10.20.30.10",
    }  # fmt: skip
    told = ask(ground, [(RESOLVER, f"{one}.jyj.example", "AAAA") for one in names], recursion=True)
    assert [one["answers"][0].split()[-1] for one in told] == list(names.values())
    none, six, gone = ask(
        ground,
        [(RESOLVER, f"{one}.jyj.example", kind) for one, kind in (("no6", "AAAA"), ("six", "A"), ("xk", "A"))],
        recursion=True,
    )
    assert (none["rcode"], none["answers"], six["rcode"], six["answers"]) == ("NOERROR", [], "NOERROR", [])
    assert (gone["rcode"], len(gone["answers"])) == ("NXDOMAIN", 1)  # an alias of nothing


def test_name_servers_answer_over_each_family_as_they_are_said_to(ground: Namespaces) -> None:
    rows = [
        ("2001:db8:20::61", "jyj.example"), ("2001:db8:20::64", "served.example"), ("10.20.0.64", "refused.example"),
        ("10.20.0.62", "four.example"), ("10.20.0.63", "quiet.example"), ("2001:db8:20::64", "refused.example"),
        ("2001:db8:20::63", "quiet.example"),
    ]  # fmt: skip
    told = ask(ground, [(*row, "SOA") for row in rows])
    assert [(one["rcode"], one["authoritative"], len(one["answers"])) for one in told[:5]] == [("NOERROR", True, 1)] * 5
    assert (told[5]["rcode"], told[5]["answers"]) == ("REFUSED", [])
    assert told[6] == {"error": "Timeout"}
    known = ask(ground, [(RESOLVER, "ns-four.four.example", "AAAA")], recursion=True)
    assert (known[0]["rcode"], known[0]["answers"]) == ("NOERROR", [])
    log = (ground.folder / "hosts" / "ns-some" / "dns-six.log").read_text("utf-8")
    assert "refused.example. SOA IN REFUSED" in log


def test_ipv6_that_is_taken_and_never_answered_or_that_nobody_listens_on(ground: Namespaces) -> None:
    hole = at(ground, "hole.jyj.example", ends=("10.20.30.40", "2001:db8:20:30::40"))
    half = at(ground, "half.jyj.example", ends=("10.20.30.41", "2001:db8:20:30::41"))
    assert [one.get("status", one.get("error")) for one in (*hole, *half)] == [
        200, "TimeoutError", 200, "ConnectionRefusedError",
    ]  # fmt: skip


def test_ipv6_that_shows_something_else(ground: Namespaces) -> None:
    four, six = at(ground, "def.jyj.example")
    assert (title(four), title(six)) == ("正经的系统", "只填地址的系统")
    four, six = at(ground, "status.jyj.example")
    assert (four["status"], six["status"], title(four) == title(six)) == (200, 503, True)
    four, six = at(ground, "cert.jyj.example", port=443, ends=("10.20.30.13", "2001:db8:20:30::13"))
    assert (title(four), title(six)) == ("证书", "证书")
    issuers = [x509.load_der_x509_certificate(bytes.fromhex(one["certificate"])).issuer for one in (four, six)]
    assert issuers[0] != issuers[1]


def test_pages_that_differ_on_every_read(ground: Namespaces) -> None:
    for name, often in (("dyn1", 1), ("dyn2", 40)):
        pages = fetch(ground, [(FOUR, 80, f"{name}.jyj.example", "/")] * 3)
        numbers = [set(re.findall("[0-9a-f]{32}", page["body"])) for page in pages]
        assert [len(one) for one in numbers] == [1, 1, 1]
        assert len(set().union(*numbers)) == 3
        assert [len(re.findall("[0-9a-f]{32}", page["body"])) for page in pages] == [often] * 3
        assert len({title(page) for page in pages}) == 1
    pages = fetch(ground, [(one, 80, "lb.jyj.example", "/") for one in (FOUR, SIX, FOUR, SIX, FOUR)])
    assert len({page["body"] for page in pages[:4]}) == 4
    assert pages[4]["body"] == pages[0]["body"]
    assert {title(page) for page in pages} == {"负载均衡"}


def test_inner_pages_are_missing_over_one_family(ground: Namespaces) -> None:
    for name, path in (("link2", "/news"), ("link3", "/news/2")):
        assert [one["status"] for one in at(ground, f"{name}.jyj.example", path)] == [200, 404]
    four, six = at(ground, "link3.jyj.example", "/news")
    assert (four["status"], six["status"]) == (200, 200)
    assert re.findall('href="(.*?)"', four["body"]) == re.findall('href="(.*?)"', six["body"]) == ["/news/1", "/news/2"]
    assert [one["status"] for one in at(ground, "link1.jyj.example", "/news/1")] == [200, 200]


def test_redirects_huge_and_slow_pages(ground: Namespaces) -> None:
    out, loop, again, huge = fetch(
        ground,
        [(FOUR, 80, f"{name}.jyj.example", path) for name, path in (("out", "/"), ("loop", "/"), ("loop", "/again"), ("huge", "/"))],
    )  # fmt: skip
    assert (out["status"], out["location"]) == (302, "http://www.other.example/")
    assert loop["location"] == again["location"] == "http://loop.jyj.example/again"
    assert (huge["status"], huge["length"], title(huge)) == (200, str(1 << 30), "巨大页面")
    files = [one.stat() for one in (ground.folder / "hosts" / "cloud2" / "web").rglob("0")]
    assert [one.st_blocks < 100 for one in files if one.st_size == 1 << 30] == [True]  # it takes no room on the disk
    slow = fetch(ground, [(SIX, 80, "slow.jyj.example", "/")])[0]
    assert title(slow) == "答得慢"


def test_connections_are_seen_on_both_hosts(ground: Namespaces) -> None:
    front, room = sockets(ground, "front1"), sockets(ground, "db-room")
    (own,) = [one for one in front if one[0] == "ESTAB" and one[2] == "10.20.40.20:3306"]
    assert own[1].startswith("10.20.30.21:")
    assert ["LISTEN", "10.20.40.20:3306", "0.0.0.0:*"] in room
    assert ["ESTAB", own[2], own[1]] in room
    ends = {one[2] for one in sockets(ground, "front2") if one[0] == "ESTAB"}
    assert ends == {"10.20.30.30:5432", "10.20.35.10:443"}


def test_what_was_asked_is_in_the_letters_and_a_page_elsewhere_is_not(ground: Namespaces, scenario: Scenario) -> None:
    """The last test here: the capture ends with it. Everything above went by the letters, connections of hosts included."""
    fetch(ground, [("10.20.99.5", 80, "www.other.example", "/"), ("2001:db8:20:99::5", 80, "www.other.example", "/")])
    ask(ground, [("10.20.99.5", "www.other.example", "A"), ("10.20.30.10", "jyj.example", "SOA")])
    fetch(ground, [(FOUR, 3306, "", "/")])
    ground.finish_capture()
    proof = prove(ground.folder / CAPTURES, facts(scenario))
    assert proof.valid
    assert proof.packets > 500
    found = {
        (one.target, one.port, one.why) for one in proof.violations if one.target not in ("10.20.0.9", "2001:db8:20::9")
    }
    assert found == {
        ("10.20.99.5", 0, "outside"), ("10.20.99.5", 80, "outside"), ("10.20.99.5", 53, "outside"),
        ("2001:db8:20:99::5", 0, "outside"), ("2001:db8:20:99::5", 80, "outside"),
        ("10.20.30.10", 53, "port"), (FOUR, 3306, "port"),
    }  # fmt: skip


TALKING = """
schema: xunyan.scenario/1
name: talking
title: 两台主机之间的连接
networks: [{name: 外网, kind: extranet, v4: 10.71.0.0/16, v6: "2001:db8:71::/48"}]
scanner: {network: 外网, addresses: [10.71.0.9]}
hosts:
  - {name: front, at: {外网: [10.71.1.1, "2001:db8:71::1:1"]}, machine: kunpeng-920, system: kylin-server-v10,
     connects: [{to: back, port: 3306}, {to: back, port: 5432, family: 6}]}
  - {name: back, at: {外网: [10.71.1.2, "2001:db8:71::1:2"]}, machine: kunpeng-920, system: kylin-server-v10}
  - {name: broken, at: {外网: [10.71.1.3]}, ssh: false,
     web: [{port: 80, fault: hangs}, {port: 81, fault: not-http}, {port: 82, fault: filtered}, {port: 83, fault: closes}]}
authorisations: [{number: "1", units: ["*"], approver: x, methods: [ssh], networks: [{name: 外网, allow: [10.71.1.1-2]}]}]
"""


def test_a_login_sees_the_connections_and_listeners_of_its_host(tmp_path: Path) -> None:
    """With the commands that the collector runs: as an ordinary login on the host, over SSH."""
    with Stand(tmp_path, TALKING) as stand:
        established = stand.ssh("10.71.1.1", "ss -H -tn state established").split()
        assert "10.71.1.2:3306" in established
        assert "[2001:db8:71::1:2]:5432" in established
        listening = stand.ssh("10.71.1.2", "ss -H -tuln").split()
        assert {"10.71.1.2:3306", "[2001:db8:71::1:2]:5432"} <= set(listening)
        assert isinstance(stand.ground, Namespaces)
        stand.ground.finish_capture()
        proof = prove(stand.ground.folder / CAPTURES, facts(stand.scenario))
        assert proof.clean, proof.violations  # the hosts' own connections are known


def test_ports_that_are_no_web_server(tmp_path: Path) -> None:
    with Stand(tmp_path, TALKING) as stand:
        assert isinstance(stand.ground, Namespaces)
        told = fetch(stand.ground, [("10.71.1.3", port, "", "/") for port in (80, 81, 82, 83)])
    assert [one["error"] for one in told] == ["TimeoutError", "BadStatusLine", "TimeoutError", "RemoteDisconnected"]
