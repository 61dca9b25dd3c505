"""The rows of the ledgers that are in force: the newest of each thing in each ledger, with where it stood."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from console.workspace import Workspace
from evidence.segments import Place
from evidence.store import Store
from inventories import ledgers
from inventories.ledger_tables import Table, table_of
from xunyan.model import Capture

_REQUEST = re.compile(r"(?P<file>.*?)(?: sheet (?P<sheet>.*))? row (?P<row>[0-9]+)", re.DOTALL)
_GONE = re.compile(r"(?P<file>.*?)(?: sheet (?P<sheet>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class InForce:
    """One row in force: the asset's id, its table (None for a match), what was sealed, and its columns."""

    asset: str
    table: Table | None
    capture: Capture
    columns: Mapping[str, str]

    @property
    def network(self) -> str:
        """The network in which the thing has its name."""
        return self.capture.envelope.network

    @property
    def key(self) -> str:
        """The thing's name with its kind."""
        return self.capture.envelope.asset

    @property
    def name(self) -> str:
        """The thing's name."""
        return self.key.partition(":")[2] or self.key

    @property
    def unit(self) -> str:
        """Whose list it stands in."""
        return self.capture.envelope.unit

    @property
    def withdrawn(self) -> bool:
        """Tell whether it is gone from its list."""
        return ledgers.WITHDRAWN in self.columns

    def place(self) -> dict[str, str]:
        """Say where it stood: file, sheet and row, the last two empty where there is none."""
        request = self.capture.envelope.request
        found = _REQUEST.fullmatch(request) or _GONE.fullmatch(request)
        parts = found.groupdict() if found is not None else {}
        return {key: parts.get(key) or "" for key in ("file", "sheet", "row")}


def in_force(workspace: Workspace, store: Store) -> Iterator[InForce]:
    """Give every row in force, by asset and ledger in a fixed order, those that were withdrawn included."""
    rows = store.rows(
        """SELECT asset, segment, offset, length, source, max(taken_at || id) FROM capture
           WHERE source = ? OR source LIKE ? GROUP BY asset, source ORDER BY name, asset, source""",
        (ledgers.SOURCE, f"{ledgers.SOURCE}-%"),
    )
    for asset, group in groupby(rows, key=lambda row: str(row["asset"])):
        places = [Place(row["segment"], row["offset"], row["length"]) for row in group]
        for capture in workspace.segments.read(places):
            table = table_of(capture.source, capture.envelope.kind)
            yield InForce(asset, table, capture, ledgers.read_row(capture).columns)


def request(file: str, sheet: str, row: int | None) -> str:
    """Write where a row stood, in the form that `InForce.place` reads back."""
    where = f"{file} sheet {sheet}" if sheet else file
    return where if row is None else f"{where} row {row}"
