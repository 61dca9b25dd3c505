"""The certificates that a system shows, over each address."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from functools import partial

from scanners.systems.asking import Grants, Limits, Refused, in_time
from scanners.systems.doors import Door
from scanners.systems.lines import NOT_PERMITTED, Line
from scanners.systems.pacing import Pace
from scanners.systems.reading_pages import Reading
from scanners.transports.knocking import greet

TLS_PORTS = (443, 8443)
"""Ports on which TLS is expected where nothing is filed."""

Place = tuple[object, object, object]
"""Address, name and port."""


async def certificates(
    opened: Sequence[Door], readings: Sequence[Reading], grants: Grants, pace: Pace, limits: Limits
) -> list[Line]:
    """Give what each door of TLS showed: from the page that was read there, else by a handshake of its own."""
    spoken = [one for one in readings if str(one.lines[0]["url"]).startswith("https:")]
    shown = {_place(one): one for one in spoken if one.certificate}
    places = {_place(one) for one in spoken}
    doors = [one for one in opened if one.port in TLS_PORTS or (one.address, one.name, one.port) in places]
    return list(await asyncio.gather(*(_certificate(one, shown, grants, pace, limits) for one in doors)))


def _place(reading: Reading) -> Place:
    first = reading.lines[0]
    return first["address"], first["name"], first["port"]


async def _certificate(door: Door, shown: Mapping[Place, Reading], grants: Grants, pace: Pace, limits: Limits) -> Line:
    line: Line = {
        "network": door.network, "name": door.name, "address": door.address, "family": door.family,
        "port": door.port, "outcome": "ok", "protocol": "", "certificate": "", "detail": "",
    }  # fmt: skip
    held = shown.get((door.address, door.name, door.port))
    if held is not None:
        return {**line, "protocol": held.protocol, "certificate": base64.b64encode(held.certificate).decode()}
    async with pace.turn(partial(door.permit, grants)) as permit:
        if isinstance(permit, Refused):
            return {**line, "outcome": NOT_PERMITTED, "detail": permit.detail}
        greeting = await greet(permit, door.name, limits.connect_seconds + limits.answer_seconds)
    in_time(greeting.outcome, greeting.detail)
    return {
        **line, "outcome": greeting.outcome, "protocol": greeting.protocol,
        "certificate": base64.b64encode(greeting.certificate).decode(), "detail": greeting.detail,
    }  # fmt: skip
