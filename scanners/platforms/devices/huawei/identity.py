"""What a Huawei VRP device is: product, software, serial number."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.rows import require, told
from xunyan.device_facts import Device, TimeServer

_SOFTWARE = re.compile(r"\s*VRP \(R\) software,? Version (\S+)(?: \((?:.+ )?(V\d+R\d+C\w+)\))?", re.IGNORECASE)
_UPTIME = re.compile(
    r"\s*(?:huawei|quidway)\s+(.+?)(?: (?:Terabit )?(?:Routing )?(?:Switch|Router))?\s+uptime is", re.IGNORECASE
)
_PATCH = re.compile(r"\s*Patch Version\s*:\s*(\S+)")
_ESN = re.compile(r"\s*ESN of [^:]+:\s*(\S+)")
_BARCODE = re.compile(r"\s*BarCode\s*=\s*(\S*)")
_MANUFACTURE = re.compile(r"\s*\S+\s+\S+\s+(\S+)\s+\d{4}-\d\d-\d\d\s*")
_SOURCE = re.compile(r"\s*clock source\s*:\s*(\S+)", re.IGNORECASE)


def read_version(lines: Sequence[Line]) -> list[Found]:
    """Read `display version`: the product, and its V…R…C… version (VRP's own where that is missing) with the patch."""
    for line in shown(lines):
        if software := _SOFTWARE.match(line.text):
            product, patch = told(lines, _UPTIME), told(lines, _PATCH)
            version = " ".join(filter(None, (software[2] or software[1], patch[1] if patch else "")))
            last = next((one.number for one in lines if _UPTIME.match(one.text)), line.number)
            fact = Device("huawei", product[1].strip() if product else "", version)
            return [Found(fact, line.number, max(line.number, last))]
    raise NotReadError(next(shown(lines)), "the version of VRP")


def read_esn(lines: Sequence[Line]) -> list[Found]:
    """Read `display esn`: the serial number of the device, the first of several frames."""
    return _serial(lines, _ESN, "an ESN")


def read_elabel(lines: Sequence[Line]) -> list[Found]:
    """Read `display elabel`: the first bar code is the chassis's or the only board's."""
    return _serial(lines, _BARCODE, "a bar code")


def read_manufacture(lines: Sequence[Line]) -> list[Found]:
    """Read `display device manufacture-info`: the serial number in its first row."""
    return _serial(lines, _MANUFACTURE, "a serial number with its day")


def _serial(lines: Sequence[Line], pattern: re.Pattern[str], what: str) -> list[Found]:
    found = [
        Found(Device("huawei", serial=match[1]), line.number, line.number)
        for line in lines
        if (match := pattern.match(line.text))
    ]
    return require(found[:1], lines, what)


def read_sessions(lines: Sequence[Line]) -> list[Found]:
    """Read `display ntp-service sessions`: each server that the clock was told to follow."""
    found = [
        Found(TimeServer(match[1]), line.number, line.number) for line in lines if (match := _SOURCE.match(line.text))
    ]
    return require(found, lines, "a source of time")
