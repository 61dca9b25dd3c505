"""Network devices of an estate for tests: what a person would say of them, as the facts that their answers give."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controls import estate
from controls.model import Estate, Subject
from tests.controls.making import cite
from xunyan.device_facts import (
    DEVICE_FACTS,
    UNSHOWN,
    Device,
    DeviceFact,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    RouteTotal,
    RoutingPeer,
    TrafficLimit,
)
from xunyan.link_facts import LinkEnd
from xunyan.model import Asset, Evidence, LedgerRow, Observation

NETWORK = "外网"
NAMES = {kind: name for name, kind in DEVICE_FACTS.items()}
ANSWERS = {
    "device-routes": ("display ip routing-table", "display ipv6 routing-table"),
    "route-totals": ("display ip routing-table", "display ipv6 routing-table"),
    "routing-peers": (
        "display ospf peer",
        "display ospfv3 peer",
        "display bgp peer",
        "display bgp ipv6 peer",
        "display isis peer",
    ),
    "interface-addresses": ("display ip interface brief", "display ipv6 interface"),
    "device-interfaces": ("display interface",),
    "traffic-limits": ("display qos car", "display current-configuration"),
    "access-list-uses": ("display current-configuration",),
    "policy-routes": ("display current-configuration",),
}
EVERY = (
    "device", "device-interfaces", "interface-addresses", "lldp-neighbors", "ip-neighbors", "device-routes",
    "route-totals", "policy-routes", "routing-peers", "nat", "access-lists", "access-list-uses", "traffic-limits", "vrfs",
    "vlans", "mac-table", "device-services", "routing-processes",
)  # fmt: skip


@dataclass
class Router:
    """A device being put together.

    `without`: observations that were not read; `unasked`: answers that were not given; `tables`: those that were given of
    routes besides.
    """

    name: str
    unit: str = "教育局"
    network: str = NETWORK
    platform: str = "huawei_vrp"
    site: str = ""
    facts: dict[str, list[DeviceFact]] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    unasked: set[str] = field(default_factory=set)
    tables: list[str] = field(default_factory=list)

    def add(self, *facts: DeviceFact) -> "Router":
        """Take facts as they are, each on a line of its own."""
        for one in facts:
            name = NAMES[type(one)]
            rows = self.facts.setdefault(name, [])
            sources = ANSWERS.get(name, (name,))
            six = getattr(one, "family", 4) == 6
            source = next((word for word in sources if ("ipv6" in word or "ospfv3" in word) == six), sources[0])
            placed: Any = replace(one, source=getattr(one, "source", "") or source, line=len(rows) + 1)
            rows.append(placed)
        return self

    def port(self, name: str, *addresses: str, **words: Any) -> "Router":
        """An interface that is up, with addresses such as 10.0.0.1/30; a word behind a blank is an address's state."""
        values: dict[str, Any] = {"admin": "up", "oper": "up", "protocol": "up", "kbps": 1_000_000, "duplex": "full"}
        self.add(DeviceInterface(name, **(values | words)))
        for one in addresses:
            address, _, state = one.partition(" ")
            bare, _, length = address.partition("/")
            scope = "link" if bare.startswith("fe80") else "global"
            family = 6 if ":" in bare else 4
            self.add(InterfaceAddress(name, family, bare, int(length) if length else UNSHOWN, scope, state))
        return self

    def route(self, destination: str, hop: str = "", interface: str = "", **words: Any) -> "Router":
        """A route, static unless it says otherwise."""
        family = 6 if ":" in destination else 4
        return self.add(DeviceRoute(family, destination, hop, interface, **({"protocol": "static"} | words)))

    def ospf(self, interface: str, neighbor: str = "", router_id: str = "1.1.1.1", **words: Any) -> "Router":
        """A neighbour of OSPF, of OSPFv3 where it has no address; full unless it says otherwise."""
        six = not neighbor
        values: dict[str, Any] = {"state": "full", "up": True}
        return self.add(
            RoutingPeer(
                "ospfv3" if six else "ospf", 6 if six else 4, neighbor, interface=interface, router_id=router_id,
                **(values | words),
            )
        )  # fmt: skip

    def arp(self, interface: str, address: str, mac: str) -> "Router":
        """A row of the ARP or ND table."""
        return self.add(IpNeighbor(6 if ":" in address else 4, address, mac, interface, "dynamic"))

    def lldp(self, interface: str, system: str, port: str) -> "Router":
        """What LLDP hears."""
        return self.add(LldpNeighbor(interface, system, port))

    def limit(self, interface: str, kbps: int, direction: str = "out") -> "Router":
        """A traffic limit."""
        return self.add(TrafficLimit(interface, direction, kbps))

    def totals(self, said: int, read: int | None = None, vrf: str = "", family: int = 4) -> "Router":
        """What a table of routes says of its size."""
        return self.add(RouteTotal(family, vrf, said, said if read is None else read))

    @property
    def subject(self) -> Subject:
        """The device as it is joined: every observation there, but for those that were not read."""
        self.add(Device("huawei", hostname=self.name)) if "device" not in self.facts else None
        seen: dict[str, Observation] = {}
        for name in EVERY:
            if name not in self.without:
                facts = tuple(self.facts.get(name, ()))
                sources = [one for one in ANSWERS.get(name, (name,)) if one not in self.unasked]
                sources += self.tables if name == "device-routes" else []
                evidence = tuple(
                    Evidence(f"{self.name}: {one}", one, 1, 500, "", cite("x").taken_at) for one in sources
                )
                if evidence:
                    seen[name] = Observation(name, facts, evidence)
        asset = Asset(
            self.name, "device", f"device:{self.name}", self.name, self.unit, self.site, self.network, "", self.platform
        )
        return Subject(asset, seen)


def line(name: str, kind: str = "extranet", unit: str = "教育局", **columns: str) -> Subject:
    """A filed link."""
    asset = Asset(name, "link", f"link:{name}", name, unit, "", "default", "", "")
    row = LedgerRow({"link": name, "kind": kind, "unit": unit, **columns}, cite(f"{name}-ledger", "ledger"))
    return Subject(asset, ledger=row)


def built(*parts: Router | Subject) -> Estate:
    """Join routers and other subjects."""
    return estate.build([one.subject if isinstance(one, Router) else one for one in parts])


def links(of: Estate) -> dict[str, tuple[LinkEnd, ...]]:
    """The ends of every link, by its key."""
    return {
        one.asset.key: tuple(end for end in one.observations["link-ends"].facts if isinstance(end, LinkEnd))
        for one in of.subjects.values()
        if one.asset.kind == "link" and "link-ends" in one.observations
    }


def rows(of: Estate, key: str, name: str) -> list[Any]:
    """The rows of an observation of the asset of a key."""
    found = next(one for one in of.subjects.values() if one.asset.key == key)
    return list(found.observations[name].facts)


def blind(of: Estate, key: str) -> Mapping[str, Iterable[Any]]:
    """What of an asset could not be seen."""
    return next(one for one in of.subjects.values() if one.asset.key == key).blind


def pair(v4: str = "10.0.0", v6: str = "240e:1:0:1") -> tuple[Router, Router]:
    """Two routers over one dual-stack link; each with a network of its own behind it."""
    one = (
        Router("r1")
        .port("GigabitEthernet0/0/1", f"{v4}.1/30", f"{v6}::1/64", "fe80::1/10")
        .port("Vlanif9", "10.9.1.1/24")
    )
    two = Router("r2", unit="民政局").port("GigabitEthernet0/0/2", f"{v4}.2/30", f"{v6}::2/64", "fe80::2/10")
    return one, two.port("Vlanif9", "10.9.2.1/24")
