"""A found system that is one of those filed: it leads there, or shows the same page at the same address."""

from typing import Any

import pytest

from controls import estate
from controls.model import Blindness, Joined, Subject
from tests.controls.making import SITE, answer, asset, kin, page, port, system, unseen
from xunyan.facts import DeclaredAs

FILED = {"system": "办事大厅", "names": "WWW.a.example. m.a.example"}
HALL = system("hall", answer("www.a.example", "10.1.2.3"), pages=(page(),), ledger=FILED)
REDIRECT, SAME = DeclaredAs("system:hall", "redirect"), DeclaredAs("system:hall", "same-page")


def found(**changes: Any) -> list[DeclaredAs]:
    """What a found system is, by the one page that it shows."""
    shown = page(**{"url": "http://10.1.2.9/", "address": "10.1.2.9", "title": "", **changes})
    return kin(system("a", pages=(shown,)), HALL)


def test_it_leads_to_a_filed_name() -> None:
    assert found(final_url="https://www.a.example/login?next=/") == [REDIRECT]
    assert found(final_url="https://M.A.example:8443/") == [REDIRECT]
    assert found(final_url="http://user@www.a.example", outcome="redirect-outside", status=302) == [REDIRECT]


@pytest.mark.parametrize(
    "changes",
    [
        {"final_url": "https://www.b.example/"},
        {"final_url": "https://www.a.example.evil.example/"},
        {"final_url": "https://evil.example/www.a.example/"},
        {"final_url": "https://evil.example?@www.a.example/"},
        {"final_url": "https://www.a.example@evil.example/"},
        {"final_url": "javascript:https://www.a.example/"},
        {"final_url": ""},
        {"final_url": SITE, "outcome": "timeout"},
        {"final_url": SITE, "network": "专网"},
        {"url": SITE, "final_url": SITE},
    ],
)
def test_it_leads_elsewhere(changes: dict[str, str]) -> None:
    assert found(**changes) == []


def test_it_shows_the_page_of_a_filed_system_at_the_same_address() -> None:
    shown = {"url": "https://10.1.2.3/", "address": "10.1.2.3", "title": "办事大厅"}
    assert found(**shown) == [SAME]
    assert found(**shown, text_length=950) == [SAME]
    assert found(**shown, text_length=949) == []
    assert found(**shown, status=404) == []
    assert found(**{**shown, "title": "后台"}) == []
    assert found(**{**shown, "address": "10.1.2.4"}) == []
    assert found(**shown, network="专网") == []
    assert found(**shown, outcome="malformed") == []


def test_a_filed_system_that_showed_no_page_is_like_none() -> None:
    gone = system("hall", pages=(page(outcome="timeout"),), ledger=FILED)
    assert kin(system("a", pages=(page("https://10.1.2.3/"),)), gone) == []


def test_pages_without_a_title_are_not_alike() -> None:
    bare = system("hall", pages=(page(title=""),), ledger=FILED)
    assert kin(system("a", pages=(page("https://10.1.2.3/", title=""),)), bare) == []


def test_only_what_is_filed_and_stands_can_be_led_to() -> None:
    leads = system("a", pages=(page("http://10.1.2.9/", "10.1.2.9", final_url=SITE),))
    assert kin(leads, system("hall", ledger={**FILED, "withdrawn": "2026-11-01"})) == []
    assert kin(leads, system("hall", ledger={**FILED, "matched_to": "system:other"})) == []
    assert kin(leads, system("hall")) == []
    assert kin(leads, system("hall", ledger=FILED), system("b", ledger=FILED)) == [], "a name of two is nobody's"


def test_a_filed_system_is_not_looked_at_and_one_that_was_taken_off_the_ledger_is() -> None:
    leads = (page("http://10.1.2.9/", "10.1.2.9", final_url=SITE),)
    built = estate.build([system("a", pages=leads, ledger={"system": "乙"}), HALL])
    assert "declared-as" not in built.subjects["a"].observations
    assert kin(system("a", pages=leads, ledger={"withdrawn": "2026-11-01"}), HALL) == [REDIRECT]


def test_the_proof_is_both_pages_or_the_row_that_files_the_name() -> None:
    pages = (page("http://10.1.2.9/", "10.1.2.9", final_url=SITE), page("https://10.1.2.3/"))
    seen = estate.build([system("a", pages=pages), HALL]).subjects["a"].observations["declared-as"]
    assert isinstance(seen, Joined)
    assert {fact: [one.capture for one in proof] for fact, proof in zip(seen.facts, seen.proofs, strict=True)} == {
        REDIRECT: ["a-pages", "hall-ledger"],
        SAME: ["a-pages", "hall-pages"],
    }


def test_no_page_was_looked_at() -> None:
    built = estate.build([Subject(asset("system", "a")), HALL])
    assert "declared-as" not in built.subjects["a"].observations


def test_one_page_of_two_does_not_tell() -> None:
    """A site of its own on port 80, and on port 443 whatever stands first there."""
    own = page(url="http://old.example/", address="10.1.2.3", title="旧系统")
    first = page(url="https://old.example/", address="10.1.2.3", title="办事大厅")
    led = page(url="http://old.example/", address="10.1.2.9", title="", final_url="https://www.a.example/")
    assert kin(system("a", pages=(own, first)), HALL) == []
    assert kin(system("a", pages=(led, own)), HALL) == []
    assert kin(system("a", pages=(led, first)), HALL) == [REDIRECT, SAME]


def test_a_page_that_two_filed_systems_show_is_neithers() -> None:
    other = system("b", answer("b.example", "10.1.2.3"), pages=(page(),), ledger={"system": "乙", "names": "b.example"})
    shown = page(url="https://10.1.2.3/", address="10.1.2.3", title="办事大厅")
    assert kin(system("a", pages=(shown,)), HALL, other) == []


def test_a_page_that_was_not_seen_may_be_one_of_its_own() -> None:
    led = page("http://old.example/", "10.1.2.9", name="old.example", port=80, final_url=SITE)
    late = page("https://old.example/", "10.1.2.9", name="old.example", outcome="timeout", status=0, final_url="")
    both = (port("10.1.2.9", 80, name="old.example"), port("10.1.2.9", name="old.example"))
    late_found = system("a", ports=both, pages=(led, late))
    assert "declared-as" not in estate.build([late_found, HALL]).subjects["a"].observations
    assert unseen(late_found, HALL, observation="declared-as") == (Blindness("http", "timeout", late.url),)
    unread = system("a", ports=both, pages=(led,))
    assert unseen(unread, HALL, observation="declared-as") == (Blindness("http", "not-asked", "old.example:443"),)
    assert kin(system("a", ports=both[:1], pages=(led,)), HALL) == [REDIRECT]


def test_a_page_of_its_own_decides_whatever_else_was_not_seen() -> None:
    own = page("http://old.example/", "10.1.2.9", title="旧系统")
    late = page("https://old.example/", "10.1.2.9", outcome="reset", status=0)
    assert kin(system("a", pages=(own, late)), HALL) == []


def test_of_several_addresses_of_a_family_one_page_is_enough() -> None:
    led = page("https://old.example/", "10.1.2.9", name="old.example", final_url=SITE)
    two = (port("10.1.2.9", name="old.example"), port("10.1.2.10", name="old.example"))
    assert kin(system("a", ports=two, pages=(led,)), HALL) == [REDIRECT]
    six = port("240e:1::9", name="old.example")
    assert unseen(system("a", ports=(*two, six), pages=(led,)), HALL, observation="declared-as")


@pytest.mark.parametrize("outcome", ["redirect-no-address", "redirect-unanswered"])
def test_it_leads_to_a_filed_name_whether_that_could_be_followed_or_not(outcome: str) -> None:
    assert found(final_url=SITE, outcome=outcome, status=302) == [REDIRECT]
