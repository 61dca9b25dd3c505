"""Real outputs of real devices, which the project keeps beside its folder: every file has its expected facts here."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scanners.platforms.devices import VENDORS
from tests.scanners.platforms.devices.answering import facts
from xunyan.device_facts import (
    Device,
    DeviceFact,
    DeviceInterface,
    DeviceRoute,
    DeviceService,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    MacEntry,
    RouteTotal,
    RoutingPeer,
    SnmpCommunity,
    TimeSync,
    Vlan,
)

SAMPLES = Path(__file__).parents[5] / "shared" / "samples" / "cli"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="needs the folder `shared/samples/cli` beside the project folder"
)


def port(name: str, oper: str, protocol: str = "", **more: object) -> DeviceInterface:
    return DeviceInterface(name, **{"admin": "up", "oper": oper, "protocol": protocol, **more})  # type: ignore[arg-type]


def address(interface: str, text: str, prefix: int) -> InterfaceAddress:
    return InterfaceAddress(interface, 4, text, prefix, "global", "preferred")


def arp(text: str, mac: str, interface: str, kind: str, vlan: int = 0) -> IpNeighbor:
    return IpNeighbor(4, text, mac, interface, kind, vlan=vlan)


def bgp(neighbor: str, remote_as: str, state: str = "established") -> RoutingPeer:
    return RoutingPeer("bgp", 4, neighbor, state, state == "established", remote_as=remote_as)


def isis(system: str, interface: str) -> RoutingPeer:
    return RoutingPeer("isis", 0, system, "up", up=True, interface=interface)


def route(destination: str, protocol: str, interface: str, hop: str = "", *, active: bool = True) -> DeviceRoute:
    return DeviceRoute(4, destination, hop, interface, protocol, active=active)


def numbered(kind: str, numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"{kind}0/0/{number}" for number in numbers)


XGE, FORTY = "XGigabitEthernet", numbered("40GE", range(1, 7))
ROUTER_MAC = "fc:73:fb:9e:60:1c"

HUAWEI: dict[str, list[DeviceFact]] = {
    "display arp all": [
        arp("192.168.1.253", "b0:76:1b:65:6a:40", "MEth0/0/1", "own"),
        arp("10.10.10.1", "b0:76:1b:65:6a:4b", "Vlanif10", "own"),
        arp("10.10.10.2", "b8:d6:f6:ff:73:9b", f"{XGE}0/0/1", "dynamic", 10),
        arp("10.10.20.1", "b0:76:1b:65:6a:46", "Vlanif20", "own"),
        arp("10.10.20.2", "b8:d6:f6:ff:73:96", f"{XGE}0/0/1", "dynamic", 20),
    ],
    "display arp brief": [
        arp("192.168.120.251", "60:de:44:74:96:40", "Vlanif1", "own"),
        arp("192.168.120.1", "70:54:f5:df:9b:40", "GigabitEthernet0/0/0", "dynamic", 1),
        arp("192.168.120.252", "04:f9:38:95:83:00", "GigabitEthernet0/0/0", "dynamic", 1),
    ],
    "display bgp peer": [bgp(f"192.168.1.1{last}", "635.66") for last in (1, 2, 3, 4)],
    "display http server": [
        DeviceService("http", 4, enabled=False, port=80),
        DeviceService("https", 4, enabled=False, port=443),
        DeviceService("http", 6, enabled=False, port=80),
        DeviceService("https", 6, enabled=False, port=443),
    ],
    "display interface": [
        port("Cellular0/0/0", "down", "down", mode="routed"),
        port("Dialer1", "up", "up", mode="routed"),
        address("Dialer1", "192.214.198.156", 32),
        port("Dialer1:0", "up", "up"),
        port("Ethernet0/0/0", "down", "down", mode="routed", mac="fc:73:fb:9e:60:1f"),
        port("GigabitEthernet0/0/0", "down", "down", kbps=10_000, duplex="half", vlan=1, mac=ROUTER_MAC),
        port("GigabitEthernet0/0/1", "down", "down", kbps=1_000_000, duplex="full", vlan=2, mac=ROUTER_MAC),
        port("GigabitEthernet0/0/2", "up", "up", kbps=1_000_000, duplex="full", vlan=100, mac=ROUTER_MAC),
        port("GigabitEthernet0/0/3", "down", "down", kbps=1_000_000, duplex="full", vlan=1, mac=ROUTER_MAC),
        port("GigabitEthernet0/0/4", "up", "down", kbps=1_000_000, duplex="full", mode="routed", mac="fc:73:fb:9e:60:1d"),
        port("GigabitEthernet0/0/5", "up", "down", kbps=1_000_000, duplex="full", mode="routed", mac="fc:73:fb:9e:60:1e", description="VirtualPort"),
        port("NULL0", "up", "up", mode="routed"),
        port("Vlanif1", "up", "up", mode="routed", mac=ROUTER_MAC),
        address("Vlanif1", "192.168.1.1", 24),
        port("Vlanif2", "down", "down", mode="routed", mac=ROUTER_MAC),
        address("Vlanif2", "192.168.120.1", 24),
        port("Vlanif100", "up", "up", mode="routed", mac=ROUTER_MAC, description="DMZ"),
        address("Vlanif100", "100.95.15.241", 30),
        port("Wlan-Bss1", "up", "up", mac=ROUTER_MAC),
        port("Wlan-Bss7", "up", "up", mac=ROUTER_MAC),
        port("Wlan-Radio0/0/0", "up", "up", mac=ROUTER_MAC),
        port("Wlan-Radio0/0/1", "up", "up", mac=ROUTER_MAC),
        port("Tunnel0/0/2", "up", "up", mode="routed"),
        port("Virtual-Ethernet0/0/1", "up", "up", vlan=1, mac="dc:d2:fc:f9:b5:ca"),
    ],
    "display interface brief": [
        port("Aux0/0/1", "down", "down"),
        port("Eth-Trunk2", "up", "up"),
        *(port(f"GigabitEthernet8/1/{number}", "up", "up") for number in (16, 17, 18, 19, 20)),
        port("Eth-Trunk3", "up", "up"),
        *(port(f"GigabitEthernet8/1/{number}", "up", "up") for number in (21, 22, 23)),
        port("Eth-Trunk4", "up", "down"),
        port("GigabitEthernet15/1/0", "up", "up"),
        port("GigabitEthernet16/0/1", "up", "up"),
        port("Eth-Trunk4.10", "up", "up"),
        port("Eth-Trunk5", "up", "down"),
        port("GigabitEthernet4/0/4", "up", "up"),
        port("Eth-Trunk5.100", "up", "up"),
    ],
    "display ip routing-table verbose": [
        route("0.0.0.0/0", "static", "Dialer1", "192.214.198.156"),
        route("0.0.0.0/0", "bgp", "Dialer1", "23.90.232.243", active=False),
        route("23.90.232.243/32", "direct", "Dialer1"),
        route("100.95.15.240/30", "direct", "Vlanif100"),
        route("100.95.15.241/32", "local", "Vlanif100"),
        route("100.95.15.243/32", "local", "Vlanif100"),
        route("127.0.0.0/8", "local", "InLoopBack0"),
        route("127.0.0.1/32", "local", "InLoopBack0"),
        route("127.255.255.255/32", "local", "InLoopBack0"),
        route("192.168.1.0/24", "direct", "Vlanif1"),
        route("192.168.1.1/32", "local", "Vlanif1"),
        route("192.168.1.255/32", "local", "Vlanif1"),
        route("192.214.198.156/32", "local", "Dialer1"),
        route("255.255.255.255/32", "local", "InLoopBack0"),
        RouteTotal(4, "", said=14, read=14),
    ],
    "display ipv6 neighbors": [
        IpNeighbor(6, "2::1", "70:7b:e8:e9:d3:29", "GigabitEthernet0/0/0", "dynamic", vlan=200),
        IpNeighbor(6, "fe80::727b:e8ff:fee9:d329", "70:7b:e8:e9:d3:29", "GigabitEthernet0/0/1", "dynamic", vlan=100),
    ],
    "display isis peer": [
        isis("RR-BD3515597G9-01H", "GigabitEthernet0/2/0"),
        isis("RR-BD3514349G9-01H", "GigabitEthernet0/2/1"),
        isis("RR-BD3515597G9-01H", "GigabitEthernet0/2/0.1000"),
        isis("RR-BD3514349G9-01H", "GigabitEthernet0/2/1.1000"),
    ],
    "display lldp neighbor": [
        LldpNeighbor("GigabitEthernet0/0/1", "tsa-2960-sw01", "Gi1/0/1", "f5:5f:c2:c5:e1:80", "192.168.0.240"),
        LldpNeighbor("GigabitEthernet0/0/8", "tsa-2960-sw01", "Gi1/0/2", "f4:1f:c2:c5:e1:80", "192.168.0.241"),
    ],
    "display mac-address": [
        MacEntry("b8:d6:f6:ff:73:90", 10, f"{XGE}0/0/1", "dynamic"),
        MacEntry("b8:d6:f6:ff:73:9b", 10, f"{XGE}0/0/1", "dynamic"),
    ],
    "display ntp status": [TimeSync(synchronized=True, stratum=2, reference="LOCAL(0)")],
    "display snmp-agent community read": [
        SnmpCommunity("read", "ViewDefault", "2000"),
        SnmpCommunity("read", "ViewDefault"),
    ],
    "display telnet server status": [
        DeviceService("telnet", 4, enabled=False, port=23),
        DeviceService("telnet", 6, enabled=False, port=23),
    ],
    "display version": [Device("huawei", "NE40E-X2-M8A", "V800R011C00SPC200")],
    "display vlan": [
        Vlan(1, "VLAN 0001", numbered(XGE, range(1, 7)), FORTY),
        Vlan(10, "VLAN 0010", numbered(XGE, range(7, 13))),
        Vlan(20, "VLAN 0020", (), FORTY),
        Vlan(30, "VLAN 0030", numbered(XGE, range(13, 19)), FORTY),
        Vlan(1555, "VLAN 1555", (), ("Eth-Trunk0",)),
    ],
}  # fmt: skip

TEN = "Ten-GigabitEthernet"

H3C: dict[str, list[DeviceFact]] = {
    "display arp": [
        arp("10.20.10.1", "00:1e:c1:dc:fc:01", "M-GigabitEthernet0/0/0", "dynamic"),
        arp("10.20.1.254", "00:1e:c1:dc:fc:01", f"{TEN}1/0/47", "dynamic", 1),
        arp("10.20.1.2", "2c:23:3a:40:7e:18", f"{TEN}1/0/48", "dynamic", 1),
    ],
    "display bgp peer ipv4": [
        bgp("12.123.123.189", "100"),
        bgp("2.114.82.34", "100", "connect"),
        bgp("2.114.82.38", "100", "connect"),
        bgp("2.114.82.42", "100"),
        bgp("2.114.82.46", "100"),
    ],
    "display device manuinfo": [Device("h3c", "LS-12511-X-AC", serial="11111111111111110000")],
    "display interface": [
        port("Vlan-interface2000", "up", "up", kbps=10_000_000, description="Servers", mac="ab:ab:cd:cd:64:86"),
        address("Vlan-interface2000", "10.1.1.1", 24),
        port("Bridge-Aggregation20", "up", "up", kbps=40_000_000, duplex="full", description="FIRST_BLOCK",
             mac="ab:ab:cd:cd:64:85", mode="trunk", vlan=1),
        port("GigabitEthernet1/1/0/31", "down", "down", kbps=1_000_000, description="WIFI", mac="ab:ab:cd:cd:64:85", mode="trunk", vlan=2190),
        port(f"{TEN}1/0/1", "down", "down", kbps=100_000, mac="00:0c:29:63:b7:67", mode="access", vlan=1),
    ],
    "display interface brief": [
        port("Aux0", "up", "up", mode="routed"),
        port("Cellular0/0", "down", "down", mode="routed"),
        port("GigabitEthernet0/0", "up", "up", mode="routed", description="The interfac"),
        address("GigabitEthernet0/0", "192.168.100.1", -1),
        port("LoopBack0", "up", "up", mode="routed"),
        port("MP0", "down", "down", mode="routed"),
        port("NULL0", "up", "up", mode="routed"),
        port("Vlan-interface1", "down", "down", mode="routed"),
        address("Vlan-interface1", "192.168.1.1", -1),
        *(port(f"GigabitEthernet0/{number}", "down", duplex="auto", mode="access", vlan=1) for number in (1, 2, 3, 4)),
    ],
    "display ip interface": [
        port("LoopBack0", "up", "up"),
        address("LoopBack0", "172.18.255.63", 32),
        port("M-GigabitEthernet0/0/0", "down", "down", admin="down"),
        port("Vlan-interface66", "up", "up"),
        address("Vlan-interface66", "172.18.69.101", 24),
        port("Vlan-interface89", "up", "up"),
        address("Vlan-interface89", "172.18.89.3", 24),
        port("Vlan-interface206", "up", "up"),
        address("Vlan-interface206", "172.18.41.22", 24),
    ],
    "display ip routing-table": [
        route("0.0.0.0/32", "local", "InLoopBack0"),
        route("9.72.47.0/24", "ospf", "Vlan-interface1600", "172.16.43.2"),
        route("9.72.47.0/24", "ospf", "Vlan-interface1601", "172.16.43.6"),
        route("10.1.0.0/16", "ospf", "Vlan-interface1600", "172.16.43.2"),
        route("10.1.0.0/16", "ospf", "Vlan-interface1601", "172.16.43.6"),
        route("10.1.14.0/24", "static", "Vlan-interface1920", "172.16.39.2"),
        route("0.0.0.0/0", "static", "GigabitEthernet0/1", "192.168.56.1"),
        route("1.1.1.0/24", "static", "GigabitEthernet0/1", "192.168.56.1"),
        route("1.1.1.0/24", "static", "GigabitEthernet0/2", "192.168.56.2"),
        route("1.1.1.0/24", "static", "GigabitEthernet0/3", "192.168.56.3"),
        *(route(text, "local", "InLoopBack0") for text in ("127.0.0.0/8", "127.0.0.0/32", "127.0.0.1/32", "127.255.255.255/32")),
        route("192.168.56.0/24", "direct", "GigabitEthernet0/1"),
        route("192.168.56.0/32", "direct", "GigabitEthernet0/1"),
        route("192.168.56.101/32", "local", "InLoopBack0"),
        route("192.168.56.255/32", "direct", "GigabitEthernet0/1"),
        route("224.0.0.0/4", "direct", "NULL0"),
        route("224.0.0.0/24", "direct", "NULL0"),
        route("255.255.255.255/32", "local", "InLoopBack0"),
        route("9.72.47.0/24", "bgp", "GigabitEthernet0/0/9", "172.16.42.221"),
        route("9.72.47.0/24", "bgp", "GigabitEthernet0/0/10", "172.16.42.229"),
        route("10.1.0.0/16", "ospf", "GigabitEthernet0/0/45", "172.16.43.82"),
        route("10.1.14.0/24", "ospf", "Route-Aggregation40", "172.16.43.1"),
        route("10.1.208.0/20", "ospf", "GigabitEthernet0/0/45", "172.16.43.82"),
        route("10.210.0.0/16", "bgp", "GigabitEthernet9/1/3.1132", "10.6.12.106"),
        route("10.210.4.0/24", "bgp", "GigabitEthernet0/0/9", "172.16.42.221"),
        route("10.210.4.0/24", "bgp", "GigabitEthernet0/0/10", "172.16.42.229"),
        route("10.210.4.201/32", "ospf", "Route-Aggregation44", "172.16.43.10"),
        route("10.211.0.0/16", "bgp", "GigabitEthernet9/1/1.1114", "10.6.12.86"),
        RouteTotal(4, "", said=28601, read=31),
    ],
    "display lldp neighbor-information list": [
        LldpNeighbor(f"{TEN}1/0/1", "SW-TEST-001", f"{TEN}1/0/30", "bc:ea:fa:00:00:01"),
        LldpNeighbor(f"{TEN}1/0/17", "SW-TEST-002", f"{TEN}1/0/29", "5c:8a:38:00:00:02"),
        LldpNeighbor(f"{TEN}1/0/19", "SW-TEST-003", f"{TEN}1/0/54", "bc:ea:fa:00:00:03"),
        LldpNeighbor(f"{TEN}1/0/21", "SW-TEST-004", f"{TEN}1/0/32", "bc:ea:fa:00:00:04"),
    ],
    "display lldp neighbor-information verbose": [
        LldpNeighbor(f"{TEN}1/0/0/1", "SW1", "GigabitEthernet0/0/1", "70:f9:6d:6b:12:34"),
        LldpNeighbor(f"{TEN}1/0/0/2", "SW2", f"{TEN}1/0/0/5", "70:f9:6d:17:12:35", "10.6.5.4"),
        LldpNeighbor(f"{TEN}1/0/0/3", "SW3", f"{TEN}2/0/0/5", "70:f9:6d:17:12:36", "10.6.5.3"),
        LldpNeighbor("GigabitEthernet0/0", "Test-Router", "GigabitEthernet0/0", "4c:1c:50:3a:12:34", "10.1.1.2"),
    ],
    "display mac-address": [
        MacEntry("00:00:11:11:22:22", 1, "Bridge-Aggregation1", "dynamic"),
        MacEntry("fe:dc:ba:09:87:65", 10, "GigabitEthernet1/0/20", "dynamic"),
        MacEntry("aa:aa:bb:bb:cc:cc", 10, "GigabitEthernet1/0/41", "dynamic"),
        MacEntry("de:ad:be:ef:00:42", 20, "GigabitEthernet1/0/10", "dynamic"),
    ],
}  # fmt: skip

BOARD, FAR = "74:4a:a4:2b:20:10", "04:27:58:73:0b:65"


def shown(name: str, speed: int, description: str = "", *, up: bool = False) -> DeviceInterface:
    state = "up" if up else "down"
    return DeviceInterface(name, state, state, state, speed * 1_000_000, "full", description)


ZTE: dict[str, list[DeviceFact]] = {
    "show arp": [
        arp("10.10.255.1", BOARD, "xgei-1/1/0/1.201", "own", 201),
        arp("10.10.255.2", FAR, "xgei-1/1/0/1.201", "dynamic", 201),
        arp("10.10.10.249", BOARD, "xgei-1/1/0/1.301", "own", 301),
        arp("10.10.10.250", FAR, "xgei-1/1/0/1.301", "dynamic", 301),
        arp("10.10.10.25", BOARD, "xgei-1/1/0/1.401", "own", 401),
        arp("10.10.10.26", FAR, "xgei-1/1/0/1.401", "dynamic", 401),
        arp("10.10.10.253", BOARD, "xgei-1/1/0/1.1001", "own", 1001),
        arp("10.10.10.254", FAR, "xgei-1/1/0/1.1001", "dynamic", 1001),
        arp("10.102.195.181", BOARD, "xgei-1/1/0/2.3100", "own", 3100),
        arp("10.102.195.182", "8c:df:9d:27:35:c0", "xgei-1/1/0/2.3100", "dynamic", 3100),
        arp("10.89.255.201", BOARD, "xgei-1/1/0/2.3901", "own", 3901),
        arp("10.89.255.202", "00:20:85:f8:5d:58", "xgei-1/1/0/2.3901", "dynamic", 3901),
        arp("10.10.184.255", BOARD, "xxvgei-1/1/0/20", "own"),
        arp("10.10.184.254", "74:4a:a4:2b:1f:e8", "xxvgei-1/1/0/20", "dynamic"),
        arp("10.10.185.2", BOARD, "xxvgei-1/1/0/24", "own"),
        arp("10.10.185.3", "74:4a:a4:2b:d3:58", "xxvgei-1/1/0/24", "dynamic"),
        arp("192.168.1.11", "74:4a:a4:2b:20:11", "mgmt_eth", "own"),
    ],
    "show interface": [
        port("xxvgei-1/1/0/24", "up", "up", kbps=10_000_000, mac=BOARD, description="R-xxxxx-01Z_"),
        address("xxvgei-1/1/0/24", "10.206.185.2", 31),
        port("xxvgei-1/1/0/32", "down", "down", admin="down", kbps=25_000_000, mac=BOARD),
        port("mgmt_eth", "down", "down", kbps=100_000, mac="74:4a:a4:2b:20:11"),
        address("mgmt_eth", "192.168.1.11", 24),
        port("loopback0", "up", "up", kbps=8_000_000, mac=BOARD, description="Management&T"),
        address("loopback0", "10.10.10.108", 32),
    ],
    "show interface brief": [
        shown("xgei-1/1/0/1", 1, "Link_to_XXXX", up=True),
        shown("xgei-1/1/0/2", 1, "Link_to_XXXX", up=True),
        shown("xgei-1/1/0/3", 1),
        shown("xgei-1/1/0/4", 1),
        *(shown(f"xgei-1/1/0/{number}", 10) for number in range(5, 11)),
        *(shown(f"cgei-1/1/0/{number}", 100) for number in range(33, 37)),
        *(shown(f"xxvgei-1/1/0/{number}", 25) for number in range(11, 20)),
        shown("xxvgei-1/1/0/20", 10, "R-xxxx-01Z_x", up=True),
        *(shown(f"xxvgei-1/1/0/{number}", 25) for number in range(21, 24)),
        shown("xxvgei-1/1/0/24", 10, "R-xxxx01-01Z", up=True),
        *(shown(f"xxvgei-1/1/0/{number}", 25) for number in range(25, 33)),
    ],
    "show version": [Device("zte", "6120H-S", "V5.10.00.50")],
}  # fmt: skip

EXPECTED = {"huawei_vrp": HUAWEI, "hp_comware": H3C, "zte_zxros": ZTE}
CASES = [(platform, source) for platform, answers in EXPECTED.items() for source in answers]


def file_of(platform: str, source: str) -> Path:
    return SAMPLES / f"{platform}.{source.replace(' ', '_')}.txt"


def begun(found: Sequence[DeviceFact]) -> list[DeviceFact]:
    """The facts with the beginning of descriptions: what people wrote there stays in the samples."""
    return [
        replace(fact, description=fact.description[:12]) if isinstance(fact, DeviceInterface) else fact
        for fact in found
    ]


@pytest.mark.parametrize(("platform", "source"), CASES, ids=lambda one: one.replace(" ", "-"))
def test_facts(platform: str, source: str) -> None:
    assert begun(facts(platform, source, file_of(platform, source).read_bytes())) == EXPECTED[platform][source]


def test_every_file_is_expected() -> None:
    assert sorted(SAMPLES.glob("*.txt")) == sorted(file_of(*case) for case in CASES)


@pytest.mark.parametrize(("platform", "source"), CASES, ids=lambda one: one.replace(" ", "-"))
def test_the_same_with_the_line_ends_and_blanks_of_a_terminal(platform: str, source: str) -> None:
    lines = file_of(platform, source).read_text("utf-8").splitlines()
    answered: Callable[[str], str] = lambda end: f"<R1>{source}{end}" + "".join(f"{line}   {end}" for line in lines)  # noqa: E731
    prompt = "<R1>" if source.startswith("display") else "R1#"
    echoed = answered("\r\n").replace("<R1>", prompt, 1) + prompt
    assert begun(facts(platform, source, echoed)) == EXPECTED[platform][source]


def test_no_platform_of_the_samples_is_missing() -> None:
    assert {path.name.partition(".")[0] for path in SAMPLES.glob("*.txt")} <= set(VENDORS)
