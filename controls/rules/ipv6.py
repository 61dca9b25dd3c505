"""Rules on IPv6."""

from ipaddress import IPv6Network, ip_address, ip_network

import msgspec

from controls.model import Outcome, outcome
from controls.view import View
from xunyan.facts import Address, Ipv6Switch
from xunyan.model import Asset, Status


class EndpointParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prefixes that are no support (transition and translation), prefixes for a person, interfaces that do not count."""

    not_support: tuple[str, ...]
    for_person: tuple[str, ...]
    virtual_interfaces: tuple[str, ...]

    def __post_init__(self) -> None:
        for prefix in (*self.not_support, *self.for_person):
            ip_network(prefix)


def endpoint_address(_asset: Asset, view: View, params: EndpointParams) -> Outcome:
    """The endpoint holds a usable global IPv6 address on an interface of its own. IPv6 alone is support too."""
    own = [row for row in view.table(Address) if not row.interface.startswith(params.virtual_interfaces)]
    six = [row for row in own if row.family == 6]
    usable = [row for row in six if row.scope == "global" and row.usable and row.up]
    refused = tuple(IPv6Network(prefix) for prefix in params.not_support)
    unsure = tuple(IPv6Network(prefix) for prefix in params.for_person)
    real = [row for row in usable if not _within(row, refused)]
    good = [row for row in real if not _within(row, unsure)]
    if good:
        four = any(row.family == 4 and row.scope == "global" for row in own)
        return outcome(
            Status.SATISFIED,
            "dual-stack" if four else "ipv6-only",
            address=good[0].address,
            interface=good[0].interface,
        )
    if real:
        return outcome(Status.NEEDS_PERSON, "unique-local", address=real[0].address, interface=real[0].interface)
    off = [row.interface for row in view.table(Ipv6Switch) if row.disabled and row.interface not in ("lo", "default")]
    if off:
        return outcome(Status.NOT_SATISFIED, "disabled", interfaces=", ".join(off[:4]))
    if usable:
        return outcome(Status.NOT_SATISFIED, "transition", address=usable[0].address)
    if any(row.scope == "global" for row in six):
        return outcome(Status.NOT_SATISFIED, "not-usable", address=next(r.address for r in six if r.scope == "global"))
    return outcome(Status.NOT_SATISFIED, "link-local" if any(row.scope == "link" for row in six) else "none")


def _within(row: Address, networks: tuple[IPv6Network, ...]) -> bool:
    address = ip_address(row.address)
    return any(address in network for network in networks)
