"""The `ansible` carrier against real SSH servers: what comes back, what each fault gives, and that nothing leaks."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.bastion import Bastion
from lab.farm import Farm
from lab.hosts import Host, make_specs
from lab.keys import make_key
from lab.rules import Rules
from scanners.transports.ansible import carry
from scanners.transports.carrying import (
    Answer,
    Bounds,
    Credential,
    CredentialKind,
    LoginGate,
    Order,
    Outcome,
    Route,
    RouteKind,
    WithheldError,
)
from xunyan.errors import InputError
from xunyan.model import GapReason
from xunyan.permits import Method, Permit

MISSING = [
    name for name in ("sshd", "ssh", "ssh-keygen") if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
]
pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"no {MISSING[:1]} here: apt-get install openssh-server openssh-client"),
    pytest.mark.skipif(os.geteuid() != 0, reason="hosts with users and faults of their own need root"),
]

PROJECT = Path(__file__).parents[3]
COLLECTOR = (PROJECT / "playbooks" / "collect.sh").read_bytes()
CANARY = "Kan4ri'e\"$x\\ 口令"
BOUNDS = Bounds(connect_seconds=3, login_seconds=4, answer_seconds=30, answer_bytes=1 << 20)
PLACES = (Path("/dev/shm"), Path("/tmp"))  # noqa: S108  # they are searched
SHORT = replace(BOUNDS, answer_seconds=3)
FAULTS = [
    "",
    "refused",
    "hang",
    "changed-key",
    "flood",
    "binary",
    "noisy",
    "silent",
    "hangup",
    "closed",
    "drops",
    "no-shell",
]


@dataclass
class Gate:
    """Writes down what passes; may be told to let nothing pass."""

    open: bool = True
    log: list[tuple[str, str, str]] = field(default_factory=list)

    def enter(self, asset: str, permit: Permit, credential: Credential) -> None:  # noqa: ARG002
        if not self.open:
            raise WithheldError("stopped")
        self.log.append(("enter", asset, credential.name))

    def leave(self, asset: str, permit: Permit, credential: Credential, outcome: Outcome) -> None:  # noqa: ARG002
        self.log.append(("leave", asset, outcome.value))


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    faults = dict(enumerate(FAULTS))
    specs = make_specs(len(FAULTS) + 1, first="127.88.3.1", users={"zhang": CANARY}, faults=faults)
    with Farm(tmp_path_factory.mktemp("farm"), specs) as raised:
        yield raised


def host(farm: Farm, fault: str) -> Host:
    return next(one for one in farm.hosts if one.spec.fault == fault)


def by_key(farm: Farm) -> Credential:
    return Credential("key", "ops", CredentialKind.KEY, key=farm.client_key)


PASSWORD = Credential("word", "zhang", CredentialKind.PASSWORD, password=CANARY)
WRONG = replace(PASSWORD, name="wrong", password=CANARY[1:])


def permit(address: str, port: int) -> Permit:
    return Permit("外网", address, port, Method.SSH, datetime.now(UTC) + timedelta(hours=1), "授权〔2026〕1号")


def order(farm: Farm, one: Host, credential: Credential | None = None) -> Order:
    known = make_key().line if one.spec.fault == "changed-key" else one.host_key
    address = permit(one.spec.address, one.port)
    return Order(f"host:{one.spec.name}", address, credential or by_key(farm), (known,))


def ask(
    folder: Path,
    orders: Sequence[Order],
    *,
    script: bytes = COLLECTOR,
    gate: LoginGate | None = None,
    bounds: Bounds = BOUNDS,
) -> list[Answer]:
    own = folder / "own"
    own.mkdir(mode=0o700)
    answers = dict(carry(orders, script, gate or Gate(), bounds, forks=8, folder=own))
    assert list(own.iterdir()) == []
    own.rmdir()
    assert set(answers) == set(orders)
    return [answers[one] for one in orders]


def by_ssh(farm: Farm, folder: Path, script: bytes) -> bytes:
    key = folder / "client"
    key.write_text(farm.client_key, "utf-8")
    key.chmod(0o600)
    (folder / "known").write_text(farm.known_hosts(), "utf-8")
    options = ["-F", "none", "-i", str(key), "-o", f"UserKnownHostsFile={folder / 'known'}"]
    place = ["-p", str(farm.port), f"ops@{host(farm, '').spec.address}", "sh -s"]
    return subprocess.run(["ssh", *options, *place], input=script, capture_output=True, check=True).stdout


def stable(body: bytes) -> list[tuple[str, str, object]]:
    rows = [json.loads(line) for line in body.decode().splitlines()]
    moving = {"connections", "listeners", "collector", "cpuinfo", "lscpu"}
    return [(row["source"], row["request"], row["source"] in moving or row.get("output")) for row in rows]


def failure(answer: Answer) -> tuple[GapReason, str]:
    assert answer.failure is not None
    return answer.failure.reason, answer.failure.detail.partition(":")[0]


def test_a_clean_host_gives_what_ssh_gives(farm: Farm, tmp_path: Path) -> None:
    gate = Gate()
    one = host(farm, "")
    before = len(one.attempts())
    (answer,) = ask(tmp_path, [order(farm, one)], gate=gate)
    assert answer.failure is None
    assert answer.host_key == one.host_key
    assert stable(answer.body) == stable(by_ssh(farm, tmp_path, COLLECTOR))
    assert len(one.attempts()) == before + 2  # ours, and the ssh that it is held against
    assert gate.log == [("enter", f"host:{one.spec.name}", "key"), ("leave", f"host:{one.spec.name}", "accepted")]


def test_every_byte_comes_through(farm: Farm, tmp_path: Path) -> None:
    script = (
        'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %03o $i)"; i=$((i+1)); done; echo\n'
        "printf '%s\\n' '市数据局 {{ 1 + 1 }} {% raw %} \\u0041 \\'\n"
        'awk \'BEGIN { for (i = 0; i < 60000; i++) printf "%s", "行"; print ""; print "\\r"; printf "no end" }\'\n'
    ).encode()
    (answer,) = ask(tmp_path, [order(farm, host(farm, ""))], script=script)
    assert answer.failure is None
    assert answer.body == by_ssh(farm, tmp_path, script)
    assert answer.body.startswith(bytes(range(256)))
    assert b"{{ 1 + 1 }}" in answer.body


@pytest.mark.parametrize(
    ("fault", "reason", "key", "outcome"),
    [
        ("refused", GapReason.DENIED, "login-refused", "refused"),
        ("hang", GapReason.TIMEOUT, "no-answer", "accepted"),
        ("changed-key", GapReason.IDENTITY_CHANGED, "host-key-changed", "unknown"),
        ("flood", GapReason.TOO_LARGE, "too-much", "accepted"),
        ("binary", GapReason.UNPARSABLE, "not-the-collector", "accepted"),
        ("silent", GapReason.TIMEOUT, "no-greeting", "unknown"),
        ("hangup", GapReason.UNREACHABLE, "handshake-failed", "unknown"),
        ("closed", GapReason.UNREACHABLE, "connection-refused", "unknown"),
        ("drops", GapReason.INTERRUPTED, "connection-lost", "accepted"),
        ("no-shell", GapReason.UNPARSABLE, "not-the-collector", "accepted"),
    ],
)
def test_each_fault_has_its_name(
    farm: Farm, tmp_path: Path, fault: str, reason: GapReason, key: str, outcome: str
) -> None:
    gate = Gate()
    one = host(farm, fault)
    (answer,) = ask(tmp_path, [order(farm, one)], gate=gate, bounds=SHORT)
    assert failure(answer) == (reason, key)
    assert [what for what, *_ in gate.log] == ["enter", "leave"]
    assert gate.log[-1][2] == outcome
    assert len(one.attempts()) == (outcome != "unknown")


def test_start_files_that_print_do_not_matter(farm: Farm, tmp_path: Path) -> None:
    (answer,) = ask(tmp_path, [order(farm, host(farm, "noisy"))])
    assert answer.failure is None
    assert json.loads(answer.body.splitlines()[0])["schema"] == "xunyan.capture/1"


def test_an_unknown_key_is_not_trusted_unless_it_may_be_learnt(farm: Farm, tmp_path: Path) -> None:
    one = host(farm, "")
    unknown = replace(order(farm, one), host_keys=())
    before = len(one.attempts())
    (answer,) = ask(tmp_path, [unknown])
    assert failure(answer) == (GapReason.NOT_ASKED, "host-key-unknown")
    assert len(one.attempts()) == before
    (answer,) = ask(tmp_path, [replace(unknown, learn=True)], script=b"echo hello")
    assert (answer.body, answer.host_key, answer.failure) == (b"hello\n", one.host_key, None)


def test_a_password_is_sent_once(farm: Farm, tmp_path: Path) -> None:
    right, wrong = host(farm, ""), farm.hosts[-1]
    gate = Gate()
    before = len(right.attempts()), len(wrong.attempts())
    answers = ask(tmp_path, [order(farm, right, PASSWORD), order(farm, wrong, WRONG)], script=b"id -un", gate=gate)
    assert (answers[0].body, answers[0].failure) == (b"zhang\n", None)
    assert failure(answers[1]) == (GapReason.DENIED, "login-refused")
    assert (len(right.attempts()), len(wrong.attempts())) == (before[0] + 1, before[1] + 1)
    assert sorted(gate.log)[2:] == [
        ("leave", f"host:{right.spec.name}", "accepted"),
        ("leave", f"host:{wrong.spec.name}", "refused"),
    ]


def test_the_gate_withholds(farm: Farm, tmp_path: Path) -> None:
    one = host(farm, "")
    before = len(one.attempts())
    (answer,) = ask(tmp_path, [order(farm, one)], gate=Gate(open=False))
    assert failure(answer) == (GapReason.DENIED, "login-withheld")
    assert len(one.attempts()) == before


def test_a_permit_that_ran_out_lets_nobody_in(farm: Farm, tmp_path: Path) -> None:
    one = order(farm, host(farm, ""))
    gate = Gate()
    past = replace(one, permit=replace(one.permit, expires=datetime.now(UTC) - timedelta(seconds=1)))
    (answer,) = ask(tmp_path, [past], gate=gate)
    assert failure(answer) == (GapReason.NOT_ASKED, "permit-expired")
    assert gate.log == []


def test_sudo_is_taken_where_the_host_lets_us(farm: Farm, tmp_path: Path) -> None:
    one = order(farm, host(farm, ""))
    root = replace(one, credential=replace(one.credential, user="root"))
    (answer,) = ask(tmp_path, [replace(root, sudo=True)], script=b"id -un")
    assert answer.body == b"root\n"
    (answer,) = ask(tmp_path, [replace(one, sudo=True)], script=b"id -un")
    assert (answer.body, answer.sudo, answer.failure) == (b"ops\n", False, None)


def test_through_a_jump_host(farm: Farm, tmp_path: Path) -> None:
    jump, end = farm.hosts[-1], host(farm, "")
    route = Route("跳板", RouteKind.JUMP, permit(jump.spec.address, jump.port), PASSWORD, (jump.host_key,))
    gate = Gate()
    through = replace(order(farm, end), route=route)
    closed = replace(order(farm, host(farm, "closed")), route=route)
    shut = replace(through, asset="host:x", route=replace(route, credential=WRONG))
    good, refused, hop = ask(tmp_path, [through, closed, shut], script=b"echo $SSH_CONNECTION", gate=gate)
    assert good.failure is None
    assert good.body.decode().split()[2] == end.spec.address
    assert failure(refused) == (GapReason.UNREACHABLE, "connection-refused")
    assert hop.failure is not None
    assert hop.failure.detail.startswith("hop: 跳板: login-refused")
    assert ("leave", "route:跳板", "accepted") in gate.log
    assert len([what for what, *_ in gate.log if what == "enter"]) == len(gate.log) / 2


def test_through_a_bastion(farm: Farm, tmp_path: Path) -> None:
    one = host(farm, "")
    rules = Rules(users={"巡检": CANARY}, plain=True)
    with Bastion(tmp_path / "bastion", farm, rules, address="127.88.4.1") as bastion:
        person = Credential("bastion", "巡检", CredentialKind.PASSWORD, password=CANARY)
        way = permit(bastion.address, bastion.port)
        route = Route("堡垒", RouteKind.BASTION, way, person, (bastion.host_key,))
        (answer,) = ask(tmp_path, [replace(order(farm, one), route=route)], script=b"id -un")
        coded = replace(route, credential=replace(person, one_time_code=True))
        (missing,) = ask(tmp_path, [replace(order(farm, one), route=coded)])
    assert (answer.body, answer.failure) == (b"ops\n", None)
    assert failure(missing) == (GapReason.DENIED, "code-missing")


def test_a_code_that_is_asked_for_unforeseen_is_no_refusal(farm: Farm, tmp_path: Path) -> None:
    one = host(farm, "")
    gate = Gate()
    with Bastion(
        tmp_path / "bastion", farm, Rules(users={"li": CANARY}, codes=["123456"]), address="127.88.4.2"
    ) as bastion:
        person = replace(PASSWORD, user="li")
        way = permit(bastion.address, bastion.port)
        route = Route("堡垒", RouteKind.BASTION, way, person, (bastion.host_key,))
        (answer,) = ask(tmp_path, [replace(order(farm, one), route=route)], gate=gate)
    assert failure(answer) == (GapReason.DENIED, "code-missing")
    assert gate.log[-1][2] == "unknown"


def test_a_key_that_cannot_be_read_stops_all_before_anything_is_sent(farm: Farm, tmp_path: Path) -> None:
    gate = Gate()
    bad = Credential("bad", "ops", CredentialKind.KEY, key="no key")
    with pytest.raises(InputError):
        ask(tmp_path, [order(farm, host(farm, "")), order(farm, farm.hosts[-1], bad)], gate=gate)
    assert gate.log == []


def test_ansible_dying_leaves_an_answer_for_everyone(farm: Farm, tmp_path: Path) -> None:
    orders = [order(farm, host(farm, "hang"))]
    timer = threading.Timer(2, kill_playbook, [tmp_path])
    timer.start()
    (answer,) = ask(tmp_path, orders)
    timer.join()
    assert failure(answer) == (GapReason.INTERRUPTED, "carrier-failed")
    assert wait_for(lambda: not family(tmp_path))


def test_closing_the_iterator_ends_everything(farm: Farm, tmp_path: Path) -> None:
    gate = Gate()
    fast, slow = order(farm, host(farm, "")), order(farm, host(farm, "hang"))
    answers = carry([fast, slow], COLLECTOR, gate, BOUNDS, forks=4, folder=tmp_path)
    assert next(answers)[0] is fast
    answers.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []
    assert wait_for(lambda: not family(tmp_path))
    assert sorted(what for what, *_ in gate.log) == ["enter", "enter", "leave", "leave"]


def test_the_password_and_the_key_are_nowhere(farm: Farm, tmp_path: Path) -> None:
    began = time.time() - 1
    piece = farm.client_key.splitlines()[2].encode()
    secrets = [CANARY.encode(), CANARY.encode("unicode_escape"), json.dumps(CANARY).encode(), piece]
    seen: list[str] = []
    kinds: set[str] = set()
    done = threading.Event()
    watcher = threading.Thread(target=watch, args=(tmp_path, secrets, seen, kinds, done))
    watcher.start()
    hosts = [one for one in farm.hosts if one.spec.fault in {"", "noisy"}]
    jump = Route(
        "j", RouteKind.JUMP, permit(farm.hosts[-1].spec.address, farm.port), PASSWORD, (farm.hosts[-1].host_key,)
    )
    orders = [order(farm, one, PASSWORD) for one in hosts] + [order(farm, one) for one in hosts]
    orders.append(replace(order(farm, hosts[0], PASSWORD), asset="host:j", route=jump))
    answers = ask(tmp_path, orders)
    done.set()
    watcher.join()
    assert [one.failure for one in answers] == [None] * len(orders)
    assert {"ssh", "login.pyc", "playbook"} <= kinds  # the watcher did see them at work
    for top in PLACES:
        seen += leaks(top, secrets, began, farm.folder)
    assert seen == []


def watch(folder: Path, secrets: list[bytes], seen: list[str], kinds: set[str], done: threading.Event) -> None:
    """Look at arguments and environments of all our children, and at the private folder, again and again."""
    while not done.is_set():
        for pid in family(folder):
            words = arguments(pid)
            kinds.update(Path(word).name for word in words.split("\0"))
            for kind in ("cmdline", "environ"):
                try:
                    held = Path(f"/proc/{pid}/{kind}").read_bytes()
                except OSError:
                    continue
                seen += [f"{kind} of {words!r}" for one in secrets if one in held]
        seen += leaks(folder, secrets, 0, folder / "bastion")


def leaks(top: Path, secrets: list[bytes], since: float, without: Path) -> list[str]:
    found = []
    for place, folders, names in os.walk(top):
        folders[:] = [name for name in folders if Path(place, name) != without]
        for path in (Path(place, name) for name in names):
            try:
                if path.is_fifo() or not path.is_file() or path.stat().st_mtime < since:
                    continue
                held = path.read_bytes() if path.stat().st_size < 1 << 24 else b""
            except OSError:
                continue
            found += [str(path) for one in secrets if one in held]
    return found


def kill_playbook(folder: Path) -> None:
    for pid in family(folder):
        if "playbook" in arguments(pid):
            os.kill(pid, 9)


def family(folder: Path) -> list[int]:
    """All processes that work in a private folder below this one: ansible-playbook, its workers, our program, ssh."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                place = str((entry / "cwd").readlink())
            except OSError:
                continue
            found += [int(entry.name)] if place.startswith(f"{folder}") else []
    return found


def arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")
    except OSError:
        return ""


def wait_for(true: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
    return true()


def test_the_playbook_is_good() -> None:
    book = PROJECT / "playbooks" / "collect.yml"
    command = [sys.executable, "-m", "ansible", "playbook", "--syntax-check", "-i", "h0,", str(book)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
