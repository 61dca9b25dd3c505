"""The data that judging rests on: complete, strict, and a city may write its own."""

import tomllib
from pathlib import Path

import pytest
import yaml

from controls.loader import (
    CATALOGUE,
    EVALUATED,
    PROFILES,
    inputs_digest,
    load_catalogue,
    load_evaluated,
    load_profile,
    profile_names,
)
from tests.making import SHARED
from xunyan.errors import CatalogueError, InputError
from xunyan.model import Severity

PLACES = {
    "general": 85, "corps": 12, "fourth-division": 61, "ninth-division": 16, "jungar": 20, "shizuishan": 10,
    "national": 5, "example-city": 10,
}  # fmt: skip


def test_every_profile_loads_with_its_parents_duties() -> None:
    assert {name: len(load_profile(name).requirements) for name in profile_names()} == PLACES


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of shared policy texts is not beside the project")
def test_the_eighty_duties_are_all_there_as_they_were_laid_down() -> None:
    laid_down = yaml.safe_load((SHARED / "policy" / "requirements.yaml").read_text("utf-8"))["requirements"]
    ours = load_profile("general").requirements
    assert len(laid_down) == 80
    for one in laid_down:
        mine = ours[one["id"]]
        assert (mine.clause, mine.kind, mine.force, list(mine.stage)) == (
            one["clause"],
            one["kind"],
            one["force"],
            one["stage"],
        )
        assert (mine.zh, mine.en) == (one["zh"], one["en"])
        assert mine.target == (one.get("target") or "")
        assert (mine.due.isoformat() if mine.due else None) == one.get("due")


def test_a_place_is_judged_by_its_own_documents_and_their_parents_only() -> None:
    assert set(load_profile("fourth-division").documents) >= {"D4", "BT"}
    assert not {"D9", "ZGR", "SZS"} & set(load_profile("fourth-division").documents)
    assert {"D4", "D9", "BT", "ZGR", "SZS"} <= set(load_profile("general").documents)


def test_a_place_that_asks_for_no_ipv6_itself_bears_only_the_national_weight() -> None:
    control = load_catalogue().control("ipv6/endpoint-address")
    assert control is not None
    assert load_profile("fourth-division").basis(control) == ("CN-45-ipv6",)
    assert load_profile("shizuishan").severity(control) is Severity.MEDIUM


NETWORK_DUTIES = {
    "D4-9-3-egress", "D4-9-3-line", "BT-2-2-net", "D9-2-1-1", "ZGR-net-merge", "ZGR-net-egress", "ZGR-net-core", "ZGR-net-town",
    "SZS-2-1-2-merge", "SZS-2-1-2-apps", "SZS-2-1-2-v6", "ZGR-v6-access",
}  # fmt: skip


def test_every_duty_on_networks_is_in_its_profile_and_behind_a_check_of_links_units_or_devices() -> None:
    kinds = {"link", "unit", "device"}
    behind = {duty for one in load_catalogue().checks if kinds & set(one.control.kinds) for duty in one.control.basis}
    assert behind >= NETWORK_DUTIES
    for name, duties in {
        "fourth-division": {"D4-9-3-egress", "D4-9-3-line", "BT-2-2-net"},
        "ninth-division": {"D9-2-1-1", "BT-2-2-net"},
        "jungar": {one for one in NETWORK_DUTIES if one.startswith("ZGR")},
        "shizuishan": {one for one in NETWORK_DUTIES if one.startswith("SZS")},
    }.items():
        assert duties <= set(load_profile(name).requirements)


def test_the_figures_of_a_place_are_those_of_its_own_duties() -> None:
    control = load_catalogue().control("extranet/core-link-redundancy")
    assert control is not None
    assert load_profile("jungar").figures(control) == {"core_mbps": 1000, "core_links": 2}
    assert load_profile("general").figures(control) == {}
    assert load_profile("shizuishan").figures(control) == {}
    assert not load_profile("shizuishan").asks(control)


def test_another_city_needs_no_change_of_the_catalogue() -> None:
    catalogue, city = load_catalogue(), load_profile("example-city")
    control = catalogue.control("domestic/cpu")
    assert control is not None
    assert "EX-8-cpu-os" in city.basis(control)
    assert {target.metric: target.at_least for target in city.targets}["domestic-cpu-rate"] == 70
    cloud = catalogue.control("systems/not-on-government-cloud")
    assert cloud is not None
    assert city.basis(cloud) == ("EX-5-cloud",)


def test_a_profile_of_ones_own_file(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(
        (PROFILES / "example-city.toml").read_text("utf-8").replace('id = "example-city"', 'id = "mine"'), "utf-8"
    )
    assert load_profile(str(own)).id == "mine"


def test_the_general_profile_holds_nobody_to_a_figure() -> None:
    assert load_profile("general").reference_only
    assert load_profile("general").targets == ()


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("domestic/cpu.toml", "max_age_days = 180", "max_age = 180", "unknown field `max_age`"),
        ("domestic/cpu.toml", "max_age_days = 180", 'max_age_days = "long"', "max_age_days"),
        ("domestic/cpu.toml", 'rule = "domestic.processor"', 'rule = "os.system"', "not in the table of rules"),
        ("domestic/cpu.toml", 'needs = ["processor"]', 'needs = ["cpu-colour"]', "nothing observes"),
        ("domestic/cpu.toml", "domestic = [", "homely = [", "homely"),
        ("domestic/cpu.toml", "[params]", "[params", "Expected"),
        ("ipv6/endpoint-address.toml", '"fc00::/7"', '"fc00::/777"', "fc00"),
        ("ipv6/endpoint-address.toml", "'vnet.*'", "'(v+)+'", "letters"),
        ("ipv6/dns-aaaa.toml", '"fc00::/7"', '"fc00::/777"', "fc00"),
        ("ipv6/dns-aaaa.toml", "for_person = [", "for_nobody = [", "for_nobody"),
        ("ipv6/service-parity.toml", "alike = 900", "alike = 1001", "per mille"),
        ("ipv6/inner-links.toml", "third_level = 950", "third_level = -1", "per mille"),
        ("systems/not-on-government-cloud.toml", '"fe80::/10"', '"fe80::/129"', "fe80"),
        ("ipv6/link-dual-stack.toml", '"fc00::/7"', '"fc00::/777"', "fc00"),
        ("extranet/own-internet-egress.toml", '"192.0.2.0/24"', '"192.0.2.1/24"', "192.0.2.1"),
        ("extranet/core-link-redundancy.toml", "core_links = 2", "core_lines = 2", "core_lines"),
    ],
)
def test_a_wrong_catalogue_is_named(tmp_path: Path, file: str, before: str, after: str, said: str) -> None:
    text = (CATALOGUE / file).read_text("utf-8")
    assert before in text
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(CatalogueError) as error:
        load_catalogue(tmp_path)
    assert said in error.value.what.en
    assert file in error.value.where


def test_an_unknown_profile_says_which_there_are() -> None:
    with pytest.raises(InputError) as error:
        load_profile("atlantis")
    assert error.value.advice is not None
    assert "fourth-division" in error.value.advice.zh


def test_the_list_of_evaluated_products_is_dated_and_honest() -> None:
    products = load_evaluated()
    assert products.list.complete_through is None
    assert {one.confidence for one in products.product} == {"high", "medium", "low"}
    first = next(one for one in products.announcement if one.no == "2023年第1号")
    assert str(first.expires) == "2026-12-26"
    assert all(one.level in (None, 1, 2, 3, 4) for one in products.product)


def test_the_digest_of_the_inputs_changes_with_each_of_them(tmp_path: Path) -> None:
    catalogue, general, products = load_catalogue(), load_profile("general"), load_evaluated()
    base = inputs_digest(catalogue, general, products)
    changed = tmp_path / "list.toml"
    changed.write_text(EVALUATED.read_text("utf-8").replace("validity_years = 3", "validity_years = 4"), "utf-8")
    assert inputs_digest(catalogue, load_profile("corps"), products) != base
    assert inputs_digest(catalogue, general, load_evaluated(changed)) != base
    assert inputs_digest(load_catalogue(), load_profile("general"), load_evaluated()) == base


def test_every_toml_of_ours_speaks_both_languages_and_chinese_punctuation() -> None:
    for path in sorted(CATALOGUE.glob("*/*.toml")):
        read = tomllib.loads(path.read_text("utf-8"))
        for text in [read["title"], read["remedy"], *read["messages"].values()]:
            assert set(text) == {"zh", "en"}, path
            assert any("一" <= c <= "鿿" for c in text["zh"]), (path, text)
            assert ", " not in text["zh"], (path, text)
