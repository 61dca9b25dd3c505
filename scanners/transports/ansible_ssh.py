"""The program that Ansible starts where it would start `ssh`: it logs in only as the scanner tells it, or not at all.

It is run from the scanner's private folder, as a file of its own and with as few imports as can be, since it is started
once for each host. It decides nothing: it hands its arguments to the scanner at the socket `door`, is told the
command, the environment and the number of bytes that may come, and passes on what the host prints. It learns no secret.
Without the scanner there is no login.
"""

import _socket
import os
import select
import signal
import sys

PIECE = 65536
COMPLAINT = 4096
HEAD = 8
FAILED = 255


def send(door: _socket.socket, text: bytes) -> None:
    """Send one message: eight digits of length, and the text."""
    door.sendall(b"%08d" % len(text) + text)


def receive(door: _socket.socket) -> bytes:
    """Read one message; empty where the other side is gone."""
    length = _exactly(door, HEAD)
    return _exactly(door, int(length)) if length else b""


def _exactly(door: _socket.socket, count: int) -> bytes:
    text = b""
    while len(text) < count:
        piece = door.recv(count - len(text))
        if not piece:
            return b""
        text += piece
    return text


def start(order: bytes) -> tuple[int, int, int, int]:
    """Start ssh as the order says: process, its output, its error output, the bytes that may come.

    The order's fields are parted by NUL: the limit, the environment, an empty field, the command.
    """
    limit, _, rest = order.partition(b"\0")
    settings, _, command = rest.partition(b"\0\0")
    environment = dict(line.split(b"=", 1) for line in settings.split(b"\0"))
    words = command.split(b"\0")
    script = os.open("script", os.O_RDONLY)
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, end, at) for end, at in ((script, 0), (out_end, 1), (err_end, 2))]
    process = os.posix_spawn(words[0], words, environment, file_actions=actions, setsid=True)
    for end in (script, out_end, err_end):
        os.close(end)
    return process, out, err, int(limit)


def follow(door: _socket.socket, process: int, out: int, err: int, limit: int) -> int:
    """Pass on what comes, up to the limit and as long as the scanner lets it; return how many bytes came.

    Ansible takes text: each byte becomes the character of its number, so that every byte comes through.
    """
    watch = select.poll()
    for one in (door.fileno(), out, err):
        watch.register(one, select.POLLIN)
    left = {out: limit, err: COMPLAINT}
    passed = 0
    while left:
        for one, _ in watch.poll():
            if one not in left:  # the scanner says stop, or is gone
                watch.unregister(one)
                os.killpg(process, signal.SIGKILL)
                continue
            piece = os.read(one, PIECE)
            if not piece:
                watch.unregister(one)
                del left[one]
                continue
            if one == out and len(piece) > left[one] >= 0:
                send(door, b"too-much")
                left[one] = -1
            if one == out:
                passed += len(piece)
            if left[one] > 0:
                write(1 if one == out else 2, piece[: left[one]].decode("latin-1").encode())
                left[one] = max(0, left[one] - len(piece)) if one == err else left[one] - len(piece)
    return passed


def write(end: int, text: bytes) -> None:
    """Write all of it."""
    while text:
        text = text[os.write(end, text) :]


def main() -> int:
    """Ask the scanner, run ssh, tell the scanner how it ended, and give Ansible ssh's exit status."""
    door = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        door.connect("door")
        send(door, b"\0".join(os.fsencode(word) for word in sys.argv[1:]))
        verdict, _, order = receive(door).partition(b"\0")
        if verdict != b"yes":
            write(2, order or b"the scanner is gone\n")
            return FAILED
        process, out, err, limit = start(order)
        passed = follow(door, process, out, err, limit)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        send(door, b"%d" % status)
        door.recv(1)
    except OSError as error:
        write(2, f"{error}\n".encode())
        return FAILED
    if passed:  # what came is an answer, or a part of one: Ansible drops it at 255
        return min(status, FAILED - 1) if status >= 0 else FAILED - 1
    return status if status >= 0 else FAILED


if __name__ == "__main__":
    sys.exit(main())
