"""The tables that a device keeps for each of its VRFs: it names the VRFs first, then each table is asked for by name."""

from collections.abc import Mapping
from datetime import UTC, datetime

from scanners.platforms.devices.answers import refusal
from scanners.platforms.devices.commands import VRF_NAME, Vendor, beginning_of
from xunyan.device_facts import Vrf
from xunyan.model import Capture, Envelope

MOST_VRFS = 32
"""A device that names more is asked for the tables of these; of the others nobody says that they were read."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def following(vendor: Vendor, outputs: Mapping[str, tuple[bytes, int]]) -> tuple[str, ...]:
    """Give what to ask a device further, by what it answered: command -> text and exit. A name that is none is passed over."""
    source = _list_of(vendor)
    body, code = outputs.get(source, (b"", 1))
    names = () if code else _names(vendor, _capture(source, body))
    known = [name for name in dict.fromkeys(names or ()) if VRF_NAME.fullmatch(name)]
    return tuple(f"{begin} {name}" for name in known[:MOST_VRFS] for begin in vendor.vrf_tables)


def current(vendor: Vendor, captures: Mapping[str, Capture]) -> Mapping[str, Capture]:
    """Leave out tables of VRFs that the device does not name any more: where its list is newer than they are."""
    told = captures.get(_list_of(vendor))
    tables = {source: one for source, one in captures.items() if beginning_of(source) in vendor.vrf_tables}
    if not tables or told is None or told.exit not in (0, None) or told.truncated:
        return captures
    names = _names(vendor, told)
    if names is None:
        return captures
    gone = {
        source
        for source, one in tables.items()
        if source.rpartition(" ")[2] not in names and one.envelope.taken_at < told.envelope.taken_at
    }
    return {source: one for source, one in captures.items() if source not in gone}


def _list_of(vendor: Vendor) -> str:
    """Give the command that lists the VRFs."""
    return next(source for source, one in vendor.commands.items() if one.kinds == (Vrf,))


def _names(vendor: Vendor, capture: Capture) -> tuple[str, ...] | None:
    """Give the names of the VRFs in an answer; None where it cannot be read."""
    if refusal(capture.text):
        return None
    found = vendor.read(capture)
    return None if isinstance(found, str) else tuple(one.fact.name for one in found if isinstance(one.fact, Vrf))


def _capture(source: str, body: bytes) -> Capture:
    return Capture("", Envelope("-", "device", "-", "", "", "", "", source, source, _NEVER, ""), 0, body, "", "")
