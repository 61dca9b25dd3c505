"""Network devices in lists: the words for their systems, exactly, in tables, Ansible inventories and the kept lists."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from inventories import endpoints
from inventories.endpoints import EndpointLine, folder, parse_target, read_endpoints
from inventories.letters import TARGET_METHODS
from inventories.platforms import DEVICES, NETWORK_OS, read_platform
from inventories.records import asset_key
from scanners.platforms.devices import VENDORS
from tests.inventories.endpoint_making import notes, read, told, workbook, write
from xunyan.errors import InputError, UsageError
from xunyan.permits import PORTS, Method, Target

NOW = datetime(2026, 11, 26, tzinfo=UTC)
HEAD = "资产标识,系统类型,地址\n"


def test_the_platforms_are_those_that_can_be_read() -> None:
    assert set(DEVICES) == set(VENDORS) == set(NETWORK_OS.values())
    assert set(get_args(get_type_hints(EndpointLine)["platform"])) == {"linux", "windows", *VENDORS}
    assert sum(map(len, DEVICES.values())) == len({word for words in DEVICES.values() for word in words})


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("华为", "huawei_vrp"), (" Huawei_VRP ", "huawei_vrp"), ("H3C", "hp_comware"), ("新华三", "hp_comware"), ("锐捷", "ruijie_os"),
        ("中兴", "zte_zxros"), ("Cisco IOS", "cisco_ios"), ("华为欧拉", "linux"), ("华为交换机", None), ("cisco_nxos", None),
        ("juniper", None), ("ios设备", None),
    ],
)  # fmt: skip
def test_systems_of_devices_are_known_by_the_whole_word(text: str, platform: str | None) -> None:
    assert read_platform(text) == platform


@pytest.mark.parametrize(
    ("name", "platform", "key"),
    [("SW-1", "huawei_vrp", "device:SW-1"), ("device:SW-1", "cisco_ios", "device:SW-1"), ("SW-1", "linux", "host:SW-1"),
     ("10.1.1.1", "zte_zxros", "device:10.1.1.1")],
)  # fmt: skip
def test_devices_get_their_kind(name: str, platform: str, key: str) -> None:
    assert asset_key(name, platform) == key


def test_a_table_is_taken_and_read_back(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["资产标识", "系统类型", "地址", "通道"],
        ["R1", "华为", "10.1.1.1", ""],
        ["web", "", "10.1.1.2", ""],
    ]
    rows += [["R2", "锐捷", "10.1.1.3", "telnet"]]
    taken = read(workbook(tmp_path / "d.xlsx", rows))
    assert told(taken) == []
    found = {one.asset: (one.platform, one.carrier) for one in taken.targets}
    assert found == {"device:R1": ("huawei_vrp", ""), "host:web": ("linux", ""), "device:R2": ("ruijie_os", "telnet")}
    endpoints.write(tmp_path, "list", taken.targets, NOW)
    assert {one.asset: (one.platform, one.carrier) for one in read_endpoints(folder(tmp_path))} == found
    (folder(tmp_path) / "own.jsonl").write_text(
        '{"schema":"xunyan.endpoint/1","asset":"R9","network":"外网","address":"10.1.1.9","platform":"zte_zxros"}\n',
        "utf-8",
    )
    assert "device:R9" in {one.asset for one in read_endpoints(folder(tmp_path))}


def test_a_word_that_is_no_system_is_an_error_that_names_those_there_are(tmp_path: Path) -> None:
    ((_, heading, what),) = told(read(write(tmp_path / "d.csv", HEAD + "R1,华为防火墙,10.1.1.1\n")))
    assert heading == "系统类型"
    assert "华为防火墙" in what
    assert "huawei_vrp" in what


def test_a_list_with_a_system_that_is_none_is_damaged(tmp_path: Path) -> None:
    folder(tmp_path).mkdir(parents=True)
    line = '{"schema":"xunyan.endpoint/1","asset":"a","network":"n","address":"10.1.1.1","platform":"cisco_nxos"}\n'
    (folder(tmp_path) / "x.jsonl").write_text(line, "utf-8")
    with pytest.raises(InputError):
        read_endpoints(folder(tmp_path))


INI = """\
[switches]
r1 ansible_host=10.1.1.1 ansible_network_os=community.network.ce
r2 ansible_host=10.1.1.2 ansible_network_os=cisco.ios.ios ansible_port=2222 xunyan_unit=卫健委
r3 ansible_host=10.1.1.3 ansible_network_os=h3c
r4 ansible_host=10.1.1.4 ansible_network_os=huawei ansible_become=yes ansible_become_method=enable ansible_become_password=canary
[switches:vars]
ansible_connection=ansible.netcommon.network_cli
[web]
web01 ansible_host=10.1.1.9
"""


def test_devices_of_an_ansible_inventory(tmp_path: Path) -> None:
    taken = read(write(tmp_path / "hosts.ini", INI))
    assert told(taken) == []
    assert {one.asset: one.platform for one in taken.targets} == {
        "device:r1": "huawei_vrp", "device:r2": "cisco_ios", "device:r3": "hp_comware", "device:r4": "huawei_vrp",
        "host:web01": "linux",
    }  # fmt: skip
    assert "canary" not in repr(taken)
    assert "1 台主机的口令" in notes(taken)


@pytest.mark.parametrize("given", ["ansible_network_os=junipernetworks.junos.junos", "ansible_network_os=ios_xr", ""])
def test_a_device_of_no_known_system_is_an_error(tmp_path: Path, given: str) -> None:
    taken = read(write(tmp_path / "hosts.ini", f"r1 ansible_host=10.1.1.1 ansible_connection=network_cli {given}\n"))
    assert [heading for _, heading, _ in told(taken)][:1] == ["ansible_network_os"]
    assert taken.targets == []


def test_a_device_is_not_named_on_the_command_line_without_its_system() -> None:
    with pytest.raises(UsageError) as caught:
        parse_target("device:sw1=10.1.2.3", "外网", "")
    assert "网络设备" in caught.value.what.zh
    assert parse_target("host:sw1=10.1.2.3", "外网", "") == Target("host:sw1", "外网", "10.1.2.3", origin="--target")


def test_telnet_is_a_method_of_its_own() -> None:
    assert Method.TELNET in TARGET_METHODS
    assert PORTS[Method.TELNET] == (23,)
