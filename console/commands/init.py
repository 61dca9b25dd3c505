"""`xunyan init`: make a workspace."""

from pathlib import Path
from typing import Annotated

import typer

from console.commands.common import example, session
from console.language import Voice
from console.workspace import create
from controls.loader import profile_names


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""
    profiles = ", ".join(profile_names())

    @app.command(
        help=say(
            "建立工作区：设置、台账、采集和索引都放在这个文件夹里。",
            "Make a workspace: settings, ledgers, captures and index live in it.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan init", "xunyan init 第四师 --profile fourth-division", "xunyan init city --profile mycity.toml"
        )
    )
    def init(
        context: typer.Context,
        folder: Annotated[
            Path | None, typer.Argument(help=say("文件夹，默认当前文件夹", "the folder, by default this one"))
        ] = None,
        profile: Annotated[
            str,
            typer.Option(
                help=say(
                    f"评判依据：{profiles}，或自己的.toml文件",
                    f"the documents to judge by: {profiles}, or a .toml of your own",
                )
            ),
        ] = "general",
    ) -> None:
        run = session(context)
        made = create((run.folder / folder) if folder else run.folder, profile)
        shown = folder or Path()
        run.print(
            run.say(
                f"工作区已建好：{made.root}（评判依据 {profile}）",
                f"the workspace is ready: {made.root} (profile {profile})",
            )
        )
        run.print(run.say("下一步：", "next:"))
        run.print(
            run.say(
                "  1. 在被查主机上采集：sh collect.sh > 主机名.captures.jsonl（xunyan collector 可导出该脚本）",
                "  1. on the host: sh collect.sh > host.captures.jsonl (xunyan collector writes that script)",
            )
        )
        run.print(
            run.say(
                f"  2. 导入并判定：xunyan -C {shown} ingest 主机名.captures.jsonl",
                f"  2. take it in and judge: xunyan -C {shown} ingest host.captures.jsonl",
            )
        )
        run.print(
            run.say(
                f"  3. 查看问题：xunyan -C {shown} findings", f"  3. look at the findings: xunyan -C {shown} findings"
            )
        )
        run.print(
            run.say(
                "主机多时联网扫描：先写授权书（xunyan scope template），再 xunyan endpoints import 和 xunyan scan",
                "many hosts are scanned: first a letter (xunyan scope template), then xunyan endpoints import and xunyan scan",
            )
        )
