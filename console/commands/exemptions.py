"""`xunyan exemptions`: what was asked to be let stand, who answered, and until when."""

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import typer

from console.commands.common import FormatOption, example, known_unit, session
from console.commands.decide import reason_from, tell
from console.deciding import day_from, decide
from console.decision_rules import Act
from console.decision_words import REQUEST
from console.language import Voice
from console.output import Format, Record, emit
from console.session import parse_moment
from console.standing import Overlay, RequestState, exemption_record, overlay
from evidence.decision_entries import Verb
from evidence.store import Store
from xunyan.errors import UsageError
from xunyan.names import flaw
from xunyan.wording import Text


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say(
            "例外：列出申请，由申请人以外的账号批准、不予批准或撤销。",
            "Exemptions: list what was asked for; another account than the one who asked approves, refuses or revokes.",
        ),
    )
    app.add_typer(group, name="exemptions")
    _add_list(group, say)
    ids: TypeAlias = Annotated[
        list[str],
        typer.Argument(
            metavar="ID", help=say("问题编号，可写多个；有一个不行就都不记录", "ids of findings; all or none")
        ),
    ]
    who: TypeAlias = Annotated[
        str,
        typer.Option(
            "--by",
            envvar="XUNYAN_ACCOUNT",
            show_envvar=False,
            metavar="ACCOUNT",
            help=say(
                "谁办理：有approver角色的账号，或设环境变量XUNYAN_ACCOUNT",
                "who acts: an account with the role approver; or set XUNYAN_ACCOUNT",
            ),
        ),
    ]
    reason: TypeAlias = Annotated[str, typer.Option("--reason", help=say("理由", "why"))]

    @group.command(
        help=say(
            "登记批准：结论仍是不符合，显示为“不符合·已批准例外”，到期当天结束后自动恢复。",
            "Enter an approval: the verdict stays, shown as exempted; after the end of its last day it comes back by itself.",
        )
        + "\n\n"
        + example(
            "xunyan exemptions approve 3f2a9c1b --number 1 --approver-class A --until 2027-06-30 --by lisi",
        )
    )
    def approve(
        context: typer.Context,
        identifiers: ids,
        number: Annotated[str, typer.Option("--number", help=say("批准文件的文号", "the number of the approval"))],
        approver_class: Annotated[
            str,
            typer.Option(
                "--approver-class", help=say("批准机关的级别或类别", "the class of the authority that approved")
            ),
        ],
        until: Annotated[
            str, typer.Option("--until", metavar="DATE", help=say("有效期至（当天结束）", "its last day"))
        ],
        by: who = "",
        note: Annotated[str, typer.Option("--note", help=say("说明", "a note"))] = "",
    ) -> None:
        run = session(context)
        last = day_from(until or "-", "--until", run.now())
        act = Act(
            Verb.APPROVE, reason_from(note, "--note", needed=False), until=last,
            number_of_approval=_name(number, "--number"), approver_class=_name(approver_class, "--approver-class"),
        )  # fmt: skip
        tell(run, decide(run, identifiers, act, by), _APPROVED)

    @group.command(
        help=say("不予批准，写明理由。", "Refuse a request, and say why.")
        + "\n\n"
        + example('xunyan exemptions refuse 3f2a9c1b --reason "..." --by lisi')
    )
    def refuse(context: typer.Context, identifiers: ids, reason: reason, by: who = "") -> None:
        run = session(context)
        act = Act(Verb.REFUSE, reason_from(reason, "--reason", needed=True))
        tell(run, decide(run, identifiers, act, by), _OPEN_AGAIN)

    @group.command(
        help=say("撤销已批准的例外，立即生效，写明理由。", "Revoke an approved exemption, at once, and say why.")
        + "\n\n"
        + example('xunyan exemptions revoke 3f2a9c1b --reason "..." --by lisi')
    )
    def revoke(context: typer.Context, identifiers: ids, reason: reason, by: who = "") -> None:
        run = session(context)
        act = Act(Verb.REVOKE, reason_from(reason, "--reason", needed=True))
        tell(run, decide(run, identifiers, act, by), _OPEN_AGAIN)


_APPROVED = Text(
    "结论仍是不符合，已标为例外；统计见 xunyan metrics，到期前见 xunyan doctor",
    "the verdict stays and is shown as exempted; see xunyan metrics, and xunyan doctor before it expires",
)
_OPEN_AGAIN = Text("该问题照常计入；见 xunyan findings", "it counts as before; see xunyan findings")


def _add_list(group: typer.Typer, say: Voice) -> None:
    @group.command(
        "list",
        help=say(
            "列出例外申请和批准；默认只列待批复和生效的，--all 列出全部。",
            "List requests and approvals: those that wait or are in force; --all with the rest.",
        )
        + "\n\n"
        + example(
            "xunyan exemptions list",
            "xunyan exemptions list --state asked",
            "xunyan exemptions list --all --format csv",
            "xunyan exemptions list --at 2027-07-01",
        ),
    )
    def list_(
        context: typer.Context,
        state: Annotated[
            list[str] | None,
            typer.Option(help=say("只列这种情况，可重复：", "only these, may be repeated: ") + ", ".join(RequestState)),
        ] = None,
        unit: Annotated[str, typer.Option(help=say("只列这个单位", "only this unit"))] = "",
        everything: Annotated[bool, typer.Option("--all", help=say("全部列出", "list all"))] = False,
        at: Annotated[
            str,
            typer.Option("--at", help=say("到这个时间是否到期，默认现在", "expired by this moment, by default now")),
        ] = "",
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        wrong = sorted(set(state or []) - set(RequestState))
        if wrong:
            raise UsageError(
                Text("没有这种情况", "no such state"),
                where="--state",
                advice=Text(f"可用：{'、'.join(RequestState)}", f"choose from {', '.join(RequestState)}"),
            )
        wanted = set(state or (RequestState if everything else (RequestState.ASKED, RequestState.APPROVED)))
        moment = parse_moment(at) if at else run.now()
        with run.reading() as (workspace, store):
            known_unit(store, unit)
            rows = listed(overlay(workspace, moment), store)
        found = [one for one in rows if one["state"] in wanted and (not unit or one["asset"]["unit"] == unit)]
        empty = run.say(
            "没有这样的例外。申请用 xunyan decide 编号 --ask-exemption 理由",
            "no such exemption. Ask with xunyan decide ID --ask-exemption REASON",
        )
        every = _columns(run.say)
        shown = tuple(every[i] for i in NARROW)
        emit(found, shown, form, empty=empty, whole=every, fixed=frozenset({every[0][0], every[1][0], every[6][0]}))


def listed(decided: Overlay, store: Store) -> list[dict[str, Any]]:
    """Give every request as a record, in the order in which they were made."""
    asked = {mark: road for mark, road in decided.roads.items() if road.requests}
    sights, assets = decided.sights(store, asked), store.assets()
    found = []
    for mark, road in asked.items():
        for one in road.requests:
            asset = assets.get(one.ask.asset)
            found.append(
                {
                    "schema": "xunyan.exemption/1", "id": mark[:12], "fingerprint": mark, "control": one.ask.control,
                    "asset": {
                        "id": one.ask.asset, "name": asset.name if asset else "", "unit": asset.unit if asset else "",
                    },
                    "state": one.state(sights.get(mark), decided.day).value, **exemption_record(one),
                }
            )  # fmt: skip
    return sorted(found, key=lambda one: int(one["entry"]))


NARROW = (0, 1, 3, 4, 5, 6)


def _columns(say: Voice) -> tuple[tuple[str, Callable[[Record], str]], ...]:
    """All that people may see of a request; the screen gets those of `NARROW`."""

    def asset(row: Any) -> str:
        return str(row["asset"]["name"] or row["asset"]["id"])

    columns: tuple[tuple[str, Callable[[Any], str]], ...] = (
        (say("编号", "id"), lambda r: r["id"]),
        (say("情况", "state"), lambda r: say.word(REQUEST, r["state"])),
        (say("检查项", "control"), lambda r: r["control"]),
        (say("单位", "unit"), lambda r: r["asset"]["unit"]),
        (say("资产", "asset"), asset),
        (say("文号", "number"), lambda r: r["number"]),
        (say("有效期至", "until"), lambda r: r["until"] or ""),
        (say("批准机关", "approver"), lambda r: r["approver_class"]),
        (say("理由", "reason"), lambda r: r["reason"]),
        (say("申请人", "asked by"), lambda r: r["asked_by_name"]),
        (say("申请时间", "asked at"), lambda r: r["asked_at"]),
        (say("批准登记人", "approved by"), lambda r: r["approved_by_name"]),
        (say("批准登记时间", "approved at"), lambda r: r["approved_at"]),
        (say("批复说明", "answer"), lambda r: r["answer"]),
        (say("同一系统用户录入", "one OS user"), lambda r: say("是", "yes") if r["same_os_user"] else ""),
    )
    return columns


def _name(value: str, option: str) -> str:
    """Refuse a number or class that is empty or that a screen would obey."""
    if not value.strip() or flaw(value):
        raise UsageError(
            Text("为空、过长或含不可见字符", "is empty, too long, or holds an invisible character"),
            where=option,
            advice=Text("照批准文件写", "write it as the approval has it"),
        )
    return value.strip()
