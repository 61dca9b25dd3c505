"""The configuration of a ZTE ZXROS device, in its tagged modules, with secrets in it as real ones have."""

import ipaddress

from lab.devices import facts
from lab.devices.secret import community, secret
from lab.scenario.model import Device, Interface


def _module(tag: str, lines: list[str]) -> list[str]:
    return [f"!<{tag}>", *lines, f"!</{tag}>"] if lines else []


def _port(one: Interface) -> list[str]:
    lines = [f"interface {one.name}"]
    if one.description:
        lines.append(f"  description {one.description}")
    lines.append("  no shutdown" if one.admin_up else "  shutdown")
    if one.vrf:
        lines.append(f"  ip vrf forwarding {one.vrf}")
    if not facts.routed(one):
        lines.append(f"  switchport access vlan {one.vlan}")
    for number, own in enumerate(facts.v4(one)):
        lines.append(f"  ip address {own.ip} {own.netmask}" + (" secondary" if number else ""))
    if facts.has_v6(one):
        lines.append("  ipv6 enable")
    lines += [f"  ipv6 address {own}" for own in facts.v6(one)]
    lines += [f"  ipv6 address {own} link-local" for own in facts.given_local(one)]
    if one.policy_hop:
        lines.append(f"  ip policy route-map {facts.policy(one)}")
    if one.duplex == "half":
        lines += [f"  speed {one.speed.rstrip('M')}", "  duplex half"]
    return [*lines, "$"]


def _filters(device: Device) -> list[str]:
    lines = []
    for one in device.interfaces:
        name6 = one.acl6_in.removeprefix("ipv6 ")
        if one.acl_in or name6:
            lines.append(f"interface {one.name}")
            lines += [f"  ipv4-access-group ingress {one.acl_in}"] if one.acl_in else []
            lines += [f"  ipv6-access-group ingress {name6}"] if name6 else []
            lines.append("$")
    return lines


def _bgp(device: Device) -> list[str]:
    found = [peer for peer in device.peers if peer.protocol in {"bgp", "bgp4+"}]
    lines = [f"router bgp {facts.LOCAL_AS}"] if found else []
    for peer in sorted(found, key=lambda one: one.vrf):
        lines += [f"  address-family ipv4 vrf {peer.vrf}"] if peer.vrf else []
        begins = f"{'    ' if peer.vrf else '  '}neighbor {peer.address}"
        lines.append(f"{begins} remote-as {peer.remote_as}")
        lines.append(f"{begins} password encrypted {secret(device, 'bgp')}")
        lines += ["  $"] if peer.vrf else []
    return [*lines, "$"] if found else []


def configuration(device: Device, _: str) -> str:
    """Write `show running-config`."""
    user = next(iter(device.users), "admin")
    system = [f"hostname {device.name}", f"enable secret level 15 5 encrypted {secret(device, 'enable')}"]
    if device.banner:
        system.append(f"banner incoming @\n{device.banner}\n@")
    lines = _module("system-config", system)
    users = ["system-user", f"  user-name {user}", f"    password encrypted {secret(device, 'login')}", "  $", "$"]
    lines += _module("system-user", users)
    for number, name in enumerate(facts.vrfs(device), 1):
        families = ["  address-family ipv4", "  $", "  address-family ipv6", "  $"]
        lines += _module("vrf", [f"ip vrf {name}", f"  rd 65000:{number}", *families, "$"])
    lines += _module("if-intf", [line for one in device.interfaces for line in _port(one)])
    tagged = [
        line
        for one in device.interfaces
        if facts.is_sub(one) and one.vlan
        for line in (f"  interface {one.name}", f"    encapsulation-dot1q {one.vlan}", "  $")
    ]
    lines += _module("vlan", ["vlan-configuration", *tagged, "$"] if tagged else [])
    rules = [
        line
        for family in (4, 6)
        for name, texts in facts.acls(device, family).items()
        for line in (
            f"ipv{family}-access-list {name}",
            *(f"  rule {10 * n} {text}" for n, text in enumerate(texts, 1)),
            "$",
        )
    ]
    lines += _module("acl", rules + _filters(device))
    limits = [
        line
        for one in device.interfaces
        if facts.limits(one)
        for line in (
            f"interface {one.name}",
            *(f"  rate-limit {way}put localport cir {rate} cbs {rate * 31}" for way, rate in facts.limits(one)),
            "$",
        )
    ]
    lines += _module("qos", limits)
    for protocol, tag, word in (("ospf", "ospfv2", "router ospf"), ("ospfv3", "ospfv3", "ipv6 router ospf")):
        routing = []
        for vrf, number in facts.processes(device, protocol).items():
            routing.append(f"{word} {number}" + (f" vrf {vrf}" if vrf else ""))
            if protocol == "ospf":
                routing.append(f"  area 0 authentication message-digest encrypted {secret(device, 'ospf')}")
            routing += [f"  router-id {facts.router_id(device)}", "$"]
        lines += _module(tag, routing)
    if any(peer.protocol == "isis" for peer in device.peers):
        lines += _module("isis", ["router isis", f"  authentication encrypted {secret(device, 'isis')}", "$"])
    lines += _module("bgp", _bgp(device))
    static = []
    for route in facts.statics(device):
        vrf = facts.route_vrf(device, route)
        of = f"vrf {vrf} " if vrf else ""
        network = ipaddress.ip_network(route.prefix, strict=False)
        if isinstance(network, ipaddress.IPv4Network):
            static.append(f"ip route {of}{network.network_address} {network.netmask} {route.next_hop}")
        else:
            static.append(f"ipv6 route {of}{network} {facts.outwards(route)}{route.next_hop}")
    lines += _module("static", static)
    maps = [
        line
        for name, hop in facts.policies(device)
        for line in (f"route-map {name} permit 10", f"  set ip next-hop {hop}", "$")
    ]
    lines += _module("route-map", maps)
    lines += _module("nat", [f"interface {one.name}\n  ip nat outside\n$" for one in device.interfaces if one.nat])
    snmp = [
        f"snmp-server community {community(device)} view AllView ro",
        f"snmp-server community encrypted {secret(device, 'snmp-read')} view AllView ro",
        f"snmp-server community encrypted {secret(device, 'snmp-write')} view AllView rw",
        f"snmp-server user monitor lab v3 auth md5 encrypted {secret(device, 'snmp-user')}",
    ]
    lines += _module("snmp", snmp)
    lines += _module("radius", [f"radius-server key encrypted {secret(device, 'radius')}"])
    lines += _module("tacacs", [f"tacacs-server key encrypted {secret(device, 'tacacs')}"])
    keys = [f"ntp authentication-key 1 md5 encrypted {secret(device, 'ntp')}"]
    lines += _module("ntp", [*keys, *(f"ntp server {server} priority {n}" for n, server in enumerate(device.ntp, 1))])
    chain = ["key chain lab", "  key 1", f"    key-string encrypted {secret(device, 'keychain')}", "  $", "$"]
    lines += _module("keychain", chain)
    lines += _module("ipsec", ["crypto ike peer lab", f"  pre-shared-key encrypted {secret(device, 'ike')}", "$"])
    lines += _module("ppp", ["ppp", f"  ppp chap password encrypted {secret(device, 'ppp')}", "$"])
    lines += _module("ssh", ["ssh server enable"])
    return "\n".join(lines) + "\n"
