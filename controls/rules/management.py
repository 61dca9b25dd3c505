"""Rules on how network devices are managed, as GB/T 22239 asks."""

from controls.model import NoParams, Outcome, outcome
from controls.rules.link_words import listed
from controls.view import View
from xunyan.device_facts import TELNET_SESSION, DeviceService
from xunyan.model import Asset, Status

TELNET = "telnet"
FAMILIES = frozenset((4, 6))


def no_plain_text_management(_asset: Asset, view: View, _params: NoParams) -> Outcome:
    """Nobody manages a device over Telnet: it was not asked so, and the service is off over both families."""
    rows = view.table(DeviceService)
    sessions = [one for one in rows if one.name == TELNET_SESSION]
    if sessions:
        return outcome(Status.NOT_SATISFIED, "session", ports=_ports(sessions))
    services = [one for one in rows if one.name == TELNET]
    if enabled := [one for one in services if one.enabled]:
        key = "enabled-filtered" if all(one.acl for one in enabled) else "enabled"
        return outcome(Status.NOT_SATISFIED, key, ports=_ports(enabled))
    missing = FAMILIES - {one.family for one in services}
    if missing:
        return outcome(Status.NOT_OBSERVED, "unshown", families=listed(f"IPv{one}" for one in sorted(missing)))
    return outcome(Status.SATISFIED, "off")


def _ports(rows: list[DeviceService]) -> str:
    return listed(f"IPv{one.family} {one.port}" for one in sorted(rows, key=lambda one: (one.family, one.port)))
