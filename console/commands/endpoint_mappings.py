"""`xunyan endpoints mapping`: which column of another product's export says what, saved by name."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from console.authorised import classified_check
from console.commands.common import example, session
from console.language import Voice
from console.output import Format, emit, one_line
from console.session import Session
from inventories import endpoints, mappings
from inventories.mappings import ColumnMapping
from inventories.records import KEYS, Defaults
from xunyan.errors import UsageError
from xunyan.wording import Text

SHOWN_ROWS = 3


def add_mapping(group: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @group.command(
        help=say(
            "建立或修改列对应：先用导出的表检查，读出前3行给人看，再保存到 inventory/mappings/名字.toml。",
            "Make or change a mapping: checked against an export, its first 3 rows shown, kept in inventory/mappings/NAME.toml.",
        )
        + "\n\n"
        + example(
            "xunyan endpoints mapping 终端管理 --file 导出.xlsx --set address=IP地址 --set asset=计算机名",
            "xunyan endpoints mapping --list",
        )
    )
    def mapping(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help=say("列对应的名字", "the mapping's name"))] = "",
        file: Annotated[
            Path | None, typer.Option(help=say("导出的表（.csv、.xlsx）", "the export (.csv, .xlsx)"))
        ] = None,
        pairs: Annotated[
            list[str] | None,
            typer.Option(
                "--set", help=say("哪一项在哪一列，如 address=IP地址", "what stands in which column: address=IP")
            ),
        ] = None,
        constants: Annotated[
            list[str] | None,
            typer.Option(
                "--constant", help=say("表里没有的项填什么，如 network=外网", "what the export lacks: network=N")
            ),
        ] = None,
        values: Annotated[
            list[str] | None,
            typer.Option(
                "--value",
                help=say(
                    "列里的内容是什么意思（按开头匹配），如 platform:macOS=略过",
                    "what a cell that begins so means: platform:macOS=skip",
                ),
            ),
        ] = None,
        sheet: Annotated[str, typer.Option(help=say("工作表，默认各表都看", "the sheet, by default all"))] = "",
        header_row: Annotated[
            int, typer.Option("--header-row", help=say("表头在第几行，默认自动找", "the row of headings"))
        ] = 0,
        list_: Annotated[bool, typer.Option("--list", help=say("列出已有的列对应", "list the mappings"))] = False,
    ) -> None:
        run = session(context)
        root = run.workspace().root
        if list_:
            _list(run, root)
            return
        if not name or file is None or endpoints.safe_name(name) != name:
            raise UsageError(
                Text(
                    "要有名字（文字、数字、点、横线）和 --file",
                    "a name (letters, digits, dots, dashes) and --file are needed",
                ),
                advice=Text("见 xunyan endpoints mapping --help", "see xunyan endpoints mapping --help"),
            )
        before = mappings.load(root, name) if name in mappings.names(root) else ColumnMapping({})
        made = msgspec.structs.replace(
            before,
            columns={**before.columns, **_parts("--set", pairs)},
            constants={**before.constants, **_parts("--constant", constants)},
            values=_meanings(before, values),
            sheet=sheet or before.sheet,
            header_row=header_row or before.header_row,
        )
        _save(run, name, made, file)


def _save(run: Session, name: str, made: ColumnMapping, file: Path) -> None:
    workspace = run.workspace()
    mappings.check(made, mappings.folder(workspace.root) / f"{name}.toml")
    if file.suffix.casefold() not in endpoints.TABLES:
        raise UsageError(
            Text("不是 .csv 或 .xlsx 表格", "no table, .csv or .xlsx"),
            where=str(file),
            advice=Text("把导出的数据另存为 .xlsx 或CSV", "save the export as .xlsx or CSV"),
        )
    defaults = Defaults(workspace.settings.network, workspace.settings.unit)
    taken = endpoints.read_file(file, defaults, classified_check(workspace), mapping=made)
    taken.check(str(file))
    with workspace.writing():
        path = mappings.save(workspace.root, name, made)
    keys = [key for key in KEYS if key != "classified"]
    rows = [
        {key: str(value or "") for key, value in msgspec.to_builtins(one).items()}
        for one in islice(taken.targets, SHOWN_ROWS)
    ]
    used = [key for key in keys if any(row[key] for row in rows)]
    emit(
        rows,
        [(key, lambda row, key=key: str(row[key])) for key in used],  # type: ignore[misc]
        Format.TABLE,
        empty=run.say("表里没有一行能读成终端", "no row of the table is an endpoint"),
    )
    where, command = path.relative_to(workspace.root), f"xunyan endpoints import {one_line(str(file))} --mapping {name}"
    for note in taken.notes:
        run.note(run.say("注意：", "note: ") + run.say.text(note))
    run.print(
        run.say(
            f"按此可读出终端 {len(taken.targets)} 个；已保存 {where}\n导入：{command}",
            f"{len(taken.targets)} endpoints by it; kept in {where}\nimport: {command}",
        )
    )


def _list(run: Session, root: Path) -> None:
    rows = [
        {"name": name, "columns": run.say("，", ", ").join(f"{key}={heading}" for key, heading in one.columns.items())}
        for name in mappings.names(root)
        for one in [mappings.load(root, name)]
    ]
    emit(
        rows,
        ((run.say("名字", "name"), lambda r: str(r["name"])), (run.say("列", "columns"), lambda r: str(r["columns"]))),
        Format.TABLE,
        empty=run.say("还没有列对应", "no mapping yet"),
    )


def _meanings(before: ColumnMapping, pairs: list[str] | None) -> dict[str, dict[str, str]]:
    """Add `key:beginning=meaning` to the meanings that a mapping has. Raises UsageError where one is none."""
    found = {key: dict(table) for key, table in before.values.items()}
    for pair in pairs or []:
        key, colon, rest = pair.partition(":")
        begins, sign, means = (part.strip() for part in rest.rpartition("="))
        if not (colon and sign and begins and means) or key not in KEYS:
            raise UsageError(
                Text(f"“{one_line(pair)}”应写成 项:开头=意思", f"{one_line(pair)!r}: write KEY:BEGINNING=MEANING"),
                where="--value",
                advice=Text(
                    "如 --value 'platform:Windows 10=windows'", "such as --value 'platform:Windows 10=windows'"
                ),
            )
        found.setdefault(key, {})[begins] = means
    return found


def _parts(option: str, pairs: list[str] | None) -> dict[str, str]:
    """Part `key=value` pairs. Raises UsageError where one is none."""
    found = {}
    for pair in pairs or []:
        key, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or key not in KEYS or not value:
            raise UsageError(
                Text(
                    f"“{one_line(pair)}”应写成 项=列名，项可用：{'、'.join(KEYS)}",
                    f"{one_line(pair)!r}: write KEY=HEADING, KEY one of {', '.join(KEYS)}",
                ),
                where=option,
                advice=Text("如 --set address=IP地址", "such as --set address=IP"),
            )
        found[key] = value
    return found
