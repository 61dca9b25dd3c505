"""Rules on units: a way of its own to the Internet, and whether the extranet reaches it."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address, ip_network

import msgspec

from controls.model import Outcome, outcome
from controls.rules.link_words import listed
from controls.topology.ground import is_private
from controls.view import View
from xunyan.link_facts import UnitEgress, UnitLink
from xunyan.model import Asset, Status
from xunyan.names import shown
from xunyan.wording import Message

UNIFIED = "unified-egress"
_INSIDE = ("extranet", "inner", "unit")
_OF_EXTRANET = ("core", "extranet")
_SIGNS = ("default-route", "policy-route", "public-route", "nat", "public-address")
_TIED = ("up", "down")
_HINTS = ("policy-route", "public-route", "public-address")


class EgressParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prefixes that are not the Internet's although they are public by number, such as those that an extranet uses inside."""

    not_public: tuple[str, ...]

    def __post_init__(self) -> None:
        for prefix in self.not_public:
            try:
                ip_network(prefix)
            except ValueError as error:
                raise ValueError(f"{prefix}: {error}") from error

    def is_public(self, address: str) -> bool:
        """Tell whether an address is none of these."""
        read = ip_address(address)
        return not any(read in ip_network(prefix) for prefix in self.not_public)


def own_egress(asset: Asset, view: View, params: EgressParams) -> Outcome:
    """No device of the unit leads to the Internet but by the extranet. The unit of the unified egress is where all others do."""
    lines = view.table(UnitLink)
    own = [one for one in lines if one.of in ("", asset.name)]
    unified = [one for one in own if one.filed == UNIFIED]
    if unified:
        return outcome(Status.NOT_APPLICABLE, "unified", line=_lines(unified))
    rows = [one for one in view.table(UnitEgress) if one.sign != "public-address" or params.is_public(one.address)]
    out = [one for one in rows if not _is_fine(one)]
    inner = {one for one in out if _is_by_number(one) and not params.is_public(one.address)}
    filed = [one for one in own if one.filed == "internet"]
    if out:
        view.narrow(out)
        return _of_ways([replace(one, leads="unknown") if one in inner else one for one in out], filed)
    if filed:
        return outcome(Status.NEEDS_PERSON, "filed-unseen", line=_lines(filed), approval=_approvals(filed))
    unseen = view.unseen(UnitEgress)
    if unseen:
        return outcome(Status.NOT_OBSERVED, "routes-unseen", what=listed(shown(one.detail, 60) for one in unseen))
    return outcome(Status.SATISFIED, "none", unit=shown(asset.name), where=_ways(rows) or "-")


def _is_fine(one: UnitEgress) -> bool:
    return one.leads in _INSIDE or (one.leads == "line" and one.filed in (*_OF_EXTRANET, UNIFIED))


def _is_by_number(one: UnitEgress) -> bool:
    """Tell whether nothing but its number says that a next hop is the Internet's."""
    return one.leads == "internet" and bool(one.address) and one.where in ("", one.address)


def _of_ways(out: list[UnitEgress], filed: list[UnitLink]) -> Outcome:
    """A route or a translation outwards is wrong; what is filed of it, or a hint alone, a person has to look at.

    Where every filed Internet line is tied to an interface, a way out by another one is none of them. A hint is an address,
    a policy, or a route to a part of the Internet. Translation alone says no more where it leads to private addresses: to a private
    line it is as common.
    """
    routes = [one for one in out if one.sign not in _HINTS]
    lines = [one for one in routes if one.leads == "line"]
    translated = {(one.device, one.interface) for one in routes if one.sign == "nat"}
    apart = [one for one in routes if _is_apart(one) and (one.device, one.interface) not in translated]
    routed = {(one.device, one.interface) for one in routes if one.sign == "default-route"}
    apart += [one for one in routes if _is_lonely(one) and (one.device, one.interface) not in routed]
    certain = [one for one in routes if one.leads in ("internet", "outside") and one not in apart]
    if _is_filed(filed, lines) and not (certain and all(one.state in _TIED for one in filed)):
        said = [one.approval for one in filed if one.approval] or [one.approval for one in lines if one.approval]
        return outcome(Status.NEEDS_PERSON, "filed", where=_ways(out), approval=shown(said[0], 60) if said else "-")
    if certain:
        key = "internet" if any(one.leads == "internet" for one in certain) else "outside"
        return outcome(Status.NOT_SATISFIED, key, where=_ways(certain))
    if lines:
        return outcome(Status.NEEDS_PERSON, "other-line", where=_ways(lines))
    if apart:
        key = "in-vrf" if any(one.sign == "default-route" for one in apart) else "nat-alone"
        return outcome(Status.NEEDS_PERSON, key, where=_ways(apart))
    if routes:
        return outcome(Status.NEEDS_PERSON, "unknown", where=_ways(routes))
    signs = {one.sign for one in out}
    key = next(sign for sign in _HINTS if sign in signs)
    return outcome(Status.NEEDS_PERSON, key, where=_ways(out))


def _is_filed(filed: list[UnitLink], lines: list[UnitEgress]) -> bool:
    return bool(filed) or any(one.filed == "internet" for one in lines)


def _is_apart(one: UnitEgress) -> bool:
    """Tell whether a default route stays in a VRF and goes to a private address: as often a private line as an egress."""
    return bool(one.vrf) and one.leads == "outside" and (not one.address or is_private(one.address))


def _is_lonely(one: UnitEgress) -> bool:
    return one.sign == "nat" and one.leads == "outside"


def _ways(rows: Iterable[UnitEgress]) -> str:
    ordered = sorted(rows, key=lambda one: _SIGNS.index(one.sign))
    return listed(_way(one) for one in ordered)


def _way(one: UnitEgress) -> str:
    vrf = f" VRF {shown(one.vrf)}" if one.vrf else ""
    what = {"default-route": "→", "policy-route": "⇒", "public-route": "→", "nat": "NAT", "public-address": "="}[
        one.sign
    ]
    held = f" [{shown(one.where)}]" if one.where and one.where != one.address else ""
    return f"{shown(one.device)} {shown(one.interface)}{vrf} {what} {one.address}{held}".replace("  ", " ").strip()


class CoverageParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing can be set."""


def unit_coverage(asset: Asset, view: View, _params: CoverageParams) -> Outcome:
    """The unit has a link to the extranet that is filed, and that is seen to be up."""
    rows = view.table(UnitLink)
    core = [one for one in rows if one.filed == "core"]
    if core:
        return outcome(Status.NOT_APPLICABLE, "on-core", line=_lines(core))
    access = [one for one in rows if one.filed == "extranet"]
    good = [one for one in access if one.state == "up" and one.kind != "internet"]
    if good:
        view.narrow(good)
        return outcome(Status.SATISFIED, "covered", line=_lines(good))
    seen = [one for one in rows if not one.filed and (one.far or one.kind == "extranet")]
    alive = [one for one in seen if one.state == "up"]
    if access:
        return _of_access(view, access, alive)
    if alive:
        return outcome(Status.NEEDS_PERSON, "not-filed", line=_lines(alive))
    if seen or not rows:
        return outcome(Status.NEEDS_PERSON, "nothing-filed", unit=shown(asset.name))
    return outcome(Status.NEEDS_PERSON, "other-lines", line=_lines(rows))


def _of_access(view: View, access: list[UnitLink], alive: list[UnitLink]) -> Outcome:
    """None of the filed links was seen up: one that names no interface may be what was seen up at the unit's devices."""
    unnamed = [one for one in access if one.state == "unnamed"]
    if unnamed and alive:
        notice = Message("not-tied", {"line": _lines(unnamed)})
        return Outcome(Status.SATISFIED, Message("covered", {"line": _lines(alive)}), (notice,))
    strange = [one for one in access if one.state == "up"]
    if strange:
        return outcome(Status.NEEDS_PERSON, "elsewhere", line=_lines(strange))
    down = [one for one in access if one.state == "down"]
    if down and len(down) == len(access):
        view.narrow(down)
        return outcome(Status.NOT_SATISFIED, "down", line=_lines(down))
    rest = [one for one in access if one.state != "down"]
    return outcome(Status.NOT_OBSERVED, "unseen", line=_lines(rest))


def _lines(rows: Iterable[UnitLink]) -> str:
    return listed(_line(one) for one in rows)


def _line(one: UnitLink) -> str:
    ends = " ".join(shown(part, 60) for part in (one.device, one.interface) if part)
    name = shown(one.link.removeprefix("link:"), 80)
    return name if not ends or ends in name else f"{name} ({ends})"


def _approvals(rows: Iterable[UnitLink]) -> str:
    return listed(shown(one.approval, 60) for one in rows if one.approval) or "-"
