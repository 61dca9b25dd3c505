"""The gate that every login passes: written down before it is sent, and never a third refusal of one credential."""

import threading
from collections.abc import Callable
from datetime import datetime

from evidence.credentials import REFUSALS, UNCLEAR, CredentialEvent, Credentials, Standing
from evidence.scans import Login, ScanRecord
from scanners.transports.carrying import Credential, CredentialKind, Outcome, WithheldError
from scanners.transports.dialing import PAST
from xunyan.canonical import beijing_text, utc_text
from xunyan.canonical import moment as read_moment
from xunyan.permits import Permit


class Gate:
    """Lets logins pass one by one, counting what is under way as if it might be refused.

    So of one credential at most `REFUSALS` are ever refused, however many threads log in. A password that was sent and
    not answered counts as refused until some host has taken it.
    """

    def __init__(self, record: ScanRecord, credentials: Credentials, clock: Callable[[], datetime]) -> None:
        self._record = record
        self._credentials = credentials
        self._clock = clock
        self._standings = credentials.standings()
        self._under_way: dict[str, int] = {}
        self._changed = threading.Condition()
        self._closed = ""

    def enter(self, asset: str, permit: Permit, credential: Credential) -> None:
        """Wait until this login may be sent, and write it down. Raises WithheldError where it may not."""
        name = credential.name
        with self._changed:
            while True:
                standing = self._standings.setdefault(name, Standing())
                over = self._clock() >= permit.expires  # who waits here may wait beyond the end of the hours
                why = PAST if over else self._withheld(standing, permit.network, asset, credential)
                if why:
                    raise WithheldError(why)
                if standing.spent + self._under_way.get(name, 0) < REFUSALS:
                    break
                self._changed.wait(0.5)
            self._under_way[name] = self._under_way.get(name, 0) + 1
        try:
            self._record.sending(self._login("sent", asset, permit, credential))
        except BaseException:
            self._let_go(name)
            raise

    def leave(self, asset: str, permit: Permit, credential: Credential, outcome: Outcome) -> None:
        """Take note of how it ended, across runs where that matters, and let the next pass."""
        name = credential.name
        try:
            with self._changed:  # what counts across runs first: of the two a kill may lose the second
                event = self._event(outcome, asset, permit, credential)
                if event is not None:
                    self._standings[name].apply(event)
                    self._credentials.add(event)
            self._record.ended(self._login(outcome.value, asset, permit, credential))
        finally:
            self._let_go(name)

    def close(self, why: str) -> None:
        """Let nothing pass any more; those who wait are told why."""
        self._closed = why  # without the lock: a signal may come while it is held

    def stopped(self) -> list[str]:
        """List the credentials that are stopped."""
        with self._changed:
            return sorted(name for name, one in self._standings.items() if one.stopped)

    def is_stopped(self, name: str) -> bool:
        """Tell whether a credential is stopped."""
        with self._changed:
            return name in self._standings and self._standings[name].stopped

    def settle(self, passwords: frozenset[str]) -> None:
        """Count the logins that a killed run had sent and heard nothing of. `passwords`: which credentials are such."""
        open_logins: dict[tuple[str, str, str], list[Login]] = {}
        for login in self._record.logins():
            key = (login.credential, login.network, login.asset)
            if login.event == "sent":
                open_logins.setdefault(key, []).append(login)
            elif open_logins.get(key):
                open_logins[key].pop(0)
        counted = {
            (event.credential, event.network, event.asset, event.at)
            for event in self._credentials.events()
            if event.event in ("refused", "unclear")
        }
        for login in (one for left in open_logins.values() for one in left):
            at = utc_text(self._clock())
            self._record.ended(
                Login(
                    at=at, event=Outcome.UNKNOWN.value, asset=login.asset, network=login.network, address=login.address,
                    port=login.port, credential=login.credential, authorisation=login.authorisation,
                )
            )  # fmt: skip
            key = (login.credential, login.network, login.asset)
            known = any(event[:3] == key and event[3] >= login.at for event in counted)
            if login.credential in passwords and not known:
                event = CredentialEvent(
                    at=at, credential=login.credential, event="unclear", network=login.network, asset=login.asset,
                    address=login.address,
                )  # fmt: skip
                self._standings.setdefault(login.credential, Standing()).apply(event)
                self._credentials.add(event)

    def _withheld(self, standing: Standing, network: str, asset: str, credential: Credential) -> str:
        if self._closed:
            return self._closed
        if standing.stopped:
            return f"credential-stopped: {credential.name}"
        refused = standing.refused_by(network, asset)
        if refused is not None:
            return f"refused-before: {credential.name} {beijing_text(read_moment(refused.at))}"
        if standing.unclear.get((network, asset), 0) >= UNCLEAR:
            return f"unclear-before: {credential.name}"
        return ""

    def _event(self, outcome: Outcome, asset: str, permit: Permit, credential: Credential) -> CredentialEvent | None:
        standing = self._standings[credential.name]
        at = utc_text(self._clock())
        if outcome is Outcome.ACCEPTED:
            if standing.proven:
                return None
            return CredentialEvent(at=at, credential=credential.name, event="proven")
        if outcome is Outcome.REFUSED:
            event = "refused"
        elif outcome is Outcome.UNKNOWN and credential.kind is CredentialKind.PASSWORD:
            event = "unclear"
        else:
            return None
        return CredentialEvent(
            at=at, credential=credential.name, event="refused" if event == "refused" else "unclear",
            network=permit.network, asset=asset, address=permit.address,
        )  # fmt: skip

    def _let_go(self, name: str) -> None:
        with self._changed:
            self._under_way[name] -= 1
            self._changed.notify_all()

    def _login(self, event: str, asset: str, permit: Permit, credential: Credential) -> Login:
        return Login(
            at=utc_text(self._clock()), event=event, asset=asset, network=permit.network, address=permit.address,
            port=permit.port, credential=credential.name, authorisation=permit.authorisation,
        )  # fmt: skip
