"""One device of the lab in the shape of each vendor, with something of every kind on it, and what it answers."""

from functools import cache

from lab.devices.vendors import VENDORS
from lab.scenario.model import Device, Interface, Peer, Route
from tests.lab import telling

LAB_NAMES = {
    "huawei_vrp": "huawei",
    "hp_comware": "h3c",
    "ruijie_os": "ruijie",
    "zte_zxros": "zte",
    "cisco_ios": "cisco",
}
PORTS = {
    "huawei_vrp": ("GigabitEthernet0/0/{}", "LoopBack0", "Vlanif10"),
    "hp_comware": ("GigabitEthernet1/0/{}", "LoopBack0", "Vlan-interface10"),
    "ruijie_os": ("GigabitEthernet 0/{}", "Loopback 0", "VLAN 10"),
    "zte_zxros": ("gei-0/1/0/{}", "loopback1", "vlan10"),
    "cisco_ios": ("GigabitEthernet0/{}", "Loopback0", "Vlan10"),
}
DISPLAYING = ("huawei_vrp", "hp_comware")


def device(platform: str, serial: str = "SN123456") -> Device:
    """A router: a loopback, an uplink with everything on it, a line in a VRF, a dead, a shut and an access port, a VLAN."""
    port, loopback, vlan = PORTS[platform]
    displaying = platform in DISPLAYING
    rules = ["permit tcp source 192.0.2.0 0.0.0.255 destination-port eq 22", "deny ip"]
    if not displaying:
        rules = ["permit tcp 192.0.2.0 0.0.0.255 any eq 22", "deny ip any any"]
    six = "3002" if displaying else "V6IN"
    return Device(
        name="R-EDGE-01",
        vendor=LAB_NAMES[platform],  # type: ignore[arg-type]
        at={},
        serial=serial,
        users={"admin": "x"},
        ntp=["192.0.2.123", "192.0.2.124"],
        interfaces=[
            Interface(name=loopback, v4=["198.51.100.1/32"], v6=["2001:db8::1/128"]),
            Interface(
                name=port.format(1), v4=["203.0.113.1/30", "203.0.113.129/25"], v6=["2001:db8:12::1/64"],
                description="to core 专线", neighbor=("R-CORE-01", port.format(9)), car_kbps=102400, acl_in="3001",
                acl6_in=six, nat=True,
            ),
            Interface(
                name=port.format(2), v4=["203.0.113.5/30"], description="to unit", vrf="VPN-A", speed="100M",
                neighbor=("SW-ACC-02", port.format(3)),
            ),
            Interface(name=port.format(3), up=False, v4=["203.0.113.9/30"], v6=["2001:db8:14::1/64"]),
            Interface(name=port.format(4), up=False, admin_up=False),
            Interface(name=port.format(5), vlan=10, description="desk"),
            Interface(name=vlan, v4=["192.0.2.1/24"], v6=["2001:db8:10::1/64"]),
        ],
        routes=[
            Route(prefix="0.0.0.0/0", next_hop="203.0.113.2"),
            Route(prefix="::/0", next_hop="2001:db8:12::2"),
            Route(prefix="172.16.0.0/12", next_hop="203.0.113.6"),
            Route(prefix="198.18.0.0/16", next_hop="203.0.113.2", protocol="ospf"),
            Route(prefix="198.19.0.0/16", next_hop="203.0.113.2", protocol="bgp"),
        ],
        peers=[
            Peer(protocol="ospf", address="203.0.113.2", router_id="198.51.100.2"),
            Peer(protocol="ospfv3", address="fe80::2", interface=port.format(1), router_id="198.51.100.2", state="Init"),
            Peer(protocol="bgp", address="203.0.113.2", remote_as=65001),
            Peer(protocol="bgp4+", address="2001:db8:12::2", remote_as=65001, state="Idle"),
            Peer(protocol="isis", address="203.0.113.2", router_id="0100.0000.0002", interface=port.format(1)),
        ],
        acls={"3001": rules, f"ipv6 {six}": ["deny ipv6" if displaying else "deny ipv6 any any"]},
    )  # fmt: skip


@cache
def _answers(platform: str, serial: str) -> dict[str, str]:
    own = device(platform, serial)
    told = {
        command: answer(own, "")
        for command, answer in VENDORS[LAB_NAMES[platform]].answers.items()
        if "*" not in command
    } | {command: telling.told(own, command) for command in telling.of_vrfs(own)}
    return {command: text for command, text in told.items() if text is not None}


def answers(platform: str, own: Device | None = None) -> dict[str, str]:
    """What the simulated device answers, by command."""
    return dict(_answers(platform, own.serial if own else "SN123456"))
