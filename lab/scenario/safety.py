"""What of a scenario would reach the machine as a file's name, a login, a path or a number too large: it must stay in the lab."""

import posixpath
import re
from collections.abc import Iterator

from lab.scenario.model import Device, Host, Scenario
from lab.scenario.problem import Problem
from xunyan.wording import Text

MOST_HOSTS = 1000
_LOGIN = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_TOOL = re.compile(r"[A-Za-z0-9][\w.+-]{0,60}( [ -~]{1,200})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def safe(scenario: Scenario) -> Iterator[Problem]:
    """List what could leave the lab's own folder, forge a line of a file, or take the machine's memory. Pure."""
    if sum(host.count for host in scenario.hosts) > MOST_HOSTS:
        yield Problem("hosts", Text(f"主机超过 {MOST_HOSTS} 台", f"more than {MOST_HOSTS} hosts"))
    for key, text in (("name", scenario.name), ("title", scenario.title), ("title_en", scenario.title_en)):
        if _CONTROL.search(text):
            yield Problem(key, _NO_CONTROL)
    for network in scenario.networks:
        if not _is_file(network.name):
            yield Problem(f"networks ({network.name[:60]!r})", _NO_FILE)
    for ledger in scenario.ledgers:
        if not _is_file(ledger.file):
            yield Problem(f"ledgers ({ledger.file[:60]!r})", _NO_FILE)
    for host in scenario.hosts:
        yield from _logins(host, f"hosts ({host.name})")
        yield from _identity(host, f"hosts ({host.name})")
    for device in scenario.devices:
        yield from _logins(device, f"devices ({device.name})")


_NO_CONTROL = Text("不能含换行等控制字符", "must hold no line break or other control character")
_NO_FILE = Text(
    "要用作文件名：不能为空，不能含 / 和控制字符，最长60个字符",
    "becomes a file's name: not empty, no slash, no control character, 60 characters at most",
)


def _is_file(name: str) -> bool:
    return name not in ("", ".", "..") and len(name) <= 60 and "/" not in name and not _CONTROL.search(name)


def _logins(row: Host | Device, place: str) -> Iterator[Problem]:
    for login, password in row.users.items():
        if not _LOGIN.fullmatch(login):
            yield Problem(
                place,
                Text(
                    f"登录名 {login!r} 只能用小写字母、数字、下划线和连字符，字母开头",
                    f"the login {login!r} must be small letters, digits, _ and -, beginning with a letter",
                ),
            )
        if not password or _CONTROL.search(password):
            yield Problem(
                place,
                Text(
                    f"{login!r} 的口令为空，或含控制字符",
                    f"the password of {login!r} is empty or has a control character",
                ),
            )


def _identity(host: Host, place: str) -> Iterator[Problem]:
    for key in host.identity:
        if key.startswith("/"):
            plain = posixpath.normpath(key) + ("/" if key.endswith("/") else "")
            fits = key == plain and not key.startswith("//") and key != "/" and not _CONTROL.search(key)
        else:
            fits = _TOOL.fullmatch(key) is not None
        if not fits:
            yield Problem(
                place,
                Text(
                    f"identity 的 {key[:60]!r} 要写成完整路径（不含 ..），或工具名加参数开头",
                    f"identity: {key[:60]!r} must be a full path without .., or a tool with the beginning of its arguments",
                ),
            )
