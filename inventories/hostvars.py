"""What the variables of an Ansible host say of an endpoint. Secrets are counted and left; what redirects is ignored."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from inventories.ansible import Listed
from inventories.classified import read_classified
from inventories.platforms import NETWORK_OS
from inventories.records import Problem, Record
from xunyan.names import shown
from xunyan.wording import Text

_OWN: Mapping[str, str] = {
    "xunyan_unit": "unit",
    "xunyan_site": "site",
    "xunyan_network": "network",
    "xunyan_credential": "credential",
    "xunyan_route": "route",
    "xunyan_carrier": "carrier",
    "xunyan_classified": "classified",
}
_SSH = frozenset({"ssh", "smart", "paramiko", "paramiko_ssh"})
_WINDOWS = frozenset({"winrm", "psrp"})
_DEVICES = frozenset({"network_cli"})
_SHARED: Mapping[str, tuple[str, ...]] = {
    "address": ("ansible_host", "ansible_{}_host"),
    "port": ("ansible_port", "ansible_{}_port"),
    "user": ("ansible_user", "ansible_{}_user"),
}
_SECRET = re.compile(r"ansible_\w*(pass|private_key|key_file|cert|token|secret)\w*")
_REDIRECTS = re.compile(
    r"ansible_(ssh_args|\w*_common_args|\w*_extra_args|ssh_executable|scp_executable|sftp_executable"
    r"|\w*proxy\w*|control_path|ssh_control_path)"
)
_ALIASES: Mapping[str, tuple[str, ...]] = {"winrm": ("winrm",), "psrp": ("psrp",)}
_FIRST = re.compile(r"\s*[\"']?([^\s\"'#=]+)")
_NAMED = 3

Wrong = list[tuple[str, Text]]


def records(path: Path, data: bytes, found: Listed, problems: list[Problem], notes: list[Text]) -> Iterator[Record]:
    """Read every host. Those that Ansible does not reach over SSH, WinRM or network_cli are left out, with a note."""
    file = shown(path.name, 120)
    lines = _lines(data)
    told = Counter[str]()
    named: dict[str, list[str]] = {"redirects": [], "elsewhere": []}
    for name, variables in found.hosts.items():
        line = lines.get(name, 0)
        place = Text(f"主机 {shown(name)}", f"host {shown(name)}")
        hidden = Text(f"第 {line} 行", f"line {line}") if line else _SOMEWHERE
        wrong: Wrong = []
        values, headings = _values(name, variables, wrong)
        elsewhere = values.pop("connection") not in _SSH | _WINDOWS | _DEVICES
        if not elsewhere and read_classified(values.get("classified", "")) is not None:
            problems += [Problem(place, variable, what) for variable, what in wrong]
        told["secret"] += any(_SECRET.fullmatch(variable) for variable in variables)
        if elsewhere:
            named["elsewhere"].append(shown(name))
        elif any(_REDIRECTS.fullmatch(variable) for variable in variables):
            named["redirects"].append(shown(name))
        origin = f"{file}:{line}" if line else file
        yield Record(values, headings, place, hidden, origin, left_out=elsewhere or bool(wrong))
    notes += [
        Text(zh.format(_listed(named[sort], "、", "等")), en.format(_listed(named[sort], ", ", " and more")))
        for sort, (zh, en) in _NAMED_NOTES.items()
        if named[sort]
    ]
    if told["secret"]:
        notes.append(Text(*(text.format(told["secret"]) for text in _SECRETS)))
    if found.closed:
        notes.append(Text(*(text.format(found.closed) for text in _CLOSED)))


def _values(name: str, variables: Mapping[str, Any], wrong: Wrong) -> tuple[dict[str, str], dict[str, str]]:
    """Pick what speaks of the endpoint: values by key, and the variable that each came from."""
    kind = _pick(("ansible_connection",), variables, wrong)[0].rpartition(".")[2].casefold() or "ssh"
    shell = _pick(("ansible_shell_type",), variables, wrong)[0].casefold()
    values = {"connection": kind, "asset": name, "address": name}
    values["platform"] = "windows" if kind in _WINDOWS or shell in ("powershell", "cmd") else "linux"
    headings: dict[str, str] = {"asset": "", "address": ""}
    if kind in _DEVICES:
        values["platform"] = _network_os(variables, wrong)
    aliases = _ALIASES.get(kind, ("ssh", "paramiko"))
    for key, patterns in _SHARED.items():
        spellings = tuple(dict.fromkeys(pattern.format(alias) for pattern in patterns for alias in aliases))
        value, variable = _pick(spellings, variables, wrong)
        if value:
            values[key], headings[key] = value, variable
    for variable in variables:
        if variable in _OWN:
            values[_OWN[variable]], headings[_OWN[variable]] = _pick((variable,), variables, wrong)
        elif variable.startswith("xunyan_"):
            wrong.append((variable, _unknown()))
    return values, headings


def _network_os(variables: Mapping[str, Any], wrong: Wrong) -> str:
    """Say which platform a network device is of: exactly as its variable says, or not at all."""
    given, _ = _pick(("ansible_network_os",), variables, wrong)
    platform = NETWORK_OS.get(given.casefold(), "")
    if not platform:
        wrong.append(("ansible_network_os", _no_platform(given)))
    return platform


def _pick(spellings: tuple[str, ...], variables: Mapping[str, Any], wrong: Wrong) -> tuple[str, str]:
    """Return the value that variables of one meaning agree on, and the first of them that is there."""
    given = {variable: variables[variable] for variable in spellings if variables.get(variable) is not None}
    texts: dict[str, str] = {}
    for variable, value in given.items():
        text = _text(value)
        if text is None:
            wrong.append(
                (variable, _CLOSED_VALUE if isinstance(value, dict) and "__ansible_vault" in value else _NO_TEXT)
            )
        else:
            texts[variable] = text
    if len(set(texts.values())) > 1:
        both = " / ".join(texts)
        wrong.append((both, _DIFFER))
    return next(((text, variable) for variable, text in texts.items()), ("", ""))


def _text(value: object) -> str | None:
    """Write a variable's value as text; None for what is none, as a list or what a vault closed."""
    if isinstance(value, dict) and isinstance(value.get("__ansible_unsafe"), str):
        return str(value["__ansible_unsafe"]).strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int | float) else None


def _lines(data: bytes) -> dict[str, int]:
    """Map each word that begins a line to its first line: where hosts stand that are written out."""
    found: dict[str, int] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        word = _FIRST.match(line)
        if word:
            found.setdefault(word[1], number)
            found.setdefault(word[1].rpartition(":")[0] or word[1], number)
    return found


def _listed(names: list[str], between: str, more: str) -> str:
    return between.join(names[:_NAMED]) + (more + f" {len(names)}" if len(names) > _NAMED else "")


def _no_platform(given: str) -> Text:
    known = ", ".join(NETWORK_OS)
    return Text(
        f"“{shown(given)}”不是能读的网络设备，可用：{known}" if given else f"没有写，可用：{known}",
        f"{shown(given)!r} is no device that can be read, use {known}" if given else f"is missing, use {known}",
    )


def _unknown() -> Text:
    return Text(f"不认识的变量，可用：{'、'.join(_OWN)}", f"unknown variable, use {', '.join(_OWN)}")


_SOMEWHERE = Text("某台主机（名称不在此显示）", "a host (its name is not shown here)")
_CLOSED_VALUE = Text("是Vault加密的值，解不开", "is closed by a vault")
_NO_TEXT = Text("不是一个值", "is not one value")
_DIFFER = Text("写了两个不同的值", "are two different values")
_NAMED_NOTES: Mapping[str, tuple[str, str]] = {
    "redirects": (
        "不采用改变SSH连接方式的变量（如 ProxyCommand、ProxyJump），跳板请在 xunyan.toml 的路由里设：{}",
        "variables that redirect SSH (ProxyCommand, ProxyJump) are ignored, set a route in xunyan.toml: {}",
    ),
    "elsewhere": (
        "不是经SSH、WinRM或network_cli连接的主机（ansible_connection），略过：{}",
        "hosts not reached over SSH, WinRM or network_cli (ansible_connection), left out: {}",
    ),
}
_SECRETS = (
    "{} 台主机的口令、密钥等没有读入，凭据请在 xunyan.toml 里设",
    "passwords and keys of {} hosts were not taken; set credentials in xunyan.toml",
)
_CLOSED = ("{} 个Vault加密的变量文件没有读", "{} files of variables closed by a vault were not read")
