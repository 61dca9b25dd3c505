"""What checking one signature or timestamp of a package found."""

from dataclasses import dataclass
from enum import StrEnum

from xunyan.wording import Text


class Part(StrEnum):
    """What can stand under a package. `OTHER` is a file that has no place beside its signatures."""

    ED25519 = "ed25519"
    SM2 = "sm2"
    TIMESTAMP = "timestamp"
    OTHER = "other"


class State(StrEnum):
    """How one part stands. `UNKNOWN_SIGNER` is right in itself, by a signer that is not among the trusted."""

    VALID = "valid"
    UNKNOWN_SIGNER = "unknown-signer"
    INVALID = "invalid"
    ABSENT = "absent"
    COULD_NOT_CHECK = "could-not-check"


@dataclass(frozen=True, slots=True)
class Checked:
    """One part, its state and why.

    `signer`: fingerprint (SHA-256, hexadecimal) of the public key, of a timestamp's certificate; "" where unknown.
    `at`: the moment that a timestamp proves, in UTC, else "".
    """

    part: Part
    state: State
    detail: Text
    signer: str = ""
    at: str = ""


class FlawError(Exception):
    """Why a part is invalid; never leaves the checks."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def demand(held: object, zh: str, en: str) -> None:
    """Go on where it holds. Raises FlawError."""
    if not held:
        raise FlawError(zh, en)
