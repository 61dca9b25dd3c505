"""The form of a scenario file: units, networks, hosts, devices, papers, and the findings that must come out.

Every struct is one table of the file, and its fields are the keys that may stand there; docs/lab.md shows all of them in use.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Day = Annotated[int, msgspec.Meta(ge=-36500, le=36500)]
Family = Literal[4, 6]
Status = Literal["satisfied", "not-satisfied", "needs-person", "not-observed", "not-applicable"]
Addresses: TypeAlias = dict[str, list[str]]
"""Network -> addresses there, of either family; the first network is where the thing is at home."""

BOTH: tuple[Family, ...] = (4, 6)


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all tables share: a key that is not among their fields is an error."""


class Network(Table, frozen=True, kw_only=True):
    """An address domain. One that is not `routed` is reached only through a host that has a leg in it."""

    name: str
    kind: Literal["extranet", "cloud", "room", "private", "internet"]
    v4: str = ""
    v6: str = ""
    routed: bool = True


class Link(Table, frozen=True, kw_only=True):
    """A line between the routers of two networks. `families` cross it; one of `black_hole` is taken and never delivered."""

    between: tuple[str, str]
    families: tuple[Family, ...] = BOTH
    black_hole: tuple[Family, ...] = ()


class Scanner(Table, frozen=True, kw_only=True):
    """Where the scanner stands."""

    network: str
    addresses: list[str]


class Room(Table, frozen=True, kw_only=True):
    """A machine room; `registered` says whether it stands in the list of those that are known."""

    name: str
    unit: str
    site: str = ""
    registered: bool = False


class System(Table, frozen=True, kw_only=True):
    """An information system: its names and addresses, what people filed of it, and the host where it really runs.

    `declared` is the deployment word of its row in 附件5, `sharing` what the row says of shared data. `addresses` may carry a
    port or be URLs; they and the names mean something in `network`, by default that of the scanner. `filed` False: it is
    there and nobody filed it, and its key is its first name or address. `companion` False: the companion sheet lacks its row.
    """

    name: str
    unit: str
    domains: list[str] = []
    addresses: list[str] = []
    network: str = ""
    declared: str = ""
    sharing: str = ""
    tenant: str = ""
    project: str = ""
    nature: Literal["", "new", "upgraded", "existing"] = ""
    procured_on: str = ""
    live_on: str = ""
    seasonal: bool = False
    out_of_scope: str = ""
    filed: bool = True
    companion: bool = True
    runs_on: str = ""


class Range(Table, frozen=True, kw_only=True):
    """A range of addresses in the ledger of ranges: what lies there, whose it is, and what a published address stands for."""

    network: str
    range: str
    kind: Literal["government-cloud", "machine-room", "rented-room", "extranet", "internet", "shared-platform"]
    level: Literal["", "national", "corps", "city"] = ""
    holder: str = ""
    maps_to: str = ""
    unit: str = ""
    remark: str = ""


class Inner(Table, frozen=True, kw_only=True):
    """A page below the first one. Over a family that is not among `families` there is no such page (404)."""

    path: str
    title: str = ""
    families: tuple[Family, ...] = BOTH
    links: list[str] = []
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 200


class Web(Table, frozen=True, kw_only=True):
    """A web server on a host: real nginx. `front` is a page of a product in FRONTS; `title` and `body` make one of your own.

    `links` stand on the first page, `pages` are further ones. `varies` makes the page differ on every read, in a word or in
    all but its title; `variants` are further bodies that are served in turn, as behind a balancer. `size` makes the page so
    many bytes long, `slow` answers after so many seconds. A `fault` never answers, closes without an answer, speaks something
    that is not HTTP, or lets nobody connect.
    """

    port: Port = 80
    families: tuple[Family, ...] = BOTH
    names: list[str] = []
    tls: Literal["", "valid", "expired", "self-signed", "wrong-name", "nul-name"] = ""
    front: str = ""
    title: str = ""
    body: str = ""
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 200
    redirect: str = ""
    links: list[str] = []
    pages: list[Inner] = []
    varies: Literal["", "little", "wholly"] = ""
    variants: list[str] = []
    size: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 0
    slow: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0
    fault: Literal["", "hangs", "closes", "not-http", "filtered"] = ""


class NameServer(Table, frozen=True, kw_only=True):
    """A name server on a host, real Unbound: authoritative for zones, or a resolver from the root of this lab.

    `silent` families are taken and never answered; the zones of `six_refuses` are refused over IPv6 and served over IPv4.
    """

    role: Literal["authoritative", "resolver"] = "authoritative"
    families: tuple[Family, ...] = BOTH
    silent: tuple[Family, ...] = ()
    six_refuses: list[str] = []


class Connect(Table, frozen=True, kw_only=True):
    """A TCP connection that a host keeps to another one, which listens there; at the first address of the family."""

    to: str
    port: Port
    family: Family = 4


class Snmp(Table, frozen=True, kw_only=True):
    """An SNMP agent on a host: real snmpd. `values` are further objects: OID -> [type, value], as snmpd's `override` takes."""

    community: str = "public"
    kind: Literal["host", "ups", "pdu", "environment"] = "host"
    object_id: str = ""
    describes: str = ""
    values: dict[str, tuple[str, str]] = {}


class Ipmi(Table, frozen=True, kw_only=True):
    """A management controller that answers IPMI over UDP 623: OpenIPMI's simulator."""

    product: str = "IPMI"
    user: str = "admin"
    password: str = "admin"  # noqa: S105  # a lab guards nothing


class Redfish(Table, frozen=True, kw_only=True):
    """A management controller that answers Redfish: sushy-tools' emulator behind nginx. `vendor` is the key under Oem."""

    port: Port = 443
    vendor: str = ""
    product: str = ""


class Host(Table, frozen=True, kw_only=True):
    """A host. `count` makes that many, `name` and addresses counted on from the first ("pc" -> pc001, pc002, ...).

    `machine` and `system` name entries of MACHINES and SYSTEMS; `identity` gives texts of its own on top: a path to its
    content, a tool with the beginning of its arguments to what it prints. `listed` says whether it stands in the list of
    endpoints that a scan asks, `via` through which host. `forwards` makes it a jump host. What comes to it over a family of
    `black_hole` is taken and never answered.
    """

    name: str
    at: Addresses
    unit: str = ""
    site: str = ""
    room: str = ""
    count: Annotated[int, msgspec.Meta(ge=1, le=999)] = 1
    machine: str = ""
    system: str = ""
    guest: bool = False
    identity: dict[str, str] = {}
    users: dict[str, str] = {}
    ssh: bool = True
    port: Port = 22
    banner: str = ""
    fault: str = ""
    hostile: bool = False
    listed: bool | None = None
    via: str = ""
    forwards: bool = False
    carrier: Literal["", "ssh", "ansible"] = ""
    black_hole: tuple[Literal[6], ...] = ()
    connects: list[Connect] = []
    web: list[Web] = []
    dns: NameServer | None = None
    snmp: Snmp | None = None
    ipmi: Ipmi | None = None
    redfish: Redfish | None = None


class Zone(Table, frozen=True, kw_only=True):
    """A zone and the hosts that serve it; delegations, NS and glue are made from them. `records` are lines of a zone file."""

    name: str
    servers: list[str]
    records: list[str] = []


class Peer(Table, frozen=True, kw_only=True):
    """A routing neighbour as the device sees it. One of a `vrf` is of a process of its own."""

    protocol: Literal["ospf", "ospfv3", "bgp", "bgp4+", "isis"]
    address: str
    interface: str = ""
    state: str = "Full"
    router_id: str = ""
    remote_as: int = 65001
    vrf: str = ""


class Interface(Table, frozen=True, kw_only=True):
    """An interface of a device; `neighbor` is (device, interface) at the other end, as LLDP tells it.

    A name with a dot is a sub-interface of what stands before it; `vlan` is then the tag that it takes. A link-local address
    among `v6` is the one that it has; without one it follows from the MAC. `policy_hop`: where a policy sends some of what
    comes in by it, whatever the routes say.
    """

    name: str
    v4: list[str] = []
    v6: list[str] = []
    up: bool = True
    admin_up: bool = True
    ipv6: bool | None = None
    description: str = ""
    vrf: str = ""
    vlan: int = 0
    mac: str = ""
    speed: str = "1000M"
    duplex: Literal["full", "half"] = "full"
    car_kbps: int = 0
    car_out_kbps: int = 0
    acl_in: str = ""
    acl6_in: str = ""
    nat: bool = False
    policy_hop: str = ""
    neighbor: tuple[str, str] | None = None


class Route(Table, frozen=True, kw_only=True):
    """A route of a device; `prefix` may be 0.0.0.0/0 or ::/0. What is not `static` is in the table alone.

    Without a `vrf` it is in that of the interface towards the next hop.
    """

    prefix: str
    next_hop: str
    interface: str = ""
    protocol: Literal["static", "ospf", "ospfv3", "isis", "bgp", "rip"] = "static"
    vrf: str = ""


class Device(Table, frozen=True, kw_only=True):
    """A network device, simulated: its command line over SSH in the vendor's shapes, made from what stands here.

    `listed` says whether it stands in the list of endpoints that a scan asks, with its first user and `enable`, `via` through
    which host. `seen` are further rows of its ARP and ND tables, address -> MAC; where a link-local address is seen it says,
    as address%interface. The rows of devices at the other ends of its links are added to it.
    """

    name: str
    vendor: Literal["huawei", "h3c", "ruijie", "zte", "cisco"]
    at: Addresses
    unit: str = ""
    site: str = ""
    room: str = ""
    model: str = ""
    version: str = ""
    serial: str = ""
    port: Port = 22
    users: dict[str, str] = {}
    enable: str = ""
    banner: str = ""
    fault: str = ""
    hostile: bool = False
    page: Annotated[int, msgspec.Meta(ge=0, le=200)] = 24
    listed: bool = False
    via: str = ""
    interfaces: list[Interface] = []
    routes: list[Route] = []
    peers: list[Peer] = []
    seen: dict[str, str] = {}
    ntp: list[str] = []
    acls: dict[str, list[str]] = {}
    extra: dict[str, str] = {}


class FiledLine(Table, frozen=True, kw_only=True):
    """A row of the ledger of links, as a unit filed it. `device` and `interface` name an end where it is known, `far_...` the other."""

    name: str
    kind: Literal["core", "extranet", "internet", "unified-egress", "private-line"]
    unit: str = ""
    carrier: str = ""
    bandwidth: str = ""
    from_end: str = ""
    to_end: str = ""
    approval: str = ""
    device: str = ""
    interface: str = ""
    far_device: str = ""
    far_interface: str = ""
    remark: str = ""


class Ledger(Table, frozen=True, kw_only=True):
    """A ledger as people returned it. `refused` says that the product must refuse the file, and take nothing of it."""

    file: str
    rows: list[dict[str, str]] = []
    text: str = ""
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    refused: bool = False


class Authorisation(Table, frozen=True, kw_only=True):
    """A letter; the fields of the product's own, with days from today in place of dates (0 is today)."""

    number: str
    units: list[str]
    approver: str
    methods: list[str]
    networks: list[dict[str, Any]]
    from_day: Day = 0
    until_day: Day = 1
    windows: list[Any] | None = None
    ports: list[int] | None = None
    sudo: bool = False
    limits: dict[str, int | float] | None = None
    revoked: bool = False


class Expect(Table, frozen=True, kw_only=True):
    """What must be found. `control` and `asset` may be lists, and an asset a pattern ("host:pc0*", "link:*")."""

    control: str | list[str]
    asset: str | list[str]
    status: Status


class ExpectGap(Table, frozen=True, kw_only=True):
    """Who cannot be read, and for which reason (the product's own word: timeout, denied, ...)."""

    asset: str | list[str]
    reason: str


class Scenario(Table, frozen=True, kw_only=True):
    """A whole file. `settings` is added to the workspace's xunyan.toml, `evaluated_products` is a list of its own."""

    schema: Literal["xunyan.scenario/1"]
    name: str
    title: str
    networks: list[Network]
    scanner: Scanner
    authorisations: list[Authorisation]
    title_en: str = ""
    profile: str = "general"
    settings: str = ""
    evaluated_products: str = ""
    links: list[Link] = []
    units: list[str] = []
    sites: list[str] = []
    rooms: list[Room] = []
    systems: list[System] = []
    ranges: list[Range] = []
    lines: list[FiledLine] = []
    hosts: list[Host] = []
    devices: list[Device] = []
    zones: list[Zone] = []
    ledgers: list[Ledger] = []
    expect: list[Expect] = []
    gaps: list[ExpectGap] = []
