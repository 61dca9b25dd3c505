"""Windows endpoints: what the collector asks them, and what each answer is read into."""

from scanners.platforms.reading import Platform, Reader
from scanners.platforms.windows import addresses, machine, processor, routes, sockets, system
from scanners.platforms.windows.requests import REQUESTS

PLATFORM = Platform(
    sources=tuple(name for name in REQUESTS if name not in ("hostname", "machine-guid")),
    readers=(
        Reader("processor", processor.SOURCES, processor.read_processor),
        Reader("operating-system", (system.SOURCE,), system.read_system),
        Reader("machine", (machine.SOURCE,), machine.read_machine),
        Reader("virtualization", (machine.SOURCE,), machine.read_virtualization),
        Reader("addresses", (addresses.SOURCE,), addresses.read_addresses),
        Reader("ipv6-switches", (addresses.SWITCHES,), addresses.read_switches),
        Reader("routes", (routes.SOURCE,), routes.read_routes),
        Reader("listeners", ("listeners",), sockets.read_listeners),
        Reader("connections", ("connections",), sockets.read_connections),
    ),
    identify=machine.identify,
    ending="collector",
    identifying=machine.IDENTIFYING,
    extra=("machine-guid", "hostname", "collector"),
)
