"""`xunyan collector`: write out the script that an operator runs by hand on a host."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from console.commands.common import example, session
from console.language import Voice
from xunyan.errors import UsageError
from xunyan.wording import Text

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "导出手工采集脚本：Linux 用 collect.sh，Windows 用 collect.ps1（只读，不需要安装）。",
            "Write out the collector to run by hand: collect.sh for Linux, collect.ps1 for Windows"
            " (read-only, nothing to install).",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan collector > collect.sh",
            "sh collect.sh --asset host:web01 > web01.captures.jsonl",
            "xunyan collector | ssh web01 sh -s -- --asset host:web01 > web01.captures.jsonl",
            "xunyan collector --windows -o collect.ps1",
            "powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1 -Output pc01.captures.jsonl",
        )
    )
    def collector(
        context: typer.Context,
        output: Annotated[
            Path | None,
            typer.Option(
                "--output", "-o", help=say("写到文件，默认标准输出", "write to a file, by default to standard output")
            ),
        ] = None,
        windows: Annotated[
            bool,
            typer.Option(
                "--windows",
                help=say("导出用于 Windows 的 collect.ps1", "write collect.ps1, the one for Windows"),
            ),
        ] = False,
    ) -> None:
        run = session(context)
        script = (PLAYBOOKS / ("collect.ps1" if windows else "collect.sh")).read_bytes()
        if output is None:
            sys.stdout.buffer.write(script)
            return
        if output.exists():
            raise UsageError(
                Text("文件已存在，不覆盖", "the file is there already and is not overwritten"),
                where=str(output),
                advice=Text("换一个文件名", "choose another name"),
            )
        output.write_bytes(script)
        output.chmod(0o755)
        run.note(run.say(f"已写出 {output}", f"wrote {output}"))
