"""The pieces of a topology picture's geometry: what is arranged, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.topology_bands import Bands, Item
from reports.topology_lists import Hung, Listed

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place; `row` is what it hangs on where it is a row of a list, None for a box that stands in a band."""

    node: str
    frame: Frame
    row: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """The visible way of edge `number`; `short` where it is a row's own piece between its box and a trunk."""

    number: int
    points: tuple[Point, ...]
    short: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A picture's geometry. Trunks carry no state: a link shows it on its own piece."""

    width: int = 0
    height: int = 0
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    trunks: tuple[tuple[Point, ...], ...] = ()
    frames: tuple[Frame, ...] = ()
    paper: str = "A4"


@dataclass(frozen=True, slots=True)
class Way:
    """A way through bands from above down (or beside in one band), with the lane it takes in a list at either end.

    It is link `number`, or the trunk of list `trunk`.
    """

    items: list[Item]
    first: str
    last: str
    number: int | None
    trunk: int | None


@dataclass(frozen=True, slots=True)
class Geometry:
    """What was arranged: bands, the boxes in them by node, lists with their items, the links of rows, a box's height."""

    bands: Bands
    places: Mapping[str, Item]
    lists: Sequence[tuple[Listed, Item]]
    hung: Hung
    box: int
