"""Starts a bastion or a jump host in front of a farm, with passwords, one-time codes and composite login names."""

import ipaddress
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.children import Child
from lab.farm import Farm, free_port
from lab.keys import Key, make_key
from lab.rules import Config, Rules, Target, name_pattern
from xunyan.errors import InputError
from xunyan.wording import Text


class Bastion:
    """A bastion, or by its rules a jump host, on a loopback address in front of the farm's servers.

    On the farm it logs in with `key`, whose public line the hosts must hold in `keys`; without one it uses the farm's own.
    """

    def __init__(
        self,
        folder: Path,
        farm: Farm,
        rules: Rules,
        *,
        key: Key | None = None,
        address: str = "127.78.0.1",
        port: int = 0,
    ) -> None:
        """Keep the settings; nothing runs yet. Raises InputError for an address or a pattern that cannot be used."""
        if not ipaddress.ip_address(address).is_loopback:
            raise InputError(Text("只能监听环回地址", "only loopback addresses are listened on"), where=address)
        try:
            name_pattern(rules.pattern)
        except ValueError as error:
            raise InputError(Text(f"登录名格式不全：{error}", str(error)), where="pattern") from error
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = make_key()
        self.address = address
        self.port = port or free_port([address])
        self.host_key = own.line
        self.log = folder / "bastion.log"
        self.log.touch()
        self._settings = folder / "bastion.json"
        self._errors = folder / "bastion.err"
        self._child: Child | None = None
        Config(
            address=address,
            port=self.port,
            host_key=own.private,
            key=key.private if key else farm.client_key,
            rules=rules,
            targets=[Target(host.spec.address, host.port, host.host_key) for host in farm.hosts],
            log=str(self.log.resolve()),
        ).write(self._settings)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Its process; 0 when it is down."""
        return self._child.pid if self._child else 0

    def known_hosts(self) -> str:
        """The line for a known_hosts file."""
        return f"[{self.address}]:{self.port} {self.host_key}\n"

    def start(self) -> None:
        """Start it and return when it listens. Raises XunyanError with what it said when it does not come up."""
        self._child = Child("lab.relay", self._settings, self._errors)
        try:
            self._child.line("ready ", 30)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it. May be called again."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def attempts(self) -> list[str]:
        """Lines of the log on authentication attempts: time, name, and how each ended."""
        return self._lines("attempt")

    def targets(self) -> list[str]:
        """Lines of the log on servers behind: commands relayed, channels opened or refused."""
        return [*self._lines("target"), *self._lines("forward")]

    def _lines(self, kind: str) -> list[str]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.split(" ", 2)[1] == kind]
