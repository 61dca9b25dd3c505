"""Listening at a private folder's socket: who comes is served by a thread of its own, and all are sent away at the end."""

import os
import socket
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path

from scanners.transports.carrying import Credential, LoginGate, Outcome
from xunyan.permits import Permit


class Listener(ABC):
    """Listens at `door` in the folder from the moment it is made until `close`."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self.folder = Path(f"/proc/self/fd/{self._folder}")  # a socket's path has room for 107 bytes only
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(self.folder / "door"))
        self._door.listen(128)
        self._listener = threading.Thread(target=self._listen, name="xunyan-door")
        self._listener.start()

    @abstractmethod
    def serve(self, client: socket.socket) -> None:
        """Serve one who came. An OSError or ValueError means that they are gone."""

    def close(self) -> None:
        """Let nobody in any more, have those inside ended, and wait for their threads."""
        self.closing.set()
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._listener.join()
        self._door.close()
        for thread in self._threads:
            thread.join()
        os.close(self._folder)

    def _listen(self) -> None:
        while not self.closing.is_set():
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=self._serve, args=(client,), name="xunyan-login")
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            self.serve(client)


class Pass:
    """One login that the gate let through; it is told once how that ended. Raises WithheldError when made."""

    def __init__(self, gate: LoginGate, asset: str, permit: Permit, credential: Credential) -> None:
        gate.enter(asset, permit, credential)
        self._gate: LoginGate | None = gate
        self._login = (asset, permit, credential)

    def settle(self, outcome: Outcome) -> None:
        """Tell how it ended; what is told later does not count."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.leave(*self._login, outcome)
