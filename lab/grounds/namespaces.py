"""The ground of namespaces: real addresses on bridges and routers of a network that only the lab sees."""

import os
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.children import Child
from lab.farm import hashed
from lab.grounds.ground import Door, Say
from lab.grounds.hosting import NOTHING, Login, legs, plan_host
from lab.grounds.parts import Services, capture_start, device_plans
from lab.hosts import OPS
from lab.keys import Key, make_key
from lab.scenario.checking import DOWN
from lab.scenario.model import Device, Host, Scenario
from lab.scenario.routing import bridge, default_ways, line_bridge, routers
from lab.starting import has_many_users
from lab.wiring import House, Plan, Start, write_house
from xunyan.errors import XunyanError
from xunyan.wording import Text

PLAN = "house.json"
SCANNER = "scanner"
CAPTURES = "packets"
"""The folder of what was captured, and the name of the process that does it."""
_PATIENCE = 150.0


class Namespaces:
    """A scenario in namespaces; see `lab.grounds.ground.Ground`. Works as root, and as a user who may have user namespaces.

    `held` is a descriptor that the lab's processes keep open, so that its lock tells that they live.
    """

    name = "namespaces"
    shows_packets = True
    shows_systems = True

    def __init__(self, folder: Path, scenario: Scenario, *, held: int = -1) -> None:
        self.folder = folder.resolve()
        self.user = OPS
        self._scenario = scenario
        self._held = held
        self._child: Child | None = None
        self._first = 0
        self._inside: dict[str, int] = {}
        self._keys: dict[str, Key] = {}
        key = make_key()
        self.client_key, self._line = key.private, key.line
        self._lacks: list[Text] = []

    def start(self, say: Say) -> None:
        """Raise everything and return when it is up. Raises XunyanError that says who did not come up."""
        say(Text("写出各主机的文件", "writing the files of the hosts"))
        path = self.folder / PLAN
        write_house(path, self._house())
        say(Text("建网络，起主机", "raising networks and hosts"))
        self._child = Child("lab.holder", path, self.folder / "holder.log", held=self._held)
        try:
            self._child.line("ready", _PATIENCE)
            self._learn(self._child.said(0))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the holder, and with it everything. May be called again."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def keep(self) -> None:
        """Let everything go on when we end; `lower` takes it down."""
        if self._child is not None:
            self._child.let_go()
            self._child = None

    def shows(self, host: Host) -> bool:
        """Whether a host can stand here: every one."""
        del host
        return True

    def door(self, host: Host | Device) -> Door:
        """Where the SSH port of a host or device is: at its first address."""
        network = next(iter(host.at))
        shown = self._keys.get(host.name)
        known = make_key() if shown is None or host.fault == "changed-key" else shown
        return Door(network, host.at[network][0], host.port, known.line)

    def translate(self, network: str, text: str) -> str:
        """Addresses are as the scenario has them."""
        del network
        return text

    def endpoint(self, network: str, text: str) -> str:
        """Services are where the scenario has them."""
        del network
        return text

    def words(self, command: Sequence[str]) -> list[str]:
        """Run a command in the scanner's network, and as its root where that is a user namespace's."""
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.outside(SCANNER)), *user, "--net", "--", *command]

    def log(self, host: Host) -> Path:
        """What the host's sshd wrote."""
        return self.folder / "hosts" / host.name / "sshd.log"

    def lacks(self) -> Sequence[Text]:
        """What cannot be shown for want of a program on this machine."""
        return self._lacks

    def state(self) -> Mapping[str, object]:
        """The process that everything hangs on, and how the scanner's place is entered."""
        scanner = self.outside(SCANNER)
        return {
            "ground": self.name,
            "holder": self._child.pid if self._child else 0,
            "plan": str(self.folder / PLAN),
            "enter": self.words([]),
            "scanner": scanner,
            "network": str(Path(f"/proc/{scanner}/ns/net").readlink()),
        }

    def outside(self, name: str) -> int:
        """The id of a member's first process as the machine has it. Raises XunyanError when it has ended."""
        inner = self._inside.get(name, 0)
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                rows = dict(
                    line.split(":\t", 1) for line in status.read_text(encoding="utf-8").splitlines() if ":\t" in line
                )
            except (OSError, UnicodeDecodeError):  # ended meanwhile, or a name that is no text: not ours
                continue
            numbers = rows.get("NSpid", "").split()
            if rows.get("PPid") == str(self._first) and len(numbers) >= 2 and numbers[1] == str(inner):
                return int(numbers[0])
        raise XunyanError(Text(f"“{name}”已经不在", f"{name!r} is gone"), where=str(self.folder / "holder.log"))

    def finish_capture(self) -> None:
        """Have the capture write down what it has. Raises XunyanError when it does not."""
        os.kill(self.outside(CAPTURES), signal.SIGTERM)
        end = time.monotonic() + 30
        while not (self.folder / CAPTURES / "capture.json").exists():
            if time.monotonic() > end:
                raise XunyanError(
                    Text("抓包没有收尾", "the capture did not end"), where=str(self.folder / "packets.log")
                )
            time.sleep(0.05)

    def _learn(self, said: Sequence[str]) -> None:
        for line in said:
            word, _, rest = line.partition(" ")
            if word == "inside":
                self._first = int(rest)
            elif word in ("member", "beside"):
                number, _, name = rest.partition(" ")
                self._inside[name] = int(number)

    def _house(self) -> House:
        scenario = self._scenario
        plans: list[Plan] = [self._scanner()]
        for router in routers(scenario):
            place = self._place(f"router-{bridge(scenario, router.network)}")
            plans.append(
                Plan(place.name, str(place), router.legs, (Start(NOTHING, "log"),), router.ways, forwards=True)
            )
        plans += self._hosts()
        plans += device_plans(scenario, self.folder, self._keys)
        bridges = [bridge(scenario, one.name) for one in scenario.networks]
        bridges += [line_bridge(number) for number in range(len(scenario.links))]
        capture = capture_start(self.folder / CAPTURES, bridges)
        return House(str(self.folder), tuple(bridges), tuple(plans), (capture,))

    def _scanner(self) -> Plan:
        scanner = self._scenario.scanner
        network = next(one for one in self._scenario.networks if one.name == scanner.network)
        place = self._place(SCANNER)
        return Plan(
            SCANNER, str(place), legs(self._scenario, {scanner.network: scanner.addresses}), (Start(NOTHING, "log"),),
            tuple(default_ways(network, scanner.addresses)),
        )  # fmt: skip

    def _hosts(self) -> list[Plan]:
        scenario = self._scenario
        sshd = shutil.which("sshd", path="/usr/sbin:/sbin:" + os.environ.get("PATH", ""))
        if sshd is None:
            raise XunyanError(
                Text("没有 sshd", "there is no sshd"),
                advice=Text("apt-get install openssh-server", "apt-get install openssh-server"),
            )
        login = Login(self._line, hashed(word for host in scenario.hosts for word in host.users.values()))
        single = os.geteuid() != 0 or not has_many_users()
        plans: list[Plan] = []
        services = Services(scenario)
        for host in scenario.hosts:
            if host.fault == DOWN:
                continue
            folder = self.folder / "hosts" / host.name
            programs = services.of(host, folder)
            plan, self._keys[host.name] = plan_host(scenario, host, folder, sshd, login, programs, single=single)
            plans.append(plan)
        self._lacks = list(services.lacks.values())
        return plans

    def _place(self, name: str) -> Path:
        place = self.folder / "members" / name
        place.mkdir(parents=True)
        return place
