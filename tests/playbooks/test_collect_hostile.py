"""The collector among hostile tools: forgeries, floods, hangs, failures."""

import re
import time
from pathlib import Path

import pytest

from tests.playbooks.collecting import (
    CAP,
    REQUIRED,
    Collect,
    become,
    body_of,
    lines_of,
    print_bytes,
    private_mounts,
    write_tool,
)

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
@pytest.mark.parametrize("clock", ["the system's", "ticks alone"])
def test_a_tool_that_hangs_is_a_gap(shell: str, collect: Collect, tmp_path: Path, text: str, clock: str) -> None:
    write_tool(tmp_path / "tools", "lscpu", text)
    before: tuple[str, ...] = ()
    if clock == "ticks alone":
        (tmp_path / "empty").touch()
        before = private_mounts(f"mount --bind '{tmp_path}/empty' /proc/uptime")
    begun = time.monotonic()
    found = lines_of(collect(shell, tools=tmp_path / "tools", before=before))
    assert time.monotonic() - begun < 9
    assert found["lscpu"]["reason"] == "timeout"
    assert found.keys() >= REQUIRED
    assert found["collector"]["taken_at"] >= found["os-release"]["taken_at"]


def test_late_ticks_do_not_lengthen_the_patience(shell: str, collect: Collect, tmp_path: Path) -> None:
    write_tool(tmp_path / "tools", "lscpu", "#!/bin/sh\nexec /bin/sleep 60\n")
    write_tool(tmp_path / "tools", "sleep", "#!/bin/sh\nexec /bin/sleep 2\n")
    begun = time.monotonic()
    found = lines_of(collect(shell, tools=tmp_path / "tools"))
    assert found["lscpu"]["reason"] == "timeout"
    assert time.monotonic() - begun < 9.5  # six ticks of two seconds would be twelve


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n", b"\n\n \n", b"a\nno newline at the end", b"a\x00b\n", b"a\x00b", b"\x00", b"ab\x00\x00\ncd", b"tab\there\n",
        b"carriage\r\nreturn\r\n", "银河麒麟 V10\n".encode(), "银河麒麟\n".encode("gb18030"), b"\x81\x88\x01\n", b"=\n@E\n",
        b"back\\slash \\n \\0 %s $(id) `id` \"quoted\" 'single' * ? [a]\n", b"x" * 1999 + b"\n", b"x" * 2000 + b"\n", b" lead\ntrail \n",
    ],
)  # fmt: skip
def test_small_files_come_back_byte_for_byte(shell: str, collect: Collect, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "issue").write_bytes(content)
    before = private_mounts(f"mount --bind '{tmp_path}/issue' /etc/issue")
    found = lines_of(collect(shell, before=before))
    assert body_of(found["issue"]) == content
    assert found.keys() >= REQUIRED


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("exec sleep 60", "uid:65534"),
        ("echo 65534; exit 1", "uid:65534"),
        ("exit 1", "uid:65534"),
        ("printf 'a\\033[2Jb\\n'", "uid:65534"),
        ("printf 'ops\\nroot\\n'", "ops"),
        ("echo 运维", "运维"),
        ("printf 'o\"p\\\\\\ts\\n'", "uid:65534"),
    ],
)
def test_who_asks_is_named_safely(shell: str, collect: Collect, tmp_path: Path, text: str, name: str) -> None:
    if shell == "busybox":
        pytest.skip("busybox shells prefer their own id")
    write_tool(tmp_path / "tools", "id", f"#!/bin/sh\n{text}\n")
    (tmp_path / "tools").chmod(0o755)
    reachable = Path("/usr/local/sbin")  # where an ordinary user gets to it
    before = (*private_mounts(f"mount --bind '{tmp_path}/tools' {reachable}"), *become(65534))
    found = lines_of(collect(shell, tools=reachable, before=before))
    assert {line["taken_by"] for line in found.values()} == {name}
    assert found.keys() >= REQUIRED


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
