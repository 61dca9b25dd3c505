"""The tables that a device keeps for each of its VRFs: it names the VRFs first, then each table is asked for by name."""

from collections.abc import Mapping
from datetime import UTC, datetime

from scanners.platforms.devices.answers import refusal
from scanners.platforms.devices.commands import VRF_NAME, Vendor, beginning_of
from xunyan.device_facts import Vrf, is_no_vrf
from xunyan.model import Capture, Envelope

MOST_VRFS = 64
"""A device that names more is asked for the tables of these; of the others nobody says that they were read."""

LONGEST_LIST = 256 * 1024
"""In bytes. A longer list names no VRFs that somebody could have configured."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def list_of(vendor: Vendor) -> str:
    """Give the command that lists the VRFs."""
    return next(source for source, one in vendor.commands.items() if one.kinds == (Vrf,))


def source_of(vendor: Vendor, stem: str) -> str:
    """Give the command that a file with an answer is named by: `_` for a blank, but not in the name of a VRF."""
    for begin in vendor.vrf_tables:
        if stem.startswith(f"{begin.replace(' ', '_')}_"):
            return f"{begin} {stem[len(begin) + 1 :]}"
    return stem.replace("_", " ")


def following(vendor: Vendor, outputs: Mapping[str, tuple[bytes, int]]) -> tuple[str, ...]:
    """Give what to ask a device further, by what it answered: command -> text and exit."""
    source = list_of(vendor)
    body, code = outputs.get(source, (b"", 1))
    envelope = Envelope("-", "device", "-", "", "", "", "", source, source, _NEVER, "")
    return further(vendor, {source: Capture("", envelope, code, body, "", "")})


def further(vendor: Vendor, captures: Mapping[str, Capture]) -> tuple[str, ...]:
    """Give what is due from a device besides its platform's commands. A name that cannot be typed is passed over."""
    listed = captures.get(list_of(vendor))
    names = _names(vendor, listed) if listed is not None else None
    known = [name for name in dict.fromkeys(names or ()) if VRF_NAME.fullmatch(name) and not is_no_vrf(name)]
    return tuple(f"{begin} {name}" for name in known[:MOST_VRFS] for begin in vendor.vrf_tables)


def current(vendor: Vendor, captures: Mapping[str, Capture]) -> Mapping[str, Capture]:
    """Leave out tables of VRFs that the device does not name any more: where its list is newer than they are."""
    told = captures.get(list_of(vendor))
    tables = {source: one for source, one in captures.items() if beginning_of(source) in vendor.vrf_tables}
    names = _names(vendor, told) if tables and told is not None else None
    if told is None or names is None:
        return captures
    gone = {
        source
        for source, one in tables.items()
        if source.rpartition(" ")[2] not in names and one.envelope.taken_at < told.envelope.taken_at
    }
    return {source: one for source, one in captures.items() if source not in gone}


def _names(vendor: Vendor, listed: Capture) -> tuple[str, ...] | None:
    """Give the names of the VRFs in an answer; None where it is none, was cut or cannot be read."""
    if listed.exit not in (0, None) or listed.truncated or len(listed.body) > LONGEST_LIST or refusal(listed.text):
        return None
    found = vendor.read(listed)
    return None if isinstance(found, str) else tuple(one.fact.name for one in found if isinstance(one.fact, Vrf))
