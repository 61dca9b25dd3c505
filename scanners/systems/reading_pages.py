"""Reading pages over one address at a time, and the redirects on the way, within what is permitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from scanners.platforms.systems.urls import resolve
from scanners.systems.asking import Refused, in_time
from scanners.systems.doors import Door, split_url
from scanners.systems.lines import NOT_PERMITTED, Line
from scanners.systems.resolving import Resolving
from scanners.transports.web import Fetched, FetchLimits, fetch

REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Reading:
    """One page read: a line for each request, what came last, and what TLS showed at the first of them."""

    lines: tuple[Line, ...]
    last: Fetched | None
    final_url: str
    certificate: bytes
    protocol: str = ""

    @property
    def outcome(self) -> str:
        """How it ended."""
        return str(self.lines[-1]["outcome"])

    @property
    def is_page(self) -> bool:
        """Whether a page came at the end."""
        return self.outcome == "answered" and self.last is not None


@dataclass(frozen=True, slots=True)
class PageReader:
    """Reads pages for one system."""

    resolving: Resolving
    limits: FetchLimits

    async def read(self, door: Door, url: str, read: int = 1) -> Reading:
        """Get a URL at a door, follow its redirects over the same family while they may be followed, and say where it ended."""
        lines: list[dict[str, object]] = []
        seen: set[str] = set()
        at, certificate, protocol = url, b"", ""
        last: Fetched | None = None
        here: Door | None = door
        while here is not None:
            seen.add(at)
            line, got = await self._one(here, at, url, read, len(lines))
            lines.append(line)
            last = got
            if got is None or got.outcome != "answered":
                break
            if len(lines) == 1:
                certificate, protocol = got.certificate, got.protocol
            if got.status not in REDIRECTS or not got.location:
                break
            onward = resolve(at, got.location)
            if onward in seen or len(lines) > self.resolving.limits.redirects:
                line["outcome"] = "redirect-loop"
                break
            here = await self._next(here, onward)
            if here is None:
                line["outcome"] = "redirect-outside"
            at = onward
        final = str(lines[-1]["url"])
        return Reading(tuple(lines), last, final, certificate, protocol)

    async def _one(
        self, door: Door, url: str, start: str, read: int, hop: int
    ) -> tuple[dict[str, object], Fetched | None]:
        line: dict[str, object] = {
            "network": door.network, "url": url, "name": door.name, "address": door.address, "family": door.family,
            "port": door.port, "read": read, "hop": hop, "start": start, "outcome": NOT_PERMITTED, "status": 0,
            "location": "", "content_type": "", "server": "", "certificate": "", "size": 0, "truncated": False,
            "body": "", "detail": "",
        }  # fmt: skip
        permit = door.permit(self.resolving.grants)
        if isinstance(permit, Refused):
            return {**line, "detail": permit.detail}, None
        async with self.resolving.pace.turn(permit):
            got = await fetch(permit, url, self.limits)
        in_time(got.outcome, got.detail)
        return {
            **line, "outcome": got.outcome, "status": got.status, "location": got.location,
            "content_type": got.content_type, "server": got.server, "certificate": got.certificate_sha256,
            "size": got.size, "truncated": got.truncated, "body": decoded(got), "detail": got.detail,
        }, got  # fmt: skip

    async def _next(self, door: Door, url: str) -> Door | None:
        """Find the door that a redirect leads to, over the same family; None where we may not or cannot go there."""
        parts = split_url(url)
        if parts is None:
            return None
        host, port = parts
        if host in (door.name, door.address):
            onward = replace(door, port=port)
        else:
            names, addresses = await self._addresses(door.network, host)
            own = [address for family, address in addresses if family == door.family]
            if not own:
                return None
            onward = replace(door, name=host if names else "", address=own[0], port=port, names=names)
            each = [replace(onward, address=address).permit(self.resolving.grants) for _, address in addresses]
            if any(isinstance(one, Refused) and one.barred for one in each):
                return None
        return None if isinstance(onward.permit(self.resolving.grants), Refused) else onward

    async def _addresses(self, network: str, host: str) -> tuple[tuple[str, ...], Sequence[tuple[int, str]]]:
        try:
            address = ip_address(host)
        except ValueError:
            way = await self.resolving.addresses(network, host)
            return (host, *way.aliases), way.addresses
        return (), ((address.version, str(address)),)


def decoded(got: Fetched) -> str:
    """Give a body as text: by the charset that was declared, else UTF-8, else GB18030, else UTF-8 with marks."""
    _, found, rest = got.content_type.lower().partition("charset=")
    declared = rest.split(";")[0].strip(" \"'") if found else ""
    for encoding in (declared, "utf-8", "gb18030"):
        if encoding:
            try:
                return got.body.decode(encoding)
            except (LookupError, ValueError):
                continue
    return got.body.decode("utf-8", "replace")
