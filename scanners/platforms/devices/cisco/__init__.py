"""Cisco IOS and IOS XE: what is asked, and how each answer is read."""

from scanners.platforms.devices import ipv6_blocks, show_routing, show_tables, times
from scanners.platforms.devices.cisco import answers, interfaces
from scanners.platforms.devices.commands import Command, Vendor
from scanners.platforms.devices.configuration import configuration
from scanners.platforms.devices.notation import naming
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
    TimeServer,
    TimeSync,
    TrafficLimit,
    Vlan,
    Vrf,
)

_PORTS = (DeviceInterface, InterfaceAddress)

COMMANDS = {
    "show version": Command(answers.read_version, (Device,)),
    "show inventory": Command(answers.read_inventory, (Device,), silent=True),
    "show clock": Command(times.read_clock, (DeviceClock,)),
    "show ntp status": Command(times.read_status, (TimeSync,)),
    "show interfaces": Command(interfaces.read_interfaces, _PORTS),
    "show interfaces status": Command(interfaces.read_status, (DeviceInterface,), silent=True),
    "show ipv6 interface": Command(ipv6_blocks.read_long, _PORTS, silent=True),
    "show vrf": Command(show_tables.read_vrfs, (Vrf,), silent=True),
    "show vlan brief": Command(show_tables.read_vlans, (Vlan,), silent=True),
    "show lldp neighbors detail": Command(answers.read_lldp, (LldpNeighbor,), silent=True),
    "show ip arp": Command(show_tables.read_arp, (IpNeighbor,), silent=True),
    "show ipv6 neighbors": Command(answers.read_nd, (IpNeighbor,), silent=True),
    "show mac address-table": Command(answers.read_macs, (MacEntry,), silent=True),
    "show ip route": Command(show_routing.read_routes, (DeviceRoute,), table="public"),
    "show ipv6 route": Command(show_routing.read_routes6, (DeviceRoute, RouteTotal), silent=True, table="public"),
    "show ip ospf neighbor": Command(show_routing.read_ospf, (RoutingPeer,), silent=True),
    "show ipv6 ospf neighbor": Command(show_routing.read_ospfv3, (RoutingPeer,), silent=True),
    "show ip bgp summary": Command(show_routing.read_bgp, (RoutingPeer,), silent=True),
    "show bgp ipv6 unicast summary": Command(show_routing.read_bgp6, (RoutingPeer,), silent=True),
    "show isis neighbors": Command(answers.read_isis, (RoutingPeer,), silent=True),
    "show ip nat statistics": Command(show_tables.read_nat, (NatRule,), silent=True),
    "show ip access-lists": Command(show_tables.read_acls, (AccessList,), silent=True),
    "show ipv6 access-list": Command(show_tables.read_acls, (AccessList,), silent=True),
    "show policy-map interface": Command(answers.read_limits, (TrafficLimit,), silent=True),
    "show running-config": configuration("cisco", "end", bits=True),
}
"""What is asked, in this order. The source of an answer is the command itself."""

OTHERS = {
    "show ntp associations": Command(times.read_associations, (TimeServer,), silent=True),
    "show ip interface brief": Command(interfaces.read_ip_brief, _PORTS),
    "show ipv6 interface brief": Command(ipv6_blocks.read_short, _PORTS, silent=True),
    "show vlan": Command(show_tables.read_vlans, (Vlan,), silent=True),
    "show lldp neighbors": Command(answers.read_lldp_brief, (LldpNeighbor,), silent=True),
    "show arp": Command(show_tables.read_arp, (IpNeighbor,), silent=True),
    "show ospfv3 neighbor": Command(show_routing.read_ospfv3, (RoutingPeer,), silent=True),
    "show access-lists": Command(show_tables.read_acls, (AccessList,), silent=True),
}
"""What is read where somebody brings it, but is not asked: shorter or longer forms of the same."""

VRF_TABLES = {
    "show ip route vrf": Command(show_routing.read_routes, (DeviceRoute,), table="vrf"),
    "show ipv6 route vrf": Command(show_routing.read_routes6, (DeviceRoute, RouteTotal), silent=True, table="vrf"),
}
"""What is asked for each VRF, its name behind it."""

VENDOR = Vendor(
    COMMANDS,
    OTHERS,
    naming(
        {
            "fa": "FastEthernet",
            "gi": "GigabitEthernet",
            "te": "TenGigabitEthernet",
            "twe": "TwentyFiveGigE",
            "fo": "FortyGigabitEthernet",
            "hu": "HundredGigE",
            "et": "Ethernet",
            "lo": "Loopback",
            "po": "Port-channel",
            "tu": "Tunnel",
            "vl": "Vlan",
            "se": "Serial",
            "di": "Dialer",
        }
    ),
    VRF_TABLES,
)
