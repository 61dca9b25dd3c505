"""The product's carrier with the yardstick's threads and commands: `python -m benchmarks.devices_carrier ORDER`.

ORDER is that of `devices_bare`, with the line of each device's host key. Host keys are checked, and every line that is typed
is held against the list of what may be typed.
"""

import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.devices_bare import THREADS
from console.collecting import as_printed
from scanners.platforms.devices.answers import refusal
from scanners.transports.carrying import Bounds, Credential, CredentialKind, Order, Outcome
from scanners.transports.devices import DeviceCarrier, Outputs
from xunyan.permits import Method, Permit


class Open:
    """A gate that lets everything pass."""

    def enter(self, asset: str, permit: Permit, credential: Credential) -> None:
        """Let it pass."""

    def leave(self, asset: str, permit: Permit, credential: Credential, outcome: Outcome) -> None:
        """Take no note."""


def printed(outputs: Outputs) -> bytes:
    """Write the answers as the product does before it seals them."""
    return as_printed(dict(outputs), {command: command for command in outputs})


def main(path: str) -> None:
    """Ask all devices, and print how many answered in full, how many answers came, and how many bytes in all."""
    order = json.loads(Path(path).read_text("utf-8"))
    commands: Mapping[str, list[str]] = order["commands"]
    credential = Credential("net", order["user"], CredentialKind.PASSWORD, password=order["password"])
    until = datetime.now(UTC) + timedelta(hours=2)
    orders = [
        Order(f"device:{n}", Permit("n", address, port, Method.SSH, until, "L"), credential, (key,), platform=platform)
        for n, ((platform, address, port), key) in enumerate(zip(order["devices"], order["keys"], strict=True))
    ]
    carrier = DeviceCarrier(commands, refusal, printed, Open(), Bounds(), lambda route, prompt: "")  # noqa: ARG005
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(carrier.ask, orders))
    carrier.close()
    whole = [one for one in found if one.failure is None]
    size = sum(len(one.body) for one in whole)
    print(json.dumps({"devices": len(whole), "answers": sum(one.body.count(b"\n") for one in whole), "signs": size}))


if __name__ == "__main__":
    main(sys.argv[1])
