# this folder is no package: pytest imports it from the root
"""The read-only collector: its lines in every shell, for every user, from hostile tools; and that it only reads."""

import base64
import json
import os
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "playbooks" / "collect.sh"
SHELLS = ("dash", "bash", "busybox")
CAP = 1024 * 1024
NOBODY = 65534

SHARED = {"schema", "asset", "kind", "platform", "unit", "address", "source", "request", "taken_at", "taken_by"}
REQUIRED = {
    "cpuinfo", "lscpu", "dmidecode", "dmi-sysfs", "os-release", "files-absent", "release-package", "uname", "hostname",
    "machine-id", "ip-address", "ip-route", "ip6-route", "disable-ipv6", "listeners", "connections", "virtualization",
    "collector",
}  # fmt: skip

Line = dict[str, Any]
Collect = Callable[..., subprocess.CompletedProcess[bytes]]


def shell_command(shell: str) -> list[str]:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed here")
    return [path, "sh"] if shell == "busybox" else [path]


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


def lines_of(done: subprocess.CompletedProcess[bytes]) -> dict[str, Line]:
    """Every line parsed and checked for its exact shape, by source."""
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    text = done.stdout.decode("utf-8")
    # splitlines() also ends lines at U+2028 and its like: a careless reader must see the same lines as a careful one.
    assert text.splitlines() == text.removesuffix("\n").split("\n")
    found: dict[str, Line] = {}
    for raw in text.splitlines():
        line: Line = json.loads(raw)
        optional = {"network", "site"} & line.keys()
        if line["schema"] == "xunyan.capture/1":
            body = "output_base64" if "output_base64" in line else "output"
            extra = {"truncated"} & line.keys()
            assert line.keys() == SHARED | optional | extra | {"exit", body}
            assert isinstance(line["exit"], int)
            assert line.get("truncated", True) is True
        else:
            assert line["schema"] == "xunyan.gap/1"
            assert line.keys() == SHARED | optional | {"reason", "detail"}
            assert line["reason"] in {"denied", "unsupported", "timeout"}
            assert line["detail"]
        assert (line["kind"], line["platform"]) == ("endpoint", "linux")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["taken_at"])
        assert line["source"] not in found, "one line per source"
        found[line["source"]] = line
    assert list(found)[-1] == "collector"
    assert f"sources={len(found) - 1}\n" in found["collector"]["output"]
    assert f"gaps={sum('reason' in line for line in found.values())}\n" in found["collector"]["output"]
    return found


def body_of(line: Line) -> bytes:
    if "output_base64" in line:
        return base64.b64decode(line["output_base64"], validate=True)
    return str(line["output"]).encode()


def write_tool(folder: Path, name: str, text: str | bytes) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    tool = folder / name
    tool.write_bytes(text.encode() if isinstance(text, str) else text)
    tool.chmod(0o755)


def print_bytes(folder: Path, name: str, payload: bytes, status: int = 0) -> None:
    """A fake tool that prints these bytes; they stand in a file of their own so that no quoting is involved."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.payload").write_bytes(payload)
    write_tool(folder, name, f"#!/bin/sh\ncat '{folder}/{name}.payload'\nexit {status}\n")


def root_only() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")


def private_mounts(commands: str) -> tuple[str, ...]:
    """A prefix that runs a command in a mount namespace of its own after these shell commands."""
    root_only()
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        pytest.skip("no private mount namespace can be had here")
    return ("unshare", "-m", "/bin/sh", "-ec", f'{commands}\nexec "$@"', "sh")


def become(uid: int) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("no setpriv to become an ordinary user")
    return (setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups")


def ordinary_user() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    return become(NOBODY)


def test_every_line_has_its_shape_and_nothing_is_left_out(shell: str, collect: Collect) -> None:
    found = lines_of(collect(shell))
    assert found.keys() >= REQUIRED
    assert body_of(found["os-release"]) == Path("/etc/os-release").read_bytes()
    assert "network" not in found["uname"]
    assert found["uname"]["asset"] == f"host:{os.uname().nodename}"
    assert found["hostname"]["output"] == os.uname().nodename + "\n"
    assert os.uname().release in found["uname"]["output"]
    for source, line in found.items():
        assert line["request"] == line["request"].strip(), source


def test_all_shells_ask_the_same_and_agree_on_files(collect: Collect) -> None:
    stable = ("os-release", "files-absent", "release-package", "uname", "hostname", "disable-ipv6")
    runs = [lines_of(collect(name)) for name in SHELLS if shutil.which(name)]
    if len(runs) < 2:
        pytest.skip("only one shell here")
    for other in runs[1:]:
        assert other.keys() == runs[0].keys()
        for source in stable:
            ours, theirs = runs[0][source], other[source]
            assert ours.get("output") == theirs.get("output")
            assert ours.get("reason") == theirs.get("reason")


def test_release_package_names_the_owner(shell: str, collect: Collect) -> None:
    if shutil.which("dpkg-query") is None:
        pytest.skip("not a dpkg system")
    found = lines_of(collect(shell))["release-package"]["output"]
    form = "-f=dpkg: ${Package}|${Version}|${Origin}|${Maintainer}|\\n"
    expected = subprocess.run(["dpkg-query", "-W", form, "base-files"], capture_output=True, check=True).stdout.decode()
    assert expected in found


def test_options_reach_every_line(shell: str, collect: Collect) -> None:
    done = collect(
        shell,
        "--asset",
        'host:a"b\\c',
        "--unit=市数据局",
        "--network",
        "政务外网",
        "--site",
        "一号机房",
        "--address",
        "10.1.2.3",
    )
    for line in lines_of(done).values():
        assert line["asset"] == 'host:a"b\\c'
        assert (line["unit"], line["network"], line["site"], line["address"]) == (
            "市数据局", "政务外网", "一号机房", "10.1.2.3",
        )  # fmt: skip


def test_runs_from_standard_input(shell: str, collect: Collect) -> None:
    found = lines_of(collect(shell, "--asset", "host:web01", stdin=True))
    assert found.keys() >= REQUIRED
    assert {line["asset"] for line in found.values()} == {"host:web01"}


def test_a_script_cut_on_its_way_runs_nothing(shell: str) -> None:
    text = SCRIPT.read_bytes()
    for part in (0.5, 0.9, 0.99):
        cut = text[: int(len(text) * part)]
        done = subprocess.run([*shell_command(shell), "-s"], input=cut, capture_output=True, check=False, timeout=20)
        assert done.stdout == b""


@pytest.mark.parametrize(
    "options",
    [
        ("--nonsense",), ("web01",), ("--asset",), ("--asset", ""), ("--asset="), ("--unit", "--network", "x"),
        ("--asset", "host:a\nb"), ("--unit", "a\tb"), ("--site", "a\x7fb"), ("--network", "a\u009bb"),
        ("--unit", "a\u2028b"), ("--unit", b"\xff\xfe"), ("--unit", b"\xc3"), ("--x\x1b[31m",),
    ],
)  # fmt: skip
def test_wrong_usage_exits_2_with_a_message(shell: str, collect: Collect, options: tuple[str | bytes, ...]) -> None:
    done = collect(shell, *options)
    assert done.returncode == 2
    assert done.stdout == b""
    assert "用法错误" in done.stderr.decode()
    assert b"\x1b" not in done.stderr


def test_help_in_chinese_with_two_lines_of_english(shell: str, collect: Collect) -> None:
    done = collect(shell, "--help")
    assert done.returncode == 0
    text = done.stdout.decode()
    assert "用法" in text
    assert "示例" in text
    assert len([line for line in text.splitlines()[-2:] if line.isascii()]) == 2


FORGERY = (
    b'"},"exit":0}\n{"schema":"xunyan.capture/1","asset":"host:other","source":"dmidecode","output":"Phytium"}\n'
    b"@E\n@F\tlscpu\tx\ty\n 41 42\n\\ \\n \\u0041 \" ' `id` $(id) %s %n\r\n\t\x1b[2J\x1b]0;x\x07\x01\x7f"
)


@pytest.mark.parametrize(
    "payload",
    [
        FORGERY,
        "型号名称：飞腾 FT-2000+/64 😀\n".encode(),
        "a\u0080\u0085\u009b\u2028\u2029\u202e\u2066z\ufffd\U0010ffff".encode(),
        b"",
        b"\n\n\n",
        b"no newline at the end",
        bytes(range(1, 128)) * 3,
        "".join(chr(c) for c in (0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF)).encode() * 9,
    ],
)
def test_text_comes_back_byte_for_byte_and_forges_nothing(
    shell: str, collect: Collect, tmp_path: Path, payload: bytes
) -> None:
    print_bytes(tmp_path / "tools", "lscpu", payload)
    print_bytes(tmp_path / "tools", "dmidecode", payload)
    done = collect(shell, tools=tmp_path / "tools")
    found = lines_of(done)
    for source in ("lscpu", "dmidecode"):
        assert found[source]["output"].encode() == payload
        assert found[source]["exit"] == 0
    assert found.keys() >= REQUIRED
    assert not {line["asset"] for line in found.values()} & {"host:other"}
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", done.stdout)


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff\xfe\x00", b"nul\x00inside", "银河麒麟".encode("gb18030"), b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"cut \xe9\xba", b"\x80", bytes(range(256)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pad", [0, 14])
def test_bytes_that_are_not_text_come_as_base64(
    shell: str, collect: Collect, tmp_path: Path, payload: bytes, pad: int
) -> None:
    whole = b"x" * pad + payload
    print_bytes(tmp_path / "tools", "lscpu", whole)
    line = lines_of(collect(shell, tools=tmp_path / "tools"))["lscpu"]
    assert "output" not in line
    assert body_of(line) == whole


@pytest.mark.parametrize(
    ("unit", "kept", "kind"),
    [
        (b"0123456789abcde\n", CAP, "output"),
        ("麒麟信安!\n".encode(), None, "output"),
        (b"\xff\x00\x80" * 5, CAP, "output_base64"),
    ],
)
def test_a_flood_is_cut_at_the_cap(
    shell: str, collect: Collect, tmp_path: Path, unit: bytes, kept: int | None, kind: str
) -> None:
    flood = unit * (3 * CAP // len(unit))
    print_bytes(tmp_path / "tools", "lscpu", flood)
    found = lines_of(collect(shell, tools=tmp_path / "tools"))
    line = found["lscpu"]
    assert line["truncated"] is True
    assert kind in line
    body = body_of(line)
    assert flood.startswith(body)
    assert CAP - 3 <= len(body) <= CAP
    assert kept is None or len(body) == kept
    assert found.keys() >= REQUIRED


def test_exactly_the_cap_is_not_cut(shell: str, collect: Collect, tmp_path: Path) -> None:
    print_bytes(tmp_path / "tools", "lscpu", b"y" * CAP)
    line = lines_of(collect(shell, tools=tmp_path / "tools"))["lscpu"]
    assert "truncated" not in line
    assert len(line["output"]) == CAP


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\necho begun\nsleep 60\n",
        "#!/bin/sh\ntrap '' TERM\nsleep 60\nsleep 60\n",
        "#!/bin/sh\nexec sleep 60\n",
        "#!/bin/sh\nsetsid sleep 12 &\nexit 0\n",
    ],
)
@pytest.mark.parametrize("timeout_tool", ["as here", "unusable"])
def test_a_tool_that_hangs_is_a_gap(shell: str, collect: Collect, tmp_path: Path, text: str, timeout_tool: str) -> None:
    write_tool(tmp_path / "tools", "lscpu", text)
    if timeout_tool == "unusable":
        write_tool(tmp_path / "tools", "timeout", "#!/bin/sh\nexit 1\n")
    begun = time.monotonic()
    found = lines_of(collect(shell, tools=tmp_path / "tools"))
    assert time.monotonic() - begun < 9
    assert found["lscpu"]["reason"] == "timeout"
    assert found.keys() >= REQUIRED
    assert found["collector"]["taken_at"] >= found["os-release"]["taken_at"]


def test_a_flood_of_error_text_is_bounded(shell: str, collect: Collect, tmp_path: Path) -> None:
    write_tool(tmp_path / "tools", "lscpu", "#!/bin/sh\nyes 'no \"luck\"' | head -c 3000000 >&2\nexit 3\n")
    line = lines_of(collect(shell, tools=tmp_path / "tools"))["lscpu"]
    assert (line["reason"], line["detail"]) == ("unsupported", 'no "luck"')


def test_a_failing_tool_with_an_answer_keeps_both(shell: str, collect: Collect, tmp_path: Path) -> None:
    print_bytes(tmp_path / "tools", "lscpu", b"Architecture: sw_64\n", status=7)
    line = lines_of(collect(shell, tools=tmp_path / "tools"))["lscpu"]
    assert (line["exit"], line["output"]) == (7, "Architecture: sw_64\n")


@pytest.mark.parametrize(
    ("said", "complaint", "status", "reason", "detail"),
    [
        (
            "# dmidecode 3.4\nScanning /dev/mem for entry point.",
            "/dev/mem: Permission denied",
            1,
            "denied",
            "/dev/mem: P",
        ),
        ("# dmidecode 3.4", "/dev/mem: Operation not permitted", 1, "denied", "/dev/mem: O"),
        ("# dmidecode 3.4\n# No SMBIOS nor DMI entry point found, sorry.", "", 0, "unsupported", "# No SMBIOS"),
        ("# dmidecode 3.4", "/dev/mem: No such file or directory", 1, "unsupported", "/dev/mem: N"),
    ],
)
def test_dmidecode_without_tables_is_a_gap(
    collect: Collect, tmp_path: Path, said: str, complaint: str, status: int, reason: str, detail: str
) -> None:
    write_tool(
        tmp_path / "tools",
        "dmidecode",
        f"#!/bin/sh\nprintf '%s\\n' '{said}'\n[ -z '{complaint}' ] || echo '{complaint}' >&2\nexit {status}\n",
    )
    line = lines_of(collect("dash", tools=tmp_path / "tools"))["dmidecode"]
    assert line["reason"] == reason
    assert line["detail"].startswith(detail)
    assert line["request"] == "dmidecode -t 0 -t 1 -t 2 -t 3 -t 4 -t 38"


def test_old_ss_without_header_switch_is_asked_again(shell: str, collect: Collect, tmp_path: Path) -> None:
    write_tool(tmp_path / "tools", "ss", '#!/bin/sh\ncase "$*" in *-H*) echo bad >&2; exit 255;; esac\necho "ss $*"\n')
    found = lines_of(collect(shell, tools=tmp_path / "tools"))
    assert found["listeners"]["request"] == "ss -tuln"
    assert found["listeners"]["output"] == "ss -tuln\n"
    assert found["connections"]["request"] == "ss -tn state established"


def test_without_ss_and_netstat_the_kernel_tables_answer(shell: str, collect: Collect, tmp_path: Path) -> None:
    for name in ("ss", "netstat", "ip", "ifconfig"):
        write_tool(tmp_path / "tools", name, "#!/bin/sh\necho 'cannot open netlink' >&2\nexit 1\n")
    found = lines_of(collect(shell, tools=tmp_path / "tools"))
    assert found["listeners"]["request"].startswith("cat /proc/net/tcp")
    assert found["listeners"]["output"].startswith("== /proc/net/tcp\n  sl  local_address")
    assert "== /proc/net/udp\n" in found["listeners"]["output"]
    assert "udp" not in found["connections"]["output"]
    assert found["ip-route"]["request"] == "/proc/net/route"
    assert found["ip-address"]["detail"] == "cannot open netlink"
    assert found["ip-address"]["address"] == ""


@pytest.mark.parametrize(
    ("tool", "text", "address"),
    [
        pytest.param(
            "ip",
            "1: lo: <UP>\n    inet 127.0.0.1/8 scope host lo\n"
            "2: docker0: <UP>\n    inet 172.17.0.1/16 scope global docker0\n"
            "3: ens3: <UP>\n    inet6 2001:db8::5/64 scope global\n    inet 10.8.0.5/24 scope global ens3\n",
            "10.8.0.5",
            id="not a bridge",
        ),
        pytest.param(
            "ip",
            "1: lo: <UP>\n    inet6 ::1/128 scope host\n"
            "2: eth0: <UP>\n    inet6 fe80::1/64 scope link\n    inet6 2001:db8::7/64 scope global\n",
            "2001:db8::7",
            id="IPv6 only",
        ),
        pytest.param("ip", "1: lo: <UP>\n    inet 127.0.0.1/8 scope host lo\n", "", id="none"),
        pytest.param(
            "ifconfig",
            "eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:01\n"
            "          inet addr:10.9.0.5  Bcast:10.9.0.255  Mask:255.255.255.0\n"
            "          inet6 addr: fe80::1/64 Scope:Link\n",
            "10.9.0.5",
            id="old ifconfig",
        ),
        pytest.param(
            "ifconfig",
            "eth0: flags=4163<UP>  mtu 1500\n        inet6 fe80::1  prefixlen 64  scopeid 0x20<link>\n"
            "        inet6 2001:db8::9  prefixlen 64  scopeid 0x0<global>\n",
            "2001:db8::9",
            id="new ifconfig",
        ),
    ],
)
def test_address_is_the_first_global_one(
    shell: str, collect: Collect, tmp_path: Path, tool: str, text: str, address: str
) -> None:
    tools = tmp_path / "tools"
    write_tool(tools, "ip", "#!/bin/sh\nexit 1\n")
    print_bytes(tools, tool, text.encode())
    found = lines_of(collect(shell, tools=tools))
    assert {line["address"] for line in found.values()} == {address}
    assert found["ip-address"]["request"] == {"ip": "ip address show", "ifconfig": "ifconfig -a"}[tool]


def test_ordinary_user_gets_gaps_and_nothing_else_breaks(shell: str, collect: Collect) -> None:
    found = lines_of(collect(shell, before=ordinary_user(), stdin=True))
    assert found.keys() >= REQUIRED
    assert found["dmidecode"]["reason"] in {"denied", "unsupported"}
    assert "uid=0\n" not in found["collector"]["output"]
    assert found["uname"]["taken_by"] != "root"
    for source in ("cpuinfo", "os-release", "uname", "ip-address", "ip-route", "listeners", "virtualization"):
        assert "output" in found[source], source


def test_a_user_without_a_name_is_known_by_number(collect: Collect) -> None:
    root_only()
    assert lines_of(collect("dash", before=become(54321), stdin=True))["uname"]["taken_by"] == "uid:54321"


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


def test_a_domestic_arm_host(shell: str, collect: Collect, kylin: tuple[Path, tuple[str, ...]]) -> None:
    tools, before = kylin
    done = collect(shell, tools=tools, before=before)
    found = lines_of(done)
    assert found["os-release"]["output"].splitlines()[1] == 'VERSION="银河麒麟桌面操作系统V10 (SP1)"'
    assert "银河麒麟".encode() in done.stdout, "readable as it stands"
    assert found["kyinfo"]["output"].splitlines() == [
        "[dist]", "name=Kylin-Desktop", "", "[servicekey]", "key=<redacted>", " key = <redacted>", "", "[os]",
        "term=2025-07-29",
    ]  # fmt: skip
    assert found["issue"]["reason"] == "unsupported"
    assert found["lsb-release"]["output"] == "DISTRIB_ID=Kylin\n"
    midr = "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1"
    assert found["midr"]["output"] == f"{midr} 0x00000000701f6633\n"
    assert found["devicetree"]["output"] == "model: Phytium D2000\ncompatible: phytium,d2000\ncompatible: phytium,e\n"
    dmi = "product_serial: S3CRET\nsys_vendor: QEMU\nuevent: A=1\nuevent: B=2\n"
    assert found["dmi-sysfs"]["output"] == dmi
    assert found["release-package"]["output"] == "rpm: kylin-release|10-24|KylinSoft|Build|(none)\n"
    assert found["release-package"]["request"].startswith("rpm -qf --qf rpm: %{NAME}|")
    assert "devicetree-hypervisor=linux,kvm" in found["virtualization"]["output"]
    assert "sys_vendor=QEMU\n" in found["virtualization"]["output"]
    assert "cpuinfo-hypervisor-flag" not in found["virtualization"]["output"]
    assert "/etc/machine-id" in found["machine-id"]["detail"]
    assert "/etc/UnionTech-release\n" in found["files-absent"]["output"]
    assert "/etc/kylin-release" not in found["files-absent"]["output"]
    if shell != "busybox":  # busybox shells may prefer their own uname
        assert found["uname"]["asset"] == "host:my_host"


def test_what_an_ordinary_user_may_not_read_is_said(
    shell: str, collect: Collect, kylin: tuple[Path, tuple[str, ...]]
) -> None:
    tools, before = kylin
    found = lines_of(collect(shell, tools=tools, before=(*before, *ordinary_user()), stdin=True))
    assert found["lsb-release"]["reason"] == "denied"
    assert "product_serial: <denied>\n" in found["dmi-sysfs"]["output"]
    assert "S3CRET" not in json.dumps(found)


def test_no_known_package_database_is_a_gap(collect: Collect, tmp_path: Path) -> None:
    if shutil.which("rpm"):
        pytest.skip("rpm is installed here")
    (tmp_path / "empty").mkdir()
    before = private_mounts(f"mount --bind '{tmp_path}/empty' /var/lib/dpkg")
    assert lines_of(collect("dash", before=before))["release-package"]["reason"] == "unsupported"


def test_a_host_with_nothing_but_busybox(collect: Collect, applets: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    before = private_mounts(f"mount --bind '{applets}' /usr/bin; mount --bind '{tmp_path}/empty' /usr/sbin")
    work = tmp_path / "work"
    work.mkdir()
    env = {"PATH": "/usr/bin", "HOME": str(work)}
    command = [*before, "/usr/bin/busybox", "sh", str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, env=env, check=False, timeout=60)
    found = lines_of(done)
    assert found.keys() >= REQUIRED
    assert found["lscpu"]["detail"] == "lscpu is not installed"
    assert found["dmidecode"]["reason"] == "unsupported"
    assert found["dmidecode"]["request"] == "dmidecode -t 0 -t 1 -t 2 -t 3 -t 4 -t 38"
    assert "timeout=shell\n" in found["collector"]["output"]


def test_ipv6_compiled_out_is_said(collect: Collect, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    before = private_mounts(f"mount --bind '{tmp_path}/empty' /proc/sys/net")
    line = lines_of(collect("dash", before=before))["disable-ipv6"]
    assert (line["reason"], line["detail"]) == ("unsupported", "no /proc/sys/net/ipv6")


def test_runs_where_nothing_can_be_written(shell: str, collect: Collect) -> None:
    # The pseudo file systems keep their state: a read-only /dev would refuse even /dev/null's writers on some kernels.
    before = private_mounts(
        "for m in $(awk '{print $2}' /proc/self/mounts); do\n"
        'case $m in /proc*|/sys*|/dev*) ;; *) mount -o remount,bind,ro "$m" ;; esac\ndone\n'
        "! touch /collect-may-not-write 2>/dev/null"
    )
    found = lines_of(collect(shell, before=before))
    assert found.keys() >= REQUIRED


def test_leaves_no_file_and_no_process_behind(shell: str, collect: Collect, tmp_path: Path) -> None:
    lines_of(collect(shell, "--asset", "host:left-behind"))
    assert list((tmp_path / "work").iterdir()) == []
    mine = f"HOME={tmp_path}/work".encode()
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mine in (process / "environ").read_bytes():
                left.append((process / "cmdline").read_bytes())
        except OSError:
            continue
    assert left == []


def test_system_calls_only_read(shell: str, collect: Collect, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    probe = [strace or "strace", "-o", os.devnull, "true"]
    if strace is None or subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        pytest.skip("strace does not work here")
    log = tmp_path / "calls"
    calls = "trace=%file,ftruncate,fchmod,fchown,connect,sendto,sendmsg,bind,fsetxattr,mount,reboot,init_module"
    lines_of(collect(shell, before=(strace, "-f", "-qq", "-o", str(log), "-e", calls), timeout=180))
    changing = re.compile(
        r"\b(unlink|unlinkat|rename\w*|mkdir\w*|rmdir|link|linkat|symlink\w*|f?chmod\w*|f?chown\w*|lchown|truncate|"
        r"ftruncate|mknod\w*|utime\w*|mount|umount2?|f?setxattr|reboot|init_module|pivot_root|chroot)\("
    )
    wrong = []
    for call in log.read_text(errors="replace").splitlines():
        if "ENOENT" in call or re.search(r'"/dev/(null|tty)"', call):
            continue
        opened_to_write = re.search(r"open(at)?\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND)", call)
        internet = re.search(r"\b(connect|sendto|sendmsg|bind)\(.*sa_family=AF_INET6?\b", call)
        if opened_to_write or changing.search(call) or internet:
            wrong.append(call)
    assert wrong == []


def test_takes_less_than_a_second(shell: str, collect: Collect) -> None:
    taken = []
    for _ in range(5):
        begun = time.monotonic()
        assert collect(shell).returncode == 0
        taken.append(time.monotonic() - begun)
    assert statistics.median(taken) < 1.0


def test_no_redirect_writes_a_file() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    code = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    assert "<<" not in code, "here-documents become temporary files in some shells"
    code = re.sub(r"'[^']*'", "''", code)
    code = re.sub(r"<[a-z ]+>", "", code)
    redirects = re.findall(r"[0-9]?>+\|?\s*\S*", code)
    assert redirects
    assert [r for r in redirects if not re.fullmatch(r"[0-9]?>(&[0-9-];?|/dev/null[;)]*)", r)] == []


def test_no_command_that_changes_or_reaches_out() -> None:
    code = re.sub(r"^\s*#.*$", "", SCRIPT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    words = set(re.findall(r"(?:^|[|;&({`]\s*|\b(?:then|do|else)\s+)([a-z][a-z0-9_-]+)", code, flags=re.MULTILINE))
    forbidden = "rm mv cp ln tee touch mkdir rmdir mktemp chmod chown dd sudo su curl wget nc ssh ping sysctl modprobe"
    assert not words & set(forbidden.split())


def test_every_shell_can_parse_it(shell: str) -> None:
    done = subprocess.run([*shell_command(shell), "-n", str(SCRIPT)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_shellcheck_is_content() -> None:
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        pytest.skip("shellcheck is not installed here")
    done = subprocess.run([shellcheck, "-s", "sh", str(SCRIPT)], capture_output=True, check=False)
    assert done.stdout.decode() == ""
    assert done.returncode == 0
