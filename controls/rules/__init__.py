"""The rules, and the one table that says which name in the catalogue means which of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from controls.model import Outcome
from controls.rules import domestic, ipv6
from controls.view import View
from xunyan.model import Asset


@dataclass(frozen=True, slots=True)
class Rule:
    """A pure function that decides, and the shape of the parameters that its controls must give."""

    judge: Callable[[Asset, View, Any], Outcome]
    params: type[msgspec.Struct]


RULES: Mapping[str, Rule] = {
    "domestic.processor": Rule(domestic.processor, domestic.ProcessorParams),
    "domestic.operating-system": Rule(domestic.operating_system, domestic.SystemParams),
    "domestic.evaluated-product": Rule(domestic.evaluated_product, domestic.EvaluatedParams),
    "ipv6.endpoint-address": Rule(ipv6.endpoint_address, ipv6.EndpointParams),
}
