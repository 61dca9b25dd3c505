"""What a device of the lab is asked, and what it answers without any connection."""

from lab.devices.facts import vrfs
from lab.devices.vendors import VENDORS as SIMULATED
from lab.scenario.model import Device
from lab.workspaces import PLATFORMS
from scanners.platforms.devices import VENDORS
from scanners.platforms.devices.commands import beginning_of


def of_vrfs(device: Device) -> list[str]:
    """What a device is asked of its VRFs."""
    tables = VENDORS[PLATFORMS[device.vendor]].vrf_tables
    return [f"{begin} {name}" for name in vrfs(device) for begin in tables]


def questions(device: Device) -> list[str]:
    """What a device is asked, in order."""
    return [*VENDORS[PLATFORMS[device.vendor]].commands, *of_vrfs(device)]


def told(device: Device, command: str) -> str | None:
    """What a device answers; None to what it does not know."""
    answers = SIMULATED[device.vendor].answers
    if command in answers:
        return answers[command](device, "")
    answer = answers.get(f"{beginning_of(command)} *")
    return answer(device, command.rpartition(" ")[2]) if answer is not None else None
