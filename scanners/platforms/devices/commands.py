"""The exact map from commands to parsers, and how what they find becomes one observation after the other."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache, partial
from typing import Literal, NamedTuple

from scanners.platforms.devices.answers import Line, NotReadError, printed, refused, silent
from scanners.platforms.devices.merging import merged
from scanners.platforms.devices.notation import is_public_title
from scanners.platforms.reading import NOTHING, Platform, Reader, Reading, cite, lines_of, odd
from scanners.platforms.smbios import real_serial
from xunyan.device_facts import (
    DEVICE_FACTS,
    TELNET_SESSION,
    Device,
    DeviceFact,
    DeviceInterface,
    DeviceRoute,
    DeviceService,
    RouteTotal,
)
from xunyan.model import Capture, Evidence, IdentityKey

MOST_EVIDENCE = 40
MOST_LINES = 300_000  # twice the rows that the longest answer which is kept can hold
KEPT = 64  # what was read of one device's answers, since several readers look at the same ones
_NAMES_OF = {kind: name for name, kind in DEVICE_FACTS.items()}
_INTERFACE_FIELDS = frozenset({"interface", "interfaces", "untagged", "tagged"})


def _naming(kind: type[DeviceFact]) -> tuple[str, ...]:
    held = _INTERFACE_FIELDS | {"name"} if kind is DeviceInterface else _INTERFACE_FIELDS
    return tuple(one.name for one in fields(kind) if one.name in held)


_NAMING = {kind: _naming(kind) for kind in DEVICE_FACTS.values()}
"""Kind -> its fields that name interfaces."""

_set = object.__setattr__  # a fact is frozen for all who come later


class Found(NamedTuple):
    """A fact and the lines (from 1) that say it."""

    fact: DeviceFact
    first: int
    last: int


Parse = Callable[[Sequence[Line]], Iterable[Found]]
"""Reads the lines of one answer. Raises NotReadError at a line that is not known."""


@dataclass(frozen=True, slots=True)
class Command:
    """How the answer to one command is read: into which facts, and by what.

    `silent`: a device that has none of it says so or says nothing, so that silence is an empty table and no lost answer.
    `table`: it shows the public table of routes, or that of the VRF whose name ends the source. `counted`: such a table
    always says how many routes it has.
    """

    parse: Parse
    kinds: tuple[type[DeviceFact], ...]
    silent: bool = False
    table: Literal["", "public", "vrf"] = ""
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's command line: what is asked and how it is read, and how interfaces' names are written out.

    `commands` is asked, in this order, of which the earlier is believed first. `others` are read where somebody brings
    them, but are not asked. `vrf_tables` are asked last, each with a blank and the name of a VRF behind it.
    """

    commands: Mapping[str, Command]
    others: Mapping[str, Command]
    long_name: Callable[[str], str]
    vrf_tables: Mapping[str, Command] = field(default_factory=dict)

    def read(self, capture: Capture) -> tuple[Found, ...] | str:
        """Read one answer, in the order in which it stands there; the reason where it cannot be read."""
        return _read(self.command(capture.source), self.long_name, capture)

    def command(self, source: str) -> Command:
        """Give the command that a source is. Raises KeyError for one that is not in the map."""
        known = self.commands.get(source) or self.others.get(source) or SHARED.get(source)
        return known or self.vrf_tables[beginning_of(source)]

    def knows(self, source: str) -> bool:
        """Tell whether a source is in the map."""
        every: tuple[Mapping[str, Command], ...] = (self.commands, self.others, SHARED)
        return any(source in one for one in every) or beginning_of(source) in self.vrf_tables

    def named(self, kind: type[DeviceFact] | None = None) -> re.Pattern[str]:
        """Give the form of the sources that end with the name of a VRF: of those that tell of a kind, or of all."""
        begins = [re.escape(begin) for begin, one in self.vrf_tables.items() if kind is None or kind in one.kinds]
        return re.compile(f"(?:{'|'.join(begins)}) {VRF_NAME.pattern}") if begins else NOTHING


VRF_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,31}")
"""A name that may be typed behind a command: no blank, no sign that a device's command line takes for more than a name."""


def beginning_of(source: str) -> str:
    """Give what stands before the name of a VRF that ends a source; empty where none can end it."""
    begin, _, name = source.rpartition(" ")
    return begin if VRF_NAME.fullmatch(name) else ""


def _read_session(lines: Sequence[Line]) -> list[Found]:
    """Read what a carrier says of a session in the clear: `telnet ADDRESS PORT`."""
    line = lines[0]
    match = _SESSION.fullmatch(line.text)
    if match is None or len(lines) > 1:
        raise NotReadError(line, "a session in the clear")
    family = 6 if ":" in match[1] else 4
    return [Found(DeviceService(TELNET_SESSION, family, enabled=True, port=int(match[2])), line.number, line.number)]


_SESSION = re.compile(r"telnet ([0-9A-Fa-f.:]{2,45}) (\d{1,5})")
SHARED: Mapping[str, Command] = {TELNET_SESSION: Command(_read_session, (DeviceService,))}
"""What every vendor's devices can have answers to, and none is asked."""


def platform_of(vendor: Vendor) -> Platform:
    """Make the platform of a vendor: a reader for each kind of fact that its commands give."""
    every = {**vendor.commands, **vendor.others, **SHARED}
    kinds = [kind for kind in DEVICE_FACTS.values() if any(kind in one.kinds for one in every.values())]
    readers = []
    for kind in kinds:
        sources = tuple(source for source, one in every.items() if kind in one.kinds)
        read = partial(_observe, vendor, kind, sources)
        readers.append(Reader(_NAMES_OF[kind], sources, read, named=vendor.named(kind)))
    # A configuration names the device and shows no serial number: it would be read as a whole for nothing.
    identifying = tuple(source for source, one in every.items() if one.kinds == (Device,))
    return Platform(
        sources=tuple(vendor.commands),
        readers=tuple(readers),
        identify=partial(_identify, vendor, identifying),
        identifying=identifying,
    )


def _observe(
    vendor: Vendor, kind: type[DeviceFact], sources: Sequence[str], captures: Mapping[str, Capture]
) -> Reading:
    """Read one kind of fact out of every answer that tells of it; what cannot be read is named, the rest stays."""
    facts: list[DeviceFact] = []
    evidence: list[Evidence] = []
    unreadable: list[tuple[str, str]] = []
    for source in (*sources, *sorted(captures.keys() - set(sources))):
        capture = captures.get(source)
        if capture is None:
            continue
        found = _by_kind(vendor.command(source), vendor.long_name, capture)
        if isinstance(found, str):
            unreadable.append((source, found))
            continue
        own = found.get(kind, ())
        facts += [one.fact for one in own]
        evidence += _cited(capture, own)
    return Reading(merged(kind, facts), tuple(evidence), tuple(unreadable))


def _identify(vendor: Vendor, sources: Sequence[str], captures: Mapping[str, Capture]) -> tuple[IdentityKey, ...]:
    """Give the serial number of the device, by which it is known again."""
    facts = _observe(vendor, Device, sources, captures).facts
    serials = (real_serial(fact.serial) for fact in facts if isinstance(fact, Device))
    return tuple(IdentityKey("serial", serial) for serial in serials if serial)


def _read(command: Command, long_name: Callable[[str], str], capture: Capture) -> tuple[Found, ...] | str:
    if len(lines_of(capture)) > MOST_LINES:
        return f"the answer has more than {MOST_LINES} lines"
    lines = printed(capture)
    if refusal := refused(lines):
        return f"the device refuses the command: {refusal[:100]}"
    if silent(lines):
        return () if command.silent else "the answer is empty"
    try:
        found = tuple(_settled(one, capture.source, long_name) for one in command.parse(lines))
        if command.table:
            _place(command, found, lines, capture.source.rpartition(" ")[2] if command.table == "vrf" else "")
    except NotReadError as error:
        return odd(error.line.number, error.line.text, error.what)
    return found


@lru_cache(maxsize=KEPT)
def _by_kind(
    command: Command, long_name: Callable[[str], str], capture: Capture
) -> Mapping[type[DeviceFact], list[Found]] | str:
    """Part what an answer says by the kind of fact, once for all its readers."""
    found = _read(command, long_name, capture)
    if isinstance(found, str):
        return found
    parted: dict[type[DeviceFact], list[Found]] = {}
    for one in found:
        parted.setdefault(type(one.fact), []).append(one)
    return parted


def _settled(found: Found, source: str, long_name: Callable[[str], str]) -> Found:
    """Write interfaces' names out and say where the fact stands; in the fact itself, which its parser has made just now.

    A second one of each costs a tenth of all reading.
    """
    fact = found.fact
    _set(fact, "source", source)
    _set(fact, "line", found.first)
    for name in _NAMING[type(fact)]:
        if value := getattr(fact, name):
            _set(fact, name, tuple(map(long_name, value)) if isinstance(value, tuple) else long_name(value))
    return found


def _place(command: Command, found: Sequence[Found], lines: Sequence[Line], vrf: str) -> None:
    """See that an answer is the table of a VRF (empty: the public one), and write the VRF into its facts.

    Raises NotReadError where its title or a route names another one, and where the total is missing that such an answer has.
    """
    titles = [match for line in lines[:_TITLE_LINES] if (match := _TITLE.match(line.text))]
    if any(match[1] != vrf and (vrf or not is_public_title(match[1])) for match in titles):
        raise NotReadError(lines[0], f"the table of {vrf or 'no VRF'}")
    own = [one.fact for one in found if isinstance(one.fact, DeviceRoute | RouteTotal)]
    if command.counted and not any(isinstance(one, RouteTotal) for one in own):
        raise NotReadError(lines[0], "a table of routes with its total")
    for fact in own:
        if fact.vrf not in ("", vrf):
            raise NotReadError(lines[0], f"the table of {vrf or 'no VRF'}")
        _set(fact, "vrf", vrf)


_TITLE_LINES = 40
_TITLE = re.compile(
    r"\s*(?:\S+ )?(?:Routing Tables?(?: for VRF)?|VPN instance|VRF name)\s*(?:[:=-]|name is)\s*(?!\d+ entries)([^\s(]+)",
    re.IGNORECASE,
)
"""How the vendors head a table of routes: `Routing Table : A`, `VPN instance: A`, `IPv6 Routing Table - default - 5 entries`."""


def _cited(capture: Capture, found: Sequence[Found]) -> list[Evidence]:
    """Point at the lines that say the facts, joined where they touch; at the whole answer where it has none.

    What is quoted of a long answer is only what says a fact: between them a configuration keeps its secrets.
    """
    lines = lines_of(capture)
    last = max(1, len(lines))
    if not found:
        return [_spanning(cite(capture, 1, 1, lines), last)]
    spans: list[tuple[int, int]] = []
    for one in sorted(found, key=lambda one: (one.first, one.last)):
        if spans and one.first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], one.last))
        else:
            spans.append((one.first, one.last))
    if len(spans) > MOST_EVIDENCE:
        first, end = spans[0]
        return [_spanning(cite(capture, first, end, lines), spans[-1][1])]
    return [cite(capture, first, end, lines) for first, end in spans]


def _spanning(evidence: Evidence, last: int) -> Evidence:
    return replace(evidence, last=last)
