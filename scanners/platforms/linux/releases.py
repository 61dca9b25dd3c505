"""The operating system of a Linux endpoint, from its release files, the origin of its packages and its kernel."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from scanners.platforms import lineages, systems
from scanners.platforms.linux.virtualization import container_sign
from scanners.platforms.reading import Reading, cite, cite_all, lines_of
from scanners.platforms.systems import Named
from xunyan.facts import OperatingSystem, SystemClaim
from xunyan.model import Capture, Evidence

BANNERS = (
    "nfs-release", "kylinsec-release", "neokylin-release", "UnionTech-release", "kylin-release", "euleros-release",
    "openEuler-release", "system-release", "redhat-release",
)  # fmt: skip
SOURCES = (
    "os-release", "os-version", "kyinfo", "lsb-release", *BANNERS, "issue", "release-package", "uname", "virtualization",
)  # fmt: skip

# Release files of one vendor alone. Its words stand before an os-release that only names the base it was built on.
_VENDOR_FILES = (
    "nfs-release",
    "kylinsec-release",
    "neokylin-release",
    "os-version",
    "kyinfo",
    "kylin-release",
    "issue",
)
LONGEST_BANNER = 200


class Claimed(NamedTuple):
    """The system that one release file names, its own words, and where they stand."""

    named: Named
    shown: str
    evidence: Evidence


class Packages(NamedTuple):
    """Which package owns the release file: its kind, who made it, and whose repositories the host uses."""

    kind: str = ""
    origin: str = ""
    version: str = ""
    evidence: Evidence | None = None
    repositories: frozenset[str] = frozenset()


def read_system(sources: Mapping[str, Capture]) -> Reading:
    """Join what release files, package origin and kernel say; where they name different systems, say so."""
    claims, unreadable = _claims(sources)
    if not claims:
        return Reading(unreadable=unreadable)
    packages = _packages(sources.get("release-package"))
    container = container_sign(sources) is not None
    kernel, build, kernel_evidence = _kernel(sources.get("uname"))
    # In a container the release files are the image's and the kernel is the host's.
    kernel_family = "" if container else lineages.by_kernel(build)
    best, shown = _best(claims, packages)
    maker = lineages.by_origin(packages.origin)
    families = [claim.named.family for claim in claims.values()]
    disputed = (
        any(lineages.contradict(one, other) for i, one in enumerate(families) for other in families[i + 1 :])
        or lineages.foreign_kernel(best.family, kernel_family)
        or lineages.foreign_package(best.family, maker, packages.version, packages.repositories)
    )
    listed = [SystemClaim(source, named.family, words) for source, (named, words, _) in claims.items()]
    if kernel_family:
        listed.append(SystemClaim("uname", kernel_family, kernel))
    if packages.evidence is not None:
        listed.append(SystemClaim("release-package", maker, packages.origin))
    system = OperatingSystem(
        family=best.family,
        edition="server" if best.family.endswith("-server") else "desktop" if best.family.endswith("-desktop") else "",
        version=best.version,
        service_pack=best.service_pack,
        shown=shown,
        kernel=kernel,
        package_origin=packages.origin,
        container=container,
        disputed=disputed,
        claims=tuple(listed),
    )
    evidence = [claim.evidence for claim in claims.values()]
    evidence += [one for one in (packages.evidence, kernel_evidence) if one is not None]
    return Reading((system,), tuple(evidence), unreadable)


def _claims(sources: Mapping[str, Capture]) -> tuple[dict[str, Claimed], tuple[tuple[str, str], ...]]:
    claims: dict[str, Claimed] = {}
    unreadable: list[tuple[str, str]] = []
    for source, read in _FILES.items():
        if source in sources:
            claimed = read(sources[source])
            if claimed is not None:
                claims[source] = claimed
            elif source == "os-release":
                unreadable.append((source, "no KEY=VALUE line that names a system"))
    return claims, tuple(unreadable)


def _best(claims: Mapping[str, Claimed], packages: Packages) -> tuple[Named, str]:
    """Choose the system of the first telling source with its words, and fill in what others of that family tell."""
    order = [source for source in _VENDOR_FILES if source in claims] if _only_base(claims) else []
    telling = [claims[source] for source in dict.fromkeys((*order, *claims)) if claims[source].named.family]
    if not telling:
        return Named(""), next(iter(claims.values())).shown
    first, shown, _ = telling[0]
    named = [claim.named for claim in telling]
    if first.assumed or "-" not in first.family:  # another file may tell the edition
        line = lineages.lineage(first.family)
        told = [one for one in named if lineages.lineage(one.family) == line and "-" in one.family and not one.assumed]
        if told:
            first = told[0]._replace(version=told[0].version or first.version)
        elif first.assumed and packages.kind == "rpm":
            first = first._replace(family=f"{line}-server")
    if first.family == "debian" and "fangde" in packages.repositories:
        return Named("fangde-desktop"), shown  # whose os-release may say no more than Debian
    same = [first, *(one for one in named if one.family == first.family)]
    version = max((one.version for one in same), key=len)
    pack = next((one.service_pack for one in same if one.service_pack), "")
    return Named(first.family, version, pack), shown


def _only_base(claims: Mapping[str, Claimed]) -> bool:
    """Tell whether os-release names a system that a vendor's own release file says it stands on."""
    base = claims["os-release"].named.family if "os-release" in claims else ""
    vendors = [claims[source].named.family for source in _VENDOR_FILES if source in claims]
    return any(family and lineages.lineage(family) != lineages.lineage(base) for family in vendors)


def key_values(lines: Sequence[str]) -> dict[str, str]:
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
    lines = lines_of(capture)
    fields = key_values(lines)
    if not any(fields.get(key) for key in ("ID", "NAME", "PRETTY_NAME")):
        return None
    shown = fields.get("PRETTY_NAME") or f"{fields.get('NAME', '')} {fields.get('VERSION', '')}".strip()
    return Claimed(systems.by_release(fields), shown, cite_all(capture, lines))


def _os_version(capture: Capture) -> Claimed | None:
    """统信's /etc/os-version."""
    lines = lines_of(capture)
    fields = key_values(lines)
    if "SystemName" not in fields:
        return None
    shown = " ".join(fields.get(key, "") for key in ("SystemName", "ProductType", "EditionName", "MajorVersion"))
    family = {"desktop": "uos-desktop", "server": "uos-server"}.get(fields.get("ProductType", "").lower(), "uos")
    version = f"V{fields['MajorVersion']}" if fields.get("MajorVersion") else ""
    if family == "uos-desktop":
        version = systems.uos_version(version, fields.get("EditionName", ""))
    own = "uos" in shown.lower() or "uniontech" in shown.lower()
    return Claimed(Named(family, version) if own else Named(""), shown, cite_all(capture, lines))


def _kyinfo(capture: Capture) -> Claimed | None:
    """麒麟软件's /etc/.kyinfo: name, milestone and dist_id."""
    lines = lines_of(capture)
    fields = key_values(lines)
    shown = f"{fields.get('name', '')} {fields.get('milestone', '')} {fields.get('dist_id', '')}".strip()
    return Claimed(systems.by_banner(shown), shown, cite_all(capture, lines)) if shown else None


def _lsb_release(capture: Capture) -> Claimed | None:
    lines = lines_of(capture)
    fields = key_values(lines)
    shown = fields.get("DISTRIB_DESCRIPTION", "") or fields.get("DISTRIB_ID", "")
    return Claimed(systems.by_banner(shown), shown, cite_all(capture, lines)) if shown else None


def _banner(capture: Capture) -> Claimed | None:
    """Read a file of one line; those of 方德 and 麒麟信安 need not say whose they are."""
    shown = next(iter(lines_of(capture)), "").strip()[:LONGEST_BANNER]
    maker = {"nfs-release": "nfschina ", "kylinsec-release": "kylinsec "}.get(capture.source, "")
    return Claimed(systems.by_banner(f"{maker}{shown}"), shown, cite(capture, 1, 1)) if shown else None


def _issue(capture: Capture) -> Claimed | None:
    """Old 凝思 has no other release file; of any other system the login banner is whatever its owner wrote."""
    claimed = _banner(capture)
    return claimed if claimed is not None and claimed.shown.lower().startswith(("linxos ", "linx gnu")) else None


_FILES: Mapping[str, Callable[[Capture], Claimed | None]] = {
    "os-release": _os_release,
    "os-version": _os_version,
    "kyinfo": _kyinfo,
    "lsb-release": _lsb_release,
    **dict.fromkeys(BANNERS, _banner),
    "issue": _issue,
}


def _packages(capture: Capture | None) -> Packages:
    """Read `rpm: NAME|VERSION|VENDOR|PACKAGER|SIGNER` or `dpkg: NAME|VERSION|ORIGIN|MAINTAINER|`, and `apt-origin: ...`."""
    if capture is None:
        return Packages()
    owner = Packages()
    repositories: set[str] = set()
    for number, line in enumerate(lines_of(capture), 1):
        kind, _, rest = line.partition(": ")
        if kind in ("rpm", "dpkg") and not owner.kind:
            fields = [one.strip() for one in rest.split("|")]
            origin = " | ".join(one for one in (fields[0], *fields[2:4]) if one and one != "(none)")
            owner = Packages(kind, origin, "".join(fields[1:2]), cite(capture, number, number))
        elif kind == "apt-origin":
            repositories.add(lineages.by_origin(rest))
    return owner._replace(repositories=frozenset(repositories))


def _kernel(capture: Capture | None) -> tuple[str, str, Evidence | None]:
    """Give the kernel's release, that with its build (where 麒麟 signs its desktop's), and where they stand."""
    words = capture.text.split() if capture is not None else []
    if capture is None or not words:
        return "", "", None
    at = 2 if len(words) > 2 and words[0] == "Linux" else 0  # behind the host's name, which may be anything
    return words[at], " ".join(words[at:]), cite(capture, 1, 1)
