"""The proof by packets sees what it must: a lab in which one host out of scope is touched on purpose does not pass."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lab.grounds.facts import facts
from lab.grounds.namespaces import CAPTURES, Namespaces
from lab.packets.proof import Proof, prove
from lab.product import Product
from lab.scenario.model import Scenario
from lab.scenario.reading import read_scenario
from lab.workspaces import make_workspace
from tests.lab.demonstrating import needs_namespaces, needs_ssh

pytestmark = [needs_ssh, needs_namespaces]
KNOCK = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario("small")


@pytest.fixture
def ground(tmp_path: Path, scenario: Scenario) -> Iterator[Namespaces]:
    (tmp_path / "lab").mkdir()
    raised = Namespaces(tmp_path / "lab", scenario)
    raised.start(lambda _: None)
    yield raised
    raised.stop()


def proof_of(ground: Namespaces, scenario: Scenario) -> Proof:
    ground.finish_capture()
    return prove(ground.folder / CAPTURES, facts(scenario))


def knock(ground: Namespaces, address: str, port: int = 22) -> None:
    done = subprocess.run(
        ground.words([sys.executable, "-c", KNOCK, address, str(port)]),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert "Operation not permitted" not in done.stderr
    assert "Network is unreachable" not in done.stderr


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("10.20.2.7", "denied"),
        ("10.20.9.9", "classified"),
        ("10.20.9.77", "classified"),
        ("198.51.100.7", "outside"),
        ("2001:db8:20::dead", "outside"),
        ("2001:db8:20:1::1", "outside"),
    ],
)
def test_one_knock_out_of_scope_is_found(ground: Namespaces, scenario: Scenario, address: str, why: str) -> None:
    """A host that stands, one that does not (where there is but the question who has the address), one behind a router."""
    knock(ground, address)
    proof = proof_of(ground, scenario)
    assert proof.valid
    assert {(one.target, one.why) for one in proof.violations if one.target == address} == {(address, why)}
    assert not proof.clean


def test_a_jump_host_is_no_free_pass(ground: Namespaces, scenario: Scenario) -> None:
    knock(ground, "10.20.1.250", 3306)
    found = {(one.target, one.port, one.why) for one in proof_of(ground, scenario).violations}
    assert ("10.20.1.250", 3306, "port") in found


def test_a_jump_host_that_no_letter_names_is_out_of_scope(ground: Namespaces, scenario: Scenario) -> None:
    table = msgspec.to_builtins(scenario)
    for row in table["authorisations"][0]["networks"]:
        row.pop("jump_hosts", None)
        row["allow"] = [one for one in row["allow"] if row["name"] != "外网"] or ["10.20.3.0/24"]
    bare = msgspec.convert(table, Scenario)
    knock(ground, "10.20.1.250")
    ground.finish_capture()
    found = prove(ground.folder / CAPTURES, facts(bare)).violations
    assert {one.why for one in found if "10.20.1.250" in (one.source, one.target)} == {"outside"}


def test_a_scan_and_one_knock(tmp_path: Path, ground: Namespaces, scenario: Scenario) -> None:
    product = Product(tmp_path / "w", ground)
    make_workspace(scenario, product)
    product.run("scan", inside=True)
    knock(ground, "10.20.2.7")
    proof = proof_of(ground, scenario)
    found = {(frozenset((one.source, one.target)), one.why) for one in proof.violations}  # there and back
    assert found == {(frozenset(("10.20.0.9", "10.20.2.7")), "denied")}
    assert proof.packets > 1000


def test_nothing_but_what_is_allowed_is_clean(ground: Namespaces, scenario: Scenario) -> None:
    knock(ground, "10.20.1.1")
    proof = proof_of(ground, scenario)
    assert proof.clean
    assert proof.packets > 0


def test_the_machine_itself_is_not_in_the_lab(ground: Namespaces) -> None:
    """The lab's addresses are nowhere outside, and the lab has no way out: its own router is where all ways end."""
    words = ["ip", "-o", "address"]
    outside = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    inside = subprocess.run(ground.words(words), capture_output=True, text=True, check=True).stdout
    assert ("10.20.0.9/16" in inside, "10.20." in outside) == (True, False)
    routes = subprocess.run(
        ground.words(["ip", "route", "get", "203.0.113.1"]), capture_output=True, text=True, check=False
    )
    assert "via 10.20.255.254" in routes.stdout
    scanner, router = str(ground.outside("scanner")), str(ground.outside("router-n0"))
    shown = [router if word == scanner else word for word in ground.words(["ip", "route"])]
    ways = subprocess.run(shown, capture_output=True, text=True, check=True).stdout
    assert "default" not in ways
    assert "10.30.0.0/16 via 198.18.0.2" in ways
