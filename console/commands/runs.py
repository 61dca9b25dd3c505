"""`xunyan runs`: what was taken in and what was judged, in order of time."""

from typing import Any

import msgspec
import typer

from console.commands.common import FormatOption, example, session
from console.language import STATUS, Voice
from console.output import Format, emit
from console.session import shown


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say("列出导入批次和判定。", "List what was taken in and what was judged.")
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example("xunyan runs", "xunyan runs --format jsonl")
    )
    def runs(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
        run = session(context)
        with run.reading() as (_, store):
            taken = [
                {
                    **row,
                    "schema": "xunyan.run/1",
                    "files": msgspec.json.decode(row["files"]),
                    "started_at": shown(row["started_at"]),
                    "finished_at": shown(row["finished_at"]),
                }
                for row in store.rows("SELECT * FROM run")
            ]
            judged = [
                {
                    **row,
                    "schema": "xunyan.judgement/1",
                    "kind": "judge",
                    "counts": msgspec.json.decode(row["counts"]),
                    "judged_at": shown(row["judged_at"]),
                    "made_at": shown(row["made_at"]),
                }
                for row in store.rows("SELECT * FROM judgement")
            ]
        found = sorted(
            taken + judged,
            key=lambda one: (one.get("finished_at") or one["made_at"], one["kind"] == "judge", one["number"]),
        )
        emit(
            found,
            _columns(run.say),
            form,
            empty=run.say(
                "还没有批次。先用 xunyan ingest 导入采集", "there is no run yet. Take captures in with xunyan ingest"
            ),
        )


def _columns(say: Voice) -> Any:
    kinds = {
        "judge": say("判定", "judgement"),
        "ingest": say("导入", "ingest"),
        "scan": say("扫描", "scan"),
        "ledger": say("台账", "ledger"),
        "identities": say("认定", "identities"),
        "recovered": say("补录", "recovered"),
    }
    return (
        (say("种类", "kind"), lambda r: kinds.get(r["kind"], r["kind"])),
        (say("号", "no"), lambda r: str(r["number"])),
        (say("时间", "time"), lambda r: r.get("finished_at") or r["made_at"]),
        (say("内容", "what"), lambda r: _judged(r, say) if r["kind"] == "judge" else _taken(r, say)),
    )


def _taken(row: dict[str, Any], say: Voice) -> str:
    files = "、".join(row["files"][:3]) + ("……" if len(row["files"]) > 3 else "")
    return say(
        f"采集 {row['captures']}，缺口 {row['gaps']}，已有 {row['known']}：{files}",
        f"{row['captures']} captures, {row['gaps']} gaps, {row['known']} known: {files}",
    )


def _judged(row: dict[str, Any], say: Voice) -> str:
    counts = say("，", ", ").join(
        f"{say.word(STATUS, status)} {count}" for status, count in row["counts"].items() if count
    )
    return say(
        f"判定时间 {row['judged_at']}，依据 {row['profile']}：{counts}",
        f"judged at {row['judged_at']}, profile {row['profile']}: {counts}",
    )
