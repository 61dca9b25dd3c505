"""The rules, and the one table that says which name in the catalogue means which of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from controls.model import NoParams, Outcome
from controls.rules import (
    domestic,
    extranet_links,
    extranet_units,
    ipv6,
    ipv6_addresses,
    ipv6_devices,
    ipv6_link_ends,
    ipv6_links,
    ipv6_names,
    ipv6_parity,
    ipv6_services,
    management,
    system_back_ends,
    systems,
)
from controls.view import View
from xunyan.model import Asset


@dataclass(frozen=True, slots=True)
class Rule:
    """A pure function that decides, and the shape of the parameters that its controls must give.

    `settle`: what can be said without the control's needs, before any of them is missed (see `controls.engine.Check`).
    """

    judge: Callable[[Asset, View, Any], Outcome]
    params: type[msgspec.Struct]
    settle: Callable[[Asset, View, Any], Outcome | None] | None = None


RULES: Mapping[str, Rule] = {
    "domestic.processor": Rule(domestic.processor, domestic.ProcessorParams),
    "domestic.operating-system": Rule(domestic.operating_system, domestic.SystemParams),
    "domestic.evaluated-product": Rule(domestic.evaluated_product, domestic.EvaluatedParams),
    "ipv6.endpoint-address": Rule(ipv6.endpoint_address, ipv6.EndpointParams),
    "ipv6.aaaa": Rule(ipv6_names.aaaa, ipv6_names.AaaaParams, ipv6_names.spared),
    "ipv6.name-server-chain": Rule(ipv6_names.name_server_chain, ipv6_names.ChainParams, ipv6_names.spared),
    "ipv6.service-reachable": Rule(ipv6_services.reachable, ipv6_services.ServiceParams, ipv6_names.spared),
    "ipv6.service-parity": Rule(ipv6_parity.parity, ipv6_parity.ParityParams, ipv6_names.spared),
    "ipv6.inner-links": Rule(ipv6_links.inner_links, ipv6_links.LinkParams, ipv6_names.spared),
    "ipv6.link-dual-stack": Rule(ipv6_link_ends.link_dual_stack, ipv6_addresses.Prefixes, ipv6_link_ends.link_spared),
    "ipv6.routing-dual-stack": Rule(ipv6_devices.routing_dual_stack, NoParams),
    "ipv6.acl-parity": Rule(ipv6_devices.acl_parity, NoParams),
    "extranet.own-egress": Rule(extranet_units.own_egress, extranet_units.EgressParams),
    "extranet.unit-coverage": Rule(extranet_units.unit_coverage, extranet_units.CoverageParams),
    "extranet.private-line": Rule(extranet_links.private_line, NoParams, extranet_links.line_settled),
    "extranet.core-redundancy": Rule(
        extranet_links.core_redundancy, extranet_links.CoreParams, extranet_links.core_spared
    ),
    "extranet.access-bandwidth": Rule(
        extranet_links.access_bandwidth, extranet_links.AccessParams, extranet_links.access_spared
    ),
    "systems.on-government-cloud": Rule(systems.on_government_cloud, systems.PlaceParams, systems.cloud_spared),
    "systems.declared-place": Rule(systems.declared_place, systems.PlaceParams, systems.declared_spared),
    "systems.undeclared": Rule(systems.undeclared, systems.UndeclaredParams, systems.undeclared_settled),
    "systems.declared-but-dead": Rule(systems.declared_but_dead, NoParams, systems.dead_spared),
    "systems.without-private-room": Rule(
        system_back_ends.without_private_room, system_back_ends.BackEndParams, system_back_ends.room_spared
    ),
    "systems.shared-platform": Rule(
        system_back_ends.shared_platform, system_back_ends.SharingParams, system_back_ends.sharing_spared
    ),
    "management.plain-text": Rule(management.no_plain_text_management, NoParams),
}
