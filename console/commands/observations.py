"""`xunyan observations`: the facts that were read, and how assets join."""

from typing import Annotated, Any

import msgspec
import typer

from console.commands.common import FormatOption, example, known_asset, session
from console.language import Voice
from console.output import Format, emit
from console.session import shown
from evidence.store import Store
from xunyan.errors import UsageError
from xunyan.facts import FACTS
from xunyan.wording import Text

CELL_LENGTH = 300


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verb on the command line."""

    @app.command(
        help=say(
            "列出从采集中读到的事实（CPU、操作系统、地址、监听、连接等）。",
            "List the facts read from captures (CPU, operating system, addresses, listeners, connections ...).",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan observations web01",
            "xunyan observations --name processor --format jsonl",
            "xunyan observations web01 --relations",
        )
    )
    def observations(
        context: typer.Context,
        asset: Annotated[
            str,
            typer.Argument(
                help=say("资产（名称、标识或地址），默认全部", "an asset (name, key, id or address), by default all")
            ),
        ] = "",
        name: Annotated[
            str,
            typer.Option(
                help=say(
                    "只列这种事实：",
                    "only this kind: ",
                )
                + ", ".join(FACTS),
                autocompletion=_names,
            ),
        ] = "",
        relations: Annotated[
            bool, typer.Option("--relations", help=say("列出资产之间的关系", "list how assets join instead"))
        ] = False,
        form: FormatOption = Format.TABLE,
    ) -> None:
        run = session(context)
        if name and name not in FACTS:
            raise UsageError(
                Text(f"没有这种事实：{name}", f"no such fact: {name}"),
                where="--name",
                advice=Text(f"可用：{'、'.join(FACTS)}", f"choose from {', '.join(FACTS)}"),
            )
        with run.reading() as (_, store):
            known_asset(store, asset)
            found = _relations(store, asset) if relations else _observations(store, asset, name)
        empty = run.say(
            "没有读到。先导入采集，或用 xunyan coverage 看缺什么",
            "nothing was read. Take captures in, or see what is missing with xunyan coverage",
        )
        emit(found, _relation_columns(run.say) if relations else _columns(run.say), form, empty=empty)


def _names(incomplete: str) -> list[str]:
    return [name for name in FACTS if name.startswith(incomplete)]


def _observations(store: Store, asset: str, name: str) -> list[dict[str, Any]]:
    rows = store.rows(
        """SELECT a.id, a.key, a.name AS asset_name, a.unit, o.name, o.taken_at, o.facts, o.evidence
            FROM observation o JOIN asset a ON a.id = o.asset
            WHERE (? = '' OR a.id = ? OR a.key = ? OR a.name = ? OR a.address = ?) AND (? = '' OR o.name = ?)
            ORDER BY a.key, a.id, o.name""",
        (*[asset] * 5, name, name),
    )
    return [
        {
            "schema": "xunyan.observation/1",
            "asset": {"id": row["id"], "key": row["key"], "name": row["asset_name"], "unit": row["unit"]},
            "name": row["name"],
            "taken_at": shown(row["taken_at"]),
            "facts": msgspec.json.decode(row["facts"]),
            "evidence": msgspec.json.decode(row["evidence"]),
        }
        for row in rows
    ]


def _relations(store: Store, asset: str) -> list[dict[str, Any]]:
    rows = store.rows(
        """SELECT r.kind, a.key AS source, coalesce(b.key, r.target) AS target, r.confidence, r.evidence
            FROM relation r JOIN asset a ON a.id = r.source LEFT JOIN asset b ON b.id = r.target
            WHERE ? = '' OR a.id = ? OR a.key = ? OR a.name = ? OR a.address = ?
            ORDER BY a.key, r.kind, target""",
        tuple([asset] * 5),
    )
    return [{"schema": "xunyan.relation/1", **row, "evidence": msgspec.json.decode(row["evidence"])} for row in rows]


def _columns(say: Voice) -> Any:
    return (
        (say("资产", "asset"), lambda r: r["asset"]["name"]),
        (say("事实", "name"), lambda r: r["name"]),
        (say("内容", "facts"), lambda r: _told(r["facts"], say)),
        (say("采集时间", "taken at"), lambda r: r["taken_at"]),
    )


def _relation_columns(say: Voice) -> Any:
    return (
        (say("资产", "asset"), lambda r: r["source"]),
        (say("关系", "relation"), lambda r: r["kind"]),
        (say("对象", "target"), lambda r: r["target"]),
        (say("可信度", "confidence"), lambda r: r["confidence"]),
    )


def _told(facts: list[dict[str, Any]], say: Voice) -> str:
    """Tell rows in short: what is empty or false is left out."""
    if not facts:
        return say("（采到了，没有内容）", "(looked, and there was none)")
    rows = [
        " ".join(f"{key}={value}" for key, value in fact.items() if value not in ("", False, []) and key != "claims")
        for fact in facts
    ]
    text = "\n".join(rows)
    claims = [claim for fact in facts if fact.get("disputed") or fact.get("model_disputed") for claim in fact["claims"]]
    text += "".join(
        "\n  " + say("各来源：", "claim: ") + " ".join(f"{k}={v}" for k, v in claim.items() if v) for claim in claims
    )
    return (
        text
        if len(text) <= CELL_LENGTH * 4
        else text[: CELL_LENGTH * 4] + say(f"……共 {len(facts)} 行", f"... {len(facts)} rows")
    )
