"""Somebody at a terminal types to simulated devices, page by page, and saves what the terminal showed."""

import asyncio
from collections.abc import Mapping, Sequence

import asyncssh

from lab.devices.plan import Placed, known_hosts
from lab.devices.vendors import VENDORS

LIMIT = 30.0


async def saved(placed: Placed, commands: Sequence[str]) -> bytes:
    """Log in, raise the privilege where that is needed, type the commands, turn every page; give all that was shown."""
    device = placed.device
    vendor = VENDORS[device.vendor]
    user, password = next(iter(device.users.items()))
    shown = bytearray()
    prompts = tuple(form.format(name=device.name).encode() for form in {vendor.user, vendor.privileged})
    more = vendor.more.encode()
    async with asyncssh.connect(
        placed.addresses[0], placed.port, config=None, username=user, password=password, client_keys=None, agent_path=None,
        known_hosts=asyncssh.import_known_hosts(known_hosts(placed)), login_timeout=LIMIT,
    ) as connection:  # fmt: skip
        process = await connection.create_process(term_type="vt100", term_size=(120, 12), encoding=None)

        async def until(*ends: bytes) -> bytes:
            while True:
                piece = await asyncio.wait_for(process.stdout.read(65536), LIMIT)
                assert piece, bytes(shown[-300:])
                shown.extend(piece)
                if shown.endswith(ends):
                    return next(end for end in ends if shown.endswith(end))

        async def ask(line: str, *ends: bytes) -> None:
            process.stdin.write(line.encode() + b"\r")
            while await until(*ends, more) == more:
                process.stdin.write(b" ")

        await until(*prompts)
        if device.enable:
            await ask(vendor.raising, vendor.asks.encode())
            await ask(device.enable, *prompts)
        for command in commands:
            await ask(command, *prompts)
        process.stdin.write(vendor.leaving[0].encode() + b"\r")
    return bytes(shown)


def saved_logs(every: Mapping[str, Placed], commands: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """The logs of many devices, by name, and so the commands."""

    async def go() -> list[bytes]:
        return await asyncio.gather(*(saved(one, commands[name]) for name, one in every.items()))

    return dict(zip(every, asyncio.run(go()), strict=True))
