"""What does not fit together in a scenario is told: the table, the name in it, and what is wrong, in both languages."""

import re
from pathlib import Path
from typing import Any

import pytest

from lab.scenario.safety import MOST_HOSTS
from tests.lab.test_scenario import Spoil, Table, spoiled


def host(one: Table, **more: Any) -> None:
    one["hosts"].append({"name": "new", "at": {"外网": ["10.20.7.7"]}, **more})


def network(one: Table, **more: Any) -> None:
    one["networks"].append({"name": "新", "kind": "room", **more})


def system(one: Table, **more: Any) -> None:
    one["systems"] = [{"name": "门户", "unit": "教育局", **more}]


def ranges(one: Table, **more: Any) -> None:
    one["ranges"] = [{"network": "外网", "range": "10.0.0.0/8", "kind": "extranet", **more}]


def letter(one: Table, **more: Any) -> None:
    one["authorisations"][0]["networks"][0].update(more)


LETTER = "authorisations (1号)"
MEANING: dict[str, tuple[Spoil, str, str]] = {
    "network twice": (lambda one: network(one, name="内网", v4="10.1.0.0/16", routed=False), "networks (内网)", "twice"),
    "no prefix": (network, "networks (新)", "give v4 or v6"),
    "not a prefix": (lambda one: network(one, v4="10.1.0.0/33"), "networks (新)", "not a prefix: 10.1.0.0/33"),
    "bits of a host": (lambda one: one["networks"][0].update(v4="10.20.0.1/16"), "networks (外网)", "not a prefix"),
    "too short": (lambda one: network(one, v4="10.0.0.0/8"), "networks (新)", "cannot be 10.0.0.0/8"),
    "too long": (lambda one: network(one, v4="10.1.0.0/31"), "networks (新)", "cannot be 10.1.0.0/31"),
    "too long of IPv6": (lambda one: network(one, v6="2001:db8::/113"), "networks (新)", "cannot be 2001:db8::/113"),
    "wrong family": (lambda one: network(one, v4="2001:db8::/64"), "networks (新)", "v4 cannot be 2001:db8::/64"),
    "overlap": (lambda one: network(one, v4="10.30.128.0/17"), "networks (新)", "overlaps another routed network"),
    "overlap of IPv6": (lambda one: network(one, v6="2001:db8::/32"), "networks (新)", "overlaps another routed network"),
    "line to nowhere": (lambda one: one["links"][0].update(between=["外网", "x"]), "links", "'x' is no routed network"),
    "line to an unrouted one": (
        lambda one: one["links"].append({"between": ["内网", "外网"]}), "links", "'内网' is no routed network"
    ),
    "scanner nowhere": (lambda one: one["scanner"].update(network="x"), "scanner", "networks lacks 'x'"),
    "scanner without address": (lambda one: one["scanner"].update(addresses=[]), "scanner", "there is no address"),
    "scanner outside": (
        lambda one: one["scanner"].update(addresses=["10.30.0.9"]), "scanner", "10.30.0.9 lies outside 外网 (10.20.0.0/16)"
    ),
    "scanner at the router's": (
        lambda one: one["scanner"].update(addresses=["10.20.255.254"]), "scanner", "is the address of 外网's router"
    ),
    "host nowhere": (lambda one: host(one, at={"x": ["10.20.7.7"]}), "hosts (new)", "networks lacks 'x'"),
    "no network": (lambda one: host(one, at={}), "hosts (new)", "there is no address"),
    "no address in one of them": (
        lambda one: host(one, at={"内网": [], "外网": ["10.20.7.7"]}), "hosts (new)", "there is no address"
    ),
    "not an address": (lambda one: host(one, at={"外网": ["10.20.7"]}), "hosts (new)", "not an address: 10.20.7"),
    "address with an interface": (
        lambda one: host(one, at={"外网": ["2001:db8:20::7%eth0"]}), "hosts (new)", "not an address: 2001:db8:20::7%eth0"
    ),
    "outside": (lambda one: host(one, at={"外网": ["10.21.7.7"]}), "hosts (new)", "10.21.7.7 lies outside 外网"),
    "family that is not there": (lambda one: host(one, at={"内网": ["fd00::7"]}), "hosts (new)", "outside 内网 (none)"),
    "counted out of the prefix": (
        lambda one: host(one, count=9, at={"内网": ["192.168.1.250"]}),
        "hosts (new)", "192.168.1.250 (or one of the 9 from it on) lies outside 内网",
    ),
    "device outside": (lambda one: one["devices"][0].update(at={"外网": ["10.1.1.1"]}), "devices (sw)", "lies outside"),
    "router's address": (
        lambda one: host(one, at={"外网": ["10.20.255.254"]}), "hosts (new)", "10.20.255.254 is the address of 外网's router"
    ),
    "router's address of IPv6": (
        lambda one: host(one, at={"外网": ["2001:db8:20:0::ffff"]}), "hosts (new)", "is the address of 外网's router"
    ),
    "name that is none": (lambda one: host(one, name="网站"), "hosts (网站)", "a name is letters, digits and hyphens"),
    "name too long": (lambda one: host(one, name="a" * 61), f"hosts ({'a' * 61})", "60 at most"),
    "name of the lab's own": (lambda one: host(one, name="scanner"), "hosts (scanner)", "the lab itself needs this name"),
    "name of a router": (lambda one: host(one, name="router-n0"), "hosts (router-n0)", "the lab itself needs this name"),
    "unit": (lambda one: host(one, unit="x"), "hosts (new)", "units lacks 'x'"),
    "site": (lambda one: host(one, site="x"), "hosts (new)", "sites lacks 'x'"),
    "room": (lambda one: one["devices"][0].update(room="x"), "devices (sw)", "rooms lacks 'x'"),
    "fault": (lambda one: host(one, fault="broken"), "hosts (new)", "no such fault: broken; there are: refused, hang"),
    "fault of a device": (lambda one: one["devices"][0].update(fault="noisy"), "devices (sw)", "no such fault: noisy"),
    "machine": (
        lambda one: host(one, machine="abacus", system="centos-7"), "hosts (new)", "no such machine: abacus; there are: kunpeng"
    ),
    "system": (
        lambda one: host(one, machine="intel-4214", system="cp/m"), "hosts (new)", "no such system: cp/m; there are: kylin"
    ),
    "machine alone": (lambda one: host(one, machine="intel-4214"), "hosts (new)", "machine and system go together"),
    "too many hosts": (
        lambda one: host(one, count=999, at={"外网": ["10.20.16.0"]}), "hosts", f"more than {MOST_HOSTS} hosts"
    ),
    "name twice": (lambda one: host(one, name="jump"), "hosts (jump)", "the name is there twice"),
    "name counted out to one that is there": (lambda one: host(one, name="pc002"), "hosts (pc002)", "twice"),
    "name of a device and a host": (lambda one: host(one, name="sw"), "devices (sw)", "the name is there twice"),
    "address twice": (
        lambda one: host(one, at={"外网": ["10.20.0.1"]}), "devices (sw)", "10.20.0.1 is there twice in 外网"
    ),
    "address of the scanner": (lambda one: host(one, at={"外网": ["10.20.0.9"]}), "hosts (new)", "10.20.0.9 is there twice"),
    "address written in another way": (
        lambda one: host(one, at={"外网": ["2001:DB8:20:0::0009"]}), "hosts (new)", "2001:DB8:20:0::0009 is there twice"
    ),
    "via nobody": (lambda one: host(one, via="x"), "hosts (new)", "via: 'x' must be a host that forwards"),
    "via one that does not forward": (
        lambda one: one["hosts"][1].update(forwards=False), "hosts (inner)", "via: 'jump' must be a host that forwards"
    ),
    "via one that is elsewhere": (
        lambda one: host(one, via="jump", at={"另一内网": ["192.168.1.9"]}), "hosts (new)", "with an address in 另一内网"
    ),
    "unrouted without via": (lambda one: one["hosts"][2].pop("via"), "hosts (inner)", "内网 is not routed: say via"),
    "zone served by nobody": (lambda one: one["zones"][0].update(servers=["x"]), "zones (jyj.example)", "'x' is no host"),
    "zone served without dns": (
        lambda one: one["zones"][0].update(servers=["jump"]), "zones (jyj.example)", "'jump' is no host with dns"
    ),
    "asset that is none": (lambda one: one["expect"][0].update(asset="pc001"), "expect", "'pc001' means no asset"),
    "asset counted away": (lambda one: one["expect"][0].update(asset="host:pc"), "expect", "'host:pc' means no asset"),
    "pattern of nothing": (
        lambda one: one["expect"][0]["asset"].append("host:x*"), "expect", "'host:x*' means no asset; write it as host:web01"
    ),
    "gap of nobody": (lambda one: one["gaps"][0].update(asset="host:x"), "gaps", "'host:x' means no asset"),
    "expectation of nobody": (lambda one: one["expect"][0].update(asset=[]), "expect", "there is no asset"),
    "expectation of no control": (lambda one: one["expect"][0].update(control=[]), "expect", "there is no control"),
    "unit of a room": (lambda one: one["rooms"][0].update(unit="x"), "rooms (机房)", "units lacks 'x'"),
    "site of a room": (lambda one: one["rooms"][0].update(site="x"), "rooms (机房)", "sites lacks 'x'"),
    "unit of a system": (lambda one: system(one, unit="x"), "systems (门户)", "units lacks 'x'"),
    "where a system runs": (lambda one: system(one, runs_on="pc"), "systems (门户)", "there is no host 'pc'"),
    "system twice": (
        lambda one: one.update(systems=[{"name": "门户", "unit": "教育局"} for _ in "12"]), "systems (门户)", "the name is there twice"
    ),
    "system found under the name of another": (
        lambda one: one.update(systems=[{"name": "a.b", "unit": "教育局"}, {"name": "x", "unit": "教育局", "filed": False, "domains": ["a.b"]}]),
        "systems (x)", "the name is there twice",
    ),
    "network of a system": (lambda one: system(one, network="x"), "systems (门户)", "networks lacks 'x'"),
    "line break in a system's words": (lambda one: system(one, sharing="a\nb"), "systems (门户)", "a line break"),
    "system without a name": (lambda one: system(one, name=" "), "systems ( )", "an empty name"),
    "two domains in one": (lambda one: system(one, domains=["a.b c.d"]), "systems (门户)", "holds no blank: 'a.b c.d'"),
    "empty address": (lambda one: system(one, addresses=[""]), "systems (门户)", "holds no blank: ''"),
    "unfiled and nowhere": (lambda one: system(one, filed=False), "systems (门户)", "filed: false needs a name or an address"),
    "expectation of a system by its place": (
        lambda one: one.update(
            systems=[{"name": "门户", "unit": "教育局", "domains": ["a.b"]}],
            expect=[{"control": "a/x", "asset": "system:a.b", "status": "satisfied"}],
        ),
        "expect", "'system:a.b' means no asset; write it as host:web01, system:portal",
    ),
    "range that is no range": (lambda one: ranges(one, range="10.0.0.9-3"), "ranges (10.0.0.9-3)", "'10.0.0.9-3' is no address"),
    "network of a range": (lambda one: ranges(one, network="x"), "ranges (10.0.0.0/8)", "networks lacks 'x'"),
    "unit of a range": (lambda one: ranges(one, unit="x"), "ranges (10.0.0.0/8)", "units lacks 'x'"),
    "what a range stands for": (lambda one: ranges(one, maps_to="x"), "ranges (10.0.0.0/8)", "maps_to is no address: x"),
    "line break in a range": (lambda one: ranges(one, holder="a\rb"), "ranges (10.0.0.0/8)", "must hold no line break"),
    "connection to nobody": (
        lambda one: host(one, connects=[{"to": "x", "port": 1}]), "hosts (new)", "there is no host 'x'"
    ),
    "connection to a port that is taken": (
        lambda one: host(one, connects=[{"to": "ns", "port": 53}]), "hosts (new)", "something else listens at port 53 of ns"
    ),
    "connection over a family that is not there": (
        lambda one: host(one, connects=[{"to": "ns", "port": 99, "family": 6}]), "hosts (new)", "ns has no address of IPv6"
    ),
    "page that is the first one": (lambda one: host(one, web=[{"pages": [{"path": "/"}]}]), "hosts (new)", "is not / and stands"),
    "page twice": (
        lambda one: host(one, web=[{"pages": [{"path": "/a"}, {"path": "/a"}]}]), "hosts (new)", "is not / and stands there once"
    ),
    "redirect with links": (
        lambda one: host(one, web=[{"redirect": "/", "links": ["/a"]}]), "hosts (new)", "has no page of its own"
    ),
    "page that varies in two ways": (
        lambda one: host(one, web=[{"varies": "little", "variants": ["a"]}]), "hosts (new)", "only one of varies, variants"
    ),
    "zone refused and not served": (
        lambda one: one["hosts"][3].update(dns={"six_refuses": ["x.example"]}), "hosts (ns)", "does not serve 'x.example'"
    ),
    "reason": (lambda one: one["gaps"][0].update(reason="tired"), "gaps", "no such reason: tired; there are: unreachable, timeout, denied"),
    "front": (lambda one: host(one, web=[{"front": "x"}]), "hosts (new)", "no such front: x; there are: "),
    "listed and nobody": (lambda one: host(one, listed=True), "hosts (new)", "needs machine and system, or an identity"),
    "resolver alone": (
        lambda one: (one["hosts"][3].update(dns={"role": "resolver"}), one.update(zones=[])),
        "hosts", "a resolver needs an authoritative server",
    ),
    "letter for a network that is not there": (lambda one: letter(one, name="x"), LETTER, "networks lacks 'x'"),
    "letter for no network": (lambda one: letter(one, name=[]), LETTER, "networks lacks []"),
    "range that is none": (lambda one: letter(one, allow=["10.20.0.9-3"]), LETTER, "'10.20.0.9-3' is no address"),
    "name that cannot be": (lambda one: letter(one, deny=["a..b"]), LETTER, "'a..b' is no address"),
    "ranges that are no list": (lambda one: letter(one, allow="10.20.0.9"), LETTER, "allow must be a list of texts"),
    "ranges that are no texts": (lambda one: letter(one, deny=[5]), LETTER, "deny must be a list of texts"),
    "classified and listed": (
        lambda one: letter(one, classified=["10.20.1.0/24"]), "hosts (pc001)", "10.20.1.254 is classified and cannot be listed"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANING)
def test_meaning(tmp_path: Path, name: str) -> None:
    spoil, place, en = MEANING[name]
    said = spoiled(tmp_path, spoil)
    assert f"  {place}: " in said.en
    assert en in said.en
    assert re.match(r"场景有 \d+ 处问题：\n", said.zh)
    (line,) = [one for one in said.zh.splitlines() if f"  {place}：" in one][:1]
    assert re.search("[\u4e00-\u9fff]", line.removeprefix(f"  {place}："))
    assert len(said.zh.splitlines()) == len(said.en.splitlines())


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    def spoil(one: Table) -> None:
        one["networks"][0]["v4"] = "10.20.0.1/16"
        one["links"][0]["between"] = ["外网", "x"]
        one["devices"][0]["unit"] = "y"

    said = spoiled(tmp_path, spoil)
    assert said.en.splitlines()[0] == "3 problems:"
    assert [line.split(":")[0].strip() for line in said.en.splitlines()[1:]] == [
        "networks (外网)",
        "links",
        "devices (sw)",
    ]
