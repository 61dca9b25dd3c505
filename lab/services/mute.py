"""Takes what is sent to a name server and never answers: `mute.py PORT ADDRESS...` binds UDP and TCP on each address.

It is run by its path, in hosts that know nothing of this project, so it uses the standard library alone. One line is
printed for everything that arrives: time, protocol, sender's address and port, and the bytes in hexadecimal.
"""

import selectors
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

_LONGEST, _CONNECTIONS = 4096, 200


def main(arguments: Sequence[str]) -> None:
    """Swallow until killed."""
    port = int(arguments[0])
    held: list[socket.socket] = []
    with selectors.DefaultSelector() as selector:
        for address in arguments[1:]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                one = socket.socket(family, kind)
                if family == socket.AF_INET6:
                    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                if kind == socket.SOCK_STREAM:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind((address, port))
                if kind == socket.SOCK_STREAM:
                    one.listen(64)
                selector.register(one, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if isinstance(key.fileobj, socket.socket):
                    _take(key.fileobj, held)


def _take(one: socket.socket, held: list[socket.socket]) -> None:
    if one.type == socket.SOCK_DGRAM:
        data, sender = one.recvfrom(_LONGEST)
        _tell("udp", sender, data)
        return
    connection, sender = one.accept()
    held.append(connection)  # kept open, since an end would be an answer too
    if len(held) > _CONNECTIONS:
        held.pop(0).close()
    _tell("tcp", sender, b"")


def _tell(protocol: str, sender: tuple[str, int], data: bytes) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    sys.stdout.write(f"{now} {protocol} {sender[0]} {sender[1]} {data.hex()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
