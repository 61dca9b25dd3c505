"""The list of products that passed the safe-and-reliable evaluation (安全可靠测评), as dated data, and looking things up in it.

A product absent from a list that is not complete is not thereby wrong: a person has to look.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from xunyan.wording import Text

Confidence = Literal["high", "medium", "low"]
_SERIES = re.compile(r"([A-Z]{2,})(\d[A-Z0-9]*)")  # of `Kunpeng920`, `Kirin990` and `FT2000`, and not of `D2000`
_NO_NUMBER = ("HZ", "BIT", "C86")  # a clock rate, `Loongson-64bit`, and the name of a whole line


class ListHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the list is. `complete_through`: a person has copied whole tables up to that day; only then does absence count."""

    title: Text
    collected: date
    validity_years: Annotated[int, msgspec.Meta(ge=1, le=100)]
    complete_through: date | None = None


class Announcement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One announcement of results; products in it are listed from `published` until `expires`."""

    no: str
    source: str
    confidence: Confidence
    published: date | None = None
    expires: date | None = None
    url: str = ""


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One listed product in one announcement. A CPU matches by all its `tokens`, a system by family, version and pack."""

    category: Literal["cpu", "os-desktop", "os-server"]
    product: str
    source: str
    confidence: Confidence
    vendor: str = ""
    maker: str = ""
    level: int | None = None
    announcement: str = ""
    tokens: tuple[str, ...] = ()
    family: str = ""
    version: str = ""
    service_pack: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.level is not None and not 1 <= self.level <= 4:
            raise ValueError(f"level {self.level} of {self.product} is not one of 1 to 4")
        if self.category == "cpu" and not (self.vendor and self.tokens):
            raise ValueError(f"{self.product} needs vendor and tokens")
        if self.category != "cpu" and not self.family:
            raise ValueError(f"{self.product} needs family")


class NeverListed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A system that was in no announcement up to a day."""

    family: str
    name: str
    as_of: date
    source: str
    confidence: Confidence


class EvaluatedProducts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole list."""

    list: ListHead
    announcement: tuple[Announcement, ...] = ()
    product: tuple[Product, ...] = ()
    never_listed: tuple[NeverListed, ...] = ()

    def __post_init__(self) -> None:
        known = {one.no for one in self.announcement}
        unknown = sorted({one.announcement for one in self.product if one.announcement} - known)
        if unknown:
            raise ValueError(f"announcement not in the list: {', '.join(unknown)}")


@dataclass(frozen=True, slots=True)
class Listing:
    """A product found in the list, with the announcement it stands in (None where the list does not tell which)."""

    product: Product
    announcement: Announcement | None

    @property
    def proves(self) -> bool:
        """Tell whether it can decide: it is sourced, and names a product and not only a line of products."""
        return self.confidence != "low" and bool(self.product.version or self.product.tokens)

    @property
    def confidence(self) -> Confidence:
        """The weaker of the entry's and the announcement's."""
        rank = ("low", "medium", "high")
        other = self.announcement.confidence if self.announcement else "high"
        return min((self.product.confidence, other), key=rank.index)

    def in_force(self, day: date) -> bool | None:
        """Tell whether the listing stood on a day; None where its dates are not known."""
        if self.announcement is None or self.announcement.published is None or self.announcement.expires is None:
            return None
        return self.announcement.published <= day <= self.announcement.expires

    def is_to_come(self, day: date) -> bool:
        """Tell whether the announcement was published only after a day."""
        published = self.announcement.published if self.announcement else None
        return published is not None and day < published


def find_processor(products: EvaluatedProducts, vendor: str, model: str) -> tuple[Listing, ...]:
    """Find a CPU's listings: of the entries whose words all show, those that say the most."""
    words = _apart(_words(model))
    matching = [
        (len(wanted), one)
        for one in products.product
        if one.category == "cpu" and one.vendor == vendor and words.issuperset(wanted := _wanted(one.tokens))
    ]
    most = max((count for count, _ in matching), default=0)
    return _listings(products, [one for count, one in matching if count == most])


def has_number(model: str) -> bool:
    """Tell whether a CPU's name holds a number of a model: `Loongson-3 V0.3 FPU` and a maker's bare name hold none."""
    return any(
        len(word) >= 3 and any(c.isdigit() for c in word) and not word.endswith(_NO_NUMBER) for word in _words(model)
    )


def find_system(products: EvaluatedProducts, family: str, version: str, service_pack: str) -> tuple[Listing, ...]:
    """Find an operating system's listings: family, version and service pack must all be the entry's own.

    An entry without a version names the family only, so it is a lead and never proof: it is returned last.
    """
    same = [one for one in products.product if one.category != "cpu" and one.family == family]
    exact = [one for one in same if one.version == version and one.service_pack == service_pack and version]
    return _listings(products, exact + [one for one in same if not one.version])


def _listings(products: EvaluatedProducts, found: list[Product]) -> tuple[Listing, ...]:
    announcements = {one.no: one for one in products.announcement}
    return tuple(Listing(one, announcements.get(one.announcement)) for one in found)


def _words(model: str) -> list[str]:
    """Give the words of a CPU's name, without a clock rate behind @."""
    name = model.partition("@")[0]
    spaced = "".join(c if c.isascii() and c.isalnum() else " " for c in name).upper()
    return spaced.split()


@lru_cache(maxsize=4096)
def _wanted(tokens: tuple[str, ...]) -> frozenset[str]:
    """Give an entry's tokens as the same words."""
    return _apart(tokens)


def _apart(words: Iterable[str]) -> frozenset[str]:
    """Write a series apart from its number: `Kunpeng920` is `Kunpeng 920`, but `D2000` and `3A6000` stay as they are."""
    apart: set[str] = set()
    for word in words:
        series = _SERIES.fullmatch(word)
        apart.update(series.groups() if series else (word,))
    return frozenset(apart)
