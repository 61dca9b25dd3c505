"""The yardstick: stock netmiko in threads, as its manual shows it. `python -m benchmarks.devices_bare ORDER`.

ORDER is JSON: devices (platform, address, port), commands by platform, user, password. It checks no host key, keeps no record
and judges nothing.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from netmiko import ConnectHandler

THREADS = 20


def read(order: dict[str, Any], platform: str, address: str, port: int) -> list[int]:
    """Ask one device everything; give the size of each answer."""
    connection = ConnectHandler(
        device_type=platform, host=address, port=port, username=order["user"], password=order["password"]
    )
    sizes = [len(str(connection.send_command(one, read_timeout=60))) for one in order["commands"][platform]]
    connection.disconnect()
    return sizes


def main(path: str) -> None:
    """Ask all devices, and print how many answered, how many answers came, and how many signs in all."""
    order = json.loads(Path(path).read_text("utf-8"))
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda one: read(order, *one), order["devices"]))
    print(json.dumps({"devices": len(found), "answers": sum(map(len, found)), "signs": sum(map(sum, found))}))


if __name__ == "__main__":
    main(sys.argv[1])
