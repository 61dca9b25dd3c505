"""Every control of the catalogue against its cases: right, wrong or for a person, and not seen."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from controls.engine import MESSAGES, Check, judge
from controls.evaluated import EvaluatedProducts
from controls.loader import load_catalogue, load_evaluated, load_profile
from controls.model import EVALUATED_PRODUCTS, LEDGER, Blindness, Estate, Profile, Subject
from scanners.platforms import PLATFORMS
from tests.making import JUDGED_AT, PROJECT
from xunyan.facts import DERIVED, FACTS
from xunyan.model import Asset, Evidence, LedgerRow, Observation

CASES = PROJECT / "tests" / "cases"
CATALOGUE = load_catalogue()
LEADS_ONLY = {"systems/declared-but-dead"}
"""Controls that never say that something is wrong, since only a person can: a silent system may be seasonal."""
DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "processor": {
        "vendor": "", "family": "", "model": "", "architecture": "", "through_hypervisor": False, "hidden": False,
        "disputed": False, "model_disputed": False, "claims": [],
    },
    "operating-system": {
        "family": "", "edition": "", "version": "", "service_pack": "", "shown": "", "kernel": "", "package_origin": "",
        "container": False, "disputed": False, "corroborated": False, "claims": [],
    },
    "machine": {
        "manufacturer": "", "product": "", "serial": "", "uuid": "", "board_serial": "", "chassis": "",
        "has_management_controller": False,
    },
    "addresses": {
        "interface": "eth0", "prefix": 64, "scope": "global", "up": True, "usable": True, "mac": "02:00:00:00:00:01",
        "link": "ether", "state_shown": True,
    },
    "ipv6-switches": {},
    "names": {"network": "外网", "name": "www.a.example", "outcome": "answered", "aliases": [], "v4": [], "v6": []},
    "name-servers": {
        "zone": "a.example.", "names": ["www.a.example"], "server": "ns1.a.example.", "family": 6, "address": "240e:1::53",
        "outcome": "answered", "authoritative": True,
    },
    "service-ports": {
        "network": "外网", "name": "www.a.example", "address": "10.1.2.3", "family": 4, "port": 443, "outcome": "open",
    },
    "certificates": {
        "network": "外网", "name": "www.a.example", "address": "10.1.2.3", "family": 4, "port": 443, "outcome": "ok",
        "subject": "CN=www.a.example", "issuer": "CN=ca", "names": ["www.a.example"], "not_before": "2026-01-01",
        "not_after": "2027-01-01", "sha256": "",
    },
    "pages": {
        "network": "外网", "url": "https://www.a.example/", "name": "www.a.example", "address": "10.1.2.3", "family": 4,
        "port": 443, "outcome": "answered", "status": 200, "final_url": "https://www.a.example/", "redirects": 0,
        "title": "教育局办事大厅", "text_length": 900,
    },
    "page-parity": {
        "network": "外网", "url": "https://www.a.example/", "compared": True, "same_status": True, "same_redirects": True,
        "same_certificate": True, "same_title": True, "steady": -1, "across": 1000, "title_v4": "教育局办事大厅",
        "title_v6": "教育局办事大厅", "status_v4": 200, "status_v6": 200,
    },
    "inner-links": {"level": 2, "url": "https://www.a.example/a", "v4": "answered", "v6": "answered"},
    "places": {
        "network": "外网", "name": "www.a.example", "address": "10.1.2.3", "kind": "government-cloud", "level": "city",
        "range": "10.1.2.0/24", "holder": "", "mapped_to": "",
    },
    "back-ends": {
        "host": "host:web01", "network": "外网", "address": "10.1.9.9", "port": 5432, "kind": "government-cloud",
        "range": "10.1.9.0/24", "holder": "", "shown": "ESTAB 0 0 10.1.2.3:40000 10.1.9.9:5432", "hops": 1,
        "shared": False,
    },
    "declared-as": {"system": "system:教育局办事大厅", "why": "redirect"},
    "link-ends": {
        "device": "r1", "name": "r1", "unit": "教育局", "interface": "GE0/0/1", "network": "外网", "known_by": "read",
        "v4": ["10.0.0.1/30"], "v6": ["240e:1::1/64"], "families": [4, 6], "up": "up", "ports": ["GE0/0/1"],
        "kbps": 1_000_000, "duplex": "full", "limits_read": True, "kind": "extranet", "range": "10.0.0.0/16", "plan": True,
        "routes_read": True,
    },
    "link-reach": {
        "device": "r1", "family": 4, "destination": "172.20.0.0/16", "next_hop": "172.31.0.2", "protocol": "static",
        "vrf": "", "private": True,
    },
    "parallel-links": {
        "link": "link:骨干一", "filed": "core", "mbps": "1000", "up": "up", "kbps": 1_000_000, "limit": -1,
        "interfaces": ["c1 GE1/0/1", "c2 GE1/0/1"], "limits_read": True,
    },
    "unit-egress": {
        "device": "r1", "interface": "GE0/0/1", "sign": "default-route", "family": 4, "address": "10.0.0.2", "vrf": "",
        "leads": "extranet", "where": "10.0.0.0/16",
    },
    "unit-links": {
        "link": "link:教育局接入", "filed": "extranet", "approval": "", "state": "up", "device": "r1", "interface": "GE0/0/1",
        "far": "大数据局", "kind": "extranet",
    },
    "routing-twins": {
        "protocol": "ospf", "neighbor": "10.0.0.2", "interface": "GE0/0/1", "vrf": "", "up": True, "state": "full",
        "twin": "up", "shown": "ospfv3 2.2.2.2 full",
    },
    "filter-pairs": {
        "place": "GE0/0/1", "direction": "in", "v4": "3000", "v6": "3001", "active": "yes", "six": "matched",
    },
}  # fmt: skip
"""What a case leaves out of a fact."""

ASSETS: Mapping[str, Mapping[str, str]] = {
    "endpoint": {"key": "host:one", "name": "one", "address": "10.1.2.3", "platform": "linux"},
    "system": {"key": "system:教育局办事大厅", "name": "教育局办事大厅", "address": "", "platform": "system"},
    "device": {"key": "device:r1", "name": "r1", "address": "10.0.0.1", "platform": "huawei_vrp"},
    "link": {"key": "link:教育局接入", "name": "教育局接入", "address": "", "platform": ""},
    "unit": {"key": "unit:教育局", "name": "教育局", "address": "", "platform": ""},
}
"""What a case leaves out of its asset, by kind: `kind`, `key` and `asset.*` of the case come before."""


def _cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*/*.toml")):
        read = tomllib.loads(path.read_text("utf-8"))
        control = f"{path.parent.name}/{path.stem}"
        found += [
            pytest.param(control, case, read.get("products"), id=f"{control}: {case['name']}") for case in read["case"]
        ]
    return found


def _subject(control: str, case: Mapping[str, Any], at: datetime) -> Subject:
    taken = at - timedelta(days=case.get("age_days", 1))
    kind = case.get("kind", _check(control).control.kinds[0])
    given = {"unit": "教育局", "site": "", "network": "外网", **ASSETS[kind], **case.get("asset", {})}
    asset = Asset(id="a1", kind=kind, **{**given, **({"key": case["key"]} if "key" in case else {})})
    observations = {}
    for name, rows in case.get("facts", {}).items():
        facts = tuple(msgspec.convert({**DEFAULTS.get(name, {}), **row}, FACTS[name]) for row in rows)
        observations[name] = Observation(name, facts, (Evidence(f"capture of {name}", name, 1, 1, "", taken),))
    ledger = None
    if "ledger" in case:
        ledger = LedgerRow(case["ledger"], Evidence("row", LEDGER, 1, 1, "", taken))
    blind = {name: tuple(Blindness(*one) for one in why) for name, why in case.get("blind", {}).items()}
    return Subject(asset, observations, blind, ledger)


def _covering(check: Check, subject: Subject) -> dict[str, Subject]:
    """Another asset beside the subject for each thing that must have been seen before an absence is claimed."""
    found = {}
    for number, cover in enumerate(check.control.covers):
        kind = cover.kinds[0]
        asset = Asset(id=f"c{number}", kind=kind, unit=subject.asset.unit, site="", network="外网", **ASSETS[kind])
        evidence = (Evidence("capture", cover.observation, 1, 1, "", datetime.fromisoformat(JUDGED_AT)),)
        found[asset.id] = Subject(asset, {cover.observation: Observation(cover.observation, (), evidence)})
    return found


def _profile(case: Mapping[str, Any]) -> Profile:
    """The case's profile, or one of some of all places' duties (`duties`), so that a clause can be judged alone."""
    profile = load_profile(case.get("profile", "general"))
    if "duties" not in case:
        return profile
    chosen = {one: profile.requirements[one] for one in case["duties"]}
    return Profile(profile.id, profile.title, profile.documents, chosen, ())


@pytest.mark.parametrize(("control", "case", "products"), _cases())
def test_case(control: str, case: Mapping[str, Any], products: Mapping[str, Any] | None) -> None:
    check = _check(control)
    at = datetime.fromisoformat(case.get("at", JUDGED_AT))
    evaluated = load_evaluated()
    if products is not None:
        head = {
            **products["list"],
            **({"complete_through": case["complete_through"]} if "complete_through" in case else {}),
        }
        evaluated = msgspec.convert({**products, "list": head}, EvaluatedProducts)
    subjects = {"a1": _subject(control, case, at)}
    if case.get("covered"):
        subjects |= _covering(check, subjects["a1"])
    found = judge([check], Estate(subjects), _profile(case), evaluated, at)
    verdict = next(one for one in found if one.asset == "a1")
    assert (verdict.status, verdict.message.key) == (case["status"], case["message"])
    for name in ("severity", "basis"):
        if name in case:
            assert {"severity": verdict.severity.value, "basis": list(verdict.basis)}[name] == case[name]
    for name, value in case.get("args", {}).items():
        assert verdict.message.args[name] == value
    for name, value in case.get("told", {}).items():
        assert value in [notice.args.get(name) for notice in verdict.notices]
    if "notices" in case:
        assert [notice.key for notice in verdict.notices] == case["notices"]
    for message in (verdict.message, *verdict.notices):
        text = MESSAGES.get(message.key) or check.control.messages[message.key]
        for said in (text.zh, text.en):
            assert "{" not in said.format(**message.args)
    read = {one.source for one in verdict.evidence}
    assert read <= {*check.control.needs, *check.control.uses}
    engine_says = verdict.message.key in MESSAGES and verdict.message.key != "engine.cover"
    assert bool(read) != engine_says, "only what the engine itself says of what was not seen has no proof"


def _check(control: str) -> Check:
    return next(check for check in CATALOGUE.checks if check.control.id == control)


@pytest.mark.parametrize("check", CATALOGUE.checks, ids=lambda check: check.control.id)
def test_every_control_has_cases_both_ways_and_says_every_message(check: Check) -> None:
    control = check.control
    cases = tomllib.loads((CASES / f"{control.id}.toml").read_text("utf-8"))["case"]
    seen = {case["status"] for case in cases}
    wrong = "needs-person" if control.id in LEADS_ONLY else "not-satisfied"
    assert {"satisfied", wrong, "not-observed"} <= seen
    assert ("not-satisfied" in seen) == (control.id not in LEADS_ONLY)
    said = {case["message"] for case in cases} | {notice for case in cases for notice in case.get("notices", [])}
    assert set(control.messages) == {key for key in said if key not in MESSAGES}, (
        "messages that no case reaches, or the reverse"
    )


@pytest.mark.parametrize("check", CATALOGUE.checks, ids=lambda check: check.control.id)
def test_every_need_is_supplied_by_a_platform(check: Check) -> None:
    supplied = {reader.name for platform in PLATFORMS.values() for reader in platform.readers}
    assert {*check.control.needs, *check.control.uses} <= supplied | DERIVED | {LEDGER, EVALUATED_PRODUCTS}


@pytest.mark.parametrize("check", CATALOGUE.checks, ids=lambda check: check.control.id)
def test_every_basis_is_a_requirement(check: Check) -> None:
    requirements = load_profile("general").requirements
    assert check.control.basis
    assert set(check.control.basis) <= set(requirements)
