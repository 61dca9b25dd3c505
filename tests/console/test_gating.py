"""However many threads log in, a credential is refused at most twice; what is remembered holds across runs."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.gating import Gate
from evidence.credentials import CredentialEvent, Credentials
from evidence.scans import ScanRecord, Scans, Wanted
from scanners.transports.carrying import Credential, CredentialKind, Outcome, WithheldError
from xunyan.permits import Method, Permit, Target

PASSWORD = Credential("shared", "audit", CredentialKind.PASSWORD, password="x")  # noqa: S106
KEY = Credential("key", "audit", CredentialKind.KEY, key="x")


def permit(number: int) -> Permit:
    return Permit("n", f"10.0.0.{number}", 22, Method.SSH, datetime.now(UTC) + timedelta(hours=1), "L")


def record_in(folder: Path) -> ScanRecord:
    targets = tuple(Target(f"host:{n}", "n", f"10.0.0.{n}") for n in range(3))
    return Scans(folder / "scans").begin("2026-11-21T00:00:00Z", targets, learn_keys=False, wanted=Wanted())


def gate_in(folder: Path, record: ScanRecord | None = None) -> Gate:
    return Gate(record or record_in(folder), Credentials(folder / "credentials.jsonl"), lambda: datetime.now(UTC))


def try_all(
    gate: Gate, credential: Credential, right: set[int], count: int, threads: int
) -> tuple[list[int], list[int]]:
    """Let threads log in to hosts 0..count-1, of which `right` accept; return who was sent, and who was withheld."""
    sent: list[int] = []
    withheld: list[int] = []
    hosts = iter(range(count))
    guard = threading.Lock()

    def work() -> None:
        while True:
            with guard:
                number = next(hosts, None)
            if number is None:
                return
            try:
                gate.enter(f"host:{number}", permit(number), credential)
            except WithheldError:
                withheld.append(number)
                continue
            sent.append(number)
            outcome = Outcome.ACCEPTED if number in right else Outcome.REFUSED
            gate.leave(f"host:{number}", permit(number), credential, outcome)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    return sent, withheld


@pytest.mark.parametrize("threads", [1, 2, 20])
def test_a_wrong_password_is_sent_twice_in_all(tmp_path: Path, threads: int) -> None:
    gate = gate_in(tmp_path)
    sent, withheld = try_all(gate, PASSWORD, set(), 100, threads)
    assert len(sent) == 2
    assert len(withheld) == 98
    again, _ = try_all(gate_in(tmp_path), PASSWORD, set(range(100)), 100, threads)
    assert again == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(right=st.sets(st.integers(0, 19)), threads=st.integers(1, 8))
def test_never_a_third_refusal(tmp_path_factory: pytest.TempPathFactory, right: set[int], threads: int) -> None:
    sent, withheld = try_all(gate_in(tmp_path_factory.mktemp("gate")), PASSWORD, right, 20, threads)
    refused = [number for number in sent if number not in right]
    assert len(refused) <= 2
    assert sorted(sent + withheld) == list(range(20))
    if len(refused) < 2:
        assert withheld == []


def test_a_login_is_on_disk_before_it_may_be_sent(tmp_path: Path) -> None:
    record = record_in(tmp_path)
    gate_in(tmp_path, record).enter("host:1", permit(1), PASSWORD)
    assert [login.event for login in record.logins()] == ["sent"]


def test_renewing_puts_it_in_use_again_and_forgets_no_event(tmp_path: Path) -> None:
    try_all(gate_in(tmp_path), PASSWORD, set(), 5, 1)
    credentials = Credentials(tmp_path / "credentials.jsonl")
    credentials.add(CredentialEvent(at="2026-11-21T00:00:00Z", credential="shared", event="renewed", by="张三"))
    assert not credentials.standings()["shared"].stopped
    assert [event.event for event in credentials.events()] == ["refused", "refused", "renewed"]


def killed_while_sending(folder: Path, credential: Credential, hosts: int) -> Gate:
    record = record_in(folder)
    gate = gate_in(folder, record)
    for number in range(hosts):
        gate.enter(f"host:{number}", permit(number), credential)
    record.close()
    opened = Scans(folder / "scans").open(1)
    after = gate_in(folder, opened)
    after.settle(frozenset({"shared"}))
    return after


def test_a_password_that_was_sent_and_not_answered_counts_as_refused_until_some_host_took_it(tmp_path: Path) -> None:
    gate = killed_while_sending(tmp_path, PASSWORD, 2)
    assert gate.is_stopped("shared")


def test_a_key_that_was_sent_and_not_answered_counts_for_nothing(tmp_path: Path) -> None:
    assert not killed_while_sending(tmp_path, KEY, 2).is_stopped("key")


def test_a_proven_password_is_withheld_from_a_host_that_swallowed_it_three_times(tmp_path: Path) -> None:
    gate = gate_in(tmp_path)
    gate.enter("host:0", permit(0), PASSWORD)
    gate.leave("host:0", permit(0), PASSWORD, Outcome.ACCEPTED)
    for _ in range(3):
        gate.enter("host:1", permit(1), PASSWORD)
        gate.leave("host:1", permit(1), PASSWORD, Outcome.UNKNOWN)
    with pytest.raises(WithheldError, match="unclear-before"):
        gate.enter("host:1", permit(1), PASSWORD)
    gate.enter("host:2", permit(2), PASSWORD)


def test_closing_the_gate_frees_those_who_wait(tmp_path: Path) -> None:
    gate = gate_in(tmp_path)
    gate.enter("host:0", permit(0), PASSWORD)
    gate.enter("host:1", permit(1), PASSWORD)
    told: list[str] = []

    def wait() -> None:
        try:
            gate.enter("host:2", permit(2), PASSWORD)
        except WithheldError as error:
            told.append(error.detail)

    thread = threading.Thread(target=wait)
    thread.start()
    gate.close("stopped")
    thread.join(10)
    assert told == ["stopped"]


def test_a_permit_that_ran_out_while_waiting_sends_nothing(tmp_path: Path) -> None:
    record = record_in(tmp_path)
    over = Permit("n", "10.0.0.1", 22, Method.SSH, datetime.now(UTC), "L")
    with pytest.raises(WithheldError, match="permit-expired"):
        gate_in(tmp_path, record).enter("host:1", over, PASSWORD)
    assert list(record.logins()) == []


def test_two_logins_at_one_host_that_a_kill_cut_off_count_twice(tmp_path: Path) -> None:
    record = record_in(tmp_path)
    gate = gate_in(tmp_path, record)
    for _ in range(2):
        gate.enter("route:hop", permit(9), PASSWORD)
    record.close()
    after = gate_in(tmp_path, Scans(tmp_path / "scans").open(1))
    after.settle(frozenset({"shared"}))
    assert after.is_stopped("shared")


def test_a_refusal_that_was_noted_before_the_kill_is_not_counted_again(tmp_path: Path) -> None:
    record = record_in(tmp_path)
    gate = gate_in(tmp_path, record)
    gate.enter("host:1", permit(1), PASSWORD)
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    refused = CredentialEvent(at=at, credential="shared", event="refused", network="n", asset="host:1")
    Credentials(tmp_path / "credentials.jsonl").add(refused)
    record.close()
    after = gate_in(tmp_path, Scans(tmp_path / "scans").open(1))
    after.settle(frozenset({"shared"}))
    assert not after.is_stopped("shared")
