"""Devices that we did not write: FakeNOS as it comes plays a Huawei and an H3C device, and our carrier reads them.

FakeNOS pins an older paramiko, so it runs in an environment of its own, which `scripts/fakenos.sh` makes. Its devices are its
stock platforms; its settings give the prompt the brackets that VRP and Comware have. It knows some of the commands that we
ask; to the others it says `Unknown command`.
"""

import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paramiko
import pytest
import yaml

from lab.farm import free_port
from scanners.platforms.devices.answers import refusal
from scanners.transports.carrying import Bounds, Credential, CredentialKind, Order, Outcome
from scanners.transports.devices import DeviceCarrier, Outputs
from tests.making import PROJECT
from tests.scanners.platforms.devices.answering import everything, read
from tests.scanners.transports.racking import COMMANDS, Book
from xunyan.device_facts import AccessList, Device, DeviceInterface, IpNeighbor, LldpNeighbor
from xunyan.permits import Method, Permit

PROGRAM = PROJECT / ".fakenos" / "bin" / "fakenos"
ADDRESS = "127.79.250.1"
BOUNDS = Bounds(login_seconds=10, answer_seconds=30)
UNKNOWN = "Unknown command"
PLATFORMS = ("huawei_vrp", "hp_comware")

pytestmark = pytest.mark.skipif(
    not (PROGRAM.parents[1] / ".ready").exists(), reason="there is no .fakenos: sh scripts/fakenos.sh makes it"
)


class Fakes:
    """A running FakeNOS with one device of each platform, each at a port of its own."""

    def __init__(self, folder: Path) -> None:
        key = paramiko.RSAKey.generate(2048)
        key.write_private_key_file(str(folder / "host-key"))
        self.known = f"{key.get_name()} {key.get_base64()}"
        self.ports = {platform: free_port([ADDRESS]) for platform in PLATFORMS}
        hosts = {
            platform.replace("_", "-"): {
                "port": port,
                "platform": platform,
                "shell": {"plugin": "CMDShell", "configuration": {"base_prompt": f"<{platform}"}},
            }
            for platform, port in self.ports.items()
        }
        server = {"configuration": {"address": ADDRESS, "ssh_key_file": str(folder / "host-key")}}
        inventory = {"default": {"username": "ops", "password": "Lab-Only-1", "server": server}, "hosts": hosts}
        (folder / "inventory.yaml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        self._log = (folder / "fakenos.log").open("wb")
        self._process = subprocess.Popen(
            [str(PROGRAM), "-i", str(folder / "inventory.yaml")],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd=folder,
        )  # fmt: skip
        end = time.monotonic() + 30
        while not all(self._listens(port) for port in self.ports.values()):
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise AssertionError((folder / "fakenos.log").read_text("utf-8"))
            time.sleep(0.1)

    def _listens(self, port: int) -> bool:
        try:
            socket.create_connection((ADDRESS, port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End it the hard way: its threads do not end when they are asked to."""
        self._process.kill()
        self._process.wait()
        self._log.close()

    def read(self, platform: str) -> tuple[Outputs, str, Book]:
        """Read a device with our carrier; what it gave, what went wrong, how the login went."""
        book = Book()
        kept: dict[str, tuple[bytes, int]] = {}

        def printed(outputs: Outputs) -> bytes:
            kept.update(outputs)
            return b""

        soon = datetime.now(UTC) + timedelta(hours=1)
        order = Order(
            f"device:{platform}",
            Permit("n", ADDRESS, self.ports[platform], Method.SSH, soon, "L"),
            Credential("ops", "ops", CredentialKind.PASSWORD, password="Lab-Only-1"),  # noqa: S106  # of the lab
            (self.known,),
            platform=platform,
        )
        carrier = DeviceCarrier(COMMANDS, refusal, printed, book, BOUNDS, lambda route, prompt: "")  # noqa: ARG005
        try:
            failure = carrier.ask(order).failure
        finally:
            carrier.close()
        return kept, failure.detail if failure else "", book


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Outputs, str, Book]]]:
    """What both devices said, read once and side by side: they take ten milliseconds for every letter typed."""
    raised = Fakes(tmp_path_factory.mktemp("fakenos"))
    with ThreadPoolExecutor() as pool:
        yield dict(zip(PLATFORMS, pool.map(raised.read, PLATFORMS), strict=True))
    raised.stop()


def stock(platform: str) -> dict[str, str]:
    """What FakeNOS says of a platform, from its own files."""
    (path,) = PROGRAM.parents[1].glob(f"lib/python*/site-packages/fakenos/plugins/nos/platforms_yaml/{platform}.yaml")
    commands = yaml.safe_load(path.read_text("utf-8"))["commands"]
    return {name: row["output"] for name, row in commands.items() if isinstance(row["output"], str)}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_device_of_fakenos_is_read_whole(heard: dict[str, tuple[Outputs, str, Book]], platform: str) -> None:
    outputs, failure, book = heard[platform]
    assert failure == ""
    assert book.outcomes == [("ops", Outcome.ACCEPTED)]
    assert list(outputs) == list(COMMANDS[platform])
    known = stock(platform)
    said = {command: text.decode().splitlines() for command, (text, _) in outputs.items()}
    own = {command for command in outputs if command in known}
    assert len(own) >= 9
    for command in own:
        assert [line.rstrip() for line in said[command] if line.strip()] == [
            line.rstrip() for line in known[command].splitlines() if line.strip()
        ], command  # fmt: skip
    assert {command: lines for command, lines in said.items() if command not in own} == {
        command: [UNKNOWN] for command in outputs if command not in own
    }


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_fakenos_says_is_read_into_facts(heard: dict[str, tuple[Outputs, str, Book]], platform: str) -> None:
    outputs, *_ = heard[platform]
    known = {command: text for command, (text, _) in outputs.items() if command in stock(platform)}
    observations, blind = everything(platform, known)
    assert not blind
    found = {type(fact) for one in observations.values() for fact in one.facts}
    assert found >= {Device, DeviceInterface, IpNeighbor, LldpNeighbor}
    assert (AccessList in found) == (platform == "huawei_vrp")
    (device,) = observations["device"].facts
    assert (
        device
        == {
            "huawei_vrp": Device("huawei", "ATN 910C-B", "V300R003C10SPC500"),
            "hp_comware": Device("h3c", "SecPath F1000-AK115", serial="219801A1C39214Q00075"),
        }[platform]
    )
    unknown = next(command for command in outputs if command not in known)
    assert isinstance(read(platform, unknown, outputs[unknown][0]), str)  # and never an empty table
