"""Says which commands, modules and libraries of a lab's programs are not on this machine, and which package brings each."""

import importlib.util
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lab.programs import Program

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Where a host's programs are looked for."""

SERVER_HEADER = "/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so"
"""What lets nginx give another name than its own in its answers."""

ECHO = "/usr/lib/nginx/modules/ngx_http_echo_module.so"
"""What lets nginx answer late."""

COMMANDS: Mapping[str, str] = {
    "nginx": "nginx-light",
    "unbound": "unbound",
    "snmpd": "snmpd",
    "ipmi_sim": "openipmi",
}
"""Command -> Debian package."""

LIBRARIES: Mapping[str, str] = {
    SERVER_HEADER: "libnginx-mod-http-headers-more-filter",
    ECHO: "libnginx-mod-http-echo",
}
"""File that settings may name -> Debian package."""

MODULES: Mapping[str, str] = {"sushy_tools.emulator.main": "sushy-tools"}
"""Python module -> package of the Python index, installed beside the lab itself."""


def place(command: str) -> str:
    """Return where the command is on this machine, or where it would be."""
    return shutil.which(command, path=PATH) or f"/usr/sbin/{command}"


def absent(programs: Iterable[Program]) -> list[tuple[str, str]]:
    """Return what is not there, each once, as (command, module or file; package that brings it)."""
    return sorted({found for program in programs for found in _absent(program)})


def _absent(program: Program) -> Iterator[tuple[str, str]]:
    for word in program.command:
        name = Path(word).name
        if name in COMMANDS and word == place(name) and not _there(word):
            yield name, COMMANDS[name]
        if word in MODULES and not _importable(word):
            yield word, MODULES[word]
    for path, package in LIBRARIES.items():
        if any(path in (entry.text or "") for entry in program.files) and not _there(path):
            yield path, package


def _there(path: str) -> bool:
    return Path(path).exists()


def _importable(module: str) -> bool:
    return importlib.util.find_spec(module.partition(".")[0]) is not None
