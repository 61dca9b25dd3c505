"""The topology picture in a real browser: words stay in their boxes, the print has it whole on one page, and it is no blank."""

import json
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest

from reports.model import Edge, Node, Topology
from tests.console.browsing import browse, measure, needs_chromium
from tests.reports.test_html import page
from tests.reports.topologies import Network, mesh, ring, star, tree

pytestmark = needs_chromium

NAMES = (
    "人力资源和社会保障局政务服务数据管理中心机房汇聚交换机" * 3,
    "WWWWWWWWWW@@@@%%%%MMMM",
    "ﷺ" * 30,
    "a\u0301" * 60,
    "ش" * 80,
)
RANGES = "Array.from(document.querySelectorAll('.topology .nodes > g'))"


def hostile() -> Network:
    """Names that are long, wide, stacked or turned."""
    nodes = [Node(f"n{number}", name, "device", NAMES[number - 1]) for number, name in enumerate(NAMES)]
    nodes += [Node("s", "</text><script>document.title='owned'</script>", "cloud", "\u202eabc")]
    return nodes, [
        Edge("n0", node.id, name, name, "v6-broken", name) for node, name in zip(nodes[1:], NAMES, strict=True)
    ]


NETWORKS = {
    "stubs": lambda: ring(8, 190, 0), "twice": lambda: ring(8, 120), "tree": lambda: tree(18, 180), "star": star,
    "mesh": lambda: mesh(40, 60, 3), "hostile": hostile,
}  # fmt: skip


@pytest.fixture(scope="module", params=NETWORKS)
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    nodes, edges = NETWORKS[request.param]()
    file = tmp_path_factory.mktemp("topology") / f"{request.param}.html"
    file.write_text(page(topology=(Topology("政务外网", tuple(nodes), tuple(edges)),)), "utf-8", "backslashreplace")
    return file


def test_the_words_stay_in_their_boxes_and_off_each_other(shown: Path) -> None:
    # How far words stick out of their boxes, and how many pairs of all words meet, as the browser's own fonts have it.
    expression = (
        f"JSON.stringify([Math.max(...{RANGES}.flatMap(g => {{ const r = g.querySelector('rect').getBBox();"
        " return Array.from(g.querySelectorAll('text')).map(t => { const b = t.getBBox();"
        " return Math.max(b.x + b.width - r.x - r.width, r.x - b.x) }) })),"
        f" {RANGES}.length,"
        " (boxes => boxes.reduce((all, a, i) => all + boxes.slice(i + 1).filter(b => a.left < b.right - 1 &&"
        " b.left < a.right - 1 && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3).length, 0))"
        "(Array.from(document.querySelectorAll('.topology text')).map(t => t.getBoundingClientRect()))])"
    )
    sticking_out, boxes, meeting = json.loads(measure(shown, expression))
    assert boxes >= 6
    assert sticking_out <= 0
    assert meeting == 0


@pytest.mark.parametrize("width", [500, 1200])
def test_the_picture_scrolls_in_its_frame_and_widens_no_page(width: int, shown: Path) -> None:
    expression = (
        "JSON.stringify([document.documentElement.scrollWidth - document.documentElement.clientWidth,"
        " document.querySelector('.topology svg').getBoundingClientRect().width -"
        " document.querySelector('.topology svg').viewBox.baseVal.width, document.scripts.length, document.title])"
    )
    wider, shrunk, scripts, title = json.loads(measure(shown, expression, width=width))
    assert (wider, shrunk, scripts) == (0, 0, 1)  # the one script is the test's own
    assert title == "政务信息化资产核查报告"


@pytest.mark.skipif(which("pdftotext") is None, reason="no poppler-utils here")
def test_the_print_has_it_whole_on_one_sheet_in_letters_that_can_be_read(shown: Path) -> None:
    paper = shown.with_suffix(".pdf")
    browse(shown, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    told = subprocess.run(["pdfinfo", "-l", "99", paper], capture_output=True, text=True, check=True).stdout
    sizes = [(float(x), float(y)) for x, y in re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+) pts", told)]
    lying = [number for number, (x, y) in enumerate(sizes, start=1) if x > y]
    assert len(lying) == 1
    number = str(lying[0])
    words = subprocess.run(
        ["pdftotext", "-bbox", "-f", number, "-l", number, paper, "-"], capture_output=True, text=True, check=True
    ).stdout
    found = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)</word>', words)
    assert "附图" in words
    assert "双栈" in words
    # A line of these fonts is 1.45 of its size; 8 px are 6 points.
    heights = [float(bottom) - float(top) for top, bottom, word in found if word.isdigit()]
    assert min(heights) >= 6 * 1.4
    table = subprocess.run(["pdftotext", paper, "-"], capture_output=True, text=True, check=True).stdout
    assert "线路表" in table


def test_the_picture_is_drawn(shown: Path) -> None:
    picture = shown.with_suffix(".png")
    loose = shown.with_name(f"alone-{shown.name}")
    text = shown.read_text("utf-8")
    svg = text[text.index("<svg viewBox", text.index('class="picture"')) :].partition("</svg>")[0]
    loose.write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{svg}</svg></body>", "utf-8")
    browse(loose, "--hide-scrollbars", f"--screenshot={picture}", width=1500)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 15_000
