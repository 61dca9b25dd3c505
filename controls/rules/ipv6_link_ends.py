"""The rule on links of the extranet: both ends carry IPv6 beside IPv4, in one subnet, and are up."""

from dataclasses import replace

from controls.model import Outcome, outcome
from controls.rules.ipv6_addresses import Prefixes
from controls.rules.link_words import EXTRANET, between, names, withdrawn
from controls.topology.families import Carried, carried, usable
from controls.view import View
from xunyan.link_facts import LinkEnd
from xunyan.model import Asset, Status
from xunyan.names import shown

_WRONG = ("no-v6", "link-local", "unfit", "differing", "same-address")
_OUTSIDE = "internet"


def link_spared(_asset: Asset, view: View, _params: Prefixes) -> Outcome | None:
    """A filed link that is gone, or that is filed as one of the Internet or of a private network, is not the extranet's."""
    kind = view.filed("kind")
    if kind not in EXTRANET:
        return outcome(Status.NOT_APPLICABLE, "filed-elsewhere", kind=shown(kind))
    return withdrawn(view)


def link_dual_stack(_asset: Asset, view: View, params: Prefixes) -> Outcome:
    """Every end has an IPv6 address in use, all in one subnet, and is up. IPv6 alone is support too."""
    ends = view.table(LinkEnd)
    read = [one for one in ends if one.device]
    outside = [one for one in ends if one.kind == _OUTSIDE]
    if outside:
        return outcome(Status.NOT_APPLICABLE, "outside", link=between(ends), range=shown(outside[0].range) or "-")
    if any(one.shut for one in read):
        return outcome(Status.NOT_APPLICABLE, "shut", ends=names(one for one in read if one.shut))
    counted = [_counted(one, params) for one in ends]
    found = carried(counted)
    if found.fault in _WRONG:
        return _wrong(found, list(ends), view)
    if found.fault:
        return outcome(Status.NOT_OBSERVED, found.fault, ends=names(found.ends), link=between(ends))
    if carried(_supported(one, params) for one in counted).fault:
        return outcome(Status.NEEDS_PERSON, "unique-local", link=between(ends), addresses=_addresses(counted))
    key = "dual-stack" if found.state == "dual" else "ipv6-only"
    return outcome(Status.SATISFIED, key, link=between(ends), addresses=_addresses(counted))


def _counted(end: LinkEnd, params: Prefixes) -> LinkEnd:
    """Leave out the addresses that are no support: of transition, of test, site-local."""
    kept = tuple(one for one in end.v6 if params.is_support(_bare(one)) or params.is_for_person(_bare(one)))
    return replace(end, v6=kept, unfit_v6=tuple(one for one in end.unfit_v6 if one.partition(" ")[0] in kept))


def _supported(end: LinkEnd, params: Prefixes) -> LinkEnd:
    """Leave out what a person has to judge as well, so that the rest has to carry the link by itself."""
    kept = tuple(one for one in end.v6 if params.is_support(_bare(one)))
    return replace(end, v6=kept, unfit_v6=tuple(one for one in end.unfit_v6 if one.partition(" ")[0] in kept))


def _bare(address: str) -> str:
    return address.partition("/")[0]


def _addresses(ends: list[LinkEnd]) -> str:
    return ", ".join([usable(one)[0] for one in ends if usable(one)][:4])


def _wrong(found: Carried, ends: list[LinkEnd], view: View) -> Outcome:
    """Name the ends that IPv6 is missing or wrong at.

    A link in no filed range may be none of the extranet: where ranges of it are filed, or where the other end was not read.
    """
    args = {"ends": names(found.ends), "link": between(ends)}
    if found.state == "down" and found.fault in ("unfit", "link-local"):
        return outcome(Status.NOT_OBSERVED, "down", **args)
    read = [one for one in ends if one.device]
    strange = all(one.plan for one in read) or len(read) < len(ends)
    if not view.filed("kind") and strange and all(one.kind == "unknown" for one in read):
        return outcome(Status.NEEDS_PERSON, "place-unknown", **args)
    if found.fault in ("differing", "same-address", "unfit"):
        told = [address for one in read for address in (one.unfit_v6 if found.fault == "unfit" else one.v6)]
        return outcome(Status.NOT_SATISFIED, found.fault, **args, addresses=", ".join(told[:4]) or "-")
    transition = next((end for end in ends if end.device and end.v6 and end in _originals(found, ends)), None)
    if found.fault != "unfit" and transition is not None:
        return outcome(Status.NOT_SATISFIED, "transition", **args, addresses=", ".join(transition.v6[:4]))
    return outcome(Status.NOT_SATISFIED, found.fault, **args)


def _originals(found: Carried, ends: list[LinkEnd]) -> list[LinkEnd]:
    faulty = {(one.device, one.interface) for one in found.ends}
    return [one for one in ends if (one.device, one.interface) in faulty]
