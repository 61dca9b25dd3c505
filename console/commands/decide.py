"""`xunyan decide`: a named person says of findings what they are, and what is done about them."""

from collections.abc import Sequence
from typing import Annotated

import typer

from console.commands.common import example, session
from console.deciding import Done, day_from, decide
from console.decision_rules import Act
from console.decision_words import VERB
from console.language import STATUS, Voice
from console.output import one_line, printable
from console.session import Session
from evidence.decision_entries import Verb
from xunyan.errors import UsageError
from xunyan.names import flaw
from xunyan.wording import Text

REASON_LIMIT = 1000
SHOWN = 20


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        "decide",
        help=say(
            "处置问题：确认、误报、整改中、申请例外，或撤回上一次处置。记录只增不改，判定结论不变。",
            "Decide about findings: confirmed, false alarm, being mended, exemption asked, or take the last one back."
            " Entries are only added, and verdicts stay what they are.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan decide 3f2a9c1b --confirm --by zhangsan",
            'xunyan decide 3f2a9c1b 77e01d24 --false-alarm "..." --by zhangsan',
            "xunyan decide 3f2a9c1b --mending --due 2027-03-31 --by zhangsan",
            'xunyan decide 3f2a9c1b --ask-exemption "..." --until 2027-06-30 --by zhangsan',
            'xunyan decide 3f2a9c1b --withdraw "..." --by zhangsan',
        ),
    )
    def decide_(
        context: typer.Context,
        identifiers: Annotated[
            list[str],
            typer.Argument(
                metavar="ID",
                help=say("编号，可写多个；有一个不行就都不记录", "ids; where one cannot be, none is recorded"),
            ),
        ],
        confirm: Annotated[bool, typer.Option("--confirm", help=say("确认是问题", "it is a problem indeed"))] = False,
        false_alarm: Annotated[
            str | None,
            typer.Option("--false-alarm", metavar="REASON", help=say("误报，写明理由", "a false alarm, and why")),
        ] = None,
        mending: Annotated[
            bool, typer.Option("--mending", help=say("整改中，须写 --due", "being mended, with --due"))
        ] = False,
        due: Annotated[
            str,
            typer.Option("--due", metavar="DATE", help=say("整改期限（当天结束）", "mended by the end of this day")),
        ] = "",
        ask_exemption: Annotated[
            str | None,
            typer.Option(
                "--ask-exemption",
                metavar="REASON",
                help=say(
                    "申请例外，写明理由；由另一账号批复", "ask for an exemption, and why; another account answers"
                ),
            ),
        ] = None,
        until: Annotated[
            str, typer.Option("--until", metavar="DATE", help=say("申请例外到哪一天", "until when it is asked for"))
        ] = "",
        withdraw: Annotated[
            str | None,
            typer.Option(
                "--withdraw",
                metavar="REASON",
                help=say(
                    "撤回最近一次处置或未批复的申请", "take back the last decision, or a request without an answer"
                ),
            ),
        ] = None,
        note: Annotated[
            str, typer.Option("--note", help=say("确认、整改的说明", "a note on --confirm or --mending"))
        ] = "",
        by: Annotated[
            str,
            typer.Option(
                "--by",
                envvar="XUNYAN_ACCOUNT",
                show_envvar=False,
                metavar="ACCOUNT",
                help=say(
                    "谁处置：inventory/accounts.toml 里的账号，或设环境变量XUNYAN_ACCOUNT",
                    "who decides: an account of inventory/accounts.toml; or set XUNYAN_ACCOUNT",
                ),
            ),
        ] = "",
    ) -> None:
        run = session(context)
        given: dict[Verb, str | None] = {
            Verb.CONFIRM: note if confirm else None,
            Verb.FALSE_ALARM: false_alarm,
            Verb.MENDING: note if mending else None,
            Verb.ASK: ask_exemption,
            Verb.WITHDRAW: withdraw,
        }
        chosen = [verb for verb, value in given.items() if value is not None]
        if len(chosen) != 1:
            raise UsageError(
                Text("要写明一种处置，而且只能一种", "say one thing, and one only"),
                advice=Text(
                    "--confirm、--false-alarm 理由、--mending --due 日期、--ask-exemption 理由、--withdraw 理由，五选一",
                    "one of --confirm, --false-alarm REASON, --mending --due DATE, --ask-exemption REASON, --withdraw REASON",
                ),
            )
        verb = chosen[0]
        _belongs("--due", due, verb is Verb.MENDING, needed=True)
        _belongs("--until", until, verb is Verb.ASK)
        _belongs("--note", note, verb in (Verb.CONFIRM, Verb.MENDING))
        reason = reason_from(given[verb] or "", f"--{verb}", needed=verb not in (Verb.CONFIRM, Verb.MENDING))
        now = run.now()
        act = Act(verb, reason, due=day_from(due, "--due", now), until=day_from(until, "--until", now))
        tell(run, decide(run, identifiers, act, by), _NEXT[verb])


_NEXT = {
    Verb.CONFIRM: Text(
        "下一步：整改用 xunyan decide 编号 --mending --due 日期；确需保留用 --ask-exemption",
        "next: xunyan decide ID --mending --due DATE, or --ask-exemption where it has to stay",
    ),
    Verb.FALSE_ALARM: Text(
        "结论本身不变；以后的判定若有变化，会提示重新确认",
        "the verdict stays; where a later judgement differs, it has to be decided again",
    ),
    Verb.MENDING: Text(
        "整改后重新采集并判定，查到证据才会关闭",
        "when it is mended collect and judge again: it closes on evidence alone",
    ),
    Verb.ASK: Text(
        "下一步：请另一账号批复：xunyan exemptions approve 编号 --number 文号 --approver-class 批准机关 --until 日期 --by 账号",
        "next: another account answers: xunyan exemptions approve ID --number N --approver-class C --until DATE --by ACCOUNT",
    ),
    Verb.WITHDRAW: Text("经过见 xunyan show 编号", "see xunyan show ID"),
}


def tell(run: Session, done: Sequence[Done], after: Text) -> None:
    """Say what was recorded, of the first findings one by one, and what to do next."""
    say = run.say
    for one in done[:SHOWN]:
        record, entry = one.record, one.entry
        where = "/".join(part for part in (record["asset"]["unit"], record["asset"]["name"]) if part)
        until = entry.due or entry.until
        run.print(
            printable(
                f"{record['id']}  {one_line(where)}  {record['control']}  "
                f"{say.word(STATUS, record['status'])} → {say.word(VERB, entry.verb)}"
                + (f"（{until}）" if until else "")
                + f"  #{entry.number}"
            )
        )
    if len(done) > SHOWN:
        run.print(say(f"……另有 {len(done) - SHOWN} 条", f"... {len(done) - SHOWN} more"))
    who = done[0].entry
    run.print(
        say(
            f"已记录 {len(done)} 条：{who.by_name}（{who.by}），系统用户 {who.os_user}",
            f"{len(done)} recorded: {who.by_name} ({who.by}), user {who.os_user} of the machine",
        )
    )
    run.print(say.text(after))


def reason_from(text: str, option: str, *, needed: bool) -> str:
    """Read a reason: new lines stay. Raises UsageError where it is empty, too long, or holds what a screen would obey."""
    text = text.replace("\r\n", "\n").strip()
    bad = next((found for one in text if one not in "\n\t" and (found := flaw(one))), "")
    if (needed and not text) or bad or len(text) > REASON_LIMIT:
        zh = f"含不可见字符 {bad}" if bad else f"超过 {REASON_LIMIT} 字" if text else "没有写理由"
        en = f"holds {bad}" if bad else f"is longer than {REASON_LIMIT}" if text else "gives no reason"
        raise UsageError(
            Text(f"说明{zh}" if text else zh, f"it {en}"),
            where=option,
            advice=Text("写成一段普通文字", "write plain text"),
        )
    return text


def _belongs(option: str, value: str, may: bool, *, needed: bool = False) -> None:  # noqa: FBT001
    """Refuse an option that does not go with what was chosen, or lacks."""
    if value and not may:
        raise UsageError(
            Text("和所选的处置不能同用", "it does not go with what was chosen"),
            where=option,
            advice=Text("去掉它；用法见 xunyan decide --help", "leave it out; see xunyan decide --help"),
        )
    if needed and may and not value:
        raise UsageError(
            Text("没有写期限", "it is not said until when"),
            where=option,
            advice=Text("写成 --due 2026-12-31", "write --due 2026-12-31"),
        )
