"""The operating system of a Windows endpoint, from Win32_OperatingSystem."""

from collections.abc import Mapping

from scanners.platforms.reading import Reading
from scanners.platforms.windows.answers import cite_values, has, rows_of, shown
from xunyan.facts import OperatingSystem, SystemClaim
from xunyan.model import Capture

SOURCE = "operating-system"
FAMILY = "windows"
WORKSTATION = "1"  # of ProductType; 2 is a domain controller, 3 a server


def read_system(sources: Mapping[str, Capture]) -> Reading:
    """Read name, version and service pack. Whatever its caption says, what answers as this class is Windows.

    An edition made for one country's government (神州网信政府版) is Windows too: the same kernel under other settings.
    """
    capture = sources.get(SOURCE)
    if capture is None:
        return Reading()
    rows = rows_of(capture)
    if isinstance(rows, str):
        return Reading(unreadable=((SOURCE, rows),))
    row = rows[0]
    caption, version = shown(row, "Caption"), shown(row, "Version")
    if not has(row, "Caption", "Version") or not (caption or version):
        return Reading(unreadable=((SOURCE, "no object of Win32_OperatingSystem"),))
    kind = shown(row, "ProductType")
    system = OperatingSystem(
        family=FAMILY,
        edition="" if not kind else "desktop" if kind == WORKSTATION else "server",
        version=version,
        service_pack=shown(row, "CSDVersion"),
        shown=f"{caption} {version}".strip(),
        kernel=version,
        package_origin="",
        container=False,
        disputed=False,
        corroborated=False,
        claims=(SystemClaim(SOURCE, FAMILY, caption or version),),
    )
    return Reading((system,), (cite_values(capture, ("Caption", "Version")),))
