"""What a ground offers, whichever it is: it raises a scenario, tells where each thing is reached, and takes it down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.scenario.model import Device, Host
from xunyan.wording import Text

Say = Callable[[Text], None]
"""Told what is being done, and what cannot be shown."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the SSH port of a host or device is: its network, the address and port for the scanner to use, the host key that is known."""

    network: str
    address: str
    port: int
    host_key: str


class Ground(Protocol):
    """A scenario that stands, or is to."""

    name: str
    folder: Path
    user: str
    client_key: str
    shows_packets: bool
    shows_systems: bool

    def start(self, say: Say) -> None:
        """Raise everything and return when it is up. Raises XunyanError."""

    def stop(self) -> None:
        """Take everything down. May be called again."""

    def keep(self) -> None:
        """Let everything go on when we end; `lab.standing.lower` takes it down."""

    def shows(self, host: Host) -> bool:
        """Whether a host can stand on this ground."""

    def door(self, host: Host | Device) -> Door:
        """Where the SSH port of a host or device is."""

    def translate(self, network: str, text: str) -> str:
        """Write an address, a range or a prefix of a network as the scanner here has to."""

    def endpoint(self, network: str, text: str) -> str:
        """Write a service that a letter grants ("10.0.0.9:22") as the scanner here has to."""

    def words(self, command: Sequence[str]) -> list[str]:
        """The words by which a command is run from the scanner's place."""

    def log(self, host: Host) -> Path:
        """What the host's sshd wrote."""

    def lacks(self) -> Sequence[Text]:
        """What of the scenario cannot be shown on this ground, or for want of a program on this machine."""

    def state(self) -> Mapping[str, object]:
        """What is to be kept in a file so that the lab can be entered and taken down later."""
