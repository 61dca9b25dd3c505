"""A workspace that may scan the lab's network devices: letter, logins, host keys and the list of devices."""

from collections.abc import Iterable
from pathlib import Path

from lab.devices.plan import known_hosts
from tests.lab.test_devices import Rack
from tests.lab.test_devices_tables import USERS
from tests.making import xunyan
from tests.scanners.transports.racking import PLATFORM_OF
from tests.scanning import NETWORK, letter

ADDRESSES = "127.79.0.0/16"
PASSWORD = {"DEVICE_PASSWORD": USERS["ops"]}
LOGIN = """
[credentials.net]
user = "ops"
kind = "password"
password = "env:DEVICE_PASSWORD"
"""
PATIENT = "\n[scan]\nlogin_seconds = 10\nanswer_seconds = 20\ntarget_pause = 0\n"


def make_workspace(
    place: Path,
    rack: Rack,
    names: Iterable[str] = (),
    *,
    settings: str = LOGIN + PATIENT,
    letter_text: str = "",
    known: str = "",
) -> Path:
    """A workspace whose list holds these devices of a rack, or all of them."""
    workspace = place / "w"
    xunyan("init", workspace)
    with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    letters = workspace / "inventory" / "authorisations"
    (letters / "test.toml").write_text(letter_text or letter([ADDRESSES], ports=list(range(1024, 65536))), "utf-8")
    keys = workspace / "inventory" / "known_hosts"
    keys.mkdir(exist_ok=True)
    (keys / NETWORK).write_text("".join(known_hosts(one) for one in rack.placed.values()) + known, "utf-8")
    chosen = [rack.placed[name] for name in names or rack.placed]
    rows = "".join(
        f"{one.device.name},{PLATFORM_OF[one.device.vendor]},信息中心,{one.addresses[0]},{one.port}\n" for one in chosen
    )
    table = place / "devices.csv"
    table.write_text("资产标识,系统类型,单位,地址,端口\n" + rows, "utf-8")
    xunyan("-C", workspace, "endpoints", "import", table)
    return workspace
