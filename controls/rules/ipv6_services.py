"""The rule that every port of a system that answers over IPv4 answers over IPv6, and the hop where it breaks."""

from collections.abc import Iterable
from dataclasses import dataclass

from controls.model import Outcome, outcome
from controls.rules.ipv6_addresses import Prefixes
from controls.rules.ipv6_names import AAAA, silent
from controls.rules.standing import KNOWN, UNSEEN
from controls.rules.weighing import worst
from controls.view import View
from xunyan.facts import Certificate, NameAnswer, Page, ServicePort
from xunyan.model import Asset, Status
from xunyan.names import shown

TCP, TLS = "TCP", "TLS"
HOPS = (AAAA, TCP, TLS)
NOT_ASKED = "not-asked"
_CLOSED = ("refused", "timeout", "unreachable")
_TELLING = ("open", *_CLOSED, *UNSEEN)
"""From what says most of a port to what says least."""


class ServiceParams(Prefixes, frozen=True):
    """As Prefixes."""


@dataclass(frozen=True, slots=True)
class Door:
    """One name of a system, or filed addresses together (`name` empty), with the addresses behind it.

    `unanswered`: the families of which nobody knows whether it has more.
    """

    network: str
    name: str
    v4: tuple[str, ...]
    v6: tuple[str, ...]
    unanswered: tuple[int, ...] = ()

    @property
    def shown(self) -> str:
        """What messages call it."""
        return shown(self.name, 80) or ", ".join((self.v4 or self.v6)[:2])

    def has(self, page: Page) -> bool:
        """Tell whether a page was asked for here."""
        here = page.name == self.name if page.name else page.address in (*self.v4, *self.v6)
        return here and page.network == self.network


@dataclass(frozen=True, slots=True)
class Knocks:
    """What each port of each address answered, whatever name it was asked under."""

    outcomes: dict[tuple[str, str, int], str]

    def of(self, network: str, address: str, port: int) -> str:
        """Give the outcome at one port, `not-asked` where nobody knocked."""
        return self.outcomes.get((network, address, port), NOT_ASKED)

    def at(self, network: str, address: str) -> dict[int, str]:
        """Give the outcome of every port of an address that somebody knocked at."""
        return {port: told for (net, one, port), told in self.outcomes.items() if (net, one) == (network, address)}

    def opened(self, network: str, addresses: Iterable[str]) -> list[int]:
        """List the ports that are open at any of some addresses."""
        among = set(addresses)
        found = {
            port
            for (at, address, port), told in self.outcomes.items()
            if told == "open" and address in among and at == network
        }
        return sorted(found)

    def unseen(self, network: str, addresses: Iterable[str]) -> tuple[str, str] | None:
        """Give the first address of which not every port was seen, and why; None where all were."""
        for address in addresses:
            told = set(self.at(network, address).values()) or {NOT_ASKED}
            why = next((key for key in (*UNSEEN, NOT_ASKED) if key in told), "")
            if why:
                return address, why
        return None


def reachable(_asset: Asset, view: View, params: ServiceParams) -> Outcome:
    """Every port that answers over IPv4 answers over IPv6, through TLS where IPv4 has it. IPv6 alone is support too."""
    return silent(view) or reach(view, params)


def reach(view: View, params: Prefixes, page: Page | None = None) -> Outcome:
    """Say how far IPv6 gets to a system's ports: the first hop that breaks at any of its names decides.

    `page`: only the name or address at which this page was asked for counts.
    """
    knocks = Knocks({})
    for row in view.table(ServicePort):
        key = (row.network, row.address, row.port)
        told = (knocks.outcomes.get(key, row.outcome), row.outcome)
        knocks.outcomes[key] = min(told, key=_TELLING.index)
    certificates = view.table(Certificate)
    asked = [door for door in doors(view) if page is None or door.has(page)]
    found = [one for door in asked if (one := _of_door(door, knocks, certificates, params)) is not None]
    broken = [one for one in found if one.status is Status.NOT_SATISFIED]
    if broken:
        return min(broken, key=lambda one: HOPS.index(one.message.args["hop"]))
    return worst(found) or outcome(Status.NOT_OBSERVED, "unasked")


def doors(view: View) -> list[Door]:
    """List a system's names that lead or may lead anywhere; and, as if they were one name's, filed addresses besides."""
    names = view.table(NameAnswer)
    found = [Door(row.network, row.name, row.v4, row.v6, _unanswered(row)) for row in names]
    led = {(row.network, address) for row in names for address in (*row.v4, *row.v6)}
    filed: dict[str, dict[str, int]] = {}
    for row in view.table(ServicePort):
        if not row.name and (row.network, row.address) not in led:
            filed.setdefault(row.network, {})[row.address] = row.family
    of_addresses = [
        Door(
            network,
            "",
            tuple(address for address, family in families.items() if family == 4),
            tuple(address for address, family in families.items() if family == 6),
        )
        for network, families in filed.items()
    ]
    return [door for door in found if door.v4 or door.v6 or door.unanswered] + of_addresses


def _unanswered(row: NameAnswer) -> tuple[int, ...]:
    return row.unanswered if row.outcome in KNOWN else (4, 6)


def _of_door(door: Door, knocks: Knocks, certificates: Iterable[Certificate], params: Prefixes) -> Outcome | None:
    """Follow IPv6 from name to TLS; None where nothing answers over either family, and all was asked."""
    four, six = knocks.opened(door.network, door.v4), knocks.opened(door.network, door.v6)
    good = [address for address in door.v6 if params.is_support(address)]
    found: Outcome | None
    if not four and not six:
        found = _of_unseen(door, knocks, (*door.v6, *door.v4))
    elif not good:
        found = _of_no_address(door, params)
    elif not four:
        found = _of_unseen(door, knocks, door.v4) or _of_six_alone(door, good, knocks, params)
    else:
        found = _of_both(door, good, four, knocks) or _of_tls(door, good, four, knocks, certificates)
    if door.unanswered and (found is None or found.status is Status.SATISFIED):
        return outcome(Status.NOT_OBSERVED, "unanswered", name=door.shown)
    return found


def _of_unseen(door: Door, knocks: Knocks, addresses: Iterable[str]) -> Outcome | None:
    """Say which of some addresses could not be asked; None where all were, even if nothing answers."""
    unseen = knocks.unseen(door.network, addresses)
    return _not_seen(door, *unseen) if unseen is not None else None


def _not_seen(door: Door, address: str, why: str) -> Outcome:
    if ":" not in address:
        return outcome(Status.NOT_OBSERVED, "ipv4-unseen", name=door.shown, address=address)
    if why == NOT_ASKED:
        return outcome(Status.NOT_OBSERVED, "unasked")
    return outcome(Status.NOT_OBSERVED, why, name=door.shown, address=address)


def _of_no_address(door: Door, params: Prefixes) -> Outcome:
    name = door.shown
    match params.worth(door.v6):
        case "unique-local":
            return outcome(Status.NEEDS_PERSON, "unique-local", name=name, address=door.v6[0], hop=AAAA)
        case "no-support":
            return outcome(Status.NOT_SATISFIED, "no-support", name=name, address=door.v6[0], hop=AAAA)
    if 6 in door.unanswered:
        return outcome(Status.NOT_OBSERVED, "unanswered", name=name)
    if not door.name:
        return outcome(Status.NEEDS_PERSON, "address-only", name=name, hop=AAAA)
    return outcome(Status.NOT_SATISFIED, "no-address", name=name, hop=AAAA)


def _of_six_alone(door: Door, good: list[str], knocks: Knocks, params: Prefixes) -> Outcome:
    """Judge a name that answers over IPv6 alone by those of its addresses that answer."""
    answering = [address for address in door.v6 if knocks.opened(door.network, (address,))]
    support = [address for address in answering if address in good]
    if support:
        ports = ", ".join(map(str, knocks.opened(door.network, support)))
        return outcome(Status.SATISFIED, "ipv6-only", name=door.shown, address=support[0], ports=ports)
    unseen = _of_unseen(door, knocks, good)
    if unseen is not None:
        return unseen
    local = next((address for address in answering if params.is_for_person(address)), "")
    if local:
        return outcome(Status.NEEDS_PERSON, "local-answers", name=door.shown, address=local, closed=good[0], hop=TCP)
    args = {"name": door.shown, "address": answering[0], "closed": good[0], "hop": TCP}
    return outcome(Status.NOT_SATISFIED, "no-support-answers", **args)


def _of_both(door: Door, good: list[str], four: list[int], knocks: Knocks) -> Outcome | None:
    """Say what is wrong with the ports over IPv6, or which of those over IPv4 nobody knows; None where nothing is."""
    found = [one for port in four if (one := _of_port(door, good, port, knocks)) is not None]
    if found:
        return worst(found)
    for address in door.v4:
        told = knocks.at(door.network, address)
        open_to_six = (all(knocks.of(door.network, one, port) == "open" for one in good) for port in told)
        doubtful = [one in UNSEEN and not fine for one, fine in zip(told.values(), open_to_six, strict=True)]
        if any(doubtful) or not told:
            return _not_seen(door, address, NOT_ASKED)
    return None


def _of_port(door: Door, good: list[str], port: int, knocks: Knocks) -> Outcome | None:
    """Say what is wrong with one port over IPv6. Where one IPv4 address has it shut, one IPv6 address is enough."""
    told = {address: knocks.of(door.network, address, port) for address in good}
    over_four = {address: knocks.of(door.network, address, port) for address in door.v4}
    some = "open" in told.values()
    if all(one == "open" for one in told.values()) or (some and any(one in _CLOSED for one in over_four.values())):
        return None
    unseen = next((address for address, one in over_four.items() if one != "open"), "")
    if some and unseen:
        return _not_seen(door, unseen, NOT_ASKED)
    name = shown(door.name, 80) or door.v4[0]
    closed = [address for address, one in told.items() if one in _CLOSED]
    if closed:
        key = told[closed[0]]
        return outcome(Status.NOT_SATISFIED, key, name=name, address=closed[0], port=str(port), hop=TCP)
    return _not_seen(door, *next((address, one) for address, one in told.items() if one != "open"))


def _of_tls(
    door: Door, good: list[str], four: list[int], knocks: Knocks, certificates: Iterable[Certificate]
) -> Outcome:
    kept = tuple(certificates)
    for port in four:
        failed = _failed_tls(door, good, port, kept)
        if failed:
            return outcome(Status.NOT_SATISFIED, "no-tls", name=door.shown, address=failed, port=str(port), hop=TLS)
    ports = ", ".join(map(str, four))
    answering = next(one for one in good if knocks.opened(door.network, (one,)))
    return outcome(Status.SATISFIED, "reachable", name=door.shown, address=answering, ports=ports)


def _failed_tls(door: Door, good: list[str], port: int, certificates: Iterable[Certificate]) -> str:
    """Give the IPv6 address at which no TLS comes about on a port that has it over IPv4; empty for none."""
    here = [row for row in certificates if row.network == door.network and row.port == port]
    if not any(row.address in door.v4 and row.outcome == "ok" for row in here):
        return ""
    done = {row.address for row in here if row.outcome == "ok"}
    tried = (row.address for row in here if row.outcome in ("failed", "timeout") and row.address in good)
    return next((address for address in tried if address not in done), "")
