"""Reading pages from a web server that a letter allows: one GET each, nothing followed, bounded in every direction."""

import asyncio
import hashlib
import ssl
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, cast
from urllib.parse import quote, urlsplit

import httpcore

from scanners.transports.connecting import NotConnectedError, Outcome, allow, connect, demand, error_name, told_by
from scanners.transports.knocking import Greeting, Knock, greeted, greeting_failed, knocked, tls_trouble
from scanners.transports.lines import Line, LineError
from xunyan import __version__
from xunyan.permits import Method, Permit

USER_AGENT = f"xunyan/{__version__} (government IPv6 and cloud inspection; reads only)"
HEADER_CHARACTERS = 2000
URL_CHARACTERS = 8000
_PORTS = {"http": 80, "https": 443}
_PIECES = 10_000
_FRAMING_BYTES = 1 << 16
_SAFE = "/%:@!$&'()*+,;=~?[]"
_HEADERS = (
    (b"User-Agent", USER_AGENT.encode("ascii")),
    (b"Accept", b"text/html,application/xhtml+xml,*/*;q=0.8"),
    (b"Accept-Encoding", b"identity"),
)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How long and how much one page may take.

    `answer_seconds` begin where `connect_seconds` end: TLS, the request, and all of the answer. `head_bytes`: what stands
    before the page, interim answers included.
    """

    connect_seconds: float = 5.0
    answer_seconds: float = 15.0
    page_bytes: int = 512 * 1024
    head_bytes: int = 32 * 1024


DEFAULT = FetchLimits()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one GET gave.

    `outcome`: answered, timeout, refused, unreachable (an answer from the way), reset (cut off), malformed (no HTTP that
    can be read, or no TLS), no-route (this machine has none to the address), not-permitted; or failed: this machine could
    not try. After a status any of them may still come, with a part of the body. `location`, `content_type` and `server`
    are as sent, at most 2,000 characters, whatever stands in them. `body` is without its content encoding where that is
    gzip or deflate; `size` is how much of it came, encoded; `truncated`: there was more of it. `protocol` and `certificate`
    as `knocking.Greeting` has them, empty without TLS. `detail`: what is wrong.
    """

    outcome: Outcome
    status: int = 0
    location: str = ""
    content_type: str = ""
    server: str = ""
    body: bytes = b""
    size: int = 0
    truncated: bool = False
    protocol: str = ""
    certificate: bytes = b""
    seconds: float = 0.0
    detail: str = ""

    @property
    def certificate_sha256(self) -> str:
        """The digest of the certificate, by which it is known; empty where there is none."""
        return hashlib.sha256(self.certificate).hexdigest() if self.certificate else ""


class _UrlError(Exception):
    """What is no address of a page."""


@dataclass(slots=True)
class _Draft:
    """What came so far."""

    status: int = 0
    headers: Sequence[tuple[bytes, bytes]] = ()
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0
    truncated: bool = False


class _Dialer(httpcore.AsyncNetworkBackend):
    """Gives httpcore its connections: to what the permit names, whatever host and port it asks for.

    `line`, `knock` and `greeting` are of the last one. Connecting raises NotConnectedError, OSError and LineError.
    """

    def __init__(self, permit: Permit, server_name: str, limits: FetchLimits, *, tls: bool) -> None:
        self.line: Line | None = None
        self.knock: Knock | None = None
        self.greeting: Greeting | None = None
        self._permit = permit
        self._server_name = server_name
        self._limits = limits
        self._tls = tls

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002
        port: int,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: object = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the permit's address and port, with TLS where this was made so."""
        self.line = self.knock = self.greeting = None
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                opened = await connect(self._permit)
        except TimeoutError:
            self.knock = Knock(Outcome.TIMEOUT, "connect")
            raise
        except NotConnectedError as error:
            self.knock = knocked(error)
            raise
        self.knock = Knock(Outcome.OPEN)
        self.line = Line(opened, self._limits.head_bytes)
        if self._tls:
            self.greeting = Greeting(Outcome.TIMEOUT, detail="tls")  # until it is known better
            try:
                await self.line.secure(self._server_name)
            except (OSError, LineError) as error:
                self.greeting = greeting_failed(error)
                raise
            self.greeting = greeted(self.line)
        return self.line

    @property
    def greets(self) -> bool:
        """Whether it is in TLS that the last connection stopped."""
        return self.greeting is not None and self.greeting.outcome is not Outcome.OK


class Session:
    """Several pages from one permitted port, over one connection for as long as the server keeps it.

    To be used with `async with`, which leaves nothing open. No two pages at a time.
    """

    def __init__(self, permit: Permit, server_name: str, limits: FetchLimits, *, tls: bool, keep: bool) -> None:
        demand(permit, Method.WEB)
        self._permit = permit
        self._limits = limits
        self._headers = _HEADERS if keep else (*_HEADERS, (b"Connection", b"close"))
        self._keep = keep
        self._origin = httpcore.Origin(b"http", permit.address.encode("ascii"), permit.port)
        self._dialer = _Dialer(permit, server_name, limits, tls=tls)
        self._connection: httpcore.AsyncHTTPConnection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection at once; the next page would need another."""
        self._connection = None
        if self._dialer.line is not None:
            self._dialer.line.close()

    @property
    def knock(self) -> Knock | None:
        """How the port took the last connection, as `knocking.knock` says it; None before there was one."""
        return self._dialer.knock

    @property
    def greeting(self) -> Greeting | None:
        """What was shown in TLS on the last connection, as `knocking.greet` says it; None where none was spoken."""
        return self._dialer.greeting

    async def fetch(self, path: str, host: str) -> Fetched:
        """Get one page: by its path with query, and the host that it is asked of (`www.example`, `10.1.2.3:8080`)."""
        clock = asyncio.get_running_loop().time
        started = clock()
        draft = _Draft()
        outcome, detail, whole = Outcome.ANSWERED, "", False
        try:
            request = self._request(path, host)
        except _UrlError as error:
            return Fetched(Outcome.MALFORMED, detail=f"url: {error}")
        try:
            async with asyncio.timeout(self._limits.connect_seconds + self._limits.answer_seconds):
                await self._get(request, draft)
            whole = not draft.truncated
        except (NotConnectedError, OSError, LineError, httpcore.ProtocolError, httpcore.WriteError) as error:
            outcome, detail = self._ended(error, draft)
        finally:
            if not (whole and self._keep):
                self.close()
        return self._fetched(outcome, detail, draft, clock() - started)

    def _request(self, path: str, host: str) -> httpcore.Request:
        url = httpcore.URL(scheme=b"http", host=self._origin.host, port=self._origin.port, target=_target(path))
        return httpcore.Request(b"GET", url, headers=[(b"Host", _host(host)), *self._headers])

    async def _get(self, request: httpcore.Request, draft: _Draft) -> None:
        """Get over the connection that is there; where the server closed it in the meantime, over another."""
        line = self._dialer.line
        if self._connection is not None and self._connection.is_idle() and line is not None:
            allow(self._permit)
            line.left = self._limits.head_bytes
            before = line.got
            try:
                return await self._exchange(self._connection, request, draft)
            except (OSError, httpcore.ProtocolError, httpcore.WriteError):
                if line.got != before:
                    raise
        self.close()
        self._connection = httpcore.AsyncHTTPConnection(self._origin, network_backend=self._dialer)
        return await self._exchange(self._connection, request, draft)

    async def _exchange(
        self, connection: httpcore.AsyncHTTPConnection, request: httpcore.Request, draft: _Draft
    ) -> None:
        response = await connection.handle_async_request(request)
        draft.status, draft.headers = response.status, response.headers
        most = self._limits.page_bytes
        if self._dialer.line is not None:
            self._dialer.line.left = 2 * most + _FRAMING_BYTES
        async with aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_stream())) as pieces:
            async for piece in pieces:
                draft.size += len(piece)
                draft.pieces.append(piece)
                if draft.size > most or len(draft.pieces) > _PIECES:
                    draft.truncated = True
                    return
        await response.aclose()

    def _ended(self, error: Exception, draft: _Draft) -> tuple[Outcome, str]:
        """Say what an error in getting a page means."""
        dialer, line = self._dialer, self._dialer.line
        if line is None and dialer.knock is not None:
            return dialer.knock.outcome, dialer.knock.detail
        if isinstance(error, NotConnectedError):  # run out between two pages
            return error.outcome, error.detail
        if isinstance(error, TimeoutError):
            return Outcome.TIMEOUT, "tls" if dialer.greets else "body" if draft.status else "answer"
        if isinstance(error, OSError | LineError):
            return _broken(error, "tls: " if dialer.greets or isinstance(error, ssl.SSLError) else "")
        if line is not None and line.ended and not draft.status:
            return (Outcome.MALFORMED, "no-head") if line.got else (Outcome.RESET, "closed")
        ended = isinstance(error, httpcore.WriteError) or (line is not None and line.ended)
        return (Outcome.RESET, "closed-early") if ended else (Outcome.MALFORMED, f"http: {error}"[:200])

    def _fetched(self, outcome: Outcome, detail: str, draft: _Draft, seconds: float) -> Fetched:
        body, more, note = _decoded(draft, self._limits.page_bytes)
        shown = self.greeting or Greeting(Outcome.OK)
        location, kind, server = (_header(draft, name) for name in (b"location", b"content-type", b"server"))
        return Fetched(
            outcome, draft.status, location, kind, server, body, draft.size,
            more or draft.truncated or (draft.status != 0 and outcome is not Outcome.ANSWERED),
            shown.protocol, shown.certificate, seconds, detail or note,
        )  # fmt: skip


def session(permit: Permit, server_name: str, *, tls: bool, limits: FetchLimits = DEFAULT) -> Session:
    """Make what reads several pages from the permitted port: `async with session(...) as s: await s.fetch(path, host)`.

    `server_name` is shown in TLS where it is a name. Raises TypeError for what is no permit, ValueError for another method's.
    """
    return Session(permit, server_name, limits, tls=tls, keep=True)


async def fetch(permit: Permit, url: str, limits: FetchLimits = DEFAULT) -> Fetched:
    """Get one page from the permitted address and port, whatever the URL says: it gives the scheme, the name and the path.

    Redirects are not followed, cookies neither kept nor sent. Raises as `session`.
    """
    demand(permit, Method.WEB)
    try:
        tls, name, host, path = _parts(url)
    except _UrlError:
        return Fetched(Outcome.MALFORMED, detail="url")
    async with Session(permit, name, limits, tls=tls, keep=False) as once:
        return await once.fetch(path, host)


def _broken(error: OSError | LineError, where: str) -> tuple[Outcome, str]:
    """Say what it means that a line broke."""
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return told_by(error), f"{where}{error_name(error)}"
    trouble = tls_trouble(error)
    return Outcome.RESET if trouble == "closed" else Outcome.MALFORMED, f"{where}{trouble}"


def _parts(url: str) -> tuple[bool, str, str, str]:
    """Part a URL into whether it is by TLS, the server's name, what to call the host, and the path. Raises _UrlError."""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError as error:
        raise _UrlError from error
    name = split.hostname or ""
    if split.scheme not in _PORTS or not name or len(url) > URL_CHARACTERS:
        raise _UrlError
    host = f"[{name}]" if ":" in name else name
    if port not in (None, _PORTS[split.scheme]):
        host = f"{host}:{port}"
    return split.scheme == "https", name, host, (split.path or "/") + (f"?{split.query}" if split.query else "")


def _target(path: str) -> bytes:
    """Write a path as requests have it. Raises _UrlError."""
    try:
        written = quote(path, safe=_SAFE).encode("ascii")
    except UnicodeError as error:
        raise _UrlError("path") from error
    if not written.startswith(b"/") or len(written) > URL_CHARACTERS:
        raise _UrlError("path")
    return written


def _host(host: str) -> bytes:
    """Write a host as requests have it. Raises _UrlError."""
    try:
        written = host.encode("ascii") if host.isascii() else host.encode("idna")
    except UnicodeError as error:
        raise _UrlError("host") from error
    if not written or any(one <= 0x20 or one == 0x7F or one in b"/\\?#@,;" for one in written):
        raise _UrlError("host")
    return written


def _header(draft: _Draft, name: bytes) -> str:
    value = next((value for key, value in draft.headers if key.lower() == name), b"")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return text[:HEADER_CHARACTERS]


def _decoded(draft: _Draft, most: int) -> tuple[bytes, bool, str]:
    """Give the body without its content encoding, whether there is more of it, and the encoding where it was left."""
    body = b"".join(draft.pieces)[:most]
    coding = _header(draft, b"content-encoding").strip().lower()
    if not body or coding in ("", "identity"):
        return body, False, ""
    if coding in ("gzip", "x-gzip", "deflate"):
        for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
            opening = zlib.decompressobj(bits)
            try:
                plain = opening.decompress(body, most)
            except zlib.error:
                continue
            return plain, not opening.eof, ""
    return body, False, f"content-encoding: {coding[:100]}"
