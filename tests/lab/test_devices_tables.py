"""What a simulated device answers carries what the scenario says of it, in the vendor's shape."""

import ipaddress
import re

import pytest

from lab.devices.hostile import HUGE, TEXTS, hostile
from lab.devices.secret import secret, secrets_of
from lab.devices.vendors import VENDORS
from lab.devices.words import Found, Unclear, resolve
from lab.scenario.model import Device, Interface, Peer, Route

PORTS = {
    "huawei": ("Vlanif10", "GigabitEthernet0/0/1", "GigabitEthernet0/0/2", "GigabitEthernet0/0/3", "GigabitEthernet0/0/10", "LoopBack0"),
    "h3c": ("Vlan-interface10", "GigabitEthernet1/0/1", "GigabitEthernet1/0/2", "GigabitEthernet1/0/3", "GigabitEthernet1/0/10", "LoopBack0"),
    "ruijie": ("VLAN 10", "GigabitEthernet 0/1", "GigabitEthernet 0/2", "GigabitEthernet 0/3", "GigabitEthernet 0/10", "Loopback 0"),
    "zte": ("vlan10", "gei-0/1/0/1", "gei-0/1/0/2", "gei-0/1/0/3", "gei-0/1/0/10", "loopback1"),
    "cisco": ("Vlan10", "GigabitEthernet0/1", "GigabitEthernet0/2", "GigabitEthernet0/3", "GigabitEthernet0/10", "Loopback0"),
}  # fmt: skip
USERS = {"ops": "口令 Pa$$"}


def make(vendor: str, name: str = "", **more: object) -> Device:
    """A router with two families on two links, IPv4 alone on a third, one shut down, and an access port with limits."""
    vlan, up, old, shut, access, loop = PORTS[vendor]
    values: dict[str, object] = {
        "name": name or f"{vendor.upper()}-1",
        "vendor": vendor,
        "at": {},
        "serial": "SN0123456789",
        "users": USERS,
        "interfaces": [
            Interface(name=vlan, v4=["192.0.2.1/24"], v6=["2001:db8:10::1/64"], description="offices"),
            Interface(
                name=up,
                v4=["198.51.100.1/30"],
                v6=["2001:db8:ff::1/64"],
                nat=True,
                neighbor=("CORE-1", "Port7"),
                acl6_in="3100",
            ),
            Interface(name=old, v4=["203.0.113.1/28"], vrf="gov"),
            Interface(name=shut, v4=["192.0.0.1/29"], v6=["2001:db8:dd::1/64"], up=False, admin_up=False),
            Interface(name=access, vlan=10, car_kbps=20480, acl_in="3000", description="desk"),
            Interface(name=loop, v4=["198.51.100.255/32"]),
        ],
        "routes": [
            Route(prefix="0.0.0.0/0", next_hop="198.51.100.2"),
            Route(prefix="::/0", next_hop="2001:db8:ff::2"),
            Route(prefix="2001:db8:77::/48", next_hop="2001:db8:10::9"),
        ],
        "peers": [
            Peer(protocol="ospf", address="198.51.100.2", router_id="192.0.2.201"),
            Peer(protocol="ospfv3", address="2001:db8:ff::2", router_id="192.0.2.202", state="Init"),
            Peer(protocol="bgp", address="192.0.2.33", remote_as=64533),
            Peer(protocol="bgp4+", address="2001:db8:10::34", remote_as=64534),
            Peer(protocol="bgp4+", address="2001:db8:10::35", remote_as=64535, state="Idle"),
            Peer(protocol="isis", address="198.51.100.2", router_id="CORE-ISIS"),
        ],
        "ntp": ["192.0.2.123"],
        "acls": {"3000": ["deny ip any any"], "3100": ["permit ipv6 any 2001:db8:66::/48"]},
    }
    return Device(**(values | more))  # type: ignore[arg-type]


def answer(device: Device, command: str) -> str:
    found = resolve(command, VENDORS[device.vendor].answers)
    assert isinstance(found, Found), command
    text = VENDORS[device.vendor].answers[found.command](device, found.argument)
    assert text is not None, command
    return text


def lines_with(text: str, *words: str) -> list[str]:
    return [line for line in text.splitlines() if all(word.lower() in line.lower() for word in words)]


COMMANDS: dict[str, dict[str, str]] = {
    "huawei": {
        "brief4": "display ip interface brief", "brief6": "display ipv6 interface brief", "full6": "display ipv6 interface",
        "lldp": "display lldp neighbor brief", "lldp full": "display lldp neighbor", "route4": "display ip routing-table",
        "route6": "display ipv6 routing-table", "vrf route": "display ip routing-table vpn-instance gov",
        "vrf": "display ip vpn-instance", "ospf": "display ospf peer", "ospfv3": "display ospfv3 peer",
        "bgp": "display bgp peer", "bgp6": "display bgp ipv6 peer", "isis": "display isis peer", "arp": "display arp",
        "nd": "display ipv6 neighbors", "mac": "display mac-address", "vlan": "display vlan", "nat": "display nat outbound",
        "acl": "display acl all", "acl6": "display acl ipv6 all", "limit": "display qos car", "serial": "display esn",
        "ntp": "display ntp-service status", "clock": "display clock", "config": "display current-configuration",
        "interface": "display interface", "version": "display version",
    },
    "h3c": {
        "brief4": "display ip interface brief", "brief6": "display ipv6 interface brief", "full6": "display ipv6 interface",
        "lldp": "display lldp neighbor-information list", "lldp full": "display lldp neighbor-information verbose",
        "route4": "display ip routing-table", "route6": "display ipv6 routing-table",
        "vrf route": "display ip routing-table vpn-instance gov", "vrf": "display ip vpn-instance", "ospf": "display ospf peer",
        "ospfv3": "display ospfv3 peer", "bgp": "display bgp peer ipv4", "bgp6": "display bgp peer ipv6 unicast",
        "isis": "display isis peer", "arp": "display arp", "nd": "display ipv6 neighbors all", "mac": "display mac-address",
        "vlan": "display vlan all", "nat": "display nat outbound", "acl": "display acl all", "acl6": "display acl ipv6 all",
        "limit": "display qos car interface", "serial": "display device manuinfo", "ntp": "display ntp-service status",
        "clock": "display clock", "config": "display current-configuration", "interface": "display interface",
        "version": "display version",
    },
    "ruijie": {
        "brief4": "show ip interface brief", "brief6": "show ipv6 interface brief", "full6": "show ipv6 interface",
        "lldp": "show lldp neighbors", "lldp full": "show lldp neighbors detail", "route4": "show ip route",
        "route6": "show ipv6 route", "vrf route": "show ip route vrf gov", "vrf": "show vrf", "ospf": "show ip ospf neighbor",
        "ospfv3": "show ipv6 ospf neighbor", "bgp": "show bgp ipv4 unicast summary", "bgp6": "show bgp ipv6 unicast summary",
        "isis": "show isis neighbors", "arp": "show arp", "nd": "show ipv6 neighbors", "mac": "show mac-address-table",
        "vlan": "show vlan", "nat": "show ip nat statistics", "acl": "show access-lists", "acl6": "show ipv6 access-list",
        "limit": "show mls qos rate-limit", "serial": "show version", "ntp": "show ntp status", "clock": "show clock",
        "config": "show running-config", "interface": "show interfaces", "version": "show version",
    },
    "zte": {
        "brief4": "show ip interface brief", "brief6": "show ipv6 interface brief", "full6": "show ipv6 interface",
        "lldp": "show lldp neighbor brief", "lldp full": "show lldp neighbor", "route4": "show ip forwarding route",
        "route6": "show ipv6 forwarding route", "vrf route": "show ip forwarding route vrf gov", "vrf": "show ip vrf",
        "ospf": "show ip ospf neighbor", "ospfv3": "show ipv6 ospf neighbor", "bgp": "show ip bgp summary",
        "bgp6": "show bgp ipv6 unicast summary", "isis": "show isis adjacency", "arp": "show arp", "nd": "show ipv6 neighbor",
        "mac": "show mac table", "vlan": "show vlan", "nat": "show ip nat statistics", "acl": "show ipv4-access-lists",
        "acl6": "show ipv6-access-lists", "limit": "show rate-limit", "serial": "show device-info", "ntp": "show ntp status",
        "clock": "show clock", "config": "show running-config", "interface": "show interface", "version": "show version",
    },
    "cisco": {
        "brief4": "show ip interface brief", "brief6": "show ipv6 interface brief", "full6": "show ipv6 interface",
        "lldp": "show lldp neighbors", "lldp full": "show lldp neighbors detail", "route4": "show ip route",
        "route6": "show ipv6 route", "vrf route": "show ip route vrf gov", "vrf": "show vrf", "ospf": "show ip ospf neighbor",
        "ospfv3": "show ospfv3 neighbor", "bgp": "show ip bgp summary", "bgp6": "show bgp ipv6 unicast summary",
        "isis": "show isis neighbors", "arp": "show ip arp", "nd": "show ipv6 neighbors", "mac": "show mac address-table",
        "vlan": "show vlan brief", "nat": "show ip nat statistics", "acl": "show ip access-lists",
        "acl6": "show ipv6 access-list", "limit": "show policy-map interface", "serial": "show inventory",
        "ntp": "show ntp status", "clock": "show clock", "config": "show running-config", "interface": "show interfaces",
        "version": "show version",
    },
}  # fmt: skip
CARRIED = {
    "brief4": ["192.0.2.1", "198.51.100.1", "203.0.113.1"],
    "full6": ["2001:DB8:10::1", "2001:DB8:FF::1", "2001:DB8:DD::1", "FE80::"],
    "lldp": ["CORE-1", "Port7"],
    "lldp full": ["CORE-1", "Port7"],
    "route4": ["0.0.0.0/0", "198.51.100.2", "192.0.2.0/24"],
    "vrf route": ["203.0.113.0/28"],
    "vrf": ["gov"],
    "ospf": ["192.0.2.201", "198.51.100.2"],
    "ospfv3": ["192.0.2.202", "Init"],
    "bgp": ["192.0.2.33", "64533"],
    "bgp6": ["2001:DB8:10::34", "64534", "2001:DB8:10::35", "64535", "Idle"],
    "isis": ["CORE-ISIS", "Up"],
    "arp": ["198.51.100.2", "192.0.2.33"],
    "nd": ["2001:DB8:FF::2", "2001:DB8:10::9", "2001:DB8:10::34"],
    "acl": ["3000", "deny ip any any"],
    "acl6": ["3100", "permit ipv6 any 2001:db8:66::/48"],
    "serial": ["SN0123456789"],
    "ntp": ["192.0.2.123"],
    "interface": ["offices", "desk", "198.51.100.1"],
    "clock": [":"],
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("what", CARRIED)
def test_values_of_the_scenario_are_in_the_answer(vendor: str, what: str) -> None:
    text = answer(make(vendor), COMMANDS[vendor][what]).lower()
    assert [value for value in CARRIED[what] if value.lower() not in text] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_values_change_with_the_scenario(vendor: str) -> None:
    """A device with nothing carries none of these values: no text is fixed."""
    empty = make(vendor, interfaces=[], routes=[], peers=[], ntp=[], acls={}, serial="OTHER")
    for what, values in CARRIED.items():
        if what not in {"clock", "vrf route"}:
            text = answer(empty, COMMANDS[vendor][what]).lower()
            assert [value for value in values if len(value) > 4 and value.lower() in text] == [], what


@pytest.mark.parametrize("vendor", VENDORS)
def test_ipv6_brief_shows_what_has_ipv6(vendor: str) -> None:
    vlan, up, old, shut, *_ = PORTS[vendor]
    text = answer(make(vendor), COMMANDS[vendor]["brief6"])
    for name, address in ((vlan, "2001:db8:10::1"), (up, "2001:db8:ff::1"), (shut, "2001:db8:dd::1")):
        after = text[text.index(name) :].lower()
        assert address in after[: after.index("\n", after.index(address[:9]))]
    if vendor in {"huawei", "h3c", "ruijie"}:
        assert old not in text
    else:
        assert text[text.index(old) :].splitlines()[1].strip() == "unassigned"
    state = next(line for line in text.splitlines() if line.startswith(shut))
    assert ("*down" if vendor in {"huawei", "h3c"} else "down") in state


@pytest.mark.parametrize("vendor", VENDORS)
def test_ipv6_enabled_without_address(vendor: str) -> None:
    name = PORTS[vendor][1]
    device = make(
        vendor,
        interfaces=[
            Interface(name=name, ipv6=True),
            Interface(name=PORTS[vendor][2], v6=["2001:db8::1/64"], ipv6=False),
        ],
    )
    text = answer(device, COMMANDS[vendor]["brief6"])
    assert name in text
    assert "2001:" not in text
    assert ("Unassigned" in text) == (vendor == "huawei")
    assert ("fe80::" in text.lower()) == (vendor != "huawei")


@pytest.mark.parametrize("vendor", VENDORS)
def test_ipv6_routes(vendor: str) -> None:
    text = re.sub(r"[ \n]+", " ", answer(make(vendor), COMMANDS[vendor]["route6"]).lower())
    for prefix, hop in (("::/0", "2001:db8:ff::2"), ("2001:db8:77::/48", "2001:db8:10::9")):
        shown = (
            f"{prefix.partition('/')[0]} prefixlength : {prefix.partition('/')[2]}"
            if vendor == "huawei"
            else f" {prefix}"
        )
        assert hop in text[text.index(shown) :][:150]
    assert "2001:db8:dd::" not in text  # its interface is down


@pytest.mark.parametrize("vendor", VENDORS)
def test_vrf_keeps_its_routes_to_itself(vendor: str) -> None:
    device = make(vendor)
    assert "203.0.113.0/28" not in answer(device, COMMANDS[vendor]["route4"])
    found = resolve(COMMANDS[vendor]["vrf route"].replace("gov", "none"), VENDORS[vendor].answers)
    assert isinstance(found, Found)
    assert VENDORS[vendor].answers[found.command](device, found.argument) is None


@pytest.mark.parametrize("vendor", VENDORS)
def test_ports_of_a_switch(vendor: str) -> None:
    device, access = make(vendor), PORTS[vendor][4]
    tail = access[-4:].replace(" ", "")
    for what in ("mac", "vlan"):
        assert lines_with(answer(device, COMMANDS[vendor][what]), tail), what
    limit = answer(device, COMMANDS[vendor]["limit"])
    assert access in limit
    assert "20480" in limit
    assert PORTS[vendor][2] not in limit
    config = answer(device, COMMANDS[vendor]["config"])
    assert "3000" in config
    assert "20480" in config


@pytest.mark.parametrize("vendor", VENDORS)
def test_nat_is_on_the_outside(vendor: str) -> None:
    text = answer(make(vendor), COMMANDS[vendor]["nat"])
    assert PORTS[vendor][1] in text
    assert PORTS[vendor][2] not in text


@pytest.mark.parametrize("vendor", VENDORS)
def test_one_interface_by_its_short_name(vendor: str) -> None:
    device = make(vendor)
    up = PORTS[vendor][1]
    typed = up.replace("GigabitEthernet", "g")
    text = answer(device, f"{COMMANDS[vendor]['interface']} {typed}")
    assert up in text
    assert PORTS[vendor][4] not in text


@pytest.mark.parametrize("vendor", VENDORS)
def test_configuration_holds_all_secrets(vendor: str) -> None:
    device = make(vendor, banner="Keep out")
    text = answer(device, COMMANDS[vendor]["config"])
    assert [one for one in secrets_of(device) if one not in text] == []
    assert USERS["ops"] not in text
    assert secret(device, "login") != secret(make(vendor, "OTHER"), "login")
    for part in (device.name, "2001:db8:10::1/64", "198.51.100.2", "Keep out", "desk"):
        assert part.lower() in text.lower()


@pytest.mark.parametrize("vendor", VENDORS)
def test_model_and_version_are_shown(vendor: str) -> None:
    model, release = {
        "huawei": ("CE6857-48S6CQ-EI", "8.180 V200R005C10SPC800"),
        "h3c": ("S6850-56HF", "7.1.070, Release 9999P99"),
        "ruijie": ("S5750C-28GT4XS-H", "S5750_RGOS 12.9(9)B9"),
        "zte": ("6120H-S", "V5.10.99"),
        "cisco": ("C9300-48P", "17.9.99"),
    }[vendor]
    text = answer(make(vendor, model=model, version=release), COMMANDS[vendor]["version"])
    assert model in text
    assert release.split(" ")[-1] in text


def test_h3c_lists_its_vlans() -> None:
    assert answer(make("h3c"), "display vlan") == " Total VLANs: 2\n The VLANs include:\n 1(default), 10\n"


def test_huawei_brief_of_both_generations() -> None:
    old = answer(make("huawei"), "display ipv6 interface brief")
    new = answer(make("huawei", model="CE6857"), "display ipv6 interface brief")
    assert "[IPv6 Address] 2001:DB8:10::1\n" in old
    assert "!down" not in old
    assert "[IPv6 Address/Prefix Length] 2001:DB8:10::1/64\n" in new
    assert "!down: FIB overload down" in new


def test_link_local_follows_from_the_mac() -> None:
    device = make("huawei", interfaces=[Interface(name="Vlanif1", v6=["2001:db8::1/64"], mac="00:00:5e:00:53:01")])
    assert "link-local address is FE80::200:5EFF:FE00:5301" in answer(device, "display ipv6 interface")
    given = make("huawei", interfaces=[Interface(name="Vlanif1", v6=["fe80::7/64"])])
    text = answer(given, "display ipv6 interface")
    assert "link-local address is FE80::7" in text
    assert "Global unicast" not in text


@pytest.mark.parametrize("vendor", VENDORS)
def test_link_local_next_hops(vendor: str) -> None:
    name = PORTS[vendor][1]
    port = Interface(name=name, v6=["2001:db8:ff::1/64"])
    route = Route(prefix="2001:db8:99::/48", next_hop="fe80::99", interface=name)
    peer = Peer(protocol="ospfv3", address="fe80::98", interface=name)
    device = make(vendor, interfaces=[port], routes=[route], peers=[peer])
    assert "fe80::99" in answer(device, COMMANDS[vendor]["route6"]).lower()
    known = answer(device, COMMANDS[vendor]["nd"]).lower()
    assert "fe80::99" in known
    assert "fe80::98" in known


@pytest.mark.parametrize("vendor", VENDORS)
def test_hostile_texts_reach_the_answers(vendor: str) -> None:
    calm = make(vendor)
    interfaces = [
        Interface(name=f"{PORTS[vendor][1][:-1]}{number}", v4=[f"192.0.2.{number}/32"], neighbor=(f"N{number}", "P"))
        for number in range(len(TEXTS) + 1)
    ]
    device = hostile(make(vendor, interfaces=interfaces))
    shown = answer(device, COMMANDS[vendor]["lldp full"])
    config = answer(device, COMMANDS[vendor]["config"])
    assert [text for text in TEXTS[1:] if text not in shown] == []
    assert [text for text in TEXTS if text not in config] == []
    assert max(len(line) for line in shown.splitlines()) >= HUGE
    assert max(len(line) for line in answer(calm, COMMANDS[vendor]["lldp full"]).splitlines()) < 200


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("disp ver", Found("display version")),
        ("dis ip int b", Found("display ip interface brief")),
        ("display interface GigabitEthernet0/0/1", Found("display interface *", "GigabitEthernet0/0/1")),
        ("dis int gi 0/1", Found("display interface *", "gi 0/1")),
        ("DISPLAY VERSION", Found("display version")),
        ("dis v", Unclear("ambiguous", 4)),
        ("display", Unclear("incomplete", 7)),
        ("display ip", Unclear("incomplete", 10)),
        ("display nonsense", Unclear("unknown", 8)),
        ("display version all", Unclear("unknown", 16)),
        ("", Unclear("incomplete", 0)),
    ],
)
def test_words_may_be_cut_short(line: str, meant: Found | Unclear) -> None:
    assert resolve(line, VENDORS["huawei"].answers) == meant


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_reading_command_reads(vendor: str) -> None:
    kinds = VENDORS[vendor].commands()
    reading = VENDORS[vendor].reading
    assert {command.split()[0] for command, kind in kinds.items() if kind == "read"} == {reading}
    assert [command for command, kind in kinds.items() if kind != "read" and command.startswith(reading)] == []
    device = make(vendor)
    for command in VENDORS[vendor].answers:
        sample = (
            command.replace("vrf *", "vrf gov")
            .replace("vpn-instance *", "vpn-instance gov")
            .replace("*", PORTS[vendor][1])
        )
        text = answer(device, sample)
        assert not text or text.endswith("\n"), command


def test_addresses_are_addresses() -> None:
    """Whatever looks like an IPv6 address with a length in a table of ours is one."""
    for vendor in VENDORS:
        text = answer(make(vendor), COMMANDS[vendor]["full6"])
        for token in re.findall(r"[0-9A-Fa-f:]+::[0-9A-Fa-f:]*/\d+", text):
            ipaddress.ip_interface(token)
