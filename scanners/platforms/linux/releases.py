"""The operating system of a Linux endpoint, from its release files, the origin of its packages and its kernel."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import NamedTuple

from scanners.platforms import lineages, operating_systems
from scanners.platforms.linux.virtualization import container_sign
from scanners.platforms.operating_systems import Named
from scanners.platforms.reading import Reading, cite, cite_all, lines_of
from xunyan.facts import OperatingSystem, SystemClaim
from xunyan.model import Capture, Evidence

BANNERS = (
    "nfs-release", "kylinsec-release", "neokylin-release", "UnionTech-release", "kylin-release", "euleros-release",
    "openEuler-release", "system-release", "redhat-release",
)  # fmt: skip
SOURCES = (
    "os-release", "os-version", "kyinfo", "lsb-release", *BANNERS, "issue", "release-package", "uname", "virtualization",
)  # fmt: skip

# Release files of one vendor alone. Its words stand before an os-release that names the base it was built on, where a
# package, a kernel or a repository bears it out.
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
_ESCAPED = re.compile(r'\\(["\\$`])')
"""What stands for itself between double quotes, as a shell reads it (os-release(5))."""

MOST_REPOSITORIES = 16


class Claimed(NamedTuple):
    """The system that one release file names, its own words, and where they stand."""

    named: Named
    shown: str
    evidence: Evidence


class Packages(NamedTuple):
    """Which package owns the release file: its kind, who made it, and whose repositories the host uses.

    `origin` is shown to people; `maker` is the family that the vendor, packager, signer or maintainer speaks of, never
    the package's name. `unowned`: the package manager says that the release file is of no package.
    """

    kind: str = ""
    origin: str = ""
    maker: str = ""
    version: str = ""
    unowned: bool = False
    evidence: Evidence | None = None
    repositories: Mapping[str, tuple[str, Evidence]] = MappingProxyType({})


_UNOWNED = re.compile(r"not owned by any package|no path found|不属于任何|没有找到与.*匹配的路径", re.IGNORECASE)


def read_system(sources: Mapping[str, Capture]) -> Reading:
    """Join what release files, package origin and kernel say; where they name different systems, say so."""
    claims, unreadable = _claims(sources)
    if not claims:
        return Reading(unreadable=unreadable)
    packages = _packages(sources.get("release-package"))
    container = container_sign(sources)
    kernel, build, kernel_evidence = _kernel(sources.get("uname"))
    # In a container the release files are the image's and the kernel is the host's.
    kernel_family = "" if container else lineages.by_kernel(build)
    standing = _standing(claims, {packages.maker, kernel_family}, packages.repositories)
    best, shown, at_odds = _best(standing, packages)
    marks = _repository_marks(best, packages)
    disputed = (
        at_odds
        or any(
            lineages.contradict(one.named.family, other.named.family)
            for one, other in combinations(standing.values(), 2)
        )
        or lineages.foreign_kernel(best.family, kernel_family)
        or lineages.foreign_package(best.family, packages.maker, packages.version, packages.repositories)
        or (packages.unowned and lineages.domestic(best.family))
        or (best.family == "debian" and bool(marks or _vendors(claims)))
    )
    listed = [SystemClaim(source, named.family, words) for source, (named, words, _) in claims.items()]
    if kernel_family:
        listed.append(SystemClaim("uname", kernel_family, kernel))
    if packages.evidence is not None:
        listed.append(SystemClaim("release-package", packages.maker, packages.origin))
    listed += [SystemClaim("release-package", family, words) for family, (words, _) in marks.items()]
    system = OperatingSystem(
        family=best.family,
        edition="server" if best.family.endswith("-server") else "desktop" if best.family.endswith("-desktop") else "",
        version=best.version,
        service_pack=best.service_pack,
        shown=shown,
        kernel=kernel,
        package_origin=packages.origin,
        container=container is not None,
        disputed=disputed,
        corroborated=lineages.bears_out(best.family, packages.maker)
        or lineages.bears_out(best.family, kernel_family)
        or lineages.lineage(best.family) in marks,
        claims=tuple(listed),
    )
    evidence = [claim.evidence for claim in claims.values()]
    evidence += [one for one in (packages.evidence, kernel_evidence) if one is not None]
    evidence += [proof for _, proof in (*marks.values(), *((container,) if container else ()))]
    return Reading((system,), tuple(evidence), unreadable)


def _repository_marks(best: Named, packages: Packages) -> dict[str, tuple[str, Evidence]]:
    """Give the repositories that tell something of a system whose base package is Debian's."""
    wanted = lineages.MARKED_BY_REPOSITORY & {lineages.lineage(best.family)}
    if best.family == "debian":
        wanted = lineages.MARKED_BY_REPOSITORY
    return {family: found for family, found in packages.repositories.items() if family in wanted}


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


def _vendors(claims: Mapping[str, Claimed]) -> list[Claimed]:
    """List the claims of vendors' own release files that may stand under Debian's name."""
    found = [claims[source] for source in _VENDOR_FILES if source in claims]
    return [one for one in found if lineages.lineage(one.named.family) in lineages.MARKED_BY_REPOSITORY]


def _standing(
    claims: Mapping[str, Claimed], marks: Collection[str], repositories: Collection[str]
) -> Mapping[str, Claimed]:
    """Leave an os-release out that only names the base of a vendor whose release file something else bears out."""
    base = claims["os-release"].named.family if "os-release" in claims else ""
    for source in _VENDOR_FILES:
        family = claims[source].named.family if source in claims else ""
        line = lineages.lineage(family)
        marked = any(lineages.bears_out(family, mark) for mark in marks)
        marked = marked or line in lineages.MARKED_BY_REPOSITORY.intersection(repositories)
        if base and marked and lineages.stands_on(family, base):
            rest = {name: claim for name, claim in claims.items() if name not in ("os-release", source)}
            return {source: claims[source], **rest}
    return claims


def _best(claims: Mapping[str, Claimed], packages: Packages) -> tuple[Named, str, bool]:
    """Choose the system of the first telling source with its words; True where others of its line tell another version.

    Version and service pack are those of one claim, the one of the line that tells most.
    """
    telling = [claim for claim in claims.values() if claim.named.family]
    if not telling:
        return Named(""), next(iter(claims.values())).shown, False
    first, shown, _ = telling[0]
    line = lineages.lineage(first.family)
    same = [claim.named for claim in telling if lineages.lineage(claim.named.family) == line]
    family = first.family
    if first.assumed or "-" not in family:  # another file may tell the edition
        told = [one.family for one in same if "-" in one.family and not one.assumed]
        if told:
            family = told[0]
        elif first.assumed and packages.kind == "rpm":
            family = f"{line}-server"
    if any(
        not _agree(one.version, other.version) or not _agree(one.service_pack, other.service_pack)
        for one, other in combinations(same, 2)
    ):
        return first._replace(family=family), shown, True
    most = max(same, key=lambda one: (bool(one.version), len(one.service_pack), len(one.version)))
    return Named(family, most.version, most.service_pack), shown, False


def _agree(one: str, other: str) -> bool:
    """Tell whether two versions may be of one system: the same, or one says less (`V20` beside `V20 Home`)."""
    less, more = sorted((one, other), key=len)
    rest = more.removeprefix(less)
    return set(less.split()) <= set(more.split()) or (rest != more and not rest[0].isdigit())


def key_values(lines: Sequence[str]) -> dict[str, str]:
    """Read KEY=VALUE lines as a shell would, without running anything; quotes are removed, other lines passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
                value = _ESCAPED.sub(r"\1", value[1:-1]) if value[0] == '"' else value[1:-1]
            fields.setdefault(key.strip(), value)
    return fields


def _os_release(capture: Capture) -> Claimed | None:
    lines = lines_of(capture)
    fields = key_values(lines)
    if not any(fields.get(key) for key in ("ID", "NAME", "PRETTY_NAME")):
        return None
    shown = fields.get("PRETTY_NAME") or f"{fields.get('NAME', '')} {fields.get('VERSION', '')}".strip()
    return Claimed(operating_systems.by_release(fields), shown, cite_all(capture, lines))


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
        version = operating_systems.with_edition(version, fields.get("EditionName", ""))
    own = "uos" in shown.lower() or "uniontech" in shown.lower()
    return Claimed(Named(family, version) if own else Named(""), shown, cite_all(capture, lines))


def _kyinfo(capture: Capture) -> Claimed | None:
    """麒麟软件's /etc/.kyinfo: name, milestone and dist_id."""
    lines = lines_of(capture)
    fields = key_values(lines)
    shown = " ".join(value for key in ("name", "milestone", "dist_id") if (value := fields.get(key, "")))
    return Claimed(operating_systems.by_banner(shown), shown, cite_all(capture, lines)) if shown else None


def _lsb_release(capture: Capture) -> Claimed | None:
    lines = lines_of(capture)
    fields = key_values(lines)
    shown = fields.get("DISTRIB_DESCRIPTION", "") or fields.get("DISTRIB_ID", "")
    return Claimed(operating_systems.by_banner(shown), shown, cite_all(capture, lines)) if shown else None


def _banner(capture: Capture) -> Claimed | None:
    """Read a file of one line; those of 方德 and 麒麟信安 need not say whose they are."""
    shown = next(iter(lines_of(capture)), "").strip()[:LONGEST_BANNER]
    maker = {"nfs-release": "nfschina ", "kylinsec-release": "kylinsec "}.get(capture.source, "")
    return Claimed(operating_systems.by_banner(f"{maker}{shown}"), shown, cite(capture, 1, 1)) if shown else None


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
    repositories: dict[str, tuple[str, Evidence]] = {}
    for number, line in enumerate(lines_of(capture), 1):
        kind, _, rest = line.partition(": ")
        if kind in ("rpm", "dpkg") and not owner.kind:
            fields = [one.strip() for one in rest.split("|")]
            made = [one for one in fields[2:5] if one and one != "(none)"]
            origin = " | ".join(one for one in (fields[0], *fields[2:4]) if one and one != "(none)")
            evidence = cite(capture, number, number)
            maker = lineages.by_origin(" | ".join(made))
            owner = Packages(kind, origin, maker, "".join(fields[1:2]), evidence=evidence)
        elif kind == "apt-origin" and len(repositories) < MOST_REPOSITORIES:
            if family := lineages.by_origin(rest):
                repositories.setdefault(family, (line.strip(), cite(capture, number, number)))
        elif not owner.kind and not owner.unowned and _UNOWNED.search(line):
            owner = Packages(origin=line.strip()[:LONGEST_BANNER], unowned=True, evidence=cite(capture, number, number))
    return owner._replace(repositories=repositories)


def _kernel(capture: Capture | None) -> tuple[str, str, Evidence | None]:
    """Give the kernel's release, that with its build (where 麒麟 signs its desktop's), and where they stand."""
    words = capture.text.split() if capture is not None else []
    if capture is None or not words:
        return "", "", None
    at = 2 if len(words) > 2 and words[0] == "Linux" else 0  # behind the host's name, which may be anything
    return words[at], " ".join(words[at:]), cite(capture, 1, 1)
