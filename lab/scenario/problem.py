"""One thing that is wrong with a scenario, and which of its hosts a scan is to ask."""

from dataclasses import dataclass

from lab.scenario.model import Device, Host
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the table it stands in."""

    place: str
    what: Text


def listed(row: Host | Device) -> bool:
    """Whether a host or device stands in the list of endpoints that a scan asks: hosts that are a machine, unless it is said."""
    if isinstance(row, Device):
        return row.listed
    return bool(row.machine) if row.listed is None else row.listed
