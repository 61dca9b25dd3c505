"""The picture of links: what its nodes and edges are."""

from controls.topology import Edge, Topology, topology
from controls.topology.families import carried
from tests.controls.making import a_range
from tests.controls.network_making import Router, built, line, pair
from xunyan.link_facts import LinkEnd

PLAN = (
    a_range("10.0.0.0/8", "extranet"),
    a_range("240e::/16", "extranet"),
    a_range("218.0.0.0/24", "internet", holder="电信"),
)


def drawn(*parts: object) -> Topology:
    return topology(built(*parts, *PLAN).subjects.values())  # type: ignore[arg-type]


def edge(found: Topology) -> Edge:
    (only,) = found.edges
    return only


def test_a_link_of_two_devices() -> None:
    found = drawn(*pair())
    assert [(one.id, one.kind, one.unit) for one in found.nodes] == [
        ("r1", "device", "教育局"),
        ("r2", "device", "民政局"),
    ]
    one = edge(found)
    assert (one.a, one.b, one.label_a, one.label_b) == ("r1", "r2", "GigabitEthernet0/0/1", "GigabitEthernet0/0/2")
    assert (one.state, one.note) == ("dual", "")
    assert found == drawn(*reversed(pair())), "whatever the order of the devices"


def test_what_stands_beyond_is_named_by_its_range() -> None:
    router = Router("r1").port("Vlanif9", "10.9.1.1/24")
    router.port("GigabitEthernet0/0/1", "218.0.0.2/30").route("0.0.0.0/0", "218.0.0.1")
    router.port("GigabitEthernet0/0/2", "172.31.0.1/30").route("172.16.0.0/12", "172.31.0.2")
    found = drawn(router)
    assert [(one.kind, one.label) for one in found.nodes] == [
        ("device", "r1"), ("internet", "电信"), ("private", "172.31.0.2"),
    ]  # fmt: skip
    assert {one.state for one in found.edges} == {"v4-only"}


def test_a_filed_link_that_nobody_saw_is_drawn_from_its_unit() -> None:
    found = drawn(line("业务专线", "private-line", to_end="教育厅"), line("旧线", withdrawn="2026-01-01"))
    assert [(one.kind, one.label) for one in found.nodes] == [("unit", "教育局"), ("private", "教育厅")]
    assert (edge(found).state, edge(found).a) == ("unknown", "unit:教育局")


def test_a_link_of_three_is_a_star() -> None:
    parts = [
        Router(f"r{n}").port("Vlanif7", f"10.7.0.{n}/24").port("Vlanif9", f"10.9.{n}.1/24").ospf("Vlanif7", f"10.7.0.{n % 3 + 1}")
        for n in (1, 2, 3)
    ]  # fmt: skip
    assert [(one.a, one.b) for one in drawn(*parts).edges] == [("r1", "r2"), ("r1", "r3")]


def end(device: str, *v6: str, v4: tuple[str, ...] = ("10.0.0.1/30",), up: str = "up") -> LinkEnd:
    return LinkEnd(device, device, "", "GE0/0/1", "外网", "read", v4=v4, v6=v6, families=(4, 6), up=up)


def test_what_links_carry() -> None:
    good = end("a", "240e::1/64")
    assert carried([good, end("b", "240e::2/64")]).state == "dual"
    assert carried([end("a", "240e::1/64", v4=()), end("b", "240e::2/64", v4=())]).state == "v6-only"
    assert carried([end("a"), end("b")]).state == "v4-only"
    assert carried([good, end("b")]).state == "v6-broken"
    assert carried([good, end("b", "240e:1::2/64")]).state == "v6-broken"
    assert carried([good]).state == "unknown"
    assert carried([good, end("b", "240e::2/64", up="down")]).state == "down"
    assert carried([end("a", up="down"), end("b")]).state == "down"
