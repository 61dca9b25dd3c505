"""Devices in a process of their own answer real SSH clients as the vendors' command lines do, and write down what was asked."""

import asyncio
import re
import resource
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncssh
import paramiko
import pytest

from lab.children import Child
from lab.devices.journal import read_journal
from lab.devices.plan import Placed, known_hosts, read_plan, write_plan
from lab.devices.vendors import VENDORS
from lab.farm import free_port
from lab.keys import make_key
from lab.scenario.model import Device
from tests.lab.test_devices_tables import COMMANDS, USERS, make
from xunyan.errors import InputError

ENABLE = "升级 En@ble"
LIMIT = 15.0


class Rack:
    """A running process of devices, each at an address of its own."""

    def __init__(self, folder: Path, devices: Sequence[Device], network: int) -> None:
        addresses = [f"127.79.{network + number // 250}.{1 + number % 250}" for number in range(len(devices))]
        port = free_port(addresses[:1])
        keys = [make_key() for _ in devices[:50]]
        self.placed = {
            device.name: Placed(device, [address], port, keys[number % 50])
            for number, (device, address) in enumerate(zip(devices, addresses, strict=True))
        }
        self.folder = folder
        write_plan(folder / "plan.json", list(self.placed.values()), folder / "logs")
        self.child = Child("lab.devices", folder / "plan.json", folder / "errors")
        self.ready = self.child.line("ready ", 30)

    def log(self, name: str, event: str = "") -> list[dict[str, str]]:
        """What a device has written down."""
        return [row for row in read_journal(self.folder / "logs" / f"{name}.log") if not event or row["event"] == event]

    def errors(self) -> str:
        """What the process has complained of."""
        return (self.folder / "errors").read_text(encoding="utf-8")

    def socket(self, name: str) -> socket.socket:
        placed = self.placed[name]
        return socket.create_connection((placed.addresses[0], placed.port), timeout=LIMIT)

    def run(self, name: str, command: str, user: str = "ops", password: str = USERS["ops"]) -> str:
        """Ask one command without a shell, checking the host key."""
        placed = self.placed[name]

        async def go() -> str:
            async with asyncssh.connect(
                placed.addresses[0],
                placed.port,
                config=None,
                username=user,
                password=password,
                client_keys=None,
                agent_path=None,
                known_hosts=asyncssh.import_known_hosts(known_hosts(placed)),
                login_timeout=LIMIT,
            ) as connection:
                done = await asyncio.wait_for(connection.run(command, encoding="utf-8", errors="replace"), LIMIT)
                return str(done.stdout)

        return asyncio.run(go())


class Terminal:
    """A person at a terminal: paramiko's interactive shell, with a window that is as high as wanted."""

    def __init__(self, rack: Rack, name: str, height: int = 1000) -> None:
        self._transport = paramiko.Transport(rack.socket(name))
        self._transport.connect(username="ops", password=USERS["ops"])
        self.channel = self._transport.open_session()
        self.channel.get_pty(width=511, height=height)
        self.channel.invoke_shell()
        self.channel.settimeout(LIMIT)
        self.banner = self._transport.get_banner() or b""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def until(self, *ends: str) -> str:
        """Read until the text ends so. Fails when it does not in time."""
        said = b""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            piece = self.channel.recv(65536)
            if not piece:
                break
            said += piece
            text = said.decode("utf-8", "replace")
            if text.endswith(ends):
                return text
        raise AssertionError(said[-500:])

    def ask(self, line: str, *ends: str) -> str:
        self.channel.send(f"{line}\r".encode())
        return self.until(*ends)

    def closed(self) -> bool:
        """Whether the device closes the session."""
        while self.channel.recv(65536):
            pass
        return self.channel.exit_status_ready()


def _fleet() -> list[Device]:
    devices = [make(vendor) for vendor in VENDORS]
    devices += [make(vendor, f"{vendor}-low", enable=ENABLE) for vendor in VENDORS]
    devices += [make(vendor, f"{vendor}-log") for vendor in VENDORS]
    devices.append(make("huawei", "endless", page=0))
    devices.append(make("cisco", "banner", banner="Authorised use only\nAll is recorded: R9# R9>"))
    devices.append(make("huawei", "extra", extra={"display version": "VRP of ours\n", "display power": "2 of 2\n"}))
    return devices


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    raised = Rack(tmp_path_factory.mktemp("rack"), _fleet(), 0)
    yield raised
    raised.child.stop()
    assert raised.errors() == ""


PROMPTS = {
    vendor: (f"<{vendor.upper()}-1>" if vendor in {"huawei", "h3c"} else f"{vendor.upper()}-1#") for vendor in VENDORS
}
INSIDE = {
    "huawei": ("system-view", "[{}]", "interface Vlanif10", "[{}-Vlanif10]", "quit", "return"),
    "h3c": ("system-view", "[{}]", "interface Vlan-interface10", "[{}-Vlan-interface10]", "quit", "return"),
    "ruijie": ("configure terminal", "{}(config)#", "interface VLAN 10", "{}(config-if-VLAN 10)#", "exit", "end"),
    "zte": ("configure terminal", "{}(config)#", "interface vlan10", "{}(config-if-vlan10)#", "exit", "end"),
    "cisco": ("conf t", "{}(config)#", "int Vlan10", "{}(config-if)#", "exit", "end"),
}
UNKNOWN = {
    "huawei": "Error: Unrecognized command found at '^' position.",
    "h3c": "% Unrecognized command found at '^' position.",
    "ruijie": "% Invalid input detected at '^' marker.",
    "zte": "%Error 140303: Invalid input detected at '^' marker.",
    "cisco": "% Invalid input detected at '^' marker.",
}
CONFIG = {
    vendor: "display current-configuration" if vendor in {"huawei", "h3c"} else "show running-config"
    for vendor in VENDORS
}
LAST = {"huawei": "return", "h3c": "return", "ruijie": "end", "zte": "!</ssh>", "cisco": "end"}
MORE = {
    "huawei": "  ---- More ----",
    "h3c": "  ---- More ----",
    "ruijie": " --More-- ",
    "zte": " --More--",
    "cisco": " --More-- ",
}
ERASE = {
    "huawei": "\x1b[42D" + " " * 42 + "\x1b[42D",
    "h3c": "\x1b[16D" + " " * 16 + "\x1b[16D",
    "ruijie": "\b" * 10 + " " * 10 + "\b" * 10,
    "zte": "\r" + " " * 9 + "\r",
    "cisco": "\b" * 9 + " " * 8 + "\b" * 9,
}
UNPAGED = {"huawei": "screen-length 0 temporary", "h3c": "screen-length disable"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_prompts_and_views(rack: Rack, vendor: str) -> None:
    configure, config, interface, inner, leave, home = INSIDE[vendor]
    prompt, name = PROMPTS[vendor], f"{vendor.upper()}-1"
    with Terminal(rack, name) as terminal:
        assert terminal.until(prompt) == "\r\n" + prompt
        terminal.ask(configure, config.format(name))
        terminal.ask(interface, inner.format(name))
        assert terminal.ask("description any", inner.format(name)).count("\n") == 2  # taken without a word
        terminal.ask(leave, config.format(name))
        terminal.ask(interface, inner.format(name))
        terminal.ask(home, prompt)
        terminal.channel.send(f"{leave}\r".encode())
        assert terminal.closed()


@pytest.mark.parametrize("vendor", VENDORS)
def test_answers_stop_at_each_page(rack: Rack, vendor: str) -> None:
    prompt = PROMPTS[vendor]
    with Terminal(rack, f"{vendor.upper()}-1") as terminal:
        terminal.until(prompt)
        first = terminal.ask(CONFIG[vendor], MORE[vendor], prompt)
        assert first.endswith("\r\n" + MORE[vendor])
        assert first.count("\r\n") == 1 + 24
        terminal.channel.send(b" ")
        second = terminal.until(MORE[vendor], prompt)
        assert second.startswith(ERASE[vendor])
        assert second.count("\r\n") == 24
        terminal.channel.send(b"\r")
        third = terminal.until(MORE[vendor], prompt)
        assert third.count("\r\n") == 1
        terminal.channel.send(b"q")
        assert terminal.until(prompt) == ERASE[vendor] + "\r\n" + prompt
        terminal.ask(CONFIG[vendor], MORE[vendor])
        terminal.channel.send(b"\x03")
        terminal.until(prompt)


@pytest.mark.parametrize("vendor", VENDORS)
def test_pages_put_together_are_the_whole(rack: Rack, vendor: str) -> None:
    prompt = PROMPTS[vendor]
    with Terminal(rack, f"{vendor.upper()}-1") as terminal:
        terminal.until(prompt)
        said = terminal.ask(CONFIG[vendor], MORE[vendor], prompt)
        while said.endswith(MORE[vendor]):
            terminal.channel.send(b" ")
            said = said.removesuffix(MORE[vendor]) + terminal.until(MORE[vendor], prompt).removeprefix(ERASE[vendor])
        terminal.ask(UNPAGED.get(vendor, "terminal length 0"), prompt)
        whole = terminal.ask(CONFIG[vendor], MORE[vendor], prompt)
        assert whole == said
        assert whole.split("\r\n")[-3] == LAST[vendor]
        assert whole.count("\r\n") > 60


def test_paging_follows_the_lower_of_page_and_window(rack: Rack) -> None:
    with Terminal(rack, "HUAWEI-1", height=10) as terminal:
        terminal.until(">")
        assert terminal.ask(CONFIG["huawei"], MORE["huawei"]).count("\r\n") == 11
    with Terminal(rack, "endless", height=10) as terminal:
        terminal.until(">")
        assert "More" not in terminal.ask(CONFIG["huawei"], "return\r\n\r\n<endless>")


@pytest.mark.parametrize("vendor", VENDORS)
def test_privilege_needs_its_password(rack: Rack, vendor: str) -> None:
    name = f"{vendor}-low"
    low, high = (f"<{name}>", f"<{name}>") if vendor in {"huawei", "h3c"} else (f"{name}>", f"{name}#")
    raising = VENDORS[vendor].raising
    with Terminal(rack, name) as terminal:
        terminal.until(low)
        assert "snmp" not in terminal.ask(CONFIG[vendor], low, MORE[vendor])
        assert "SN0123456789" in rack.run(name, COMMANDS[vendor]["serial"])  # reading needs no privilege
        configure, config = INSIDE[vendor][0], INSIDE[vendor][1].format(name)
        terminal.ask(configure, low)
        assert terminal.ask(raising, ": ", ":").count(ENABLE) == 0
        for wrong in ("no", "no", "no"):
            refused = terminal.ask(wrong, VENDORS[vendor].asks, low)
            assert wrong not in refused.split("\r\n")[0]  # no echo
        terminal.ask(raising, VENDORS[vendor].asks)
        assert ENABLE not in terminal.ask(ENABLE, high)
        terminal.ask(configure, config)
    outcomes = [row["outcome"] for row in rack.log(name, "enable")]
    assert outcomes == ["refused", "refused", "refused", "accepted"]
    assert ENABLE not in (rack.folder / "logs" / f"{name}.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("vendor", VENDORS)
def test_commands_may_be_cut_short_and_must_be_clear(rack: Rack, vendor: str) -> None:
    word = "disp" if vendor in {"huawei", "h3c"} else "sh"
    prompt = PROMPTS[vendor]
    with Terminal(rack, f"{vendor.upper()}-1") as terminal:
        terminal.until(prompt)
        assert "0.0.0.0/0" in terminal.ask(f"{word} ip ro" if vendor != "zte" else "sh ip for ro", prompt, MORE[vendor])
    ambiguous = rack.run(f"{vendor.upper()}-1", f"{word} v")
    assert "mbiguous" in ambiguous
    assert "ncomplete" in rack.run(f"{vendor.upper()}-1", f"{word} ip")


@pytest.mark.parametrize("vendor", VENDORS)
def test_unknown_commands_get_the_vendors_error(rack: Rack, vendor: str) -> None:
    prompt, word = PROMPTS[vendor], VENDORS[vendor].reading
    with Terminal(rack, f"{vendor.upper()}-1") as terminal:
        terminal.until(prompt)
        said = terminal.ask(f"{word} nonsense", prompt).split("\r\n")
        assert said[1] == " " * (len(prompt) + len(word) + 1) + "^"
        assert said[2].strip() == UNKNOWN[vendor]
        assert UNKNOWN[vendor] in terminal.ask("nonsense", prompt)
        assert UNKNOWN[vendor] in terminal.ask(f"{word} int nonsense 0/99", prompt)


def test_line_editing(rack: Rack) -> None:
    with Terminal(rack, "HUAWEI-1") as terminal:
        terminal.until(">")
        said = terminal.ask("displaz\x7fy clocx\bk", "08:00\r\n\r\n<HUAWEI-1>")
        assert said.startswith("displaz\b \by clocx\b \bk\r\n")
        assert "Error" not in terminal.ask("nonsense\x15display clock", ">")
        terminal.channel.send(b"nonsense\x03")
        assert terminal.until(">") == "nonsense\r\n<HUAWEI-1>"
        assert terminal.ask("\x1b[A\x1bOB", ">") == "\r\n\r\n<HUAWEI-1>"
        assert terminal.ask("显示", ">").startswith("显示\r\n")
    assert rack.log("HUAWEI-1", "command")[-1]["text"] == "显示"


def test_enter_may_be_one_character_or_two(rack: Rack) -> None:
    with Terminal(rack, "HUAWEI-1") as terminal:
        terminal.until(">")
        for enter in ("\r", "\n", "\r\n"):
            terminal.channel.send(f"display esn{enter}".encode())
            assert terminal.until("<HUAWEI-1>") == "display esn\r\nESN of device: SN0123456789\r\n\r\n<HUAWEI-1>"
        time.sleep(0.2)
        assert not terminal.channel.recv_ready()


def test_filters(rack: Rack) -> None:
    assert rack.run("CISCO-1", "show running-config | include hostname") == "hostname CISCO-1\r\n"
    assert rack.run("CISCO-1", "show run | begin line vty").startswith("line vty 0 4\r\n")
    assert "hostname" not in rack.run("CISCO-1", "show run | exclude hostname")
    assert "sysname" in rack.run("HUAWEI-1", "display current-configuration | no-more")
    assert "Error" in rack.run("HUAWEI-1", "display version | nonsense")


def test_banner_comes_before_login_and_in_the_shell(rack: Rack) -> None:
    with Terminal(rack, "banner") as terminal:
        assert b"All is recorded" in terminal.banner
        assert terminal.until("\r\nbanner#").startswith("Authorised use only\r\nAll is recorded: R9# R9>\r\n")


def test_extra_texts_override(rack: Rack) -> None:
    assert rack.run("extra", "disp ver") == "VRP of ours\r\n"
    assert rack.run("extra", "display power") == "2 of 2\r\n"
    assert "Error" in rack.run("HUAWEI-1", "display power")


@pytest.mark.parametrize("vendor", VENDORS)
def test_log_tells_who_came_and_what_was_asked(rack: Rack, vendor: str) -> None:
    name, word = f"{vendor}-log", VENDORS[vendor].reading
    with pytest.raises(asyncssh.PermissionDenied):
        rack.run(name, "nothing", password="wrong")  # noqa: S106
    with pytest.raises(asyncssh.PermissionDenied):
        rack.run(name, "nothing", user="nobody")
    rack.run(name, f"{word} version")
    save, configure = ("save", "system-view") if word == "display" else ("write", "configure terminal")
    with Terminal(rack, name) as terminal:
        terminal.until("#", ">")
        for line in (
            UNPAGED.get(vendor, "terminal length 0"),
            f"{word} clock",
            save,
            "reboot",
            f"{word} clock > flash:/x",
            "abc",
        ):
            terminal.ask(line, f"{name}#", f"{name}>")
        terminal.ask(configure, "]", "(config)#")
        terminal.ask("sysname X", "]", "(config)#")
    deadline = time.monotonic() + LIMIT
    while len(rack.log(name, "closed")) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    attempts = [(row["user"], row["outcome"]) for row in rack.log(name, "attempt")]
    assert attempts == [("ops", "refused"), ("nobody", "refused"), ("ops", "accepted"), ("ops", "accepted")]
    commands = rack.log(name, "command")
    assert [row["kind"] for row in commands] == [
        "read",
        "session",
        "read",
        "write",
        "write",
        "write",
        "unknown",
        "write",
        "write",
    ]
    assert [row["mode"] for row in commands] == ["exec"] + ["shell"] * 8
    assert [row["text"] for row in commands][:3] == [
        f"{word} version",
        UNPAGED.get(vendor, "terminal length 0"),
        f"{word} clock",
    ]
    assert commands[0]["command"] == f"{word} version"
    assert len(rack.log(name, "connection")) == len(rack.log(name, "closed")) == 4
    assert len({row["connection"] for row in rack.log(name)}) == 4
    assert {row["peer"] for row in rack.log(name)} == {"127.0.0.1"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", row["time"]) for row in rack.log(name))
    assert USERS["ops"] not in (rack.folder / "logs" / f"{name}.log").read_text(encoding="utf-8")


def test_names_that_cannot_be_files_are_refused(tmp_path: Path) -> None:
    key = make_key()
    for names in (["../x"], [""], [".x"], ["a", "a"]):
        placed = [
            Placed(make("cisco").__class__(name=name, vendor="cisco", at={}), ["127.79.9.1"], 22, key) for name in names
        ]
        with pytest.raises(InputError):
            write_plan(tmp_path / "plan", placed, tmp_path)
    good = Placed(make("zte", "市局-1"), ["127.79.9.1", "127.79.9.2"], 22, key)
    write_plan(tmp_path / "plan", [good], tmp_path)
    assert list(read_plan(tmp_path / "plan").devices) == [good]
    assert (tmp_path / "plan").stat().st_mode & 0o777 == 0o600
    assert known_hosts(good) == f"127.79.9.1,127.79.9.2 {key.line}\n"


def test_thousand_devices_in_one_process(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    devices = [make(list(VENDORS)[number % 5], f"d{number:04}") for number in range(1000)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))  # the process must lift it by itself
    begun = time.monotonic()
    try:
        rack = Rack(tmp_path, devices, 100)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    try:
        took = time.monotonic() - begun
        status = Path(f"/proc/{rack.child.pid}/status").read_text(encoding="ascii")
        kilobytes = int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]
        print(f"\n1,000 devices: ready after {took:.1f} s, {kilobytes // 1024} MB")  # noqa: T201
        assert rack.ready == "ready 1000"
        assert took < 20
        assert kilobytes < 150 * 1024
        assert "HUAWEI" in rack.run("d0000", "display version")
        assert "d0999" in rack.run("d0999", "show run | include hostname")
    finally:
        rack.child.stop()


@pytest.mark.parametrize("how", ["stdin", "sigterm"])
def test_process_ends_when_told(tmp_path: Path, how: str) -> None:
    rack = Rack(tmp_path, [make("cisco", "one")], 200)
    process = rack.child._process
    if how == "stdin" and process.stdin is not None:
        process.stdin.close()
    else:
        process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    with pytest.raises(ConnectionRefusedError):
        rack.socket("one")
    rack.child.stop()
