"""Reads a system's first pages: what came over each address, at the end of its redirects."""

from collections.abc import Mapping

from scanners.platforms.reading import Reading
from scanners.platforms.systems.exchanges import SOURCE, Exchange, exchanges_of
from scanners.platforms.systems.jsonl import LONGEST_URL, bounded, cited, plain_name, read_source
from xunyan.facts import Page
from xunyan.model import Capture


def read_pages(sources: Mapping[str, Capture]) -> Reading:
    """Read one row for each page over each address out of `http`, from the first reading of each."""
    return read_source(SOURCE, sources, _read)


def _read(capture: Capture) -> Reading:
    first: dict[tuple[str, str, str, int], Exchange] = {}
    for one in exchanges_of(capture):
        if one.first.read == 1:
            first.setdefault((one.first.network, one.first.start, one.address, one.first.port), one)
    facts = tuple(_page(one) for one in first.values())
    return Reading(facts, cited(capture, [line for one in first.values() for line in one.hops]))


def _page(one: Exchange) -> Page:
    row = one.first
    return Page(
        network=row.network, url=bounded(row.start, LONGEST_URL), name=plain_name(row.name), address=one.address,
        family=row.family, port=row.port, outcome=one.last.outcome, status=one.last.status,
        final_url=bounded(one.final_url, LONGEST_URL), redirects=one.redirects, title=one.title,
        text_length=len(one.text),
    )  # fmt: skip
