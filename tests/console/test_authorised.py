"""Letters at work: read again when they change, and never the old ones where the new cannot be read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.authorised import Authority, Refusal
from console.workspace import find
from inventories.authorisations import FOLDER
from tests.making import call
from tests.scanning import letter
from xunyan.errors import XunyanError
from xunyan.permits import Permit, Target

TARGET = Target("host:a", "default", "127.77.1.1", port=20001)
NAMED = Target("host:b", "default", "web.xunyan.test", port=20001)
NIGHT = datetime(2026, 11, 21, 18, tzinfo=UTC)  # two in the morning in Beijing
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)


def workspace_in(place: Path, text: str) -> Path:
    assert call("init", place / "w").returncode == 0
    (place / "w" / FOLDER / "one.toml").write_text(text, "utf-8")
    return place / "w"


def test_a_revocation_takes_hold_and_a_damaged_one_stops_everything_each_time(tmp_path: Path) -> None:
    root = workspace_in(tmp_path, letter(["127.77.0.0/16"]))
    authority = Authority(find(root), lambda: NOON)
    assert isinstance(authority.permit(TARGET), Permit)
    assert call("-C", root, "scope", "revoke", "测授〔2026〕1号", "--by", "张三", "--reason", "中止").returncode == 0
    revoked = Authority(find(root), lambda: datetime.now(UTC)).permit(TARGET)
    assert isinstance(revoked, Refusal)
    with (root / FOLDER / "revocations.jsonl").open("ab") as file:
        file.write(b'{"number": "cut')
    for _ in range(3):
        with pytest.raises(XunyanError):
            authority.permit(TARGET)


def test_outside_the_hours_addresses_and_names_wait_alike(tmp_path: Path) -> None:
    own = '[[networks]]\nname = "default"\nallow = ["127.77.0.0/16"]\nresolvers = ["127.77.9.9:5353"]'
    root = workspace_in(tmp_path, letter([], networks=own, windows=["22:00-06:00"]))
    day = Authority(find(root), lambda: NOON)
    for target in (TARGET, NAMED):
        refusal = day.permit(target)
        assert isinstance(refusal, Refusal)
        assert refusal.opens == datetime(2026, 11, 21, 14, tzinfo=UTC)
    assert isinstance(Authority(find(root), lambda: NIGHT).permit(TARGET), Permit)
