"""Where a filed system is offered: names, addresses, ports and URLs as people write them, and what a scan asks of them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inventories.addresses import is_far, read_address
from xunyan.permits import Service

_URL = re.compile(r"(https?)://([^/?#@]+)([/?#].*)?", re.IGNORECASE)
_BARE = re.compile(r"([^/?#@]+)([/?#].*)?")
_MASK = re.compile(r"/[0-9.]+")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Offered:
    """One name or address where a system is offered. `port` 0 and `scheme` empty where none was written.

    `rest`: what stands behind the host in a URL. `host` as `inventories.addresses` writes it.
    """

    host: str
    port: int
    scheme: str
    rest: str = ""

    @property
    def is_name(self) -> bool:
        """Tell a name from an address."""
        return ":" not in self.host and not self.host.replace(".", "").isdigit()

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and (self.port or self.scheme) else self.host
        host += f":{self.port}" if self.port else ""
        return f"{self.scheme}://{host}{self.rest}" if self.scheme else host


def read_offered(text: str) -> Offered | None:
    """Read `oa.example.cn`, `oa.example.cn:8443`, `https://oa.example.cn/login`, `10.1.2.3`, `10.1.2.3:8080`, `[2001:db8::1]:443`.

    None for what is no single place: a range, a name without a dot, a wildcard, a loopback address, another scheme. What
    stands behind a bare host (`oa.example.cn/login`) is left out.
    """
    bare = unicodedata.normalize("NFKC", text).replace("。", ".").strip()
    url = _URL.fullmatch(bare)
    plain = None if url else _BARE.fullmatch(bare)
    if url is None and (plain is None or _MASK.fullmatch(plain[2] or "")):
        return None
    found = read_address(url[2] if url else plain[1] if plain else "")
    if found is None or not is_far(found.host):
        return None
    offered = Offered(found.host, found.port, url[1].lower() if url else "", (url[3] or "/") if url else "")
    return offered if not offered.is_name or "." in offered.host else None


def filed_services(columns: Mapping[str, str], network: str, ports: Iterable[int] = ()) -> tuple[Service, ...]:
    """Give where a filed system is to be looked at, from its columns `names` and `addresses`, each place once.

    `columns["network"]` says in which network they mean something, `network` where it is silent. A place without a port
    is given with port 0, or once for each of `ports`. A URL has its scheme, and the port that belongs to it. What cannot be
    read, which an import lets nobody file, is passed over.
    """
    where = columns.get("network") or network
    wanted = tuple(ports) or (0,)
    found: dict[Service, None] = {}
    for text in f"{columns.get('names', '')} {columns.get('addresses', '')}".split():
        one = read_offered(text)
        if one is None:
            continue
        port = one.port or _PORTS.get(one.scheme, 0)
        for number in (port,) if port else wanted:
            found[Service(where, one.host, number, one.scheme)] = None
    return tuple(found)
