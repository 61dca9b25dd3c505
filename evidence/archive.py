"""The archive of an evidence package: written so that equal contents give equal bytes, read so that nothing in it is trusted.

Everything between the first byte and the last is accounted for: entries follow each other without a gap, and the
comment at the end holds the digest of all that stands before it.
"""

import hashlib
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from xunyan.wording import Text

LABEL = b"xunyan.package/1 sha256:"
COMMENT = len(LABEL) + 64
MOST_ENTRIES = 20_000
LARGEST_DIRECTORY = 8 << 20
LARGEST_ARCHIVE = (1 << 32) - 1
LARGEST_CONTENT = 16 << 30
STEEPEST = 1100
"""Deflate makes at most some 1,030 bytes of one; what claims more is not deflate's."""

PIECE = 1 << 20

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*(/[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*){0,3}")
_WRITTEN = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644


class ArchiveError(Exception):
    """The archive is not one of ours, or not whole: `member` is the file in it that is wrong, empty for the archive."""

    def __init__(self, what: Text, member: str = "") -> None:
        super().__init__(f"{member}: {what.en}")
        self.what = what
        self.member = member


def write_archive(path: Path, members: Iterable[tuple[str, bytes | Path]]) -> None:
    """Write members, bytes or the contents of files, in the order given. The same members give the same bytes.

    Raises ArchiveError where it would grow beyond what can be read back.
    """
    with path.open("w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=False) as archive:
            for name, content in members:
                info = zipfile.ZipInfo(name, _WRITTEN)
                info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
                info.external_attr = _PLAIN_FILE << 16
                info.file_size = len(content) if isinstance(content, bytes) else content.stat().st_size
                try:
                    with archive.open(info, "w") as into:
                        for piece in _pieces(content):
                            into.write(piece)
                except zipfile.LargeZipFile as error:
                    raise ArchiveError(_TOO_LARGE, name) from error
            archive.comment = LABEL + b"0" * 64
        end = file.seek(0, os.SEEK_END)
        if end > LARGEST_ARCHIVE:
            raise ArchiveError(_TOO_LARGE)
        digest = _digest(file, end - 64)
        file.seek(end - 64)
        file.write(digest.encode())
        file.flush()
        os.fsync(file.fileno())


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


_TOO_LARGE = Text("证据包超过 4 GB，请按单位分开打包（--unit）", "the package would exceed 4 GB; pack by unit (--unit)")


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive whose structure is in order. `intact`: all bytes are those that were written at the end."""

    zip: zipfile.ZipFile
    file: IO[bytes]
    intact: bool

    def names(self) -> list[str]:
        """List the files in it."""
        return [info.filename for info in self.zip.infolist()]

    def size(self, name: str) -> int:
        """Say how large a file claims to be."""
        return self.zip.getinfo(name).file_size

    def pieces(self, name: str) -> Iterator[bytes]:
        """Give a file's content piece by piece, never more than it claims. Raises ArchiveError.

        The stream has to end where its entry does: what a library passes over in silence could hide anything.
        """
        info = self.zip.getinfo(name)
        broken = ArchiveError(
            Text("内容损坏，解不开，或大小与声称的不符", "damaged, or not of the size that it claims"), name
        )
        stream, given, sum_ = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0
        at, left = info.header_offset + _LOCAL.size + len(name), info.compress_size
        data = b""
        while not stream.eof:
            if not data:
                if not left:
                    raise broken
                self.file.seek(at)
                data = self.file.read(min(PIECE, left))
                at, left = at + len(data), left - len(data)
                if not data:
                    raise broken
            try:
                piece = stream.decompress(data, PIECE)
            except zlib.error as error:
                raise broken from error
            data = stream.unconsumed_tail
            given, sum_ = given + len(piece), zlib.crc32(piece, sum_)
            if given > info.file_size:
                raise broken
            if piece:
                yield piece
        if stream.unused_data or data or left or (given, sum_) != (info.file_size, info.CRC):
            raise broken

    def lines(self, name: str, longest: int) -> Iterator[bytes]:
        """Give a file's lines with their ends. Raises ArchiveError, also where a line is longer than `longest`."""
        left = b""
        for piece in self.pieces(name):
            *whole, left = (left + piece).split(b"\n")
            for line in whole:
                if len(line) >= longest:
                    break
                yield line + b"\n"
            else:
                if len(left) < longest:
                    continue
            raise ArchiveError(Text("有一行过长", "a line is too long"), name)
        if left:
            yield left

    def read(self, name: str, largest: int) -> bytes:
        """Read a whole file that is small. Raises ArchiveError."""
        if self.size(name) > largest:
            raise ArchiveError(Text(f"超过 {largest >> 20} MB", f"larger than {largest >> 20} MB"), name)
        return b"".join(self.pieces(name))


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open an archive after its structure was looked at. Raises ArchiveError, and OSError where it cannot be read."""
    with path.open("rb") as file:
        directory = _check_end(file)
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as error:
            raise ArchiveError(Text("压缩包结构损坏", f"the archive is damaged: {error}")) from error
        with archive:
            _check_entries(archive.infolist(), file, directory)
            end = file.seek(0, os.SEEK_END)
            file.seek(end - 64)
            yield Archive(archive, file, _digest(file, end - 64) == _tail(file, 64).decode("ascii", "replace"))


def is_package(path: Path) -> bool:
    """Tell whether a file ends as our packages do, so that a new one may take its place."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        return end >= COMMENT and _tail(file, COMMENT).startswith(LABEL)


def _check_end(file: IO[bytes]) -> int:
    """Look at the end before any library gathers what it announces; return where the directory begins."""
    end = file.seek(0, os.SEEK_END)
    broken = ArchiveError(Text("不是巡验证据包，或被截断、改动", "not a package of ours, or cut off, or changed"))
    if end < _END.size + COMMENT or end > LARGEST_ARCHIVE:
        raise broken
    tail = _tail(file, _END.size + COMMENT)
    mark, disk, first_disk, here, entries, size, offset, length = _END.unpack(tail[: _END.size])
    if mark != b"PK\x05\x06" or length != COMMENT or not tail[_END.size :].startswith(LABEL):
        raise broken
    if disk or first_disk or here != entries or offset + size != end - _END.size - COMMENT:
        raise broken
    if entries > MOST_ENTRIES or size > LARGEST_DIRECTORY:
        raise ArchiveError(Text(f"条目过多（{entries}）", f"too many entries ({entries})"))
    return int(offset)


def _check_entries(infos: list[zipfile.ZipInfo], file: IO[bytes], directory: int) -> None:
    """Hold every entry against what our writer makes: plain files with plain names, one after the other."""
    at = total = 0
    seen: set[str] = set()
    folders: set[str] = set()
    for info in infos:
        name = info.filename
        if not _NAME.fullmatch(info.orig_filename) or len(name) > 200:
            called = _called(info, file)
            what = Text(
                f"文件名不允许（条目头里是 {called}）", f"a name that is not allowed (its header says {called})"
            )
            raise ArchiveError(what, shown(info.orig_filename))
        above = {str(folder).lower() for folder in PurePosixPath(name).parents}
        if name.lower() in seen | folders or above & seen:
            raise ArchiveError(Text("文件名重复", "a name that stands twice"), name)
        seen.add(name.lower())
        folders |= above
        if info.external_attr >> 16 != _PLAIN_FILE or info.flag_bits or info.extra or info.comment or info.volume:
            raise ArchiveError(
                Text("不是普通文件，或结构被改动", "not a plain file, or changed in its structure"), name
            )
        if info.compress_type != zipfile.ZIP_DEFLATED or info.file_size > STEEPEST * max(info.compress_size, 1):
            raise ArchiveError(Text("压缩方式或压缩比不正常", "compressed in a way that ours never are"), name)
        total += info.file_size
        if total > LARGEST_CONTENT:
            raise ArchiveError(Text("展开后过大", "too large when unpacked"), name)
        if info.header_offset != at:
            raise ArchiveError(Text("条目之间有空隙或重叠", "a gap or an overlap before it"), name)
        at += _check_local(info, file) + info.compress_size
    if at != directory:
        raise ArchiveError(Text("条目之后有多余的数据", "there is data behind the last entry"))


def _called(info: zipfile.ZipInfo, file: IO[bytes]) -> str:
    """Read the name in an entry's own header, as far as there is one."""
    file.seek(min(info.header_offset, LARGEST_ARCHIVE))
    header = file.read(_LOCAL.size)
    length = _LOCAL.unpack(header)[-2] if len(header) == _LOCAL.size else 0
    return shown(file.read(length).decode("latin-1"))


def _check_local(info: zipfile.ZipInfo, file: IO[bytes]) -> int:
    """Hold an entry's own header against the directory; return its length."""
    file.seek(info.header_offset)
    name = info.filename.encode("ascii")
    header = file.read(_LOCAL.size + len(name))
    wanted = _LOCAL.pack(
        b"PK\x03\x04", 20, 0, zipfile.ZIP_DEFLATED, 0, 33, info.CRC, info.compress_size, info.file_size, len(name), 0
    )
    if header != wanted + name:
        called = shown(header[_LOCAL.size :].decode("latin-1"))
        raise ArchiveError(
            Text(f"条目头（{called}）与目录不符", f"its header ({called}) and the directory differ"), info.filename
        )
    return len(header)


def shown(name: str) -> str:
    """Show a name from an archive harmlessly."""
    return name.encode("ascii", "backslashreplace").decode()[:120] if name.isprintable() else ascii(name)[:120]


def _tail(file: IO[bytes], length: int) -> bytes:
    file.seek(-length, os.SEEK_END)
    return file.read(length)


def _digest(file: IO[bytes], length: int) -> str:
    file.seek(0)
    state = hashlib.sha256()
    while length and (piece := file.read(min(PIECE, length))):
        state.update(piece)
        length -= len(piece)
    return state.hexdigest()
