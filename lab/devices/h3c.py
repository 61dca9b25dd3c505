"""What an H3C Comware device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import facts
from lab.devices.facts import Answer, table
from lab.devices.h3c_configuration import configuration
from lab.devices.h3c_interfaces import (
    interface,
    interface_brief,
    ip_interface_brief,
    ipv6_interface,
    ipv6_interface_brief,
    vpn_instance,
)
from lab.devices.h3c_links import arp, ipv6_neighbors, lldp, lldp_list, mac_address, vlan, vlan_list
from lab.devices.h3c_routing import (
    acl,
    acl6,
    bgp,
    bgp6,
    ipv6_routing_table,
    isis,
    nat_outbound,
    nat_session,
    ospf,
    ospfv3,
    routing_table,
    traffic,
)
from lab.scenario.model import Device


def version(device: Device, _: str) -> str:
    """Write `display version`."""
    release = device.version or "7.1.070, Release 6607P20"
    model = device.model or "S6850-56HF"
    image = f"{model.lower()}-cmw710-{{}}-{release.rpartition(' ')[2].lower()}.bin"
    return (
        f"H3C Comware Software, Version {release}\n"
        "Copyright (c) 2004-2022 New H3C Technologies Co., Ltd. All rights reserved.\n"
        f"H3C {model} uptime is 12 weeks, 3 days, 4 hours, 5 minutes\nLast reboot reason : User reboot\n\n"
        f"Boot image: flash:/{image.format('boot')}\nBoot image version: {release}\n  Compiled Jan 10 2022 11:00:00\n"
        f"System image: flash:/{image.format('system')}\nSystem image version: {release}\n"
        "  Compiled Jan 10 2022 11:00:00\n\n"
        f"Slot 1:\nUptime is 12 weeks,3 days,4 hours,5 minutes\n{model} with 2 Processors\n"
        f"BOARD TYPE:         {model}\nDRAM:               4096M bytes\nFLASH:              1024M bytes\n"
    )


def clock(_: Device, __: str) -> str:
    """Write `display clock`."""
    return facts.now().strftime("%H:%M:%S.%f")[:-3] + facts.now().strftime(
        " BJ %a %m/%d/%Y\nTime Zone : BJ add 08:00:00\n"
    )


def ntp(device: Device, _: str) -> str:
    """Write `display ntp-service status`."""
    if not device.ntp:
        return " Clock status: unsynchronized\n Clock stratum: 16\n Reference clock ID: none\n"
    return (
        f" Clock status: synchronized\n Clock stratum: 3\n System peer: {device.ntp[0]}\n Local mode: client\n"
        f" Reference clock ID: {device.ntp[0]}\n Leap indicator: 00\n Clock jitter: 0.000855 s\n"
        f" Stability: 0.000 pps\n Clock precision: 2^-17\n Root delay: 0.00383 ms\n Root dispersion: 16.33 ms\n"
        f" Reference time: {facts.now():%H:%M:%S.000  %a %b %d %Y}\n"
    )


def ntp_sessions(device: Device, _: str) -> str:
    """Write `display ntp-service sessions`."""
    head = ("       source", "reference", "stra", "reach", "poll", "now", "offset")
    rows = [(f"[12345]{server}", "192.0.2.123", "2", "255", "64", "33", "0.42") for server in device.ntp]
    return table((28, 16, 5, 6, 5, 4, 0), [head, *rows]) + "Notes: 1 source(master), 2 source(peer), 5 configured.\n"


def manufacture(device: Device, _: str) -> str:
    """Write `display device manuinfo`."""
    first = next((facts.mac(device, one) for one in device.interfaces), facts.mac_of(device.name))
    return (
        f" Slot 1 CPU 0:\n DEVICE_NAME          : {device.model}\n DEVICE_SERIAL_NUMBER : {device.serial}\n"
        f" MAC_ADDRESS          : {facts.grouped(first, '-').upper()}\n MANUFACTURING_DATE   : 2021-03-08\n"
        " VENDOR_NAME          : H3C\n"
    )


ANSWERS: Mapping[str, Answer] = {
    "display version": version,
    "display clock": clock,
    "display ntp-service status": ntp,
    "display ntp-service sessions": ntp_sessions,
    "display device manuinfo": manufacture,
    "display interface": interface,
    "display interface *": interface,
    "display interface brief": interface_brief,
    "display ip interface brief": ip_interface_brief,
    "display ipv6 interface": ipv6_interface,
    "display ipv6 interface *": ipv6_interface,
    "display ipv6 interface brief": ipv6_interface_brief,
    "display ip vpn-instance": vpn_instance,
    "display vlan": vlan_list,
    "display vlan all": vlan,
    "display lldp neighbor-information": lldp,
    "display lldp neighbor-information verbose": lldp,
    "display lldp neighbor-information list": lldp_list,
    "display arp": arp,
    "display arp all": arp,
    "display ipv6 neighbors all": ipv6_neighbors,
    "display mac-address": mac_address,
    "display ip routing-table": routing_table,
    "display ip routing-table vpn-instance *": routing_table,
    "display ipv6 routing-table": ipv6_routing_table,
    "display ipv6 routing-table vpn-instance *": ipv6_routing_table,
    "display ospf peer": ospf,
    "display ospfv3 peer": ospfv3,
    "display bgp peer ipv4": bgp,
    "display bgp peer ipv4 unicast": bgp,
    "display bgp peer ipv6": bgp6,
    "display bgp peer ipv6 unicast": bgp6,
    "display isis peer": isis,
    "display nat outbound": nat_outbound,
    "display nat session brief": nat_session,
    "display acl all": acl,
    "display acl ipv6 all": acl6,
    "display qos car interface": traffic,
    "display qos car interface *": traffic,
    "display current-configuration": configuration,
    "display saved-configuration": configuration,
}
