"""What several answers about one asset come to: the worst of them decides."""

from collections.abc import Iterable
from dataclasses import replace

from controls.model import Outcome
from xunyan.model import Status

_WORST = (
    Status.NOT_SATISFIED,
    Status.NEEDS_PERSON,
    Status.NOT_OBSERVED,
    Status.SATISFIED,
    Status.NOT_APPLICABLE,
)


def worst(outcomes: Iterable[Outcome]) -> Outcome | None:
    """Choose the outcome that decides, the first of equals, with the notices of all of its status; None of none."""
    found = list(outcomes)
    if not found:
        return None
    chosen = min(found, key=lambda one: _WORST.index(one.status))
    same = [notice for one in found if one.status is chosen.status for notice in one.notices]
    return replace(chosen, notices=tuple({notice.key: notice for notice in reversed(same)}.values())[::-1])
