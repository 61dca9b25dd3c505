"""The `ansible` carrier for Windows: one login by WinRM for each host, and short PowerShell requests that only read.

Built from the documentation of ansible-core and pywinrm. It could not be tried against a real Windows machine here: what
is tested is the inventory, the playbook, the plugin's loading, the door and its gate, and that no secret is written.
"""

import ast
import importlib.util
import json
import math
import socket
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ansible

from scanners.transports.ansible_door import Report
from scanners.transports.ansible_listening import Listener, Pass
from scanners.transports.ansible_run import Run
from scanners.transports.carrying import Bounds, Failure, LoginGate, Order, Outcome, WithheldError, first_words
from scanners.transports.dialing import DialError, dial
from xunyan.errors import UsageError
from xunyan.model import GapReason
from xunyan.wording import Text

Outputs = Mapping[str, tuple[str, int]]
"""Source -> what PowerShell printed, and its exit status."""

CONNECT_SECONDS = 10.0
CANNOT = Failure(GapReason.UNSUPPORTED, "carrier-failed: WinRM takes a direct way and a password")
TWICE = Failure(GapReason.NOT_ASKED, "carrier-failed: this address and port stand twice in one run")

FAILURES: Sequence[tuple[str, GapReason, str]] = (
    ("Connection refused", GapReason.UNREACHABLE, "connection-refused"),
    ("timed out", GapReason.TIMEOUT, "no-answer"),
    ("Max retries", GapReason.UNREACHABLE, "no-connection"),
    ("SSL", GapReason.UNREACHABLE, "handshake-failed"),
)


def carry_windows(
    orders: Sequence[Order],
    commands: Mapping[str, str],
    gate: LoginGate,
    bounds: Bounds,
    *,
    forks: int,
    folder: Path,
    transport: str = "ntlm",
) -> Iterator[tuple[Order, Outputs | Failure]]:
    """Ask all hosts every command (source -> PowerShell); give each order's outputs, or why there are none.

    `folder` as for `carry`. Needs the extra `winrm`: raises UsageError without it.
    """
    if importlib.util.find_spec("winrm") is None:
        raise UsageError(
            Text("缺少 pywinrm，不能采集 Windows", "pywinrm is missing, which Windows hosts need"),
            advice=Text("安装 xunyan[winrm]", "install xunyan[winrm]"),
        )
    wanted: dict[str, Order] = {}
    for order in orders:
        place = (order.permit.address, order.permit.port)
        if order.route is not None or not order.credential.password:
            yield order, CANNOT
        elif place in {(one.permit.address, one.permit.port) for one in wanted.values()}:
            yield order, TWICE
        else:
            wanted[f"h{len(wanted)}"] = order
    if not wanted:
        return
    run = Run(folder, "collect-windows.yml", windows_inventory(wanted, commands, bounds, transport), forks)
    try:
        (folder / "connection").mkdir(mode=0o700)
        (folder / "connection" / "xunyan_winrm.py").write_text(plugin(), "utf-8")
        desk = Desk(wanted, gate, folder)
        try:
            left = dict(wanted)
            for alias, _, result in run.events():
                if alias in left:
                    yield left.pop(alias), outputs(desk.reports[alias], result, commands, bounds)
            for alias, order in left.items():
                yield order, desk.reports[alias].failure or _failed(" ".join(run.words))
        finally:
            desk.close()
    finally:
        run.close()


def windows_inventory(
    orders: Mapping[str, Order], commands: Mapping[str, str], bounds: Bounds, transport: str
) -> dict[str, Any]:
    """Write the inventory: addresses, ports, our own names and the requests; whose account it is stands nowhere."""
    hosts = {
        alias: {
            "ansible_host": order.permit.address,
            "ansible_port": order.permit.port,
            "ansible_winrm_scheme": "http" if order.permit.port == 5985 else "https",
        }
        for alias, order in orders.items()
    }
    settings = {
        "ansible_connection": "xunyan_winrm",
        "ansible_shell_type": "powershell",
        "ansible_winrm_transport": transport,
        "ansible_winrm_connection_timeout": math.ceil(bounds.login_seconds),
        "xunyan_requests": b64encode(json.dumps(dict(commands)).encode()).decode(),  # Ansible would read braces in it
        "xunyan_seconds": math.ceil(bounds.connect_seconds + bounds.login_seconds + bounds.answer_seconds),
    }
    return {"all": {"vars": settings, "hosts": hosts}}


def plugin() -> str:
    """Write the connection plugin: our program, and the options that Ansible's own plugin declares."""
    own = Path(__file__).with_name("ansible_winrm.py").read_text("utf-8")
    theirs = Path(str(ansible.__file__)).parent / "plugins" / "connection" / "winrm.py"
    for node in ast.parse(theirs.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION":
            return f"{own}\n\nDOCUMENTATION = {ast.literal_eval(node.value)!r}\n"
    raise UsageError(Text("这个版本的 Ansible 没有 winrm", "this Ansible has no winrm"))


class Desk(Listener):
    """Gives each host's account to its one login, after the gate let it pass, and hears how that ended."""

    def __init__(self, orders: Mapping[str, Order], gate: LoginGate, folder: Path) -> None:
        self.places = {(one.permit.address, one.permit.port): alias for alias, one in orders.items()}
        self.orders = orders
        self.reports = {alias: Report() for alias in orders}
        self.gate = gate
        super().__init__(folder)

    def serve(self, client: socket.socket) -> None:
        """Take one question: an address and a port, each once."""
        client.settimeout(600)
        stream = client.makefile("rw", encoding="utf-8")
        address, port = json.loads(stream.readline())
        with self.lock:
            alias = self.places.pop((str(address), int(port)), "")
        if not alias or self.closing.is_set():
            return
        order, report = self.orders[alias], self.reports[alias]
        try:
            dial(order.permit, CONNECT_SECONDS).close()  # a host that is off is not sent a password
            granted = Pass(self.gate, order.asset, order.permit, order.credential)
        except DialError as error:
            report.failure = error.failure
            return
        except WithheldError as error:
            report.failure = Failure(GapReason.DENIED, f"login-withheld: {error.detail}")
            return
        outcome = Outcome.UNKNOWN
        try:
            stream.write(json.dumps({"user": order.credential.user, "password": order.credential.password}) + "\n")
            stream.flush()
            said, why = json.loads(stream.readline() or '["unknown", ""]')
            outcome = Outcome(said)
            report.failure = _login_failure(outcome, str(why), order)
        finally:
            granted.settle(outcome)
            report.ended = True


def outputs(
    report: Report, result: Mapping[str, Any], commands: Mapping[str, str], bounds: Bounds
) -> Outputs | Failure:
    """Read what the plugin printed: source -> output and exit status."""
    if report.failure is not None:
        return report.failure
    text = str(result.get("stdout", ""))
    if not text:
        return _failed(str(result.get("msg", "")))
    if len(text) > bounds.answer_bytes:
        return Failure(GapReason.TOO_LARGE, f"too-much: {bounds.answer_bytes >> 20} MiB")
    try:
        rows = {source: (str(row[0]), int(row[1])) for source, row in json.loads(text).items() if source in commands}
    except (ValueError, TypeError, LookupError, AttributeError):
        return Failure(GapReason.UNPARSABLE, f"not-the-collector: {first_words(text.encode())}")
    return rows


def _login_failure(outcome: Outcome, why: str, order: Order) -> Failure | None:
    if outcome is Outcome.ACCEPTED:
        return None
    if outcome is Outcome.REFUSED:
        return Failure(GapReason.DENIED, f"login-refused: {order.credential.user}")
    return _failed(why)


def _failed(why: str) -> Failure:
    said = first_words(why.encode())
    for sign, reason, key in FAILURES:
        if sign in why:
            return Failure(reason, f"{key}: {said}")
    return Failure(GapReason.INTERRUPTED, f"carrier-failed: ansible: {said}".rstrip(": "))
