"""The `ansible` carrier: hosts that operations reach by Ansible, asked by one `raw` command through our own ssh.

ansible-runner runs `playbooks/collect.yml` over a generated inventory of judged addresses. Ansible starts our program
(`ansible_ssh`) as its ssh, which asks the scanner at the door (`ansible_door`) before it logs in; the scanner journals
the login, writes the command, hands over the password or signs with the key, watches ssh's log and ends it in time.
So Ansible has no secret, cannot log in twice, and cannot go anywhere that was not judged.
"""

import secrets
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scanners.transports.ansible_door import Door, Report
from scanners.transports.ansible_options import steps
from scanners.transports.ansible_run import Run
from scanners.transports.carrying import (
    Answer,
    Bounds,
    CredentialKind,
    Failure,
    LoginGate,
    Order,
    RouteKind,
    after_mark,
    first_words,
    prelude,
)
from scanners.transports.signing import open_key
from xunyan.model import GapReason

WITH_SUDO = " sudo"


def carry(
    orders: Sequence[Order], script: bytes, gate: LoginGate, bounds: Bounds, *, forks: int, folder: Path
) -> Iterator[tuple[Order, Answer]]:
    """Ask all hosts, `forks` at a time; give each order's answer as soon as it is there, exactly one for each.

    `folder` is an empty folder of the caller's for this call alone; it is empty again at the end, however that comes.
    Closing the iterator ends ansible-playbook and all logins. Raises InputError where a private key cannot be read,
    before anything is sent.
    """
    wanted: dict[str, Order] = {}
    for order in orders:
        missing = _cannot(order)
        if missing is None:
            wanted[f"h{len(wanted)}"] = order
        else:
            yield order, Answer(b"", missing)
    if not wanted:
        return
    for alias, order in wanted.items():
        for step in steps(order, alias):
            if step.credential.kind is not CredentialKind.PASSWORD:
                open_key(step.credential)
    mark = secrets.token_hex(16)
    commands = {False: prelude(mark), True: sudo_command(mark)}
    run = Run(folder, "collect.yml", inventory(wanted, commands), forks)
    try:
        run.install_wrapper()
        (folder / "script").write_bytes(script)
        door = Door(wanted, commands, gate, bounds, folder)
        try:
            left = dict(wanted)
            for alias, _, result in run.events():
                if alias in left:
                    yield left.pop(alias), answer(door.reports[alias], result, mark)
            for alias, order in left.items():
                yield order, Answer(b"", _unheard(door.reports[alias], run.words))
        finally:
            door.close()
    finally:
        run.close()


def sudo_command(mark: str) -> str:
    """Write the remote command that takes sudo where the host lets us without a question, and says so at the mark."""
    test = "sudo -n true </dev/null >/dev/null 2>&1"
    raised = prelude(mark + WITH_SUDO, "exec sudo -n sh -s")
    return "exec sh -c " + shlex.quote(f"if {test}; then {raised}; else {prelude(mark)}; fi")


def inventory(orders: Mapping[str, Order], commands: Mapping[bool, str]) -> dict[str, Any]:
    """Write the inventory: addresses, ports and our own names, and nothing that anyone else wrote."""
    groups: dict[str, Any] = {
        name: {"hosts": {}, "vars": {"xunyan_command": commands[sudo]}}
        for name, sudo in (("plain", False), ("raised", True))
    }
    for alias, order in orders.items():
        permit = steps(order, alias)[0].permit
        groups["raised" if order.sudo else "plain"]["hosts"][alias] = {
            "ansible_host": permit.address,
            "ansible_port": permit.port,
            "ansible_ssh_extra_args": f"-o HostKeyAlias={alias}",
        }
    return {"all": {"vars": {"ansible_connection": "ssh"}, "children": groups}}


def answer(report: Report, result: Mapping[str, Any], mark: str) -> Answer:
    """Put together what the door knows of a login and what Ansible brought of the output."""
    output = str(result.get("stdout", "")).encode("latin-1", "replace")
    body = after_mark(output, mark)
    raised = f"\n{mark}{WITH_SUDO}\n".encode() in output
    failure = report.failure
    if not report.ended:
        failure = _unheard(report, [str(result.get("msg", ""))])
    elif failure is None and body is None:
        failure = Failure(GapReason.UNPARSABLE, f"not-the-collector: {first_words(output)}".rstrip(": "))
    return Answer(body or b"", failure, report.host_key, raised)


def _unheard(report: Report, words: Sequence[str]) -> Failure:
    if report.failure is not None:
        return report.failure
    said = first_words(" ".join(words).encode())
    return Failure(GapReason.INTERRUPTED, f"carrier-failed: ansible: {said}".rstrip(": "))


def _cannot(order: Order) -> Failure | None:
    """Say what this carrier has no way to do."""
    route = order.route
    logins = [order.credential] if route is None or route.kind is RouteKind.JUMP else []
    logins += [route.credential] if route is not None else []
    if any(one.one_time_code for one in logins):
        return Failure(GapReason.DENIED, "code-missing: use the ssh carrier")
    return None
