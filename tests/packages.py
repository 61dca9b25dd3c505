"""Packages for tests: a small estate packed, and packages of somebody who knows their form and means harm."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from evidence.archive import LABEL, open_archive, write_archive
from evidence.package import LISTS, MANIFEST, SIGNATURES, Manifest, describe, read_manifest, sums
from tests.making import (
    CPUINFO_INTEL,
    IP_FOUR,
    JUDGED_AT,
    OS_DEBIAN,
    call,
    host,
    write_jsonl,
)

Members = dict[str, bytes]
UNITS = {"host:jy01": "教育局", "host:jy02": "教育局", "host:ws01": "卫健委", "host:ws02": "卫健委"}


def make_estate(folder: Path, judged_at: str = JUDGED_AT) -> Path:
    """A workspace with four hosts of two units, judged once."""
    workspace = folder / "w"
    assert call("init", workspace).returncode == 0
    lines = []
    for place, (asset, unit) in enumerate(UNITS.items()):
        address = f"192.168.1.{10 + place}"
        if place % 2:
            lines += host(
                asset, cpuinfo=CPUINFO_INTEL, release=OS_DEBIAN, addresses=IP_FOUR, address=address, unit=unit
            )
        else:
            lines += host(asset, address=address, unit=unit)
    file = write_jsonl(folder / "estate.captures.jsonl", lines)
    assert call("-C", workspace, "ingest", file, "--at", judged_at).returncode == 0
    return workspace


def members(package: Path) -> Members:
    """Everything in a package, in its order."""
    with open_archive(package) as archive:
        return {name: b"".join(archive.pieces(name)) for name in archive.names()}


def forge(
    package: Path,
    change: Callable[[Members], None],
    manifest: Callable[[Manifest], Manifest] = lambda made: made,
    *,
    honest: bool = True,
) -> Path:
    """Change a package in place. `honest` makes manifest and lists fit again, as a careful forger would."""
    found = members(package)
    change(found)
    if honest:
        listed = [name for name in found if name not in LISTS and not name.startswith(SIGNATURES)]
        files = tuple(describe(name, found[name]) for name in sorted(listed))
        made = manifest(msgspec.structs.replace(read_manifest(found[MANIFEST]), files=files))
        found[MANIFEST] = made.encoded()
        found |= sums(made.files, found[MANIFEST])
    write_archive(package, found.items())
    return package


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Members], None]:
    """Replace bytes in one file, which must hold them."""

    def change(found: Members) -> None:
        assert old in found[name]
        found[name] = found[name].replace(old, new, 1)

    return change


def sealed(make: Callable[[zipfile.ZipFile], None]) -> bytes:
    """An archive of somebody who knows the form: whatever is in it, and a comment whose digest is right."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        make(archive)
        archive.comment = LABEL + b"0" * 64
    data = into.getvalue()[:-64]
    return data + hashlib.sha256(data).hexdigest().encode()


def entry(name: str, mode: int = 0o100644, **fields: object) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, mode << 16
    for key, value in fields.items():
        setattr(info, key, value)
    return info
