"""Puts words of a scenario into the settings of servers so that they stay words; refuses those that cannot be put there."""

import ipaddress
import re
from collections.abc import Iterable, Sequence

from xunyan.errors import InputError
from xunyan.wording import Text

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def refused(text: str, where: str) -> InputError:
    """Make the error that says that these words cannot stand in the settings of a server."""
    return InputError(Text(f"写不进服务配置：{text!r}", f"cannot be written into the settings: {text!r}"), where=where)


def quoted(text: str, where: str, *, without: str = "") -> str:
    r"""Return `text` in double quotes, `"` and `\` escaped. Raises InputError for control characters and any of `without`."""
    if _CONTROL.search(text) or any(one in text for one in without):
        raise refused(text, where)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def host_name(text: str, where: str) -> str:
    """Return a host's or zone's name in ASCII and small letters, without the last dot. Raises InputError for anything else."""
    try:
        name = text.strip().removesuffix(".").lower().encode("idna").decode("ascii")
    except UnicodeError:
        raise refused(text, where) from None
    if len(name) > 250 or not _NAME.fullmatch(name):
        raise refused(text, where)
    return name


def of_families(addresses: Iterable[str], families: Sequence[int]) -> list[str]:
    """Return those addresses that are of one of the families (4, 6), in their order. Raises InputError for what is none."""
    return [address for address in addresses if family(address) in families]


def family(address: str) -> int:
    """Return 4 or 6. Raises InputError for what is no address."""
    try:
        return ipaddress.ip_address(address).version
    except ValueError:
        raise refused(address, "address") from None


def bracketed(address: str) -> str:
    """Return the address as it stands before a port."""
    return f"[{address}]" if family(address) == 6 else address
