"""`xunyan metrics`: rates over the estate and per unit, with what was not seen counted openly."""

from typing import Annotated, Any

import typer

from console.commands.common import FormatOption, example, known_unit, session
from console.language import Voice
from console.output import Format, emit
from console.standing import overlay_now
from controls.metrics import NO_UNIT, RATES, Rate, rates
from xunyan.model import Status


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "统计指标：全部和各单位的分子、分母、未检测、待核实、例外、目标值。分母含未检测的，没看到的不算符合；是否达到目标不计例外。",
            "Rates over the estate and per unit, with target, and what was not seen counted in the denominator. No target is reached by exemptions.",
        )
        + "\n\n"
        + say(
            "示例：",
            "Examples:",
        )
        + "\n\n"
        + example("xunyan metrics", "xunyan metrics --unit 教育局", "xunyan metrics --format csv > rates.csv")
    )
    def metrics(
        context: typer.Context,
        unit: Annotated[str | None, typer.Option(help=say("只看这个单位", "only this unit"))] = None,
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        with run.reading() as (workspace, store):
            known_unit(store, unit or "")
            profile = workspace.inputs().profile
            verdicts = (
                (r["control"], r["asset"], Status(r["status"]))
                for r in store.rows("SELECT control, asset, status FROM verdict")
            )
            exempted = overlay_now(run, workspace).exempted(store)
            found = rates(verdicts, store.assets(), profile, exempted)
        records = [_record(one, run.say) for one in found if unit is None or one.unit == unit]
        emit(
            records,
            _columns(run.say),
            form,
            empty=run.say(
                "还没有判定。先用 xunyan ingest 导入采集", "nothing was judged yet. Take captures in with xunyan ingest"
            ),
        )


def _record(one: Rate, say: Voice) -> dict[str, Any]:
    target = one.target
    return {
        "schema": "xunyan.metric/1",
        "metric": one.metric,
        "title": say.text(RATES[one.metric][1]),
        "unit": one.unit,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "percent": one.percent,
        "not_satisfied": one.wrong,
        "needs_person": one.needs_person,
        "unobserved": one.unobserved,
        "exempted": one.exempted,
        "percent_with_exempted": one.percent_exempted,
        "target": target.at_least if target else None,
        "due": target.due.isoformat() if target and target.due else None,
        "requirement": target.requirement if target else None,
        "met": one.met,
    }


def _columns(say: Voice) -> Any:
    met = {True: say("达到", "met"), False: say("未达到", "not met"), None: "-"}
    return (
        (
            say("单位", "unit"),
            lambda r: (
                say("（未填单位）", "(no unit)") if r["unit"] == NO_UNIT else r["unit"] or say("（全部）", "(all)")
            ),
        ),
        (say("指标", "rate"), lambda r: r["title"]),
        (say("符合/应查", "right/all"), lambda r: f"{r['numerator']}/{r['denominator']}"),
        ("%", lambda r: _percent(r["percent"])),
        (say("不符合", "wrong"), lambda r: str(r["not_satisfied"])),
        (say("待核实", "for a person"), lambda r: str(r["needs_person"])),
        (say("未检测", "unobserved"), lambda r: str(r["unobserved"])),
        (say("例外", "exempted"), lambda r: str(r["exempted"])),
        (say("计入例外%", "% with exempted"), lambda r: _percent(r["percent_with_exempted"])),
        (
            say("目标", "target"),
            lambda r: "-" if r["target"] is None else f"≥{r['target']:g}%（{r['requirement']}，{r['due'] or '-'}）",
        ),
        (say("是否达到", "met"), lambda r: met[r["met"]]),
    )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
