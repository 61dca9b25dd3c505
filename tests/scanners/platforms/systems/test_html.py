"""Pages: what they say and where they lead, written well, badly and with malice; all made by hand."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.platforms.systems import html
from scanners.platforms.systems.html import links, title, visible_text

BASE = "http://www.jyj.example/zwgk/index.html?a=1"

PORTAL = """\
<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="gbk">
<title>
  第四师教育局
  门户网站 </title>
<style>body { content: "样式" }</style><script>document.write("<p>脚本</p>")</script>
<link rel="stylesheet" href="/css/a.css">
</head><body>
<noscript>请启用<a href="/noscript.html">脚本</a></noscript><!-- 注释 <a href="/comment.html">x</a> -->
<h1>通知&nbsp;公告</h1>
<ul><li><a href="tz/1.html#top">关于<b>开学</b>的通知</a><li><a href='/zwgk/tz/2.html'>第二条&amp;附件</a></ul>
<p hidden>藏起来的</p><div style="color:red; DISPLAY : none">也藏起来的<p>里面的</p></div><p>看得见的</p>
<a href="http://WWW.jyj.example:80/zwgk/tz/1.html">重复</a><a href="https://oa.jyj.example/">办公</a>
<a href="#here">本页</a><a href="">空</a><a>无</a><a href="javascript:void(0)">脚本</a><a href="mailto:a@jyj.example">邮件</a>
<a href="tel:110">电话</a><a href="//other.example/x?y=1&amp;z=2">外面</a>
<map><area href="../map.html"></map><iframe src="/frame.html">没有框架</iframe>
<svg><title>图标</title><text>图</text></svg><template>模板</template>
<textarea>意见</textarea><select><option>甲<option>乙</select>
</body></html>
"""


def test_a_page() -> None:
    assert title(PORTAL) == "第四师教育局 门户网站"
    assert visible_text(PORTAL) == (
        "通知 公告 关于开学的通知 第二条&附件 看得见的 重复办公 本页空无脚本邮件 电话外面 图 意见 甲 乙"
    )
    assert links(PORTAL, BASE) == (
        "http://www.jyj.example/noscript.html",
        "http://www.jyj.example/zwgk/tz/1.html",
        "http://www.jyj.example/zwgk/tz/2.html",
        "https://oa.jyj.example/",
        "http://other.example/x?y=1&z=2",
        "http://www.jyj.example/map.html",
        "http://www.jyj.example/frame.html",
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("plain words", "plain words"),
        ("<p>a</p></b></p>b", "a b"),
        ("<table><tr><td>1<td>2</table>x<br>y", "1 2 x y"),
        ("a<span hidden=until-found>b</span>c", "ac"),
        ("a<i style='visibility:hidden'>b</i>c", "ac"),
        ("<div hidden>a<p>b", ""),
        ("<div hidden>a</div>b", "b"),
        ("a&lt;b&gt;&#x4e2d;&unknown;", "a<b>中&unknown;"),
        ("<frameset><frame src=a><noframes>c</noframes></frameset>", ""),
        ("<script>a", ""),
        ("<!-- a", ""),
        ("", ""),
        (" \n\t ", ""),
        ("a\0b", "a\ufffdb"),
        ("\ud800a", "?a"),
        ("<a" * 10, ""),
    ],
)
def test_what_is_seen(body: str, text: str) -> None:
    assert visible_text(body) == text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<title>a</title><title>b</title>", "a"),
        ("<svg><title>a</title></svg><title>b</title>", "b"),
        ("<body><p>x</p><title>late</title>", "late"),
        ("<title>a <b>c</b></title>", "a <b>c</b>"),
        ("<title>a\r\n\tb", "a b"),
        ("<title></title>", ""),
        ("<p>a", ""),
        ("<title>" + "长" * 300 + "</title>", "长" * 200),
    ],
)
def test_titles(body: str, expected: str) -> None:
    assert title(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<base href='/new/'><a href=x>", ("http://www.jyj.example/new/x",)),
        ("<a href=x><base href=//cdn.example/><base href=/no/>", ("http://cdn.example/x",)),
        ("<base href='javascript:x'><a href=x>", ("http://www.jyj.example/zwgk/x",)),
        ("<base href=''><a href=x>", ("http://www.jyj.example/zwgk/x",)),
        ("<meta http-equiv=Refresh content=\"0; URL='/new/'\">", ("http://www.jyj.example/new/",)),
        ("<meta http-equiv=refresh content='5;/new/'>", ("http://www.jyj.example/new/",)),
        ("<meta http-equiv=refresh content='0.5 , url = new'>", ("http://www.jyj.example/zwgk/new",)),
        ("<meta http-equiv=refresh content='5'>", ()),
        ("<meta http-equiv=refresh content='url=/new/'>", ()),
        ("<meta name=refresh content='0;url=/new/'>", ()),
        ("<noscript><meta http-equiv=refresh content='0;url=/new/'></noscript>", ()),
        (
            "<frameset><frame src=a><frame src=b></frameset>",
            ("http://www.jyj.example/zwgk/a", "http://www.jyj.example/zwgk/b"),
        ),
        ("<link href=a><img src=b><script src=c></script><form action=d></form>", ()),
        ("<a href='http://user:word@www.jyj.example/'>", ()),
        ("<A HREF=' /x '>", ("http://www.jyj.example/x",)),
    ],
)
def test_where_a_page_leads(body: str, expected: tuple[str, ...]) -> None:
    assert links(body, BASE) == expected


def test_links_are_bounded() -> None:
    found = links("".join(f"<a href={n}>" for n in range(5000)), BASE)
    assert len(found) == 2000
    assert found[-1] == "http://www.jyj.example/zwgk/1999"
    assert links("<a href='/" + "x" * 5000 + "'><a href=y>", BASE) == ("http://www.jyj.example/zwgk/y",)


def test_what_the_page_says_of_its_charset_does_not_matter() -> None:
    for said in (
        "<meta charset=gbk>",
        "<?xml version='1.0' encoding='gbk'?>",
        "<meta http-equiv=content-type content='text/html;charset=big5'>",
    ):
        assert visible_text(said + "<p>教育局") == "教育局"


def test_nothing_is_looked_up(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP", "utf-8")
    for body in (
        f"<!DOCTYPE html [<!ENTITY x SYSTEM 'file://{secret}'>]><p>&x;</p>",
        f"<!DOCTYPE html SYSTEM 'file://{secret}'><p>a</p>",
        f"<html xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='file://{secret}' parse='text'/></html>",
        f"<?xml-stylesheet href='file://{secret}'?><p>a</p>",
    ):
        assert "TOP" not in visible_text(body)


def test_entities_do_not_grow() -> None:
    body = "<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><p>&b;</p>"
    assert len(visible_text(body)) < len(body)


@pytest.fixture
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    html._read.cache_clear()
    monkeypatch.setattr(html, "PIECE", 3)
    yield
    html._read.cache_clear()


@pytest.mark.usefixtures("_small_pieces")
def test_a_page_in_small_pieces_is_the_same_page() -> None:
    test_a_page()


MEGABYTE = 1_000_000
FLOODS = {
    "open": "<" * MEGABYTE,
    "tags without end": "<a " * (MEGABYTE // 3),
    "deep": "<div>" * (MEGABYTE // 5),
    "deep and closed by others": "<div>" * (MEGABYTE // 10) + "</b>" * (MEGABYTE // 8),
    "nearly too deep and closed by others": "<div>" * 900 + "</b>" * (MEGABYTE // 4),
    "paragraphs": "<p>" * (MEGABYTE // 3),
    "attributes": "<a " + " ".join(f"x{n}=1" for n in range(MEGABYTE // 8)) + ">",
    "one attribute": "<a href='" + "x" * MEGABYTE + "'>",
    "one name": "<" + "a" * MEGABYTE + ">",
    "comments": "<!--" * (MEGABYTE // 4),
    "scripts": "<script>" + "</script" * (MEGABYTE // 8),
    "references": "&" * MEGABYTE,
    "titles": "<svg>" + "<title></title>" * (MEGABYTE // 15),
    "nothing": "\0" * MEGABYTE,
    "links": "<a href=javascript:x>" * (MEGABYTE // 21),
    "steps": ("<a href='" + "/.." * 1300 + "'>") * 250,
    "refreshes": ("<meta http-equiv=refresh content='1" + " " * 4000 + "x'>") * 250,
    "styles": "<p style='" + "display  " * (MEGABYTE // 9) + "'>",
    "text": "教育 " * (MEGABYTE // 3),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_megabyte_is_read_in_bounded_time(flood: str) -> None:
    began = time.process_time()
    body = FLOODS[flood]
    visible_text(body)
    title(body)
    links(body, BASE)
    assert time.process_time() - began < 5


def test_a_page_that_is_nested_too_deeply_is_read_as_far_as_it_goes() -> None:
    body = "<p>before</p>" + "<div>" * 20_000 + "after"
    assert visible_text(body) == "before"
    assert visible_text("<font>" * 500 + "old") == "old"


PIECES = st.sampled_from([
    "<a href=x>", "</a>", "<p hidden>", "<div>", "</div>", "<title>", "</title>", "<svg>", "<script>", "</script>", "<!--", "-->",
    "<base href=", "<meta http-equiv=refresh content='0;url=", "<iframe src='", "'", '"', ">", "<", "&", "&#", "&#0;", "&amp;",
    "\0", "\ud800", "\ufeff", "<![CDATA[", "]]>", "<?xml encoding='utf-16'?>", "<!DOCTYPE", "<plaintext>", "<table>", "字", " ",
])  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)), st.text())
def test_no_page_raises(body: str, base: str) -> None:
    text = visible_text(body)
    assert text == " ".join(text.split())
    assert len(title(body)) <= 200
    found = links(body, base) + links(body, BASE)
    assert all(one.startswith(("http://", "https://")) and "#" not in one for one in found)
