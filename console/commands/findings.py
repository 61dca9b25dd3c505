"""`xunyan findings`: what is wrong, waits for a person, or could not be seen."""

from collections.abc import Callable
from typing import Annotated

import typer

from console.commands.common import FormatOption, example, known_asset, known_unit, session
from console.decision_words import VERB, status_text
from console.findings import Filter, select
from console.language import SEVERITY, STATE, Voice
from console.output import Format, Record, emit
from console.standing import overlay_now
from controls.loader import Catalogue, load_catalogue
from xunyan.errors import UsageError
from xunyan.model import Status
from xunyan.wording import Text


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "列出问题：不符合、需人工核实和未检测的；--all 连同符合的一起列出。",
            "List what is wrong, waits for a person or was not observed; --all lists what is right too.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan findings",
            "xunyan findings --status not-satisfied --unit 教育局",
            "xunyan findings --control domestic/cpu --format csv > cpu.csv",
            "xunyan findings --undecided",
            "xunyan findings --all --format jsonl",
        )
    )
    def findings(
        context: typer.Context,
        status: Annotated[
            list[str] | None,
            typer.Option(
                help=say(
                    "只列这种状态，可重复：",
                    "only this status, may be repeated: ",
                )
                + ", ".join(Status)
            ),
        ] = None,
        control: Annotated[
            str, typer.Option(help=say("只列这个检查项", "only this control"), autocompletion=control_names)
        ] = "",
        area: Annotated[
            str, typer.Option(help=say("只列这个领域，如 domestic、ipv6", "only this area, such as domestic or ipv6"))
        ] = "",
        unit: Annotated[str, typer.Option(help=say("只列这个单位", "only this unit"))] = "",
        asset: Annotated[
            str,
            typer.Option(help=say("只列这个资产（名称、标识或地址）", "only this asset (name, key, id or address)")),
        ] = "",
        everything: Annotated[
            bool, typer.Option("--all", help=say("符合的和已关闭的也列出", "list what is right or closed too"))
        ] = False,
        undecided: Annotated[
            bool,
            typer.Option("--undecided", help=say("只列没有处置的和需要重新确认的", "only what waits for a decision")),
        ] = False,
        limit: Annotated[
            int, typer.Option(min=0, max=2**31, help=say("最多列多少条，0为不限", "how many at the most, 0 for all"))
        ] = 0,
        wide: Annotated[bool, typer.Option("--wide", help=say("列出全部各栏", "show all columns"))] = False,
        form: FormatOption = Format.TABLE,
        exit_code: Annotated[
            bool,
            typer.Option(
                "--exit-code", help=say("有不符合项时退出码为3", "exit with 3 where something is not satisfied")
            ),
        ] = False,
    ) -> None:
        run = session(context)
        wrong = sorted(set(status or []) - set(Status))
        if wrong:
            raise UsageError(
                Text(f"没有这种状态：{'、'.join(wrong)}", f"no such status: {', '.join(wrong)}"),
                where="--status",
                advice=Text(f"可用：{'、'.join(Status)}", f"choose from {', '.join(Status)}"),
            )
        catalogue = load_catalogue()
        names = [one.control.id for one in catalogue.checks]
        _known(control, names, "--control")
        _known(area, sorted({one.partition("/")[0] for one in names}), "--area")
        wanted = Filter(tuple(status or ()), control, area, unit, asset, (), everything, limit, undecided)
        with run.reading() as (workspace, store):
            known_unit(store, unit)
            known_asset(store, asset)
            found = list(select(store, wanted, catalogue, run.say, overlay_now(run, workspace)))
            judged = store.value("SELECT count(*) FROM judgement")
        empty = (
            run.say("没有符合条件的问题。全部判定用 --all 查看", "no such finding. See all verdicts with --all")
            if judged
            else run.say(
                "还没有判定过。先运行 xunyan ingest 导入采集",
                "nothing was judged yet. Take captures in with xunyan ingest",
            )
        )
        every = columns(run.say, catalogue)
        shown = every if wide else tuple(every[i] for i in NARROW)
        emit(found, shown, form, empty=empty, whole=every, fixed=frozenset({every[0][0], every[2][0]}))
        if form is Format.TABLE and found:
            run.print(
                run.say(
                    f"\n共 {len(found)} 条。看证据和依据：xunyan show 编号",
                    f"\n{len(found)} in all. For proof and basis: xunyan show ID",
                )
            )
        if exit_code and any(one["status"] == Status.NOT_SATISFIED for one in found):
            raise typer.Exit(3)


def _known(value: str, known: list[str], option: str) -> None:
    """Refuse a name that is not there: an empty list would look like good news."""
    if value and value not in known:
        raise UsageError(
            Text(f"没有“{value}”", f"there is no {value!r}"),
            where=option,
            advice=Text(f"可用：{'、'.join(known)}", f"choose from {', '.join(known)}"),
        )


NARROW = (0, 2, 4, 5, 6, 8)


def columns(say: Voice, catalogue: Catalogue) -> tuple[tuple[str, Callable[[Record], str]], ...]:
    """All that people may see of a finding; a narrow screen gets those of `NARROW`."""
    titles = {check.control.id: say.text(check.control.title) for check in catalogue.checks}
    return (
        (say("编号", "id"), lambda r: str(r["id"])),
        (say("严重程度", "severity"), lambda r: say.word(SEVERITY, str(r["severity"]))),
        (say("结论", "status"), lambda r: status_text(r, say)),
        (say("检查项", "control"), lambda r: str(r["control"])),
        (say("检查内容", "what is checked"), lambda r: titles.get(str(r["control"]), str(r["control"]))),
        (say("单位", "unit"), lambda r: _asset(r, "unit")),
        (say("资产", "asset"), lambda r: _asset(r, "name")),
        (say("地址", "address"), lambda r: _asset(r, "address")),
        (say("说明", "because"), lambda r: str(r["because"])),
        (say("最近检出", "last seen"), lambda r: str(r["last_seen"])),
        (say("处置状态", "state"), lambda r: say.word(STATE, str(r["state"]))),
        (say("人工处置", "decision"), lambda r: say.word(VERB, _of(r, "decision", "verb"))),
        (say("处置人", "decided by"), lambda r: _of(r, "decision", "name")),
        (say("整改期限", "due"), lambda r: _of(r, "decision", "due")),
        (say("例外文号", "exemption"), lambda r: _of(r, "exemption", "number")),
        (say("例外批准机关", "approver"), lambda r: _of(r, "exemption", "approver_class")),
        (say("例外有效期至", "exempted until"), lambda r: _of(r, "exemption", "until")),
    )


def control_names(incomplete: str) -> list[str]:
    """Complete a control's id."""
    return [one.control.id for one in load_catalogue().checks if one.control.id.startswith(incomplete)]


def _asset(record: Record, key: str) -> str:
    return _of(record, "asset", key)


def _of(record: Record, part: str, key: str) -> str:
    found = record[part]
    return str(found[key] or "") if isinstance(found, dict) else ""
