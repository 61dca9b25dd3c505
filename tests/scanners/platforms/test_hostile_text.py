"""Whatever a target answers, reading it gives observations and gaps, in bounded time, and never an exception."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.platforms import PLATFORMS
from scanners.platforms.reading import observe
from xunyan.facts import FACTS
from xunyan.model import Capture, Envelope, GapReason

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)
LINUX = PLATFORMS["linux"]
SOURCES = sorted({source for reader in LINUX.readers for source in reader.sources})

# Words on which the readers turn, so that what is made up gets past their first look.
WORDS = [
    "vendor_id", "CentaurHauls", "GenuineIntel", "HygonGenuine", "model name", "Model Name", "cpu family", "CPU implementer",
    "CPU part", "0x41", "0x48", "0x", "-1", "٣", "²", "0x70", "0xd01", "revision", "pvr 0066", "cpu", "flags", "hypervisor",
    "Hardware Watchpoint", "Loongson-3A5000", "QEMU", "架构", "厂商 ID", "型号名称", "座", "CPU(s)", "Socket(s)", "loongarch64",
    "Handle 0x0004, DMI type 4, 48 bytes", "Handle 0x0001, DMI type 1, 27 bytes", "Handle 0x0000, DMI type", "\tID",
    "\tManufacturer", "\tVersion", "\tFamily", "ARMv8", "\tSignature", "JEP-106", "33 66 1F 70", "-1 GG 1F 70", "\tUUID",
    "\tSerial Number", "ID", "NAME", "PRETTY_NAME", "VERSION_ID", "kylin", "uos", "debian", "nfs", "V10 (Sword)", "sp",
    "SystemName", "ProductType", "MajorVersion", "name", "milestone", "rpm", "dpkg", "apt-origin", "|", "systemd-detect-virt",
    "pid1-cgroup", "sys_vendor", "Linux", "=", ":", "：", ": ", "\n", "\r\n", "\t", " ", "'", '"', "\ufeff", "\0", "\u2028",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
BODIES = st.one_of(TEXTS.map(lambda text: text.encode("utf-8", "replace")), st.binary(max_size=300))


def capture(source: str, body: bytes, exit_code: int | None = 0) -> Capture:
    envelope = Envelope("host:a", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
    return Capture(f"c-{source}", envelope, exit_code, body, "", "")


@given(st.dictionaries(st.sampled_from(SOURCES), BODIES, max_size=6), st.sampled_from([0, None, 1]))
def test_any_text_in_any_source(bodies: dict[str, bytes], exit_code: int | None) -> None:
    captures = {source: capture(source, body, exit_code) for source, body in bodies.items()}
    observations, blind = observe(LINUX.readers, captures)
    for observation in observations:
        assert observation.evidence
        assert all(isinstance(fact, FACTS[observation.name]) for fact in observation.facts)
        for evidence in observation.evidence:
            assert evidence.source in captures
            lines = max(1, len(captures[evidence.source].text.splitlines()))
            assert 1 <= evidence.first <= evidence.last <= lines
    assert {one.source for one in blind} <= set(captures)
    assert exit_code != 1 or {one.reason for one in blind} <= {GapReason.UNSUPPORTED}
    LINUX.identify(captures)


@given(st.dictionaries(st.sampled_from(SOURCES), BODIES, max_size=3))
def test_reading_twice_gives_the_same(bodies: dict[str, bytes]) -> None:
    captures = {source: capture(source, body) for source, body in bodies.items()}
    assert observe(LINUX.readers, captures) == observe(LINUX.readers, captures)


FLOODS = {
    "cpuinfo": "vendor_id : {n}\nmodel name : X{n}\nCPU implementer : 0x{n:x}\nCPU part : 0x{n:x}\n",
    "lscpu": "label {n}: {n}\n",
    "midr": "cpu{n} 0x{n:x}\n",
    "dmidecode": "Handle 0x{n:x}, DMI type 4, 48 bytes\n\tManufacturer: Intel\n\tVersion: Intel X{n}\n",
    "devicetree": "compatible: nobody,{n}\n",
    "virtualization": "sys_vendor=QEMU {n}\n",
    "dmi-sysfs": "sys_vendor: QEMU {n}\n",
    "os-release": "KEY{n}={n}\n",
    "release-package": "rpm: a|{n}|b|c|d|\napt-origin: kylin{n}\n",
    "uname": "word{n} ",
}


@pytest.mark.parametrize("source", FLOODS)
def test_a_megabyte_is_read_in_bounded_time(source: str) -> None:
    line = FLOODS[source]
    text = "".join(line.format(n=number) for number in range(1_048_576 // len(line)))[:1_048_576]
    began = time.process_time()
    observations, _ = observe(LINUX.readers, {source: capture(source, text.encode())})
    assert time.process_time() - began < 5
    assert sum(len(one.evidence) for one in observations) <= 100
