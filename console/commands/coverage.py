"""`xunyan coverage`: of what should have been asked, what was answered, what was not, and why."""

from typing import Annotated, Any

import typer

from console.commands.common import FormatOption, example, session
from console.language import GAP, Voice
from console.output import Format, emit
from console.session import Session, parse_moment, shown
from evidence.store import Store
from scanners.platforms import PLATFORMS
from xunyan.canonical import utc_text


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
        with run.reading() as (_, store):
            until = parse_moment(at) if at else run.now()
            found = _rows(store, utc_text(until), unit, asset)
        answered = sum(one["outcome"] == "answered" for one in found)
        listed = found if everything else [one for one in found if one["outcome"] != "answered"]
        empty = (
            run.say("应采的都采到了", "everything that should have been asked was answered")
            if found
            else run.say(
                "还没有资产。先用 xunyan ingest 导入采集", "there is no asset yet. Take captures in with xunyan ingest"
            )
        )
        emit(listed, _columns(run.say), form, empty=empty)
        if form is Format.TABLE and found:
            _total(run, len(found), answered)


def _total(run: Session, due: int, answered: int) -> None:
    run.print(
        run.say(
            f"\n应采 {due} 项，采到 {answered} 项（{100 * answered / due:.1f}%），缺 {due - answered} 项",
            f"\n{due} due, {answered} answered ({100 * answered / due:.1f}%), {due - answered} missing",
        )
    )


def _rows(store: Store, until: str, unit: str, asset: str) -> list[dict[str, Any]]:
    """One row for every source that each asset's platform has. A gap newer than an answer does not void it, but shows."""
    captured = _newest(
        store,
        "SELECT asset, source, max(taken_at) AS taken_at FROM capture WHERE taken_at <= ? GROUP BY asset, source",
        until,
    )
    gaps = _newest(
        store,
        "SELECT asset, source, reason, detail, taken_at, max(taken_at || id) FROM gap WHERE taken_at <= ? GROUP BY asset, source",
        until,
    )
    blind = {(row["asset"], row["source"]): row for row in store.rows("SELECT * FROM blind")}
    found = []
    for identifier, one in store.assets().items():
        platform = PLATFORMS.get(one.platform)
        if (unit and one.unit != unit) or (asset and asset not in (one.id, one.key, one.name, one.address)):
            continue
        for source in platform.sources if platform else ("*",):
            mark = (identifier, source)
            answer, gap, unread = captured.get(mark), gaps.get(mark), blind.get(mark)
            row: dict[str, Any] = {
                "schema": "xunyan.coverage/1",
                "asset": one.id,
                "key": one.key,
                "name": one.name,
                "unit": one.unit,
                "network": one.network,
                "source": source,
                "outcome": "gap",
                "reason": "not-asked",
                "detail": "",
                "last_answered": shown(answer["taken_at"]) if answer else "",
                "last_failed": shown(gap["taken_at"]) if gap else "",
            }
            if unread is not None:
                row |= {"reason": unread["reason"], "detail": unread["detail"]}
            elif gap is not None and (answer is None or gap["taken_at"] > answer["taken_at"]):
                row |= {"reason": gap["reason"], "detail": gap["detail"]}
            elif answer is not None:
                row |= {"outcome": "answered", "reason": ""}
            found.append(row)
    return sorted(found, key=lambda row: (row["unit"], row["key"], row["asset"]))


def _newest(store: Store, sql: str, until: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["asset"], row["source"]): row for row in store.rows(sql, (until,))}


def _columns(say: Voice) -> Any:
    return (
        (say("单位", "unit"), lambda r: r["unit"]),
        (say("资产", "asset"), lambda r: r["name"]),
        (say("来源", "source"), lambda r: r["source"]),
        (
            say("结果", "outcome"),
            lambda r: say("采到", "answered") if r["outcome"] == "answered" else say.word(GAP, r["reason"]),
        ),
        (say("详情", "detail"), lambda r: r["detail"][:120]),
        (say("上次采到", "last answered"), lambda r: r["last_answered"]),
    )
