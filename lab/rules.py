"""By which rules a bastion lets people in: names, passwords, one-time codes, trust for a while, and its log."""

import hmac
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

PASSWORD_PROMPT = "密码: "  # noqa: S105
CODE_PROMPT = "验证码: "
FIELDS = ("user", "account", "target")


@dataclass(frozen=True, slots=True)
class Target:
    """A server that may be reached: its address, port, and the host key that it must show.

    `password` is what the bastion keeps for those that take no key, such as network devices.
    """

    address: str
    port: int
    host_key: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may come in, and how.

    A login name follows `pattern`; `target` in it is an address of the farm, `account` who to be there. Authentication is
    keyboard-interactive: the password ("密码: "), then a code ("验证码: ") of `codes`, each of which works once. After a
    login with code the same user is not asked for a code at the next `session_logins` logins and within
    `session_seconds` seconds, whichever ends first; a bound of 0 does not bind, and with both 0 each login needs a code.
    `plain` takes the password alone, as SSH's own method.

    With `forward` it is a jump host instead: plain login names, a fresh code for every connection, and channels
    (direct-tcpip) to the farm's servers, as many as wanted, on one connection; commands are not run.
    """

    users: Mapping[str, str]
    codes: Sequence[str] = ()
    pattern: str = "{user}@{account}@{target}"
    session_logins: int = 0
    session_seconds: float = 0.0
    plain: bool = False
    forward: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """All that the process is told: where to listen with which key, by which rules, and how to reach the servers."""

    address: str
    port: int
    host_key: str
    key: str
    rules: Rules
    targets: Sequence[Target]
    log: str

    def write(self, path: Path) -> None:
        """Keep it in a file that only its owner can read."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")


def read_config(path: Path) -> Config:
    """Read what `write` wrote."""
    row = json.loads(path.read_text(encoding="utf-8"))
    row["rules"] = Rules(**row["rules"])
    row["targets"] = [Target(**target) for target in row["targets"]]
    return Config(**row)


@dataclass(frozen=True, slots=True)
class Name:
    """A login name taken apart; `account` and `target` are empty on a jump host."""

    user: str
    account: str = ""
    target: str = ""


def name_pattern(pattern: str) -> re.Pattern[str]:
    """Turn "{user}@{account}@{target}" into what recognises such names. Raises ValueError when a part is missing."""
    text = re.escape(pattern)
    for part in FIELDS:
        if re.escape("{" + part + "}") not in text:
            raise ValueError(f"the pattern lacks {{{part}}}: {pattern}")
        text = text.replace(re.escape("{" + part + "}"), f"(?P<{part}>.+{'?' if part == 'user' else ''})", 1)
    return re.compile(text)


class House:
    """What all connections share: who may come in, which codes are used up, whom we trust for now, and the log."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.targets = {target.address: target for target in config.targets}
        self._codes = set(config.rules.codes)
        self._used: set[str] = set()
        self._trusted: dict[str, tuple[int, float]] = {}
        self._pattern = name_pattern(config.rules.pattern)

    def name(self, login: str) -> Name | None:
        """Take a login name apart; None when it is not of our form or names no target of ours."""
        if self.config.rules.forward:
            return Name(login)
        found = self._pattern.fullmatch(login)
        if found is None or found["target"] not in self.targets:
            return None
        return Name(found["user"], found["account"], found["target"])

    def knows(self, user: str, password: str) -> bool:
        """Whether this is the user's password."""
        expected = self.config.rules.users.get(user)
        return expected is not None and hmac.compare_digest(expected.encode(), password.encode())

    def trusts(self, user: str) -> bool:
        """Whether the user may come in without a code this time; a yes counts as one of the logins."""
        logins, until = self._trusted.get(user, (0, 0.0))
        if self.config.rules.forward or time.monotonic() >= until or logins == 0:
            self._trusted.pop(user, None)
            return False
        self._trusted[user] = (logins - 1, until)
        return True

    def takes(self, user: str, code: str) -> str:
        """Use up a code; says `accepted`, `code-reused` or `code-refused`."""
        if code in self._used:
            return "code-reused"
        if code not in self._codes:
            return "code-refused"
        self._codes.remove(code)
        self._used.add(code)
        logins, seconds = self.config.rules.session_logins, self.config.rules.session_seconds
        if logins or seconds:
            self._trusted[user] = (logins or -1, time.monotonic() + (seconds or float("inf")))
        return "accepted"

    def tell(self, what: str, **values: str) -> None:
        """Write one line of the log."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        said = " ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
        with Path(self.config.log).open("a", encoding="utf-8") as file:
            file.write(f"{now} {what} {said}\n")
