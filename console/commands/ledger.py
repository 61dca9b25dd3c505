"""`xunyan ledger`: what people file about systems, addresses, rooms, links and endpoints that no machine can tell."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from console.commands.common import example, session
from console.commands.ledger_import import add_import
from console.commands.ledger_list import add_list
from console.commands.ledger_match import add_match
from console.language import Voice
from controls.loader import load_catalogue
from inventories.ledger_tables import ENDPOINTS, TABLES, Table, blank_csv
from xunyan.errors import UsageError
from xunyan.wording import Text

ALL = "all"
FORMS = tuple(one for one in TABLES.values() if one is not ENDPOINTS)
"""What `--of all` writes into one workbook."""


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say(
            "台账：信息系统（附件5和配套表）、地址段、机房、线路、例外，以及终端上采集不到的信息。",
            "Ledgers: systems (annex 5 and its companion), address ranges, rooms, links, exemptions, and what no machine tells.",
        ),
    )
    app.add_typer(group, name="ledger")
    _add_template(group, say)
    add_import(group, say)
    add_list(group, say)
    add_match(group, say)


def _add_template(group: typer.Typer, say: Voice) -> None:
    @group.command(
        help=say(
            "导出空白表。终端台账默认写成CSV；其余写成XLSX，--of all 把它们放进一个文件。",
            "Write blank forms. That of endpoints is CSV by default; the others are XLSX, --of all puts them into one file.",
        )
        + "\n\n"
        + example(
            "xunyan ledger template > 终端台账.csv",
            "xunyan ledger template --of systems -o fujian5.xlsx",
            "xunyan ledger template --of all -o taizhang.xlsx",
        )
    )
    def template(
        context: typer.Context,
        of: Annotated[
            str, typer.Option("--of", help=say("哪种台账：", "which ledger: ") + ", ".join((*TABLES, ALL)))
        ] = ENDPOINTS.id,
        out: Annotated[
            Path | None,
            typer.Option("-o", "--output", help=say("写到哪个XLSX文件", "the XLSX file to write")),
        ] = None,
    ) -> None:
        run = session(context)
        tables = FORMS if of == ALL else (chosen(of),)
        if out is None:
            if tables != (ENDPOINTS,):
                raise UsageError(
                    Text("没有写明写到哪个文件", "it is not said which file to write"),
                    where="-o",
                    advice=Text(
                        f"如 xunyan ledger template --of {of} -o 台账.xlsx",
                        f"such as xunyan ledger template --of {of} -o forms.xlsx",
                    ),
                )
            sys.stdout.buffer.write(blank_csv(ENDPOINTS).encode())
            return
        if out.suffix.casefold() != ".xlsx":
            raise UsageError(
                Text("空白表写成 .xlsx 文件", "blank forms are .xlsx files"),
                where=str(out),
                advice=Text("换一个以 .xlsx 结尾的名字", "give a name that ends in .xlsx"),
            )
        _write(out, tables)
        sheets = run.say("、", ", ").join(one.sheet for one in tables)
        run.print(run.say(f"已写好 {out}：{sheets}", f"{out} is written: {sheets}"))


def chosen(of: str) -> Table:
    """Give the table that `--of` names. Raises UsageError where there is none."""
    if of not in TABLES:
        raise UsageError(
            Text("没有这种台账", "there is no such ledger"),
            where="--of",
            advice=Text(f"可用：{'、'.join((*TABLES, ALL))}", f"choose from {', '.join((*TABLES, ALL))}"),
        )
    return TABLES[of]


def _write(out: Path, tables: tuple[Table, ...]) -> None:
    from inventories.ledger_template import write_forms  # noqa: PLC0415  # loads openpyxl

    controls = [f"{one.control.id} {one.control.title.zh}" for one in load_catalogue().checks]
    try:
        write_forms(out, tables, {"control": controls})
    except FileExistsError as error:
        raise UsageError(
            Text("这个文件已经有了", "this file is there already"),
            where=str(out),
            advice=Text("换一个名字", "choose another name"),
        ) from error
