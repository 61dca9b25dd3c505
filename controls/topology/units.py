"""What a unit has of links: its own, filed or seen."""

from collections.abc import Iterable, Iterator

from controls.topology.devices import Box
from controls.topology.ends import Proof, state_of
from controls.topology.filed import UNNAMED, Row
from controls.topology.observing import Told
from xunyan.link_facts import UnitLink


def unit_links(
    unit: str, boxes: Iterable[Box], tolds: Iterable[Told], rows: Iterable[Row]
) -> Iterator[tuple[UnitLink, Proof]]:
    """List the links of a unit: what is filed of it, and what was seen at its devices and leads out of it."""
    own = {box.id for box in boxes}
    seen: set[str] = set()
    for told in tolds:
        ends = [one for one in told.ends if one.end.device in own]
        others = [one.end.unit for one in told.ends if one.end.device and one.end.device not in own]
        if not ends or not (others or told.link.far or told.rows):
            continue
        seen.update(row.id for row in told.rows)
        filed = [row for row in told.rows if row.unit == unit] or told.rows[:1]
        end, proof = ends[0]
        for row in filed or (None,):
            ledger = row.subject.ledger if row is not None else None
            fact = UnitLink(
                row.subject.asset.key if row is not None else told.key, row.kind if row is not None else "",
                row.column("approval") if row is not None else "", told.up or "unread", end.name, end.interface,
                next(iter(others), ""), end.kind, row.unit if row is not None else "",
            )  # fmt: skip
            yield fact, (*proof, *((ledger.evidence,) if ledger is not None else ()))
    for row in rows:
        if row.unit == unit and row.id not in seen and row.subject.ledger is not None:
            near = row.near
            state = state_of(near.box, near.interface) if near is not None else ""
            state = state or ("unnamed" if row.why == UNNAMED else "unread")
            shown = (near.box.label, near.interface) if near is not None else (row.column("device"), "")
            fact = UnitLink(
                row.subject.asset.key, row.kind, row.column("approval"), state, *shown, "", "unknown", row.unit
            )
            yield fact, (row.subject.ledger.evidence,)
