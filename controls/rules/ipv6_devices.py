"""Rules on IPv6 at network devices: routing neighbours, and filters that IPv6 must not lead around."""

from collections.abc import Iterable

from controls.model import NoParams, Outcome, outcome
from controls.rules.link_words import listed
from controls.view import View
from xunyan.link_facts import FilterPair, RoutingTwin
from xunyan.model import Asset, Status
from xunyan.names import shown
from xunyan.wording import Message


def routing_dual_stack(_asset: Asset, view: View, _params: NoParams) -> Outcome:
    """Each neighbour over IPv4 has its twin over IPv6, up. One that is down over IPv4 too is no fault of IPv6."""
    rows = view.table(RoutingTwin)
    unseen = view.unseen(RoutingTwin)
    if not rows and not unseen:
        return outcome(Status.NOT_APPLICABLE, "no-routing")
    living = [one for one in rows if one.up]
    dead = [one for one in rows if not one.up]
    notices = (Message("v4-down", {"neighbors": _neighbors(dead), "count": str(len(dead))}),) if dead else ()
    if dead and not living:
        return Outcome(Status.NOT_OBSERVED, Message("all-down", {"neighbors": _neighbors(dead)}))
    for twin, status in _TWINS:
        found = [one for one in living if one.twin == twin]
        if found:
            key = f"static-{twin}" if found[0].protocol == "static" else twin
            view.narrow(found)
            args = {"neighbors": _neighbors(found), "count": str(len(found)), "of": str(len(living))}
            return Outcome(status, Message(key, args), notices)
    if unseen:
        what = listed(shown(one.detail, 60) for one in unseen)
        return Outcome(Status.NOT_OBSERVED, Message("protocols-unseen", {"what": what}), notices)
    key = "static-dual" if living[0].protocol == "static" else "dual"
    return Outcome(Status.SATISFIED, Message(key, {"neighbors": _neighbors(living), "of": str(len(living))}), notices)


_TWINS = (
    ("down", Status.NOT_SATISFIED),
    ("missing", Status.NOT_SATISFIED),
    ("unclear", Status.NEEDS_PERSON),
    ("unasked", Status.NOT_OBSERVED),
)


def _neighbors(rows: Iterable[RoutingTwin]) -> str:
    return listed(_neighbor(one) for one in rows)


def _neighbor(one: RoutingTwin) -> str:
    where = f" ({shown(one.interface)})" if one.interface and one.interface != one.neighbor else ""
    vrf = f" VRF {shown(one.vrf)}" if one.vrf else ""
    twin = f" → {shown(one.shown, 60)}" if one.shown else ""
    return f"{one.protocol} {shown(one.neighbor)}{where}{vrf}{twin}"


def acl_parity(_asset: Asset, view: View, _params: NoParams) -> Outcome:
    """Where IPv4 is filtered and IPv6 is there, IPv6 is filtered as well, and no more loosely as far as can be compared."""
    rows = [one for one in view.table(FilterPair) if one.six != "idle"]
    if not rows:
        return outcome(Status.NOT_APPLICABLE, "no-filters")
    active = [one for one in rows if one.active == "yes"]
    for six, status in _SIX:
        found = [one for one in active if one.six == six]
        if found:
            view.narrow(found)
            return outcome(status, six, filters=_filters(found), count=str(len(found)), of=str(len(active)))
    unknown = [one for one in rows if one.active == "unknown"]
    if unknown:
        return outcome(Status.NOT_OBSERVED, "activity-unknown", filters=_filters(unknown))
    if not active:
        return outcome(Status.NOT_APPLICABLE, "no-ipv6", filters=_filters(rows))
    return outcome(Status.SATISFIED, "matched", filters=_filters(active), of=str(len(active)))


_SIX = (
    ("missing", Status.NOT_SATISFIED),
    ("open", Status.NOT_SATISFIED),
    ("looser", Status.NEEDS_PERSON),
    ("unseen", Status.NEEDS_PERSON),
    ("unasked", Status.NOT_OBSERVED),
)


def _filters(rows: Iterable[FilterPair]) -> str:
    return listed(_filter(one) for one in rows)


def _filter(one: FilterPair) -> str:
    where = f"{shown(one.place, 60)} {one.direction}".strip()
    return f"{where}: {shown(one.v4)} / {shown(one.v6) or '-'}"
