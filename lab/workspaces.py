"""Makes of a scenario the workspace that a person would have made: letters, settings, host keys, endpoints, ledgers."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import tomli_w

from lab.grounds.ground import Ground
from lab.ledgers import write_ledgers
from lab.product import Product
from lab.scenario.model import Authorisation, Device, Host, Ledger, Scenario
from lab.scenario.problem import listed
from xunyan.errors import XunyanError
from xunyan.wording import Text

MARK = ".xunyan-demo"
"""A file by which a workspace is known as one of ours, which may be made anew."""

PLATFORMS: Mapping[str, str] = {
    "huawei": "huawei_vrp", "h3c": "hp_comware", "ruijie": "ruijie_os", "zte": "zte_zxros", "cisco": "cisco_ios",
}  # fmt: skip
"""A device's vendor -> its platform, as the product calls it."""

_BEIJING = timezone(timedelta(hours=8))
_RANGES = ("allow", "deny", "classified")
_SERVICES = ("resolvers", "name_servers", "jump_hosts", "timestamps")
_OF_SYSTEMS = ("web",)
"""Methods by which systems are asked, which nothing answers where no servers stand."""


def asked(scenario: Scenario) -> list[Host]:
    """The hosts that stand in the list of endpoints."""
    return [host for host in scenario.hosts if listed(host)]


def asked_devices(scenario: Scenario, ground: Ground) -> list[Device]:
    """The devices that stand in the list of endpoints, where the ground has any."""
    return [device for device in scenario.devices if listed(device) and ground.shows_systems]


def logins(scenario: Scenario) -> dict[tuple[str, str, str], str]:
    """Name a credential for each login of the devices: user, password and that which raises the privilege."""
    found: dict[tuple[str, str, str], str] = {}
    for device in scenario.devices:
        if listed(device):
            found.setdefault(_login(device), f"device-{len(found) + 1}")
    return found


def _login(device: Device) -> tuple[str, str, str]:
    return (*next(iter(device.users.items())), device.enable)


def secrets_of(scenario: Scenario) -> dict[str, str]:
    """Give the passwords of the devices by the variables of the environment in which the workspace looks for them."""
    found: dict[str, str] = {}
    for (_, password, enable), name in logins(scenario).items():
        found |= {f"{_variable(name)}_{word}": text for word, text in (("LOGIN", password), ("ENABLE", enable)) if text}
    return found


def _variable(name: str) -> str:
    return "LAB_" + name.upper().replace("-", "_")


def make_workspace(scenario: Scenario, product: Product) -> None:
    """Make the workspace by the product's own commands. Raises XunyanError where one fails that must not, or the reverse."""
    place, ground = product.workspace, product.ground
    product.run("init", place.resolve(), "--profile", scenario.profile)
    (place / MARK).touch()
    _settings(scenario, place, ground)
    letters = place / "inventory" / "authorisations"
    letters.mkdir(parents=True, exist_ok=True)
    for number, letter in enumerate(scenario.authorisations, 1):
        table = _letter(letter, scenario, ground, datetime.now(UTC).astimezone(_BEIJING).date())
        (letters / f"{number:02d}.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    _host_keys(scenario, place, ground)
    papers = place / "papers"
    papers.mkdir()
    table_of_endpoints = papers / "endpoints.csv"
    table_of_endpoints.write_text(_endpoints(scenario, ground), encoding="utf-8")
    product.run("endpoints", "import", table_of_endpoints)
    for path in write_ledgers(scenario, papers) if ground.shows_systems else []:
        product.run("ledger", "import", path, "--no-judge")
    for ledger in scenario.ledgers:
        _file(ledger, papers, product)


def _settings(scenario: Scenario, place: Path, ground: Ground) -> None:
    """Add the login, the routes, and what the scenario wants set to the workspace's own file."""
    key = place / "lab-key"
    key.touch(mode=0o600)
    key.write_text(ground.client_key, encoding="ascii")
    more: dict[str, Any] = {
        "credentials": {"lab": {"user": ground.user, "kind": "key", "key_file": str(key.resolve())}}
    }
    for (user, _, enable), name in logins(scenario).items():
        given = {"user": user, "kind": "password", "password": f"env:{_variable(name)}_LOGIN"}
        more["credentials"][name] = given | ({"enable": f"env:{_variable(name)}_ENABLE"} if enable else {})
    for host in scenario.hosts:
        if host.forwards:
            door = ground.door(host)
            more.setdefault("routes", {})[host.name] = {
                "kind": "jump", "address": door.address, "port": door.port, "network": door.network, "credential": "lab",
            }  # fmt: skip
    file = place / "xunyan.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace(
        'network = "default"', f"network = {json.dumps(scenario.scanner.network, ensure_ascii=False)}", 1
    )
    if scenario.evaluated_products:
        own = place / "inventory" / "evaluated-products.toml"
        own.write_text(scenario.evaluated_products, encoding="utf-8")
        text = text.replace(
            'evaluated_products = ""', f"evaluated_products = {json.dumps(str(own.relative_to(place)))}"
        )
    file.write_text(f"{text}\n{tomli_w.dumps(more)}\n{scenario.settings}", encoding="utf-8")


def _letter(letter: Authorisation, scenario: Scenario, ground: Ground, today: date) -> dict[str, Any]:
    """A letter as the product wants it, its ranges as they are on this ground."""
    methods = [one for one in letter.methods if ground.shows_systems or one not in _OF_SYSTEMS]
    methods = methods or letter.methods  # a letter without any would be none
    table: dict[str, Any] = {
        "number": letter.number, "units": letter.units, "approver": letter.approver, "methods": methods,
        "valid_from": today + timedelta(days=letter.from_day), "valid_until": today + timedelta(days=letter.until_day),
        "sudo": letter.sudo,
    }  # fmt: skip
    ports = letter.ports if ground.shows_packets else sorted({ground.door(host).port for host in asked(scenario)})
    own = {"ports": ports, "windows": letter.windows, "limits": letter.limits}
    table |= {key: value for key, value in own.items() if value is not None}
    if letter.revoked:
        table["revoked"] = {"on": today - timedelta(days=1), "by": letter.approver, "reason": "lab"}
    table["networks"] = [_grounds(row, ground) for row in letter.networks]
    return table


def _grounds(row: Mapping[str, Any], ground: Ground) -> dict[str, Any]:
    """What a letter says of one network, as it is on this ground."""
    here = dict(row)
    for key in _RANGES:
        if key in row:
            here[key] = [ground.translate(row["name"], one) for one in row[key]]
    for key in _SERVICES:
        if key in row:
            here[key] = [ground.endpoint(row["name"], one) for one in row[key]]
    return here


def _host_keys(scenario: Scenario, place: Path, ground: Ground) -> None:
    """Put the host keys on file that are known of each network, one file a network."""
    folder = place / "inventory" / "known_hosts"
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {}
    known: list[Host | Device] = [host for host in scenario.hosts if listed(host) or host.forwards]
    for row in known + list(asked_devices(scenario, ground)):
        door = ground.door(row)
        name = door.address if door.port == 22 else f"[{door.address}]:{door.port}"
        lines.setdefault(door.network, []).append(f"{name} {door.host_key}\n")
    for network, own in lines.items():
        (folder / network).write_text("".join(own), encoding="utf-8")


def _endpoints(scenario: Scenario, ground: Ground) -> str:
    """The table of endpoints to import, as its template has it."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["资产标识", "单位", "地点", "地址域", "地址", "端口", "系统类型", "凭据", "路由", "通道"])
    devices, names = asked_devices(scenario, ground), logins(scenario)
    for host in asked(scenario):
        door = ground.door(host)
        login = "lab" if devices else ""
        rows.writerow(
            [
                f"host:{host.name}", host.unit, host.site, door.network, door.address, door.port,
                "", login, host.via, host.carrier,
            ]
        )  # fmt: skip
    for device in devices:
        door = ground.door(device)
        rows.writerow(
            [
                f"device:{device.name}", device.unit, device.site, door.network, door.address, door.port,
                PLATFORMS[device.vendor], names[_login(device)], device.via, "",
            ]
        )  # fmt: skip
    return out.getvalue()


def _file(ledger: Ledger, folder: Path, product: Product) -> None:
    """Import a ledger as people returned it. Raises XunyanError where the product takes one that it must refuse."""
    path = folder / Path(ledger.file).name
    text = ledger.text or "".join(_csv(ledger.rows))
    path.write_bytes(text.encode(ledger.encoding))
    done = product.run("ledger", "import", path, "--no-judge", check=not ledger.refused)
    if ledger.refused and done.returncode != 2:
        raise XunyanError(
            Text("有错的台账本应整份退回，却收下了", "a ledger with mistakes was to be refused and was taken"),
            where=ledger.file,
        )


def _csv(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    out = io.StringIO()
    heads = list(dict.fromkeys(key for row in rows for key in row))
    table = csv.DictWriter(out, heads, lineterminator="\n", restval="")
    table.writeheader()
    table.writerows(rows)
    yield out.getvalue()
