"""Who is who: names and addresses change, keys are cloned, and nobody is merged on a doubt."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from inventories.identities import Register, Sighting, load, save
from xunyan.errors import DataError
from xunyan.model import IdentityKey

DAY = datetime(2026, 11, 1, tzinfo=UTC)
FULL = ("serial=S1", "uuid=U1", "mac=02:00:00:00:00:01")


def keys(*pairs: str) -> frozenset[IdentityKey]:
    return frozenset(IdentityKey(*pair.split("=", 1)) for pair in pairs)


def seen(name: str, *pairs: str, day: float = 0, network: str = "外网", kind: str = "endpoint") -> Sighting:
    moment = DAY + timedelta(days=day)
    return Sighting(network, name, kind, moment, moment + timedelta(minutes=1), keys(*pairs))


class Place:
    """A register that remembers when each name was heard, as the store does."""

    def __init__(self) -> None:
        self.register = Register()
        self.heard: dict[tuple[str, str], list[datetime]] = {}

    def hear(self, *sightings: Sighting) -> None:
        self.register.resolve(
            sightings,
            lambda network, name: max(self.heard.get((network, name), []), default=None),
            lambda network, name, after: min(
                (m for m in self.heard.get((network, name), []) if m > after), default=None
            ),
        )
        for one in sightings:
            self.heard.setdefault((one.network, one.name), []).extend((one.first, one.last))

    def who(self, name: str, day: float = 99, network: str = "外网") -> str | None:
        return self.register.asset_at(network, name, DAY + timedelta(days=day))

    @property
    def clashes(self) -> list[str]:
        return [entry.reason for entry in self.register.clashes]


def test_the_same_name_is_the_same_asset() -> None:
    place = Place()
    place.hear(seen("web01", *FULL))
    place.hear(seen("web01", *FULL, day=1))
    assert place.who("web01", 0) == place.who("web01", 1)
    assert sum(entry.event == "minted" for entry in place.register.pending) == 1


def test_a_name_means_something_in_its_network_only() -> None:
    place = Place()
    place.hear(seen("192.168.1.10", network="教育局"), seen("192.168.1.10", network="卫健委"))
    assert place.who("192.168.1.10", network="教育局") != place.who("192.168.1.10", network="卫健委")
    assert place.clashes == []


def test_a_host_that_was_renamed_and_moved_stays_one() -> None:
    place = Place()
    place.hear(seen("web01", *FULL))
    place.hear(seen("portal", *FULL, day=7, network="政务云"))
    assert place.who("portal", network="政务云") == place.who("web01")
    assert place.clashes == []


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (("serial=S1",), ("serial=S1",), "one key alone agrees"),
        (("serial=S1", "uuid=U1"), ("serial=S1", "uuid=U2"), "other keys differ: uuid"),
        (FULL, ("serial=S1", "uuid=U1", "mac=02:00:00:00:00:02"), "other keys differ: mac"),
        (
            ("machine-id=M1", "mac=02:00:00:00:00:01"),
            ("machine-id=M1", "mac=02:00:00:00:00:02"),
            "other keys differ: mac",
        ),
    ],
)
def test_cloned_keys_never_merge_unattended(first: tuple[str, ...], second: tuple[str, ...], reason: str) -> None:
    place = Place()
    place.hear(seen("web01", *first))
    place.hear(seen("web02", *second, day=7))
    assert place.who("web01") != place.who("web02")
    assert place.clashes == [reason]


def test_two_names_heard_together_are_two_even_when_all_keys_agree() -> None:
    place = Place()
    place.hear(seen("web01", *FULL), seen("web02", *FULL, day=0.01))
    assert place.who("web01") != place.who("web02")
    assert place.clashes == ["both names are heard"]


def test_an_old_name_heard_again_parts_what_looked_like_a_renaming() -> None:
    place = Place()
    place.hear(seen("web01", *FULL))
    place.hear(seen("web02", *FULL, day=7))
    assert place.who("web01") == place.who("web02")
    first = place.who("web01", 0)
    place.hear(seen("web01", *FULL, day=14))
    assert place.who("web01") == first
    assert place.who("web02", 7) != first
    assert place.clashes == ["both names are heard"]
    place.hear(seen("web01", *FULL, day=21), seen("web02", *FULL, day=21))
    assert place.clashes == ["both names are heard"]


def test_several_holders_of_one_key_are_no_answer() -> None:
    place = Place()
    place.hear(seen("a", *FULL), seen("b", *FULL))
    place.hear(seen("c", *FULL, day=7))
    assert len({place.who(name) for name in "abc"}) == 3


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FULL, ("serial=S9", "uuid=U9", "mac=02:00:00:00:00:09")),
        ((*FULL, "machine-id=M1"), ("serial=S9", "uuid=U9", "mac=02:00:00:00:00:09", "machine-id=M1")),
        ((*FULL, "mac=00:50:56:c0:10:08"), ("serial=S9", "uuid=U9", "machine-id=M9", "mac=00:50:56:c0:10:08")),
        (("mac=02:00:00:00:00:01",), ("mac=02:00:00:00:00:09",)),
        (("machine-id=M1",), ("machine-id=M9",)),
        (FULL, ("serial=S9", "uuid=U1", "mac=02:00:00:00:00:01")),
    ],
)
def test_another_machine_under_an_old_name_is_another_asset(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    place = Place()
    place.hear(seen("web01", *first))
    place.hear(seen("web01", *second, day=7))
    assert place.who("web01", 0) != place.who("web01", 8)
    assert len(place.clashes) == 1


def test_two_machines_that_take_turns_under_one_name_stay_two() -> None:
    place = Place()
    other = ("serial=S9", "uuid=U9", "mac=02:00:00:00:00:09")
    for day, shown in enumerate((FULL, other, FULL, other, FULL)):
        place.hear(seen("localhost", *shown, day=day))
    assert len({place.who("localhost", day) for day in range(5)}) == 2
    assert place.who("localhost", 4.5) == place.who("localhost", 0)


def test_what_is_heard_late_of_earlier_days_takes_nothing_from_later_ones() -> None:
    place = Place()
    other = ("serial=S9", "uuid=U9", "mac=02:00:00:00:00:09")
    place.hear(seen("web01", *FULL, day=50))
    later = place.who("web01", 50)
    place.hear(seen("web01", *other, day=1))
    assert place.who("web01", 50) == later
    assert place.who("web01", 1) != later


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FULL, ("serial=S1", "uuid=U1", "mac=02:00:00:00:00:09")),
        (FULL, ("mac=02:00:00:00:00:01", "mac=02:00:00:00:00:09")),
        ((*FULL, "machine-id=M1"), (*FULL, "machine-id=M9")),
        (("mac=02:00:00:00:00:01", "mac=02:00:00:00:00:02"), ("mac=02:00:00:00:00:01", "mac=02:00:00:00:00:03")),
        (FULL, ()),
    ],
)
def test_a_new_card_or_a_new_installation_does_not_make_another_machine(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    place = Place()
    place.hear(seen("web01", *first))
    place.hear(seen("web01", *second, day=7))
    assert place.who("web01", 0) == place.who("web01", 8)
    assert place.clashes == []


def test_one_kind_never_becomes_another() -> None:
    place = Place()
    place.hear(seen("sw1", *FULL, kind="device"))
    place.hear(seen("host1", *FULL, day=7))
    assert place.who("sw1") != place.who("host1")


def test_the_order_of_a_batch_does_not_matter() -> None:
    batch = [
        seen("web01", *FULL), seen("web02", *FULL, day=0.2), seen("web03", "serial=S3", "mac=02:00:00:00:00:03"),
        seen("web01", *FULL, day=1),
    ]  # fmt: skip
    outcomes = set()
    for order in permutations(batch):
        place = Place()
        place.hear(*order)
        outcomes.add(tuple(entry.asset + entry.event + entry.name for entry in place.register.pending))
    assert len(outcomes) == 1


def test_the_register_read_back_is_the_same(tmp_path: Path) -> None:
    place = Place()
    place.hear(seen("web01", *FULL))
    place.hear(seen("web02", *FULL, day=7), seen("web03", "serial=S1", day=7))
    path = tmp_path / "inventory" / "identities.jsonl"
    save(path, place.register)
    again = load(path)
    for name in ("web01", "web02", "web03"):
        assert again.asset_at("外网", name, DAY) == place.register.asset_at("外网", name, DAY)
    assert [entry.reason for entry in again.clashes] == place.clashes
    assert place.register.pending == []
    save(path, again)
    assert len(path.read_bytes().splitlines()) == len(load(path).clashes) + 5


def test_a_damaged_register_is_named(tmp_path: Path) -> None:
    path = tmp_path / "identities.jsonl"
    path.write_text('{"event":"keys","asset":"a1","schema":"xunyan.identity/1"}\n{"event"\n', "utf-8")
    with pytest.raises(DataError, match="line 2"):
        load(path)
    path.write_text('{"event":"keys","asset":"a1","keys":[["serial","S"]]}\n', "utf-8")
    with pytest.raises(DataError):
        load(path)


def test_a_key_that_many_share_is_noted_once_for_each_and_not_for_every_pair() -> None:
    place = Place()
    place.hear(*(seen(f"pc{number}", "machine-id=IMAGE", f"mac=02:00:00:00:00:{number:02x}") for number in range(60)))
    assert len({place.who(f"pc{number}") for number in range(60)}) == 60
    assert len(place.clashes) < 60 * 2
