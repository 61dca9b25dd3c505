"""What each kind of system can be asked and how its answers are read: pure, one package or module per system."""

from collections.abc import Mapping

from scanners.platforms import devices, linux, systems, windows
from scanners.platforms.reading import Platform

PLATFORMS: Mapping[str, Platform] = {
    "linux": linux.PLATFORM,
    "windows": windows.PLATFORM,
    "system": systems.PLATFORM,
    **devices.PLATFORMS,
}
"""Name -> platform. A new system is one module and one entry here."""
