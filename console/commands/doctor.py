"""`xunyan doctor`: whether the product and the workspace are in order, and what waits for a person."""

import platform
import sqlite3
from datetime import timedelta
from typing import Annotated, Any

import typer

from console import ingesting
from console.commands.common import FormatOption, example, session
from console.language import Voice, clash_reason
from console.output import Format, emit
from console.progress import Progress
from console.session import Session
from console.standing import Overlay, decision_problems, overlay
from console.workspace import Workspace
from controls.loader import load_catalogue, load_evaluated, load_profile, profile_names, unknown_duties
from evidence.captures import sm3_hex
from evidence.store import Store
from inventories import identities
from inventories.authorisations import FOLDER, load_letters
from xunyan import __version__
from xunyan.errors import UsageError, XunyanError

SOON_DAYS = 30
_SM3_OF_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "自检：程序、检查目录、工作区是否正常，有哪些事等人处理。",
            "Check the product, its catalogue and the workspace, and what waits for a person.",
        )
        + "\n\n"
        + example("xunyan doctor", "xunyan doctor --deep", "xunyan -C 工作区 doctor --format jsonl")
    )
    def doctor(
        context: typer.Context,
        deep: Annotated[
            bool, typer.Option("--deep", help=say("逐条核对全部原始采集的摘要", "check the digests of all captures"))
        ] = False,
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        found = [*_product(run.say), *_workspace(run), *(_originals(run) if deep else [])]
        emit(found, _columns(run.say), form, empty="")
        if any(one["state"] == "bad" for one in found):
            raise typer.Exit(1)


def _item(state: str, what: str, detail: str) -> dict[str, Any]:
    return {"schema": "xunyan.doctor/1", "state": state, "what": what, "detail": detail}


def _product(say: Voice) -> list[dict[str, Any]]:
    catalogue = load_catalogue()
    general = load_profile("general").requirements
    every = {duty for name in profile_names() for duty in load_profile(name).requirements}
    missing = [
        duty
        for _, duty in unknown_duties(
            catalogue.checks, {**general, **dict.fromkeys(every, next(iter(general.values())))}
        )
    ]
    products = load_evaluated()
    through = products.list.complete_through
    return [
        _item(
            "good",
            say("程序", "program"),
            f"xunyan {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        ),
        _item(
            "good" if sm3_hex(b"abc") == _SM3_OF_ABC else "bad",
            "SM3",
            say(
                "标准用例核对",
                "standard test vector",
            ),
        ),
        _item(
            "bad" if missing else "good",
            say("检查目录", "catalogue"),
            say(
                f"{len(catalogue.checks)} 项；依据不明：{missing}",
                f"{len(catalogue.checks)} controls; unknown duties: {missing}",
            )
            if missing
            else say(f"{len(catalogue.checks)} 项，依据齐全", f"{len(catalogue.checks)} controls, every basis known"),
        ),
        _item(
            "good" if through else "note",
            say("安全可靠测评名录", "evaluated products"),
            say(f"{len(products.product)} 条，", f"{len(products.product)} entries, ")
            + (
                say(f"完整至 {through}", f"complete through {through}")
                if through
                else say("不完整：查不到的只能人工核实", "not complete: what is absent needs a person")
            ),
        ),
    ]


def _workspace(run: Session) -> list[dict[str, Any]]:
    say = run.say
    try:
        workspace = run.workspace()
    except UsageError:
        return [
            _item(
                "note",
                say("工作区", "workspace"),
                say(
                    "不在工作区内；用 xunyan init 建一个，或用 -C 指定",
                    "not in one; make one with xunyan init, or name it with -C",
                ),
            )
        ]
    found = [_item("good", say("工作区", "workspace"), str(workspace.root))]
    try:
        inputs = workspace.inputs()
        found.append(
            _item("good", say("评判依据", "profile"), f"{inputs.profile.id}：{len(inputs.profile.requirements)}")
        )
        store = workspace.store(reading=True)
    except XunyanError as error:
        return [*found, _item("bad", say("工作区", "workspace"), say.error(error))]
    try:
        if ingesting.behind(workspace, store):
            found.append(
                _item(
                    "bad",
                    say("索引", "index"),
                    say("落后于原始采集；运行 xunyan rebuild", "behind the originals; run xunyan rebuild"),
                )
            )
        else:
            count = store.value("SELECT count(*) FROM capture")
            found.append(_item("good", say("索引", "index"), say(f"采集 {count} 条", f"{count} captures")))
        names = {identifier: one.key for identifier, one in store.assets().items()}
        found += _decided(run, workspace, store)
    finally:
        store.close()
    for clash in identities.load(workspace.identities).waiting():
        keys = ", ".join(f"{kind}={value}" for kind, value in clash.keys)
        who = f"{names.get(clash.asset, clash.asset)} / {names.get(clash.other, clash.other)}"
        found.append(
            _item("person", say("标识重复", "identity clash"), f"{who}：{keys}（{clash_reason(clash.reason, say)}）")
        )
    return found + _scanning(say, workspace)


def _decided(run: Session, workspace: Workspace, store: Store) -> list[dict[str, Any]]:
    """What was decided: whether its chain is whole, and what of it waits for a person."""
    say, title = run.say, run.say("处置记录", "decisions")
    broken = decision_problems(workspace)
    if broken:
        return [
            _item(
                "bad",
                title,
                (say(f"第 {one.number} 条：", f"entry {one.number}: ") if one.number else "") + say.text(one.what),
            )
            for one in broken
        ]
    decided = overlay(workspace, run.now())
    count = sum(len(road.entries) for road in decided.roads.values())
    if not count:
        return []
    good = _item("good", title, say(f"{count} 条，前后相扣", f"{count} entries, the chain is whole"))
    return [good, *_waiting(say, decided, store)]


def _waiting(say: Voice, decided: Overlay, store: Store) -> list[dict[str, Any]]:
    """Exemptions to be answered or about to expire, mending that is late, decisions to be made again."""
    soon, asked, late, again = decided.waiting(store, timedelta(days=SOON_DAYS))
    found = []
    if asked:
        detail = say(
            f"{asked} 条；见 xunyan exemptions list --state asked", f"{asked}; see xunyan exemptions list --state asked"
        )
        found.append(_item("person", say("例外待批", "exemptions asked for"), detail))
    if soon:
        detail = say(
            f"{len(soon)} 条在 {SOON_DAYS} 天内到期，最早 {soon[0]}；续期须重新申请，见 xunyan exemptions list",
            f"{len(soon)} within {SOON_DAYS} days, the first on {soon[0]}; ask anew to go on, see xunyan exemptions list",
        )
        found.append(_item("person", say("例外将到期", "exemptions expire"), detail))
    if late:
        detail = say(f"{late} 条；见 xunyan findings", f"{late}; see xunyan findings")
        found.append(_item("person", say("整改逾期", "mending overdue"), detail))
    if again:
        detail = say(
            f"{again} 条在处置之后变了；见 xunyan findings --undecided",
            f"{again} changed since they were decided; see xunyan findings --undecided",
        )
        found.append(_item("person", say("需要重新确认", "to be decided again"), detail))
    return found


def _scanning(say: Voice, workspace: Workspace) -> list[dict[str, Any]]:
    """What scanning rests on: letters, stopped credentials, scans that were not finished."""
    found = []
    try:
        letters = load_letters(workspace.root / FOLDER, workspace.file.scope, workspace.root)
        standings = workspace.credentials.standings()
    except XunyanError as error:
        return [_item("bad", say("授权书", "letters"), say.error(error))]
    found.append(
        _item("good" if letters else "note", say("授权书", "letters"), say(f"{len(letters)} 份", f"{len(letters)}"))
    )
    for name, standing in sorted(standings.items()):
        if standing.stopped:
            detail = say(
                f"{name} 两次被拒绝；核对后运行 xunyan credentials renew {name} --by 姓名",
                f"{name} was refused twice; check it, then run xunyan credentials renew {name} --by NAME",
            )
            found.append(_item("person", say("凭据停用", "stopped credential"), detail))
    for number in workspace.scans.unfinished():
        detail = say(
            f"扫描 {number}：运行 xunyan scan --resume 接着扫", f"scan {number}: go on with xunyan scan --resume"
        )
        found.append(_item("person", say("没有扫完", "unfinished scan"), detail))
    return found


def _originals(run: Session) -> list[dict[str, Any]]:
    """Read every original back and check its digests."""
    say, workspace = run.say, run.workspace()
    count = 0
    try:
        with Progress(say("正在核对", "checking")) as progress:
            for number in workspace.segments.numbers():
                for _ in workspace.segments.scan(number):
                    count += 1
                    progress(count)
    except XunyanError as error:
        return [_item("bad", say("原始采集", "originals"), say.error(error))]
    return [
        _item("good", say("原始采集", "originals"), say(f"{count} 条，摘要全部相符", f"{count}, every digest is true"))
    ]


def _columns(say: Voice) -> Any:
    states = {
        "good": say("正常", "good"),
        "note": say("提示", "note"),
        "bad": say("有问题", "bad"),
        "person": say("待处理", "for a person"),
    }
    return (
        (say("情况", "state"), lambda r: states[r["state"]]),
        (say("项目", "what"), lambda r: r["what"]),
        (say("详情", "detail"), lambda r: r["detail"]),
    )
