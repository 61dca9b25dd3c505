"""Keeps TCP connections between hosts: `talk.py listen PORT ADDRESS...` takes them, `talk.py connect PORT ADDRESS` keeps one.

It is run by its path, in hosts that know nothing of this project, so it uses the standard library alone. Nothing is said over
a connection: it is there to be seen in the tables of both hosts.
"""

import selectors
import socket
import sys
import time
from collections.abc import Sequence

_PATIENCE = 3.0
"""Seconds for one try to connect; a host that comes up later is tried again."""


def main(arguments: Sequence[str]) -> None:
    """Listen or connect until killed."""
    word, port, *addresses = arguments
    if word == "listen":
        listen(int(port), addresses)
    else:
        connect(int(port), addresses[0])


def listen(port: int, addresses: Sequence[str]) -> None:
    """Take every connection and hold it until the other end closes it."""
    with selectors.DefaultSelector() as selector:
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            selector.register(socket.create_server((address, port), family=family), selectors.EVENT_READ, "door")
        while True:
            for key, _ in selector.select():
                one = key.fileobj
                if not isinstance(one, socket.socket):
                    continue
                if key.data == "door":
                    selector.register(one.accept()[0], selectors.EVENT_READ, "")
                elif not _more(one):
                    selector.unregister(one)
                    one.close()


def connect(port: int, address: str) -> None:
    """Keep one connection, and make it anew whenever it ends."""
    while True:
        try:
            with socket.create_connection((address, port), _PATIENCE) as one:
                one.settimeout(None)
                while _more(one):
                    pass
        except OSError:
            pass
        time.sleep(0.2)


def _more(one: socket.socket) -> bool:
    """Whether a connection goes on."""
    try:
        return one.recv(4096) != b""
    except OSError:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
