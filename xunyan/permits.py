"""What may be touched: the methods that a letter can allow, the permit that a transport needs, and what is to be asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """A way to touch something over a network, as a letter of authorisation names it."""

    SSH = "ssh"
    TELNET = "telnet"
    WINRM = "winrm"
    DNS = "dns"
    WEB = "web"
    TIMESTAMP = "timestamp"


PORTS: Mapping[Method, tuple[int, ...]] = {
    Method.SSH: (22,), Method.TELNET: (23,), Method.WINRM: (5985, 5986), Method.DNS: (53,),
    Method.WEB: (80, 443), Method.TIMESTAMP: (80,),
}  # fmt: skip
"""The ports that a letter means where it names none."""


def ports_text(ports: Iterable[int]) -> str:
    """Write ports as people do, runs of them as ranges: `22, 2200-2299`."""
    runs: list[list[int]] = []
    for port in sorted(set(ports)):
        if runs and port == runs[-1][1] + 1:
            runs[-1][1] = port
        else:
            runs.append([port, port])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to touch one port at one address in one network by one method, up to a moment, under a numbered letter.

    The only thing that a transport takes. `address` is an IP address as `ipaddress` writes it, never a name; what was
    judged is what is connected to. Made by `inventories.scope` alone.
    """

    network: str
    address: str
    port: int
    method: Method
    expires: datetime
    authorisation: str


@dataclass(frozen=True, slots=True)
class Service:
    """One place where an information system is offered: a name or an address in a network.

    `port` 0 means the ports that the workspace looks at. `scheme` is http, https or empty for what the port is known for.
    """

    network: str
    host: str
    port: int = 0
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint, network device or system that a scan is to ask, as an inventory gives it; nothing in it is a secret.

    `asset` is its name with its kind (`host:web01`). `address` is an IP address or a name. `port` 0 is the method's own.
    `user`, `credential`, `route` and `carrier` may be empty: the workspace's settings then decide. `origin` says where it
    stood (file and line, row or group), for messages. `services`: where a system (platform `system`) is offered; its
    `address` is then empty.
    """

    asset: str
    network: str
    address: str
    port: int = 0
    platform: str = "linux"
    unit: str = ""
    site: str = ""
    user: str = ""
    credential: str = ""
    route: str = ""
    carrier: str = ""
    origin: str = ""
    services: tuple[Service, ...] = ()
