"""What the hosts behind a system connect to: which of them are read, which connections went out, and how far they lead."""

from controls import back_ends as module
from controls import estate
from controls.model import Joined, Subject
from tests.controls.making import (
    a_range,
    answer,
    back_ends,
    holds,
    host,
    page,
    port,
    seen,
    system,
    talk,
    unseen,
)
from xunyan.facts import BackEnd, Connection, Listener
from xunyan.model import Relation

CLOUD = a_range("10.1.0.0/16", "government-cloud")
ROOM = a_range("10.8.0.0/24", "machine-room", holder="教育局机房")
RANGES = (CLOUD, ROOM)
HALL = system("a", answer("www.a.example", "10.1.2.3"), ports=(port("10.1.2.3", name="www.a.example"),))
DATABASE = talk("10.1.2.3", 40000, "10.8.0.30", 3306, 7)


def ends(rows: list[BackEnd]) -> list[tuple[str, str, int, str, int, bool]]:
    return [(one.host, one.address, one.port, one.kind, one.hops, one.shared) for one in rows]


def test_split_migration_the_front_is_in_the_cloud_and_the_database_in_a_room() -> None:
    (row,) = back_ends(HALL, host("web", "10.1.2.3", talks=(DATABASE,)), *RANGES)
    assert (row.host, row.network, row.address, row.port) == ("host:web", "外网", "10.8.0.30", 3306)
    assert (row.kind, row.range, row.holder) == ("machine-room", "10.8.0.0/24", "教育局机房")
    assert (row.shown, row.hops, row.shared) == ("10.1.2.3:40000 10.8.0.30:3306", 1, False)


def test_the_proof_is_the_line_of_the_hosts_own_answer_and_the_range() -> None:
    built = estate.build([HALL, host("web", "10.1.2.3", talks=(DATABASE,)), *RANGES])
    found = built.subjects["a"].observations["back-ends"]
    assert isinstance(found, Joined)
    ((line, row),) = found.proofs
    assert (line.capture, line.first, line.last, line.quote) == (
        "web-connections", 7, 7, "10.1.2.3:40000 10.8.0.30:3306",
    )  # fmt: skip
    assert row.capture == "10.8.0.0/24-ledger"
    assert found.evidence == (line, row)


def test_a_connection_whose_line_is_not_known_is_proved_by_the_answer() -> None:
    web = host("web", "10.1.2.3", talks=(talk("10.1.2.3", 40000, "10.8.0.30", 3306),))
    found = estate.build([HALL, web, *RANGES]).subjects["a"].observations["back-ends"]
    assert [one.capture for one in found.evidence] == ["web-connections", "10.8.0.0/24-ledger"]


def test_what_came_in_what_stays_and_what_is_there_twice() -> None:
    talks = (
        talk("10.1.2.3", 443, "10.8.0.77", 51000),
        talk("127.0.0.1", 40001, "127.0.0.1", 3306),
        talk("127.0.0.1", 40001, "127.0.0.53", 853),
        talk("10.1.2.3", 40001, "::1", 3306),
        talk("10.1.2.3", 40002, "10.1.2.3", 6379),
        talk("10.1.2.3", 40003, "10.1.2.33", 6379),
        DATABASE,
        talk("10.1.2.3", 40004, "10.8.0.30", 3306, 9),
        talk("10.1.2.3", 40005, "10.8.0.30", 3307, 10),
        talk("10.1.2.3", 5353, "10.8.0.31", 9000),
    )
    web = host("web", "10.1.2.3", "10.1.2.33", talks=talks)
    listeners = (Listener("tcp", "*", 443), Listener("udp", "*", 5353))
    web = Subject(web.asset, {**web.observations, **seen("web", listeners=listeners)})
    rows = back_ends(HALL, web, *RANGES)
    assert [(one.address, one.port, one.shown) for one in rows] == [
        ("10.8.0.30", 3306, "10.1.2.3:40000 10.8.0.30:3306"),
        ("10.8.0.30", 3307, "10.1.2.3:40005 10.8.0.30:3307"),
        ("10.8.0.31", 9000, ""),
    ]


def test_only_an_endpoint_that_alone_holds_the_address_and_was_read_is_behind_it() -> None:
    web = host("web", "10.1.2.3", talks=(DATABASE,))
    for others in (
        (host("web", "10.1.2.4", talks=(DATABASE,)),),
        (web, host("clone", "10.1.2.3", talks=(DATABASE,))),
        (host("web", "10.1.2.3", talks=(DATABASE,), network="专网"),),
        (host("web", "10.1.2.3", talks=None),),
        (host("web", "10.1.2.3", talks=(DATABASE,), listens=None),),
        (host("sw", "10.1.2.3", talks=(DATABASE,), kind="device"),),
        (web, host("sw", "10.1.2.3", kind="device")),
    ):
        built = estate.build([HALL, *others, *RANGES])
        assert "back-ends" not in built.subjects["a"].observations
        assert [one.detail for one in built.subjects["a"].blind["back-ends"]] == [f"{module.UNREAD}: 10.1.2.3"]


def test_a_link_local_address_is_nobodys_alone() -> None:
    link = Subject(
        host("web").asset, {**host("web").observations, **seen("web", addresses=(holds("10.1.2.3", "link"),))}
    )
    assert "back-ends" not in estate.build([HALL, link]).subjects["a"].observations


def test_a_published_address_leads_to_the_host_that_holds_the_inner_one() -> None:
    outside = a_range("218.0.0.9", "internet", maps_to="10.1.2.3")
    published = system("a", answer("www.a.example", "218.0.0.9"), ports=(port("218.0.0.9", name="www.a.example"),))
    assert ends(back_ends(published, host("web", "10.1.2.3", talks=(DATABASE,)), outside, *RANGES)) == [
        ("host:web", "10.8.0.30", 3306, "machine-room", 1, False)
    ]


def test_it_is_followed_through_hosts_that_were_read_up_to_three_hops() -> None:
    chain = [
        host("web", "10.1.2.3", talks=(talk("10.1.2.3", 40000, "10.1.2.4", 8080, 1),)),
        host("app", "10.1.2.4", talks=(talk("10.1.2.4", 40000, "10.1.2.5", 3306, 1),), listens=(8080,)),
        host("db", "10.1.2.5", talks=(talk("10.1.2.5", 40000, "10.8.0.30", 3306, 1),), listens=(3306,)),
        host("old", "10.8.0.30", talks=(talk("10.8.0.30", 40000, "10.8.0.31", 3306, 1),), listens=(3306,)),
    ]
    assert ends(back_ends(HALL, *chain, *RANGES)) == [
        ("host:web", "10.1.2.4", 8080, "government-cloud", 1, False),
        ("host:app", "10.1.2.5", 3306, "government-cloud", 2, False),
        ("host:db", "10.8.0.30", 3306, "machine-room", 3, False),
    ]


def test_a_ring_of_hosts_ends() -> None:
    ring = [
        host("web", "10.1.2.3", talks=(talk("10.1.2.3", 40000, "10.1.2.4", 8080, 1),)),
        host("app", "10.1.2.4", talks=(talk("10.1.2.4", 40000, "10.1.2.3", 9000, 1),), listens=(8080,)),
    ]
    assert [one[:2] for one in ends(back_ends(HALL, *ring))] == [("host:web", "10.1.2.4"), ("host:app", "10.1.2.3")]


def test_a_host_that_serves_another_system_too_is_shared_and_all_behind_it() -> None:
    web = host("web", "10.1.2.3", "10.1.2.9", talks=(talk("10.1.2.3", 40000, "10.1.2.4", 8080, 1),))
    app = host("app", "10.1.2.4", talks=(talk("10.1.2.4", 40000, "10.8.0.30", 3306, 1),), listens=(8080,))
    other = system("b", answer("www.b.example", "10.1.2.9"))
    assert [one[-1] for one in ends(back_ends(HALL, web, app, other, *RANGES))] == [True, True]
    assert [one[-1] for one in ends(back_ends(HALL, web, app, *RANGES))] == [False, False]
    local = Subject(
        web.asset, {**web.observations, **seen("web", addresses=(holds("10.1.2.3"), holds("10.1.2.9", "link")))}
    )
    assert [one[-1] for one in ends(back_ends(HALL, local, other))] == [False], "others do not reach it there"
    elsewhere = system("b", answer("www.b.example", "10.1.2.4"))
    assert [one[-1] for one in ends(back_ends(HALL, web, app, elsewhere, *RANGES))] == [False, True]


def test_a_host_that_is_reached_by_a_way_of_its_own_too_is_not_shared() -> None:
    hall = system("a", answer("www.a.example", "10.1.2.3", "10.1.2.6"))
    to_app = (talk("10.1.2.3", 40000, "10.1.2.4", 8080, 1),)
    web, second = host("web", "10.1.2.3", talks=to_app), host("web2", "10.1.2.6", talks=to_app)
    app = host("app", "10.1.2.4", talks=(DATABASE,), listens=(8080,))
    other = system("b", answer("www.b.example", "10.1.2.3"))
    rows = ends(back_ends(hall, web, second, app, other, *RANGES))
    assert {(one[0], one[-1]) for one in rows} == {("host:web", True), ("host:web2", False), ("host:app", False)}


def test_a_found_system_that_is_this_one_shares_nothing() -> None:
    web = host("web", "10.1.2.3", talks=(DATABASE,))
    hall = system("a", answer("www.a.example", "10.1.2.3"), pages=(page(),), ledger={"system": "办事大厅"})
    same = system("b", ports=(port("10.1.2.3"),), pages=(page("https://10.1.2.3/"),))
    matched = system("c", ports=(port("10.1.2.3"),), ledger={"matched_to": "system:a"})
    assert [one[-1] for one in ends(back_ends(hall, web, same, matched, *RANGES))] == [False]
    other = system("d", ports=(port("10.1.2.3", 8080),), pages=(page("http://10.1.2.3:8080/", title="后台"),))
    assert [one[-1] for one in ends(back_ends(hall, web, other, *RANGES))] == [True]


def test_a_connection_to_a_shared_platform_is_one_wherever_it_stands() -> None:
    platform = a_range("10.1.7.7", "shared-platform", holder="一体化平台")
    web = host("web", "10.1.2.3", talks=(talk("10.1.2.3", 40000, "10.1.7.7", 443, 1),))
    (row,) = back_ends(HALL, web, platform, *RANGES)
    assert (row.kind, row.holder) == ("shared-platform", "一体化平台")


def test_ranges_that_disagree_leave_a_far_end_unknown() -> None:
    again = a_range("10.8.0.0-10.8.0.255", "government-cloud")
    (row,) = back_ends(HALL, host("web", "10.1.2.3", talks=(DATABASE,)), again, *RANGES)
    assert (row.kind, row.range) == ("unknown", "10.8.0.0-10.8.0.255 | 10.8.0.0/24")


def test_no_connection_is_an_empty_table_with_the_answers_as_proof() -> None:
    built = estate.build([HALL, host("web", "10.1.2.3")])
    found = built.subjects["a"].observations["back-ends"]
    assert (found.facts, [one.capture for one in found.evidence]) == ((), ["web-connections", "web-listeners"])


def test_an_address_that_answers_and_whose_host_nobody_read_is_named() -> None:
    web = host("web", "10.1.2.3", talks=(DATABASE,))
    two = (port("10.1.2.3", name="n"), port("10.1.2.4", name="n"), port("10.1.2.5", name="n", outcome="timeout"))
    hall = system("a", answer("n", "10.1.2.3", "10.1.2.4", "10.1.2.5"), ports=two)
    assert [one.detail for one in unseen(hall, web, observation="back-ends")] == [f"{module.UNREAD}: 10.1.2.4"]
    assert unseen(HALL, web, observation="back-ends") == ()


def test_a_monitor_behind_the_front_is_left_out_and_a_busy_front_is_not() -> None:
    def busy(local: str, count: int) -> tuple[Connection, ...]:
        return tuple(talk(local, 30000 + i, f"10.8.0.{i % 250}", 1000 + i, 1) for i in range(count))

    front = host("web", "10.1.2.3", talks=(talk("10.1.2.3", 40000, "10.1.2.4", 10051, 1), *busy("10.1.2.3", 100)))
    monitor = host("zabbix", "10.1.2.4", talks=busy("10.1.2.4", module.HUB + 1), listens=(10051,))
    quiet = host("zabbix", "10.1.2.4", talks=busy("10.1.2.4", module.HUB), listens=(10051,))
    assert {one.host for one in back_ends(HALL, front, monitor)} == {"host:web"}
    assert len(back_ends(HALL, front, monitor)) == 101
    assert {one.host for one in back_ends(HALL, front, quiet)} == {"host:web", "host:zabbix"}


def test_more_hosts_behind_it_than_are_followed_is_said() -> None:
    far = [f"10.1.3.{i}" for i in range(module.HOSTS + 1)]
    front = host("web", "10.1.2.3", talks=tuple(talk("10.1.2.3", 40000 + i, one, 80, 1) for i, one in enumerate(far)))
    behind = [host(f"h{i:03}", one, talks=(talk(one, 40000, "10.8.0.1", 1, 1),)) for i, one in enumerate(far)]
    assert [one.detail for one in unseen(HALL, front, *behind, observation="back-ends")] == [module.CROWDED]
    assert {one.hops for one in back_ends(HALL, front, *behind)} == {1, 2}
    assert unseen(HALL, front, *behind[:-1], observation="back-ends") == ()


def test_relations_of_a_system_name_its_hosts_and_those_behind() -> None:
    web = host("web", "10.1.2.3", talks=(talk("10.1.2.3", 40000, "10.1.2.4", 3306, 1),))
    built = estate.build([HALL, web, host("db", "10.1.2.4", listens=(3306,)), *RANGES])
    assert built.relations["a"] == (
        Relation("resolves-to", "a", "外网|10.1.2.3", ("a-names",), "high"),
        Relation("runs-on", "a", "web", ("web-addresses",), "high"),
    )
    behind = Relation("back-end-of", "db", "a", ("web-connections", "10.1.0.0/16-ledger"), "medium")
    assert behind in built.relations["db"]
