"""Operating systems as Linux hosts show them.

The release files are those of the products as their vendors and public test collections publish them, shortened to the
fields that are read. Package lines, kernels and hints were made for these tests, in the collector's form.
"""

from datetime import UTC, datetime

import pytest

from scanners.platforms.linux import PLATFORM
from scanners.platforms.linux.releases import key_values, read_system
from scanners.platforms.reading import observe
from xunyan.facts import OperatingSystem, SystemClaim
from xunyan.model import Capture, Envelope, GapReason

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def captures(**answers: str) -> dict[str, Capture]:
    found = {}
    for name, text in answers.items():
        source = {"openEuler_release": "openEuler-release"}.get(name, name.replace("_", "-"))
        envelope = Envelope("host:a", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
        found[source] = Capture(f"c-{source}", envelope, 0, text.encode(), "", "")
    return found


def system(**answers: str) -> OperatingSystem:
    reading = read_system(captures(**answers))
    [fact] = reading.facts
    assert isinstance(fact, OperatingSystem)
    return fact


def release(**fields: str) -> str:
    return "".join(f'{key}="{value}"\n' for key, value in fields.items())


def uname(kernel: str, build: str = "#1 SMP", host: str = "host") -> str:
    return f"Linux {host} {kernel} {build} Fri Mar 24 11:19:19 UTC 2023 x86_64 x86_64 x86_64 GNU/Linux\n"


KYLIN_DESKTOP = release(
    NAME="Kylin", VERSION="银河麒麟桌面操作系统V10 (SP1)", VERSION_US="Kylin Linux Desktop V10 (SP1)", ID="kylin",
    ID_LIKE="debian", PRETTY_NAME="Kylin V10 SP1", VERSION_ID="v10", PROJECT_CODENAME="v10sp1", KYLIN_RELEASE_ID="2403",
)  # fmt: skip
KYLIN_AMBIGUOUS = release(
    NAME="Kylin", ID="kylin", ID_LIKE="debian", PRETTY_NAME="Kylin V10", VERSION_CODENAME="juniper"
)
KYLIN_RPM = "rpm: kylin-release|10-24.6.p41.ky10|KylinSoft|KylinSoft|(none)|\n"
UOS_DESKTOP = release(
    PRETTY_NAME="UnionTech OS Desktop 20 Pro",
    NAME="uos",
    VERSION_ID="20",
    VERSION="20",
    ID="uos",
    VERSION_CODENAME="eagle",
)
DEBIAN = release(PRETTY_NAME="Debian GNU/Linux 12 (bookworm)", NAME="Debian GNU/Linux", VERSION_ID="12", ID="debian")
DEBIAN_DPKG = "dpkg: base-files|12.4+deb12u5||Santiago Vila <sanvila@debian.org>|\napt-origin: Debian\n"


def kylin_server(code: str, version: str = "V10") -> str:
    return release(
        NAME="Kylin Linux Advanced Server", VERSION=f"{version} ({code})", ID="kylin", VERSION_ID=version,
        PRETTY_NAME=f"Kylin Linux Advanced Server {version} ({code})", ANSI_COLOR="0;31",
    )  # fmt: skip


def test_whole_fact_of_a_kylin_server_with_its_lines() -> None:
    reading = read_system(
        captures(
            os_release=kylin_server("Sword"),
            kylin_release="Kylin Linux Advanced Server release V10 (Sword)\n",
            lsb_release='DISTRIB_ID=Kylin\nDISTRIB_DESCRIPTION="Kylin V10"\nDISTRIB_VERSION_TYPE=enterprise\n',
            release_package=KYLIN_RPM,
            uname=uname("4.19.90-24.4.v2101.ky10.x86_64"),
            virtualization="systemd-detect-virt=kvm\nsystemd-detect-virt-container=none\n",
        )
    )
    assert reading.unreadable == ()
    assert reading.facts == (
        OperatingSystem(
            family="kylin-server", edition="server", version="V10", service_pack="SP2",
            shown="Kylin Linux Advanced Server V10 (Sword)", kernel="4.19.90-24.4.v2101.ky10.x86_64",
            package_origin="kylin-release | KylinSoft | KylinSoft", container=False, disputed=False,
            corroborated=True,
            claims=(
                SystemClaim("os-release", "kylin-server", "Kylin Linux Advanced Server V10 (Sword)"),
                SystemClaim("lsb-release", "", "Kylin V10"),
                SystemClaim("kylin-release", "kylin-server", "Kylin Linux Advanced Server release V10 (Sword)"),
                SystemClaim("uname", "kylin", "4.19.90-24.4.v2101.ky10.x86_64"),
                SystemClaim("release-package", "kylin", "kylin-release | KylinSoft | KylinSoft"),
            ),
        ),
    )  # fmt: skip
    assert [(one.source, one.first, one.last) for one in reading.evidence] == [
        ("os-release", 1, 6), ("lsb-release", 1, 3), ("kylin-release", 1, 1), ("release-package", 1, 1), ("uname", 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "version", "pack"),
    [("Tercel", "V10", "SP1"), ("Sword", "V10", "SP2"), ("Lance", "V10", "SP3"), ("Halberd", "V10", "SP3-2403"),
     ("Swan25", "V11", ""), ("Unheard", "V10", "")],
)  # fmt: skip
def test_kylin_server_by_code_name(code: str, version: str, pack: str) -> None:
    found = system(os_release=kylin_server(code, version), release_package=KYLIN_RPM)
    assert (found.family, found.edition, found.version, found.service_pack) == ("kylin-server", "server", version, pack)
    assert not found.disputed


@pytest.mark.parametrize(
    ("text", "version", "pack"),
    [
        (KYLIN_DESKTOP, "V10", "SP1"),
        (KYLIN_AMBIGUOUS, "V10", ""),
        (release(NAME="Kylin", ID="kylin", PRETTY_NAME="Kylin V10.1", VERSION_CODENAME="juniper"), "V10", ""),
        (release(NAME="Kylin", VERSION="4.0-2 (juniper)", ID="kylin", ID_LIKE="debian", PRETTY_NAME="Kylin 4.0-2",
                 VERSION_ID="4.0-2"), "V4", ""),
        (release(NAME="Kylin", FULL_NAME="kylin", VERSION="银河麒麟桌面操作系统V11", ID="kylin",
                 VERSION_US="Kylin Linux Desktop V11", PRETTY_NAME="Kylin V11", VERSION_ID="v11"), "V11", ""),
    ],
)  # fmt: skip
def test_kylin_desktop(text: str, version: str, pack: str) -> None:
    found = system(os_release=text, uname=uname("5.4.18-85-generic", "#74-KYLINOS SMP"))
    assert (found.family, found.edition, found.version, found.service_pack) == (
        "kylin-desktop",
        "desktop",
        version,
        pack,
    )
    assert (found.kernel, found.disputed) == ("5.4.18-85-generic", False)


def test_edition_from_kyinfo_where_os_release_does_not_tell() -> None:
    kyinfo = (
        "[dist]\nname=Kylin-Server\nmilestone=10-SP1-Release-Build04-20200711\narch=arm64\nbeta=False\n"
        "time=2020-07-11 17:16:54\ndist_id=Kylin-Server-10-SP1-Release-Build04-20200711-arm64-2020-07-11 17:16:54\n"
        "[servicekey]\nkey=<redacted>\n[os]\nto=\nterm=2025-07-29\n"
    )
    found = system(os_release=KYLIN_AMBIGUOUS, kyinfo=kyinfo)
    assert (found.family, found.edition, found.version, found.service_pack) == ("kylin-server", "server", "V10", "SP1")
    assert not found.disputed
    told = system(
        os_release=KYLIN_DESKTOP, kyinfo=kyinfo.replace("Kylin-Server", "Kylin-Desktop").replace("10-SP1", "V10")
    )
    assert (told.family, told.version, told.service_pack) == ("kylin-desktop", "V10", "SP1")


def test_edition_from_the_package_manager_where_nothing_else_tells() -> None:
    assert system(os_release=KYLIN_AMBIGUOUS, release_package=KYLIN_RPM).family == "kylin-server"
    deb = "dpkg: base-files|11kylin5|Kylin|Kylin Developers <dev@kylinos.cn>|\napt-origin: Kylin\n"
    assert system(os_release=KYLIN_AMBIGUOUS, release_package=deb).family == "kylin-desktop"


def test_kylin_desktop_on_ubuntus_base_package() -> None:
    ubuntu = (
        "dpkg: base-files|11ubuntu5.7||Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>|\napt-origin: {}\n"
    )
    own = system(os_release=KYLIN_DESKTOP, release_package=ubuntu.format("Kylin"))
    assert (own.family, own.disputed) == ("kylin-desktop", False)
    put_on = system(os_release=KYLIN_DESKTOP, release_package=ubuntu.format("Ubuntu"))
    assert (put_on.family, put_on.disputed) == ("kylin-desktop", True)
    assert put_on.claims[-1].family == "ubuntu"


def test_ubuntu_kylin_is_ubuntu() -> None:
    text = release(
        PRETTY_NAME="Ubuntu 22.04 LTS", NAME="Ubuntu Kylin", VERSION_ID="22.04", ID="ubuntu", ID_LIKE="debian"
    )
    package = (
        "dpkg: base-files|12ubuntu4.6||Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>|\napt-origin: Ubuntu\n"
    )
    found = system(
        os_release=text,
        release_package=package,
        lsb_release='DISTRIB_ID=Ubuntu\nDISTRIB_DESCRIPTION="Ubuntu 22.04 LTS"\n',
    )
    assert (found.family, found.edition, found.version, found.disputed) == ("ubuntu", "", "22.04", False)


FANGDE_DEBIAN = "dpkg: base-files|11.1+deb11u7||Santiago Vila <sanvila@debian.org>|\napt-origin: {}\n"


def test_fangde_under_debians_name() -> None:
    own_words = release(
        PRETTY_NAME="Debian NFSDesktop 11 (bullseye)", NAME="Debian GNU/Linux", VERSION_ID="11", ID="debian"
    )
    found = system(os_release=own_words, release_package=FANGDE_DEBIAN.format("nfschina"))
    assert (found.family, found.edition, found.version, found.disputed) == ("fangde-desktop", "desktop", "", False)
    plain = own_words.replace("NFSDesktop", "GNU/Linux")
    both = system(os_release=plain, nfs_release="NFSDesktop 5.0\n", release_package=FANGDE_DEBIAN.format("nfschina"))
    assert (both.family, both.version, both.shown) == ("fangde-desktop", "V5.0", "NFSDesktop 5.0")
    assert (both.disputed, both.corroborated, found.corroborated) == (False, True, True)
    server = system(
        os_release=release(ID="nfs", NAME="NFS Server", VERSION_ID="4.0"), nfs_release="NFS Server 4.0 (G291)\n"
    )
    assert (server.family, server.edition, server.version, server.disputed) == (
        "fangde-server",
        "server",
        "V4.0",
        False,
    )


OS_VERSION = (
    "[Version]\nSystemName=UOS Desktop\nSystemName[zh_CN]=统信桌面操作系统\nProductType=Desktop\n"
    "ProductType[zh_CN]=桌面\nEditionName={}\nMajorVersion=20\nMinorVersion=1060\nOsBuild=11014.102.100\n"
)


def test_uos_desktop() -> None:
    package = "dpkg: base-files|10.3.60+dde||Deepin Packages Builder <packages@deepin.com>|\n"
    found = system(
        os_release=UOS_DESKTOP, os_version=OS_VERSION.format("Professional"), release_package=package,
        uname=uname("4.19.0-arm64-desktop"),
    )  # fmt: skip
    assert (found.family, found.edition, found.version, found.disputed) == ("uos-desktop", "desktop", "V20", False)
    bare = release(NAME="UOS", ID="UOS", VERSION_ID="20")
    by_file = system(os_release=bare, os_version=OS_VERSION.format("Professional"))
    assert (by_file.family, by_file.version) == ("uos-desktop", "V20")
    assert system(os_release=release(NAME="Uos", ID="uos", VERSION_ID="25")).family == "uos-desktop"
    assert system(os_release=release(NAME="Uos", ID="uos", VERSION_ID="25")).version == "V25"


def test_home_edition_of_uos_is_not_the_evaluated_one() -> None:
    home = UOS_DESKTOP.replace("20 Pro", "20 Home").replace('"20"', '"20 Home"')
    assert system(os_release=home).version == "V20 Home"
    assert system(
        os_release=release(NAME="UOS", ID="uos", VERSION_ID="20"), os_version=OS_VERSION.format("Home")
    ).version == ("V20 Home")
    assert system(os_release=UOS_DESKTOP.replace("20 Pro", "20 E").replace("eagle", "uranus")).version == "V20 E"


@pytest.mark.parametrize(
    ("text", "banner", "kernel"),
    [
        (release(PRETTY_NAME="UOS Server 20", NAME="UOS Server 20", VERSION_ID="20", ID="uos", VERSION_CODENAME="fuyu",
                 PLATFORM_ID="platform:uel20"), "uos release 20 (fuyu)", "4.19.90-2109.1.0.0108.up2.uel20.x86_64"),
        (release(PRETTY_NAME="UnionTech OS Server 20", NAME="UnionTech OS Server 20", VERSION_ID="20", ID="uos",
                 VERSION_CODENAME="kongzi", PLATFORM_ID="platform:uelc20"), "UnionTech OS Server release 20 (kongzi)",
         "4.19.91-26.1.uelc20.x86_64"),
        (release(PRETTY_NAME="UnionTech OS Server 20", NAME="UnionTech OS Server 20", VERSION_ID="20", ID="UOS",
                 VERSION_CODENAME="fou"), "", "4.19.0-amd64-server"),
        (release(PRETTY_NAME="UnionTech OS 20", NAME="UOS", VERSION_ID="20", ID="UOS", VERSION_CODENAME="fou"), "",
         "4.19.0-amd64-server"),
    ],
)  # fmt: skip
def test_uos_server(text: str, banner: str, kernel: str) -> None:
    answers = {"system_release": banner, "redhat_release": banner} if banner else {}
    found = system(os_release=text, uname=uname(kernel), **answers)
    assert (found.family, found.edition, found.version, found.disputed) == ("uos-server", "server", "V20", False)


@pytest.mark.parametrize(
    ("fields", "answers", "family", "version", "pack"),
    [
        ({"PRETTY_NAME": "Deepin 20.9", "NAME": "Deepin", "VERSION_ID": "20.9", "ID": "Deepin"}, {}, "deepin", "20.9", ""),
        ({"NAME": "openKylin", "ID": "openkylin", "PRETTY_NAME": "openKylin 2.0 SP1", "VERSION_ID": "2.0"},
         {"uname": uname("6.6.0-15-generic", "#0ok13-KYLINOS SMP"), "kyinfo": "name=openKylin\nmilestone=2.0\n"},
         "openkylin", "2.0", "SP1"),
        ({"NAME": "openEuler", "ID": "openEuler", "VERSION_ID": "24.03", "PRETTY_NAME": "openEuler 24.03 (LTS-SP2)"},
         {"openEuler_release": "openEuler release 24.03 (LTS-SP2)\n", "uname": uname("6.6.0-98.0.0.103.oe2403sp2.x86_64")},
         "openeuler", "24.03", "SP2"),
        ({"NAME": "Anolis OS", "VERSION": "8.6", "ID": "anolis", "VERSION_ID": "8.6", "PLATFORM_ID": "platform:an8"},
         {"system_release": "Anolis OS release 8.6\n"}, "anolis", "8.6", ""),
        ({"NAME": "TencentOS Server", "ID": "tencentos", "VERSION_ID": "4.2", "PRETTY_NAME": "TencentOS Server 4.2"},
         {}, "tencentos", "V4", ""),
        ({"NAME": "TencentOS Server", "ID": "tencentos", "VERSION_ID": "3.1", "PRETTY_NAME": "TencentOS Server 3.1 (Final)"},
         {"redhat_release": "CentOS Linux release 8.4.2105 (Core)\n"}, "tencentos", "V3", ""),
        ({"NAME": "Huawei Cloud EulerOS", "ID": "hce", "VERSION_ID": "2.0", "VERSION": "2.0 (x86_64)",
          "PRETTY_NAME": "Huawei Cloud EulerOS 2.0 (x86_64)"},
         {"system_release": "Huawei Cloud EulerOS release 2.0 (West Lake)\n",
          "release_package": "rpm: hce-release|2.0-1.hce2|Huawei Cloud|http://openeuler.org|(none)|\n"}, "hce", "V2.0", ""),
        ({"NAME": "EulerOS", "ID": "euleros", "VERSION_ID": "2.0", "PRETTY_NAME": "EulerOS 2.0 (SP10)"},
         {"euleros_release": "EulerOS release 2.0 (SP10)\n"}, "euleros", "2.0", "SP10"),
        ({"NAME": "NeoKylin Linux Advanced Server", "VERSION": "V7Update6 (Chromium)", "ID": "neokylin", "ID_LIKE": "fedora",
          "VERSION_ID": "V7Update6"},
         {"neokylin_release": "NeoKylin Linux Advanced Server release V7Update6 (Chromium)\n",
          "release_package": "rpm: neokylin-release|7-6.10|CS2C|CS2C|(none)|\n"}, "neokylin", "V7Update6", ""),
        ({"NAME": "KylinSec", "ID": "kylinsec", "VERSION_ID": "3.4", "PRETTY_NAME": "KylinSec OS 3.4"},
         {"kylinsec_release": "KylinSec OS release 3.4\n", "uname": uname("4.19.90-2003.ky3.x86_64"),
          "release_package": "rpm: kylinsec-release|3.4-5.ky3|(none)|Kylin OS <support@kylinos.com.cn>|(none)|\n"},
         "kylinsec-server", "V3", ""),
        ({"NAME": "Debian GNU/Linux", "ID": "debian", "VERSION_ID": "10", "PRETTY_NAME": "Linx GNU/Linux 6.0.100"},
         {"release_package": DEBIAN_DPKG}, "linx", "V6.0.100", ""),
        ({"NAME": "Linx", "ID": "linx", "PRETTY_NAME": "Linx GNU/Linux 6.0.99"}, {}, "linx", "V6.0.99", ""),
        ({"NAME": "Loongnix", "ID": "loongnix", "VERSION_ID": "20"}, {"release_package": DEBIAN_DPKG}, "loongnix", "20", ""),
        ({"NAME": "Debian GNU/Linux", "ID": "debian", "PRETTY_NAME": "Loongnix GNU/Linux 20 (DaoXiangHu)", "VERSION_ID": "20"},
         {"release_package": DEBIAN_DPKG}, "loongnix", "20", ""),
    ],
)  # fmt: skip
def test_other_domestic_systems(
    fields: dict[str, str], answers: dict[str, str], family: str, version: str, pack: str
) -> None:
    found = system(os_release=release(**fields), **answers)
    assert (found.family, found.version, found.service_pack) == (family, version, pack)
    assert not found.disputed


def test_linx_without_os_release() -> None:
    found = system(issue="LinxOS 6.0.42 20180816\n")
    assert (found.family, found.version) == ("linx", "V6.0.42")
    under_debian = system(
        os_release=DEBIAN,
        issue="LinxOS 6.0.80 20250816 \\n \\l\n",
        release_package=DEBIAN_DPKG + "apt-origin: Linx\n",
        uname=uname("5.10.0-18-amd64", "#1 SMP Debian 5.10.140-1"),
    )
    assert (under_debian.family, under_debian.version, under_debian.disputed) == ("linx", "V6.0.80", False)
    assert under_debian.corroborated
    assert not found.corroborated
    assert system(os_release=DEBIAN, issue="Authorised users of the linx project only\n").family == "debian"
    assert read_system(captures(issue="Debian GNU/Linux 12 \\n \\l\n")).facts == ()


@pytest.mark.parametrize(
    ("answers", "family", "version"),
    [
        ({"os_release": DEBIAN, "release_package": DEBIAN_DPKG, "uname": uname("6.1.0-18-amd64")}, "debian", "12"),
        ({"redhat_release": "CentOS Linux release 7.9.2009 (Core)\n",
          "release_package": "rpm: centos-release|7-9.2009.1.el7|CentOS|CentOS BuildSystem <http://bugs.centos.org>|(none)|\n"},
         "centos", "7.9.2009"),
        ({"os_release": release(NAME="Red Hat Enterprise Linux", ID="rhel", VERSION_ID="8.9"),
          "redhat_release": "Red Hat Enterprise Linux release 8.9 (Ootpa)\n",
          "release_package": "rpm: redhat-release|8.9-0.1.el8|Red Hat, Inc.|Red Hat, Inc.|RSA/SHA256|\n"}, "rhel", "8.9"),
        ({"os_release": release(NAME="Oracle Linux Server", ID="ol", VERSION_ID="8.9"),
          "redhat_release": "Red Hat Enterprise Linux release 8.9 (Ootpa)\n"}, "ol", "8.9"),
        ({"os_release": release(NAME="openSUSE Leap", ID="opensuse-leap", VERSION_ID="15.5"),
          "release_package": "rpm: openSUSE-release|15.5-1|openSUSE|https://bugs.opensuse.org|(none)|\n"}, "opensuse-leap", "15.5"),
        ({"os_release": release(NAME="Alpine Linux", ID="alpine", VERSION_ID="3.19.1", PRETTY_NAME="Alpine Linux v3.19")},
         "alpine", "3.19.1"),
        ({"os_release": release(NAME="Some OS", ID="SomeOS", VERSION_ID="1")}, "someos", "1"),
    ],
)  # fmt: skip
def test_foreign_and_unknown_systems(answers: dict[str, str], family: str, version: str) -> None:
    found = system(**answers)
    assert (found.family, found.version, found.edition, found.disputed) == (family, version, "", False)


def test_in_a_container_the_kernel_is_the_hosts() -> None:
    found = system(
        os_release=DEBIAN, release_package=DEBIAN_DPKG, uname=uname("4.19.90-24.4.v2101.ky10.x86_64"),
        virtualization="systemd-detect-virt=docker\nsystemd-detect-virt-container=docker\n",
    )  # fmt: skip
    assert (found.family, found.container, found.disputed) == ("debian", True, False)
    assert [claim.source for claim in found.claims] == ["os-release", "release-package"]


@pytest.mark.parametrize(
    ("answers", "maker"),
    [
        ({"release_package": DEBIAN_DPKG}, "debian"),
        ({"release_package": "rpm: centos-release|7-9.2009.1.el7|CentOS|CentOS BuildSystem <http://bugs.centos.org>|(none)|\n"},
         "centos"),
        ({"release_package": "dpkg-query: no path found matching pattern\n", "uname": uname("6.9.7-arch1-1")}, "arch"),
        ({"lsb_release": 'DISTRIB_ID="Arch"\nDISTRIB_DESCRIPTION="Arch Linux"\n'}, "arch"),
        ({"release_package": KYLIN_RPM}, "kylin"),
        ({"kylin_release": "Kylin Linux Advanced Server release V10 (Sword)\n"}, "kylin-server"),
    ],
)  # fmt: skip
def test_an_os_release_that_was_put_on(answers: dict[str, str], maker: str) -> None:
    found = system(os_release=UOS_DESKTOP, **answers)
    assert found.disputed
    assert {claim.family for claim in found.claims} >= {"uos-desktop", maker}


def test_a_domestic_kernel_under_a_foreign_name_is_disputed() -> None:
    found = system(os_release=DEBIAN, release_package=DEBIAN_DPKG, uname=uname("4.19.90-24.4.v2101.ky10.x86_64"))
    assert (found.family, found.disputed) == ("debian", True)
    desktop = system(os_release=DEBIAN, uname=uname("5.4.18-85-generic", "#74-KYLINOS SMP"))
    assert desktop.disputed


def test_a_hosts_name_is_not_its_kernel() -> None:
    found = system(os_release=DEBIAN, uname=uname("6.1.0-18-amd64", host="db01.ky10.example"))
    assert (found.kernel, found.disputed) == ("6.1.0-18-amd64", False)


def test_what_is_no_answer_becomes_a_gap() -> None:
    reader = next(one for one in PLATFORM.readers if one.name == "operating-system")
    observations, blind = observe([reader], captures(os_release="cat: 没有那个文件或目录\n"))
    assert observations == ()
    assert [(one.source, one.reason) for one in blind] == [("os-release", GapReason.UNPARSABLE)]
    observations, blind = observe([reader], captures(os_release="", redhat_release="CentOS release 6.10 (Final)\n"))
    assert [fact.family for fact in observations[0].facts if isinstance(fact, OperatingSystem)] == ["centos"]
    assert [(one.source, one.detail) for one in blind] == [("os-release", "no KEY=VALUE line that names a system")]
    assert observe([reader], captures(uname=uname("6.1.0-18-amd64"), release_package=DEBIAN_DPKG)) == ((), ())


def test_key_values_run_nothing() -> None:
    lines = [
        "# ID=no",
        "ID='uos'",
        'NAME="a=b"',
        "EMPTY=",
        'HALF="x',
        "PRETTY_NAME=$(reboot)",
        "just words",
        "ID=second",
    ]
    assert key_values(lines) == {"ID": "uos", "NAME": "a=b", "EMPTY": "", "HALF": '"x', "PRETTY_NAME": "$(reboot)"}


UBUNTU = release(PRETTY_NAME="Ubuntu 22.04 LTS", NAME="Ubuntu", VERSION_ID="22.04", ID="ubuntu")
UBUNTU_DPKG = "dpkg: base-files|12ubuntu4.6||Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>|\n"
DEBIAN_KERNEL = uname("6.1.0-18-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1")
UBUNTU_KERNEL = uname("5.15.0-91-generic", "#101-Ubuntu SMP")


@pytest.mark.parametrize(
    "answers",
    [
        {"os_release": kylin_server("Lance"), "redhat_release": "CentOS Linux release 7.9.2009 (Core)\n",
         "uname": uname("3.10.0-1160.el7.x86_64")},
        {"os_release": kylin_server("Lance"), "redhat_release": "CentOS Linux release 7.9.2009 (Core)\n"},
        {"os_release": UBUNTU, "kylin_release": "Kylin Linux Advanced Server release V10 (Lance)\n"},
        {"os_release": UBUNTU, "kyinfo": "[dist]\nname=Kylin-Desktop\nmilestone=V10\n", "uname": UBUNTU_KERNEL,
         "release_package": f"{UBUNTU_DPKG}apt-origin: Kylin\n"},
        {"os_release": KYLIN_DESKTOP, "uname": UBUNTU_KERNEL, "release_package": f"{UBUNTU_DPKG}apt-origin: Kylin\n"},
        {"os_release": DEBIAN, "issue": "Linx GNU/Linux 6.0.100\n", "release_package": DEBIAN_DPKG, "uname": DEBIAN_KERNEL},
        {"os_release": DEBIAN, "release_package": f"{DEBIAN_DPKG}apt-origin: nfschina\n"},
        {"os_release": DEBIAN, "release_package": DEBIAN_DPKG, "nfs_release": "hello\n"},
        {"os_release": DEBIAN, "release_package": DEBIAN_DPKG, "nfs_release": "NFSDesktop 5.0\n"},
        {"os_release": UOS_DESKTOP, "uname": uname("6.9.7-200.fc39.x86_64")},
        {"os_release": UOS_DESKTOP, "uname": uname("6.6.30-1-lts")},
        {"os_release": UOS_DESKTOP, "uname": uname("6.9.7-zen1-1-zen")},
        {"os_release": UOS_DESKTOP, "uname": DEBIAN_KERNEL},
        {"os_release": UOS_DESKTOP, "release_package": "file /etc/os-release is not owned by any package\n"},
        {"os_release": KYLIN_DESKTOP, "uname": uname("5.4.18-85-generic", "#74-KYLINOS SMP"),
         "release_package": "dpkg-query: no path found matching pattern /usr/lib/os-release\n"},
    ],
)  # fmt: skip
def test_marks_that_contradict_the_release_files(answers: dict[str, str]) -> None:
    assert system(**answers).disputed


@pytest.mark.parametrize(
    ("answers", "corroborated"),
    [
        ({}, False),
        ({"release_package": "rpm: kylin-release-fake|1|me|me|(none)|\n"}, False),
        ({"release_package": "rpm: kylin-release|1|(none)|(none)|(none)|\n"}, False),
        ({"release_package": "rpm: anything|1|(none)|(none)|Kylin OS <support@kylinos.cn>|\n"}, True),
        ({"release_package": KYLIN_RPM}, True),
        ({"uname": uname("4.19.90-24.4.v2101.ky10.x86_64")}, True),
        ({"uname": uname("4.19.90-24.4.v2101.ky10.x86_64"), "virtualization": "dockerenv=yes\n"}, False),
        ({"uname": uname("4.19.90-24.4.generic")}, False),
    ],
)
def test_what_bears_a_release_file_out(answers: dict[str, str], *, corroborated: bool) -> None:
    found = system(os_release=kylin_server("Lance"), **answers)
    assert (found.family, found.disputed, found.corroborated) == ("kylin-server", False, corroborated)


def test_a_second_file_that_names_the_base_of_its_own_accord() -> None:
    alinux = release(NAME="Alibaba Cloud Linux", ID="alinux", VERSION_ID="3")
    banner = "Alibaba Cloud Linux release 3 (OpenAnolis Edition)\n"
    assert not system(os_release=alinux, redhat_release=banner).disputed
    kylin = kylin_server("Lance")
    assert system(os_release=kylin, redhat_release="Rocky Linux release 8.9 (Green Obsidian)\n").disputed


def test_a_kernel_of_the_base_is_no_contradiction() -> None:
    neokylin = release(NAME="NeoKylin Linux Advanced Server", ID="neokylin", VERSION_ID="V7Update6")
    found = system(os_release=neokylin, uname=uname("3.10.0-957.el7.x86_64"))
    assert (found.disputed, found.corroborated) == (False, False)
    centos = release(NAME="CentOS Linux", ID="centos", VERSION_ID="7")
    assert not system(os_release=centos, uname=uname("3.10.0-1160.el7.x86_64")).disputed


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"PRETTY_NAME": "UnionTech OS Desktop 20", "NAME": "uos", "ID": "uos", "VERSION_ID": "20 Home"}, "V20 Home"),
        ({"PRETTY_NAME": "统信桌面操作系统 20 家庭版", "NAME": "uos", "ID": "uos", "VERSION_ID": "20"}, "V20 Home"),
        ({"PRETTY_NAME": "UnionTech OS Desktop 20 Edu", "NAME": "uos", "ID": "uos", "VERSION_ID": "20"}, "V20 Edu"),
        ({"PRETTY_NAME": "统信桌面操作系统 20 社区版", "NAME": "uos", "ID": "uos", "VERSION_ID": "20"}, "V20 Community"),
        ({"PRETTY_NAME": "统信桌面操作系统 20 专业版", "NAME": "uos", "ID": "uos", "VERSION_ID": "20"}, "V20"),
        ({"PRETTY_NAME": "UnionTech OS Desktop 20 Professional", "NAME": "uos", "ID": "uos", "VERSION_ID": "20"}, "V20"),
        ({"PRETTY_NAME": "UnionTech OS Desktop 20", "NAME": "uos", "ID": "uos", "VERSION_ID": "20"}, "V20"),
        ({"PRETTY_NAME": "Kylin V10 Home", "NAME": "Kylin", "ID": "kylin"}, "V10 Home"),
        ({"PRETTY_NAME": "Kylin V10 SP1 Home", "NAME": "Kylin", "ID": "kylin"}, "V10 Home"),
        ({"NAME": "Kylin", "VERSION": "银河麒麟桌面操作系统V10家庭版", "ID": "kylin"}, "V10 Home"),
        ({"NAME": "Kylin", "VERSION": "银河麒麟桌面操作系统V10 (SP1) 专业版", "ID": "kylin"}, "V10"),
    ],
)  # fmt: skip
def test_editions_of_desktops(fields: dict[str, str], version: str) -> None:
    found = system(os_release=release(**fields))
    assert (found.family.endswith("-desktop"), found.version) == (True, version)


def test_edition_is_the_one_that_any_file_tells() -> None:
    plain = release(PRETTY_NAME="UnionTech OS Desktop 20", NAME="uos", ID="uos", VERSION_ID="20")
    found = system(os_release=plain, os_version=OS_VERSION.format("Home"))
    assert (found.version, found.disputed) == ("V20 Home", False)
    lsb = 'DISTRIB_ID=uos\nDISTRIB_DESCRIPTION="UnionTech OS Desktop 20 Home"\n'
    assert system(os_release=plain, lsb_release=lsb).version == "V20 Home"


def test_version_and_service_pack_come_from_one_claim() -> None:
    v11 = release(
        NAME="Kylin", VERSION="银河麒麟桌面操作系统V11", ID="kylin", PRETTY_NAME="Kylin V11", VERSION_ID="v11"
    )
    kyinfo = "[dist]\nname=Kylin-Desktop\nmilestone=V10\ndist_id=Kylin-Desktop-V10-SP1-2403-Release-x86_64\n"
    at_odds = system(os_release=v11, kyinfo=kyinfo)
    assert (at_odds.version, at_odds.service_pack, at_odds.disputed) == ("V11", "", True)
    packs = system(os_release=kylin_server("Sword"), kylin_release="Kylin Linux Advanced Server release V10 (Lance)\n")
    assert (packs.version, packs.service_pack, packs.disputed) == ("V10", "SP2", True)
    agreed = system(os_release=KYLIN_AMBIGUOUS, kyinfo=kyinfo)
    assert (agreed.version, agreed.service_pack, agreed.disputed) == ("V10", "SP1", False)


def test_every_line_that_decides_is_cited() -> None:
    plain = DEBIAN.replace("12", "11")
    package = FANGDE_DEBIAN.format("nfschina")
    reading = read_system(captures(os_release=plain, nfs_release="NFSDesktop 5.0\n", release_package=package))
    assert ("release-package", 2, 2) in [(one.source, one.first, one.last) for one in reading.evidence]
    hints = "systemd-detect-virt=<absent>\ndockerenv=yes\n"
    reading = read_system(captures(os_release=DEBIAN, virtualization=hints))
    assert ("virtualization", 2, 2) in [(one.source, one.first, one.last) for one in reading.evidence]


def test_escapes_between_double_quotes_are_undone_as_a_shell_does() -> None:
    lines = [r'A="a \"b\" \$c \\ \n"', r"B='a \"b\"'", r"C=a\"b", r'D="\\\""']
    assert key_values(lines) == {"A": r'a "b" $c \ \n', "B": r"a \"b\"", "C": r"a\"b", "D": '\\"'}
