"""`xunyan scope`: what people and scripts are told of the letters, and signing and revoking by command."""

import csv
import io
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from tests.console.refusing import harmless, refused
from tests.inventories.letter_making import letter_text
from tests.making import call

FOREVER = {"valid_from": "2020-01-01", "valid_until": "2099-12-31"}
NIGHT = ("--at", "2026-11-21T23:00:00+08:00")
FORMS = ("table", "json", "jsonl", "csv")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "240")
    assert call("init", tmp_path / "w").returncode == 0
    return tmp_path / "w"


def put(workspace: Path, name: str = "a.toml", **fields: Any) -> Path:
    path = workspace / "inventory" / "authorisations" / name
    path.write_text(letter_text(**FOREVER | fields), encoding="utf-8")
    return path


def check(workspace: Path, *arguments: str) -> list[dict[str, Any]]:
    done = call("-C", workspace, "scope", "check", "--network", "外网", *arguments, "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_without_letters_it_says_how_to_write_one(workspace: Path) -> None:
    done = call("-C", workspace, "scope", "show")
    assert done.returncode == 0
    assert "xunyan scope template > inventory/authorisations/" in done.stdout
    assert call("-C", workspace, "scope", "show", "-f", "jsonl").stdout == ""
    (found,) = check(workspace, "10.1.2.3")
    assert (found["allowed"], found["reasons"]) == (False, [])


def test_the_template_is_refused_as_it_is(workspace: Path) -> None:
    blank = call("-C", workspace, "scope", "template").stdout
    (workspace / "inventory" / "authorisations" / "a.toml").write_text(blank, encoding="utf-8")
    for arguments in (("show",), ("check", "10.1.2.3")):
        refused(call("-C", workspace, "scope", *arguments), "a.toml", "number", "units", "approver", "methods")


def test_show_says_how_each_letter_stands(workspace: Path) -> None:
    put(
        workspace,
        "a.toml",
        more='windows = ["00:00-24:00"]',
        deny=["oa.example", "10.1.9.0/24"],
        classified=["10.1.8.0/24"],
    )
    put(workspace, "b.toml", number="B-1", valid_until="2021-01-01")
    put(workspace, "c.toml", number="C-1", valid_from="2098-01-01")
    put(workspace, "d.toml", number="D-1", tail='\n[revoked]\non = 2021-01-01\nby = "赵六"\n')
    done = call("-C", workspace, "scope", "show", "--format", "jsonl")
    found = {one["number"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert {number: one["state"] for number, one in found.items()} == {
        "A-1": "in-force", "B-1": "expired", "C-1": "not-yet", "D-1": "revoked"
    }  # fmt: skip
    assert found["A-1"]["networks"] == [
        {"name": "外网", "allow": ["10.1.0.0/16"], "deny": ["10.1.9.0/24", "oa.example"], "classified": ["10.1.8.0/24"],
         "resolvers": [], "name_servers": [], "jump_hosts": [], "timestamps": []}
    ]  # fmt: skip
    assert found["A-1"]["methods"] == {"ssh": [22]}
    assert found["C-1"]["next_opening"] == "2098-01-01T00:00:00+08:00"
    assert (found["B-1"]["next_opening"], found["B-1"]["valid_until"]) == ("", "2021-01-02T00:00:00+08:00")
    assert found["A-1"]["signature"]["state"] == "none"
    table = call("-C", workspace, "scope", "show").stdout
    for word in (
        "有效",
        "未生效",
        "已过期",
        "已撤销",
        "2020-01-01 – 2021-01-01",
        "ssh/22",
        "未签名",
        "外网：允许 10.1.0.0/16",
    ):
        assert word in table
    english = call("--lang", "en", "-C", workspace, "scope", "show").stdout
    assert not any("\u4e00" <= one <= "\u9fff" for one in english.replace("教育局", "").replace("外网", ""))


def test_check_says_yes_or_no_and_what_each_letter_says(workspace: Path) -> None:
    put(workspace, more='windows = ["22:00-06:00"]')
    put(workspace, "b.toml", number="B-1", allow=[], deny=["10.1.9.0/24"], valid_until="2021-01-01")
    (yes,) = check(workspace, "10.1.2.3", *NIGHT)
    assert (yes["allowed"], yes["letter"], yes["expires"]) == (True, "A-1", "2026-11-22T06:00:00+08:00")
    (late,) = check(workspace, "10.1.2.3", "--at", "2026-11-21T12:00:00+08:00")
    assert (late["allowed"], late["next_opening"]) == (False, "2026-11-21T22:00:00+08:00")
    assert [one["ground"] for one in late["reasons"]] == ["window"]
    (denied,) = check(workspace, "10.1.9.3", *NIGHT)
    assert [(one["letter"], one["allows"], one["ground"]) for one in denied["reasons"]] == [
        ("A-1", True, "allowed"), ("B-1", False, "denied")
    ]  # fmt: skip
    assert not denied["allowed"]
    table = call("-C", workspace, "scope", "check", "10.1.9.3", "--network", "外网", *NIGHT).stdout
    assert "不可以" in table
    assert "B-1：10.1.9.3 在禁止的 10.1.9.0/24 内" in table


@pytest.mark.parametrize(
    ("target", "options", "port"),
    [
        ("10.1.2.3", (), 22), ("10.1.2.3:2222", (), 2222), ("10.1.2.3", ("--port", "2222"), 2222),
        ("10.1.2.3", ("--method", "winrm"), 5986), ("240e::1", (), 22), ("[240e::1]", (), 22), ("[240e::1]:2222", (), 2222),
    ],
)  # fmt: skip
def test_the_port_of_a_target(workspace: Path, target: str, options: tuple[str, ...], port: int) -> None:
    put(workspace, allow=["10.1.0.0/16", "240e::/32"], methods=["ssh", "winrm"], more="ports = [22, 2222, 5986]")
    (found,) = check(workspace, target, *options)
    assert (found["port"], found["allowed"]) == (port, True)


@pytest.mark.parametrize("target", ["010.1.2.3", "10.1.2.0/24", "::ffff:10.1.2.3", "fe80::1%eth0", "", "167838211"])
def test_no_address_is_no_and_never_taken_for_a_name(workspace: Path, target: str) -> None:
    put(workspace, resolvers=["127.0.0.1:9"])
    (found,) = check(workspace, target)
    assert not found["allowed"]
    assert found["why"]


@pytest.mark.parametrize("target", ["10.1.2.3:0", "10.1.2.3:x", "10.1.2.3:", "[240e::1]x", "[240e::1]:", "web:70000"])
def test_a_port_that_is_none_is_wrong_use(workspace: Path, target: str) -> None:
    refused(call("-C", workspace, "scope", "check", target), "TARGET")


def test_the_exit_code_says_whether_something_is_refused(workspace: Path) -> None:
    put(workspace)
    arguments = ("-C", workspace, "scope", "check", "--network", "外网")
    assert call(*arguments, "10.1.2.3", "10.2.0.1").returncode == 0
    assert call(*arguments, "10.1.2.3", "--exit-code").returncode == 0
    assert call(*arguments, "10.1.2.3", "10.2.0.1", "--exit-code").returncode == 3
    assert call(*arguments, "10.1.2.3", "--exit-code", "--unit", "公安局").returncode == 3


@pytest.mark.parametrize("form", FORMS)
def test_what_a_letter_says_is_shown_and_never_obeyed(workspace: Path, form: str) -> None:
    put(workspace, number="=cmd|calc", more='title = "[red]x[/red]"', units=["=1+1", "@SUM"], network="外网")
    for arguments in (("show",), ("check", "10.1.2.3", "10.9.9.9", "--network", "外网")):
        done = call("-C", workspace, "scope", *arguments, "--format", form)
        assert done.returncode == 0, done.stderr
        assert harmless(done.stdout)
        if form == "csv":
            for row in csv.reader(io.StringIO(done.stdout, newline="")):
                assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    refused(call("-C", workspace, "scope", "check", "a\x1b[31m:x"), "TARGET")


# Names


class Names:
    """A name server on loopback that knows what it is told, and counts what it is asked."""

    def __init__(self) -> None:
        self.records: dict[str, list[tuple[str, str, str]]] = {}
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            name = query.question[0].name.to_text(omit_final_dot=True)
            kind = dns.rdatatype.to_text(query.question[0].rdtype)
            self.asked.append(name)
            reply = dns.message.make_response(query)
            reply.flags |= dns.flags.RA
            for owner, type_, value in self.records.get(name, []):
                if type_ in (kind, "CNAME"):
                    reply.answer.append(dns.rrset.from_text(f"{owner}.", 60, "IN", type_, value))
            if name not in self.records:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            self._socket.sendto(reply.to_wire(), sender)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))


@pytest.fixture
def names() -> Iterator[Names]:
    server = Names()
    yield server
    server.close()


def test_a_name_is_judged_by_every_address_and_every_name_on_the_way(workspace: Path, names: Names) -> None:
    put(workspace, resolvers=[f"127.0.0.1:{names.port}"], deny=["10.1.9.9", "oa.example"])
    names.records = {
        "web.example": [("web.example", "A", "10.1.2.3"), ("web.example", "AAAA", "240e::1")],
        "good.example": [("good.example", "A", "10.1.2.3")],
        "bad.example": [("bad.example", "A", "10.1.2.3"), ("bad.example", "A", "10.1.9.9")],
        "alias.example": [("alias.example", "CNAME", "www.oa.example."), ("www.oa.example", "A", "10.1.2.3")],
    }
    (good,) = check(workspace, "good.example")
    assert (good["target_allowed"], good["address"], good["names"]) == (True, "10.1.2.3", ["good.example"])
    both = check(workspace, "web.example")
    assert {(one["address"], one["allowed"], one["target_allowed"]) for one in both} == {
        ("10.1.2.3", True, False), ("240e::1", False, False)
    }  # fmt: skip
    assert [one["target_allowed"] for one in check(workspace, "bad.example")] == [False, False]
    (alias,) = check(workspace, "alias.example:22")
    assert [one["ground"] for one in alias["reasons"]] == ["denied"]
    assert "www.oa.example" in alias["why"]
    (none,) = check(workspace, "nowhere.example")
    assert not none["allowed"]
    table = call("-C", workspace, "scope", "check", "web.example", "--network", "外网", "--exit-code")
    assert table.returncode == 3
    assert "该域名的另一个地址不可以" in table.stdout


def test_show_names_the_servers_that_may_be_used(workspace: Path) -> None:
    put(workspace, methods=["ssh", "web"], resolvers=["10.0.0.53"], name_servers=["10.0.0.54", "[240e::54]:5354"])
    (found,) = map(json.loads, call("-C", workspace, "scope", "show", "--format", "jsonl").stdout.splitlines())
    assert found["methods"] == {"ssh": [22], "web": [80, 443]}
    assert found["networks"][0]["name_servers"] == ["10.0.0.54:53", "[240e::54]:5354"]
    for language, words in (
        ("zh", ["DNS 10.0.0.53:53；权威DNS", "10.0.0.54:53、[240e::54]:5354", "web/80,443"]),
        ("en", ["name servers", "web/80,443"]),
    ):
        table = "".join(call("--lang", language, "-C", workspace, "scope", "show").stdout.split())
        assert all("".join(word.split()) in table for word in words), table


def test_a_web_target_is_judged_at_both_ports_unless_one_is_written(workspace: Path) -> None:
    put(workspace, methods=["web"], more="ports = [443, 8443]")
    found = check(workspace, "10.1.2.3", "--method", "web")
    assert [(one["port"], one["method"], one["allowed"]) for one in found] == [(80, "web", False), (443, "web", True)]
    assert [one["target_allowed"] for one in found] == [False, True]
    for words in (["10.1.2.3:8443"], ["10.1.2.3", "--port", "8443"]):
        (one,) = check(workspace, *words, "--method", "web")
        assert (one["port"], one["allowed"], one["letter"]) == (8443, True, "A-1")
    (refused_ssh,) = check(workspace, "10.1.2.3:443")
    assert [one["ground"] for one in refused_ssh["reasons"]] == ["method"]
    done = call("-C", workspace, "scope", "check", "10.1.2.3", "--network", "外网", "--method", "web", "--exit-code")
    assert done.returncode == 3
    assert "web/443" in done.stdout


def test_a_name_server_is_checked_by_its_grant(workspace: Path) -> None:
    put(workspace, name_servers=["10.0.0.54"], resolvers=["10.0.0.53"])
    (granted,) = check(workspace, "10.0.0.54", "--method", "dns")
    assert (granted["allowed"], granted["port"], granted["letter"]) == (True, 53, "A-1")
    assert "权威域名服务器" in granted["why"]
    assert not check(workspace, "10.0.0.53", "--method", "dns")[0]["allowed"]
    assert not check(workspace, "10.0.0.54")[0]["allowed"]


@pytest.mark.parametrize(
    "late", [{"valid_until": "2021-01-01"}, {"deny": ["127.0.0.0/8"]}, {"classified": ["127.0.0.1"]}]
)
def test_no_name_server_is_asked_without_a_grant_now(workspace: Path, names: Names, late: dict[str, Any]) -> None:
    put(workspace, resolvers=[f"127.0.0.1:{names.port}"], **late)
    (found,) = check(workspace, "good.example", "--at", "2020-06-01")
    assert not found["allowed"]
    assert "resolvers" in found["why"]
    assert names.asked == []


# Signing and revoking


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "sign.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True, capture_output=True)
    return path


def trust(workspace: Path, key: Path) -> None:
    public = workspace / "signer.pem"
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
        file.write('\n[scope]\ntrusted_keys = ["signer.pem"]\nrequire_signature = true\n')


def test_a_letter_is_signed_trusted_and_revoked(workspace: Path, key: Path) -> None:
    path = put(workspace)
    before = path.read_bytes()
    done = call("-C", workspace, "scope", "sign", "a.toml", "--key", key, "--by", "王五")
    assert done.returncode == 0, done.stderr
    assert "-----BEGIN PUBLIC KEY-----" in done.stdout
    assert "trusted_keys" in done.stdout
    assert "已签名，公钥未登记 王五" in call("-C", workspace, "scope", "show", "-f", "csv").stdout
    trust(workspace, key)
    assert "已签名 王五" in call("-C", workspace, "scope", "show", "-f", "csv").stdout
    again = call("-C", workspace, "scope", "sign", "A-1", "--key", key, "--by", "王五")
    assert "PUBLIC KEY" not in again.stdout

    assert check(workspace, "10.1.2.3")[0]["allowed"]
    done = call("-C", workspace, "scope", "revoke", "A-1", "--by", "赵六", "--reason", "项目中止")
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == before
    (found,) = check(workspace, "10.1.2.3")
    assert [one["ground"] for one in found["reasons"]] == ["revoked"]
    assert "由赵六撤销（项目中止）" in found["why"]
    assert "已撤销" in call("-C", workspace, "scope", "show").stdout
    refused(call("-C", workspace, "scope", "revoke", "A-1", "--by", "赵六", "--reason", "再次"), "已由赵六撤销")


def test_what_is_unsigned_or_changed_stops_every_verb(workspace: Path, key: Path) -> None:
    path = put(workspace)
    trust(workspace, key)
    refused(call("-C", workspace, "scope", "check", "10.1.2.3"), "a.toml", "没有签名")
    assert call("-C", workspace, "scope", "sign", path, "--key", key).returncode == 0
    assert call("-C", workspace, "scope", "check", "10.1.2.3").returncode == 0
    path.write_bytes(path.read_bytes().replace(b"10.1.0.0/16", b"10.0.0.0/8"))
    refused(call("-C", workspace, "scope", "show"), "a.toml.sig", "签名后改动过")


def test_an_encrypted_key_asks_for_its_passphrase(
    workspace: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(workspace)
    closed = tmp_path / "closed.pem"
    monkeypatch.setenv("XUNYAN_TEST_WORD", "correct horse")
    subprocess.run(
        ["openssl", "pkey", "-in", key, "-aes256", "-passout", "env:XUNYAN_TEST_WORD", "-out", closed],
        check=True, capture_output=True,
    )  # fmt: skip
    arguments = ("-C", workspace, "scope", "sign", "A-1", "--key", closed, "--by", "王五")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    refused(call(*arguments), "closed.pem", "--passphrase-env")
    refused(call(*arguments, "--passphrase-env", "XUNYAN_TEST_NONE"), "closed.pem")
    done = call(*arguments, "--passphrase-env", "XUNYAN_TEST_WORD")
    assert done.returncode == 0, done.stderr
    assert "correct horse" not in done.stdout + done.stderr
    monkeypatch.setenv("XUNYAN_TEST_WORD", "wrong")
    refused(call(*arguments, "--passphrase-env", "XUNYAN_TEST_WORD"), "口令不对")


def test_nothing_broken_is_signed_and_nothing_unknown_revoked(workspace: Path, key: Path, tmp_path: Path) -> None:
    path = put(workspace)
    (tmp_path / "junk.pem").write_text("junk", encoding="ascii")
    sign = ("-C", workspace, "scope", "sign")
    refused(call(*sign, "Z-9", "--key", key), "Z-9")
    refused(call(*sign, "A-1", "--key", tmp_path / "none.pem"), "none.pem")
    refused(call(*sign, "A-1", "--key", tmp_path / "junk.pem"), "junk.pem", "Ed25519")
    refused(call(*sign, "A-1", "--key", key, "--by", "a\u202eb"), "--by")
    revoke = ("-C", workspace, "scope", "revoke")
    refused(call(*revoke, "Z-9", "--by", "赵六", "--reason", "x"), "Z-9", "A-1")
    refused(call(*revoke, "A-1", "--by", " ", "--reason", "x"), "--by")
    refused(call(*revoke, "A-1", "--by", "赵六", "--reason", "a\nb"), "--reason")
    path.write_text("number = 1", encoding="utf-8")
    refused(call(*sign, "a.toml", "--key", key), "a.toml", "number")
    assert sorted(one.name for one in path.parent.iterdir()) == ["a.toml"]
