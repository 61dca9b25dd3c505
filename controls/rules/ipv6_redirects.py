"""What a first page is worth whose way was cut short at a redirect that could not be followed over one family or both."""

from controls.model import Outcome, outcome
from controls.rules.ipv6_names import AAAA
from controls.urls import host_of
from xunyan.facts import Page, PageParity
from xunyan.model import Status
from xunyan.names import shown

CONTENT = "content"
OUTSIDE, UNANSWERED, NO_ADDRESS = "redirect-outside", "redirect-unanswered", "redirect-no-address"
_CUT = (OUTSIDE, UNANSWERED)
_LEADS = ("answered", NO_ADDRESS, *_CUT)


def of_redirects(url: str, four: Page | None, six: Page | None, row: PageParity | None) -> Outcome | None:
    """Judge a page over IPv4 and IPv6 by where its redirects end; None where all were followed, or that decides nothing.

    What lies behind a redirect that we could not follow over one family is not known there, and no fault of that family.
    """
    if four is None or six is None:
        return None
    args = {"url": shown(url, 80), "target": shown(host_of(six.final_url), 80)}
    if (four.outcome, six.outcome) == ("answered", NO_ADDRESS):
        return outcome(Status.NOT_SATISFIED, "target-no-address", **args, hop=AAAA)
    cut = [page for page in (four, six) if page.outcome in _CUT]
    return _of_cut(args["url"], four, six, cut[0], row) if cut else None


def _of_cut(url: str, four: Page, six: Page, cut: Page, row: PageParity | None) -> Outcome | None:
    if four.outcome in _LEADS and six.outcome in _LEADS:
        if _part(four, six, row):
            return outcome(Status.NOT_SATISFIED, "redirect", url=url, hop=CONTENT)
        if four.outcome == six.outcome == OUTSIDE and four.redirects == six.redirects:
            return None
    elif _other(four, six).redirects < cut.redirects:
        return None  # it failed before it came as far
    return outcome(Status.NOT_OBSERVED, "target-unseen", url=url, target=shown(host_of(cut.final_url), 80))


def _part(four: Page, six: Page, row: PageParity | None) -> bool:
    """Tell whether both certainly lead to different places: as many redirects to another end, or one that stays behind."""
    if four.redirects == six.redirects:
        return row is not None and not row.same_redirects
    return min(four, six, key=lambda page: page.redirects).outcome == "answered"


def _other(four: Page, six: Page) -> Page:
    return six if four.outcome in _CUT else four
