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
from controls.model import EVALUATED_PRODUCTS, LEDGER, Estate, Subject
from scanners.platforms import PLATFORMS
from tests.making import JUDGED_AT, PROJECT
from xunyan.facts import FACTS
from xunyan.model import Asset, Evidence, LedgerRow, Observation, Status

CASES = PROJECT / "tests" / "cases"
CATALOGUE = load_catalogue()
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
}  # fmt: skip


def _cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*/*.toml")):
        read = tomllib.loads(path.read_text("utf-8"))
        control = f"{path.parent.name}/{path.stem}"
        found += [
            pytest.param(control, case, read.get("products"), id=f"{control}: {case['name']}") for case in read["case"]
        ]
    return found


def _subject(case: Mapping[str, Any], at: datetime) -> Subject:
    taken = at - timedelta(days=case.get("age_days", 1))
    asset = Asset("a1", "endpoint", "host:one", "one", "教育局", "", "外网", "10.1.2.3", "linux")
    observations = {}
    for name, rows in case.get("facts", {}).items():
        facts = tuple(msgspec.convert({**DEFAULTS.get(name, {}), **row}, FACTS[name]) for row in rows)
        observations[name] = Observation(name, facts, (Evidence(f"capture of {name}", name, 1, 1, "", taken),))
    ledger = None
    if "ledger" in case:
        ledger = LedgerRow(case["ledger"], Evidence("row", LEDGER, 1, 1, "", taken))
    return Subject(asset, observations, {}, ledger)


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
    subject = _subject(case, at)
    verdict = next(judge([check], Estate({"a1": subject}), load_profile("general"), evaluated, at))
    assert (verdict.status, verdict.message.key) == (case["status"], case["message"])
    if "notices" in case:
        assert [notice.key for notice in verdict.notices] == case["notices"]
    for message in (verdict.message, *verdict.notices):
        text = MESSAGES.get(message.key) or check.control.messages[message.key]
        for said in (text.zh, text.en):
            assert "{" not in said.format(**message.args)
    read = {one.source for one in verdict.evidence}
    assert read <= {*check.control.needs, *check.control.uses}
    assert bool(read) == (verdict.status is not Status.NOT_OBSERVED)


def _check(control: str) -> Check:
    return next(check for check in CATALOGUE.checks if check.control.id == control)


@pytest.mark.parametrize("check", CATALOGUE.checks, ids=lambda check: check.control.id)
def test_every_control_has_cases_both_ways_and_says_every_message(check: Check) -> None:
    control = check.control
    cases = tomllib.loads((CASES / f"{control.id}.toml").read_text("utf-8"))["case"]
    seen = {case["status"] for case in cases}
    assert {"satisfied", "not-satisfied", "not-observed"} <= seen
    said = {case["message"] for case in cases} | {notice for case in cases for notice in case.get("notices", [])}
    assert set(control.messages) == {key for key in said if key not in MESSAGES}, (
        "messages that no case reaches, or the reverse"
    )


@pytest.mark.parametrize("check", CATALOGUE.checks, ids=lambda check: check.control.id)
def test_every_need_is_supplied_by_a_platform(check: Check) -> None:
    supplied = {reader.name for platform in PLATFORMS.values() for reader in platform.readers}
    assert {*check.control.needs, *check.control.uses} <= supplied | {LEDGER, EVALUATED_PRODUCTS}


@pytest.mark.parametrize("check", CATALOGUE.checks, ids=lambda check: check.control.id)
def test_every_basis_is_a_requirement(check: Check) -> None:
    requirements = load_profile("general").requirements
    assert check.control.basis
    assert set(check.control.basis) <= set(requirements)
