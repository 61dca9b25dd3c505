"""`xunyan ingest`: take in captures carried by hand, and judge."""

from pathlib import Path
from typing import Annotated

import typer

from console import ingesting
from console.commands.common import example, paths_text, session
from console.commands.judge import summary
from console.intake import Defaults, Problems, read
from console.language import Voice
from console.output import one_line
from console.progress import Progress
from console.redacting import Redactor
from console.session import Session, parse_moment
from console.terminal_logs import TerminalLogs
from scanners.platforms import PLATFORMS
from xunyan.errors import UsageError
from xunyan.wording import Text

SHOWN = 20


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "导入手工带回的采集：*.captures.jsonl 文件、<资产>/<来源>.txt 的文件夹、网络设备的终端日志；随后判定。任何一处有误则整批不导入。",
            "Take in captures carried by hand: *.captures.jsonl files, folders <asset>/<source>.txt, terminal logs of network "
            "devices; then judge. Where anything is wrong, nothing is taken.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan ingest web01.captures.jsonl",
            "xunyan ingest 采集结果/ --unit 教育局 --network 外网",
            "xunyan ingest device.log --unit 教育局 --network 外网",
            "xunyan ingest device.log --platform huawei_vrp --taken-at 2026-11-20T09:00:00+08:00",
            "xunyan ingest answers/ --taken-at 2026-11-20T09:00:00+08:00 --no-judge",
        )
    )
    def ingest(
        context: typer.Context,
        paths: Annotated[list[Path], typer.Argument(help=say("文件或文件夹", "files or folders"))],
        unit: Annotated[
            str, typer.Option(help=say("采集中没有写单位时填这个", "the unit where the input names none"))
        ] = "",
        network: Annotated[
            str, typer.Option(help=say("采集中没有写地址域时填这个", "the network where the input names none"))
        ] = "",
        taken_at: Annotated[
            str,
            typer.Option(
                "--taken-at",
                help=say(
                    "采集时间；文件夹默认取文件修改时间，终端日志默认取其中 display clock 的时间",
                    "when it was taken; by default a folder's files' own time, and in a terminal log the device's clock",
                ),
            ),
        ] = "",
        platform: Annotated[
            str,
            typer.Option(
                "--platform",
                help=say(
                    "文件夹和终端日志的平台；终端日志默认看其中的 display version",
                    "the platform of a folder or a terminal log; a log's own display version goes first",
                ),
            ),
        ] = "",
        asset: Annotated[
            str,
            typer.Option(
                "--asset",
                help=say(
                    "终端日志里那台设备的名称，默认取提示符里的",
                    "names the device of a terminal log, by default as its prompt does",
                ),
            ),
        ] = "",
        with_ledger: Annotated[
            bool,
            typer.Option(
                "--with-ledger",
                help=say("连同台账行一起导入（迁移工作区时用）", "take ledger rows too (when a workspace moves)"),
            ),
        ] = False,
        judge: Annotated[
            bool, typer.Option("--judge/--no-judge", help=say("导入后是否判定", "judge after taking in"))
        ] = True,
        at: Annotated[
            str, typer.Option("--at", help=say("判定时间，默认现在", "the moment to judge at, by default now"))
        ] = "",
    ) -> None:
        run = session(context)
        judged_at = parse_moment(at) if at else None
        if judge:
            run.workspace().inputs()  # what judging would stumble over is said before anything is taken in
        moment = parse_moment(taken_at, "--taken-at") if taken_at else None
        settings = run.workspace().settings
        if platform and platform not in PLATFORMS:
            raise UsageError(
                Text(f"没有这个平台：{platform}", f"no such platform: {platform}"),
                where="--platform",
                advice=Text(f"可用的：{'、'.join(PLATFORMS)}", f"there are: {', '.join(PLATFORMS)}"),
            )
        defaults = Defaults(
            network or settings.network,
            unit or settings.unit,
            run.now(),
            moment,
            platform,
            asset,
            with_ledger=with_ledger,
        )
        take_in(run, paths, defaults)
        if judge:
            with run.writing() as (workspace, store):
                summary(run, run.judge(workspace, store, judged_at or run.now()), workspace.inputs())


def take_in(run: Session, paths: list[Path], defaults: Defaults) -> None:
    """Take files in and say what came of it."""
    with run.writing() as (workspace, store):
        problems = Problems()
        logs = TerminalLogs(defaults, problems)
        with Progress(run.say("正在导入", "taking in")) as progress:
            report = ingesting.ingest(
                workspace,
                store,
                read(paths, defaults, problems, Redactor(workspace.root).capture, logs.read),
                problems,
                kind="ingest",
                files=paths_text(paths),
                clock=run.now,
                progress=progress,
            )
    say_report(run, report)
    say_left_out(run, logs)


def say_left_out(run: Session, logs: TerminalLogs) -> None:
    """Say which answers of terminal logs were not taken, and why."""
    count = len(logs.left_out) + logs.more
    if not count:
        return
    run.note(
        run.say(
            f"终端日志里有 {count} 条命令的回答没有导入：",
            f"answers to {count} commands of terminal logs were left out:",
        )
    )
    for one in logs.left_out[:SHOWN]:
        told = f"{one_line(one.where)} {one_line(one.device)}：{one_line(one.command)}"
        run.note(run.say(f"  {told}：{one.why.zh}", f"  {told}: {one.why.en}"))
    if count > SHOWN:
        run.note(run.say(f"  ……另有 {count - SHOWN} 条", f"  ... and {count - SHOWN} more"))


def say_report(run: Session, report: ingesting.Report) -> None:
    """Say what was taken in, and who could not be told apart."""
    done = report.run
    run.print(
        run.say(
            f"批次 {done.number}：导入采集 {done.captures} 条、缺口 {done.gaps} 条，涉及资产 {report.assets} 个（新登记 {report.new_assets} 个）",
            f"run {done.number}: {done.captures} captures and {done.gaps} gaps of {report.assets} assets ({report.new_assets} new)",
        )
        + (
            run.say(
                f"；已有 {done.known} 条，略过",
                f"; {done.known} known already, passed over",
            )
            if done.known
            else ""
        )
    )
    if report.unended:
        names = "、".join(one_line(name) for name in report.unended[:3]) + ("……" if len(report.unended) > 3 else "")
        run.note(
            run.say(
                f"注意：{len(report.unended)} 个资产的采集没有结束行，文件可能不完整（{names}）；由 collect.sh 采集的请重新采集",
                f"note: the captures of {len(report.unended)} assets lack the last line ({names}); if collect.sh made them, collect again",
            )
        )
    for clash in report.clashes[:10]:
        keys = ", ".join(f"{kind}={value}" for kind, value in clash.keys)
        run.note(
            run.say(
                f"注意：资产 {clash.asset} 与 {clash.other} 有相同的标识（{keys}），没有合并，请人工核实",
                f"note: assets {clash.asset} and {clash.other} share {keys}; they were not merged, a person must look",
            )
        )
    if len(report.clashes) > 10:
        run.note(
            run.say(
                f"……另有 {len(report.clashes) - 10} 处，见 xunyan doctor",
                f"... {len(report.clashes) - 10} more, see xunyan doctor",
            )
        )
