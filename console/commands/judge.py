"""`xunyan judge`: judge the snapshot again with the present catalogue and ledgers."""

import sys
from typing import Annotated

import typer

from console.commands.common import FormatOption, example, session
from console.judging import Judged, verdict_json
from console.language import HAPPENED, STATUS, Voice
from console.output import Format, emit, escaped
from console.session import Session, parse_moment, shown
from console.workspace import Inputs
from evidence.store import as_json


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "用现行检查目录和台账重新判定。同样的采集、同样的判定时间，结果逐字节相同（--format jsonl 输出全部判定）。",
            "Judge again with the present catalogue and ledgers. Same captures, same moment: equal bytes (--format jsonl prints all verdicts).",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan judge",
            "xunyan judge --at 2026-12-31",
            "xunyan judge --at 2026-11-21T08:00:00+08:00 --format jsonl > verdicts.jsonl",
        )
    )
    def judge(
        context: typer.Context,
        at: Annotated[
            str,
            typer.Option(
                "--at",
                help=say(
                    "判定时间，默认现在；只写日期指当天结束",
                    "the moment to judge at, by default now; a day means its end",
                ),
            ),
        ] = "",
        form: FormatOption = Format.TABLE,
        exit_code: Annotated[
            bool,
            typer.Option(
                "--exit-code", help=say("有不符合项时退出码为3", "exit with 3 where something is not satisfied")
            ),
        ] = False,
    ) -> None:
        run = session(context)
        with run.writing() as (workspace, store):
            judged = run.judge(workspace, store, parse_moment(at) if at else run.now())
            if form is Format.TABLE:
                summary(run, judged, workspace.inputs())
            elif form is Format.JSONL:
                sys.stdout.writelines(escaped(as_json(verdict_json(one))) + "\n" for one in judged.verdicts)
            else:
                emit((verdict_json(one) for one in judged.verdicts), COLUMNS, form, empty="")
        if exit_code and judged.judgement.counts["not-satisfied"]:
            raise typer.Exit(3)


COLUMNS = (
    ("control", lambda record: str(record["control"])),
    ("asset", lambda record: str(record["asset"])),
    ("status", lambda record: str(record["status"])),
)


def summary(run: Session, judged: Judged, inputs: Inputs) -> None:
    """Say what a judgement came to, and what changed."""
    done, say = judged.judgement, run.say
    counts = say("，", ", ").join(
        f"{say.word(STATUS, status)} {count}" for status, count in done.counts.items() if count
    )
    run.print(
        say(
            f"判定 {done.number}（{shown(done.judged_at)}，依据 {say.text(inputs.profile.title)}）：",
            f"judgement {done.number} ({shown(done.judged_at)}, profile {say.text(inputs.profile.title)}): ",
        )
        + (
            counts
            or say(
                "还没有可判定的资产，先用 xunyan ingest 导入采集",
                "nothing to judge yet; take captures in with xunyan ingest",
            )
        )
    )
    if judged.in_retrospect:
        run.print(
            say(
                "判定时间早于上次判定，或在将来：只供查看，没有记录",
                "earlier than the last judgement or ahead of now: shown only, nothing recorded",
            )
        )
        return
    changed: dict[str, int] = {}
    for event in judged.events:
        changed[event.happened] = changed.get(event.happened, 0) + 1
    if changed:
        run.print(
            say("变化：", "changes: ")
            + say("，", ", ").join(f"{say.word(HAPPENED, what)} {count}" for what, count in changed.items())
        )
    elif done.counts and any(done.counts.values()):
        run.print(say("与上次判定相比没有变化", "nothing changed since the last judgement"))
    if done.counts["not-satisfied"] or done.counts["needs-person"] or done.counts["not-observed"]:
        run.print(
            say(
                "查看：xunyan findings，证据：xunyan show 编号", "see xunyan findings, and xunyan show ID for the proof"
            )
        )
