"""Controls, profiles and what is judged: the types that the catalogue, the engine and the rules share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec

from xunyan.model import Asset, Evidence, LedgerRow, Observation, Relation, Severity, Status
from xunyan.wording import Message, Text

LEDGER = "ledger"
Days: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=36500)]
EVALUATED_PRODUCTS = "evaluated-products"


class Cover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must have been seen before an absence may be claimed: this observation of every asset of these kinds."""

    observation: str
    kinds: tuple[str, ...]
    within: Literal["unit", "site", "network", "estate"] = "unit"


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One check in data. Its id is its path in the catalogue; `rule` names the pure function that decides.

    `needs`: what must have been observed, else the verdict is not-observed. `uses`: what is looked at where it is there.
    `severity` is a ceiling: the force of the duties in the profile may lower it. `max_age_days`: how old evidence may be.
    """

    title: Text
    kinds: tuple[str, ...]
    severity: Severity
    basis: tuple[str, ...]
    needs: tuple[str, ...]
    rule: str
    max_age_days: Days
    remedy: Text
    messages: dict[str, Text]
    uses: tuple[str, ...] = ()
    covers: tuple[Cover, ...] = ()
    params: dict[str, object] = {}
    id: str = ""

    @property
    def area(self) -> str:
        """The first part of the id: domestic, ipv6, ..."""
        return self.id.partition("/")[0]

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Everything that its rule may look at."""
        return (*self.needs, *self.uses)


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A document in force: number, title, whose it is, when issued, and the years it plans for."""

    id: str
    title: str
    jurisdiction: str = ""
    number: str = ""
    issued: date | None = None
    period: str = ""
    source: str = ""
    confidence: str = ""


class Requirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One duty of a document in our own words, with its clause, its force and the stages that it binds.

    `controls`: checks that rest on it although the catalogue does not name it; so a place's own documents need no change
    of the catalogue. `figures`: the numbers that it sets, in place of those that stand among a check's parameters.
    """

    id: str
    document: str
    clause: str
    kind: Literal["scan", "ledger", "document", "metric"]
    force: Literal["must", "in-principle", "gradual", "target", "description"]
    stage: tuple[str, ...]
    zh: str
    en: str
    means: str = ""
    target: str = ""
    due: date | None = None
    binding: bool = False
    source: str = ""
    confidence: str = ""
    controls: tuple[str, ...] = ()
    figures: dict[str, int] = {}


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A figure that a document sets for a rate, in percent."""

    metric: str
    at_least: float
    requirement: str
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The documents that a place is judged by: its own and its parents'. Nothing of another place is in it.

    `reference_only`: every control is on and duties are shown for reference, without local targets or force.
    """

    id: str
    title: Text
    documents: Mapping[str, Document]
    requirements: Mapping[str, Requirement]
    targets: tuple[Target, ...]
    reference_only: bool = False

    def basis(self, control: Control) -> tuple[str, ...]:
        """List the duties of this profile that a control rests on."""
        named = [duty.id for duty in self.requirements.values() if control.id in duty.controls]
        return tuple(dict.fromkeys([duty for duty in control.basis if duty in self.requirements] + sorted(named)))

    def figures(self, control: Control) -> dict[str, int]:
        """Give the numbers that the duties behind a control set, of several the highest; none for reference only."""
        found: dict[str, int] = {}
        for duty in () if self.reference_only else self.basis(control):
            for name, figure in self.requirements[duty].figures.items():
                found[name] = max(figure, found.get(name, figure))
        return found

    def asks(self, control: Control) -> bool:
        """Tell whether this place is judged by a control at all."""
        return self.reference_only or bool(self.basis(control))

    def severity(self, control: Control, duties: Collection[str] | None = None) -> Severity:
        """Lower a control's severity to what the strongest duty behind it bears; `duties`: only these of them count."""
        if self.reference_only:
            return control.severity
        forces = {self.requirements[duty].force for duty in (self.basis(control) if duties is None else duties)}
        bearable = next((severity for force, severity in _BEARS if force in forces), Severity.LOW)
        return max(bearable, control.severity, key=list(Severity).index)


_BEARS = (
    ("must", Severity.HIGH),
    ("target", Severity.HIGH),
    ("in-principle", Severity.HIGH),
    ("gradual", Severity.MEDIUM),
    ("description", Severity.LOW),
)


@dataclass(frozen=True, slots=True)
class Blindness:
    """Why an observation is missing: the source that should have given it, the gap's reason and its detail."""

    source: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Joined(Observation):
    """An observation joined out of several assets' originals. `proofs`: what each of its facts alone rests on."""

    proofs: tuple[tuple[Evidence, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """One asset with all that is known of it in a snapshot.

    `blind`: why an observation is missing, or, where it is there, what of it could not be seen.
    """

    asset: Asset
    observations: Mapping[str, Observation] = field(default_factory=dict)
    blind: Mapping[str, tuple[Blindness, ...]] = field(default_factory=dict)
    ledger: LedgerRow | None = None


@dataclass(frozen=True, slots=True)
class Estate:
    """All that is judged together, and how it joins.

    `derived`: the assets among the subjects that nobody minted, since only several others together show them: links and
    units. `made_of`: those others, by the asset that they show.
    """

    subjects: Mapping[str, Subject]
    relations: Mapping[str, tuple[Relation, ...]] = field(default_factory=dict)
    derived: Mapping[str, Asset] = field(default_factory=dict)
    made_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class NoParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of a rule of which nothing can be set."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule says; the engine adds who, why and the proof. `message` and `notices` are keys of the control's texts.

    `duties`: those that bind this asset, where they are fewer than the control rests on; None for all of them.
    """

    status: Status
    message: Message
    notices: tuple[Message, ...] = ()
    duties: tuple[str, ...] | None = None


def outcome(status: Status, key: str, **args: str) -> Outcome:
    """Make an outcome from a message key and its values."""
    return Outcome(status, Message(key, args))
