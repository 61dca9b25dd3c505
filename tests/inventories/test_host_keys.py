"""Host keys on file: by network and port, refused where they cannot be read, and whole for every thread that asks."""

import threading
from pathlib import Path

import pytest

from inventories.host_keys import HostKeys, file_name
from xunyan.errors import InputError

KEY, OTHER = "ssh-ed25519 AAAAC3Nza1", "ssh-ed25519 AAAAC3Nza2"


def keys_of(folder: Path, network: str, text: str) -> HostKeys:
    folder.mkdir(exist_ok=True)
    (folder / file_name(network)).write_text(text, "utf-8")
    return HostKeys(folder)


def test_a_host_is_known_in_its_network_and_at_its_port_alone(tmp_path: Path) -> None:
    keys = keys_of(tmp_path, "外网", f"# ours\n10.1.2.3,10.1.2.4 {KEY} comment\n[10.1.2.3]:2222 {OTHER}\n\n")
    assert keys.of("外网", "10.1.2.3", 22) == (KEY,)
    assert keys.of("外网", "10.1.2.4", 22) == (KEY,)
    assert keys.of("外网", "10.1.2.3", 2222) == (OTHER,)
    assert keys.of("内网", "10.1.2.3", 22) == ()
    assert keys.of("外网", "10.1.2.5", 22) == ()


def test_a_new_host_is_put_on_file_and_a_known_one_is_left_alone(tmp_path: Path) -> None:
    keys = HostKeys(tmp_path / "keys")
    keys.record("a/../b", "10.1.2.3", 22, KEY)
    keys.record("a/../b", "10.1.2.3", 22, OTHER)
    assert keys.of("a/../b", "10.1.2.3", 22) == (KEY,)
    assert HostKeys(tmp_path / "keys").of("a/../b", "10.1.2.3", 22) == (KEY,)
    assert [path.parent for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "keys"]


@pytest.mark.parametrize(
    "line",
    [
        "|1|abc|def ssh-ed25519 AAAA", "@revoked 10.1.2.3 ssh-ed25519 AAAA", "10.1.2.3", "10.1.2.3 ssh-ed25519",
        "10.1.2.3 ssh-ed25519 密钥", "@cert-authority * ssh-rsa AAAA",
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    keys = keys_of(tmp_path, "n", f"10.9.9.9 {KEY}\n{line}\n")
    with pytest.raises(InputError) as caught:
        keys.of("n", "10.1.2.3", 22)
    assert caught.value.where.endswith("n:2")


def test_threads_that_come_while_the_file_is_read_wait_for_it(tmp_path: Path) -> None:
    text = "".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255} ssh-ed25519 AAAA{i}\n" for i in range(15000))
    keys = keys_of(tmp_path, "default", text)
    begin = threading.Barrier(20)
    known: list[bool] = []

    def ask(number: int) -> None:
        begin.wait()
        known.append(keys.of("default", f"10.0.0.{number}", 22) == (f"ssh-ed25519 AAAA{number}",))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert known == [True] * 20
