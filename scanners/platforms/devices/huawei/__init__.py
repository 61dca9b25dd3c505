"""Huawei VRP (versions 5 and 8): what is asked, and how each answer is read."""

from scanners.platforms.devices import ipv6_blocks, times
from scanners.platforms.devices.commands import Command, Vendor
from scanners.platforms.devices.configuration import configuration
from scanners.platforms.devices.huawei import guards, identity, interfaces, neighbors, routing
from scanners.platforms.devices.notation import naming
from xunyan.device_facts import (
    AccessList,
    AccessListUse,
    Device,
    DeviceClock,
    DeviceInterface,
    DeviceRoute,
    DeviceService,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    MacEntry,
    NatRule,
    RouteTotal,
    RoutingPeer,
    SnmpCommunity,
    TimeServer,
    TimeSync,
    TrafficLimit,
    Vlan,
    Vrf,
)

_PORTS = (DeviceInterface, InterfaceAddress)
_ROUTES = (DeviceRoute, RouteTotal)

COMMANDS = {
    "display version": Command(identity.read_version, (Device,)),
    "display esn": Command(identity.read_esn, (Device,)),
    "display clock": Command(times.read_clock, (DeviceClock,)),
    "display ntp-service status": Command(times.read_status, (TimeSync,)),
    "display interface": Command(interfaces.read_interfaces, _PORTS),
    "display ip interface brief": Command(interfaces.read_ip_brief, _PORTS),
    "display ipv6 interface": Command(ipv6_blocks.read_long, _PORTS, silent=True),
    "display ip vpn-instance": Command(interfaces.read_vrfs, (Vrf,), silent=True),
    "display vlan": Command(interfaces.read_vlans, (Vlan,), silent=True),
    "display lldp neighbor": Command(neighbors.read_lldp, (LldpNeighbor,), silent=True),
    "display arp all": Command(neighbors.read_arp, (IpNeighbor,), silent=True),
    "display ipv6 neighbors": Command(neighbors.read_nd, (IpNeighbor,), silent=True),
    "display mac-address": Command(neighbors.read_macs, (MacEntry,), silent=True),
    "display ip routing-table": Command(routing.read_routes, _ROUTES, table="public", counted=True),
    "display ipv6 routing-table": Command(routing.read_routes6, _ROUTES, silent=True, table="public", counted=True),
    "display ospf peer": Command(routing.read_ospf, (RoutingPeer,), silent=True),
    "display ospfv3 peer": Command(routing.read_ospfv3, (RoutingPeer,), silent=True),
    "display bgp peer": Command(routing.read_bgp, (RoutingPeer,), silent=True),
    "display bgp ipv6 peer": Command(routing.read_bgp6, (RoutingPeer,), silent=True),
    "display isis peer": Command(routing.read_isis, (RoutingPeer,), silent=True),
    "display nat outbound": Command(guards.read_nat, (NatRule,), silent=True),
    "display acl all": Command(guards.read_acls, (AccessList,), silent=True),
    "display acl ipv6 all": Command(guards.read_acls6, (AccessList,), silent=True),
    "display qos car": Command(guards.read_limits, (TrafficLimit,), silent=True),
    "display http server": Command(guards.read_http, (DeviceService,)),
    "display telnet server status": Command(guards.read_telnet, (DeviceService,)),
    "display current-configuration": configuration("huawei", "return"),
}
"""What is asked, in this order. The source of an answer is the command itself."""

OTHERS = {
    "display elabel": Command(identity.read_elabel, (Device,)),
    "display device manufacture-info": Command(identity.read_manufacture, (Device,)),
    "display ntp status": Command(times.read_status, (TimeSync,)),
    "display ntp-service sessions": Command(identity.read_sessions, (TimeServer,), silent=True),
    "display interface brief": Command(interfaces.read_brief, (DeviceInterface,)),
    "display ipv6 interface brief": Command(interfaces.read_ipv6_brief, _PORTS, silent=True),
    "display lldp neighbor brief": Command(neighbors.read_lldp_brief, (LldpNeighbor,), silent=True),
    "display arp": Command(neighbors.read_arp, (IpNeighbor,), silent=True),
    "display arp brief": Command(neighbors.read_arp, (IpNeighbor,), silent=True),
    "display ip routing-table verbose": Command(routing.read_routes, _ROUTES, table="public", counted=True),
    "display traffic-filter applied-record": Command(guards.read_applied, (AccessListUse,), silent=True),
    "display ospf peer brief": Command(routing.read_ospf, (RoutingPeer,), silent=True),
    "display snmp-agent community read": Command(guards.read_communities, (SnmpCommunity,), silent=True),
    "display snmp-agent community write": Command(guards.read_write_communities, (SnmpCommunity,), silent=True),
}
"""What is read where somebody brings it, but is not asked: shorter or longer forms of the same, and what may show secrets."""

VRF_TABLES = {
    "display ip routing-table vpn-instance": Command(routing.read_routes, _ROUTES, table="vrf", counted=True),
    "display ipv6 routing-table vpn-instance": Command(
        routing.read_routes6, _ROUTES, silent=True, table="vrf", counted=True
    ),
}
"""What is asked for each VRF, its name behind it."""

VENDOR = Vendor(
    COMMANDS,
    OTHERS,
    naming(
        {
            "ge": "GigabitEthernet",
            "xge": "XGigabitEthernet",
            "eth": "Ethernet",
            "fe": "FastEthernet",
            "loop": "LoopBack",
            "inloop": "InLoopBack",
            "vlan": "Vlanif",
            "tun": "Tunnel",
        }
    ),
    VRF_TABLES,
)
