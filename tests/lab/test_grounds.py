"""A scenario stands in namespaces or on loopback as it is written, harms nothing of the machine, and leaves nothing behind."""

import contextlib
import fcntl
import json
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from lab.grounds.choosing import choose
from lab.grounds.ground import Ground
from lab.grounds.loopback import Loopback
from lab.grounds.namespaces import Namespaces
from lab.kinds import texts
from lab.places import LOCK, base, leave, new_place
from lab.scenario.model import Host, Scenario
from lab.scenario.reading import read_scenario
from tests.lab.demonstrating import as_user, given_to_user, needs_namespaces, needs_ssh
from tests.lab.ssh import ROOT
from tests.making import PROJECT
from xunyan.wording import Text

TEXT = """
schema: xunyan.scenario/1
name: ground
title: 两张网、一段内网、一条IPv6黑洞
networks:
  - {name: 外网, kind: extranet, v4: 10.71.0.0/16, v6: "2001:db8:71::/48"}
  - {name: 政务云, kind: cloud, v4: 10.72.0.0/16, v6: "2001:db8:72::/48"}
  - {name: 黑洞, kind: room, v4: 10.73.0.0/16, v6: "2001:db8:73::/48"}
  - {name: 内网, kind: private, v4: 192.168.1.0/24, v6: "fd00:1::/64", routed: false}
links:
  - {between: [外网, 政务云]}
  - {between: [外网, 黑洞], black_hole: [6]}
scanner: {network: 外网, addresses: [10.71.0.9, "2001:db8:71::9"]}
hosts:
  - {name: web01, at: {政务云: [10.72.0.1, "2001:db8:72::1"]}, machine: kunpeng-920, system: kylin-server-v10, web: [{title: 门户}]}
  - {name: pc01, at: {外网: [10.71.1.1, "2001:db8:71:1::1"]}, machine: loongson-3a5000, system: uos-desktop-20}
  - {name: six01, at: {政务云: ["2001:db8:72::6"]}, machine: hygon-guest, system: kylin-server-v10}
  - {name: far, at: {黑洞: [10.73.0.1, "2001:db8:73::1"]}, machine: intel-4214, system: centos-7}
  - {name: jump, forwards: true, at: {外网: [10.71.0.250, "2001:db8:71::250"], 内网: [192.168.1.1, "fd00:1::1"]}}
  - {name: inner, via: jump, at: {内网: [192.168.1.10, "fd00:1::10"]}, machine: intel-4214, system: centos-7}
  - {name: filtered, at: {政务云: [10.72.0.2]}, fault: filtered}
  - {name: shut, at: {政务云: [10.72.0.3]}, fault: closed}
  - {name: other, at: {政务云: [10.72.0.4]}, fault: wrong-banner}
  - {name: gone, at: {外网: [10.71.0.5]}, fault: down}
  - {name: ns, at: {政务云: [10.72.0.53, "2001:db8:72::53"]}, ssh: false, dns: {}}
zones:
  - {name: ground.example, servers: [ns], records: ["www A 10.72.0.1", "www AAAA 2001:db8:72::1"]}
devices:
  - {name: sw, vendor: h3c, at: {外网: [10.71.0.1, "2001:db8:71::1"]}, users: {netops: Lab-Only-1}}
authorisations: []
"""
LITTLE = """
schema: xunyan.scenario/1
name: little
title: 一台主机、一台交换机
networks: [{name: 外网, kind: extranet, v4: 10.71.0.0/16, v6: "2001:db8:71::/48"}]
scanner: {network: 外网, addresses: [10.71.0.9, "2001:db8:71::9"]}
hosts: [{name: %s, at: {外网: [10.71.1.1, "2001:db8:71:1::1"]}, machine: phytium-ft2000-4, system: kylin-desktop-v10-sp1}]
devices: [{name: sw, vendor: huawei, at: {外网: [10.71.0.1]}, users: {netops: Lab-Only-1}}]
authorisations: []
"""
PROBE = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3])) as one:
        print("open", one.recv(200) if len(sys.argv) > 4 else "")
except OSError as error:
    print(type(error).__name__, error.errno)
"""
ADDRESSES = {"web01": ["10.72.0.1", "2001:db8:72::1"], "pc01": ["10.71.1.1", "2001:db8:71:1::1"], "far": ["10.73.0.1"]}

pytestmark = needs_ssh


def quiet(said: Text) -> None:
    assert said.zh


def scenario_of(folder: Path, text: str) -> Scenario:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return read_scenario(path)


class Stand:
    """A ground with a scenario on it, and the commands that a person would use from the scanner's place."""

    def __init__(self, folder: Path, text: str, kind: type[Namespaces] | type[Loopback] = Namespaces) -> None:
        self.scenario = scenario_of(folder, text)
        self.hosts = {host.name: host for host in self.scenario.hosts}
        (folder / "lab").mkdir(mode=0o755)
        self.ground: Namespaces | Loopback = kind(folder / "lab", self.scenario)
        self.config = folder / "config"
        self.folder = folder

    def __enter__(self) -> "Stand":
        self.ground.start(quiet)
        key, known = self.folder / "key", self.folder / "known"
        key.touch(mode=0o600)
        key.write_text(self.ground.client_key, encoding="ascii")
        lines = []
        for host in self.hosts.values():
            if host.ssh and host.fault in ("", "slow") and self.ground.shows(host):
                door = self.ground.door(host)
                names = [door.address, *(one for own in host.at.values() for one in own)]
                lines += [f"{one if door.port == 22 else f'[{one}]:{door.port}'} {door.host_key}\n" for one in names]
        known.write_text("".join(lines), encoding="ascii")
        self.config.write_text(
            f"User {self.ground.user}\nIdentityFile {key}\nUserKnownHostsFile {known}\nStrictHostKeyChecking yes\n"
            "IdentitiesOnly yes\nBatchMode yes\nConnectTimeout 5\n",
            encoding="ascii",
        )
        self.config.chmod(0o600)
        return self

    def __exit__(self, *error: object) -> None:
        self.ground.stop()

    def inside(self, *command: str, check: bool = True) -> str:
        """Run a command from the scanner's place."""
        done = subprocess.run(
            self.ground.words(command), capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def ssh(self, address: str, command: str, *options: str, port: int = 22) -> str:
        return self.inside("ssh", "-T", "-F", str(self.config), "-p", str(port), *options, address, command)

    def probe(self, address: str, port: int = 22, *, seconds: float = 5, hears: bool = False) -> str:
        words = [sys.executable, "-c", PROBE, address, str(port), str(seconds), *(["hears"] if hears else [])]
        return self.inside(*words).strip()

    def net(self, member: str, *command: str) -> str:
        """Run a command in a member's network, or ("") in that of the bridges."""
        assert isinstance(self.ground, Namespaces)
        pid = self.ground.outside(member) if member else self.ground._first
        words = [str(pid) if one.isdigit() else one for one in self.ground.words([])]
        done = subprocess.run([*words, *command], capture_output=True, text=True, timeout=30, check=True)
        return done.stdout


def links() -> set[str]:
    done = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, timeout=30, check=True)
    return set(done.stdout.splitlines())


@pytest.fixture(scope="module")
def before() -> set[str]:
    """The machine's own interfaces, before any lab stands."""
    return links()


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory, before: set[str]) -> Iterator[Stand]:
    with Stand(tmp_path_factory.mktemp("ground"), TEXT) as raised:
        yield raised


def needs(stand: Stand, program: str) -> None:
    lacking = [one.en for one in stand.ground.lacks() if f"no {program} " in one.en]
    if lacking:
        pytest.skip(lacking[0])


WHO = "hostname; cat /proc/cpuinfo /etc/os-release; uname -a; uname -r; lscpu; cat /etc/machine-id"


def who(host: Host) -> str:
    own = texts(host.machine, host.system, host.name)
    names = ("/proc/cpuinfo", "/etc/os-release", "uname -a", "uname -r", "lscpu", "/etc/machine-id")
    return "".join([host.name + "\n", *(own[name] for name in names)])


@needs_namespaces
@pytest.mark.parametrize(("name", "address"), [(name, one) for name, own in ADDRESSES.items() for one in own])
def test_hosts_are_who_they_are_said_to_be_in_both_families(stand: Stand, name: str, address: str) -> None:
    assert stand.ssh(address, WHO) == who(stand.hosts[name])
    said = stand.ssh(address, "ls -d /.dockerenv /run/.containerenv 2>/dev/null; ip -o addr show dev eth0 scope global; id -un")
    assert "env" not in said
    assert said.endswith("ops\n")
    own = [one for at in stand.hosts[name].at.values() for one in at]
    assert {line.split()[3].partition("/")[0] for line in said.splitlines()[:-1]} == set(own)
    assert len(stand.ssh(address, "ls -d /proc/[0-9]*").split()) < 15


@needs_namespaces
def test_the_way_leads_over_the_line_between_routers(stand: Stand) -> None:
    assert stand.probe("10.72.0.1", hears=True).startswith("open b'SSH-2.0-")
    assert stand.probe("2001:db8:72::6", hears=True).startswith("open b'SSH-2.0-")
    assert "via 10.71.255.254" in stand.inside("ip", "route", "get", "10.72.0.1")
    assert "via 2001:db8:71::ffff" in stand.inside("ip", "-6", "route", "get", "2001:db8:72::1")
    for router, family, prefix, via in (
        ("router-n0", "-4", "10.72.0.0/16", "198.18.0.2"), ("router-n1", "-4", "10.71.0.0/16", "198.18.0.1"),
        ("router-n0", "-6", "2001:db8:72::/48", "2001:db8:ffff::2"),
    ):  # fmt: skip
        assert f"{prefix} via {via} " in stand.net(router, "ip", family, "route")
    assert stand.ssh("10.72.0.1", "cat < /dev/tcp/10.73.0.1/22 & sleep 0.5; kill $!").startswith("SSH-2.0-")  # two lines


@needs_namespaces
def test_a_black_hole_of_one_family_gives_no_answer(stand: Stand) -> None:
    assert stand.probe("10.73.0.1", hears=True).startswith("open b'SSH-2.0-")
    assert stand.probe("2001:db8:73::1", seconds=1.5) == "TimeoutError None"
    assert stand.ssh("10.73.0.1", "bash -c 'echo >/dev/tcp/2001:db8:73::1/22' && echo here") == "here\n"


@needs_namespaces
def test_a_private_network_is_reached_through_its_jump_host_alone(stand: Stand) -> None:
    assert stand.probe("192.168.1.10") in ("OSError 101", "OSError 113")  # no route to it
    assert stand.probe("fd00:1::10", seconds=1.5).split()[0] in ("OSError", "TimeoutError")
    assert stand.ssh("192.168.1.10", "hostname", "-J", "10.71.0.250") == "inner\n"
    assert stand.ssh("fd00:1::10", "hostname", "-J", "[2001:db8:71::250]") == "inner\n"
    assert stand.ssh("10.71.0.250", "cat < /dev/tcp/192.168.1.10/22 & sleep 0.5; kill $!").startswith("SSH-2.0-")


@needs_namespaces
def test_ports_that_are_filtered_closed_or_something_else(stand: Stand) -> None:
    assert stand.probe("10.72.0.2", seconds=1.5) == "TimeoutError None"
    assert stand.probe("10.72.0.3") == "ConnectionRefusedError 111"
    assert stand.probe("10.72.0.4", hears=True).startswith("open b'220 ftp.lab.example FTP")
    assert stand.probe("10.71.0.5", seconds=5) == "OSError 113"  # nobody has this address
    assert stand.probe("10.72.0.53") == "ConnectionRefusedError 111"  # it has no sshd


@needs_namespaces
def test_commands_and_attempts_are_written_down(stand: Stand) -> None:
    host = stand.hosts["pc01"]
    log = stand.ground.folder / "hosts" / "pc01" / "log" / "commands.log"
    start, attempts = len(log.read_text()), stand.ground.log(host).read_text().count("Accepted publickey for ops")
    stand.ssh("10.71.1.1", "echo 'a  b' $HOME")
    (line,) = log.read_text()[start:].splitlines()
    assert line.split(" ", 1)[1] == "ops -c echo\\ \\'a\\ \\ b\\'\\ \\$HOME"
    accepted = stand.ground.log(host).read_text().count("Accepted publickey for ops")
    assert accepted == attempts + 1
    assert "echo" not in stand.ground.log(host).read_text()


@needs_namespaces
def test_web_pages_and_names_are_served(stand: Stand) -> None:
    needs(stand, "nginx")
    for url in ("http://10.72.0.1/", "http://[2001:db8:72::1]/"):
        get = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"
        assert "<title>门户</title>" in stand.inside(sys.executable, "-c", get, url)
    needs(stand, "unbound")
    ask = (
        "import sys, dns.message, dns.query\n"
        "print(dns.query.udp(dns.message.make_query('www.ground.example', sys.argv[2]), sys.argv[1], 5).answer)"
    )
    assert "10.72.0.1" in stand.inside(sys.executable, "-c", ask, "10.72.0.53", "A")
    assert "2001:db8:72::1" in stand.inside(sys.executable, "-c", ask, "2001:db8:72::53", "AAAA")


@needs_namespaces
def test_a_device_answers_at_both_addresses(stand: Stand) -> None:
    ask = (
        "import sys, paramiko\nclient = paramiko.SSHClient()\n"
        "client.set_missing_host_key_policy(paramiko.AutoAddPolicy())\n"
        "client.connect(sys.argv[1], username='netops', password='Lab-Only-1', look_for_keys=False, allow_agent=False)\n"
        "print(client.exec_command('display version')[1].read().decode())"
    )
    for address in ("10.71.0.1", "2001:db8:71::1"):
        assert "H3C Comware" in stand.inside(sys.executable, "-c", ask, address)


@needs_namespaces
def test_the_machine_itself_sees_nothing_and_nothing_leads_out(stand: Stand, before: set[str]) -> None:
    assert links() == before
    assert stand.probe("192.0.2.1") == "OSError 101"
    assert stand.probe("2001:db8:99::1").startswith("OSError 101")
    for number in range(3):
        for family in ("-4", "-6"):
            assert stand.net(f"router-n{number}", "ip", family, "route", "show", "default") == ""
    assert stand.net("", "ip", "-o", "addr").count("\n") == stand.net("", "ip", "-o", "addr", "show", "lo").count("\n")
    bridges = stand.net("", "ip", "-o", "link", "show", "type", "bridge")
    assert {line.split(": ")[1] for line in bridges.splitlines()} == {"n0", "n1", "n2", "n3", "l0", "l1"}
    others = [line for line in stand.net("", "ip", "-o", "link").splitlines() if " master " not in line]
    assert len(others) == 7  # the bridges and lo
    assert stand.inside("ip", "route", "show", "default").startswith("default via 10.71.255.254 ")


def spaces(pid: int) -> set[str]:
    """The namespaces of a process that are not ours."""
    names = ("net", "mnt", "pid", "uts", "ipc")
    return {str(Path(f"/proc/{pid}/ns/{one}").readlink()) for one in names} - {
        str(Path(f"/proc/self/ns/{one}").readlink()) for one in names
    }


def belongings(folder: Path, own: set[str]) -> list[str]:
    """Processes and mounts that show a lab's folder, and processes in its namespaces."""
    left = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(folder) in line]
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (place / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            shown = [words, (place / "mountinfo").read_text(errors="replace"), str((place / "cwd").readlink())]
            if any(str(folder) in one for one in shown) or spaces(int(place.name)) & own:
                left.append(f"{place.name} {words}")
    return left


def gone(folder: Path, own: set[str], seconds: float = 8) -> list[str]:
    end = time.monotonic() + seconds
    while (left := belongings(folder, own)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


@needs_namespaces
@pytest.mark.parametrize("how", ["stop", "holder", "inside"])
def test_nothing_stays_however_it_ends(tmp_path: Path, before: set[str], how: str) -> None:
    with Stand(tmp_path, LITTLE % "one") as stand:
        assert stand.ssh("10.71.1.1", "(setsid sleep 300 >/dev/null 2>&1 &) ; hostname") == "one\n"
        ground = stand.ground
        assert isinstance(ground, Namespaces)
        assert ground._child is not None
        own = set().union(*(spaces(ground.outside(name)) for name in ("one", "scanner", "router-n0")))
        assert len(own) >= 6
        assert len(belongings(ground.folder, own)) > 5
        if how == "stop":
            ground.stop()
        else:
            os.kill(ground._child.pid if how == "holder" else ground._first, signal.SIGKILL)
        assert gone(ground.folder, own) == []
        assert links() == before
    stand.ground.stop()
    assert stand.ground.state()["holder"] == 0


RAISE = """
import json, os, sys, time
from pathlib import Path
from tests.lab.test_grounds import *
with Stand(Path(sys.argv[1]), TEXT if sys.argv[2] == "whole" else LITTLE % "one",
           Loopback if "loopback" in sys.argv else Namespaces) as stand:
"""


@needs_namespaces
def test_nothing_stays_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    script = RAISE + "    print(os.getpid(), flush=True); time.sleep(60)\n"
    words = [sys.executable, "-c", script, str(tmp_path), "little"]
    with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline().strip() == str(starter.pid)
        folder = tmp_path / "lab"
        assert len(belongings(folder, set())) > 5
        starter.kill()
        assert gone(folder, set()) == []


@needs_namespaces
def test_two_labs_with_the_same_addresses_do_not_meet(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with Stand(tmp_path / "one", LITTLE % "one") as one, Stand(tmp_path / "two", LITTLE % "two") as two:
        assert [stand.ssh("2001:db8:71:1::1", "hostname") for stand in (one, two, one)] == ["one\n", "two\n", "one\n"]
        one.ground.stop()
        assert two.ssh("10.71.1.1", "hostname") == "two\n"


def user_folder(folder: Path) -> Path:
    try:
        assert not pwd.getpwuid(1000).pw_shell.endswith(("nologin", "false"))
    except KeyError:
        pytest.skip("no user 1000 here")
    return given_to_user(folder)


def in_user_hands(folder: Path, script: str, *words: str) -> dict[str, str]:
    """Run a script that prints JSON as an ordinary user: as the present one, unless that is root."""
    if ROOT:
        own = user_folder(folder)
        done = as_user("-c", script, str(own), *words, folder=own)
    else:
        command = [sys.executable, "-c", script, str(folder), *words]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, str] = json.loads(done.stdout)
    return said


@needs_namespaces
def test_an_ordinary_user_raises_all_of_it(tmp_path: Path) -> None:
    script = RAISE + (
        "    print(json.dumps({'uid': str(os.geteuid()), 'six': stand.ssh('2001:db8:72::1', WHO),\n"
        "        'inner': stand.ssh('192.168.1.10', 'hostname', '-J', '10.71.0.250'), 'user': stand.ground.user,\n"
        "        'hole': stand.probe('2001:db8:73::1', seconds=1.5), 'sw': stand.probe('10.71.0.1', hears=True),\n"
        "        'filtered': stand.probe('10.72.0.2', seconds=1.5), 'who': who(stand.hosts['web01']),\n"
        "        'signs': stand.ssh('10.72.0.1', 'ls /.dockerenv /run/.containerenv 2>/dev/null; true')}))\n"
    )
    said = in_user_hands(tmp_path, script, "whole")
    assert said.pop("uid") != "0"
    assert said.pop("six") == said.pop("who")
    assert said.pop("sw").startswith("open b'SSH-2.0-")
    assert said == {
        "inner": "inner\n", "user": "ops", "hole": "TimeoutError None", "filtered": "TimeoutError None", "signs": ""
    }  # fmt: skip
    assert gone(tmp_path / "user" / "lab", set()) == []
