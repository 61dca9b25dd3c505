"""What a page says and where it leads: its visible text, its title and its links, whoever wrote it and however badly.

Read by libxml2 as a stream of tags: a tree of its making takes time by the square of a tag's attributes, and a stream by
the square of unclosed tags, so reading ends where those are nested too deeply. Nothing is fetched, no entity is looked up.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from scanners.platforms.systems.urls import resolve

if TYPE_CHECKING:
    from lxml.etree import ParserTarget

MOST_LINKS = 2000
MOST_REFERENCES = 20_000
LONGEST_REFERENCE = 4096
LONGEST_TITLE = 200
LONGEST_BODY = 4_000_000
DEEPEST = 1000
PIECE = 16_384
KEPT_PAGES = 16  # text, title and links of a page are asked for one after the other, and pages are held together

_UNSEEN = frozenset({"script", "style", "noscript", "template", "title", "iframe", "noembed", "noframes", "object"})
_IN_LINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "label", "mark", "nobr", "q", "rb", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var", "wbr",
})  # fmt: skip
_REFERENCES = {"a": "href", "area": "href", "iframe": "src", "frame": "src"}
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_REFRESH = re.compile(r"[0-9.]+(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?(.*)", re.IGNORECASE | re.DOTALL)


def visible_text(body: str) -> str:
    """Give the text that a reader sees, runs of blanks as one blank; empty where there is none.

    Scripts, styles, comments and what is hidden by an attribute are not seen.
    """
    return _read(body).text


def title(body: str) -> str:
    """Give the page's title on one line, its first 200 characters; empty where it has none."""
    return _read(body).title


def links(body: str, base_url: str) -> tuple[str, ...]:
    """Give where the page leads by http and https: absolute, without fragments, each once, in order, 2,000 at most.

    Links, image maps, frames and refreshes count; places within the page itself, mail and scripts do not.
    """
    page = _read(body)
    base = resolve(base_url, page.base) or base_url if page.base else base_url
    found: dict[str, None] = {}
    for reference in page.references:
        if url := resolve(base, reference):
            found.setdefault(url)
            if len(found) == MOST_LINKS:
                break
    return tuple(found)


class _Page:
    """Takes a parser's stream of tags. Each open one remembers whether what it holds is seen."""

    def __init__(self) -> None:
        self.text = ""
        self.title = ""
        self.base = ""
        self.references: list[str] = []
        self.depth = 0
        self._open: list[tuple[str, bool]] = []
        self._drawings = 0
        self._pieces: list[str] = []
        self._named: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        seen = self._seen and tag not in _UNSEEN and not _is_hidden(attributes)
        if tag == "title" and self._named is None and not self._drawings:
            self._named = []
        self._note(tag, attributes)
        self._open.append((tag, seen))
        self._drawings += tag == "svg"
        self.depth = len(self._open)
        self._between(tag)

    def end(self, tag: str) -> None:
        while self._open:
            name, _ = self._open.pop()
            self._drawings -= name == "svg"
            if name == "title" and self._named is not None and not self.title:
                self.title = _on_one_line("".join(self._named))
            if name == tag:
                break
        self._between(tag)

    def data(self, text: str) -> None:
        if self._seen:
            self._pieces.append(text)
        elif self._named is not None and self._open[-1][0] == "title" and not self.title:
            self._named.append(text)

    def close(self) -> None:
        while self._open:
            self.end(self._open[-1][0])

    def finish(self) -> "_Page":
        """Put together what was read, wherever reading ended."""
        self.close()
        self.text = _on_one_line("".join(self._pieces))
        self.title = self.title[:LONGEST_TITLE].rstrip()
        self._pieces.clear()
        return self

    @property
    def _seen(self) -> bool:
        return self._open[-1][1] if self._open else True

    def _between(self, tag: str) -> None:
        if tag not in _IN_LINE:
            self._pieces.append(" ")

    def _note(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Keep where a tag leads."""
        if tag == "base" and not self.base:
            self.base = attributes.get("href", "").strip()
        reference = attributes.get(_REFERENCES.get(tag, ""), "")
        if tag == "meta" and self._seen and attributes.get("http-equiv", "").strip().lower() == "refresh":
            reference = _refreshed(attributes.get("content", ""))
        reference = reference.strip() if len(reference) <= LONGEST_REFERENCE else ""
        if reference and not reference.startswith("#") and len(self.references) < MOST_REFERENCES:
            self.references.append(reference)


@lru_cache(maxsize=KEPT_PAGES)
def _read(body: str) -> _Page:
    """Read a page as far as it can be read."""
    from lxml import etree  # noqa: PLC0415  # what takes long to load is loaded when it is used

    page = _Page()
    parser = etree.HTMLParser(
        target=cast("ParserTarget[None]", page), encoding="utf-8", recover=True, no_network=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        for piece in _pieces(body):
            parser.feed(piece)
            if page.depth > DEEPEST:
                break
        else:
            parser.close()
    except etree.LxmlError:
        pass
    return page.finish()


def _pieces(body: str) -> Iterator[bytes]:
    """Cut a page between characters, so that what a piece can cost is bounded. No NUL: some versions end there."""
    text = body[:LONGEST_BODY].replace("\0", "\ufffd")
    for at in range(0, len(text), PIECE):
        yield text[at : at + PIECE].encode("utf-8", "replace")


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(_NOT_SHOWN.search(attributes.get("style", "")))


def _refreshed(content: str) -> str:
    """Give where a refresh such as `0; url='/new/'` leads; empty where it only loads the page again."""
    found = _REFRESH.match(content[:LONGEST_REFERENCE].strip())
    target = found[1].strip() if found else ""
    if target[:1] in {"'", '"'}:
        target = target[1:].partition(target[0])[0]
    return target


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
