"""What one host of the farm is: its name, address, users, fault and the texts that tell who it is."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.identities import identity_of
from xunyan.errors import InputError
from xunyan.wording import Text

OPS = "ops"

FAULTS: Mapping[str, Text] = {
    "": Text("没有毛病", "nothing is wrong"),
    "refused": Text("任何人都不让登录", "nobody is ever let in"),
    "hang": Text("登录后没有输出，也不结束", "after the login no output and no end"),
    "changed-key": Text("主机密钥与登记的不同", "shows another host key than known_hosts() holds"),
    "flood": Text("输出没完没了", "prints without end"),
    "binary": Text("输出 64 KiB 随机字节", "prints 64 KiB of random bytes, then ends"),
    "noisy": Text("登录脚本前后都打印", "the user's start file prints before the answer and a trap after it"),
    "silent": Text("接受连接但一言不发", "accepts the connection and never says a word"),
    "hangup": Text("报出版本后立刻断开", "says its version and closes the connection"),
    "filtered": Text("端口被过滤，连接没有回应", "the port is filtered: nobody who knocks hears anything"),
    "wrong-banner": Text("端口上是别的服务", "another service answers at the port"),
    "closed": Text("没有监听", "nothing listens"),
    "drops": Text("输出到一半断开", "closes the connection midway through the output"),
    "no-shell": Text("登录外壳是 nologin", "the login shell is nologin"),
    "slow": Text("输出正确但每段都晚", "the right output, each piece of it late"),
}
"""Every fault a host can have, and what it does. The `LISTENERS` and `closed` run no sshd at all."""

LISTENERS = ("silent", "hangup", "filtered", "wrong-banner")
ONLY_FULL = ("noisy", "no-shell")
"""Faults that need users of the host's own, hence root."""

_ATTEMPT = re.compile(r"(?:Accepted|Failed) (?!none )\S+ for .* from (\S+ port \d+)")
_UNKNOWN = re.compile(r"Invalid user .* from (\S+ port \d+)$")


@dataclass(frozen=True)
class HostSpec:
    """What a host is to be.

    `users` are logins with passwords; `keys` are public lines that may log in as `ops`. `identity` gives texts: under an
    absolute path that file's content, under a tool's name what the tool prints ("lscpu"), under a tool with the
    beginning of its arguments what it prints when called so ("ip a" for `ip address show`, longest beginning first).
    Its sshd listens on `listen`, by default on its address, shows `banner` before a login, and where it is `watched` writes
    down every command.
    """

    name: str
    address: str
    fault: str = ""
    users: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    identity: Mapping[str, str] = field(default_factory=dict)
    listen: tuple[str, ...] = ()
    banner: str = ""
    watched: bool = False


@dataclass(frozen=True)
class Host:
    """A host of a farm. `host_key` is the key that it really shows; `log` is what its sshd wrote."""

    spec: HostSpec
    port: int
    host_key: str
    log: Path

    def attempts(self) -> list[str]:
        """Read the lines of the log that tell of one authentication attempt each: accepted or failed.

        What a client asks without credentials ("none") and what a server asks back ("Postponed") are no attempts. A login
        that does not exist is one attempt if the log has no other line on it, since sshd tells nothing of keys tried there.
        """
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        told = {found[1] for line in lines if (found := _ATTEMPT.match(line))}
        unknown = {line for line in lines if (found := _UNKNOWN.match(line)) and found[1] not in told}
        return [line for line in lines if _ATTEMPT.match(line) or line in unknown]


def make_specs(
    count: int,
    *,
    first: str = "127.77.0.1",
    users: Mapping[str, str] | None = None,
    keys: Sequence[str] = (),
    faults: Mapping[int, str] | None = None,
) -> list[HostSpec]:
    """Make `count` hosts on addresses from `first` on, with varied identities invented by us; equal input, equal hosts.

    `faults` gives the host at a position (from 0) a fault. Addresses that end in 0 or 255 are left out.
    """
    specs: list[HostSpec] = []
    address = ipaddress.IPv4Address(first)
    while len(specs) < count:
        if address.packed[3] not in (0, 255):
            number = len(specs)
            name, identity = identity_of(number, address)
            fault = (faults or {}).get(number, "")
            specs.append(HostSpec(name, str(address), fault, dict(users or {}), tuple(keys), identity))
        address += 1
    return specs


def check_specs(specs: Sequence[HostSpec], *, full: bool) -> None:
    """Refuse hosts that cannot be raised here. Raises InputError naming the host."""
    seen: set[str] = set()
    for spec in specs:
        where = spec.name or "?"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}", spec.name):
            raise InputError(
                Text("主机名只能用字母、数字和连字符", "a host name is letters, digits and hyphens"), where=where
            )
        if {spec.name, spec.address} & seen:
            raise InputError(Text("主机名或地址重复", "the host's name or address is there twice"), where=where)
        seen |= {spec.name, spec.address}
        try:
            near = ipaddress.IPv4Address(spec.address).is_loopback
        except ValueError:
            near = False
        if not near:
            raise InputError(Text("地址须在 127.0.0.0/8 内", "the address must lie in 127.0.0.0/8"), where=where)
        if spec.fault not in FAULTS:
            raise InputError(Text(f"没有这种毛病：{spec.fault}", f"there is no such fault: {spec.fault}"), where=where)
        if not full and (spec.users or spec.fault in ONLY_FULL):
            raise InputError(
                Text("口令用户和这种毛病要 root 才能做", "users with passwords and this fault need root"), where=where
            )
        for login in spec.users:
            if not re.fullmatch(r"[a-z][a-z0-9_-]{0,30}", login):
                raise InputError(Text(f"登录名不合规：{login}", f"not a login name: {login}"), where=where)
