"""What is remembered of credentials across runs: refusals, and who renewed them. Names only, never a secret."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from evidence.durable import DurableLog, whole_lines
from xunyan.errors import DataError
from xunyan.wording import Text

REFUSALS = 2
"""So many refusals anywhere stop a credential everywhere."""

UNCLEAR = 3
"""So many logins without an outcome stop a proven password at one host."""


class CredentialEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One thing that happened to a credential.

    proven: a host took it, for the first time since it was renewed. refused: a host refused it. unclear: it was sent and
    nothing came back. renewed: a named person says that it is right now.
    """

    at: str
    credential: str
    event: Literal["proven", "refused", "unclear", "renewed"]
    network: str = ""
    asset: str = ""
    address: str = ""
    by: str = ""
    reason: str = ""


_decoder = msgspec.json.Decoder(CredentialEvent)
_encoder = msgspec.json.Encoder()


class Standing:
    """How one credential stands, from its events since it was last renewed."""

    def __init__(self) -> None:
        self.proven = False
        self.refusals: list[CredentialEvent] = []
        self.unclear: dict[tuple[str, str], int] = {}
        self.unproven_unclear = 0

    def apply(self, event: CredentialEvent) -> None:
        """Take one more event into account."""
        if event.event == "renewed":
            self.__init__()  # type: ignore[misc]  # everything before is forgotten
        elif event.event == "proven":
            self.proven, self.unproven_unclear = True, 0
        elif event.event == "refused":
            self.refusals.append(event)
        else:
            who = (event.network, event.asset)
            self.unclear[who] = self.unclear.get(who, 0) + 1
            self.unproven_unclear += not self.proven

    @property
    def spent(self) -> int:
        """How many refusals there were, or may have been."""
        return len(self.refusals) + self.unproven_unclear

    @property
    def stopped(self) -> bool:
        """Whether it may be sent nowhere any more."""
        return self.spent >= REFUSALS

    def refused_by(self, network: str, asset: str) -> CredentialEvent | None:
        """Return the refusal by this host, if there was one."""
        return next((one for one in self.refusals if (one.network, one.asset) == (network, asset)), None)


class Credentials:
    """The file of credential events of one workspace."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def standings(self) -> dict[str, Standing]:
        """Read how every credential stands. Raises DataError."""
        found: dict[str, Standing] = {}
        for event in self.events():
            found.setdefault(event.credential, Standing()).apply(event)
        return found

    def events(self) -> Iterable[CredentialEvent]:
        """Read all events in order. Raises DataError."""
        for number, line in enumerate(whole_lines(self.path), 1):
            try:
                yield _decoder.decode(line)
            except msgspec.DecodeError as error:
                raise DataError(
                    Text("凭据记录有一行读不出", "a line of the record of credentials cannot be read"),
                    where=f"{self.path}, line {number}: {error}",
                    advice=Text("从备份恢复该文件", "restore it from a backup"),
                ) from error

    def add(self, event: CredentialEvent) -> None:
        """Append one event, durably."""
        log = DurableLog(self.path)
        log.append(_encoder.encode(event) + b"\n")
        log.close()
