"""`xunyan ledger`: what people file about endpoints, such as when each was bought."""

import stat
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from console import ingesting
from console.authorised import classified_check
from console.commands.common import FormatOption, example, paths_text, session
from console.commands.ingest import say_report
from console.commands.judge import summary
from console.intake import Handed, Problems
from console.language import Voice
from console.output import Format, emit, one_line
from console.session import Session, shown
from console.workspace import Workspace
from evidence.captures import RejectedError, check_envelope, check_name, seal
from evidence.segments import Place
from evidence.store import Store
from inventories import ledgers
from inventories.classified import refusal
from xunyan.errors import InputError
from xunyan.model import Capture
from xunyan.wording import Text

SHOWN = 40
FORM_LIMIT = 64 * 1024 * 1024


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say(
            "终端台账：采集不到的信息，如采购日期。",
            "The endpoint ledger: what no machine tells, such as when it was bought.",
        ),
    )
    app.add_typer(group, name="ledger")

    @group.command(
        help=say("导出空白终端台账（CSV）。", "Write the blank endpoint ledger (CSV).")
        + "\n\n"
        + example("xunyan ledger template > 终端台账.csv")
    )
    def template() -> None:
        sys.stdout.buffer.write(ledgers.template().encode())

    @group.command(
        "import",
        help=say(
            "导入填好的终端台账（UTF-8或GB18030的CSV）；任何一处有误则整批不导入。",
            "Take a filled ledger back (CSV in UTF-8 or GB18030); where anything is wrong, nothing is taken.",
        )
        + "\n\n"
        + example("xunyan ledger import 终端台账.csv"),
    )
    def import_(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(help=say("填好的表", "the filled form"))],
        judge: Annotated[
            bool, typer.Option("--judge/--no-judge", help=say("导入后是否判定", "judge after taking in"))
        ] = True,
    ) -> None:
        run = session(context)
        if judge:
            run.workspace().inputs()  # what judging would stumble over is said before anything is taken in
        with run.writing() as (workspace, store):
            rows = list(_rows(file, workspace, run.now()))
            in_force = _in_force(workspace, store)
            handed = [
                row for row in rows if in_force.get((row.one.envelope.network, row.one.envelope.asset)) != _body(row)
            ]
            if len(handed) < len(rows):
                same = len(rows) - len(handed)
                run.print(run.say(f"{same} 行与现行台账相同，略过", f"{same} rows are as filed already, passed over"))
            report = ingesting.ingest(
                workspace, store, handed, Problems(), kind="ledger", files=paths_text([file]), clock=run.now
            )
            say_report(run, report)
            if judge:
                summary(run, run.judge(workspace, store, run.now()), workspace.inputs())

    @group.command(
        "list",
        help=say("列出台账的现行内容。", "List what is filed.") + "\n\n" + example("xunyan ledger list --format csv"),
    )
    def list_(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
        run = session(context)
        emit(
            list(_filed(run)),
            _columns(run.say),
            form,
            empty=run.say(
                "台账是空的。用 xunyan ledger template 导出空白表",
                "nothing is filed. Write the blank form with xunyan ledger template",
            ),
        )


def _rows(file: Path, workspace: Workspace, now: datetime) -> Iterator[Handed]:
    """Read a returned form into captures. Raises InputError that lists every problem by row and column."""
    network, unit = workspace.settings.network, workspace.settings.unit
    filed, problems = ledgers.read_csv(_read(file), classified_check(workspace), network)
    secrets = [(Text(f"第 {row.row} 行", f"row {row.row}"), row.secret) for row in filed if row.secret is not None]
    if secrets:
        raise refusal(secrets, str(file))
    for row in filed:
        for column, value in row.columns.items():
            try:
                check_name(column, value)
            except RejectedError:
                problems.append(ledgers.Problem(row.row, ledgers.COLUMNS[column], _UNFIT))
    if problems:
        zh = [f"  第 {p.row} 行 {one_line(p.column)}：{p.what.zh}" for p in problems[:SHOWN]]
        en = [f"  row {p.row}, {one_line(p.column)}: {p.what.en}" for p in problems[:SHOWN]]
        if len(problems) > SHOWN:
            zh.append(f"  ……另有 {len(problems) - SHOWN} 处")
            en.append(f"  ... and {len(problems) - SHOWN} more")
        raise InputError(
            Text(
                "\n".join([f"有 {len(problems)} 处问题，本次未导入任何内容：", *zh]),
                "\n".join([f"{len(problems)} problems, nothing was taken:", *en]),
            ),
            where=str(file),
            advice=Text(
                "改正后重新导入；空白表：xunyan ledger template",
                "mend and import again; blank form: xunyan ledger template",
            ),
        )
    for row in filed:
        envelope = ledgers.envelope(
            row, file=paths_text([Path(file.name)])[0], taken_at=now, network=network, unit=unit
        )
        try:
            check_envelope(envelope)
        except RejectedError as error:
            raise InputError(
                Text(f"第 {row.row} 行不能导入（{error}）", f"row {row.row} cannot be taken ({error})"),
                where=str(file),
                advice=Text("改正后重新导入", "mend it and import again"),
            ) from error
        yield Handed(f"{file}:{row.row}", seal(envelope, ledgers.body(row), exit_code=None))


_UNFIT = Text(
    "过长（上限256个字符），或含换行、不可见字符", "too long (256 characters at most), or holds an invisible character"
)


def _read(file: Path) -> bytes:
    """Read a returned form. Raises InputError where it is no plain file, or larger than any form is."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > FORM_LIMIT:
            raise InputError(
                Text("不是普通文件，或超过64 MiB", "not a plain file, or larger than 64 MiB"),
                where=str(file),
                advice=Text("空白表：xunyan ledger template", "blank form: xunyan ledger template"),
            )
        return file.read_bytes()
    except OSError as error:
        raise InputError(
            Text("读不了这个文件", "the file cannot be read"),
            where=f"{file}: {error.strerror}",
            advice=Text("核对路径和权限", "check its path and permissions"),
        ) from error


def _body(row: Handed) -> bytes:
    return row.one.body if isinstance(row.one, Capture) else b""


def _in_force(workspace: Workspace, store: Store) -> dict[tuple[str, str], bytes]:
    """Map (network, asset as the ledger names it) to the row that is in force."""
    places = [Place(row["segment"], row["offset"], row["length"]) for row in _newest(store)]
    return {(one.envelope.network, one.envelope.asset): one.body for one in workspace.segments.read(places)}


def _filed(run: Session) -> Iterator[dict[str, Any]]:
    with run.reading() as (workspace, store):
        for row in _newest(store):
            capture = next(workspace.segments.read([Place(row["segment"], row["offset"], row["length"])]))
            yield {
                "schema": "xunyan.ledger/1",
                "asset_id": row["asset"],
                **dict(ledgers.read_row(capture).columns),
                "filed_at": shown(row["taken_at"]),
                "file": capture.envelope.request,
            }


def _newest(store: Store) -> list[dict[str, Any]]:
    return list(
        store.rows(
            """SELECT asset, segment, offset, length, taken_at, max(taken_at || id) FROM capture WHERE source = ?
               GROUP BY asset ORDER BY name, asset""",
            (ledgers.SOURCE,),
        )
    )


def _columns(say: Voice) -> Any:
    def cell(key: str) -> Any:
        return lambda row: str(row.get(key, ""))

    return (
        *((say(heading, key), cell(key)) for key, heading in ledgers.COLUMNS.items()),
        (say("导入来源", "file"), cell("file")),
    )
