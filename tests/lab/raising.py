"""Small scenarios for tests of the grounds, raised and asked by real tools, and what of them is left on the machine."""

import contextlib
import json
import pwd
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lab.grounds.loopback import Loopback
from lab.grounds.namespaces import Namespaces
from lab.kinds import texts
from lab.scenario.model import Host, Scenario
from lab.scenario.reading import read_scenario
from tests.lab.demonstrating import as_user, given_to_user
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
            self.ground.words(command),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
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


SIGNS = "for sign in /.dockerenv /run/.containerenv; do test -e $sign && echo a container; cat $sign 2>/dev/null; done; true"
WHO = "hostname; cat /proc/cpuinfo /etc/os-release; uname -a; uname -r; lscpu; cat /etc/machine-id"


def who(host: Host) -> str:
    own = texts(host.machine, host.system, host.name)
    names = ("/proc/cpuinfo", "/etc/os-release", "uname -a", "uname -r", "lscpu", "/etc/machine-id")
    return "".join([host.name + "\n", *(own[name] for name in names)])


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


RAISE = """
import json, os, sys, time
from pathlib import Path
from lab.grounds.loopback import Loopback
from lab.grounds.namespaces import Namespaces
from tests.lab.raising import *
with Stand(Path(sys.argv[1]), TEXT if sys.argv[2] == "whole" else LITTLE % "one",
           Loopback if "loopback" in sys.argv else Namespaces) as stand:
"""


def user_folder(folder: Path) -> Path:
    try:
        assert not pwd.getpwuid(1000).pw_shell.endswith(("nologin", "false"))
    except KeyError:
        pytest.skip("no user 1000 here")
    return given_to_user(folder)


def in_user_hands(folder: Path, script: str, *words: str) -> dict[str, Any]:
    """Run a script that prints JSON as an ordinary user: as the present one, unless that is root."""
    if ROOT:
        own = user_folder(folder)
        done = as_user("-c", script, str(own), *words, folder=own)
    else:
        command = [sys.executable, "-c", script, str(folder), *words]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said
