"""Where a filed system is offered: what people write becomes what a scan asks, and what cannot be read is passed over."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventories.grids import EPOCH
from inventories.ledger_cells import READERS
from inventories.ledger_services import filed_services, read_offered
from inventories.ledger_tables import COMPANION
from inventories.ledger_words import UnfitError
from xunyan.permits import Service


@pytest.mark.parametrize(
    ("columns", "services"),
    [
        ({}, ()),
        ({"names": "oa.example.cn"}, (("外网", "oa.example.cn", 0, ""),)),
        ({"names": "a.example b.example", "network": "互联网"}, (("互联网", "a.example", 0, ""), ("互联网", "b.example", 0, ""))),
        ({"addresses": "10.1.2.3"}, (("外网", "10.1.2.3", 0, ""),)),
        ({"addresses": "10.1.2.3:8080 [2001:db8::1]:8443 2001:db8::1"}, (
            ("外网", "10.1.2.3", 8080, ""), ("外网", "2001:db8::1", 8443, ""), ("外网", "2001:db8::1", 0, ""))),
        ({"addresses": "https://oa.example.cn/login"}, (("外网", "oa.example.cn", 443, "https"),)),
        ({"addresses": "http://10.1.2.3:81/"}, (("外网", "10.1.2.3", 81, "http"),)),
        ({"names": "oa.example.cn", "addresses": "oa.example.cn:8443 oa.example.cn:8443"}, (
            ("外网", "oa.example.cn", 0, ""), ("外网", "oa.example.cn", 8443, ""))),
        ({"addresses": "nonsense 10.1.2.0/24 ::1 10.9.9.9"}, (("外网", "10.9.9.9", 0, ""),)),
    ],
)  # fmt: skip
def test_columns_become_services(columns: dict[str, str], services: tuple[tuple[str, str, int, str], ...]) -> None:
    assert filed_services(columns, "外网") == tuple(Service(*one) for one in services)


def test_ports_to_look_at_take_the_place_of_none() -> None:
    found = filed_services({"names": "a.example", "addresses": "10.1.2.3:8080"}, "外网", (80, 443))
    assert [(one.host, one.port) for one in found] == [("a.example", 80), ("a.example", 443), ("10.1.2.3", 8080)]


@given(st.lists(st.sampled_from(
    ["oa.example.cn", "OA.example.cn:8443", "https://oa.example.cn:8443/x", "10.1.2.3", "[2001:db8::1]:80", "http://[2001:db8::1]/", "教育.example"]
), min_size=1, max_size=6))  # fmt: skip
def test_whatever_an_import_takes_is_asked(texts: list[str]) -> None:
    """What the reader of a cell keeps is read back whole: every place that was written is among the services."""
    columns = READERS["hosts"](COMPANION.column("names"), " ".join(texts), EPOCH)
    asked = {(one.host, one.port) for one in filed_services(columns, "外网")}
    for text in texts:
        one = read_offered(text)
        assert one is not None
        assert one.host in {host for host, _ in asked}
        assert not one.port or (one.host, one.port) in asked


@given(st.text(max_size=60))
def test_any_text_is_read_or_passed_over(text: str) -> None:
    assert all(one.host for one in filed_services({"names": text, "addresses": text}, "外网"))
    with suppress(UnfitError):
        READERS["hosts"](COMPANION.column("names"), text, EPOCH)
