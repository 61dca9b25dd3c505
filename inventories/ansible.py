"""Ansible inventories, read by `ansible-inventory` in a process of its own that can run nothing an inventory brings.

An INI or YAML file is shown to that process in an empty folder, with the variables that stand beside it and nothing else: no
configuration, no plugin, no script, no vault. What it answers stays in memory, since it may hold passwords.
"""

import json
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunyan.errors import InputError, XunyanError
from xunyan.names import shown
from xunyan.wording import Text

SECONDS = 120
OUTPUT_LIMIT = 64 * 1024 * 1024
FILE_LIMIT = 64 * 1024 * 1024
FILES = 20_000
MEMORY = 2 * 1024 * 1024 * 1024
VAULT = b"$ANSIBLE_VAULT"
_PLUGIN = re.compile(rb"^[\"']?plugin[\"']?\s*:", re.MULTILINE)
_YAML = (".yml", ".yaml", ".json")
_NO_INVENTORY = (".toml", ".xls", ".et", ".ods", ".py", ".sh")


@dataclass(frozen=True, slots=True)
class Listed:
    """What an inventory came to: host -> its variables, groups' included, in order; and how many files a vault closed."""

    hosts: Mapping[str, Mapping[str, Any]]
    closed: int = 0


def listed(path: Path, data: bytes, *, plugins: bool = False) -> Listed:
    """List an inventory's hosts. Scripts and plugin configurations run code: only where `plugins` says that they may.

    Raises InputError where the file cannot be read so.
    """
    runs = _runs_code(path, data)
    if runs is not None:
        if not plugins:
            raise runs
        return Listed(
            _hosts(path, _run(path, path.absolute(), path.parent.absolute(), dict(os.environ), bounded=False))
        )
    _check(path, data)
    with tempfile.TemporaryDirectory(prefix="xunyan-") as name:
        folder = Path(name)
        link, closed = _stage(path, folder / "inventory")
        (folder / "ansible.cfg").touch()
        for part in ("cwd", "home"):
            (folder / part).mkdir()
        kinds = "yaml" if path.suffix in _YAML else "ini" if path.suffix else "yaml,ini"
        answer = _run(path, link, folder / "cwd", _environment(folder, kinds), bounded=True)
    return Listed(_hosts(path, answer), closed)


def _runs_code(path: Path, data: bytes) -> InputError | None:
    script = data.startswith(b"#!") or bool(path.stat().st_mode & 0o111)
    if not script and not (path.suffix in _YAML and _PLUGIN.search(data)):
        return None
    return InputError(
        Text("是可执行的清单，读它就要运行它", "an inventory that is executable; to read it is to run it")
        if script
        else Text(
            "是清单插件的配置，读它就要运行插件", "the configuration of an inventory plugin; to read it is to run it"
        ),
        where=str(path),
        advice=Text(
            "先用 ansible-inventory -i 文件 --list --export -y > hosts.yml 转成静态清单再导入；"
            + ("本来就是静态清单的，拷到本机磁盘后 chmod a-x；" if script else "")
            + "确信可以运行的，在 xunyan.toml 里打开 inventory_plugins",
            "turn it into a static one first: ansible-inventory -i FILE --list --export -y > hosts.yml; "
            + ("if it is static, copy it to a local disk and chmod a-x; " if script else "")
            + "if it may be run, switch inventory_plugins on in xunyan.toml",
        ),
    )


def _check(path: Path, data: bytes) -> None:
    if data.startswith(VAULT):
        raise _unreadable(path, Text("是Ansible Vault加密的文件", "is a file of Ansible Vault"))
    if path.suffix.casefold() in _NO_INVENTORY or b"\0" in data:
        raise InputError(
            Text("不是能读的清单格式", "not an inventory of a known form"),
            where=str(path),
            advice=Text(
                "可用：INI或YAML的Ansible清单、.csv、.xlsx", "use an Ansible inventory in INI or YAML, .csv or .xlsx"
            ),
        )


def _stage(path: Path, folder: Path) -> tuple[Path, int]:
    """Show an inventory and the variables beside it in a folder of their own, by links: no secret is copied."""
    folder.mkdir()
    link = folder / f"hosts{path.suffix if path.suffix in _YAML else ''}"
    link.symlink_to(path.absolute())
    closed = 0
    for number, file in enumerate(_beside(path), 1):
        status = file.stat()
        if number > FILES or status.st_size > FILE_LIMIT:
            raise _unreadable(
                path,
                Text(f"旁边的变量文件过多或过大：{file.name}", f"too many or too large files beside it: {file.name}"),
            )
        if not stat.S_ISREG(status.st_mode):
            continue
        with file.open("rb") as opened:
            if opened.read(len(VAULT)) == VAULT:
                closed += 1
                continue
        beside = folder / file.relative_to(path.parent)
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.symlink_to(file.absolute())
    return link, closed


def _beside(path: Path) -> Iterator[Path]:
    entries = 0
    for name in ("group_vars", "host_vars"):
        for here, folders, files in os.walk(path.parent / name, followlinks=True):
            entries += len(folders) + 1
            if entries > FILES or len(here) > 2048:
                raise _unreadable(
                    path, Text(f"{name} 里的文件夹过多，或有循环的链接", f"too many folders or a loop in {name}")
                )
            yield from (Path(here) / file for file in files if (Path(here) / file).exists())


def _environment(folder: Path, kinds: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "home"),
        "ANSIBLE_HOME": str(folder / "home" / ".ansible"),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "home"),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "0",
        "ANSIBLE_INVENTORY_ENABLED": kinds,
        "ANSIBLE_VARS_ENABLED": "host_group_vars",
    }


def _run(path: Path, file: Path, cwd: Path, environment: dict[str, str], *, bounded: bool) -> bytes:
    """Run `ansible-inventory`. Both of its outputs go to memory, bounded by the kernel; its whole group ends in time."""
    environment |= {
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
    }
    out, err = os.memfd_create("inventory"), os.memfd_create("complaints")
    try:
        process = subprocess.Popen(  # noqa: S603 -- our own program by its full path, one path as argument, no shell
            [_program(), "-i", str(file), "--list"],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (OUTPUT_LIMIT, OUTPUT_LIMIT))
            if bounded:
                resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
            process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise _unreadable(path, Text(f"{SECONDS} 秒内没有读完", f"not read within {SECONDS} seconds")) from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode or os.fstat(out).st_size >= OUTPUT_LIMIT:
            raise _unreadable(path, _reason(os.pread(err, 65536, 0).decode("utf-8", "replace")))
        return os.pread(out, OUTPUT_LIMIT, 0)
    finally:
        os.close(out)
        os.close(err)


def _program() -> str:
    beside = Path(sys.executable).parent / "ansible-inventory"
    found = str(beside) if beside.exists() else shutil.which("ansible-inventory")
    if found is None:
        raise XunyanError(
            Text("找不到 ansible-inventory", "ansible-inventory is not there"),
            advice=Text("重新安装巡验（它随 ansible-core 而来）", "install xunyan again; it comes with ansible-core"),
        )
    return found


def _reason(complaint: str) -> Text:
    """Say why in words that hold nothing of the file: a line that cannot be parsed may well hold a password."""
    if "vault" in complaint:
        return Text("含Ansible Vault加密的内容，解不开", "holds what Ansible Vault has closed")
    if "Plugin configuration" in complaint:
        return Text("是清单插件的配置", "is the configuration of an inventory plugin")
    said = re.search(r"Failed to parse inventory: (.+)|YAML parsing failed: (.+)|ERROR\]: (.+)", complaint)
    why = re.split(r"got:|['\"]", next(filter(None, said.groups())))[0].strip(" :.,") if said else ""
    return Text(f"读不懂（{shown(why, 120)}）", f"cannot be parsed ({shown(why, 120)})") if why else _UNCLEAR


_UNCLEAR = Text("读不懂，或内容过多", "cannot be parsed, or holds too much")


def _unreadable(path: Path, what: Text) -> InputError:
    return InputError(
        what,
        where=str(path),
        advice=Text(
            "用 ansible-inventory -i 文件 --list 查看原因，改正后重新导入",
            "see why with ansible-inventory -i FILE --list, mend it and import again",
        ),
    )


def _hosts(path: Path, answer: bytes) -> dict[str, Mapping[str, Any]]:
    try:
        read = json.loads(answer)
        hosts: dict[str, Mapping[str, Any]] = dict(read.pop("_meta")["hostvars"])
        for group in read.values():
            for host in group.get("hosts", ()):
                hosts.setdefault(host, {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(path, _UNCLEAR) from error
    return hosts
