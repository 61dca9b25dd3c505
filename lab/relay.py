"""The process of a bastion or jump host: asks for password and one-time code, then relays to the farm's real servers.

Run by `lab.bastion` as `python -m lab.relay CONFIG`; prints `ready PORT` when it listens.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncssh
from asyncssh.auth import KbdIntChallenge, KbdIntResponse

from lab.rules import CODE_PROMPT, PASSWORD_PROMPT, Config, House, read_config


class Gate(asyncssh.SSHServer):
    """One connection: asks who comes, and which channels may be opened."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._asking = "password"

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        """Everyone must show who he is."""
        return True

    def password_auth_supported(self) -> bool:
        """A plain bastion takes passwords as such."""
        return self._house.config.rules.plain

    def kbdint_auth_supported(self) -> bool:
        """All others ask question by question."""
        return not self._house.config.rules.plain

    def validate_password(self, username: str, password: str) -> bool:
        """Judge a password login of a plain bastion."""
        name = self._house.name(username)
        if name is None:
            return self._outcome(username, "name-refused")
        return self._outcome(username, "accepted" if self._house.knows(name.user, password) else "password-refused")

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> KbdIntChallenge:  # noqa: ARG002
        """Ask for the password first."""
        self._asking = "password"
        return "", "", "", [(PASSWORD_PROMPT, False)]

    def validate_kbdint_response(self, username: str, responses: KbdIntResponse) -> KbdIntChallenge:
        """Judge an answer; after the right password ask for a code, unless the user came with one shortly before."""
        name = self._house.name(username)
        answer = responses[0] if len(responses) == 1 else ""
        if self._asking == "code" and name is not None:
            return self._outcome(username, self._house.takes(name.user, answer))
        if name is None:
            return self._outcome(username, "name-refused")
        if not self._house.knows(name.user, answer):
            return self._outcome(username, "password-refused")
        if self._house.trusts(name.user):
            return self._outcome(username, "accepted-without-code")
        self._asking = "code"
        return "", "", "", [(CODE_PROMPT, False)]

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:  # noqa: ARG002
        """A jump host opens channels to servers of the farm, and nowhere else."""
        target = self._house.targets.get(dest_host)
        allowed = self._house.config.rules.forward and target is not None and target.port == dest_port
        self._house.tell("forward", target=f"{dest_host}:{dest_port}", outcome="opened" if allowed else "refused")
        return allowed

    def _outcome(self, username: str, outcome: str) -> bool:
        self._house.tell("attempt", name=username, outcome=outcome)
        return outcome.startswith("accepted")


async def relay(house: House, process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Run what the client asks for on its target, all bytes and the exit status through."""
    name = house.name(str(process.get_extra_info("username")))
    if name is None or not name.target:
        process.stderr.write("本跳板机只转发连接 / this jump host only forwards\n".encode())
        process.exit(1)
        return
    target = house.targets[name.target]
    told = {"user": name.user, "account": name.account, "target": target.address}
    reached = False
    try:
        async with asyncssh.connect(
            target.address,
            target.port,
            config=None,
            username=name.account,
            password=target.password or None,
            client_keys=None if target.password else [asyncssh.import_private_key(house.config.key)],
            agent_path=None,
            known_hosts=([asyncssh.import_public_key(target.host_key)], [], []),
            connect_timeout=20,
        ) as connection:
            reached = True
            house.tell("target", **told, outcome="connected")
            terminal = process.term_type
            remote = await connection.create_process(
                process.command,
                encoding=None,
                stdin=process.stdin,
                stdout=process.stdout,
                stderr=process.stderr,
                term_type=terminal,
                term_size=process.term_size if terminal else (),
            )
            ended, left = asyncio.ensure_future(remote.wait_closed()), asyncio.ensure_future(process.wait_closed())
            await asyncio.wait((ended, left), return_when=asyncio.FIRST_COMPLETED)
            left.cancel()
            if not ended.done():  # the client went away: nothing may run on for nobody
                ended.cancel()
                connection.abort()
                house.tell("target", **told, outcome="client-gone")
                return
            await process.stdout.drain()
            process.exit(255 if remote.exit_status is None or remote.exit_status < 0 else remote.exit_status)
    except (OSError, asyncssh.Error) as error:
        house.tell("target", **told, outcome=f"failed: {error}")
        with contextlib.suppress(OSError):
            if not reached:
                process.stderr.write(f"目标连不上 / target not reached: {error}\n".encode())
        process.exit(255)


async def serve(config: Config) -> None:
    """Listen until told to end by SIGTERM, the end of standard input, or the end of whoever started us."""
    house = House(config)
    parent = os.getppid()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_reader(sys.stdin, ended.set)

    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        await relay(house, process)

    listener = await asyncssh.listen(
        config.address,
        config.port,
        server_factory=lambda: Gate(house),
        process_factory=handle,
        server_host_keys=[asyncssh.import_private_key(config.host_key)],
        encoding=None,
        line_editor=False,
        reuse_address=True,
        login_timeout=60,
        backlog=512,
    )
    sys.stdout.write(f"ready {listener.get_port()}\n")
    sys.stdout.flush()
    while not ended.is_set() and os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), 0.5)
    listener.close()


def main(arguments: Sequence[str]) -> None:
    """Read the settings and serve."""
    logging.disable(logging.WARNING)
    asyncio.run(serve(read_config(Path(arguments[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
