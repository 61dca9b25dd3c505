"""`xunyan ledger import`: returned ledgers taken in whole or not at all, with what they change shown first."""

import re
import stat
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from console import filing_exemptions, ingesting
from console.authorised import classified_check
from console.commands.common import example, paths_text, session
from console.commands.ingest import say_report
from console.commands.judge import summary
from console.deciding import decide_each
from console.filed_rows import in_force
from console.filing import Change, Plan, Wanted, plan
from console.filing_exemptions import Requests
from console.intake import Problems
from console.language import Voice
from console.output import one_line
from console.session import Session
from console.workspace import Workspace
from evidence.store import Store
from inventories.classified import refusal
from inventories.ledger_headings import Problem
from inventories.ledger_reading import Defaults, Returned, read_file
from inventories.ledger_tables import TABLES
from inventories.ledgers import HEADINGS
from xunyan.errors import InputError, UsageError
from xunyan.names import flaw
from xunyan.wording import Text

SHOWN = 100
SHOWN_CHANGES = 200
FORM_LIMIT = 64 * 1024 * 1024
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")


def add_import(group: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @group.command(
        "import",
        help=say(
            "导入填好的台账（XLSX，或UTF-8、GB18030的CSV），各表按表头识别。任何一处有误则整批不导入；"
            "再次导入同一单位的清单就是替换，先列出变化。",
            "Take filled ledgers back (XLSX, or CSV in UTF-8 or GB18030), each sheet known by its headings. Where anything is "
            "wrong, nothing is taken; a unit's list replaces its last one, and what changes is shown.",
        )
        + "\n\n"
        + example(
            "xunyan ledger import 终端台账.csv",
            "xunyan ledger import fujian5.xlsx peitao.xlsx --dry-run",
            "xunyan ledger import buchong.xlsx --add",
            "xunyan ledger import liwai.xlsx --by zhangsan",
        ),
    )
    def import_(
        context: typer.Context,
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=say("填好的表", "filled forms"))],
        unit: Annotated[
            str, typer.Option(help=say("清单中没有写单位时填这个", "the unit where the file names none"))
        ] = "",
        network: Annotated[
            str, typer.Option(help=say("清单中没有写地址域时填这个", "the network where the file names none"))
        ] = "",
        add: Annotated[
            bool, typer.Option("--add", help=say("只增改，不撤回清单里没有的", "add and change only, withdraw nothing"))
        ] = False,
        emptied: Annotated[
            bool,
            typer.Option(
                "--emptied", help=say("空表也算数：撤回它原有的全部内容", "an empty form withdraws all that it held")
            ),
        ] = False,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help=say("只列出变化，不导入", "show what would change, take nothing"))
        ] = False,
        by: Annotated[
            str,
            typer.Option(
                "--by",
                envvar="XUNYAN_ACCOUNT",
                show_envvar=False,
                metavar="ACCOUNT",
                help=say(
                    "例外由谁申请（有officer角色的账号）", "who asks for the exemptions (an account, role officer)"
                ),
            ),
        ] = "",
        judge: Annotated[
            bool, typer.Option("--judge/--no-judge", help=say("导入后是否判定", "judge after taking in"))
        ] = True,
    ) -> None:
        run = session(context)
        workspace = run.workspace()
        for option, value in (("--unit", unit), ("--network", network)):
            if flaw(value):
                raise _unfit(option)
        if add and emptied:
            raise UsageError(
                Text("--add 和 --emptied 只能用一个", "--add and --emptied exclude each other"),
                advice=Text("去掉其中一个", "leave one of them out"),
            )
        if judge and not dry_run:
            workspace.inputs()  # what judging would stumble over is said before anything is taken in
        settings = workspace.settings
        wanted = Wanted(network or settings.network, unit or settings.unit, run.now(), add=add, emptied=emptied)
        defaults = Defaults(wanted.network, wanted.unit, classified_check(workspace))
        returned = read_all(files, defaults)
        opened: AbstractContextManager[tuple[Workspace, Store]] = run.reading() if dry_run else run.writing()
        with opened as (workspace, store):
            found = plan(returned, in_force(workspace, store), wanted)
            asks = _asks(run, workspace, store, found, by, dry_run=dry_run)
            check([*returned.problems, *found.problems, *asks.problems], files)
            _say_plan(run, [*returned.told(), *found.notes], found, asks)
            if dry_run:
                run.print(run.say("以上只是预览，没有导入", "a preview alone: nothing was taken"))
                return
            _take(run, workspace, store, files, found, asks, by)
            if judge and _judges(found):
                summary(run, run.judge(workspace, store, run.now()), workspace.inputs())


def read_all(files: list[Path], defaults: Defaults) -> Returned:
    """Read returned files. Raises InputError where one cannot be read, or holds what is classified."""
    returned = Returned(several=len(files) > 1)
    for path in files:
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > FORM_LIMIT:
                raise InputError(
                    Text("不是普通文件，或超过64 MiB", "not a plain file, or larger than 64 MiB"),
                    where=str(path),
                    advice=Text("空白表：xunyan ledger template", "blank form: xunyan ledger template"),
                )
            with path.open("rb") as file:
                read_file(path, file, defaults, returned)
        except OSError as error:
            raise InputError(
                Text("读不了这个文件", "the file cannot be read"),
                where=f"{path}: {error.strerror}",
                advice=Text("核对路径和权限", "check its path and permissions"),
            ) from error
    if returned.classified:
        raise refusal(returned.classified, "、".join(paths_text(files)))
    return returned


def check(problems: list[Problem], files: list[Path]) -> None:
    """Raise InputError that lists every problem by its place and column; return where there is none."""
    if not problems:
        return
    zh, en = [], []
    for one in problems[:SHOWN]:
        heading = one_line(_ASIDE.sub("", one.heading))[:40]
        zh.append(f"  {one.place.zh}{f' {heading}' if heading else ''}：{one.what.zh}")
        en.append(f"  {one.place.en}{f', {heading}' if heading else ''}: {one.what.en}")
    if len(problems) > SHOWN:
        zh.append(f"  ……另有 {len(problems) - SHOWN} 处")
        en.append(f"  ... and {len(problems) - SHOWN} more")
    raise InputError(
        Text(
            "\n".join([f"有 {len(problems)} 处问题，本次未导入任何内容：", *zh]),
            "\n".join([f"{len(problems)} problems, nothing was taken:", *en]),
        ),
        where="、".join(paths_text(files)),
        advice=Text(
            "改正后重新导入；空白表：xunyan ledger template",
            "mend and import again; blank form: xunyan ledger template",
        ),
    )


def _asks(run: Session, workspace: Workspace, store: Store, found: Plan, by: str, *, dry_run: bool) -> Requests:
    if not found.exemptions:
        return Requests()
    account = None if dry_run and not by else filing_exemptions.acting(workspace, by)
    return filing_exemptions.requests(run, workspace, store, found.exemptions, account)


def _take(
    run: Session, workspace: Workspace, store: Store, files: list[Path], found: Plan, asks: Requests, by: str
) -> None:
    """Ask for the exemptions, which may still be refused as a whole, then take the rows in."""
    if asks.acts:
        done = decide_each(run, workspace, store, asks.acts, by)
        run.print(
            run.say(
                f"已申请例外 {len(done)} 条，由另一账号批复：xunyan exemptions list --state asked",
                f"{len(done)} exemptions asked for; another account answers: xunyan exemptions list --state asked",
            )
        )
    if _judges(found):
        report = ingesting.ingest(
            workspace, store, found.handed, Problems(), kind="ledger", files=paths_text(files), clock=run.now
        )
        say_report(run, report)


def _judges(found: Plan) -> bool:
    """Tell whether there is anything but exemptions, which change no verdict."""
    return bool(found.handed or found.same or not found.exemptions)


def _say_plan(run: Session, notes: list[Text], found: Plan, asks: Requests) -> None:
    """Say what changes, row by row, and what a person should know."""
    say = run.say
    for note in notes:
        run.note(say("注意：", "note: ") + one_line(say.text(note)))
    counts: dict[str, Counter[str]] = {}
    for change in found.changes:
        counts.setdefault(change.table.id, Counter())[change.what] += 1
    for identifier in [one for one in TABLES if one in counts]:
        words = say("，", ", ").join(f"{say.text(_WHAT[what])} {count}" for what, count in counts[identifier].items())
        run.print(f"{say.text(TABLES[identifier].title)}{say('：', ': ')}{words}")
        of_table = [one for one in found.changes if one.table.id == identifier]
        for one in of_table[:SHOWN_CHANGES]:
            run.print(f"  {_line(one, say)}")
        if len(of_table) > SHOWN_CHANGES:
            run.print(
                say(f"  ……另有 {len(of_table) - SHOWN_CHANGES} 行", f"  ... {len(of_table) - SHOWN_CHANGES} more")
            )
    if same := sum(found.same.values()):
        run.print(say(f"{same} 行与现行台账相同，略过", f"{same} rows are as filed already, passed over"))
    if asks.acts:
        run.print(say(f"例外：申请 {len(asks.acts)} 条", f"exemptions: {len(asks.acts)} to be asked for"))
    if asks.same:
        run.print(
            say(f"例外：{asks.same} 条已有申请或批准，略过", f"exemptions: {asks.same} asked for already, passed over")
        )


_WHAT: Mapping[str, Text] = {
    "added": Text("新增", "added"),
    "changed": Text("变更", "changed"),
    "withdrawn": Text("撤回", "withdrawn"),
}
_SIGN = {"added": "+", "changed": "~", "withdrawn": "-"}


def _line(one: Change, say: Voice) -> str:
    whose = say(f"（{one.unit}）", f" ({one.unit})") if one.unit else ""
    place = f"  {say.text(one.place)}" if one.place is not None else ""
    columns = say("；", "; ").join(
        f"{HEADINGS.get(key, key)}{say('：', ': ')}{_value(old, say)} → {_value(new, say)}"
        for key, old, new in one.columns
    )
    return one_line(f"{_SIGN[one.what]} {one.name}{whose}{place}" + (f"  {columns}" if columns else ""))


def _value(text: str, say: Voice) -> str:
    return (text[:60] + ("…" if len(text) > 60 else "")) if text else say("（空）", "(blank)")


def _unfit(option: str) -> UsageError:
    return UsageError(
        Text(
            "过长（上限256个字符），或含不可见字符",
            "too long (256 characters at most), or holds an invisible character",
        ),
        where=option,
        advice=Text("改正后重试", "mend it and try again"),
    )
