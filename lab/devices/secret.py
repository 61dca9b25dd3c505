"""The secrets that configurations of the lab hold, so that a test can say that none of them came through."""

import hashlib
import string
from collections.abc import Mapping

from lab.scenario.model import Device

PURPOSES = (
    *("login", "enable", "snmp-read", "snmp-write", "snmp-user", "radius", "tacacs", "ntp", "bgp", "ospf", "isis"),
    *("keychain", "ike", "ppp"),
)
_BASE64 = string.ascii_letters + string.digits + "+/"
_ALPHABETS: Mapping[str, str] = {
    "huawei": string.ascii_letters + string.digits + "|,$%{!/-&'()*<>;:?@[]^_`~#\"\\",
    "h3c": _BASE64,
    "ruijie": "0123456789abcdef",
    "zte": _BASE64,
    "cisco": "0123456789ABCDEF",
}


def secret(device: Device, purpose: str) -> str:
    """The cipher text, key or community for one purpose: the same each time, in the letters that the vendor writes."""
    letters = _ALPHABETS[device.vendor]
    digest = hashlib.sha512(f"{device.name}\0{purpose}".encode()).digest()
    return "".join(letters[byte % len(letters)] for byte in digest[:32])


def community(device: Device) -> str:
    """An SNMP community that stands in the configuration as plain text."""
    return "lab-" + hashlib.sha512(f"{device.name}\0community".encode()).hexdigest()[:10]


def secrets_of(device: Device) -> list[str]:
    """All that must never leave the device unmasked."""
    return [*(secret(device, purpose) for purpose in PURPOSES), community(device)]
