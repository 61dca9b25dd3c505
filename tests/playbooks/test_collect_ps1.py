"""The text of the Windows collector: what it asks, that it only reads, and that no code page can spoil it.

There is no PowerShell where these tests run, so the script has never been executed by them: they hold its text to what
can be said of a text. What was tried and what was not stands in docs/windows.md.
"""

import re

import pytest

from scanners.platforms import PLATFORMS
from scanners.platforms.windows.requests import REQUESTS
from tests.making import PROJECT

SCRIPT = (PROJECT / "playbooks" / "collect.ps1").read_bytes()
TEXT = SCRIPT.decode("ascii")  # Windows PowerShell reads a script without a mark in the ANSI code page
BLOCK_COMMENT = re.compile(r"<#.*?#>", re.DOTALL)
STRING = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"`]|`.)*\"")
COMMENT = re.compile(r"#.*")
CODE = BLOCK_COMMENT.sub("", TEXT)
OWN = {"Get-Quoted", "Get-Moment", "Get-Envelope", "Get-Detail", "Get-Reason", "Get-OwnAddress", "Write-Line"}
READING = {
    "Get-CimInstance", "Get-ItemProperty", "Get-NetRoute", "Select-Object", "ForEach-Object", "Where-Object",
    "ConvertTo-Json",
}  # fmt: skip
# Static members of .NET. The only one that can write is File.Open, for the file that the operator names.
STATIC = {
    "regex::Replace", "DateTime::UtcNow", "System.Globalization.CultureInfo::InvariantCulture",
    "System.Text.Encoding::ASCII", "Console::Error", "Console::OpenStandardOutput", "Environment::UserDomainName",
    "Environment::UserName", "System.IO.File::Exists", "System.IO.File::Open", "System.Net.Dns::GetHostName",
    "System.Net.NetworkInformation.NetworkInterface::GetAllNetworkInterfaces",
    "System.Security.Principal.WindowsIdentity::GetCurrent", "Microsoft.Win32.RegistryKey::OpenBaseKey",
}  # fmt: skip
METHODS = {
    "Replace", "ToString", "GetEnumerator", "GetBytes", "Write", "Flush", "Dispose", "Trim", "Substring", "GetType",
    "GetBaseException", "GetIPProperties", "GetPhysicalAddress", "WriteLine", "IsInRole", "ToLowerInvariant", "OpenSubKey",
    "GetValue", "GetUnresolvedProviderPathFromPSPath",
}  # fmt: skip


def bare(code: str) -> str:
    """The code without strings, with an empty pair of quotes in place of each, and without comments."""
    return "\n".join(COMMENT.sub("", STRING.sub("''", line)) for line in code.splitlines())


def test_it_is_ascii_with_unix_line_ends_and_says_what_it_needs() -> None:
    assert b"\r" not in SCRIPT
    assert b"\t" not in SCRIPT
    assert TEXT.startswith("#requires -Version 3.0\n")
    assert "UTF-16" in TEXT
    assert ".PARAMETER Output" in TEXT
    named = re.search(r"param\((.*?)\n\)", CODE, re.DOTALL)
    assert named
    assert re.findall(r"\[string\]\$(\w+)", named[1]) == ["Asset", "Unit", "Network", "Site", "Address", "Output"]


def test_it_holds_every_request_word_for_word_and_no_other() -> None:
    asked = re.findall(r"^  '([\w-]+)' = \{ (.*) \}$", TEXT, re.MULTILINE)
    assert dict(asked) == dict(REQUESTS)
    assert [source for source, _ in asked] == list(REQUESTS)


@pytest.mark.parametrize("source", REQUESTS)
def test_a_request_is_one_short_line_that_any_transport_carries(source: str) -> None:
    request = REQUESTS[source]
    assert len(request) < 2000
    assert request.isascii()
    assert request.isprintable()
    assert not {'"', "%", "`", "&", "<", ">"}.intersection(request)
    assert source in PLATFORMS["windows"].known


def test_every_source_that_is_read_is_asked_for() -> None:
    windows = PLATFORMS["windows"]
    assert windows.known == {*REQUESTS, "collector"}
    assert windows.ending == "collector"
    assert "'collector' 'collect.ps1'" in TEXT


def test_it_only_reads() -> None:
    code = bare(CODE)
    # Commands stand in requests and in code alike; a string cannot be one, since nothing here evaluates strings.
    assert set(re.findall(r"\b[A-Z]\w+-[A-Z]\w+\b", code)) == OWN | READING
    assert set(re.findall(r"^function ([\w-]+)", code, re.MULTILINE)) == OWN
    assert {f"{kind}::{name}" for kind, name in re.findall(r"\[([\w.]+)\]::(\w+)", code)} == STATIC
    assert set(re.findall(r"\.(\w+)\(", code)) == METHODS
    assert re.findall(r"File\]::Open\(.*\)", CODE) == ["File]::Open($path, 'CreateNew', 'Write')"]
    assert not re.search(r"(?i)invoke|iex\b|add-type|\bnew-object\b|\bcmd\b|\breg\b|\.exe|scriptblock", code)
    assert not re.search(r"(?<![-=])>", code.replace("$found", ""))  # no redirection
    assert re.findall(r"& *(\S+)", code) == ["$Requests[$source]"]
    assert re.findall(r"(?<![\w'-])netstat .*?(?= \|)", code) == ["netstat -ano", "netstat -ano"]


def test_product_keys_and_ids_are_not_asked_for() -> None:
    assert "SerialNumber" not in REQUESTS["operating-system"]
    assert not re.search(r"(?i)productkey|digitalproductid|productid|softwarelicens", TEXT)


def test_brackets_and_quotes_are_in_pairs() -> None:
    waiting: list[tuple[str, int]] = []
    for number, line in enumerate(bare(CODE).splitlines(), 1):
        assert '"' not in line, f"a quote is left open: {line}"
        for mark in line:
            if mark in "([{":
                waiting.append((mark, number))
            elif mark in ")]}":
                assert waiting, f"line {number}: {line}"
                assert waiting.pop()[0] + mark in ("()", "[]", "{}"), f"line {number}: {line}"
    assert waiting == []


def test_envelope_has_the_contracts_names() -> None:
    body = re.search(r"function Get-Envelope.*?\n}\n", CODE, re.DOTALL)
    assert body
    named = re.findall(r"(?:^|[;{ ])(schema|asset|kind|platform|unit) = ", body[0])
    named += re.findall(r"\$members\['(\w+)'\]", body[0])
    assert named == [
        "schema", "asset", "kind", "platform", "unit", "network", "site", "address", "source", "request", "taken_at",
        "taken_by",
    ]  # fmt: skip
    assert "kind = 'endpoint'; platform = 'windows'" in body[0]
