"""Proof for a report: what a verdict cites, quoted from the sealed originals themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.session import shown
from console.workspace import Workspace
from evidence.segments import Place
from evidence.store import Store
from reports.model import Line, Source
from reports.model import Place as Quoted
from scanners.platforms.reading import lines_of

QUOTED_LINES = 12
LONGEST_LINE = 300


def sources(workspace: Workspace, store: Store, evidence: list[Mapping[str, Any]]) -> tuple[Source, ...]:
    """Quote the places that a verdict cites, by original. Raises DataError where one is not what was sealed."""
    cited: dict[str, list[Mapping[str, Any]]] = {}
    for one in evidence:
        cited.setdefault(one["capture"], []).append(one)
    return tuple(_source(workspace, store, capture, found) for capture, found in cited.items())


def _source(workspace: Workspace, store: Store, identifier: str, cited: list[Mapping[str, Any]]) -> Source:
    found = store.rows("SELECT segment, offset, length, taken_at FROM capture WHERE id = ?", (identifier,))
    row = next(found, None)
    if row is None:
        bare = tuple(Quoted(first, last, (), 0) for first, last in (one["lines"] for one in cited))
        return Source(identifier, cited[0]["source"], "", "", "", "", bare)
    capture = next(workspace.segments.read([Place(row["segment"], row["offset"], row["length"])]))
    lines = lines_of(capture)
    return Source(
        capture=capture.id,
        source=capture.source,
        taken_at=shown(row["taken_at"]),
        taken_by=capture.envelope.taken_by,
        request=capture.envelope.request,
        sha256=capture.sha256,
        places=tuple(_quoted(lines, *span) for span in sorted({tuple(one["lines"]) for one in cited})),
    )


def _quoted(lines: Sequence[str], first: int, last: int) -> Quoted:
    """Quote the beginning of a place; a longer line is cut with its length said."""
    wanted = lines[first - 1 : last]
    return Quoted(
        first,
        last,
        tuple(Line(number, _cut(line.expandtabs(8))) for number, line in enumerate(wanted[:QUOTED_LINES], first)),
        max(0, len(wanted) - QUOTED_LINES),
    )


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}… [{len(line)}]"
