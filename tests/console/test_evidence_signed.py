"""Signed packages: by whom, that it is required where it is, and that stock tools see what we see."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.making import call, xunyan
from tests.packages import forge, make_estate, members

SECRET = {"KEY_SECRET": "一个够长的口令 correct horse battery"}
TOOLS = ("sh", "unzip", "sha256sum", "cksum", "find", "sed", "grep", "tail", "cmp", "cut", "wc", "openssl")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = make_estate(tmp_path_factory.mktemp("signed"))
    for name, kind in (("审查", "ed25519"), ("别人", "ed25519"), ("国密", "sm2")):
        xunyan("-C", workspace, "keys", "new", name, "--kind", kind, "--passphrase", "env:KEY_SECRET", env=SECRET)
        exported = xunyan("-C", workspace, "keys", "export", name).stdout
        (workspace.parent / f"{name}.pem").write_text(exported, "ascii")
    return workspace


def pack(workspace: Path, path: Path, *options: str) -> Path:
    xunyan(
        "-C", workspace, "evidence", "pack", "-o", path, *options, "--passphrase", "env:KEY_SECRET", env=SECRET
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def package(estate: Path) -> Path:
    return pack(estate, estate.parent / "signed.zip", "--key", "审查", "--sm2-key", "国密")


def test_the_signer_is_known_unknown_or_another(estate: Path, package: Path) -> None:
    folder = estate.parent
    nobody = call("evidence", "verify", package)
    assert nobody.returncode == 0
    assert nobody.stdout.count("注意  signed.zip: 签名") == 2
    both = call("evidence", "verify", package, "--signer", folder / "审查.pem", "--signer", folder / "国密.pem")
    assert both.returncode == 0
    assert both.stdout.count("通过  signed.zip: 签名") == 2
    assert both.stdout.splitlines()[-1] == "结论：核对通过"
    assert "但签名人没有核实" in nobody.stdout
    one = call("evidence", "verify", package, "--signer", folder / "审查.pem")
    assert one.returncode == 0
    assert one.stdout.splitlines()[-1] == "结论：核对通过"
    another = call("evidence", "verify", package, "--signer", folder / "别人.pem")
    assert another.returncode == 4
    assert "不对  signed.zip: 签名（Ed25519）" in another.stdout


def test_another_signer_who_puts_a_name_of_his_own_under_it(estate: Path, package: Path, tmp_path: Path) -> None:
    alien = members(pack(estate, tmp_path / "alien.zip", "--key", "别人", "--sm2-key", "国密"))
    copy = Path(shutil.copyfile(package, tmp_path / "p.zip"))

    def resign(found: dict[str, bytes]) -> None:
        found |= {name: data for name, data in alien.items() if name.startswith("signatures/")}

    forge(copy, resign, honest=False)
    assert call("evidence", "verify", copy).returncode == 0  # right in itself
    assert call("evidence", "verify", copy, "--signer", estate.parent / "审查.pem").returncode == 4


def test_a_signature_that_is_required_and_not_there(estate: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.zip"
    assert call("-C", estate, "evidence", "pack", "-o", path).returncode == 0
    assert call("evidence", "verify", path).returncode == 0
    for option in (("--require-signature",), ("--signer", str(estate.parent / "审查.pem"))):
        done = call("evidence", "verify", path, *option)
        assert done.returncode == 4
        assert "没有签名" in done.stdout


def test_a_changed_package_does_not_keep_its_signature(package: Path, tmp_path: Path) -> None:
    """Whoever can make every list fit again cannot make the signature fit."""
    copy = Path(shutil.copyfile(package, tmp_path / "p.zip"))
    forge(copy, lambda found: found.update({"CHECKING.txt": b"all is well\n"}))
    done = call("evidence", "verify", copy)
    assert done.returncode == 4
    assert done.stdout.count("不对  p.zip: 签名") == 2


@pytest.mark.parametrize(
    "name", ["statement.json", "envelope.dsse.json", "ed25519.pae", "ed25519.sig", "ed25519.pem", "sm2.sig", "sm2.pem"]
)
def test_a_changed_or_missing_signature_file(package: Path, tmp_path: Path, name: str) -> None:
    for change in ("flip", "drop", "empty"):
        copy = Path(shutil.copyfile(package, tmp_path / "p.zip"))

        def damage(found: dict[str, bytes], change: str = change) -> None:
            key = f"signatures/{name}"
            if change == "drop":
                del found[key]
            else:
                data = bytearray(found[key] if change == "flip" else b"")
                if data:
                    data[len(data) // 2] ^= 1
                found[key] = bytes(data)

        forge(copy, damage, honest=False)
        done = call("evidence", "verify", copy)
        assert done.returncode == 4, f"{change}: {done.stdout}"


def test_packed_twice_the_bytes_are_equal(estate: Path, package: Path, tmp_path: Path) -> None:
    """SM2 signs otherwise each time, so what was made once is kept."""
    again = pack(estate, tmp_path / "again.zip", "--key", "审查", "--sm2-key", "国密")
    assert again.read_bytes() == package.read_bytes()


def test_a_wrong_passphrase_packs_nothing(estate: Path, tmp_path: Path) -> None:
    done = xunyan(
        "-C", estate, "evidence", "pack", "-o", tmp_path / "p.zip", "--key", "审查", "--passphrase", "env:KEY_SECRET",
        env={"KEY_SECRET": "wrong and long enough"}, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "口令" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_page_on_checking_is_run_without_python(package: Path, tmp_path: Path) -> None:
    """Every command of the page but the timestamp's, in a shell that has stock tools and nothing else."""
    if shutil.which("unzip") is None:
        pytest.skip("no unzip here")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in TOOLS:
        (tools / name).symlink_to(shutil.which(name) or "")
    shutil.copyfile(package, tmp_path / "证据包.zip")
    page = members(package)["CHECKING.txt"].decode()
    first = {*TOOLS, "cd"}
    commands = [line.strip() for line in page.splitlines() if line.startswith("  ") and line.split()[0] in first]
    assert len(commands) == 16
    commands = [line for line in commands if "timestamp" not in line and "tsa-ca" not in line]
    script = "set -e\n" + "\n".join(commands)
    done = subprocess.run(
        [str(tools / "sh"), "-c", script], cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout.splitlines()
    count = sum(not name.startswith("signatures/") for name in members(package)) - 2
    assert sum(line.endswith(": OK") for line in told) == 2 * count
    assert "声明一致" in told
    assert "清单一致" in told
    assert sum("Verified Successfully" in line for line in told) == 2
    outside = [line for line in told if ": " not in line and "/" in line]
    assert all(line.startswith("signatures/") for line in outside)
