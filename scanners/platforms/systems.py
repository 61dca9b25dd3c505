"""Which operating system a release file, a package's origin or a kernel name speaks of: tables shared by readers."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Named(NamedTuple):
    """A product line (`kylin-server`, `debian`; empty for unknown), and version and service pack where they show."""

    family: str
    version: str = ""
    service_pack: str = ""


# Code name of a Kylin server release -> its service pack. The version id alone cannot tell them apart.
_KYLIN_SERVER_PACKS = {"tercel": "SP1", "sword": "SP2", "lance": "SP3", "halberd": "SP3-2403"}

# Families whose systems stand on one another's packages, so that seeing one under the other is no contradiction.
_STANDS_ON = {
    "uos": {"deepin", "debian", "anolis", "openeuler", "centos"},
    "deepin": {"debian", "uos"},
    "kylin": {"ubuntu", "openeuler", "debian", "centos", "openkylin"},
    "neokylin": {"centos", "rhel", "fedora", "kylin"},
    "kylinsec": {"openeuler", "centos", "kylin"},
    "fangde": {"debian"},
    "linx": {"debian", "anolis", "openeuler"},
    "openkylin": {"debian", "ubuntu"},
    "hce": {"openeuler", "euleros"},
    "euleros": {"openeuler", "centos"},
    "alinux": {"anolis", "centos"},
    "tencentos": {"opencloudos", "centos"},
    "opencloudos": {"centos"},
    "anolis": {"centos"},
    "newstart": {"centos", "openeuler"},
}

# Families whose release package may come from another one's makers.
_PACKAGED_BY = {
    ("uos", "deepin"),
    ("kylinsec", "kylin"),
    ("fangde", "debian"),
    ("linx", "debian"),
    ("loongnix", "debian"),
}

# Package vendors, maintainers and signers -> the family whose packages they are.
_ORIGINS = tuple(
    (re.compile(pattern, re.IGNORECASE), lineage)
    for pattern, lineage in (
        (r"kylinsec|kylinos\.com\.cn", "kylinsec"),
        (r"neokylin|cs2c", "neokylin"),
        (r"openkylin", "openkylin"),
        (r"kylinos\.cn|kylinsoft|\bkylin\b", "kylin"),
        (r"uniontech|\buos\b", "uos"),
        (r"deepin", "deepin"),
        (r"nfschina|\bnfs ?desktop|方德", "fangde"),
        (r"linx-info|\blinx\b", "linx"),
        (r"openeuler", "openeuler"),
        (r"euleros", "euleros"),
        (r"opencloudos", "opencloudos"),
        (r"tencent", "tencentos"),
        (r"alibaba|alinux|alicloud", "alinux"),
        (r"anolis", "anolis"),
        (r"ubuntu", "ubuntu"),
        (r"debian", "debian"),
        (r"rocky", "rocky"),
        (r"almalinux", "almalinux"),
        (r"centos", "centos"),
        (r"red hat", "rhel"),
        (r"fedora", "fedora"),
        (r"suse", "suse"),
    )
)

# Kernel release suffixes that only one vendor uses. A plain -generic or -amd64 says nothing.
_KERNELS = tuple(
    (re.compile(pattern), lineage)
    for pattern, lineage in (
        (r"\.ky1[01]\b|-KYLINOS\b", "kylin"),
        (r"\.uelc?\d\d\b", "uos"),
        (r"-(amd64|arm64|loongarch64|sw64)-desktop\b", "uos"),
        (r"\.oe\d{2,}", "openeuler"),
        (r"\.an\d+\b", "anolis"),
        (r"\.al\d+\b", "alinux"),
        (r"\.tl\d+\b|\.tlinux", "tencentos"),
        (r"\.hce\d+\b", "hce"),
        (r"\.eulerosv\d", "euleros"),
        (r"\.ks\d+\b", "kylinsec"),
    )
)


def lineage(family: str) -> str:
    """Name the vendor line of a family: kylin-server and kylin-desktop are both `kylin`."""
    return family.removesuffix("-server").removesuffix("-desktop")


def contradict(one: str, other: str) -> bool:
    """Tell whether two families cannot both be right of one system."""
    a, b = lineage(one), lineage(other)
    return bool(a and b) and a != b and b not in _STANDS_ON.get(a, ()) and a not in _STANDS_ON.get(b, ())


def foreign_package(family: str, origin: str) -> bool:
    """Tell whether a system's own release package was made by another vendor: its release files may be put on."""
    a, b = lineage(family), lineage(origin)
    return bool(a and b) and a != b and (a, b) not in _PACKAGED_BY


def by_origin(text: str) -> str:
    """Name the family whose packages a vendor, maintainer or signer makes; empty for one we do not know."""
    return next((family for pattern, family in _ORIGINS if pattern.search(text)), "")


def by_kernel(release: str) -> str:
    """Name the family whose kernels carry this release suffix; empty for a suffix that several use."""
    return next((family for pattern, family in _KERNELS if pattern.search(release)), "")


def _kylin(fields: Mapping[str, str], shown: str) -> Named:
    server = "server" in shown or "服务器" in shown
    desktop = "desktop" in shown or "桌面" in shown
    version = re.search(r"\bv(4|7|10|11)\b", shown)
    number = f"V{version[1]}" if version else "V4" if re.search(r"\b4\.0", shown) else ""
    if server and not desktop:
        code = re.search(r"\((\w+)\)", shown)
        return Named("kylin-server", number, _KYLIN_SERVER_PACKS.get(code[1], "") if code else "")
    if desktop or fields.get("NAME", "").strip().lower() == "kylin":
        pack = re.search(r"\bsp(\d)\b", shown) or re.search(r"sp(\d)", fields.get("PROJECT_CODENAME", "").lower())
        return Named("kylin-desktop", number, f"SP{pack[1]}" if pack else "")
    return Named("kylin", number)


def _uos(fields: Mapping[str, str], shown: str) -> Named:
    number = re.match(r"\s*(\d+)", fields.get("VERSION_ID", ""))
    version = f"V{number[1]}" if number else ""
    if "server" in shown or "服务器" in shown or ":uel" in fields.get("PLATFORM_ID", "") or "(fou)" in shown:
        return Named("uos-server", version)
    if "desktop" in shown or "桌面" in shown or version == "V25":
        return Named("uos-desktop", version)
    return Named("uos", version)


def _debian(_fields: Mapping[str, str], shown: str) -> Named:
    if "nfsdesktop" in shown or "nfschina" in shown or "方德" in shown:
        return Named("fangde-desktop")
    if "linx" in shown:
        return _linx(_fields, shown)
    return Named("loongnix") if "loongnix" in shown else Named("debian", _fields.get("VERSION_ID", ""))


def _linx(_fields: Mapping[str, str], shown: str) -> Named:
    version = re.search(r"\b(6\.0\.\d+)", shown)
    return Named("linx", f"V{version[1]}" if version else "")


def _major(family: str) -> Callable[[Mapping[str, str], str], Named]:
    """Products that the list names by their major version."""

    def read(fields: Mapping[str, str], _shown: str) -> Named:
        version = fields.get("VERSION_ID", "").strip().upper().removeprefix("V").split(".")[0]
        return Named(family, f"V{version}" if version else "")

    return read


def _full(family: str, prefix: str = "") -> Callable[[Mapping[str, str], str], Named]:
    def read(fields: Mapping[str, str], _shown: str) -> Named:
        version = fields.get("VERSION_ID", "").strip()
        pack = re.search(r"\b(?:lts-)?(sp\d+)\b", _shown)
        return Named(family, f"{prefix}{version}" if version else "", pack[1].upper() if pack else "")

    return read


_BY_ID: Mapping[str, Callable[[Mapping[str, str], str], Named]] = {
    "kylin": _kylin,
    "uos": _uos,
    "uniontech": _uos,
    "debian": _debian,
    "linx": _linx,
    "neokylin": _full("neokylin"),
    "deepin": _full("deepin"),
    "openkylin": _full("openkylin"),
    "openeuler": _full("openeuler"),
    "anolis": _full("anolis"),
    "euleros": _full("euleros"),
    "opencloudos": _full("opencloudos"),
    "alinux": _major("alinux"),
    "tencentos": _major("tencentos"),
    "hce": _full("hce", "V"),
    "kylinsec": _major("kylinsec-server"),
    "kylinsecos": _major("kylinsec-server"),
    "nfsdesktop": _full("fangde-desktop"),
    "cgsl": _major("newstart"),
    "newstart": _major("newstart"),
    "loongnix": _full("loongnix"),
}


def by_release(fields: Mapping[str, str]) -> Named:
    """Name the system that an os-release speaks of. An id that we do not know is its own family, in lower case.

    NAME may carry another vendor's word (`Ubuntu Kylin` is Ubuntu), so ID comes first.
    """
    identifier = fields.get("ID", "").strip().lower()
    keys = ("NAME", "VERSION", "VERSION_US", "PRETTY_NAME", "FULL_NAME")
    shown = " ".join(fields.get(key, "") for key in keys).lower()
    if identifier in _BY_ID:
        return _BY_ID[identifier](fields, shown)
    if identifier:
        return Named(identifier, fields.get("VERSION_ID", ""))
    return by_banner(shown)


_BANNERS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), family)
    for pattern, family in (
        (r"neokylin", "neokylin"),
        (r"kylinsec|麒麟信安", "kylinsec-server"),
        (r"kylin linux advanced server|银河麒麟高级服务器|kylin-server", "kylin-server"),
        (r"kylin-desktop|kylin linux desktop|银河麒麟桌面", "kylin-desktop"),
        (r"uniontech os server|uos server|统信服务器", "uos-server"),
        (r"uniontech os desktop|uos desktop|统信桌面", "uos-desktop"),
        (r"nfs ?desktop|nfschina|方德桌面", "fangde-desktop"),
        (r"方德.*服务器|nfs ?server", "fangde-server"),
        (r"linx", "linx"),
        (r"openeuler", "openeuler"),
        (r"euleros", "euleros"),
        (r"anolis", "anolis"),
        (r"ubuntu", "ubuntu"),
        (r"centos", "centos"),
        (r"red hat enterprise", "rhel"),
        (r"\bdebian\b", "debian"),
    )
)


def by_banner(text: str) -> Named:
    """Name the system that a release file's one line speaks of, such as `Kylin Linux Advanced Server release V10 (Sword)`."""
    family = next((family for pattern, family in _BANNERS if pattern.search(text)), "")
    shown = text.lower()
    if family == "kylin-server":
        return _kylin({}, f"server {shown}")._replace(family=family)
    if family == "kylin-desktop":
        return _kylin({}, f"desktop {shown}")._replace(family=family)
    if family.startswith("fangde"):
        version = re.search(r"\b(pro )?v?(\d\.\d)\b", shown)
        return Named(family, f"{'Pro ' if version[1] else ''}V{version[2]}" if version else "")
    if family == "linx":
        return _linx({}, shown)
    if family.startswith(("uos", "kylinsec")):
        version = re.search(r"\bv?(\d{1,2})\b", shown)
        return Named(family, f"V{version[1]}" if version else "")
    return Named(family)
