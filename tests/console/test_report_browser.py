"""The report in a real browser: nothing runs, nothing flows over, every page of the print has something on it."""

import json
import subprocess
from pathlib import Path
from shutil import which

import pytest

from benchmarks.hosts import JUDGED_AT as SYNTHETIC_AT
from benchmarks.hosts import make
from tests.console.browsing import browse, measure, needs_chromium
from tests.console.test_report import HOSTILE, hostile, report
from tests.making import call

__all__ = ["hostile"]
pytestmark = needs_chromium
HOSTS = 60


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estate")
    (folder / "data").mkdir()
    make(folder / "data", HOSTS)
    assert call("init", folder / "w", "--profile", "example-city").returncode == 0
    done = call("-C", folder / "w", "ingest", folder / "data", "--at", SYNTHETIC_AT)
    assert done.returncode == 0, done.stderr
    return folder / "w"


@pytest.mark.parametrize("width", [500, 800, 1200])
def test_nothing_is_wider_than_the_window(width: int, estate: Path) -> None:
    report(estate, name="estate.html")
    wide = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - document.documentElement.clientWidth"
    assert int(measure(estate.parent / "estate.html", wide, width=width)) <= 0


def test_hostile_text_runs_nothing_and_moves_nothing(hostile: Path) -> None:
    report(hostile, name="hostile.html")
    seen = (
        "JSON.stringify([document.scripts.length, document.images.length, document.styleSheets.length, "
        "document.querySelectorAll('svg').length === document.querySelectorAll('svg.bar').length, "
        "document.title, document.querySelectorAll('section').length, "
        "document.documentElement.scrollWidth - document.documentElement.clientWidth])"
    )
    found = json.loads(measure(hostile.parent / "hostile.html", seen))
    assert found == [1, 0, 1, True, "政务信息化资产核查报告", 6, 0]  # the one script is the test's own
    for number, name in enumerate(HOSTILE):
        report(hostile, "--unit", name, name=f"unit-{number}.html")
    title = measure(hostile.parent / "unit-0.html", "document.title")
    assert title.replace("&lt;", "<").replace("&gt;", ">") == f"政务信息化资产核查报告 · {HOSTILE[0]}"


def test_the_page_shows_its_tables_and_bars(estate: Path) -> None:
    report(estate, name="shown.html")
    seen = (
        "JSON.stringify([Array.from(document.querySelectorAll('svg.bar')).every(e => e.clientWidth > 30 && e.clientHeight > 5), "
        "document.querySelectorAll('tr').length, getComputedStyle(document.querySelector('.notice')).borderLeftWidth])"
    )
    bars, rows, border = json.loads(measure(estate.parent / "shown.html", seen))
    assert bars is True
    assert rows > HOSTS
    assert border == "4px"


@pytest.mark.skipif(which("pdftotext") is None, reason="no poppler-utils here")
def test_the_print_is_a4_with_the_first_page_whole_and_headings_repeated(estate: Path) -> None:
    report(estate, name="print.html")
    paper = estate.parent / "print.pdf"
    browse(estate.parent / "print.html", "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    told = subprocess.run(["pdfinfo", paper], capture_output=True, text=True, check=True).stdout
    assert "A4" in told, told
    pages = subprocess.run(
        ["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True
    ).stdout.split("\f")[:-1]
    assert len(pages) > 5
    assert all(len(page.split()) > 5 for page in pages)
    assert "一、五个问题" in pages[0]
    assert "三、没有看到的" in pages[0]
    assert "本报告看不到" in pages[0].replace(" ", "").replace("\n", "")
    assert pages[1].lstrip().startswith("四、各单位")
    assert "判定分布" in pages[2]  # the table of units goes on, under its heading
    assert [page.rsplit("—", 2)[-2].strip() for page in pages] == [str(number) for number in range(1, len(pages) + 1)]


def test_a_screenshot_is_no_blank_page(estate: Path) -> None:
    report(estate, name="shot.html")
    picture = estate.parent / "shot.png"
    browse(estate.parent / "shot.html", f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 30_000
