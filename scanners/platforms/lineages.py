"""Whose packages and kernels an operating system may carry, and whose contradict its own words."""

import re
from collections.abc import Collection

# Family -> those on whose packages it stands, so that seeing them under it is no contradiction.
_STANDS_ON = {
    "uos": {"deepin", "debian", "anolis", "openeuler", "centos"},
    "deepin": {"debian", "uos"},
    "kylin": {"ubuntu", "openeuler", "debian", "centos", "openkylin"},
    "neokylin": {"centos", "rhel", "fedora", "kylin"},
    "kylinsec": {"openeuler", "centos", "kylin"},
    "fangde": {"debian"},
    "linx": {"debian", "anolis", "openeuler"},
    "openkylin": {"debian", "ubuntu", "kylin"},
    "hce": {"openeuler", "euleros"},
    "euleros": {"openeuler", "centos"},
    "alinux": {"anolis", "centos"},
    "tencentos": {"opencloudos", "centos"},
    "opencloudos": {"centos"},
    "anolis": {"centos"},
    "newstart": {"centos", "openeuler"},
    "loongnix": {"debian"},
    "ol": {"rhel", "centos"},
    "rocky": {"rhel", "centos"},
    "almalinux": {"rhel", "centos"},
    "amzn": {"rhel", "centos", "fedora"},
    "linuxmint": {"ubuntu", "debian"},
    "kali": {"debian"},
    "raspbian": {"debian"},
}

# Domestic family -> others whose kernels it boots.
_BOOTS: dict[str, set[str]] = {
    "uos": {"deepin", "anolis", "openeuler"},
    "deepin": {"uos"},
    "kylin": {"openkylin"},
    "neokylin": {"rhel", "kylin"},
    "kylinsec": {"openeuler", "rhel", "kylin"},
    "fangde": {"debian"},
    "linx": {"debian", "anolis", "openeuler"},
    "openkylin": {"kylin"},
    "openeuler": set(),
    "hce": {"openeuler", "euleros"},
    "euleros": {"openeuler"},
    "alinux": {"anolis"},
    "tencentos": {"opencloudos", "rhel"},
    "opencloudos": {"tencentos", "rhel"},
    "anolis": {"rhel"},
    "newstart": {"rhel", "openeuler"},
    "loongnix": {"debian"},
}

# Family -> those that one of its own release files may name in full.
_NAMES_TOO = {
    "neokylin": {"kylin"},
    "kylinsec": {"kylin"},
    "fangde": {"debian"},
    "linx": {"debian"},
    "loongnix": {"debian"},
    "hce": {"openeuler", "euleros"},
    "alinux": {"anolis"},
    "tencentos": {"opencloudos", "centos"},
    "ol": {"rhel", "centos"},
    "rocky": {"rhel", "centos"},
    "almalinux": {"rhel", "centos"},
    "linuxmint": {"ubuntu", "debian"},
    "kali": {"debian"},
    "raspbian": {"debian"},
}

# Families whose release package says no more than Debian: beside a release file their repository is their mark.
MARKED_BY_REPOSITORY = frozenset({"fangde", "linx"})

# Families whose own packages are signed under another's name: CS2C became 麒麟软件, whose .com.cn signs 麒麟信安's.
_SIGNED_AS = {("kylinsec", "kylin"), ("kylin", "neokylin")}

# Families whose release package may come from another one's makers.
_PACKAGED_BY = {
    ("uos", "deepin"), ("deepin", "uos"), ("kylinsec", "kylin"), ("kylin", "neokylin"), ("neokylin", "kylin"),
    ("fangde", "debian"), ("linx", "debian"), ("loongnix", "debian"), ("hce", "openeuler"), ("hce", "euleros"),
    ("linuxmint", "ubuntu"), ("linuxmint", "debian"), ("kali", "debian"), ("raspbian", "debian"),
}  # fmt: skip

# Package vendors, maintainers and signers -> the family whose packages they are.
_ORIGINS = tuple(
    (re.compile(pattern, re.IGNORECASE), lineage)
    for pattern, lineage in (
        (r"ubuntu ?kylin", "ubuntu"),
        (r"kylinsec", "kylinsec"),
        (r"neokylin|cs2c", "neokylin"),
        (r"openkylin", "openkylin"),
        (r"kylinos\.(com\.)?cn|kylinsoft|\bkylin\b", "kylin"),  # whose .com.cn also signs for 麒麟信安
        (r"uniontech|\buos\b", "uos"),
        (r"deepin", "deepin"),
        (r"nfschina|\bnfs[ -]?(desktop|server|release)|方德", "fangde"),
        (r"linx-info|\blinx\b", "linx"),
        (r"\bhce\b|huawei cloud", "hce"),
        (r"openeuler", "openeuler"),
        (r"euleros", "euleros"),
        (r"newstart|\bcgsl\b", "newstart"),
        (r"loongnix", "loongnix"),
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

# Kernel releases and builds that only one line uses (`rhel` for all its rebuilds). A plain -generic or -amd64 says nothing.
_KERNELS = tuple(
    (re.compile(pattern), lineage)
    for pattern, lineage in (
        (r"\.ks\d+\b|\.ky3\b", "kylinsec"),
        (r"\.ky1[01]\b|-KYLINOS\b|\.kylin\.", "kylin"),
        (r"\.uelc?\d\d\b", "uos"),
        (r"-(amd64|arm64|loongarch64|sw64)-desktop\b", "uos"),
        (r"\.oe\d{2,}", "openeuler"),
        (r"\.an\d+\b", "anolis"),
        (r"\.al\d+\b", "alinux"),
        (r"\.tl\d+\b|\.tlinux", "tencentos"),
        (r"\.hce\d+\b", "hce"),
        (r"\.eulerosv\d", "euleros"),
        (r"-arch\d|-(lts|zen\d*)\b", "arch"),
        (r"\.el\d", "rhel"),
        (r"\.fc\d", "fedora"),
        (r"-Ubuntu\b", "ubuntu"),
        (r"\bDebian\b", "debian"),
    )
)


def lineage(family: str) -> str:
    """Name the vendor line of a family: kylin-server and kylin-desktop are both `kylin`."""
    if family.startswith(("opensuse", "sles", "sled")):
        return "suse"
    return family.removesuffix("-server").removesuffix("-desktop")


def contradict(one: str, other: str) -> bool:
    """Tell whether release files of one system cannot name both families."""
    a, b = lineage(one), lineage(other)
    return bool(a and b) and a != b and b not in _NAMES_TOO.get(a, ()) and a not in _NAMES_TOO.get(b, ())


def stands_on(family: str, base: str) -> bool:
    """Tell whether a system is built on another's work."""
    return lineage(base) in _STANDS_ON.get(lineage(family), ())


def domestic(family: str) -> bool:
    """Tell whether a family is of a domestic line whose release files must be borne out."""
    return lineage(family) in _BOOTS


def foreign_kernel(family: str, kernel: str) -> bool:
    """Tell whether a domestic system runs a kernel that is not its own, or any other a domestic one."""
    a, b = lineage(family), lineage(kernel)
    if not a or not b or a == b:
        return False
    return b not in _BOOTS[a] if a in _BOOTS else b in _BOOTS


def bears_out(family: str, other: str) -> bool:
    """Tell whether a package's maker or a kernel is of the family's own line."""
    a, b = lineage(family), lineage(other)
    return bool(a) and (a == b or (a, b) in _SIGNED_AS)


def foreign_package(family: str, origin: str, version: str = "", repositories: Collection[str] = ()) -> bool:
    """Tell whether a system's own release package was made by another vendor: its release files may be put on.

    A package of its base is its own where its version carries the vendor's mark, or the vendor's repository is in use.
    """
    a, b = lineage(family), lineage(origin)
    if not a or not b or a == b or (a, b) in _PACKAGED_BY:
        return False
    return b not in _STANDS_ON.get(a, ()) or not (a in repositories or a in version.lower())


def by_origin(text: str) -> str:
    """Name the family whose packages a vendor, maintainer or signer makes; empty for one we do not know."""
    return next((family for pattern, family in _ORIGINS if pattern.search(text)), "")


def by_kernel(release: str) -> str:
    """Name the family whose kernels carry this release suffix; empty for a suffix that several use."""
    return next((family for pattern, family in _KERNELS if pattern.search(release)), "")
