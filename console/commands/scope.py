"""`xunyan scope`: what may be touched, by which letter of authorisation, and why not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from console.commands import scope_signing
from console.commands.common import FormatOption, example, session
from console.language import Voice
from console.output import Format, emit
from console.session import Session, parse_moment
from console.workspace import Workspace
from inventories import scope
from inventories.authorisations import FOLDER, load_letters
from inventories.letter_template import TEMPLATE
from inventories.letters import Grounds, Letter
from inventories.names import reads_as_address
from inventories.ranges import is_port
from inventories.scope import Decision, Question, State
from scanners.transports.dialing import DialError
from scanners.transports.dns import Resolved, ResolveError, resolve
from xunyan.canonical import BEIJING, beijing_text
from xunyan.errors import UsageError
from xunyan.names import shown
from xunyan.permits import PORTS, Method, ports_text
from xunyan.wording import Text

FEW = 3
REFUSED = 3
STATE: Mapping[str, Text] = {
    State.IN_FORCE: Text("有效", "in force"),
    State.NOT_YET: Text("未生效", "not yet valid"),
    State.EXPIRED: Text("已过期", "expired"),
    State.REVOKED: Text("已撤销", "revoked"),
    State.OUTSIDE_WINDOW: Text("不在时间窗", "outside its window"),
}
SIGNED: Mapping[str, Text] = {
    "trusted": Text("已签名", "signed"),
    "unknown-key": Text("已签名，公钥未登记", "signed, key not on file"),
    "none": Text("未签名", "not signed"),
}


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say(
            "授权范围：什么可以触碰，依据哪份授权书，为什么不行。",
            "Scope: what may be touched, by which letter of authorisation, and why not.",
        ),
    )
    app.add_typer(group, name="scope")
    _add_show(group, say)
    _add_check(group, say)
    scope_signing.add(group, say)

    @group.command(
        help=say("输出一份空白授权书，填好才会被接受。", "Print a blank letter; it is taken only when filled in.")
        + "\n\n"
        + example(f"xunyan scope template > {FOLDER}/教育局.toml")
    )
    def template(context: typer.Context) -> None:
        session(context).print(TEMPLATE.rstrip("\n"))


def _add_show(group: typer.Typer, say: Voice) -> None:
    @group.command(
        help=say("列出授权书，及各自现在的状态。", "List the letters, and how each stands now.")
        + "\n\n"
        + example("xunyan scope show", "xunyan scope show --format jsonl")
    )
    def show(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
        run = session(context)
        letters, now = _letters(run.workspace()), run.now()
        emit(
            [_described(one, now) for one in letters],
            _letter_columns(run.say),
            form,
            empty=run.say(
                "还没有授权书，没有授权书就什么也不触碰。\n"
                f"写一份：xunyan scope template > {FOLDER}/单位.toml，填好后再运行 xunyan scope show",
                "there is no letter yet, and without one nothing is touched.\n"
                f"write one: xunyan scope template > {FOLDER}/UNIT.toml, fill it in, then run xunyan scope show",
            ),
            whole=_letter_columns(run.say, whole=True),
        )


def _add_check(group: typer.Typer, say: Voice) -> None:
    @group.command(
        help=say(
            "查一个目标能否触碰，各份授权书怎么说。域名只向授权的DNS服务器查询，查到的每个地址都判一遍。",
            "Say whether a target may be touched, and what each letter says. A name is asked of granted name servers "
            "only, and judged by every address.",
        )
        + "\n\n"
        + example(
            "xunyan scope check 10.1.2.3",
            "xunyan scope check 10.1.2.3:2222 web01.example --network 外网 --unit 教育局",
            "xunyan scope check www.jyj.example --method web",
            "xunyan scope check 10.1.2.3 --at 2026-11-21T23:00:00+08:00 --exit-code",
        )
    )
    def check(
        context: typer.Context,
        targets: Annotated[
            list[str],
            typer.Argument(metavar="TARGET", help=say("地址、地址:端口或域名", "an address, address:port, or name")),
        ],
        network: Annotated[
            str, typer.Option("--network", help=say("地址域，默认为工作区的", "network, by default the workspace's"))
        ] = "",
        method: Annotated[
            Method,
            typer.Option(
                "--method",
                help=say("方式；dns 也看授权书的 name_servers", "method; dns looks at the name_servers of letters too"),
            ),
        ] = Method.SSH,
        port: Annotated[
            int | None,
            typer.Option(
                "--port", min=1, max=65535, help=say("端口，默认为方式的端口", "port, by default the method's")
            ),
        ] = None,
        unit: Annotated[str, typer.Option("--unit", help=say("目标所属单位", "the unit that the target is of"))] = "",
        at: Annotated[
            str, typer.Option("--at", help=say("按这个时间判断，默认现在", "judge at this time, by default now"))
        ] = "",
        exit_code: Annotated[
            bool,
            typer.Option("--exit-code", help=say("有不能触碰的，退出码为3", "exit with 3 where something is refused")),
        ] = False,
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        workspace = run.workspace()
        letters, now = _letters(workspace), run.now()
        moment = parse_moment(at) if at else now
        where = network or workspace.settings.network
        found: list[dict[str, Any]] = []
        for target in targets:
            host, own = _split(target)
            chosen = own or port
            ports = (chosen,) if chosen else default_ports(method)
            asked = [Question(where, host, one, method, unit) for one in ports]
            found += _checked(run, workspace, letters, target, asked, moment)
        emit(
            found,
            _check_columns(run.say),
            form,
            empty="",
        )
        if exit_code and not all(one["target_allowed"] for one in found):
            raise typer.Exit(REFUSED)


def default_ports(method: Method) -> tuple[int, ...]:
    """Give the ports that a target of this method is asked at where none is written: for WinRM the encrypted one."""
    return PORTS[method][-1:] if method is Method.WINRM else PORTS[method]


def _letters(workspace: Workspace) -> tuple[Letter, ...]:
    return load_letters(workspace.root / FOLDER, workspace.file.scope, workspace.root)


def _split(target: str) -> tuple[str, int | None]:
    """Part a target into host and port. Raises UsageError for a port that is none."""
    host, port = target, ""
    if target.startswith("["):
        host, _, rest = target[1:].partition("]")
        port = rest.removeprefix(":") if rest.startswith(":") else rest
    elif target.count(":") == 1:
        host, _, port = target.partition(":")
    if host == target or (target.startswith("[") and target == f"[{host}]"):
        return host, None
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and is_port(int(port))):
        raise UsageError(
            Text(f"“{shown(target)}”的端口不对", f"{shown(target)!r} has no usable port"),
            where="TARGET",
            advice=Text("写 10.1.2.3:22、[2001:db8::1]:22 或域名:22", "write 10.1.2.3:22, [2001:db8::1]:22 or NAME:22"),
        )
    return host, int(port)


def _checked(
    run: Session,
    workspace: Workspace,
    letters: tuple[Letter, ...],
    target: str,
    asked: Sequence[Question],
    moment: datetime,
) -> Iterator[dict[str, Any]]:
    """Judge one target, at each port that is asked, by every address it has; one that is refused refuses them all."""
    resolved = _resolved(run, workspace, letters, asked[0])
    for one in asked:
        if isinstance(resolved, Text):
            yield _record(target, one, moment, Decision(None, (), resolved), None, run, allowed=False)
            continue
        judge = scope.decide_name_server if one.method is Method.DNS else scope.decide
        questions = [replace(one, address=address, names=resolved.names) for address in resolved.addresses]
        decisions = [judge(letters, question, moment) for question in questions]
        allowed = all(decision.permit is not None for decision in decisions)
        for question, decision in zip(questions, decisions, strict=True):
            opens = scope.opening(letters, question, moment, judge) if decision.permit is None else None
            yield _record(target, question, moment, decision, opens, run, allowed=allowed)


def _resolved(run: Session, workspace: Workspace, letters: tuple[Letter, ...], asked: Question) -> Resolved | Text:
    """Give the addresses of a target, or say why there are none. Only a name server that is granted now is asked."""
    if reads_as_address(asked.address):
        return Resolved((), (asked.address,))
    servers = scope.resolvers(letters, asked.network, run.now())
    if not servers:
        return Text(
            f"是域名，而地址域“{asked.network}”现在没有可用的DNS服务器（授权书的 resolvers）",
            f"a name, and no letter grants a name server in {asked.network!r} now (resolvers)",
        )
    try:
        return resolve(asked.address, servers[0], workspace.file.scan.resolve_seconds)
    except (ResolveError, DialError) as error:
        return Text(f"域名解析不出：{error}", f"the name does not resolve: {error}")


def _record(
    target: str,
    asked: Question,
    moment: datetime,
    decision: Decision,
    opens: datetime | None,
    run: Session,
    *,
    allowed: bool,
) -> dict[str, Any]:
    permit = decision.permit
    language = run.say.language
    return {
        "schema": "xunyan.scope-check/1", "target": target, "network": asked.network,
        "address": permit.address if permit else asked.address, "port": asked.port, "method": asked.method,
        "unit": asked.unit, "names": list(asked.names), "at": beijing_text(moment), "allowed": permit is not None,
        "target_allowed": allowed, "letter": permit.authorisation if permit else "",
        "expires": beijing_text(permit.expires) if permit else "", "why": decision.why.in_language(language),
        "next_opening": beijing_text(opens) if opens is not None else "",
        "reasons": [
            {"letter": one.letter, "allows": one.allows, "ground": one.ground, "text": one.text.in_language(language)}
            for one in decision.reasons
        ],
    }  # fmt: skip


def _check_columns(say: Voice) -> Any:
    def answer(row: dict[str, Any]) -> str:
        if row["allowed"] and not row["target_allowed"]:
            return say("不可以（该域名的另一个地址不可以）", "no (another address of the name is refused)")
        return say("可以", "yes") if row["allowed"] else say("不可以", "no")

    def reasons(row: dict[str, Any]) -> str:
        lines = [say(f"{one['letter']}：{one['text']}", f"{one['letter']}: {one['text']}") for one in row["reasons"]]
        return "\n".join(lines) or row["why"]

    return (
        (say("目标", "target"), lambda r: r["target"]),
        (say("地址", "address"), lambda r: f"{r['network']} {r['address']} {r['method']}/{r['port']}"),
        (say("可否触碰", "allowed"), answer),
        (say("各授权书", "letters"), reasons),
    )


def _described(letter: Letter, now: datetime) -> dict[str, Any]:
    """Write a letter as a record. `valid_until` is the first moment when it is not valid any more."""
    opens = scope.next_opening(letter, now)
    signature, revoked = letter.signature, letter.revoked
    return {
        "schema": "xunyan.letter/1", "number": letter.number, "title": letter.title, "units": list(letter.units),
        "approver": letter.approver, "approved_on": letter.approved_on.isoformat() if letter.approved_on else "",
        "valid_from": beijing_text(letter.valid_from), "valid_until": beijing_text(letter.valid_until),
        "windows": [str(one) for one in letter.hours.windows], "state": scope.state(letter, now),
        "next_opening": beijing_text(opens) if opens is not None else "",
        "methods": {one: list(letter.ports_of(one)) for one in letter.methods}, "sudo": letter.sudo,
        "limits": {"concurrency": letter.limits.concurrency, "per_second": letter.limits.per_second},
        "networks": [_network(one) for one in letter.networks],
        "revoked": {"at": beijing_text(revoked.at), "by": revoked.by, "reason": revoked.reason} if revoked else None,
        "signature": {
            "state": "none" if signature is None else "trusted" if signature.trusted else "unknown-key",
            "by": signature.by if signature else "", "key": signature.key if signature else "",
            "signed_at": signature.signed_at if signature else "",
        },
        "file": letter.file,
    }  # fmt: skip


def _network(grounds: Grounds) -> dict[str, Any]:
    return {
        "name": grounds.network,
        "allow": [one.text for one in grounds.allow.ranges],
        "deny": [one.text for one in grounds.deny.ranges] + [".".join(one) for one in grounds.deny_names],
        "classified": [one.text for one in grounds.classified.ranges],
        "resolvers": [str(one) for one in grounds.resolvers],
        "name_servers": [str(one) for one in grounds.name_servers],
        "jump_hosts": [str(one) for one in grounds.jump_hosts],
        "timestamps": [str(one) for one in grounds.timestamps],
    }


def _letter_columns(say: Voice, *, whole: bool = False) -> Any:
    def listed(texts: Iterable[str]) -> str:
        kept = list(texts)
        cut = len(kept) > FEW and not whole
        more = say(f" 等 {len(kept)} 项", f" and more, {len(kept)} in all") if cut else ""
        return say("、", ", ").join(kept[:FEW] if cut else kept) + more

    def ranges(row: dict[str, Any]) -> str:
        words = {
            "allow": say("允许", "allow"), "deny": say("禁止", "deny"), "classified": say("涉密", "classified"),
            "resolvers": say("DNS", "resolvers"), "name_servers": say("权威DNS", "name servers"),
            "jump_hosts": say("跳板机", "jump hosts"), "timestamps": say("时间戳", "timestamps"),
        }  # fmt: skip
        lines = []
        for one in row["networks"]:
            parts = [f"{word} {listed(one[key])}" for key, word in words.items() if one[key]]
            lines.append(say("：", ": ").join((one["name"], say("；", "; ").join(parts))))
        return "\n".join(lines)

    def state(row: dict[str, Any]) -> str:
        word = say.word(STATE, row["state"])
        shows = row["next_opening"] and row["state"] in (State.OUTSIDE_WINDOW, State.NOT_YET) and not whole
        return f"{word}\n{_minutes(row['next_opening'])} {say('开放', 'opens')}" if shows else word

    def methods(row: dict[str, Any]) -> str:
        return " ".join(f"{one}/{ports_text(ports).replace(' ', '')}" for one, ports in row["methods"].items())

    def signature(row: dict[str, Any]) -> str:
        return f"{say.word(SIGNED, row['signature']['state'])} {row['signature']['by']}".strip()

    return (
        (say("编号", "number"), lambda r: r["number"]),
        (say("单位", "units"), lambda r: listed(r["units"])),
        (say("有效期", "valid"), _validity),
        (say("时间窗", "windows"), lambda r: listed(r["windows"]) or say("不限", "any time")),
        (say("现在", "now"), state),
        *(((say("下次开放", "next opening"), lambda r: _minutes(r["next_opening"])),) if whole else ()),
        (say("范围", "ranges"), ranges),
        (say("方式", "methods"), methods),
        (say("签名", "signature"), signature),
    )


def _validity(row: dict[str, Any]) -> str:
    """Write a validity as people do: whole days by their first and last day."""
    start, end = (datetime.fromisoformat(row[key]).astimezone(BEIJING) for key in ("valid_from", "valid_until"))
    if any(one.hour or one.minute or one.second for one in (start, end)):
        return f"{_minutes(row['valid_from'])} – {_minutes(row['valid_until'])}"
    return f"{start:%Y-%m-%d} – {end - timedelta(days=1):%Y-%m-%d}"


def _minutes(text: str) -> str:
    return text[:16].replace("T", " ")
