"""Holds a system's pages over IPv6 against those over IPv4, and two readings over IPv4 against each other."""

from collections import Counter
from collections.abc import Mapping, Sequence

from scanners.platforms.reading import Reading
from scanners.platforms.systems.exchanges import SOURCE, Exchange, chosen, exchanges_of
from scanners.platforms.systems.jsonl import LONGEST_URL, bounded, cited, read_source
from scanners.platforms.systems.urls import same_place
from xunyan.facts import PageParity
from xunyan.model import Capture

RUN = 3
ALIKE = 1000
NOT_READ = -1


def similarity(one: str, other: str) -> int:
    """Tell how alike two texts are, per mille: Sørensen-Dice over the multiset of their runs of three characters.

    Blanks do not count. Equal texts give 1000, two empty ones too; a text shorter than a run is equal or gives 0.
    """
    first, second = "".join(one.split()), "".join(other.split())
    if first == second:
        return ALIKE
    if len(first) < RUN or len(second) < RUN:
        return 0
    runs, others = _runs(first), _runs(second)
    shared = sum(min(count, others[run]) for run, count in runs.items() if run in others)
    return 2 * ALIKE * shared // (runs.total() + others.total())


def read_parity(sources: Mapping[str, Capture]) -> Reading:
    """Read one row for each page that was asked for out of `http`: the first address of each family that answered."""
    return read_source(SOURCE, sources, _read)


def _read(capture: Capture) -> Reading:
    asked: dict[tuple[str, str], list[Exchange]] = {}
    for one in exchanges_of(capture):
        asked.setdefault((one.first.network, one.first.start), []).append(one)
    facts: list[PageParity] = []
    looked_at: list[Exchange | None] = []
    for (network, url), own in asked.items():
        v4, v6 = (chosen(one for one in own if one.first.family == family and one.first.read == 1) for family in (4, 6))
        again = _again(v4, own)
        facts.append(_parity(network, url, v4, again, v6))
        looked_at += v4, again, v6
    return Reading(tuple(facts), cited(capture, [line for one in looked_at if one for line in one.hops]))


def _again(v4: Exchange | None, exchanges: Sequence[Exchange]) -> Exchange | None:
    """Give the second reading over IPv4, of the same address where there is one; none where nothing came."""
    second = [one for one in exchanges if one.first.family == 4 and one.first.read == 2 and one.is_there]
    return next((one for one in second if v4 and one.address == v4.address), second[0] if second else None)


def _parity(network: str, url: str, v4: Exchange | None, again: Exchange | None, v6: Exchange | None) -> PageParity:
    compared = same_status = same_redirects = same_certificate = same_title = False
    steady, across = NOT_READ, 0
    if v4 and v6 and v4.is_there and v6.is_there:
        compared = True
        same_status = v4.last.status == v6.last.status
        same_redirects = v4.redirects == v6.redirects and same_place(v4.final_url, v6.final_url)
        same_certificate = v4.last.certificate.lower() == v6.last.certificate.lower()
        same_title = v4.title.casefold() == v6.title.casefold()
        steady = similarity(v4.text, again.text) if again else NOT_READ
        across = similarity(v4.text, v6.text)
    return PageParity(
        network=network, url=bounded(url, LONGEST_URL), compared=compared, same_status=same_status,
        same_redirects=same_redirects, same_certificate=same_certificate, same_title=same_title, steady=steady,
        across=across, title_v4=v4.title if v4 else "", title_v6=v6.title if v6 else "",
        status_v4=v4.last.status if v4 else 0, status_v6=v6.last.status if v6 else 0,
    )  # fmt: skip


def _runs(text: str) -> Counter[str]:
    return Counter(map("".join, zip(text, text[1:], text[2:], strict=False)))
