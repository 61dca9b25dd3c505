"""No packet goes to a denied address, whatever names, name servers and the scanner's own settings say: seen on the wire."""

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inventories.host_keys import HostKeys
from lab.farm import Farm
from lab.hosts import Host, make_specs
from tests.making import call, xunyan
from tests.scanning import NETWORK, letter, needs_root, needs_sshd
from tests.wire import (
    TCP,
    UDP,
    NameServer,
    Packet,
    Reply,
    Wire,
    alone,
    astray,
    await_quiet,
    cut,
    dnsmasq,
    junk,
    mute,
    needs_dnsmasq,
    needs_wire,
    own_network,
    referring,
    saying,
    switching,
    under_mounts,
)

pytestmark = [needs_sshd, needs_root, needs_wire]

OPEN, OTHER, HOP, LATER, CLASSIFIED, DENIED = (f"127.77.66.{number}" for number in range(1, 7))
MAPPED, TRANSLATED = f"::ffff:{DENIED}", "64:ff9b::7f4d:4206"
HERE = "127.0.0.1"
ALLOW = [f"{OPEN}-3", f"{CLASSIFIED}-6", "64:ff9b::/96"]
DENY = [DENIED, "secret.xunyan.test"]
PROGRAM = [sys.executable, "-c", "from console.cli import main; main()"]
BIN = Path(sys.executable).parent
QUICK = "\n[scan]\ntarget_pause = 0\nresolve_seconds = 3\n"
ASKED, NOT_ALLOWED, NOWHERE, WAITS = (
    ("", ""),
    ("out-of-scope", "not-authorised"),
    ("unreachable", "name-unresolved"),
    None,
)

both = pytest.mark.parametrize("carrier", ["ssh", "ansible"])


@pytest.fixture(scope="module", autouse=True)
def network() -> Iterator[None]:
    """All tests and all hosts of this module are in a network of their own: what is seen there is theirs."""
    with own_network():
        yield


@pytest.fixture(scope="module")
def farm(network: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with Farm(tmp_path_factory.mktemp("packets") / "farm", make_specs(6, first=OPEN)) as farm:
        yield farm


@pytest.fixture(scope="module")
def names(network: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real name server."""
    hosts = {
        "web": [OPEN], "web2": [OPEN, OTHER], "two": [OPEN, DENIED], "lone": [DENIED], "six": [OPEN, MAPPED],
        "nat": [OPEN, TRANSLATED], "classified": [CLASSIFIED], "half": [OPEN, CLASSIFIED], "later": [LATER],
        "late": [OPEN, LATER], "foreign": ["10.99.99.99"], "secret": [OPEN], "x.secret": [OPEN],
    }  # fmt: skip
    aliases = {"alias": "web", "to-denied": "lone", "to-half": "two", "to-secret": "secret", "far": "to-secret"}
    folder = tmp_path_factory.mktemp("names")
    given = [(f"{name}.xunyan.test", address) for name, addresses in hosts.items() for address in addresses]
    with dnsmasq(folder, given, [(f"{a}.xunyan.test", f"{b}.xunyan.test") for a, b in aliases.items()]) as port:
        yield port


def own(*, allow: Iterable[str] = ALLOW, **more: Iterable[str]) -> str:
    """One network's table of a letter."""
    lists = {"allow": allow, "deny": DENY, "classified": [CLASSIFIED], **more}
    return f'[[networks]]\nname = "{NETWORK}"\n' + "".join(f"{k} = {json.dumps([*v])}\n" for k, v in lists.items())


def make(place: Path, farm: Farm, more: str = "", **grounds: Iterable[str]) -> Path:
    """A workspace with the farm's key, all its host keys, and a letter that denies DENIED and what is under a name."""
    workspace = place / "w"
    assert call("init", workspace).returncode == 0
    key = place / "client-key"
    key.write_text(farm.client_key, "utf-8")
    key.chmod(0o600)
    login = f'[credentials.ops]\nuser = "{farm.user}"\nkind = "key"\nkey_file = "{key}"\n'
    with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
        file.write(login + QUICK + more)
    letters = workspace / "inventory" / "authorisations"
    (letters / "one.toml").write_text(letter([], networks=own(**grounds)), "utf-8")
    keys = workspace / "inventory" / "known_hosts"
    keys.mkdir()
    (keys / NETWORK).write_text(farm.known_hosts(), "utf-8")
    return workspace


def host_at(farm: Farm, address: str) -> Host:
    return next(host for host in farm.hosts if host.spec.address == address)


def connections(farm: Farm, address: str) -> int:
    return host_at(farm, address).log.read_text("utf-8", "replace").count("Connection from")


def outcomes(workspace: Path) -> dict[str, tuple[str, str] | None]:
    """Name of each target of the last scan -> reason and key of what was in the way, blank where it was asked; or None."""
    folder = max((workspace / "scans").glob("0*"))
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    lines = [json.loads(line) for line in (folder / "done.jsonl").read_text("utf-8").splitlines()]
    done = {one["done"]: (one.get("reason", ""), one.get("detail", "").partition(":")[0]) for one in lines}
    return {one["asset"].removeprefix("host:"): done.get(place) for place, one in enumerate(plan["targets"])}


def run(
    workspace: Path,
    carrier: str,
    targets: Iterable[str] = (),
    *,
    mounts: Mapping[str, Path] | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Wire:
    """Scan in a process of its own, and give what was seen on the wire meanwhile."""
    named = [word for one in targets for word in ("--target", one)]
    command = [*PROGRAM, "-C", str(workspace), "scan", "--no-judge", "--carrier", carrier, *named]
    with Wire() as wire:
        done = subprocess.run(
            under_mounts(mounts, command) if mounts else command, cwd=cwd or workspace,
            env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return wire


def at(farm: Farm, targets: Mapping[str, str]) -> list[str]:
    """Targets as the command line takes them, on the farm's port."""
    return [f"host:{name}={where}:{farm.port}" for name, where in targets.items()]


def shows(command: list[str], fits: Callable[[Packet], bool], cwd: Path, env: Mapping[str, str] | None) -> bool:
    """Start a command, wait until it sends a packet that fits, and end it with all that it started."""
    with Wire() as wire:
        process = subprocess.Popen(
            alone(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=cwd, env={**os.environ, **(env or {})},
        )  # fmt: skip
        try:
            return wire.wait_for(fits)
        finally:
            process.kill()
            process.wait()
            await_quiet(DENIED)


def reaches(farm: Farm, command: list[str], cwd: Path = Path("/"), env: Mapping[str, str] | None = None) -> None:
    """Prove that a trap is one: with it, the machine's own program does go to the denied address."""
    assert shows(command, lambda one: (one.protocol, one.target, one.target_port) == (TCP, DENIED, farm.port), cwd, env)


def test_the_capture_sees_a_packet_that_is_sent_on_purpose(farm: Farm) -> None:
    """Else the others would prove nothing. A name asked of the machine's own name server is seen as well."""
    before = connections(farm, DENIED)
    knock = f"import socket; assert socket.create_connection(('{DENIED}', {farm.port}), 60).recv(4) == b'SSH-'"
    with Wire() as wire:
        subprocess.run([sys.executable, "-c", knock], check=True, timeout=120)
    assert (TCP, farm.port) in {(one.protocol, one.target_port) for one in wire.to(DENIED)}
    assert connections(farm, DENIED) == before + 1
    await_quiet(DENIED)
    lookup = [sys.executable, "-c", "import socket; socket.getaddrinfo('web.xunyan.test', 22)"]
    assert shows(lookup, lambda one: (one.protocol, one.target_port) == (UDP, 53), Path("/"), None)


OPENED = {
    "plain": "web.xunyan.test", "upper": "WEB.Xunyan.TEST.", "alias": "alias.xunyan.test", "straight": OPEN,
}  # fmt: skip
REFUSED = {
    **{name: f"{name}.xunyan.test" for name in ("two", "lone", "six", "nat", "classified", "half", "foreign", "nobody")},
    **{name: f"{name}.xunyan.test" for name in ("to-denied", "to-half", "to-secret", "far", "x.secret")},
    "secret": "SECRET.xunyan.test.", "address": DENIED, "mapped": f"[{MAPPED}]", "translated": f"[{TRANSLATED}]",
    "closed": CLASSIFIED,
}  # fmt: skip
WAITING = {"later": "later.xunyan.test", "late": "late.xunyan.test", "later-address": LATER}


def closed_now() -> str:
    """A letter that allows LATER, three hours from now."""
    now = datetime.now(UTC) + timedelta(hours=8 + 3)
    grounds = own(allow=[LATER], deny=[], classified=[])
    return letter(
        [], number="测授〔2026〕2号", networks=grounds, windows=[f"{now:%H:%M}-{now + timedelta(hours=1):%H:%M}"]
    )


@needs_dnsmasq
@both
def test_names_and_addresses_that_are_denied_classified_or_not_open(
    tmp_path: Path, farm: Farm, names: int, carrier: str
) -> None:
    workspace = make(tmp_path, farm, resolvers=[f"{HERE}:{names}"])
    (workspace / "inventory" / "authorisations" / "two.toml").write_text(closed_now(), "utf-8")
    before = {address: connections(farm, address) for address in (OPEN, LATER, CLASSIFIED, DENIED)}
    wire = run(workspace, carrier, at(farm, {**OPENED, **REFUSED, **WAITING}))
    expected = {**dict.fromkeys(OPENED, ASKED), **dict.fromkeys(REFUSED, NOT_ALLOWED), **dict.fromkeys(WAITING, WAITS)}
    expected["nobody"] = NOWHERE
    assert outcomes(workspace) == expected
    assert wire.targets() == {HERE, OPEN}
    assert {one.target_port for one in wire.packets if one.protocol == UDP and one.source_port != names} == {names}
    after = {address: connections(farm, address) for address in before}
    assert after == {**before, OPEN: before[OPEN] + len(OPENED)}


SECRET = "secret.xunyan.test."  # noqa: S105  # a name
LONG = [("@" if n == 0 else f"c{n}.evil.test.", "CNAME", f"c{n + 1}.evil.test.") for n in range(30)]
ONCE = "once"  # the first to be asked is looked up twice: before all begins, and when its turn comes
HARMLESS: Mapping[str, Reply] = {
    "stays": switching(1, OPEN, DENIED),
    "plain": saying(("@", "A", OPEN)),
    "more": saying(("@", "A", OPEN), ("other.evil.test.", "A", DENIED)),
}
LIARS: Mapping[str, Reply] = {
    ONCE: switching(1, OPEN, DENIED),
    "two": saying(("@", "A", OPEN), ("@", "A", DENIED)),
    "six": saying(("@", "A", OPEN), ("@", "AAAA", MAPPED)),
    "nat": saying(("@", "A", OPEN), ("@", "AAAA", TRANSLATED)),
    "only-nat": saying(("@", "AAAA", TRANSLATED)),
    "compatible": saying(("@", "A", OPEN), ("@", "AAAA", f"::{DENIED}")),
    "secret-way": saying(("@", "CNAME", SECRET), (SECRET, "A", OPEN)),
    "secret-middle": saying(("@", "CNAME", SECRET), (SECRET, "CNAME", "b.test."), ("b.test.", "A", OPEN)),
    "secret-case": saying(("@", "CNAME", "X.SeCrEt.XunYan.TEST."), ("x.secret.xunyan.test.", "A", OPEN)),
    "long": saying(*LONG, ("c30.evil.test.", "A", OPEN)),
    "long-denied": saying(*LONG, ("c30.evil.test.", "A", DENIED)),
    "loop": saying(("@", "CNAME", "loop2.evil.test."), ("loop2.evil.test.", "CNAME", "loop.evil.test.")),
    "referral": referring(DENIED),
    "cut": cut,
    "astray": astray(DENIED),
    "junk": junk,
    "mute": mute,
}
EMPTY = (
    "loop",
    "mute",
    "junk",
    "referral",
    "cut",
    "long",
    "long-denied",
    "astray",
)  # what they say leads to no address


@both
def test_a_name_server_that_lies_changes_its_mind_or_talks_junk(tmp_path: Path, farm: Farm, carrier: str) -> None:
    replies = {**LIARS, **HARMLESS}
    with NameServer(replies) as server:
        workspace = make(tmp_path, farm, resolvers=[f"{HERE}:{server.port}"])
        before = connections(farm, OPEN), connections(farm, DENIED)
        wire = run(workspace, carrier, at(farm, {name: f"{name}.evil.test" for name in replies}))
        assert server.asked[ONCE, "A"] == 2
        assert server.asked["stays", "A"] == 1
    expected = {**dict.fromkeys(LIARS, NOT_ALLOWED), **dict.fromkeys(EMPTY, NOWHERE), **dict.fromkeys(HARMLESS, ASKED)}
    assert outcomes(workspace) == expected
    assert wire.targets() == {HERE, OPEN}
    assert (connections(farm, OPEN), connections(farm, DENIED)) == (before[0] + len(HARMLESS), before[1])


@both
def test_where_no_name_server_is_granted_none_is_asked(tmp_path: Path, farm: Farm, carrier: str) -> None:
    """Not that of the machine either. One that is denied, or granted by a letter that is over, is not granted."""
    workspace = make(tmp_path, farm)
    granted, revoked = own(resolvers=[f"{HERE}:53"]), '[revoked]\non = 2026-01-02\nby = "张三"\n'
    texts = [
        *(letter([], networks=one) for one in (own(), own(resolvers=[f"{DENIED}:53"]))),
        letter([], networks=granted, valid_until="2026-01-02"),
        letter([], networks=granted + revoked),
    ]
    for text in texts:
        (workspace / "inventory" / "authorisations" / "one.toml").write_text(text, "utf-8")
        with Wire() as wire:
            done = call("-C", workspace, "scan", "--carrier", carrier, "--target", f"web.xunyan.test:{farm.port}")
        assert wire.packets == []
        assert "没有发出任何数据包" in done.stderr


SPELLINGS = (
    "127.77.16966", "127.5063174", "2135769606", "0x7f4d4206", "0x7f.0x4d.0x42.0x6", "0177.0115.0102.06",
    "127.077.066.006", f"{DENIED}.", f"{DENIED}%lo", f"{DENIED}/32", "１２７.77.66.6", "127。77。66。6", MAPPED,
    f"[{MAPPED}]", "::ffff:7f4d:4206", "0:0:0:0:0:ffff:7f4d:4206", f"::{DENIED}", TRANSLATED, "2002:7f4d:4206::1",
    "::ffff:0:127.77.66.6", f"ops@{DENIED}", f"-oHostName={DENIED}", f"x -oProxyJump={DENIED}", f"ssh://{DENIED}",
    f"host:web={DENIED}", f"{OPEN},{DENIED}", f"{OPEN}\n{DENIED}", f"{OPEN} {DENIED}", "SECRET.XUNYAN.TEST", "localhost",
)  # fmt: skip


@both
def test_odd_spellings_of_a_denied_address(tmp_path: Path, farm: Farm, carrier: str) -> None:
    """None is read as something that may be asked. No name server is granted, so none of them is looked up either."""
    workspace = make(tmp_path, farm)
    bracketed = [f"[{one}]" if one.count(":") > 1 and not one.startswith("[") else one for one in SPELLINGS]
    with Wire() as wire:
        for text in (*SPELLINGS, *(f"{one}:{farm.port}" for one in bracketed)):
            done = call("-C", workspace, "scan", "--carrier", carrier, f"--target={text}")
            assert done.returncode == 2, text
            assert wire.packets == [], text
        assert call("-C", workspace, "scan", "--dry-run", f"--target={OPEN}:{farm.port}").returncode == 0


def routes(farm: Farm, **addresses: str) -> str:
    return "".join(
        f'[routes.{name}]\nkind = "jump"\naddress = "{address}"\nport = {farm.port}\ncredential = "ops"\n'
        for name, address in addresses.items()
    )


@both
@pytest.mark.parametrize("kind", ["jump", "bastion"])
def test_a_host_in_between_that_is_denied_or_written_as_a_name(
    tmp_path: Path, farm: Farm, carrier: str, kind: str
) -> None:
    written = {
        "denied": DENIED,
        "mapped": MAPPED,
        "name": "hop.xunyan.test",
        "local": "localhost",
        "odd": "127.77.16966",
    }
    hops = [f"{DENIED}:{farm.port}", f"{HOP}:{farm.port}"]
    workspace = make(tmp_path, farm, routes(farm, **written).replace('"jump"', f'"{kind}"'), jump_hosts=hops)
    for route in written:
        with Wire() as wire:
            done = call(
                "-C", workspace, "scan", "--carrier", carrier, "--route", route, "--target", f"{OPEN}:{farm.port}"
            )
            assert wire.packets == []
        assert done.returncode == 2, route
        assert "没有发出任何数据包" in done.stderr or "address" in done.stderr, done.stderr


@needs_dnsmasq
@both
def test_behind_a_jump_host_the_same_holds(tmp_path: Path, farm: Farm, names: int, carrier: str) -> None:
    access = '[[access]]\nasset = "host:by-denied"\nroute = "denied"\n[[access]]\nroute = "hop"\n'
    workspace = make(
        tmp_path, farm, routes(farm, hop=HOP, denied=DENIED) + access, resolvers=[f"{HERE}:{names}"],
        jump_hosts=[f"{HOP}:{farm.port}", f"{DENIED}:{farm.port}"],
    )  # fmt: skip
    targets = {"plain": "web", "two": "two", "far": "far", "to-denied": "to-denied", "by-denied": "web"}
    given = {name: f"{where}.xunyan.test" for name, where in targets.items()} | {
        "address": DENIED,
        "mapped": f"[{MAPPED}]",
    }
    before = connections(farm, OPEN), connections(farm, DENIED)
    wire = run(workspace, carrier, at(farm, given))
    assert outcomes(workspace) == {**dict.fromkeys(given, NOT_ALLOWED), "plain": ASKED}
    assert wire.targets() - {HERE} == {HOP, OPEN}
    assert (connections(farm, OPEN), connections(farm, DENIED)) == (before[0] + 1, before[1])


def astray_command(farm: Farm) -> str:
    """A command that connects its standard input and output to the denied address."""
    return f'bash -c "exec 3<>/dev/tcp/{DENIED}/{farm.port}; cat <&3 & cat >&3"'


TRAPS = ("HostName", "ProxyJump", "ProxyCommand")


@pytest.mark.parametrize(
    ("carrier", "trap", "place"),
    [
        *(("ansible", trap, place) for trap in TRAPS for place in ("machine", "user")),
        *(("ssh", "HostName", "machine"), ("ssh", "ProxyCommand", "user")),  # it starts no ssh
    ],
)
def test_the_scanner_s_own_ssh_settings_redirect_nothing(
    tmp_path: Path, farm: Farm, carrier: str, trap: str, place: str
) -> None:
    """Root's ~/.ssh/config and /etc/ssh/ssh_config are ours, for the scan alone; so is the home that ssh looks up."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    way = {"HostName": DENIED, "ProxyJump": f"ops@{DENIED}:{farm.port}", "ProxyCommand": astray_command(farm)}[trap]
    config = f"Host * !{DENIED}\n  {trap} {way}\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  BatchMode yes\n"
    (home / ".ssh" / "config").write_text(config if place == "user" else "", "ascii")
    (tmp_path / "ssh_config").write_text(config if place == "machine" else "", "ascii")
    users = Path("/etc/passwd").read_text("utf-8").splitlines()
    moved = [
        ":".join([*one.split(":")[:5], str(home), *one.split(":")[6:]]) if one.startswith("root:") else one
        for one in users
    ]
    (tmp_path / "passwd").write_text("\n".join(moved) + "\n", "utf-8")
    mounts = {"/etc/passwd": tmp_path / "passwd", "/etc/ssh/ssh_config": tmp_path / "ssh_config"}
    reaches(farm, under_mounts(mounts, ["ssh", "-p", str(farm.port), f"ops@{OPEN}", "true"]))
    workspace = make(tmp_path, farm)
    before = connections(farm, OPEN), connections(farm, DENIED)
    wire = run(workspace, carrier, at(farm, {"web": OPEN}), mounts=mounts, env={"HOME": str(home)})
    assert outcomes(workspace) == {"web": ASKED}
    assert wire.targets() == {HERE, OPEN}
    assert (connections(farm, OPEN), connections(farm, DENIED)) == (before[0] + 1, before[1])


@both
def test_settings_of_ansible_and_proxies_in_folder_home_and_environment_redirect_nothing(
    tmp_path: Path, farm: Farm, carrier: str
) -> None:
    home, cwd = (tmp_path / name for name in ("home", "cwd"))
    home.mkdir()
    cwd.mkdir()
    proxy = f"-o ProxyCommand='{astray_command(farm)}'"
    settings = f"[ssh_connection]\nssh_args = {proxy}\nssh_extra_args = {proxy}\n"
    (cwd / "ansible.cfg").write_text(settings, "ascii")
    (home / ".ansible.cfg").write_text(settings, "ascii")
    trap = tmp_path / "ssh"
    trap.write_text(f"#!/bin/sh\nexec {astray_command(farm)}\n", "ascii")
    trap.chmod(0o755)
    args = dict.fromkeys(("ANSIBLE_SSH_ARGS", "ANSIBLE_SSH_COMMON_ARGS", "ANSIBLE_SSH_EXTRA_ARGS"), proxy)
    proxies = (
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "ALL_PROXY",
        "all_proxy",
        "SOCKS_PROXY",
        "ANSIBLE_HTTPAPI_PROXY",
    )
    env = {
        **args, **dict.fromkeys(proxies, f"http://{DENIED}:{farm.port}"), "HOME": str(home),
        "ANSIBLE_CONFIG": str(cwd / "ansible.cfg"), "ANSIBLE_SSH_EXECUTABLE": str(trap), "ANSIBLE_HOST": DENIED,
        "ANSIBLE_REMOTE_PORT": "1", "ANSIBLE_INVENTORY": str(cwd), "ANSIBLE_TRANSPORT": "local",
    }  # fmt: skip
    if carrier == "ansible":
        ad_hoc = [str(BIN / "ansible"), "all", "-i", f"{OPEN}:{farm.port},", "-m", "raw", "-a", "true", "-c", "ssh"]
        for one in ({"ANSIBLE_SSH_EXECUTABLE": str(trap)}, args, {"HOME": str(home)}):
            reaches(farm, ad_hoc, env=one)
        reaches(farm, ad_hoc, cwd=cwd)
    workspace = make(tmp_path, farm)
    before = connections(farm, OPEN), connections(farm, DENIED)
    wire = run(workspace, carrier, at(farm, {"web": OPEN}), env=env, cwd=cwd)
    assert outcomes(workspace) == {"web": ASKED}
    assert wire.targets() == {HERE, OPEN}
    assert (connections(farm, OPEN), connections(farm, DENIED)) == (before[0] + 1, before[1])


@needs_dnsmasq
@both
def test_an_inventory_of_ansible_with_names_and_with_variables_that_redirect(
    tmp_path: Path, farm: Farm, names: int, carrier: str
) -> None:
    trap = tmp_path / "ssh"
    trap.write_text(f"#!/bin/sh\nexec {astray_command(farm)}\n", "ascii")
    trap.chmod(0o755)
    proxy = f"-o ProxyCommand='{astray_command(farm)}'".replace('"', '\\"')
    hosts = tmp_path / "hosts.ini"
    turned = {
        "args": f'ansible_host={OPEN} ansible_ssh_common_args="{proxy}"',
        "extra": f'ansible_host={OPEN} ansible_ssh_extra_args="-o HostName={DENIED}" ansible_ssh_args="{proxy}"',
        "program": f"ansible_host={OPEN} ansible_ssh_executable={shlex.quote(str(trap))}",
    }
    named = {
        "plain": "ansible_host=web.xunyan.test", "two": "ansible_host=two.xunyan.test",
        "to-denied": "ansible_ssh_host=to-denied.xunyan.test", "far.xunyan.test": "", "address": f"ansible_host={DENIED}",
        "delegated": f"ansible_host={OPEN} ansible_delegated_vars={DENIED}",
    }  # fmt: skip
    lines = [f"{name} {text}" for name, text in {**turned, **named}.items()]
    hosts.write_text("\n".join([*lines, f"[all:vars]\nansible_port={farm.port}\n"]), "ascii")
    if carrier == "ansible":
        for one in turned:
            reaches(farm, [str(BIN / "ansible"), one, "-i", str(hosts), "-m", "raw", "-a", "true"])
    workspace = make(tmp_path, farm, resolvers=[f"{HERE}:{names}"])
    with Wire() as wire:
        xunyan("-C", workspace, "endpoints", "import", hosts)
        assert wire.packets == []
    before = connections(farm, OPEN), connections(farm, DENIED)
    wire = run(workspace, carrier)
    refused = dict.fromkeys(("two", "to-denied", "far.xunyan.test", "address"), NOT_ALLOWED)
    assert outcomes(workspace) == {**dict.fromkeys((*turned, "plain", "delegated"), ASKED), **refused}
    assert wire.targets() == {HERE, OPEN}
    assert (connections(farm, OPEN), connections(farm, DENIED)) == (before[0] + 5, before[1])


def test_host_keys_are_on_file_for_every_thread_from_the_first_question_on(
    tmp_path: Path, farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many threads ask at once when a scan begins. A known host must not look like one that was never met."""
    (tmp_path / NETWORK).write_text(farm.known_hosts(), "utf-8")
    reading, go_on, read = threading.Event(), threading.Event(), HostKeys._read

    def slowly(self: HostKeys, network: str, path: Path) -> None:
        reading.set()
        go_on.wait(1)
        read(self, network, path)

    monkeypatch.setattr(HostKeys, "_read", slowly)
    keys = HostKeys(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keys.of, NETWORK, OPEN, farm.port)
        assert reading.wait(60)
        second = pool.submit(keys.of, NETWORK, OPEN, farm.port)
        wait([second], 0.5)
        go_on.set()
        assert first.result(60) == second.result(60) == (host_at(farm, OPEN).host_key,)
