"""The operating system of a Linux endpoint, from its release files, the origin of its packages and its kernel."""

from collections.abc import Callable, Mapping

from scanners.platforms import systems
from scanners.platforms.linux.virtualization import read_virtualization
from scanners.platforms.reading import Reading, cite
from scanners.platforms.systems import Named
from xunyan.facts import OperatingSystem, SystemClaim, Virtualization
from xunyan.model import Capture, Evidence

BANNERS = (
    "nfs-release", "kylinsec-release", "neokylin-release", "UnionTech-release", "kylin-release", "euleros-release",
    "openEuler-release", "system-release", "redhat-release",
)  # fmt: skip
SOURCES = ("os-release", "os-version", "kyinfo", "lsb-release", *BANNERS, "release-package", "uname", "virtualization")

# Release files of one vendor alone. Its words stand before an os-release that only names the base it was built on.
_VENDOR_FILES = ("nfs-release", "kylinsec-release", "neokylin-release", "os-version", "kyinfo", "kylin-release")

Claimed = tuple[Named, str, Evidence]


def read_system(sources: Mapping[str, Capture]) -> Reading:
    """Join what release files, package origin and kernel say; where they name different systems, say so."""
    claims: dict[str, Claimed] = {}
    unreadable: list[tuple[str, str]] = []
    for source, read in _FILES.items():
        if source in sources:
            claimed = read(sources[source])
            if claimed is not None:
                claims[source] = claimed
            elif source == "os-release":
                unreadable.append((source, "no KEY=VALUE line"))
    origin, origin_evidence = _package_origin(sources.get("release-package"))
    container = _container(sources)
    kernel, kernel_evidence = _kernel(sources.get("uname"))
    if not claims:
        return Reading(unreadable=tuple(unreadable))
    kernel_family = "" if container else systems.by_kernel(kernel)
    listed = [SystemClaim(source, named.family, shown) for source, (named, shown, _) in claims.items()]
    maker = systems.by_origin(origin)
    if kernel_family:
        listed.append(SystemClaim("uname", kernel_family, kernel))
    best = _best(claims)
    families = [claim.family for claim in listed if claim.family]
    disputed = any(systems.contradict(a, b) for i, a in enumerate(families) for b in families[i + 1 :])
    if origin_evidence is not None:
        listed.append(SystemClaim("release-package", maker, origin))
    system = OperatingSystem(
        family=best.family,
        edition="server" if best.family.endswith("-server") else "desktop" if best.family.endswith("-desktop") else "",
        version=best.version,
        service_pack=best.service_pack,
        shown=next(iter(claims.values()))[1],
        kernel=kernel,
        package_origin=origin,
        container=container,
        disputed=disputed or systems.foreign_package(best.family, maker),
        claims=tuple(listed),
    )
    evidence = [one for _, _, one in claims.values()]
    evidence += [one for one in (origin_evidence, kernel_evidence) if one is not None]
    return Reading((system,), tuple(evidence), tuple(unreadable))


def _best(claims: Mapping[str, Claimed]) -> Named:
    """Choose the family of the first telling source, and fill its version and service pack from the others of that family."""
    order = [source for source in _VENDOR_FILES if source in claims] if _only_base(claims) else []
    order += [source for source in claims if source not in order]
    named = [claims[source][0] for source in order if claims[source][0].family]
    if not named:
        return Named("")
    first = named[0]
    if "-" not in first.family:  # `kylin` or `uos` without an edition: another file may tell it
        first = next((one for one in named if systems.lineage(one.family) == first.family and "-" in one.family), first)
    same = [first, *(one for one in named if one.family == first.family)]
    return Named(
        first.family,
        next((one.version for one in same if one.version), ""),
        next((one.service_pack for one in same if one.service_pack), ""),
    )


def _only_base(claims: Mapping[str, Claimed]) -> bool:
    """Tell whether os-release names a system that a vendor's own release file says it stands on."""
    base = claims["os-release"][0].family if "os-release" in claims else ""
    vendors = [claims[source][0].family for source in _VENDOR_FILES if source in claims]
    return any(family and systems.lineage(family) != systems.lineage(base) for family in vendors)


def key_values(lines: list[str]) -> dict[str, str]:
    """Read KEY=VALUE lines as a shell would, without running anything; quotes are removed, other lines passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            fields.setdefault(key.strip(), value)
    return fields


def _os_release(capture: Capture) -> Claimed | None:
    lines = capture.text.splitlines()
    fields = key_values(lines)
    if not any(key in fields for key in ("ID", "NAME", "PRETTY_NAME")):
        return None
    shown = fields.get("PRETTY_NAME") or f"{fields.get('NAME', '')} {fields.get('VERSION', '')}".strip()
    return systems.by_release(fields), shown, cite(capture, 1, len(lines), lines)


def _os_version(capture: Capture) -> Claimed | None:
    """统信's /etc/os-version."""
    lines = capture.text.splitlines()
    fields = key_values(lines)
    if "SystemName" not in fields:
        return None
    shown = " ".join(fields.get(key, "") for key in ("SystemName", "ProductType", "EditionName", "MajorVersion"))
    version = fields.get("MajorVersion", "")
    edition = {"desktop": "uos-desktop", "server": "uos-server"}.get(fields.get("ProductType", "").lower(), "uos")
    family = edition if "uos" in shown.lower() or "uniontech" in shown.lower() else ""
    return Named(family, f"V{version}" if version else ""), shown, cite(capture, 1, len(lines), lines)


def _kyinfo(capture: Capture) -> Claimed | None:
    """麒麟软件's /etc/.kyinfo: name, milestone and dist_id."""
    lines = capture.text.splitlines()
    fields = key_values(lines)
    shown = f"{fields.get('name', '')} {fields.get('milestone', '')} {fields.get('dist_id', '')}".strip()
    return (systems.by_banner(shown), shown, cite(capture, 1, len(lines), lines)) if shown else None


def _lsb_release(capture: Capture) -> Claimed | None:
    lines = capture.text.splitlines()
    fields = key_values(lines)
    shown = fields.get("DISTRIB_DESCRIPTION", "") or fields.get("DISTRIB_ID", "")
    return (systems.by_banner(shown), shown, cite(capture, 1, len(lines), lines)) if shown else None


def _banner(capture: Capture) -> Claimed | None:
    lines = capture.text.splitlines()
    shown = lines[0].strip()[:200] if lines else ""
    text = f"nfschina {shown}" if capture.source == "nfs-release" else shown
    text = f"kylinsec {shown}" if capture.source == "kylinsec-release" else text
    return (systems.by_banner(text), shown, cite(capture, 1, 1, lines)) if shown else None


_FILES: Mapping[str, Callable[[Capture], Claimed | None]] = {
    "os-release": _os_release,
    "os-version": _os_version,
    "kyinfo": _kyinfo,
    "lsb-release": _lsb_release,
    **dict.fromkeys(BANNERS, _banner),
}


def _package_origin(capture: Capture | None) -> tuple[str, Evidence | None]:
    """Who made the package that owns the release file: `rpm: NAME|VERSION|VENDOR|PACKAGER|SIGNER` or `dpkg: ...`."""
    if capture is None:
        return "", None
    lines = capture.text.splitlines()
    for number, line in enumerate(lines, 1):
        kind, _, rest = line.partition(":")
        if kind in ("rpm", "dpkg"):
            fields = [one.strip() for one in rest.split("|")]
            origin = " | ".join(one for one in (fields[0], *fields[2:4]) if one and one != "(none)")
            return origin, cite(capture, number, number, lines)
    return "", None


def _kernel(capture: Capture | None) -> tuple[str, Evidence | None]:
    if capture is None or not capture.text.strip():
        return "", None
    words = capture.text.split()
    release = words[2] if len(words) > 2 and words[0] == "Linux" else words[0]
    return release, cite(capture, 1, 1)


def _container(sources: Mapping[str, Capture]) -> bool:
    """In a container the release files are the image's and the kernel the host's."""
    hints = {"virtualization": sources["virtualization"]} if "virtualization" in sources else {}
    return any(isinstance(fact, Virtualization) and fact.container for fact in read_virtualization(hints).facts)
