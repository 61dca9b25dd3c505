"""A canary password stays in memory: it is in no argument, environment, file, log or screen, during a scan or after."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pexpect
import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from lab.farm import Farm
from lab.hosts import HostSpec, make_specs
from tests.console.scan_watching import PLACES, Search, Watcher, forms
from tests.making import PROJECT
from tests.scanning import coverage, farm_of, make_workspace, needs_root, needs_sshd

pytestmark = [needs_sshd, needs_root]

WAYS = ("by-env", "by-vault", "by-prompt", "wrong", "by-key")
HANGING = "host:hanging"


class Canaries(NamedTuple):
    """What is searched for, by name; the key's file as a person keeps it; the line that hosts know it by."""

    by_name: Mapping[str, bytes]
    key_file: bytes
    key_line: str

    def text(self, name: str) -> str:
        return self.by_name[name].decode()


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    """Secrets that stand nowhere else, with characters that are written in other ways in a URL or in base64."""
    names = ("by-env", "by-vault", "by-prompt", "wrong", "vault", "passphrase")
    found = {name: f"Kanari/{secrets.token_hex(9)}+?~ {name}".encode() for name in names}
    key = Ed25519PrivateKey.generate()
    lock = BestAvailableEncryption(found["passphrase"])
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    found["key"] = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return Canaries(found, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, lock), line)


@pytest.fixture(scope="module")
def farm(canaries: Canaries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """One host for each way; each has a user with the password that is right there, but for `wrong`."""
    right = {name: canaries.text(name) for name in ("by-env", "by-vault", "by-prompt")}
    specs = [
        HostSpec(name, one.address, "", {"reader": right.get(name, "another")}, (canaries.key_line,), one.identity)
        for name, one in zip(WAYS, make_specs(len(WAYS), first="127.77.3.1"), strict=True)
    ]
    specs.append(HostSpec("hanging", "127.77.3.99", "hang", {"reader": right["by-env"]}))
    with farm_of(tmp_path_factory.mktemp("farm"), specs) as farm:
        yield farm


SOURCES = {
    "by-env": 'user = "reader"\nkind = "password"\npassword = "env:CANARY_ENV"',
    "by-vault": 'user = "reader"\nkind = "password"\npassword = "vault:inventory/logins.yml#reader"',
    "by-prompt": 'user = "reader"\nkind = "password"\npassword = "prompt"',
    "wrong": 'user = "reader"\nkind = "password"\npassword = "env:CANARY_WRONG"',
    "by-key": 'user = "ops"\nkind = "key"\nkey_file = "../locked-key"\npassphrase = "env:CANARY_PHRASE"',
}


def prepare(place: Path, farm: Farm, canaries: Canaries) -> Path:
    """A workspace in which every host is logged in to by a credential of its own."""
    settings = '[scan]\nvault_password = "env:CANARY_VAULT"\nanswer_seconds = 60\n'
    for name, fields in SOURCES.items():
        settings += f'[credentials.{name}]\n{fields}\n[[access]]\nasset = "host:{name}"\ncredential = "{name}"\n'
    settings += f'[[access]]\nasset = "{HANGING}"\ncredential = "by-env"\n'
    workspace = make_workspace(place, farm, farm.hosts[:-1], settings=settings)
    lock = VaultLib([("default", VaultSecret(canaries.by_name["vault"]))])
    plain = f"reader: '{canaries.text('by-vault')}'\n"
    (workspace / "inventory" / "logins.yml").write_bytes(lock.encrypt(plain))
    (place / "locked-key").write_bytes(canaries.key_file)
    (place / "locked-key").chmod(0o600)
    (place / "tmp").mkdir()
    return workspace


def environment(place: Path, canaries: Canaries) -> dict[str, str]:
    return {
        **os.environ,
        "TMPDIR": str(place / "tmp"),
        "CANARY_ENV": canaries.text("by-env"),
        "CANARY_WRONG": canaries.text("wrong"),
        "CANARY_VAULT": canaries.text("vault"),
        "CANARY_PHRASE": canaries.text("passphrase"),
    }


def nothing_kept(place: Path, farm: Farm, search: Search, before: set[Path]) -> None:
    """Nothing is in the workspace, in the temporary folders, in what is new in shared places, or in the hosts' logs."""
    assert search.below(place) == {}
    for host in farm.hosts:
        assert search.names(host.log.read_bytes()) == set()
    for path in {path for one in PLACES for path in one.glob("*")} - before:
        assert search.below(path) == {}
        assert not path.is_file() or search.names(path.read_bytes()) == set()


def told(value: object) -> str:
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize("carrier", ["ssh", "ansible"])
def test_a_canary_is_found_nowhere(
    carrier: str, farm: Farm, canaries: Canaries, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = prepare(tmp_path, farm, canaries)
    search = Search(canaries.by_name)
    before = {path for place in PLACES for path in place.glob("*")}
    tried = {host.spec.name: len(host.attempts()) for host in farm.hosts}
    child = pexpect.spawn(
        sys.executable, ["-c", "from console.cli import main; main()", "-C", str(workspace), "scan", "--carrier", carrier],
        env=environment(tmp_path, canaries), cwd=str(PROJECT), encoding="utf-8", timeout=120, dimensions=(40, 200),
    )  # fmt: skip
    watcher = Watcher(child.pid or 0, canaries.by_name, [tmp_path / "tmp", workspace])
    watcher.start()
    child.expect("by-prompt）：")
    screen = told(child.before) + told(child.after)
    child.waitnoecho(5)
    child.sendline(canaries.text("by-prompt"))
    child.expect(pexpect.EOF)
    screen += told(child.before)
    child.close()
    watcher.stop()
    assert child.exitstatus == 0, screen
    # It was really done with these secrets: four hosts took theirs, one refused.
    reasons = coverage(workspace)
    assert reasons["host:wrong"] == {("denied", "login-refused")}
    assert all(("denied", "login-refused") not in reasons[f"host:{name}"] for name in WAYS if name != "wrong")
    assert "读到 4 台" in screen
    assert [len(host.attempts()) - tried[host.spec.name] for host in farm.hosts] == [1, 1, 1, 1, 1, 0]
    assert '"event":"refused"' in (workspace / "credentials.jsonl").read_text("utf-8")
    # And nobody else ever saw one.
    assert watcher.found == set()
    assert search.names(screen.encode()) == set()
    assert list((tmp_path / "tmp").iterdir()) == []
    nothing_kept(tmp_path, farm, search, before)
    if carrier == "ansible":
        assert any("ssh " in program and "reader" in program for program in watcher.programs)
        assert any("playbook" in program for program in watcher.programs)
        assert any("xunyan-ansible-" in name for name in watcher.files)
    with capsys.disabled():
        print(  # noqa: T201  # how much was looked at
            f"\n{carrier}: {watcher.passes} looks, {len(watcher.family)} processes, {len(watcher.programs)} command lines,"
            f" {len(watcher.files)} files read, {len(watcher.found)} secrets seen"
        )


def test_a_scan_that_is_killed_leaves_no_secret_and_no_process(farm: Farm, canaries: Canaries, tmp_path: Path) -> None:
    """Killed while ssh has logged in: its folder may stay, its secrets and its processes do not."""
    workspace = prepare(tmp_path, farm, canaries)
    search = Search(canaries.by_name)
    before = {path for place in PLACES for path in place.glob("*")}
    host = farm["hanging"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from console.cli import main; main()", "-C", workspace, "scan", "--carrier", "ansible",
         "--target", f"{HANGING}={host.spec.address}:{host.port}"],
        env=environment(tmp_path, canaries), cwd=PROJECT, start_new_session=True, stdin=subprocess.DEVNULL,
        stdout=(tmp_path / "said.log").open("wb"), stderr=subprocess.STDOUT,
    )  # fmt: skip
    watcher = Watcher(process.pid, canaries.by_name, [tmp_path / "tmp", workspace])
    watcher.start()
    end = time.monotonic() + 60
    while not any(line.startswith("Accepted") for line in host.attempts()) and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while (left := alive(watcher.family)) and time.monotonic() < end:
        time.sleep(0.05)
    watcher.stop()
    assert left == {}
    assert len(host.attempts()) == 1
    assert any("ssh " in program and "reader" in program for program in watcher.programs)
    assert watcher.found == set()
    nothing_kept(tmp_path, farm, search, before)


def alive(processes: set[int]) -> dict[int, str]:
    """The command lines of those that still run."""
    found = {}
    for pid in processes:
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if line:
            found[pid] = line
    return found


LEAK = """
import os, subprocess, sys, tempfile, time
secret = sys.stdin.readline().rstrip("\\n")
folder, shared = sys.argv[1:3]
sleep = [sys.executable, "-c", "import time; time.sleep(3)"]
subprocess.Popen([*sleep, secret])
subprocess.Popen(sleep, env={"HIDDEN": secret})
subprocess.Popen(["/bin/sh", "-c", "sleep 3 & exit"], env={"GRANDCHILD": secret.encode("utf-16-le").hex()})
kept = os.path.join(folder, "inner")
os.mkdir(kept)
for path in (os.path.join(kept, "file"), shared):
    with open(path, "w") as file:
        file.write("x" * 1000 + __import__("base64").b64encode(("?" + secret).encode()).decode())
unnamed = tempfile.TemporaryFile(dir=folder)
unnamed.write(secret.encode().hex().encode())
unnamed.flush()
time.sleep(2.5)
for path in (os.path.join(kept, "file"), shared):
    os.unlink(path)
os.rmdir(kept)
print(secret)
"""


def test_the_watcher_sees_what_leaks(tmp_path: Path) -> None:
    """A program that does all of it wrong, for a moment only, is caught at each; else the tests above prove nothing."""
    canary = f"Kanari/{secrets.token_hex(9)}+?~ leak"
    shared = Path("/dev/shm") / f"xunyan-leak-{secrets.token_hex(4)}"  # noqa: S108  # what is to be caught
    process = subprocess.Popen(
        [sys.executable, "-c", LEAK, tmp_path, shared], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    watcher = Watcher(process.pid, {"leak": canary.encode()}, [tmp_path])
    watcher.start()
    printed, _ = process.communicate(canary + "\n", timeout=60)
    watcher.stop()
    kinds = sorted((kind, where) for _, kind, where in watcher.found)
    assert any(kind == "arguments" and canary in where for kind, where in kinds)
    assert sum(kind == "environment" for kind, _ in kinds) == 1
    files = [where for kind, where in kinds if kind == "file"]
    assert any(where == str(tmp_path / "inner" / "file") for where in files)
    assert any(where == str(shared) for where in files)
    assert any("(deleted)" in where for where in files)
    search = Search({"leak": canary.encode()})
    assert search.names(printed.encode()) == {"leak"}
    assert all(search.names(b"..." + form + b"...") for form in forms(canary.encode()))
    (tmp_path / "kept").write_bytes(canary.encode("utf-16-be"))
    assert search.below(tmp_path) == {str(tmp_path / "kept"): {"leak"}}
