"""What ssh's own log tells of one login: how far it came, how it ended, and why."""

from collections.abc import Sequence

from scanners.transports.carrying import Bounds, CredentialKind, Failure, Outcome, first_words
from xunyan.model import GapReason

CHATTER = (
    "debug",
    "Authenticated to ",
    "Transferred: ",
    "Bytes per second: ",
    "Warning: Permanently added ",
    "OpenSSH_",
)

KEY_FAILURES: Sequence[tuple[str, GapReason, str]] = (
    ("IDENTIFICATION HAS CHANGED", GapReason.IDENTITY_CHANGED, "host-key-changed"),
    ("host key is known for", GapReason.NOT_ASKED, "host-key-unknown"),
    ("Host key verification failed", GapReason.IDENTITY_CHANGED, "host-key-changed"),
)
"""What ssh says -> reason and key; the first that stands in the log decides. Details follow with the key's fingerprint."""

FAILURES: Sequence[tuple[str, GapReason, str]] = (
    ("Connection refused", GapReason.UNREACHABLE, "connection-refused"),
    ("during banner exchange", GapReason.TIMEOUT, "no-greeting"),
    ("timed out", GapReason.UNREACHABLE, "no-connection"),
    ("No route to host", GapReason.UNREACHABLE, "no-connection"),
    ("unreachable", GapReason.UNREACHABLE, "no-connection"),
    ("connect to host", GapReason.UNREACHABLE, "no-connection"),
    ("open failed", GapReason.UNREACHABLE, "no-connection"),
    ("Unable to negotiate", GapReason.UNSUPPORTED, "handshake-failed"),
)


class Hearing:
    """One login as ssh tells of it, line by line (at LogLevel DEBUG1, in English)."""

    def __init__(self, kind: CredentialKind) -> None:
        self.kind = kind
        self.connected = False
        self.greeted = False
        self.accepted = False
        self.refused = False
        self.code_wanted = False
        self.finished = False
        self.host_key = ""
        self.words: list[str] = []
        self._method = ""
        self._asked = 0
        self._rest = b""

    @property
    def outcome(self) -> Outcome:
        """How the login ended, as far as is known."""
        if self.accepted:
            return Outcome.ACCEPTED
        return Outcome.REFUSED if self.refused else Outcome.UNKNOWN

    @property
    def final(self) -> Outcome:
        """How the login ended, when nothing more comes: a password that was never asked for was not sent."""
        sent = self._asked or self.kind is not CredentialKind.PASSWORD
        return Outcome.UNSENT if self.outcome is Outcome.UNKNOWN and not sent else self.outcome

    @property
    def must_stop(self) -> bool:
        """Whether ssh would now try a second time, or be asked for what it was not given."""
        return not self.accepted and (self.refused or self.code_wanted)

    def hear(self, log: bytes) -> None:
        """Take in a piece of the log."""
        *lines, self._rest = (self._rest + log).split(b"\n")
        self._rest = self._rest[-65536:]
        for line in lines:
            self._line(line.decode("utf-8", "replace").strip())

    def _line(self, line: str) -> None:
        if line.startswith("debug1: Connection established"):
            self.connected = True
        elif line.startswith("debug1: Remote protocol version"):
            self.connected = self.greeted = True
        elif line.startswith("debug1: Server host key: "):
            self.host_key = line.removeprefix("debug1: Server host key: ")
        elif line.startswith("debug1: Next authentication method: "):
            self._method = line.rpartition(": ")[2]
        elif line.startswith("debug1: Authentications that can continue"):
            self._failed_attempt()
        elif line.startswith("Authenticated to "):
            self.accepted = not self.refused
        elif line.startswith("debug1: client_input_channel_req:") and "rtype exit-" in line:
            self.finished = True  # the remote command told how it ended, so all of its output came before
        elif line == "asked":
            self._asked += 1
            self.code_wanted = self._asked > 1
        elif line and not line.startswith(CHATTER) and len(self.words) < 40:
            self._complaint(line)

    def _failed_attempt(self) -> None:
        """ssh goes on to its next method here; with a password that would be a second attempt."""
        if self._method and self.kind is CredentialKind.PASSWORD:
            self.refused = True

    def _complaint(self, line: str) -> None:
        self.words.append(line)
        if "Permission denied" in line and not self.accepted:
            self.refused = bool(self._method)  # without one, the host does not take our way of logging in

    def failure(self, *, known: bool, refused_as: str) -> Failure | None:
        """Say why the login did not come about; None where it did. `known`: a host key is on file."""
        if self.accepted or not (self.words or self.refused or self.code_wanted):
            return None
        return self._identity(known=known) or self._login(refused_as) or self._way()

    def _identity(self, *, known: bool) -> Failure | None:
        said = "\n".join(self.words)
        for sign, reason, key in KEY_FAILURES:
            if sign in said and known:
                return Failure(GapReason.IDENTITY_CHANGED, f"host-key-changed: {self.host_key}")
            if sign in said:
                return Failure(reason, f"{key}: {self.host_key}")
        return None

    def _login(self, name: str) -> Failure | None:
        if self.refused:
            return Failure(GapReason.DENIED, f"login-refused: {name}")
        if self.code_wanted:
            return Failure(GapReason.DENIED, "code-missing: use the ssh carrier")
        said = next((line for line in self.words if "Permission denied" in line), "")
        offered = said.rpartition("(")[2].partition(")")[0].replace(",", ", ")
        return Failure(GapReason.DENIED, f"login-not-offered: {offered}") if said else None

    def _way(self) -> Failure:
        last = first_words(self.words[-1].encode())
        for sign, reason, key in FAILURES:
            if any(sign in line for line in self.words):
                return Failure(reason, f"{key}: {last}")
        if self._method:
            return Failure(GapReason.INTERRUPTED, f"connection-lost: login: {last}")
        return Failure(GapReason.UNREACHABLE, f"handshake-failed: {last}")

    def refused_way(self, name: str) -> Failure | None:
        """Say why this host, a jump host that let us in, did not connect us further; None where it did."""
        said = next((line for line in self.words if "open failed" in line), "")
        if not said:
            return None
        key = "connection-refused" if "refused" in said else "no-connection"
        return Failure(GapReason.UNREACHABLE, f"{key}: {name}: {first_words(said.encode())}")

    def late(self, bounds: Bounds) -> Failure:
        """Say what was waited for in vain when the time for the login ran out."""
        if not self.connected:
            return Failure(GapReason.UNREACHABLE, f"no-connection: {bounds.connect_seconds:g} s")
        if not self._method:
            return Failure(GapReason.TIMEOUT, f"no-greeting: {bounds.login_seconds:g} s")
        return Failure(GapReason.TIMEOUT, f"login-timeout: {bounds.login_seconds:g} s")
