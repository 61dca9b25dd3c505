"""`xunyan endpoints`: which endpoints a scan is to ask, brought in from inventories and exports."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from console.authorised import classified_check
from console.commands.common import FormatOption, example, session
from console.commands.endpoint_mappings import add_mapping
from console.language import Voice
from console.output import Format, emit, one_line
from console.session import Session, shown
from console.workspace import Workspace
from inventories import endpoints, mappings
from inventories.endpoints import Kept
from inventories.forms import template as blank_form
from inventories.records import Defaults, Taken
from xunyan.errors import UsageError
from xunyan.names import flaw
from xunyan.wording import Text


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say(
            "扫描哪些终端：导入Ansible清单、填好的表或终端管理产品导出的表。",
            "Which endpoints to scan: from Ansible inventories, our form, or exports of management products.",
        ),
    )
    app.add_typer(group, name="endpoints")
    _add_template(group, say)
    _add_import(group, say)
    _add_list(group, say)
    _add_remove(group, say)
    add_mapping(group, say)


def _add_template(group: typer.Typer, say: Voice) -> None:
    @group.command(
        help=say(
            "导出空白终端清单（CSV，或用 --xlsx 写成表格）。", "Write the blank form (CSV, or a spreadsheet by --xlsx)."
        )
        + "\n\n"
        + example("xunyan endpoints template > 终端.csv", "xunyan endpoints template --xlsx 终端.xlsx")
    )
    def template(
        xlsx: Annotated[Path | None, typer.Option(help=say("写成XLSX文件", "write an XLSX file"))] = None,
    ) -> None:
        if xlsx is None:
            sys.stdout.buffer.write(blank_form().encode())
            return
        try:
            from inventories.workbook import write_template  # noqa: PLC0415  # loads openpyxl

            write_template(xlsx)
        except FileExistsError as error:
            raise UsageError(
                Text("这个文件已经有了", "this file is there already"),
                where=str(xlsx),
                advice=Text("换一个名字", "choose another name"),
            ) from error


def _add_import(group: typer.Typer, say: Voice) -> None:
    @group.command(
        "import",
        help=say(
            "导入终端清单：Ansible清单（INI、YAML）、.csv、.xlsx。任何一处有误，或有涉密终端，则整批不导入；同名的清单被替换。",
            "Take inventories in: Ansible (INI, YAML), .csv, .xlsx. Where anything is wrong or classified, nothing is taken; "
            "a list of the same name is replaced.",
        )
        + "\n\n"
        + example(
            "xunyan endpoints import hosts.ini",
            "xunyan endpoints import 终端.xlsx --unit 教育局 --network 外网",
            "xunyan endpoints import 导出.xlsx --mapping 终端管理 --dry-run",
        ),
    )
    def import_(
        context: typer.Context,
        files: Annotated[list[Path], typer.Argument(help=say("清单文件", "inventories"))],
        mapping: Annotated[
            str, typer.Option(help=say("按哪个列对应读表（见 endpoints mapping）", "the mapping to read tables by"))
        ] = "",
        network: Annotated[
            str, typer.Option(help=say("清单中没有写地址域时填这个", "the network where the file names none"))
        ] = "",
        unit: Annotated[
            str, typer.Option(help=say("清单中没有写单位时填这个", "the unit where the file names none"))
        ] = "",
        name: Annotated[
            str, typer.Option("--as", help=say("存成什么名字，默认取文件名", "the name to keep it under"))
        ] = "",
        dry_run: Annotated[bool, typer.Option("--dry-run", help=say("只检查，不导入", "check only"))] = False,
    ) -> None:
        run = session(context)
        workspace = run.workspace()
        names = _names(files, name)
        for option, value in (("--network", network), ("--unit", unit)):
            if flaw(value):
                raise _unfit(option)
        settings = workspace.settings
        defaults = Defaults(network or settings.network, unit or settings.unit)
        by = mappings.load(workspace.root, mapping) if mapping else None
        classified = classified_check(workspace)
        found: dict[str, Taken] = {}
        for kept_as, file in zip(names, files, strict=True):
            found[kept_as] = endpoints.read_file(
                file, defaults, classified, mapping=by, plugins=settings.inventory_plugins
            )
            found[kept_as].check(str(file))
        if dry_run:
            before: Counter[str] = Counter()
            for kept_as, taken in found.items():
                _say_taken(run, kept_as, taken, before, dry=True)
            return
        _keep(run, workspace, found)


def _keep(run: Session, workspace: Workspace, found: dict[str, Taken]) -> None:
    with workspace.writing():
        before = Counter(one.list for one in endpoints.read_lists(endpoints.folder(workspace.root)))
        for name, taken in found.items():
            endpoints.write(workspace.root, name, taken.targets, run.now())
    for name, taken in found.items():
        _say_taken(run, name, taken, before)


def _say_taken(run: Session, name: str, taken: Taken, before: Counter[str], *, dry: bool = False) -> None:
    count = len(taken.targets)
    platforms = Counter(one.platform for one in taken.targets)
    sorts = run.say("，", ", ").join(f"{sort} {number}" for sort, number in sorted(platforms.items()))
    verb = run.say("可导入", "can be taken") if dry else run.say("已导入", "taken in")
    line = f"{name}{run.say('：', ': ')}{verb} {count}" + (f" ({sorts})" if sorts else "")
    if before[name]:
        line += run.say(f"，替换原有的 {before[name]}", f", in place of {before[name]}")
    run.print(line)
    for note in taken.notes:
        run.note(run.say("注意：", "note: ") + run.say.text(note))


def _names(files: list[Path], name: str) -> list[str]:
    """Name the lists that files are kept as. Raises UsageError where two would be one."""
    if name and (len(files) > 1 or endpoints.safe_name(name) != name):
        raise UsageError(
            Text(
                "--as 只用于一个文件，名字只用文字、数字、点、横线",
                "--as is for one file; letters, digits, dots and dashes",
            ),
            where="--as",
            advice=Text("分几次导入，或换一个名字", "import one by one, or choose another name"),
        )
    names = [name or endpoints.safe_name(file.stem) for file in files]
    twice = next((one for one, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise UsageError(
            Text(f"有两个文件都会存成“{twice}”", f"two files would both be kept as {twice!r}"),
            advice=Text("分几次导入，用 --as 取不同的名字", "import one by one and name them by --as"),
        )
    return names


def _unfit(option: str) -> UsageError:
    return UsageError(
        Text(
            "过长（上限256个字符），或含不可见字符",
            "too long (256 characters at most), or holds an invisible character",
        ),
        where=option,
        advice=Text("改正后重试", "mend it and try again"),
    )


def _add_list(group: typer.Typer, say: Voice) -> None:
    @group.command(
        "list",
        help=say("列出要扫描的终端。", "List the endpoints to scan.")
        + "\n\n"
        + example("xunyan endpoints list --unit 教育局", "xunyan endpoints list --format csv"),
    )
    def list_(
        context: typer.Context,
        unit: Annotated[str, typer.Option(help=say("只看这个单位", "this unit only"))] = "",
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        found = endpoints.read_lists(endpoints.folder(run.workspace().root))
        if unit and all(one.target.unit != unit for one in found):
            have = sorted({one.target.unit for one in found if one.target.unit})
            raise UsageError(
                Text(f"终端清单里没有单位“{one_line(unit)}”", f"no endpoint is of unit {one_line(unit)!r}"),
                where="--unit",
                advice=Text(
                    f"已有：{'、'.join(have[:30]) or '（都没有填）'}", f"there are: {', '.join(have[:30]) or '(none)'}"
                ),
            )
        emit(
            [_record(one) for one in found if not unit or one.target.unit == unit],
            [one for one in _columns(run.say) if one[0] not in (run.say("地点", "site"), run.say("出处", "origin"))],
            form,
            whole=_columns(run.say),
            fixed=frozenset({run.say("资产", "asset")}),
            empty=run.say(
                "还没有终端。用 xunyan endpoints import 导入",
                "no endpoint yet. Take them in with xunyan endpoints import",
            ),
        )


def _record(one: Kept) -> dict[str, Any]:
    return {
        "schema": endpoints.SCHEMA,
        **msgspec.to_builtins(one.target),
        "list": one.list,
        "imported_at": shown(one.imported_at),
    }


def _columns(say: Voice) -> Any:
    def cell(key: str) -> Any:
        return lambda row: str(row[key] or "")

    return (
        (say("资产", "asset"), cell("asset")),
        (say("单位", "unit"), cell("unit")),
        (say("地点", "site"), cell("site")),
        (say("地址域", "network"), cell("network")),
        (say("地址", "address"), cell("address")),
        (say("端口", "port"), cell("port")),
        (say("系统", "system"), cell("platform")),
        (say("名单", "list"), cell("list")),
        (say("出处", "origin"), cell("origin")),
    )


def _add_remove(group: typer.Typer, say: Voice) -> None:
    @group.command(
        help=say(
            "移除一份终端名单；已有的采集和问题不受影响。", "Remove a list of endpoints; captures and findings stay."
        )
        + "\n\n"
        + example("xunyan endpoints remove hosts")
    )
    def remove(
        context: typer.Context, name: Annotated[str, typer.Argument(help=say("名单的名字", "the list's name"))]
    ) -> None:
        run = session(context)
        workspace = run.workspace()
        with workspace.writing():
            gone = endpoints.remove(workspace.root, name)
        some = run.say("、", ", ").join(one_line(one.asset) for one in gone[:3]) + ("……" if len(gone) > 3 else "")
        run.print(
            run.say(
                f"已移除名单“{one_line(name)}”，其中终端 {len(gone)} 个：{some}",
                f"removed {one_line(name)!r} with {len(gone)} endpoints: {some}",
            )
        )
