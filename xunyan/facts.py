"""The facts that originals are read into. Each is one row of an observation's table; the name is in `FACTS`."""

from dataclasses import dataclass

from xunyan.device_facts import DEVICE_FACTS, DeviceFact
from xunyan.link_facts import LINK_FACTS, LinkFact


@dataclass(frozen=True, slots=True)
class ProcessorClaim:
    """What one source alone says of the processor. `vendor` is empty where that source does not tell."""

    source: str
    vendor: str
    family: str
    model: str


@dataclass(frozen=True, slots=True)
class Processor:
    """The CPU of an endpoint, as far as it shows itself.

    `vendor` is a key such as `hygon` or `intel`, `arm` for a bare Arm core whose maker does not show, empty for unknown.
    `hidden`: the model shown is one that a hypervisor presents, so it proves nothing about the host.
    `disputed`: sources name different vendors; `claims` has them all.
    """

    vendor: str
    family: str
    model: str
    architecture: str
    through_hypervisor: bool
    hidden: bool
    disputed: bool
    model_disputed: bool
    claims: tuple[ProcessorClaim, ...]


@dataclass(frozen=True, slots=True)
class SystemClaim:
    """What one source alone says of the operating system. `family` is empty where that source does not tell."""

    source: str
    family: str
    shown: str


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    """The operating system of an endpoint.

    `family` is a product line such as `kylin-server`, `uos-desktop`, `debian` or `windows`; empty where not recognised.
    `version` and `service_pack` are as the vendor writes them (`V10`, `SP3`); `shown` is the system's own words.
    `disputed`: the release files and the package origin or kernel name different systems. `corroborated`: the package's
    maker, the kernel or (under Debian's packages) the repository is of the family's own line.
    """

    family: str
    edition: str
    version: str
    service_pack: str
    shown: str
    kernel: str
    package_origin: str
    container: bool
    disputed: bool
    corroborated: bool
    claims: tuple[SystemClaim, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the firmware says of the machine. Placeholders that vendors leave in place are given as empty."""

    manufacturer: str
    product: str
    serial: str
    uuid: str
    board_serial: str
    chassis: str
    has_management_controller: bool


@dataclass(frozen=True, slots=True)
class Virtualization:
    """Whether the endpoint is a guest (`guest`, with the hypervisor's name) or a container."""

    guest: bool
    hypervisor: str
    container: str


@dataclass(frozen=True, slots=True)
class Address:
    """One IP address of one interface. `scope` is the kernel's: global, site, link, host. `mac` is lower case.

    `link`: the kind of the interface's link (`ether`, `sit`, `loopback` ...), empty where the answer does not show it.
    `state_shown`: where False, the answer does not tell whether the interface is up, and `up` is only taken to be True.
    """

    interface: str
    family: int
    address: str
    prefix: int
    scope: str
    up: bool
    usable: bool
    mac: str
    link: str = ""
    state_shown: bool = True


@dataclass(frozen=True, slots=True)
class Ipv6Switch:
    """The kernel's disable_ipv6 for one interface, or for `all` and `default`."""

    interface: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `destination` in CIDR form, `0.0.0.0/0` and `::/0` for the default; `gateway` empty where on link."""

    family: int
    destination: str
    gateway: str
    interface: str


@dataclass(frozen=True, slots=True)
class Listener:
    """One socket that waits for others. `address` `0.0.0.0`, `::` or `*` (both families) where it takes any."""

    protocol: str
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Connection:
    """One established TCP connection, seen from the endpoint. IPv4-mapped addresses are given as IPv4.

    `line`: where it stands in the answer (from 1, 0 where that is not known), and `shown` is the beginning of that line.
    """

    local_address: str
    local_port: int
    remote_address: str
    remote_port: int
    line: int = 0
    shown: str = ""


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What the resolver says of one name of a system.

    `outcome`: answered (the name is there), no-such-name, or why nothing is known (timeout, refused, failed,
    unreachable, no-route, not-permitted). `aliases`: the CNAME chain behind the name, in order. `v4`, `v6`: the addresses
    at its end. `unanswered`: the families whose question got no answer, so that no address of theirs means nothing.
    """

    network: str
    name: str
    outcome: str
    aliases: tuple[str, ...]
    v4: tuple[str, ...]
    v6: tuple[str, ...]
    unanswered: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NameServer:
    """One name server of one zone over one family of addresses.

    `outcome`: answered, no-address (it has none of this family), timeout, refused, unreachable, no-route (the scanner has
    no route of this family), not-permitted, failed. `authoritative`: its answer bore the AA bit for the zone.
    `names`: the names of the system that lie in the zone.
    """

    zone: str
    names: tuple[str, ...]
    server: str
    family: int
    address: str
    outcome: str
    authoritative: bool


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One TCP port of one address of a system, as it was knocked at. `name` is empty where the address itself was filed.

    `outcome`: open, refused, timeout, unreachable, no-route (the scanner has no route of this family), not-permitted,
    failed (the scanner could not try, which says nothing of the system).
    """

    network: str
    name: str
    address: str
    family: int
    port: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate that one address shows on one port.

    `outcome`: ok, failed (no TLS, or a certificate that cannot be read), timeout, not-permitted.

    `names`: its DNS names and addresses; days are ISO dates in UTC; `sha256` is of the whole in DER.
    """

    network: str
    name: str
    address: str
    family: int
    port: int
    outcome: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: str
    not_after: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Page:
    """The first page of a system over one address: what came at the end of its redirects.

    `url` is what was asked for first, `final_url` where it ended. `outcome`: answered, timeout, refused, unreachable, reset,
    malformed, redirect-loop; redirect-outside (it leads where we may not go), redirect-no-address (to a name that has no
    address of this family), redirect-unanswered (to a name that could not be asked about): not followed, `final_url` is
    where it leads; no-route, not-permitted, failed (the scanner could not try). `status` 0 where nothing was answered.
    `redirects`: those answered, followed or not. `text_length`: characters of visible text.
    """

    network: str
    url: str
    name: str
    address: str
    family: int
    port: int
    outcome: str
    status: int
    final_url: str
    redirects: int
    title: str
    text_length: int


@dataclass(frozen=True, slots=True)
class PageParity:
    """One first page over IPv4 against the same over IPv6.

    `compared` False: one of the two is not there, and nothing below means anything. `steady`: how alike two readings over
    IPv4 are, per mille, -1 where one reading was enough; `across`: how alike IPv4 and IPv6 are. The measure is
    Sørensen-Dice over the multiset of runs of three characters of the visible text, without blanks.
    """

    network: str
    url: str
    compared: bool
    same_status: bool
    same_redirects: bool
    same_certificate: bool
    same_title: bool
    steady: int
    across: int
    title_v4: str
    title_v6: str
    status_v4: int
    status_v6: int


@dataclass(frozen=True, slots=True)
class InnerLink:
    """One inner link: `level` 2 stands on the first page, 3 on a page of level 2. `v4` and `v6` as `Page.outcome`,
    or error (answered with a status of 400 or more), outside (not permitted, not followed), over-budget; empty where it was
    not tried over that family, of which the system has no open port.
    """

    level: int
    url: str
    v4: str
    v6: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where one address of a system lies, by the address ranges that are filed.

    `kind`: government-cloud, machine-room, rented-room, extranet, internet, shared-platform, or unknown. `range` is the
    filed range as written, `holder` the tenant, room or platform that it names. `mapped_to`: the inner address that a
    published one stands for, which then decided. `name`: the name that led here, empty for a filed address.
    """

    network: str
    name: str
    address: str
    kind: str
    level: str
    range: str
    holder: str
    mapped_to: str


@dataclass(frozen=True, slots=True)
class BackEnd:
    """A connection that a host which serves the system made to another machine, and where that lies.

    `host`: key of the host's asset. `kind`, `range`, `holder` as in Place. `shown`: the line of the host's own answer.
    `hops` 1: the host itself holds an address of the system; more: it is a back end of one that does. `shared`: a host on
    the way serves other systems too, so nobody can tell whose connection it is.
    """

    host: str
    network: str
    address: str
    port: int
    kind: str
    range: str
    holder: str
    shown: str
    hops: int
    shared: bool


@dataclass(frozen=True, slots=True)
class DeclaredAs:
    """A system found by its name or address that is one of those filed. `system`: its key. `why`: redirect, same-page."""

    system: str
    why: str


Fact = (
    Processor
    | OperatingSystem
    | Machine
    | Virtualization
    | Address
    | Ipv6Switch
    | Route
    | Listener
    | Connection
    | NameAnswer
    | NameServer
    | ServicePort
    | Certificate
    | Page
    | PageParity
    | InnerLink
    | Place
    | BackEnd
    | DeclaredAs
    | DeviceFact
    | LinkFact
)

FACTS: dict[str, type[Fact]] = {
    "processor": Processor,
    "operating-system": OperatingSystem,
    "machine": Machine,
    "virtualization": Virtualization,
    "addresses": Address,
    "ipv6-switches": Ipv6Switch,
    "routes": Route,
    "listeners": Listener,
    "connections": Connection,
    "names": NameAnswer,
    "name-servers": NameServer,
    "service-ports": ServicePort,
    "certificates": Certificate,
    "pages": Page,
    "page-parity": PageParity,
    "inner-links": InnerLink,
    "places": Place,
    "back-ends": BackEnd,
    "declared-as": DeclaredAs,
    **DEVICE_FACTS,
    **LINK_FACTS,
}

DERIVED = frozenset({"places", "back-ends", "declared-as", *LINK_FACTS})
"""Observations that no original says by itself: `controls.estate` joins them out of several assets'."""
