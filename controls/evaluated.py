"""The list of products that passed the safe-and-reliable evaluation (安全可靠测评), as dated data, and looking things up in it.

A product absent from a list that is not complete is not thereby wrong: a person has to look.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

from xunyan.wording import Text

Confidence = Literal["high", "medium", "low"]


class ListHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the list is. `complete_through`: a person has copied whole tables up to that day; only then does absence count."""

    title: Text
    collected: date
    validity_years: int
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


def find_processor(products: EvaluatedProducts, vendor: str, words: frozenset[str]) -> tuple[Listing, ...]:
    """Find a CPU's listings: of the entries whose words all show, those that say the most."""
    matching = [
        one
        for one in products.product
        if one.category == "cpu" and one.vendor == vendor and words.issuperset(one.tokens)
    ]
    most = max((len(one.tokens) for one in matching), default=0)
    return _listings(products, [one for one in matching if len(one.tokens) == most])


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
