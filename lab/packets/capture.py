"""The process that records every packet on the lab's bridges: `python -m lab.packets.capture CONFIG`.

It prints `ready N` when all N bridges are watched, and ends by SIGTERM, the end of its standard input or of who started it.
"""

import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import dpkt
import msgspec

SUMMARY = "capture.json"
SNAPLEN = 192
BUFFER = 64 * 1024 * 1024

_EVERYTHING = 0x0003
_FORCED_BUFFER = 33
_TIMES = 35
_PACKET_LEVEL, _MEMBERSHIP, _STATISTICS, _PROMISCUOUS = 263, 1, 6, 1
_TIMESPEC = struct.Struct("@ll")
_RECORD = dpkt.pcap.LEPktHdr if sys.byteorder == "little" else dpkt.pcap.PktHdr


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bridge to watch and the pcap file to write, relative to the folder of the config."""

    interface: str
    file: str


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was recorded on one bridge: packets in the file, its size in bytes, and `drops` that the kernel had no room for."""

    interface: str
    file: str
    packets: int
    size: int
    drops: int


class Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of capture.json; it is written last, so that a capture that did not end well has none."""

    interfaces: list[Seen]


class Tap:
    """A socket on one bridge and its file. Raises OSError where the bridge is missing or may not be watched."""

    def __init__(self, watch: Watch, folder: Path) -> None:
        self.watch = watch
        self.packets = 0
        # with protocol 0 nothing arrives before bind, so nothing of another interface ever does
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, _FORCED_BUFFER, BUFFER)
        except PermissionError:  # root of a user namespace: as much as the machine grants everybody
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.socket.setsockopt(socket.SOL_SOCKET, _TIMES, 1)
        self.socket.settimeout(0)
        index = socket.if_nametoindex(watch.interface)
        # a bridge hands up frames between its ports only while it is promiscuous
        wanted = struct.pack("@iHH8s", index, _PROMISCUOUS, 0, b"")
        self.socket.setsockopt(_PACKET_LEVEL, _MEMBERSHIP, wanted)
        self.socket.bind((watch.interface, _EVERYTHING))
        self._file: BinaryIO = (folder / watch.file).open("wb", buffering=1 << 18)
        dpkt.pcap.Writer(self._file, snaplen=SNAPLEN, linktype=dpkt.pcap.DLT_EN10MB)
        self._buffer = bytearray(SNAPLEN)

    def drain(self, most: int) -> bool:
        """Write at most so many of the packets that wait; say whether some may be left."""
        for _ in range(most):
            try:
                length, extra, _, _ = self.socket.recvmsg_into(
                    [self._buffer], 64, socket.MSG_DONTWAIT | socket.MSG_TRUNC
                )
            except BlockingIOError:
                return False
            seconds, nanoseconds = _TIMESPEC.unpack(extra[0][2])
            kept = min(length, SNAPLEN)
            head = _RECORD(tv_sec=seconds, tv_usec=nanoseconds // 1000, caplen=kept, len=length)
            self._file.write(bytes(head) + self._buffer[:kept])
            self.packets += 1
        return True

    def close(self) -> Seen:
        """Write what still waits, and tell how much there was."""
        lost = struct.unpack("@II", self.socket.getsockopt(_PACKET_LEVEL, _STATISTICS, 8))
        # what arrives from here on came after the end: exactly what the kernel counted till now is taken
        while self.packets < lost[0] - lost[1] and self.drain(1):
            pass
        self.socket.close()
        self._file.flush()
        size = self._file.tell()
        self._file.close()
        return Seen(self.watch.interface, self.watch.file, self.packets, size, lost[1])


def record(watches: Sequence[Watch], folder: Path) -> None:
    """Watch the bridges until told to end, then write the summary. Raises OSError where a bridge goes away before that."""
    wake, told = os.pipe()

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        os.write(told, b"x")

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    parent = os.getppid()
    taps = {tap.socket.fileno(): tap for tap in [Tap(watch, folder) for watch in watches]}
    sys.stdout.write(f"ready {len(taps)}\n")
    sys.stdout.flush()
    ending = {wake, sys.stdin.fileno()}
    poll = select.poll()
    for number in (*taps, *ending):
        poll.register(number, select.POLLIN)
    while os.getppid() == parent:
        ready = {number for number, _ in poll.poll(500)}
        for number in ready - ending:
            taps[number].drain(500)
        if ready & ending:
            break
    seen = [tap.close() for tap in taps.values()]
    part = folder / f"{SUMMARY}.part"
    part.write_text(json.dumps(msgspec.to_builtins(Summary(seen)), indent=1), "utf-8")
    part.replace(folder / SUMMARY)


def main(arguments: Sequence[str]) -> None:
    """Read the config, a list of {interface, file}, and record."""
    config = Path(arguments[0])
    watches = msgspec.json.decode(config.read_bytes(), type=list[Watch])
    folder = config.resolve().parent
    (folder / SUMMARY).unlink(missing_ok=True)  # an older one would speak for these files
    record(watches, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
