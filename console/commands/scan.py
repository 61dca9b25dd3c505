"""`xunyan scan`: ask the endpoints and network devices that the letters allow, keep what they answer, and judge."""

from typing import Annotated

import typer

from console.commands.common import example, session
from console.language import Voice
from console.ways import Way
from xunyan.errors import UsageError
from xunyan.wording import Text

FAILED = 1


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "在授权书允许的范围和时间内扫描终端、网络设备和信息系统，只读；随后导入并判定。中断后用 --resume 接着扫。",
            "Scan endpoints, devices and systems within what the letters allow, reading only; then take in and judge. --resume goes on.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan scan --dry-run",
            "xunyan scan",
            "xunyan scan --unit 教育局 --carrier ansible",
            "xunyan scan --only devices",
            "xunyan scan --only systems --target 教育门户",
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
        carrier: Annotated[
            str,
            typer.Option(
                help=say(
                    "通道：ssh 或 ansible；网络设备另有 netmiko 和 telnet",
                    "the carrier: ssh or ansible; for devices netmiko or telnet",
                )
            ),
        ] = "",
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
        only: Annotated[
            str,
            typer.Option(
                help=say(
                    "只查 endpoints（终端）、devices（网络设备）或 systems（信息系统）",
                    "only endpoints, devices, or systems",
                ),
            ),
        ] = "",
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
        from console import scan_run  # noqa: PLC0415  # what carries takes long to load, and only scans need it

        over = Way(credential, route, carrier)
        wishes = scan_run.Wishes(tuple(target or ()), unit, network, over, record_keys, resume, abandon, judge, only)
        run = session(context)
        if only not in ("", *scan_run.LISTED, scan_run.SYSTEMS):
            raise UsageError(
                Text(f"--only 不能是“{only}”", f"--only cannot be {only!r}"),
                advice=Text(
                    "可用：endpoints（终端）、devices（网络设备）、systems（信息系统）",
                    "there are: endpoints, devices, systems",
                ),
            )
        if dry_run:
            scan_run.show_plan(run, wishes)
        elif not scan_run.scan(run, wishes):
            raise typer.Exit(FAILED)
