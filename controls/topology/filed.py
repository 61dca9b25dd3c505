"""The filed rows of links, and which interface each of them names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controls.model import Subject
from controls.places import WITHDRAWN
from controls.topology.devices import Box
from controls.topology.links import Far, Link, Near
from controls.topology.ports import same, squeezed
from controls.topology.segments import Port

UNNAMED = "neither device nor interface is filed"
NO_DEVICE = "no device of this name was read"
NO_INTERFACE = "the device shows no interface of this name"


@dataclass(frozen=True, slots=True)
class Row:
    """One filed link. `near`: the interface that the row names; else `why` it names none that was read."""

    subject: Subject
    kind: str
    unit: str
    near: Near | None
    why: str

    @property
    def id(self) -> str:
        """The filed asset."""
        return self.subject.asset.id

    def column(self, name: str) -> str:
        """Give what is filed in a column."""
        return self.subject.ledger.columns.get(name, "") if self.subject.ledger is not None else ""

    @property
    def ends(self) -> frozenset[str]:
        """The two ends that are filed, without blanks; empty where one of them is not."""
        ends = frozenset("".join(self.column(name).split()).casefold() for name in ("from_end", "to_end"))
        return ends if "" not in ends and len(ends) > 1 else frozenset()


def read_rows(subjects: Iterable[Subject], boxes: Iterable[Box]) -> list[Row]:
    """Read the filed links that were not withdrawn."""
    by_name: dict[str, dict[str, Box]] = {}
    for box in boxes:
        for name in (*box.names, box.subject.asset.key, box.subject.asset.key.removeprefix("device:")):
            by_name.setdefault(squeezed(name), {})[box.id] = box
    rows = []
    for subject in subjects:
        ledger = subject.ledger
        if subject.asset.kind == "link" and ledger is not None and not ledger.columns.get(WITHDRAWN):
            near, why = _near(subject, by_name)
            columns = ledger.columns
            rows.append(Row(subject, columns.get("kind", ""), columns.get("unit") or subject.asset.unit, near, why))
    return rows


def _near(subject: Subject, by_name: Mapping[str, Mapping[str, Box]]) -> tuple[Near | None, str]:
    """Find the interface that a row names, at its one end or at the other. What two devices could be is none."""
    columns = subject.ledger.columns if subject.ledger is not None else {}
    why = UNNAMED
    for device, interface in (("device", "interface"), ("far_device", "far_interface")):
        name, port = columns.get(device, "").strip(), columns.get(interface, "").strip()
        if not name or not port:
            continue
        known = list(by_name.get(squeezed(name), {}).values())
        if len(known) > 1:
            unit = columns.get("unit") or subject.asset.unit
            known = [box for box in known if box.subject.asset.unit == unit]
        if len(known) != 1:
            why = NO_DEVICE
            continue
        (box,) = known
        found = [one for one in dict.fromkeys((*box.interfaces, *box.held)) if same(port, one)]
        exact = [one for one in found if one.casefold() == port.casefold()]
        if len(exact or found) == 1:
            return Near(box, (exact or found)[0]), ""
        why = NO_INTERFACE
    return None, why


def joined(rows: Iterable[Row], links: list[Link]) -> dict[str, Link]:
    """Map each filed row to its link: the one that its interface is on, or which its port carries; else one of its own."""
    on: dict[Port, Link] = {near.port: link for link in links for near in link.near}
    carried: dict[Port, list[Link]] = {}
    for link in links:
        for near in link.near:
            for carrier in near.box.carriers(near.interface):
                carried.setdefault((near.box.id, carrier), []).append(link)
    found: dict[str, Link] = {}
    for row in rows:
        if row.near is None:
            continue
        port = row.near.port
        over = carried.get(port, [])
        if port not in on:
            alone = Link(row.near.box.network, None, [row.near], [Far("filed")])
            on[port] = over[0] if len(over) == 1 else alone
        found[row.id] = on[port]
    return found
