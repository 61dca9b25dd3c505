"""The configuration of a Huawei VRP device, with secrets in it as real ones have."""

import ipaddress

from lab.devices import facts
from lab.devices.secret import community, secret
from lab.scenario.model import Device, Interface


def _cipher(device: Device, purpose: str) -> str:
    return f"%^%#{secret(device, purpose)}%^%#"


def _port(one: Interface) -> list[str]:
    lines = [f"interface {one.name}"]
    if one.description:
        lines.append(f" description {one.description}")
    if facts.is_sub(one) and one.vlan:
        lines.append(f" dot1q termination vid {one.vlan}")
    if one.duplex == "half":
        lines += [" undo negotiation auto", f" speed {one.speed.rstrip('M')}", " duplex half"]
    if one.vrf:
        lines.append(f" ip binding vpn-instance {one.vrf}")
    if not facts.routed(one):
        lines += [" port link-type access", f" port default vlan {one.vlan}"]
    for number, own in enumerate(facts.v4(one)):
        lines.append(f" ip address {own.ip} {own.netmask}" + (" sub" if number else ""))
    if facts.has_v6(one):
        lines.append(" ipv6 enable")
        lines += [f" ipv6 address {str(own).upper()}" for own in facts.v6(one)]
        lines += [f" ipv6 address {str(own).upper()} link-local" for own in facts.given_local(one)]
    return [*lines, *_guards(one), "#"]


def _guards(one: Interface) -> list[str]:
    lines = []
    if one.acl_in:
        lines.append(f" traffic-filter inbound acl {one.acl_in}")
    if one.acl6_in:
        lines.append(f" traffic-filter inbound ipv6 acl {one.acl6_in.removeprefix('ipv6 ')}")
    lines += [f" qos car {way}bound cir {rate}" for way, rate in facts.limits(one)]
    if one.policy_hop:
        lines.append(f" traffic-policy {facts.policy(one)} inbound")
    if one.nat:
        lines.append(" nat outbound 2000")
    if not one.admin_up:
        lines.append(" shutdown")
    return lines


def _routing(device: Device) -> list[str]:
    lines = []
    for protocol in ("ospf", "ospfv3"):
        for vrf, number in facts.processes(device, protocol).items():
            lines.append(f"{protocol} {number}" + (f" vpn-instance {vrf}" if vrf else ""))
            if protocol == "ospf":
                lines += [" area 0.0.0.0", f"  authentication-mode md5 1 cipher {_cipher(device, 'ospf')}", "#"]
            else:
                lines += [f" router-id {facts.router_id(device)}", " area 0.0.0.0", "#"]
    if any(peer.protocol == "isis" for peer in device.peers):
        lines += ["isis 1", f" area-authentication-mode md5 cipher {_cipher(device, 'isis')}", "#"]
    bgp = [peer for peer in device.peers if peer.protocol in {"bgp", "bgp4+"}]
    if bgp:
        lines.append(f"bgp {facts.LOCAL_AS}")
        for peer in sorted(bgp, key=lambda one: one.vrf):
            lines += [f" ipv4-family vpn-instance {peer.vrf}"] if peer.vrf else []
            begins = f"{'  ' if peer.vrf else ' '}peer {peer.address.upper()}"
            lines.append(f"{begins} as-number {peer.remote_as}")
            lines.append(f"{begins} password cipher {_cipher(device, 'bgp')}")
        lines.append("#")
    for route in facts.statics(device):
        prefix, _, length = route.prefix.partition("/")
        vrf = facts.route_vrf(device, route)
        of, towards = (f"vpn-instance {vrf} " if vrf else ""), facts.outwards(route)
        if ":" in prefix:
            lines.append(f"ipv6 route-static {of}{prefix.upper()} {length} {towards}{route.next_hop.upper()}")
        else:
            mask = ipaddress.IPv4Network(route.prefix, strict=False).netmask
            lines.append(f"ip route-static {of}{prefix} {mask} {towards}{route.next_hop}")
    return [*lines, "#"]


def configuration(device: Device, _: str) -> str:
    """Write `display current-configuration`."""
    user = next(iter(device.users), "admin")
    lines = [
        *("!Software Version " + (device.version or "V200R019C10SPC500"), "#", f"sysname {device.name}", "#"),
        "vlan batch " + " ".join(str(number) for number in facts.vlans(device)),
        *("#", "lldp enable", "#"),
    ]
    if device.banner:
        lines += [f'header login information "{device.banner}"', "#"]
    if any(facts.has_v6(one) for one in device.interfaces):
        lines += ["ipv6", "#"]
    for number, name in enumerate(facts.vrfs(device), 1):
        lines += [f"ip vpn-instance {name}", " ipv4-family", f"  route-distinguisher 65000:{number}", "#"]
    for family, word in ((4, "acl number"), (6, "acl ipv6 number")):
        for name, rules in facts.acls(device, family).items():
            lines += [f"{word} {name}", *(f" rule {5 * n} {rule}" for n, rule in enumerate(rules, 1)), "#"]
    lines += [
        "radius-server template lab",
        f" radius-server shared-key cipher {_cipher(device, 'radius')}",
        *("#", "hwtacacs-server template lab"),
        f" hwtacacs-server shared-key cipher {_cipher(device, 'tacacs')}",
        *("#", "aaa"),
        f" local-user {user} password irreversible-cipher $1c${secret(device, 'login')}$",
        f" local-user {user} privilege level 15",
        f" local-user {user} service-type ssh",
        "#",
        f"super password level 15 cipher {_cipher(device, 'enable')}",
        "#",
    ]
    for name, hop in facts.policies(device):
        lines += [f"traffic classifier {name} operator or", " if-match acl 3998", "#", f"traffic behavior {name}"]
        lines += [
            f" redirect ip-nexthop {hop}",
            "#",
            f"traffic policy {name}",
            f" classifier {name} behavior {name}",
            "#",
        ]
    for one in device.interfaces:
        lines += _port(one)
    lines += _routing(device)
    lines += [
        "snmp-agent",
        f"snmp-agent community read cipher {_cipher(device, 'snmp-read')}",
        f"snmp-agent community write cipher {_cipher(device, 'snmp-write')}",
        f"snmp-agent community read {community(device)}",
        f"snmp-agent usm-user v3 monitor authentication-mode sha cipher {_cipher(device, 'snmp-user')}",
        "#",
        f"ntp-service authentication-keyid 1 authentication-mode md5 cipher {_cipher(device, 'ntp')}",
        *(f"ntp-service unicast-server {'ipv6 ' if ':' in server else ''}{server}" for server in device.ntp),
        *("#", "keychain lab mode absolute", " key-id 1", f"  key-string cipher {_cipher(device, 'keychain')}"),
        *("#", "ike peer lab", f" pre-shared-key cipher {_cipher(device, 'ike')}"),
        *("#", "dialer-rule lab", f" ppp chap password cipher {_cipher(device, 'ppp')}"),
        *("#", "stelnet server enable", "ssh user " + user + " authentication-type password", "#"),
        *("user-interface vty 0 4", " authentication-mode aaa", " protocol inbound ssh", "#", "return"),
    ]
    return "\n".join(lines) + "\n"
