"""`xunyan coverage`: of what should have been asked, what was answered, what was not, and why."""

from itertools import groupby
from typing import Annotated, Any

import typer

from console.commands.common import FormatOption, example, known_asset, known_unit, session
from console.coverage import ANSWERED, coverage_rows
from console.details import detail_text
from console.judging import oldest_useful
from console.language import GAP, Voice
from console.output import Format, emit
from console.session import Session, parse_moment
from xunyan.model import Asset

MANY = 3


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "列出没有看到的：每个资产应采的来源中，缺哪些、为什么、上次采到是什么时候。",
            "List what was not seen: which sources of which asset are missing, why, and when they were last answered.",
        )
        + "\n\n"
        + say(
            "示例：",
            "Examples:",
        )
        + "\n\n"
        + example(
            "xunyan coverage", "xunyan coverage --unit 教育局", "xunyan coverage --all --format csv > coverage.csv"
        )
    )
    def coverage(
        context: typer.Context,
        unit: Annotated[str, typer.Option(help=say("只列这个单位", "only this unit"))] = "",
        asset: Annotated[
            str,
            typer.Option(help=say("只列这个资产（名称、标识或地址）", "only this asset (name, key, id or address)")),
        ] = "",
        everything: Annotated[
            bool, typer.Option("--all", help=say("采到的也列出", "list what was answered too"))
        ] = False,
        at: Annotated[
            str, typer.Option("--at", help=say("截止时间，默认现在", "up to which moment, by default now"))
        ] = "",
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        with run.reading() as (workspace, store):
            known_unit(store, unit or "")
            known_asset(store, asset)
            until = parse_moment(at) if at else run.now()
            assets = [one for one in store.assets().values() if _wanted(one, unit, asset)]
            found = list(coverage_rows(store, assets, until, oldest_useful(workspace.inputs())))
        answered = sum(one["outcome"] == ANSWERED for one in found)
        listed = found if everything else [one for one in found if one["outcome"] != ANSWERED]
        empty = (
            run.say("应采的都采到了", "everything that should have been asked was answered")
            if found
            else run.say(
                "还没有资产。先用 xunyan ingest 导入采集", "there is no asset yet. Take captures in with xunyan ingest"
            )
        )
        emit(_together(listed, run.say) if form is Format.TABLE else listed, _columns(run.say), form, empty=empty)
        if form is Format.TABLE and found:
            _total(run, len(found), answered)


def _wanted(one: Asset, unit: str, asset: str) -> bool:
    return unit in ("", one.unit) and asset in ("", one.id, one.key, one.name, one.address)


def _total(run: Session, due: int, answered: int) -> None:
    run.print(
        run.say(
            f"\n应采 {due} 项，采到 {answered} 项（{100 * answered / due:.1f}%），缺 {due - answered} 项",
            f"\n{due} due, {answered} answered ({100 * answered / due:.1f}%), {due - answered} missing",
        )
    )


def _together(rows: list[dict[str, Any]], say: Voice) -> list[dict[str, Any]]:
    """Put the rows of an asset together where all that is missing has one reason: one line for a host that is off."""
    found: list[dict[str, Any]] = []
    for _, group in groupby(rows, key=lambda row: row["asset"]):
        same: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in group:
            same.setdefault((row["outcome"], row["reason"], row["detail"], row["last_answered"]), []).append(row)
        for alike in same.values():
            if len(alike) > MANY:
                found.append(alike[0] | {"source": say(f"{len(alike)} 项", f"{len(alike)} sources")})
            else:
                found += alike
    return found


def _columns(say: Voice) -> Any:
    return (
        (say("单位", "unit"), lambda r: r["unit"]),
        (say("资产", "asset"), lambda r: r["name"]),
        (say("来源", "source"), lambda r: r["source"]),
        (
            say("结果", "outcome"),
            lambda r: say("采到", "answered") if r["outcome"] == ANSWERED else say.word(GAP, r["reason"]),
        ),
        (say("详情", "detail"), lambda r: detail_text(r["detail"], say)[:120]),
        (say("上次采到", "last answered"), lambda r: r["last_answered"]),
    )
