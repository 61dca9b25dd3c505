"""The configuration of an H3C Comware device, with secrets in it as real ones have."""

import ipaddress

from lab.devices import facts
from lab.devices.secret import community, secret
from lab.scenario.model import Device, Interface


def _cipher(device: Device, purpose: str) -> str:
    return f"cipher $c$3${secret(device, purpose)}"


def _framing(one: Interface) -> list[str]:
    lines = []
    if not facts.routed(one):
        lines.append(f" port access vlan {one.vlan}")
    elif facts.cabled(one):
        lines.append(" port link-mode route")
    if facts.is_sub(one) and one.vlan:
        lines.append(f" vlan-type dot1q vid {one.vlan}")
    return [*lines, f" speed {one.speed.rstrip('M')}", " duplex half"] if one.duplex == "half" else lines


def _port(one: Interface) -> list[str]:
    lines = [f"interface {one.name}"]
    if one.description:
        lines.append(f" description {one.description}")
    if one.vrf:
        lines.append(f" ip binding vpn-instance {one.vrf}")
    lines += _framing(one)
    for number, own in enumerate(facts.v4(one)):
        lines.append(f" ip address {own.ip} {own.netmask}" + (" sub" if number else ""))
    lines += [f" ipv6 address {str(own).upper()}" for own in facts.v6(one)]
    lines += [f" ipv6 address {str(own).upper()} link-local" for own in facts.given_local(one)]
    if facts.has_v6(one) and not facts.v6(one) and not facts.given_local(one):
        lines.append(" ipv6 address auto link-local")
    if one.acl_in:
        lines.append(f" packet-filter {one.acl_in} inbound")
    if one.acl6_in:
        lines.append(f" packet-filter ipv6 {one.acl6_in.removeprefix('ipv6 ')} inbound")
    lines += [f" qos car {way}bound any cir {rate}" for way, rate in facts.limits(one)]
    if one.policy_hop:
        lines.append(f" ip policy-based-route {facts.policy(one)}")
    if one.nat:
        lines.append(" nat outbound 2000")
    if not one.admin_up:
        lines.append(" shutdown")
    return [*lines, "#"]


def _routing(device: Device) -> list[str]:
    lines = []
    for protocol in ("ospf", "ospfv3"):
        for vrf, number in facts.processes(device, protocol).items():
            lines.append(f"{protocol} {number}" + (f" vpn-instance {vrf}" if vrf else ""))
            if protocol == "ospf":
                lines += [" area 0.0.0.0", f"  authentication-mode md5 1 {_cipher(device, 'ospf')}", "#"]
            else:
                lines += [f" router-id {facts.router_id(device)}", " area 0.0.0.0", "#"]
    if any(peer.protocol == "isis" for peer in device.peers):
        lines += ["isis 1", f" area-authentication-mode md5 {_cipher(device, 'isis')}", "#"]
    bgp = [peer for peer in device.peers if peer.protocol in {"bgp", "bgp4+"}]
    if bgp:
        lines.append(f"bgp {facts.LOCAL_AS}")
        for peer in sorted(bgp, key=lambda one: one.vrf):
            lines += [f" ip vpn-instance {peer.vrf}"] if peer.vrf else []
            begins = f"{'  ' if peer.vrf else ' '}peer {peer.address.upper()}"
            lines.append(f"{begins} as-number {peer.remote_as}")
            lines.append(f"{begins} password {_cipher(device, 'bgp')}")
        lines.append("#")
    for route in facts.statics(device):
        network = ipaddress.ip_network(route.prefix, strict=False)
        word = "ip" if network.version == 4 else "ipv6"
        prefix = f"{network.network_address} {network.prefixlen}".upper()
        vrf = facts.route_vrf(device, route)
        of = f"vpn-instance {vrf} " if vrf else ""
        lines.append(f" {word} route-static {of}{prefix} {facts.outwards(route)}{route.next_hop.upper()}")
    return [*lines, "#"]


def configuration(device: Device, _: str) -> str:
    """Write `display current-configuration`."""
    user = next(iter(device.users), "admin")
    lines = ["#", f" version {device.version or '7.1.070, Release 6607P20'}", "#", f" sysname {device.name}", "#"]
    if device.banner:
        lines += [f" header login %{device.banner}%", "#"]
    lines += [" lldp global enable", "#"]
    for number, name in enumerate(facts.vrfs(device), 1):
        lines += [f"ip vpn-instance {name}", f" route-distinguisher 65000:{number}", "#"]
    for number in facts.vlans(device):
        lines += [f"vlan {number}", "#"]
    for name, hop in facts.policies(device):
        lines += [f"policy-based-route {name} permit node 10", " if-match acl 3998", f" apply next-hop {hop}", "#"]
    for one in device.interfaces:
        lines += _port(one)
    for family, word in ((4, "acl advanced"), (6, "acl ipv6 advanced")):
        for name, rules in facts.acls(device, family).items():
            lines += [f"{word} {name}", *(f" rule {5 * n} {rule}" for n, rule in enumerate(rules)), "#"]
    lines += _routing(device)
    lines += [
        *(" snmp-agent", " snmp-agent community read " + community(device)),
        f" snmp-agent community read {_cipher(device, 'snmp-read')}",
        f" snmp-agent community write {_cipher(device, 'snmp-write')}",
        f" snmp-agent usm-user v3 monitor lab {_cipher(device, 'snmp-user')}",
        "#",
        f" ntp-service authentication-keyid 1 authentication-mode md5 {_cipher(device, 'ntp')}",
        *(f" ntp-service {'ipv6 ' if ':' in server else ''}unicast-server {server}" for server in device.ntp),
        *("#", "radius scheme lab", f" key authentication {_cipher(device, 'radius')}", "#"),
        *("hwtacacs scheme lab", f" key authentication {_cipher(device, 'tacacs')}", "#"),
        f" super password role network-admin hash $h$6${secret(device, 'enable')}",
        *("#", f"local-user {user} class manage", f" password hash $h$6${secret(device, 'login')}"),
        *(" service-type ssh", " authorization-attribute user-role network-admin", "#"),
        *(
            "keychain lab mode absolute",
            " key 1",
            f"  key-string {_cipher(device, 'keychain')}",
            "#",
            "ike keychain lab",
        ),
        f" pre-shared-key address 192.0.2.254 255.255.255.255 key {_cipher(device, 'ike')}",
        *("#", "dialer-group lab", f" ppp chap password {_cipher(device, 'ppp')}", "#"),
        *("line vty 0 63", " authentication-mode scheme", " protocol inbound ssh", "#", " ssh server enable", "#"),
        "return",
    ]
    return "\n".join(lines) + "\n"
