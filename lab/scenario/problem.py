"""One thing that is wrong with a scenario, and which of its hosts a scan is to ask."""

from dataclasses import dataclass

from lab.scenario.model import Host
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the table it stands in."""

    place: str
    what: Text


def listed(host: Host) -> bool:
    """Whether a host stands in the list of endpoints that a scan asks: all that are a machine, unless it is said."""
    return bool(host.machine) if host.listed is None else host.listed
