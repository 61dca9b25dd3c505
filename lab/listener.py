"""A port that is no SSH server, run as `python -m lab.listener FAULT PORT ADDRESS...`: it hangs up, keeps silent, or is something else.

A `filtered` port is a listening socket whose queue is full, so the kernel drops what knocks and nobody hears anything at all.
"""

import selectors
import socket
import sys
from collections.abc import Sequence

SPEECH = {
    "silent": b"",
    "hangup": b"SSH-2.0-OpenSSH_8.2\r\n",
    "filtered": b"",
    "wrong-banner": b"220 ftp.lab.example FTP server (Version 6.4) ready.\r\n",
}
"""What each fault says to whoever connects."""

_full: list[socket.socket] = []
"""Listening sockets whose queues are full; nobody takes anything from them, and they stay open for as long as we live."""


def listen(fault: str, address: str, port: int) -> socket.socket:
    """Open the port of a fault in SPEECH; what is returned is readable when somebody is to be greeted. Raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    if fault == "filtered":
        _full.append(socket.create_server((address, port), family=family, backlog=0))
        return socket.create_connection((address, port), timeout=5)  # ours, the one for which there is room
    return socket.create_server((address, port), family=family, backlog=128)


def greet(fault: str, listener: socket.socket, held: list[socket.socket]) -> None:
    """Take one connection and say what the fault says; `held` keeps those open that are not hung up on."""
    connection, _ = listener.accept()
    if SPEECH[fault]:
        connection.sendall(SPEECH[fault])
    if fault == "hangup":
        connection.close()
    else:
        held.append(connection)


def main(arguments: Sequence[str]) -> None:
    """Serve until killed; each connection is told on standard output."""
    fault, port, addresses = arguments[0], int(arguments[1]), arguments[2:]
    held: list[socket.socket] = []
    with selectors.DefaultSelector() as selector:
        for address in addresses:
            selector.register(listen(fault, address, port), selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if isinstance(key.fileobj, socket.socket):
                    greet(fault, key.fileobj, held)
                    sys.stdout.write("connection\n")
                    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
