"""What a rule may see of one asset: only what its control declared, and every look is recorded as proof."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeVar

from controls.evaluated import EvaluatedProducts
from controls.model import EVALUATED_PRODUCTS, LEDGER, Blindness, Control, Joined
from xunyan.canonical import BEIJING
from xunyan.errors import CatalogueError
from xunyan.facts import FACTS, Fact
from xunyan.model import Evidence, LedgerRow, Observation
from xunyan.wording import Text

F = TypeVar("F", bound=Fact)
_NAME_OF: Mapping[type[object], str] = {kind: name for name, kind in FACTS.items()}


class View:
    """One asset as one control may look at it, at `judged_at`. Raises CatalogueError at a look that was not declared.

    `duties`: those of the profile that the control rests on; `figures`: the numbers that they set, by name.
    """

    def __init__(
        self,
        control: Control,
        judged_at: datetime,
        observations: Mapping[str, Observation],
        ledger: LedgerRow | None,
        products: EvaluatedProducts,
        duties: tuple[str, ...] = (),
        blind: Mapping[str, tuple[Blindness, ...]] = MappingProxyType({}),
        figures: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.judged_at = judged_at
        self.duties = duties
        self.figures = figures
        self._control = control
        self._declared = frozenset(control.looks_at)
        self._observations = observations
        self._ledger = ledger
        self._products = products
        self._blind = blind
        self._read: dict[str, tuple[Evidence, ...]] = {}

    @property
    def day(self) -> date:
        """The day of judgement in Beijing."""
        return self.judged_at.astimezone(BEIJING).date()

    def table(self, kind: type[F]) -> tuple[F, ...]:
        """Return all rows of an observation that the control needs; an empty table means looked and found nothing."""
        name = self._allowed(_NAME_OF[kind])
        observation = self._observations.get(name)
        if observation is None:
            return ()
        self._read[name] = observation.evidence
        return tuple(fact for fact in observation.facts if isinstance(fact, kind))

    def one(self, kind: type[F]) -> F:
        """Return the single row of an observation that the control needs."""
        rows = self.table(kind)
        if len(rows) != 1:
            raise self._wrong(f"{_NAME_OF[kind]} has {len(rows)} rows where one was asked for")
        return rows[0]

    def optional(self, kind: type[F]) -> F | None:
        """Return the single row of an observation that the control uses, None where it was not seen."""
        rows = self.table(kind)
        return rows[0] if rows else None

    def filed(self, column: str) -> str:
        """Return what the ledgers say of this asset in a column, with the row that says it; empty where nothing is filed."""
        self._allowed(LEDGER)
        if self._ledger is None or not self._ledger.columns.get(column, ""):
            return ""
        said = self._ledger.by_column.get(column, self._ledger.evidence)
        proof = (*self._read.get(LEDGER, ()), said, *self._ledger.also.get(column, ()))
        self._read[LEDGER] = tuple(dict.fromkeys(proof))
        return self._ledger.columns[column]

    def is_listed(self) -> bool:
        """Tell whether anything at all is filed of this asset; where it is, the row becomes proof."""
        self._allowed(LEDGER)
        if self._ledger is None:
            return False
        self._read.setdefault(LEDGER, (self._ledger.evidence,))
        return True

    def narrow(self, rows: Iterable[F]) -> None:
        """Keep as proof of a joined observation only what these of its rows rest on; of any other it all stays."""
        kept = set(rows)
        for name in {_NAME_OF[type(row)] for row in kept}:
            seen = self._observations.get(self._allowed(name))
            if isinstance(seen, Joined):
                chosen = (proof for fact, proof in zip(seen.facts, seen.proofs, strict=True) if fact in kept)
                self._read[name] = tuple(dict.fromkeys(one for proof in chosen for one in proof))

    def has(self, kind: type[Fact]) -> bool:
        """Tell whether an observation that the control uses is there; an empty table is."""
        return self._allowed(_NAME_OF[kind]) in self._observations

    def unseen(self, kind: type[Fact]) -> tuple[Blindness, ...]:
        """Say what of an observation that is there could not be seen."""
        return self._blind.get(self._allowed(_NAME_OF[kind]), ())

    def products(self) -> EvaluatedProducts:
        """Return the list of evaluated products."""
        self._allowed(EVALUATED_PRODUCTS)
        return self._products

    def proof(self) -> tuple[Evidence, ...]:
        """List the evidence of everything that was read, each once, in the order of names."""
        return tuple(dict.fromkeys(evidence for name in sorted(self._read) for evidence in self._read[name]))

    def _allowed(self, name: str) -> str:
        if name not in self._declared:
            raise self._wrong(f"{name} is read but not declared under needs or uses")
        return name

    def _wrong(self, what: str) -> CatalogueError:
        return CatalogueError(
            Text(f"检查项的规则与声明不一致：{what}", f"a rule does not keep to its declaration: {what}"),
            where=self._control.id,
            advice=Text(
                "这是程序或检查目录的错误，请反馈", "this is an error of the program or its catalogue; please report it"
            ),
        )
