"""Which devices a process is to be, where each listens, and the file that tells it so."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab.keys import Key
from lab.scenario.model import Device
from xunyan.errors import InputError
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Placed:
    """A device at its addresses, with the host key that it shows."""

    device: Device
    addresses: Sequence[str]
    port: int
    key: Key


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a process is told."""

    folder: str
    devices: Sequence[Placed]


def write_plan(path: Path, devices: Sequence[Placed], folder: Path) -> None:
    """Write what `python -m lab.devices` reads. Logs go to `folder`/NAME.log. Raises InputError for names that cannot be files."""
    names: set[str] = set()
    for placed in devices:
        name = placed.device.name
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            raise InputError(Text("设备名不能作文件名", "the name cannot be a file's"), where=name)
        if name in names:
            raise InputError(Text("设备名重复", "two devices of one name"), where=name)
        names.add(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(Plan(str(folder.resolve()), devices)))


def read_plan(path: Path) -> Plan:
    """Read what `write_plan` wrote."""
    return msgspec.json.decode(path.read_bytes(), type=Plan)


def known_hosts_key(placed: Placed) -> str:
    """The public key line that is known of the device ("ssh-ed25519 AAAA..."); for `changed-key` one that it once had."""
    if placed.device.fault != "changed-key":
        return placed.key.line
    seed = hashlib.sha256(placed.key.line.encode()).digest()  # the same in every process that asks
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def known_hosts(placed: Placed) -> str:
    """The line for a known_hosts file, with all addresses of the device."""
    names = [address if placed.port == 22 else f"[{address}]:{placed.port}" for address in placed.addresses]
    return f"{','.join(names)} {known_hosts_key(placed)}\n"
