"""How the command lines of the vendors behave: prompts, paging, privilege, errors, and which module writes the answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.devices import cisco, h3c, huawei, ruijie, zte
from lab.devices.facts import Answer

_BACK = "\b"
_THIS_SESSION = "Info: Paging is off for this session alone."


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's command line.

    `reading` begins all commands of `answers`. `user`, `privileged`, `config` and `inner` are prompts, with {name} and
    {view} to be filled in. `more` is what a full page ends with and `erase` what wipes it off after a key. `unpaged`
    switches paging off for the session, and maps to what is said then. `raising` asks for a password by `asks` and lifts
    the privilege; until then what begins with `guarded` is answered by `denied`. `leaving` goes up a view or closes the
    session, `returning` goes up all views. `session` changes nothing but the session itself; what begins with a word of
    `writing` changes the device.
    """

    answers: Mapping[str, Answer]
    reading: str
    user: str
    privileged: str
    config: str
    inner: str
    more: str
    erase: str
    unpaged: Mapping[str, str]
    raising: str
    asks: str
    raised: str
    wrong: str
    guarded: tuple[str, ...]
    denied: str
    configure: str
    leaving: tuple[str, ...]
    returning: tuple[str, ...]
    session: tuple[str, ...]
    writing: tuple[str, ...]
    unknown: str
    ambiguous: str
    incomplete: str

    def commands(self) -> Mapping[str, str]:
        """All that is understood outside of configuration, with its kind: read, session or write."""
        found = dict.fromkeys(self.answers, "read")
        found |= dict.fromkeys((*self.unpaged, *self.session, *self.leaving, *self.returning, self.raising), "session")
        found |= dict.fromkeys((self.configure, *self.writing, *(f"{word} *" for word in self.writing)), "write")
        return found


_CONFIG_OF_HUAWEI = ("display current-configuration", "display saved-configuration")
_CONFIG_OF_OTHERS = ("show running-config", "show startup-config")
_WRITING_OF_HUAWEI = (
    *("save", "reset", "reboot", "delete", "format", "copy", "move", "rename", "undo", "startup", "debugging", "clear"),
    *("ftp", "tftp", "telnet", "clock", "schedule", "patch", "mkdir", "rmdir", "restore", "erase", "install"),
)
_WRITING_OF_OTHERS = (
    *("write", "copy", "reload", "clear", "delete", "erase", "debug", "undebug", "format", "rename", "clock", "no"),
    *("telnet", "upgrade", "mkdir", "rmdir", "archive", "reset", "reboot", "cd", "boot", "set"),
)
_CARET_OF_HUAWEI = {
    "unknown": "{caret}\nError: Unrecognized command found at '^' position.",
    "ambiguous": "{caret}\nError: Ambiguous command found at '^' position.",
    "incomplete": "{caret}\nError: Incomplete command found at '^' position.",
}
_CARET_OF_H3C = {
    "unknown": "{caret}\n % Unrecognized command found at '^' position.",
    "ambiguous": "{caret}\n % Ambiguous command found at '^' position.",
    "incomplete": "{caret}\n % Incomplete command found at '^' position.",
}
_CARET_OF_CISCO = {
    "unknown": "{caret}\n% Invalid input detected at '^' marker.\n",
    "ambiguous": '% Ambiguous command:  "{line}"',
    "incomplete": "% Incomplete command.\n",
}
_CARET_OF_ZTE = {
    "unknown": "{caret}\n%Error 140303: Invalid input detected at '^' marker.",
    "ambiguous": "{caret}\n%Error 140301: Ambiguous command.",
    "incomplete": "%Error 140302: Incomplete command.",
}
_ENABLING = {"raising": "enable", "raised": "", "configure": "configure terminal"}
_SHOWN = {"reading": "show", "user": "{name}>", "privileged": "{name}#", "config": "{name}(config)#"}
_DISPLAYED = {
    "reading": "display",
    "user": "<{name}>",
    "privileged": "<{name}>",
    "config": "[{name}]",
    "inner": "[{name}-{view}]",
}

VENDORS: Mapping[str, Vendor] = {
    "huawei": Vendor(
        answers=huawei.ANSWERS,
        **_DISPLAYED,
        more="  ---- More ----",
        erase="\x1b[42D" + " " * 42 + "\x1b[42D",
        unpaged={"screen-length 0 temporary": _THIS_SESSION},
        raising="super",
        asks="Password: ",
        raised="Now user privilege is level 15.",
        wrong="Error: The password is wrong.",
        guarded=(*_CONFIG_OF_HUAWEI, "system-view", *_WRITING_OF_HUAWEI),
        denied="Error: You do not have permission to run the command.",
        configure="system-view",
        leaving=("quit",),
        returning=("return",),
        session=("undo terminal monitor", "terminal monitor", "undo terminal logging"),
        writing=_WRITING_OF_HUAWEI,
        **_CARET_OF_HUAWEI,
    ),
    "h3c": Vendor(
        answers=h3c.ANSWERS,
        **_DISPLAYED,
        more="  ---- More ----",
        erase="\x1b[16D" + " " * 16 + "\x1b[16D",
        unpaged={"screen-length disable": ""},
        raising="super",
        asks="Password: ",
        raised="User privilege role is network-admin.",
        wrong=" Error: the password is wrong.",
        guarded=(*_CONFIG_OF_HUAWEI, "system-view", *_WRITING_OF_HUAWEI),
        denied="Permission denied.",
        configure="system-view",
        leaving=("quit",),
        returning=("return",),
        session=("undo terminal monitor", "terminal monitor", "undo terminal logging"),
        writing=_WRITING_OF_HUAWEI,
        **_CARET_OF_H3C,
    ),
    "ruijie": Vendor(
        answers=ruijie.ANSWERS,
        **_SHOWN,
        inner="{name}(config-if-{view})#",
        more=" --More-- ",
        erase=_BACK * 10 + " " * 10 + _BACK * 10,
        unpaged={"terminal length 0": ""},
        **_ENABLING,
        asks="Password:",
        wrong="% Access denied",
        guarded=(*_CONFIG_OF_OTHERS, "configure terminal", *_WRITING_OF_OTHERS),
        denied=_CARET_OF_CISCO["unknown"],
        leaving=("exit", "quit"),
        returning=("end",),
        session=("terminal width *", "terminal length *", "disable"),
        writing=_WRITING_OF_OTHERS,
        **_CARET_OF_CISCO,
    ),
    "zte": Vendor(
        answers=zte.ANSWERS,
        **_SHOWN,
        inner="{name}(config-if-{view})#",
        more=" --More--",
        erase="\r" + " " * 9 + "\r",
        unpaged={"terminal length 0": ""},
        **_ENABLING,
        asks="Password:",
        wrong="%Error 20209: Bad password.",
        guarded=(*_CONFIG_OF_OTHERS, "configure terminal", *_WRITING_OF_OTHERS),
        denied=_CARET_OF_ZTE["unknown"],
        leaving=("exit", "quit"),
        returning=("end",),
        session=("terminal width *", "terminal length *", "disable"),
        writing=_WRITING_OF_OTHERS,
        **_CARET_OF_ZTE,
    ),
    "cisco": Vendor(
        answers=cisco.ANSWERS,
        **_SHOWN,
        inner="{name}(config-if)#",
        more=" --More-- ",
        erase=_BACK * 9 + " " * 8 + _BACK * 9,
        unpaged={"terminal length 0": ""},
        **_ENABLING,
        asks="Password: ",
        wrong="% Bad secrets\n",
        guarded=(*_CONFIG_OF_OTHERS, "configure terminal", *_WRITING_OF_OTHERS),
        denied=_CARET_OF_CISCO["unknown"],
        leaving=("exit", "quit", "logout"),
        returning=("end",),
        session=("terminal width *", "terminal length *", "disable"),
        writing=_WRITING_OF_OTHERS,
        **_CARET_OF_CISCO,
    ),
}
