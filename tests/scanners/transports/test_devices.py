"""The netmiko carrier against the lab's devices: read whole, one login each, and never a line that is not on the list."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace as replace_fields

from lab.devices.service import FAULTS
from lab.devices.vendors import VENDORS as SIMULATED
from lab.keys import make_key
from lab.scenario.model import Device, Interface, Route
from scanners.platforms.devices import VENDORS
from scanners.platforms.devices.commands import VRF_NAME
from scanners.platforms.devices.vrf_tables import MOST_VRFS
from scanners.transports.carrying import Bounds, Credential, CredentialKind, Outcome
from tests.lab.telling import questions
from tests.lab.test_devices import Rack
from tests.lab.test_devices_tables import USERS, make
from tests.scanners.platforms.devices.answering import everything
from tests.scanners.transports.racking import (
    COMMANDS,
    NOT_IN_THE_LAB,
    PLATFORM_OF,
    Book,
    allowed,
    ask,
    attempts,
    beyond_the_list,
    directly,
    order,
    texts,
    without_clock,
)
from xunyan.permits import Method, Permit

EVERY = pytest.mark.parametrize("vendor", sorted(SIMULATED))
SECRET = "升级 En@ble+?"  # noqa: S105  # of the lab
WHY = {
    "refused": ("denied", "login-refused"),
    "hang": ("timeout", "no-answer"),
    "silent": ("timeout", "no-greeting"),
    "flood": ("too-large", "too-much"),
    "binary": ("unparsable", "no-prompt"),
    "slow": ("timeout", "no-answer"),
    "changed-key": ("identity-changed", "host-key-changed"),
    "wrong-banner": ("timeout", "no-greeting"),
    "drops": ("interrupted", "connection-lost"),
    "closed": ("unreachable", "connection-refused"),
    "change-password": ("denied", "password-change"),
    "close-mid-command": ("interrupted", "connection-lost"),
    "pages-always": ("", ""),
}
NEVER_ASKED = {"refused", "silent", "changed-key", "wrong-banner", "closed"}
TIGHT = Bounds(login_seconds=1.5, answer_seconds=1.5, answer_bytes=300_000)
FAKE = "FAKES-ITS-PROMPT-1"
MANY = "MANY-VRFS-1"


def _fleet() -> list[Device]:
    devices = [make(vendor, vendor) for vendor in SIMULATED]
    devices += [make(vendor, f"{vendor}-low", enable=SECRET) for vendor in SIMULATED]
    devices += [make(vendor, f"{vendor}-{fault}", fault=fault) for vendor in SIMULATED for fault in FAULTS if fault]
    devices += [make(vendor, f"{vendor}-hostile", hostile=True, banner="Keep out") for vendor in SIMULATED]
    devices += [make(vendor, f"{vendor}-lines", fault="pages-always", page=9) for vendor in SIMULATED]
    devices += [make(vendor, f"{vendor}-vrfs", interfaces=_bound(vendor, VRFS)) for vendor in SIMULATED]
    names = [f"V{number:03}" for number in range(200)]
    learned = [
        Route(prefix=f"10.{number}.{at}.0/24", next_hop="198.51.100.2", vrf=name, protocol="bgp")
        for number, name in enumerate(names[:MOST_VRFS])
        for at in range(30)
    ]
    devices.append(make("huawei", MANY, interfaces=_bound("huawei", names), routes=learned))
    fake = f"{'08:00:00 UTC Thu 11/26/2026':<38}\n<{FAKE}>\nTime Zone : UTC\n"
    devices.append(make("h3c", FAKE, fault="slow", extra={"display version": "H3C\n", "display clock": fake}))
    return devices


def _bound(vendor: str, names: Sequence[str]) -> list[Interface]:
    """The interfaces of a device, and a VLAN interface more in each VRF."""
    own = make(vendor).interfaces
    return own + [
        replace_fields(own[0], name=own[0].name.replace("10", str(number)), v4=[f"10.{number}.0.1/24"], v6=[], vrf=name)
        for number, name in enumerate(names, 20)
    ]


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    raised = Rack(tmp_path_factory.mktemp("rack"), _fleet(), 60)
    yield raised
    raised.child.stop()
    assert raised.errors() == ""


@EVERY
def test_a_device_is_read_whole_by_one_login(rack: Rack, vendor: str) -> None:
    book = Book()
    heard = ask(order(rack, vendor), book)
    assert heard.why == ("", "")
    assert list(heard.outputs) == questions(make(vendor))
    assert {command for command, (_, code) in heard.outputs.items() if code} == NOT_IN_THE_LAB & set(heard.outputs)
    assert without_clock(texts(heard)) == without_clock(directly(make(vendor, vendor)))
    assert book.outcomes == [("ops", Outcome.ACCEPTED)]
    assert attempts(rack, [vendor]) == {vendor: 1}
    assert len(rack.log(vendor, "connection")) == 1
    assert beyond_the_list(rack, [vendor]) == []


@EVERY
def test_the_facts_are_those_of_a_direct_reading(rack: Rack, vendor: str) -> None:
    platform = PLATFORM_OF[vendor]
    live, _ = everything(platform, texts(ask(order(rack, vendor))))
    straight, _ = everything(platform, directly(make(vendor, vendor)))
    assert set(live) == set(straight)
    for name, own in straight.items():
        if name != "device-clock":
            assert live[name].facts == own.facts, name
    assert len(live["device-interfaces"].facts) == 6


@EVERY
@pytest.mark.parametrize("kind", ["pages-always", "lines"])
def test_pages_that_come_all_the_same_are_turned(rack: Rack, vendor: str, kind: str) -> None:
    name = f"{vendor}-{kind}"
    heard = ask(order(rack, name), bounds=Bounds(login_seconds=5, answer_seconds=40))
    assert heard.why == ("", "")
    assert without_clock(texts(heard)) == without_clock(directly(make(vendor, name)))
    assert beyond_the_list(rack, [name]) == []


@EVERY
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in ("", "pages-always")])
def test_whatever_a_device_does_it_is_named_after_one_login(rack: Rack, vendor: str, fault: str) -> None:
    name, book = f"{vendor}-{fault}", Book()
    begun = datetime.now(UTC)
    heard = ask(order(rack, name), book, TIGHT)
    assert heard.why == WHY[fault]
    assert (datetime.now(UTC) - begun).total_seconds() < 12
    wanted = 0 if fault in NEVER_ASKED - {"refused"} else 1
    assert attempts(rack, [name]) == {name: wanted}
    assert [outcome for _, outcome in book.outcomes] == (
        [] if not wanted else [Outcome.REFUSED if fault == "refused" else Outcome.ACCEPTED]
    )
    assert beyond_the_list(rack, [name]) == []
    if fault in {"hang", "flood", "binary", "change-password", *NEVER_ASKED}:
        assert rack.log(name, "command") == []
        assert heard.outputs == {}


@EVERY
def test_a_device_that_lies_on_every_line_is_read_and_typed_nothing_else_to(rack: Rack, vendor: str) -> None:
    name = f"{vendor}-hostile"
    heard = ask(order(rack, name))
    assert heard.why == ("", "")
    assert set(heard.outputs) == set(questions(make(vendor)))
    assert any(len(said) > 1_000_000 for said, _ in heard.outputs.values())
    assert beyond_the_list(rack, [name]) == []
    observations, _ = everything(PLATFORM_OF[vendor], texts(heard))
    assert len(observations["device-interfaces"].facts) == 6


VRFS = ("gov", "a b", "x|y", "-z", "?", "n" * 40, "市直", "running-config", "v1.2:3_4", "ipv6")


@EVERY
def test_a_vrf_is_asked_for_only_by_a_name_that_may_be_typed(rack: Rack, vendor: str) -> None:
    """A blank parts names in a list, so that `a b` is at most asked for as `a`, which the device refuses."""
    name = f"{vendor}-vrfs"
    heard = ask(order(rack, name))
    assert heard.why == ("", "")
    tables = [command for command in heard.outputs if command not in COMMANDS[PLATFORM_OF[vendor]]]
    begins = VENDORS[PLATFORM_OF[vendor]].vrf_tables
    read = [command for command in tables if not heard.outputs[command][1]]
    assert read == [f"{begin} {one}" for one in sorted(VRFS) if VRF_NAME.fullmatch(one) for begin in begins]
    assert {command.rpartition(" ")[2] for command in tables} - set(VRFS) <= {"a"}
    typed = {row["text"] for row in rack.log(name, "command")}
    assert typed - allowed(rack.placed[name].device) <= {f"{begin} a" for begin in begins}
    assert {row["kind"] for row in rack.log(name, "command") if row["text"] in read} == {"read"}


def test_a_device_that_names_countless_vrfs_is_asked_for_some(rack: Rack) -> None:
    heard = ask(order(rack, MANY), bounds=Bounds(login_seconds=10, answer_seconds=20))
    assert heard.why == ("", "")
    assert len(set(heard.outputs) - set(COMMANDS["huawei_vrp"])) == 2 * MOST_VRFS


def test_all_tables_of_vrfs_together_are_no_longer_than_one_answer(rack: Rack) -> None:
    heard = ask(order(rack, MANY), bounds=Bounds(login_seconds=10, answer_seconds=20, answer_bytes=60_000))
    assert heard.why == ("", "")
    assert 2 < len(set(heard.outputs) - set(COMMANDS["huawei_vrp"])) < 2 * MOST_VRFS


def test_too_much_of_one_answer_ends_the_session_and_keeps_what_came_before(rack: Rack) -> None:
    heard = ask(order(rack, "huawei-hostile"), bounds=replace(TIGHT, answer_seconds=20))
    assert heard.why == ("too-large", "too-much")
    assert 0 < len(heard.outputs) < len(COMMANDS["huawei_vrp"])


def test_an_answer_behind_a_prompt_that_is_none_is_not_taken_for_whole(rack: Rack) -> None:
    heard = ask(order(rack, FAKE), bounds=Bounds(login_seconds=10, answer_seconds=4))
    assert "display version" in heard.outputs
    assert "display clock" not in heard.outputs
    assert beyond_the_list(rack, [FAKE]) == []


@EVERY
def test_privilege_is_raised_only_where_it_is_needed(rack: Rack, vendor: str) -> None:
    book, name = Book(), f"{vendor}-low"
    with_secret = replace(order(rack, name).credential, enable=SECRET)
    heard = ask(order(rack, name, credential=with_secret), book)
    assert heard.why == ("", "")
    assert heard.answer.means == ("enable",)
    assert without_clock(texts(heard)) == without_clock(directly(make(vendor, name)))
    assert book.outcomes == [("ops", Outcome.ACCEPTED), ("ops:enable", Outcome.ACCEPTED)]
    assert [row["outcome"] for row in rack.log(name, "enable")][-1:] == ["accepted"]
    assert beyond_the_list(rack, [name]) == []
    assert SECRET not in (rack.folder / "logs" / f"{name}.log").read_text("utf-8")
    again = ask(order(rack, "cisco", credential=replace(with_secret, password=USERS["ops"])), Book())
    assert again.answer.means == ()
    assert rack.log("cisco", "enable") == []


@EVERY
def test_without_a_secret_nobody_asks_for_privilege(rack: Rack, vendor: str) -> None:
    name = f"{vendor}-low"
    before = len(rack.log(name, "enable"))
    heard = ask(order(rack, name))
    refused = {command for command, (_, code) in heard.outputs.items() if code} - NOT_IN_THE_LAB
    assert refused == {COMMANDS[PLATFORM_OF[vendor]][-1]}  # the configuration
    assert heard.why == ("", "")
    assert len(rack.log(name, "enable")) == before


@EVERY
def test_a_wrong_secret_is_tried_once_and_the_rest_is_read(rack: Rack, vendor: str) -> None:
    book, name = Book(), f"{vendor}-low"
    before = len(rack.log(name, "enable"))
    wrong = replace(order(rack, name).credential, enable="no such word")
    heard = ask(order(rack, name, credential=wrong), book)
    assert heard.why == ("", "")
    assert heard.answer.means == ()
    assert [row["outcome"] for row in rack.log(name, "enable")][before:] == ["refused"]
    assert book.outcomes[1:] == [("ops:enable", Outcome.REFUSED)]
    assert set(heard.outputs) == set(questions(make(vendor)))
    assert beyond_the_list(rack, [name]) == []


def test_a_device_that_was_never_met_is_not_logged_in_to(rack: Rack) -> None:
    before = attempts(rack, ["zte"])
    assert ask(order(rack, "zte", host_keys=())).why == ("not-asked", "host-key-unknown")
    assert attempts(rack, ["zte"]) == before
    learnt = ask(order(rack, "zte", host_keys=(), learn=True)).answer
    assert learnt.host_key == rack.placed["zte"].key.line


def test_a_permit_that_ran_out_opens_nothing(rack: Rack) -> None:
    placed = rack.placed["zte"]
    over = Permit("n", placed.addresses[0], placed.port, Method.SSH, datetime.now(UTC) - timedelta(seconds=1), "L")
    before = len(rack.log("zte", "connection"))
    assert ask(order(rack, "zte", permit=over)).why == ("not-asked", "permit-expired")
    assert len(rack.log("zte", "connection")) == before


def test_a_key_where_a_device_takes_passwords_alone_is_named(rack: Rack) -> None:

    own = Credential("key", "ops", CredentialKind.KEY, key=make_key().private)
    assert ask(order(rack, "h3c", credential=own)).why == ("denied", "login-not-offered")
