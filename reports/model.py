"""What a report holds: plain frozen data, its words already in the report's language; every document is made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SCHEMA = "xunyan.report/1"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many verdicts of each status."""

    satisfied: int = 0
    not_satisfied: int = 0
    needs_person: int = 0
    not_observed: int = 0
    not_applicable: int = 0

    @property
    def due(self) -> int:
        """All that a duty applies to."""
        return self.satisfied + self.not_satisfied + self.needs_person + self.not_observed


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of one unit. `met` is None without a target, `requirement` is the duty that sets it.

    `percent_exempted` counts what an approved exemption covers beside what is right; no target is measured by it.
    """

    metric: str
    title: str
    unit: str
    numerator: int
    denominator: int
    percent: float | None
    percent_exempted: float | None
    not_satisfied: int
    needs_person: int
    unobserved: int
    exempted: int
    target: float | None
    due: str
    requirement: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty that a control rests on. `force` is in words; the document is empty where the profile lacks the duty."""

    id: str
    document: str
    number: str
    clause: str
    force: str
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """One control as it was judged here."""

    id: str
    title: str
    severity: str
    tally: Tally
    duties: tuple[Duty, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Question:
    """One of the five questions.

    `state`: `unlooked` nothing of it was looked at; `wrong` something is not satisfied; `unsure` something waits for a
    person or was not observed; `right` all that was looked at is satisfied. `unlooked`: what belongs to it and was not
    looked at, in words.
    """

    title: str
    state: str
    checks: tuple[Check, ...]
    unlooked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its assets, its verdicts, its rates by metric. `name` is empty for assets without a unit."""

    name: str
    assets: int
    tally: Tally
    rates: Mapping[str, Rate]


@dataclass(frozen=True, slots=True)
class Share:
    """The assets of one unit that a row speaks of, each in one line of text."""

    unit: str
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings that say the same, word for word, with their assets by unit."""

    text: str
    count: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One quoted line of an original."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `first` to `last` of an original; `more` of them are not quoted."""

    first: int
    last: int
    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Source:
    """One original that proves a verdict, and its lines that do; `sha256` is empty where it could not be found."""

    capture: str
    source: str
    taken_at: str
    taken_by: str
    request: str
    sha256: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """One finding with its proof."""

    id: str
    asset: str
    because: str
    first_seen: str
    last_seen: str
    notes: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """All findings of one control with one status and one message; those under an approved exemption stand by themselves.

    `listing` is the command that lists every one.
    """

    control: str
    status: str
    exempted: bool
    count: int
    units: int
    kinds: tuple[Kind, ...]
    proofs: tuple[Proof, ...]
    listing: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What assets lack in the same way: (sources, reason) of each part; `everywhere`: all assets of the report."""

    parts: tuple[tuple[str, str], ...]
    count: int
    everywhere: bool
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of what should have been asked, what was answered; reasons with how many sources and assets lack for each."""

    due: int
    answered: int
    assets: int
    incomplete: int
    reasons: tuple[tuple[str, int, int], ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a letter says of one network; in a unit's own report only ranges that hold something of it."""

    network: str
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    classified: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of authorisation as it stood at the report's moment."""

    number: str
    title: str
    units: tuple[str, ...]
    approver: str
    approved_on: str
    valid: str
    state: str
    windows: tuple[str, ...]
    methods: tuple[str, ...]
    sudo: bool
    signature: str
    revoked: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How the report came about.

    Moments are text in Beijing time; `captures` and `gaps` are those of the report's assets alone. `judge` is the digest
    of the judging program, empty where it was not noted. `runs`: how many of each kind, empty in a unit's own report; `scanned`: some
    of them over the network.
    `warnings` say what a reader must know before relying on the figures.
    """

    number: int
    judged_at: str
    made_at: str
    profile: str
    profile_title: str
    reference_only: bool
    inputs: str
    version: str
    judge: str
    captures: int
    gaps: int
    first_taken: str
    last_taken: str
    runs: tuple[tuple[str, int], ...]
    scanned: bool
    products: str
    warnings: tuple[str, ...]


NodeKind = Literal["device", "unit", "cloud", "internet", "private", "unknown"]
"""`private` is a network of its own that a line leads to; `unknown` a far end that nothing tells of."""

EdgeState = Literal["dual", "v4-only", "v6-broken", "v6-only", "unknown", "down"]
"""`v6-broken`: both families are there and IPv6 does not work, or the ends disagree about it."""


@dataclass(frozen=True, slots=True)
class Node:
    """What stands at an end of links. `id` tells it from all others of its picture; `unit` is empty where none is known."""

    id: str
    label: str
    kind: NodeKind
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One link between the nodes of two ids. The labels are its interfaces at either end, `note` what is to be said of it."""

    a: str
    b: str
    label_a: str
    label_b: str
    state: EdgeState
    note: str = ""


@dataclass(frozen=True, slots=True)
class Topology:
    """The links of one network, to be drawn: `title` is its name."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report. `unit` is empty for the estate. `words` has statuses and severities in the report's language."""

    language: str
    unit: str
    tally: Tally
    questions: tuple[Question, ...]
    rates: tuple[Rate, ...]
    units: tuple[Unit, ...]
    checks: tuple[Check, ...]
    problems: tuple[Problem, ...]
    coverage: Coverage
    letters: tuple[Letter, ...]
    method: Method
    words: Mapping[str, str]
    topology: tuple[Topology, ...] = ()
    schema: str = SCHEMA
