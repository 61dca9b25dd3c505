"""`xunyan demo`: raise a lab, scan it with the product's own commands, compare with its known truth."""

import sys
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.common import example, session
from console.language import GAP, STATUS, Voice
from console.output import printable
from xunyan.errors import XunyanError
from xunyan.wording import Text

if TYPE_CHECKING:
    from lab.comparing import Difference
    from lab.demo import Shown
    from lab.scenario.model import Scenario

DIFFERENT = 1

_WORDS = {
    "-": Text("没有", "nothing"),
    "read": Text("读到", "read"),
    "judged": Text("有结论", "judged"),
}


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "在本机立一个小型实验环境（真实的SSH主机、网络和路由），用巡验自己的命令扫描，与已知的真相比对。不连外面的任何地址。",
            "Raise a small lab on this machine (real SSH hosts, networks, routers), scan it by the product's own commands and "
            "compare with the known truth. Nothing outside is connected to.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan demo",
            "xunyan demo --scenario division --workspace demo-division",
            "xunyan demo --scenario systems --workspace demo-systems",
            "xunyan demo --scenario mine.yaml --json",
            "xunyan demo --keep",
            "xunyan demo --lower",
        )
        + "\n\n"
        + say(
            "退出码：0 该查出的都查出了，也没有误报；1 有漏报、误报或失败；2 场景有误。",
            "Exit codes: 0 all was found and nothing else; 1 misses, false alarms or a failure; 2 a wrong scenario.",
        )
    )
    def demo(
        context: typer.Context,
        scenario: Annotated[
            str,
            typer.Option(
                "--scenario",
                help=say(
                    "自带场景（clean、small、systems、division、links、hostile）或自己的.yaml、.toml文件",
                    "a shipped scenario (clean, small, systems, division, links, hostile) or a .yaml or .toml file of your own",
                ),
            ),
        ] = "small",
        workspace: Annotated[
            Path | None,
            typer.Option(
                help=say(
                    "工作区建在哪里，默认 xunyan-demo；上次演示的会重建",
                    "where the workspace is made, by default xunyan-demo; that of an earlier demonstration is made anew",
                )
            ),
        ] = None,
        json: Annotated[
            bool, typer.Option("--json", help=say("结果以一个JSON对象输出", "print one JSON object"))
        ] = False,
        keep: Annotated[
            bool,
            typer.Option(
                "--keep", help=say("结束后留着实验环境，并说明怎样进入", "leave it standing, and say how to enter it")
            ),
        ] = False,
        lower: Annotated[
            bool, typer.Option("--lower", help=say("撤掉 --keep 留下的实验环境", "take down what --keep has left"))
        ] = False,
        ground: Annotated[
            str,
            typer.Option(
                help=say(
                    "立在哪里：namespaces 命名空间，loopback 环回地址；默认自动选择",
                    "where it stands: namespaces or loopback; chosen when left out",
                )
            ),
        ] = "",
    ) -> None:
        run = session(context)
        place = run.folder / (workspace or Path("xunyan-demo"))
        _check(ground)
        if lower:
            _lower(place, say)
            return
        found = _scenario(scenario)
        from lab.demo import Wishes, as_json, check_workspace, demonstrate  # noqa: PLC0415  # loaded when used

        check_workspace(place)
        if not json:
            _open(found, say)
        wishes = Wishes(place, ground, keep, say.language, shown=not json and sys.stderr.isatty())
        shown = demonstrate(found, wishes, lambda text: None if json else _step(say.text(text)))
        if json:
            sys.stdout.write(as_json(shown) + "\n")
        else:
            _close(shown, say)
            if keep:
                _standing(shown, say)
        if not shown.exact:
            raise typer.Exit(DIFFERENT)


def _check(ground: str) -> None:
    if ground not in ("", "namespaces", "loopback"):
        raise typer.BadParameter(f"{ground} is not one of namespaces, loopback", param_hint="--ground")


def _scenario(given: str) -> "Scenario":
    """Read a scenario. Raises XunyanError where the parts of a lab are not installed."""
    try:
        from lab.scenario.reading import read_scenario  # noqa: PLC0415  # loaded when used
    except ModuleNotFoundError as error:
        raise XunyanError(
            Text(f"缺少实验环境要用的包 {error.name}", f"the package {error.name}, which a lab needs, is missing"),
            advice=Text("pip install 'xunyan[demo]'", "pip install 'xunyan[demo]'"),
        ) from error
    return read_scenario(given)


def _step(text: str) -> None:
    sys.stdout.write(f"· {printable(text)}\n")
    sys.stdout.flush()


def _write(*lines: str) -> None:
    sys.stdout.write("".join(printable(line) + "\n" for line in lines))
    sys.stdout.flush()


def _open(scenario: "Scenario", say: Voice) -> None:
    """One screen on what is about to be shown."""
    from lab.workspaces import asked  # noqa: PLC0415  # loaded when used

    listed = len(asked(scenario))
    title = (scenario.title_en or scenario.title) if say.language == "en" else scenario.title
    _write(
        say(f"巡验演示：{title}", f"Xunyan demonstration: {title}"),
        "",
        say(
            f"接下来在本机立一个实验环境：{len(scenario.units)} 个单位，{len(scenario.networks)} 个网络，"
            f"{len(scenario.hosts)} 台主机（其中 {listed} 台要扫描），{len(scenario.devices)} 台网络设备。",
            f"A lab is about to be raised on this machine: {len(scenario.units)} units, {len(scenario.networks)} networks, "
            f"{len(scenario.hosts)} hosts ({listed} of them to be scanned), {len(scenario.devices)} network devices.",
        ),
        say(
            "主机是真实的sshd，各有自己的CPU、操作系统、地址和毛病；台账照人填的写，也有错。",
            "The hosts are real sshd, each with a processor, system, addresses and faults of its own; papers are as people fill them in.",
        ),
        say(
            "然后照平常的步骤做：写授权书，导入名单和台账，xunyan scan，判定，出报告，打证据包。",
            "Then the ordinary steps: letters, endpoints and ledgers, xunyan scan, judgement, report, evidence package.",
        ),
        say(
            "最后把查出的问题与场景里写明的真相逐条比对，并核对抓到的每一个包是否都在授权之内。",
            "At the end each finding is held against the truth that the scenario states, and every packet against the letters.",
        ),
        say(
            "扫描程序看不到场景文件。只用本机，不连外面。",
            "The scanner never sees the scenario. Nothing leaves this machine.",
        ),
        "",
    )


def _close(shown: "Shown", say: Voice) -> None:
    from lab.packets.say import say as packets_said  # noqa: PLC0415  # loaded when used

    comparison = shown.comparison
    _write("", say(f"比对结果（{comparison.verdicts} 条结论）", f"result ({comparison.verdicts} verdicts)"))
    for name, area in comparison.areas.items():
        _write(
            say(
                f"  {name}：预期 {area.expected} 条，相符 {area.met} 条；须关注 {area.found} 条，属预期 {area.right} 条；"
                f"准确率 {area.precision:.3g}，召回率 {area.recall:.3g}",
                f"  {name}: {area.expected} expected, {area.met} met; {area.found} found, {area.right} of them expected; "
                f"precision {area.precision:.3g}, recall {area.recall:.3g}",
            )
        )
    for title, rows in (
        (say("漏报", "missed"), comparison.missed),
        (say("误报", "false alarms"), comparison.false_alarms),
        (say("读不到的主机与预期不符", "hosts not read otherwise than expected"), comparison.unread),
    ):
        if rows:
            _write(f"  {title} {len(rows)}")
        _write(*(f"    {_difference(row, say)}" for row in rows))
    if shown.proof is not None:
        _write(*(say.text(line) for line in packets_said(shown.proof)))
    for lack in shown.lacks:
        _write(say(f"没有演示：{lack.zh}", f"not shown: {lack.en}"))
    took = sum(shown.seconds.values())
    _write(
        say("全部相符。", "Everything came out as expected.")
        if shown.exact
        else say("有不符之处，见上。", "There are differences, see above."),
        say(f"用时 {took:.0f} 秒", f"{took:.0f} s"),
        "",
        say(f"报告：{shown.report}", f"report: {shown.report}"),
        say(f"证据包：{shown.package}", f"evidence package: {shown.package}"),
        say("接下来可以试：", "to try next:"),
        f"  {program()} -C {shown.workspace} findings",
        f"  {program()} -C {shown.workspace} coverage",
        f"  {program()} evidence verify {shown.package}",
    )


def _difference(row: "Difference", say: Voice) -> str:
    wanted, got = (_word(value, say) for value in (row.expected, row.got))
    control = "" if row.control in ("-", "coverage") else f"{row.control} "
    if row.expected == "-":
        return say(f"{control}{row.asset}：没有预期，实为 {got}", f"{control}{row.asset}: nothing expected, got {got}")
    return say(
        f"{control}{row.asset}：应为 {wanted}，实为 {got}", f"{control}{row.asset}: expected {wanted}, got {got}"
    )


def _word(value: str, say: Voice) -> str:
    """Say a status, a reason, or one of the comparison's own words."""
    if value in STATUS:
        return say.word(STATUS, value)
    return say("＋", "+").join(say.word(_WORDS if one in _WORDS else GAP, one) for one in value.split("+"))


def program() -> str:
    """How this program is called from here: by its name, or by its path where the shell would not find it."""
    own = Path(sys.argv[0])
    return "xunyan" if which("xunyan") or own.name != "xunyan" else str(own)


def _standing(shown: "Shown", say: Voice) -> None:
    from lab.standing import ENTER  # noqa: PLC0415  # loaded when used

    _write(
        "",
        say("实验环境留着：", "the lab stands:"),
        say(
            f"  {shown.workspace / ENTER} {program()} -C {shown.workspace} scan    从扫描机的位置运行命令，不写命令就开一个shell",
            f"  {shown.workspace / ENTER} {program()} -C {shown.workspace} scan    runs a command from the scanner's place, or a shell",
        ),
        f"  {program()} demo --lower --workspace {shown.workspace}",
    )


def _lower(place: Path, say: Voice) -> None:
    from lab.standing import lower  # noqa: PLC0415  # loaded when used

    standing = lower(place)
    _write(say(f"已撤掉：{standing.scenario}", f"taken down: {standing.scenario}"))
