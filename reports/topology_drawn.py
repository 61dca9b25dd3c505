"""The picture as SVG text: styles that a black-and-white print keeps apart, numbers that lead to the table, a legend."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from markupsafe import Markup, escape

from reports.model import EdgeState, Node, NodeKind
from reports.topology_marks import Marks, Spot
from reports.topology_shapes import Box, Frame, Line, Plan
from reports.topology_text import SIZE, TAB, begun, fitted, usual, width
from reports.visible import visible
from xunyan.wording import Text

INK, PAPER, TRUNK = "#1c2430", "#fff", "#d3d8df"
PAD = 6
LEAST = 3
"""A unit's name is not cut to less than this, its ellipsis counted."""

STATES: Mapping[EdgeState, Text] = {
    "dual": Text("双栈", "dual stack"),
    "v4-only": Text("只有IPv4", "IPv4 only"),
    "v6-broken": Text("IPv6不通", "IPv6 broken"),
    "v6-only": Text("只有IPv6", "IPv6 only"),
    "unknown": Text("未知", "unknown"),
    "down": Text("链路断开", "link down"),
}
KINDS: Mapping[NodeKind, Text] = {
    "device": Text("网络设备", "network device"),
    "unit": Text("单位", "unit"),
    "cloud": Text("政务云", "cloud"),
    "internet": Text("互联网", "Internet"),
    "private": Text("专网", "private network"),
    "unknown": Text("未知对端", "unknown far end"),
}
STYLES: Mapping[EdgeState, str] = {
    "dual": 'stroke="#17603f" stroke-width="2"',
    "v4-only": 'stroke="#a85400" stroke-width="2" stroke-dasharray="7 4"',
    "v6-broken": 'stroke="#b3261e" stroke-width="2" stroke-dasharray="11 3 2 3"',
    "v6-only": 'stroke="#1f4e9e" stroke-width="2" stroke-dasharray="18 3"',
    "unknown": 'stroke="#4a515c" stroke-width="2" stroke-dasharray="2 4"',
    "down": 'stroke="#8a8f98" stroke-width="1"',
}
SHAPES: Mapping[NodeKind, str] = {
    "device": f'fill="{PAPER}" stroke="{INK}"',
    "unit": f'fill="#e8eef5" stroke="{INK}"',
    "cloud": f'fill="{PAPER}" stroke="{INK}"',
    "internet": f'fill="{PAPER}" stroke="{INK}" stroke-width="2"',
    "private": f'fill="{PAPER}" stroke="{INK}" stroke-width="2"',
    "unknown": f'fill="{PAPER}" stroke="{INK}" stroke-dasharray="3 2"',
}
TABS: Mapping[NodeKind, Text] = {
    "cloud": Text("云", "C"), "internet": Text("网", "I"), "private": Text("专", "P"), "unknown": Text("？", "?"),
}  # fmt: skip

Say = Callable[[str, str], str]


def drawn(
    plan: Plan, nodes: Mapping[str, Node], states: Sequence[EdgeState], captions: Sequence[tuple[str, str]],
    title: tuple[str, str], say: Say,
) -> tuple[Markup, int]:  # fmt: skip
    """Draw a plan. `states` and `captions` (what stands at it, what its tooltip says) by number of edge; title, description.

    Gives also how many lines had no room for what was to stand at them.
    """
    legend, below, wide = _legend(max(plan.width, 600), {node.kind for node in nodes.values()}, say)
    marks = Marks([box.frame for box in plan.boxes])
    by_state: dict[EdgeState, list[str]] = {state: [] for state in STATES}
    signs: dict[EdgeState, list[str]] = {state: [] for state in STATES}
    numbers: list[str] = []
    # Short pieces have their places; the others take what is left.
    for line in sorted(plan.lines, key=lambda line: not line.short):
        state = states[line.number]
        shown, told = captions[line.number]
        by_state[state].append(f'<path d="{_path(line)}">{_title(told)}</path>')
        spot, where = marks.place(line, width(shown), sign=state in ("v6-broken", "v6-only", "down"))
        signs[state].append(_sign(state, spot))
        if where is not None:
            numbers.append(_text(shown, where.x, where.y + where.height - 2, width(shown)))
    lines = "".join(
        f'<g class="{state}" {STYLES[state]}>{"".join(paths)}</g>' for state, paths in by_state.items() if paths
    )
    crosses = "".join(f'<g class="mark {state}">{"".join(one)}</g>' for state, one in signs.items() if any(one))
    trunks = "".join(f'<path d="{_joined(points)}"/>' for points in plan.trunks)
    frames = "".join(
        f'<rect x="{one.x}" y="{one.y}" width="{one.width}" height="{one.height}" rx="5"/>' for one in plan.frames
    )
    boxes = "".join(_box(box, nodes, say) for box in plan.boxes)
    wide, tall = max(plan.width, wide), plan.height + below
    picture = Markup(  # noqa: S704  # numbers and styles of our own; every label is escaped
        f'<svg viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}" role="img" font-size="{SIZE}">'
        f"{_title(title[0])}<desc>{escape(visible(title[1]))}</desc>"
        f'<rect width="{wide}" height="{tall}" fill="{PAPER}"/>{legend}<g transform="translate(0 {below})">'
        f'<g class="frames" fill="#f1f3f6" stroke="#b9c0ca">{frames}</g>'
        f'<g class="trunks" fill="none" stroke="{TRUNK}" stroke-width="5" stroke-linejoin="round">{trunks}</g>'
        f'<g class="links" fill="none">{lines}</g>{crosses}'
        f'<g class="nodes">{boxes}</g>'
        f'<g class="numbers" fill="{INK}" stroke="{PAPER}" stroke-width="3" paint-order="stroke">{"".join(numbers)}</g>'
        "</g></svg>"
    )
    return picture, len(plan.lines) - len(numbers)


def _path(line: Line) -> str:
    return _joined(line.points)


def _joined(points: Sequence[tuple[int, int]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _title(text: str) -> str:
    return f"<title>{escape(visible(text))}</title>"


def _text(text: str, x: int, y: int, room: int, extra: str = "") -> str:
    """Write one line; what fonts draw in widths of their own is squeezed into the room that was reckoned."""
    squeezed = "" if usual(text) else f' textLength="{min(width(text), room)}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x}" y="{y}"{squeezed}{extra}>{escape(text)}</text>'


def _sign(state: EdgeState, spot: Spot | None) -> str:
    if spot is None:
        return ""
    x, y = spot
    if state == "v6-broken":
        arms = f"M{x - 5} {y - 5}L{x + 5} {y + 5}M{x - 5} {y + 5}L{x + 5} {y - 5}"
        return (
            f'<path d="{arms}" fill="none" stroke="{PAPER}" stroke-width="5"/>'
            f'<path d="{arms}" fill="none" stroke="#b3261e" stroke-width="2.5"/>'
        )
    if state == "v6-only":
        return f'<circle cx="{x}" cy="{y}" r="4" fill="{PAPER}" stroke="#1f4e9e" stroke-width="1.5"/>'
    return f'<path d="M{x - 3} {y + 5}L{x + 3} {y - 5}" fill="none" stroke="{INK}" stroke-width="1.5"/>'


def _box(box: Box, nodes: Mapping[str, Node], say: Say) -> str:
    node = nodes[box.node]
    kind = KINDS[node.kind].in_language(_language(say))
    told = say("，", ", ").join(part for part in (node.label, node.unit, kind) if part)
    frame = box.frame
    inside = _shape(frame, node.kind, say)
    left = frame.x + PAD + (TAB if node.kind in TABS else 0)
    room = frame.x + frame.width - PAD - left
    label, unit = visible(node.label), visible(node.unit)
    if box.row is None and unit and unit not in label:
        inside += _text(fitted(label, room), left, frame.y + 14, room, ' font-weight="700"')
        inside += _text(fitted(unit, room), left, frame.y + 28, room, ' fill="#4a515c"')
    else:
        parent = nodes.get(box.row or "")
        alone = box.row is None or not unit or unit in label or (parent is not None and parent.unit == node.unit)
        words = fitted(label, room) if alone else _both(unit, label, room)
        bold = ' font-weight="700"' if box.row is None else ""
        inside += _text(words, left, frame.y + frame.height // 2 + 4, room, bold)
    return f"<g>{_title(told)}{inside}</g>"


def _both(unit: str, label: str, room: int) -> str:
    """Write unit and label into one line; where they do not fit, the label keeps two thirds, and all if that leaves nothing."""
    blank = width(" ")
    kept = min(width(label), max(room * 2 // 3, room - blank - width(unit)))
    short = begun(unit, room - blank - kept)
    if len(short) < LEAST:
        return fitted(label, room)
    return f"{short} {fitted(label, room - blank - width(short))}"


def _shape(frame: Frame, kind: NodeKind, say: Say) -> str:
    round_ = 2 if kind in ("device", "private", "unknown") else 9
    size = f'x="{frame.x}" y="{frame.y}" width="{frame.width}" height="{frame.height}" rx="{round_}"'
    shape = f'<rect class="{kind}" {size} {SHAPES[kind]}/>'
    if kind in TABS:
        sign = TABS[kind].in_language(_language(say))
        place = frame.x + PAD - 1 + (TAB - 4 - width(sign)) // 2
        shape += f'<text class="tab" x="{place}" y="{frame.y + frame.height // 2 + 4}" font-weight="700">{sign}</text>'
        line = frame.x + TAB + 2
        shape += f'<path d="M{line} {frame.y}V{frame.y + frame.height}" stroke="{INK}"/>'
    return shape


def _language(say: Say) -> str:
    return say("zh", "en")


def _legend(room: int, kinds: set[NodeKind], say: Say) -> tuple[str, int, int]:
    """Draw the legend on as many lines as it takes; gives it with its height and width."""
    x, y, wide = 12, 20, 0
    written = []
    for sample, word in _samples(kinds, say):
        needed = 48 + width(word) + 20
        if x > 12 and x + needed > room:
            x, y = 12, y + 22
        written.append(f'<g transform="translate({x} {y})">{sample}{_text(word, 48, 4, room)}</g>')
        x += needed
        wide = max(wide, x)
    return f'<g class="legend">{"".join(written)}</g>', y + 14, wide


def _samples(kinds: set[NodeKind], say: Say) -> Iterator[tuple[str, str]]:
    language = _language(say)
    for state, text in STATES.items():
        signed = _sign(state, (20, 0)) if state in ("v6-broken", "v6-only", "down") else ""
        yield f'<path d="M0 0L40 0" fill="none" {STYLES[state]}/>{signed}', text.in_language(language)
    yield (
        f'<path d="M0 0L40 0" fill="none" stroke="{TRUNK}" stroke-width="5"/>',
        say("共用走线，不表示状态", "shared trunk, tells no state"),
    )
    for kind, text in KINDS.items():
        if kind in kinds:
            yield _shape(Frame(4, -8, 34, 16), kind, say), text.in_language(language)
