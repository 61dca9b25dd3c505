"""Endpoints and network devices that a scan is to ask: taken from files, kept in the workspace one target a line, read back in a fixed order."""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from inventories import ansible, forms, hostvars
from inventories.addresses import read_address
from inventories.classified import Classified
from inventories.mappings import ColumnMapping
from inventories.records import SHOWN, Defaults, Problem, Taken, asset_key, take
from xunyan.canonical import utc_text
from xunyan.errors import InputError, UsageError
from xunyan.names import flaw, shown
from xunyan.permits import Target
from xunyan.wording import Text

SCHEMA = "xunyan.endpoint/1"
FILE_LIMIT = 64 * 1024 * 1024
TABLES = (".csv", ".tsv", ".txt", ".xlsx")


class EndpointLine(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """One line of `inventory/endpoints/NAME.jsonl`. `imported_at` says which of two files counts for the same endpoint."""

    schema: Literal["xunyan.endpoint/1"]
    asset: str
    network: str
    address: str
    port: Annotated[int, msgspec.Meta(ge=0, lt=65536)] = 0
    platform: Literal["linux", "windows", "huawei_vrp", "hp_comware", "ruijie_os", "zte_zxros", "cisco_ios"] = "linux"
    unit: str = ""
    site: str = ""
    user: str = ""
    credential: str = ""
    route: str = ""
    carrier: str = ""
    origin: str = ""
    imported_at: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A target as it is kept: in which list, and when it was imported ("" where a person wrote the line)."""

    target: Target
    list: str
    imported_at: str


def read_file(
    path: Path,
    defaults: Defaults,
    classified: Classified,
    *,
    mapping: ColumnMapping | None = None,
    plugins: bool = False,
) -> Taken:
    """Read an inventory: a table by its ending, anything else as Ansible does. Nothing it brings is run, unless `plugins`.

    What cannot be taken, or is classified, is in the answer: `Taken.check` refuses the whole. Raises InputError where the
    file cannot be read at all.
    """
    data = _bytes(path)
    taken = Taken()
    if path.suffix.casefold() in TABLES:
        found = take(
            forms.records(path, data, mapping, taken.problems, taken.notes),
            defaults,
            classified,
            export=mapping is not None,
        )
    elif mapping is not None:
        raise InputError(
            Text("列对应只用于 .csv 和 .xlsx 表格", "a mapping is for tables, .csv and .xlsx"),
            where=str(path),
            advice=Text("不加 --mapping 再导入", "import it without --mapping"),
        )
    else:
        listed = ansible.listed(path, data, plugins=plugins)
        found = take(hostvars.records(path, data, listed, taken.problems, taken.notes), defaults, classified)
    if found.classified:  # nothing else of such a file goes any further, not even in a message
        return Taken(classified=found.classified)
    found.problems[:0] = taken.problems
    found.notes += taken.notes
    if not (found.targets or found.problems):
        why = Text("；".join(one.zh for one in found.notes), "; ".join(one.en for one in found.notes))
        nobody = Text(f"没有一个可用的终端 {why.zh}".strip(), f"not one usable endpoint {why.en}".strip())
        found.problems.append(Problem(Text("文件", "the file"), "", nobody))
    return found


def folder(root: Path) -> Path:
    """Where a workspace keeps its endpoints."""
    return root / "inventory" / "endpoints"


def safe_name(text: str) -> str:
    """Make a file's stem a name that is a file name everywhere: letters, digits, dot, dash and underscore."""
    bare = re.sub(r"[^\w.-]+", "-", text).strip(".-")
    while len(bare.encode()) > 120:
        bare = bare[:-1]
    return bare.strip(".-") or "endpoints"


def write(root: Path, name: str, targets: Iterable[Target], imported_at: datetime) -> Path:
    """Write a list of endpoints, whole or not at all, in place of an earlier one of that name."""
    path = folder(root) / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    encode = msgspec.json.Encoder().encode
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("wb") as file:
        for one in sorted(targets, key=_order):
            fields = {
                name: getattr(one, name)
                for name in EndpointLine.__struct_fields__
                if name in Target.__dataclass_fields__
            }
            given = {key: value for key, value in fields.items() if value not in ("", 0)}
            file.write(encode({"schema": SCHEMA, **given, "imported_at": utc_text(imported_at)}) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path


def read_endpoints(where: Path) -> list[Target]:
    """Read every list of a folder: one target per network and asset, the last import's, ordered by these two.

    Raises InputError that names file and line of what cannot be read; people may edit these files.
    """
    return [one.target for one in read_lists(where)]


def read_lists(where: Path) -> list[Kept]:
    """Read every list of a folder like `read_endpoints`, with the list that each target stands in."""
    newest: dict[tuple[str, str], Kept] = {}
    problems: list[tuple[str, Text]] = []
    for path in sorted(where.glob("*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if not line.strip():
                continue
            kept = _read_line(path.stem, line)
            if isinstance(kept, Text):
                problems.append((f"{path.name}:{number}", kept))
                continue
            who = (kept.target.network, kept.target.asset)
            before = newest.get(who)
            if before is None or kept.imported_at >= before.imported_at:
                newest[who] = kept
    if problems:
        raise _damaged(where, problems)
    return sorted(newest.values(), key=lambda one: _order(one.target))


def remove(root: Path, name: str) -> list[Target]:
    """Remove a list; return what stood in it. Raises UsageError where there is none of that name."""
    path = folder(root) / f"{name}.jsonl"
    have = sorted(one.stem for one in folder(root).glob("*.jsonl"))
    if name not in have:
        raise UsageError(
            Text(f"没有名为“{shown(name)}”的终端名单", f"there is no list of endpoints {shown(name)!r}"),
            where="NAME",
            advice=Text(f"已有：{'、'.join(have) or '（还没有）'}", f"there are: {', '.join(have) or '(none)'}"),
        )
    found = [_read_line(name, line) for line in path.read_bytes().splitlines() if line.strip()]
    path.unlink()
    return [one.target for one in found if isinstance(one, Kept)]


def parse_target(text: str, network: str, unit: str) -> Target:
    """Read a target from the command line: `10.1.2.3`, `10.1.2.3:2222`, `[::1]:22`, a name, `host:web01=10.1.2.3`.

    Raises UsageError where it is none.
    """
    asset, given, address = text.rpartition("=")
    found = read_address(address)
    if asset.strip().startswith("device:"):
        raise UsageError(
            Text(f"“{shown(text)}”：名单里没有这台网络设备", f"{shown(text)!r}: the lists have no such device"),
            where="--target",
            advice=Text(
                "网络设备要先写明系统类型：用 xunyan endpoints import 导入",
                "a device needs its platform: take it in with xunyan endpoints import",
            ),
        )
    key = asset_key(asset.strip()) if given else f"host:{found.host if found else ''}"
    if found is None or flaw(key) or (given and not asset.strip()):
        raise UsageError(
            Text(f"“{shown(text)}”不是可用的目标", f"{shown(text)!r} is no usable target"),
            where="--target",
            advice=Text(
                "写地址、地址加端口，或 名称=地址，如 10.1.2.3、10.1.2.3:2222、[2001:db8::1]:22、host:web01=10.1.2.3",
                "give an address, an address with a port, or NAME=ADDRESS: 10.1.2.3, 10.1.2.3:2222, host:web01=10.1.2.3",
            ),
        )
    return Target(key, network, found.host, found.port, unit=unit, origin="--target")


def _order(one: Target) -> tuple[str, str]:
    return one.network, one.asset


def _read_line(name: str, line: bytes) -> Kept | Text:
    try:
        read = msgspec.json.decode(line, type=EndpointLine)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Text(f"读不懂（{error}）", f"cannot be read ({error})")
    fields = msgspec.structs.asdict(read)
    for key, value in fields.items():
        if isinstance(value, str) and flaw(value):
            return Text(f"{key} 过长，或含不可见字符", f"{key} is too long or holds an invisible character")
    address = read_address(read.address)
    if address is None or address.port:
        return Text("address 不是可用的地址", "address is no usable address")
    if not read.asset.removeprefix("host:").strip() or not read.network.strip():
        return Text("asset 和 network 不能为空", "asset and network may not be empty")
    kept = {key: value for key, value in fields.items() if key not in ("schema", "imported_at")}
    return Kept(
        Target(**kept | {"address": address.host, "asset": asset_key(read.asset, read.platform)}),
        name,
        read.imported_at,
    )


def _damaged(where: Path, problems: list[tuple[str, Text]]) -> InputError:
    more = len(problems) - SHOWN
    zh = [f"  {place}：{what.zh}" for place, what in problems[:SHOWN]] + ([f"  ……另有 {more} 处"] if more > 0 else [])
    en = [f"  {place}: {what.en}" for place, what in problems[:SHOWN]] + (
        [f"  ... and {more} more"] if more > 0 else []
    )
    return InputError(
        Text(
            "\n".join([f"终端名单有 {len(problems)} 行读不出：", *zh]),
            "\n".join([f"{len(problems)} lines cannot be read:", *en]),
        ),
        where=str(where),
        advice=Text(
            "改正这些行，或用原文件重新导入（xunyan endpoints import）",
            "mend these lines, or import the original file again (xunyan endpoints import)",
        ),
    )


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > FILE_LIMIT:
            raise InputError(
                Text("不是普通文件，或超过64 MiB", "not a plain file, or larger than 64 MiB"),
                where=str(path),
                advice=Text(
                    "给出清单文件；文件夹里的清单请逐个写出", "give inventory files; name those of a folder one by one"
                ),
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            Text("读不了这个文件", "the file cannot be read"),
            where=f"{path}: {error.strerror}",
            advice=Text("核对路径和权限", "check its path and permissions"),
        ) from error
