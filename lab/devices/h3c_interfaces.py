"""What an H3C Comware device answers on its interfaces, their addresses and VPN instances."""

from lab.devices import facts
from lab.devices.facts import shortened, table
from lab.scenario.model import Device, Interface

SHORT = (
    ("M-GigabitEthernet", "M-GE"),
    ("Ten-GigabitEthernet", "XGE"),
    ("FortyGigE", "FGE"),
    ("HundredGigE", "HGE"),
    ("GigabitEthernet", "GE"),
    ("Vlan-interface", "Vlan"),
    ("LoopBack", "Loop"),
    ("Bridge-Aggregation", "BAGG"),
    ("Route-Aggregation", "RAGG"),
)


def short(name: str) -> str:
    """Write an interface's name as Comware does in narrow tables."""
    return shortened(name, SHORT)


def _state(one: Interface) -> str:
    return ("UP" if one.up else "DOWN") if one.admin_up else "Administratively DOWN"


def _block(device: Device, one: Interface) -> str:
    lines = [one.name, f"Current state: {_state(one)}", f"Line protocol state: {'UP' if facts.live(one) else 'DOWN'}"]
    lines += [f"Description: {one.description or one.name + ' Interface'}", f"Bandwidth: {facts.kbps(one)} kbps"]
    hardware = facts.grouped(facts.mac(device, one), "-")
    if facts.cabled(one):
        mode = f"{one.speed.rstrip('M')}Mbps-speed mode, {one.duplex}-duplex mode"
        lines.append(mode if facts.live(one) else "Unknown-speed mode, unknown-duplex mode")
    if facts.routed(one):
        lines.append("Maximum transmission unit: 1500")
        for number, own in enumerate(facts.v4(one)):
            lines.append(f"Internet address: {own} ({'Sub' if number else 'Primary'})")
        if not one.v4:
            lines.append("Internet protocol processing: Disabled")
        lines += [f"{ip} packet frame type: Ethernet II, hardware address: {hardware}" for ip in ("IP", "IPv6")]
    else:
        lines += [f"IP packet frame type: Ethernet II, hardware address: {hardware}", f"PVID: {one.vlan}"]
        lines += ["Port link-type: Access", " Tagged VLANs:   None", f" UnTagged VLANs: {one.vlan}"]
    return "\n".join([*lines, "Last clearing of counters: Never"]) + "\n"


def interface(device: Device, argument: str) -> str | None:
    """Write `display interface`."""
    return facts.each(device, argument, _block)


def _link(one: Interface) -> str:
    return ("UP" if one.up else "DOWN") if one.admin_up else "ADM"


def _spoofing(one: Interface, up: str) -> str:
    return up + "(s)" if one.name.startswith(("LoopBack", "NULL")) else up


def interface_brief(device: Device, _: str) -> str:
    """Write `display interface brief`: what routes, then what bridges."""
    text = "Brief information on interfaces in route mode:\nLink: ADM - administratively down; Stby - standby\n"
    text += "Protocol: (s) - spoofing\n"
    head = ("Interface", "Link", "Protocol", "Primary IP", "Description")
    rows = [
        (
            *(short(one.name), _link(one), _spoofing(one, "UP") if facts.live(one) else "DOWN"),
            *((one.v4 or ["--"])[0].partition("/")[0], one.description),
        )
        for one in device.interfaces
        if facts.routed(one)
    ]
    text += table((21, 5, 9, 16, 0), [head, *rows])
    ports = [
        (
            short(one.name),
            _link(one),
            one.speed + "(a)",
            "F(a)" if one.duplex == "full" else "H",
            "A",
            one.vlan,
            one.description,
        )
        for one in device.interfaces
        if not facts.routed(one)
    ]
    if ports:
        text += "\nBrief information on interfaces in bridge mode:\nLink: ADM - administratively down; Stby - standby\n"
        text += "Speed: (a) - auto\nDuplex: (a)/A - auto; H - half; F - full\nType: A - access; T - trunk; H - hybrid\n"
        text += table(
            (21, 5, 9, 7, 5, 5, 0), [("Interface", "Link", "Speed", "Duplex", "Type", "PVID", "Description"), *ports]
        )
    return text


def _lower(one: Interface) -> tuple[str, str]:
    physical = ("up" if one.up else "down") if one.admin_up else "*down"
    return physical, _spoofing(one, "up") if facts.live(one) else "down"


def ip_interface_brief(device: Device, _: str) -> str:
    """Write `display ip interface brief`."""
    head = ("Interface", "Physical", "Protocol", "IP Address", "Description")
    rows = [
        (short(one.name), *_lower(one), (one.v4 or ["--"])[0].partition("/")[0], one.description[:20] or "--")
        for one in device.interfaces
        if facts.routed(one)
    ]
    return "*down: administratively down\n(s): spoofing  (l): loopback\n" + table((20, 9, 9, 16, 0), [head, *rows])


def ipv6_interface_brief(device: Device, _: str) -> str:
    """Write `display ipv6 interface brief`: the smallest global address, else the link-local one, without a length."""
    text = "*down: administratively down\n(s): spoofing\n"
    text += f"{'Interface':<42}{'Physical':<9}{'Protocol':<9}IPv6 Address\n"
    rows = []
    for one in device.interfaces:
        if facts.has_v6(one):
            own = sorted(address.ip for address in facts.v6(one))
            shown = own[0] if own else facts.link_local(device, one) if facts.live(one) else "Unassigned"
            rows.append((one.name, *_lower(one), str(shown) if shown == "Unassigned" else str(shown).upper()))
    return text + table((41, 9, 9, 0), rows)


def _block6(device: Device, one: Interface) -> str:
    if not facts.has_v6(one):
        return ""
    up = facts.live(one)
    tail = "" if up else " [TENTATIVE]"
    own = facts.v6(one)
    lines = [
        f"{one.name} current state: {_state(one)}",
        f"Line protocol current state: {'UP' if up else 'DOWN'}",
        f"IPv6 is enabled, link-local address is {str(facts.link_local(device, one)).upper()}{tail}",
    ]
    if own:
        lines.append("  Global unicast address(es):")
        lines += [f"    {str(one6.ip).upper()}, subnet is {str(one6.network).upper()}{tail}" for one6 in own]
    else:
        lines.append("  No global unicast address configured")
    lines += [
        *("  Joined group address(es):", "    FF02::1", "    FF02::2", "  MTU is 1500 bytes"),
        *("  ND DAD is enabled, number of DAD attempts: 1", "  ND reachable time is 30000 milliseconds"),
        *("  ND retransmit interval is 1000 milliseconds", "  Hosts use stateless autoconfig for addresses"),
        *("IPv6 Packet statistics:", "  InReceives:                       0"),
    ]
    return "\n".join(lines) + "\n"


def ipv6_interface(device: Device, argument: str) -> str | None:
    """Write `display ipv6 interface`."""
    return facts.each(device, argument, _block6)


def vpn_instance(device: Device, _: str) -> str:
    """Write `display ip vpn-instance`."""
    names = facts.vrfs(device)
    rows = [(f"  {name}", f"65000:{number}", "2021/03/08 09:00:00") for number, name in enumerate(names, 1)]
    return f"  Total VPN-Instances configured : {len(names)}\n" + table(
        (34, 22, 0), [("  VPN-Instance Name", "RD", "Create time"), *rows]
    )
