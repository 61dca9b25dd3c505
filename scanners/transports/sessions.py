"""The beginning of an SSH session: the host's key against what is on file, and one login, never a second."""

import logging
import re
import socket
from collections.abc import Callable, Sequence

import paramiko

from scanners.transports.authentication import Authentication
from scanners.transports.carrying import (
    Bounds,
    Credential,
    CredentialKind,
    Failure,
    LoginGate,
    Outcome,
    first_words,
)
from scanners.transports.guarded import GuardedTransport, Packets
from scanners.transports.keys import agent_key, private_key
from xunyan.model import GapReason
from xunyan.permits import Permit

AnswerCode = Callable[[str], str]
"""Gets a one-time code for a server's prompt; empty where there is none."""

logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)  # what it would print is in our failures

FAST = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
"""Ciphers that need no separate digest, which the library would compute in Python."""

CODE_SECONDS = 180.0
"""A login may take so long where a person has to type a code."""

_CODE = re.compile(r"验证码|动态|一次性|令牌|校验码|otp|code|token|mfa|2fa|factor|pin", re.IGNORECASE)
_ALGORITHMS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}


class LoginError(Exception):
    """There is no session: `failure` says why."""

    def __init__(self, reason: GapReason, detail: str, outcome: Outcome = Outcome.UNKNOWN) -> None:
        super().__init__(detail)
        self.failure = Failure(reason, detail)
        self.outcome = outcome


def no_code(prompt: str) -> str:
    """Have no one-time code."""
    del prompt
    return ""


def shake_hands(transport: paramiko.Transport, known: Sequence[str], *, learn: bool, bounds: Bounds) -> str:
    """Agree on keys with the host, and hold its key against those on file; return the key that it showed.

    Nothing of a login is sent before. Raises LoginError.
    """
    transport.banner_timeout = transport.handshake_timeout = bounds.login_seconds
    transport.auth_timeout = bounds.login_seconds
    options = transport.get_security_options()
    options.ciphers = (
        *(one for one in FAST if one in options.ciphers),
        *(one for one in options.ciphers if one not in FAST),
    )
    kinds = [kind for line in known for kind in _ALGORITHMS.get(line.partition(" ")[0], (line.partition(" ")[0],))]
    wanted = [kind for kind in kinds if kind in options.key_types]
    if wanted:  # ask for the kind of key that is on file first, so that another kind is not taken for a change
        options.key_types = (*wanted, *(kind for kind in options.key_types if kind not in wanted))
    try:
        transport.start_client(timeout=bounds.login_seconds)
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise LoginError(GapReason.UNSUPPORTED, f"handshake-failed: {error}") from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        if "banner" in str(error):
            raise LoginError(GapReason.TIMEOUT, "no-greeting") from error
        said = first_words(str(error).encode()) or "EOF"
        raise LoginError(GapReason.UNREACHABLE, f"handshake-failed: {said}") from error
    if not transport.initial_kex_done:
        raise LoginError(GapReason.TIMEOUT, f"no-greeting: {bounds.login_seconds:g} s")
    key = transport.get_remote_server_key()
    shown = f"{key.get_name()} {key.get_base64()}"
    if not known and not learn:
        raise LoginError(GapReason.NOT_ASKED, f"host-key-unknown: {fingerprint(key)}")
    if known and shown not in known:
        raise LoginError(GapReason.IDENTITY_CHANGED, f"host-key-changed: {fingerprint(key)}")
    return shown


def session_over(connection: socket.socket | paramiko.Channel) -> paramiko.Transport:
    """Begin a session over a connection that is open; nothing is sent yet."""
    return GuardedTransport(connection, packetizer_class=Packets)


def fingerprint(key: paramiko.PKey) -> str:
    """Write a key's fingerprint as people compare it: `ssh-ed25519 SHA256:...`."""
    return f"{key.get_name()} {key.fingerprint}"


def log_in(
    transport: paramiko.Transport,
    asset: str,
    permit: Permit,
    credential: Credential,
    name: str,
    gate: LoginGate,
    bounds: Bounds,
    answer_code: AnswerCode = no_code,
) -> None:
    """Log in once under a name. Raises LoginError, and WithheldError where the gate does not let it pass."""
    del bounds
    gate.enter(asset, permit, credential)
    outcome = Outcome.UNKNOWN
    try:
        outcome = _authenticate(transport, credential, name, answer_code)
    except LoginError as error:
        outcome = error.outcome
        raise
    finally:
        gate.leave(asset, permit, credential, outcome)
    if outcome is Outcome.REFUSED:
        raise LoginError(GapReason.DENIED, f"login-refused: {name}")


def _authenticate(transport: paramiko.Transport, credential: Credential, name: str, answer_code: AnswerCode) -> Outcome:
    login = Authentication(transport, name)
    if credential.one_time_code:
        transport.auth_timeout = CODE_SECONDS
    try:
        if credential.kind is CredentialKind.PASSWORD:
            left = _password(login, credential, answer_code)
        else:
            left = login.publickey(
                private_key(credential) if credential.kind is CredentialKind.KEY else agent_key(credential)
            )
            if "keyboard-interactive" in left and credential.one_time_code:
                left = _interactive(login, credential, answer_code)
    except paramiko.BadAuthenticationType as error:
        offered = first_words(", ".join(error.allowed_types).encode())
        raise LoginError(GapReason.DENIED, f"login-not-offered: {offered}", Outcome.UNSENT) from error
    except paramiko.AuthenticationException as error:
        if "timeout" in str(error).lower():
            raise LoginError(GapReason.TIMEOUT, "login-timeout") from error
        if "shut down" in str(error):
            raise LoginError(GapReason.INTERRUPTED, "connection-lost: login") from error
        return Outcome.REFUSED
    return Outcome.REFUSED if left else Outcome.ACCEPTED


def _password(login: Authentication, credential: Credential, answer_code: AnswerCode) -> list[str]:
    """Learn first how the host takes passwords: to send one in a way that it does not take is a failed attempt there."""
    try:
        login.none()
    except paramiko.BadAuthenticationType as error:
        offered = error.allowed_types
    except (paramiko.SSHException, EOFError, OSError) as error:
        said = first_words(str(error).encode())
        raise LoginError(GapReason.INTERRUPTED, f"connection-lost: login: {said}", Outcome.UNSENT) from error
    else:
        return []
    if "keyboard-interactive" in offered and (credential.one_time_code or "password" not in offered):
        return _interactive(login, credential, answer_code)
    if "password" not in offered:
        said = first_words(", ".join(offered).encode())
        raise LoginError(GapReason.DENIED, f"login-not-offered: {said}", Outcome.UNSENT)
    left = login.password(credential.password)
    if "keyboard-interactive" in left and credential.one_time_code:
        return _interactive(login, credential, answer_code)
    return left


class _Unanswered(paramiko.AuthenticationException):
    """The host asks for what we do not have, or asks again for what it was given."""

    def __init__(self, kind: str, *, again: bool) -> None:
        super().__init__(kind)
        self.kind = kind
        self.again = again


def _interactive(login: Authentication, credential: Credential, answer_code: AnswerCode) -> list[str]:
    """Answer what the host asks: the password once, a code where it asks for one. A question asked again is a refusal."""
    given: set[str] = set()

    def answer(title: str, instructions: str, prompts: list[tuple[str, bool]]) -> list[str]:
        del title, instructions
        found = []
        for prompt, _ in prompts:
            kind = "code" if _CODE.search(prompt) or "password" in given else "password"
            reply = "" if kind in given else credential.password
            if kind == "code" and kind not in given:
                reply = answer_code(first_words(prompt.encode()))
            if not reply:
                raise _Unanswered(kind, again=kind in given)
            given.add(kind)
            found.append(reply)
        return found

    try:
        return login.interactive(answer)
    except _Unanswered as error:
        if error.kind == "code" and not error.again:
            raise LoginError(GapReason.DENIED, "code-missing") from error
        raise
