"""What a ZTE ZXROS device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import facts
from lab.devices.facts import Answer
from lab.devices.zte_configuration import configuration
from lab.devices.zte_interfaces import (
    interface,
    interface_brief,
    interface_description,
    ip_interface_brief,
    ipv6_interface,
    ipv6_interface_brief,
    vrf,
)
from lab.devices.zte_links import arp, ipv6_neighbors, lldp, lldp_full, mac_address, vlan
from lab.devices.zte_routing import acl, acl6, bgp, bgp6, ipv6_route, isis, nat, ospf, ospfv3, route, traffic
from lab.scenario.model import Device


def version(device: Device, _: str) -> str:
    """Write `show version`."""
    model = device.model or "M6000-8S"
    release = device.version or "V5.00.10"
    line = "ZXCTN" if model.startswith("6") else "ZXR10"
    return (
        f"{line} {model}\nZTE {line} Software, Version: {model} {release}, Release software\n"
        "Copyright (c) 2022 by ZTE Corporation\n"
        "System image file is <sysdisk0: verset/lab.set>, file size is 629,000,000 Bytes\n"
        "System image is loaded from local\nSystem uptime is 23 day(s), 10 hour(s), 59 minute(s)\n\n"
        "[MPU, shelf 1, slot 1]:\n"
    ) + facts.labelled(
        18,
        ("Board Name", "MPU"),
        ("Description", f"{model} Main Board"),
        ("Board Serial", device.serial),
        ("System Memory", " 8,192 Mbytes"),
        ("System Flash", " 0 Mbytes"),
    )


def clock(_: Device, __: str) -> str:
    """Write `show clock`."""
    return facts.now().strftime("%H:%M:%S BJ %a %b %d %Y\n")


def ntp(device: Device, _: str) -> str:
    """Write `show ntp status`."""
    if not device.ntp:
        return "Clock is unsynchronized, stratum 16, no reference clock\n"
    return (
        f"Clock is synchronized, stratum 3, reference is {device.ntp[0]}\nnominal freq is 1000.0000 HZ, precision is 2**18\n"
        f"reference time is {facts.now():%H:%M:%S.000 BJ %a %b %d %Y}\nclock offset is 0.42 ms, root delay is 1.10 ms\n"
    )


def manufacture(device: Device, _: str) -> str:
    """Write `show device-info`: serial and maker."""
    return facts.labelled(18, ("Device Name", device.model), ("Serial Number", device.serial), ("Manufacturer", "ZTE"))


ANSWERS: Mapping[str, Answer] = {
    "show version": version,
    "show clock": clock,
    "show ntp status": ntp,
    "show device-info": manufacture,
    "show interface": interface,
    "show interface *": interface,
    "show interface brief": interface_brief,
    "show interface description": interface_description,
    "show ip interface brief": ip_interface_brief,
    "show ipv6 interface": ipv6_interface,
    "show ipv6 interface *": ipv6_interface,
    "show ipv6 interface brief": ipv6_interface_brief,
    "show ip vrf": vrf,
    "show vlan": vlan,
    "show lldp neighbor": lldp_full,
    "show lldp neighbor brief": lldp,
    "show arp": arp,
    "show ipv6 neighbor": ipv6_neighbors,
    "show mac table": mac_address,
    "show ip forwarding route": route,
    "show ip forwarding route vrf *": route,
    "show ipv6 forwarding route": ipv6_route,
    "show ipv6 forwarding route vrf *": ipv6_route,
    "show ip ospf neighbor": ospf,
    "show ipv6 ospf neighbor": ospfv3,
    "show ip bgp summary": bgp,
    "show bgp ipv6 unicast summary": bgp6,
    "show isis adjacency": isis,
    "show ip nat statistics": nat,
    "show ipv4-access-lists": acl,
    "show ipv6-access-lists": acl6,
    "show rate-limit": traffic,
    "show rate-limit interface *": traffic,
    "show running-config": configuration,
}
