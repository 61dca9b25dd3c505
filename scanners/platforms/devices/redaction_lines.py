"""Which pieces of one line of a network device are secrets: by the statement that it is, by labels, by their own marks."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from scanners.platforms.devices import redaction_words as table
from scanners.platforms.devices.redaction_words import Trigger

MARK = re.compile(r"<redacted:[a-z-]{1,24}:[0-9a-f]{8}>")
"""What stands in the place of a secret."""

_WORD = re.compile(r'"[^"]*"(?!\S)|\S+')
ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?")
_CHAINED = frozenset({"routing-key", "group-key"})
_OF_TARGETS = frozenset({"version", "ver", "udp-port", "vrf", "vpn-instance"})
_TYPE = 2  # digits of how a secret is written: `7`, `15`
_IDENTIFIER = 10
_WITH_SPI = frozenset({"ip", "ipv6", "area", "ospfv3", "authentication", "encryption"})
_NUMBER = 5  # digits of the longest number that a key has
_GROUPS = frozenset({"standby", "vrrp", "glbp"})
_PDUS = frozenset({"lsp", "snp", "hello"})
_LINKS = frozenset({"vlink-peer", "sham-link"})
_INNER = 8
_SERVERS = ("radius", "tacacs", "hwtacacs", "aaa", "server", "ldap")
_LICENSES = frozenset({"key", "activation-key", "activation-code", "auth-code", "code", "install", "active"})


class Span(NamedTuple):
    """A secret in a line: from where to where, and in which form it was found."""

    start: int
    end: int
    form: str


class Word(NamedTuple):
    """A word of a line with its place; `low` in lower case."""

    start: int
    end: int
    text: str
    low: str


def words_of(text: str) -> list[Word]:
    """Part a line into words; what stands in quotes is one."""
    return [Word(one.start(), one.end(), one[0], one[0].lower()) for one in _WORD.finditer(text)]


def hints_in(text: str) -> tuple[str, ...]:
    """List the hints that a whole text holds, of which a line needs at least one."""
    low = text.lower()
    return tuple(hint for hint in table.HINTS if hint in low)


def is_safe(text: str) -> bool:
    """Tell whether a statement holds no secret, whatever names stand in it."""
    bare = text.strip()
    return table.SAFE.match(bare) is not None and not table.NOT_SAFE.match(bare)


def labels_of(source: str) -> tuple[re.Pattern[str], ...]:
    """List how whole lines of the answer to a command show secrets."""
    return tuple(label for command, label in table.SOURCE_LABELS if command.search(source))


def in_label(text: str, labels: Sequence[re.Pattern[str]]) -> list[Span] | None:
    """Find the secret of a line that is one label with its value; None where it is no such line."""
    for label in labels:
        if match := label.fullmatch(text):
            return [] if MARK.fullmatch(match["secret"]) else [Span(*match.span("secret"), "label")]
    return None


def in_marks(text: str) -> list[Span]:
    """Find what shows by itself in any line: texts in cipher, passwords in URLs and behind labels."""
    found = [Span(*one.span(), "cipher-text") for one in table.CIPHER_TEXT.finditer(text)]
    found += [Span(*one.span("secret"), "url") for one in table.URL.finditer(text)]
    found += [
        Span(*one.span("secret" if one["secret"] else "credential"), "label") for one in table.LABEL.finditer(text)
    ]
    hidden = [one.span() for one in MARK.finditer(text)] if found else []
    return [one for one in found if not any(start <= one.start and one.end <= end for start, end in hidden)]


def in_positions(text: str) -> list[Span]:
    """Find the secrets of statements in which they stand behind no word of their own."""
    found = [Span(*one.span("secret"), form) for form, known in table.POSITIONS for one in known.finditer(text)]
    return [one for one in found if not MARK.search(text[one.start : one.end])]


def in_inner(text: str) -> list[Span]:
    """Find the secrets of statements that begin within a line: behind a prompt, or in a log of what was typed."""
    found: list[Span] = []
    for opening in islice(table.OPENING.finditer(text), _INNER):
        begin, rest = opening.end(), text[opening.end() :]
        spans = [*in_statement(words_of(rest), ()), *in_positions(rest)]
        found += [Span(one.start + begin, one.end + begin, one.form) for one in spans]
    return found


def in_statement(words: Sequence[Word], head: Sequence[str]) -> list[Span]:
    """Find the secrets of a statement of a configuration that stands under the statement `head`.

    Behind a word that announces a secret, everything is one that is not known to be something else.
    """
    found: list[Span] = []
    at = 0
    while at < len(words):
        trigger = _announced(words, at, head)
        at = at + 1 if trigger is None else _taken(words, at, trigger, head, found)
    return found


def dangling(words: Sequence[Word], head: Sequence[str]) -> bool:
    """Tell whether a statement ends where its secret should begin."""
    at = len(words) - 1
    while at > 0 and (words[at].low in table.FORMS_OF_TEXT | table.ALGORITHMS or words[at].text.isdecimal()):
        if _announced(words, at, head) is not None:
            return True
        at -= 1
    return at >= 0 and _announced(words, at, head) is not None


def _announced(words: Sequence[Word], at: int, head: Sequence[str]) -> Trigger | None:
    low = words[at].low
    if words[_undone(words)].low.startswith("snmp"):
        special = _of_snmp(words, at)
        if special is not None or low == "community":
            return special
    if low == "key" and _is_identifier(words, at, head):
        return None
    if low == "cipher" and at + 1 < len(words) and table.CIPHERS.fullmatch(words[at + 1].low):
        return None
    if low in table.TRIGGERS:
        return table.TRIGGERS[low]
    if low in table.NO_KEYS:
        return None
    return next((own for end, own in table.ENDINGS if low.endswith(end)), None) or _of_place(words, at, head)


def _undone(words: Sequence[Word]) -> int:
    """Give where a statement begins behind `no`, `undo`, `do` or `default`."""
    return 1 if len(words) > 1 and words[0].low in ("no", "undo", "do", "default") else 0


def _of_place(words: Sequence[Word], at: int, head: Sequence[str]) -> Trigger | None:
    """Give what a word announces in this statement alone."""
    low, first = words[at].low, words[0].low
    if low == "authentication":
        following = words[at + 1].low if at + 1 < len(words) else ""
        if following in table.ALGORITHMS or following in ("simple", "simple-password"):
            return table.ROUTING_KEY
        of_group = first in _GROUPS or (at == 0 and "isis" in head) or (at == 1 and first in _PDUS)
        return table.GROUP_KEY if of_group or (at == 2 and words[1].low in ("nhrp", "rsvp-te")) else None
    if first in _LINKS and (low in table.ALGORITHMS or low == "simple"):
        return table.ROUTING_KEY
    if low.startswith("hmac-") and first == "authentication":
        return table.GROUP_KEY
    if low == "spi" and first in _WITH_SPI:
        return table.IPSEC
    return table.LICENSE if first == "license" and at == 1 and low in _LICENSES else None


def _of_snmp(words: Sequence[Word], at: int) -> Trigger | None:
    begin = _undone(words)
    low, first = words[at].low, words[begin].low
    kind = words[begin + 1].low if len(words) > begin + 1 else ""
    if low in ("community-map", "security-name"):
        return table.COMMUNITY
    if low == "community":
        return table.COMMUNITY_OF_VRP if first == "snmp-agent" else table.COMMUNITY
    if low == "host" and at == begin + 1:
        return table.NOTIFIED
    if low in ("auth", "priv", "authentication-mode", "privacy-mode") and "user" in kind:
        return table.USER_KEY
    if low in ("v1", "v2c") and at == begin + 2 and kind == "usm-user":
        return table.NAMED_USER
    return None


def _is_identifier(words: Sequence[Word], at: int, head: Sequence[str]) -> bool:
    """Tell whether `key 1` numbers a key, as it does under a key chain."""
    return (
        at == 0
        and len(words) == 2
        and words[1].text.isdecimal()
        and (len(words[1].text) <= _NUMBER or any(one.startswith(("key-chain", "keychain", "chain")) for one in head))
        and not any(one.startswith(_SERVERS) for one in head)
    )


def _taken(words: Sequence[Word], at: int, trigger: Trigger, head: Sequence[str], found: list[Span]) -> int:
    """Take the secret that the word at `at` announces, if there is one; give where to look on."""
    end = len(words)
    begin = _behind_target(words, at) if trigger is table.NOTIFIED else at + 1
    if begin >= end or (words[begin].low in trigger.stops and not (trigger.form == "password" and at)):
        return at + 1
    secret = _first(words, begin, trigger)
    if secret is None:
        return at + 1
    if secret + 1 < end and _announced(words, secret, head) is not None:
        return secret  # it announces another: `pre-shared-key address 192.0.2.1 key cipher ...`
    last = secret
    if not trigger.keeps:
        rest = _behind(words, secret + 1, head)
        if rest < end and _announced(words, rest, head) is None:
            if rest == secret + 1:
                last = end - 1
            elif not all(MARK.fullmatch(one.text) for one in words[rest:]):
                found.append(Span(words[rest].start, words[-1].end, trigger.form))
            rest = end
    else:
        rest = secret + 1
    if not all(MARK.fullmatch(one.text) for one in words[secret : last + 1]):
        found.append(Span(words[secret].start, words[last].end, trigger.form))
    return rest


def _first(words: Sequence[Word], begin: int, trigger: Trigger) -> int | None:
    """Give where the secret stands, behind what says how it is written; None where there is none."""
    at, end = begin, len(words)
    near = False
    while at < end and (step := _step(words[at], trigger, near=near)):
        near = step == 1 and _is_last(words[at], trigger)
        at += step
    if at >= end and end - begin > 1 and words[-1].text.isdecimal() and _is_long(words[-2]):
        return end - 2  # a key of digits, and how it is written: `md5 12345678 7`
    if at >= end:
        alone = end - begin == 1 and (words[-1].low in table.LAST_FORMS or trigger.form in _CHAINED)
        return None if alone and at == end and not words[-1].text.isdecimal() else end - 1
    if words[at].low in ("key-chain", "keychain") and trigger.form in _CHAINED:
        return None
    numbered = at > begin and words[at - 1].text.isdecimal() and (not trigger.numbers or _is_long(words[at - 1]))
    return at - 1 if numbered and words[at].low in table.TAIL else at


def _is_long(word: Word) -> bool:
    return word.text.isdecimal() and len(word.text) > _NUMBER


def _step(word: Word, trigger: Trigger, *, near: bool) -> int:
    """Tell how many words from this one on stand before the secret; `near`: the word before announces it at once."""
    low = word.low
    if trigger.addresses and ADDRESS.fullmatch(low):
        return 1
    if near:
        return low == "encrypted" or (trigger.numbers and low in ("cipher", "plain"))
    if low in trigger.between or low in table.LAST_FORMS:
        return 1
    if low.isdecimal():
        return len(low) <= (_IDENTIFIER if trigger.numbers else _TYPE)
    return _narrow(low, trigger) if trigger.narrow else _wide(low, trigger)


def _narrow(low: str, trigger: Trigger) -> int:
    return 2 if trigger.form == "password" and low in table.TAKING_LOGIN else 0


def _wide(low: str, trigger: Trigger) -> int:
    if low in table.TAKING or (trigger is table.NOTIFIED and low in _OF_TARGETS):
        return 2
    return low in table.FORMS_OF_TEXT or low in table.ALGORITHMS or low in table.PLACES


def _is_last(word: Word, trigger: Trigger) -> bool:
    """Tell whether the secret itself follows a word."""
    numbered = word.text.isdecimal() and len(word.text) <= _TYPE and not trigger.numbers
    return numbered or word.low in table.LAST_FORMS


def _behind_target(words: Sequence[Word], at: int) -> int:
    """Pass over whom `snmp-server host` names."""
    at += 1
    while at < len(words) and words[at].low in ("vrf", "vpn-instance", "ipv6", "ip", "oob", "mng"):
        at += 2 if words[at].low.startswith("v") else 1
    at += 1
    if at < len(words) and words[at].low == "via":
        at += 3 if at + 2 < len(words) and words[at + 2].text.isdecimal() else 2
    return at


def _behind(words: Sequence[Word], at: int, head: Sequence[str]) -> int:
    """Pass over what may follow a secret without being of it."""
    end = len(words)
    while at < end:
        word = words[at]
        taking = table.TAIL.get(word.low)
        if taking is not None:
            at += 1
            named = at < end and words[at].low not in table.TAIL and _announced(words, at, head) is None
            at += taking if named else 0
        elif (
            MARK.fullmatch(word.text)
            or ADDRESS.fullmatch(word.text)
            or (word.text.isdecimal() and len(word.text) <= _TYPE and at == end - 1)
        ):
            at += 1
        else:
            break
    return min(at, end)
