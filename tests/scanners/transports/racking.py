"""Devices of the lab that listen, orders for them, and what they wrote down of who came and what was typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from lab.devices.facts import now
from lab.devices.plan import known_hosts_key
from lab.scenario.model import Device
from scanners.platforms.devices import VENDORS
from scanners.platforms.devices.answers import refusal
from scanners.platforms.devices.vrf_tables import following
from scanners.transports.carrying import Answer, Bounds, Credential, CredentialKind, Order, Outcome
from scanners.transports.devices import DeviceCarrier, Further, Outputs
from scanners.transports.devices_manners import MANNERS
from tests.lab.telling import questions, told
from tests.lab.test_devices import Rack
from tests.lab.test_devices_tables import USERS
from xunyan.permits import Method, Permit

PLATFORM_OF = {
    "huawei": "huawei_vrp",
    "h3c": "hp_comware",
    "ruijie": "ruijie_os",
    "zte": "zte_zxros",
    "cisco": "cisco_ios",
}
FURTHER = {platform: Further(vendor.named(), partial(following, vendor)) for platform, vendor in VENDORS.items()}
COMMANDS = {platform: tuple(vendor.commands) for platform, vendor in VENDORS.items()}
BOUNDS = Bounds(login_seconds=3, answer_seconds=6)
NOT_IN_THE_LAB = {"display http server", "display telnet server status"}
"""What real devices answer and the lab's do not know: refused there."""


class Book:
    """A gate that lets everything pass and writes down what it saw."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, Outcome]] = []
        self.sent: list[tuple[str, str]] = []

    def enter(self, asset: str, permit: Permit, credential: Credential) -> None:
        del permit
        self.sent.append((asset, credential.name))

    def leave(self, asset: str, permit: Permit, credential: Credential, outcome: Outcome) -> None:
        del asset, permit
        self.outcomes.append((credential.name, outcome))


class Heard:
    """What one device gave: the answer of the carrier, and its outputs before they are written down."""

    def __init__(self, answer: Answer, outputs: Outputs) -> None:
        self.answer = answer
        self.outputs = dict(outputs)

    @property
    def why(self) -> tuple[str, str]:
        """The reason and the key of the detail, empty where nothing went wrong."""
        failure = self.answer.failure
        return (failure.reason.value, failure.detail.partition(":")[0]) if failure else ("", "")


def order(rack: Rack, name: str, **fields: object) -> Order:
    """An order for a device of a rack; `fields` are any of an order."""
    placed = rack.placed[name]
    soon = datetime.now(UTC) + timedelta(hours=1)
    made = Order(
        f"device:{name}",
        Permit("n", placed.addresses[0], placed.port, Method.SSH, soon, "L"),
        Credential("ops", "ops", CredentialKind.PASSWORD, password=USERS["ops"]),
        (known_hosts_key(placed),),
        platform=PLATFORM_OF[placed.device.vendor],
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # any field of an order


def ask(one: Order, book: Book | None = None, bounds: Bounds = BOUNDS) -> Heard:
    """Ask one device with a carrier of its own."""
    kept: dict[str, tuple[bytes, int]] = {}

    def printed(outputs: Outputs) -> bytes:
        kept.update(outputs)
        return b""

    unasked = lambda route, prompt: ""  # noqa: ARG005, E731
    carrier = DeviceCarrier(COMMANDS, refusal, printed, book or Book(), bounds, unasked, FURTHER)
    try:
        return Heard(carrier.ask(one), kept)
    finally:
        carrier.close()


def directly(device: Device) -> dict[str, str]:
    """What a device answers to what is asked, taken from it without any connection."""
    every = {command: told(device, command) for command in questions(device)}
    return {
        command: text.rstrip("\n") + "\n" if text.strip() else "" for command, text in every.items() if text is not None
    }


def without_clock(outputs: Mapping[str, str]) -> dict[str, str]:
    """The same without the lines that tell the time, which goes on."""
    year = str(now().year)
    return {
        command: "\n".join(line for line in text.split("\n") if year not in line and "08:00" not in line)
        for command, text in outputs.items()
    }


def texts(heard: Heard) -> dict[str, str]:
    """The answers that are none of refusal, as text."""
    return {command: said.decode() for command, (said, code) in heard.outputs.items() if not code}


def allowed(device: Device) -> set[str]:
    """Every line that may be typed to a device."""
    manner = MANNERS[PLATFORM_OF[device.vendor]]
    return {*questions(device), *manner.quiet, manner.raising, manner.leaving}


def beyond_the_list(rack: Rack, names: Iterable[str] = ()) -> list[Mapping[str, str]]:
    """What devices wrote down that may not be typed to them, or that changes them."""
    found: list[Mapping[str, str]] = []
    for name in names or rack.placed:
        lines = allowed(rack.placed[name].device)
        for row in rack.log(name, "command"):
            unknown = row["kind"] == "unknown" and row["text"] not in NOT_IN_THE_LAB
            if row["text"] not in lines or row["kind"] == "write" or unknown:
                found.append(row)
    return found


def attempts(rack: Rack, names: Sequence[str]) -> dict[str, int]:
    """How often each was logged in to."""
    return {name: len(rack.log(name, "attempt")) for name in names}
