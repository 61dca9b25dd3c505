"""A scenario stands in namespaces as it is written, harms nothing of the machine, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.grounds.namespaces import Namespaces
from tests.lab.demonstrating import needs_namespaces, needs_ssh
from tests.lab.raising import (
    ADDRESSES,
    LITTLE,
    RAISE,
    SIGNS,
    TEXT,
    WHO,
    Stand,
    belongings,
    gone,
    in_user_hands,
    links,
    spaces,
    who,
)
from tests.lab.ssh import ROOT
from tests.making import PROJECT

pytestmark = [needs_ssh, needs_namespaces]


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


@pytest.mark.parametrize(("name", "address"), [(name, one) for name, own in ADDRESSES.items() for one in own])
def test_hosts_are_who_they_are_said_to_be_in_both_families(stand: Stand, name: str, address: str) -> None:
    assert stand.ssh(address, WHO) == who(stand.hosts[name])
    said = stand.ssh(address, f"{SIGNS}; ip -o addr show dev eth0 scope global; id -un")
    assert "a container" not in said
    assert said.endswith("ops\n")
    own = [one for at in stand.hosts[name].at.values() for one in at]
    assert {line.split()[3].partition("/")[0] for line in said.splitlines()[:-1]} == set(own)
    assert len(stand.ssh(address, "ls -d /proc/[0-9]*").split()) < 15


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
    assert stand.ssh("10.72.0.1", "cat < /dev/tcp/10.73.0.1/22 & sleep 0.5; kill $!").startswith(
        "SSH-2.0-"
    )  # two lines


def test_a_black_hole_of_one_family_gives_no_answer(stand: Stand) -> None:
    assert stand.probe("10.73.0.1", hears=True).startswith("open b'SSH-2.0-")
    assert stand.probe("2001:db8:73::1", seconds=1.5) == "TimeoutError None"
    assert stand.ssh("10.73.0.1", "bash -c 'echo >/dev/tcp/2001:db8:73::1/22' && echo here") == "here\n"


def test_a_private_network_is_reached_through_its_jump_host_alone(stand: Stand) -> None:
    assert stand.probe("192.168.1.10") in ("OSError 101", "OSError 113")  # no route to it
    assert stand.probe("fd00:1::10") in ("OSError 101", "OSError 113")
    assert stand.ssh("192.168.1.10", "hostname", "-J", "10.71.0.250") == "inner\n"
    assert stand.ssh("fd00:1::10", "hostname", "-J", "[2001:db8:71::250]") == "inner\n"
    assert stand.ssh("10.71.0.250", "cat < /dev/tcp/192.168.1.10/22 & sleep 0.5; kill $!").startswith("SSH-2.0-")


def test_ports_that_are_filtered_closed_or_something_else(stand: Stand) -> None:
    assert stand.probe("10.72.0.2", seconds=1.5) == "TimeoutError None"
    assert stand.probe("10.72.0.3") == "ConnectionRefusedError 111"
    assert stand.probe("10.72.0.4", hears=True).startswith("open b'220 ftp.lab.example FTP")
    assert stand.probe("10.71.0.5", seconds=5) == "OSError 113"  # nobody has this address
    assert stand.probe("10.72.0.53") == "ConnectionRefusedError 111"  # it has no sshd


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


def test_a_device_answers_at_both_addresses(stand: Stand) -> None:
    ask = (
        "import sys, paramiko\nclient = paramiko.SSHClient()\n"
        "client.set_missing_host_key_policy(paramiko.AutoAddPolicy())\n"
        "client.connect(sys.argv[1], username='netops', password='Lab-Only-1', look_for_keys=False, allow_agent=False)\n"
        "print(client.exec_command('display version')[1].read().decode())"
    )
    for address in ("10.71.0.1", "2001:db8:71::1"):
        assert "H3C Comware" in stand.inside(sys.executable, "-c", ask, address)


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


def test_nothing_stays_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    script = RAISE + "    print(os.getpid(), flush=True); time.sleep(60)\n"
    words = [sys.executable, "-c", script, str(tmp_path), "little"]
    with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline().strip() == str(starter.pid)
        folder = tmp_path / "lab"
        try:
            own = set().union(*(spaces(int(one.split()[0])) for one in belongings(folder, set())))
            assert len(own) >= 6
        finally:
            starter.kill()
        assert gone(folder, own) == []


def test_two_labs_with_the_same_addresses_do_not_meet(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with Stand(tmp_path / "one", LITTLE % "one") as one, Stand(tmp_path / "two", LITTLE % "two") as two:
        assert [stand.ssh("2001:db8:71:1::1", "hostname") for stand in (one, two, one)] == ["one\n", "two\n", "one\n"]
        one.ground.stop()
        assert two.ssh("10.71.1.1", "hostname") == "two\n"


def test_an_ordinary_user_raises_all_of_it(tmp_path: Path) -> None:
    script = RAISE + (
        "    print(json.dumps({'uid': str(os.geteuid()), 'six': stand.ssh('2001:db8:72::1', WHO),\n"
        "        'inner': stand.ssh('192.168.1.10', 'hostname', '-J', '10.71.0.250'), 'user': stand.ground.user,\n"
        "        'hole': stand.probe('2001:db8:73::1', seconds=1.5), 'sw': stand.probe('10.71.0.1', hears=True),\n"
        "        'filtered': stand.probe('10.72.0.2', seconds=1.5), 'who': who(stand.hosts['web01']),\n"
        "        'signs': stand.ssh('10.72.0.1', SIGNS)}))\n"
    )
    said = in_user_hands(tmp_path, script, "whole")
    assert said.pop("uid") != "0"
    assert said.pop("six") == said.pop("who")
    assert said.pop("sw").startswith("open b'SSH-2.0-")
    assert said == {
        "inner": "inner\n", "user": "ops", "hole": "TimeoutError None", "filtered": "TimeoutError None", "signs": ""
    }  # fmt: skip
    assert gone(tmp_path / "user" / "lab", set()) == []


@pytest.mark.skipif(not ROOT, reason="an ordinary user's hosts have one user alone")
def test_a_strict_mask_of_whoever_starts_it_does_no_harm(tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        with Stand(tmp_path, LITTLE % "one") as stand:
            assert stand.ssh("10.71.1.1", WHO) == who(stand.hosts["one"])
    finally:
        os.umask(mask)
