"""The rule that every port of a system that answers over IPv4 answers over IPv6, and the hop where it breaks."""

from collections.abc import Iterable
from dataclasses import dataclass

from controls.model import Outcome, outcome
from controls.rules.ipv6_addresses import Prefixes
from controls.rules.ipv6_names import AAAA, silent
from controls.rules.weighing import worst
from controls.view import View
from xunyan.facts import Certificate, NameAnswer, ServicePort
from xunyan.model import Asset, Status
from xunyan.names import shown

TCP, TLS = "TCP", "TLS"
HOPS = (AAAA, TCP, TLS)
_CLOSED = ("refused", "timeout", "unreachable")
_UNSEEN = ("no-route", "not-permitted")


class ServiceParams(Prefixes, frozen=True):
    """As Prefixes."""


@dataclass(frozen=True, slots=True)
class Door:
    """One name of a system, or its filed addresses together (`name` empty), with the addresses behind it."""

    network: str
    name: str
    v4: tuple[str, ...]
    v6: tuple[str, ...]
    unanswered: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Knocks:
    """What each port of each address answered, whatever name it was asked under."""

    outcomes: dict[tuple[str, str, int], str]

    def of(self, network: str, address: str, port: int) -> str:
        """Give the outcome at one port, `not-asked` where nobody knocked."""
        return self.outcomes.get((network, address, port), "not-asked")

    def opened(self, network: str, addresses: Iterable[str]) -> list[int]:
        """List the ports that are open at any of some addresses."""
        among = set(addresses)
        found = {
            port
            for (at, address, port), told in self.outcomes.items()
            if told == "open" and address in among and at == network
        }
        return sorted(found)


def reachable(_asset: Asset, view: View, params: ServiceParams) -> Outcome:
    """Every port that answers over IPv4 answers over IPv6, through TLS where IPv4 has it. IPv6 alone is support too."""
    return silent(view) or reach(view, params)


def reach(view: View, params: Prefixes) -> Outcome:
    """Say how far IPv6 gets to a system's ports: the first hop that breaks at any of its names decides."""
    knocks = Knocks({})
    for row in view.table(ServicePort):
        key = (row.network, row.address, row.port)
        if knocks.outcomes.get(key) != "open":
            knocks.outcomes[key] = row.outcome
    certificates = view.table(Certificate)
    found = [one for door in doors(view) if (one := _of_door(door, knocks, certificates, params)) is not None]
    broken = [one for one in found if one.status is Status.NOT_SATISFIED]
    if broken:
        return min(broken, key=lambda one: HOPS.index(one.message.args["hop"]))
    return worst(found) or outcome(Status.NOT_OBSERVED, "unasked")


def doors(view: View) -> list[Door]:
    """List a system's names that lead anywhere; without one, its filed addresses as if they were one name's."""
    names = [row for row in view.table(NameAnswer) if row.v4 or row.v6]
    if names:
        return [Door(row.network, row.name, row.v4, row.v6, row.unanswered) for row in names]
    rows = [row for row in view.table(ServicePort) if not row.name]
    by_network = {row.network: {one.address: one.family for one in rows if one.network == row.network} for row in rows}
    return [
        Door(
            network,
            "",
            tuple(address for address, family in families.items() if family == 4),
            tuple(address for address, family in families.items() if family == 6),
        )
        for network, families in by_network.items()
    ]


def _of_door(door: Door, knocks: Knocks, certificates: Iterable[Certificate], params: Prefixes) -> Outcome | None:
    """Follow IPv6 from name to TLS; None where nothing answers over either family."""
    four, six = knocks.opened(door.network, door.v4), knocks.opened(door.network, door.v6)
    good = [address for address in door.v6 if params.is_support(address)]
    name = shown(door.name, 80) or ", ".join((door.v4 or door.v6)[:2])
    if not four and not six:
        return _of_neither(door, knocks, name)
    if not good:
        return _of_no_address(door, name, params)
    if not four:
        ports = ", ".join(map(str, six))
        return outcome(Status.SATISFIED, "ipv6-only", name=name, address=good[0], ports=ports)
    for port in four:
        broken = _of_port(door, good, port, knocks)
        if broken is not None:
            return broken
    for port in four:
        failed = _failed_tls(door, good, port, certificates)
        if failed:
            return outcome(Status.NOT_SATISFIED, "no-tls", name=name, address=failed, port=str(port), hop=TLS)
    return outcome(Status.SATISFIED, "reachable", name=name, address=good[0], ports=", ".join(map(str, four)))


def _of_neither(door: Door, knocks: Knocks, name: str) -> Outcome | None:
    """A name that answers nowhere says nothing, unless the one family that it has could not be asked."""
    asked = {address: told for (at, address, _), told in knocks.outcomes.items() if at == door.network}
    found = next(((key, one) for key in _UNSEEN for one in door.v6 if not door.v4 and asked.get(one) == key), None)
    return outcome(Status.NOT_OBSERVED, found[0], name=name, address=found[1]) if found is not None else None


def _of_no_address(door: Door, name: str, params: Prefixes) -> Outcome:
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


def _of_port(door: Door, good: list[str], port: int, knocks: Knocks) -> Outcome | None:
    """Say what is wrong with one port over IPv6. Where not every IPv4 address has it open, one IPv6 address is enough."""
    told = {address: knocks.of(door.network, address, port) for address in good}
    whole = all(knocks.of(door.network, address, port) == "open" for address in door.v4)
    if all(one == "open" for one in told.values()) or (not whole and "open" in told.values()):
        return None
    name = shown(door.name, 80) or door.v4[0]
    closed = [address for address, one in told.items() if one in _CLOSED]
    if closed:
        key = told[closed[0]]
        return outcome(Status.NOT_SATISFIED, key, name=name, address=closed[0], port=str(port), hop=TCP)
    address = next(address for address, one in told.items() if one != "open")
    key = told[address] if told[address] in _UNSEEN else "unasked"
    return outcome(Status.NOT_OBSERVED, key, **({} if key == "unasked" else {"name": name, "address": address}))


def _failed_tls(door: Door, good: list[str], port: int, certificates: Iterable[Certificate]) -> str:
    """Give the IPv6 address at which no TLS comes about on a port that has it over IPv4; empty for none."""
    here = [row for row in certificates if row.network == door.network and row.port == port]
    if not any(row.address in door.v4 and row.outcome == "ok" for row in here):
        return ""
    done = {row.address for row in here if row.outcome == "ok"}
    tried = (row.address for row in here if row.outcome in ("failed", "timeout") and row.address in good)
    return next((address for address in tried if address not in done), "")
