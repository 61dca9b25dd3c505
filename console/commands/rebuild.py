"""`xunyan rebuild`: make the index again from the originals."""

import typer

from console import rebuilding
from console.commands.common import example, session
from console.language import Voice
from console.progress import Progress


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "由原始采集、标识登记簿和流水账重新生成索引数据库。原件只读不改；逐条核对摘要。",
            "Make the index again from captures, register and journal. Originals are only read; every digest is checked.",
        )
        + "\n\n"
        + say("示例：", "Example:")
        + "\n\n"
        + example("xunyan rebuild")
    )
    def rebuild(context: typer.Context) -> None:
        run = session(context)
        workspace = run.workspace()
        with workspace.writing(), Progress(run.say("正在重建", "rebuilding")) as progress:
            workspace.sweep()
            done = rebuilding.rebuild(workspace, workspace.inputs(), run.now, progress)
        run.print(
            run.say(
                f"索引已重建：采集段 {done.segments} 个，采集 {done.captures} 条，判定 {done.judgements} 次",
                f"the index is made again: {done.segments} segments, {done.captures} captures, {done.judgements} judgements",
            )
        )
        if done.differing or not done.same_inputs:
            run.print(
                run.say(
                    f"检查目录、依据或程序在上次判定后变过，{done.differing} 条判定与当时不同；运行 xunyan judge 使其生效",
                    f"catalogue, profile or program changed since: {done.differing} verdicts differ; run xunyan judge",
                )
            )
