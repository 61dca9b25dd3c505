"""Every machine and system that a scenario can name is read by the product as what it stands for, from texts and over SSH."""

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from lab.farm import Farm
from lab.hosts import HostSpec
from lab.kinds import LISTS, MACHINES, SYSTEMS, texts
from scanners.platforms.linux import PLATFORM
from scanners.platforms.reading import observe
from tests.lab.ssh import MISSING, Client
from tests.making import PROJECT
from xunyan.facts import Machine, OperatingSystem, Processor, Virtualization
from xunyan.model import Capture, Envelope

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)
FILES = {
    "cpuinfo": "/proc/cpuinfo", "os-release": "/etc/os-release", "os-version": "/etc/os-version",
    "kylin-release": "/etc/kylin-release", "redhat-release": "/etc/redhat-release", "issue": "/etc/issue",
    "UnionTech-release": "/etc/UnionTech-release", "openEuler-release": "/etc/openEuler-release",
    "debian_version": "/etc/debian_version", "lscpu": "lscpu", "dmidecode": "dmidecode", "uname": "uname -a",
}  # fmt: skip


@dataclass(frozen=True)
class Chip:
    """Whose chip a machine has, of which family and architecture, and by which hypervisor it is a guest."""

    vendor: str
    family: str
    architecture: str
    guest: str = ""
    hidden: bool = False


CHIPS: Mapping[str, Chip] = {
    "kunpeng-920": Chip("hisilicon", "Kunpeng-920", "aarch64"),
    "phytium-ft2000-4": Chip("phytium", "FTC663", "aarch64"),
    "hygon-7285": Chip("hygon", "Dhyana", "x86_64"),
    "hygon-guest": Chip("hygon", "Dhyana", "x86_64", "kvm"),
    "loongson-3a5000": Chip("loongson", "", "loongarch64"),
    "zhaoxin-kx6000": Chip("zhaoxin", "", "x86_64"),
    "via-nano": Chip("via", "", "x86_64"),
    "intel-4214": Chip("intel", "", "x86_64"),
    "greatwall-intel": Chip("intel", "", "x86_64"),
    "amd-epyc": Chip("amd", "", "x86_64"),
    "qemu-guest": Chip("intel", "", "x86_64", "kvm", hidden=True),
}
MAKERS = {
    "kunpeng-920": "Huawei", "phytium-ft2000-4": "GreatWall", "greatwall-intel": "GreatWall", "hygon-guest": "Red Hat",
    "zhaoxin-kx6000": "Lenovo", "via-nano": "VIA", "qemu-guest": "QEMU",
}  # fmt: skip
SYSTEMS_READ = {
    "kylin-server-v10": ("kylin-server", "V10", "SP3"),
    "uos-server-20": ("uos-server", "V20", ""),
    "openeuler-22.03": ("openeuler", "22.03", "SP3"),
    "centos-7": ("centos", "7.9.2009", ""),
    "debian-12": ("debian", "12", ""),
    "ubuntu-22.04": ("ubuntu", "22.04", ""),
    "ubuntu-kylin-22.04": ("ubuntu", "22.04", ""),
    "kylin-desktop-v10-sp1": ("kylin-desktop", "V10", "SP1"),
    "uos-desktop-20": ("uos-desktop", "V20", ""),
}


def package(identity: Mapping[str, str]) -> str:
    """What the collector says of the package that owns the release file, of texts as they lie on a host."""
    if "rpm" in identity:
        assert identity["/var/lib/dpkg/status"] == ""  # or the machine's own would be asked
        return identity["rpm"]
    rows = dict(line.split(": ", 1) for line in identity["/var/lib/dpkg/status"].splitlines() if line)
    assert "/etc/os-release" in identity[f"/var/lib/dpkg/info/{rows['Package']}.list"].splitlines()
    (release,) = [text for path, text in identity.items() if path.startswith(LISTS) and path.endswith("Release")]
    (origin,) = re.findall("^Origin: (.*)$", release, re.MULTILINE)
    return f"dpkg: {rows['Package']}|{rows['Version']}||{rows['Maintainer']}|\napt-origin: {origin}\n"


def read(bodies: Mapping[str, str]) -> dict[str, Any]:
    """What the product reads from the answers of one host: each kind of fact by its name, the first one."""
    captures = {}
    for source, text in bodies.items():
        envelope = Envelope("host:x", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
        captures[source] = Capture("c", envelope, 0, text.encode(), "", "")
    observations, blind = observe(PLATFORM.readers, captures)
    assert blind == ()
    return {one.name: one.facts[0] for one in observations if one.facts}


def read_texts(identity: Mapping[str, str]) -> dict[str, Any]:
    bodies = {source: identity[path] for source, path in FILES.items() if path in identity}
    hints = f"systemd-detect-virt={identity['systemd-detect-virt']}"
    return read({**bodies, "release-package": package(identity), "virtualization": hints})


def is_machine(found: Mapping[str, Any], machine: str, *, guest: bool = False) -> None:
    chip, processor = CHIPS[machine], found["processor"]
    assert isinstance(processor, Processor)
    assert (processor.vendor, processor.family, processor.architecture) == (chip.vendor, chip.family, chip.architecture)
    assert processor.model == MACHINES[machine].processor.model
    assert (processor.disputed, processor.model_disputed) == (False, False)
    guest = guest or bool(chip.guest)
    assert processor.through_hypervisor is guest
    assert processor.hidden is (chip.hidden or (guest and chip.vendor == "loongson"))
    virtual = found["virtualization"]
    assert virtual == Virtualization(guest, "kvm" if guest else "", "")
    if "machine" in found:
        assert isinstance(found["machine"], Machine)
        assert found["machine"].manufacturer == MAKERS.get(machine, found["machine"].manufacturer)


def is_system(found: Mapping[str, Any], system: str) -> None:
    read_as = found["operating-system"]
    assert isinstance(read_as, OperatingSystem)
    assert (read_as.family, read_as.version, read_as.service_pack) == SYSTEMS_READ[system]
    assert (read_as.container, read_as.disputed, read_as.corroborated) == (False, False, True)
    assert read_as.edition == ("server" if "-server" in system else "desktop" if "-desktop" in system else "")


def test_all_kinds_stand_in_the_tables_here() -> None:
    assert (set(CHIPS), set(SYSTEMS_READ)) == (set(MACHINES), set(SYSTEMS))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("guest", [False, True], ids=["", "guest"])
def test_texts_are_read_as_what_they_stand_for(machine: str, system: str, guest: bool) -> None:
    found = read_texts(texts(machine, system, "pc001", guest=guest))
    is_machine(found, machine, guest=guest)
    is_system(found, system)


def test_equal_names_equal_texts_and_no_two_alike() -> None:
    one, other = (texts("kunpeng-920", "kylin-server-v10", name) for name in ("a", "b"))
    assert one == texts("kunpeng-920", "kylin-server-v10", "a")
    assert one["/etc/machine-id"] != other["/etc/machine-id"]
    assert re.fullmatch("[0-9a-f]{32}\n", one["/etc/machine-id"])
    for name in ("serial", "uuid"):
        own = {getattr(read_texts(text)["machine"], name) for text in (one, other)}
        assert len(own - {""}) == 2
    assert one["uname -n -m"] == "a aarch64\n"
    with pytest.raises(KeyError):
        texts("abacus", "kylin-server-v10", "a")
    with pytest.raises(KeyError):
        texts("kunpeng-920", "cp/m", "a")


PAIRS = list(zip(MACHINES, islice(cycle(SYSTEMS), len(MACHINES)), strict=True))


@pytest.mark.skipif(bool(MISSING), reason="no sshd or ssh here: apt-get install openssh-server openssh-client")
def test_the_collector_reads_them_over_ssh(tmp_path: Path) -> None:
    """Each machine and each system once, as far as an ordinary user may look."""
    assert {system for _, system in PAIRS} == set(SYSTEMS)
    specs = [
        HostSpec(f"kind{number}", f"127.78.40.{number + 1}", identity=texts(machine, system, f"kind{number}"))
        for number, (machine, system) in enumerate(PAIRS)
    ]
    script = (PROJECT / "playbooks" / "collect.sh").read_bytes()
    with Farm(tmp_path / "farm", specs) as farm:
        client = Client(tmp_path, farm.client_key, farm.known_hosts())

        def collect(spec: HostSpec) -> dict[str, str]:
            done = client.run(f"{farm.user}@{spec.address}", farm.port, "sh -s", given=script, seconds=60)
            assert done.returncode == 0, done.stderr
            lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
            return {line["source"]: line["output"] for line in lines if "output" in line}

        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(collect, specs))
    for (machine, system), bodies in zip(PAIRS, answers, strict=True):
        found = read(bodies)
        is_machine({name: found[name] for name in ("processor", "virtualization")}, machine)
        is_system(found, system)


def test_kinds_that_documents_and_scenarios_name_exist() -> None:
    files = [*PROJECT.glob("docs/**/*.md"), *PROJECT.glob("*.md"), *PROJECT.glob("lab/scenarios/*.yaml")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    for key, table in (("machine", MACHINES), ("system", SYSTEMS)):
        named = set(re.findall(rf'\b{key}: +"?([a-z0-9][a-z0-9.-]+[a-z0-9])', text))
        assert named
        assert named <= set(table)
