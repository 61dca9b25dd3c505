"""Which operating system a release file speaks of: tables shared by the readers of files, packages and inventories."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Named(NamedTuple):
    """A product line (`kylin-server`, `debian`; empty for unknown), and version and service pack where they show.

    `assumed`: the edition is only what such a name usually means, so any source that tells it outweighs this one.
    """

    family: str
    version: str = ""
    service_pack: str = ""
    assumed: bool = False


_WORDS = re.compile(r"\w+")

# Code name of a Kylin server release -> its service pack. The version id alone cannot tell them apart.
_KYLIN_SERVER_PACKS = {"tercel": "SP1", "sword": "SP2", "lance": "SP3", "halberd": "SP3-2403"}


# What follows a version number of a desktop: its edition, save for these words.
_AFTER_VERSION = re.compile(
    r"(?<![a-z0-9.\-])v?\d+(?:\.\d+)*(?:[ \t]*[（(]?sp\d[)）]?)?(?:[ \t]+([a-z]+)\b|[ \t]*([\u4e00-\u9fff]+))",
    re.IGNORECASE,
)
_NO_EDITION = frozenset({
    "desktop", "server", "kylin", "uos", "uniontech", "release", "build", "update", "sp", "lts", "桌面版", "服务器版",
})  # fmt: skip
_EDITIONS = {
    "": "", "pro": "", "professional": "", "专业": "", "专业版": "", "家庭": "Home", "家庭版": "Home", "教育": "Edu",
    "教育版": "Edu", "education": "Edu", "社区": "Community", "社区版": "Community",
}  # fmt: skip


def with_edition(version: str, edition: str) -> str:
    """Add the edition to a desktop's version, since only the professional one was evaluated: `V20 Home`."""
    named = _EDITIONS.get(edition.lower(), edition.title())
    return f"{version} {named}" if version and named else version


def _edition(shown: str) -> str:
    """Give the first edition other than the professional one that any of the names (one a line) has."""
    words = ((latin or chinese).lower() for latin, chinese in _AFTER_VERSION.findall(shown))
    return next((word for word in words if word not in _NO_EDITION and _EDITIONS.get(word, word)), "")


def _kylin(fields: Mapping[str, str], shown: str) -> Named:
    server = "server" in shown or "服务器" in shown
    desktop = "desktop" in shown or "桌面" in shown
    version = re.search(r"(?<![a-z0-9])v(4|7|10|11)(?![a-z0-9])|\b(?:server|desktop)[ -](10|11)\b", shown)
    number = f"V{version[1] or version[2]}" if version else "V4" if re.search(r"\b4\.0", shown) else ""
    found = re.search(r"(?<![a-z0-9])sp(\d)(?!\d)", shown) or re.search(
        r"sp(\d)", fields.get("PROJECT_CODENAME", "").lower()
    )
    pack = f"SP{found[1]}" if found else ""
    if server and not desktop:
        code = next((one for one in _WORDS.findall(shown) if one in _KYLIN_SERVER_PACKS), "")
        return Named("kylin-server", number, _KYLIN_SERVER_PACKS.get(code, pack))
    if desktop or fields.get("NAME", "").strip().lower() == "kylin":
        number = with_edition(number, _edition(shown))
        return Named("kylin-desktop", number, pack, assumed=not desktop)
    return Named("kylin", number, pack)


def _uos(fields: Mapping[str, str], shown: str) -> Named:
    number = re.match(r"\s*(\d+)", fields.get("VERSION_ID", ""))
    version = f"V{number[1]}" if number else ""
    code = fields.get("VERSION_CODENAME", "").lower()
    if "server" in shown or "服务器" in shown or ":uel" in fields.get("PLATFORM_ID", "") or code == "fou":
        return Named("uos-server", version)
    if "desktop" in shown or "桌面" in shown or version == "V25":
        return Named("uos-desktop", with_edition(version, _edition(f"{shown}\n{fields.get('VERSION_ID', '')}")))
    return Named("uos", with_edition(version, _edition(fields.get("VERSION_ID", ""))))


def _debian(fields: Mapping[str, str], shown: str) -> Named:
    if "nfsdesktop" in shown or "nfschina" in shown or "方德" in shown:
        return Named("fangde-desktop")
    if "linx" in shown:
        return _linx(fields, shown)
    return Named("loongnix" if "loongnix" in shown else "debian", fields.get("VERSION_ID", ""))


def _fangde(fields: Mapping[str, str], shown: str) -> Named:
    """中科方德: a server and a desktop line, whose Pro edition is a product of its own."""
    version = re.search(r"\b(pro )?v?(\d\.\d)\b", f"{shown} {fields.get('VERSION_ID', '')}".lower())
    number = f"{'Pro ' if version[1] else ''}V{version[2]}" if version else ""
    return Named("fangde-server" if "server" in shown or "服务器" in shown else "fangde-desktop", number)


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
    "nfsdesktop": _fangde,
    "nfs": _fangde,
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
    shown = "\n".join(fields.get(key, "") for key in keys).lower()
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
        (r"openkylin", "openkylin"),
        (r"kylin linux advanced server|银河麒麟高级服务器|kylin[ -]server", "kylin-server"),
        (r"kylin[ -]desktop|kylin linux desktop|银河麒麟桌面", "kylin-desktop"),
        (r"uniontech os server|uos server|统信服务器", "uos-server"),
        (r"uniontech os desktop|uos desktop|统信桌面", "uos-desktop"),
        (r"nfs ?(desktop|server)|nfschina|方德", "fangde"),
        (r"linx", "linx"),
        (r"openeuler", "openeuler"),
        (r"euleros", "euleros"),
        (r"anolis", "anolis"),
        (r"ubuntu", "ubuntu"),
        (r"centos", "centos"),
        (r"rocky linux", "rocky"),
        (r"almalinux", "almalinux"),
        (r"oracle linux", "ol"),
        (r"\bfedora\b", "fedora"),
        (r"\bsuse\b|opensuse", "suse"),
        (r"linux mint", "linuxmint"),
        (r"red hat enterprise", "rhel"),
        (r"\bdebian\b", "debian"),
        (r"\barch linux\b", "arch"),
    )
)


def by_banner(text: str) -> Named:
    """Name the system that a release file's one line speaks of, such as `Kylin Linux Advanced Server release V10 (Sword)`."""
    family = next((family for pattern, family in _BANNERS if pattern.search(text)), "")
    shown = text.lower()
    if family in ("kylin-server", "kylin-desktop"):
        return _kylin({}, f"{family} {shown}")
    if family in ("fangde", "linx"):
        return (_fangde if family == "fangde" else _linx)({}, shown)
    if family.startswith(("uos", "kylinsec")):
        version = re.search(r"(?<![a-z0-9])v?(\d{1,2})(?!\d)", shown)
        number = f"V{version[1]}" if version else ""
        return Named(family, with_edition(number, _edition(shown)) if family == "uos-desktop" else number)
    version = re.search(r"\brelease (\d[\d.]*)", shown)
    return Named(family, version[1] if version and family else "")
