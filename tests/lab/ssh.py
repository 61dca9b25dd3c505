"""The real `ssh` command for tests, and what this machine lacks for them."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = os.geteuid() == 0
MISSING = [tool for tool in ("sshd", "ssh") if not shutil.which(tool, path="/usr/sbin:" + os.environ["PATH"])]
FAULTY = {
    3: "refused", 4: "hang", 5: "changed-key", 6: "flood", 7: "binary", 8: "noisy", 9: "silent", 10: "hangup",
    11: "closed", 12: "drops", 13: "no-shell", 14: "slow", 15: "filtered", 16: "wrong-banner",
}  # fmt: skip


class Client:
    """The `ssh` command, with the farm's key and known hosts, and nobody's own settings."""

    def __init__(self, folder: Path, key: str, known_hosts: str) -> None:
        self.key, self.known = folder / "id", folder / "known"
        self.key.touch(mode=0o600)
        self.key.write_text(key, encoding="ascii")
        self.known.write_text(known_hosts, encoding="ascii")

    def words(self, destination: str, port: int, *options: str) -> list[str]:
        return [
            *("ssh", "-T", "-F", "none", "-i", str(self.key), "-p", str(port), "-o", f"UserKnownHostsFile={self.known}"),
            *("-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", *options, destination),
        ]  # fmt: skip

    def run(
        self, destination: str, port: int, command: str, *options: str, given: bytes = b"", seconds: float = 15
    ) -> subprocess.CompletedProcess[bytes]:
        words = [*self.words(destination, port, *options), command]
        return subprocess.run(words, input=given, capture_output=True, timeout=seconds, check=False)
