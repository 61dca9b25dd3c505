"""A timestamp from a server over HTTP: only where a letter grants it, and only if its reply holds."""

import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from console.timestamp_settings import TimestampSettings
from console.timestamping import _server, take, take_files
from console.workspace import find
from evidence import timestamps
from evidence.checked import Part, State
from evidence.signing import check
from inventories.letters import Letter
from tests.evidence.authority import Authority, needs_openssl
from tests.inventories.letter_making import NETWORK, letter, letter_text
from tests.making import xunyan
from tests.packages import make_estate, members
from xunyan.errors import InputError, UsageError

pytestmark = needs_openssl
MANIFEST = b"{}\n"


class Serving(NamedTuple):
    """A timestamp server on loopback: where it is, who it is, how often it was asked."""

    address: str
    port: int
    authority: Authority
    asked: list[bytes]

    def letters(self, **fields: str) -> list[Letter]:
        now = {"valid_from": "2026-01-01", "valid_until": "2099-12-31"}
        return [letter(timestamps=[f"{self.address}:{self.port}"], **{**now, **fields})]

    def settings(self, **fields: str) -> TimestampSettings:
        return TimestampSettings(url=f"http://{self.address}:{self.port}/tsr", seconds=10, **fields)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    authority, asked = Authority(tmp_path / "authority"), list[bytes]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.headers["Host"].encode())
            refused = self.path != "/tsr"
            reply = authority.reply(request, "sha512" if refused else "sha256")
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name for it
            pass

    with HTTPServer(("127.77.41.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Serving("127.77.41.1", server.server_port, authority, asked)
        server.shutdown()


def now() -> datetime:
    return datetime.now(UTC)


def test_a_timestamp_is_taken_where_a_letter_grants_the_server(serving: Serving) -> None:
    asked, reply = take(serving.settings(), serving.letters(), NETWORK, MANIFEST, now())
    found = timestamps.check(MANIFEST, asked, reply, authorities=serving.authority.root.pem())
    assert found.state is State.VALID
    named = serving.settings(address=serving.address, network=NETWORK)
    url = f"http://tsa.example:{serving.port}/tsr"
    take(TimestampSettings(url=url, address=named.address), serving.letters(), NETWORK, MANIFEST, now())
    assert serving.asked == [f"{serving.address}:{serving.port}".encode(), f"tsa.example:{serving.port}".encode()]


def test_a_workspace_says_which_server_and_whose_certificate(serving: Serving, tmp_path: Path) -> None:
    xunyan("init", tmp_path / "w")
    root, other = tmp_path / "w" / "ca.pem", Authority(tmp_path / "other").root.pem()
    with (tmp_path / "w" / "xunyan.toml").open("a", encoding="utf-8") as file:
        url = f"http://{serving.address}:{serving.port}/tsr"
        file.write(f'[timestamp]\nurl = "{url}"\nnetwork = "{NETWORK}"\nauthority = "ca.pem"\n')
    granting = letter_text(timestamps=[f"{serving.address}:{serving.port}"], valid_until="2099-12-31")
    (tmp_path / "w" / "inventory" / "authorisations" / "a.toml").write_text(granting, "utf-8")
    workspace = find(tmp_path / "w")
    with pytest.raises(InputError, match="certificate cannot be read"):
        take_files(workspace, MANIFEST, now())
    assert serving.asked == []
    root.write_bytes(other)
    with pytest.raises(InputError, match="not among the trusted"):
        take_files(workspace, MANIFEST, now())
    for given, names in (
        (serving.authority.root.pem(), {"timestamp.tsq", "timestamp.tsr", "timestamp-ca.pem"}),
        (serving.authority.root.pem() + other, {"timestamp.tsq", "timestamp.tsr"}),
    ):
        root.write_bytes(given)
        files = take_files(workspace, MANIFEST, now())
        assert set(files) == names
        (found,) = [one for one in check(MANIFEST, files, (), given) if one.part is Part.TIMESTAMP]
        assert found.state is State.VALID


def test_a_package_is_timestamped_once_and_checked_by_stock_tools(serving: Serving, tmp_path: Path) -> None:
    """A local authority: it proves the form, not the time."""
    workspace = make_estate(tmp_path)
    root = tmp_path / "tsa-ca.pem"
    root.write_bytes(serving.authority.root.pem())
    with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
        file.write(f'[timestamp]\nurl = "http://{serving.address}:{serving.port}/tsr"\nnetwork = "{NETWORK}"\n')
    granting = letter_text(timestamps=[f"{serving.address}:{serving.port}"], valid_until="2099-12-31")
    (workspace / "inventory" / "authorisations" / "a.toml").write_text(granting, "utf-8")
    packages = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for package in packages:
        xunyan("-C", workspace, "evidence", "pack", "--timestamp", "-o", package)
    assert packages[0].read_bytes() == packages[1].read_bytes()
    assert len(serving.asked) == 1
    verified = xunyan("evidence", "verify", packages[0], "--tsa-ca", root)
    assert "通过  one.zip: 时间戳" in verified.stdout
    assert "注意  one.zip: 时间戳" in xunyan("evidence", "verify", packages[0]).stdout
    found = members(packages[0])
    for name, data in found.items():
        (tmp_path / "unpacked" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "unpacked" / name).write_bytes(data)
    (tmp_path / "unpacked" / "tsa-ca.pem").write_bytes(root.read_bytes())
    commands = [line for line in found["CHECKING.txt"].decode().splitlines() if line.startswith("  openssl ts ")]
    assert len(commands) == 3
    done = subprocess.run(
        ["sh", "-ec", "\n".join(commands)], cwd=tmp_path / "unpacked", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Verification: OK" in done.stdout
    assert "Time stamp: " in done.stdout


def test_without_a_grant_nothing_is_asked(serving: Serving) -> None:
    granted = serving.letters()
    for letters, network in (
        ([], NETWORK), (granted, "内网"), (serving.letters(valid_until="2026-01-02"), NETWORK),
        ([letter(allow=["127.77.41.0/24"], valid_until="2099-12-31")], NETWORK),
        ([*granted, letter("B", deny=["127.77.41.1"])], NETWORK),
    ):  # fmt: skip
        with pytest.raises(UsageError) as raised:
            take(serving.settings(), letters, network, MANIFEST, now())
        assert raised.value.advice is not None
        assert "timestamps" in raised.value.advice.zh
    assert serving.asked == []


def test_a_refusal_or_silence_is_said(serving: Serving) -> None:
    refusing = TimestampSettings(url=f"http://{serving.address}:{serving.port}/other")
    with pytest.raises(InputError, match="digest algorithm is not supported"):
        take(refusing, serving.letters(), NETWORK, MANIFEST, now())
    closed = letter(timestamps=["127.77.41.1:9"], valid_from="2026-01-01", valid_until="2099-12-31")
    with pytest.raises(InputError, match="connection-refused"):
        take(TimestampSettings(url="http://127.77.41.1:9/"), [closed], NETWORK, MANIFEST, now())


def test_a_server_may_be_written_by_name_or_in_ipv6() -> None:
    def read(url: str, address: str = "") -> tuple[str, str, int, str]:
        return _server(TimestampSettings(url=url, address=address))

    assert read("http://tsa.example/tsr?a=%20b", "10.0.0.54") == ("tsa.example", "10.0.0.54", 80, "/tsr?a=%20b")
    assert read("http://[2001:db8::0054]:3180") == ("[2001:db8::0054]:3180", "2001:db8::54", 3180, "/")


@pytest.mark.parametrize(
    "url",
    ["", "tsa", "https://127.77.41.1/", "ftp://127.77.41.1/", "http://tsa.example/", "http://u:p@127.77.41.1/",
     "http://127.77.41.1:99999/", "http://127.77.41.1/ x", "http://127.77.41.1/\r\nX: y", "http://127.77.41.1/路", "http://[::1",
     "http://127.77.41.1:0/", "http://127.77.41.1:/", "http:///", "http://127.77.41.1/\x7f", "HTTP://127.77.41.1/"],
)  # fmt: skip
def test_a_url_that_will_not_do_is_said(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        take(TimestampSettings(url=url), [], NETWORK, MANIFEST, now())
    assert raised.value.where == "timestamp.url"
    assert "\n" not in raised.value.what.zh
