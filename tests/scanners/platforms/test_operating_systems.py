"""The tables of operating systems and of whose packages and kernels they carry."""

import pytest

from scanners.platforms.lineages import by_kernel, by_origin, contradict, foreign_kernel, foreign_package, lineage
from scanners.platforms.operating_systems import Named, by_banner, by_release


@pytest.mark.parametrize(
    ("banner", "named"),
    [
        ("Kylin Linux Advanced Server release V10 (Tercel)", Named("kylin-server", "V10", "SP1")),
        ("Kylin Linux Advanced Server release V10 (Sword)", Named("kylin-server", "V10", "SP2")),
        ("Kylin Linux Advanced Server release V10 (Lance)", Named("kylin-server", "V10", "SP3")),
        ("Kylin Linux Advanced Server release V10 (Halberd)", Named("kylin-server", "V10", "SP3-2403")),
        ("Kylin Linux Advanced Server release V11 (Swan25)", Named("kylin-server", "V11")),
        ("release V10 (SP3) /(Lance)-x86_64-Build23/20230324", Named("")),
        ("银河麒麟高级服务器操作系统V10 (SP3)", Named("kylin-server", "V10", "SP3")),
        ("银河麒麟桌面操作系统V10 (SP1)", Named("kylin-desktop", "V10", "SP1")),
        ("Kylin-Desktop V10 Kylin-Desktop-V10-SP1-2403-Release-20240430-x86_64-2024-04-07 14:45:43",
         Named("kylin-desktop", "V10", "SP1")),
        ("Kylin Desktop-V10.1-Release-Build1-20201128", Named("kylin-desktop", "V10")),
        ("Kylin-Server 10-SP1-Release-Build04-20200711 Kylin-Server-10-SP1-Release-arm64-2020-07-11 11:04:36",
         Named("kylin-server", "V10", "SP1")),
        ("Kylin V10 SP1", Named("")),
        ("openKylin 2.0 openKylin-2.0", Named("openkylin")),
        ("NeoKylin Linux Advanced Server release V7Update6 (Chromium)", Named("neokylin")),
        ("Ubuntu Kylin 22.04 LTS", Named("ubuntu")),
        ("UnionTech OS Server release 20 (kongzi)", Named("uos-server", "V20")),
        ("KylinSec OS release V3", Named("kylinsec-server", "V3")),
        ("NFSDesktop 5.0", Named("fangde-desktop", "V5.0")),
        ("方德桌面操作系统 Pro V5.0", Named("fangde-desktop", "Pro V5.0")),
        ("NFS Server 4.0 (G291)", Named("fangde-server", "V4.0")),
        ("方德高可信服务器操作系统 V4.0", Named("fangde-server", "V4.0")),
        ("Linx GNU/Linux 6.0.100", Named("linx", "V6.0.100")),
        ("LinxOS 6.0.80 20250816", Named("linx", "V6.0.80")),
        ("openEuler release 22.03 (LTS-SP3)", Named("openeuler", "22.03")),
        ("EulerOS release 2.0 (SP10)", Named("euleros", "2.0")),
        ("CentOS Linux release 7.9.2009 (Core)", Named("centos", "7.9.2009")),
        ("Red Hat Enterprise Linux Server release 6.5 (Santiago)", Named("rhel", "6.5")),
        ("Arch Linux", Named("arch")),
        ("Rocky Linux release 8.9 (Green Obsidian)", Named("rocky", "8.9")),
        ("Fedora release 39 (Thirty Nine)", Named("fedora", "39")),
        ("something else release 3", Named("")),
        ("", Named("")),
    ],
)  # fmt: skip
def test_banners(banner: str, named: Named) -> None:
    assert by_banner(banner) == named


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"ID": "kylin", "NAME": "Kylin", "VERSION": "4.0-2 (juniper)", "VERSION_ID": "4.0-2"},
         Named("kylin-desktop", "V4", assumed=True)),
        ({"ID": "kylin", "NAME": "Kylin", "PRETTY_NAME": "Kylin V10.1"}, Named("kylin-desktop", "V10", assumed=True)),
        ({"ID": "kylin", "NAME": "Kylin", "PRETTY_NAME": "Kylin V10", "PROJECT_CODENAME": "V10SP1-General-Edu"},
         Named("kylin-desktop", "V10", "SP1", assumed=True)),
        ({"ID": "kylin", "NAME": "Kylin Linux"}, Named("kylin")),
        ({"ID": "UOS", "NAME": "UnionTech OS Server 20", "VERSION_ID": "20"}, Named("uos-server", "V20")),
        ({"ID": "uos", "NAME": "UOS", "PLATFORM_ID": "platform:uel20", "VERSION_ID": "20"}, Named("uos-server", "V20")),
        ({"ID": "uos", "NAME": "UOS", "VERSION_CODENAME": "fou", "VERSION_ID": "20"}, Named("uos-server", "V20")),
        ({"ID": "uos", "NAME": "uos", "VERSION_ID": "20"}, Named("uos", "V20")),
        ({"ID": "nfs", "NAME": "NFS Server", "VERSION_ID": "4.0"}, Named("fangde-server", "V4.0")),
        ({"ID": "NFSDesktop", "NAME": "NFSDesktop", "VERSION_ID": "5.0"}, Named("fangde-desktop", "V5.0")),
        ({"ID": "alinux", "VERSION_ID": "3"}, Named("alinux", "V3")),
        ({"ID": "CGSL", "VERSION_ID": "V6.06"}, Named("newstart", "V6")),
        ({"ID": "opencloudos", "VERSION_ID": "9.2"}, Named("opencloudos", "9.2")),
        ({"ID": "Gentoo", "VERSION_ID": "2.15"}, Named("gentoo", "2.15")),
        ({"NAME": "银河麒麟桌面操作系统V11"}, Named("kylin-desktop", "V11")),
        ({}, Named("")),
    ],
)  # fmt: skip
def test_release_fields(fields: dict[str, str], named: Named) -> None:
    assert by_release(fields) == named


@pytest.mark.parametrize(
    ("origin", "family"),
    [
        ("kylin-release | KylinSoft | <http://www.kylinos.cn>", "kylin"),
        ("kylinsec-release | Kylin OS <support@kylinos.com.cn>", "kylinsec"),
        ("base-release | Kylin OS <support@kylinos.com.cn>", "kylin"),  # 麒麟软件's domain, which 麒麟信安 signs with too
        ("neokylin-release | CS2C", "neokylin"),
        ("UnionTech-release | UnionTech", "uos"),
        ("base-files | Deepin Packages Builder <packages@deepin.com>", "deepin"),
        ("base-files | Santiago Vila <sanvila@debian.org>", "debian"),
        ("base-files | Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>", "ubuntu"),
        ("nfs-release | nfschina", "fangde"),
        ("nfs-utils | Somebody", ""),
        ("hce-release | Huawei Cloud | http://openeuler.org", "hce"),
        ("centos-release | CentOS | CentOS BuildSystem <http://bugs.centos.org>", "centos"),
        ("redhat-release-server | Red Hat, Inc.", "rhel"),
        ("openSUSE-release | openSUSE", "suse"),
        ("filesystem | somebody", ""),
    ],
)  # fmt: skip
def test_origins(origin: str, family: str) -> None:
    assert by_origin(origin) == family


@pytest.mark.parametrize(
    ("build", "family"),
    [
        ("4.19.90-24.4.v2101.ky10.x86_64", "kylin"), ("6.6.0-32.7.v2505.ky11.aarch64", "kylin"),
        ("5.4.18-85-generic #74-KYLINOS SMP Fri Mar 24 11:19:19 UTC 2023 aarch64", "kylin"),
        ("4.4.131-20190905.kylin.server-generic", "kylin"), ("5.10.0-136.ks6.x86_64", "kylinsec"),
        ("4.19.90-2403.3.0.0252.87.uelc20.x86_64", "uos"), ("4.19.0-arm64-desktop", "uos"),
        ("6.6.0-72.0.0.76.oe2403sp2.aarch64", "openeuler"), ("5.10.134-16.an8.x86_64", "anolis"),
        ("5.10.134-18.al8.x86_64", "alinux"), ("5.4.119-19-0009.tl4.x86_64", "tencentos"),
        ("5.10.0-182.0.0.95.r1941_123.hce2.x86_64", "hce"), ("4.18.0-147.5.1.6.h998.eulerosv2r9.x86_64", "euleros"),
        ("6.9.7-arch1-1", "arch"), ("6.1.0-18-amd64", ""), ("5.15.0-91-generic", ""), ("3.10.0-1160.el7.x86_64", "rhel"),
        ("6.9.7-200.fc39.x86_64", "fedora"), ("6.6.30-1-lts", "arch"), ("6.9.7-zen1-1-zen", "arch"),
        ("5.15.0-91-generic #101-Ubuntu SMP", "ubuntu"), ("6.1.0-18-amd64 #1 SMP Debian 6.1.76-1", "debian"),
        ("4.19.90-24.4.v2101.ky10.x86_64 #1 SMP LTS", "kylin"),
    ],
)  # fmt: skip
def test_kernels(build: str, family: str) -> None:
    assert by_kernel(build) == family


def test_lineages() -> None:
    assert [lineage(one) for one in ("kylin-server", "uos-desktop", "debian", "opensuse-leap", "sles", "")] == [
        "kylin", "uos", "debian", "suse", "suse", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "both_cannot_be"),
    [
        ("kylin-server", "kylin-desktop", False), ("fangde-desktop", "debian", False), ("uos-server", "kylin", True),
        ("ol", "rhel", False), ("rocky", "centos", False), ("uos-desktop", "arch", True), ("debian", "ubuntu", True),
        ("", "debian", False), ("hce", "euleros", False), ("tencentos", "centos", False),
    ],
)  # fmt: skip
def test_contradictions_hold_both_ways(one: str, other: str, *, both_cannot_be: bool) -> None:
    assert contradict(one, other) is contradict(other, one) is both_cannot_be


def test_a_kernel_is_judged_one_way_only() -> None:
    assert not foreign_kernel("kylinsec-server", "openeuler")
    assert not foreign_kernel("openkylin", "kylin")
    assert not foreign_kernel("debian", "")
    assert not foreign_kernel("", "kylin")
    assert foreign_kernel("debian", "kylin")  # Kylin stands on Debian, never the other way round
    assert foreign_kernel("openeuler", "kylin")


def test_packages_of_another_vendor() -> None:
    assert not foreign_package("uos-desktop", "deepin")
    assert not foreign_package("kylin-server", "neokylin")
    assert not foreign_package("kylinsec-server", "kylin")
    assert not foreign_package("opensuse-leap", "suse")
    assert not foreign_package("kylin-desktop", "")
    assert foreign_package("uos-desktop", "debian")
    assert foreign_package("debian", "uos")
    assert foreign_package("kylin-desktop", "ubuntu", "11ubuntu5.7")
    assert not foreign_package("kylin-desktop", "ubuntu", "11kylin5.7")
    assert not foreign_package("kylin-desktop", "ubuntu", "11ubuntu5.7", {"kylin"})
    assert foreign_package("kylin-desktop", "arch", "1", {"kylin"})
