"""Charts as inline SVG: bars that say in a title what they show; every figure also stands beside them as text."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from reports.visible import visible

WIDTH = 1000
HEIGHT = 40


def stacked(parts: Sequence[tuple[str, int]], title: str) -> Markup:
    """Draw one bar of parts: (class of colour, count). Nothing to count draws an empty frame."""
    total = sum(count for _, count in parts)
    drawn = []
    start = 0
    for name, count in parts:
        if count:
            # Cut, not rounded, at both ends: the parts meet, and all of them together are the whole width.
            left, right = WIDTH * start // total, WIDTH * (start + count) // total
            drawn.append(
                f'<rect class="{escape(name)}" x="{left}" y="0" width="{max(right - left, 1)}" height="{HEIGHT}"/>'
            )
        start += count
    return _svg("".join(drawn), title)


def measured(percent: float, target: float | None, title: str) -> Markup:
    """Draw a rate from 0 to 100 as a bar, its target as a line across it."""
    bar = f'<rect class="rate" x="0" y="0" width="{int(WIDTH * percent / 100)}" height="{HEIGHT}"/>'
    if target is not None:
        place = min(max(int(WIDTH * target / 100), 3), WIDTH - 3)
        bar += f'<rect class="target" x="{place - 3}" y="0" width="6" height="{HEIGHT}"/>'
    return _svg(bar, title)


def _svg(inside: str, title: str) -> Markup:
    return Markup(  # noqa: S704  # numbers and class names of our own; the title is escaped
        f'<svg class="bar" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img">'
        f"<title>{escape(visible(title))}</title>"
        f'<rect class="frame" x="0" y="0" width="{WIDTH}" height="{HEIGHT}"/>{inside}</svg>'
    )
