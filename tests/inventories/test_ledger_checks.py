"""What holds between rows: a name once, no address of two kinds, and one inner address for one published."""

from collections.abc import Sequence

import pytest

from inventories.ledger_checks import lying, mapped, overlapping, repeated
from tests.inventories.ledger_making import read_text

RANGES = "地址域,地址段,类别,映射到的内网地址\n"


def ranges(*rows: str) -> list[tuple[str, str]]:
    found = read_text(RANGES + "\n".join(rows) + "\n")
    assert found.problems == []
    spans = [one for row in found.rows if (one := lying(row)) is not None]
    assert len(spans) == len(rows)
    problems = [*repeated(found.rows), *overlapping(spans), *mapped(found.rows)]
    return [(one.place.zh, one.what.zh) for one in problems]


@pytest.mark.parametrize(
    "rows",
    [
        ("外网,10.1.0.0/16,政务云,", "外网,10.1.2.0/24,政务云,"),
        ("外网,10.1.0.0/16,政务云,", "内网,10.1.2.0/24,自建机房,"),
        ("外网,10.1.0.0/16,政务云,", "外网,10.2.0.0/16,自建机房,"),
        ("外网,10.1.0.0/16,政务云,", "外网,10.1.2.0/24,自建机房,"),
        ("外网,10.1.2.0/24,自建机房,", "外网,10.0.0.0/8,政务外网,"),
        ("外网,10.1.0.0/16,政务云,", "外网,10.1.0.9,共享交换平台,"),
        ("外网,10.1.0.0/16,政务云,", "外网,2001:db8::/32,自建机房,"),
        ("互联网,203.0.113.7,政务云,10.1.2.3",),
    ],
)  # fmt: skip
def test_ranges_that_may_stand_beside_each_other(rows: Sequence[str]) -> None:
    assert ranges(*rows) == []


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            ("外网,10.1.0.0/16,政务云,", "外网,10.1.0.0-10.1.255.255,自建机房,"),
            [("第 3 行", "第 2 行重复"), ("第 3 行", "10.1.0.0/16")],
        ),
        (("外网,10.1.0.0-10.1.0.9,政务云,", "外网,10.1.0.9-10.1.0.12,政务外网,"), [("第 3 行", "10.1.0.0-10.1.0.9")]),
        (("外网,2001:db8::-2001:db8::9,政务云,", "外网,2001:db8::8-2001:db8::f,互联网,"), [("第 3 行", "2001:db8::-")]),
        (("外网,10.1.0.0/24,政务云,", "外网,10.1.0.0-10.1.0.255,政务云,"), [("第 3 行", "第 2 行重复")]),
        (("外网,203.0.113.0/24,政务云,10.1.2.3",), [("第 2 行", "一个一行")]),
        (
            ("外网,10.0.0.0/15,政务云,", "外网,10.1.0.0/16,政务云,", "外网,10.1.2.0-10.2.0.9,自建机房,"),
            [("第 4 行", "10.0.0.0/15"), ("第 4 行", "10.1.0.0/16")],
        ),
    ],
)  # fmt: skip
def test_ranges_that_contradict_each_other(rows: Sequence[str], told: list[tuple[str, str]]) -> None:
    found = ranges(*rows)
    assert [place for place, _ in found] == [place for place, _ in told]
    assert all(part in what for (_, what), (_, part) in zip(found, told, strict=True))


def test_a_name_is_used_once_however_it_is_spaced() -> None:
    found = read_text(
        "信息系统名称,系统部署路径\n门户 网站,师市政务云\n门户网站,师市政务云\nＯＡ,师市政务云\noa,师市政务云\n",
        unit="教育局",
    )
    assert [(one.place.zh, one.what.zh) for one in repeated(found.rows)] == [
        ("第 3 行", "“门户网站”与第 2 行重复"), ("第 5 行", "“oa”与第 4 行重复"),
    ]  # fmt: skip


def test_endpoints_are_told_apart_by_network_and_exemptions_by_what_they_exempt() -> None:
    found = read_text("资产标识,地址域\na,外网\na,内网\na,外网\n")
    assert [one.place.zh for one in repeated(found.rows)] == ["第 4 行"]
    text = "批准文号,批准机关,批准机关类别,有效期至,检查项,资产,理由\n"
    rows = "1,甲,市级,2027-01-01,x/a,门户,乙\n1,甲,市级,2027-01-01,x/b,门户,乙\n2,甲,市级,2027-01-01,x/a,门户,乙\n"
    assert [one.place.zh for one in repeated(read_text(text + rows).rows)] == ["第 4 行"]
