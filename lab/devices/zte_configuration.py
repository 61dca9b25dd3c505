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
    for peer in found:
        lines.append(f"  neighbor {peer.address} remote-as {peer.remote_as}")
        lines.append(f"  neighbor {peer.address} password encrypted {secret(device, 'bgp')}")
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
        if one.car_kbps
        for line in (
            f"interface {one.name}",
            f"  rate-limit input localport cir {one.car_kbps} cbs {one.car_kbps * 31}",
            "$",
        )
    ]
    lines += _module("qos", limits)
    if any(peer.protocol == "ospf" for peer in device.peers):
        ospf = ["router ospf 1", f"  area 0 authentication message-digest encrypted {secret(device, 'ospf')}", "$"]
        lines += _module("ospfv2", ospf)
    if any(peer.protocol == "isis" for peer in device.peers):
        lines += _module("isis", ["router isis", f"  authentication encrypted {secret(device, 'isis')}", "$"])
    lines += _module("bgp", _bgp(device))
    static = []
    for route in device.routes:
        network = ipaddress.ip_network(route.prefix, strict=False)
        if isinstance(network, ipaddress.IPv4Network):
            static.append(f"ip route {network.network_address} {network.netmask} {route.next_hop}")
        else:
            static.append(f"ipv6 route {network} {route.next_hop}")
    lines += _module("static", static)
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
    lines += _module("ssh", ["ssh server enable"])
    return "\n".join(lines) + "\n"
