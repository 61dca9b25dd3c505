"""The ssh command of one login: everything it may do is spelled out, and nothing is read from anyone's settings."""

import math
import shlex
from dataclasses import dataclass

from scanners.transports.carrying import Bounds, Credential, CredentialKind, Order, RouteKind
from xunyan.permits import Permit

METHODS = {
    CredentialKind.PASSWORD: "password,keyboard-interactive",
    CredentialKind.KEY: "publickey",
    CredentialKind.AGENT: "publickey",
}

FIXED = (
    "AddressFamily=any",
    "CanonicalizeHostname=no",
    "CheckHostIP=no",
    "ClearAllForwardings=yes",
    "ConnectionAttempts=1",
    "ControlMaster=no",
    "ControlPath=none",
    "EscapeChar=none",
    "ForwardAgent=no",
    "ForwardX11=no",
    "GSSAPIAuthentication=no",
    "GlobalKnownHostsFile=/dev/null",
    "HashKnownHosts=no",
    "HostbasedAuthentication=no",
    "IdentityFile=none",
    "KexAlgorithms=^curve25519-sha256",  # as our own SSH does; ssh's first choice takes 50 ms more at either end
    "LogLevel=DEBUG1",
    "NumberOfPasswordPrompts=1",
    "PermitLocalCommand=no",
    "RequestTTY=no",
    "ServerAliveInterval=15",
    "Tunnel=no",
    "UpdateHostKeys=no",
    "VerifyHostKeyDNS=no",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One login of the way to a host: where, as whom, by which host keys, and the files of it by their first name."""

    asset: str
    permit: Permit
    credential: Credential
    user: str
    host_keys: tuple[str, ...]
    files: str
    learn: bool = False

    @property
    def known_hosts(self) -> bytes:
        """The file that ssh holds the host's key against. Its one name is ours, so equal addresses do not mix."""
        return "".join(f"{self.files} {key}\n" for key in self.host_keys).encode()


def steps(order: Order, alias: str) -> tuple[Step, ...]:
    """List the logins of an order's way, the one on the host itself (or the bastion) first, a jump host's after it."""
    route = order.route
    end = Step(
        order.asset, order.permit, order.credential, order.credential.user, order.host_keys, alias, learn=order.learn
    )
    if route is None:
        return (end,)
    if route.kind is RouteKind.JUMP:
        name = f"route:{route.name}"
        hop = Step(name, route.permit, route.credential, route.credential.user, route.host_keys, f"{alias}-hop")
        return (end, hop)
    user = route.login.format(
        user=route.credential.user,
        account=order.credential.user,
        target=order.permit.address,
        port=order.permit.port,
    )
    return (Step(order.asset, route.permit, route.credential, user, route.host_keys, alias),)


def ssh_command(program: str, way: tuple[Step, ...], remote: str, bounds: Bounds) -> list[str]:
    """Write the whole command line; it holds no secret. Files stand in ssh's working folder."""
    end, *hops = way
    proxy = "none"
    if hops:
        hop = hops[0]
        forward = _command(program, hop, bounds, "none", "-W", f"[{end.permit.address}]:{end.permit.port}")
        settings = [f"{name}={value}" for name, value in askpass_files(hop).items()]
        proxy = shlex.join(["env", *settings, *forward, _host(hop)]).replace("%", "%%")
    return [*_command(program, end, bounds, proxy), _host(end), remote]


def askpass_files(step: Step) -> dict[str, str]:
    """Name the pipes that the program which answers ssh's question uses."""
    return {"XUNYAN_WORD": f"{step.files}.word", "XUNYAN_LOG": f"{step.files}.log"}


def _host(step: Step) -> str:
    return step.permit.address


def _command(program: str, step: Step, bounds: Bounds, proxy: str, *more: str) -> list[str]:
    password = step.credential.kind is CredentialKind.PASSWORD
    trust = "accept-new" if step.learn and not step.host_keys else "yes"
    options = (
        *FIXED,
        f"BatchMode={_word(not password)}",
        f"ConnectTimeout={math.ceil(bounds.connect_seconds)}",
        f"HostKeyAlias={step.files}",
        f"IdentityAgent={'none' if password else step.files + '.agent'}",
        f"IdentitiesOnly={_word(password)}",
        f"KbdInteractiveAuthentication={_word(password)}",
        f"PasswordAuthentication={_word(password)}",
        f"PreferredAuthentications={METHODS[step.credential.kind]}",
        f"ProxyCommand={proxy}",
        f"PubkeyAuthentication={_word(not password)}",
        f"StrictHostKeyChecking={trust}",
        f"UserKnownHostsFile={step.files}.known",
    )
    settings = [word for option in options for word in ("-o", option)]
    return [
        *(program, "-F", "none", "-E", f"{step.files}.log", "-T"),
        *settings,
        *("-p", str(step.permit.port), "-l", step.user),
        *more,
        "--",
    ]


def _word(value: bool) -> str:  # noqa: FBT001  # ssh's own way of writing it
    return "yes" if value else "no"
