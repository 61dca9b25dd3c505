"""Reading pages over one address at a time, and the redirects on the way, within what is permitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address

from scanners.platforms.systems.urls import resolve
from scanners.systems.asking import NotNowError, Refused, in_time
from scanners.systems.doors import Door, split_url
from scanners.systems.lines import NOT_PERMITTED, Line
from scanners.systems.resolving import Resolving
from scanners.transports.web import Fetched, FetchLimits, fetch
from xunyan.permits import Permit

OUTSIDE, NO_ADDRESS, UNANSWERED = "redirect-outside", "redirect-no-address", "redirect-unanswered"
"""How a reading ends at a redirect that is not followed: not permitted, no address of the family, nobody could say."""

CHARSETS: Mapping[str, str] = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk", "cp936"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs"), "big5hkscs"),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "windows-1252"), "cp1252"),
    **dict.fromkeys(("utf-16", "utf-16le"), "utf-16-le"),
    "utf-16be": "utf-16-be", "shift-jis": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949",
}  # fmt: skip
"""Charsets that pages have. Others are not looked up: the server would choose which code reads its page, and how slowly."""

_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "\ufffd")

ERROR = 400
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

    @property
    def is_error(self) -> bool:
        """Whether what came is an error's page."""
        return self.last is not None and self.last.status >= ERROR


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
            found = await self._next(here, onward)
            if isinstance(found, str):
                line["outcome"] = found
                break
            here, at = found, onward
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
        async with self.resolving.pace.turn(partial(door.permit, self.resolving.grants)) as permit:
            if isinstance(permit, Refused):
                return {**line, "detail": permit.detail}, None
            got = await fetch(permit, url, self.limits)
        in_time(got.outcome, got.detail)
        return {
            **line, "outcome": got.outcome, "status": got.status, "location": got.location,
            "content_type": got.content_type, "server": got.server, "certificate": got.certificate_sha256,
            "size": got.size, "truncated": got.truncated, "body": decoded(got), "detail": got.detail,
        }, got  # fmt: skip

    async def _next(self, door: Door, url: str) -> Door | str:
        """Find the door that a redirect leads to, over the same family; else how the reading ends here."""
        parts = split_url(url)
        if parts is None:
            return OUTSIDE
        host, port = parts
        if host in (door.name, door.address):
            onward = replace(door, port=port)
        else:
            try:
                names, addresses = await self._addresses(door.network, host)
            except NotNowError:
                return UNANSWERED
            if addresses is None:
                return UNANSWERED
            own = [address for family, address in addresses if family == door.family]
            if not own:
                return NO_ADDRESS
            onward = replace(door, name=host if names else "", address=own[0], port=port, names=names)
            each = [self._permit(replace(onward, address=address)) for _, address in addresses]
            if any(isinstance(one, Refused) and one.barred for one in each):
                return OUTSIDE
        permit = self._permit(onward)
        return UNANSWERED if permit is None else OUTSIDE if isinstance(permit, Refused) else onward

    def _permit(self, door: Door) -> Permit | Refused | None:
        """Ask for leave; None where it is given at other hours. The system itself may be looked at now, so it does not wait."""
        try:
            return door.permit(self.resolving.grants)
        except NotNowError:
            return None

    async def _addresses(self, network: str, host: str) -> tuple[tuple[str, ...], Sequence[tuple[int, str]] | None]:
        """Give the names on the way to a host and its addresses; None where nobody could be asked."""
        try:
            address = ip_address(host)
        except ValueError:
            way = await self.resolving.addresses(network, host)
            return (host, *way.aliases), None if way.failed else way.addresses
        return (), ((address.version, str(address)),)


def decoded(got: Fetched) -> str:
    """Give a body as text: by the charset that was declared, else UTF-8, else GB18030, else UTF-8 with marks.

    Control characters, which no page needs and which take six bytes each where they are kept, become marks too.
    """
    _, found, rest = got.content_type.lower().partition("charset=")
    declared = CHARSETS.get(rest.split(";")[0].strip(" \"'").replace("_", "-"), "") if found else ""
    return _decoded(got.body, declared).translate(_CONTROLS)


def _decoded(body: bytes, declared: str) -> str:
    for encoding in (declared, "utf-8", "gb18030"):
        if encoding:
            try:
                return body.decode(encoding)
            except ValueError:
                continue
    return body.decode("utf-8", "replace")
