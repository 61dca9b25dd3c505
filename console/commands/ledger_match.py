"""`xunyan ledger match`: which observed names and addresses may be filed systems; a person confirms or rejects each."""

from typing import Annotated, Any, TypeAlias

import typer

from console import filing_exemptions, ingesting
from console.commands.common import FormatOption, example, session
from console.commands.judge import summary
from console.intake import Problems
from console.language import Voice
from console.matching import Decision, Pair, Systems, Verb, decided, pick, proposals, record, systems
from console.output import Format, emit, one_line
from console.session import Session
from xunyan.errors import UsageError
from xunyan.names import flaw
from xunyan.wording import Text


def add_match(group: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    match = typer.Typer(
        invoke_without_command=True,
        help=say(
            "认定查到的名称、地址属于哪个填报的系统。不带子命令时列出建议和理由：名称与网页标题相近、证书上的域名、"
            "同一地址、同一域名之下。巡验只建议，由人认定。",
            "Which found names and addresses are filed systems. Without a verb it lists proposals with their reasons: titles "
            "like the system's name, names in certificates, the same address, the same domain. A person decides.",
        )
        + "\n\n"
        + example("xunyan ledger match", "xunyan ledger match --all --format jsonl"),
    )
    group.add_typer(match, name="match")

    @match.callback()
    def list_(
        context: typer.Context,
        everything: Annotated[
            bool, typer.Option("--all", help=say("已认定的也列出", "list what was decided too"))
        ] = False,
        form: FormatOption = Format.TABLE,
    ) -> None:
        if context.invoked_subcommand is not None:
            return
        run = session(context)
        with run.reading() as (workspace, store):
            known = systems(workspace, store)
        pairs = [*proposals(known), *(decided(known) if everything else ())]
        emit(
            [_record(one, run.say) for one in pairs],
            _columns(run.say, everything=everything),
            form,
            whole=_columns(run.say, everything=True),
            empty=_empty(known, run.say),
        )

    _add_verbs(match, say)


def _add_verbs(match: typer.Typer, say: Voice) -> None:
    system: TypeAlias = Annotated[
        str, typer.Argument(metavar="SYSTEM", help=say("填报的系统（名称或编号）", "the filed system (name or id)"))
    ]
    found: TypeAlias = Annotated[
        str, typer.Argument(metavar="FOUND", help=say("查到的名称或地址", "the name or address that was found"))
    ]
    who: TypeAlias = Annotated[
        str,
        typer.Option(
            "--by",
            envvar="XUNYAN_ACCOUNT",
            show_envvar=False,
            metavar="ACCOUNT",
            help=say(
                "谁认定：有officer角色的账号，或设环境变量XUNYAN_ACCOUNT",
                "who decides: an account with the role officer; or set XUNYAN_ACCOUNT",
            ),
        ),
    ]
    reason: TypeAlias = Annotated[str, typer.Option("--reason", help=say("理由", "why"))]
    judge: TypeAlias = Annotated[
        bool, typer.Option("--judge/--no-judge", help=say("认定后是否判定", "judge afterwards"))
    ]

    @match.command(
        help=say(
            "认定查到的就是这个系统：它的名称、地址归入系统。",
            "It is that system: its names and addresses are the system's from now on.",
        )
        + "\n\n"
        + example("xunyan ledger match confirm system:oa old.example.cn --by zhangsan")
    )
    def confirm(
        context: typer.Context, system: system, found: found, by: who = "", reason: reason = "", judge: judge = True
    ) -> None:
        _decide(session(context), "confirm", (system, found), by, reason, judge=judge)

    @match.command(
        help=say("认定查到的不是这个系统，不再建议。", "It is not that system, and is not proposed again.")
        + "\n\n"
        + example('xunyan ledger match reject system:oa old.example.cn --by zhangsan --reason "..."')
    )
    def reject(
        context: typer.Context, system: system, found: found, by: who = "", reason: reason = "", judge: judge = True
    ) -> None:
        _decide(session(context), "reject", (system, found), by, reason, judge=judge)

    @match.command(
        help=say("撤回一次认定，回到没有认定的样子。", "Take a decision back, as if nothing had been decided.")
        + "\n\n"
        + example("xunyan ledger match withdraw system:oa old.example.cn --by zhangsan")
    )
    def withdraw(
        context: typer.Context, system: system, found: found, by: who = "", reason: reason = "", judge: judge = True
    ) -> None:
        _decide(session(context), "withdraw", (system, found), by, reason, judge=judge)


def _decide(run: Session, verb: Verb, pair: tuple[str, str], by: str, reason: str, *, judge: bool) -> None:
    """Record what a person says of a pair, and judge again."""
    if flaw(reason):
        raise UsageError(
            Text("过长（上限256个字符），或含不可见字符", "too long (256 characters), or holds an invisible character"),
            where="--reason",
            advice=Text("改正后重试", "mend it and try again"),
        )
    with run.writing() as (workspace, store):
        account = filing_exemptions.acting(workspace, by)
        known = systems(workspace, store)
        one = Decision(
            verb,
            pick(known, pair[0], filed=True),
            pick(known, pair[1], filed=False),
            account,
            run.now(),
            reason.strip(),
        )
        words = (f"match {verb} {one.system.key} {one.found.key}",)
        ingesting.ingest(
            workspace, store, record(known, one), Problems(), kind="ledger", files=words, clock=run.now
        )  # fmt: skip
        said = {
            "confirm": run.say("认定是同一个", "matched"),
            "reject": run.say("认定不是同一个", "rejected"),
            "withdraw": run.say("已撤回认定", "withdrawn"),
        }[verb]
        run.print(one_line(f"{said}{run.say('：', ': ')}{one.system.name} ← {one.found.name}（{account.name}）"))
        if verb == "confirm" and one.found.network != one.system.network:
            run.note(
                run.say(
                    f"注意：“{one_line(one.found.network)}”与系统不在同一地址域，它的名称、地址没有并入，仍单独查看",
                    f"note: it is of network {one_line(one.found.network)!r}, not the system's: its names stay its own",
                )
            )
        if judge:
            summary(run, run.judge(workspace, store, run.now()), workspace.inputs())


_KINDS = {
    "title": Text("标题相近", "title"),
    "certificate": Text("证书上有它的域名", "named in a certificate"),
    "same-certificate": Text("同一张证书", "the same certificate"),
    "address": Text("同一地址", "the same address"),
    "domain": Text("同一域名之下", "the same domain"),
}
_STATES = {
    "proposed": Text("待认定", "proposed"),
    "confirmed": Text("是同一个", "matched"),
    "rejected": Text("不是", "rejected"),
}


def _record(one: Pair, say: Voice) -> dict[str, Any]:
    def who(asset: Any) -> dict[str, str]:
        return {"id": asset.id, "key": asset.key, "name": asset.name, "unit": asset.unit, "network": asset.network}

    return {
        "schema": "xunyan.ledger-match/1", "state": one.state, "score": one.score, "system": who(one.system),
        "found": who(one.found), "by": one.by, "at": one.at, "reason": one.why,
        "reasons": [
            {"kind": why.kind, "score": why.score, "filed": why.filed, "found": why.found} for why in one.reasons
        ],
        "because": say("；", "; ").join(_because(why.kind, why.filed, why.found, say) for why in one.reasons),
    }  # fmt: skip


def _because(kind: str, filed: str, found: str, say: Voice) -> str:
    what = say.text(_KINDS[kind])
    return f"{what} {found}" if filed == found or kind == "title" else f"{what} {filed} / {found}"


def _columns(say: Voice, *, everything: bool) -> Any:
    plain = (
        (say("系统", "system"), lambda row: row["system"]["name"]),
        (say("单位", "unit"), lambda row: row["system"]["unit"]),
        (say("查到的", "found"), lambda row: row["found"]["name"]),
        (say("相近（千分）", "per mille"), lambda row: str(row["score"] or "")),
        (say("理由", "because"), lambda row: row["because"] or row["reason"]),
    )
    if not everything:
        return plain
    return (
        (say("情况", "state"), lambda row: say.text(_STATES[row["state"]])),
        *plain,
        (say("认定人", "decided by"), lambda row: f"{row['by']} {row['at']}".strip()),
    )


def _empty(known: Systems, say: Voice) -> str:
    if not known.filed:
        return say(
            "还没有填报的系统。用 xunyan ledger template --of all -o 台账.xlsx 导出空白表，填好后用 xunyan ledger import 导入",
            "no system is filed yet. Write the blank forms with xunyan ledger template --of all -o FILE.xlsx, then import them",
        )
    if not known.found:
        return say(
            "没有查到未填报的名称或地址。先用 xunyan scan 扫描",
            "no name or address was found that nobody filed. Look for them with xunyan scan",
        )
    return say(
        f"未填报的名称、地址有 {len(known.found)} 个，没有待认定的建议。知道属于哪个系统的，"
        "直接认定：xunyan ledger match confirm 系统 名称 --by 账号；已认定的见 --all",
        f"{len(known.found)} names and addresses are not filed, and none is proposed. Where you know whose one is: "
        "xunyan ledger match confirm SYSTEM FOUND --by ACCOUNT; --all lists what was decided",
    )
