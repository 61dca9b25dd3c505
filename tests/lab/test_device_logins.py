"""The workspace of a demonstration gets the devices of the scenario that are to be asked: platform, login, key, and no password."""

from pathlib import Path

from lab.grounds.namespaces import Namespaces
from lab.product import Product
from lab.scenario.model import Authorisation, Device, Host, Network, Scanner, Scenario
from lab.workspaces import asked_devices, logins, make_workspace, secrets_of
from tests.making import records

USERS = {"netops": "Lab-Only-1", "other": "Lab-Only-9"}


def device(name: str, address: str, **more: object) -> Device:
    values = {"vendor": "zte", "at": {"外网": [address]}, "unit": "教育局", "listed": True, "users": USERS} | more
    return Device(name=name, **values)  # type: ignore[arg-type]  # what stands there


SCENARIO = Scenario(
    schema="xunyan.scenario/1", name="t", title="t", units=["教育局"],
    networks=[Network(name="外网", kind="extranet", v4="10.20.0.0/16")], scanner=Scanner(network="外网", addresses=["10.20.0.9"]),
    authorisations=[
        Authorisation(
            number="1号", units=["*"], approver="李四", methods=["ssh"], networks=[{"name": "外网", "allow": ["10.20.0.0/16"]}]
        )
    ],
    hosts=[Host(name="pc", at={"外网": ["10.20.1.1"]}, machine="kunpeng-920", system="kylin-server-v10")],
    devices=[
        device("a", "10.20.2.1"),
        device("b", "10.20.2.2", vendor="huawei", enable="Lab-Only-2", port=2222),
        device("c", "10.20.2.3", vendor="cisco", users={"view": "Lab-Only-3"}),
        device("d", "10.20.2.4", vendor="ruijie"),
        device("e", "10.20.2.5", vendor="h3c", listed=False, users={}),
    ],
)  # fmt: skip


def test_equal_logins_are_one_credential() -> None:
    assert logins(SCENARIO) == {
        ("netops", "Lab-Only-1", ""): "device-1",
        ("netops", "Lab-Only-1", "Lab-Only-2"): "device-2",
        ("view", "Lab-Only-3", ""): "device-3",
    }
    assert secrets_of(SCENARIO) == {
        "LAB_DEVICE_1_LOGIN": "Lab-Only-1", "LAB_DEVICE_2_LOGIN": "Lab-Only-1", "LAB_DEVICE_2_ENABLE": "Lab-Only-2",
        "LAB_DEVICE_3_LOGIN": "Lab-Only-3",
    }  # fmt: skip


def test_the_devices_stand_in_the_list_and_no_password_in_the_workspace(tmp_path: Path) -> None:
    ground = Namespaces(tmp_path / "lab", SCENARIO)  # which is not raised: its files are enough
    assert [one.name for one in asked_devices(SCENARIO, ground)] == ["a", "b", "c", "d"]
    place = tmp_path / "w"
    make_workspace(SCENARIO, Product(place, ground, secrets=secrets_of(SCENARIO)))
    rows = {row["asset"]: row for row in records("-C", place, "endpoints", "list")}
    assert {name: (row["platform"], row["credential"], row["port"]) for name, row in rows.items()} == {
        "host:pc": ("linux", "lab", 22),
        "device:a": ("zte_zxros", "device-1", 22),
        "device:b": ("huawei_vrp", "device-2", 2222),
        "device:c": ("cisco_ios", "device-3", 22),
        "device:d": ("ruijie_os", "device-1", 22),
    }
    known = (place / "inventory" / "known_hosts" / "外网").read_text("utf-8")
    assert [line.partition(" ")[0] for line in known.splitlines()] == [
        "10.20.1.1", "10.20.2.1", "[10.20.2.2]:2222", "10.20.2.3", "10.20.2.4",
    ]  # fmt: skip
    settings = (place / "xunyan.toml").read_text("utf-8")
    assert 'enable = "env:LAB_DEVICE_2_ENABLE"' in settings
    kept = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert b"Lab-Only-" not in kept
