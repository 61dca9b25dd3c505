"""What a Ruijie RGOS device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import cisco_routing, facts
from lab.devices.facts import Answer
from lab.devices.ruijie_configuration import configuration
from lab.devices.ruijie_interfaces import (
    interfaces,
    interfaces_status,
    ip_interface_brief,
    ipv6_interface,
    ipv6_interface_brief,
    vrf,
)
from lab.devices.ruijie_links import arp, ipv6_neighbors, lldp, lldp_detail, mac_address, vlan
from lab.devices.ruijie_routing import acl, acl6, bgp, bgp6, ipv6_route, isis, ospf, ospfv3, route, traffic
from lab.scenario.model import Device


def version(device: Device, _: str) -> str:
    """Write `show version`."""
    model = device.model or "S5750C-28GT4XS-H"
    release = device.version or f"{model.split('-')[0]}_RGOS 11.4(1)B70P2"
    return facts.labelled(
        24,
        ("System description", f"Ruijie 10G Ethernet Switch ({model}) By Ruijie Networks"),
        ("System start time", "2026-02-13 22:30:54"),
        ("System uptime", "30:06:03:08"),
        ("System hardware version", "1.01"),
        ("System software version", release),
        ("System patch number", "NA"),
        ("System serial number", device.serial),
        ("System boot version", "1.2.26"),
    )


def clock(_: Device, __: str) -> str:
    """Write `show clock`."""
    return facts.now().strftime("%H:%M:%S BJ %a, %b %d, %Y\n")


def ntp(device: Device, _: str) -> str:
    """Write `show ntp status`."""
    if not device.ntp:
        return "Clock is unsynchronized, stratum 16, no reference clock\n"
    return (
        f"Clock is synchronized, stratum 3, reference is {device.ntp[0]}\n"
        "nominal freq is 250.0000 Hz, actual freq is 250.0000 Hz, precision is 2**18\n"
        f"reference time is E0AB1234.00000000 ({facts.now():%H:%M:%S.000 BJ %a, %b %d, %Y})\n"
        "clock offset is 0.42000 sec, root delay is 0.00110 sec\n"
    )


def manufacture(device: Device, _: str) -> str:
    """Write `show manuinfo`."""
    head = facts.mac(device, device.interfaces[0]) if device.interfaces else facts.mac_of(device.name)
    return "Device 1:\n" + facts.labelled(
        26,
        ("  Device name", device.model),
        ("  Serial number", device.serial),
        ("  MAC address", facts.grouped(head, ".")),
    )


ANSWERS: Mapping[str, Answer] = {
    "show version": version,
    "show clock": clock,
    "show ntp status": ntp,
    "show manuinfo": manufacture,
    "show interfaces": interfaces,
    "show interfaces *": interfaces,
    "show interfaces status": interfaces_status,
    "show ip interface brief": ip_interface_brief,
    "show ipv6 interface": ipv6_interface,
    "show ipv6 interface *": ipv6_interface,
    "show ipv6 interface brief": ipv6_interface_brief,
    "show vrf": vrf,
    "show vlan": vlan,
    "show lldp neighbors": lldp,
    "show lldp neighbors detail": lldp_detail,
    "show arp": arp,
    "show ipv6 neighbors": ipv6_neighbors,
    "show mac-address-table": mac_address,
    "show ip route": route,
    "show ip route vrf *": route,
    "show ipv6 route": ipv6_route,
    "show ipv6 route vrf *": ipv6_route,
    "show ip ospf neighbor": ospf,
    "show ipv6 ospf neighbor": ospfv3,
    "show ip bgp summary": bgp,
    "show bgp ipv4 unicast summary": bgp,
    "show bgp ipv6 unicast summary": bgp6,
    "show isis neighbors": isis,
    "show ip nat statistics": cisco_routing.nat,
    "show ip nat translations": cisco_routing.nat_translations,
    "show access-lists": acl,
    "show ipv6 access-list": acl6,
    "show mls qos rate-limit": traffic,
    "show mls qos rate-limit interface *": traffic,
    "show running-config": configuration,
    "show startup-config": configuration,
}
