"""The systems that are filed, as a scan asks them: from the newest rows of their ledgers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from console.workspace import Workspace
from evidence.segments import Place
from evidence.store import Store
from inventories import ledgers
from inventories.ledger_services import filed_services
from xunyan.model import Asset, LedgerRow
from xunyan.permits import Target

KIND = PLATFORM = "system"


@dataclass(frozen=True, slots=True)
class Filed:
    """The systems that are filed, by key, with the services that their rows name, which may be none; and who is settled.

    `settled`: (network, key) of every asset of which something is filed, those found and matched to a system included.
    """

    targets: tuple[Target, ...]
    settled: frozenset[tuple[str, str]]


def filed_systems(workspace: Workspace, store: Store) -> Filed:
    """List every filed system that is not withdrawn."""
    found = []
    settled = set()
    for asset, row in filed_rows(workspace, store):
        columns = row.columns
        if ledgers.WITHDRAWN in columns:
            continue
        settled.add((asset.network, asset.key))
        if columns.get("matched_to"):
            continue
        services = filed_services(columns, asset.network)
        found.append(
            Target(
                asset.key, asset.network, "", platform=PLATFORM, unit=columns.get("unit", "") or asset.unit,
                site=asset.site, services=services,
            )
        )  # fmt: skip
    return Filed(tuple(sorted(found, key=lambda one: (one.network, one.asset))), frozenset(settled))


def filed_rows(workspace: Workspace, store: Store, kind: str = KIND) -> Iterator[tuple[Asset, LedgerRow]]:
    """Give each system, or asset of another kind, of which something is filed with all that is, its rows joined."""
    assets = store.assets()
    rows = store.rows(
        """SELECT asset, source, segment, offset, length, max(taken_at || id) FROM capture
            WHERE kind = ? AND source LIKE ? GROUP BY asset, source ORDER BY asset, source""",
        (kind, f"{ledgers.SOURCE}%"),
    )
    for asset, group in groupby(rows, key=lambda row: str(row["asset"])):
        places = [
            Place(row["segment"], row["offset"], row["length"]) for row in group if ledgers.is_filed(row["source"])
        ]
        row = ledgers.merge(workspace.segments.read(places))
        if row is not None and asset in assets:
            yield assets[asset], row
