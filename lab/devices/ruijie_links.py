"""What a Ruijie RGOS device answers on VLANs and neighbours: LLDP, ARP, ND, MAC tables."""

from lab.devices import facts
from lab.devices.facts import table
from lab.devices.ruijie_interfaces import short
from lab.scenario.model import Device


def vlan(device: Device, _: str) -> str:
    """Write `show vlan`."""
    head = [("VLAN", "Name", "Status", "Ports"), ("-" * 10, "-" * 32, "-" * 9, "-" * 35)]
    rows = []
    for number, ports in facts.vlans(device).items():
        names = [short(one.name) for one in ports]
        groups = [", ".join(names[at : at + 4]) for at in range(0, len(names), 4)] or [""]
        rows.append((f"{number:>10}", f"VLAN{number:04}", "STATIC", groups[0]))
        rows += [("", "", "", group) for group in groups[1:]]
    return table((11, 33, 10, 0), [*head, *rows])


def lldp(device: Device, _: str) -> str:
    """Write `show lldp neighbors`."""
    found = facts.links(device)
    rows = [(name, short(one.name), short(port), "B, R", "1minutes 35seconds") for one, name, port in found]
    head = ("System Name", "Local Intf", "Port ID", "Capability", "Aging-time")
    return table((28, 20, 16, 13, 0), [head, *rows]) + f"Total entries displayed: {len(found)}\n"


def lldp_detail(device: Device, _: str) -> str:
    """Write `show lldp neighbors detail`."""
    text, rule = "", "-" * 78 + "\n"
    for one, name, port in facts.links(device):
        text += f"{rule}LLDP neighbor-information of port [{one.name}]\n{rule}" + facts.labelled(
            36,
            ("  Neighbor index", 1),
            ("  Device type", "LLDP Device"),
            ("  Chassis ID type", "MAC address"),
            ("  Chassis ID", facts.grouped(facts.mac_of("chassis", name), ".")),
            ("  System name", name),
            ("  System description", name),
            ("  System capabilities supported", "Bridge, Router"),
            ("  System capabilities enabled", "Bridge, Router"),
            ("  Port ID type", "Interface name"),
            ("  Port ID", port),
            ("  Port description", port),
            ("  Port VLAN ID", one.vlan or 1),
            ("  Maximum frame Size", 1500),
        )
    return text


def arp(device: Device, _: str) -> str:
    """Write `show arp`."""
    found = facts.neighbours(device, 4)
    rows = [
        ("Internet", row.address, "--" if row.own else "17", facts.grouped(row.mac, "."), "arpa", row.interface.name)
        for row in found
    ]
    head = ("Protocol", "Address", "Age(min)", "Hardware", "Type", "Interface")
    return f"Total Numbers of Arp: {len(found)}\n" + table((10, 17, 10, 16, 7, 0), [head, *rows])


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `show ipv6 neighbors`."""
    rows = [
        (row.address.upper(), facts.grouped(row.mac, "."), row.interface.name)
        for row in facts.neighbours(device, 6)
        if not row.own
    ]
    return table((42, 16, 0), [("IPv6 Address", "Linklayer Addr", "Interface"), *rows])


def mac_address(device: Device, _: str) -> str:
    """Write `show mac-address-table`."""
    head = [("Vlan", "MAC Address", "Type", "Interface"), ("-" * 10, "-" * 20, "-" * 8, "-" * 23)]
    rows = [
        (f"{number:>4}", facts.grouped(mac, "."), "DYNAMIC", one.name) for mac, number, one in facts.learned(device)
    ]
    return table((12, 22, 10, 0), [*head, *rows])
