"""A program that a host runs beside its sshd, with the files that it needs."""

from dataclasses import dataclass

from lab.contents import Entry


@dataclass(frozen=True, slots=True)
class Program:
    """One program: stays in the foreground, is killed with its host, and writes what it says to `log` in the host's folder.

    `files` lie below the host's folder, which the command names by its absolute path. `opens` are the ports that it
    listens on when it is up, as ("tcp" or "udp", address, port).
    """

    name: str
    command: tuple[str, ...]
    log: str
    files: tuple[Entry, ...] = ()
    opens: tuple[tuple[str, str, int], ...] = ()
