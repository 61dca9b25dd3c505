"""Makes a server's management controller: OpenIPMI's simulator for IPMI, sushy-tools' emulator for Redfish."""

import json
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.contents import Entry
from lab.programs import Program
from lab.scenario.model import Ipmi, Redfish
from lab.services.certificates import Authority
from lab.services.missing import place
from lab.services.web import Site, nginx
from lab.services.words import bracketed, quoted, refused
from xunyan.errors import InputError
from xunyan.wording import Text

IPMI_LOG, REDFISH_LOG, EMULATOR_LOG = "ipmi.log", "redfish.log", "redfish-emulator.log"
_IPMI_PORT = 623
_MOST_CHANNELS = 7
_LONGEST_WORD, _LONGEST_PRODUCT = 16, 60
_AUTHENTICATION = "".join(
    f"    allowed_auths_{level} none md2 md5 straight\n" for level in ("callback", "user", "operator", "admin")
)
_QUIET_INPUT = '[ -p "$0" ] || mkfifo "$0"; exec "$@" <>"$0"'
"""It logs messages only while it reads commands from a standard input, and ends where that does."""

_EMULATOR_UUID = "85775665-c110-4b85-8989-e6162170b3ec"
_NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def ipmi_program(folder: Path, ipmi: Ipmi, addresses: Sequence[str], name: str, *, port: int = _IPMI_PORT) -> Program:
    """Make an IPMI controller on these addresses (7 at most), each a LAN channel of its own; the product stands in its FRU.

    The log `ipmi.log` holds every message that the controller receives, after a line with the sender's socket address in
    hexadecimal: family, port, address. Raises InputError for what it cannot be told.
    """
    if not 0 < len(addresses) <= _MOST_CHANNELS:
        message = Text("管理控制器需要 1 至 7 个地址", "a management controller takes one to seven addresses")
        raise InputError(message, where=f"ipmi, {name}")
    for word in (ipmi.user, ipmi.password):
        if not word or len(word.encode()) > _LONGEST_WORD:
            raise refused(word, f"ipmi, {name}")
    guid = uuid.uuid5(_NAMESPACE, name).hex
    channels = "".join(
        f"  startlan {number}\n    addr {address} {port}\n    priv_limit admin\n{_AUTHENTICATION}    guid {guid}\n  endlan\n"
        for number, address in enumerate(addresses, 1)
    )
    # The simulator splits a line at spaces before it looks for quotes.
    user, password = (quoted(word, f"ipmi, {name}", without=' "\\#$') for word in (ipmi.user, ipmi.password))
    settings = (
        f'name "lab"\nset_working_mc 0x20\n{channels}  user 2 true {user} {password} admin 10 none md2 md5 straight\n'
    )
    fru = product_fru(ipmi.product)
    data = " ".join(f"0x{byte:02x}" for byte in fru)
    commands = (
        "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\n"
        f"mc_add_fru_data 0x20 0 {len(fru)} data {data}\nsel_enable 0x20 1000 0x0a\nmc_enable 0x20\ndebug raw msg\n"
    )
    files = (
        Entry("ipmi/lan.conf", settings, 0o600),
        Entry("ipmi/lab.emu", commands),
        Entry("ipmi/state", None, 0o755),
    )
    base = folder / "ipmi"
    simulator = (
        place("ipmi_sim"),
        "-c",
        str(base / "lan.conf"),
        "-f",
        str(base / "lab.emu"),
        "-s",
        str(base / "state"),
    )
    command = ("/bin/sh", "-c", _QUIET_INPUT, str(base / "input"), *simulator)
    return Program("ipmi", command, IPMI_LOG, files, tuple(("udp", one, port) for one in addresses))


def product_fru(product: str) -> bytes:
    """Return an inventory with a product area: the name, in bytes of UTF-8, and no maker. Raises InputError for a long one."""
    name = product.encode()
    if len(name) > _LONGEST_PRODUCT:
        raise refused(product, "ipmi, product")
    fields = b"".join(bytes([0xC0 | len(one)]) + one for one in (b"", name)) + b"\xc1"
    area = b"\x01\x00\x19" + fields
    area += bytes(-(len(area) + 1) % 8)
    area = bytes([area[0], (len(area) + 1) // 8, *area[2:]])
    header = b"\x01\x00\x00\x00\x01\x00\x00"
    return b"".join(part + bytes([-sum(part) % 256]) for part in (header, area))


def redfish_programs(
    folder: Path,
    redfish: Redfish,
    addresses: Sequence[str],
    authority: Authority,
    name: str,
    *,
    ports: Mapping[int, int] | None = None,
    behind: tuple[str, int] = ("127.0.0.1", 8000),
    python: str = sys.executable,
) -> tuple[Program, ...]:
    """Make sushy-tools' emulator at `behind`, and before it an nginx with TLS that adds vendor, product and their Oem.

    The emulator can name no vendor, speaks one family and logs no client's address; nginx does, in `redfish.log`, one JSON
    object for each request. `python` is the interpreter that has sushy-tools.
    """
    own = str(uuid.uuid5(_NAMESPACE, f"redfish:{name}"))
    settings = {
        "SUSHY_EMULATOR_STATE_DIR": str(folder / "redfish-emulator"),
        "SUSHY_EMULATOR_FAKE_SYSTEMS": [
            {
                "uuid": str(uuid.uuid5(_NAMESPACE, name)),
                "name": name,
                "power_state": "On",
                "external_notifier": False,
                "nics": [],
            }
        ],
    }
    text = "".join(f"{key} = {value!r}\n" for key, value in settings.items())
    config = str(folder / "redfish-emulator" / "settings.py")
    command = (
        python,
        "-m",
        "sushy_tools.emulator.main",
        "--fake",
        "--config",
        config,
        "-i",
        behind[0],
        "-p",
        str(behind[1]),
    )
    opens = (("tcp", *behind),)
    emulator = Program("redfish-emulator", command, EMULATOR_LOG, (Entry("redfish-emulator/settings.py", text),), opens)
    port = (ports or {}).get(redfish.port, redfish.port)
    site = Site(
        tuple((address, port) for address in addresses),
        (),
        _locations(redfish, own, behind),
        authority.certificate("self-signed", [], addresses),
    )
    return emulator, nginx(folder, "redfish", REDFISH_LOG, [site])


def _locations(redfish: Redfish, own: str, behind: tuple[str, int]) -> str:
    passed = f'proxy_pass http://{bracketed(behind[0])}:{behind[1]}; proxy_set_header Accept-Encoding ""; '
    passed += "proxy_set_header Host $http_host; sub_filter_types application/json; "
    said: dict[str, object] = {}
    if redfish.vendor:
        said |= {"Vendor": redfish.vendor, "Oem": {redfish.vendor: {}}}
    if redfish.product:
        said["Product"] = redfish.product
    added = "".join(f"{_json(key)}: {_json(value)}, " for key, value in said.items())
    root = f"sub_filter {_EMULATOR_UUID} {own}; "
    if added:
        root += _replacing('"RedfishVersion"', added + '"RedfishVersion"')
    maker = _replacing('"Sushy Emulator"', _json(redfish.vendor)) if redfish.vendor else ""
    exact = "".join(f"    location = {path} {{ {passed}{root}}}\n" for path in ("/redfish/v1", "/redfish/v1/"))
    return f"{exact}    location / {{ {passed}{maker}}}\n"


def _json(value: object) -> str:
    return json.dumps(value).replace("$", "\\u0024")  # nginx would take it for the beginning of a variable


def _replacing(text: str, by: str) -> str:
    return f"sub_filter {quoted(text, 'redfish', without='$')} {quoted(by, 'redfish', without='$')}; "
