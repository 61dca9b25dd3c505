"""Rules on what stands behind an information system: rooms that it still needs, and the shared platforms."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from controls.back_ends import CROWDED, UNREAD
from controls.model import Outcome, outcome
from controls.rules.standing import binding, is_filed, judged_elsewhere, not_bound, out_of_scope
from controls.rules.systems import CLOUD, not_filed, routes
from controls.view import View
from xunyan.facts import BackEnd, Place
from xunyan.model import Asset, Status
from xunyan.names import shown
from xunyan.wording import Message

_ROOMS = ("machine-room", "rented-room")
_FINE = (CLOUD, "shared-platform")
PLATFORM = "shared-platform"
_SHOWN = 3


class BackEndParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ports of administration and of network services, which say nothing of where a system's data lie; and the duties
    that bind new or upgraded systems alone.
    """

    not_back_ends: frozenset[int]
    only: dict[str, frozenset[str]] = {}


def room_spared(_asset: Asset, view: View, params: BackEndParams) -> Outcome | None:
    """What does not stand in the cloud itself is judged by where it stands."""
    spared = out_of_scope(view) or judged_elsewhere(view, ("same-page", "redirect")) or not_bound(view, params.only)
    if spared is not None:
        return spared
    places = view.table(Place)
    if places and not any(row.kind == CLOUD for row in places):
        return outcome(Status.NOT_APPLICABLE, "front-elsewhere", where=routes(places))
    return None


def without_private_room(_asset: Asset, view: View, params: BackEndParams) -> Outcome:
    """Nothing that the hosts of a system in the cloud connect to stands in a room."""
    view.table(Place)
    rows = [row for row in view.table(BackEnd) if row.port not in params.not_back_ends]
    return replace(_of_back_ends(view, rows), duties=binding(view, params.only))


def _of_back_ends(view: View, rows: list[BackEnd]) -> Outcome:
    in_rooms = [row for row in rows if row.kind in _ROOMS]
    certain = [row for row in in_rooms if not row.shared]
    if certain:
        return _led(view, Status.NOT_SATISFIED, "room-behind", certain)
    if in_rooms:
        return _led(view, Status.NEEDS_PERSON, "room-behind-shared", in_rooms)
    elsewhere = [row for row in rows if row.kind not in _FINE]
    if elsewhere:
        return _led(view, Status.NEEDS_PERSON, "elsewhere", elsewhere)
    return _of_good(view, rows)


def _of_good(view: View, rows: list[BackEnd]) -> Outcome:
    """Nothing that was seen is wrong; say whether all was seen."""
    unread = [one.detail.removeprefix(f"{UNREAD}: ") for one in view.unseen(BackEnd) if one.detail != CROWDED]
    if unread:
        return outcome(Status.NOT_OBSERVED, "partly-read", missing=", ".join(unread[:_SHOWN]), count=str(len(unread)))
    if view.unseen(BackEnd):
        return outcome(Status.NOT_OBSERVED, "crowded", where=ways(rows))
    if not rows:
        return outcome(Status.NOT_OBSERVED, "nothing-seen")
    return outcome(Status.SATISFIED, "cloud-behind", where=ways(rows), count=str(len(rows)))


def _led(view: View, status: Status, key: str, rows: list[BackEnd]) -> Outcome:
    view.narrow(rows)
    return outcome(status, key, where=ways(rows), connection=shown(" ".join(rows[0].shown.split()), 160) or "-")


def ways(rows: Iterable[BackEnd]) -> str:
    """Write the first few ways from a host to what it connects to, and the range that holds it."""
    told = list(dict.fromkeys(way(row) for row in rows))
    return "; ".join(told[:_SHOWN]) + (f"; … ({len(told)})" if len(told) > _SHOWN else "")


def way(row: BackEnd) -> str:
    """Write one way: host → address:port → range [holder]; `?` where no range holds it."""
    far = f"[{row.address}]:{row.port}" if ":" in row.address else f"{row.address}:{row.port}"
    held = f"{shown(row.range)} [{shown(row.holder)}]" if row.holder else shown(row.range) or "?"
    return f"{shown(row.host.removeprefix('host:'), 60)} → {far} → {held}"


class SharingParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people write into 数据共享共用情况 that a system is not connected: whole words, and parts of a sentence; and
    what says that it is, which makes an answer that also denies it one for a person.
    """

    denied: frozenset[str]
    denied_parts: tuple[str, ...]
    affirmed_parts: tuple[str, ...]


def sharing_spared(_asset: Asset, view: View, _params: SharingParams) -> Outcome | None:
    """Only of a filed system somebody says whether it shares."""
    return out_of_scope(view) if is_filed(view) else not_filed(view)


def shared_platform(_asset: Asset, view: View, params: SharingParams) -> Outcome:
    """The system's hosts connect to a shared platform; where that cannot be seen, what is filed decides what to ask."""
    filed = view.filed("sharing").strip()
    says = _says(filed, params)
    connected = [row for row in view.table(BackEnd) if row.kind == PLATFORM]
    own = [row for row in connected if not row.shared]
    words = shown(filed, 60) or "-"
    if own:
        view.narrow(own)
        notices = (Message("filed-otherwise", {"filed": words}),) if says == "denied" else ()
        return Outcome(Status.SATISFIED, Message("connected", {"where": ways(own)}), notices)
    if connected:
        return _led(view, Status.NEEDS_PERSON, "connected-shared", connected)
    if says in _FILED:
        status, key = _FILED[says]
        return outcome(status, key, filed=words)
    if view.has(BackEnd) and not view.unseen(BackEnd):
        return outcome(Status.NOT_SATISFIED, "nothing-filed")
    return outcome(Status.NOT_OBSERVED, "hosts-unread")


_FILED = {
    "denied": (Status.NOT_SATISFIED, "filed-not-connected"),
    "unclear": (Status.NEEDS_PERSON, "filed-unclear"),
    "affirmed": (Status.NEEDS_PERSON, "filed-connected"),
}


def _says(filed: str, params: SharingParams) -> str:
    if not filed:
        return "nothing"
    if filed.rstrip("。.；; ") in params.denied:
        return "denied"
    denies = any(part in filed for part in params.denied_parts)
    without = filed
    for part in params.denied_parts:
        without = without.replace(part, "")
    affirms = any(part in without for part in params.affirmed_parts)
    if denies:
        return "unclear" if affirms else "denied"
    return "affirmed"
