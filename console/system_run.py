"""The part of `xunyan scan` that looks at information systems: who, in two rounds, taken in, and what came of it."""

from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass

import msgspec

from console.authorised import Authority, is_address, nothing_authorised
from console.details import detail_text
from console.ingesting import Report
from console.language import GAP
from console.output import one_line
from console.scan import only_one, take_in
from console.session import Session
from console.system_grants import SystemGrants, networks_behind
from console.system_ledger import filed_systems
from console.system_scan import SystemScan, SystemTally, say_tally
from console.system_targets import Known, discovered, found_before
from console.workspace import Workspace
from evidence.scans import ScanRecord, Wanted
from scanners.systems.asking import NotNowError, Refused
from xunyan.canonical import beijing_text, utc_text
from xunyan.permits import PORTS, Method, Target
from xunyan.wording import Text


def listed_systems(run: Session, wanted: Wanted) -> list[Target]:
    """List the systems that are filed, and those that were found before, as far as they are wanted."""
    with run.reading() as (workspace, store):
        filed = filed_systems(workspace, store)
        systems = [*filed.targets, *found_before(store, filed.settled)]
    if wanted.targets:
        return [one for one in systems if any(means(text, one) for text in wanted.targets)]
    return [one for one in systems if wanted.unit in ("", one.unit) and wanted.network in ("", one.network)]


def scan_systems(run: Session, wanted: Wanted, first: Sequence[Target]) -> tuple[bool, list[Report]]:
    """Look at these systems, then at what they lead to; tell whether it came to its end.

    Raises UsageError where only systems are asked for and not one may be touched.
    """
    workspace = run.workspace()
    authority = Authority(workspace, run.now, workspace.file.scan.resolve_seconds)
    grants = SystemGrants(authority, run.now, networks_behind(workspace))
    if not any(Method.WEB in letter.methods for letter in authority.letters):
        _say_unauthorised(run, first, wanted)
        return True, []
    refused = [why for why in (why_not(grants, one, workspace) for one in first) if why is not None]
    if first and len(refused) == len(first):
        if wanted.only:
            raise nothing_authorised(refused)
        for why in dict.fromkeys(refused):
            run.note(run.say(f"信息系统没有查：{why.zh}", f"systems were not looked at: {why.en}"))
        return True, []
    if not first:
        return _look_further(run, authority, wanted)
    ended = _round(run, authority, first, msgspec.structs.replace(wanted, stage="filed"))
    return _and_further(run, authority, wanted, ended)


def go_on(run: Session, record: ScanRecord, *, abandon: bool) -> tuple[bool, list[Report]]:
    """Go on with a round that was not finished, and with what comes after it; or give it up."""
    workspace = run.workspace()
    authority = Authority(workspace, run.now, workspace.file.scan.resolve_seconds)
    whole = True if abandon else _sit(run, authority, record)
    ended = Ended(whole, bool(record.left()), take_in(run, record))
    if abandon or not ended.left:
        workspace.scans.finish(record)
    if abandon or record.plan.wanted.stage != "filed":
        return ended.whole, ended.reports
    return _and_further(run, authority, record.plan.wanted, ended, held=True)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a round ended: whether it went well, whether some are left in its plan, and what was taken in."""

    whole: bool
    left: bool
    reports: list[Report]


def _and_further(
    run: Session, authority: Authority, wanted: Wanted, ended: Ended, *, held: bool = False
) -> tuple[bool, list[Report]]:
    """After the first round look at what it leads to; not before it is done, for only one round can be gone on with."""
    if not ended.whole or ended.left:
        return ended.whole, ended.reports
    whole, reports = _look_further(run, authority, wanted, held=held)
    return whole, ended.reports + reports


def _look_further(
    run: Session, authority: Authority, wanted: Wanted, *, held: bool = False
) -> tuple[bool, list[Report]]:
    """Look at what nobody filed, unless the scan was asked for systems by name or for one unit's."""
    if wanted.targets or wanted.unit:
        return True, []
    everything = listed_systems(run, Wanted())
    with run.reading() as (workspace, store):
        known = Known()
        known.add(everything)
        found = discovered(workspace, store, known, workspace.file.systems.ports, workspace.file.systems.found)
    second = [one for one in found if wanted.network in ("", one.network)]
    if not second:
        return True, []
    run.note(
        run.say(
            f"由链接、证书和监听端口又得到 {len(second)} 处没有填报的，接着查（不在授权范围、没有应答的不记）",
            f"links, certificates and listening ports led to {len(second)} places that nobody filed; looking at them",
        )
    )
    ended = _round(run, authority, second, msgspec.structs.replace(wanted, stage="found"), held=held)
    return ended.whole, ended.reports


def why_not(grants: SystemGrants, target: Target, workspace: Workspace) -> Text | None:
    """Say why a system cannot be looked at now at all; None where it can, at least in part. No packet is sent."""
    reasons: list[Text] = []
    for one in target.services:
        try:
            if not is_address(one.host):
                if grants.resolvers(one.network):
                    return None
                network = one.network
                reasons.append(
                    Text(
                        f"地址域 {network} 没有授权可用的DNS服务器（授权书的 resolvers）",
                        f"no letter grants a name server in {network} (resolvers)",
                    )
                )
                continue
            for port in (one.port,) if one.port else workspace.file.systems.ports or PORTS[Method.WEB]:
                found = grants.service(target.unit, one.network, one.host, port, ())
                if not isinstance(found, Refused):
                    return None
                reasons.append(found.why)
        except NotNowError as error:
            reasons.append(error.why)
    return reasons[0] if reasons else Text("没有填报域名和地址", "neither a name nor an address is filed")


def show_plan(run: Session, systems: Sequence[Target]) -> None:
    """List the systems that would be looked at, and where, or why not. No packet is sent."""
    workspace = run.workspace()
    authority = Authority(workspace, run.now, workspace.file.scan.resolve_seconds)
    grants = SystemGrants(authority, run.now, networks_behind(workspace))
    allowed = 0
    for one in systems:
        why = why_not(grants, one, workspace)
        allowed += why is None
        places = "、".join(
            f"{service.host}:{service.port}" if service.port else service.host for service in one.services
        )
        word = run.say("可查", "looked at") if why is None else run.say("不查", "not looked at")
        said = f"  {one_line(run.say.text(why))}" if why is not None else ""
        run.print(f"{word}  {one_line(one.asset)}  {one_line(places) or '-'}{said}")
    run.print(
        run.say(
            f"共 {len(systems)} 个信息系统，现在可查 {allowed} 个；域名解析出的每个地址届时再逐一判断",
            f"{len(systems)} systems, {allowed} may be looked at now; each address that a name leads to is judged then",
        )
    )


def _round(
    run: Session, authority: Authority, targets: Sequence[Target], wanted: Wanted, *, held: bool = False
) -> Ended:
    """Look at these systems as a scan of its own. `held`: the lock of scans is ours already."""
    workspace = run.workspace()
    with nullcontext() if held else only_one(workspace), ExitStack() as opened:
        record = workspace.scans.begin(utc_text(run.now()), tuple(targets), learn_keys=False, wanted=wanted)
        opened.callback(record.close)
        whole = _sit(run, authority, record)
        ended = Ended(whole, bool(record.left()), take_in(run, record))
        if not ended.left:
            workspace.scans.finish(record)
    return ended


def _sit(run: Session, authority: Authority, record: ScanRecord) -> bool:
    left = len(record.left())
    run.note(
        run.say(
            f"扫描 {record.plan.number}：{left} 个信息系统待查，开始于 {beijing_text(run.now())}；Ctrl-C 可停下，之后 --resume 接着扫",
            f"scan {record.plan.number}: {left} systems, began {beijing_text(run.now())}; Ctrl-C stops it, --resume goes on",
        )
    )
    tally = SystemScan(run, record, authority).sit()
    say_tally(run, record, tally, GAP)
    return _say_left(run, record, tally)


def _say_left(run: Session, record: ScanRecord, tally: SystemTally) -> bool:
    for why in tally.stops:
        run.note(one_line(run.say(f"提前停止：{why.zh}", f"stopped early: {why.en}")))
    for why, count in tally.waiting.most_common(5):
        told = one_line(detail_text(run.say.text(why), run.say))
        run.note(run.say(f"{count} 个还没查：{told}", f"{count} systems not looked at yet: {told}"))
    if record.left():
        run.note(run.say("余下的用 xunyan scan --resume 接着扫", "go on with xunyan scan --resume"))
    return not tally.stops and (not record.left() or bool(tally.waiting))


def _say_unauthorised(run: Session, systems: Sequence[Target], wanted: Wanted) -> None:
    if not systems:
        return
    why = Text(
        f"{len(systems)} 个信息系统没有查：没有授权书允许方式 web",
        f"{len(systems)} systems were not looked at: no letter allows the method web",
    )
    if wanted.only:
        raise nothing_authorised([why])
    run.note(run.say.text(why))


def means(text: str, target: Target) -> bool:
    """Tell whether a text names a system: by key, name, host, or host and port."""
    name = target.asset.partition(":")[2]
    return text in (target.asset, name) or any(text in (one.host, f"{one.host}:{one.port}") for one in target.services)
