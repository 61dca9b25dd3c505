"""The archive: equal contents give equal bytes, and whatever is not as our writer leaves it is refused."""

import hashlib
import os
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.archive import COMMENT, LABEL, ArchiveError, open_archive, write_archive
from tests.packages import entry, sealed
from xunyan.wording import Text

MEMBERS: list[tuple[str, bytes | Path]] = [
    ("manifest.json", b'{"schema":"x"}\n' * 40),
    ("captures/000001.captures.jsonl", os.urandom(3000)),
    ("decisions.jsonl", b""),
]


def read(path: Path) -> dict[str, bytes]:
    with open_archive(path) as archive:
        found = {name: b"".join(archive.pieces(name)) for name in archive.names()}
        assert archive.intact
    return found


def take_apart(path: Path) -> None:
    """Read everything of an archive, which must be as it was written."""
    with open_archive(path) as archive:
        for name in archive.names():
            b"".join(archive.pieces(name))
        if not archive.intact:
            raise ArchiveError(Text("被改动", "changed"))


def refused(path: Path) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught:
        take_apart(path)
    return caught.value


@pytest.fixture
def package(tmp_path: Path) -> Path:
    write_archive(tmp_path / "p.zip", MEMBERS)
    return tmp_path / "p.zip"


def test_what_was_written_is_read_back_and_twice_the_same_bytes(package: Path, tmp_path: Path) -> None:
    assert read(package) == dict(MEMBERS)
    (tmp_path / "as-file").write_bytes(dict(MEMBERS)["captures/000001.captures.jsonl"])  # type: ignore[arg-type]
    again = [MEMBERS[0], (MEMBERS[1][0], tmp_path / "as-file"), MEMBERS[2]]
    write_archive(tmp_path / "q.zip", again)
    assert (tmp_path / "q.zip").read_bytes() == package.read_bytes()


def test_stock_tools_read_it(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == dict(MEMBERS)
        assert all(stat.S_ISREG(info.external_attr >> 16) for info in archive.infolist())


def test_every_single_bit_counts(package: Path) -> None:
    whole = package.read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << (position % 8)
        package.write_bytes(changed)
        refused(package)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400))
def test_anything_else_is_refused_in_words(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.zip"
    path.write_bytes(data)
    refused(path)


def test_a_cut_or_longer_archive_is_refused(package: Path) -> None:
    whole = package.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        package.write_bytes(whole[:length])
        refused(package)
    for changed in (whole + b"\0", b"\0" + whole, whole + whole, b"#!/bin/sh\n" + whole):
        package.write_bytes(changed)
        refused(package)


def writes(*members: tuple[zipfile.ZipInfo, bytes]) -> Callable[[zipfile.ZipFile], None]:
    def make(archive: zipfile.ZipFile) -> None:
        for info, content in members:
            archive.writestr(info, content)

    return make


@pytest.mark.parametrize(
    "name",
    [
        "../a", "/etc/passwd", "a/../../b", "a//b", "./a", "a/", "C:\\a", "a\\b", "..", "a/./b", ".hidden", "a b", "清单.json",
        "mani\u0307fest.json", "a\x00b", "a\nb", "con:", "x" * 201, "a/b/c/d/e", "-rf", "a/-x", "~root", "$(id)", "caf\u00e9", "cafe\u0301",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_names_that_could_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "p.zip"
    info = entry("placeholder")
    info.filename = name
    path.write_bytes(sealed(writes((info, b"x"))))
    refused(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "members",
    [
        [(entry("a"), b"1"), (entry("a"), b"2")],
        [(entry("a"), b"1"), (entry("A"), b"2")],
        [(entry("a", 0o120777), b"/etc/passwd")],
        [(entry("a", 0o040755), b"")],
        [(entry("a", 0o060644), b"")],
        [(entry("a", 0o104755), b"")],
        [(entry("a", compress_type=zipfile.ZIP_STORED), b"plain")],
        [(entry("a", compress_type=zipfile.ZIP_BZIP2), b"other")],
        [(entry("a", compress_type=zipfile.ZIP_LZMA), b"other")],
        [(entry("a", extra=struct.pack("<HH4s", 0x5455, 4, b"time")), b"x")],
        [(entry("a", comment=b"said"), b"x")],
        [(entry("a", date_time=(2026, 1, 1, 0, 0, 0)), b"x")],
    ],
    ids=["twice", "twice by case", "link", "folder", "device", "set-uid", "stored", "bzip2", "lzma", "extra", "comment", "time"],
)  # fmt: skip
def test_entries_that_ours_never_are_are_refused(tmp_path: Path, members: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(sealed(writes(*members)))
    refused(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A gigabyte of zeros is within what deflate can do, so it is given piece by piece and never gathered."""
    path = tmp_path / "p.zip"
    (tmp_path / "zeros").touch()
    os.truncate(tmp_path / "zeros", 1 << 30)
    write_archive(path, [("a", tmp_path / "zeros")])
    tracemalloc.start()
    with open_archive(path) as archive:
        with pytest.raises(ArchiveError, match="larger than"):
            archive.read("a", 1 << 20)
        with pytest.raises(ArchiveError, match="a line is too long"):
            list(archive.lines("a", 1 << 20))
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def test_a_size_that_is_not_true_is_refused(tmp_path: Path) -> None:
    write_archive(tmp_path / "p.zip", [("a", b"x" * 1000)])
    whole = (tmp_path / "p.zip").read_bytes()
    for claimed in (999, 1001, 1 << 31):
        changed = whole.replace(struct.pack("<L", 1000), struct.pack("<L", claimed))[:-64]
        (tmp_path / "p.zip").write_bytes(changed + hashlib.sha256(changed).hexdigest().encode())
        refused(tmp_path / "p.zip")


def test_ten_million_entries_are_refused_at_once(tmp_path: Path) -> None:
    """The end says so many, in the old form and with a directory of the size that they would take."""
    path = tmp_path / "p.zip"
    entries = 10_000_000
    directory = entries * 47
    with path.open("wb") as file:
        file.truncate(directory)
        file.seek(directory)
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries & 0xFFFF, entries & 0xFFFF, directory, 0, COMMENT)
        file.write(end + LABEL + b"0" * 64)
    begun = time.monotonic()
    tracemalloc.start()
    assert "too many entries" in str(refused(path))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    assert time.monotonic() - begun < 1
