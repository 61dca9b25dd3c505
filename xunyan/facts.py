"""The facts that originals are read into. Each is one row of an observation's table; the name is in `FACTS`."""

from dataclasses import dataclass


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
    """One established TCP connection, seen from the endpoint. IPv4-mapped addresses are given as IPv4."""

    local_address: str
    local_port: int
    remote_address: str
    remote_port: int


Fact = Processor | OperatingSystem | Machine | Virtualization | Address | Ipv6Switch | Route | Listener | Connection

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
}
