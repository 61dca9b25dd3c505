"""The ground of loopback addresses, where no namespaces may be had: each host a real sshd of ours on an address in 127.0.0.0/8.

Each network of the scenario becomes one /16 below 127, so that ranges in letters keep their meaning. What a host is known by
is put in place of the machine's own on its way, see `lab.contents.KNOWN_BY`.
"""

import hashlib
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lab.farm import PLAN, Farm
from lab.grounds.ground import Door, Say
from lab.grounds.hosting import identity_of
from lab.hosts import FAULTS, ONLY_FULL, HostSpec
from lab.keys import make_key
from lab.scenario.checking import DOWN
from lab.scenario.model import Device, Host, Scenario
from lab.scenario.routing import with_length
from xunyan.errors import UsageError, XunyanError
from xunyan.wording import Text

FIRST = 100
"""The second byte of the first network's addresses."""

_CORNER = ipaddress.IPv4Network("0.0.254.0/24")
"""Of each network's addresses, those that stand in for hosts that have IPv6 alone."""

_LO = (
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
    "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n"
    "       valid_lft forever preferred_lft forever\n    inet6 ::1/128 scope host \n       valid_lft forever preferred_lft forever\n"
)


class Loopback:
    """A scenario on loopback addresses; see `lab.grounds.ground.Ground`. Works for anybody."""

    name = "loopback"
    shows_packets = False
    shows_systems = False

    def __init__(self, folder: Path, scenario: Scenario, *, held: int = -1) -> None:
        self.folder = folder.resolve()
        self._scenario = scenario
        self._networks = {one.name: one for one in scenario.networks}
        self._held = held
        self._farm: Farm | None = None
        self.user = self.client_key = ""

    def start(self, say: Say) -> None:
        """Raise the hosts and return when they are up. Raises XunyanError that says who did not come up."""
        if os.geteuid() != 0 and not re.fullmatch(r"[\w./-]+", str(self.folder), re.ASCII):
            raise UsageError(
                Text(
                    "临时文件夹的路径有空格或特殊字符，这里用不了",
                    "the path of the temporary folder has spaces or special characters",
                ),
                where=str(self.folder),
                advice=Text(
                    "设 TMPDIR 为别的文件夹，如 TMPDIR=/tmp", "set TMPDIR to another folder, such as TMPDIR=/tmp"
                ),
            )
        say(Text("在环回地址上起主机", "raising hosts on loopback addresses"))
        specs = [self._spec(host) for host in self._scenario.hosts if self.shows(host) and host.fault != DOWN]
        self._farm = Farm(self.folder / "hosts", specs, held=self._held)
        self.user, self.client_key = self._farm.user, self._farm.client_key
        self._farm.start()

    def stop(self) -> None:
        """End every process of it. May be called again."""
        if self._farm is not None:
            self._farm.stop()

    def keep(self) -> None:
        """Let everything go on when we end; `lower` takes it down."""
        if self._farm is not None:
            self._farm.keep()

    def shows(self, host: Host) -> bool:
        """Whether a host can stand here: not those behind a black hole; those whose fault or users need root only as root."""
        return host.ssh and not self._lost(host) and (os.geteuid() == 0 or not (host.users or host.fault in ONLY_FULL))

    def _lost(self, host: Host) -> bool:
        """Whether a host is reached only by what a line takes and never delivers, which loopback does not show."""
        network = next(iter(host.at))
        families = {6 if ":" in one else 4 for one in host.at[network][:1]}
        if families <= set(host.black_hole):
            return True
        if network == self._scenario.scanner.network:
            return False
        return any(families <= set(link.black_hole) for link in self._scenario.links if network in link.between)

    def door(self, host: Host | Device) -> Door:
        """Where a host's SSH port is."""
        if self._farm is None:
            raise XunyanError(Text("实验还没立起来", "the lab does not stand yet"))
        network, address = self._home(host)
        lines = [line.split(" ", 1) for line in self._farm.known_hosts().splitlines()]
        known = dict(lines)
        port = self._farm.port
        return Door(network, address, port, known.get(f"[{address}]:{port}") or make_key().line)

    def translate(self, network: str, text: str) -> str:
        """Write an address or a range as it is here; what stands for nothing here, such as most of IPv6, stays as it is."""
        if ":" in text:
            return self._six(network, text)
        if "-" in text:
            first, _, last = text.partition("-")
            return f"{self.translate(network, first)}-{self.translate(network, last) if '.' in last else last}"
        address, slash, length = text.partition("/")
        try:
            here = self._here(network, ipaddress.IPv4Address(address))
        except ValueError:
            return text
        return f"{here}{slash}{max(int(length), 16) if slash else ''}"

    def endpoint(self, network: str, text: str) -> str:
        """Write a service that a letter grants: all of them are at the one port that hosts have here."""
        if text.count(":") > 1:
            return text
        port = self._farm.port if self._farm is not None else 22
        return f"{self.translate(network, text.partition(':')[0])}:{port}"

    def words(self, command: Sequence[str]) -> list[str]:
        """The scanner stands on this machine."""
        return list(command)

    def log(self, host: Host) -> Path:
        """What the host's sshd wrote."""
        return self.folder / "hosts" / host.name / "sshd.log"

    def lacks(self) -> Sequence[Text]:
        """What of the scenario cannot be shown here."""
        return list(self._lacks())

    def state(self) -> Mapping[str, object]:
        """The process that everything hangs on."""
        farm = self._farm
        plan = str(farm.folder / PLAN) if farm else ""
        return {"ground": self.name, "holder": farm.pid if farm else 0, "plan": plan, "enter": []}

    def _lacks(self) -> Iterator[Text]:
        yield Text(
            "环回地址上没有路由、抓包和真实的IPv6地址，各主机的IPv6地址只在它自己的回答里",
            "loopback addresses have no routes, no capture and no real IPv6; a host's IPv6 addresses are in its answers alone",
        )
        parts = [("网站、域名服务器、SNMP和管理控制器", "web, name servers, SNMP and management controllers",
                  any(host.web or host.dns or host.snmp or host.ipmi or host.redfish for host in self._scenario.hosts)),
                 ("信息系统", "information systems", bool(self._scenario.systems)),
                 ("网络设备", "network devices", bool(self._scenario.devices))]  # fmt: skip
        for zh, en, there in parts:
            if there:
                yield Text(f"{zh}没有立", f"{en} are not raised")
        names = [host.name for host in self._scenario.hosts if host.ssh and not self.shows(host)]
        if names:
            yield Text(
                f"要root才能立的、路上不通的主机没有立，也不计入比对：{'、'.join(names)}",
                f"hosts that need root or are lost on the way are not raised and not compared: {', '.join(names)}",
            )

    def _home(self, host: Host | Device) -> tuple[str, str]:
        network = next(iter(host.at))
        four = next((one for one in host.at[network] if ":" not in one), None)
        if four is not None:
            return network, str(self._here(network, ipaddress.IPv4Address(four)))
        return network, self._stand_ins(network)[host.at[network][0]]

    def _stand_ins(self, network: str) -> Mapping[str, str]:
        """Addresses of IPv6 that hosts have which have no other there -> an address in a corner of the network."""
        alone = [
            own[0] for host in self._scenario.hosts if (own := host.at.get(network)) and all(":" in one for one in own)
        ]
        corner = self._here(network, _CORNER.network_address)
        return {address: str(corner + number + 1) for number, address in enumerate(alone)}

    def _six(self, network: str, text: str) -> str:
        """Write an address of IPv6 that has a stand-in, or a prefix that holds one, as it is here."""
        try:
            prefix = ipaddress.ip_network(text)
        except ValueError:
            return text
        if network not in self._networks:
            return text
        found = [here for there, here in self._stand_ins(network).items() if ipaddress.ip_address(there) in prefix]
        if not found:
            return text
        corner = self._here(network, _CORNER.network_address)
        return found[0] if prefix.num_addresses == 1 else f"{corner}/{_CORNER.prefixlen}"

    def _here(self, network: str, address: ipaddress.IPv4Address) -> ipaddress.IPv4Address:
        number = list(self._networks).index(network)
        return ipaddress.IPv4Address((127 << 24) | ((FIRST + number) << 16) | (int(address) & 0xFFFF))

    def _spec(self, host: Host) -> HostSpec:
        _, address = self._home(host)
        fault = host.fault if host.fault in FAULTS else ""
        identity = {**self._interfaces(host), **identity_of(host)}
        return HostSpec(host.name, address, fault, dict(host.users), identity=identity, banner=host.banner)

    def _interfaces(self, host: Host) -> Mapping[str, str]:
        """What `ip` and `ss` would say of a host with the scenario's addresses."""
        text, routes = _LO, {4: "", 6: ""}
        for number, (name, own) in enumerate(host.at.items()):
            mac = f"02:4c:{number:02x}:" + hashlib.sha256(host.name.encode()).digest()[:3].hex(":")
            text += (
                f"{number + 2}: eth{number}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
                f"    link/ether {mac} brd ff:ff:ff:ff:ff:ff\n"
            )
            for address in own:
                kind = "inet6" if ":" in address else "inet"
                whole = with_length(self._networks[name], address)
                text += f"    {kind} {whole} scope global eth{number}\n       valid_lft forever preferred_lft forever\n"
                prefix = ipaddress.ip_interface(whole).network
                routes[prefix.version] += f"{prefix} dev eth{number} proto kernel scope link\n"
        return {
            "ip a": text, "ip -4 route": routes[4], "ip -6 route": routes[6],
            "ss -H -tuln": "tcp   LISTEN 0      128            0.0.0.0:22          0.0.0.0:*\n", "ss -H -tn": "",
        }  # fmt: skip
