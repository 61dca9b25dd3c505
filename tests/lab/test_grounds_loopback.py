"""On loopback a scenario's hosts are who they are said to be, for anybody, and what a letter grants is written as it is there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.grounds.choosing import choose
from lab.grounds.ground import Ground
from lab.grounds.loopback import Loopback
from lab.grounds.namespaces import Namespaces
from tests.lab.demonstrating import needs_ssh
from tests.lab.raising import RAISE, TEXT, Stand, gone, in_user_hands, scenario_of
from tests.lab.ssh import ROOT
from tests.making import PROJECT
from xunyan.wording import Text

pytestmark = needs_ssh


def test_loopback_shows_hosts_as_they_are(tmp_path: Path) -> None:
    """As root with mounts, as an ordinary user by rewriting what is asked and answered."""
    script = RAISE + (
        "    doors = {name: stand.ground.door(stand.hosts[name]) for name in ('web01', 'pc01', 'six01')}\n"
        "    seen = {name: stand.ssh(door.address, WHO + '; ip address show; ip -4 route show table main; ' + SIGNS,\n"
        "                            port=door.port) for name, door in doors.items()}\n"
        "    shown = {name: who(stand.hosts[name]) for name in doors}\n"
        "print(json.dumps({'uid': str(os.geteuid()), 'seen': seen, 'shown': shown}))\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path), "whole", "loopback"]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(done.stdout)]
    if ROOT:
        answers.append(in_user_hands(tmp_path, script, "whole", "loopback"))
    for said in answers:
        for name, (network, own) in {"web01": ("10.72.0.0/16", ["10.72.0.1/16", "2001:db8:72::1/48"]),
                                     "six01": ("", ["2001:db8:72::6/48"])}.items():  # fmt: skip
            text = said["seen"][name]
            head = said["shown"][name]
            if said["uid"] != "0":  # the name is the machine's own there
                text, head = text.partition("\n")[2], head.partition("\n")[2]
            assert text.startswith(head)
            rest = text.removeprefix(head)
            assert [line.split()[1] for line in rest.splitlines() if " scope global eth0" in line] == own
            assert network in rest
            assert "a container" not in rest
    assert gone(tmp_path / "lab", set()) == []


def test_loopback_writes_ranges_of_letters_as_they_are_here(tmp_path: Path) -> None:
    with Stand(tmp_path, TEXT, Loopback) as stand:
        ground, port = stand.ground, stand.ground.door(stand.hosts["jump"]).port
        assert ground.endpoint("外网", "10.71.0.250:22") == f"127.100.0.250:{port}"
        assert ground.endpoint("外网", "10.71.0.250") == f"127.100.0.250:{port}"
        assert ground.endpoint("外网", "[2001:db8:71::250]:22") == "[2001:db8:71::250]:22"
        assert ground.door(stand.hosts["six01"]).address == "127.101.254.1"
        assert ground.door(stand.hosts["web01"]).address == "127.101.0.1"
        assert ground.door(stand.hosts["inner"]).address == "127.103.1.10"
        assert (ground.words(["a", "b"]), ground.shows_packets) == (["a", "b"], False)
        told = " ".join(one.en for one in ground.lacks())
        assert "web, name servers" in told
        assert "network devices are not raised" in told
        assert not ground.shows(stand.hosts["ns"])


@pytest.mark.parametrize(
    ("network", "there", "here"),
    [
        ("外网", "10.71.2.3", "127.100.2.3"),
        ("外网", "10.71.2.3-9", "127.100.2.3-9"),
        ("外网", "10.71.2.3-10.71.3.4", "127.100.2.3-127.100.3.4"),
        ("外网", "10.71.2.0/24", "127.100.2.0/24"),
        ("外网", "10.71.0.0/16", "127.100.0.0/16"),
        ("外网", "10.0.0.0/8", "127.100.0.0/16"),
        ("外网", "0.0.0.0/0", "127.100.0.0/16"),
        ("政务云", "10.72.0.1", "127.101.0.1"),
        ("内网", "192.168.1.10", "127.103.1.10"),
        ("政务云", "2001:db8:72::6", "127.101.254.1"),
        ("政务云", "2001:DB8:72:0::6", "127.101.254.1"),
        ("政务云", "2001:db8:72::/48", "127.101.254.0/24"),
        ("政务云", "::/0", "127.101.254.0/24"),
        ("政务云", "2001:db8:72::1", "2001:db8:72::1"),
        ("外网", "2001:db8:71::/48", "2001:db8:71::/48"),
        ("政务云", "2001:db8:72::1-9", "2001:db8:72::1-9"),
        ("外网", "nonsense", "nonsense"),
        ("外网", "10.71.2", "10.71.2"),
        ("别的网", "10.71.2.3", "10.71.2.3"),
        ("别的网", "2001:db8:72::6", "2001:db8:72::6"),
    ],
)
def test_loopback_translates(tmp_path: Path, network: str, there: str, here: str) -> None:
    assert Loopback(tmp_path, scenario_of(tmp_path, TEXT)).translate(network, there) == here


def test_the_ground_that_is_asked_for_is_chosen(tmp_path: Path) -> None:
    said: list[Text] = []

    def chosen(name: str) -> Ground:
        return choose(name, tmp_path / (name or "any"), scenario_of(tmp_path, TEXT), held=-1, say=said.append)

    assert isinstance(chosen("loopback"), Loopback)
    assert said == []
    assert isinstance(chosen(""), Loopback if said else Namespaces)
