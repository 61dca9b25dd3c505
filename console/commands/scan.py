"""`xunyan scan`: ask the endpoints that the letters allow, keep what they answer, and judge."""

from collections import Counter
from contextlib import ExitStack
from typing import Annotated

import typer

from console.commands.common import example, session
from console.commands.ingest import say_report
from console.commands.judge import summary
from console.details import detail_text
from console.gating import Gate
from console.language import GAP, Voice
from console.output import one_line
from console.planning import Way
from console.scan import Choice, Scan, only_one, take_in
from console.scanning import Tally
from console.session import Session
from console.workspace import Workspace
from evidence.scans import ScanRecord
from inventories.endpoints import folder, parse_target, read_endpoints
from xunyan.canonical import beijing_text, utc_text
from xunyan.errors import UsageError
from xunyan.permits import Target
from xunyan.wording import Text

FAILED = 1
NAMED = 3


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "在授权书允许的范围和时间内扫描终端，只读；随后导入并判定。中断后用 --resume 接着扫。",
            "Scan endpoints within what the letters allow, reading only; then take in and judge. --resume goes on after a break.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan scan --dry-run",
            "xunyan scan",
            "xunyan scan --unit 教育局 --carrier ansible",
            "xunyan scan --target 10.1.2.3 --target host:web01=10.1.2.4:2222 --record-keys",
            "xunyan scan --resume",
        )
    )
    def scan(
        context: typer.Context,
        target: Annotated[
            list[str] | None,
            typer.Option(
                "--target",
                "-t",
                help=say(
                    "只扫这个目标（地址、地址:端口、名称、资产=地址），可重复", "only this target, may be given again"
                ),
            ),
        ] = None,
        unit: Annotated[str, typer.Option(help=say("只扫这个单位", "only this unit"))] = "",
        network: Annotated[
            str, typer.Option(help=say("只扫这个地址域；--target 的地址域", "only this network; that of --target"))
        ] = "",
        credential: Annotated[str, typer.Option(help=say("用这个凭据", "use this credential"))] = "",
        route: Annotated[str, typer.Option(help=say("走这个跳板机或堡垒机", "go by this jump host or bastion"))] = "",
        carrier: Annotated[str, typer.Option(help=say("通道：ssh 或 ansible", "the carrier: ssh or ansible"))] = "",
        record_keys: Annotated[
            bool,
            typer.Option(
                "--record-keys",
                help=say(
                    "没见过的主机：登记它的主机密钥（默认不登录）",
                    "put the keys of new hosts on file (else they are not logged in to)",
                ),
            ),
        ] = False,
        resume: Annotated[
            bool, typer.Option("--resume", help=say("接着扫上次没扫完的", "go on with the scan that was not finished"))
        ] = False,
        abandon: Annotated[
            bool,
            typer.Option(
                "--abandon", help=say("放弃没扫完的，已采到的照样导入", "give it up; what it gathered is taken in")
            ),
        ] = False,
        dry_run: Annotated[
            bool,
            typer.Option(
                "--dry-run",
                help=say("只列出会扫谁、依据哪份授权书", "only list who would be asked, and by which letter"),
            ),
        ] = False,
        judge: Annotated[
            bool, typer.Option("--judge/--no-judge", help=say("扫描后是否判定", "judge after the scan"))
        ] = True,
    ) -> None:
        run = session(context)
        workspace = run.workspace()
        if judge:
            workspace.inputs()  # what judging would stumble over is said before anything is asked
        over = Way(credential, route, carrier)
        wanted = [] if resume or abandon else _targets(workspace, target or [], unit, network)
        if dry_run:
            _show_plan(run, Scan(run, workspace, wanted, Choice(over)))
            return
        failed = False
        with only_one(workspace), ExitStack() as opened:
            record = _unfinished(run, workspace, opened, resume=resume, abandon=abandon)
            if not abandon:
                plan = record.plan if record else None
                made = Scan(
                    run,
                    workspace,
                    plan.targets if plan else wanted,
                    Choice(over, plan.learn_keys if plan else record_keys),
                )
                if record is None:
                    record = workspace.scans.begin(utc_text(run.now()), made.targets, learn_keys=record_keys)
                    opened.callback(record.close)
                failed = _sit(run, made, record)
            if record is not None:
                report = take_in(run, record)
                if report is not None:
                    say_report(run, report)
                if abandon or not record.left():
                    workspace.scans.finish(record)
        if judge:
            with run.writing() as (held, store):
                summary(run, run.judge(held, store, run.now()), held.inputs())
        if failed:
            raise typer.Exit(FAILED)


def _targets(workspace: Workspace, given: list[str], unit: str, network: str) -> list[Target]:
    """The targets of the command line, else those of the inventory; each (network, asset) once."""
    if given:
        where = network or workspace.settings.network
        found = [parse_target(one, where, unit or workspace.settings.unit) for one in given]
    else:
        found = [
            one
            for one in read_endpoints(folder(workspace.root))
            if (not unit or one.unit == unit) and (not network or one.network == network)
        ]
    return list({(one.network, one.asset): one for one in found}.values())


def _unfinished(
    run: Session, workspace: Workspace, opened: ExitStack, *, resume: bool, abandon: bool
) -> ScanRecord | None:
    """Open the scan to go on with. A new scan closes an old one that was left: what that gathered is taken in first."""
    numbers = workspace.scans.unfinished()
    if not numbers and (resume or abandon):
        raise UsageError(
            Text("没有未完成的扫描", "no scan is unfinished"),
            advice=Text("用 xunyan scan 开始新的扫描", "begin a new one with xunyan scan"),
        )
    last: ScanRecord | None = None
    for number in numbers:
        record = workspace.scans.open(number)
        opened.callback(record.close)
        if (resume or abandon) and number == numbers[-1]:
            last = record
            continue
        run.note(
            run.say(
                f"扫描 {number} 没有扫完（剩 {len(record.left())} 台），已采到的先导入，余下的由这次重新扫描",
                f"scan {number} was not finished ({len(record.left())} left): what it gathered is taken in first",
            )
        )
        take_in(run, record)
        workspace.scans.finish(record)
    return last


def _sit(run: Session, made: Scan, record: ScanRecord) -> bool:
    """Ask, and say what came of it; tell whether it stopped before its time."""
    left = len(record.left())
    run.note(
        run.say(
            f"扫描 {record.plan.number}：{left} 台待查，开始于 {beijing_text(run.now())}；Ctrl-C 可停下，之后 --resume 接着扫",
            f"scan {record.plan.number}: {left} hosts, began {beijing_text(run.now())}; Ctrl-C stops it, --resume goes on",
        )
    )
    tally, gate = made.sit(record)
    _say_tally(run, record, tally)
    return _say_stops(run, record, tally, gate)


def _say_tally(run: Session, record: ScanRecord, tally: Tally) -> None:
    run.print(
        run.say(
            f"扫描 {record.plan.number}：查了 {tally.hosts} 台，读到 {tally.read} 台，没读到 {tally.hosts - tally.read} 台；"
            f"探针 {tally.probes} 项，采到 {tally.probes - tally.gaps} 项，缺口 {tally.gaps} 项",
            f"scan {record.plan.number}: {tally.hosts} hosts asked, {tally.read} read, {tally.hosts - tally.read} not; "
            f"{tally.probes} probes, {tally.probes - tally.gaps} answered, {tally.gaps} gaps",
        )
    )
    names: dict[tuple[str, str], list[str]] = {}
    for place, done in sorted(record.done.items()):
        if done.reason:
            key = (
                done.reason,
                done.detail if done.detail.startswith("login-withheld") else done.detail.partition(":")[0],
            )
            names.setdefault(key, []).append(record.plan.targets[place].asset)
    for (reason, detail), hosts in sorted(names.items(), key=lambda one: -len(one[1])):
        shown = "、".join(one_line(name) for name in hosts[:NAMED]) + ("……" if len(hosts) > NAMED else "")
        said = detail_text(detail, run.say)
        run.print(
            run.say(
                f"  {run.say.word(GAP, reason)} {len(hosts)} 台：{said}（{shown}）",
                f"  {run.say.word(GAP, reason)}, {len(hosts)} hosts: {said} ({shown})",
            )
        )


def _say_stops(run: Session, record: ScanRecord, tally: Tally, gate: Gate) -> bool:
    withheld = " ".join(done.detail for done in record.done.values() if "credential-stopped" in done.detail)
    stopped = [name for name in gate.stopped() if f"credential-stopped: {name}" in withheld]
    for name in stopped:
        run.note(
            run.say(
                f"凭据 {name} 两次被拒绝，已停用，以后的扫描也不会再用。\n"
                f"怎么办：核对账号密码，确认后运行 xunyan credentials renew {name} --by 姓名，再扫描",
                f"the credential {name} was refused twice and is stopped, in later scans too.\n"
                f"what to do: check it, then run xunyan credentials renew {name} --by NAME and scan again",
            )
        )
    for why in tally.stops:
        run.note(run.say(f"提前停止：{why.zh}", f"stopped early: {why.en}"))
    waiting = Counter(tally.waiting)
    for why, count in waiting.most_common(5):
        run.note(run.say(f"{count} 台还没查：{why.zh}", f"{count} hosts not asked yet: {why.en}"))
    if record.left():
        run.note(run.say("余下的用 xunyan scan --resume 接着扫", "go on with xunyan scan --resume"))
    return bool(stopped or tally.stops)


def _show_plan(run: Session, made: Scan) -> None:
    """List who would be asked, how, and by which letter."""
    allowed = 0
    for target, way in zip(made.targets, made.chosen, strict=True):
        letters = made.authority.allowing(target)
        allowed += letters is not None
        by = letters if letters is not None else run.say("不扫", "not asked")
        hop = run.say(f"，经 {way.route}", f", by {way.route}") if way.route else ""
        run.print(f"{one_line(target.asset)}  {one_line(target.address)}  {way.carrier}  {way.credential}{hop}  {by}")
    total = len(made.targets)
    run.print(run.say(f"共 {total} 台，现在可扫 {allowed} 台", f"{total} hosts, {allowed} may be asked now"))
