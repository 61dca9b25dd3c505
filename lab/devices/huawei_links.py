"""What a Huawei VRP device answers on VLANs and neighbours: LLDP, ARP, ND, MAC tables."""

from lab.devices import facts
from lab.devices.facts import table
from lab.devices.huawei_interfaces import short
from lab.scenario.model import Device

_RULE = "-" * 79 + "\n"


def vlan(device: Device, _: str) -> str:
    """Write `display vlan`."""
    found = facts.vlans(device)
    text = f"The total number of VLANs is: {len(found)}\n{_RULE}"
    text += (
        "U: Up;         D: Down;         TG: Tagged;         UT: Untagged;\n" + _RULE + "\nVID  Type    Ports\n" + _RULE
    )
    for number, ports in found.items():
        cells = [f"{short(port.name)}({'U' if facts.live(port) else 'D'})" for port in ports]
        groups = [cells[at : at + 4] for at in range(0, len(cells), 4)] or [[]]
        for at, group in enumerate(groups):
            head = f"{number:<5}common  " + ("UT:" if group else "") if not at else " " * 16
            text += (head + "".join(f"{cell:<16}" for cell in group)).rstrip() + "\n"
    text += "\nVID  Status  Property      MAC-LRN Statistics Description\n" + _RULE
    return text + "".join(f"{number:<5}enable  default       enable  disable    VLAN {number:04}\n" for number in found)


def lldp(device: Device, _: str) -> str:
    """Write `display lldp neighbor`."""
    text = ""
    for one, name, port in facts.links(device):
        text += (
            f"{one.name} has 1 neighbor(s):\n\nNeighbor index : 1\nChassis type   : MAC address\n"
            f"Chassis ID     : {facts.grouped(facts.mac_of('chassis', name), '-')}\nPort ID type   : Interface name\n"
            f"Port ID        : {port}\nPort description    : {port}\nSystem name         : {name}\n"
            f"System description  : {name}\nSystem capabilities supported   : bridge router\n"
            "System capabilities enabled     : bridge router\nExpired time   : 102s\n\n"
        )
    return text


def lldp_brief(device: Device, _: str) -> str:
    """Write `display lldp neighbor brief`."""
    rows = [(short(one.name), name, short(port), "102") for one, name, port in facts.links(device)]
    return table((25, 29, 25, 0), [("Local Intf", "Neighbor Dev", "Neighbor Intf", "Exptime(s)"), *rows])


def arp(device: Device, _: str) -> str:
    """Write `display arp`."""
    rows = facts.neighbours(device, 4)
    own = sum(row.own for row in rows)
    text = "IP ADDRESS      MAC ADDRESS     EXPIRE(M) TYPE        INTERFACE   VPN-INSTANCE\n"
    text += " " * 36 + "VLAN/CEVLAN(SIP/DIP)\n" + _RULE
    text += table(
        (16, 16, 10, 12, 12, 0),
        [
            (
                *(row.address, facts.grouped(row.mac, "-"), "" if row.own else "17", "I -" if row.own else "D-0"),
                *(short(row.interface.name), row.interface.vrf),
            )
            for row in rows
        ],
    )
    return text + _RULE + f"Total:{len(rows):<10}Dynamic:{len(rows) - own:<8}Static:0     Interface:{own}\n"


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `display ipv6 neighbors`."""
    rows = [row for row in facts.neighbours(device, 6) if not row.own]
    text = _RULE
    for row in rows:
        number = facts.vlan_number(row.interface)
        text += (
            f"IPv6 Address : {row.address.upper()}\n"
            f"Link-layer   : {facts.grouped(row.mac, '-'):<35} State : REACH\n"
            f"Interface    : {short(row.interface.name):<35} Age   : 00h05m12s\n"
            f"VLAN         : {number or '-':<35} CEVLAN: -\n"
            f"VPN name     : {row.interface.vrf:<35} Is Router: TRUE\nSecure FLAG  : UN-SECURE\n\n"
        )
    return text + _RULE + f"Total: {len(rows):<8}Dynamic: {len(rows):<8}Static: 0\n"


def mac_address(device: Device, _: str) -> str:
    """Write `display mac-address`."""
    head = _RULE + "MAC Address    VLAN/VSI/BD                       Learned-From        Type\n" + _RULE
    found = facts.learned(device)
    rows = [(facts.grouped(mac, "-"), f"{number}/-/-", short(port.name), "dynamic") for mac, number, port in found]
    return head + table((15, 34, 20, 0), rows) + "\n" + _RULE + f"Total items displayed = {len(rows)}\n"
