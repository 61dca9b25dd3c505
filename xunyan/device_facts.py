"""The facts that network devices' answers are read into. Names of interfaces are the vendor's long form.

Each row says where it stands: `source` is the command, `line` (from 1) the first of its lines. Neither is part of what the
row says, so two rows that say the same are equal wherever they stand.
"""

from dataclasses import dataclass, field

UNSHOWN = -1
"""Stands for a number that the answer does not show."""

TELNET_SESSION = "telnet-session"
"""The source that says that a device was asked in plain text, and the name of the service that this shows."""


@dataclass(frozen=True, slots=True)
class Device:
    """What a network device is. Empty where it does not show; `version` is the system software's, as written."""

    vendor: str
    model: str = ""
    version: str = ""
    serial: str = ""
    hostname: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """The device's clock: `time` as `YYYY-MM-DD HH:MM:SS` of its own zone, `zone` as written."""

    time: str
    zone: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TimeSync:
    """Whether the clock follows a reference. `stratum` 16 or UNSHOWN: it follows none."""

    synchronized: bool
    stratum: int = UNSHOWN
    reference: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TimeServer:
    """One NTP server that is configured: an address or a name."""

    address: str
    vrf: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DeviceInterface:
    """One interface. `admin`: up or down (shut down by its owner); `oper`, `protocol`: up or down; empty where not shown.

    `kbps`: the speed it runs at or is set to, UNSHOWN where unknown. `duplex`: full, half or auto. `mode`: routed, access,
    trunk or hybrid. `vlan`: the access or untagged VLAN of a port, 0 where there is none or it does not show.
    """

    name: str
    admin: str = ""
    oper: str = ""
    protocol: str = ""
    kbps: int = UNSHOWN
    duplex: str = ""
    description: str = ""
    vrf: str = ""
    mac: str = ""
    mode: str = ""
    vlan: int = 0
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """One address of one interface. `prefix` is UNSHOWN where a brief answer leaves it out.

    `scope`: global, link, site or host. `state`: preferred, tentative, duplicate, deprecated; empty where none shows.
    """

    interface: str
    family: int
    address: str
    prefix: int
    scope: str
    state: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class LldpNeighbor:
    """Who says by LLDP that it is at the other end of an interface. `port` as the neighbour writes it."""

    interface: str
    system: str
    port: str
    chassis: str = ""
    address: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IpNeighbor:
    """One row of an ARP or ND table. `kind`: own (the device's own address), dynamic, static or other. `mac` empty: unresolved."""

    family: int
    address: str
    mac: str
    interface: str
    kind: str
    vrf: str = ""
    vlan: int = 0
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class MacEntry:
    """One row of a MAC table: behind which interface a station was seen. `kind`: dynamic, static or other."""

    mac: str
    vlan: int
    interface: str
    kind: str
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DeviceRoute:
    """One next hop of one route. `protocol`: direct, local (an own address), static, ospf, ospfv3, isis, bgp, rip or other.

    `next_hop` empty where on link. `active` False: not used, as a better one is there. `configured`: from the configuration,
    which does not tell whether it is in the table.
    """

    family: int
    destination: str
    next_hop: str
    interface: str
    protocol: str
    vrf: str = ""
    active: bool = True
    configured: bool = False
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PolicyRoute:
    """Where a policy of the configuration sends traffic whatever its destination: to a next hop, or out of an interface.

    Of which traffic, and whether the policy is applied anywhere, is not told.
    """

    family: int
    next_hop: str
    interface: str
    vrf: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RouteTotal:
    """How many routes a table says it has, and how many of them were `read`: fewer read means that rows are missing."""

    family: int
    vrf: str
    said: int
    read: int
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RoutingPeer:
    """One routing neighbour. `protocol`: ospf, ospfv3, isis or bgp; `family`: of what it carries, 0 where that does not show.

    `neighbor` is its address, or its system id under IS-IS; empty where only `router_id` shows. `state` as written, in lower
    case without the role; `up` says whether routes can come over it.
    """

    protocol: str
    family: int
    neighbor: str
    state: str
    up: bool
    interface: str = ""
    vrf: str = ""
    router_id: str = ""
    remote_as: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RoutingProcess:
    """One routing process of the configuration. `number` is its process number or its own AS."""

    protocol: str
    number: str
    vrf: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class NatRule:
    """Address translation on an interface. `kind`: outbound, server, static, outside or inside. `acl`: whom it is for."""

    interface: str
    kind: str
    acl: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One rule of an ACL: `action` permit or deny, `protocol` and what follows it as written. `number` UNSHOWN: unnumbered."""

    number: int
    action: str
    protocol: str
    match: str


@dataclass(frozen=True, slots=True)
class AccessList:
    """One ACL of one family; `name` is its name, or its number where it has none. Without rules it is there all the same.

    `number`: the number beside a name, under which it may be used as well.
    """

    name: str
    family: int
    rules: tuple[AccessRule, ...]
    number: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AccessListUse:
    """Where an ACL filters: `direction` in or out."""

    name: str
    family: int
    interface: str
    direction: str
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TrafficLimit:
    """A limit of what passes an interface in one direction (in or out), in kbit/s (1000 bit/s)."""

    interface: str
    direction: str
    kbps: int
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Vrf:
    """One VPN instance. `rd` and `interfaces` as far as the answer shows them."""

    name: str
    rd: str = ""
    interfaces: tuple[str, ...] = ()
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Vlan:
    """One VLAN with its ports, as far as the answer shows them."""

    number: int
    name: str = ""
    untagged: tuple[str, ...] = ()
    tagged: tuple[str, ...] = ()
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DeviceService:
    """A management service of the device over one family, and the ACL in front of it (empty: none shown)."""

    name: str
    family: int
    enabled: bool
    port: int
    acl: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SnmpCommunity:
    """That there is an SNMP community, never which. `access`: read or write."""

    access: str
    view: str = ""
    acl: str = ""
    source: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


DeviceFact = (
    Device
    | DeviceClock
    | TimeSync
    | TimeServer
    | DeviceInterface
    | InterfaceAddress
    | LldpNeighbor
    | IpNeighbor
    | MacEntry
    | DeviceRoute
    | PolicyRoute
    | RouteTotal
    | RoutingPeer
    | RoutingProcess
    | NatRule
    | AccessList
    | AccessListUse
    | TrafficLimit
    | Vrf
    | Vlan
    | DeviceService
    | SnmpCommunity
)

DEVICE_FACTS: dict[str, type[DeviceFact]] = {
    "device": Device,
    "device-clock": DeviceClock,
    "time-sync": TimeSync,
    "time-servers": TimeServer,
    "device-interfaces": DeviceInterface,
    "interface-addresses": InterfaceAddress,
    "lldp-neighbors": LldpNeighbor,
    "ip-neighbors": IpNeighbor,
    "mac-table": MacEntry,
    "device-routes": DeviceRoute,
    "policy-routes": PolicyRoute,
    "route-totals": RouteTotal,
    "routing-peers": RoutingPeer,
    "routing-processes": RoutingProcess,
    "nat": NatRule,
    "access-lists": AccessList,
    "access-list-uses": AccessListUse,
    "traffic-limits": TrafficLimit,
    "vrfs": Vrf,
    "vlans": Vlan,
    "device-services": DeviceService,
    "snmp-communities": SnmpCommunity,
}

_NO_VRF = frozenset({"", "-", "--", "_public_"})


def is_no_vrf(name: str) -> bool:
    """Tell whether what stands for the name of a VRF says that there is none. `public` and `default` may be names."""
    return name.lower() in _NO_VRF
