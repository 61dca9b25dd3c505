"""What may be touched: a wrong yes sends a packet where it was forbidden."""

from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventories.letters import Letter, Limits
from inventories.scope import (
    Ground,
    Service,
    State,
    classified,
    decide,
    decide_name_server,
    decide_service,
    in_force,
    jump_hosts,
    limits,
    next_opening,
    opening,
    resolvers,
    state,
    sudo_allowed,
)
from tests.inventories.letter_making import NETWORK, asked, at, letter
from tests.purity import pure
from xunyan.permits import Method, Permit

NOON = at("2026-11-21 12:00")
NIGHT = 'windows = ["22:00-06:00"]'
WEEKEND = (
    'windows = [{ days = ["周日"], from = "22:00", to = "24:00" }, { days = ["周一"], from = "00:00", to = "06:00" }]'
)
REVOKED = '\n[revoked]\non = 2026-11-10\nby = "赵六"\nreason = "项目中止"\n'


def grounds(decision_of: tuple[Letter, ...], **fields: Any) -> list[Ground]:
    question = asked(**fields)
    return [one.ground for one in decide(decision_of, question, NOON).reasons]


def test_an_address_inside_a_letter_gets_a_permit_for_exactly_what_was_asked() -> None:
    found = decide((letter(),), asked(unit="教育局"), NOON)
    assert found.permit == Permit(NETWORK, "10.1.2.3", 22, Method.SSH, at("2026-12-01 00:00"), "A-1")
    assert found.reasons[0].text.zh == "10.1.2.3 在允许的 10.1.0.0/16 内，至 2026-12-01 00:00"


@pytest.mark.parametrize(
    ("fields", "question", "ground"),
    [
        ({}, {"address": "10.2.0.1"}, None),
        ({}, {"network": "别的域"}, None),
        ({}, {"network": ""}, None),
        ({}, {"port": 23}, Ground.PORT),
        ({}, {"port": 0}, Ground.PORT),
        ({"more": "ports = [2222]"}, {}, Ground.PORT),
        ({"methods": ["winrm"]}, {}, Ground.METHOD),
        ({}, {"unit": "公安局"}, Ground.UNIT),
        ({"valid_until": "2026-11-20"}, {}, Ground.EXPIRED),
        ({"valid_until": "2026-11-21T12:00:00+08:00"}, {}, Ground.EXPIRED),
        ({"valid_from": "2026-11-22"}, {}, Ground.NOT_YET),
        ({"more": NIGHT}, {}, Ground.WINDOW),
        ({"tail": REVOKED}, {}, Ground.REVOKED),
        ({"deny": ["10.1.2.0-10.1.2.9"]}, {}, Ground.DENIED),
        ({"deny": ["10.1.2.1-5"]}, {}, Ground.DENIED),
        ({"classified": ["10.1.2.3"]}, {}, Ground.CLASSIFIED),
        ({"deny": ["oa.example"]}, {"names": ["www.example", "OA.Example."]}, Ground.DENIED),
    ],
)
def test_whatever_does_not_fit_is_refused_with_its_reason(
    fields: dict[str, Any], question: dict[str, Any], ground: Ground | None
) -> None:
    found = decide((letter(**fields),), asked(**question), NOON)
    assert found.permit is None
    assert [one.ground for one in found.reasons] == ([ground] if ground else [])
    assert found.why.zh
    assert found.why.en


def test_a_reason_says_the_window_and_when_it_opens() -> None:
    found = decide((letter(more=NIGHT),), asked(), NOON)
    assert found.why.zh == (
        "授权书 A-1：10.1.2.3 在允许的 10.1.0.0/16 内，但不在时间窗 22:00-06:00，下次开放 2026-11-21 22:00"
    )
    assert "next opens 2026-11-21 22:00" in found.why.en
    revoked = decide((letter(tail=REVOKED),), asked(), NOON)
    assert "授权书已于 2026-11-10 00:00 由赵六撤销（项目中止）" in revoked.why.zh


def test_all_units_and_unknown_unit() -> None:
    assert decide((letter(units=["*"]),), asked(unit="公安局"), NOON).permit is not None
    assert decide((letter(),), asked(unit=""), NOON).permit is not None


@pytest.mark.parametrize(
    "address",
    [
        "", "web01", "010.1.2.3", "10.1.2", "10.1.2.3 ", "10.1.2.3\n", "0x0a010203", "167838211", "10.1.2.3/32", "１0.1.2.3",
        "::ffff:10.1.2.3", "::ffff:a01:203", "::ffff:0:a01:203", "::10.1.2.3", "fe80::1%eth0", "0.0.0.0", "0.1.2.3", "::",  # noqa: S104
        "224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "64:ff9b::e000:1", "2002:ffff:ffff::1",
    ],
)  # fmt: skip
def test_what_is_no_target_is_never_permitted(address: str) -> None:
    wide = letter(
        allow=[
            "10.0.0.0/8",
            "224.0.0.0/8",
            "255.0.0.0/8",
            "239.0.0.0/8",
            "0.0.0.0/8",
            "fe80::/32",
            "ff02::/32",
            "64:ff9b::/96",
            "2002:ffff::/32",
        ]
    )
    found = decide((wide,), asked(address), NOON)
    assert found.permit is None
    assert found.why.zh


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1", "2002:0a01:0203:1::5", "2001:0:a01:203::1",
        "2001:0:808:808::f5fe:fdfc", "240e::5efe:a01:203", "240e::200:5efe:a01:203", "64:ff9b:1::10.1.2.3",
        "64:ff9b:1:a01:2:300::", "64:ff9b:1:ff0a:01:0203::", "64:ff9b:1:ffff:a:102:300:0",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["deny", "classified"])
def test_an_embedded_address_is_barred_by_what_bars_the_address(address: str, kind: str) -> None:
    everywhere = ["64:ff9b::/96", "2002:a01::/32", "2001::/32", "240e::/32", "64:ff9b:1::/48"]
    allowing = letter(allow=everywhere)
    assert decide((allowing,), asked(address), NOON).permit is not None
    barring = letter("B-1", allow=[], **{kind: ["10.1.2.3"]})
    assert decide((allowing, barring), asked(address), NOON).permit is None
    if kind == "classified":
        assert classified((barring,), NETWORK, address)


@pytest.mark.parametrize(
    "late",
    [
        {"valid_until": "2026-11-10"},
        {"valid_from": "2026-12-01", "valid_until": "2026-12-02"},
        {"tail": REVOKED},
        {"more": NIGHT},
    ],
)
@pytest.mark.parametrize("kind", ["deny", "classified"])
def test_what_a_letter_bars_stays_barred_when_the_letter_is_not_in_force(late: dict[str, Any], kind: str) -> None:
    barring = letter("Z-9", allow=[], **{kind: ["10.1.2.0/24"]}, **late)
    for order in permutations((letter(), barring)):
        found = decide(order, asked(), NOON)
        assert found.permit is None
        assert [(one.letter, one.allows) for one in found.reasons] == [("A-1", True), ("Z-9", False)]
        assert "Z-9" in found.why.zh


def test_classified_is_named_before_denied() -> None:
    both = (letter("B", allow=[], deny=["10.1.2.3"]), letter("C", allow=[], classified=["10.1.2.3"]), letter())
    found = decide(both, asked(), NOON)
    assert "涉密" in found.why.zh
    assert [one.ground for one in found.reasons] == [Ground.ALLOWED, Ground.DENIED, Ground.CLASSIFIED]


def test_a_bar_holds_in_its_own_network_only() -> None:
    other = letter("B", network="内网", allow=[], deny=["10.1.2.3"], classified=["10.1.2.4"])
    assert decide((letter(), other), asked(), NOON).permit is not None
    assert not classified((other,), NETWORK, "10.1.2.4")
    assert classified((other,), "内网", "10.1.2.4")
    assert not classified((other,), "内网", "办公楼")


@pytest.mark.parametrize(
    ("denied", "name", "barred"),
    [
        ("oa.example", "oa.example", True),
        ("oa.example", "www.oa.example", True),
        ("oa.example", "WWW.OA.EXAMPLE.", True),
        ("oa.example", "notoa.example", False),
        ("oa.example", "example", False),
        ("oa.example", "oa.example.org", False),
        ("oa.example.", "oa.example", True),
        ("办公.政务", "xn--55qx2a.xn--zfr164b", True),
        ("办公.政务", "WWW.办公。政务", True),
        ("政务", "oa.XN--ZFR164B.", True),
        ("xn--zfr164b", "oa.政务", True),
        ("straße.example", "strasse.example", True),
        ("straße.example", "xn--strae-oqa.example", True),
        ("oa.example", "ｏａ．ｅｘａｍｐｌｅ", True),
        ("oa.example", "o\u200ba.example", True),
        ("oa.example", "oa\u00ad.example", True),
        ("oa", "portal.oa", True),
    ],
)
def test_denied_names_match_whole_labels_in_every_spelling(denied: str, name: str, barred: bool) -> None:
    found = decide((letter(deny=[denied]),), asked(names=["first.example", name]), NOON)
    assert (found.permit is None) is barred


def test_the_letter_that_allows_longest_counts_and_ties_go_by_number() -> None:
    short, long = letter("A", valid_until="2026-11-22"), letter("B")
    twin = letter("C")
    for order in permutations((short, long, twin)):
        permit = decide(order, asked(), NOON).permit
        assert permit is not None
        assert permit.authorisation == "B"


@pytest.mark.parametrize(
    ("more", "moment", "until"),
    [
        (NIGHT, "2026-11-21 22:00", "2026-11-22 06:00"),
        (NIGHT, "2026-11-22 05:59", "2026-11-22 06:00"),
        (NIGHT, "2026-11-22 06:00", None),
        (NIGHT, "2026-11-21 21:59", None),
        (NIGHT, "2026-11-30 23:00", "2026-12-01 00:00"),
        ('windows = ["00:00-24:00"]', "2026-11-21 12:00", "2026-12-01 00:00"),
        ('windows = ["18:00-24:00", "00:00-06:00"]', "2026-11-21 20:00", "2026-11-22 06:00"),
        ('windows = ["20:00-23:00", "22:00-01:00"]', "2026-11-21 20:00", "2026-11-22 01:00"),
        ('windows = ["20:00-06:00", "22:00-23:00"]', "2026-11-21 20:00", "2026-11-22 06:00"),
        (WEEKEND, "2026-11-22 23:00", "2026-11-23 06:00"),
        (WEEKEND, "2026-11-23 03:00", "2026-11-23 06:00"),
        ('windows = [{ days = ["周六"], from = "22:00", to = "06:00" }]', "2026-11-21 23:00", "2026-11-22 06:00"),
        ('windows = [{ days = ["sat"], from = "22:00", to = "06:00" }]', "2026-11-22 03:00", "2026-11-22 06:00"),
        ('windows = [{ days = ["sat"], from = "22:00", to = "06:00" }]', "2026-11-21 03:00", None),
        ('windows = [{ days = ["周日"], from = 22:00:00, to = 06:00:00 }]', "2026-11-23 05:00", "2026-11-23 06:00"),
        ('windows = [{ days = ["周天"], from = "22:00", to = "06:00" }]', "2026-11-22 23:00", "2026-11-23 06:00"),
        ('windows = [{ days = ["周一"], from = "22:00", to = "06:00" }]', "2026-11-23 05:00", None),
    ],
)  # 2026-11-21 is a Saturday
def test_windows_open_and_close_on_the_minute(more: str, moment: str, until: str | None) -> None:
    permit = decide((letter(more=more),), asked(), at(moment)).permit
    assert (permit.expires if permit else None) == (at(until) if until else None)


def test_a_moment_means_the_same_in_every_zone() -> None:
    there = at("2026-11-21 23:00").astimezone(timezone(timedelta(hours=-8)))
    assert (
        decide((letter(more=NIGHT),), asked(), there).permit
        == decide((letter(more=NIGHT),), asked(), at("2026-11-21 23:00")).permit
    )
    with pytest.raises(ValueError, match="zone"):
        decide((letter(),), asked(), datetime(2026, 11, 21, 12))  # noqa: DTZ001


def test_the_edges_of_validity() -> None:
    one = letter()
    assert decide((one,), asked(), at("2026-10-31 23:59")).permit is None
    assert decide((one,), asked(), at("2026-11-01 00:00")).permit is not None
    assert decide((one,), asked(), at("2026-11-30 23:59")).permit is not None
    assert decide((one,), asked(), at("2026-12-01 00:00")).permit is None


def test_a_coming_revocation_ends_the_permit() -> None:
    coming = letter(tail=REVOKED.replace("2026-11-10", "2026-11-22T00:00:00+08:00"))
    permit = decide((coming,), asked(), NOON).permit
    assert permit is not None
    assert permit.expires == at("2026-11-22 00:00")
    assert decide((coming,), asked(), permit.expires).permit is None
    assert state(coming, permit.expires) is State.REVOKED


def test_a_range_inside_another_hides_nothing_of_it() -> None:
    for written in permutations(("10.1.0.0/16", "10.1.5.0/24", "10.1.5.7", "10.1.6.0-10.1.6.9")):
        assert decide((letter(deny=list(written)),), asked("10.1.9.9"), NOON).permit is None
        assert decide((letter(allow=list(written)),), asked("10.1.9.9"), NOON).permit is not None


SERVICES: dict[str, Any] = {
    "methods": ["winrm"],
    "resolvers": ["10.0.0.53", "[240e::53]:5353"],
    "jump_hosts": ["10.0.0.9:2222"],
}


def test_services_have_their_own_grant() -> None:
    one = letter(**SERVICES)
    assert [(p.address, p.port, p.method) for p in resolvers((one,), NETWORK, NOON)] == [
        ("10.0.0.53", 53, Method.DNS), ("240e::53", 5353, Method.DNS)
    ]  # fmt: skip
    assert [(p.address, p.port, p.method) for p in jump_hosts((one,), NETWORK, NOON)] == [
        ("10.0.0.9", 2222, Method.SSH)
    ]
    assert resolvers((one,), "内网", NOON) == ()
    assert decide((one,), asked("10.0.0.53", 53, method=Method.DNS), NOON).permit is None
    wrong = decide_service((one,), NETWORK, "10.0.0.53", 5353, Service.RESOLVER, NOON)
    assert (wrong.permit, [r.ground for r in wrong.reasons]) == (None, [Ground.PORT])
    assert decide_service((one,), NETWORK, "10.0.0.53", 53, Service.JUMP_HOST, NOON).permit is None
    assert decide_service((one,), NETWORK, "10.1.2.3", 22, Service.JUMP_HOST, NOON).permit is None
    assert decide_service((one,), NETWORK, "10.0.0.53", 53, Service.TIMESTAMP, NOON).permit is None


def test_a_timestamp_server_has_its_own_grant_and_serves_nothing_else() -> None:
    one = letter(timestamps=["10.0.0.54", "10.0.0.55:3180"])
    found = decide_service((one,), NETWORK, "10.0.0.54", 80, Service.TIMESTAMP, NOON).permit
    assert found is not None
    assert (found.address, found.port, found.method) == ("10.0.0.54", 80, Method.TIMESTAMP)
    assert decide_service((one,), NETWORK, "10.0.0.55", 3180, Service.TIMESTAMP, NOON).permit is not None
    for address, port, kind in (
        ("10.0.0.54", 443, Service.TIMESTAMP), ("10.0.0.56", 80, Service.TIMESTAMP), ("10.0.0.54", 80, Service.RESOLVER),
        ("10.0.0.54", 80, Service.JUMP_HOST), ("10.1.2.3", 80, Service.TIMESTAMP),
    ):  # fmt: skip
        assert decide_service((one,), NETWORK, address, port, kind, NOON).permit is None
    barring = letter("B", allow=[], valid_until="2026-11-02", deny=["10.0.0.0/24"])
    assert decide_service((one, barring), NETWORK, "10.0.0.54", 80, Service.TIMESTAMP, NOON).permit is None
    assert decide_service((one,), "内网", "10.0.0.54", 80, Service.TIMESTAMP, NOON).permit is None


def test_a_page_is_read_where_the_letter_lets_the_web_be_used() -> None:
    one = letter(methods=["ssh", "web"])
    for port in (80, 443):
        permit = decide((one,), asked(port=port, method=Method.WEB, unit="教育局"), NOON).permit
        assert permit is not None
        assert (permit.port, permit.method) == (port, Method.WEB)
    assert decide((one,), asked(port=8080, method=Method.WEB), NOON).permit is None
    assert decide((one,), asked(port=443), NOON).permit is None
    (said,) = decide((letter(),), asked(port=80, method=Method.WEB), NOON).reasons
    assert (said.ground, said.text.zh) == (Ground.METHOD, "10.1.2.3 在允许的 10.1.0.0/16 内，但不允许方式 web")


AUTHORITIES: dict[str, Any] = {"name_servers": ["10.0.0.54", "[240e::54]:5354"]}


def server(address: str, port: int = 53, **fields: Any) -> Any:
    return asked(address, port, method=Method.DNS, **fields)


def test_a_name_server_has_its_own_grant_and_is_neither_resolver_nor_target() -> None:
    one = letter(**AUTHORITIES)
    assert resolvers((one,), NETWORK, NOON) == ()
    assert decide_name_server((letter(resolvers=["10.0.0.54"]),), server("10.0.0.54"), NOON).permit is None
    assert decide_name_server((one,), server("10.0.0.54", network="内网"), NOON).permit is None
    assert decide_name_server((one,), server("240e::54", 5354), NOON).permit is not None
    assert decide_service((one,), NETWORK, "10.0.0.54", 53, Service.NAME_SERVER, NOON).permit is not None
    assert decide_service((one,), NETWORK, "10.0.0.54", 53, Service.RESOLVER, NOON).permit is None
    assert decide((one,), server("10.0.0.54"), NOON).permit is None
    found = decide_name_server((one,), server("10.0.0.54", unit="公安局"), NOON)
    assert found.permit == Permit(NETWORK, "10.0.0.54", 53, Method.DNS, at("2026-12-01 00:00"), "A-1")
    assert found.why.zh == "授权书 A-1：10.0.0.54 列为权威域名服务器，至 2026-12-01 00:00"
    wrong = decide_name_server((one,), server("240e::54"), NOON)
    assert (wrong.permit, [r.ground for r in wrong.reasons]) == (None, [Ground.PORT])
    assert decide_name_server((one,), server("10.0.0.55"), NOON).reasons == ()


def test_a_target_on_which_dns_may_be_used_is_a_name_server_without_a_grant() -> None:
    assert decide_name_server((letter(methods=["dns"]),), server("10.1.2.3", unit="教育局"), NOON).permit is not None
    for other, ground in (
        (letter(), Ground.METHOD), (letter(methods=["dns"], units=["公安局"]), Ground.UNIT)
    ):  # fmt: skip
        found = decide_name_server((other,), server("10.1.2.3", unit="教育局"), NOON)
        assert (found.permit, [one.ground for one in found.reasons]) == (None, [ground])
    both = letter(methods=["ssh"], allow=["10.0.0.0/16"], **AUTHORITIES)
    assert decide_name_server((both,), server("10.0.0.54"), NOON).permit is not None
    other = letter(methods=["dns"], allow=["240e::54"], **AUTHORITIES)
    assert decide_name_server((other,), server("240e::54"), NOON).permit is not None


@pytest.mark.parametrize("kind", ["deny", "classified"])
def test_a_name_server_is_barred_by_address_and_by_name(kind: str) -> None:
    barring = letter("B", allow=[], valid_until="2026-11-02", **{kind: ["10.0.0.0/24", "64:ff9b::/96"]})
    kept = (letter(**AUTHORITIES, methods=["dns"]), barring)
    assert decide_name_server(kept, server("240e::54", 5354), NOON).permit is not None
    assert decide_name_server(kept, server("10.0.0.54"), NOON).permit is None
    named = letter("C", allow=[], deny=["dns.gov.test"])
    for names, permitted in ((["ns1.dns.gov.test"], False), (["ns1.gov.test"], True)):
        found = decide_name_server((letter(**AUTHORITIES), named), server("10.0.0.54", names=names), NOON)
        assert (found.permit is not None) is permitted


def test_a_name_server_waits_for_its_letter() -> None:
    night = letter(more=NIGHT, **AUTHORITIES)
    question = server("10.0.0.54")
    assert decide_name_server((night,), question, NOON).permit is None
    assert opening((night,), question, NOON, decide_name_server) == at("2026-11-21 22:00")
    assert opening((night,), question, NOON) is None


@pytest.mark.parametrize(
    "late", [{"valid_until": "2026-11-10"}, {"valid_from": "2026-11-22"}, {"tail": REVOKED}, {"more": NIGHT}]
)
def test_services_end_with_their_letter(late: dict[str, Any]) -> None:
    assert resolvers((letter(**SERVICES, **late),), NETWORK, NOON) == ()
    assert decide_name_server((letter(**AUTHORITIES, **late),), server("10.0.0.54"), NOON).permit is None


@pytest.mark.parametrize("kind", ["deny", "classified"])
def test_services_are_barred_like_anything_else(kind: str) -> None:
    barring = letter("B", allow=[], valid_until="2026-11-02", **{kind: ["10.0.0.0/24"]})
    kept = (letter(**SERVICES), barring)
    assert [p.address for p in resolvers(kept, NETWORK, NOON)] == ["240e::53"]
    assert jump_hosts(kept, NETWORK, NOON) == ()


def test_opening_says_when_it_would_be_allowed() -> None:
    night = letter(more=NIGHT)
    assert opening((night,), asked(), NOON) == at("2026-11-21 22:00")
    assert opening((night,), asked(), at("2026-11-21 23:30")) == at("2026-11-21 23:30")
    assert opening((night,), asked(), at("2026-10-01 12:00")) == at("2026-11-01 00:00")
    assert opening((night,), asked(), at("2026-12-01 12:00")) is None
    assert opening((night,), asked(port=23), NOON) is None
    assert opening((night, letter("B", allow=[], deny=["10.1.2.3"])), asked(), NOON) is None
    assert next_opening(night, NOON) == at("2026-11-21 22:00")


def test_states_limits_and_sudo() -> None:
    kept = (
        letter("1", more="sudo = true", tail="\n[limits]\nconcurrency = 20\nper_second = 5\n"),
        letter("2", tail="\n[limits]\nconcurrency = 5\n"),
        letter("3", valid_until="2026-11-10", tail="\n[limits]\nconcurrency = 1\n"),
        letter("4", tail=REVOKED), letter("5", valid_from="2026-11-22"), letter("6", more=NIGHT),
    )  # fmt: skip
    assert [state(one, NOON) for one in kept] == [
        State.IN_FORCE, State.IN_FORCE, State.EXPIRED, State.REVOKED, State.NOT_YET, State.OUTSIDE_WINDOW
    ]  # fmt: skip
    assert limits(in_force(kept, NOON)) == Limits(5, 5.0)
    assert limits(()) == Limits()
    assert sudo_allowed(kept, "1")
    assert not sudo_allowed(kept, "2")
    assert not sudo_allowed(kept, "9")


def test_judging_touches_nothing() -> None:
    kept = (letter(more=NIGHT, deny=["政务"]), letter("B", tail=REVOKED))
    question = asked(names=["xn--zfr164b"])

    def run() -> None:
        decide(kept, question, NOON)
        opening(kept, question, NOON)

    run()
    with pure():
        run()


# Properties

ADDRESSES = st.integers(0, 2**12 - 1).map(lambda n: str(ip_address("10.1.0.0") + n))
RANGES = st.lists(
    st.one_of(
        ADDRESSES,
        st.tuples(st.integers(0, 15), st.integers(24, 32)).map(lambda p: f"10.1.{p[0]}.0/{p[1]}"),
        st.tuples(st.integers(0, 15), st.integers(0, 200), st.integers(200, 255)).map(
            lambda p: f"10.1.{p[0]}.{p[1]}-{p[2]}"
        ),
    ),
    max_size=4,
)
CLOCKS = st.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
WINDOWS = st.lists(
    st.tuples(st.lists(st.sampled_from(["mon", "tue", "周三", "thu", "周五", "sat", "sun"]), min_size=1, max_size=3), CLOCKS, CLOCKS).filter(
        lambda w: w[1] != w[2]
    ),
    min_size=1, max_size=4,
)  # fmt: skip
MOMENTS = st.integers(0, 40 * 24 * 60).map(lambda n: at("2026-10-28 00:00") + timedelta(minutes=n))


def windows_text(windows: list[tuple[list[str], str, str]]) -> str:
    tables = ", ".join(f'{{ days = {days}, from = "{a}", to = "{b}" }}'.replace("'", '"') for days, a, b in windows)
    return f"windows = [{tables}]"


@st.composite
def letters(draw: st.DrawFn) -> tuple[Letter, ...]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        more = windows_text(draw(WINDOWS)) if draw(st.booleans()) else ""
        late = draw(st.sampled_from(["2026-11-10", "2026-11-30"]))
        tail = draw(st.sampled_from(["", REVOKED]))
        found.append(
            letter(
                f"N-{number}", allow=["10.1.0.0/16"] if draw(st.booleans()) else draw(RANGES), deny=draw(RANGES),
                classified=draw(RANGES), more=more, valid_until=late, tail=tail,
            )
        )  # fmt: skip
    return tuple(found)


def plainly_holds(texts: tuple[str, ...], address: str) -> bool:
    """The same question, asked of every address of every range in turn."""
    value = int(ip_address(address))
    for text in texts:
        base, _, bits = text.partition("/")
        first, _, last = base.partition("-")
        start = int(ip_address(first))
        end = start + 2 ** (32 - int(bits)) - 1 if bits else start - start % 256 + int(last) if last else start
        if start <= value <= end:
            return True
    return False


@settings(deadline=None)
@given(letters(), ADDRESSES, MOMENTS)
def test_barred_anywhere_is_barred_whatever_the_order(kept: tuple[Letter, ...], address: str, moment: datetime) -> None:
    barred = any(
        plainly_holds(tuple(one.text for one in ranges.ranges), address)
        for one in kept for ranges in (one.networks[0].deny, one.networks[0].classified)
    )  # fmt: skip
    first = decide(kept, asked(address), moment)
    if barred:
        assert first.permit is None
        assert any(one.ground in (Ground.DENIED, Ground.CLASSIFIED) for one in first.reasons)
    elif first.permit is not None:
        assert any(plainly_holds(tuple(r.text for r in one.networks[0].allow.ranges), address) for one in kept)
        assert first.permit.expires > moment
        assert decide(kept, asked(address), first.permit.expires - timedelta(microseconds=1)).permit is not None
    for order in permutations(kept):
        assert decide(order, asked(address), moment) == first


@settings(deadline=None)
@given(letters(), ADDRESSES, MOMENTS)
def test_opening_is_the_first_moment_that_gets_a_permit(
    kept: tuple[Letter, ...], address: str, moment: datetime
) -> None:
    opens = opening(kept, asked(address), moment)
    if opens is None:
        for days in range(0, 45, 3):
            assert decide(kept, asked(address), moment + timedelta(days=days)).permit is None
        return
    assert opens >= moment
    assert decide(kept, asked(address), opens).permit is not None
    if opens > moment:
        assert decide(kept, asked(address), moment).permit is None
        assert decide(kept, asked(address), opens - timedelta(microseconds=1)).permit is None


@settings(deadline=None)
@given(WINDOWS, MOMENTS)
def test_windows_are_what_a_plain_reading_says(windows: list[tuple[list[str], str, str]], moment: datetime) -> None:
    one = letter(more=windows_text(windows), valid_from="2026-01-01", valid_until="2026-12-31")
    names = ["mon", "tue", "周三", "thu", "周五", "sat", "sun"]
    clock, today = moment.strftime("%H:%M"), names[moment.weekday()]
    yesterday = names[(moment - timedelta(days=1)).weekday()]
    plain = any(
        (today in days and start <= clock and (clock < end or end < start)) or (yesterday in days and end < start and clock < end)
        for days, start, end in windows
    )  # fmt: skip
    for zone in (UTC, timezone(timedelta(hours=-7))):
        assert (decide((one,), asked(), moment.astimezone(zone)).permit is not None) is plain


@pytest.mark.parametrize("address", ["::ffff:10.1.9.9", "::10.1.9.9", "::ffff:0:10.1.9.9"])
@pytest.mark.parametrize(("key", "ground"), [("deny", Ground.DENIED), ("classified", Ground.CLASSIFIED)])
def test_what_is_barred_bars_inside_an_address_that_can_be_no_target_too(
    address: str, key: str, ground: Ground
) -> None:
    """The name that led there leads to other addresses as well, and they are not touched either."""
    barring = letter(deny=["10.1.9.0/24"]) if key == "deny" else letter(classified=["10.1.9.0/24"])
    assert grounds((barring,), address=address) == [ground]
    assert grounds((letter(),), address=address) == []
