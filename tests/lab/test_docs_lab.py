"""The page docs/lab.md tells how to write a scenario: its example comes out exactly, and its tables leave out nothing."""

import inspect
import re
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
import yaml

from lab.hosts import FAULTS
from lab.kinds import MACHINES, SYSTEMS
from lab.scenario import model
from lab.scenario.checking import DEVICE_FAULTS, DOWN
from lab.scenario.model import Table
from lab.scenario.reading import read_scenario
from lab.services.fronts import FRONTS
from tests.lab.demonstrating import demo, needs_namespaces, needs_parts, needs_ssh
from tests.making import PROJECT
from xunyan.model import GapReason

TEXT = (PROJECT / "docs" / "lab.md").read_text("utf-8")

HEADINGS = {
    model.Scenario: "整个文件",
    model.Network: "networks",
    model.Link: "links",
    model.Scanner: "scanner",
    model.Room: "rooms",
    model.System: "systems",
    model.Range: "ranges",
    model.FiledLine: "lines",
    model.Host: "hosts",
    model.Web: "hosts 的 web",
    model.Inner: "hosts 的 web 的 pages",
    model.Connect: "hosts 的 connects",
    model.NameServer: "hosts 的 dns",
    model.Snmp: "hosts 的 snmp",
    model.Ipmi: "hosts 的 ipmi",
    model.Redfish: "hosts 的 redfish",
    model.Zone: "zones",
    model.Device: "devices",
    model.Interface: "devices 的 interfaces",
    model.Route: "devices 的 routes",
    model.Peer: "devices 的 peers",
    model.Authorisation: "authorisations",
    model.Ledger: "ledgers",
    model.Expect: "expect",
    model.ExpectGap: "gaps",
}
"""Table -> the heading below which its keys stand."""

STRUCTS = [one for _, one in inspect.getmembers(model, inspect.isclass) if issubclass(one, Table) and one is not Table]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    path = tmp_path / "example.yaml"
    path.write_text(blocks[0], "utf-8")
    return path


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, cell by cell."""
    below = re.search(rf"^###? {re.escape(heading)}\n(.*?)(?=^##|\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert below is not None, heading
    lines = [line for line in below[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(heading: str, column: int = 0) -> list[str]:
    return [name for row in rows(heading) for name in re.findall(r"`([^`]+)`", row[column])]


def literals(kind: Any) -> Iterator[object]:
    """What may stand in a field that takes one of a few words or numbers."""
    if get_origin(kind) is Literal:
        yield from get_args(kind)
    elif get_origin(kind) in (Annotated, Union, types.UnionType, list, tuple):
        for part in get_args(kind):
            yield from literals(part)


def default(field: msgspec.structs.FieldInfo) -> str:
    """How the page writes a field's default."""
    if field.required:
        return "必填"
    value = field.default if field.default is not msgspec.NODEFAULT else None
    if value in ("", None, (), []):
        return "空"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{list(value) if isinstance(value, tuple) else value}`"


def test_every_table_of_the_form_has_its_place_on_the_page() -> None:
    assert set(HEADINGS) == set(STRUCTS)


@pytest.mark.parametrize("struct", HEADINGS, ids=lambda struct: struct.__name__)
def test_every_key_is_told_with_its_default_and_what_may_stand_there(struct: type[Table]) -> None:
    own = rows(HEADINGS[struct])
    told = {row[0].strip("`"): row for row in own}
    fields = {one.encode_name: one for one in msgspec.structs.fields(struct)}
    assert sorted(row[0].strip("`") for row in own) == sorted(fields)
    assert {key: row[2] for key, row in told.items()} == {key: default(one) for key, one in fields.items()}
    for key, kind in get_type_hints(struct, include_extras=True).items():
        assert [one for one in literals(kind) if one != "" and str(one) not in told[key][1]] == [], key


def test_every_machine_system_fault_front_and_reason_is_told() -> None:
    assert sorted(names("机器")) == sorted(MACHINES)
    assert sorted(names("操作系统")) == sorted(SYSTEMS)
    assert sorted(names("管理页面", 1)) == sorted(FRONTS)
    table = {row[0].strip("`"): row for row in rows("毛病")}
    assert set(table) == {*filter(None, (*FAULTS, *DEVICE_FAULTS)), DOWN}
    assert {name for name, row in table.items() if row[2]} == {*filter(None, FAULTS), DOWN}
    assert {name for name, row in table.items() if row[3]} == {*filter(None, DEVICE_FAULTS)}
    assert {row[4].strip("`") for row in table.values()} - {"读到"} <= {one.value for one in GapReason}


def test_the_example_is_read_and_uses_every_key_of_every_table(example: Path) -> None:
    assert read_scenario(example).name == "example"
    used: dict[type[Table], set[str]] = {}
    note(yaml.safe_load(example.read_text("utf-8")), model.Scenario, used)
    assert used == {struct: {field.encode_name for field in msgspec.structs.fields(struct)} for struct in STRUCTS}


def note(given: Mapping[str, Any], struct: type[Table], used: dict[type[Table], set[str]]) -> None:
    """Write down which keys are written in a table of the file and in the tables inside it."""
    used.setdefault(struct, set()).update(given)
    for key, kind in get_type_hints(struct).items():
        inner = [one for one in (kind, *get_args(kind)) if inspect.isclass(one) and issubclass(one, Table)]
        if inner and key in given:
            for one in given[key] if isinstance(given[key], list) else [given[key]]:
                note(one, inner[0], used)


@needs_ssh
@needs_namespaces
@needs_parts
def test_the_example_comes_out_exactly(example: Path, tmp_path: Path) -> None:
    result = demo(tmp_path, example, "--ground", "namespaces")
    assert result["exact"]
    assert (result["missed"], result["false_alarms"], result["unread"], result["not_shown"]) == ([], [], [], [])
    assert result["packets"]["violations"] == 0
    assert result["areas"].keys() == {"domestic", "extranet", "ipv6", "systems"}
