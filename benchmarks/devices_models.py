"""The devices of the benchmark: five vendors in turn, switches to be asked live and large ones whose answers are stored."""

from lab.devices.vendors import VENDORS
from lab.scenario.model import Device, Interface, Peer, Route
from scanners.platforms.devices import VENDORS as PLATFORMS

PLATFORM_OF = dict(zip(("huawei", "h3c", "ruijie", "zte", "cisco"), PLATFORMS, strict=True))
"""The lab's word for a vendor -> the platform."""

USER, PASSWORD = "ops", "Bench-0917-pass"
ASKED = 10
LINES = 3000
"""So many lines has the configuration of a stored device, or more."""

_PORTS = {
    "huawei": ("GigabitEthernet0/0/{}", "Vlanif{}"),
    "h3c": ("GigabitEthernet1/0/{}", "Vlan-interface{}"),
    "ruijie": ("GigabitEthernet 0/{}", "VLAN {}"),
    "zte": ("gei-0/1/0/{}", "vlan{}"),
    "cisco": ("GigabitEthernet0/{}", "Vlan{}"),
}


def ten(platform: str) -> tuple[str, ...]:
    """Give ten of a platform's commands: the first nine, and the configuration, which stands last."""
    commands = tuple(PLATFORMS[platform].commands)
    return (*commands[: ASKED - 1], commands[-1])


def device(number: int, *, large: bool = False) -> Device:
    """Make a device: 24 ports, 8 of them routed in both families; a large one has 200 ports, and many filters and routes."""
    vendor = list(_PORTS)[number % len(_PORTS)]
    port, vlan = _PORTS[vendor]
    high, low = divmod(number, 200)
    ports = [
        Interface(
            name=port.format(one), v4=[f"10.{high}.{low}.{4 * one + 1}/30"], v6=[f"2001:db8:{number:x}:{one}::1/64"]
        )
        for one in range(1, 9)
    ]
    ports += [
        Interface(name=port.format(one), vlan=10 + one % 4, description=f"desk {one}")
        for one in range(9, 201 if large else 25)
    ]
    ports.append(Interface(name=vlan.format(10), v4=[f"172.16.{low}.1/24"], v6=[f"2001:db8:{number:x}:ff::1/64"]))
    rules = 165 if large else 4
    return Device(
        name=f"bench{number:05}",
        vendor=vendor,  # type: ignore[arg-type]  # one of the words above
        at={},
        unit=f"单位{number % 120:03}",
        serial=f"SN{number:08}",
        users={USER: PASSWORD},
        interfaces=ports,
        routes=[
            Route(prefix=f"198.{18 + one // 250}.{one % 250}.0/24", next_hop=f"10.{high}.{low}.6")
            for one in range(500 if large else 4)
        ],
        peers=[Peer(protocol="ospf", address=f"10.{high}.{low}.6", router_id="192.0.2.1")],
        ntp=["192.0.2.123"],
        acls={
            str(3000 + one): [f"permit tcp any any eq {1000 + number + n}" for n in range(rules)]
            for one in range(10 if large else 2)
        },
    )


def answers(own: Device) -> dict[str, str]:
    """What a device answers to all that it is asked, without any connection."""
    known = VENDORS[own.vendor].answers
    told = {
        command: known[command](own, "") for command in PLATFORMS[PLATFORM_OF[own.vendor]].commands if command in known
    }
    return {command: text for command, text in told.items() if text is not None}
