"""The facts that only several devices together say: the links between them, and what the links of a unit come to.

They are joined in `controls.topology`; no original says them by itself.
"""

from dataclasses import dataclass

from xunyan.device_facts import UNSHOWN


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """One end of a link: an interface of a device.

    `device`: the asset, empty for an end that was not read; then `name` is what LLDP calls it or empty, `interface` the port
    that LLDP gives, and `v4` and `v6` the addresses by which the other end speaks to it. `known_by`: read, filed,
    routing-peer, next-hop. Addresses have their prefix length behind them where it shows. `v6`: those that are not
    link-local; `unfit_v6`: those of them that are not in use, with the reason. `families`: those whose addresses were asked for.
    `up`: up or down, empty where it does not show; `shut`: by its owner. `ports`: the ports that carry the interface, whose
    speed is `kbps`, the lowest, and whose `duplex` is half where one is; both of the interface itself where it is a port.
    `limit_in`, `limit_out`: the lowest traffic limit in kbit/s, UNSHOWN where there is none; `limits_read`: they were asked for.
    `kind`, `range`, `holder`: where its addresses lie, as in Place; `plan`: ranges of the extranet are filed for its network,
    so that lying in none of them means something. `site`: the device's. `routes_read`: the whole table of IPv4 routes was read
    that its VRF looks into.
    """

    device: str
    name: str
    unit: str
    interface: str
    network: str
    known_by: str
    vrf: str = ""
    v4: tuple[str, ...] = ()
    v6: tuple[str, ...] = ()
    unfit_v6: tuple[str, ...] = ()
    link_local: bool = False
    families: tuple[int, ...] = ()
    up: str = ""
    shut: bool = False
    ports: tuple[str, ...] = ()
    kbps: int = UNSHOWN
    duplex: str = ""
    limit_in: int = UNSHOWN
    limit_out: int = UNSHOWN
    limits_read: bool = False
    kind: str = "unknown"
    range: str = ""
    holder: str = ""
    plan: bool = False
    site: str = ""
    routes_read: bool = False


@dataclass(frozen=True, slots=True)
class LinkReach:
    """A network that a device reaches over a link: one route whose next hop is at the other end.

    `kind`, `range`, `holder`: where the destination lies, as in Place; `kind` unknown: in no filed range. `private`: it is of
    the addresses that anybody may use inside.
    """

    device: str
    family: int
    destination: str
    next_hop: str
    protocol: str
    vrf: str
    private: bool
    kind: str = "unknown"
    range: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class ParallelLink:
    """A link between the two ends that this link joins, itself among them.

    `filed`: the kind it is filed as, empty where nobody filed it. `mbps`: the filed bandwidth as written. `up`: up or down,
    empty where it was not seen. `kbps` and `limit`: the lowest speed and traffic limit at its ends, UNSHOWN where unknown or none.
    `interfaces`: `device interface` of every end that was read; `ports`: the same of what carries them, so far as it shows.
    `bundled`: one of these is a bundle of ports, whose members do not show. `limits_read`: limits were asked for at every end.
    """

    link: str
    filed: str
    mbps: str
    up: str
    kbps: int
    limit: int
    interfaces: tuple[str, ...]
    ports: tuple[str, ...] = ()
    bundled: bool = False
    limits_read: bool = False


@dataclass(frozen=True, slots=True)
class UnitEgress:
    """A way out of a unit at one of its devices, or a sign of one.

    `sign`: default-route, public-route (to networks of the Internet, one for all by a next hop), policy-route (a next hop of a
    policy, whatever the destination), nat, public-address.
    `address`: the next hop, or the address itself. `leads`: where to: extranet, inner (another device of the unit), unit (a
    device of another unit), line (a filed link; `line` names it and its kind is `filed`), internet, outside (in no range of
    the extranet, of which there are some) or unknown. `where`: the range or device, of a public-route the network.
    """

    device: str
    interface: str
    sign: str
    family: int
    address: str
    vrf: str
    leads: str
    where: str = ""
    line: str = ""
    filed: str = ""
    approval: str = ""


@dataclass(frozen=True, slots=True)
class UnitLink:
    """A link of a unit, filed or seen.

    `filed`: the kind it is filed as, empty where nobody filed it. `approval` as filed. `state`: up, down, unread (its device was
    not read) or unnamed (the row names no device). `far`: the unit at the other end where a device of it was read. `kind`:
    where its addresses lie, as in Place. `of`: the unit that it is filed for, empty where nobody filed it.
    """

    link: str
    filed: str
    approval: str
    state: str
    device: str
    interface: str
    far: str
    kind: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class RoutingTwin:
    """A routing neighbour of a device over IPv4, or its default route where it has none, and what answers it over IPv6.

    `protocol`: ospf, isis, bgp or static. `neighbor`: its address, else its router or system id; of a static route the next
    hop. `up` and `state` as in RoutingPeer, over IPv4. `twin`: up, down, missing (asked for, and there is none), unclear or
    unasked. `shown`: the twin as it is written, with its state.
    """

    protocol: str
    neighbor: str
    interface: str
    vrf: str
    up: bool
    state: str
    twin: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class FilterPair:
    """Where a device filters IPv4, and how the same place filters IPv6.

    `place`: an interface, or a service by its name. `direction`: in, out, or empty for a service. `active`: whether IPv6 is
    there: yes, no or unknown. `six`: matched, missing, open (denies nothing where IPv4 denies), looser (its last rule permits
    everything, or it denies less), unseen (rules were not read), unasked, or idle (the list for IPv4 keeps
    nothing out). `v4`, `v6`: the names of the ACLs.
    """

    place: str
    direction: str
    v4: str
    v6: str
    active: str
    six: str


LinkFact = LinkEnd | LinkReach | ParallelLink | UnitEgress | UnitLink | RoutingTwin | FilterPair

LINK_FACTS: dict[str, type[LinkFact]] = {
    "link-ends": LinkEnd,
    "link-reach": LinkReach,
    "parallel-links": ParallelLink,
    "unit-egress": UnitEgress,
    "unit-links": UnitLink,
    "routing-twins": RoutingTwin,
    "filter-pairs": FilterPair,
}
