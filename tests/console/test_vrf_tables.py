"""What a workspace shows of the tables of VRFs: each is a question of its own, until its VRF is gone."""

import json
from pathlib import Path

from tests.making import call, capture, write_jsonl

LIST = "  Name                             Default RD            Protocols   Interfaces\n"
ROW = "  {name:<32} 1:1                   ipv4        Gi0/1\n"
ROUTES = "Routing Table: {name}\nGateway of last resort is not set\n"


def taken(place: Path, day: int, *names: str, tables: tuple[str, ...] = ()) -> None:
    """Take in what a device answered on a day: its VRFs, and the tables of some."""
    answers = {"show vrf": LIST + "".join(ROW.format(name=name) for name in names)}
    answers |= {f"show ip route vrf {name}": ROUTES.format(name=name) for name in tables}
    lines = [
        capture("device:r1", source, text, kind="device", platform="cisco_ios", taken_at=f"2026-11-{day:02}T08:00:00Z")
        for source, text in answers.items()
    ]
    done = call("-C", place, "ingest", write_jsonl(place / f"{day}.captures.jsonl", lines))
    assert done.returncode == 0, done.stderr


def tables(place: Path) -> dict[str, str]:
    """Coverage of the tables of VRFs: name -> outcome."""
    rows = map(json.loads, call("-C", place, "coverage", "--all", "--format", "jsonl").stdout.splitlines())
    return {row["source"].rpartition(" ")[2]: row["outcome"] for row in rows if " vrf " in row["source"]}


def test_the_table_of_a_vrf_that_is_gone_is_no_question_any_more(tmp_path: Path) -> None:
    place = tmp_path / "w"
    call("init", place)
    taken(place, 20, "A", "B", tables=("A", "B"))
    assert tables(place) == {"A": "answered", "B": "answered"}
    taken(place, 21, "B", tables=("B",))
    assert tables(place) == {"B": "answered"}
    taken(place, 22)
    assert tables(place) == {}
