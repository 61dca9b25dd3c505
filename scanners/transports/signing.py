"""An SSH agent for one login: it shows one key, signs once, and the key stays in this process."""

import socket
import threading
from pathlib import Path

import paramiko
from paramiko.message import Message

from scanners.transports.carrying import Credential, CredentialKind
from scanners.transports.keys import agent_key, private_key

FAILURE, LIST, KEYS, SIGN, SIGNED = 5, 11, 12, 13, 14
ALGORITHMS = {2: "rsa-sha2-256", 4: "rsa-sha2-512"}
LIMIT = 262144

_lending = threading.Lock()


def open_key(credential: Credential) -> paramiko.PKey:
    """Read or find a credential's key. Raises InputError."""
    return private_key(credential) if credential.kind is CredentialKind.KEY else agent_key(credential)


class OneKeyAgent:
    """Speaks the agent's protocol on a socket of its own, as far as one login by one key needs it.

    `sockets` are to be watched; `turn` is to be called when one of them can be read.
    """

    def __init__(self, credential: Credential, path: Path) -> None:
        self._key = open_key(credential)
        self._signatures = 1
        self._buffers: dict[socket.socket, bytes] = {}
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(path))
        self._door.listen(2)

    @property
    def sockets(self) -> list[socket.socket]:
        """The sockets that are open now."""
        return [self._door, *self._buffers]

    def close(self) -> None:
        """End it."""
        for one in self.sockets:
            one.close()

    def turn(self, ready: socket.socket) -> None:
        """Take what came at one of the sockets, and answer."""
        if ready is self._door:
            client, _ = self._door.accept()
            self._buffers[client] = b""
            return
        try:
            piece = ready.recv(65536)
            held = self._buffers[ready] + piece
            while len(held) >= 4 and len(held) >= 4 + int.from_bytes(held[:4], "big"):
                size = int.from_bytes(held[:4], "big")
                reply = self._answer(held[4 : 4 + size])
                ready.sendall(len(reply).to_bytes(4, "big") + reply)
                held = held[4 + size :]
        except OSError:
            piece, held = b"", b""
        self._buffers[ready] = held
        if not piece or len(held) > LIMIT:
            del self._buffers[ready]
            ready.close()

    def _answer(self, request: bytes) -> bytes:
        said = Message(request)
        kind = said.get_byte()[:1]
        reply = Message()
        if kind == bytes([LIST]):
            reply.add_byte(bytes([KEYS]))
            reply.add_int(1)
            reply.add_string(self._key.asbytes())
            reply.add_string("")
            return reply.asbytes()
        if kind == bytes([SIGN]) and said.get_binary() == self._key.asbytes() and self._signatures:
            self._signatures -= 1
            try:
                signature = self._sign(said.get_binary(), said.get_int())
            except paramiko.SSHException:  # the agent behind it does not want to
                return bytes([FAILURE])
            reply.add_byte(bytes([SIGNED]))
            reply.add_string(signature)
            return reply.asbytes()
        return bytes([FAILURE])

    def _sign(self, data: bytes, flags: int) -> bytes:
        with _lending:  # another agent behind it takes one question at a time
            signature = self._key.sign_ssh_data(data, ALGORITHMS.get(flags & 6))
        return signature.asbytes() if isinstance(signature, Message) else bytes(signature)
