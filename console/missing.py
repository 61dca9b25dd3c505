"""Blind spots for a report: of what should have been asked, what is missing, assets that lack the same put together."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from console.coverage import ANSWERED
from console.details import detail_text
from console.language import GAP, Voice
from reports.model import Coverage, Missing, Share
from xunyan.model import Asset

LONGEST = 300


def blind_spots(rows: Iterable[Mapping[str, Any]], assets: Mapping[str, Asset], say: Voice) -> Coverage:
    """Count coverage rows, and put assets together that lack the same sources for the same reasons."""
    due = answered = 0
    reasons: dict[str, list[int]] = {}
    alike: dict[tuple[tuple[str, str], ...], list[Asset]] = {}
    for identifier, group in groupby(rows, key=lambda row: str(row["asset"])):
        lacking: dict[str, list[str]] = {}
        seen: set[str] = set()
        for row in group:
            due += 1
            if row["outcome"] == ANSWERED:
                answered += 1
                continue
            lacking.setdefault(_reason(row, say), []).append(row["source"])
            count = reasons.setdefault(row["reason"], [0, 0])
            count[0] += 1
            count[1] += row["reason"] not in seen
            seen.add(row["reason"])
        if lacking:
            parts = tuple((say("、", ", ").join(names), reason) for reason, names in lacking.items())
            alike.setdefault(parts, []).append(assets[identifier])
    ranked = sorted(alike.items(), key=lambda item: (-len(item[1]), item[0]))
    return Coverage(
        due=due,
        answered=answered,
        assets=len(assets),
        incomplete=sum(len(found) for found in alike.values()),
        reasons=tuple(
            (say.word(GAP, reason), sources, hosts)
            for reason, (sources, hosts) in sorted(reasons.items(), key=lambda item: (-item[1][0], item[0]))
        ),
        missing=tuple(_missing(parts, found, len(assets), say) for parts, found in ranked),
    )


def _reason(row: Mapping[str, Any], say: Voice) -> str:
    detail = detail_text(row["detail"], say)
    if len(detail) > LONGEST:
        detail = detail[:LONGEST] + say(f"……（共 {len(detail)} 字）", f" ... ({len(detail)} characters)")
    return say.word(GAP, row["reason"]) + (f"［{detail}］" if detail else "")


def _missing(parts: tuple[tuple[str, str], ...], found: list[Asset], everything: int, say: Voice) -> Missing:
    by_unit: dict[str, list[str]] = {}
    for one in found:
        place = f"{say('（', ' (')}{one.address}{say('）', ')')}" if one.address else ""
        by_unit.setdefault(one.unit, []).append(one.name + place)
    shares = tuple(Share(unit, tuple(names)) for unit, names in sorted(by_unit.items()))
    return Missing(parts, len(found), len(found) == everything, shares)
