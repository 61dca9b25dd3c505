"""Findings as records: a verdict, its history and its asset joined, in the form of the contract for scripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from console.language import Voice
from console.session import shown
from console.standing import NOTHING, Overlay, RequestState
from console.wordings import because
from controls.loader import Catalogue
from evidence.store import Store

SCHEMA = "xunyan.finding/1"
ID_LENGTH = 12
WANTED = ("open", "unobserved")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings are wanted; empty means any. `everything` lists what is right and closed too.

    `undecided`: only those that nobody decided about, or that have to be decided again.
    """

    status: tuple[str, ...] = ()
    control: str = ""
    area: str = ""
    unit: str = ""
    asset: str = ""
    state: tuple[str, ...] = ()
    everything: bool = False
    limit: int = 0
    undecided: bool = False


_QUERY = """
SELECT v.fingerprint, v.control, v.status AS sight, v.severity, v.body, h.state, h.status, h.first_seen, h.last_seen,
       h.opened, a.id AS asset_id, a.kind, a.key, a.name, a.unit, a.site, a.network, a.address
FROM verdict v JOIN history h USING (fingerprint) JOIN asset a ON a.id = v.asset
"""
_CHOICE = "SELECT v.fingerprint FROM verdict v JOIN asset a ON a.id = v.asset "
_ORDER = """
ORDER BY CASE v.severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END,
         CASE v.status WHEN 'not-satisfied' THEN 0 WHEN 'needs-person' THEN 1 WHEN 'not-observed' THEN 2 ELSE 3 END,
         v.control, a.unit, a.key, v.fingerprint
"""


def select(
    store: Store, wanted: Filter, catalogue: Catalogue, say: Voice, decided: Overlay = NOTHING
) -> Iterator[dict[str, Any]]:
    """Give the findings that are wanted, the gravest first, with what was decided about each."""
    conditions, parameters = _conditions(wanted)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    limit = f" LIMIT {int(wanted.limit)}" if wanted.limit and not wanted.undecided else ""
    # Chosen and sorted by what the index alone holds; the bodies are read for those that are shown.
    chosen = [row["fingerprint"] for row in store.rows(_CHOICE + where + _ORDER + limit, tuple(parameters))]
    left = wanted.limit or len(chosen)
    for mark in chosen:
        if left == 0:
            return
        for row in store.rows(_QUERY + "WHERE v.fingerprint = ?", (mark,)):
            found = decided.lay(record(row, catalogue, say))
            if not (wanted.undecided and _settled(found)):
                yield found
                left -= 1


def _settled(found: dict[str, Any]) -> bool:
    """Tell whether a person has seen to a finding as it is now."""
    decision, request = found["decision"], found["exemption_request"]
    asked = request is not None and request["state"] == RequestState.ASKED
    return bool(found["exemption"]) or asked or (decision is not None and not decision["outdated"])


def _conditions(wanted: Filter) -> tuple[list[str], list[object]]:
    """Write a filter as what SQL demands, with its values."""
    conditions: list[str] = []
    parameters: list[object] = []

    def demand(condition: str, *values: object) -> None:
        conditions.append(condition)
        parameters.extend(values)

    if wanted.status:
        demand(f"v.status IN ({', '.join('?' * len(wanted.status))})", *wanted.status)
    elif wanted.state:
        demand(f"v.state IN ({', '.join('?' * len(wanted.state))})", *wanted.state)
    elif not wanted.everything:
        demand(f"v.state IN ({', '.join('?' * len(WANTED))})", *WANTED)
    if wanted.control:
        demand("v.control = ?", wanted.control)
    if wanted.area:
        demand(
            "v.control LIKE ? ESCAPE '\\'",
            wanted.area.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "/%",
        )
    if wanted.unit:
        demand("v.unit = ?", wanted.unit)
    if wanted.asset:
        demand("(a.id = ? OR a.key = ? OR a.name = ? OR a.address = ?)", *[wanted.asset] * 4)
    return conditions, parameters


def by_id(
    store: Store, identifier: str, catalogue: Catalogue, say: Voice, decided: Overlay = NOTHING
) -> list[dict[str, Any]]:
    """Give the findings whose fingerprint begins with an id; more than one where it is too short."""
    end = identifier[:-1] + chr(ord(identifier[-1]) + 1)
    rows = store.rows(_QUERY + "WHERE v.fingerprint >= ? AND v.fingerprint < ? LIMIT 20", (identifier, end))
    return [decided.lay(record(row, catalogue, say)) for row in rows]


def record(row: dict[str, Any], catalogue: Catalogue, say: Voice) -> dict[str, Any]:
    """Join one finding into the contract's form. `status` is what the last judgement said."""
    verdict = msgspec.json.decode(row["body"])
    return {
        "schema": SCHEMA,
        "id": row["fingerprint"][:ID_LENGTH],
        "fingerprint": row["fingerprint"],
        "control": row["control"],
        "asset": {
            "id": row["asset_id"], "key": row["key"], "kind": row["kind"], "name": row["name"], "unit": row["unit"],
            "site": row["site"], "network": row["network"], "address": row["address"],
        },
        "status": row["sight"],
        "state": row["state"],
        "severity": row["severity"],
        "because": because(verdict, catalogue, say),
        "message": verdict["message"],
        "notices": verdict["notices"],
        "basis": verdict["basis"],
        "evidence": verdict["evidence"],
        "last_known_status": row["status"],
        "first_seen": shown(row["first_seen"]),
        "last_seen": shown(row["last_seen"]),
        "reopened": max(0, row["opened"] - 1),
        "exemption": None,
        "exemption_request": None,
        "decision": None,
    }  # fmt: skip
