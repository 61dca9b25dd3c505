"""What a rule may see of one asset: only what its control declared, and every look is recorded as proof."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar

from controls.evaluated import EvaluatedProducts
from controls.model import EVALUATED_PRODUCTS, LEDGER, Control
from xunyan.canonical import BEIJING
from xunyan.errors import CatalogueError
from xunyan.facts import FACTS, Fact
from xunyan.model import Evidence, LedgerRow, Observation
from xunyan.wording import Text

F = TypeVar("F", bound=Fact)
_NAME_OF: Mapping[type[object], str] = {kind: name for name, kind in FACTS.items()}


class View:
    """One asset as one control may look at it, at `judged_at`. Raises CatalogueError at a look that was not declared."""

    def __init__(
        self,
        control: Control,
        judged_at: datetime,
        observations: Mapping[str, Observation],
        ledger: LedgerRow | None,
        products: EvaluatedProducts,
    ) -> None:
        self.judged_at = judged_at
        self._control = control
        self._declared = {*control.needs, *control.uses}
        self._observations = observations
        self._ledger = ledger
        self._products = products
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
        """Return what the ledger says of this asset in a column; empty where nothing is filed."""
        self._allowed(LEDGER)
        if self._ledger is None or not self._ledger.columns.get(column, ""):
            return ""
        self._read[LEDGER] = (self._ledger.evidence,)
        return self._ledger.columns[column]

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
