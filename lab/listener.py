"""A port that is no SSH server, run as `python -m lab.listener FAULT PORT ADDRESS...`: it hangs up, keeps silent, or is something else.

A `filtered` port is a listening socket whose own packet filter lets nothing in, so whoever knocks hears nothing at all.
"""

import selectors
import socket
import struct
import sys
from collections.abc import Sequence

SPEECH = {
    "silent": b"",
    "hangup": b"SSH-2.0-OpenSSH_8.2\r\n",
    "filtered": b"",
    "wrong-banner": b"220 ftp.lab.example FTP server (Version 6.4) ready.\r\n",
}
"""What each fault says to whoever connects."""

_ATTACH_FILTER = 26
_DROP = struct.pack("HBBI", 0x06, 0, 0, 0)  # one instruction of a classic packet filter: return 0, keep nothing


def listen(fault: str, address: str, port: int) -> socket.socket:
    """Open the port of a fault in SPEECH. Raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.create_server((address, port), family=family, backlog=128)
    if fault == "filtered":
        import ctypes  # noqa: PLC0415  # the filter is told by its address, which only this kind needs

        program = ctypes.create_string_buffer(_DROP)
        opened.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(program)))
    return opened


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
