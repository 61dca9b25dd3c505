"""Machines, guests and identity keys of Windows endpoints, in documented shapes (see `answering`)."""

import pytest

from scanners.platforms.windows.machine import identify, read_machine, read_virtualization
from tests.scanners.platforms.windows.answering import ADDRESSES, address, captures, computer
from xunyan.facts import Machine, Virtualization
from xunyan.model import IdentityKey

GUID = "8a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"


def test_a_machine() -> None:
    reading = read_machine(captures(computer_system=computer()))
    assert reading.facts == (
        Machine("LENOVO", "11J8S0AB00", "PF3ABCDE", "3d6a8f10-1b2c-4d5e-8f90-a1b2c3d4e5f6", "L1HF0AB00CD", "", False),
    )
    assert reading.evidence[0].source == "computer-system"


def test_placeholders_are_no_values_and_the_bios_may_know_the_serial() -> None:
    answer = computer(IdentifyingNumber="To be filled by O.E.M.", BIOSSerialNumber="5CG1234XYZ",
                      BaseBoardSerialNumber="Default string", UUID="FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF")  # fmt: skip
    (found,) = read_machine(captures(computer_system=answer)).facts
    assert isinstance(found, Machine)
    assert (found.serial, found.uuid, found.board_serial) == ("5CG1234XYZ", "", "")
    answer = computer(IdentifyingNumber=None, BIOSSerialNumber="System Serial Number")
    (found,) = read_machine(captures(computer_system=answer)).facts
    assert isinstance(found, Machine)
    assert found.serial == ""


def test_a_value_cannot_pass_itself_off_as_another() -> None:
    answer = computer(Model="X\nproduct_serial: FORGED1", IdentifyingNumber=None, BIOSSerialNumber=None)
    (found,) = read_machine(captures(computer_system=answer)).facts
    assert isinstance(found, Machine)
    assert found.serial == ""


@pytest.mark.parametrize(
    ("maker", "model", "guest"),
    [
        ("LENOVO", "11J8S0AB00", False),
        ("VMware, Inc.", "VMware Virtual Platform", True),
        ("Microsoft Corporation", "Virtual Machine", True),
        ("Microsoft Corporation", "Surface Pro 7", False),
        ("QEMU", "Standard PC (Q35 + ICH9, 2009)", True),
        ("OpenStack Foundation", "OpenStack Nova", True),
    ],
)
def test_guests_by_maker_and_model(maker: str, model: str, guest: bool) -> None:
    # Hyper-V and virtualization-based security set HypervisorPresent on a machine of its own too.
    (found,) = read_virtualization(captures(computer_system=computer(maker, model, HypervisorPresent=True))).facts
    assert isinstance(found, Virtualization)
    assert found.guest is guest


@pytest.mark.parametrize("text", ["", "[]", "{}", "拒绝访问。", '{"Manufacturer": "LENOVO"}'])
def test_anything_else_is_unreadable(text: str) -> None:
    for read in (read_machine, read_virtualization):
        reading = read(captures(computer_system=text))
        assert (reading.facts, reading.evidence) == ((), ())
        assert [source for source, _ in reading.unreadable] == ["computer-system"]


def test_keys_strongest_first() -> None:
    said = captures(computer_system=computer(), machine_guid=f"{GUID}\r\n", ip_address=ADDRESSES, hostname="pc")
    assert identify(said) == (
        IdentityKey("serial", "PF3ABCDE"),
        IdentityKey("uuid", "3d6a8f10-1b2c-4d5e-8f90-a1b2c3d4e5f6"),
        IdentityKey("board-serial", "L1HF0AB00CD"),
        IdentityKey("machine-id", GUID.replace("-", "")),
        IdentityKey("mac", "60:cf:84:a1:b2:c3"),
    )


def test_junk_is_no_key() -> None:
    rows = [
        address(
            "192.168.111.1",
            24,
            InterfaceDescription="VMware Virtual Ethernet Adapter for VMnet8",
            MacAddress="005056C00008",
        ),
        address("192.168.56.1", 24, InterfaceAlias="以太网 2", MacAddress="0A0027000005"),
        address("10.0.0.5", 24, InterfaceType="Tunnel", MacAddress="00000000000000E0"),
        address("10.0.0.6", 24, InterfaceType="Ppp", MacAddress="021122334455"),
        address("10.0.0.7", 24, MacAddress="000000000000"),
        address("10.0.0.8", 24, MacAddress=""),
    ]
    blank = computer(UUID=None, IdentifyingNumber="", BIOSSerialNumber="0", BaseBoardSerialNumber="None")
    guid = "00000000-0000-0000-0000-000000000000"
    assert identify(captures(computer_system=blank, machine_guid=guid, ip_address=rows)) == ()
    assert identify(captures(computer_system="?", machine_guid="错误", ip_address="[")) == ()
    assert identify({}) == ()
