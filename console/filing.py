"""What returned ledgers change: rows added, changed and withdrawn against those in force, as captures to be taken in."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from console.filed_rows import InForce, request
from console.intake import Handed
from evidence.captures import RejectedError, check_envelope, seal
from inventories import ledgers
from inventories.ledger_checks import Lying, lying, mapped, overlapping, repeated, span_of
from inventories.ledger_headings import Problem
from inventories.ledger_reading import Filed, Returned
from inventories.ledger_tables import COMPANION, EXEMPTIONS, RANGES, SYSTEMS, TABLES, Table
from inventories.ledger_words import plain
from xunyan.canonical import BEIJING
from xunyan.model import Envelope
from xunyan.names import shown
from xunyan.wording import Text

ASIDE = frozenset({"filed_on"})
"""Columns that make no difference by themselves: a form filled in anew with a later date says nothing new."""

_NOTHING: Mapping[str, str] = MappingProxyType({})
_Key = tuple[str, str, str]
"""(table, network, the thing's name with its kind)"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How an import is meant. `add`: nothing is withdrawn. `emptied`: an empty form withdraws all that it held."""

    network: str
    unit: str
    now: datetime
    add: bool = False
    emptied: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is not as it was: what happened, whose it is, and each column's key, old and new value."""

    what: Literal["added", "changed", "withdrawn"]
    table: Table
    name: str
    unit: str
    place: Text | None = None
    columns: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class Plan:
    """What an import comes to. `same`: rows as filed already, by table. `exemptions`: rows to be asked for."""

    handed: list[Handed] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    same: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    exemptions: list[Filed] = field(default_factory=list)


def plan(returned: Returned, rows: Iterable[InForce], wanted: Wanted) -> Plan:
    """Hold what was returned against what is in force. Problems that only both together show are in the plan."""
    return _Planning(returned, list(rows), wanted).plan()


class _Planning:
    """One import being held against what is in force."""

    def __init__(self, returned: Returned, rows: list[InForce], wanted: Wanted) -> None:
        self._returned = returned
        self._wanted = wanted
        self._plan = Plan(exemptions=[row for row in returned.rows if row.table is EXEMPTIONS])
        self._old: dict[_Key, InForce] = {(one.table.id, one.network, one.key): one for one in rows if one.table}
        self._called: dict[tuple[str, str, str], str] = {}
        """(kind, network, name as it is compared) -> key of what is filed"""
        for one in self._old.values():
            self._called.setdefault((one.capture.envelope.kind, one.network, plain(one.name)), one.key)
        self._given: dict[_Key, Filed] = {}
        self._units: dict[_Key, str] = {}
        self._systems: list[tuple[str, str, str]] = []

    def plan(self) -> Plan:
        """Make the plan."""
        own = [row for row in self._returned.rows if row.table is not EXEMPTIONS and row.name]
        self._plan.problems += repeated(self._returned.rows)
        for table in TABLES.values():
            for row in own:
                if row.table is table:
                    self._place(row)
        self._ranges()
        for key, row in self._given.items():
            self._take(key, row)
        for key, old in self._gone():
            self._withdraw(key, old)
        self._unfilled()
        return self._plan

    def _place(self, row: Filed) -> None:
        """Find out of which asset a row speaks."""
        network, key, unit = self._companion(row) if row.table is COMPANION else self._named(row)
        place = (row.table.id, network, key)
        self._given.setdefault(place, row)
        self._units[place] = unit
        old = self._old.get(place)
        covered = self._returned.seen.get(row.table.id, set())
        if row.table is SYSTEMS and old is not None and not old.withdrawn and old.unit not in {unit, *covered}:
            what = Text(
                f"“{shown(row.name)}”已由{shown(old.unit)}填报；两个系统同名的，在名称里写明单位，划转的先导入原单位的新清单",
                f"{shown(row.name)!r} is filed by {shown(old.unit)}; tell two systems apart by name, or import its list first",
            )
            self._plan.problems.append(row.problem("system", what))

    def _named(self, row: Filed) -> tuple[str, str, str]:
        network = row.columns.get("network") if row.table.id in ("endpoints", "ranges") else ""
        network = network or self._wanted.network
        kind, name = row.table.kind, row.name
        unit = row.unit if row.table.headed else row.columns.get("unit", self._wanted.unit)
        if kind == "endpoint":
            return network, name if ":" in name else f"host:{name}", unit
        same = (kind, network, plain(name))
        return network, self._called.setdefault(same, f"{kind}:{name}"), unit

    def _companion(self, row: Filed) -> tuple[str, str, str]:
        """Find the system of a companion's row: in this network or in the only one that has it. Its unit is the system's."""
        name = plain(row.name)
        if not self._systems:
            self._systems = list(self._filed_systems())
        found = [(network, key, unit) for network, key, unit in self._systems if plain(key.partition(":")[2]) == name]
        here = [one for one in found if one[0] == self._wanted.network]
        if here or len(found) == 1:
            return (here or found)[0]
        unread = any(one.table is SYSTEMS and not one.name for one in self._returned.rows)
        if unread:  # whose name cannot be read may be the very one; that is told already
            pass
        elif any(row.unit in ("", unit) for _, _, unit in self._systems):
            known = [key.partition(":")[2] for _, key, _ in self._systems]
            near = difflib.get_close_matches(row.name, known, 1, 0.6)
            hint = Text(f"，是不是“{shown(near[0])}”", f"; is it {shown(near[0])!r}?") if near else Text("", "")
            what = Text(f"附件5里没有“{shown(row.name)}”{hint.zh}", f"{shown(row.name)!r} is not in annex 5{hint.en}")
            self._plan.problems.append(row.problem("system", what))
        else:
            self._plan.notes.append(
                Text(
                    f"{row.place.zh}：“{shown(row.name)}”还没有附件5，先按配套表收下",
                    f"{row.place.en}: {shown(row.name)!r} has no row of annex 5 yet; the companion's is taken by itself",
                )
            )
        network, key, _ = self._named(row)
        return network, key, row.unit or self._wanted.unit

    def _filed_systems(self) -> Iterator[tuple[str, str, str]]:
        """Give the systems of 附件5 as they will be: (network, key, unit)."""
        for (table, network, key), unit in self._units.items():
            if table == SYSTEMS.id:
                yield network, key, unit
        gone = {place for place, _ in self._leaving(SYSTEMS)}
        for place, old in self._old.items():
            if place[0] == SYSTEMS.id and place not in self._given and place not in gone and not old.withdrawn:
                yield old.network, old.key, old.unit

    def _ranges(self) -> None:
        given = [row for place, row in self._given.items() if place[0] == RANGES.id]
        gone = {place for place, _ in self._gone()}
        kept = [
            one
            for place, one in self._old.items()
            if place[0] == RANGES.id and place not in self._given and place not in gone and not one.withdrawn
        ]
        ranges = [one for row in given if (one := lying(row)) is not None]
        for old in kept:
            span = span_of(old.columns.get("range", ""))
            if span is not None:
                where = shown(old.capture.envelope.request, 120)
                place = Text(f"现有台账（{where}）", f"the ledger in force ({where})")
                ranges.append(Lying(old.network, span, old.columns.get("kind", ""), place))
        self._plan.problems += [*overlapping(ranges), *mapped(given)]

    def _take(self, place: _Key, row: Filed) -> None:
        old = self._old.get(place)
        before = {} if old is None or old.withdrawn else old.columns
        changed = tuple(_differences(before, row.columns))
        if before and not changed and (not row.table.headed or old is None or old.unit == self._units[place]):
            self._plan.same[row.table.id] += 1
            return
        unit = self._units[place]
        where = request(row.file, row.sheet, row.row)
        self._hand(place, self._envelope(place, unit, where, row.columns), ledgers.body(row.columns), row)
        what: Literal["added", "changed"] = "changed" if before else "added"
        self._plan.changes.append(Change(what, row.table, row.name, unit, row.place, changed if before else ()))

    def _gone(self) -> Iterator[tuple[_Key, InForce]]:
        for table in TABLES.values():
            yield from self._leaving(table)

    def _leaving(self, table: Table) -> Iterator[tuple[_Key, InForce]]:
        """Give the rows in force that a returned list of their table and unit does not have any more."""
        if self._wanted.add or not table.replaces or table.id not in self._returned.seen:
            return
        if not self._wanted.emptied and not any(row.table is table for row in self._returned.rows):
            return
        units = set(self._returned.seen[table.id])
        units |= {unit for place, unit in self._units.items() if place[0] == table.id}
        for place, old in self._old.items():
            ours = not table.headed or old.unit in units
            if place[0] == table.id and ours and not old.withdrawn and place not in self._given:
                yield place, old

    def _unfilled(self) -> None:
        """Say what was left blank: where systems are deployed, and forms that came back empty, which withdraws nothing."""
        blank = [row.name for row in self._given.values() if row.table is SYSTEMS and not row.columns.get("deployment")]
        if blank:
            some = "、".join(shown(name) for name in blank[:3]) + ("……" if len(blank) > 3 else "")
            self._plan.notes.append(
                Text(
                    f"{len(blank)} 个系统没有填部署路径，申报位置不能核对：{some}",
                    f"{len(blank)} systems without a deployment, so that nothing can be held against it: {some}",
                )
            )
        for identifier in self._returned.seen:
            table = TABLES[identifier]
            filled = any(row.table is table for row in self._returned.rows)
            held = any(place[0] == identifier and not old.withdrawn for place, old in self._old.items())
            if table.replaces and held and not filled and not self._wanted.emptied and not self._wanted.add:
                told = Text(
                    f"{table.title.zh}没有填写任何行，现有内容不变；确实全部撤回的加 --emptied",
                    f"{table.title.en} came back empty, what is in force stays; --emptied withdraws it all",
                )
                self._plan.notes.append(told)

    def _withdraw(self, place: _Key, old: InForce) -> None:
        row = next((one for one in self._returned.rows if one.table is old.table), None)
        day = self._wanted.now.astimezone(BEIJING).date().isoformat()
        where = request(row.file, row.sheet, None) if row is not None else "ledger import --emptied"
        self._hand(place, self._envelope(place, old.unit, where), ledgers.body({ledgers.WITHDRAWN: day}), None)
        self._plan.changes.append(Change("withdrawn", TABLES[place[0]], old.name, old.unit))

    def _envelope(self, place: _Key, unit: str, where: str, columns: Mapping[str, str] = _NOTHING) -> Envelope:
        table = TABLES[place[0]]
        return Envelope(
            asset=place[2],
            kind=table.kind,
            platform="system" if table.kind == "system" else "",
            unit=unit,
            site=columns.get("site", ""),
            network=place[1],
            address=columns.get("address", ""),
            source=table.source,
            request=where,
            taken_at=self._wanted.now,
            taken_by="",
        )

    def _hand(self, place: _Key, envelope: Envelope, body: bytes, row: Filed | None) -> None:
        try:
            check_envelope(envelope)
        except RejectedError as error:
            where = row.place if row is not None else Text(place[2], place[2])
            what = Text(f"不能导入（{error}）", f"cannot be taken ({error})")
            self._plan.problems.append(Problem(where, "", what))
            return
        told = f"{row.file}:{row.row}" if row is not None else place[2]
        self._plan.handed.append(Handed(told, seal(envelope, body, exit_code=None)))


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for key in dict.fromkeys([*after, *before]):
        old, new = before.get(key, ""), after.get(key, "")
        if old != new and key not in ASIDE:
            yield key, old, new
