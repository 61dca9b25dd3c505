"""What a device writes down: who came, who tried to log in, and every line that was typed, one JSON object a line."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Journal:
    """A device's log; opened for each line, since a thousand open files are more than a process may have."""

    path: Path

    def visit(self, peer: str) -> "Visit":
        """Begin with a new connection."""
        return Visit(self, peer, next(_numbers))


@dataclass(frozen=True, slots=True)
class Visit:
    """One connection; `number` tells apart those of one peer."""

    journal: Journal
    peer: str
    number: int

    def tell(self, event: str, **values: str) -> None:
        """Write one line: `connection`, `attempt`, `enable`, `command` or `closed`, with what belongs to it."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = {"time": now, "event": event, "peer": self.peer, "connection": self.number, **values}
        with self.journal.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_journal(path: Path) -> list[dict[str, str]]:
    """Read a device's log, oldest first; none when nobody ever came."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
