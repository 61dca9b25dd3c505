"""The host and the port in an address of the web, as far as rules need them. What others wrote is never followed here."""

import re

_AUTHORITY = re.compile(r"(https?)://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^:/?#]*)(?::(\d{1,5})(?=[/?#]|$))?", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """Give the host of an address of the web in lower case, empty where it is none."""
    found = _AUTHORITY.match(url)
    return found.group(2).strip("[]").lower().rstrip(".") if found is not None else ""


def port_of(url: str) -> int:
    """Give the port of an address of the web, that of its scheme where it names none, 0 where it is no such address."""
    found = _AUTHORITY.match(url)
    if found is None:
        return 0
    return int(found.group(3)) if found.group(3) else _PORTS[found.group(1).lower()]
