"""Fixtures of the collector's tests."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.playbooks.collecting import SCRIPT, SHELLS, Collect, private_mounts, shell_command, write_tool


@pytest.fixture(scope="session")
def applets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory where every tool is busybox: a busybox system, as far as PATH goes."""
    found = shutil.which("busybox")
    if found is None:
        pytest.skip("busybox is not installed here")
    folder = tmp_path_factory.mktemp("applets")
    folder.chmod(0o755)
    own = shutil.copy(found, folder / "busybox")
    subprocess.run([own, "--install", "-s", str(folder)], check=True)
    return folder


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    shell_command(name)
    return name


@pytest.fixture
def collect(tmp_path: Path, request: pytest.FixtureRequest) -> Collect:
    """Runs the collector in a scratch directory; under busybox all common tools are busybox too."""

    def run(
        shell: str,
        *options: str | bytes,
        tools: Path | None = None,
        before: tuple[str, ...] = (),
        stdin: bool = False,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[bytes]:
        path = os.environ["PATH"]
        if shell == "busybox":
            path = f"{request.getfixturevalue('applets')}:{path}"
        if tools is not None:
            path = f"{tools}:{path}"
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        env = {"PATH": path, "HOME": str(work), "TMPDIR": str(work), "LANG": "zh_CN.UTF-8"}
        script = ["-s", "--"] if stdin else [str(SCRIPT)]
        command: list[str | bytes] = [*before, *shell_command(shell), *script, *options]
        return subprocess.run(
            command,
            input=SCRIPT.read_bytes() if stdin else b"",
            capture_output=True,
            cwd="/" if stdin else work,
            env=env,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def kylin(tmp_path: Path) -> tuple[Path, tuple[str, ...]]:
    """A fake aarch64 Kylin, laid over this machine in a private mount namespace; and the tools that go with it."""
    tmp_path.chmod(0o755)
    etc, cpu, tools = tmp_path / "etc", tmp_path / "cpu", tmp_path / "tools"
    etc.mkdir()
    (etc / "passwd").write_text("root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n")
    (etc / "os-release").write_text('NAME="Kylin"\nVERSION="银河麒麟桌面操作系统V10 (SP1)"\nID=kylin\n')
    (etc / ".kyinfo").write_text(
        "[dist]\nname=Kylin-Desktop\n\n[servicekey]\nkey=0123456\n key = ABCDE\n\n[os]\nterm=2025-07-29\n"
    )
    (etc / "kylin-release").write_text("Kylin Linux Advanced Server release V10 (Sword)\n")
    (etc / "lsb-release").write_text("DISTRIB_ID=Kylin\n")
    (etc / "lsb-release").chmod(0o600)
    os.mkfifo(etc / "issue")
    if Path("/etc/alternatives").is_dir():  # where some systems keep the way to awk
        shutil.copytree("/etc/alternatives", etc / "alternatives", symlinks=True)
    identification = cpu / "cpu0" / "regs" / "identification"
    identification.mkdir(parents=True)
    (identification / "midr_el1").write_text("0x00000000701f6633\n")
    (cpu / "cpufreq").mkdir()
    write_tool(
        tools,
        "uname",
        '#!/bin/sh\ncase "$*" in "-n -m") echo my host aarch64;; -n) echo my host;; *) echo Linux aarch64;; esac\n',
    )
    write_tool(tools, "rpm", '#!/bin/sh\necho "rpm: kylin-release|10-24|KylinSoft|Build|(none)"\n')
    (tmp_path / "empty").mkdir()
    return tools, private_mounts(f"""
        mount --bind '{etc}' /etc
        mount --bind '{cpu}' /sys/devices/system/cpu
        mount --bind '{tmp_path}/empty' /var/lib/dpkg
        mount -t tmpfs none /sys/firmware
        mkdir -p /sys/firmware/devicetree/base/hypervisor
        printf 'Phytium D2000\\0' > /sys/firmware/devicetree/base/model
        printf 'phytium,d2000\\0phytium,e\\0' > /sys/firmware/devicetree/base/compatible
        printf 'linux,kvm\\0' > /sys/firmware/devicetree/base/hypervisor/compatible
        mount -t tmpfs none /sys/class
        mkdir -p /sys/class/dmi/id/power
        echo 'QEMU' > /sys/class/dmi/id/sys_vendor
        echo 'S3CRET' > /sys/class/dmi/id/product_serial
        printf 'A=1\\nB=2' > /sys/class/dmi/id/uevent
        chmod 0400 /sys/class/dmi/id/product_serial
    """)
