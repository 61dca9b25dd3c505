"""The last judgement as a report needs it: its moment, its inputs, and what it looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.output import one_line
from evidence.store import Store
from xunyan.canonical import moment
from xunyan.errors import UsageError
from xunyan.model import Asset, Status
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Judged:
    """The last judgement and what it looked at: assets by id and (control, asset, status), of one unit where one is named."""

    number: int
    judged_at: datetime
    made_at: datetime
    upto_segment: int
    inputs: str
    version: str
    profile: str
    assets: Mapping[str, Asset]
    verdicts: tuple[tuple[str, str, Status], ...]


def last_judged(store: Store, unit: str = "") -> Judged:
    """Read the last judgement. Raises UsageError where nothing was judged yet, or nothing of the unit."""
    row = next(store.rows("SELECT * FROM judgement ORDER BY number DESC LIMIT 1"), None)
    if row is None:
        raise UsageError(
            Text("还没有判定过，没有可报告的", "nothing was judged yet, so there is nothing to report"),
            advice=Text(
                "先用 xunyan ingest 导入采集，或用 xunyan scan 扫描",
                "take captures in with xunyan ingest, or xunyan scan",
            ),
        )
    assets = {
        identifier: one
        for identifier, one in (store.assets_at(row["judged_at"], row["upto_segment"]) | store.derived()).items()
        if unit in ("", one.unit)
    }
    if unit and not assets:
        raise UsageError(
            Text(f"单位“{one_line(unit)}”还没有判定过", f"nothing of the unit {one_line(unit)!r} was judged yet"),
            where="--unit",
            advice=Text(
                "先运行 xunyan judge；单位的写法见 xunyan metrics",
                "run xunyan judge first; xunyan metrics lists the units",
            ),
        )
    where, values = (" WHERE unit = ?", (unit,)) if unit else ("", ())
    verdicts = tuple(
        (one["control"], one["asset"], Status(one["status"]))
        for one in store.rows(f"SELECT control, asset, status FROM verdict{where} ORDER BY control, asset", values)  # noqa: S608
        if one["asset"] in assets
    )
    return Judged(
        number=row["number"],
        judged_at=moment(row["judged_at"]),
        made_at=moment(row["made_at"]),
        upto_segment=row["upto_segment"],
        inputs=row["inputs"],
        version=row["version"],
        profile=row["profile"],
        assets=assets,
        verdicts=verdicts,
    )
