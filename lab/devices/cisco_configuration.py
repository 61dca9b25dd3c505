"""The configuration of a Cisco IOS device, with secrets in it as real ones have."""

import ipaddress

from lab.devices import facts
from lab.devices.secret import community, secret
from lab.scenario.model import Device, Interface


def _port(one: Interface) -> list[str]:
    lines = [f"interface {one.name}"]
    if one.description:
        lines.append(f" description {one.description}")
    if one.vrf:
        lines.append(f" vrf forwarding {one.vrf}")
    if not facts.routed(one):
        lines += [f" switchport access vlan {one.vlan}", " switchport mode access"]
    elif facts.cabled(one):
        lines.append(" no switchport")
    lines += framing(one)
    for number, own in enumerate(facts.v4(one)):
        lines.append(f" ip address {own.ip} {own.netmask}" + (" secondary" if number else ""))
    if facts.routed(one) and not one.v4:
        lines.append(" no ip address")
    lines += [f" ipv6 address {str(own).upper()}" for own in facts.v6(one)]
    if facts.has_v6(one):
        lines.append(" ipv6 enable")
    lines += [f" ipv6 address {str(own).upper()} link-local" for own in facts.given_local(one)]
    lines += guards(one)
    lines += [f" service-policy {way}put CAR-{rate}" for way, rate in facts.limits(one)]
    return [*lines, "!"]


def framing(one: Interface) -> list[str]:
    """Write an interface's tag, speed and duplex, which RGOS writes the same way."""
    lines = [f" encapsulation dot1Q {one.vlan}"] if facts.is_sub(one) and one.vlan else []
    return [*lines, f" speed {one.speed.rstrip('M')}", " duplex half"] if one.duplex == "half" else lines


def guards(one: Interface) -> list[str]:
    """Write an interface's filters, policy, NAT and state, which RGOS writes the same way."""
    lines = []
    if one.acl_in:
        lines.append(f" ip access-group {one.acl_in} in")
    if one.acl6_in:
        lines.append(f" ipv6 traffic-filter {one.acl6_in.removeprefix('ipv6 ')} in")
    if one.policy_hop:
        lines.append(f" ip policy route-map {facts.policy(one)}")
    if one.nat:
        lines.append(" ip nat outside")
    if not one.admin_up:
        lines.append(" shutdown")
    return lines


def routing(device: Device, cipher: str) -> list[str]:
    """Write routing protocols and static routes, which RGOS writes the same way; `cipher` begins what is enciphered."""
    lines = []
    for vrf, number in facts.processes(device, "ospfv3").items():
        lines += [
            f"ipv6 router ospf {number}" + (f" vrf {vrf}" if vrf else ""),
            f" router-id {facts.router_id(device)}",
            "!",
        ]
    for vrf, number in facts.processes(device, "ospf").items():
        lines += [
            f"router ospf {number}" + (f" vrf {vrf}" if vrf else ""),
            f" area 0 virtual-link 192.0.2.255 message-digest-key 1 md5 {cipher} {secret(device, 'ospf')}",
            "!",
        ]
    if any(peer.protocol == "isis" for peer in device.peers):
        lines += ["router isis", f" area-password {secret(device, 'isis')}", "!"]
    bgp = [peer for peer in device.peers if peer.protocol in {"bgp", "bgp4+"}]
    if bgp:
        lines.append(f"router bgp {facts.LOCAL_AS}")
        for peer in sorted(bgp, key=lambda one: one.vrf):
            lines += [f" address-family ipv4 vrf {peer.vrf}"] if peer.vrf else []
            begins = f"{'  ' if peer.vrf else ' '}neighbor {peer.address.upper()}"
            lines.append(f"{begins} remote-as {peer.remote_as}")
            lines.append(f"{begins} password {cipher} {secret(device, 'bgp')}")
        lines.append("!")
    for route in facts.statics(device):
        vrf = facts.route_vrf(device, route)
        of = f"vrf {vrf} " if vrf else ""
        network = ipaddress.ip_network(route.prefix, strict=False)
        if isinstance(network, ipaddress.IPv4Network):
            lines.append(f"ip route {of}{network.network_address} {network.netmask} {route.next_hop}")
        else:
            lines.append(f"ipv6 route {of}{str(network).upper()} {facts.outwards(route)}{route.next_hop.upper()}")
    for name, hop in facts.policies(device):
        lines += [f"route-map {name} permit 10", " match ip address 198", f" set ip next-hop {hop}", "!"]
    if bgp:
        lines += ["route-map TO-PEERS permit 10", " set ip next-hop 192.0.2.200", "!"]
    return [*lines, "!"]


def keys(device: Device) -> list[str]:
    """Write a key chain, the key of a tunnel and the password of a dialled line, which RGOS writes the same way."""
    return [
        *("key chain lab", " key 1", f"  key-string 7 {secret(device, 'keychain')}", "!"),
        f"crypto isakmp key 7 {secret(device, 'ike')} address 192.0.2.254",
        *("dialer-list lab", f" ppp chap password 7 {secret(device, 'ppp')}"),
    ]


def configuration(device: Device, _: str) -> str:
    """Write `show running-config`."""
    user = next(iter(device.users), "admin")
    lines = [
        *("!", f"version {(device.version or '15.2').partition('(')[0]}", "service password-encryption", "!"),
        *(f"hostname {device.name}", "!", f"enable secret 9 $9${secret(device, 'enable')}", "!"),
        *(
            f"username {user} privilege 15 secret 5 $1$lab${secret(device, 'login')}",
            "!",
            "lldp run",
            "ipv6 unicast-routing",
            "!",
        ),
    ]
    for number, name in enumerate(facts.vrfs(device), 1):
        lines += [f"vrf definition {name}", f" rd 65000:{number}", " address-family ipv4", " address-family ipv6", "!"]
    for kbps in sorted({rate for one in device.interfaces for _, rate in facts.limits(one)}):
        lines += [
            f"policy-map CAR-{kbps}",
            " class class-default",
            f"  police {kbps * 1000} {kbps * 31} exceed-action drop",
            "!",
        ]
    for one in device.interfaces:
        lines += _port(one)
    lines += routing(device, "7")
    for family, word in ((4, "ip access-list extended"), (6, "ipv6 access-list")):
        for name, rules in facts.acls(device, family).items():
            lines += [f"{word} {name}", *(f" {rule}" for rule in rules), "!"]
    lines += [
        f"snmp-server community {community(device)} RO",
        f"snmp-server community {secret(device, 'snmp-read')} RO",
        f"snmp-server community {secret(device, 'snmp-write')} RW",
        f"snmp-server host 192.0.2.162 version 2c {secret(device, 'snmp-user')}",
        f"radius-server key 7 {secret(device, 'radius')}",
        f"tacacs-server key 7 {secret(device, 'tacacs')}",
        f"ntp authentication-key 1 md5 {secret(device, 'ntp')} 7",
        *(f"ntp server {server}" for server in device.ntp),
    ]
    if device.banner:
        lines += [f"banner login ^C\n{device.banner}\n^C"]
    lines += ["!", *keys(device)]
    lines += ["!", "line vty 0 4", " login local", " transport input ssh", "!", "end"]
    body = "\n".join(lines) + "\n"
    return f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n{body}"
