"""Questions that real clients put from the place of a lab's scanner: pages over one address, names of one server, sockets."""

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from lab.grounds.namespaces import Namespaces

_FETCH = """
import hashlib, http.client, json, socket, ssl, sys

def one(address, port, host, path, tls, most):
    told = {}
    try:
        plain = socket.create_connection((address, port), 2)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            plain = context.wrap_socket(plain, server_hostname=host or address)
            told["certificate"] = plain.getpeercert(True).hex()
        plain.settimeout(4)
        client = http.client.HTTPConnection(address, port)
        client.sock = plain
        client.request("GET", path, headers={"Host": host or "lab"})
        answer = client.getresponse()
        told |= {"status": answer.status, "location": answer.getheader("location", ""),
                 "length": answer.getheader("content-length", ""), "body": answer.read(most).decode("utf-8", "replace")}
        client.close()
    except Exception as error:
        told["error"] = type(error).__name__
    return told

print(json.dumps([one(*row) for row in json.loads(sys.stdin.read())]))
"""
_ASK = """
import json, sys
import dns.exception, dns.flags, dns.message, dns.query, dns.rcode

def one(server, name, kind, recursion):
    query = dns.message.make_query(name, kind)
    if not recursion:
        query.flags = dns.flags.Flag(0)
    try:
        said = dns.query.udp(query, server, 4 if recursion else 1)
    except (OSError, dns.exception.DNSException) as error:
        return {"error": type(error).__name__}
    return {"rcode": dns.rcode.to_text(said.rcode()), "authoritative": bool(said.flags & dns.flags.AA),
            "answers": [one for each in said.answer for one in each.to_text().splitlines()]}

print(json.dumps([one(*row) for row in json.loads(sys.stdin.read())]))
"""


def fetch(ground: Namespaces, rows: Iterable[tuple[str, int, str, str]], most: int = 65536) -> list[dict[str, Any]]:
    """Get pages as (address, port, name, path), with TLS at 443: status, location, length, body, certificate, or the error."""
    return _run(ground, _FETCH, [[*row, row[1] == 443, most] for row in rows])


def ask(ground: Namespaces, rows: Iterable[tuple[str, str, str]], *, recursion: bool = False) -> list[dict[str, Any]]:
    """Ask as (server, name, type): rcode, whether with authority, the answers, or the error."""
    return _run(ground, _ASK, [[*row, recursion] for row in rows])


def sockets(ground: Namespaces, member: str) -> list[list[str]]:
    """Say what `ss` shows in a member's network: state, own end, other end."""
    words = [str(ground.outside(member)) if one.isdigit() else one for one in ground.words([])]
    done = subprocess.run([*words, "ss", "-H", "-tan"], capture_output=True, text=True, timeout=30, check=True)
    return [[line.split()[0], *line.split()[3:5]] for line in done.stdout.splitlines()]


def _run(ground: Namespaces, script: str, rows: list[Any]) -> list[dict[str, Any]]:
    done = subprocess.run(
        ground.words([sys.executable, "-c", script]), input=json.dumps(rows), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told
