"""ZTE ZXROS (ZXR10, ZXCTN): what is asked, and how each answer is read."""

from scanners.platforms.devices import ipv6_blocks, show_routing, show_tables, times
from scanners.platforms.devices.commands import Command, Vendor
from scanners.platforms.devices.configuration import configuration
from scanners.platforms.devices.notation import naming
from scanners.platforms.devices.zte import answers, interfaces, routing
from xunyan.device_facts import (
    AccessList,
    Device,
    DeviceClock,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    MacEntry,
    NatRule,
    RouteTotal,
    RoutingPeer,
    TimeSync,
    TrafficLimit,
    Vlan,
    Vrf,
)

_PORTS = (DeviceInterface, InterfaceAddress)

COMMANDS = {
    "show version": Command(answers.read_version, (Device,)),
    "show device-info": Command(answers.read_device, (Device,), silent=True),
    "show clock": Command(times.read_clock, (DeviceClock,)),
    "show ntp status": Command(times.read_status, (TimeSync,)),
    "show interface": Command(interfaces.read_interfaces, _PORTS),
    "show interface brief": Command(interfaces.read_brief, (DeviceInterface,)),
    "show ip interface brief": Command(interfaces.read_ip_brief, _PORTS),
    "show ipv6 interface": Command(interfaces.read_ipv6, _PORTS, silent=True),
    "show ipv6 interface brief": Command(ipv6_blocks.read_short, _PORTS, silent=True),
    "show ip vrf": Command(show_tables.read_vrfs, (Vrf,), silent=True),
    "show vlan": Command(interfaces.read_vlans, (Vlan,), silent=True),
    "show lldp neighbor": Command(answers.read_lldp, (LldpNeighbor,), silent=True),
    "show arp": Command(answers.read_arp, (IpNeighbor,), silent=True),
    "show ipv6 neighbor": Command(answers.read_nd, (IpNeighbor,), silent=True),
    "show mac table": Command(answers.read_macs, (MacEntry,), silent=True),
    "show ip forwarding route": Command(routing.read_routes, (DeviceRoute, RouteTotal), table="public"),
    "show ipv6 forwarding route": Command(routing.read_routes6, (DeviceRoute,), silent=True, table="public"),
    "show ip ospf neighbor": Command(show_routing.read_ospf, (RoutingPeer,), silent=True),
    "show ipv6 ospf neighbor": Command(show_routing.read_ospfv3, (RoutingPeer,), silent=True),
    "show ip bgp summary": Command(show_routing.read_bgp, (RoutingPeer,), silent=True),
    "show bgp ipv6 unicast summary": Command(show_routing.read_bgp6, (RoutingPeer,), silent=True),
    "show isis adjacency": Command(routing.read_isis, (RoutingPeer,), silent=True),
    "show ip nat statistics": Command(show_tables.read_nat, (NatRule,), silent=True),
    "show ipv4-access-lists": Command(show_tables.read_acls, (AccessList,), silent=True),
    "show ipv6-access-lists": Command(show_tables.read_acls, (AccessList,), silent=True),
    "show rate-limit": Command(answers.read_limits, (TrafficLimit,), silent=True),
    "show running-config": configuration("zte", ""),
}
"""What is asked, in this order. The source of an answer is the command itself."""

OTHERS = {
    "show interface description": Command(interfaces.read_descriptions, (DeviceInterface,)),
    "show lldp neighbor brief": Command(answers.read_lldp, (LldpNeighbor,), silent=True),
}
"""What is read where somebody brings it, but is not asked: shorter or longer forms of the same."""

VRF_TABLES = {
    "show ip forwarding route vrf": Command(routing.read_routes, (DeviceRoute, RouteTotal), table="vrf"),
    "show ipv6 forwarding route vrf": Command(routing.read_routes6, (DeviceRoute,), silent=True, table="vrf"),
}
"""What is asked for each VRF, its name behind it."""

VENDOR = Vendor(COMMANDS, OTHERS, naming({}), VRF_TABLES)
