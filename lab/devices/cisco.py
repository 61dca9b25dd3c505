"""What a Cisco IOS device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import facts
from lab.devices.cisco_configuration import configuration
from lab.devices.cisco_interfaces import (
    interfaces,
    interfaces_status,
    ip_interface_brief,
    ipv6_interface,
    ipv6_interface_brief,
    vrf,
)
from lab.devices.cisco_links import arp, ipv6_neighbors, lldp, lldp_detail, mac_address, vlan
from lab.devices.cisco_routing import (
    acl,
    acl6,
    bgp,
    bgp6,
    ipv6_route,
    isis,
    nat,
    nat_translations,
    ospf,
    ospfv3,
    route,
    traffic,
)
from lab.devices.facts import Answer, table
from lab.scenario.model import Device


def version(device: Device, _: str) -> str:
    """Write `show version`."""
    release = device.version or "15.2(7)E4"
    model = device.model or "WS-C2960X-24TS-L"
    return (
        f"Cisco IOS Software, {model} Software (LAB-UNIVERSALK9-M), Version {release}, RELEASE SOFTWARE (fc1)\n"
        "Copyright (c) 1986-2021 by Cisco Systems, Inc.\n\nROM: Bootstrap program is lab boot loader\n\n"
        f"{device.name} uptime is 12 weeks, 3 days, 4 hours, 5 minutes\nSystem returned to ROM by power-on\n"
        f'System image file is "flash:/lab-universalk9-mz.{release}.bin"\n\n'
        f"cisco {model} (APM86XXX) processor (revision A0) with 524288K bytes of memory.\n"
        f"Processor board ID {device.serial}\n\nModel number                    : {model}\n"
        f"System serial number            : {device.serial}\n\nConfiguration register is 0xF\n"
    )


def clock(_: Device, __: str) -> str:
    """Write `show clock`."""
    moment = facts.now()
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03} BJ {moment:%a %b} {moment.day} {moment.year}\n"


def ntp(device: Device, _: str) -> str:
    """Write `show ntp status`."""
    if not device.ntp:
        return "Clock is unsynchronized, stratum 16, no reference clock\n"
    return (
        f"Clock is synchronized, stratum 3, reference is {device.ntp[0]}\n"
        "nominal freq is 119.2092 Hz, actual freq is 119.2090 Hz, precision is 2**17\n"
        f"reference time is {facts.now():%H:%M:%S.000 BJ %a %b %d %Y}\nclock offset is 0.4200 msec, root delay is 1.10 msec\n"
    )


def ntp_associations(device: Device, _: str) -> str:
    """Write `show ntp associations`."""
    head = ("  address", "ref clock", "st", "when", "poll", "reach", "delay", "offset", "disp")
    rows = [
        (f"{' ~' if number else '*~'}{server}", "192.0.2.123", "2", "33", "64", "377", "1.1", "0.42", "2.0")
        for number, server in enumerate(device.ntp)
    ]
    return (
        table((18, 16, 4, 7, 7, 7, 7, 8, 0), [head, *rows])
        + " * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured\n"
    )


def inventory(device: Device, _: str) -> str:
    """Write `show inventory`."""
    return f'NAME: "1", DESCR: "{device.model}"\nPID: {device.model:<18}, VID: V02  , SN: {device.serial}\n'


ANSWERS: Mapping[str, Answer] = {
    "show version": version,
    "show clock": clock,
    "show ntp status": ntp,
    "show ntp associations": ntp_associations,
    "show inventory": inventory,
    "show interfaces": interfaces,
    "show interfaces *": interfaces,
    "show interfaces status": interfaces_status,
    "show ip interface brief": ip_interface_brief,
    "show ipv6 interface": ipv6_interface,
    "show ipv6 interface *": ipv6_interface,
    "show ipv6 interface brief": ipv6_interface_brief,
    "show vrf": vrf,
    "show vlan": vlan,
    "show vlan brief": vlan,
    "show lldp neighbors": lldp,
    "show lldp neighbors detail": lldp_detail,
    "show arp": arp,
    "show ip arp": arp,
    "show ipv6 neighbors": ipv6_neighbors,
    "show mac address-table": mac_address,
    "show ip route": route,
    "show ip route vrf *": route,
    "show ipv6 route": ipv6_route,
    "show ipv6 route vrf *": ipv6_route,
    "show ip ospf neighbor": ospf,
    "show ospfv3 neighbor": ospfv3,
    "show ipv6 ospf neighbor": ospfv3,
    "show ip bgp summary": bgp,
    "show bgp ipv6 unicast summary": bgp6,
    "show isis neighbors": isis,
    "show ip nat statistics": nat,
    "show ip nat translations": nat_translations,
    "show ip access-lists": acl,
    "show access-lists": acl,
    "show ipv6 access-list": acl6,
    "show policy-map interface": traffic,
    "show policy-map interface *": traffic,
    "show running-config": configuration,
    "show startup-config": configuration,
}
