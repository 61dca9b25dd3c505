"""Rules on links: private lines, the core's two links, and the bandwidth of access links."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from controls.model import NoParams, Outcome, outcome
from controls.rules.link_words import EXTRANET, between, kbps_filed, listed, mbps, name_of, names, withdrawn
from controls.topology.ground import is_private
from controls.view import View
from xunyan.device_facts import UNSHOWN
from xunyan.link_facts import LinkEnd, LinkReach, ParallelLink
from xunyan.model import Asset, Status
from xunyan.names import shown
from xunyan.wording import Message

PRIVATE = "private-line"
CORE = "core"
ACCESS = "extranet"
_GROUND = ("extranet", "government-cloud", "machine-room", "rented-room", "shared-platform")


def line_settled(_asset: Asset, view: View, _params: NoParams) -> Outcome | None:
    """What is filed as the Internet's is judged as an egress; a filed private line is one, whether it was seen or not."""
    kind = view.filed("kind")
    if kind not in (*EXTRANET, PRIVATE):
        return outcome(Status.NOT_APPLICABLE, "internet-line", kind=shown(kind))
    gone = withdrawn(view)
    if gone is not None or (kind != PRIVATE and (not kind or view.has(LinkEnd))):
        return gone
    if kind != PRIVATE:
        return outcome(Status.NOT_APPLICABLE, "filed-extranet", kind=shown(kind))
    return _filed_private(view)


def _filed_private(view: View) -> Outcome:
    """A line that is filed as private is merged where all that is seen says so; an approval is for a person."""
    approval = view.filed("approval")
    if _is_merged(view):
        return outcome(
            Status.SATISFIED, "merged", link=between(view.table(LinkEnd)), where=_ranges(view.table(LinkEnd))
        )
    if approval:
        return outcome(Status.NEEDS_PERSON, "approved", approval=shown(approval, 60))
    return outcome(Status.NOT_SATISFIED, "filed-private", ends=_filed_ends(view))


def _filed_ends(view: View) -> str:
    return " — ".join(shown(one, 60) for one in (view.filed("from_end"), view.filed("to_end")) if one) or "-"


def _is_merged(view: View) -> bool:
    """Tell whether all that is seen of a line lies on the extranet's ground: both its ends, and whatever is behind it."""
    ends = view.table(LinkEnd)
    read = [one for one in ends if one.device]
    known = [one for one in ends if one.device or one.v4 or one.v6]
    grounded = all(one.kind in _GROUND for one in known) and all(row.kind in _GROUND for row in view.table(LinkReach))
    seen = bool(read) and all(one.up == "up" and one.routes_read for one in read)
    return seen and len(known) == len(ends) > 1 and grounded


def private_line(_asset: Asset, view: View, _params: NoParams) -> Outcome:
    """No link leads to private networks that are neither the extranet's nor the cloud's.

    It does for certain where ranges of the extranet are filed, neither the link nor what is reached over it lies in any, and
    its other end is no device of ours. Where less is known a person has to say; so where all that leads there are static routes
    in the open, since a unit's own firewall that was not read looks the same.
    """
    ends = view.table(LinkEnd)
    read = [one for one in ends if one.device]
    link = {"link": between(ends), "vrf": listed(shown(one.vrf) for one in read if one.vrf) or "-"}
    beyond = [row for row in view.table(LinkReach) if row.kind == "unknown" and row.private]
    planned = any(one.plan for one in read)
    foreign = len(read) < len(ends)
    off = all(one.kind == "unknown" for one in read)
    if beyond:
        if not planned:
            return outcome(Status.NOT_OBSERVED, "no-plan", **link)
        view.narrow(beyond)
        apart = any(one.vrf for one in read)
        if foreign and off and (apart or view.filed("kind") or any(row.protocol != "static" for row in beyond)):
            key = "hidden" if apart else "private"
            return outcome(Status.NOT_SATISFIED, key, **link, where=_reach(beyond))
        return outcome(Status.NEEDS_PERSON, "private-beyond", **link, where=_reach(beyond))
    peers = [one for one in ends if not one.device and one.known_by == "routing-peer" and _is_off(one)]
    if planned and off and peers:
        view.narrow([*read, *peers])
        return outcome(Status.NEEDS_PERSON, "peer-outside", **link, peers=names(peers))
    if planned and off:
        doubt = "unknown-vrf" if any(one.vrf for one in read) else "between-sites"
        if doubt == "unknown-vrf" or (not foreign and _is_apart(read)):
            return outcome(Status.NEEDS_PERSON, doubt, **link)
    return _no_private_line(ends, link)


def _is_off(end: LinkEnd) -> bool:
    return end.kind == "unknown" and any(is_private(one) for one in end.v4)


def _no_private_line(ends: Iterable[LinkEnd], link: Mapping[str, str]) -> Outcome:
    if any(one.kind == "internet" for one in ends):
        return outcome(Status.NOT_APPLICABLE, "internet-line", kind="internet")
    return outcome(Status.NOT_APPLICABLE, "extranet", **link)


def _is_apart(read: Iterable[LinkEnd]) -> bool:
    """Tell whether a link joins two units, or two sites of one."""
    ends = list(read)
    return any(len({name for one in ends if (name := getattr(one, what))}) > 1 for what in ("unit", "site"))


def _reach(rows: Iterable[LinkReach]) -> str:
    return listed(f"{shown(row.device)} {row.destination} → {row.next_hop} ({row.protocol})" for row in rows)


def _ranges(ends: Iterable[LinkEnd]) -> str:
    return listed(shown(one.range) for one in ends if one.range) or "-"


class CoreParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast a core link must be, in Mbps, and how many there must be; a duty of the profile that says it goes before."""

    core_mbps: int
    core_links: int


def core_spared(_asset: Asset, view: View, _params: CoreParams) -> Outcome | None:
    """Only what is filed as a core link is one."""
    gone = withdrawn(view)
    if gone is not None or view.filed("kind") == CORE:
        return gone
    if view.is_listed():
        return outcome(Status.NOT_APPLICABLE, "not-core", kind=shown(view.filed("kind")) or "-")
    view.table(LinkEnd)
    return outcome(Status.NOT_APPLICABLE, "not-filed")


def core_redundancy(_asset: Asset, view: View, params: CoreParams) -> Outcome:
    """Between the two ends there are as many links as asked, each fast enough by port, limit and filing, up, on ports of their own."""
    asks, many = view.figures.get("core_mbps", params.core_mbps), view.figures.get("core_links", params.core_links)
    rows = view.table(ParallelLink)
    filed = [one for one in rows if one.filed == CORE]
    args = {"asks": str(asks), "many": str(many), "links": _links(rows), "count": str(len(filed))}
    bad = [one for one in filed if one.up == "down" or _fails(one, asks * 1000)]
    good = [one for one in rows if one not in bad and one.up == "up" and not _open(one)]
    counted = _apart(one for one in good if one.filed)
    if len(counted) >= many:
        notices = (Message("others", {"links": _links(bad)}),) if bad else ()
        return Outcome(Status.SATISFIED, Message("redundant", args), notices)
    unsure = [one for one in filed if one not in bad and one not in good]
    if len(counted) + len(unsure) >= many:
        return outcome(Status.NOT_OBSERVED, "unseen", **{**args, "links": _links(unsure)})
    extra = [one for one in rows if not one.filed and one.up == "up" and one.kbps >= asks * 1000]
    if len(_apart((*good, *extra))) + len(unsure) >= many and extra:
        return outcome(Status.NEEDS_PERSON, "second-unfiled", **{**args, "links": _links(extra)})
    bundles = [one for one in good if one.filed and one.bundled]
    if bundles:
        return outcome(Status.NEEDS_PERSON, "bundled", **{**args, "links": _links(bundles)})
    if bad:
        down = [one for one in bad if one.up == "down"]
        key = "down" if down else "too-slow"
        view.narrow(down or bad)
        return outcome(Status.NOT_SATISFIED, key, **{**args, "links": _links(down or bad)})
    shared = len([one for one in good if one.filed]) >= many
    return outcome(Status.NOT_SATISFIED, "shared-port" if shared else "too-few", **args)


def _fails(one: ParallelLink, kbps: int) -> bool:
    known = (one.kbps, one.limit, kbps_filed(one.mbps))
    return any(UNSHOWN != figure < kbps for figure in known)


def _open(one: ParallelLink) -> bool:
    return UNSHOWN in (one.kbps, kbps_filed(one.mbps)) or not one.limits_read


def _apart(rows: Iterable[ParallelLink]) -> list[ParallelLink]:
    """Count links that share an interface, or a port below it, once."""
    used: set[str] = set()
    found = []
    for one in rows:
        held = {*one.interfaces, *one.ports}
        if not used & held:
            found.append(one)
        used |= held
    return found


def _links(rows: Iterable[ParallelLink]) -> str:
    return listed(_link(one) for one in rows)


def _link(one: ParallelLink) -> str:
    limit = f"/{mbps(one.limit)}" if one.limit != UNSHOWN else ""
    told = f"{mbps(kbps_filed(one.mbps)) if one.filed else '-'} / {mbps(one.kbps)}{limit} Mbps"
    return f"{shown(one.link.removeprefix('link:'), 80)}: {told} {one.up or '?'}"


class AccessParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast an access link must be, in Mbps; a duty of the profile that says it goes before."""

    access_mbps: int


def access_spared(_asset: Asset, view: View, _params: AccessParams) -> Outcome | None:
    """Only links by which a unit reaches the extranet are looked at: those filed so, and those seen between two units."""
    gone = withdrawn(view)
    if gone is not None:
        return gone
    if view.is_listed():
        kind = view.filed("kind")
        return None if kind == ACCESS else outcome(Status.NOT_APPLICABLE, "not-access", kind=shown(kind) or "-")
    ends = view.table(LinkEnd)
    read = [one for one in ends if one.device]
    crosses = len({one.unit for one in read}) > 1
    outside = any(not one.device and one.kind == ACCESS for one in ends)
    return None if crosses or outside else outcome(Status.NOT_APPLICABLE, "inner", link=between(ends))


def access_bandwidth(asset: Asset, view: View, params: AccessParams) -> Outcome:
    """What is filed, the port's speed and the traffic limits at both ends all reach the figure; the lowest counts."""
    asks = view.figures.get("access_mbps", params.access_mbps)
    ends = [one for one in view.table(LinkEnd) if one.device]
    written = view.filed("bandwidth")
    filed = kbps_filed(written) if written else UNSHOWN
    figures = _figures(ends, filed)
    told = {"asks": str(asks), "link": between(view.table(LinkEnd)), "figures": listed(_figure(one) for one in figures)}
    notices = _differing(figures, filed)
    low = [one for one in figures if one[1] < asks * 1000]
    if low:
        lowest = min(low, key=lambda one: one[1])
        key = {"ledger": "low-filed", "port": "low-port", "limit": "low-limit"}[lowest[0]]
        args = {**told, "lowest": mbps(lowest[1]), "where": lowest[2]}
        return Outcome(Status.NOT_SATISFIED, Message(key, args), notices)
    half = [one for one in ends if one.duplex == "half"]
    if half:
        args = {**told, "ends": listed(name_of(one) for one in half)}
        return Outcome(Status.NEEDS_PERSON, Message("half-duplex", args), notices)
    unseen = [one for one in ends if one.kbps == UNSHOWN or not one.limits_read]
    if unseen or not ends:
        return Outcome(Status.NOT_OBSERVED, Message("unseen", {**told, "ends": listed(map(name_of, unseen)) or "-"}))
    if any(one.up == "down" for one in ends):
        return Outcome(Status.NOT_OBSERVED, Message("down", told))
    doubt = ""
    if filed == UNSHOWN:
        doubt = "unclear" if written else "not-filed"
    elif _is_one_sided(asset, view.table(LinkEnd)):
        doubt = "one-end"
    if doubt:
        args = {**told, "filed": shown(written, 40) or "-", "ends": listed(map(name_of, ends))}
        return Outcome(Status.NEEDS_PERSON, Message(doubt, args), notices)
    return Outcome(Status.SATISFIED, Message("enough", told), notices)


def _is_one_sided(asset: Asset, ends: Sequence[LinkEnd]) -> bool:
    """Tell whether only one side of a link was read: an end is missing, or all that were read are on the other unit's side."""
    read = [one for one in ends if one.device]
    units = {one.unit for one in read}
    beside = len(units) == 1 and bool(asset.unit) and asset.unit not in units
    return len(read) < len(ends) or len({one.device for one in read}) == 1 or beside


Figure = tuple[str, int, str]
"""What a figure is of (ledger, port, limit), kbit/s, and where it stands."""


def _figures(ends: list[LinkEnd], filed: int) -> list[Figure]:
    found: list[Figure] = [("ledger", filed, "-")] if filed != UNSHOWN else []
    found += [("port", one.kbps, name_of(one)) for one in ends if one.kbps != UNSHOWN and one.up != "down"]
    for one in ends:
        for direction, limit in (("in", one.limit_in), ("out", one.limit_out)):
            if limit != UNSHOWN:
                found.append(("limit", limit, f"{name_of(one)} {direction}"))
    return found


def _figure(one: Figure) -> str:
    return f"{one[0]} {mbps(one[1])}" + (f" ({one[2]})" if one[2] != "-" else "")


def _differing(figures: list[Figure], filed: int) -> tuple[Message, ...]:
    """What is seen and slower than filed is told: the unit pays for more than it has, or the row is old."""
    slower = [one for one in figures if one[0] != "ledger" and UNSHOWN != filed > one[1]]
    if not slower:
        return ()
    lowest = min(slower, key=lambda one: one[1])
    return (Message("differs", {"filed": mbps(filed), "seen": mbps(lowest[1]), "where": lowest[2]}),)
