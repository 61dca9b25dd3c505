"""The read-only collector: its lines in every shell and for every user, and that it only reads."""

import json
import os
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import pytest

from tests.playbooks.collecting import (
    REQUIRED,
    SCRIPT,
    SHELLS,
    Collect,
    become,
    body_of,
    lines_of,
    ordinary_user,
    print_bytes,
    private_mounts,
    root_only,
    shell_command,
    write_tool,
)


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
    assert "shell=/usr/bin/busybox\n" in found["collector"]["output"]


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
