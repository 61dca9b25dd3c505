"""Opening a connection: the one function that does, and it takes a permit that has not run out."""

import socket
from datetime import UTC, datetime

from scanners.transports.carrying import Failure
from xunyan.model import GapReason
from xunyan.permits import Permit

PAST = "permit-expired"


class DialError(Exception):
    """There is no connection: `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def check(permit: Permit) -> None:
    """Refuse what is no permit, or one that has run out. Raises TypeError, and DialError where its time is over."""
    if not isinstance(permit, Permit):
        raise TypeError("a transport takes a permit")
    if datetime.now(UTC) >= permit.expires:
        raise DialError(Failure(GapReason.NOT_ASKED, PAST))


def dial(permit: Permit, seconds: float) -> socket.socket:
    """Connect to the permit's address and port, and to nothing else: no name is resolved, no proxy is asked.

    Raises DialError.
    """
    check(permit)
    try:
        return socket.create_connection((permit.address, permit.port), seconds)
    except TimeoutError as error:
        raise DialError(Failure(GapReason.UNREACHABLE, f"no-connection: {seconds:g} s")) from error
    except ConnectionRefusedError as error:
        raise DialError(Failure(GapReason.UNREACHABLE, "connection-refused")) from error
    except OSError as error:
        raise DialError(Failure(GapReason.UNREACHABLE, f"no-connection: {error.strerror or error}")) from error
