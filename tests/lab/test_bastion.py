"""A bastion asks for password and one-time code, relays to the farm's real servers, and writes down who came."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import asyncssh
import pytest
from asyncssh.auth import KbdIntResponse

from lab.bastion import Bastion
from lab.farm import Farm
from lab.keys import Key
from lab.rules import CODE_PROMPT, PASSWORD_PROMPT, Config, House, Rules
from xunyan.errors import InputError

USERS = {"zhang": "口令 1", "li": "口令 2"}
LIMIT = 20
ENDED = ("Disconnected from user ops", "Connection closed by", "Connection reset by", "Broken pipe")


class Asked(asyncssh.SSHClient):
    """A client that answers prompts from a list and remembers them."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []
        self.begun = False

    def kbdint_auth_requested(self) -> str | None:
        begun, self.begun = self.begun, True
        return "" if self.answers and not begun else None

    def kbdint_challenge_received(
        self,
        name: str,  # noqa: ARG002
        instructions: str,  # noqa: ARG002
        lang: str,  # noqa: ARG002
        prompts: Sequence[tuple[str, bool]],
    ) -> KbdIntResponse:
        self.prompts += [prompt for prompt, _ in prompts]
        return [self.answers.pop(0) if self.answers else "" for _ in prompts]


async def connect(
    bastion: Bastion, login: str, *answers: str, password: str | None = None
) -> tuple[asyncssh.SSHClientConnection, list[str]]:
    asked = Asked(answers)
    connection, _ = await asyncssh.create_connection(
        lambda: asked,
        *(bastion.address, bastion.port),
        config=None,
        username=login,
        password=password,
        client_keys=None,
        agent_path=None,
        known_hosts=([asyncssh.import_public_key(bastion.host_key)], [], []),
        login_timeout=LIMIT,
    )
    return connection, asked.prompts


def log_in(bastion: Bastion, login: str, *answers: str, password: str | None = None) -> list[str] | None:
    """The prompts of a login that succeeds; None when it is refused."""

    async def go() -> list[str] | None:
        try:
            connection, prompts = await connect(bastion, login, *answers, password=password)
        except asyncssh.PermissionDenied:
            return None
        connection.abort()
        return prompts

    return asyncio.run(go())


def outcomes(bastion: Bastion) -> list[tuple[str, str]]:
    found = []
    for line in bastion.attempts():
        name, outcome = line.split(" name=")[1].split(" outcome=")
        found.append((json.loads(name), json.loads(outcome)))
    return found


def test_password_and_code_then_a_while_without_code(farm: Farm, tmp_path: Path) -> None:
    name = f"zhang@ops@{farm.hosts[0].spec.address}"
    both, first = [PASSWORD_PROMPT, CODE_PROMPT], [PASSWORD_PROMPT]
    rules = Rules(users=USERS, codes=["111", "222", "333"], session_logins=2, session_seconds=60)
    with Bastion(tmp_path, farm, rules) as bastion:
        assert log_in(bastion, name, "口令 1", "111") == both
        assert log_in(bastion, name, "口令 1") == first
        assert log_in(bastion, name.replace("zhang", "li"), "口令 2", "222") == both
        assert log_in(bastion, name, "口令 1", "unused") == first
        assert log_in(bastion, name, "口令 1", "111") is None
        assert log_in(bastion, name, "口令 1", "999") is None
        assert log_in(bastion, name, "wrong", "333") is None
        assert log_in(bastion, name, "口令 1", "333") == both
        assert outcomes(bastion) == [
            (name, "accepted"),
            (name, "accepted-without-code"),
            (name.replace("zhang", "li"), "accepted"),
            (name, "accepted-without-code"),
            (name, "code-reused"),
            (name, "code-refused"),
            (name, "password-refused"),
            (name, "accepted"),
        ]
    assert "口令 1" not in bastion.log.read_text(encoding="utf-8")


def test_trust_ends_with_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("lab.rules.time.monotonic", lambda: now)
    rules = Rules(users=USERS, codes=["1", "2"], session_seconds=30)
    house = House(Config("127.78.0.1", 0, "", "", rules, [], str(tmp_path / "log")))
    assert not house.trusts("zhang")
    assert house.takes("zhang", "1") == "accepted"
    now = 129.0
    assert [house.trusts("zhang") for _ in range(20)] == [True] * 20
    assert not house.trusts("li")
    now = 130.0
    assert not house.trusts("zhang")


def test_a_client_that_goes_away_ends_what_it_started(farm: Farm, tmp_path: Path) -> None:
    (host,) = (host for host in farm.hosts if host.spec.fault == "flood")
    start = len(host.log.read_text())

    async def go(bastion: Bastion) -> None:
        connection, _ = await connect(bastion, f"zhang@ops@{host.spec.address}", password=USERS["zhang"])
        process = await connection.create_process("true", encoding=None)
        assert len(await process.stdout.read(100_000)) > 0
        connection.abort()
        async with asyncio.timeout(LIMIT):
            while not any(said in host.log.read_text()[start:] for said in ENDED):
                await asyncio.sleep(0.05)

    with Bastion(tmp_path, farm, Rules(users=USERS, plain=True)) as bastion:
        asyncio.run(go(bastion))
        assert 'outcome="client-gone"' in bastion.targets()[-1]


def test_names_that_are_not_composite_are_refused(farm: Farm, tmp_path: Path) -> None:
    with Bastion(tmp_path, farm, Rules(users=USERS, plain=True)) as bastion:
        for name in ("zhang", "zhang@ops", "zhang@ops@127.77.200.1"):
            assert log_in(bastion, name, password=USERS["zhang"]) is None
        assert log_in(bastion, f"zhang@ops@{farm.hosts[0].spec.address}", password=USERS["li"]) is None
        assert log_in(bastion, f"zhang@ops@{farm.hosts[0].spec.address}", password=USERS["zhang"]) == []
        assert [outcome for _, outcome in outcomes(bastion)] == [
            *["name-refused"] * 3, "password-refused", "accepted",
        ]  # fmt: skip


def test_all_bytes_and_the_exit_status_come_through(farm: Farm, tmp_path: Path, bastion_key: Key) -> None:
    given = Random(7).randbytes(3_000_000)
    rules = Rules(users=USERS, plain=True, pattern="{user}/{account}#{target}")
    before = len(farm.hosts[1].attempts())

    async def go(bastion: Bastion) -> asyncssh.SSHCompletedProcess:
        connection, _ = await connect(bastion, f"zhang/ops#{farm.hosts[1].spec.address}", password=USERS["zhang"])
        try:
            return await connection.run("hostname >&2; cat; exit 5", input=given, encoding=None, timeout=LIMIT)
        finally:
            connection.abort()

    with Bastion(tmp_path, farm, rules, key=bastion_key) as bastion:
        done = asyncio.run(go(bastion))
        assert (done.exit_status, done.stdout == given, done.stderr) == (
            5,
            True,
            f"{farm.hosts[1].spec.name}\n".encode(),
        )
        (line,) = bastion.targets()
        assert line.endswith(f'account="ops" target="{farm.hosts[1].spec.address}" outcome="connected"')
    (attempt,) = farm.hosts[1].attempts()[before:]
    assert attempt.startswith("Accepted publickey for ops")


def test_a_target_that_refuses_is_told(farm: Farm, tmp_path: Path) -> None:
    async def go(bastion: Bastion) -> asyncssh.SSHCompletedProcess:
        connection, _ = await connect(
            bastion, f"zhang@nobody-here@{farm.hosts[1].spec.address}", password=USERS["zhang"]
        )
        try:
            return await connection.run("true", timeout=LIMIT)
        finally:
            connection.abort()

    with Bastion(tmp_path, farm, Rules(users=USERS, plain=True)) as bastion:
        done = asyncio.run(go(bastion))
        assert (done.exit_status, "target not reached" in str(done.stderr)) == (255, True)
        assert 'outcome="failed' in bastion.targets()[0]


def test_a_jump_host_opens_channels_and_wants_a_fresh_code_each_time(farm: Farm, tmp_path: Path) -> None:
    rules = Rules(users=USERS, codes=["1", "2"], session_logins=9, forward=True)

    async def go(bastion: Bastion) -> list[str]:
        connection, prompts = await connect(bastion, "zhang", "口令 1", "1")
        assert prompts == [PASSWORD_PROMPT, CODE_PROMPT]
        async with connection:
            names = await asyncio.gather(*(behind(connection, number) for number in range(3)))
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection("127.0.0.1", 1)
            assert (await connection.run("true", timeout=LIMIT)).exit_status == 1
        return names

    async def behind(tunnel: asyncssh.SSHClientConnection, number: int) -> str:
        host = farm.hosts[number]
        async with asyncssh.connect(
            *(host.spec.address, host.port), tunnel=tunnel, config=None, username="ops", agent_path=None,
            client_keys=[asyncssh.import_private_key(farm.client_key)],
            known_hosts=([asyncssh.import_public_key(host.host_key)], [], []),
        ) as connection:  # fmt: skip
            return str((await connection.run("hostname", timeout=LIMIT)).stdout).strip()

    with Bastion(tmp_path, farm, rules) as bastion:
        assert asyncio.run(go(bastion)) == [host.spec.name for host in farm.hosts[:3]]
        assert log_in(bastion, "zhang", "口令 1", "1") is None
        assert log_in(bastion, "zhang", "口令 1", "2") == [PASSWORD_PROMPT, CODE_PROMPT]
        assert [line.rpartition("=")[2] for line in bastion.targets()] == [*['"opened"'] * 3, '"refused"']


def test_it_ends_when_stopped_and_settings_are_checked(farm: Farm, tmp_path: Path) -> None:
    with Bastion(tmp_path, farm, Rules(users=USERS, plain=True)) as bastion:
        pid = bastion.pid
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(InputError, match="loopback"):
        Bastion(tmp_path, farm, Rules(users=USERS), address="192.0.2.1")
    with pytest.raises(InputError, match="account"):
        Bastion(tmp_path, farm, Rules(users=USERS, pattern="{user}@{target}"))
