"""The servers of a lab's hosts are real: asked by real clients over either family, they show what the scenario says."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lab.contents import Entry
from lab.programs import Program
from lab.scenario.model import Inner, Ipmi, Redfish, Snmp, Web
from lab.services.bmc import ipmi_program, redfish_programs
from lab.services.certificates import Authority, Kind
from lab.services.fronts import FRONTS
from lab.services.missing import PATH, absent
from lab.services.snmp import UPS, snmp_program
from lab.services.web import other_programs, web_program
from tests.wire import needs_wire, own_network
from xunyan.errors import InputError

FOUR, SIX = "10.91.0.1", "fd91::1"
ADDRESSES = (FOUR, "10.91.0.2", "10.91.0.3", "10.91.0.4", SIX, "fd91::2", "fd91::3", "fd91::4")
SYSTEM = "1.3.6.1.2.1.1"


@pytest.fixture
def network() -> Iterator[None]:
    with own_network():
        give_addresses()
        yield


def give_addresses() -> None:
    for address in ADDRESSES:
        words = ["ip", "address", "add", f"{address}/{128 if ':' in address else 32}", "dev", "lo"]
        subprocess.run([*words, *(["nodad"] if ":" in address else [])], check=True, timeout=10)


def write(folder: Path, entries: Sequence[Entry]) -> None:
    for entry in entries:
        path = folder / entry.path
        (path if entry.text is None else path.parent).mkdir(parents=True, exist_ok=True)
        if entry.text is not None:
            path.write_text(entry.text, "utf-8")
        if entry.size:
            os.truncate(path, entry.size)
        path.chmod(entry.mode)


@contextmanager
def running(folder: Path, *programs: Program) -> Iterator[None]:
    """Start programs as the lab does, with their outputs in their logs, and end them. Skips where something is missing."""
    skip_without(programs)
    with ExitStack() as stack:
        for program in programs:
            write(folder, program.files)
            log = stack.enter_context((folder / program.log).open("ab"))
            environment = {"PATH": PATH, "LANG": "C.UTF-8"}
            process = subprocess.Popen(
                program.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/"
            )
            stack.callback(end, process)
        for program in programs:
            await_open(program, folder)
        yield


def skip_without(programs: Sequence[Program]) -> None:
    if missing := absent(programs):
        pytest.skip("not here: " + ", ".join(f"{what} (install {package})" for what, package in missing))


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def await_open(program: Program, folder: Path) -> None:
    until = time.monotonic() + 15
    wanted = {(protocol + ("6" if ":" in address else ""), port) for protocol, address, port in program.opens}
    while wanted - {one for table in ("tcp", "tcp6", "udp", "udp6") for one in bound(table)}:
        assert time.monotonic() < until, (folder / program.log).read_text("utf-8")[-2000:]
        time.sleep(0.03)


def bound(table: str) -> Iterator[tuple[str, int]]:
    for line in Path(f"/proc/thread-self/net/{table}").read_text("ascii").splitlines()[1:]:
        columns = line.split()
        if columns[3] in ("0A", "07"):
            yield table, int(columns[1].rpartition(":")[2], 16)


def fetch(
    address: str,
    port: int,
    path: str = "/",
    host: str = "",
    *,
    method: str = "GET",
    trust: ssl.SSLContext | None = None,
) -> tuple[int, Mapping[str, str], str]:
    connection = http.client.HTTPConnection(address, port, timeout=5)
    plain = socket.create_connection((address, port), 5)
    connection.sock = trust.wrap_socket(plain, server_hostname=host or address) if trust else plain
    connection.request(method, path, headers={"Host": host or "lab", "User-Agent": 'tests "here"'})
    answer = connection.getresponse()
    body = answer.read().decode("utf-8")
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def anyone() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def subject_at(address: str, port: int) -> str:
    words = ["openssl", "s_client", "-connect", f"[{address}]:{port}"]
    said = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=True).stdout
    words = ["openssl", "x509", "-noout", "-subject", "-nameopt", "RFC2253"]
    done = subprocess.run(words, input=said, capture_output=True, timeout=10, check=True)
    return done.stdout.decode().strip().removeprefix("subject=")


def requests(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]


@needs_wire
@pytest.mark.usefixtures("network")
def test_sites_answer_on_their_families_and_names_and_every_request_is_logged(tmp_path: Path) -> None:
    sites = [
        Web(names=["www.gov.test"], title="门户", body="a < b"),
        Web(names=["old.gov.test"], redirect="http://www.gov.test/new?a=1"),
        Web(port=8080, families=(6,), title="six only", status=503),
    ]
    with running(tmp_path, web_program(tmp_path, sites, [FOUR, SIX], Authority())):
        for address in (FOUR, SIX):
            status, headers, body = fetch(address, 80, "/deep/path?x", "www.gov.test")
            assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert "<title>门户</title>" in body
            assert "a &lt; b" in body
            status, headers, _ = fetch(address, 80, host="old.gov.test")
            assert (status, headers["location"]) == (302, "http://www.gov.test/new?a=1")
        assert fetch(SIX, 8080)[0::2] == (503, fetch(SIX, 8080)[2])
        assert "six only" in fetch(SIX, 8080)[2]
        with pytest.raises(ConnectionRefusedError):
            fetch(FOUR, 8080)
        with pytest.raises(ConnectionRefusedError):
            fetch("10.91.0.2", 80)
    logged = requests(tmp_path / "web.log")
    assert [(one["client"], one["host"], one["uri"], one["status"], one["agent"]) for one in logged[:2]] == [
        (FOUR, "www.gov.test", "/deep/path?x", 200, 'tests "here"'),
        (FOUR, "old.gov.test", "/", 302, 'tests "here"'),
    ]
    assert [one["client"] for one in logged] == [FOUR, FOUR, SIX, SIX, SIX, SIX, SIX]
    assert all(one["time"] and one["method"] == "GET" for one in logged)


@needs_wire
@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(("kind", "code"), [("valid", 0), ("expired", 10), ("self-signed", 18), ("wrong-name", 62)])
@pytest.mark.parametrize("address", [FOUR, SIX])
def test_a_certificate_has_the_fault_of_its_kind_and_no_other(
    tmp_path: Path, kind: Kind, code: int, address: str
) -> None:
    authority = Authority()
    trust = ssl.create_default_context(cadata=authority.pem)
    with running(
        tmp_path, web_program(tmp_path, [Web(port=443, tls=kind, names=["www.gov.test"])], [address], authority)
    ):
        seen = []
        for name in ("www.gov.test", address):
            try:
                assert fetch(address, 443, host=name, trust=trust)[0] == 200
                seen.append(0)
            except ssl.SSLCertVerificationError as error:
                seen.append(error.verify_code)
        assert seen[0] == code
        assert seen[1] == (64 if code == 62 else code)
        assert fetch(address, 443, host="www.gov.test", trust=anyone())[0] == 200


@needs_wire
@pytest.mark.usefixtures("network")
def test_a_certificate_may_have_a_nul_in_its_name(tmp_path: Path) -> None:
    site = Web(port=443, tls="nul-name", names=["www.gov.test"], title="空字符")
    with running(tmp_path, web_program(tmp_path, [site], [FOUR, SIX], Authority())):
        for address in (FOUR, SIX):
            shown = ssl.get_server_certificate((address, 443), timeout=5)
            certificate = x509.load_pem_x509_certificate(shown.encode())
            common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
            assert common == "www.gov.test\0.evil.invalid"
            assert b"www.gov.test\0.evil.invalid" in certificate.public_bytes(Encoding.DER)
            assert "<title>空字符</title>" in fetch(address, 443, host="www.gov.test", trust=anyone())[2]


@needs_wire
@pytest.mark.usefixtures("network")
def test_every_front_answers_with_its_signals(tmp_path: Path) -> None:
    numbers = {name: 9000 + number for number, name in enumerate(FRONTS)}
    sites = [Web(port=port, tls="self-signed", front=name) for name, port in numbers.items()]
    with running(tmp_path, web_program(tmp_path, sites, [FOUR, SIX], Authority())):
        for name, port in numbers.items():
            for path, answer in FRONTS[name].answers.items():
                for method in ("GET", "POST"):
                    status, headers, body = fetch(SIX, port, path, "front.lab", method=method, trust=anyone())
                    assert (status, body if not answer.location else "") == (answer.status, answer.text), (name, path)
                    assert headers["server"] == (FRONTS[name].server or "nginx")
                    if answer.location:
                        assert headers["location"] == "https://front.lab" + answer.location.removeprefix("{origin}")
            assert fetch(SIX, port, "/no/such", "front.lab", trust=anyone())[0] == 404
        for name, port in numbers.items():
            if FRONTS[name].subject:
                assert subject_at(SIX, port) == FRONTS[name].subject
        status, _, body = fetch(FOUR, numbers["vmware-esxi"], "/sdk", method="POST", trust=anyone())
        assert (status, "<productLineId>embeddedEsx</productLineId>" in body) == (200, True)
        assert fetch(FOUR, numbers["proxmox"], trust=anyone())[1]["server"] == "pve-api-daemon/3.0"


HOSTILE = '"; } return 200 "x$host"; #\\\' {{}} </title><script>alert(1)</script> \n\r\x01 $TTL'


@needs_wire
@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("raw", [False, True])
def test_a_hostile_title_is_only_text_unless_the_host_is_hostile(tmp_path: Path, raw: bool) -> None:
    folder = tmp_path / 'a "folder" \\ with; {signs}'
    folder.mkdir()
    site = Web(title=HOSTILE, body=HOSTILE)
    with running(folder, web_program(folder, [site], [FOUR], Authority(), raw=raw)):
        status, _, body = fetch(FOUR, 80)
        assert status == 200
        assert ("<script>" in body, "&lt;script&gt;" in body) == (raw, not raw)
        assert "x$host" in body
        assert HOSTILE not in (folder / "web" / "nginx.conf").read_text("utf-8")


def test_what_cannot_be_served_is_refused(tmp_path: Path) -> None:
    for site in (
        Web(names=["a; return 200"]), Web(redirect="http://x/\r\nSet-Cookie: a"), Web(redirect="http://x/$host"),
        Web(front="no-such"), Web(families=(6,)), Web(status=302), Web(status=204), Web(names=["x" * 64 + ".test"]),
    ):  # fmt: skip
        with pytest.raises(InputError):
            web_program(tmp_path, [site], [FOUR], Authority())
    for site in (
        Web(status=404, slow=1), Web(status=404, variants=["a"]), Web(variants=["a"] * 16), Web(redirect="/{any}\n"),
        Web(pages=[Inner(path="/$host")]), Web(pages=[Inner(path="/a\n")]), Web(pages=[Inner(path="/a", status=302)]),
    ):  # fmt: skip
        with pytest.raises(InputError):
            web_program(tmp_path, [site], [FOUR], Authority())
    made = web_program(tmp_path, [Web(pages=[Inner(path='/a"; return 200')])], [FOUR], Authority())
    assert 'location = "/a\\"; return 200" {' in str(
        next(one.text for one in made.files if one.path == "web/nginx.conf")
    )
    for sites in ([Web(fault="hangs"), Web(names=["a.test"])], [Web(fault="filtered", families=(6,))]):
        with pytest.raises(InputError):
            other_programs(sites, [FOUR])
    with pytest.raises(InputError, match="with TLS and without"):
        web_program(tmp_path, [Web(port=443), Web(port=443, tls="valid")], [FOUR], Authority())
    for agent in (
        Snmp(community="a\nrwcommunity b"), Snmp(community=""), Snmp(values={"1.3.6 x": ("integer", "1")}),
        Snmp(values={"1.3.6.1.4.1.9": ("exec", "id")}), Snmp(values={"1.3.6.1.4.1.9": ("integer", "1\nexec")}),
        Snmp(object_id="1.3.6\nexec"), Snmp(describes="a\nb"),
    ):  # fmt: skip
        with pytest.raises(InputError):
            snmp_program(tmp_path, agent, [FOUR], "ups")
    for controller in (
        Ipmi(user='a" "b'),
        Ipmi(password="x" * 17),
        Ipmi(user="a\nb"),
        Ipmi(user="a b"),
        Ipmi(product="x" * 61),
    ):
        with pytest.raises(InputError):
            ipmi_program(tmp_path, controller, [FOUR], "bmc")
    with pytest.raises(InputError):
        ipmi_program(tmp_path, Ipmi(), [], "bmc")


def asked(command: str, *words: str) -> subprocess.CompletedProcess[str]:
    if shutil.which(command) is None:
        pytest.skip(f"no {command} here (install {'snmp' if command.startswith('snmp') else command})")
    return subprocess.run([command, *words], capture_output=True, text=True, timeout=30, check=False)


def values(address: str, community: str, *oids: str, seconds: int = 15) -> list[str]:
    """Ask once, since requests are counted; a busy machine may take its time, and only silence is waited for shortly."""
    where = f"udp6:[{address}]" if address.count(":") > 1 else address
    words = ("-v2c", "-c", community, "-r", "0", "-t", str(seconds), "-m", "", "-Oqvnt", where, *oids)
    until = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        told = asked("snmpget", *words).stdout.splitlines()
        now = time.monotonic()
        if told or now - began > 0.8 * seconds or now > until:
            return told
        time.sleep(0.2)  # refused at once: the agent does not listen yet


@needs_wire
@pytest.mark.usefixtures("network")
def test_a_ups_tells_its_battery_to_those_who_know_the_community(tmp_path: Path) -> None:
    describes = '山特 "C3K" # \\ $x'
    agent = Snmp(kind="ups", community='pub "lic', describes=describes, object_id="1.3.6.1.4.1.3941.1",
        values={f"{UPS}.1.2.3.0": ("integer", "7")})  # fmt: skip
    with running(tmp_path, snmp_program(tmp_path, agent, [FOUR, SIX], "ups-1")):
        for address in (FOUR, SIX):
            oids = [f"{UPS}.1.2.1.0", f"{UPS}.1.2.3.0", f"{UPS}.1.4.4.1.5.1", f"{SYSTEM}.2.0", f"{SYSTEM}.5.0"]
            told = values(address, 'pub "lic', *oids)
            assert told == ["2", "7", "35", ".1.3.6.1.4.1.3941.1", '"ups-1"']
            written = bytes.fromhex("".join(values(address, 'pub "lic', f"{SYSTEM}.1.0")).strip('"'))
            assert written.decode() == describes
            assert values(address, "public", f"{UPS}.1.2.1.0", seconds=1) == []
        assert "No Such" in values(FOUR, 'pub "lic', "1.3.6.1.2.1.25.1.1.0")[0]
    log = (tmp_path / "snmp.log").read_text("utf-8", "replace")
    assert f"UDP: [{FOUR}]" in log
    assert f"UDP/IPv6: [{SIX}]" in log
    assert log.count("GET message") == 7
    assert ".3.6.1.2.1.33.1.4.4.1.5.1" in log
    assert "Error" not in log


@needs_wire
@pytest.mark.usefixtures("network")
def test_pdus_sensors_and_hosts_differ(tmp_path: Path) -> None:
    told = {}
    for kind, address in (("pdu", FOUR), ("environment", SIX), ("host", "10.91.0.2")):
        agent = msgspec.convert({"kind": kind}, Snmp)
        folder = tmp_path / kind
        folder.mkdir()
        with running(folder, snmp_program(folder, agent, [address], kind)):
            oids = (f"{SYSTEM}.2.0", "1.3.6.1.2.1.99.1.1.1.4.1", "1.3.6.1.2.1.25.1.1.0")
            told[kind] = values(address, "public", *oids)
    assert told["pdu"][0].startswith(".1.3.6.1.4.1.318.")
    assert told["environment"][0].startswith(".1.3.6.1.4.1.2606.")
    assert told["host"][0].startswith(".1.3.6.1.4.1.8072.")
    assert [rows[1] for rows in told.values()][:2] == ["2203", "236"]
    assert ["No Such" in rows[2] for rows in told.values()] == [True, True, False]


def test_high_ports_of_loopback_addresses_do_for_an_ordinary_user(tmp_path: Path) -> None:
    """Two hosts with the same port on addresses of their own, as where there are no namespaces."""
    authority = Authority()
    made = []
    for host in ("127.91.0.1", "127.91.0.2"):
        folder = tmp_path / host
        folder.mkdir()
        sites = [Web(title=host), Web(port=443, tls="valid", title=host)]
        made.append((folder, web_program(folder, sites, [host], authority, ports={80: 18080, 443: 18443})))
        made.append((folder, snmp_program(folder, Snmp(kind="ups"), [host], host, port=18161)))
    trust = ssl.create_default_context(cadata=authority.pem)
    with ExitStack() as stack:
        for folder, program in made:
            stack.enter_context(running(folder, program))
        for folder in (made[0][0], made[2][0]):
            assert f"<title>{folder.name}</title>" in fetch(folder.name, 18080)[2]
            assert f"<title>{folder.name}</title>" in fetch(folder.name, 18443, trust=trust)[2]
            assert values(f"{folder.name}:18161", "public", f"{SYSTEM}.5.0") == [f'"{folder.name}"']
            assert len(requests(folder / "web.log")) == 2


@needs_wire
@pytest.mark.usefixtures("network")
def test_a_controller_answers_ipmi_over_either_family(tmp_path: Path) -> None:
    controller = Ipmi(product="iBMC 2288H", user="root", password="p'%w;~")  # noqa: S106
    with running(tmp_path, ipmi_program(tmp_path, controller, [FOUR, SIX], "bmc-1")):
        for address in (FOUR, SIX):
            words = ("-I", "lanplus", "-N", "1", "-R", "1", "-H", address, "-U", "root")
            told = asked("ipmitool", *words, "-P", "p'%w;~", "mc", "info").stdout
            assert "IPMI Version              : 2.0" in told
            assert "iBMC 2288H" in asked("ipmitool", *words, "-P", "p'%w;~", "fru", "print", "0").stdout
            assert asked("ipmitool", *words, "-P", "wrong", "mc", "info").returncode == 1
        lines = [
            line for line in (tmp_path / "ipmi.log").read_text("utf-8", "replace").splitlines() if line.strip()
        ]  # while it runs
    senders = [lines[number + 1] for number, line in enumerate(lines) if "Raw LAN receive from" in line]
    assert any(one.startswith(" 02 00 ") and one[13:24] == "0a 5b 00 01" for one in senders)
    assert any(one.startswith(" 0a 00 ") and one[25:36] == "fd 91 00 00" for one in senders)


@needs_wire
@pytest.mark.usefixtures("network")
def test_redfish_names_its_vendor_without_a_login(tmp_path: Path) -> None:
    controller = Redfish(vendor='Hua"wei$host', product="2288H V5")
    roots = []
    for number, address in enumerate((FOUR, SIX)):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = redfish_programs(folder, controller, [address], Authority(), f"bmc-{number}")
        with running(folder, *made):
            both = [fetch(address, 443, path, trust=anyone()) for path in ("/redfish/v1", "/redfish/v1/")]
            assert [one[0] for one in both] == [200, 200]
            roots += [json.loads(one[2]) for one in both]
            systems = json.loads(fetch(address, 443, "/redfish/v1/Systems", trust=anyone())[2])
            system = json.loads(fetch(address, 443, systems["Members"][0]["@odata.id"], trust=anyone())[2])
            assert (system["Name"], system["Manufacturer"]) == (f"bmc-{number}", controller.vendor)
        logged = requests(folder / "redfish.log")
        assert [(one["client"], one["uri"]) for one in logged][:2] == [
            (address, "/redfish/v1"),
            (address, "/redfish/v1/"),
        ]
        assert (folder / "redfish-emulator.log").read_text("utf-8").count("GET /redfish/v1") == 4
    assert [(root["Vendor"], root["Product"], root["Oem"]) for root in roots] == [
        (controller.vendor, "2288H V5", {controller.vendor: {}})
    ] * 4
    assert len({root["UUID"] for root in roots}) == 2


def test_what_is_missing_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = [
        snmp_program(tmp_path, Snmp(), [FOUR], "a"),
        ipmi_program(tmp_path, Ipmi(), [FOUR], "a"),
        web_program(tmp_path, [Web(front="proxmox")], [FOUR], Authority()),
        *redfish_programs(tmp_path, Redfish(), [FOUR], Authority(), "a"),
    ]
    monkeypatch.setattr("lab.services.missing._importable", lambda module: not module)
    monkeypatch.setattr("lab.services.missing._there", lambda path: not path)
    assert absent(programs) == [
        ("/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so", "libnginx-mod-http-headers-more-filter"),
        ("ipmi_sim", "openipmi"),
        ("nginx", "nginx-light"),
        ("snmpd", "snmpd"),
        ("sushy_tools.emulator.main", "sushy-tools"),
    ]
