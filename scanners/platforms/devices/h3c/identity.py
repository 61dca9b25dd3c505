"""What an H3C Comware device is: product, release, serial number."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.rows import told
from xunyan.device_facts import Device, TimeServer

_SOFTWARE = re.compile(
    r"\s*(?:(?:H3C|HPE?|Hewlett\S*) )?Comware(?: \S+)? Software,? Version (\S+?),\s*(.+?)\s*$", re.IGNORECASE
)
_UPTIME = re.compile(r"\s*(?:H3C|HPE?|Hewlett\S*)\s+(.+?)\s+uptime is", re.IGNORECASE)
_LABEL = re.compile(r"\s*(DEVICE_NAME|DEVICE_SERIAL_NUMBER)\s*:\s*(.*?)\s*$")
_PARTS = re.compile(r"\s*(?:Fan|Power|PSU|Subslot|Transceiver)\b", re.IGNORECASE)
_SESSION = re.compile(r"\s*\[\d+\]\s*(\S+)\s+\S+\s+\d+\s.*")


def read_version(lines: Sequence[Line]) -> list[Found]:
    """Read `display version`: the product and its software, such as `7.1.070, Release 6607P20`."""
    for line in shown(lines):
        if software := _SOFTWARE.match(line.text):
            product = told(lines, _UPTIME)
            last = next((one.number for one in lines if _UPTIME.match(one.text)), line.number)
            fact = Device("h3c", product[1] if product else "", f"{software[1]}, {software[2]}")
            return [Found(fact, line.number, max(line.number, last))]
    raise NotReadError(next(shown(lines)), "the version of Comware")


def read_manufacture(lines: Sequence[Line]) -> list[Found]:
    """Read `display device manuinfo`: name and serial number of the chassis, or of the first board where it has none."""
    name = ""
    for line in shown(lines):
        if _PARTS.match(line.text):
            break
        match = _LABEL.fullmatch(line.text)
        if match and match[1] == "DEVICE_NAME":
            name = match[2]
        elif match:
            return [Found(Device("h3c", name, serial=match[2]), line.number, line.number)]
    raise NotReadError(next(shown(lines)), "a device with its serial number")


def read_sessions(lines: Sequence[Line]) -> list[Found]:
    """Read `display ntp-service sessions`: each server that the clock was told to follow."""
    found = [
        Found(TimeServer(match[1]), line.number, line.number)
        for line in lines
        if (match := _SESSION.fullmatch(line.text))
    ]
    if not found:
        raise NotReadError(next(shown(lines)), "a source of time")
    return found
