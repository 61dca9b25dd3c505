"""Information systems: what their agent asks of each, and what each answer is read into."""

from collections.abc import Mapping

from scanners.platforms.reading import Platform, Reader
from scanners.platforms.systems import certificates, exchanges, links, name_servers, names, pages, parity, ports
from xunyan.model import Capture, IdentityKey


def identify(_captures: Mapping[str, Capture]) -> tuple[IdentityKey, ...]:
    """Give no key: what a name or an address answers is no mark of the system, which is known by what is filed."""
    return ()


PLATFORM = Platform(
    sources=(names.SOURCE, name_servers.SOURCE, ports.SOURCE, certificates.SOURCE, exchanges.SOURCE, links.SOURCE),
    readers=(
        Reader("names", (names.SOURCE,), names.read_names),
        Reader("name-servers", (name_servers.SOURCE,), name_servers.read_name_servers),
        Reader("service-ports", (ports.SOURCE,), ports.read_ports),
        Reader("certificates", (certificates.SOURCE,), certificates.read_certificates),
        Reader("pages", (exchanges.SOURCE,), pages.read_pages),
        Reader("page-parity", (exchanges.SOURCE,), parity.read_parity),
        Reader("inner-links", (links.SOURCE,), links.read_links),
    ),
    identify=identify,
)
