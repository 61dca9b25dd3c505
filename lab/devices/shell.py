"""One session on a device: typing and echo, prompts, privilege, views, and the answers page by page."""

import contextlib
import hmac
import re
from collections.abc import Iterator

from lab.devices.journal import Visit
from lab.devices.vendors import VENDORS
from lab.devices.wire import Wire
from lab.devices.words import Found, Unclear, resolve
from lab.scenario.model import Device

_ENTER = "\r\n"
_RUBOUT = "\b\x7f"
_STOP = "q\x03"
_FILTERS = ("include *", "exclude *", "begin *", "no-more")
_INTO_FILES = ("redirect", "save", "tee", "append")
_ATTEMPTS = 3
_URGING = {
    "display": "Warning: The initial password poses security risks.\r\n"
    "The password needs to be changed. Change now? [Y/N]: ",
    "show": "Your password has expired and must be changed.\r\nEnter new password: ",
}


class Shell:
    """The command line of one device for one client."""

    def __init__(self, device: Device, wire: Wire, visit: Visit, user: str, height: int) -> None:
        """Begin a session; a terminal lower than the device's page gives a lower page, a higher one does not help."""
        self._device = device
        self._vendor = VENDORS[device.vendor]
        self._kinds = {**dict.fromkeys(device.extra, "read"), **self._vendor.commands()}
        self._wire = wire
        self._visit = visit
        self._user = user
        self._privileged = not device.enable
        self._page = min(device.page, height) if height else device.page
        self._views: list[str] = []
        self._line = ""
        self._shift = 0
        self._mode = "shell"

    @property
    def prompt(self) -> str:
        """What stands before the cursor now."""
        vendor = self._vendor
        form = vendor.privileged if self._privileged else vendor.user
        if self._views:
            form = vendor.inner if self._views[-1] else vendor.config
        return form.format(name=self._device.name, view=self._views[-1] if self._views else "")

    async def run(self, command: str | None) -> None:
        """Answer one command, or talk until the client leaves."""
        if command is not None:
            self._mode, self._page = "exec", 0
            for line in command.splitlines():
                await self._obey(line)
            return
        if self._device.banner:
            await self._show(self._device.banner)
        going = self._device.fault != "change-password" or await self._urge()
        while going:
            await self._wire.send("\r\n" + self.prompt)
            typed = await self._typed()
            going = typed is None or not typed.strip() or await self._obey(typed)

    async def _urge(self) -> bool:
        """Ask for a new password before the first prompt; whether the session goes on. What is typed is no reading."""
        await self._wire.send(f"\r\n{_URGING[self._vendor.reading]}")
        typed = await self._typed() or ""
        self._visit.tell("command", user=self._user, mode="login", text=typed, command="", kind="write")
        return typed.lower().startswith("n")

    async def _typed(self, *, echo: bool = True) -> str | None:
        """Take a line as it is typed; None when it was thrown away by Ctrl-C."""
        line = ""
        while (key := await self._wire.key()) not in _ENTER:
            if key == "\x03":
                return None
            if key == "\x1a":
                self._views.clear()
                return None
            if key in _RUBOUT or key == "\x15":
                gone = len(line) if key == "\x15" else min(1, len(line))
                line = line[: len(line) - gone]
                await self._wire.send("\b \b" * gone if echo else "")
            elif key.isprintable():
                line += key
                await self._wire.send(key if echo else "")
        await self._wire.send("\r\n")
        return line

    async def _obey(self, line: str) -> bool:
        """Do what a line says; False when it closes the session."""
        self._line = line.strip()
        self._shift = len(self.prompt) + len(line) - len(line.lstrip())
        asked, sign, tail = (part.strip() for part in _split(self._line))
        sought = re.sub(r"^do\s+", "", asked) if self._views else asked
        found = resolve(sought, self._kinds)
        kind = self._kinds[found.command] if isinstance(found, Found) else "unknown"
        if self._views and kind == "unknown":
            kind = "write"
        if kind == "read" and (sign == ">" or tail.split(" ")[0] in _INTO_FILES):
            kind = "write"
        command = found.command if isinstance(found, Found) else ""
        self._visit.tell("command", user=self._user, mode=self._mode, text=line, command=command, kind=kind)
        if isinstance(found, Found) and kind == "read":
            await self._answer(found, tail)
        elif kind == "write":
            await self._write(found, asked)
        elif isinstance(found, Found):
            return await self._session(found)
        else:
            await self._complain(found)
        return True

    def _guarded(self, command: str) -> bool:
        words = command.removesuffix(" *")
        return not self._privileged and any(words == one or words.startswith(one + " ") for one in self._vendor.guarded)

    async def _answer(self, found: Found, tail: str) -> None:
        if self._guarded(found.command):
            await self._deny()
            return
        text = self._device.extra.get(found.command)
        if text is None:
            text = self._vendor.answers[found.command](self._device, found.argument)
        if text is None:
            await self._complain(Unclear("unknown", len(self._line) - len(found.argument)))
            return
        if tail:
            how = resolve(tail, _FILTERS)
            if isinstance(how, Unclear):
                await self._complain(Unclear(how.why, self._line.find("|") + 1))
                return
            text = "".join(_filtered(text, how))
        await self._show(text, whole=False)

    async def _write(self, found: Found | Unclear, asked: str) -> None:
        command = found.command if isinstance(found, Found) else ""
        if self._guarded(command):
            await self._deny()
        elif command == self._vendor.configure and not self._views:
            self._views.append("")
        elif self._views and (entered := re.match(r"int\w*\s+(\S.*)", asked, re.IGNORECASE)):
            self._views[1:] = [entered[1].strip()]

    async def _session(self, found: Found) -> bool:
        vendor, command = self._vendor, found.command
        if command in vendor.leaving:
            if not self._views:
                return False
            self._views.pop()
        elif command in vendor.returning:
            self._views.clear()
        elif command in vendor.unpaged:
            self._page = self._page if self._device.fault == "pages-always" else 0
            await self._show(vendor.unpaged[command])
        elif command == "terminal length *":
            with contextlib.suppress(ValueError):
                self._page = int(found.argument)
        elif command == "disable":
            self._privileged = not self._device.enable
        elif command == vendor.raising and not self._privileged:
            await self._raise()
        return True

    async def _raise(self) -> None:
        for _ in range(_ATTEMPTS):
            await self._wire.send(self._vendor.asks)
            given = await self._typed(echo=False)
            if given is None:
                return
            self._privileged = hmac.compare_digest(given.encode(), self._device.enable.encode())
            self._visit.tell("enable", user=self._user, outcome="accepted" if self._privileged else "refused")
            if self._privileged:
                await self._show(self._vendor.raised)
                return
        await self._show(self._vendor.wrong)

    async def _complain(self, unclear: Unclear) -> None:
        form = {
            "unknown": self._vendor.unknown,
            "ambiguous": self._vendor.ambiguous,
            "incomplete": self._vendor.incomplete,
        }
        await self._show(form[unclear.why].format(caret=" " * (self._shift + unclear.offset) + "^", line=self._line))

    async def _deny(self) -> None:
        await self._show(self._vendor.denied.format(caret=" " * self._shift + "^", line=self._line))

    async def _show(self, text: str, *, whole: bool = True) -> None:
        """Print a text, stopping after each page; `whole` texts are short and never stop."""
        lines = text.removesuffix("\n").split("\n") if text else []
        if not whole:
            self._wire.answering(sum(len(line) + 2 for line in lines))
        left = self._page
        while lines:
            count = left if self._page and not whole else len(lines)
            shown, lines = lines[:count], lines[count:]
            await self._wire.send("".join(f"{line}\r\n" for line in shown))
            left = await self._more() if lines else 0
            if not left:
                return

    async def _more(self) -> int:
        """Wait for a key at the end of a page; how many lines it asks for, 0 to stop."""
        await self._wire.send(self._vendor.more)
        key = ""
        while key not in {" ", *_ENTER, *_STOP}:
            key = await self._wire.key()
        await self._wire.send(self._vendor.erase)
        return 0 if key in _STOP else self._page if key == " " else 1


def _split(line: str) -> tuple[str, str, str]:
    """Part a line at what says where its answer goes: `|` or `>`."""
    found = re.search(r"[|>]", line)
    return (line[: found.start()], found[0], line[found.end() :]) if found else (line, "", "")


def _filtered(text: str, how: Found) -> Iterator[str]:
    started = how.command == "no-more"
    for line in text.splitlines(keepends=True):
        has = how.argument in line
        started = started or (how.command.startswith("begin") and has)
        if started or (how.command.startswith("include") and has) or (how.command.startswith("exclude") and not has):
            yield line
