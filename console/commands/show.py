"""`xunyan show`: one finding with its proof, the duty in words, and what to do."""

from typing import Annotated, Any

import msgspec
import typer

from console.commands.common import FormatOption, example, session
from console.commands.findings import columns
from console.decision_words import REQUEST, decision_text, entry_text, exemption_text, status_text
from console.findings import by_id
from console.language import SEVERITY, STATE, STATUS, Voice
from console.output import Format, emit, printable
from console.session import Session, shown
from console.standing import Overlay, overlay_now
from console.wordings import duties
from console.workspace import Inputs, Workspace
from evidence.segments import Place
from evidence.store import Store
from xunyan.errors import InputError
from xunyan.model import Capture, Status
from xunyan.wording import Text

QUOTED_LINES = 12
SHOWN_ENTRIES = 20


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "显示一条判定：结论、引用的原文行、依据条款和整改办法。",
            "Show one finding: verdict, quoted lines, the duties behind it and the remedy.",
        )
        + "\n\n"
        + say(
            "示例：",
            "Examples:",
        )
        + "\n\n"
        + example("xunyan show 3f2a9c1b", "xunyan show 3f2a9c1b --format json")
    )
    def show(
        context: typer.Context,
        identifier: Annotated[
            str, typer.Argument(metavar="ID", help=say("编号（前几位即可）", "the id, its beginning will do"))
        ],
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        with run.reading() as (workspace, store):
            inputs = workspace.inputs()
            wanted = identifier.strip().lower()
            decided = overlay_now(run, workspace)
            fit = wanted.isalnum() and wanted.isascii()
            found = by_id(store, wanted, inputs.catalogue, run.say, decided) if fit else []
            if len(found) != 1:
                raise InputError(
                    Text("没有这个编号", "no such id")
                    if not found
                    else Text("编号太短，对应多条", "the id is too short: it fits several"),
                    where=printable(identifier)[:60],
                    advice=Text("用 xunyan findings --all 查看编号", "see xunyan findings --all for ids"),
                )
            if form is Format.TABLE:
                _say(run, workspace, store, inputs, found[0])
                _say_entries(run, decided, found[0])
            else:
                road = decided.roads.get(found[0]["fingerprint"])
                whole = {
                    **found[0],
                    "decisions": [msgspec.to_builtins(entry) for entry in road.entries] if road else [],
                }
                emit([whole], columns(run.say, inputs.catalogue), form, empty="")


def _say(run: Session, workspace: Workspace, store: Store, inputs: Inputs, one: dict[str, Any]) -> None:
    say, asset = run.say, one["asset"]
    control = inputs.catalogue.control(one["control"])
    title = say.text(control.title) if control else one["control"]
    place = "、".join(part for part in (asset["unit"], asset["site"], asset["network"], asset["address"]) if part)
    heading = printable(f"{asset['name']}（{place}）" if place else asset["name"])
    run.print(f"{title}  {heading}")
    run.print(
        say("结论：", "verdict: ")
        + f"{status_text(one, say)}［{say.word(SEVERITY, one['severity'])}］{printable(one['because'])}"
    )
    seen = say("首次 {}，最近 {}", "first seen {}, last seen {}").format(
        one["first_seen"] or "-", one["last_seen"] or "-"
    )
    again = (
        say(
            f"，曾重新出现 {one['reopened']} 次",
            f", came back {one['reopened']} times",
        )
        if one["reopened"]
        else ""
    )
    run.print(say("处置状态：", "state: ") + say.word(STATE, one["state"]) + say("，", ", ") + seen + again)
    if one["state"] == "open" and one["last_known_status"] != one["status"]:
        run.print(say("最近一次有效结论：", "when last seen: ") + say.word(STATUS, one["last_known_status"]))
    _say_decided(run, one)
    run.print("\n" + say("证据：", "evidence:"))
    if not one["evidence"]:
        run.print("  " + say("没有（未能检测）", "none (not observed)"))
    for item in one["evidence"]:
        _quote(run, workspace, store, item)
    reference = inputs.profile.reference_only
    run.print(
        "\n"
        + (
            say("依据（通用设置，各地条款仅供参考）：", "basis (general profile, for reference only):")
            if reference
            else say("依据：", "basis:")
        )
    )
    for duty in duties(one["basis"], inputs.profile, say) or [
        say("本评判依据中没有对应条款，仅供参考", "no duty in this profile; for reference")
    ]:
        run.print("  " + duty)
    if one["status"] == Status.NOT_OBSERVED:
        again = say(
            "在该主机上重新采集（建议用root）后导入；缺哪些来源见 xunyan coverage",
            "collect on the host again, as root if possible; see xunyan coverage",
        )
        run.print("\n" + say("处理办法：", "what to do: ") + again)
    elif control is not None and one["status"] not in (Status.SATISFIED, Status.NOT_APPLICABLE):
        run.print("\n" + say("整改建议：", "remedy: ") + say.text(control.remedy))


def _say_decided(run: Session, one: dict[str, Any]) -> None:
    """Say what persons decided, as it stands."""
    say, request = run.say, one["exemption_request"]
    if one["decision"]:
        run.print(say("人工处置：", "decision: ") + decision_text(one["decision"], say))
    if one["exemption"]:
        run.print(say("已批准例外：", "exemption: ") + exemption_text(one["exemption"], say))
    if request:
        state = say.word(REQUEST, request["state"])
        run.print(say(f"例外申请［{state}］：", f"exemption [{state}]: ") + exemption_text(request, say))


def _say_entries(run: Session, decided: Overlay, one: dict[str, Any]) -> None:
    """List the entries about it, the newest last."""
    road = decided.roads.get(one["fingerprint"])
    if road is None:
        return
    run.print("\n" + run.say("处置记录：", "record of decisions:"))
    left_out = len(road.entries) - SHOWN_ENTRIES
    if left_out > 0:
        run.print(
            "  "
            + run.say(
                f"……之前另有 {left_out} 条（--format json 全部列出）", f"... {left_out} before (all with --format json)"
            )
        )
    for entry in road.entries[-SHOWN_ENTRIES:]:
        run.print("  " + entry_text(entry, run.say))


def _quote(run: Session, workspace: Workspace, store: Store, item: dict[str, Any]) -> None:
    """Quote the lines themselves, read from the sealed original."""
    first, last = item["lines"]
    row = next(
        store.rows("SELECT segment, offset, length, taken_at FROM capture WHERE id = ?", (item["capture"],)), None
    )
    if row is None:
        run.print(
            f"  {item['source']} {item['capture'][:16]}: "
            + run.say("原始采集不在索引里，运行 xunyan rebuild", "not in the index; run xunyan rebuild")
        )
        return
    capture: Capture = next(workspace.segments.read([Place(row["segment"], row["offset"], row["length"])]))
    asked = printable(capture.envelope.request)[:80]
    span = f"{first}-{last}" if last > first else str(first)
    taken, by, mark = shown(row["taken_at"]), printable(capture.envelope.taken_by) or "-", capture.sha256
    run.print(
        run.say(
            f"  {capture.source} 第 {span} 行，{by} 于 {taken} 采集（{asked}），SHA-256 {mark}",
            f"  {capture.source} lines {span}, taken {taken} by {by} ({asked}), SHA-256 {mark}",
        )
    )
    lines = capture.text.splitlines()[first - 1 : last]
    for number, line in enumerate(lines[:QUOTED_LINES], first):
        run.print(f"    {number:>4} | {printable(line.expandtabs(8))[:160]}")
    if len(lines) > QUOTED_LINES:
        run.print(
            run.say(
                f"         ……另有 {len(lines) - QUOTED_LINES} 行",
                f"         ... {len(lines) - QUOTED_LINES} more lines",
            )
        )
