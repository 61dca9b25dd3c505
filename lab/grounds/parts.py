"""The parts of a scenario beside its hosts' sshd: programs of the hosts, simulated devices, the capture."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.devices.plan import Placed, write_plan
from lab.grounds.hosting import addresses, legs
from lab.keys import Key, make_key
from lab.programs import Program
from lab.scenario.checking import DOWN
from lab.scenario.model import Device, Host, Scenario
from lab.scenario.routing import bridge, default_ways
from lab.services.bmc import ipmi_program, redfish_programs
from lab.services.certificates import Authority
from lab.services.dns import authoritative_programs, known_addresses, resolver_programs, tree
from lab.services.missing import absent
from lab.services.snmp import snmp_program
from lab.services.talking import talk_programs
from lab.services.web import other_programs, web_program
from lab.wiring import Plan, Start
from xunyan.wording import Text


class Services:
    """Makes the programs that the hosts of a scenario run beside their sshd, as far as this machine has them."""

    def __init__(self, scenario: Scenario) -> None:
        """Lay out the zones and their parents. Raises InputError for what cannot be said to a server."""
        self.authority = Authority()
        serving = [one.name for one in scenario.hosts if one.dns is not None and one.dns.role == "authoritative"]
        self._zones = tree(scenario.zones, serving[0]) if serving else ()
        self._known = known_addresses(scenario.hosts)
        self._hosts = scenario.hosts
        self.lacks: dict[str, Text] = {}

    def of(self, host: Host, folder: Path) -> list[Program]:
        """The programs of a host that can be started here; those that cannot are told in `lacks`."""
        made = list(self._of(host, folder, addresses(host)))
        kept = [program for program in made if not absent([program])]
        for command, package in absent(made):
            self.lacks[command] = Text(
                f"没有 {command}（{package}），用到它的部分没有立",
                f"no {command} ({package}): what needs it is not raised",
            )
        return kept

    def _of(self, host: Host, folder: Path, own: list[str]) -> Iterator[Program]:
        if host.web:
            web = web_program(folder, host.web, own, self.authority, raw=host.hostile)
            yield from ([web] if web.opens else [])
            yield from other_programs(host.web, own)
        if host.dns is not None and self._zones:
            if host.dns.role == "authoritative":
                yield from authoritative_programs(folder, host.name, host.dns, own, self._zones, self._known)
            else:
                yield from resolver_programs(folder, host.dns, own, self._zones, self._known)
        if host.snmp is not None:
            yield snmp_program(folder, host.snmp, own, host.name)
        if host.ipmi is not None:
            yield ipmi_program(folder, host.ipmi, own, host.name)
        if host.redfish is not None:
            yield from redfish_programs(folder, host.redfish, own, self.authority, host.name)
        yield from talk_programs(host, self._hosts)


def capture_start(folder: Path, bridges: Sequence[str]) -> Start:
    """Make the folder and the settings of the capture; return how it is started."""
    folder.mkdir()
    config = folder / "capture-config.json"
    rows = [{"interface": name, "file": f"{name}.pcap"} for name in bridges]
    config.write_text(json.dumps(rows), encoding="utf-8")
    return Start((sys.executable, "-m", "lab.packets.capture", str(config)), "packets.log", awaited=True)


def device_plans(scenario: Scenario, folder: Path, keys: dict[str, Key]) -> list[Plan]:
    """The devices of each network as one member that has all their addresses; their host keys are put into `keys`."""
    networks = {one.name: one for one in scenario.networks}
    plans: list[Plan] = []
    for name, network in networks.items():
        devices = [one for one in scenario.devices if next(iter(one.at)) == name and one.fault != DOWN]
        if not devices:
            continue
        place = folder / "members" / f"devices-{bridge(scenario, name)}"
        place.mkdir(parents=True)
        placed = [_placed(one, name, keys) for one in devices]
        write_plan(place / "devices.json", placed, folder / "devices")
        own = [address for one in placed for address in one.addresses]
        listening = [one for one in placed if one.device.fault != "closed"]
        plans.append(
            Plan(
                place.name, str(place), legs(scenario, {name: own}),
                (Start((sys.executable, "-m", "lab.devices", str(place / "devices.json")), "devices.log"),),
                tuple(default_ways(network, own)),
                opens=tuple({("tcp", one.port) for one in listening}),
            )
        )  # fmt: skip
    return plans


def _placed(device: Device, network: str, keys: dict[str, Key]) -> Placed:
    keys[device.name] = make_key()
    return Placed(device, tuple(device.at[network]), device.port, keys[device.name])
