"""Rules on IPv6."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from controls.model import Outcome, outcome
from controls.rules.ipv6_addresses import Prefixes
from controls.view import View
from xunyan.facts import Address, Ipv6Switch
from xunyan.model import Asset, Status

_PLAIN_PATTERN = re.compile(r"(\([a-z0-9]+\)\??|\[[a-z0-9-]+\]\{\d{1,2}\}|\\d[+*]?|[A-Za-z0-9_-]){0,40}(\.\*)?")
"""Patterns whose time to match grows with the name and no faster: they may come from a package of somebody else's."""


class EndpointParams(Prefixes, frozen=True):
    """As Prefixes; and interfaces that do not count.

    `virtual_interfaces` are regular expressions of whole names; `not_own_links` are kinds of link.
    """

    virtual_interfaces: tuple[str, ...]
    not_own_links: frozenset[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        for pattern in self.virtual_interfaces:
            if not _PLAIN_PATTERN.fullmatch(pattern):
                raise ValueError(
                    f"{pattern[:60]}: letters, \\d, [...]{{n}}, (...)? and a .* at the end are all that may stand here"
                )

    def is_own(self, interface: str, link: str = "") -> bool:
        """Tell whether an interface is the endpoint's own: none of containers, guests, tunnels, and not the loopback."""
        return link not in self.not_own_links and not re.fullmatch("|".join(self.virtual_interfaces), interface)


@dataclass(frozen=True, slots=True)
class Off:
    """What the kernel's switches say: `everywhere` that no interface of the endpoint has IPv6; `interfaces` that say so."""

    everywhere: bool
    interfaces: tuple[str, ...]


def endpoint_address(_asset: Asset, view: View, params: EndpointParams) -> Outcome:
    """The endpoint holds a usable global IPv6 address on an interface of its own. IPv6 alone is support too."""
    rows = view.table(Address)
    off = _off(view.table(Ipv6Switch), params)
    own = [row for row in rows if params.is_own(row.interface, row.link)]
    wide = [row for row in own if _is_wide(row)]
    live = [row for row in wide if row.usable and row.up]
    good = [row for row in live if params.is_support(row.address)]
    if good:
        return _of_good(good, off, four=any(row.family == 4 and row.scope == "global" for row in own))
    local = [row for row in live if params.is_for_person(row.address)]
    if local:
        return outcome(Status.NEEDS_PERSON, "unique-local", **_shown(local))
    if off.everywhere:
        return outcome(Status.NOT_SATISFIED, "disabled", interfaces=", ".join(off.interfaces[:4]))
    if live:
        return outcome(Status.NOT_SATISFIED, "transition", address=live[0].address)
    if wide:
        return outcome(Status.NOT_SATISFIED, "not-usable", address=wide[0].address)
    return _of_none(rows, own)


def _of_good(good: list[Address], off: Off, *, four: bool) -> Outcome:
    """Pass only an interface whose state shows and whose switch does not say the reverse."""
    agreed = [row for row in good if not {row.interface, "all"}.intersection(off.interfaces)]
    certain = [row for row in agreed if row.state_shown]
    if certain:
        return outcome(Status.SATISFIED, "dual-stack" if four else "ipv6-only", **_shown(certain))
    if agreed:
        return outcome(Status.NEEDS_PERSON, "state-unknown", **_shown(agreed))
    return outcome(Status.NEEDS_PERSON, "switch-contradicts", **_shown(good), switches=", ".join(off.interfaces[:4]))


def _of_none(rows: Iterable[Address], own: Iterable[Address]) -> Outcome:
    """Say what there is in place of a global address. An answer without so much as ::1 may have been asked for IPv4."""
    six = [row for row in rows if row.family == 6]
    if not six:
        return outcome(Status.NEEDS_PERSON, "no-ipv6-shown")
    elsewhere = [row for row in six if _is_wide(row)]
    if elsewhere:
        return outcome(Status.NOT_SATISFIED, "not-own", **_shown(elsewhere))
    local = any(row.family == 6 and row.scope == "link" for row in own)
    return outcome(Status.NOT_SATISFIED, "link-local" if local else "none")


def _off(switches: Iterable[Ipv6Switch], params: EndpointParams) -> Off:
    """Read the switches of the endpoint's own interfaces; that of `all` decides only where none of them is on."""
    counted = [row for row in switches if row.interface != "default" and params.is_own(row.interface)]
    off = tuple(row.interface for row in counted if row.disabled)
    on = any(not row.disabled for row in counted if row.interface != "all")
    return Off(bool(off) and not on, off)


def _is_wide(row: Address) -> bool:
    return row.family == 6 and row.scope in ("global", "site")


def _shown(rows: list[Address]) -> dict[str, str]:
    return {"address": rows[0].address, "interface": rows[0].interface}
