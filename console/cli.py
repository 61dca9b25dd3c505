"""The command line: verbs put together, in the language of this run; every error said in words, never as a traceback."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer import rich_utils

from console.commands import (
    collector,
    controls,
    coverage,
    diff,
    doctor,
    findings,
    ingest,
    init,
    judge,
    ledger,
    metrics,
    observations,
    rebuild,
    runs,
    show,
)
from console.language import Voice, choose
from console.session import Session
from xunyan import __version__
from xunyan.errors import XunyanError

VERBS = (
    init, collector, ingest, ledger, judge, findings, show, observations, coverage, metrics, diff, runs, controls,
    rebuild, doctor,
)  # fmt: skip


def build(language: str) -> typer.Typer:
    """Put the command line together in a language, `zh` or `en`."""
    say = Voice(language)
    app = typer.Typer(
        name="xunyan",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
        help=say(
            "巡验：检查本地政务信息化资产，用可核验的证据回答验收审查要问的事。",
            "Xunyan: checks a local government's IT estate and answers what an acceptance review asks, with proof.",
        ),
        epilog=say(
            "先运行 xunyan init，再运行 xunyan ingest；各命令的 --help 有示例。",
            "Start with xunyan init, then xunyan ingest; each command's --help has examples.",
        ),
    )

    @app.callback()
    def root(
        context: typer.Context,
        folder: Annotated[
            Path,
            typer.Option(
                "-C",
                "--directory",
                help=say("工作区文件夹，默认当前文件夹", "the workspace's folder, by default this one"),
            ),
        ] = Path(),
        lang: Annotated[
            str,
            typer.Option(
                "--lang", help=say("语言：zh或en，也可设环境变量XUNYAN_LANG", "language: zh or en, or set XUNYAN_LANG")
            ),
        ] = language,
        version: Annotated[
            bool, typer.Option("--version", help=say("显示版本", "show the version"), is_eager=True, callback=_version)
        ] = False,
    ) -> None:
        del lang, version  # chosen before the command line is put together; said by its own callback
        context.obj = Session(say, folder)

    for verb in VERBS:
        verb.add(app, say)
    return app


def _version(value: bool) -> None:  # noqa: FBT001
    if value:
        sys.stdout.write(f"xunyan {__version__}\n")
        raise typer.Exit


def main() -> None:
    """Run the command line and exit: 0 it ran, 1 it failed, 2 wrong use or bad input, 3 with --exit-code."""
    language = choose(sys.argv[1:], os.environ)
    say = Voice(language)
    if language == "zh":
        rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
        rich_utils.OPTIONS_PANEL_TITLE = "选项"
        rich_utils.COMMANDS_PANEL_TITLE = "命令"
        rich_utils.ERRORS_PANEL_TITLE = "错误"
    try:
        build(language)()
    except XunyanError as error:
        sys.stderr.write(say.error(error) + "\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.stderr.write(say("\n已中断；已导入的不受影响\n", "\ninterrupted; what was taken in stays\n"))
        sys.exit(130)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(say("错误：", "error: ") + f"{where}{error.strerror}\n")
        sys.exit(1)
