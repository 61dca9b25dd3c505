"""How alike a filed system and an observed name or address are, and why: grounds for a proposal, never for a match.

The measure for titles: difflib's ratio (twice the characters in matching runs over all characters) in per mille, of both
texts without blanks, punctuation and the words that every login page has; taken once more without words such as 系统 and
平台, which most names share, and the lesser of the two counts.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from inventories.ledger_services import read_offered
from xunyan.model import Asset

ENOUGH = 600
"""From how many per mille a title counts."""
SAME_CERTIFICATE, CERTIFIED_NAME, SAME_ADDRESS, SAME_DOMAIN = 900, 950, 850, 500
_EVERYWHERE = re.compile(
    r"欢迎(?:您|你)?(?:访问|使用|登录|登陆|来到|光临)?|(?:用户|管理员|后台|统一|单点)?(?:登录|登陆)(?:页面?|界面|入口)?"
    r"|首页|主页|官方网站|官网|welcome|login|home"
)
_COMMON = re.compile(r"管理|信息|综合|服务|系统|平台|网站|门户|网$")
_TOP = frozenset({"cn", "com", "net", "org", "gov", "edu", "ac", "mil", "xj", "bj", "nm", "nx"})
"""Labels under which names are given to anybody: sharing them says nothing."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two may be one: `kind` title, certificate, same-certificate, address or domain; what each side says."""

    kind: str
    score: int
    filed: str
    found: str


@dataclass(slots=True)
class Sighted:
    """A system with all by which it may be known: hosts that are filed of it or named by its key, and what was seen."""

    asset: Asset
    hosts: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    certified: dict[str, frozenset[str]] = field(default_factory=dict)
    """digest of a certificate -> its names"""

    def offer(self, texts: Iterable[str]) -> None:
        """Add names and addresses as people filed them."""
        for text in texts:
            one = read_offered(text)
            if one is not None:
                (self.hosts if one.is_name else self.addresses).add(one.host)

    def see(self, name: str, facts: Iterable[Mapping[str, object]]) -> None:
        """Add what was observed under a name: pages, certificates or names."""
        for fact in facts:
            if name == "pages" and fact.get("outcome") == "answered" and fact.get("title"):
                self.titles.add(str(fact["title"]))
            elif name == "certificates" and fact.get("outcome") == "ok":
                names = fact.get("names")
                self.certified[str(fact.get("sha256"))] = frozenset(names if isinstance(names, list) else ())
            elif name == "names":
                for family in ("v4", "v6"):
                    found = fact.get(family)
                    self.addresses.update(found if isinstance(found, list) else ())


@lru_cache(maxsize=8192)  # each is compared with many
def normal(text: str) -> str:
    """Bring a title or name to the form that is compared."""
    flat = unicodedata.normalize("NFKC", text).casefold()
    bare = _EVERYWHERE.sub("", "".join(character for character in flat if character.isalnum()))
    return bare[:100]


def likeness(one: str, other: str) -> int:
    """Say in per mille how alike two texts in their normal form are."""
    if one == other:
        return 1000 if one else 0
    short = (_COMMON.sub("", one), _COMMON.sub("", other))
    if not set(short[0]) & set(short[1]):  # most pairs: nothing is alike but what all names share
        return 0
    return min(_ratio(*short), _ratio(one, other))


def _ratio(one: str, other: str) -> int:
    return round(difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() * 1000)


def reasons(filed: Sighted, found: Sighted) -> tuple[Reason, ...]:
    """List why a found name or address may be a filed system, the strongest first; empty where nothing speaks for it."""
    told = [*_titles(filed, found), *_certificates(filed, found), *_places(filed, found)]
    return tuple(sorted(told, key=lambda one: (-one.score, one.kind, one.filed, one.found)))


def _titles(filed: Sighted, found: Sighted) -> Iterator[Reason]:
    name = normal(filed.asset.name)
    best = max(((likeness(name, normal(title)), title) for title in sorted(found.titles)), default=(0, ""))
    if best[0] >= ENOUGH:
        yield Reason("title", best[0], filed.asset.name, best[1])


def _certificates(filed: Sighted, found: Sighted) -> Iterator[Reason]:
    for names in found.certified.values():
        for name in sorted(names & filed.hosts):
            yield Reason("certificate", CERTIFIED_NAME, name, name)
    for names in filed.certified.values():
        for name in sorted(names & found.hosts):
            yield Reason("certificate", CERTIFIED_NAME, name, name)
    for mark in sorted(filed.certified.keys() & found.certified.keys()):
        if not any(name.startswith("*.") for name in filed.certified[mark]):  # a wildcard is whole departments'
            yield Reason("same-certificate", SAME_CERTIFICATE, mark[:16], mark[:16])


def _places(filed: Sighted, found: Sighted) -> Iterator[Reason]:
    if filed.asset.network == found.asset.network:
        for address in sorted(filed.addresses & found.addresses):
            yield Reason("address", SAME_ADDRESS, address, address)
    domains = {domain(host): host for host in sorted(filed.hosts)}
    for host in sorted(found.hosts):
        above = domain(host)
        if above and above in domains and host not in filed.hosts:
            yield Reason("domain", SAME_DOMAIN, domains[above], host)
            return


def domain(host: str) -> str:
    """Give the domain that a host's name stands in, empty where anybody may have a name there."""
    above = host.split(".")[1:]
    return ".".join(above) if len(above) > 1 and not all(label in _TOP for label in above) else ""
