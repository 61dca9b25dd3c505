"""`xunyan identities`: who is who; what looked alike, and what a named person decides about it."""

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import typer

from console import ingesting
from console.commands.common import FormatOption, example, session
from console.commands.judge import summary
from console.language import Voice, clash_reason
from console.output import Format, emit, one_line
from console.session import Session, shown
from evidence.captures import RejectedError, check_name
from evidence.store import Store
from inventories import identities
from inventories.identities import Register
from xunyan.canonical import utc_text
from xunyan.errors import InputError
from xunyan.model import Asset
from xunyan.wording import Text


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say(
            "资产标识：标识相同而没有合并的，由人认定。",
            "Identities: what shares a key and was not merged waits for a person.",
        ),
    )
    app.add_typer(group, name="identities")
    by: TypeAlias = Annotated[str, typer.Option("--by", help=say("认定人", "who decides"))]
    reason: TypeAlias = Annotated[str, typer.Option("--reason", help=say("理由", "why"))]
    one: TypeAlias = Annotated[str, typer.Argument(help=say("资产编号或名称", "an asset's id, key or name"))]

    @group.command(
        "list",
        help=say(
            "列出标识相同、等人认定的资产；--all 连同已认定的。",
            "List assets that share a key and wait for a person; --all with what was decided.",
        )
        + "\n\n"
        + example("xunyan identities list", "xunyan identities list --all --format jsonl"),
    )
    def list_(
        context: typer.Context,
        everything: Annotated[
            bool, typer.Option("--all", help=say("已认定的也列出", "list what was decided too"))
        ] = False,
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        with run.reading() as (workspace, store):
            found = _listed(identities.load(workspace.identities), store, everything=everything)
        emit(found, _columns(run.say), form, empty=run.say("没有等人认定的", "nothing waits for a person"))

    @group.command(
        help=say(
            "认定两个资产是同一个：后一个的名称、采集都归前一个。",
            "Two assets are one: the names and captures of the second go to the first.",
        )
        + "\n\n"
        + example("xunyan identities merge host:web01 host:portal --by 张三 --reason 更换主机名"),
    )
    def merge(context: typer.Context, keep: one, other: one, by: by, reason: reason) -> None:
        def decide(register: Register, a: Asset, b: Asset, at: str) -> None:
            register.merge(a.id, b.id, by=by, reason=reason, at=at)

        _decide(session(context), keep, other, by, reason, decide)

    @group.command(
        help=say("认定两个资产是两个，不再提示。", "Two assets are two; the clash waits no more.")
        + "\n\n"
        + example("xunyan identities apart host:pc01 host:pc02 --by 张三 --reason 主板序列号重复"),
    )
    def apart(context: typer.Context, first: one, second: one, by: by, reason: reason) -> None:
        def decide(register: Register, a: Asset, b: Asset, at: str) -> None:
            register.keep_apart(a.id, b.id, by=by, reason=reason, at=at)

        _decide(session(context), first, second, by, reason, decide)

    @group.command(
        help=say(
            "撤销合并：把一个名称从资产中拆出来，成为单独的资产。",
            "Undo a merge: part a name from an asset, as an asset of its own.",
        )
        + "\n\n"
        + example("xunyan identities split host:web01 host:portal --by 张三 --reason 误合并"),
    )
    def split(
        context: typer.Context,
        asset: one,
        name: Annotated[
            str, typer.Argument(help=say("要拆出的名称，如 host:portal", "the name to part, such as host:portal"))
        ],
        by: by,
        reason: reason,
    ) -> None:
        def decide(register: Register, a: Asset, _b: Asset, at: str) -> None:
            names = [known for known in register.names_of(a.id) if known[1] == name]
            if len(names) != 1 or len(register.names_of(a.id)) < 2:
                raise InputError(
                    Text("这个资产没有这个名称，或只有这一个名称", "the asset has no such name, or no other"),
                    where=f"{a.key} {one_line(name)}",
                    advice=Text("用 xunyan identities list --all 查看合并过的名称", "see xunyan identities list --all"),
                )
            register.split(a.id, names[0], by=by, reason=reason, at=at)

        _decide(session(context), asset, asset, by, reason, decide)


def _decide(
    run: Session, first: str, second: str, by: str, reason: str, decide: Callable[[Register, Asset, Asset, str], None]
) -> None:
    """Record a person's decision, hand the captures over, and judge again."""
    for option, value in (("--by", by), ("--reason", reason)):
        try:
            check_name(option, value)
        except RejectedError as error:
            raise InputError(
                Text("过长，或含不可见字符", "too long, or with invisible characters"), where=option
            ) from error
        if not value.strip():
            raise InputError(Text("不能为空", "may not be empty"), where=option)
    with run.writing() as (workspace, store):
        register = identities.load(workspace.identities)
        a, b = _asset(store, first), _asset(store, second)
        names = {*register.names_of(a.id), *register.names_of(b.id)}
        if a.kind != b.kind or (a.id == b.id and first != second):
            raise InputError(
                Text("两个资产种类不同，或本来就是一个", "the two are of different kinds, or one already"),
                where=f"{one_line(first)} {one_line(second)}",
            )
        at = utc_text(run.now())
        decide(register, a, b, at)
        ingesting.record_decision(workspace, store, register, names, {a.id, b.id}, at)
        run.print(run.say("已记录，重新判定：", "recorded; judging again:"))
        summary(run, run.judge(workspace, store, run.now()), workspace.inputs())


def _asset(store: Store, wanted: str) -> Asset:
    """Find the one asset that an id, key or name means."""
    found = [one for one in store.assets().values() if wanted in (one.id, one.key, one.name)]
    if len(found) != 1:
        raise InputError(
            Text("没有这个资产", "no such asset")
            if not found
            else Text("有几个资产叫这个名称", "several assets have this name"),
            where=one_line(wanted),
            advice=Text(
                "写资产编号，见 xunyan identities list 或 findings --format jsonl",
                "give the asset's id, see xunyan identities list or findings --format jsonl",
            ),
        )
    return found[0]


def _listed(register: Register, store: Store, *, everything: bool) -> list[dict[str, Any]]:
    assets = store.assets()

    def who(identifier: str) -> dict[str, str]:
        asset = assets.get(identifier)
        return {"id": identifier, "key": asset.key if asset else "", "network": asset.network if asset else ""}

    entries = [*register.waiting(), *(register.decisions if everything else [])]
    return [
        {
            "schema": "xunyan.identity-clash/1", "state": "waiting" if one.event == "clash" else one.event,
            "asset": who(one.asset), "other": who(one.other), "name": one.name,
            "keys": [f"{kind}={value}" for kind, value in one.keys], "reason": one.reason, "by": one.by,
            "at": shown(one.at),
        }
        for one in entries
    ]  # fmt: skip


def _columns(say: Voice) -> Any:
    states = {
        "waiting": say("待认定", "waiting"), "merged": say("已合并", "merged"), "apart": say("是两个", "apart"),
        "split": say("已拆开", "split"),
    }  # fmt: skip

    def person(row: dict[str, Any]) -> str:
        return f"{row['by']} {row['at']}".strip()

    return (
        (say("情况", "state"), lambda r: states[r["state"]]),
        (say("资产", "asset"), lambda r: f"{r['asset']['key']} {r['asset']['id']}"),
        (say("另一个", "other"), lambda r: f"{r['other']['key']} {r['other']['id']}"),
        (say("相同的标识", "shared"), lambda r: "、".join(r["keys"])),
        (say("理由", "reason"), lambda r: clash_reason(r["reason"], say)),
        (say("认定人", "decided by"), person),
    )
