"""`xunyan credentials`: which logins are set up, which are stopped after refusals, and how one is put in use again."""

from typing import Annotated, Any

import typer

from console.commands.common import FormatOption, example, session
from console.language import Voice
from console.output import Format, emit
from console.scan_settings import check_form
from console.session import shown
from evidence.captures import RejectedError, check_name
from evidence.credentials import CredentialEvent, Standing
from scanners.transports.carrying import ENABLE
from xunyan.canonical import utc_text
from xunyan.errors import UsageError
from xunyan.wording import Text


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True, help=say("登录凭据：状态、停用和恢复。", "Logins: how they stand, and renewing one.")
    )
    app.add_typer(group, name="credentials")

    @group.command(
        "list",
        help=say("列出凭据及其状态；不显示任何秘密。", "List the credentials and how they stand; no secret is shown.")
        + "\n\n"
        + example("xunyan credentials list"),
    )
    def list_(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
        run = session(context)
        workspace = run.workspace()
        for name, one in workspace.file.credentials.items():
            check_form(name, one)
        standings = workspace.credentials.standings()
        rows = [
            {
                "schema": "xunyan.credential/1", "name": name, "user": one.user, "kind": one.kind.value,
                "state": _state(standings.get(name)),
                "refusals": [
                    {"asset": e.asset, "network": e.network, "address": e.address, "at": shown(e.at)}
                    for e in (standings[name].refusals if name in standings else ())
                ],
            }
            for own, one in workspace.file.credentials.items()
            for name in ((own, own + ENABLE) if one.enable else (own,))
        ]  # fmt: skip
        emit(
            rows,
            _columns(run.say),
            form,
            empty=run.say(
                "没有配置凭据。在 xunyan.toml 写 [credentials.名称]，文件里有样例",
                "no credential is set up. Write [credentials.NAME] in xunyan.toml, which has an example",
            ),
        )

    @group.command(
        help=say(
            "恢复一个停用的凭据：由人确认密码或密钥已经正确。此前的拒绝记录保留，不再计数。",
            "Put a stopped credential in use again: a person says that it is right now. Earlier refusals stay on record.",
        )
        + "\n\n"
        + example("xunyan credentials renew ops --by 张三 --reason 密码已更新"),
    )
    def renew(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help=say("凭据名称", "the credential's name"))],
        by: Annotated[str, typer.Option(help=say("谁确认的", "who says so"))],
        reason: Annotated[str, typer.Option(help=say("说明", "why"))] = "",
    ) -> None:
        run = session(context)
        workspace = run.workspace()
        if name.removesuffix(ENABLE) not in workspace.file.credentials:
            raise UsageError(
                Text(f"没有凭据“{name}”", f"there is no credential {name!r}"),
                advice=Text("用 xunyan credentials list 查看", "see xunyan credentials list"),
            )
        for field, value in (("--by", by), ("--reason", reason)):
            try:
                check_name(field, value)
            except RejectedError as error:
                raise UsageError(
                    Text("过长，或含不可见字符", "too long, or an invisible character"), where=field
                ) from error
        if not by.strip():
            raise UsageError(Text("要写明是谁", "a name is needed"), where="--by", advice=Text("写姓名", "give a name"))
        standing = workspace.credentials.standings().get(name)
        if standing is None or (not standing.refusals and not standing.spent):
            run.print(
                run.say(
                    f"凭据 {name} 没有被拒绝过，不必恢复", f"the credential {name} was not refused; nothing to renew"
                )
            )
            return
        workspace.credentials.add(
            CredentialEvent(at=utc_text(run.now()), credential=name, event="renewed", by=by.strip(), reason=reason)
        )
        run.print(run.say(f"凭据 {name} 已恢复使用", f"the credential {name} is in use again"))


def _state(standing: Standing | None) -> str:
    if standing is None:
        return "unused"
    if standing.stopped:
        return "stopped"
    return "proven" if standing.proven else "unproven"


def _columns(say: Voice) -> Any:
    words = {
        "unused": say("未用过", "unused"),
        "stopped": say("已停用", "stopped"),
        "proven": say("可用", "proven"),
        "unproven": say("未验证", "unproven"),
    }
    return (
        (say("凭据", "credential"), lambda r: r["name"]),
        (say("登录用户", "user"), lambda r: r["user"]),
        (say("方式", "kind"), lambda r: r["kind"]),
        (say("状态", "state"), lambda r: words[r["state"]]),
        (
            say("被拒绝", "refused by"),
            lambda r: "、".join(f"{e['asset']} {e['at']}" for e in r["refusals"]),
        ),
    )
