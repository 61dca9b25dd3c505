"""How the command lines of the vendors are met: prompts, what switches paging off for a session, raising, leaving."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """How one platform's command line is met.

    `prompt` is the whole last line while it waits for a command. `quiet` is typed first and changes this session alone;
    a device may refuse it. `raising` lifts the privilege and asks for a password; a prompt that ends in `raised` needs it
    no more, where a prompt tells. `leaving` ends the session.
    """

    prompt: re.Pattern[bytes]
    quiet: tuple[str, ...]
    raising: str
    leaving: str
    raised: bytes = b""


_DISPLAYING = re.compile(rb"(?:(?:HRP|RBM)_[A-Z])?<[^<>\s]{1,64}>")
_SHOWING = re.compile(rb"[^\s#><]{1,64}[#>]")

MANNERS: Mapping[str, Manner] = {
    "huawei_vrp": Manner(_DISPLAYING, ("screen-length 0 temporary",), "super", "quit"),
    "hp_comware": Manner(_DISPLAYING, ("screen-length disable",), "super", "quit"),
    "ruijie_os": Manner(_SHOWING, ("terminal length 0", "terminal width 256"), "enable", "exit", b"#"),
    "zte_zxros": Manner(_SHOWING, ("terminal length 0",), "enable", "exit", b"#"),
    "cisco_ios": Manner(_SHOWING, ("terminal length 0", "terminal width 511"), "enable", "exit", b"#"),
}
"""Platform -> its manner. None of these lines changes what is saved."""
