"""What is known of a system before anything else: whether it is filed, whether it is judged at all, whether it answers."""

from collections.abc import Collection, Mapping
from typing import Literal

from controls.kinship import TELLING
from controls.model import Outcome, outcome
from controls.view import View
from xunyan.facts import DeclaredAs, NameAnswer, Page, ServicePort
from xunyan.model import Status
from xunyan.names import shown

Voice = Literal["answers", "silent", "unasked", "nothing"]
_ASKED = ("refused", "timeout", "unreachable")
KNOWN = ("answered", "no-such-name")
UNSEEN = ("no-route", "not-permitted", "failed")
"""Outcomes of a port that say nothing of the system: it was not asked."""


def is_filed(view: View) -> bool:
    """Tell whether the system stands in the ledger for itself: not withdrawn, not only matched to another's row."""
    return view.is_listed() and not view.filed("withdrawn") and not view.filed("matched_to")


def out_of_scope(view: View) -> Outcome | None:
    """Spare a system that is filed as out of the rules' scope, with the clause that the ledger gives."""
    reason = view.filed("out_of_scope")
    return outcome(Status.NOT_APPLICABLE, "out-of-scope", reason=shown(reason, 80)) if reason else None


def judged_elsewhere(view: View, why: Collection[str]) -> Outcome | None:
    """Spare a system that a person matched to a filed one, or that shows itself to be one (`why`: as in DeclaredAs)."""
    matched = view.filed("matched_to")
    kin = [] if matched or is_filed(view) else [row.system for row in view.table(DeclaredAs) if row.why in why]
    if not matched and not kin:
        return None
    system = shown((matched or kin[0]).removeprefix("system:"), 60)
    return outcome(Status.NOT_APPLICABLE, "judged-as", system=system)


def binding(view: View, only: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """List the duties that bind this system: `only` names those that bind new or upgraded ones alone.

    Where nobody filed which it is, all of them.
    """
    nature = view.filed("nature")
    return tuple(one for one in view.duties if not nature or one not in only or nature in only[one])


def not_bound(view: View, only: Mapping[str, Collection[str]]) -> Outcome | None:
    """Spare a system that none of this place's duties binds."""
    if binding(view, only) or not view.duties:
        return None
    return outcome(Status.NOT_APPLICABLE, "not-bound", duties=", ".join(view.duties))


def voice(view: View) -> Voice:
    """Say whether the system answers: silent where it was asked and nothing came, unasked where nobody could or might."""
    ports = view.table(ServicePort)
    if any(row.outcome == "open" for row in ports) or any(row.outcome in TELLING for row in view.table(Page)):
        return "answers"
    if not ports:
        return "nothing"
    return "silent" if any(row.outcome in _ASKED for row in ports) else "unasked"


def unanswered_name(view: View) -> str:
    """Give a name of the system of which not every address is known, since a question got no answer; empty for none."""
    names = view.table(NameAnswer)
    return next((shown(row.name, 80) for row in names if row.outcome not in KNOWN or row.unanswered), "")
