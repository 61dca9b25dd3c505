"""`xunyan ledger list`: what is filed now, with the file, sheet and row that it stood in."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer

from console.commands.common import FormatOption, example, session
from console.filed_rows import InForce, in_force
from console.language import Voice
from console.output import Format, emit
from console.session import Session, shown
from inventories import ledgers
from inventories.ledger_tables import EXEMPTIONS, TABLES, Table
from xunyan.canonical import utc_text
from xunyan.errors import UsageError
from xunyan.wording import Text

ALL = "all"
LISTED = tuple(one for one in TABLES.values() if one is not EXEMPTIONS)
SUMMARY = 60


def add_list(group: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @group.command(
        "list",
        help=say(
            "列出台账的现行内容，连同出自哪个文件、哪张表、哪一行。例外见 xunyan exemptions list。",
            "List what is filed, with the file, sheet and row it stood in. For exemptions see xunyan exemptions list.",
        )
        + "\n\n"
        + example("xunyan ledger list", "xunyan ledger list --of systems", "xunyan ledger list --format csv"),
    )
    def list_(
        context: typer.Context,
        of: Annotated[
            str,
            typer.Option(
                "--of", help=say("只列这种：", "this one only: ") + ", ".join([*(one.id for one in LISTED), ALL])
            ),
        ] = ALL,
        unit: Annotated[str, typer.Option(help=say("只列这个单位", "this unit only"))] = "",
        withdrawn: Annotated[
            bool, typer.Option("--withdrawn", help=say("连同已撤回的", "with those that were withdrawn"))
        ] = False,
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        if of != ALL and of not in {one.id for one in LISTED}:
            raise UsageError(
                Text("没有这种台账，或不在这里列出", "there is no such ledger, or it is not listed here"),
                where="--of",
                advice=Text(
                    f"可用：{'、'.join([*(one.id for one in LISTED), ALL])}；例外见 xunyan exemptions list",
                    f"choose from {', '.join([*(one.id for one in LISTED), ALL])}; for exemptions xunyan exemptions list",
                ),
            )
        found = [
            (one.table, record(one, one.table))
            for one in _rows(run)
            if one.table is not None
            and of in (ALL, one.table.id)
            and unit in ("", one.unit)
            and (withdrawn or not one.withdrawn)
        ]
        order = {one.id: place for place, one in enumerate(TABLES.values())}
        found.sort(key=lambda pair: order[pair[0].id])
        tables = list(dict.fromkeys(table.id for table, _ in found)) if of == ALL else [of]
        single = TABLES[tables[0]] if len(tables) == 1 else None
        emit(
            [row for _, row in found],
            _columns(single, run.say, NARROW.get(single.id)) if single is not None else _mixed(run.say),
            form,
            whole=_columns(single, run.say) if single is not None else _all(run.say),
            empty=run.say(
                "台账是空的。用 xunyan ledger template 导出空白表",
                "nothing is filed. Write the blank form with xunyan ledger template",
            ),
        )


def _rows(run: Session) -> list[InForce]:
    with run.reading() as (workspace, store):
        return list(in_force(workspace, store))


def record(one: InForce, table: Table) -> dict[str, Any]:
    """Give a row in force as plain data."""
    place = one.place()
    return {
        "schema": "xunyan.ledger/1",
        "table": table.id,
        "asset_id": one.asset,
        "key": one.key,
        "network": one.network,
        "unit": one.unit,
        **one.columns,
        "filed_at": shown(utc_text(one.capture.envelope.taken_at)),
        "file": one.capture.envelope.request,
        "file_name": place["file"],
        "sheet": place["sheet"],
        "row": int(place["row"]) if place["row"] else None,
        "capture": one.capture.id,
    }


NARROW: Mapping[str, tuple[str, ...]] = {
    "systems": ("system", "unit", "deployment", "declared_place", "audience", "contact"),
    "companion": ("system", "unit", "names", "addresses", "network", "nature", "live_on"),
    "ranges": ("network", "range", "kind", "level", "holder", "maps_to"),
}
"""What the screen has room for of the widest ledgers; CSV has every column."""


def _columns(table: Table, say: Voice, chosen: tuple[str, ...] | None = None) -> Any:
    keys = [table.name, *(["unit"] if table.headed else []), *(one.key for one in table.columns)]
    keys += ["declared_place"] if table.id == "systems" else []
    return (
        *((say(ledgers.HEADINGS[key], key), _cell(key)) for key in dict.fromkeys(chosen or keys)),
        *_where(say),
    )


def _mixed(say: Voice) -> Any:
    """What the screen shows where several ledgers are listed together."""
    return (
        (say("台账", "ledger"), lambda row: say.text(TABLES[row["table"]].title)),
        (say("名称", "name"), lambda row: str(row["key"]).partition(":")[2]),
        (say("单位", "unit"), _cell("unit")),
        (say("内容", "what"), _summary),
        *_where(say),
    )


def _all(say: Voice) -> Any:
    """What CSV shows where several ledgers are listed together: every column that any has."""
    keys = dict.fromkeys(key for table in LISTED for key in ("unit", *(one.key for one in table.columns)))
    return (
        (say("台账", "ledger"), _cell("table")),
        (say("资产", "asset"), _cell("key")),
        *((say(ledgers.HEADINGS[key], key), _cell(key)) for key in keys if key != "asset"),
        (say(ledgers.HEADINGS["declared_place"], "declared_place"), _cell("declared_place")),
        *_where(say),
    )


def _where(say: Voice) -> Iterable[tuple[str, Callable[[Any], str]]]:
    return (
        (say("导入来源", "file"), _cell("file_name")),
        (say("工作表", "sheet"), _cell("sheet")),
        (say("行", "row"), _cell("row")),
    )


def _cell(key: str) -> Callable[[Any], str]:
    return lambda row: str(row.get(key) or "")


def _summary(row: Any) -> str:
    if row.get(ledgers.WITHDRAWN):
        return f"{ledgers.HEADINGS[ledgers.WITHDRAWN]} {row[ledgers.WITHDRAWN]}"
    keys = ("deployment", "names", "addresses", "kind", "holder", "address", "procured_on", "purpose")
    text = " ".join(str(row[key]) for key in keys if row.get(key))
    return text[:SUMMARY] + ("…" if len(text) > SUMMARY else "")
