"""From the answers of many assets to the verdicts on systems, with the proof that each of them cites."""

from dataclasses import replace
from datetime import timedelta

from controls import engine, estate
from controls.loader import load_catalogue, load_evaluated, load_profile
from controls.model import Subject
from tests.controls.making import a_range, answer, asset, filed, host, page, port, system, talk
from tests.making import NOON
from tests.purity import pure
from xunyan.model import Verdict

CATALOGUE, PRODUCTS = load_catalogue(), load_evaluated()
CLOUD = a_range("10.1.0.0/16", "government-cloud", level="city")
ROOM = a_range("10.8.0.0/24", "machine-room", holder="教育局机房")
OPEN = (port("10.1.2.3", name="www.a.example"),)
HALL = system("a", answer("www.a.example", "10.1.2.3"), ports=OPEN, pages=(page(),), ledger={"system": "办事大厅"})
TO_ROOM = talk("10.1.2.3", 40000, "10.8.0.30", 3306, 7)
TO_CLOUD = talk("10.1.2.3", 40001, "10.1.2.30", 3306, 8)


def judged(*subjects: Subject, profile: str = "general") -> dict[tuple[str, str], Verdict]:
    joined = estate.build(subjects)
    verdicts = engine.judge(CATALOGUE.checks, joined, load_profile(profile), PRODUCTS, NOON + timedelta(days=1))
    return {(one.control, one.asset): one for one in verdicts}


def said(found: dict[tuple[str, str], Verdict], control: str, of: str = "a") -> tuple[str, str]:
    return found[control, of].status.value, found[control, of].message.key


def test_split_migration_is_found_with_the_connection_line_as_proof() -> None:
    web = host("web", "10.1.2.3", talks=(TO_CLOUD, TO_ROOM))
    found = judged(HALL, web, CLOUD, ROOM)
    assert said(found, "systems/not-on-government-cloud") == ("satisfied", "on-cloud")
    verdict = found["systems/depends-on-private-room", "a"]
    assert (verdict.status.value, verdict.message.key) == ("not-satisfied", "room-behind")
    assert verdict.message.args["connection"] == "10.1.2.3:40000 10.8.0.30:3306"
    lines = [(one.capture, one.first) for one in verdict.evidence if one.source == "connections"]
    assert lines == [("web-connections", 7)]
    assert {one.capture for one in verdict.evidence} >= {"a-names", "10.8.0.0/24-ledger"}


def test_a_back_end_that_is_another_port_of_the_cloud_is_none_of_a_room() -> None:
    found = judged(HALL, host("web", "10.1.2.3", talks=(TO_CLOUD,)), CLOUD, ROOM)
    assert said(found, "systems/depends-on-private-room") == ("satisfied", "cloud-behind")


def test_without_a_host_that_was_read_nothing_is_claimed() -> None:
    found = judged(HALL, CLOUD, ROOM)
    verdict = found["systems/depends-on-private-room", "a"]
    assert (verdict.status.value, verdict.message.key) == ("not-observed", "engine.missing")
    assert "no host that was read holds its address: 10.1.2.3" in verdict.message.args["why"]


def test_a_finding_on_place_cites_the_range_that_says_so_and_not_the_others() -> None:
    both = system("a", answer("www.a.example", "10.1.2.3", "10.8.0.3"), ports=OPEN)
    verdict = judged(both, CLOUD, ROOM)["systems/not-on-government-cloud", "a"]
    assert verdict.message.args["where"] == "www.a.example → 10.8.0.3 → 10.8.0.0/24 [教育局机房]"
    assert [one.capture for one in verdict.evidence] == ["a-names", "10.8.0.0/24-ledger"]


def test_a_range_filed_long_ago_makes_no_place_old() -> None:
    old = replace(CLOUD, ledger=filed("old", network="外网", range="10.1.0.0/16", kind="government-cloud"))
    assert old.ledger is not None
    aged = replace(old.ledger, evidence=replace(old.ledger.evidence, taken_at=NOON - timedelta(days=700)))
    found = judged(HALL, replace(old, ledger=aged))
    assert said(found, "systems/not-on-government-cloud") == ("satisfied", "on-cloud")


def test_an_alias_of_a_filed_system_is_not_undeclared_and_counts_once() -> None:
    hall = replace(HALL, ledger=filed("a", system="办事大厅", names="www.a.example"))
    alias = system(
        "alias", answer("a.example", "10.1.2.9"), ports=(port("10.1.2.9", name="a.example"),),
        pages=(page("http://a.example/", "10.1.2.9", final_url="https://www.a.example/", title="办事大厅"),),
    )  # fmt: skip
    stranger = system(
        "x",
        answer("x.example", "10.1.2.8"),
        ports=(port("10.1.2.8", name="x.example"),),
        pages=(page("http://x.example/", "10.1.2.8"),),
    )
    found = judged(hall, alias, stranger, CLOUD)
    assert said(found, "systems/undeclared-system") == ("satisfied", "filed")
    assert said(found, "systems/undeclared-system", "alias") == ("not-applicable", "judged-as")
    assert said(found, "systems/undeclared-system", "x") == ("not-satisfied", "page")
    assert said(found, "ipv6/dns-aaaa", "alias") == ("not-applicable", "judged-as")


def test_a_found_system_is_not_spared_while_one_of_its_pages_was_not_seen() -> None:
    hall = replace(HALL, ledger=filed("a", system="办事大厅", names="www.a.example"))
    ports = (port("10.1.2.9", 80, name="a.example"), port("10.1.2.9", name="a.example"))
    led = page("http://a.example/", "10.1.2.9", name="a.example", port=80, final_url="https://www.a.example/")
    late = page("https://a.example/", "10.1.2.9", name="a.example", outcome="timeout", status=0)
    for shown in (led, replace(led, outcome="redirect-outside", status=302)):
        alias = system("alias", answer("a.example", "10.1.2.9"), ports=ports, pages=(shown, late))
        verdict = judged(hall, alias, CLOUD)["systems/undeclared-system", "alias"]
        assert (verdict.status.value, verdict.message.key) == ("needs-person", "kin-unseen")
        assert verdict.message.args["unseen"] == "https://a.example/"


def test_what_others_write_stays_on_one_line_of_a_message() -> None:
    hostile = system("a", answer("www\n\x1b[31m.example", "10.8.0.3"), ports=OPEN)
    args = judged(hostile, CLOUD, ROOM)["systems/not-on-government-cloud", "a"].message.args
    assert args["where"].startswith("www\\n\\x1b[31m.example → 10.8.0.3")
    bad = system("b", answer("b", "10.8.0.3"), ports=(port("10.8.0.3"),), pages=(page(title="\x1b]0;x\x07\n"),))
    assert judged(bad)["systems/undeclared-system", "b"].message.args["title"].isprintable()


def test_joining_and_judging_systems_touches_nothing() -> None:
    subjects = (HALL, host("web", "10.1.2.3", talks=(TO_ROOM,)), CLOUD, ROOM, system("b", pages=(page("http://b/"),)))
    profile = load_profile("general")

    def run() -> list[Verdict]:
        return list(engine.judge(CATALOGUE.checks, estate.build(subjects), profile, PRODUCTS, NOON))

    expected = run()
    with pure():
        assert run() == expected


def test_a_room_and_a_range_are_judged_by_no_control_of_systems() -> None:
    found = judged(HALL, CLOUD, Subject(asset("room", "r")))
    assert {identifier for _, identifier in found} == {"a"}
