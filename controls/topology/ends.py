"""The ends of links as facts, each with the lines that say it."""

from collections.abc import Iterable
from typing import NamedTuple

from controls.topology.asked import is_configuration
from controls.topology.devices import Box, Held, texts
from controls.topology.ground import Ground
from controls.topology.links import Far, Link, Near
from controls.topology.ports import kind_of, parent_of
from controls.topology.sight import knows_routes
from xunyan.device_facts import UNSHOWN, DeviceInterface
from xunyan.link_facts import LinkEnd
from xunyan.model import Evidence

Proof = tuple[Evidence, ...]


class Proved(NamedTuple):
    """An end with what it rests on."""

    end: LinkEnd
    proof: Proof


def ends_of(link: Link, ground: Ground) -> list[Proved]:
    """Write down the ends of a link: those that were read, then the others."""
    holding = {held.text for near in link.near for held in near.box.held.get(near.interface, ())}
    read = [_near(near, holding, ground) for near in link.near]
    return [*read, *(_far(far, link, ground) for far in link.far)]


def _near(near: Near, holding: set[str], ground: Ground) -> Proved:
    box, interface = near.box, near.interface
    held = box.held.get(interface, [])
    wide = [one for one in held if one.fact.scope != "link"]
    ports = box.carriers(interface, _far_macs(near, holding))
    shown = [box.interfaces[one] for one in dict.fromkeys((*ports, interface)) if one in box.interfaces]
    limits = [limit for one in dict.fromkeys((interface, *ports)) for limit in box.limits.get(one, ())]
    place = ground.at(box.network, wide[0].text) if wide else None
    asset = box.subject.asset
    end = LinkEnd(
        device=asset.id,
        name=box.label,
        unit=asset.unit,
        interface=interface,
        network=asset.network,
        known_by="read",
        vrf=box.vrf(interface),
        v4=texts(one for one in wide if one.version == 4),
        v6=texts(one for one in wide if one.version == 6),
        unfit_v6=tuple(f"{one.shown} {one.unfit}" for one in wide if one.version == 6 and one.unfit),
        link_local=any(one.version == 6 and one.fact.scope == "link" for one in held),
        families=tuple(version for version in (4, 6) if _looked(box, wide, version)),
        up=state_of(box, interface),
        shut=interface in box.interfaces and box.interfaces[interface].admin == "down",
        ports=ports,
        kbps=_speed(box, interface, ports),
        duplex=_duplex(shown),
        limit_in=min((one.kbps for one in limits if one.direction == "in"), default=UNSHOWN),
        limit_out=min((one.kbps for one in limits if one.direction == "out"), default=UNSHOWN),
        limits_read=any(is_configuration(one.source) for one in box.evidence("traffic-limits")),
        kind=place.kind if place is not None else "unknown",
        range=place.range if place is not None else "",
        holder=place.holder if place is not None else "",
        plan=ground.is_planned(box.network, (4, 6)),
        site=asset.site,
        routes_read=knows_routes(box, box.vrf(interface)),
    )
    proof = [
        *(line for one in shown for line in box.cite("device-interfaces", one)),
        *(line for one in held for line in box.cite("interface-addresses", one.fact)),
        *(line for one in limits for line in box.cite("traffic-limits", one)),
        *(() if end.v6 else box.cite_look("interface-addresses", 6)),
        *(place.rows if place is not None else ()),
    ]
    return Proved(end, tuple(dict.fromkeys(proof)))


def _looked(box: Box, wide: Iterable[Held], version: int) -> bool:
    if any(one.version == version for one in wide):
        return True
    return box.sees_six if version == 6 else box.looked("interface-addresses", version)


def _far_macs(near: Near, holding: set[str]) -> list[str]:
    """The MACs at the other end: those of the addresses that it holds, or of all that are seen where it was not read."""
    rows = near.box.neighbors.get(near.interface, [])
    known = [row.mac for row in rows if row.mac and row.address in holding]
    return known or [row.mac for row in rows if row.mac]


def state_of(box: Box, interface: str) -> str:
    """Say whether an interface is up: `up`, `down`, or empty where that does not show.

    The protocol's state counts only where the interface has IPv4, since vendors call it down on one that has IPv6 alone.
    """
    found = box.interfaces.get(interface)
    if found is None:
        return ""
    protocol = found.protocol if box.wide(interface, 4) else ""
    if "down" in (found.admin, found.oper, protocol):
        return "down"
    return "up" if found.oper == "up" else ""


def _speed(box: Box, interface: str, ports: tuple[str, ...]) -> int:
    """The lowest speed of the ports; an interface of a VLAN or a tunnel has none that means anything."""
    known = [box.interfaces[one].kbps for one in ports if one in box.interfaces]
    if ports and len(known) == len(ports) and all(one > 0 for one in known):
        return min(known)
    own = box.interfaces.get(interface)
    fits = kind_of(interface) in ("port", "bundle") and ports in ((), (interface,), (parent_of(interface),))
    return own.kbps if own is not None and fits and own.kbps > 0 else UNSHOWN


def _duplex(shown: list[DeviceInterface]) -> str:
    """Half where any port is; the interface's own word for a VLAN says nothing."""
    told = [one.duplex for one in shown if one.duplex and kind_of(one.name) != "vlan"]
    if "half" in told:
        return "half"
    return told[0] if told and len(set(told)) == 1 else ""


def _far(far: Far, link: Link, ground: Ground) -> Proved:
    v4, v6 = far.shown_addresses(4), far.shown_addresses(6)
    address = next(iter((*v4, *v6)), "")
    near = link.near[0]
    place = ground.at(link.network, address) if address else None
    end = LinkEnd(
        device="",
        name=far.name,
        unit="",
        interface=far.interface,
        network=link.network,
        known_by=far.known_by,
        vrf=near.box.vrf(near.interface),
        v4=v4,
        v6=v6,
        kind=place.kind if place is not None else "unknown",
        range=place.range if place is not None else "",
        holder=place.holder if place is not None else "",
        plan=ground.is_planned(link.network, (4, 6)),
    )
    return Proved(end, (*far.proof, *(place.rows if place is not None else ())))
