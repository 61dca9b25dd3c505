"""Findings for a report, those that say the same put together, each with some proof and the way to all of it."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.decision_words import REQUEST, decision_text, exemption_text, status_text
from console.findings import Filter, by_id, select
from console.language import STATUS, Voice
from console.proofs import sources
from console.standing import NOTHING, Overlay
from console.workspace import Workspace
from controls.loader import Catalogue
from evidence.store import Store
from reports.model import Kind, Problem, Proof, Share
from xunyan.model import Asset, Status

ALL_PROVED = 200
"""Up to so many findings in a report, every one is shown with its proof."""

FEW_PROVED = 3
"""Beyond that, so many of each problem are."""

PROBLEMS = (Status.NOT_SATISFIED.value, Status.NEEDS_PERSON.value, Status.NOT_OBSERVED.value)
COVER = "engine.cover"
LONGEST = 600
"""Characters of a finding's text that a report shows."""


@dataclass(slots=True)
class _Group:
    """Findings of one control, status and message: text -> unit -> (line of text, fingerprint) of each asset."""

    kinds: dict[str, dict[str, list[tuple[str, str]]]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(len(found) for kind in self.kinds.values() for found in kind.values())


@dataclass(frozen=True, slots=True)
class Finder:
    """Reads findings as they are to be shown: the assets as they were when judged, and of one unit nothing of others."""

    store: Store
    catalogue: Catalogue
    say: Voice
    assets: Mapping[str, Asset]
    unit: str = ""
    decided: Overlay = NOTHING

    def records(self, status: tuple[str, ...] = PROBLEMS) -> Iterator[dict[str, Any]]:
        """Give findings of these statuses, the gravest first."""
        for record in select(self.store, Filter(status=status, unit=self.unit), self.catalogue, self.say, self.decided):
            yield self._clean(record)

    def record(self, fingerprint: str) -> dict[str, Any]:
        """Give one finding by its whole fingerprint."""
        return self._clean(by_id(self.store, fingerprint, self.catalogue, self.say, self.decided)[0])

    def _clean(self, record: dict[str, Any]) -> dict[str, Any]:
        asset = self.assets.get(record["asset"]["id"])
        if asset is not None:
            known = {"key": asset.key, "name": asset.name, "unit": asset.unit, "site": asset.site}
            record["asset"] |= known | {"network": asset.network, "address": asset.address}
        if self.unit and record["message"]["key"] == COVER:
            # What else lies in range may be another unit's: neither its names nor how many there are.
            record["because"] = self.say(
                "未能检测：范围内还有对象没有看全", "Not observed: something else in range was not seen"
            )
            record["message"] = {"key": COVER, "args": {"need": record["message"]["args"].get("need", "")}}
        if len(record["because"]) > LONGEST:
            more = self.say("……（共 {} 字，其余见 xunyan show）", " ... ({} characters, see xunyan show)")
            record["because"] = record["because"][:LONGEST] + more.format(len(record["because"]))
        return record


def problems(workspace: Workspace, finder: Finder) -> tuple[Problem, ...]:
    """Put together all that is not satisfied, waits for a person, or was not observed; the gravest first.

    What an approved exemption covers stands apart, and stays what it is.
    """
    groups: dict[tuple[str, str, str, bool], _Group] = {}
    for one in finder.records():
        mark = (one["control"], one["status"], one["message"]["key"], one["exemption"] is not None)
        group = groups.setdefault(mark, _Group())
        shares = group.kinds.setdefault(one["because"], {})
        shares.setdefault(one["asset"]["unit"], []).append((_line(one, finder.say), one["fingerprint"]))
    everything = sum(group.count for group in groups.values()) <= ALL_PROVED
    return tuple(_problem(workspace, finder, mark, group, everything=everything) for mark, group in groups.items())


def _problem(
    workspace: Workspace, finder: Finder, mark: tuple[str, str, str, bool], group: _Group, *, everything: bool
) -> Problem:
    control, status, _, exempted = mark
    kinds = tuple(
        Kind(
            text,
            sum(len(found) for found in shares.values()),
            tuple(Share(unit, tuple(line for line, _ in found)) for unit, found in sorted(shares.items())),
        )
        for text, shares in group.kinds.items()
    )
    marks = [mark for shares in group.kinds.values() for found in shares.values() for _, mark in found]
    # One of each kind first: three that say the same prove less than three that differ.
    firsts = [found[0][1] for shares in group.kinds.values() for found in list(shares.values())[:1]]
    chosen = marks if everything else list(dict.fromkeys([*firsts, *marks]))[:FEW_PROVED]
    listing = f"xunyan findings --control {control} --status {status}"
    return Problem(
        control=control,
        status=status,
        exempted=exempted,
        count=group.count,
        units=len({unit for shares in group.kinds.values() for unit in shares}),
        kinds=tuple(sorted(kinds, key=lambda one: (-one.count, one.text))),
        proofs=tuple(_proof(workspace, finder, mark) for mark in chosen),
        listing=listing + (f" --unit {shlex.quote(finder.unit)}" if finder.unit else ""),
    )


def _line(one: Mapping[str, Any], say: Voice) -> str:
    """Name an asset in one line: name, address, the finding's id, what it was before it went blind, what was decided."""
    asset = one["asset"]
    decided = status_text(one, say).removeprefix(say.word(STATUS, one["status"])).lstrip("· ")
    parts = [part for part in (asset["address"], one["id"], _before(one, say), decided, _expiry(one, say)) if part]
    return f"{asset['name']}{say('（', ' (')}{say('，', ', ').join(parts)}{say('）', ')')}"


def _before(one: Mapping[str, Any], say: Voice) -> str:
    """Say what a finding that is open and was not seen again was when it was last seen."""
    if one["state"] != "open" or one["last_known_status"] == one["status"]:
        return ""
    return say("此前为", "before: ") + say.word(STATUS, one["last_known_status"])


def _expiry(one: Mapping[str, Any], say: Voice) -> str:
    """Give the number of an exemption in force, its approver's class, and its last day."""
    found = one["exemption"]
    return f"{found['number']} {found['approver_class']}{say(' 至 ', ' until ')}{found['until']}" if found else ""


def _notes(one: Mapping[str, Any], say: Voice) -> tuple[str, ...]:
    """Say what a reader should know beside the verdict: what was seen before, and what persons decided."""
    notes = [_before(one, say)]
    if one["decision"]:
        notes.append(say("人工处置：", "decision: ") + decision_text(one["decision"], say))
    if one["exemption"]:
        notes.append(say("已批准例外：", "exemption: ") + exemption_text(one["exemption"], say))
    if one["exemption_request"]:
        state = say.word(REQUEST, one["exemption_request"]["state"])
        notes.append(
            say(f"例外申请［{state}］：", f"exemption [{state}]: ") + exemption_text(one["exemption_request"], say)
        )
    return tuple(note for note in notes if note)


def _proof(workspace: Workspace, finder: Finder, fingerprint: str) -> Proof:
    one = finder.record(fingerprint)
    asset = one["asset"]
    place = [part for part in (asset["unit"], asset["site"], asset["network"], asset["address"]) if part]
    return Proof(
        id=one["id"],
        asset=asset["name"] + (f"{finder.say('（', ' (')}{'、'.join(place)}{finder.say('）', ')')}" if place else ""),
        because=one["because"],
        first_seen=one["first_seen"],
        last_seen=one["last_seen"],
        notes=_notes(one, finder.say),
        sources=sources(workspace, finder.store, one["evidence"]),
    )
