"""How a report came about: program, inputs, originals, and what a reader must know before relying on its figures."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from console.ingesting import SCAN
from console.judged import Judged
from console.language import Voice
from console.session import shown
from console.workspace import Inputs, Workspace
from controls.loader import inputs_digest
from evidence.store import Store
from reports.model import Method
from xunyan.canonical import utc_text
from xunyan.wording import Text

RUN: Mapping[str, Text] = {
    "ingest": Text("人工采集后导入", "collected by hand and taken in"),
    SCAN: Text("联网扫描", "scans over the network"),
    "ledger": Text("台账导入", "ledgers taken in"),
    "identities": Text("资产标识的认定", "decisions on identities"),
}

BROKEN = Text(
    "处置记录（decisions.jsonl）损坏，处置和例外不予采用；用 xunyan doctor 查看",
    "the record of decisions (decisions.jsonl) is damaged: decisions and exemptions are left out; see xunyan doctor",
)


def provenance(
    workspace: Workspace, store: Store, inputs: Inputs, judged: Judged, say: Voice, unit: str, *, broken: bool
) -> Method:
    """Say by what a report came about. `broken`: the record of decisions could not be read, and the report says so."""
    captures = _heard(store, "capture", judged, unit)
    gaps = _heard(store, "gap", judged, unit)
    head = inputs.products.list
    told = workspace.journal.last_judgement()
    runs = Counter(
        str(row["kind"])
        for row in store.rows("SELECT kind FROM run WHERE segment BETWEEN 1 AND ?", (judged.upto_segment,))
    )
    return Method(
        number=judged.number,
        judged_at=shown(judged.judged_at.isoformat()),
        made_at=shown(judged.made_at.isoformat()),
        profile=judged.profile,
        profile_title=say.text(inputs.profile.title),
        reference_only=inputs.profile.reference_only,
        inputs=judged.inputs,
        version=judged.version,
        judge=told.judge if told is not None and told.number == judged.number else "",
        captures=captures["count"],
        gaps=gaps["count"],
        first_taken=shown(captures["first"] or ""),
        last_taken=shown(captures["last"] or ""),
        runs=tuple((say.word(RUN, kind), count) for kind, count in sorted(runs.items())) if not unit else (),
        scanned=SCAN in runs,
        products=say(
            f"{say.text(head.title)}，收录于 {head.collected}", f"{say.text(head.title)}, collected {head.collected}"
        ),
        warnings=(*_warnings(store, inputs, judged, say, unit), *([say.text(BROKEN)] if broken else ())),
    )


def _heard(store: Store, table: str, judged: Judged, unit: str) -> dict[str, Any]:
    """Count the originals of the report's assets, and say when the first and the last were taken."""
    own = " AND asset IN (SELECT id FROM asset WHERE unit = ?)" if unit else ""
    query = (
        f"SELECT count(*) AS count, min(taken_at) AS first, max(taken_at) AS last FROM {table}"  # noqa: S608
        f" WHERE segment <= ? AND taken_at <= ?{own}"
    )
    seen = (judged.upto_segment, utc_text(judged.judged_at), *([unit] if unit else []))
    return next(store.rows(query, seen))


def _warnings(store: Store, inputs: Inputs, judged: Judged, say: Voice, unit: str) -> Iterator[str]:
    """Say what makes the report say less than the workspace now holds, or rest on other inputs than are shown."""
    own = " AND unit = ?" if unit else ""
    later = sum(
        store.value(
            f"SELECT count(*) FROM {table} WHERE segment > ?{own}",  # noqa: S608
            (judged.upto_segment, *([unit] if unit else [])),
        )
        for table in ("capture", "gap")
    )
    if later:
        yield say(
            f"判定之后又导入了 {later} 条采集，尚未判定，本报告不含；运行 xunyan judge 后重新出报告",
            f"{later} captures came in after the judgement and are not in this report; run xunyan judge, then report again",
        )
    if inputs_digest(inputs.catalogue, inputs.profile, inputs.products) != judged.inputs:
        yield say(
            "判定之后，评判依据、检查目录或名录有改动，本报告的条款以现在的为准；运行 xunyan judge 后重新出报告",
            "profile, catalogue or list changed after the judgement, and clauses are shown as they are now; "
            "run xunyan judge, then report again",
        )
    pending = store.value(
        f"SELECT count(*) FROM verdict WHERE state = 'open' AND status = 'satisfied'{own}",  # noqa: S608
        (unit,) if unit else (),
    )
    if pending:
        yield say(
            f"{pending} 条问题最近判定为符合，但还没有更新的证据，尚未关闭；见 xunyan findings --all --status satisfied",
            f"{pending} findings are satisfied now, but rest on no newer evidence and are not closed; "
            "see xunyan findings --all --status satisfied",
        )
