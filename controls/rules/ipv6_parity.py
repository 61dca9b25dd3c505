"""The rule that a system shows the same over IPv6 as over IPv4. A page that differs on every read raises no alarm."""

from collections.abc import Iterable
from datetime import date

from controls.model import Outcome, outcome
from controls.rules.ipv6_addresses import Prefixes
from controls.rules.ipv6_names import silent
from controls.rules.ipv6_redirects import CONTENT, OUTSIDE, UNANSWERED, of_redirects
from controls.rules.ipv6_services import reach
from controls.rules.standing import KNOWN, UNSEEN, unanswered_name
from controls.rules.weighing import worst
from controls.urls import host_of, port_of
from controls.view import View
from xunyan.facts import Certificate, NameAnswer, Page, PageParity, ServicePort
from xunyan.model import Asset, Status
from xunyan.names import shown
from xunyan.wording import Message

ERROR = 400
_SHOWS = ("answered", OUTSIDE, UNANSWERED)
_NOT_COME = (*UNSEEN, "timeout")
_SAID = ("timeout", "reset", "malformed", "redirect-loop")
"""What came instead of a page, as far as there is a message of its own for it."""


class ParityParams(Prefixes, frozen=True):
    """As Prefixes; and what two texts must have in common, per mille.

    `alike`: from here on they are the same page. `margin`: how much less alike IPv4 and IPv6 may be than two readings
    over IPv4. `telling`: two readings over IPv4 less alike than this say nothing by their text.
    """

    alike: int
    margin: int
    telling: int

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("alike", "margin", "telling"):
            if not 0 <= getattr(self, name) <= 1000:
                raise ValueError(f"{name}: per mille, from 0 to 1000")


def parity(_asset: Asset, view: View, params: ParityParams) -> Outcome:
    """The first page over IPv6 has the status, redirects, certificate, title and text that it has over IPv4."""
    compared, pages = view.table(PageParity), view.table(Page)
    addresses = dict.fromkeys([(row.network, row.url) for row in compared] + [(row.network, row.url) for row in pages])
    gone = silent(view)
    if gone is not None:
        return gone
    if not addresses:
        return unlooked(view, params) or outcome(Status.NOT_APPLICABLE, "no-page-at-all")
    by_url = {(row.network, row.url): row for row in compared if row.compared}
    found = []
    for key in addresses:
        own = [page for page in pages if (page.network, page.url) == key]
        if not _is_seen_by_name(own, view):
            found.append(_of_page(key[1], own, by_url.get(key), view, params))
    return worst(found) or outcome(Status.NOT_APPLICABLE, "no-page-at-all")


def _is_seen_by_name(pages: list[Page], view: View) -> bool:
    """Tell whether pages were asked for by an address alone that a name leads to: there they are compared by that name."""
    led = {(row.network, address) for row in view.table(NameAnswer) for address in (*row.v4, *row.v6)}
    return bool(pages) and all(not page.name and (page.network, page.address) in led for page in pages)


def unlooked(view: View, params: Prefixes) -> Outcome | None:
    """Say what was not looked at where no page was; None where every name and every port was asked."""
    if not unanswered_name(view) and not any(row.outcome in UNSEEN for row in view.table(ServicePort)):
        return None
    before = reach(view, params)
    return earlier(before) if before.status is Status.NOT_OBSERVED else outcome(Status.NOT_OBSERVED, "unasked")


def _of_page(url: str, pages: list[Page], row: PageParity | None, view: View, params: ParityParams) -> Outcome:
    four, six = (_best(page for page in pages if page.family == family) for family in (4, 6))
    redirected = of_redirects(url, four, six, row)
    if redirected is not None:
        return redirected
    if row is None or any(page is not None and page.outcome not in _SHOWS for page in (four, six)):
        return _of_one_side(url, four, six, view, params)
    return _compare(row, pages, view, params)


def _compare(row: PageParity, pages: list[Page], view: View, params: ParityParams) -> Outcome:
    url = shown(row.url, 80)
    if not row.same_redirects:
        return outcome(Status.NOT_SATISFIED, "redirect", url=url, hop=CONTENT)
    if not row.same_status:
        v4, v6 = str(row.status_v4), str(row.status_v6)
        return outcome(Status.NOT_SATISFIED, "status", url=url, v4=v4, v6=v6, hop=CONTENT)
    if 300 <= row.status_v4 < 400:
        return outcome(Status.SATISFIED, "same-redirect", url=url)
    if row.same_certificate:
        return _of_text(row, url, [], params)
    return _of_certificate(row, pages, view, params)


def _of_certificate(row: PageParity, pages: list[Page], view: View, params: ParityParams) -> Outcome:
    """Judge a page that shows another certificate over IPv6; whatever its text is comes first, unless that is fine."""
    url = shown(row.url, 80)
    ended = next((page.final_url for page in pages if page.family == 4 and page.outcome == "answered"), row.url)
    as_good = _is_as_good(row.network, ended, view.table(Certificate), view.day)
    if as_good is False:
        return outcome(Status.NOT_SATISFIED, "certificate", url=url, hop=CONTENT)
    text = _of_text(row, url, [Message("other-certificate", {"url": url})], params)
    if as_good is None and text.status is Status.SATISFIED:
        return outcome(Status.NEEDS_PERSON, "certificate-unseen", url=url)
    return text


def _of_text(row: PageParity, url: str, notices: list[Message], params: ParityParams) -> Outcome:
    titles = {"v4": shown(row.title_v4, 40) or "-", "v6": shown(row.title_v6, 40) or "-"}
    figures = {"across": str(row.across), "steady": str(row.steady) if row.steady >= 0 else "-"}
    alike = row.across >= params.alike
    if not alike and row.steady < params.telling:  # -1 too: nobody could read it twice
        if row.same_title and row.steady >= 0:
            return Outcome(Status.SATISFIED, Message("unsteady", {"url": url, **figures}), tuple(notices))
        return outcome(Status.NEEDS_PERSON, "cannot-tell", url=url, **titles, **figures)
    if not alike and row.across < row.steady - params.margin:
        return outcome(Status.NOT_SATISFIED, "other-content", url=url, hop=CONTENT, **titles, **figures)
    if not row.same_title:
        if not 0 <= row.steady < 1000:
            return outcome(Status.NEEDS_PERSON, "title", url=url, **titles, **figures)
        notices.append(Message("title-moves", {"url": url, **titles}))
    return Outcome(Status.SATISFIED, Message("same", {"url": url, **figures}), tuple(notices))


def _is_as_good(network: str, url: str, certificates: Iterable[Certificate], day: date) -> bool | None:
    """Tell whether another certificate over IPv6 is no worse than that over IPv4; None where one of them was not seen.

    Front ends that share a site often have one each. It is a fault only where a visitor over IPv6 is warned and the one
    over IPv4 is not: of another name, out of its days, or vouched for by nobody.
    """
    host, port = host_of(url), port_of(url)
    here = [one for one in certificates if (one.network, one.port, one.outcome) == (network, port, "ok")]
    own = [one for one in here if host in (one.name.lower().rstrip("."), one.address)]
    four, six = ([_faults(one, host, day) for one in own if one.family == family] for family in (4, 6))
    if not four or not six:
        return None
    return all(
        any(had) or not any(has) for had, has in zip(zip(*four, strict=True), zip(*six, strict=True), strict=True)
    )


def _faults(one: Certificate, host: str, day: date) -> tuple[bool, bool, bool]:
    names = {name.lower().rstrip(".") for name in one.names}
    parent = "*." + host.partition(".")[2]
    in_time = one.not_before[:10] <= day.isoformat() <= one.not_after[:10]
    return host not in names and parent not in names, not in_time, one.subject == one.issuer


def _of_one_side(url: str, four: Page | None, six: Page | None, view: View, params: Prefixes) -> Outcome:
    """Judge an address of the web that shows something over one family alone, or over neither."""
    args = {"url": shown(url, 80)}
    if six is not None and six.outcome in _SHOWS:
        if (four.outcome in _NOT_COME) if four is not None else _ipv4_is_unseen(six, view):
            return outcome(Status.NOT_OBSERVED, "ipv4-unseen", **args)
        if six.outcome == UNANSWERED:
            return outcome(Status.NOT_OBSERVED, "target-unseen", **args, target=shown(host_of(six.final_url), 80))
        if six.status >= ERROR:
            return outcome(Status.NOT_OBSERVED, "error-alone", **args, v6=str(six.status))
        return outcome(Status.SATISFIED, "ipv6-only", **args)
    if four is None or four.outcome not in _SHOWS:
        return outcome(Status.NOT_OBSERVED, "nothing-to-compare", **args)
    return _of_missing(args, four, six, view, params)


def _ipv4_is_unseen(six: Page, view: View) -> bool:
    """Tell whether a page of which none over IPv4 is known may still be there: its name or its port was not asked."""
    names = [row for row in view.table(NameAnswer) if row.name and (row.network, row.name) == (six.network, six.name)]
    if any(row.outcome not in KNOWN or 4 in row.unanswered for row in names):
        return True
    told = {
        row.address: row.outcome
        for row in view.table(ServicePort)
        if (row.network, row.name, row.port, row.family) == (six.network, six.name, six.port, 4)
    }
    may_be = {*UNSEEN, "open"} if six.name else {*UNSEEN}  # an address has a page of its own, under another URL
    return any(one in may_be for one in told.values()) or any(not set(row.v4) <= told.keys() for row in names)


def _of_missing(args: dict[str, str], four: Page, six: Page | None, view: View, params: Prefixes) -> Outcome:
    """Judge a page that is there over IPv4 and not over IPv6: where an earlier hop breaks, that hop is the finding."""
    if six is not None and six.outcome in ("no-route", "not-permitted"):
        return outcome(Status.NOT_OBSERVED, six.outcome, **args)
    before = reach(view, params, four)
    if before.status is not Status.SATISFIED:
        return earlier(before)
    if six is None or six.outcome == "failed":
        return outcome(Status.NOT_OBSERVED, "not-compared", **args)
    key = f"no-page-{six.outcome}" if six.outcome in _SAID else "no-page"
    return outcome(Status.NOT_SATISFIED, key, **args, hop=CONTENT)


def earlier(before: Outcome) -> Outcome:
    """Say that IPv6 does not get as far as content, and where it ends; or that nobody knows whether it does."""
    key, told = before.message.key, before.message.args
    if before.status is Status.NOT_SATISFIED:
        return outcome(Status.NOT_OBSERVED, "earlier", hop=told["hop"])
    if before.status is Status.NEEDS_PERSON:
        return outcome(Status.NOT_OBSERVED, "doubtful")
    if key in ("no-route", "not-permitted", "unanswered"):
        return outcome(Status.NOT_OBSERVED, key, url=told["name"])
    return outcome(Status.NOT_OBSERVED, "unasked")


def _best(pages: Iterable[Page]) -> Page | None:
    return min(pages, key=lambda page: page.outcome not in _SHOWS, default=None)
