"""The parts of a scenario beside its hosts' sshd: programs of the hosts, simulated devices, the capture."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.devices.plan import Placed, write_plan
from lab.grounds.hosting import legs
from lab.keys import Key, make_key
from lab.programs import Program
from lab.scenario.checking import DOWN
from lab.scenario.model import Device, Host, Scenario
from lab.scenario.routing import bridge, default_ways
from lab.wiring import Plan, Start
from xunyan.wording import Text


def programs_of(scenario: Scenario, host: Host, folder: Path) -> list[Program]:
    """The programs that a host runs beside its sshd."""
    del scenario, host, folder
    return []


def unshown(host: Host, programs: Sequence[Program]) -> list[Text]:
    """Say which of a host's programs are not on this machine."""
    del host, programs
    return []


def capture_start(folder: Path, bridges: Sequence[str]) -> Start:
    """Make the folder and the settings of the capture; return how it is started."""
    folder.mkdir()
    config = folder / "capture-config.json"
    rows = [{"interface": name, "file": f"{name}.pcap"} for name in bridges]
    config.write_text(json.dumps(rows), encoding="utf-8")
    return Start((sys.executable, "-m", "lab.packets.capture", str(config)), "packets.log")


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
