"""`xunyan report`: what was found, as a document to hand over: one HTML page, JSON, or a table of findings."""

import io
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from console.commands.common import example, known_unit, session
from console.commands.findings import columns
from console.judged import last_judged
from console.language import Voice
from console.output import Format, emit, escaped, one_line
from console.reporting import assemble, finder, html_report
from console.workspace import Workspace
from evidence.durable import replace_file
from evidence.store import Store
from reports import html
from reports.model import SCHEMA
from xunyan.errors import InputError, UsageError
from xunyan.wording import Text

Write = Callable[[Workspace, Store, Voice, str], bytes]
SUFFIXES = (".html", ".json", ".csv")
HEAD = 64
"""So many bytes at the beginning of a file tell whether it is a report of ours."""


class Form(StrEnum):
    """The kinds of document."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "出报告：一个HTML文件，可离线打开、按A4打印；也可出JSON和问题清单CSV。--unit 只出一个单位的，不含别的单位。",
            "Write the report: one HTML file that opens offline and prints on A4; also JSON, or findings as CSV. "
            "With --unit it is that unit's alone.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan report -o baogao.html",
            "xunyan report --unit 教育局 -o jiaoyuju.html",
            "xunyan report --format csv -o wenti.csv",
            "xunyan --lang en report -o report.html",
        )
    )
    def report(
        context: typer.Context,
        form: Annotated[Form, typer.Option("--format", "-f", help="html | json | csv")] = Form.HTML,
        output: Annotated[
            Path | None,
            typer.Option("--output", "-o", help=say("写到哪个文件；HTML必须写明", "the file to write; HTML needs one")),
        ] = None,
        unit: Annotated[str, typer.Option(help=say("只出这个单位的", "only this unit"))] = "",
    ) -> None:
        run = session(context)
        if output is None and form is Form.HTML:
            raise UsageError(
                Text("没有写明报告写到哪个文件", "no file was named to write the report to"),
                where="-o",
                advice=Text("如 xunyan report -o baogao.html", "such as xunyan report -o report.html"),
            )
        if output is not None:
            _check_place(output)
        with run.reading() as (workspace, store):
            last_judged(store)
            known_unit(store, unit)
            data = WRITERS[form](workspace, store, run.say, unit)
        if output is None:
            run.print(data.decode().rstrip("\n"))
            return
        _write(output, data)
        run.print(
            run.say(
                f"已写出 {one_line(str(output))}（{_size(len(data))}）",
                f"written: {one_line(str(output))} ({_size(len(data))})",
            )
        )
        if form is Form.HTML:
            run.print(
                run.say(
                    "用浏览器打开；打印选A4。"
                    + ("" if unit else "各单位单独的报告：xunyan report --unit 单位 -o 文件"),
                    "Open it in a browser; print on A4."
                    + ("" if unit else " A unit's own: xunyan report --unit UNIT -o FILE"),
                )
            )


def _json(workspace: Workspace, store: Store, say: Voice, unit: str) -> bytes:
    """One object: the report as the page has it, and every finding of it in the form of the contract for scripts."""
    whole: dict[str, Any] = msgspec.to_builtins(assemble(workspace, store, say, unit))
    del whole["schema"]  # it stands first, where a reader of the file looks for it
    encode = msgspec.json.Encoder(order="deterministic").encode
    rest = escaped(msgspec.json.format(encode(whole), indent=1).decode()).removeprefix("{")
    # One finding a line, and no more than one in memory as anything but text: there may be tens of thousands.
    found = ",\n".join(escaped(encode(one).decode()) for one in finder(workspace, store, say, unit).records())
    return f'{{"schema": "{SCHEMA}",\n"findings": [\n{found}\n],{rest}\n'.encode()


def _csv(workspace: Workspace, store: Store, say: Voice, unit: str) -> bytes:
    """Findings row by row, for a spreadsheet."""
    found = finder(workspace, store, say, unit)
    basis: tuple[str, Callable[[Mapping[str, Any]], str]] = (say("依据", "basis"), lambda r: "、".join(r["basis"]))
    proof: tuple[str, Callable[[Mapping[str, Any]], str]] = (say("证据", "evidence"), _cited)
    out = io.StringIO(newline="")
    emit(found.records(), (*columns(say, found.catalogue), basis, proof), Format.CSV, empty="", out=out)
    return out.getvalue().encode("utf-8", "backslashreplace")


WRITERS: Mapping[Form, Write] = {Form.HTML: html_report, Form.JSON: _json, Form.CSV: _csv}


def _cited(record: Mapping[str, Any]) -> str:
    """Name the places that prove a finding: source, lines, capture."""
    return "; ".join(
        f"{one['source']} {one['lines'][0]}-{one['lines'][1]} {one['capture']}" for one in record["evidence"]
    )


def _check_place(output: Path) -> None:
    """Refuse what cannot be written to, and an existing file that is no report: nothing else is ever written over."""
    if output.is_dir():
        raise UsageError(
            Text("这是文件夹，不是文件", "this is a folder, not a file"),
            where=f"-o {one_line(str(output))}",
            advice=Text("写明文件名，如 文件夹/baogao.html", "name a file in it, such as FOLDER/report.html"),
        )
    if not output.parent.is_dir():
        raise UsageError(
            Text("没有这个文件夹", "there is no such folder"),
            where=f"-o {one_line(str(output.parent))}",
            advice=Text("先建文件夹，或换一个位置", "make it first, or choose another place"),
        )
    if output.exists() and not _ours(output):
        raise InputError(
            Text("已有同名文件，而且不是巡验的报告，不覆盖", "a file of that name is there and is no report of ours"),
            where=one_line(str(output)),
            advice=Text("换一个文件名，或自己先删掉它", "choose another name, or remove it yourself"),
        )


def _ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(HEAD)
    begins = (
        html.MARK.encode(),
        f'{{"schema": "{SCHEMA}"'.encode(),
        *(f"\ufeff{word}".encode() for word in ("编号,", "id,")),
    )
    return head.startswith(begins) or (not head and path.suffix in SUFFIXES)


def _write(output: Path, data: bytes) -> None:
    replace_file(output.resolve(), data)


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{max(count, 1) / 1000:.1f} KB"
