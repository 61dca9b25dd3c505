"""Machines as their firmware names them; the texts were made for these tests, in dmidecode's and the collector's form."""

from datetime import UTC, datetime

import pytest

from scanners.platforms.linux.machine import identify, read_machine
from scanners.platforms.smbios import real, real_serial, real_uuid, structures
from xunyan.facts import Machine
from xunyan.model import Capture, Envelope, IdentityKey

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def captures(**answers: str) -> dict[str, Capture]:
    found = {}
    for name, text in answers.items():
        source = name.replace("_", "-")
        envelope = Envelope("host:a", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
        found[source] = Capture(f"c-{source}", envelope, 0, text.encode(), "", "")
    return found


DMIDECODE = """\
# dmidecode 3.3
Getting SMBIOS data from sysfs.
SMBIOS 3.3.0 present.

Handle 0x0001, DMI type 1, 27 bytes
System Information
\tManufacturer: Huawei
\tProduct Name: TaiShan 200 (Model 2280)
\tVersion: To be filled by O.E.M.
\tSerial Number: 2102312XYZ10L1000123
\tUUID: 3D6A8F10-1B2C-4D5E-8F90-A1B2C3D4E5F6
\tWake-up Type: Power Switch

Handle 0x0002, DMI type 3, 25 bytes
Chassis Information
\tManufacturer: Huawei
\tType: Main Server Chassis
\tSerial Number: --

Handle 0x0003, DMI type 2, 17 bytes
Base Board Information
\tManufacturer: Huawei
\tSerial Number: 023ABC10L1000456
\tFeatures:
\t\tBoard is a hosting board

Handle 0x0010, DMI type 38, 18 bytes
IPMI Device Information
\tInterface Type: SSIF (SMBus System Interface)

Handle 0x0011, DMI type 2, 17 bytes
Base Board Information
\tSerial Number: SECOND-BOARD
"""

SYSFS = """\
bios_vendor: Huawei Corp.
board_serial: <denied>
product_name: L410 KLVU-WDU0
product_serial: <denied>
product_uuid: <denied>
sys_vendor: HUAWEI
"""

IP_ADDRESS = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: enp1s0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    link/ether 8E:E0:4F:6D:83:69 brd ff:ff:ff:ff:ff:ff
3: docker0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    link/ether 02:42:4f:6d:83:69 brd ff:ff:ff:ff:ff:ff
4: enp2s0: <BROADCAST,MULTICAST> mtu 1500
    link/ether 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff
"""

UUID = "3d6a8f10-1b2c-4d5e-8f90-a1b2c3d4e5f6"


def test_dmidecode() -> None:
    reading = read_machine(captures(dmidecode=DMIDECODE, dmi_sysfs=SYSFS))
    assert reading.facts == (
        Machine(
            "Huawei", "TaiShan 200 (Model 2280)", "2102312XYZ10L1000123", UUID, "023ABC10L1000456",
            "Main Server Chassis", has_management_controller=True,
        ),
    )  # fmt: skip
    assert [(one.source, one.first, one.last) for one in reading.evidence] == [("dmidecode", 5, 12)]


def test_placeholders_are_no_values() -> None:
    text = (
        "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: To be filled by O.E.M.\n"
        "\tProduct Name: Default string\n\tSerial Number: 0123456789\n\tUUID: 03000200-0400-0500-0006-000700080009\n"
    )
    reading = read_machine(captures(dmidecode=text))
    assert reading.facts == (Machine("", "", "", "", "", "", has_management_controller=False),)


def test_what_an_ordinary_user_sees() -> None:
    for answers in ({"dmi_sysfs": SYSFS}, {"dmi_sysfs": SYSFS, "dmidecode": "/dev/mem: Permission denied\n"}):
        reading = read_machine(captures(**answers))
        assert reading.facts == (Machine("HUAWEI", "L410 KLVU-WDU0", "", "", "", "", has_management_controller=False),)
        assert [(one.source, one.first, one.last) for one in reading.evidence] == [("dmi-sysfs", 1, 6)]


def test_nothing_that_can_be_read() -> None:
    assert read_machine({}).facts == read_machine(captures(dmidecode="")).facts == ()
    reading = read_machine(captures(dmi_sysfs="nonsense\n"))
    assert (reading.facts, reading.evidence) == ((), ())
    assert reading.unreadable == (("dmi-sysfs", "no line is a value of the firmware's"),)


def test_keys_by_which_it_is_known_again() -> None:
    machine_id = "0123456789abcdef0123456789abcdef"
    keys = identify(captures(dmidecode=DMIDECODE, machine_id=f"{machine_id}\n", ip_address=IP_ADDRESS))
    assert keys == (
        IdentityKey("serial", "2102312XYZ10L1000123"),
        IdentityKey("uuid", UUID),
        IdentityKey("board-serial", "023ABC10L1000456"),
        IdentityKey("machine-id", machine_id),
        IdentityKey("mac", "8e:e0:4f:6d:83:69"),
    )


@pytest.mark.parametrize(
    "text",
    ["", "uninitialized\n", "0" * 32, "z" * 32, "这不是十六进制的三十二个字符这不是十六进制的三十二个字符一二三四"],
)
def test_machine_ids_that_are_none(text: str) -> None:
    assert identify(captures(machine_id=text)) == ()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("  CN1234567 ", "CN1234567"), ("--", ""), ("None", ""), ("Not Specified", ""), ("Default string", ""),
        ("To Be Filled By O.E.M.", ""), ("0000000000", ""), ("0x00000000", ""), ("123456789", ""), ("TBD", ""),
        ("<OUT OF SPEC>", ""), ("..............", ""), ("", ""), ("X10", "X10"),
        ("Not Applicable", ""), ("System SerialNumber", ""), ("Type2 - Board Serial Number", ""), ("ABCDEFG", ""),
        ("SN", ""), ("To be filled", ""), ("Reserver for OEM", ""), ("无", ""), ("HP", "HP"),
    ],
)  # fmt: skip
def test_real_values(value: str, kept: str) -> None:
    assert real(value) == kept


@pytest.mark.parametrize(
    "value",
    ["", "--", "Not Settable", "Not Present", "00000000-0000-0000-0000-000000000000",
     "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "03000200-0400-0500-0006-000700080009",
     "To be filled by the maker of the box"],
)  # fmt: skip
def test_uuids_that_are_none(value: str) -> None:
    assert real_uuid(value) == ""


def test_structures_keep_their_lines_and_leave_other_types_out() -> None:
    text = "Handle 0x0001, DMI type 1, 27 bytes\n\tManufacturer: A\n\nHandle 0x0002, DMI type 17, 40 bytes\n\tManufacturer: B\n"
    [found] = structures(captures(dmidecode=text)["dmidecode"])
    assert (found.type, found.first, found.last, found.fields) == (1, 1, 2, {"Manufacturer": "A"})
    assert structures(captures(dmidecode="Handle 0x1, DMI type ٣, 1 bytes\n\tA: B\n")["dmidecode"]) == ()


def test_one_or_two_characters_are_no_serial() -> None:
    assert [real_serial(one) for one in ("1", "A1", "SN", "X10")] == ["", "", "", "X10"]


def test_macs_that_other_hosts_have_too_are_no_keys() -> None:
    shared = ("00:50:56:c0:00:01", "00:16:3e:00:00:00", "0a:00:27:00:00:0e", "02:00:00:00:00:07")
    text = "".join(f"{n}: eth{n}: <UP>\n    link/ether {mac} brd x\n" for n, mac in enumerate(shared, 1))
    assert identify(captures(ip_address=text)) == (IdentityKey("mac", "02:00:00:00:00:07"),)
    for name in (
        "vmnet8",
        "vboxnet0",
        "lxcbr0",
        "lxdbr0",
        "podman0",
        "wg0",
        "ztabc",
        "kube-ipvs0",
        "ovs-system",
        "usb0",
    ):
        assert identify(captures(ip_address=f"2: {name}: <UP>\n    link/ether 02:00:00:00:00:08 brd x\n")) == ()
