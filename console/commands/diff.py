"""`xunyan diff`: what changed between two judgements."""

from typing import Annotated, Any

import typer

from console.commands.common import FormatOption, example, session
from console.language import HAPPENED, STATUS, Voice
from console.output import Format, emit
from evidence.store import Store
from xunyan.errors import InputError
from xunyan.wording import Text


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "比较两次判定：哪些判定变了。默认比较最近两次。",
            "Compare two judgements: which verdicts changed. By default the last two.",
        )
        + "\n\n"
        + say(
            "示例：",
            "Examples:",
        )
        + "\n\n"
        + example("xunyan diff", "xunyan diff 3 7", "xunyan diff 3 7 --format jsonl")
    )
    def diff(
        context: typer.Context,
        earlier: Annotated[
            int | None,
            typer.Argument(
                min=0, help=say("前一次判定的号，0为最初之前", "the earlier judgement, 0 for before the first")
            ),
        ] = None,
        later: Annotated[int | None, typer.Argument(min=0, help=say("后一次判定的号", "the later judgement"))] = None,
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        with run.reading() as (_, store):
            newest = int(store.value("SELECT coalesce(max(number), 0) FROM judgement"))
            b = later if later is not None else newest
            a = earlier if earlier is not None else max(b - 1, 0)
            if not 0 <= a <= b <= newest:
                raise InputError(
                    Text(
                        f"没有这样的两次判定（共有 {newest} 次）", f"there are no such two judgements ({newest} in all)"
                    ),
                    where=f"{a} {b}",
                    advice=Text(
                        "前一次的号应小于后一次，用 xunyan runs 查看",
                        "the earlier must be the smaller; see xunyan runs",
                    ),
                )
            found = _changes(store, a, b)
        emit(
            found,
            _columns(run.say),
            form,
            empty=run.say(f"判定 {a} 与判定 {b} 没有差别", f"judgements {a} and {b} do not differ"),
        )


def _changes(store: Store, earlier: int, later: int) -> list[dict[str, Any]]:
    """Fold the events after `earlier` up to `later`: one row for each verdict that ended otherwise than it began."""
    rows = store.rows(
        """SELECT e.*, a.key, a.name, a.unit FROM event e LEFT JOIN asset a ON a.id = e.asset
           WHERE e.judgement > ? AND e.judgement <= ? ORDER BY e.judgement""",
        (earlier, later),
    )
    folded: dict[str, dict[str, Any]] = {}
    for row in rows:
        first = folded.get(row["fingerprint"])
        folded[row["fingerprint"]] = {
            "schema": "xunyan.change/1",
            "id": row["fingerprint"][:12],
            "control": row["control"],
            "asset": {"id": row["asset"], "key": row["key"], "name": row["name"], "unit": row["unit"]},
            "before": first["before"] if first else row["before"],
            "after": row["sight"],
            "happened": row["happened"],
            "judgement": row["judgement"],
        }
    return sorted(
        (one for one in folded.values() if one["before"] != one["after"] or one["happened"] in ("changed", "reopened")),
        key=lambda one: (one["control"], one["asset"]["key"] or "", one["id"]),
    )


def _columns(say: Voice) -> Any:
    return (
        (say("编号", "id"), lambda r: r["id"]),
        (say("检查项", "control"), lambda r: r["control"]),
        (say("单位", "unit"), lambda r: r["asset"]["unit"] or ""),
        (say("资产", "asset"), lambda r: r["asset"]["name"] or ""),
        (say("原来", "before"), lambda r: say.word(STATUS, r["before"]) or "-"),
        (say("现在", "after"), lambda r: say.word(STATUS, r["after"])),
        (say("变化", "happened"), lambda r: say.word(HAPPENED, r["happened"])),
    )
