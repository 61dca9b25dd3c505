"""Coverage as rows: what should have been asked of every asset, whether it was answered, and if not, why."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from console.session import shown
from console.snapshot import newest_answers, newest_failures
from evidence.store import LAST_SEGMENT, Store
from scanners.platforms import PLATFORMS
from scanners.platforms.reading import Platform
from xunyan.canonical import utc_text
from xunyan.model import Asset, GapReason

ANSWERED = "answered"

ASKED = ("endpoint", "device", "system")
"""Kinds of asset that are asked; address ranges, rooms and links stand on paper alone."""


def coverage_rows(
    store: Store, assets: Iterable[Asset], until: datetime, max_age: timedelta, upto_segment: int = LAST_SEGMENT
) -> Iterator[dict[str, Any]]:
    """Give one row for every source that each asset's platform has, by unit and asset.

    A gap newer than an answer does not void it, but shows. What is older than `max_age` is stale.
    """
    answers: dict[str, dict[str, str]] = {}
    for newest in newest_answers(store, utc_text(until), upto_segment):
        answers.setdefault(newest["asset"], {})[newest["source"]] = newest["taken_at"]
    failures = newest_failures(store, utc_text(until), upto_segment)
    blind = {(unread["asset"], unread["source"]): unread for unread in store.rows("SELECT * FROM blind")}
    oldest = utc_text(until - max_age)
    for one in sorted(assets, key=lambda one: (one.unit, one.key, one.id)):
        platform = PLATFORMS.get(one.platform)
        if platform is None and one.kind not in ASKED:
            continue
        named = _named(platform, answers.get(one.id, {}), failures.get(one.id, {})) if platform else []
        for source in (*(platform.sources if platform else ("*",)), *named):
            answered = answers.get(one.id, {}).get(source, "")
            failure = failures.get(one.id, {}).get(source)
            row: dict[str, Any] = {
                "schema": "xunyan.coverage/1", "asset": one.id, "key": one.key, "name": one.name, "unit": one.unit,
                "network": one.network, "source": source, "outcome": "gap", "reason": GapReason.NOT_ASKED.value,
                "detail": "", "last_answered": shown(answered),
                "last_failed": shown(failure["taken_at"]) if failure else "",
            }  # fmt: skip
            if (one.id, source) in blind:
                row |= {key: blind[one.id, source][key] for key in ("reason", "detail")}
            elif failure is not None and failure["taken_at"] > answered:
                row |= {key: failure[key] for key in ("reason", "detail")}
            elif answered and answered < oldest:
                row |= {"reason": GapReason.STALE.value}
            elif answered:
                row |= {"outcome": ANSWERED, "reason": ""}
            yield row


def _named(platform: Platform, answers: Mapping[str, str], failures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Give the sources that end with names which a target gave: what it was last asked is no day older than its last naming."""
    times = {source: row["taken_at"] for source, row in failures.items()}
    newest = times | {source: max(at, times.get(source, "")) for source, at in answers.items()}
    since = answers.get(platform.naming, "")
    return sorted(source for source, at in newest.items() if platform.is_named(source) and at[:10] >= since[:10])
