"""Host keys on file, network by network, in OpenSSH's own form: an address means something only inside its network."""

import os
import re
import threading
from collections.abc import Iterable
from pathlib import Path

from xunyan.canonical import digest
from xunyan.errors import InputError
from xunyan.wording import Text

_PLAIN = re.compile(r"[\w-][\w.-]{0,60}")
_KEY = re.compile(r"[a-z0-9@.-]{1,60} [A-Za-z0-9+/=]{1,4000}")


def place(address: str, port: int) -> str:
    """Write where a host stands as OpenSSH does: `10.1.2.3`, or `[10.1.2.3]:2222` on another port than 22."""
    return address if port == 22 else f"[{address}]:{port}"


class HostKeys:
    """The keys of all hosts that were met; many threads share it. `inventory/known_hosts/<network>` is one network's.

    Entries are plain: hashed names, certificates and revocations are refused, not passed over.
    """

    def __init__(self, folder: Path, more: Iterable[tuple[str, Path]] = ()) -> None:
        """Read all files. `more` are (network, file) of the user's own. Raises InputError."""
        self._folder = folder
        self._lock = threading.RLock()
        self._keys: dict[tuple[str, str], list[str]] = {}
        self._files: dict[str, Path] = {}
        for network, path in more:
            self._read(network, path)

    def load(self, network: str) -> None:
        """Read what is on file for a network, once. Raises InputError."""
        with self._lock:
            if network not in self._files:
                path = self._folder / file_name(network)
                if path.exists():
                    self._read(network, path)
                self._files[network] = path  # now, and not before: other threads take it for read

    def of(self, network: str, address: str, port: int) -> tuple[str, ...]:
        """Give the keys of one host, lines such as `ssh-ed25519 AAAA...`; none where it was never met."""
        self.load(network)
        return tuple(self._keys.get((network, place(address, port)), ()))

    def record(self, network: str, address: str, port: int, key: str) -> None:
        """Put the key of a host that was never met on file. One that is there is left alone."""
        self.load(network)
        with self._lock:
            known = self._keys.setdefault((network, place(address, port)), [])
            if known:
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            line = f"{place(address, port)} {key}\n".encode()
            descriptor = os.open(self._files[network], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(descriptor, line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            known.append(key)

    def _read(self, network: str, path: Path) -> None:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                Text("主机密钥文件读不了", "the file of host keys cannot be read"),
                where=f"{path}: {error}",
                advice=Text("核对路径、权限和编码", "check its path, permissions and encoding"),
            ) from error
        for number, line in enumerate(text.splitlines(), 1):
            bare = line.strip()
            if not bare or bare.startswith("#"):
                continue
            names, _, rest = bare.partition(" ")
            key = " ".join(rest.split()[:2])
            if names.startswith(("|", "@")) or not _KEY.fullmatch(key):
                raise InputError(
                    Text(
                        "这一行不能用：只认“地址 密钥类型 密钥”，不认散列的主机名、证书和吊销标记",
                        "this line cannot be used: only `address type key`, no hashed names, certificates or revocations",
                    ),
                    where=f"{path}:{number}",
                    advice=Text(
                        "改成明文地址，例如用 ssh-keyscan 的输出", "write plain addresses, such as ssh-keyscan prints"
                    ),
                )
            for name in names.split(","):
                held = self._keys.setdefault((network, name), [])
                if key not in held:
                    held.append(key)


def file_name(network: str) -> str:
    """Name the file of a network; a name that no file can have becomes a digest of it."""
    return network if _PLAIN.fullmatch(network) else f"network-{digest(network)[:16]}"
