"""What a ZTE ZXROS device answers on VLANs and neighbours: LLDP, ARP, ND, MAC tables."""

from lab.devices import facts
from lab.devices.facts import table
from lab.scenario.model import Device


def vlan(device: Device, _: str) -> str:
    """Write `show vlan`."""
    head = [("VLAN", "Name", "PvidPorts", "UntagPorts", "TagPorts"), ("-" * 78, "", "", "", "")]
    rows = []
    for number, ports in facts.vlans(device).items():
        names = ",".join(one.name for one in ports)
        rows.append((str(number), f"vlan{number:04}", names, "", ""))
    return table((7, 20, 30, 12, 0), [*head, *rows])


def lldp(device: Device, _: str) -> str:
    """Write `show lldp neighbor brief`."""
    found = facts.links(device)
    text = f"Total neighbors: {len(found)}\nLocal Interface   Scope  Chassis ID      Port ID           Holdtime  System Name\n"
    rows = [
        (one.name, "NB", facts.grouped(facts.mac_of("chassis", name), "."), port, "100", name)
        for one, name, port in found
    ]
    return text + "-" * 89 + "\n" + table((17, 7, 16, 18, 10, 0), rows)


def lldp_full(device: Device, _: str) -> str:
    """Write `show lldp neighbor`."""
    found = facts.links(device)
    text = f"Total neighbors: {len(found)}\n"
    for one, name, port in found:
        text += (
            "-" * 60
            + "\n"
            + facts.labelled(
                18,
                ("Local Interface", one.name),
                ("Chassis ID Type", "MAC address"),
                ("Chassis ID", facts.grouped(facts.mac_of("chassis", name), ".")),
                ("Port ID Type", "Interface name"),
                ("Port ID", port),
                ("Port Description", port),
                ("System Name", name),
                ("System Desc", name),
                ("Holdtime", "100"),
            )
        )
    return text


def arp(device: Device, _: str) -> str:
    """Write `show arp`; a long interface name goes on in the next line."""
    found = facts.neighbours(device, 4)
    text = f"Arp protect whole is disabled \nThe count is {len(found)}\n"
    text += "IP                       Hardware                    Exter  Inter  Sub\n"
    text += "Address         Age      Address        Interface    VlanID VlanID Interface\n" + "-" * 80 + "\n"
    for row in found:
        name = row.interface.name
        number = facts.vlan_number(row.interface) or row.interface.vlan or "N/A"
        cells = (
            row.address,
            "H" if row.own else "00:14:17",
            facts.grouped(row.mac, "."),
            name[:12],
            number,
            "N/A",
            "N/A",
        )
        text += table((16, 9, 15, 13, 7, 7, 0), [cells])
        text += " " * 40 + name[12:] + "\n" if name[12:] else ""
    return text


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `show ipv6 neighbor`."""
    rows = [
        (row.address, "00:05:12", facts.grouped(row.mac, "."), "REACH", row.interface.name)
        for row in facts.neighbours(device, 6)
        if not row.own
    ]
    return table((41, 11, 16, 8, 0), [("IPv6 Address", "Age", "Link-layer Addr", "State", "Interface"), *rows])


def mac_address(device: Device, _: str) -> str:
    """Write `show mac table`."""
    found = facts.learned(device)
    head = [("MAC", "VLAN", "Outgoing Information", "Attribute"), ("-" * 14, "-" * 6, "-" * 28, "-" * 10)]
    rows = [(facts.grouped(mac, "."), number, one.name, "Dynamic") for mac, number, one in found]
    return f"Total MAC address : {len(found)}\n\n" + table((16, 8, 30, 0), [*head, *rows])
