"""SSH authentication requests, as many as one login takes, under a single service request.

The library asks for the service anew before each request; servers that are strict about RFC 4252 hang up at the second.
"""

import threading
from collections.abc import Callable
from typing import TypeAlias

import paramiko
from paramiko.auth_handler import AuthHandler
from paramiko.message import Message

Answer: TypeAlias = Callable[[str, str, list[tuple[str, bool]]], list[str]]
"""Answers (title, instructions, [(prompt, shown)]) of a keyboard-interactive question."""

_SERVICE = "ssh-userauth"
MOST_PROMPTS = 16


class _Handler(AuthHandler):
    """One request; the service is asked for only by the first on a connection."""

    def __init__(self, transport: paramiko.Transport, *, first: bool) -> None:
        super().__init__(transport)
        self._first = first

    def _request_auth(self) -> None:
        if self._first:
            super()._request_auth()  # type: ignore[misc]  # private, and not in the stubs
            return
        accepted = Message()
        accepted.add_string(_SERVICE)
        accepted.rewind()
        self._parse_service_accept(accepted)  # type: ignore[attr-defined]  # the same

    def _parse_userauth_info_request(self, m: Message) -> None:
        """See how many prompts are claimed: the library would gather as many, whether they are there or not."""
        beginning = Message(m.asbytes())
        for _ in ("title", "instructions", "language"):
            beginning.get_binary()
        if beginning.get_int() > MOST_PROMPTS:
            raise paramiko.SSHException("too many prompts")
        super()._parse_userauth_info_request(m)  # type: ignore[misc]  # the same


class Authentication:
    """The requests of one login on one connection. Each returns what is still wanted; they raise as the library does."""

    def __init__(self, transport: paramiko.Transport, name: str) -> None:
        self._transport = transport
        self._name = name
        self._first = True

    def none(self) -> list[str]:
        """Ask without credentials, to learn what the server takes."""
        return self._send(lambda handler, event: handler.auth_none(self._name, event))

    def password(self, password: str) -> list[str]:
        """Send a password."""
        return self._send(lambda handler, event: handler.auth_password(self._name, password, event))

    def publickey(self, key: paramiko.PKey) -> list[str]:
        """Prove a key by a signature."""
        return self._send(lambda handler, event: handler.auth_publickey(self._name, key, event))

    def interactive(self, answer: Answer) -> list[str]:
        """Answer the server's questions."""
        return self._send(lambda handler, event: handler.auth_interactive(self._name, answer, event))

    def _send(self, request: Callable[[AuthHandler, threading.Event], None]) -> list[str]:
        handler = _Handler(self._transport, first=self._first)
        self._first = False
        self._transport.auth_handler = handler
        event = threading.Event()
        request(handler, event)
        return list(handler.wait_for_response(event))
