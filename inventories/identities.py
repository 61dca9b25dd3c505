"""Who is who: minted ids that outlive names and addresses, and the append-only register they stand in.

A name means something inside its network only. Two assets are joined without a person only where at least two keys agree,
none disagrees, and the old name fell silent before the new one was heard; anything less is recorded as a clash and waits.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from xunyan.canonical import digest, utc_text
from xunyan.errors import DataError
from xunyan.model import IdentityKey
from xunyan.wording import Text

MANY = 8
Name = tuple[str, str]
"""(network, name as the input gave it)"""


class Entry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """One line of the register.

    minted: `asset` is new, known as (`network`, `name`) of `kind`. alias: from `since` on that name means `asset`.
    keys: `asset` was seen with `keys`. clash: `asset` shares `keys` with `other` and was not joined, for `reason`.
    By a named person: merged: `other` is `asset`. apart: `asset` and `other` are two. split: `name` is not `other` but
    the new `asset`.
    """

    event: Literal["minted", "alias", "keys", "clash", "merged", "apart", "split"]
    asset: str
    schema: Literal["xunyan.identity/1"] = "xunyan.identity/1"
    kind: str = ""
    network: str = ""
    name: str = ""
    since: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    other: str = ""
    reason: str = ""
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One asset heard under one name in one sitting: between `first` and `last`, with the keys it showed."""

    network: str
    name: str
    kind: str
    first: datetime
    last: datetime
    keys: frozenset[IdentityKey]


@dataclass(slots=True)
class _Known:
    kind: str
    names: list[Name] = field(default_factory=list)
    keys: set[tuple[str, str]] = field(default_factory=set)


class Register:
    """The register in memory. `pending` are the entries that `save` will append."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.pending: list[Entry] = []
        self.clashes: list[Entry] = []
        self.decisions: list[Entry] = []
        self._assets: dict[str, _Known] = {}
        self._names: dict[Name, list[tuple[str, str]]] = {}
        self._holders: dict[tuple[str, str], set[str]] = {}
        for entry in entries:
            self._apply(entry)

    def asset_at(self, network: str, name: str, moment: datetime) -> str | None:
        """Return the id that a name meant at a moment: the newest naming not after it, else the oldest one."""
        namings = self._names.get((network, name))
        if not namings:
            return None
        at = utc_text(moment)
        before = [naming for naming in namings if naming[0] <= at]
        return max(enumerate(before), key=lambda one: (one[1][0], one[0]))[1][1] if before else namings[0][1]

    def kind_of(self, asset: str) -> str:
        """Return the kind that an asset was minted with."""
        return self._assets[asset].kind

    def keys_of(self, asset: str) -> list[tuple[str, str]]:
        """List the keys an asset was seen with."""
        return sorted(self._assets[asset].keys)

    def resolve(
        self,
        sightings: Iterable[Sighting],
        last_heard: Callable[[str, str], datetime | None],
        next_heard: Callable[[str, str, datetime], datetime | None],
    ) -> None:
        """Give every sighting an asset, minting, renaming and recording clashes as the evidence allows.

        `last_heard` and `next_heard` tell when a (network, name) was last heard before this batch, and when it was
        first heard after a moment. The outcome does not depend on the order of the sightings.
        """
        batch = sorted(sightings, key=lambda one: (one.first, one.network, one.name, one.kind))
        heard = {(one.network, one.name) for one in batch}
        for one in batch:
            before = self.asset_at(one.network, one.name, one.first)
            asset = before if before is not None and self._still(before, one) else None
            if asset is None:
                later = next_heard(one.network, one.name, one.last)
                owner = self.asset_at(one.network, one.name, later) if later is not None else None
                asset, refused = self._same_machine(one, heard, last_heard)
                if asset is None:
                    asset = self._mint(one)
                    self._record_clashes(asset, one, refused)
                else:
                    self._add(self._naming("alias", asset, one, utc_text(one.first)))
                if before is not None and all(other != before for other, _ in refused):
                    self._add(Entry("clash", asset, other=before, reason="another machine under the same name"))
                if later is not None and owner is not None:  # what was heard later keeps its owner
                    self._add(self._naming("alias", owner, one, utc_text(later)))
            elif self._alive_twice(asset, one, last_heard):
                asset = self.asset_at(one.network, one.name, one.first) or asset
            new = {(key.kind, key.value) for key in one.keys} - self._assets[asset].keys
            if new:
                self._add(Entry("keys", asset, keys=tuple(sorted(new))))

    def _still(self, asset: str, one: Sighting) -> bool:
        """Tell whether the machine under a name is still the one that it was.

        A new network card is no new machine. Another serial or UUID is, whatever else agrees: an image carries its
        machine-id along. Where a board was swapped, a person merges the two.
        """
        agree, disagree = self._compare(asset, one)
        if {"serial", "uuid"} & disagree:
            return False
        return bool(agree - {"machine-id"}) or not disagree

    def _compare(self, asset: str, one: Sighting) -> tuple[set[str], set[str]]:
        """Kinds of keys that both have, and whose values agree or disagree.

        Cards come and go: MACs agree where one set holds the other, disagree where they share none, and say nothing
        otherwise.
        """
        agree: set[str] = set()
        disagree: set[str] = set()
        known: dict[str, set[str]] = {}
        for kind, value in self._assets[asset].keys:
            known.setdefault(kind, set()).add(value)
        shown: dict[str, set[str]] = {}
        for key in one.keys:
            shown.setdefault(key.kind, set()).add(key.value)
        for kind in known.keys() & shown.keys():
            if not known[kind] & shown[kind]:
                disagree.add(kind)
            elif kind != "mac" or known[kind] <= shown[kind] or known[kind] >= shown[kind]:
                agree.add(kind)
        return agree, disagree

    def _same_machine(
        self, one: Sighting, heard: set[Name], last_heard: Callable[[str, str], datetime | None]
    ) -> tuple[str | None, list[tuple[str, str]]]:
        """The asset that this is under a new name or a former one, or None and why each that shares a key was not it."""
        held_by = [self._holders.get((key.kind, key.value), set()) for key in one.keys]
        # A key that many hold, such as the machine-id of an image, tells nobody from another: one note of it will do.
        refused = [(min(holders), "many assets hold this key") for holders in held_by if len(holders) > MANY]
        candidates = sorted(set().union(*(holders for holders in held_by if len(holders) <= MANY)))
        candidates = [asset for asset in candidates if self._assets[asset].kind == one.kind]
        joined: str | None = None
        for asset in candidates:
            agree, disagree = self._compare(asset, one)
            silent = all(
                name not in heard and ((seen := last_heard(*name)) is None or seen < one.first)
                for name in self._assets[asset].names
                if name != (one.network, one.name)  # back under a name that it had before
            )
            if disagree:
                refused.append((asset, "other keys differ: " + ", ".join(sorted(disagree))))
            elif len(agree) < 2:
                refused.append((asset, "one key alone agrees"))
            elif not silent:
                refused.append((asset, "both names are heard"))
            elif len(candidates) > 1 and any(
                not self._compare(other, one)[1] for other in candidates if other != asset
            ):
                refused.append((asset, "several assets hold these keys"))
            else:
                joined = asset
        return joined, [] if joined is not None else refused

    def _record_clashes(self, asset: str, one: Sighting, refused: list[tuple[str, str]]) -> None:
        shown = {(key.kind, key.value) for key in one.keys}
        for other, reason in refused:
            shared = tuple(sorted(shown & self._assets[other].keys))
            self._add(Entry("clash", asset, other=other, keys=shared, reason=reason))

    def _alive_twice(self, asset: str, one: Sighting, last_heard: Callable[[str, str], datetime | None]) -> bool:
        """An old name is heard after its asset had moved on to a new one: they were two all the time, so part them."""
        by_person = (
            self._assets[asset].names if any(d.event == "merged" and d.asset == asset for d in self.decisions) else ()
        )
        namings = [
            (since, name)
            for name in self._assets[asset].names
            if name not in by_person
            for since, named in self._names[name]
            if named == asset and since and name != (one.network, one.name) and self.asset_at(*name, one.first) == asset
        ]
        parted = False
        for since, (network, name) in namings:
            if utc_text(one.first) >= since and last_heard(network, name) is not None:
                apart = Sighting(network, name, one.kind, datetime.fromisoformat(since), one.last, frozenset())
                other = self._mint(apart)
                shared = tuple(sorted((key.kind, key.value) for key in one.keys))
                self._add(Entry("clash", other, other=asset, keys=shared, reason="both names are heard"))
                parted = True
        return parted

    def _mint(self, one: Sighting) -> str:
        known = self.asset_at(one.network, one.name, one.first) is not None
        count = 0
        while (asset := "a" + digest(one.network, one.kind, one.name, str(count))[:15]) in self._assets:
            count += 1
        self._add(self._naming("minted", asset, one, utc_text(one.first) if known else ""))
        return asset

    def _naming(self, event: Literal["minted", "alias"], asset: str, one: Sighting, since: str) -> Entry:
        return Entry(event, asset, kind=one.kind, network=one.network, name=one.name, since=since)

    def _add(self, entry: Entry) -> None:
        self._apply(entry)
        self.pending.append(entry)

    def _apply(self, entry: Entry) -> None:
        if entry.event in ("minted", "alias"):
            known = self._assets.setdefault(entry.asset, _Known(entry.kind))
            name = (entry.network, entry.name)
            self._names.setdefault(name, []).append((entry.since, entry.asset))
            if name not in known.names:
                known.names.append(name)
        elif entry.event == "keys":
            for key in entry.keys:
                self._assets[entry.asset].keys.add(key)
                self._holders.setdefault(key, set()).add(entry.asset)
        elif entry.event == "clash":
            self.clashes.append(entry)
        else:
            self._decide(entry)

    def _decide(self, entry: Entry) -> None:
        """Apply what a person decided."""
        self.decisions.append(entry)
        if entry.event == "merged":
            for name in list(self._assets[entry.other].names):
                self._rename(name, entry.other, entry.asset)
            for key in self._assets[entry.other].keys:
                self._holders[key].discard(entry.other)
                self._holders[key].add(entry.asset)
            self._assets[entry.asset].keys |= self._assets[entry.other].keys
            self._assets[entry.other].keys.clear()
        elif entry.event == "split":
            self._assets[entry.asset] = _Known(self._assets[entry.other].kind)
            self._rename((entry.network, entry.name), entry.other, entry.asset)

    def _rename(self, name: Name, old: str, new: str) -> None:
        """Let a name mean another asset wherever it meant the old one."""
        self._names[name] += [(since, new) for since, asset in self._names[name] if asset == old]
        self._assets[old].names.remove(name)
        if name not in self._assets[new].names:
            self._assets[new].names.append(name)

    def names_of(self, asset: str) -> list[Name]:
        """List the names that mean an asset, at some time or other."""
        return list(self._assets[asset].names) if asset in self._assets else []

    def namings(self, assets: set[str]) -> list[Entry]:
        """Give what names mean these assets, from when on, by name: enough for `asset_at`, and nothing of others."""
        found = []
        minted: set[str] = set()
        for network, name in sorted(self._names):
            for since, asset in self._names[network, name]:
                if asset in assets:
                    event: Literal["minted", "alias"] = "alias" if asset in minted else "minted"
                    minted.add(asset)
                    kind = self._assets[asset].kind
                    found.append(Entry(event, asset, kind=kind, network=network, name=name, since=since))
        return found

    def waiting(self) -> list[Entry]:
        """List the clashes that nobody has decided yet."""
        decided = {frozenset((one.asset, one.other)) for one in self.decisions}
        return [one for one in self.clashes if frozenset((one.asset, one.other)) not in decided]

    def merge(self, asset: str, other: str, *, by: str, reason: str, at: str) -> None:
        """A person says that `other` is `asset`: its names and keys go over. Both must be known and of one kind."""
        self._add(Entry("merged", asset, other=other, by=by, reason=reason, at=at))

    def keep_apart(self, asset: str, other: str, *, by: str, reason: str, at: str) -> None:
        """A person says that two assets are two; the clash waits no more."""
        self._add(Entry("apart", asset, other=other, by=by, reason=reason, at=at))

    def split(self, asset: str, name: Name, *, by: str, reason: str, at: str) -> str:
        """A person says that a name is another asset, such as after a wrong merge; return the new id."""
        count = 0
        while (new := "a" + digest(name[0], self._assets[asset].kind, name[1], str(count))[:15]) in self._assets:
            count += 1
        self._add(Entry("split", new, network=name[0], name=name[1], other=asset, by=by, reason=reason, at=at))
        return new


def size(path: Path) -> int:
    """Bytes of the register on disk; 0 where it is absent."""
    return path.stat().st_size if path.exists() else 0


def cut(path: Path, closed: int) -> None:
    """Take the register back to what it was when the last act closed: what a crash left after that was half written.

    Raises DataError where it is shorter than that.
    """
    if size(path) < closed:
        raise DataError(
            Text("资产标识登记簿缺失或被截短", "the identity register is lost or cut short"),
            where=str(path),
            advice=Text(
                "从备份恢复该文件；没有备份就新建工作区，导入原来的 captures/（加 --with-ledger）",
                "restore the file from a backup; without one, make a new workspace and ingest the captures/ of this one --with-ledger",
            ),
        )
    if size(path) > closed:
        os.truncate(path, closed)


def cut_last_line(path: Path) -> None:
    """Remove a last line that a crash left half written."""
    if path.exists():
        data = path.read_bytes()
        cut(path, data.rfind(b"\n") + 1)


def load(path: Path) -> Register:
    """Read the register of a workspace; an absent file is an empty one. Raises DataError at a line that is not an entry."""
    entries: list[Entry] = []
    decoder = msgspec.json.Decoder(Entry)
    if path.exists():
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break  # half written when a crash came; the next writer removes it
                try:
                    entries.append(decoder.decode(line))
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    raise DataError(
                        Text("资产标识登记簿有一行读不出", "a line of the identity register cannot be read"),
                        where=f"{path}, line {number}: {error}",
                        advice=Text("从备份恢复该文件", "restore the file from a backup"),
                    ) from error
    try:
        return Register(entries)
    except KeyError as error:
        raise DataError(
            Text("资产标识登记簿缺少前面的行", "the identity register lacks earlier lines"),
            where=f"{path}: {error}",
            advice=Text("从备份恢复该文件", "restore the file from a backup"),
        ) from error


def save(path: Path, register: Register) -> None:
    """Append what is pending to the register's file, durably."""
    if not register.pending:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    encoder = msgspec.json.Encoder()
    with path.open("ab") as file:
        file.write(b"".join(encoder.encode(entry) + b"\n" for entry in register.pending))
        file.flush()
        os.fsync(file.fileno())
    register.pending.clear()
