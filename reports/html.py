"""The report as one HTML page: no script, nothing fetched from anywhere, ready for A4."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from reports import charts
from reports.model import Duty, Report, Share, Tally
from reports.topology import topology_section
from reports.visible import visible
from xunyan.wording import Text

TEMPLATES = Path(__file__).parent / "templates"
MARK = "<!DOCTYPE html>\n<!-- xunyan.report/1 -->\n"
"""What every page begins with; by it a page that may be written over is known."""

SHOWN = ("satisfied", "not-satisfied", "needs-person", "not-observed")
"""The statuses that count, in the order of every bar and table."""

FEW_ASSETS = 30
FEW_KINDS = 12
FEW_UNITS = 8
"""More than these are folded, with their number on the fold."""


def render(report: Report) -> bytes:
    """Write the page in UTF-8. Equal reports give equal bytes; every value that came from outside is text and no more."""

    # What takes long to load is loaded when it is used.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    def say(zh: str, en: str) -> str:
        return Text(zh, en).in_language(report.language)

    def harmless(value: object) -> object:
        # Exactly str: what our own charts drew is marked as safe and is no plain str.
        return visible(value) if type(value) is str else value

    def when(moment: str) -> str:
        return moment.removesuffix("+08:00").replace("T", " ")

    def status_bar(tally: Tally, title: str) -> object:
        parts = [(key, getattr(tally, key.replace("-", "_"))) for key in SHOWN]
        said = say("，", ", ").join(f"{report.words[key]} {count}" for key, count in parts)
        return charts.stacked(parts, f"{title}{say('：', ': ')}{said}")

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        say=say,
        when=when,
        status_bar=status_bar,
        rate_bar=charts.measured,
        few_assets=FEW_ASSETS,
        few_kinds=FEW_KINDS,
        few_units=FEW_UNITS,
        largest=_largest,
        shown=SHOWN,
        topology_section=topology_section,
    )
    page = environment.get_template("report.html").render(
        report=report, duties=_duties(report), coverage_listing=_coverage_listing(report)
    )
    return (MARK + page).encode("utf-8", "backslashreplace")


def _largest(shares: Sequence[Share]) -> list[Share]:
    """Give the few units with the most assets, the largest first."""
    return sorted(shares, key=lambda one: (-len(one.assets), one.unit))[:FEW_UNITS]


def _duties(report: Report) -> list[tuple[Duty, list[str]]]:
    """Give each duty once, with the titles of the controls that rest on it."""
    found: dict[str, tuple[Duty, list[str]]] = {}
    for check in report.checks:
        for duty in check.duties:
            found.setdefault(duty.id, (duty, []))[1].append(check.title)
    return list(found.values())


def _coverage_listing(report: Report) -> str:
    return "xunyan coverage" + (f" --unit {shlex.quote(report.unit)}" if report.unit else "")
