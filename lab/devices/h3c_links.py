"""What an H3C Comware device answers on VLANs and neighbours: LLDP, ARP, ND, MAC tables."""

from lab.devices import facts
from lab.devices.facts import table
from lab.devices.h3c_interfaces import short
from lab.scenario.model import Device


def vlan_list(device: Device, _: str) -> str:
    """Write `display vlan`."""
    found = facts.vlans(device)
    names = [f"{number}(default)" if number == 1 else str(number) for number in found]
    return f" Total VLANs: {len(found)}\n The VLANs include:\n {', '.join(names)}\n"


def vlan(device: Device, _: str) -> str:
    """Write `display vlan all`."""
    text = ""
    for number, ports in facts.vlans(device).items():
        interface = next((one for one in device.interfaces if facts.vlan_number(one) == number), None)
        text += f" VLAN ID: {number}\n VLAN type: Static\n Route interface: {'Configured' if interface else 'Not configured'}\n"
        for own in facts.v4(interface) if interface else []:
            text += f" IPv4 address: {own.ip}\n IPv4 subnet mask: {own.netmask}\n"
        text += f" Description: VLAN {number:04}\n Name: VLAN {number:04}\n Tagged ports:   None\n"
        text += (
            " Untagged ports:" + ("\n" + "".join(f"    {one.name}\n" for one in ports) if ports else " None\n") + "\n"
        )
    return text


def lldp(device: Device, _: str) -> str:
    """Write `display lldp neighbor-information verbose`."""
    text = ""
    for number, (one, name, port) in enumerate(facts.links(device), 1):
        text += (
            f"LLDP neighbor-information of port {number}[{one.name}]:\nLLDP agent nearest-bridge:\n"
            " LLDP neighbor index : 1\n Update time         : 57 days, 22 hours, 1 minutes, 46 seconds\n"
            f" Chassis type        : MAC address\n Chassis ID          : {facts.grouped(facts.mac_of('chassis', name), '-')}\n"
            f" Port ID type        : Interface name\n Port ID             : {port}\n Time to live        : 120\n"
            f" Port description    : {port}\n System name         : {name}\n System description  : {name}\n"
            " System capabilities supported : Bridge, Router\n System capabilities enabled   : Bridge, Router\n\n"
        )
    return text


def lldp_list(device: Device, _: str) -> str:
    """Write `display lldp neighbor-information list`."""
    text = (
        "Chassis ID : * -- -- Nearest nontpmr bridge neighbor\n             # -- -- Nearest customer bridge neighbor\n"
    )
    text += "             Default -- -- Nearest bridge neighbor\n"
    rows = [
        (name, short(one.name), facts.grouped(facts.mac_of("chassis", name), "-"), port)
        for one, name, port in facts.links(device)
    ]
    return text + table((21, 16, 16, 0), [("System Name", "Local Interface", "Chassis ID", "Port ID"), *rows])


def arp(device: Device, _: str) -> str:
    """Write `display arp`."""
    head = ("IP address", "MAC address", "VLAN/VSI", "Interface/Link ID", "Aging", "Type")
    rows = [
        (
            *(row.address, facts.grouped(row.mac, "-"), facts.vlan_number(row.interface) or "--"),
            *(short(row.interface.name), "960", "D"),
        )
        for row in facts.neighbours(device, 4)
        if not row.own
    ]
    legend = "  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid\n"
    return legend + table((16, 15, 11, 25, 6, 0), [head, *rows])


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `display ipv6 neighbors all`."""
    head = ("IPv6 address", "MAC address", "VLAN/VSI", "Interface", "State", "T", "Aging")
    rows = [
        (
            *(row.address.upper(), facts.grouped(row.mac, "-"), facts.vlan_number(row.interface) or "--"),
            *(short(row.interface.name), "REACH", "D", "12"),
        )
        for row in facts.neighbours(device, 6)
        if not row.own
    ]
    legend = "Type: S-Static    D-Dynamic    O-Openflow     R-Rule    IS-Invalid static\n"
    return legend + table((29, 15, 9, 21, 6, 3, 0), [head, *rows])


def mac_address(device: Device, _: str) -> str:
    """Write `display mac-address`."""
    rows = [
        (facts.grouped(mac, "-"), number, "Learned", short(one.name), "Y") for mac, number, one in facts.learned(device)
    ]
    return table((17, 11, 17, 25, 0), [("MAC Address", "VLAN ID", "State", "Port/Nickname", "Aging"), *rows])
