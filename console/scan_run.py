"""`xunyan scan` from beginning to end: who is asked, one sitting, taking in, judging, and saying what came of it."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

import msgspec

from console import ingesting, system_run
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
from evidence.scans import ScanRecord, Wanted
from evidence.store import SMALL_CACHE_KIB
from inventories.endpoints import folder, parse_target, read_endpoints
from scanners.platforms.devices import VENDORS
from xunyan.canonical import beijing_text, utc_text
from xunyan.errors import UsageError
from xunyan.permits import Permit, Target
from xunyan.wording import Text

NAMED = 3
ENDPOINTS, DEVICES, SYSTEMS = "endpoints", "devices", "systems"
LISTED = (ENDPOINTS, DEVICES)
"""What stands in the lists of endpoints; systems stand in ledgers."""

ADVICE: Mapping[str, Text] = {
    "host-key-unknown": Text(
        "核对后加 --record-keys 登记，或把密钥放进 inventory/known_hosts/地址域",
        "check them and add --record-keys, or put the keys into inventory/known_hosts/NETWORK",
    ),
    "host-key-changed": Text(
        "向管理员核实；确实重装过的，从 inventory/known_hosts/地址域 删去该行，再用 --record-keys 登记",
        "ask the administrator; where it was reinstalled, remove its line from inventory/known_hosts/NETWORK",
    ),
    "login-not-offered": Text("核对该主机允许的登录方式", "see which logins the host offers"),
}
"""What a person can do where hosts were not read, by the key of the detail."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for. `only`: endpoints, devices, systems, or empty for all."""

    targets: tuple[str, ...]
    unit: str
    network: str
    over: Way
    record_keys: bool
    resume: bool
    abandon: bool
    judge: bool
    only: str = ""


def scan(run: Session, wishes: Wishes) -> bool:
    """Scan, take in, judge; tell whether it came to its end. Raises UsageError where nothing may be touched."""
    workspace = run.workspace()
    _check_together(wishes)
    if wishes.judge:
        workspace.inputs()  # what judging would stumble over is said before anything is asked
    whole = _ask(run, workspace, wishes)
    if wishes.judge:
        give_back_memory()
        with run.writing(SMALL_CACHE_KIB) as (held, store):
            summary(run, run.judge(held, store, run.now()), held.inputs())
    return whole


def _ask(run: Session, workspace: Workspace, wishes: Wishes) -> bool:
    """Ask the endpoints, then look at the systems: which ports wait on hosts that were read leads to some of them."""
    if wishes.resume or wishes.abandon:
        return _go_on(run, workspace, wishes)
    wanted = _wanted(wishes)
    systems = [] if wanted.only in LISTED else system_run.listed_systems(run, wanted)
    if wanted.only == SYSTEMS and not systems:
        raise _no_systems(wanted)
    endpoints = [] if wanted.only == SYSTEMS else _endpoints(workspace, wishes, systems)
    whole, left = True, False
    if endpoints or not systems:
        whole, left = _ask_endpoints(run, workspace, wishes, endpoints)
    return _and_systems(run, wanted, systems) if whole and not left else whole


def _go_on(run: Session, workspace: Workspace, wishes: Wishes) -> bool:
    """Go on with the scan that was not finished, and with what comes after it; or give it up."""
    wanted = _unfinished_wanted(workspace)
    if wanted.stage != ENDPOINTS:
        with only_one(workspace), ExitStack() as opened:
            record = _unfinished(run, workspace, opened, wishes)
            whole, reports = system_run.go_on(run, record, abandon=wishes.abandon) if record else (True, [])
        _say_taken(run, reports)
        return whole
    whole, left = _ask_endpoints(run, workspace, wishes, [])
    if not whole or left or wishes.abandon or wanted.only in LISTED:
        return whole
    return _and_systems(run, wanted, system_run.listed_systems(run, wanted))


def _and_systems(run: Session, wanted: Wanted, systems: list[Target]) -> bool:
    if wanted.only in LISTED:
        return True
    whole, reports = system_run.scan_systems(run, wanted, systems)
    _say_taken(run, reports)
    return whole


def _wanted(wishes: Wishes) -> Wanted:
    return Wanted(
        targets=wishes.targets, unit=wishes.unit, network=wishes.network,
        only=next((one for one in ("endpoints", "devices", "systems") if one == wishes.only), ""),
    )  # fmt: skip


def _unfinished_wanted(workspace: Workspace) -> Wanted:
    """What the scan that is gone on with was asked for."""
    numbers = workspace.scans.unfinished()
    if not numbers:
        return Wanted()
    record = workspace.scans.open(numbers[-1])
    record.close()
    return record.plan.wanted


def _endpoints(workspace: Workspace, wishes: Wishes, systems: list[Target]) -> list[Target]:
    """List the endpoints that are wanted; where systems are wanted by name or unit, there need be none."""
    texts = tuple(text for text in wishes.targets if not any(system_run.means(text, one) for one in systems))
    if wishes.targets and not texts:
        return []
    try:
        return _targets(workspace, replace(wishes, targets=texts))
    except UsageError:
        if systems and not texts:
            return []
        raise


def _no_systems(wanted: Wanted) -> UsageError:
    named = " ".join(wanted.targets) or " ".join(part for part in (wanted.unit, wanted.network) if part)
    return UsageError(
        Text("没有要查的信息系统", "there is no system to look at"),
        where=named,
        advice=Text(
            "用 xunyan ledger import 导入现有政务信息系统清单和配套表（域名、地址）；看已有的：xunyan ledger list --of systems",
            "take in the list of systems and its companion sheet with xunyan ledger import; see xunyan ledger list --of systems",
        ),
    )


def _ask_endpoints(run: Session, workspace: Workspace, wishes: Wishes, wanted: list[Target]) -> tuple[bool, bool]:
    """Scan and take in; tell whether it went well, and whether some are left, who wait for the hours of their letters."""
    going_on = wishes.resume or wishes.abandon
    whole, left = True, False
    with only_one(workspace), ExitStack() as opened:
        # Nothing is begun, and nothing old is closed, where nothing may be asked.
        made = None if going_on else Scan(run, workspace, wanted, Choice(wishes.over, wishes.record_keys))
        record = _unfinished(run, workspace, opened, wishes)
        if made is not None:
            record = workspace.scans.begin(
                utc_text(run.now()), made.targets, learn_keys=wishes.record_keys, wanted=_wanted(wishes)
            )
            opened.callback(record.close)
        elif record is not None and not wishes.abandon:
            made = Scan(run, workspace, record.plan.targets, Choice(wishes.over, record.plan.learn_keys))
        if record is not None:
            whole = _sit(run, made, record) if made is not None else True
            _say_taken(run, (made.reports if made is not None else []) + take_in(run, record))
            left = bool(record.left())
            if wishes.abandon or not left:
                workspace.scans.finish(record)
    return whole, left


def _check_together(wishes: Wishes) -> None:
    """Refuse to go on with a scan in another way than it was begun."""
    over = wishes.over
    others = (
        wishes.targets,
        wishes.unit,
        wishes.network,
        over.credential,
        over.route,
        over.carrier,
        wishes.record_keys,
        wishes.only,
    )
    if (wishes.resume or wishes.abandon) and any(others):
        raise UsageError(
            Text(
                "--resume 和 --abandon 沿用扫描开始时的目标和设置，不能再加别的选择",
                "--resume and --abandon keep the targets and settings that the scan was begun with",
            ),
            advice=Text("去掉别的选项；要换设置就开始新的扫描", "leave the other options out, or begin a new scan"),
        )


def _say_taken(run: Session, reports: list[ingesting.Report]) -> None:
    """Say what all that was taken in came to."""
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
    listed = read_endpoints(folder(workspace.root))
    if wishes.targets:
        where = network or workspace.settings.network
        found = [_listed(text, where, listed) or parse_target(text, where, unit) for text in wishes.targets]
    else:
        found = [
            one
            for one in listed
            if unit in ("", one.unit) and network in ("", one.network) and _is_of(one, wishes.only)
        ]
    if listed and not found:
        units = "、".join(sorted({one.unit for one in listed if one.unit})[:20])
        networks = "、".join(sorted({one.network for one in listed})[:20])
        raise UsageError(
            Text("终端名单里没有符合的终端", "no endpoint of the list fits"),
            where=" ".join(
                f"--{option} {value}"
                for option, value in (("unit", unit), ("network", network), ("only", wishes.only))
                if value
            ),
            advice=Text(
                f"名单里的单位：{units or '（没有填）'}；地址域：{networks}",
                f"units: {units or '-'}; networks: {networks}",
            ),
        )
    return list({(one.network, one.asset): one for one in found}.values())


def _is_of(target: Target, only: str) -> bool:
    """Tell whether a target of the lists is of the sort that is wanted: devices, other endpoints, or either."""
    return only not in LISTED or (only == DEVICES) == (target.platform in VENDORS)


def _listed(text: str, network: str, listed: list[Target]) -> Target | None:
    """Find an endpoint of the list by its name or its address, so that it is not taken for another machine."""
    for one in listed:
        name = one.asset.partition(":")[2]
        if one.network == network and text in (one.asset, name, one.address, f"{one.address}:{one.port}"):
            return one
    return None


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
                f"扫描 {number} 没有扫完（剩 {len(record.left())} 个目标）：已采到的先导入，剩下的不再接着扫（要接着扫，应使用 --resume）",
                f"scan {number} was not finished ({len(record.left())} left): what it gathered is taken in, the rest is dropped",
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
        said = detail_text(detail, run.say) + (
            run.say("；怎么办：", "; what to do: ") + run.say.text(ADVICE[detail]) if detail in ADVICE else ""
        )
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
        run.note(one_line(run.say(f"提前停止：{why.zh}", f"stopped early: {why.en}")))
    waiting = Counter(tally.waiting)
    for why, count in waiting.most_common(5):
        told = one_line(detail_text(run.say.text(why), run.say))
        run.note(run.say(f"{count} 台还没查：{told}", f"{count} hosts not asked yet: {told}"))
    if record.left():
        run.note(run.say("余下的用 xunyan scan --resume 接着扫", "go on with xunyan scan --resume"))
    return bool(stopped or tally.stops)


def show_plan(run: Session, wishes: Wishes) -> None:
    """List who would be asked, how, and by which letter, or why not. Raises UsageError where nobody may be."""
    workspace = run.workspace()
    _check_together(wishes)
    wanted = _wanted(wishes)
    with ExitStack() as opened:
        record = _unfinished(run, workspace, opened, wishes) if wishes.resume else None
        left = [record.plan.targets[place] for place in record.left()] if record else []
    only = wishes.only
    if record is not None:
        only = ENDPOINTS if record.plan.wanted.stage == ENDPOINTS else SYSTEMS
    systems = left if only == SYSTEMS and record else [] if only in LISTED else system_run.listed_systems(run, wanted)
    if record is None:
        left = [] if only == SYSTEMS else _endpoints(workspace, wishes, systems)
    if only == SYSTEMS and not systems:
        raise _no_systems(wanted)
    if only != SYSTEMS and (left or not systems):
        _show_endpoints(run, workspace, wishes, left)
    if systems:
        system_run.show_plan(run, systems)


def _show_endpoints(run: Session, workspace: Workspace, wishes: Wishes, left: list[Target]) -> None:
    made = Scan(run, workspace, left, Choice(wishes.over), trial=True)
    allowed = 0
    for target, way in zip(made.targets, made.chosen, strict=True):
        found = made.authority.permit(target)
        yes = isinstance(found, Permit)
        allowed += yes
        said = found.authorisation if isinstance(found, Permit) else run.say.text(found.why)
        hop = run.say(f" 经 {way.route}", f" by {way.route}") if way.route else ""
        port = f":{target.port}" if target.port else ""
        run.print(
            f"{run.say('可扫', 'asked') if yes else run.say('不扫', 'not asked')}  {one_line(target.asset)}  "
            f"{one_line(target.address)}{port}  {way.carrier}  {way.credential}{hop}  {one_line(said)}"
        )
    total = len(made.targets)
    run.print(run.say(f"共 {total} 台，现在可扫 {allowed} 台", f"{total} hosts, {allowed} may be asked now"))
