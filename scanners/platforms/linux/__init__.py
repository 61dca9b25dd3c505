"""Linux endpoints: what the collector asks them, and what each answer is read into."""

from scanners.platforms.linux import addresses, machine, processor, releases, routes, sockets, virtualization
from scanners.platforms.reading import Platform, Reader

PLATFORM = Platform(
    sources=(
        "cpuinfo", "lscpu", "dmidecode", "os-release", "release-package", "uname", "ip-address", "ip-route", "ip6-route",
        "disable-ipv6", "listeners", "connections", "virtualization",
    ),
    readers=(
        Reader("processor", processor.SOURCES, processor.read_processor, part_is_enough=True),
        Reader("operating-system", releases.SOURCES, releases.read_system, part_is_enough=True),
        Reader("machine", machine.SOURCES, machine.read_machine, part_is_enough=True),
        Reader("virtualization", virtualization.SOURCES, virtualization.read_virtualization, part_is_enough=True),
        Reader("addresses", ("ip-address",), addresses.read_addresses),
        Reader("ipv6-switches", ("disable-ipv6",), addresses.read_switches),
        Reader("routes", ("ip-route", "ip6-route"), routes.read_routes),
        Reader("listeners", ("listeners",), sockets.read_listeners),
        Reader("connections", ("connections",), sockets.read_connections),
    ),
    identify=machine.identify,
    ending="collector",
    identifying=("dmidecode", "dmi-sysfs", "machine-id", "ip-address"),
    extra=("machine-id", "hostname", "files-absent", "collector", "debian_version", "kylin-build", "product-info"),
)  # fmt: skip
