"""Name servers of a lab: its tree from the root downwards, resolvers, silence of one family; and servers of a single user."""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import pytest

from lab.programs import Program
from lab.scenario.model import Host, Ipmi, NameServer, Snmp, Web, Zone
from lab.services.bmc import ipmi_program
from lab.services.certificates import Authority
from lab.services.dns import authoritative_programs, known_addresses, resolver_programs, tree, zone_text
from lab.services.snmp import snmp_program
from lab.services.web import web_program
from tests.lab.test_services import (
    ADDRESSES,
    asked,
    fetch,
    network,
    running,
    skip_without,
    values,
    write,
)
from tests.wire import NEW_NETWORK, needs_wire
from xunyan.errors import InputError

assert network  # the fixture of the other file
SPEAKS = NameServer()
HOSTS = [
    Host(name="root1", at={"x": ["10.91.0.1", "fd91::1"]}, dns=SPEAKS),
    Host(name="dns1", at={"x": ["10.91.0.2", "fd91::2"]}, dns=SPEAKS),
    Host(name="dns2", at={"x": ["10.91.0.3", "fd91::3"]}, dns=NameServer(families=(4,))),
]
RESOLVER = ("10.91.0.4", "fd91::4")
ZONES = tree(
    [
        Zone(name="County.GOV.test.", servers=["dns1"], records=["www.county.gov.test. IN A 192.0.2.1"]),
        Zone(
            name="office.county.gov.test",
            servers=["dns2"],
            records=["www IN AAAA 2001:db8::1", '@ IN TXT "a ; b"', "www IN A 192.0.2.2"],
        ),
    ],
    "root1",
)


def serve(folder: Path, host: Host, server: NameServer | None = None, port: int = 53) -> tuple[Program, ...]:
    assert host.dns is not None
    folder.mkdir(exist_ok=True)
    addresses = [one for those in host.at.values() for one in those]
    known = known_addresses(HOSTS)
    return authoritative_programs(folder, host.name, server or host.dns, addresses, ZONES, known, port=port)


@contextlib.contextmanager
def everybody(folder: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for host in HOSTS:
            stack.enter_context(running(folder / host.name, *serve(folder / host.name, host)))
        yield


def ask(address: str, name: str, kind: str, seconds: float = 3) -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    query.flags = dns.flags.Flag(0)
    return dns.query.udp(query, address, seconds)


def told(message: dns.message.Message, section: str) -> set[str]:
    return {
        " ".join([str(one.name), dns.rdatatype.to_text(one.rdtype), str(item)])
        for one in getattr(message, section)
        for item in one
    }


def test_the_tree_has_a_root_and_every_parent() -> None:
    assert [(zone.name, zone.servers) for zone in ZONES] == [
        (".", ["root1"]),
        ("test", ["root1"]),
        ("gov.test", ["root1"]),
        ("county.gov.test", ["dns1"]),
        ("office.county.gov.test", ["dns2"]),
    ]
    for zones in (
        [Zone(name="a.test", servers=["x"]), Zone(name="A.test.", servers=["x"])],
        [Zone(name="a.test", servers=[])],
        [Zone(name='a"; include: "/etc/passwd', servers=["x"])],
    ):
        with pytest.raises(InputError):
            tree(zones, "root1")


@pytest.mark.parametrize(
    "record",
    [
        "$INCLUDE /etc/passwd",
        "a IN A 1.2.3",
        "a IN A 192.0.2.1\n$ORIGIN com.",
        "b IN CNAME c\\",
        "x",
        " IN A 192.0.2.1",
        "",
    ],
)
def test_records_that_are_none_are_refused(record: str) -> None:
    zones = tree([Zone(name="a.test", servers=["dns1"], records=[record])], "root1")
    with pytest.raises(InputError, match=r"zones, a\.test"):
        zone_text(zones[-1], zones, known_addresses(HOSTS))
    with pytest.raises(InputError, match="no address"):
        zone_text(zones[-1], zones, {})


@needs_wire
@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("family", [4, 6])
def test_each_zone_sends_on_to_the_next_with_glue_of_every_family(tmp_path: Path, family: int) -> None:
    number = 0 if family == 4 else 1
    root, middle = HOSTS[0].at["x"][number], HOSTS[1].at["x"][number]
    with everybody(tmp_path):
        down = ask(root, "www.office.county.gov.test", "AAAA")
        assert (down.flags & dns.flags.AA, down.rcode(), down.answer) == (0, dns.rcode.NOERROR, [])
        assert told(down, "authority") == {"county.gov.test. NS dns1.county.gov.test."}
        assert told(down, "additional") == {"dns1.county.gov.test. A 10.91.0.2", "dns1.county.gov.test. AAAA fd91::2"}
        down = ask(middle, "www.office.county.gov.test", "AAAA")
        assert told(down, "authority") == {"office.county.gov.test. NS dns2.office.county.gov.test."}
        assert told(down, "additional") == {"dns2.office.county.gov.test. A 10.91.0.3"}
        found = ask("10.91.0.3", "www.office.county.gov.test", "AAAA")
        assert (found.flags & dns.flags.AA != 0, told(found, "answer")) == (
            True,
            {"www.office.county.gov.test. AAAA 2001:db8::1"},
        )
        assert told(ask(middle, "www.county.gov.test", "A"), "answer") == {"www.county.gov.test. A 192.0.2.1"}
        assert ask(middle, "none.county.gov.test", "A").rcode() == dns.rcode.NXDOMAIN
        assert ask(middle, "elsewhere.test", "A").rcode() == dns.rcode.REFUSED
        wanting = dns.message.make_query("elsewhere.test", "A")  # with the wish that others be asked
        assert dns.query.udp(wanting, middle, 3).rcode() == dns.rcode.REFUSED
        assert "SOA" in str(ask(middle, "county.gov.test", "SOA").answer[0])
        with pytest.raises(dns.exception.Timeout):  # that server has no IPv6 service
            ask("fd91::3", "office.county.gov.test", "NS", 0.5)
        over_tcp = dns.query.tcp(dns.message.make_query(".", "NS"), root, 3)
        assert told(over_tcp, "answer") == {". NS root1.root-servers."}
    log = (tmp_path / "root1" / "dns.log").read_text("utf-8")
    assert f"query: {root} www.office.county.gov.test. AAAA IN" in log
    assert f"query: {root} . NS IN" in log
    assert f"reply: {middle} none.county.gov.test. A IN NXDOMAIN" in (tmp_path / "dns1" / "dns.log").read_text("utf-8")


@needs_wire
@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("family", [4, 6])
def test_a_resolver_finds_names_from_the_root_downwards(tmp_path: Path, family: int) -> None:
    folder = tmp_path / "resolver"
    folder.mkdir()
    own = RESOLVER[0 if family == 4 else 1]
    made = resolver_programs(
        folder, NameServer(role="resolver", families=(4, 6)), RESOLVER, ZONES, known_addresses(HOSTS)
    )
    with everybody(tmp_path), running(folder, *made):
        stub = dns.resolver.Resolver(configure=False)
        stub.nameservers, stub.lifetime = [own], 10
        assert [str(one) for one in stub.resolve("www.office.county.gov.test", "A")] == ["192.0.2.2"]
        assert [str(one) for one in stub.resolve("www.office.county.gov.test", "AAAA")] == ["2001:db8::1"]
        with pytest.raises(dns.resolver.NXDOMAIN):
            stub.resolve("www.example.com", "A")
    assert f"query: {own} www.office.county.gov.test. A IN" in (folder / "dns.log").read_text("utf-8")
    for host in HOSTS:
        assert "www.office.county.gov.test. A IN" in (tmp_path / host.name / "dns.log").read_text("utf-8")


@needs_wire
@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("family", [4, 6])
def test_a_resolver_asks_over_its_own_families_only(tmp_path: Path, family: int) -> None:
    """The zone of an IPv4-only server cannot be found by a resolver that speaks IPv6 alone."""
    folder = tmp_path / "resolver"
    folder.mkdir()
    server = NameServer(role="resolver", families=(4,) if family == 4 else (6,))
    made = resolver_programs(folder, server, RESOLVER, ZONES, known_addresses(HOSTS))
    with everybody(tmp_path), running(folder, *made):
        stub = dns.resolver.Resolver(configure=False)
        stub.nameservers, stub.lifetime = [RESOLVER[0 if family == 4 else 1]], 20
        assert [str(one) for one in stub.resolve("www.county.gov.test", "A")] == ["192.0.2.1"]
        if family == 4:
            assert stub.resolve("www.office.county.gov.test", "A")
        else:
            with pytest.raises(dns.exception.DNSException):
                stub.resolve("www.office.county.gov.test", "A", lifetime=5)
    logs = "".join((tmp_path / host.name / "dns.log").read_text("utf-8") for host in HOSTS)
    assert ("10.91.0." in logs, "fd91::" in logs) == (family == 4, family == 6)


@needs_wire
@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("silent", [4, 6])
def test_a_silent_family_swallows_while_the_other_answers(tmp_path: Path, silent: int) -> None:
    server = NameServer(silent=(4,) if silent == 4 else (6,))
    folder = tmp_path / "dns1"
    mute, speaking = HOSTS[1].at["x"][:: 1 if silent == 4 else -1]
    with running(folder, *serve(folder, HOSTS[1], server)):
        assert told(ask(speaking, "www.county.gov.test", "A"), "answer")
        with pytest.raises(dns.exception.Timeout):
            ask(mute, "www.county.gov.test", "A", 0.5)
        with socket.create_connection((mute, 53), 2) as held:
            held.settimeout(0.5)
            held.sendall(b"\0\x1d")
            with pytest.raises(TimeoutError):
                held.recv(1)
    lines = (folder / "dns-silent.log").read_text("utf-8").splitlines()
    assert [line.split()[1:3] for line in lines] == [["udp", mute], ["tcp", mute]]
    assert b"county".hex() in lines[0]
    assert mute not in (folder / "dns.log").read_text("utf-8")


@contextlib.contextmanager
def one_user(folder: Path, programs: list[Program]) -> Iterator[None]:
    """Run programs in a user and a network namespace of an ordinary user, where it is root and there is nobody else."""
    skip_without(programs)
    addresses = "".join(f"ip a add {one}/{128 if ':' in one else 32} dev lo nodad;" for one in ADDRESSES if ":" in one)
    addresses += "".join(f"ip a add {one}/32 dev lo;" for one in ADDRESSES if ":" not in one)
    script = [f"ip link set lo up; {addresses}"]
    for program in programs:
        write(folder, program.files)
        words = " ".join("'" + word.replace("'", "'\\''") + "'" for word in program.command)
        script.append(f"{words} </dev/null >>'{folder / program.log}' 2>&1 &")
    subprocess.run(["chown", "-R", "1000:1000", str(folder)], check=True, timeout=10)
    user = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"]
    command = [*user, "unshare", "-Urnp", "--fork", "--kill-child", "sh", "-c", "\n".join([*script, "wait"])]
    library = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    process = subprocess.Popen(command, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, stdin=subprocess.DEVNULL)
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        until = time.monotonic() + 15
        while not (inner := children.read_text("ascii").split()):
            assert process.poll() is None, "no user namespace"
            assert time.monotonic() < until
            time.sleep(0.02)
        there = os.open(f"/proc/{inner[0]}/ns/net", os.O_RDONLY)
        assert library.setns(there, NEW_NETWORK) == 0
        os.close(there)
        yield
    finally:
        assert library.setns(before, NEW_NETWORK) == 0
        os.close(before)
        process.kill()
        process.wait(10)


@needs_wire
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv here (apt-get install util-linux)")
def test_an_ordinary_user_runs_all_of_them_where_it_is_the_only_one() -> None:
    folder = Path(tempfile.mkdtemp())  # where that user may go
    programs = [
        *serve(folder, HOSTS[1]),
        web_program(folder, [Web(title="one"), Web(port=443, tls="valid")], ADDRESSES[:5], Authority()),
    ]
    programs.append(snmp_program(folder, Snmp(kind="ups"), [ADDRESSES[0], ADDRESSES[4]], "ups"))
    programs.append(ipmi_program(folder, Ipmi(), [ADDRESSES[0]], "bmc"))
    try:
        with one_user(folder, programs):
            until = time.monotonic() + 15
            while True:
                with contextlib.suppress(OSError):
                    if fetch(ADDRESSES[4], 80)[0] == 200 and ask("fd91::2", "www.county.gov.test", "A", 0.5).answer:
                        break
                assert time.monotonic() < until, [
                    one.read_text("utf-8", "replace")[-500:] for one in folder.rglob("*.log")
                ]
                time.sleep(0.05)
            assert told(ask("10.91.0.2", "www.county.gov.test", "A"), "answer") == {"www.county.gov.test. A 192.0.2.1"}
            for address in (ADDRESSES[0], ADDRESSES[4]):
                assert values(address, "public", "1.3.6.1.2.1.33.1.2.1.0") == ["2"]
            words = (
                "-I",
                "lanplus",
                "-N",
                "1",
                "-R",
                "1",
                "-H",
                ADDRESSES[0],
                "-U",
                "admin",
                "-P",
                "admin",
                "mc",
                "info",
            )
            assert "IPMI Version" in asked("ipmitool", *words).stdout
        assert "not permitted" not in "".join(one.read_text("utf-8", "replace") for one in folder.rglob("*.log"))
    finally:
        shutil.rmtree(folder)
