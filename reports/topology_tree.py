"""What carries a network and what hangs on it: nodes into layers from the core down, all others into lists under them.

A node that can be taken away without anything else losing its way hangs on what it is linked to: the end of a line, or
one that is linked twice to neighbours who reach each other anyway. Taken away again and again, these leave the core.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.model import Node

Near = Mapping[str, frozenset[str]]

OUTSIDE = ("internet", "cloud", "private")
FEW_OUTSIDE = 8
WHOLE_CORE = 12
MANY = 3
"""Links of a node in a list, beside those to what hangs on it, that are still to be followed in a list."""

LONGEST = 14
"""No list hangs on one entry of a list that is longer than this: what has more under it stands in a layer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: what it hangs on (empty: on nothing), and how deep it is indented."""

    id: str
    parent: str
    depth: int


@dataclass(frozen=True, slots=True)
class Skeleton:
    """`layers` from the top, `core` is the number of the layer that all others are counted from; `lists` by what they hang on."""

    layers: tuple[tuple[str, ...], ...]
    core: int
    lists: Mapping[str, tuple[tuple[Row, ...], ...]]


@dataclass(slots=True)
class _Found:
    layer: dict[str, int]
    hanging: dict[str, list[str]]


def skeleton(nodes: Sequence[Node], near: Near, *, flat: bool) -> Skeleton:
    """Sort nodes, given in the order to keep, into layers and lists; `flat` puts all into lists that can be there."""
    place = {node.id: number for number, node in enumerate(nodes)}
    unit = {node.id: node.unit for node in nodes}
    outside = [node.id for node in nodes if node.kind in OUTSIDE and len(near[node.id]) > 1][:FEW_OUTSIDE]
    inside = frozenset(place) - frozenset(outside)
    inner = {one: near[one] & inside for one in inside}
    peeled = _peel(inner, near, place)
    found = _Found({}, defaultdict(list))
    parts = _parts(inner, place)
    largest = max(map(len, parts), default=0)
    for part in parts:
        left = [one for one in part if one not in peeled]
        if len(part) <= 3 and (len(part) < largest or not any(near[one] for one in part)):
            _hang_small(left, near, outside, found)
        else:
            _stand(left, inner, found)
    for one, stayed in peeled.items():
        # The one that is of the same unit, else the one with most links.
        parent = min(
            stayed, key=lambda other: (unit[other] != unit[one] or not unit[one], -len(near[other]), place[other])
        )
        found.hanging[parent].append(one)
    for below in found.hanging.values():
        # What has nothing under it first: so the things of one unit stand together.
        below.sort(key=lambda one: (one in found.hanging and bool(found.hanging[one]), place[one]))
    found.layer.update(dict.fromkeys(outside, -1))
    _promote(found, near, lambda one: _carries(one, found, unit, near, flat=flat))
    _pair(found, near, unit)
    return _sorted(found, near, place, {node.id for node in nodes if node.kind in OUTSIDE})


def _peel(inner: Near, near: Near, place: Mapping[str, int]) -> dict[str, list[str]]:
    """Give what hangs, in the order in which it can be taken away, with the neighbours that stay longer."""
    left = {one: set(inner[one]) for one in sorted(inner, key=lambda one: place[one])}
    peeled: dict[str, list[str]] = {}
    waiting = list(left)
    while waiting:
        degree = {one: len(others) for one, others in left.items()}
        twins: dict[tuple[str, ...], int] = defaultdict(int)
        ends = [one for one in waiting if one in left and degree[one] in (1, 2)]
        for one in ends:
            twins[tuple(sorted(left[one]))] += 1
        taken = []
        for one in ends:
            others = tuple(sorted(left[one]))
            if len(others) == degree[one] and _loose(one, others, left, degree, near, place, twins[others]):
                peeled[one] = sorted(others, key=lambda other: place[other])
                taken.append(one)
                for other in others:
                    left[other].discard(one)
                del left[one]
        waiting = list(left) if taken else []
    return peeled


def _loose(
    one: str, others: tuple[str, ...], left: Mapping[str, set[str]], degree: Mapping[str, int], near: Near,
    place: Mapping[str, int], twins: int,
) -> bool:  # fmt: skip
    if len(others) == 1:
        other = others[0]
        return degree[other] > 1 or (len(near[one]), -place[one]) < (len(near[other]), -place[other])
    first, second = others
    if twins >= 3 and degree[first] > 2 and degree[second] > 2:
        return True
    return any(degree[over] > 2 for over in (left[first] | {first}) & (left[second] | {second}) if over != one)


def _parts(inner: Near, place: Mapping[str, int]) -> list[list[str]]:
    parts: list[list[str]] = []
    seen: set[str] = set()
    for start in sorted(inner, key=lambda one: place[one]):
        if start not in seen:
            part = [start]
            seen.add(start)
            for one in part:
                fresh = sorted(inner[one] - seen, key=lambda other: place[other])
                seen.update(fresh)
                part += fresh
            parts.append(part)
    return parts


def _hang_small(left: Sequence[str], near: Near, outside: Iterable[str], found: _Found) -> None:
    """A few nodes by themselves make a list of their own, under the outside network that they reach."""
    reached = [one for one in outside if any(one in near[member] for member in left)]
    root = next((one for one in left if reached and reached[0] in near[one]), left[0])
    found.hanging[reached[0] if reached else ""].append(root)
    found.hanging[root] += [one for one in left if one != root]


def _stand(left: Sequence[str], inner: Near, found: _Found) -> None:
    inside = set(left)
    core = list(left)
    if len(left) > WHOLE_CORE:
        core = [one for one in left if len(inner[one] & inside) > 2] or core
    layer = dict.fromkeys(core, 0)
    for one in core:
        for other in left:
            if other in inner[one] and other not in layer:
                layer[other] = layer[one] + 1
                core.append(other)
    found.layer.update(layer)


def _carries(one: str, found: _Found, unit: Mapping[str, str], near: Near, *, flat: bool) -> bool:
    """Whether it belongs into a layer: much hangs on it, or what is of several other units, or it has many links."""
    below = list(found.hanging.get(one, ()))
    for other in below:
        below += found.hanging.get(other, ())
    if len(below) > LONGEST or len(near[one]) - len(found.hanging.get(one, ())) > MANY:
        return True
    if flat:
        return False
    others = {unit[other] or f"\n{other}" for other in below} - {unit[one]}
    return len(others) > 2 or len(found.hanging.get(one, ())) > 5


def _promote(found: _Found, near: Near, carries: Callable[[str], bool]) -> None:
    standing = list(found.layer)
    for one in standing:
        for other in list(found.hanging.get(one, ())):
            if carries(other):
                found.hanging[one].remove(other)
                # The second of two cores is linked to the same as the first, and stands beside it.
                beside = len(near[one] & near[other]) > 2
                found.layer[other] = max(found.layer[one], 0) + (not beside)
                standing.append(other)
    for one in list(found.hanging.get("", ())):
        if carries(one):
            found.hanging[""].remove(one)
            found.layer[one] = 0
            _promote(found, near, carries)


def _pair(found: _Found, near: Near, unit: Mapping[str, str]) -> None:
    """Put beside a node of a layer what hangs on it and leads to the same layers: the second core of the same owner."""
    for one, layer in list(found.layer.items()):
        for other in list(found.hanging.get(one, ())):
            shared = near[one] & near[other] & found.layer.keys()
            if len(shared) > 1 and unit[one] and unit[one] == unit[other]:
                found.hanging[one].remove(other)
                found.layer[other] = layer


def _sorted(found: _Found, near: Near, place: Mapping[str, int], outside: set[str]) -> Skeleton:
    core = {one for one, layer in found.layer.items() if layer == 0}
    raised = {one: parent for parent in core for one in found.hanging.get(parent, ()) if one in outside}
    already = sum(layer < 0 for layer in found.layer.values())
    for one in sorted(raised.keys() - found.hanging.keys(), key=lambda one: place[one])[
        : max(FEW_OUTSIDE - already, 0)
    ]:
        found.hanging[raised[one]].remove(one)
        found.layer[one] = -1
    order = _walked(found.layer, near, place)
    numbers = sorted(set(found.layer.values()))
    return Skeleton(
        layers=tuple(tuple(one for one in order if found.layer[one] == number) for number in numbers),
        core=numbers.index(0) if 0 in numbers else 0,
        lists={
            parent: tuple(tuple(_rows(one, parent, 0, found)) for one in below)
            for parent, below in sorted(found.hanging.items())
            if below and (not parent or parent in found.layer)
        },
    )


def _rows(one: str, parent: str, depth: int, found: _Found) -> list[Row]:
    rows = [Row(one, parent, depth)]
    for below in found.hanging.get(one, ()):
        rows += _rows(below, one, depth + 1, found)
    return rows


def _walked(layer: Mapping[str, int], near: Near, place: Mapping[str, int]) -> list[str]:
    """Give the order in which one walks along the layers, the core first: so a ring stands in the order of its links."""
    order: list[str] = []
    seen: set[str] = set()
    for start in sorted(layer, key=lambda one: (layer[one] != 0, layer[one], place[one])):
        ahead = [start]
        while ahead:
            one = ahead.pop()
            if one not in seen:
                seen.add(one)
                order.append(one)
                known = [other for other in near[one] if other in layer and other not in seen]
                ahead += sorted(
                    known, key=lambda other: (layer[other] != layer[one], layer[other], place[other]), reverse=True
                )
    return order
