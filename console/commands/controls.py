"""`xunyan controls`: the catalogue of checks, each with its basis, force and remedy."""

from typing import Annotated, Any

import typer

from console.commands.common import FormatOption, example, session
from console.commands.findings import control_names
from console.language import FORCE, SEVERITY, Voice
from console.output import Format, emit
from console.session import Session
from console.wordings import duties
from controls.loader import Catalogue, load_catalogue, load_profile
from controls.model import Control, Profile
from xunyan.errors import InputError, UsageError
from xunyan.wording import Text


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say(
            "检查目录：每项查什么、依据什么、怎么整改。",
            "The catalogue: what each check asks, on what basis, and the remedy.",
        ),
    )
    app.add_typer(group, name="controls")

    @group.command(
        "list",
        help=say("列出全部检查项。", "List all controls.")
        + "\n\n"
        + example("xunyan controls list", "xunyan controls list --format jsonl"),
    )
    def list_(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
        run = session(context)
        catalogue, profile = _inputs(run)
        emit(
            [_record(check.control, profile, run.say) for check in catalogue.checks], _columns(run.say), form, empty=""
        )

    @group.command(
        help=say("显示一个检查项。", "Show one control.") + "\n\n" + example("xunyan controls show domestic/cpu")
    )
    def show(
        context: typer.Context,
        control: Annotated[
            str,
            typer.Argument(
                help=say("检查项，如 domestic/cpu", "a control such as domestic/cpu"), autocompletion=control_names
            ),
        ],
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        catalogue, profile = _inputs(run)
        found = catalogue.control(control)
        if found is None:
            raise InputError(
                Text("没有这个检查项", "no such control"),
                where=control,
                advice=Text("用 xunyan controls list 查看", "see xunyan controls list"),
            )
        if form is not Format.TABLE:
            emit([_record(found, profile, run.say)], _columns(run.say), form, empty="")
            return
        _say(run, found, profile)


def _inputs(run: Session) -> tuple[Catalogue, Profile]:
    """In a workspace its profile counts; elsewhere the general one."""
    try:
        inputs = run.workspace().inputs()
    except UsageError:
        return load_catalogue(), load_profile("general")
    return inputs.catalogue, inputs.profile


def _record(control: Control, profile: Profile, say: Voice) -> dict[str, Any]:
    return {
        "schema": "xunyan.control/1",
        "id": control.id,
        "title": say.text(control.title),
        "area": control.area,
        "kinds": list(control.kinds),
        "severity": profile.severity(control).value if profile.asks(control) else "",
        "asked": profile.asks(control),
        "basis": list(profile.basis(control)),
        "needs": list(control.needs),
        "max_age_days": control.max_age_days,
        "remedy": say.text(control.remedy),
        "force": sorted({profile.requirements[duty].force for duty in profile.basis(control)}),
    }


def _columns(say: Voice) -> Any:
    return (
        (say("检查项", "control"), lambda r: r["id"]),
        (say("查什么", "title"), lambda r: r["title"]),
        (
            say("严重程度", "severity"),
            lambda r: say.word(SEVERITY, r["severity"]) if r["asked"] else say("本地不查", "not asked here"),
        ),
        (say("约束力", "force"), lambda r: "、".join(say.word(FORCE, one) for one in r["force"])),
        (say("依据", "basis"), lambda r: " ".join(r["basis"])),
        (say("需要", "needs"), lambda r: " ".join(r["needs"])),
        (say("证据有效期（天）", "max age (days)"), lambda r: str(r["max_age_days"])),
    )


def _say(run: Session, control: Control, profile: Profile) -> None:
    say = run.say
    run.print(f"{control.id}  {say.text(control.title)}")
    run.print(say("对象：", "kinds: ") + ", ".join(control.kinds))
    run.print(say("需要：", "needs: ") + ", ".join((*control.needs, *control.uses)))
    run.print(say(f"证据有效期：{control.max_age_days} 天", f"evidence counts for {control.max_age_days} days"))
    run.print(say("依据（", "basis (") + say.text(profile.title) + say("）：", "):"))
    for duty in duties(list(profile.basis(control)), profile, say) or [
        say("本评判依据中没有对应条款", "no duty in this profile")
    ]:
        run.print("  " + duty)
    run.print(say("可能的结论：", "possible outcomes:"))
    for key, text in control.messages.items():
        run.print(f"  {key}: {say.text(text)}")
    run.print(say("整改：", "remedy: ") + say.text(control.remedy))
