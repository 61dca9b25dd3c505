"""The configuration of a Ruijie RGOS device, with secrets in it as real ones have."""

from lab.devices import facts
from lab.devices.cisco_configuration import framing, guards, keys, routing
from lab.devices.secret import community, secret
from lab.scenario.model import Device, Interface


def _port(one: Interface) -> list[str]:
    lines = [f"interface {one.name}"]
    if one.description:
        lines.append(f" description {one.description}")
    if one.vrf:
        lines.append(f" vrf forwarding {one.vrf}")
    if not facts.routed(one):
        lines.append(f" switchport access vlan {one.vlan}")
    elif facts.cabled(one):
        lines.append(" no switchport")
    lines += framing(one)
    for number, own in enumerate(facts.v4(one)):
        lines.append(f" ip address {own.ip} {own.netmask}" + (" secondary" if number else ""))
    if facts.has_v6(one):
        lines.append(" ipv6 enable")
    lines += [f" ipv6 address {str(own).upper()}" for own in facts.v6(one)]
    lines += [f" ipv6 address {str(own).upper()} link-local" for own in facts.given_local(one)]
    lines += guards(one)
    lines += [f" rate-limit {way}put {rate} 4096" for way, rate in facts.limits(one)]
    return [*lines, "!"]


def configuration(device: Device, _: str) -> str:
    """Write `show running-config`."""
    user = next(iter(device.users), "admin")
    lines = [
        *("!", f"version {device.version or 'S5750_RGOS 11.4(1)B70P2'}", f"hostname {device.name}", "!"),
        *(
            f"username {user} password 7 {secret(device, 'login')}",
            f"enable secret 5 $1$lab${secret(device, 'enable')}",
            "!",
        ),
    ]
    for number, name in enumerate(facts.vrfs(device), 1):
        lines += [f"vrf definition {name}", f" rd 65000:{number}", " address-family ipv4", " address-family ipv6", "!"]
    for number in facts.vlans(device):
        lines += [f"vlan {number}", "!"]
    for family, word in ((4, "ip access-list extended"), (6, "ipv6 access-list")):
        for name, rules in facts.acls(device, family).items():
            lines += [f"{word} {name}", *(f" {10 * n} {rule}" for n, rule in enumerate(rules, 1)), "!"]
    for one in device.interfaces:
        lines += _port(one)
    lines += routing(device, "7")
    lines += [
        f"snmp-server community {community(device)} ro",
        f"snmp-server community 7 {secret(device, 'snmp-read')} ro",
        f"snmp-server community 7 {secret(device, 'snmp-write')} rw",
        f"snmp-server host 192.0.2.162 traps version 2c {secret(device, 'snmp-user')}",
        f"radius-server key 7 {secret(device, 'radius')}",
        f"tacacs-server key 7 {secret(device, 'tacacs')}",
        f"ntp authentication-key 1 md5 {secret(device, 'ntp')} 7",
        *(f"ntp server {server}" for server in device.ntp),
    ]
    if device.banner:
        lines += [f"banner login ^C\n{device.banner}\n^C"]
    lines += ["!", *keys(device)]
    lines += ["!", "enable service ssh-server", "line vty 0 4", " login local", "!", "end"]
    body = "\n".join(lines) + "\n"
    return f"\nBuilding configuration...\nCurrent configuration : {len(body)} bytes\n\n{body}"
