"""Makes a synthetic estate as `*.captures.jsonl`, one file a unit, in the collector's shape; equal arguments, equal bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec

from benchmarks import answers
from benchmarks.answers import Host
from benchmarks.models import MODELS

BEGIN = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
JUDGED_AT = "2026-03-20T08:00:00+08:00"
SHARED_NETWORK = "政务外网"
PLACES = ("东城区", "西城区", "南城区", "北城区", "新城区", "河东县", "河西县", "山前县", "山后县", "湖滨县")
OFFICES = (
    "教育局", "民政局", "财政局", "水利局", "林业局", "文旅局", "卫健委", "统计局", "气象局", "档案馆", "应急局", "医保局",
)  # fmt: skip
UNITS = tuple(place + office for place in PLACES for office in OFFICES)

CLONED = 0.004  # made from another machine's image, identity and all
DENIED = 0.03  # the collector ran as an ordinary user
SILENT = 0.005  # a tool gave no answer in time


@dataclass(frozen=True, slots=True)
class Made:
    """What was made."""

    hosts: int
    captures: int
    gaps: int
    size: int


def make(folder: Path, hosts: int, seed: int = 1) -> Made:
    """Write the files of an estate of `hosts` machines into a folder."""
    captures = gaps = size = 0
    first = 0
    for number, count in enumerate(_sizes(hosts, seed)):
        lines = []
        for host, rng in _unit(number, first, count, seed):
            for schema, record in _records(host, rng):
                captures, gaps = captures + (schema == "capture"), gaps + (schema == "gap")
                lines.append(msgspec.json.encode(record) + b"\n")
        first += count
        if lines:
            data = b"".join(lines)
            size += len(data)
            (folder / f"unit-{number + 1:03d}.captures.jsonl").write_bytes(data)
    return Made(hosts, captures, gaps, size)


def _sizes(hosts: int, seed: int) -> list[int]:
    """Share the hosts out: a few large units and many small ones."""
    rng = Random(f"{seed}:units")
    weights = [rng.paretovariate(1.6) for _ in UNITS]
    bounds = [round(hosts * part / sum(weights)) for part in accumulate(weights)]
    return [end - start for start, end in zip([0, *bounds], bounds, strict=False)]


def _unit(number: int, first: int, count: int, seed: int) -> Iterator[tuple[Host, Random]]:
    """One unit's machines: half in the network that all share, half in the unit's own, whose addresses others use too."""
    servers: dict[str, list[str]] = {}
    last: Host | None = None
    for index in range(count):
        rng = Random(f"{seed}:{first + index}")
        model = rng.choices(MODELS, [one.share for one in MODELS])[0]
        own = index % 2 == 1
        network = f"{UNITS[number]}内网" if own else SHARED_NETWORK
        place = index // 2
        near = f"192.168.{1 + place // 250}" if own else f"10.{number + 1}.{place // 250}"
        address = f"{near}.{1 + place % 250}"
        host = Host(
            name=f"{model.role}{first + index:05d}",
            unit=UNITS[number],
            network=network,
            address=address,
            model=model,
            system=rng.choice(model.systems),
            serial=f"SYN{first + index:08d}",
            uuid=str(UUID(int=rng.getrandbits(128), version=4)),
            machine_id=f"{rng.getrandbits(128):032x}",
            mac=":".join(f"{octet:02x}" for octet in (0x52, 0x54, *(2 * (first + index)).to_bytes(4, "big"))),
            peers=tuple(servers.get(network, ())[-20:]),
        )
        if model.role != "pc":
            servers.setdefault(network, []).append(address)
        if last is not None and rng.random() < CLONED:
            host = replace(host, machine_id=last.machine_id)  # installed from one image
            if host.model.hypervisor and last.model.hypervisor:
                host = replace(host, serial=last.serial, uuid=last.uuid)  # and the guest was copied whole
        last = host
        yield host, rng


def _records(host: Host, rng: Random) -> Iterator[tuple[str, dict[str, object]]]:
    """One machine's lines: ten answers, an eleventh from a guest; here and there a gap in place of one."""
    asked: list[tuple[str, str, str]] = [
        ("ip-address", "ip address show", answers.ip_address(host, rng)),
        ("cpuinfo", "/proc/cpuinfo", answers.cpuinfo(host, rng)),
        ("lscpu", "lscpu", answers.lscpu(host)),
        ("dmidecode", "dmidecode -t 0 -t 1 -t 2 -t 3 -t 4 -t 38", answers.dmidecode(host)),
        ("os-release", "/etc/os-release", answers.os_release(host)),
        ("release-package", "rpm -qf /etc/os-release", host.system.package + "\n"),
        ("machine-id", "/etc/machine-id", host.machine_id + "\n"),
        ("ip-route", "ip -4 route show table main", answers.ip_route(host)),
        ("listeners", "ss -H -tuln", answers.listeners(host, rng)),
        ("connections", "ss -H -tn state established", answers.connections(host, rng)),
    ]
    if host.model.hypervisor:
        asked.append(("virtualization", "systemd-detect-virt", answers.virtualization(host)))
    denied, silent = rng.random() < DENIED, rng.random() < SILENT
    start = BEGIN + timedelta(seconds=rng.randrange(0, 7 * 3600))
    for source, request, output in asked:
        gap = None
        if denied and source == "dmidecode":
            gap = ("denied", "/dev/mem: Permission denied")
        elif silent and source == "connections":
            gap = ("timeout", "no complete answer within 5 seconds, or killed")
        record: dict[str, object] = {
            "schema": "xunyan.gap/1" if gap else "xunyan.capture/1",
            "asset": f"host:{host.name}",
            "kind": "endpoint",
            "platform": "linux",
            "unit": host.unit,
            "network": host.network,
            "address": host.address,
            "source": source,
            "request": request,
            "taken_at": (start + timedelta(seconds=rng.randrange(3))).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "taken_by": "uid:1000" if denied else "root",
        }
        if gap:
            yield "gap", {**record, "reason": gap[0], "detail": gap[1]}
        else:
            yield "capture", {**record, "exit": 0, "output": output}
