"""What a rule reads of the ledgers is proved by the rows that say it, each once."""

from datetime import UTC, datetime

from controls.evaluated import EvaluatedProducts
from controls.loader import load_catalogue, load_evaluated
from controls.model import LEDGER, Control
from controls.view import View
from xunyan.model import Evidence, LedgerRow

TAKEN = datetime(2026, 11, 20, tzinfo=UTC)


def line(capture: str, source: str = LEDGER) -> Evidence:
    return Evidence(capture, source, 1, 1, capture, TAKEN)


def control() -> Control:
    return next(one.control for one in load_catalogue().checks if LEDGER in (*one.control.needs, *one.control.uses))


def products() -> EvaluatedProducts:
    return load_evaluated()


def test_every_column_that_is_read_is_proved_by_its_own_rows() -> None:
    row = LedgerRow(
        {"system": "门户", "names": "a.example b.example", "unit": "教育局"},
        line("row"),
        {"system": line("row line 1"), "names": line("companion", "ledger-companion")},
        {"names": (line("match", "ledger-match"),)},
    )
    view = View(control(), TAKEN, {}, row, products())
    assert view.proof() == ()
    assert view.filed("remark") == ""
    assert view.proof() == ()
    assert view.filed("names") == "a.example b.example"
    assert [one.capture for one in view.proof()] == ["companion", "match"]
    assert (view.filed("system"), view.filed("system"), view.filed("names")) == ("门户", "门户", "a.example b.example")
    assert [one.capture for one in view.proof()] == ["companion", "match", "row line 1"]


def test_a_column_without_a_line_of_its_own_rests_on_the_row() -> None:
    view = View(control(), TAKEN, {}, LedgerRow({"unit": "教育局"}, line("row")), products())
    assert view.filed("unit") == "教育局"
    assert [one.capture for one in view.proof()] == ["row"]
    assert View(control(), TAKEN, {}, None, products()).filed("unit") == ""
