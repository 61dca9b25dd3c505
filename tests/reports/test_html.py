"""The page by itself: escapes, charts that add up, and the words that the report's language asks for."""

import re
from dataclasses import replace

import pytest

from reports.charts import WIDTH, measured, stacked
from reports.html import FEW_ASSETS, FEW_KINDS, render
from reports.model import Check, Coverage, Kind, Method, Problem, Question, Report, Share, Tally
from reports.visible import visible

WORDS = {
    "satisfied": "符合", "not-satisfied": "不符合", "needs-person": "需人工核实", "not-observed": "未检测", "high": "高",
}  # fmt: skip
METHOD = Method(
    number=1, judged_at="2026-11-21T08:00:00+08:00", made_at="2026-11-21T08:00:00+08:00", profile="p", profile_title="甲地",
    reference_only=False, inputs="0" * 64, version="1", judge="", captures=0, gaps=0, first_taken="", last_taken="", runs=(),
    scanned=False, products="名录", warnings=(),
)  # fmt: skip
CHECK = Check("a/b", "检查", "high", Tally(1, 2, 3, 4), (), "整改")


def problem(*kinds: Kind) -> Problem:
    count = sum(one.count for one in kinds)
    return Problem(
        "a/b", "not-satisfied", exempted=False, count=count, units=1, kinds=kinds, proofs=(), listing="xunyan findings"
    )


def kind(text: str, *assets: str, unit: str = "甲单位") -> Kind:
    return Kind(text, len(assets), (Share(unit, assets),))


def report(**fields: object) -> Report:
    whole = Report(
        language="zh", unit="", tally=Tally(1, 2, 3, 4), questions=(Question("问题", "unlooked", (), ("线路",)),), rates=(),
        units=(), checks=(CHECK,), problems=(), coverage=Coverage(0, 0, 0, 0, (), ()), letters=(), method=METHOD, words=WORDS,
    )  # fmt: skip
    return replace(whole, **fields)  # type: ignore[arg-type]


def page(**fields: object) -> str:
    return render(report(**fields)).decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 文字 全角　空格", "plain 文字 全角　空格"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\u202eb\u200bc\ufeff", "a\\u202eb\\u200bc\\ufeff"),
        ("line\nline\ttab\r", "line\\nline\\ttab\\r"),
        ("\ud800\udc80", "\\ud800\\udc80"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_a_screen_would_obey_shows_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("counts", [(1, 1, 1, 1), (0, 0, 0, 1), (10_000, 1, 0, 0), (3, 0, 7, 11)])
def test_the_parts_of_a_bar_meet_and_fill_it(counts: tuple[int, ...]) -> None:
    drawn = stacked([(f"c{i}", count) for i, count in enumerate(counts)], "t")
    found = [(int(x), int(width)) for x, width in re.findall(r'class="c\d" x="(\d+)" y="0" width="(\d+)"', drawn)]
    assert len(found) == sum(count > 0 for count in counts)
    assert found[0][0] == 0
    ends = [x + width for x, width in found]
    assert ends[-1] >= WIDTH
    assert all(abs(end - start) <= 1 for end, (start, _) in zip(ends, found[1:], strict=False))


def test_a_bar_of_nothing_is_an_empty_frame() -> None:
    assert stacked([("satisfied", 0)], "t").count("<rect") == 1


def test_a_target_is_drawn_inside_its_bar() -> None:
    for target in (0.0, 50.0, 100.0):
        place = re.search(r'class="target" x="(\d+)" y="0" width="6"', measured(40, target, "t"))
        assert place is not None
        assert 0 <= int(place[1]) <= WIDTH - 6
    assert 'class="target"' not in measured(40, None, "t")


def test_titles_of_charts_are_text() -> None:
    drawn = stacked([("satisfied", 1)], "</title><script>\u202e")
    assert "&lt;/title&gt;&lt;script&gt;\\u202e" in drawn
    assert "\u202e" not in drawn


def test_every_value_is_escaped_wherever_it_stands() -> None:
    bad = "<script>x</script>\u202e{{ 7*7 }}"
    written = page(
        problems=(problem(kind(bad, bad, unit=bad)),),
        questions=(Question(bad, "unlooked", (), (bad,)),),
        method=replace(METHOD, profile_title=bad, version=bad, warnings=(bad,)),
        checks=(replace(CHECK, title=bad, remedy=bad),),
    )
    assert "<script>" not in written
    assert "\u202e" not in written
    assert "{{ 7*7 }}" in written
    assert "\\u202e{{ 7*7 }}" in written


def test_lone_surrogates_can_be_written() -> None:
    assert "\\udc80" in page(problems=(problem(kind("\udc80", "a")),))


def test_a_long_list_is_folded_with_its_number_and_nothing_of_it_is_lost() -> None:
    names = [f"pc{number:03d}" for number in range(FEW_ASSETS + 1)]
    written = page(problems=(problem(kind("x", *names)),))
    assert f"展开全部 {len(names)} 个" in written
    assert "xunyan findings" in written
    assert all(name in written for name in names)
    assert "展开全部" not in page(problems=(problem(kind("x", *names[:-1])),))


def test_many_kinds_are_folded_with_their_number() -> None:
    kinds = [kind(f"说法{number}", f"pc{number}") for number in range(FEW_KINDS + 3)]
    written = page(problems=(problem(*kinds),))
    assert "展开其余 3 种说法" in written
    assert all(f"说法{number}" in written for number in range(FEW_KINDS + 3))


def test_what_was_not_looked_at_is_said_and_never_shown_as_right() -> None:
    written = page()
    row = written[written.index("<td>问题</td>") :].partition("</tr>")[0]
    assert "未检测" in row
    assert "t-right" not in row
    assert "符合" not in re.sub("不符合", "", row)


def test_an_exemption_stands_beside_the_status_and_not_in_its_place() -> None:
    written = page(problems=(replace(problem(kind("x", "a")), exempted=True),))
    assert "不符合·已批准例外" in written


def test_a_units_own_page_counts_no_units() -> None:
    assert "个单位" not in page(unit="甲单位", problems=(problem(kind("x", *map(str, range(50)))),))
