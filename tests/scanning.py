"""A workspace that may scan a farm of real SSH servers: letter, logins, host keys and targets. All of it made by us."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest

from lab.farm import Farm
from lab.hosts import Host, HostSpec
from tests.making import xunyan

NETWORK = "default"
NUMBER = "测授〔2026〕1号"

needs_sshd = pytest.mark.skipif(which("sshd", path="/usr/sbin:/sbin:/usr/bin") is None, reason="no sshd here")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="hosts with users and files of their own need root")


def letter(allow: Iterable[str], **fields: object) -> str:
    """The text of a letter; `fields` go in at the top, lists and texts as JSON writes them, `networks` replaces all."""
    networks = str(fields.pop("networks", ""))
    given = {
        "number": NUMBER, "units": ["*"], "approver": "测试", "valid_from": "2026-01-01", "valid_until": "2099-12-31",
        "methods": ["ssh"], "ports": list(range(20000, 32000)), **fields,
    }  # fmt: skip
    lines = [f"{key} = {_toml(key, value)}" for key, value in given.items()]
    own = networks or f'[[networks]]\nname = "{NETWORK}"\nallow = {json.dumps(list(allow))}'
    return "\n".join(lines) + "\n" + own + "\n"


def _toml(key: str, value: object) -> str:
    return str(value) if key.startswith("valid") else json.dumps(value, ensure_ascii=False)


def make_workspace(
    place: Path,
    farm: Farm,
    hosts: Iterable[Host] | None = None,
    *,
    settings: str = "",
    known: str | None = None,
    letter_text: str | None = None,
    more: str = "",
) -> Path:
    """A workspace whose only credential is the farm's key, whose letter allows 127.77.0.0/16, that knows the host keys."""
    workspace = place / "w"
    xunyan("init", workspace)
    key = place / "client-key"
    key.write_text(farm.client_key, "utf-8")
    key.chmod(0o600)
    plain = f'[credentials.ops]\nuser = "{farm.user}"\nkind = "key"\nkey_file = "{key}"\n'
    with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
        file.write((settings or plain) + more)
    letters = workspace / "inventory" / "authorisations"
    (letters / "test.toml").write_text(letter_text or letter(["127.77.0.0/16"]), "utf-8")
    keys = workspace / "inventory" / "known_hosts"
    keys.mkdir()
    (keys / NETWORK).write_text(farm.known_hosts() if known is None else known, "utf-8")
    write_targets(workspace, hosts if hosts is not None else farm.hosts)
    return workspace


def write_targets(workspace: Path, hosts: Iterable[Host], **fields: str) -> None:
    """Put hosts into the workspace's inventory."""
    rows = "".join(f"host:{h.spec.name},测试单位,{h.spec.address},{h.port}\n" for h in hosts)
    table = workspace.parent / "farm.csv"
    table.write_text("资产标识,单位,地址,端口\n" + rows, "utf-8")
    del fields
    xunyan("-C", workspace, "endpoints", "import", table)


def coverage(workspace: Path) -> Mapping[str, set[tuple[str, str]]]:
    """Asset key -> (reason, detail) of all its gaps."""
    found: dict[str, set[tuple[str, str]]] = {}
    out = xunyan("-C", workspace, "coverage", "--all", "--format", "jsonl").stdout
    for line in out.splitlines():
        row = json.loads(line)
        reasons = found.setdefault(row["key"], set())
        if row["outcome"] != "answered":
            reasons.add((row["reason"], row["detail"].partition(":")[0]))
    return found


@contextmanager
def farm_of(place: Path, specs: list[HostSpec]) -> Iterator[Farm]:
    """Raise a farm, and take it down again whatever happens."""
    with Farm(place / "farm", specs) as farm:
        yield farm
