"""What the carriers share: the order they take, the answer they give, and the gate that every login passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from xunyan.model import GapReason
from xunyan.permits import Permit
from xunyan.wording import Text

DETAILS: Mapping[str, Text] = {
    "no-connection": Text("连不上", "no connection"),
    "connection-refused": Text("端口拒绝连接", "the port refuses connections"),
    "no-greeting": Text("端口开着，但没有SSH应答", "the port is open, but no SSH answers"),
    "handshake-failed": Text("SSH协商失败", "the SSH handshake failed"),
    "host-key-unknown": Text("主机密钥没有登记", "the host key is not on file"),
    "host-key-changed": Text("主机密钥与登记的不同，没有登录", "another host key than on file; no login was sent"),
    "login-refused": Text("登录被拒绝", "the login was refused"),
    "login-not-offered": Text("主机不接受这种登录方式", "the host does not offer this way of logging in"),
    "login-timeout": Text("登录没有应答", "no answer to the login"),
    "login-withheld": Text("没有登录", "no login was sent"),
    "code-missing": Text("需要一次性验证码，没有提供", "a one-time code is needed and was not given"),
    "no-answer": Text("登录后没有应答", "no answer after the login"),
    "connection-lost": Text("连接中断", "the connection was lost"),
    "no-prompt": Text("登录后没有出现提示符", "no prompt came after the login"),
    "password-change": Text(
        "登录时要求修改口令，没有修改", "the device wants its password changed; nothing was changed"
    ),
    "not-the-collector": Text("输出不是采集结果", "what came back is not the collector's"),
    "too-much": Text("输出过多，已断开", "too much came back; the connection was closed"),
    "beyond-bastion": Text("堡垒机到目标", "from the bastion on"),
    "hop": Text("中间的跳板机不通", "the host in between failed"),
    "binary": Text("二进制内容", "binary"),
    "carrier-failed": Text("采集通道出错", "the carrier failed"),
}
"""Key -> what went wrong. A `Failure`'s detail begins with one of these; what follows is the host's or library's word."""


class CredentialKind(StrEnum):
    """How a credential proves itself."""

    PASSWORD = "password"  # noqa: S105  # the name of a kind
    KEY = "key"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Credential:
    """A login, opened for this run only. Its secrets are in memory and in nothing that is written or shown.

    KEY: `key` is the private key's text, `password` its passphrase where it has one. AGENT: `fingerprint`
    (`SHA256:...`) chooses the agent's key. `one_time_code`: the server asks for a code by keyboard-interactive. `enable`:
    what a network device asks for where the privilege is raised.
    """

    name: str
    user: str
    kind: CredentialKind
    password: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    fingerprint: str = ""
    one_time_code: bool = False
    enable: str = field(default="", repr=False)


ENABLE = ":enable"
"""What follows a credential's name in the journal where the secret is meant that raises the privilege on a device."""


class RouteKind(StrEnum):
    """How another host stands in between."""

    JUMP = "jump"
    BASTION = "bastion"


@dataclass(frozen=True, slots=True)
class Route:
    """A host in between. JUMP: a connection is forwarded through it. BASTION: its login name says where to go on to.

    `login` is a bastion's pattern with `{user}` (the bastion's own user), `{account}` (the target's) and `{target}`,
    `{port}`. A session is asked anew after `session_targets` logins or `session_minutes`.
    """

    name: str
    kind: RouteKind
    permit: Permit
    credential: Credential
    host_keys: tuple[str, ...]
    login: str = "{user}@{account}@{target}"
    session_targets: int = 500
    session_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how much one host may take: seconds and bytes."""

    connect_seconds: float = 10.0
    login_seconds: float = 20.0
    answer_seconds: float = 120.0
    answer_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """One host to be asked once: where, as whom, and by which host keys it is known.

    `host_keys` are lines such as `ssh-ed25519 AAAA...`; none means that the host was never met, and then `learn` says
    whether its key may be taken on trust. `sudo`: the letter allows it; where the host does not, it is asked without.
    `platform`: what it is, for carriers that ask each in its own words.
    """

    asset: str
    permit: Permit
    credential: Credential
    host_keys: tuple[str, ...] = ()
    learn: bool = False
    route: Route | None = None
    sudo: bool = False
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a host gave no whole answer: the reason of the gaps, and `key: rest` where `key` is one of `DETAILS`."""

    reason: GapReason
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one host gave: what the collector printed, the host key that was shown, and what went wrong.

    `body` is what was printed after the mark; with a failure it may be a part. `sudo`: the collector ran with it.
    `means`: by what else than a plain login it was read, such as `enable` or `telnet`.
    """

    body: bytes
    failure: Failure | None = None
    host_key: str = ""
    sudo: bool = False
    means: tuple[str, ...] = ()


class Outcome(StrEnum):
    """How a login ended: UNKNOWN where it was sent and nothing came back, UNSENT where nothing secret was sent."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNSENT = "unsent"


class WithheldError(Exception):
    """The login was not sent: its credential is stopped, or this host refused it before."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class LoginGate(Protocol):
    """What every login passes: it is written down before it is sent, and a credential that is refused twice is stopped."""

    def enter(self, asset: str, permit: Permit, credential: Credential) -> None:
        """Wait until this login may be sent and write it down, durably. Raises WithheldError where it may not."""

    def leave(self, asset: str, permit: Permit, credential: Credential, outcome: Outcome) -> None:
        """Tell how it ended. Every `enter` that returned is followed by one `leave`."""


def prelude(mark: str, shell: str = "exec sh -s") -> str:
    """Write the remote command: it says the mark on a line of its own, then reads the collector from standard input.

    What a host's shell start files print stands before the mark.
    """
    return f"echo; echo {mark}; {shell}"


def after_mark(output: bytes, mark: str) -> bytes | None:
    """Give what stands after the line that is the mark; None where there is none yet."""
    sign = b"\n" + mark.encode("ascii")
    at = output.find(sign)
    end = output.find(b"\n", at + len(sign)) if at >= 0 else -1
    return output[end + 1 :] if end >= 0 else None


def first_words(output: bytes | Sequence[bytes]) -> str:
    """Give the beginning of what a host said instead of an answer, as one line of plain text."""
    data = output if isinstance(output, bytes) else b"".join(output)
    text = data[:400].decode("utf-8", "replace")
    if text.count("\ufffd") > len(text) // 10:
        return "binary"
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:120]
