"""The words of the command-line library itself, said in Chinese: help pages and errors of usage."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.exceptions import TyperException

_HELP = {
    "help": "显示本页",
    "install_completion": "安装当前shell的命令补全",
    "show_completion": "显示当前shell的补全脚本，可复制或自行修改",
}


def translate(command: Any) -> None:
    """Put the library's own words on every help page of a command into Chinese."""
    from typer import rich_utils  # it takes as long to load as a small command to run, and only help pages need it

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING = "［默认：{}］"
    rich_utils.REQUIRED_LONG_STRING = "［必填］"
    context = typer.Context(command, info_name="xunyan", help_option_names=["-h", "--help"])
    plain = type(context.make_formatter())

    class ChineseFormatter(plain):  # type: ignore[valid-type,misc]  # the library names no type for its formatter
        """Writes the usage line under a Chinese heading."""

        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            """Write the usage line."""
            super().write_usage(
                prog, args.replace("[OPTIONS]", "[选项]").replace("COMMAND [ARGS]...", "命令 …"), prefix or "用法："
            )

    command.context_class.formatter_class = ChineseFormatter
    for one in _tree(command):
        option = one.get_help_option(context)
        for parameter in [*one.params, *([option] if option is not None else [])]:
            if parameter.name in _HELP:
                parameter.help = _HELP[parameter.name]


def _tree(command: Any) -> Iterator[Any]:
    yield command
    for child in getattr(command, "commands", {}).values():
        yield from _tree(child)


def usage_error(error: TyperException) -> str:
    """Say an error of usage in Chinese; the library's own sentence is kept where it holds what was typed."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "xunyan"
    said = _sentence(error)
    return f"错误：{said}\n怎么办：用 {path} --help 查看用法和示例"


def _value(message: str) -> str:
    """Say what is wrong with a value, as far as the library's own sentences are known."""
    for english, chinese in (
        ("Value error, ", ""),
        (" is not one of ", " 不是可选值，可选："),
        ("Input should be greater than or equal to ", "不应小于 "),
        ("Input should be a valid integer, unable to parse string as an integer", "应为整数"),
    ):
        message = message.replace(english, chinese)
    return message


def _sentence(error: TyperException) -> str:
    parameter = getattr(error, "param", None)
    hint = getattr(error, "param_hint", None) or (parameter.get_error_hint() if parameter is not None else "")
    hint = "、".join(hint) if isinstance(hint, list | tuple) else str(hint)
    message = error.message.rstrip(".")
    match type(error).__name__:
        case "NoSuchOption":
            alike = "、".join(sorted(getattr(error, "possibilities", None) or ()))
            return f"没有选项 {getattr(error, 'option_name', '')}" + (f"，是不是 {alike}？" if alike else "")
        case "MissingParameter":
            return f"缺少 {hint.strip(chr(39))}"
        case "BadParameter":
            return f"{hint} 的值不对：{_value(message)}"
        case _ if message.startswith("Missing command"):
            return "没有写要做什么"
        case _ if message.startswith("No such command"):
            rest = message.removeprefix("No such command ")
            return "没有命令 " + rest.replace(". Did you mean ", "，是不是 ").replace("?", "？")
        case _:
            return message
