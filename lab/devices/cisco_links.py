"""What a Cisco IOS device answers on VLANs and neighbours: LLDP, ARP, ND, MAC tables."""

from lab.devices import facts
from lab.devices.cisco_interfaces import short
from lab.devices.facts import table
from lab.scenario.model import Device


def vlan(device: Device, _: str) -> str:
    """Write `show vlan brief`."""
    head = [("VLAN", "Name", "Status", "Ports"), ("----", "-" * 32, "-" * 9, "-" * 31)]
    rows = []
    for number, ports in facts.vlans(device).items():
        names = [short(one.name) for one in ports]
        groups = [", ".join(names[at : at + 4]) for at in range(0, len(names), 4)] or [""]
        rows.append((str(number), "default" if number == 1 else f"VLAN{number:04}", "active", groups[0]))
        rows += [("", "", "", group) for group in groups[1:]]
    return "\n" + table((5, 33, 10, 0), [*head, *rows])


def lldp(device: Device, _: str) -> str:
    """Write `show lldp neighbors`."""
    found = facts.links(device)
    text = "Capability codes:\n    (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device\n"
    text += "    (W) WLAN Access Point, (P) Repeater, (S) Station, (O) Other\n\n"
    rows = [(name[:20], short(one.name), "120", "B,R", short(port)) for one, name, port in found]
    text += table((20, 15, 11, 16, 0), [("Device ID", "Local Intf", "Hold-time", "Capability", "Port ID"), *rows])
    return text + f"\nTotal entries displayed: {len(found)}\n"


def lldp_detail(device: Device, _: str) -> str:
    """Write `show lldp neighbors detail`."""
    found = facts.links(device)
    text = ""
    for one, name, port in found:
        text += (
            f"{'-' * 48}\nLocal Intf: {short(one.name)}\nChassis id: {facts.grouped(facts.mac_of('chassis', name), '.')}\n"
            f"Port id: {short(port)}\nPort Description: {port}\nSystem Name: {name}\n\nSystem Description: \n{name}\n\n"
            "Time remaining: 102 seconds\nSystem Capabilities: B,R\nEnabled Capabilities: B,R\n"
            "Management Addresses - not advertised\n\n"
        )
    return text + f"\nTotal entries displayed: {len(found)}\n"


def arp(device: Device, _: str) -> str:
    """Write `show ip arp`."""
    head = ("Protocol", "Address", "Age (min)", "Hardware Addr", "Type", "Interface")
    rows = [
        (
            "Internet",
            row.address,
            "        -" if row.own else "       17",
            facts.grouped(row.mac, "."),
            "ARPA",
            row.interface.name,
        )
        for row in facts.neighbours(device, 4)
    ]
    return table((10, 17, 11, 16, 7, 0), [head, *rows])


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `show ipv6 neighbors`."""
    rows = [
        (row.address.upper(), "       0", facts.grouped(row.mac, "."), " REACH", short(row.interface.name))
        for row in facts.neighbours(device, 6)
        if not row.own
    ]
    return table((42, 9, 15, 7, 0), [("IPv6 Address", "     Age", "Link-layer Addr", "State", "Interface"), *rows])


def mac_address(device: Device, _: str) -> str:
    """Write `show mac address-table`."""
    text = "          Mac Address Table\n" + "-" * 43 + "\n\nVlan    Mac Address       Type        Ports\n"
    text += "----    -----------       --------    -----\n"
    found = facts.learned(device)
    rows = [(f"{number:>4}", facts.grouped(mac, "."), "DYNAMIC", short(one.name)) for mac, number, one in found]
    return text + table((8, 18, 12, 0), rows) + f"Total Mac Addresses for this criterion: {len(rows)}\n"
