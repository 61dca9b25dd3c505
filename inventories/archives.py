"""XLSX files as archives: what is refused before anything is unpacked, and parts of XML read piece by piece.

Nothing is read whole: a small file can unpack to any size. Sizes are looked at as the archive states them, and no more than
that is ever unpacked of a part. A part with a document type, which alone can define entities, is no part of a spreadsheet.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from inventories.grids import too_large
from xunyan.errors import InputError
from xunyan.wording import Text

PART_LIMIT = 32 * 1024 * 1024
SMALL_LIMIT = 8 * 1024 * 1024
"""How far a part may unpack: sheets and shared texts, and all others."""
IN_ALL = 64 * 1024 * 1024
DIRECTORY_LIMIT = 1024 * 1024
PIECE = 64 * 1024
DEPTH, NAMES, TAG = 64, 10_000, 1024 * 1024
"""How deep elements may stand in each other, how many names may occur, and how long one tag or text may be unread."""
_END, _END64 = b"PK\x05\x06", b"PK\x06\x07"
_TAIL = 65535 + 22
"""Where the archive's end can stand: it may be followed by a comment."""

Start = Callable[[str, Mapping[str, str]], None]
"""(local name of the element, its attributes; the name of one that has a namespace ends in a blank and its local name)"""
End = Callable[[str], None]
Data = Callable[[str], None]

_BROKEN = (
    ExpatError, zipfile.BadZipFile, zlib.error, struct.error, ValueError, LookupError, EOFError, OSError,
    NotImplementedError, RuntimeError, ArithmeticError,
)  # fmt: skip
"""What the readers of ZIP and XML raise at a file that is none."""


class NotSoundError(ValueError):
    """A part says what no spreadsheet can say."""


class Archive:
    """An open XLSX. Raises InputError, by `opened`, at whatever it cannot be."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self.names = frozenset(archive.namelist())
        self._archive = archive
        self._left = IN_ALL

    def parse(self, name: str, start: Start, end: End, data: Data, limit: int = SMALL_LIMIT) -> None:
        """Read one part of XML from its beginning to its end."""
        size = self._archive.getinfo(name).file_size
        self._left -= size
        if size > limit or self._left < 0:
            most = limit if size > limit else IN_ALL
            mib = 1024 * 1024
            raise too_large(
                self.path,
                Text(
                    f"{name} 解压后 {size // mib} MiB，上限 {most // mib} MiB",
                    f"{name} unpacks to {size // mib} MiB, {most // mib} MiB at most",
                ),
            )
        parser = _parser(start, end, data)
        fed = 0
        with self._archive.open(name) as part:
            while piece := part.read(PIECE):
                parser.Parse(piece)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > TAG or len(parser.intern) > NAMES:
                    raise NotSoundError
            parser.Parse(b"", True)  # noqa: FBT003  # the library's own way to say that this was all


def _parser(start: Start, end: End, data: Data) -> XMLParserType:
    """Make a reader of XML that gives up at what no spreadsheet has and what would only fill the memory."""
    parser = ParserCreate(namespace_separator=" ")
    depth = spaces = 0
    names: dict[str, str] = {}

    def begin(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise NotSoundError
        local = names.get(tag)
        if local is None:
            local = names[tag] = tag.rpartition(" ")[2]
        start(local, attributes)

    def finish(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(names[tag])

    def declare(*_said: object) -> None:
        nonlocal spaces
        spaces += 1
        if spaces > NAMES:
            raise NotSoundError

    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartNamespaceDeclHandler = declare
    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = data
    return parser


@contextmanager
def opened(path: Path, file: BinaryIO) -> Iterator[Archive]:
    """Open an XLSX, of which nothing is read before it has to be.

    Raises InputError where it is none, has macros or links to other files, or breaks off.
    """
    try:
        _check_directory(path, file)
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if len(set(names)) < len(names):
                raise NotSoundError
            _check_parts(path, [name.casefold() for name in names])
            yield Archive(path, archive)
    except _BROKEN as error:
        raise InputError(
            Text("不是完好的XLSX表格", "not a sound XLSX spreadsheet"),
            where=str(path),
            advice=Text("用办公软件打开，另存为 .xlsx 或CSV后再导入", "open it, save it as .xlsx or CSV, import that"),
        ) from error


def check_kind(path: Path, begins: bytes) -> None:
    """Refuse the old binary formats and files with a password, which begin alike. Raises InputError."""
    if begins.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            Text("是加了密码的表格，或旧的 .xls、.et 格式", "a spreadsheet with a password, or of the old .xls or .et format"),
            where=str(path),
            advice=Text("去掉密码，另存为 .xlsx 后再导入", "remove the password, save it as .xlsx and import that"),
        )  # fmt: skip


def _check_directory(path: Path, file: BinaryIO) -> None:
    """Look at the size of the archive's own directory before it is read into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    file.seek(0)
    end = len(tail) - 22
    if tail[max(0, end) : end + 4] != _END or tail[-2:] != b"\0\0":
        end = tail.rfind(_END)
    if end < 0 or tail[max(0, end - 20) : end].startswith(_END64):
        raise NotSoundError
    (length,) = struct.unpack_from("<L", tail, end + 12)
    if length > DIRECTORY_LIMIT:
        raise too_large(path, Text("压缩包里的文件太多", "too many files in the archive"))


def _check_parts(path: Path, names: list[str]) -> None:
    told: Text | None = None
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        told = Text("带有宏", "it holds macros")
    elif any(name.startswith("xl/externallinks/") for name in names):
        told = Text("引用了别的文件（外部链接）", "it links to other files (external links)")
    elif "xl/workbook.bin" in names or "content.xml" in names:
        told = Text("是 .xlsb 或 .ods 格式", "of the .xlsb or .ods format")
    if told is not None:
        raise InputError(
            told,
            where=str(path),
            advice=Text(
                "断开链接、只保留数值，另存为不带宏的 .xlsx 或CSV后再导入",
                "break the links, keep values alone, save it as .xlsx without macros or as CSV, import that",
            ),
        )


def _refuse_doctype(*_said: object) -> None:
    raise NotSoundError
