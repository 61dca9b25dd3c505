"""Whose packages and kernels an operating system may carry, and whose contradict its own words."""

import re
from collections.abc import Collection

# Family -> those on whose packages and kernels it stands, so that seeing them under it is no contradiction.
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
        (r"kylinsec", "kylinsec"),
        (r"neokylin|cs2c", "neokylin"),
        (r"openkylin", "openkylin"),
        (r"kylinos\.(com\.)?cn|kylinsoft|\bkylin\b", "kylin"),  # whose .com.cn also signs for 麒麟信安
        (r"uniontech|\buos\b", "uos"),
        (r"deepin", "deepin"),
        (r"nfschina|\bnfs[ -]?(desktop|server|release)|方德", "fangde"),
        (r"linx-info|\blinx\b", "linx"),
        (r"\bhce\b", "hce"),
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

# Kernel releases and builds that only one vendor uses. A plain -generic or -amd64 says nothing.
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
        (r"-arch\d", "arch"),
    )
)


def lineage(family: str) -> str:
    """Name the vendor line of a family: kylin-server and kylin-desktop are both `kylin`."""
    if family.startswith(("opensuse", "sles", "sled")):
        return "suse"
    return family.removesuffix("-server").removesuffix("-desktop")


def contradict(one: str, other: str) -> bool:
    """Tell whether two families cannot both be right of one system."""
    a, b = lineage(one), lineage(other)
    return bool(a and b) and a != b and b not in _STANDS_ON.get(a, ()) and a not in _STANDS_ON.get(b, ())


def foreign_kernel(family: str, kernel: str) -> bool:
    """Tell whether a system runs a kernel that neither its vendor makes nor those on whose work it stands."""
    a, b = lineage(family), lineage(kernel)
    return bool(a and b) and a != b and b not in _STANDS_ON.get(a, ())


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
