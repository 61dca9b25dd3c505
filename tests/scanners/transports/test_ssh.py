"""The ssh carrier against real servers: keys on file, one login in each form, sudo, and nothing left on the host."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest

from lab.bastion import Bastion
from lab.farm import Farm
from lab.hosts import Host, make_specs
from lab.keys import make_key
from lab.rules import Rules
from scanners.transports.carrying import (
    Answer,
    Bounds,
    Credential,
    CredentialKind,
    Order,
    Outcome,
    Route,
    RouteKind,
    WithheldError,
)
from scanners.transports.dialing import DialError, dial
from scanners.transports.ssh import SshCarrier
from tests.making import PROJECT
from tests.scanning import needs_root, needs_sshd
from xunyan.errors import InputError
from xunyan.model import GapReason
from xunyan.permits import Method, Permit

pytestmark = [needs_sshd, needs_root]

SCRIPT = (PROJECT / "playbooks" / "collect.sh").read_bytes()
BOUNDS = Bounds(login_seconds=10, answer_seconds=20)
SUDOERS = "root ALL=(ALL) ALL\nfree ALL=(ALL) NOPASSWD: ALL\nasked ALL=(ALL) ALL\n"
USERS = {"free": "free-word", "asked": "asked word 密", "plain": "plain-word"}


class Book:
    """A gate that lets everything pass and writes down what it saw."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, Outcome]] = []

    def enter(self, asset: str, permit: Permit, credential: Credential) -> None:
        del permit, credential
        if asset == "host:barred":
            raise WithheldError("because")

    def leave(self, asset: str, permit: Permit, credential: Credential, outcome: Outcome) -> None:
        del permit, credential
        self.outcomes.append((asset, outcome))


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    specs = [
        replace(spec, identity={**spec.identity, "/etc/sudoers": SUDOERS})
        for spec in make_specs(3, users=USERS, first="127.77.20.1")
    ]
    with Farm(tmp_path_factory.mktemp("ssh") / "farm", specs) as farm:
        yield farm


def permit(address: str, port: int, **fields: datetime) -> Permit:
    soon = fields.get("expires", datetime.now(UTC) + timedelta(hours=1))
    return Permit("n", address, port, Method.SSH, soon, "L")


def order(farm: Farm, host: Host, credential: Credential | None = None, **fields: object) -> Order:
    own = Credential("ops", farm.user, CredentialKind.KEY, key=farm.client_key)
    made = Order(f"host:{host.spec.name}", permit(host.spec.address, host.port), credential or own, (host.host_key,))
    return replace(made, **fields)  # type: ignore[arg-type]  # any field of an order


def password(user: str, word: str = "") -> Credential:
    return Credential(user, user, CredentialKind.PASSWORD, password=word or USERS[user])


def nobody(route: str, prompt: str) -> str:
    del route, prompt
    return ""


def ask(one: Order, book: Book | None = None, code: Callable[[str, str], str] = nobody) -> Answer:
    carrier = SshCarrier(SCRIPT, book or Book(), BOUNDS, code)
    try:
        return carrier.ask(one)
    finally:
        carrier.close()


def whole(answer: Answer) -> bool:
    lines = answer.body.splitlines()
    return answer.failure is None and len(lines) > 15 and b'"source":"collector"' in lines[-1]


def test_a_key_or_a_password_is_one_attempt(farm: Farm) -> None:
    host = farm.hosts[0]
    for credential in (None, password("plain")):
        before, book = len(host.attempts()), Book()
        assert whole(ask(order(farm, host, credential), book))
        assert book.outcomes == [(f"host:{host.spec.name}", Outcome.ACCEPTED)]
        assert len(host.attempts()) == before + 1


def test_a_wrong_password_is_one_attempt_and_a_refusal(farm: Farm) -> None:
    host, book = farm.hosts[0], Book()
    before = len(host.attempts())
    answer = ask(order(farm, host, password("plain", "no")), book)
    assert answer.failure is not None
    assert answer.failure.reason is GapReason.DENIED
    assert [outcome for _, outcome in book.outcomes] == [Outcome.REFUSED]
    assert len(host.attempts()) == before + 1


def test_what_the_gate_withholds_is_not_sent(farm: Farm) -> None:
    host = farm.hosts[1]
    before = len(host.attempts())
    answer = ask(order(farm, host, asset="host:barred"))
    assert answer.failure is not None
    assert answer.failure.detail == "login-withheld: because"
    assert len(host.attempts()) == before


def test_a_host_that_was_never_met_is_not_logged_in_to_unless_its_key_may_be_learnt(farm: Farm) -> None:
    host = farm.hosts[1]
    before = len(host.attempts())
    answer = ask(order(farm, host, host_keys=()))
    assert answer.failure is not None
    assert (answer.failure.reason, answer.failure.detail.partition(":")[0]) == (GapReason.NOT_ASKED, "host-key-unknown")
    assert len(host.attempts()) == before
    learnt = ask(order(farm, host, host_keys=(), learn=True))
    assert whole(learnt)
    assert learnt.host_key == host.host_key


def test_a_key_of_another_kind_on_file_is_another_key(farm: Farm) -> None:
    answer = ask(order(farm, farm.hosts[1], host_keys=("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDEh",)))
    assert answer.failure is not None
    assert answer.failure.reason in (GapReason.IDENTITY_CHANGED, GapReason.UNSUPPORTED)


def test_a_permit_that_ran_out_opens_nothing(farm: Farm) -> None:
    host = farm.hosts[1]
    log = host.log.read_text("utf-8")
    answer = ask(order(farm, host, permit=permit(host.spec.address, host.port, expires=datetime.now(UTC))))
    assert answer.failure is not None
    assert answer.failure.detail == "permit-expired"
    assert host.log.read_text("utf-8") == log
    with pytest.raises(TypeError):
        dial((host.spec.address, host.port), 1.0)  # type: ignore[arg-type]  # what must be refused
    with pytest.raises(DialError):
        dial(permit(host.spec.address, host.port, expires=datetime.now(UTC)), 1.0)


@pytest.mark.skipif(which("sudo") is None, reason="no sudo here")
def test_sudo_that_asks_nothing_sees_the_firmware(farm: Farm) -> None:
    answer = ask(order(farm, farm.hosts[2], password("free"), sudo=True))
    assert whole(answer), answer.failure
    assert answer.sudo
    assert b'"taken_by":"root"' in answer.body


@pytest.mark.skipif(which("sudo") is None, reason="no sudo here")
@pytest.mark.parametrize("user", ["asked", "plain"])
def test_where_sudo_asks_or_refuses_the_host_is_read_as_an_ordinary_user(farm: Farm, user: str) -> None:
    """No password is ever given to what calls itself sudo over there."""
    answer = ask(order(farm, farm.hosts[2], password(user), sudo=True))
    assert whole(answer), answer.failure
    assert not answer.sudo
    assert f'"taken_by":"{user}"'.encode() in answer.body


def test_a_key_with_a_passphrase_and_an_agent(farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = farm.hosts[0]
    path = tmp_path / "key"
    path.write_text(farm.client_key, "utf-8")
    path.chmod(0o600)
    agent = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    told = dict(part.split("=", 1) for part in agent.replace("\n", ";").split(";") if "=" in part)
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", told["SSH_AUTH_SOCK"])
        subprocess.run(["ssh-add", "-q", path], check=True)
        fingerprint = subprocess.run(["ssh-add", "-l"], capture_output=True, text=True, check=True).stdout.split()[1]
        by_agent = Credential("agent-one", farm.user, CredentialKind.AGENT, fingerprint=fingerprint)
        assert whole(ask(order(farm, host, by_agent)))
        with pytest.raises(InputError, match="hold"):
            ask(order(farm, host, replace(by_agent, name="agent-two", fingerprint="SHA256:none")))
    finally:
        subprocess.run(["kill", told["SSH_AGENT_PID"]], check=True)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "pass phrase", "-f", path], check=True)
    locked = Credential("locked", farm.user, CredentialKind.KEY, password="pass phrase", key=path.read_text("utf-8"))  # noqa: S106
    assert whole(ask(order(farm, host, locked)))
    with pytest.raises(InputError):
        ask(order(farm, host, replace(locked, name="locked-two", password="wrong")))  # noqa: S106


def test_nothing_is_left_on_the_host(farm: Farm) -> None:
    """The host's own files as its user can write them: home, /tmp, /var/tmp, /dev/shm."""
    places = ["/tmp", "/var/tmp", "/dev/shm", "/home"]  # noqa: S108
    find = ["find", *places, "-newermt", datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC"), "-user", farm.user]
    assert whole(ask(order(farm, farm.hosts[0])))
    found = subprocess.run(find, capture_output=True, text=True, check=False).stdout
    assert found == ""


def test_one_code_opens_a_jump_session_that_many_share_until_its_limit(farm: Farm, tmp_path: Path) -> None:
    key = make_key()
    rules = Rules(users={"zhang": "hop-word"}, codes=["111111", "222222", "333333"], forward=True)
    codes = iter(["111111", "222222", "333333"])
    asked: list[str] = []

    def code(route: str, prompt: str) -> str:
        asked.append(f"{route} {prompt}")
        return next(codes)

    with Bastion(tmp_path / "hop", farm, rules, key=key, address="127.78.0.2") as hop:
        login = Credential("hop", "zhang", CredentialKind.PASSWORD, password="hop-word", one_time_code=True)  # noqa: S106
        route = Route("hop", RouteKind.JUMP, permit(hop.address, hop.port), login, (hop.host_key,), session_targets=2)
        carrier = SshCarrier(SCRIPT, Book(), BOUNDS, code)
        answers = [carrier.ask(order(farm, host, route=route)) for host in farm.hosts]
        carrier.close()
        assert all(whole(answer) for answer in answers)
        assert len(asked) == 2
        assert len(hop.attempts()) == 2


def test_a_code_that_nobody_gives_is_a_gap_and_no_second_try(farm: Farm, tmp_path: Path) -> None:
    rules = Rules(users={"zhang": "hop-word"}, codes=["111111"], session_logins=9)
    with Bastion(tmp_path / "bastion", farm, rules, address="127.78.0.3") as bastion:
        login = Credential("hop", "zhang", CredentialKind.PASSWORD, password="hop-word", one_time_code=True)  # noqa: S106
        route = Route("b", RouteKind.BASTION, permit(bastion.address, bastion.port), login, (bastion.host_key,))
        answer = ask(order(farm, farm.hosts[0], route=route))
        assert answer.failure is not None
        assert answer.failure.detail == "code-missing"
