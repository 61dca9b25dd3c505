"""Web addresses as pages write them: made absolute by RFC 3986, cleaned as browsers clean them, http and https alone."""

import re
from dataclasses import dataclass

from scanners.platforms.linux.notation import canonical
from scanners.platforms.systems.jsonl import LONGEST_NAME, LONGEST_URL

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_TO_STRIP = "".join(map(chr, range(0x21)))
_DROPPED = str.maketrans("", "", "\t\n\r")
_NOT_IN_HOST = re.compile(r"[\x00-\x20\x7f\"#%/:;<>?@\[\\\]^`{|}]")
_NUMBER = re.compile(r"(0[Xx][0-9A-Fa-f]*|[0-9]+)\Z")
_TO_ESCAPE = re.compile(r"[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]")
_PARAMETERS = re.compile(r";[^/]*")
_HERE = frozenset({".", "%2e"})
_UP = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})
_KNOWN_PORTS = {"http": "80", "https": "443"}
_LAST_PORT = 65535
_PORT = re.compile(r":([0-9]{1,5})\Z")


@dataclass(frozen=True, slots=True)
class Url:
    """An http or https address in parts. `authority`: host in lower case, with the port where it is not the scheme's own.

    `path` begins with `/`; `query` with `?`, or is empty. There is no user and no fragment.
    """

    scheme: str
    authority: str
    path: str
    query: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}{self.query}"

    @property
    def host(self) -> str:
        """The name or address, without brackets and without the last dot."""
        return _PORT.sub("", self.authority).strip("[]").rstrip(".")

    @property
    def port(self) -> int:
        """The port, the scheme's own where none stands there."""
        found = _PORT.search(self.authority)
        return int(found[1]) if found else int(_KNOWN_PORTS[self.scheme])


def absolute(text: str) -> Url | None:
    """Read an absolute address; None where it is not http or https, names a user, or has no host that can be asked."""
    return _resolved(None, text)


def resolve(base: str, reference: str) -> str:
    """Give what a reference on the page `base` leads to, without its fragment; empty where we cannot go there by HTTP.

    Neither do we where it names a user and password, or is longer than 2,048 characters.
    """
    found = _resolved(absolute(base), reference)
    text = "" if found is None else str(found)
    return text if len(text) <= LONGEST_URL else ""


def same_place(one: str, other: str) -> bool:
    """Tell whether two addresses name the same page of the same host, whatever their queries and session numbers."""
    first, second = absolute(one), absolute(other)
    if first is None or second is None:
        return one == other
    return _place(first) == _place(second)


def _place(url: Url) -> tuple[str, str, str]:
    return url.scheme, url.authority, _PARAMETERS.sub("", url.path)


def _resolved(base: Url | None, text: str) -> Url | None:
    if len(text) > LONGEST_URL * 2:
        return None
    text = text.strip(_TO_STRIP).translate(_DROPPED).partition("#")[0]
    scheme = base.scheme if base else ""
    if named := _SCHEME.match(text):
        scheme, text = named[1].lower(), text[named.end() :]
        if scheme not in _KNOWN_PORTS or not text.replace("\\", "/").startswith("//"):
            return None
    path, mark, query = text.partition("?")
    path, query = path.replace("\\", "/"), mark + _escaped(query)
    if path.startswith("//"):
        return _with_host(scheme, path[2:], query)
    if base is None:
        return None
    if not path:
        return Url(scheme, base.authority, base.path, query or base.query)
    if not path.startswith("/"):
        path = base.path[: base.path.rfind("/") + 1] + path
    return Url(scheme, base.authority, _walked(_escaped(path)), query)


def _with_host(scheme: str, rest: str, query: str) -> Url | None:
    host, slash, path = rest.partition("/")
    authority = _authority(scheme, host) if scheme else None
    return None if authority is None else Url(scheme, authority, _walked(_escaped(slash + path)), query)


def _authority(scheme: str, text: str) -> str | None:
    host, colon, port = text.rpartition(":")
    if not colon or "]" in port:
        host, port = text, ""
    if port and not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= _LAST_PORT):
        return None
    name = _bracketed(host) if host.startswith("[") else _host(host.lower())
    port = str(int(port)) if port else ""
    return name and (f"{name}:{port}" if port and port != _KNOWN_PORTS[scheme] else name)


def _bracketed(host: str) -> str | None:
    address = canonical(host[1:-1]) if host.endswith("]") else None
    return f"[{address}]" if address is not None and ":" in address else None


def _host(host: str) -> str | None:
    """Give a host name or IPv4 address. Numbers that some read as an address, such as 2130706433, are neither."""
    if not host or len(host) > LONGEST_NAME or _NOT_IN_HOST.search(host):
        return None
    return canonical(host) if _NUMBER.match(host.removesuffix(".").rpartition(".")[2]) else host


def _walked(path: str) -> str:
    """Follow the steps `.` and `..` of a path."""
    done: list[str] = []
    steps = path.split("/")[1:] or [""]
    for at, step in enumerate(steps, 1):
        dots = step.lower()
        if dots in _UP:
            del done[-1:]
        if dots not in _UP and dots not in _HERE:
            done.append(step)
        elif at == len(steps):
            done.append("")
    return "/" + "/".join(done)


def _escaped(text: str) -> str:
    """Write what may not stand in an address as bytes of UTF-8 in percent signs; what is so written already stays."""
    return _TO_ESCAPE.sub(lambda one: "".join(f"%{byte:02X}" for byte in one[0].encode("utf-8", "replace")), text)
