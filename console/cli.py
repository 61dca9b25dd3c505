"""The command line: verbs put together, in the language of this run; every error said in words, never as a traceback."""

import gc
import io
import os
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, TextIO

import typer
from typer.exceptions import TyperException

from console.chinese import translate, usage_error
from console.language import Voice, choose
from console.output import one_line
from console.session import Session
from evidence.store import damaged
from xunyan import __version__
from xunyan.errors import XunyanError

INTERRUPTED = 130
GROUPS = ("controls", "credentials", "endpoints", "evidence", "exemptions", "identities", "keys", "ledger", "scope")

VERBS = (
    "init", "endpoints", "scope", "scan", "credentials", "collector", "ingest", "ledger", "judge", "findings", "show",
    "decide", "exemptions", "observations", "coverage", "metrics", "report", "diff", "runs", "evidence", "keys",
    "identities", "controls", "rebuild", "doctor", "demo",
)  # fmt: skip
"""Every verb, in the order of the help page. Each is a module of `console.commands` with a function `add`."""

VALUED = ("-C", "--directory", "--lang")
"""Options before the verb that take a value."""


def build(language: str, verbs: Iterable[str] = VERBS) -> typer.Typer:
    """Put the command line together in a language, `zh` or `en`, with these verbs."""
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

    for verb in verbs:
        import_module(f"console.commands.{verb}").add(app, say)
    return app


def spoken(arguments: Sequence[str]) -> Sequence[str]:
    """Choose the verbs to load: the one that is called, which halves the time to start; all where none is certain."""
    rest = iter(arguments)
    for word in rest:
        if word in VALUED:
            next(rest, None)
        elif word in VERBS:
            return (word,)
        elif word in ("-h", "--help") or not word.startswith("-"):
            break
    return VERBS


def _completing() -> bool:
    """Whether a shell asks what could come next."""
    return "_XUNYAN_COMPLETE" in os.environ


def _version(value: bool) -> None:  # noqa: FBT001
    if value:
        sys.stdout.write(f"xunyan {__version__}\n")
        raise typer.Exit


def main() -> None:
    """Run the command line and exit: 0 it ran, 1 it failed, 2 wrong use or bad input, 3 with --exit-code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to fail
    language = choose(sys.argv[1:], os.environ)
    say = Voice(language)
    verbs = VERBS if _completing() else spoken(sys.argv[1:])
    command = typer.main.get_command(build(language, verbs))
    if language == "zh" and _may_show_help(sys.argv[1:]):
        translate(command)
    gc.set_threshold(
        50_000, 20, 20
    )  # hundreds of thousands of facts live until the end: looking for garbage finds none
    out = sys.stdout
    try:
        code = command(prog_name="xunyan", standalone_mode=False)
        out.flush()
    except SystemExit as stop:  # the library's own way to say that the reader of a pipe went away
        code = stop.code if sys.stdout is out else 0
    except TyperException as error:
        _say_usage(error, language)
        code = error.exit_code
    except XunyanError as error:
        sys.stderr.write(say.error(error) + "\n")
        code = error.exit_code
    except BrokenPipeError:
        code = 0
    except KeyboardInterrupt:  # while modules load, or a second time while a scan ends
        code = INTERRUPTED
    except (UnicodeEncodeError, sqlite3.DatabaseError, OSError) as error:
        code = _say_mishap(error, say)
    _let_go(out)
    if code == INTERRUPTED:
        sys.stderr.write(say("\n已中断；已导入的不受影响\n", "\ninterrupted; what was taken in stays\n"))
    sys.exit(code if isinstance(code, int) else 0)


def _say_mishap(error: UnicodeEncodeError | sqlite3.DatabaseError | OSError, say: Voice) -> int:
    """Say what the system refused, in words; return the exit code."""
    if isinstance(error, UnicodeEncodeError):
        sys.stderr.write(
            say(
                "错误：命令行里有不是文字的字节\n怎么办：用UTF-8写参数\n",
                "error: an argument is not text\nwhat to do: write it in UTF-8\n",
            )
        )
        return 2
    if isinstance(error, sqlite3.DatabaseError):
        sys.stderr.write(say.error(damaged(Path("xunyan.db"), error)) + "\n")
    else:
        where = f"{one_line(os.fsdecode(error.filename))}: " if isinstance(error.filename, str | bytes) else ""
        sys.stderr.write(say("错误：", "error: ") + f"{where}{error.strerror}\n")
    return 1


def _let_go(out: TextIO) -> None:
    """Flush what is left; where nobody reads any more, let it go without a word."""
    try:
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def _may_show_help(arguments: list[str]) -> bool:
    """A help page comes on demand, or where a group of verbs is named without one."""
    return bool({"-h", "--help"} & set(arguments)) or not arguments or arguments[-1] in GROUPS


def _say_usage(error: TyperException, language: str) -> None:
    if type(error).__name__ == "NoArgsIsHelpError":  # the help page itself, already printed or in the message
        sys.stderr.write(f"{error}\n" if str(error) else "")
    elif language == "zh":
        sys.stderr.write("".join(one_line(line) + "\n" for line in usage_error(error).splitlines()))
    else:
        sys.stderr.write(
            f"error: {one_line(error.format_message())}\nwhat to do: see xunyan --help and COMMAND --help\n"
        )
