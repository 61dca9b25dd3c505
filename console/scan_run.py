"""`xunyan scan` from beginning to end: who is asked, one sitting, taking in, judging, and saying what came of it."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass

import msgspec

from console import ingesting
from console.commands.ingest import say_report
from console.commands.judge import summary
from console.details import detail_text
from console.gating import Gate
from console.language import GAP
from console.output import one_line
from console.scan import Choice, Scan, give_back_memory, only_one, take_in
from console.scanning import Tally
from console.session import Session
from console.ways import Way
from console.workspace import Workspace
from evidence.scans import ScanRecord
from evidence.store import SMALL_CACHE_KIB
from inventories.endpoints import folder, parse_target, read_endpoints
from xunyan.canonical import beijing_text, utc_text
from xunyan.errors import UsageError
from xunyan.permits import Target
from xunyan.wording import Text

NAMED = 3


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for."""

    targets: tuple[str, ...]
    unit: str
    network: str
    over: Way
    record_keys: bool
    resume: bool
    abandon: bool
    judge: bool


def scan(run: Session, wishes: Wishes) -> bool:
    """Scan, take in, judge; tell whether it came to its end. Raises UsageError where nothing may be touched."""
    workspace = run.workspace()
    if wishes.judge:
        workspace.inputs()  # what judging would stumble over is said before anything is asked
    going_on = wishes.resume or wishes.abandon
    wanted = [] if going_on else _targets(workspace, wishes)
    whole = True
    with only_one(workspace), ExitStack() as opened:
        # Nothing is begun, and nothing old is closed, where nothing may be asked.
        made = None if going_on else Scan(run, workspace, wanted, Choice(wishes.over, wishes.record_keys))
        record = _unfinished(run, workspace, opened, wishes)
        if made is not None:
            record = workspace.scans.begin(utc_text(run.now()), made.targets, learn_keys=wishes.record_keys)
            opened.callback(record.close)
        elif record is not None and not wishes.abandon:
            made = Scan(run, workspace, record.plan.targets, Choice(wishes.over, record.plan.learn_keys))
        if record is not None:
            whole = _sit(run, made, record) if made is not None else True
            _take_in(run, record, made.reports if made is not None else [])
            if wishes.abandon or not record.left():
                workspace.scans.finish(record)
    if wishes.judge:
        give_back_memory()
        with run.writing(SMALL_CACHE_KIB) as (held, store):
            summary(run, run.judge(held, store, run.now()), held.inputs())
    return whole


def _take_in(run: Session, record: ScanRecord, before: list[ingesting.Report]) -> None:
    """Take the rest in, and say what all of it came to."""
    reports = before + take_in(run, record)
    if not reports:
        return
    runs = [one.run for one in reports]
    together = msgspec.structs.replace(
        runs[-1],
        captures=sum(one.captures for one in runs),
        gaps=sum(one.gaps for one in runs),
        known=sum(one.known for one in runs),
    )
    clashes = tuple(clash for one in reports for clash in one.clashes)
    assets, new = sum(one.assets for one in reports), sum(one.new_assets for one in reports)
    say_report(run, ingesting.Report(together, assets, new, clashes))


def _targets(workspace: Workspace, wishes: Wishes) -> list[Target]:
    """The targets of the command line, else those of the inventory; each (network, asset) once."""
    unit, network = wishes.unit, wishes.network
    if wishes.targets:
        where = network or workspace.settings.network
        found = [parse_target(one, where, unit or workspace.settings.unit) for one in wishes.targets]
    else:
        found = [
            one
            for one in read_endpoints(folder(workspace.root))
            if (not unit or one.unit == unit) and (not network or one.network == network)
        ]
    return list({(one.network, one.asset): one for one in found}.values())


def _unfinished(run: Session, workspace: Workspace, opened: ExitStack, wishes: Wishes) -> ScanRecord | None:
    """Open the scan to go on with. A new scan closes an old one that was left: what that gathered is taken in first."""
    numbers = workspace.scans.unfinished()
    going_on = wishes.resume or wishes.abandon
    if not numbers and going_on:
        raise UsageError(
            Text("没有未完成的扫描", "no scan is unfinished"),
            advice=Text(
                "用 xunyan scan 开始新的扫描；扫完了只是没来得及判定的，运行 xunyan judge",
                "begin a new one with xunyan scan; where only the judgement was cut off, run xunyan judge",
            ),
        )
    last: ScanRecord | None = None
    for number in numbers:
        record = workspace.scans.open(number)
        opened.callback(record.close)
        if going_on and number == numbers[-1]:
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
    """Ask, and say what came of it; tell whether it went to its end."""
    left = len(record.left())
    run.note(
        run.say(
            f"扫描 {record.plan.number}：{left} 台待查，开始于 {beijing_text(run.now())}；Ctrl-C 可停下，之后 --resume 接着扫",
            f"scan {record.plan.number}: {left} hosts, began {beijing_text(run.now())}; Ctrl-C stops it, --resume goes on",
        )
    )
    tally, gate = made.sit(record)
    _say_tally(run, record, tally)
    return not _say_stops(run, record, tally, gate)


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


def show_plan(run: Session, wishes: Wishes) -> None:
    """List who would be asked, how, and by which letter. Raises UsageError where nobody may be."""
    workspace = run.workspace()
    made = Scan(run, workspace, _targets(workspace, wishes), Choice(wishes.over), trial=True)
    allowed = 0
    for target, way in zip(made.targets, made.chosen, strict=True):
        letters = made.authority.allowing(target)
        allowed += letters is not None
        by = letters if letters is not None else run.say("不扫", "not asked")
        hop = run.say(f"，经 {way.route}", f", by {way.route}") if way.route else ""
        run.print(f"{one_line(target.asset)}  {one_line(target.address)}  {way.carrier}  {way.credential}{hop}  {by}")
    total = len(made.targets)
    run.print(run.say(f"共 {total} 台，现在可扫 {allowed} 台", f"{total} hosts, {allowed} may be asked now"))
