"""Answers of Windows endpoints for tests.

None was taken from a real machine: there was neither Windows nor PowerShell where they were written. Each has the shape
that Microsoft documents for its class or cmdlet, in the layout of ConvertTo-Json (two blanks behind the colon are those
of Windows PowerShell); the values are invented, the CPU names are those of public collections.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from scanners.platforms.reading import lines_of
from xunyan.model import Capture, Envelope, Evidence

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def capture(source: str, text: str | bytes) -> Capture:
    envelope = Envelope("host:pc", "endpoint", "windows", "", "", "", "", source, source, TAKEN, "")
    body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return Capture(f"c-{source}", envelope, 0, body, "", "")


def captures(**answers: object) -> dict[str, Capture]:
    """Captures by source (an underscore for a hyphen) from text, or from values that PowerShell would show as JSON."""
    found = {}
    for name, answer in answers.items():
        source = name.replace("_", "-")
        found[source] = capture(source, answer if isinstance(answer, str | bytes) else as_json(answer))
    return found


def as_json(value: object) -> str:
    """Lay values out as PowerShell 7 does, with Windows's line ends."""
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\r\n") + "\r\n"


def cited(evidence: Evidence, sources: Mapping[str, Capture]) -> list[str]:
    """The lines that a piece of evidence points at."""
    return [line.strip() for line in lines_of(sources[evidence.source])[evidence.first - 1 : evidence.last]]


# One socket in the layout of Windows PowerShell 5.1, which stands without an array around it.
PROCESSOR_INTEL = """\
{
    "Manufacturer":  "GenuineIntel",
    "Name":  "Intel(R) Core(TM) i5-9500 CPU @ 3.00GHz",
    "Caption":  "Intel64 Family 6 Model 158 Stepping 10",
    "Family":  205,
    "Architecture":  9,
    "ProcessorId":  "BFEBFBFF000906EA",
    "NumberOfCores":  6,
    "NumberOfLogicalProcessors":  6,
    "SocketDesignation":  "U3E1"
}
"""


def processor(maker: str, name: str, caption: str = "", architecture: int = 9, **others: object) -> dict[str, object]:
    return {
        "Manufacturer": maker,
        "Name": name,
        "Caption": caption,
        "Family": 2,
        "Architecture": architecture,
        **others,
    }


def central(maker: str, name: str, midr: int | None = None, number: str = "0") -> dict[str, object]:
    identifier = "ARMv8 (64-bit) Family 8 Model D01 Revision 0" if midr else "AMD64 Family 24 Model 1 Stepping 1"
    return {
        "PSChildName": number, "VendorIdentifier": maker, "ProcessorNameString": name, "Identifier": identifier,
        "CP 4000": midr,
    }  # fmt: skip


def computer(maker: str = "LENOVO", model: str = "11J8S0AB00", **others: object) -> dict[str, object]:
    return {
        "Manufacturer": maker, "Model": model, "SystemType": "x64-based PC", "HypervisorPresent": False,
        "UUID": "3D6A8F10-1B2C-4D5E-8F90-A1B2C3D4E5F6", "IdentifyingNumber": "PF3ABCDE", "BIOSSerialNumber": "PF3ABCDE",
        "BaseBoardSerialNumber": "L1HF0AB00CD", **others,
    }  # fmt: skip


def system(caption: str = "Microsoft Windows 10 专业版", **others: object) -> dict[str, object]:
    return {
        "Caption": caption, "Version": "10.0.19045", "BuildNumber": "19045", "CSDVersion": None,
        "OSArchitecture": "64 位", "OperatingSystemSKU": 48, "ProductType": 1, "InstallDate": "2024-03-01T09:30:00", **others,
    }  # fmt: skip


def address(text: str, prefix: int | None, **others: object) -> dict[str, object]:
    return {
        "InterfaceAlias": "以太网", "InterfaceDescription": "Realtek PCIe GbE Family Controller",
        "InterfaceType": "Ethernet", "OperationalStatus": "Up", "MacAddress": "60CF84A1B2C3",
        "AddressFamily": "InterNetworkV6" if ":" in text else "InterNetwork", "IPAddress": text, "PrefixLength": prefix,
        "AddressState": "Preferred", "PrefixOrigin": "RouterAdvertisement", "SuffixOrigin": "LinkLayerAddress", **others,
    }  # fmt: skip


LOOPBACK = {
    "InterfaceAlias": "Loopback Pseudo-Interface 1", "InterfaceDescription": "Software Loopback Interface 1",
    "InterfaceType": "Loopback", "MacAddress": "",
}  # fmt: skip
ADDRESSES = [
    address("240e:1:2::10", 64),
    address("fe80::1c2d:3e4f:5a6b:7c8d%12", 64, PrefixOrigin="WellKnown"),
    address("192.168.1.10", 24, PrefixOrigin="Dhcp"),
    address("::1", 128, **LOOPBACK),
    address("127.0.0.1", 8, **LOOPBACK),
]
NETSTAT = """\
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       912\r
  TCP    192.168.1.10:139       0.0.0.0:0              LISTENING       4\r
  TCP    192.168.1.10:50122     10.1.2.3:443           ESTABLISHED     5120\r
  TCP    192.168.1.10:50130     10.1.2.4:443           TIME_WAIT       0\r
  TCP    [::]:135               [::]:0                 LISTENING       912\r
  TCP    [240e:1:2::10]:50200   [240e:9::9]:443        ESTABLISHED     5120\r
  UDP    0.0.0.0:123            *:*                                    1044\r
  UDP    [fe80::1c2d:3e4f:5a6b:7c8d%12]:1900  *:*                                    2208\r
"""
