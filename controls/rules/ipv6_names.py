"""Rules on the names of a system over IPv6: their AAAA records, and the name servers of their zones."""

from collections.abc import Mapping

from controls.model import Outcome, outcome
from controls.rules.ipv6_addresses import Prefixes
from controls.rules.standing import KNOWN, judged_elsewhere, out_of_scope, voice
from controls.rules.weighing import worst
from controls.view import View
from xunyan.facts import NameAnswer, NameServer, ServicePort
from xunyan.model import Asset, Status
from xunyan.names import shown
from xunyan.wording import Message

AAAA, SERVER = "DNS AAAA", "name server"
"""Hops on the way of IPv6 from a name to content, as messages name them."""
_TELLING = ("answered", "no-address")


def spared(_asset: Asset, view: View, _params: object) -> Outcome | None:
    """Out of scope, or judged with the filed system that it is."""
    return out_of_scope(view) or judged_elsewhere(view, ("same-page", "redirect"))


def silent(view: View) -> Outcome | None:
    """What was asked and answers nothing at all proves nothing of IPv6 either."""
    view.table(ServicePort)
    return outcome(Status.NOT_OBSERVED, "silent") if voice(view) in ("silent", "nothing") else None


class AaaaParams(Prefixes, frozen=True):
    """As Prefixes."""


def aaaa(_asset: Asset, view: View, params: AaaaParams) -> Outcome:
    """Every name of the system leads to a global IPv6 address. IPv6 alone is support too."""
    names = view.table(NameAnswer)
    if not names:
        view.table(ServicePort)
        return outcome(Status.NOT_APPLICABLE, "no-name")
    counted = [row for row in names if row.v4 or row.v6 or row.unanswered or row.outcome not in KNOWN]
    found = silent(view) or worst(_of_name(row, params) for row in counted)
    return found or outcome(Status.NOT_OBSERVED, "no-address", name=shown(names[0].name, 80))


def _of_name(row: NameAnswer, params: Prefixes) -> Outcome:
    name, six = shown(row.name, 80), ", ".join(row.v6[:3])
    if row.outcome not in KNOWN or (6 in row.unanswered and not row.v6):
        return outcome(Status.NOT_OBSERVED, "unanswered", name=name)
    match params.worth(row.v6):
        case "support":
            beside = [one for one in row.v6 if not params.is_support(one)]
            notices = (Message("beside", {"name": name, "address": beside[0]}),) if beside else ()
            key = "dual-stack" if row.v4 else "ipv4-unanswered" if 4 in row.unanswered else "ipv6-only"
            return Outcome(Status.SATISFIED, Message(key, {"name": name, "address": six}), notices)
        case "unique-local":
            return outcome(Status.NEEDS_PERSON, "unique-local", name=name, address=six, hop=AAAA)
        case "no-support":
            return outcome(Status.NOT_SATISFIED, "no-support", name=name, address=six, hop=AAAA)
        case _:
            return outcome(Status.NOT_SATISFIED, "no-aaaa", name=name, hop=AAAA)


class ChainParams(Prefixes, frozen=True):
    """As Prefixes; zones of at most `skip_labels` labels (the root, top-level domains) are others' to mend."""

    skip_labels: int


def name_server_chain(_asset: Asset, view: View, params: ChainParams) -> Outcome:
    """Every zone above the system's names has a name server that answers for it over IPv6 with authority."""
    zones: dict[str, list[NameServer]] = {}
    skipped: list[NameServer] = []
    for row in view.table(NameServer):
        zone = row.zone.lower().strip(".")
        if zone and zone.count(".") >= params.skip_labels:
            zones.setdefault(zone, []).append(row)
        else:
            skipped.append(row)
    if not zones:
        return _of_no_zone(skipped)
    gone = silent(view)
    if gone is not None:
        return gone
    judged = {zone: _of_zone(zone, rows, params) for zone, rows in zones.items()}
    own = _own_zones(zones)
    unasked = [zone for zone, one in judged.items() if zone not in own and _is_barred(one, zones[zone])]
    found = worst(one for zone, one in judged.items() if zone not in unasked)
    if found is None or found.status is not Status.SATISFIED:
        return found or outcome(Status.NOT_APPLICABLE, "no-zone")
    complete = ", ".join(shown(zone, 60) for zone in sorted(set(judged) - set(unasked))[:4])
    above = ", ".join(shown(zone, 60) for zone in sorted(unasked)[:4])
    notices = (Message("above-unasked", {"zones": above}),) if above else ()
    return Outcome(Status.SATISFIED, Message("complete", {"zones": complete}), notices)


def _of_no_zone(skipped: list[NameServer]) -> Outcome:
    """A name of which not even the zone could be learned is not one without a zone of its own."""
    lost = next((row for row in skipped if not row.server and row.outcome not in _TELLING), None)
    if lost is None:
        return outcome(Status.NOT_APPLICABLE, "no-zone")
    return outcome(Status.NOT_OBSERVED, "servers-unknown", zone=shown(lost.zone.strip("."), 80) or "-")


def _is_barred(judged: Outcome, rows: list[NameServer]) -> bool:
    """Tell whether a zone was left alone since no letter permits it, and for no other reason."""
    asked = {row.outcome for row in rows if row.family == 6}
    return judged.message.key == "not-permitted" and asked <= {"not-permitted", "no-address"}


def _own_zones(zones: Mapping[str, list[NameServer]]) -> set[str]:
    """Tell the zones that the system's names stand in themselves: those above are other people's to grant."""
    names = {name.lower().rstrip(".") for rows in zones.values() for row in rows for name in row.names}
    holding = ([zone for zone in zones if name == zone or name.endswith(f".{zone}")] for name in names)
    return {max(one, key=len) for one in holding if one} or set(zones)


def _of_zone(zone: str, rows: list[NameServer], params: ChainParams) -> Outcome:
    """Judge one zone. A row without a server says that there may be more to it than was seen."""
    named = [row for row in rows if row.server]
    found = _of_servers(zone, named, params)
    lost = next((row.outcome for row in rows if not row.server and row.outcome not in _TELLING), "")
    if not lost or found.status in (Status.NOT_SATISFIED, Status.NEEDS_PERSON):
        return found
    key = lost if lost in ("no-route", "not-permitted") else "servers-unknown"
    return outcome(Status.NOT_OBSERVED, key, zone=shown(zone, 80))


def _of_servers(zone: str, rows: list[NameServer], params: ChainParams) -> Outcome:
    over_six = [row for row in rows if row.family == 6]
    args = {"zone": shown(zone, 80), "hop": SERVER}
    good = [row for row in over_six if row.outcome == "answered" and row.authoritative]
    match params.worth(row.address for row in good):
        case "support":
            return outcome(Status.SATISFIED, "complete", zones=shown(zone, 80))
        case "unique-local":
            return outcome(Status.NEEDS_PERSON, "unique-local", server=_server(good[0]), **args)
    unseen = next((key for key in ("no-route", "not-permitted") if any(row.outcome == key for row in over_six)), "")
    if unseen or not over_six or not all(map(_was_asked, over_six)):
        return outcome(Status.NOT_OBSERVED, unseen or "not-asked", zone=shown(zone, 80))
    return _of_no_answer(over_six, good, args)


def _was_asked(row: NameServer) -> bool:
    """Tell whether something is known of a server over a family: what it answered, or that it has no address there."""
    return bool(row.address) or row.outcome == "no-address"


def _of_no_answer(rows: list[NameServer], good: list[NameServer], args: dict[str, str]) -> Outcome:
    """Say why no name server of a zone answers for it; one that answers at a translated address has none of its own."""
    lame = [row for row in rows if row.outcome == "refused" or (row.outcome == "answered" and not row.authoritative)]
    if lame:
        return outcome(Status.NOT_SATISFIED, "not-authoritative", server=_server(lame[0]), **args)
    mute = [row for row in rows if row.outcome != "no-address" and row not in good]
    if mute:
        return outcome(Status.NOT_SATISFIED, "no-answer", server=_server(mute[0]), **args)
    servers = ", ".join(sorted({shown(row.server, 60) for row in rows})[:4])
    return outcome(Status.NOT_SATISFIED, "no-address", server=servers, **args)


def _server(row: NameServer) -> str:
    return f"{shown(row.server, 60)} [{row.address}]"
