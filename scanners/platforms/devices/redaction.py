"""Hides secrets in what network devices answer, before anybody keeps it: every reader reads the rest as it was."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from scanners.platforms.devices import VENDORS
from scanners.platforms.devices import redaction_words as table
from scanners.platforms.devices.commands import SHARED, beginning_of
from scanners.platforms.devices.redaction_blocks import SHORTEST, Blocks, banners
from scanners.platforms.devices.redaction_lines import (
    ADDRESS,
    MARK,
    Span,
    Word,
    dangling,
    hints_in,
    in_inner,
    in_label,
    in_marks,
    in_positions,
    in_statement,
    is_safe,
    labels_of,
    words_of,
)
from scanners.platforms.devices.redaction_views import LONGEST, View, views

FULL = 70
"""A line shorter than that was not parted by the width of a terminal."""

_CONFIGURATION = re.compile(r"\b(?:configuration|(?:running|startup|saved)-config|this)\b", re.IGNORECASE)
_STATEMENT = re.compile(r"[a-z][a-z0-9-]*\Z")
_KEYWORD = re.compile(r"[A-Za-z][A-Za-z-]*|\d{1,3}")
_NO_REST = re.compile(r"[#!<\[%^]|\*.?\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MASK = "*" * 8
_HEADED = 3
_NUMBER = 3  # digits of what numbers a key, or tells how it is written, at the end of a line


class Redacted(NamedTuple):
    """A text without its secrets, and the sorted names of the forms that were found in it."""

    text: str
    forms: tuple[str, ...]


def redact(platform: str, source: str, text: str, tag: Callable[[str], str]) -> Redacted:
    """Put `<redacted:FORM:TAG>` in the place of every secret that the answer to the command `source` shows.

    `tag` gives 8 hexadecimal digits for a secret, equal for equal ones, and must tell nothing else of it. Lines stay as
    many as they are, and all other words stay. A text that was redacted is given back as it is. In a configuration, and
    in an answer of which nothing is known, what stands behind a word that announces a secret is hidden even where its
    shape is not known; what people wrote in descriptions and banners is hidden only behind a label or in a URL.
    """
    lines = text.splitlines(keepends=True)
    work = _Work(source, text, tag, strict=_strict(platform, source))
    if work.strict:
        work.banners = banners(lines)
    written = [work.line(number, line) for number, line in enumerate(lines)]
    return Redacted("".join(written), tuple(sorted(work.forms)))


def _strict(platform: str, source: str) -> bool:
    """Tell whether an answer is to be taken for a configuration: it is one, or nothing is known of it."""
    vendor = VENDORS.get(platform)
    if vendor is None or not vendor.knows(source) or source in SHARED:
        return True
    return beginning_of(source) not in vendor.vrf_tables and _CONFIGURATION.search(source) is not None


class _Open(NamedTuple):
    """What the line before left open: its text; of which form its last secret was, and what closes it where that is known."""

    text: str
    form: str
    mark: str


class _Work:
    """One text while it is redacted, line by line."""

    def __init__(self, source: str, text: str, tag: Callable[[str], str], *, strict: bool) -> None:
        self.strict = strict
        self.forms: set[str] = set()
        self.banners: Mapping[int, str] = {}
        self._labels = labels_of(source)
        self._hints = table.HINTS if "\b" in text or "\x1b" in text else hints_in(_CONTROL.sub("", text))
        self._tag = tag
        self._head: tuple[str, ...] = ()
        self._open: _Open | None = None
        self._blocks = Blocks(strict)

    def line(self, number: int, line: str) -> str:
        """Give one line, with its break, as it may be kept."""
        body = line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
        if not body or body.isspace():
            return line
        if len(body) < SHORTEST and self._plain(body):
            self._remember(body)
            return line
        if len(body) > LONGEST:
            return self._long(body) + line[len(body) :]
        delimiter = self.banners.get(number, "")
        spans: list[Span] = []
        for view in views(body):
            spans += [view.at_home(span) for span in self._found(view, banner=bool(delimiter))]
        return self._written(body, spans, delimiter) + line[len(body) :]

    def _plain(self, body: str) -> bool:
        """Tell at once that there is nothing in a line, as in most."""
        outside = self._open is None and not self._labels and self._blocks.idle
        return outside and not _CONTROL.search(body) and not self._hinted(body) and "certificate" not in body

    def _hinted(self, text: str) -> bool:
        low = text.lower()
        return any(hint in low for hint in self._hints)

    def _long(self, body: str) -> str:
        """A line of such a length says nothing that is read: where it may hold a secret it goes as a whole."""
        self._open = None
        if MARK.fullmatch(body) or not self._hinted(_CONTROL.sub("", body)):
            return body
        return self._marked(body, "long-line")

    def _found(self, view: View, *, banner: bool) -> list[Span]:
        text = view.text
        if not text.strip():
            return []  # the pager alone: what it parted goes on below
        if not view.first:
            return [*self._of_statement(text, banner=banner), *in_marks(text)] if self._hinted(text) else []
        before, self._open = self._open, None
        whole = self._blocks.span(text)
        if whole is not None:
            return [whole]
        spans = self._rest(text, before) if before is not None else []
        if (labelled := in_label(text, self._labels)) is not None:
            return [*spans, *labelled]
        if spans or self._hinted(text) or len(text) >= FULL:
            spans += self._of_statement(text, banner=banner)
            if self.strict and not banner:
                spans += in_positions(text)
                if not is_safe(text):
                    self._leave_open(text, spans)
            spans += [*in_inner(text), *in_marks(text)]
        self._remember(text)
        return spans

    def _of_statement(self, text: str, *, banner: bool) -> list[Span]:
        words = words_of(text)
        if not words or is_safe(text) or not ((self.strict and not banner) or words[0].low in table.OPENERS):
            return []
        return in_statement(words, self._head if text[0] in "\t " else ())

    def _remember(self, text: str) -> None:
        if text[:1] not in ("", " ", "\t"):
            self._head = tuple(text.lower().split(None, _HEADED)[:_HEADED])

    def _leave_open(self, text: str, spans: Sequence[Span]) -> None:
        """Remember a statement that the width of a terminal may have parted."""
        words = words_of(text)
        if MARK.search(text):
            return  # its own length was another
        full = len(text) >= FULL
        last = max(spans, key=lambda span: span.end, default=None)
        if last is None or last.end < words[-1].end:
            if full and (last is None or _KEYWORD.fullmatch(words[-1].text) or words[-1].low in table.ALGORITHMS):
                self._open = _Open(text, "", "")
            return
        piece = text[last.start : last.end]
        if cut := table.OPEN_CIPHER.search(piece):
            if not table.CLOSED_CIPHER.search(piece):
                self._open = _Open(text, last.form, cut[1])
        elif full:
            self._open = _Open(text, last.form, "")

    def _rest(self, text: str, before: _Open) -> list[Span]:
        """Find what belongs to the secret of the line before, where that is certain."""
        words = words_of(text)
        if not words or _NO_REST.match(words[0].text) or words[0].low in table.STATEMENTS_OF_ONE_WORD:
            return []
        if not before.form:
            return self._secret_below(text, before.text)
        found = self._rest_of_secret(text, words, before)
        return found if found or before.mark or is_safe(text) else self._secret_behind_form(text, before.text)

    def _secret_behind_form(self, text: str, above: str) -> list[Span]:
        """Find the secrets of a line where what the line above ends in may say how one is written, or be one."""
        last = above.rsplit(maxsplit=1)[-1].lower()
        known = last in table.BEFORE_SECRETS or (last.isdecimal() and len(last) <= _NUMBER) or ADDRESS.fullmatch(last)
        return self._secret_below(text, above, doubtful=True) if known else []

    def _secret_below(self, text: str, above: str, *, doubtful: bool = False) -> list[Span]:
        """Find the secrets of a line whose first word, or the word before it, announces one only with the line above."""
        indent = len(text) - len(text.lstrip())
        found: list[Span] = []
        for between in ("", " "):
            joined = above.rstrip() + between + text.lstrip()
            border = len(joined) - len(text.lstrip())
            words = words_of(joined)
            above_it = [word for word in words if word.start < border]
            bare = not in_statement(above_it, self._head) and not is_safe(text)
            if doubtful or bare or dangling(above_it, self._head):
                found += [
                    Span(max(span.start, border) - border + indent, span.end - border + indent, span.form)
                    for span in [*in_statement(words, self._head), *in_positions(joined)]
                    if span.end > border
                ]
        return found

    @staticmethod
    def _rest_of_secret(text: str, words: Sequence[Word], before: _Open) -> list[Span]:
        first = words[0]
        if MARK.fullmatch(first.text):
            return []
        if before.mark:
            closing = text.find(before.mark)
            if closing < 0 and len(before.text) < FULL:
                return []
            return [Span(first.start, max(first.end, closing + len(before.mark)), before.form)]
        below = first.start == 0 and (len(words) == 1 or not _STATEMENT.match(first.low))
        return [Span(first.start, first.end, before.form)] if below else []

    def _written(self, body: str, spans: Sequence[Span], delimiter: str) -> str:
        if not spans:
            return body
        pieces: list[str] = []
        at = 0
        for span in _parted(_merged(spans), body, delimiter):
            piece = body[span.start : span.end]
            if MARK.fullmatch(piece):
                continue
            mark = self._marked(piece, span.form)
            pieces += (body[at : span.start], _hidden(mark, delimiter))
            at = span.end
        return "".join(pieces) + body[at:]

    def _marked(self, secret: str, form: str) -> str:
        self.forms.add(form)
        return f"<redacted:{form}:{self._tag(secret.strip(chr(34)))}>"


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Join what overlaps; the form is that of the longer piece."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if span.start >= span.end:
            continue
        if found and span.start < found[-1].end:
            last = found[-1]
            found[-1] = Span(last.start, max(last.end, span.end), last.form)
        else:
            found.append(span)
    return found


def _parted(spans: Iterable[Span], body: str, delimiter: str) -> Iterable[Span]:
    """Leave the delimiter of a banner where it stands."""
    for span in spans:
        start = span.start
        while delimiter and (at := body.find(delimiter, start, span.end)) >= 0:
            if at > start:
                yield Span(start, at, span.form)
            start = at + len(delimiter)
        if start < span.end:
            yield Span(start, span.end, span.form)


def _hidden(mark: str, delimiter: str) -> str:
    """What is put in place of a secret must not end the banner that it stands in."""
    if not delimiter or delimiter not in mark:
        return mark
    return _MASK if delimiter not in _MASK else _MASK.replace("*", "#")
