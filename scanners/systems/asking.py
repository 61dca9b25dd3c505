"""What the agent for systems gets from those who send it: permits, and the bounds it keeps to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scanners.transports.dialing import PAST
from xunyan.permits import Permit
from xunyan.wording import Text


class NotNowError(Exception):
    """What is asked for will be permitted at another time: the system waits, and nothing of it is kept."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def in_time(outcome: str, detail: str) -> None:
    """Raise NotNowError where a transport found that the permit had run out before it began."""
    if outcome == "not-permitted" and detail == PAST:
        raise NotNowError(Text("授权时间已过", "the hours of the letter are over"))


@dataclass(frozen=True, slots=True)
class Refused:
    """No permit, and why. `barred`: a letter denies it or calls it classified, so the name that led there is barred too."""

    why: Text
    barred: bool = False

    @property
    def detail(self) -> str:
        """The reason as a line of a capture has it."""
        return self.why.zh


class Grants(Protocol):
    """Where permits come from: the letters, asked anew for every connection."""

    def resolvers(self, network: str) -> tuple[Permit, ...]:
        """Give the resolvers of a network that may be asked now, none where no letter grants one. Raises NotNowError."""
        ...

    def name_server(self, network: str, address: str, names: Sequence[str]) -> Permit | Refused:
        """Permit an authoritative name server; `names` are its own."""
        ...

    def service(self, unit: str, network: str, address: str, port: int, names: Sequence[str]) -> Permit | Refused:
        """Permit a web service of a unit's system at an address; `names` are all that led there. Raises NotNowError."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How far, how fast and how long. Seconds and bytes; `per_address` connections at once to one address of a system.

    `second_links`, `third_links`: so many inner links of a system are tried at each level; none is begun after
    `system_seconds`.
    """

    ports: tuple[int, ...] = (80, 443)
    concurrency: int = 50
    per_address: int = 2
    per_second: float = 100.0
    queries_at_once: int = 50
    queries_per_second: float = 200.0
    resolve_seconds: float = 5.0
    connect_seconds: float = 5.0
    answer_seconds: float = 15.0
    page_bytes: int = 512 * 1024
    redirects: int = 5
    second_links: int = 20
    third_links: int = 20
    system_seconds: float = 300.0
