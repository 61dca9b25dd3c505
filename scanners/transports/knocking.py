"""Knocking at a port that a letter allows, and reading the certificate that is shown there; nothing else is said."""

import asyncio
import ssl
from dataclasses import dataclass

from scanners.transports.connecting import NotConnectedError, Outcome, connect, error_name, told_by
from scanners.transports.lines import Line, LineError
from xunyan.permits import Permit


@dataclass(frozen=True, slots=True)
class Knock:
    """How a port took a connection.

    `outcome`: open, refused, timeout, unreachable (an answer from the way), no-route (this machine has none to the
    address), not-permitted; or failed: this machine could not try, which says nothing of the target. `detail` is the name
    of the system's error.
    """

    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a port spoke TLS.

    `outcome`: ok, failed, timeout or not-permitted. `protocol` as OpenSSL writes it (`TLSv1.3`), `certificate` in DER as
    it was shown, at most 64 KiB, unread. `detail`: what failed, beginning with the outcome of the connection where there
    was none (`refused: ECONNREFUSED`), else with `tls`.
    """

    outcome: Outcome
    protocol: str = ""
    certificate: bytes = b""
    detail: str = ""


async def knock(permit: Permit, seconds: float) -> Knock:
    """Connect to the permitted port and close again. Raises TypeError for what is no permit."""
    try:
        async with asyncio.timeout(seconds):
            opened = await connect(permit)
    except NotConnectedError as error:
        return knocked(error)
    except TimeoutError:
        return Knock(Outcome.TIMEOUT, "connect")
    opened.close()
    return Knock(Outcome.OPEN)


def knocked(error: NotConnectedError) -> Knock:
    """Say how a port took a connection that there is not: one reset at once is refused."""
    return Knock(Outcome.REFUSED if error.outcome is Outcome.RESET else error.outcome, error.detail)


async def greet(permit: Permit, server_name: str, seconds: float) -> Greeting:
    """Shake hands over TLS with the permitted port and close again; what is shown is read and not verified.

    Old servers are let in, see `lines.reading_context`. `server_name` is shown where it is a name; for an address, or
    where it is empty, none is. Raises TypeError for what is no permit.
    """
    line: Line | None = None
    try:
        async with asyncio.timeout(seconds):
            line = Line(await connect(permit))
            await line.secure(server_name)
    except (NotConnectedError, OSError, LineError) as error:
        return greeting_failed(error, "connect" if line is None else "tls")
    finally:
        if line is not None:
            line.close()
    return greeted(line)


def greeted(line: Line) -> Greeting:
    """Say what was shown on a line that speaks TLS."""
    return Greeting(Outcome.OK, line.protocol, line.certificate)


def greeting_failed(error: Exception, at: str = "tls") -> Greeting:
    """Say why there is no TLS; `at` is what was waited for."""
    if isinstance(error, NotConnectedError):
        spoken = error.outcome in (Outcome.NOT_PERMITTED, Outcome.TIMEOUT)
        return Greeting(error.outcome, detail=error.detail) if spoken else Greeting(Outcome.FAILED, detail=str(error))
    if isinstance(error, TimeoutError):
        return Greeting(Outcome.TIMEOUT, detail=at)
    return Greeting(Outcome.FAILED, detail=f"tls: {tls_trouble(error)}")


def tls_trouble(error: Exception) -> str:
    """Say what went wrong in TLS: OpenSSL's own word (`WRONG_VERSION_NUMBER`), `closed`, `flood`, `name` or the outcome."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "closed"
    if isinstance(error, ssl.SSLError):
        return (error.reason or type(error).__name__)[:100]
    if isinstance(error, OSError):
        return f"{told_by(error)} {error_name(error)}"
    return str(error)
