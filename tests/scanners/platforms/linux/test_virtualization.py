"""Guests and containers as Linux hosts show them; the texts were made for these tests, in the collector's form."""

from datetime import UTC, datetime

import pytest

from scanners.platforms.linux.virtualization import container_sign, guest_signs, read_virtualization
from xunyan.facts import Virtualization
from xunyan.model import Capture, Envelope

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def captures(**answers: str) -> dict[str, Capture]:
    found = {}
    for name, text in answers.items():
        source = name.replace("_", "-")
        envelope = Envelope("host:a", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
        found[source] = Capture(f"c-{source}", envelope, 0, text.encode(), "", "")
    return found


HOST = """\
systemd-detect-virt=none
systemd-detect-virt-container=none
sys_vendor=Huawei
product_name=TaiShan 200 (Model 2280)
cpuinfo-hypervisor-flag=no
pid1-container=<denied>
"""


def test_a_machine_of_its_own_cites_what_was_looked_at() -> None:
    reading = read_virtualization(captures(virtualization=HOST, cpuinfo="processor : 0\n"))
    assert reading.facts == (Virtualization(guest=False, hypervisor="", container=""),)
    assert [(one.source, one.first, one.last) for one in reading.evidence] == [
        ("virtualization", 1, 1),
        ("cpuinfo", 1, 1),
    ]


@pytest.mark.parametrize(
    ("source", "text", "hypervisor", "lines"),
    [
        ("virtualization", "systemd-detect-virt=kvm\nsystemd-detect-virt-container=none\n", "kvm", (1, 1)),
        ("virtualization", "systemd-detect-virt=<absent>\nsys_vendor=QEMU\n", "QEMU", (2, 2)),
        ("virtualization", "systemd-detect-virt=<absent>\nproduct_name=KVM Virtual Machine\n", "KVM Virtual Machine", (2, 2)),
        ("virtualization", "systemd-detect-virt=<no answer>\ncpuinfo-hypervisor-flag=yes\n", "unknown", (2, 2)),
        ("virtualization", "hypervisor-type=xen\n", "xen", (1, 1)),
        ("virtualization", "devicetree-hypervisor=linux,kvm\n", "linux,kvm", (1, 1)),
        ("lscpu", "Architecture: x86_64\nHypervisor vendor: KVM\n", "KVM", (2, 2)),
        ("lscpu", "架构：  x86_64\n标记：  fpu vme hypervisor lahf_lm\n", "unknown", (2, 2)),
        ("lscpu", "架构：  x86_64\n超管理器厂商：  VMware\n", "VMware", (2, 2)),
        ("lscpu", "Architecture: loongarch64\nCPU(s): 4\nSocket(s): 4\n", "unknown", (3, 3)),
        ("cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor\n", "unknown", (2, 2)),
        ("cpuinfo", "Model Name\t: Loongson-3A5000\nHardware Watchpoint\t: no\n", "unknown", (2, 2)),
        ("dmi-sysfs", "bios_vendor: SeaBIOS\nsys_vendor: Alibaba Cloud\n", "Alibaba Cloud", (2, 2)),
        ("dmi-sysfs", "sys_vendor: Microsoft Corporation\nproduct_name: Virtual Machine\n", "Virtual Machine", (2, 2)),
    ],
)  # fmt: skip
def test_signs_of_a_guest(source: str, text: str, hypervisor: str, lines: tuple[int, int]) -> None:
    reading = read_virtualization(captures(**{source: text}))
    assert reading.facts == (Virtualization(guest=True, hypervisor=hypervisor, container=""),)
    assert [(one.source, one.first, one.last) for one in reading.evidence] == [(source, *lines)]


@pytest.mark.parametrize(
    ("maker", "product"),
    [
        ("OpenStack Foundation", "OpenStack Nova"), ("Red Hat", "KVM"), ("VMware, Inc.", "VMware Virtual Platform"),
        ("Xen", "HVM domU"), ("innotek GmbH", "VirtualBox"), ("Bochs", "Bochs"), ("Tencent Cloud", "CVM"),
        ("Huawei", "KVM"), ("Huawei Cloud", "OpenStack Nova"), ("Anyone", "Standard PC (Q35 + ICH9, 2009)"),
    ],
)  # fmt: skip
def test_makers_and_products_that_are_hypervisors(maker: str, product: str) -> None:
    text = (
        f"Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: {maker}\n\tProduct Name: {product}\n"
    )
    reading = read_virtualization(captures(dmidecode=text))
    assert reading.facts == (Virtualization(guest=True, hypervisor=maker, container=""),)


@pytest.mark.parametrize(
    ("maker", "product"),
    [
        ("Huawei", "TaiShan 200 (Model 2280)"), ("HUAWEI", "L410 KLVU-WDU0"), ("Sangfor", "aServer-2305"),
        ("Microsoft Corporation", "Surface Pro 7"), ("GreatWall", "TN140A2"), ("Loongson", "Loongson-3A5000-HV-7A2000"),
    ],
)  # fmt: skip
def test_makers_of_machines_are_no_sign(maker: str, product: str) -> None:
    text = (
        f"Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: {maker}\n\tProduct Name: {product}\n"
    )
    hints = f"systemd-detect-virt=<absent>\nsys_vendor={maker}\nproduct_name={product}\n"
    sysfs = f"sys_vendor: {maker}\nproduct_name: {product}\n"
    assert guest_signs(captures(dmidecode=text, virtualization=hints, dmi_sysfs=sysfs)) == ("", ())


def test_firmware_that_says_so_itself() -> None:
    text = (
        "Handle 0x0000, DMI type 0, 24 bytes\nBIOS Information\n\tCharacteristics:\n\t\tSystem is a virtual machine\n"
    )
    assert guest_signs(captures(dmidecode=text))[0] == "unknown"


def test_the_name_comes_from_the_source_that_knows_it() -> None:
    hypervisor, evidence = guest_signs(
        captures(
            virtualization="cpuinfo-hypervisor-flag=yes\n",
            lscpu="Hypervisor vendor: KVM\n",
            cpuinfo="flags : hypervisor\n",
        )
    )
    assert hypervisor == "KVM"
    assert [one.source for one in evidence] == ["virtualization", "lscpu", "cpuinfo"]


@pytest.mark.parametrize(
    ("hints", "container"),
    [
        ("systemd-detect-virt=docker\nsystemd-detect-virt-container=docker\n", "docker"),
        ("systemd-detect-virt=kvm\nsystemd-detect-virt-container=lxc\n", "lxc"),
        ("systemd-detect-virt=<absent>\ndockerenv=yes\n", "docker"),
        ("systemd-detect-virt=<absent>\ncontainerenv=yes\n", "podman"),
        ("systemd-detect-virt=<absent>\npid1-container=oci\n", "oci"),
        ("systemd-detect-virt=<absent>\npid1-cgroup=12:memory:/docker/0123abcd\n", "docker"),
        ("systemd-detect-virt=<absent>\npid1-cgroup=0::/kubepods.slice/cri-containerd-0123.scope\n", "kubernetes"),
        ("systemd-detect-virt=<absent>\npid1-cgroup=0::/machine.slice/libpod-0123.scope\n", "podman"),
        ("systemd-detect-virt=none\nsystemd-detect-virt-container=none\n", ""),
        ("systemd-detect-virt=<no answer>\nsystemd-detect-virt-container=<no answer>\npid1-container=<denied>\n", ""),
        ("systemd-detect-virt=none\npid1-cgroup=0::/init.scope\n", ""),
    ],
)
def test_containers(hints: str, container: str) -> None:
    sign = container_sign(captures(virtualization=hints))
    assert (sign[0] if sign else "") == container


def test_a_container_in_a_guest_is_both_and_one_on_a_host_is_no_guest() -> None:
    both = read_virtualization(
        captures(virtualization="systemd-detect-virt=kvm\nsystemd-detect-virt-container=docker\n")
    )
    assert both.facts == (Virtualization(guest=True, hypervisor="kvm", container="docker"),)
    assert [(one.first, one.last) for one in both.evidence] == [(1, 1), (2, 2)]
    only = read_virtualization(captures(virtualization="systemd-detect-virt=docker\n"))
    assert only.facts == (Virtualization(guest=False, hypervisor="", container="docker"),)


def test_digits_of_other_scripts_are_no_count() -> None:
    text = "Architecture: loongarch64\nCPU(s): ²\nSocket(s): ²\n"
    assert guest_signs(captures(lscpu=text)) == ("", ())


def test_one_core_in_one_socket_is_no_sign() -> None:
    assert guest_signs(captures(lscpu="Architecture: loongarch64\nCPU(s): 1\nSocket(s): 1\n")) == ("", ())
    assert guest_signs(captures(lscpu="Architecture: aarch64\nCPU(s): 4\nSocket(s): 4\n")) == ("", ())


def test_a_host_that_floods_us_with_signs_gets_a_bounded_answer() -> None:
    assert len(guest_signs(captures(virtualization="sys_vendor=QEMU\n" * 10_000))[1]) == 4
