"""What a Huawei VRP device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import facts
from lab.devices.facts import Answer, table
from lab.devices.huawei_configuration import configuration
from lab.devices.huawei_interfaces import (
    interface,
    interface_brief,
    ip_interface_brief,
    ipv6_interface,
    ipv6_interface_brief,
    modern,
    vpn_instance,
)
from lab.devices.huawei_links import arp, ipv6_neighbors, lldp, lldp_brief, mac_address, vlan
from lab.devices.huawei_routing import (
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
    new = modern(device)
    release = device.version or ("8.180 V200R005C10SPC800" if new else "5.170 V200R019C10SPC500")
    number, _, rest = release.partition(" ")
    model = device.model or ("CE6857" if new else "S5735-L24T4S-A")
    series = model.split("-")[0]
    right = (
        "Copyright (C) 2012-2018 Huawei Technologies Co., Ltd."
        if new
        else "Copyright (C) 2000-2020 HUAWEI TECH CO., LTD"
    )
    uptime = "88 days, 4 hours, 5 minutes" if new else "12 weeks, 4 days, 4 hours, 5 minutes"
    kind = "" if new else " Routing Switch"
    product = rest if series in rest else f"{series} {rest}".rstrip()
    return (
        "Huawei Versatile Routing Platform Software\n"
        f"VRP (R) software, Version {number} ({product.strip('()')})\n"
        f"{right}\nHUAWEI {model}{kind} uptime is {uptime}\n\n"
        f"MPU 0(Master) : uptime is {uptime}\n"
        "SDRAM Memory Size    : 1024    M bytes\nFlash Memory Size    : 512     M bytes\n"
    )


def clock(_: Device, __: str) -> str:
    """Write `display clock`."""
    return facts.now().strftime("%Y-%m-%d %H:%M:%S+08:00\n%A\nTime Zone(BJ) : UTC+08:00\n")


def ntp(device: Device, _: str) -> str:
    """Write `display ntp-service status`."""
    server = device.ntp[0] if device.ntp else ""
    return (
        f" clock status: {'synchronized' if server else 'unsynchronized'}\n clock stratum: {3 if server else 16}\n"
        f" reference clock ID: {server or 'none'}\n nominal frequency: 60.0002 Hz\n actual frequency: 60.0002 Hz\n"
        " clock precision: 2^18\n clock offset: 0.4200 ms\n root delay: 1.10 ms\n root dispersion: 2.00 ms\n"
        f" peer dispersion: 10.00 ms\n reference time: {facts.now():%H:%M:%S.000 UTC %b %d %Y}\n"
    )


def ntp_sessions(device: Device, _: str) -> str:
    """Write `display ntp-service sessions`."""
    return "".join(
        f" clock source: {server}\n clock stratum: 2\n clock status: configured, "
        f"{'master, sane, valid' if not number else 'sane, valid'}\n reference clock ID: 192.0.2.123\n reach: 255\n\n"
        for number, server in enumerate(device.ntp)
    )


def esn(device: Device, _: str) -> str:
    """Write `display esn`."""
    return f"ESN of device: {device.serial}\n"


def manufacture(device: Device, _: str) -> str:
    """Write `display device manufacture-info`."""
    head = [("Slot", "Sub", "Serial-number", "Manu-date"), ("- " * 25, "", "", "")]
    return table((6, 5, 26, 0), [*head, ("0", "-", device.serial, "2021-03-08")])


def elabel(device: Device, _: str) -> str:
    """Write `display elabel`."""
    return (
        "[Board Properties]\n"
        f"BoardType={device.model}\nBarCode={device.serial}\nItem=02350000\nManufactured=2021-03-08\nVendorName=Huawei\n"
    )


ANSWERS: Mapping[str, Answer] = {
    "display version": version,
    "display clock": clock,
    "display ntp-service status": ntp,
    "display ntp status": ntp,
    "display ntp-service sessions": ntp_sessions,
    "display esn": esn,
    "display elabel": elabel,
    "display device manufacture-info": manufacture,
    "display interface": interface,
    "display interface *": interface,
    "display interface brief": interface_brief,
    "display ip interface brief": ip_interface_brief,
    "display ipv6 interface": ipv6_interface,
    "display ipv6 interface *": ipv6_interface,
    "display ipv6 interface brief": ipv6_interface_brief,
    "display ip vpn-instance": vpn_instance,
    "display vlan": vlan,
    "display lldp neighbor": lldp,
    "display lldp neighbor brief": lldp_brief,
    "display arp": arp,
    "display arp all": arp,
    "display ipv6 neighbors": ipv6_neighbors,
    "display mac-address": mac_address,
    "display ip routing-table": routing_table,
    "display ip routing-table vpn-instance *": routing_table,
    "display ipv6 routing-table": ipv6_routing_table,
    "display ipv6 routing-table vpn-instance *": ipv6_routing_table,
    "display ospf peer": ospf,
    "display ospfv3 peer": ospfv3,
    "display bgp peer": bgp,
    "display bgp ipv6 peer": bgp6,
    "display isis peer": isis,
    "display nat outbound": nat_outbound,
    "display nat session number": nat_session,
    "display acl all": acl,
    "display acl ipv6 all": acl6,
    "display qos car": traffic,
    "display qos car interface *": traffic,
    "display current-configuration": configuration,
    "display saved-configuration": configuration,
}
