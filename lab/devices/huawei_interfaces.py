"""What a Huawei VRP device answers on its interfaces, their addresses and VPN instances."""

from lab.devices import facts
from lab.devices.facts import shortened, table
from lab.scenario.model import Device, Interface

SHORT = (
    ("XGigabitEthernet", "XGE"),
    ("GigabitEthernet", "GE"),
    ("Ethernet", "Eth"),
    ("MEth", "MEth"),
)


def short(name: str) -> str:
    """Write an interface's name as VRP does in narrow tables."""
    return shortened(name, SHORT)


def modern(device: Device) -> bool:
    """Whether it is a VRP8: CE, NE, ATN; else a VRP5."""
    return device.version.startswith("8.") or device.model.startswith(("CE", "NE", "ATN"))


def _state(interface: Interface) -> str:
    return ("UP" if interface.up else "DOWN") if interface.admin_up else "Administratively DOWN"


def _block(device: Device, one: Interface) -> str:
    lines = [
        f"{one.name} current state : {_state(one)}",
        f"Line protocol current state : {'UP' if facts.live(one) else 'DOWN'}",
        f"Description:{one.description}",
    ]
    if facts.routed(one):
        lines.append("Route Port,The Maximum Transmit Unit is 1500")
        owned = [f"Internet Address is {own}" + (" Sub" if number else "") for number, own in enumerate(facts.v4(one))]
        lines += owned or ["Internet protocol processing : disabled"]
    else:
        lines.append(f"Switch Port, PVID : {one.vlan:>4}, TPID : 8100(Hex), The Maximum Frame Length is 9216")
    lines.append(
        "IP Sending Frames' Format is PKTFMT_ETHNT_2, Hardware address is " + facts.grouped(facts.mac(device, one), "-")
    )
    if facts.cabled(one):
        lines.append(f"Speed : {one.speed.rstrip('M'):>5}, Loopback: NONE")
        lines.append(f"Duplex: {one.duplex.upper()}, Negotiation: {'ENABLE' if one.duplex == 'full' else 'DISABLE'}")
        lines.append("    Input bandwidth utilization  :    1%\n    Output bandwidth utilization :    2%")
    return "\n".join(lines) + "\n"


def interface(device: Device, argument: str) -> str | None:
    """Write `display interface`."""
    return facts.each(device, argument, _block)


def _physical(one: Interface) -> str:
    return ("up" if one.up else "down") if one.admin_up else "*down"


def _protocol(one: Interface) -> str:
    if not facts.live(one):
        return "down"
    return "up(s)" if one.name.startswith(("LoopBack", "NULL")) else "up"


_LEGEND = "*down: administratively down\n(l): loopback\n(s): spoofing\n"

_LEGEND8 = "*down: administratively down\n!down: FIB overload down\n(l): loopback\n(s): spoofing\n"


def interface_brief(device: Device, _: str) -> str:
    """Write `display interface brief`."""
    head = ("Interface", "PHY", "Protocol", "InUti", "OutUti", "inErrors", "outErrors")
    rows = [(one.name, _physical(one), _protocol(one), "0%", "0%", "0", "0") for one in device.interfaces]
    return "PHY: Physical\n" + _LEGEND + table((28, 6, 10, 7, 9, 11, 0), [head, *rows])


def ip_interface_brief(device: Device, _: str) -> str:
    """Write `display ip interface brief`."""
    rows = [one for one in device.interfaces if facts.routed(one)]
    up, live = sum(one.up and one.admin_up for one in rows), sum(facts.live(one) for one in rows)
    counts = "".join(
        f"The number of interface that is {word} in {layer} is {count}\n"
        for layer, good in (("Physical", up), ("Protocol", live))
        for word, count in (("UP", good), ("DOWN", len(rows) - good))
    )
    cells = [(one.name, (one.v4 or ["unassigned"])[0], _physical(one), _protocol(one), one.vrf or "--") for one in rows]
    head = ("Interface", "IP Address/Mask", "Physical", "Protocol", "VPN")
    return _LEGEND + counts + "\n" + table((34, 21, 11, 11, 0), [head, *cells])


def ipv6_interface_brief(device: Device, _: str) -> str:
    """Write `display ipv6 interface brief`: with VPN and prefix length on VRP8, without on VRP5."""
    new = modern(device)
    text = _LEGEND8 if new else _LEGEND
    text += f"{'Interface':<29}{'Physical':<22}{'Protocol':<9}" + ("VPN\n" if new else "  \n")
    for one in device.interfaces:
        if facts.has_v6(one):
            text += table(
                (29, 22, 9, 0), [(one.name, _physical(one), _protocol(one), (one.vrf or "--") if new else "")]
            )
            first = next(iter(facts.v6(one)), None)
            shown = "Unassigned" if first is None else str(first if new else first.ip).upper()
            tail = "" if first is None or facts.live(one) else "  [TENTATIVE]"
            text += ("[IPv6 Address/Prefix Length] " if new else "[IPv6 Address] ") + shown + tail + "\n"
    return text


def _block6(device: Device, one: Interface) -> str:
    if not facts.has_v6(one):
        return ""
    state = _state(one)
    up = facts.live(one)
    local = str(facts.link_local(device, one)).upper()
    lines = [
        f"{one.name} current state : {state} ",
        f"IPv6 protocol current state : {'UP' if up else 'DOWN'}",
        f"IPv6 is enabled, link-local address is {local}{'' if up else ' [TENTATIVE]'}",
    ]
    own = facts.v6(one)
    if own:
        lines.append("  Global unicast address(es):")
        lines += [f"    {str(address.ip).upper()}, subnet is {str(address.network).upper()}" for address in own]
    else:
        lines.append("  No global unicast address configured")
    lines += ["  Joined group address(es):"]
    lines += [f"    FF02::1:FF{int(address.ip) >> 16 & 0xFF:02X}:{int(address.ip) & 0xFFFF:X}" for address in own]
    lines += [
        *("    FF02::2", "    FF02::1", "  MTU is 1500 bytes"),
        "  ND DAD is enabled, number of DAD attempts: 1",
        f"  ND reachable time is {1200000 if modern(device) else 30000} milliseconds",
        "  ND retransmit interval is 1000 milliseconds",
        "  Hosts use stateless autoconfig for addresses",
    ]
    return "\n".join(lines) + "\n"


def ipv6_interface(device: Device, argument: str) -> str | None:
    """Write `display ipv6 interface`."""
    return facts.each(device, argument, _block6)


def vpn_instance(device: Device, _: str) -> str:
    """Write `display ip vpn-instance`."""
    names = facts.vrfs(device)
    head = f" Total VPN-Instances configured      : {len(names)}\n\n"
    families = [
        (name, f"65000:{number}", family)
        for number, name in enumerate(names, 1)
        for family in ("IPv4", *(("IPv6",) if any(facts.v6(i) for i in device.interfaces if i.vrf == name) else ()))
    ]
    return head + table(
        (34, 22, 0), [("  VPN-Instance Name", "RD", "Address-family"), *((f"  {n}", r, f) for n, r, f in families)]
    )
