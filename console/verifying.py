"""Checking a package without anything but the package: its bytes, its digests, and whether its parts fit each other."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from console.judge_digest import judge_digest
from console.packed_inputs import unpack_inputs
from console.progress import Step, no_progress
from evidence.archive import Archive, ArchiveError, open_archive
from evidence.captures import BODY_LIMIT, RejectedError, read_line
from evidence.decisions import check_chain
from evidence.package import LISTS, MANIFEST, SIGNATURES, Manifest, digests, limit, read_manifest, sums
from evidence.signing import LIMITS
from inventories.identities import Entry
from inventories.letters import read_letter
from xunyan.errors import CatalogueError, InputError
from xunyan.model import Capture, Status
from xunyan.wording import Text

LARGEST_MANIFEST = 16 << 20
LONGEST_CAPTURE = 6 * BODY_LIMIT + (1 << 20)
"""A byte of an answer takes up to six in JSON."""

LONGEST_VERDICT = LONGEST_LINE = 4 << 20
LONGEST_NAMING = 64 << 10
LARGEST_LETTER = 4 << 20
MOST_PROBLEMS = 50
ELSEWHERE = "elsewhere.jsonl"
Place = tuple[str, str]
"""A verdict's control and asset."""

NEEDED = (
    "captures/000001.captures.jsonl", "identities.jsonl", "verdicts.jsonl", "findings.jsonl", "coverage.jsonl",
    "decisions.jsonl", "evaluated_products.toml",
)  # fmt: skip


class Level(StrEnum):
    """How much a remark weighs: `wrong` fails the check."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Remark:
    """What was found about a file of the package; about the package itself where `file` is empty."""

    level: Level
    file: str
    what: Text


@dataclass(slots=True)
class Checked:
    """What checking came to. `manifest` is None where none could be read; `signatures` are the files under it."""

    remarks: list[Remark]
    manifest: Manifest | None = None
    signatures: dict[str, bytes] = field(default_factory=dict)

    @property
    def wrong(self) -> list[Remark]:
        """What fails the check."""
        return [one for one in self.remarks if one.level is Level.WRONG]

    def add(self, file: str, zh: str, en: str, level: Level = Level.WRONG) -> None:
        """Take note of something."""
        if level is not Level.WRONG or len(self.wrong) < MOST_PROBLEMS:
            self.remarks.append(Remark(level, file, Text(zh, en)))


def check_contents(path: Path, progress: Step = no_progress) -> Checked:
    """Check a package's archive, digests and inner fit. Its signatures are only read.

    Raises InputError where there is no such file.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise InputError(
            Text("打不开证据包：不是文件", "the package cannot be opened: it is no file"),
            where=str(path),
            advice=Text("写证据包的文件名", "name the package's file"),
        )
    checked = Checked([])
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(open_archive(path))
        except OSError as error:
            raise InputError(
                Text("打不开证据包", "the package cannot be opened"),
                where=f"{path}: {error.strerror}",
                advice=Text("检查路径和权限", "check path and permissions"),
            ) from error
        except ArchiveError as error:
            checked.add(error.member, error.what.zh, error.what.en)
            return checked
        try:
            _check(archive, checked, progress)
        except ArchiveError as error:
            checked.add(error.member, error.what.zh, error.what.en)
        if not archive.intact and not checked.wrong:
            checked.add(
                "", "压缩包本身被改动（各文件内容未变）", "the archive itself was changed, though no file in it was"
            )
        return checked


def _check(archive: Archive, checked: Checked, progress: Step) -> None:
    names = set(archive.names())
    for name in sorted(names):
        if name.startswith(SIGNATURES):
            _read_signature(archive, name, checked)
    for name in LISTS:
        if name not in names:
            checked.add(name, "缺少这个文件", "is missing")
    if checked.wrong:
        return
    data = archive.read(MANIFEST, LARGEST_MANIFEST)
    try:
        manifest = read_manifest(data)
    except ValueError as error:
        checked.add(MANIFEST, f"不是可用的清单（{error}）", f"is no usable manifest ({error})")
        return
    checked.manifest = manifest
    _check_listing(names, manifest, checked)
    if checked.wrong:
        return
    _check_files(archive, manifest, data, checked, progress)
    if not checked.wrong:
        _check_fit(archive, manifest, checked)


def _read_signature(archive: Archive, name: str, checked: Checked) -> None:
    """Read a file under the manifest, if it is one of those that can stand there."""
    short = name.removeprefix(SIGNATURES)
    if short not in LIMITS or archive.size(name) > LIMITS[short]:
        checked.add(name, "不是签名目录里该有的文件，或过大", "has no place among the signatures, or is too large")
    else:
        checked.signatures[short] = archive.read(name, LIMITS[short])


def _check_listing(names: set[str], manifest: Manifest, checked: Checked) -> None:
    """Hold the manifest's list against what is there: each once, nothing beside it, nothing that cannot list itself."""
    listed: set[str] = set()
    for one in manifest.files:
        if one.path in LISTS or one.path.startswith(SIGNATURES):
            checked.add(MANIFEST, f"清单列了不该列的 {one.path}", f"lists {one.path}, which it cannot")
        if one.path in listed:
            checked.add(MANIFEST, f"清单重复列出 {one.path}", f"lists {one.path} twice")
        listed.add(one.path)
        if one.size > limit(one.path):
            checked.add(one.path, "不是包里该有的文件，或过大", "has no place in a package, or is too large")
    present = {name for name in names if name not in LISTS and not name.startswith(SIGNATURES)}
    for name in sorted(listed - present):
        checked.add(name, "清单里有，包里没有", "is in the manifest and not in the package")
    for name in sorted(present - listed):
        checked.add(name, "包里有，清单里没有", "is in the package and not in the manifest")
    for name in NEEDED:
        if name not in listed:
            checked.add(name, "缺少这个文件", "is missing")


def _check_files(archive: Archive, manifest: Manifest, data: bytes, checked: Checked, progress: Step) -> None:
    """Hold every file against its size and both digests; and both lists against the manifest."""
    done = 0
    for one in manifest.files:
        try:
            found = digests(archive.pieces(one.path))
        except ArchiveError as error:
            checked.add(error.member, error.what.zh, error.what.en)
            continue
        if found != (one.size, one.sha256, one.sm3):
            checked.add(one.path, "内容与清单的摘要不符，被改动过", "was changed: it does not fit its digests")
        done += 1
        progress(done)
    for name, wanted in sums(manifest.files, data).items():
        if archive.read(name, LARGEST_MANIFEST) != wanted:
            checked.add(name, "与清单不符", "does not fit the manifest")


class _Cited(msgspec.Struct):
    capture: str


class _Verdict(msgspec.Struct):
    control: str
    asset: str
    status: Status
    evidence: tuple[_Cited, ...]


class _Named(msgspec.Struct):
    id: str


class _Finding(msgspec.Struct):
    control: str
    asset: _Named
    status: Status
    message: dict[str, object]
    evidence: list[dict[str, object]]


_EXACT = msgspec.json.Encoder(order="deterministic")


def _check_fit(archive: Archive, manifest: Manifest, checked: Checked) -> None:
    """Hold the parts against each other: originals against their own digests, what is derived against its source."""
    seen = _captures(archive, manifest, checked)
    if seen is None:
        return
    elsewhere = _elsewhere(archive, manifest, checked)
    said = _verdicts(archive, manifest, checked, seen, elsewhere)
    for number, finding in _objects(archive, "findings.jsonl", _Finding, checked):
        if said.pop((finding.control, finding.asset.id), "") != _said(
            finding.status, finding.message, finding.evidence
        ):
            checked.add("findings.jsonl", f"第 {number} 行与判定不符", f"line {number} is not what was judged")
            break
    else:
        if said and not checked.wrong:
            checked.add("findings.jsonl", "比判定少", "lacks what was judged")
    for _ in _objects(archive, "coverage.jsonl", dict[str, object], checked):
        pass
    _namings(archive, manifest, checked)
    _letters(archive, checked)
    _check_inputs(archive, manifest, checked)
    entries = (line.rstrip(b"\n") for line in archive.lines("decisions.jsonl", LONGEST_LINE))
    for problem in check_chain(entries):
        checked.add("decisions.jsonl", problem.what.zh, problem.what.en)


def _captures(archive: Archive, manifest: Manifest, checked: Checked) -> set[str] | None:
    """Hold each original against its own digests; return their ids, None where one is not what was sealed."""
    seen: set[str] = set()
    captures = 0
    name = NEEDED[0]
    for number, line in enumerate(archive.lines(name, LONGEST_CAPTURE), 1):
        try:
            one = read_line(line)
        except RejectedError as error:
            checked.add(name, f"第 {number} 行不是封存时的原样（{error.problem}）", f"line {number}: {error.problem}")
            return None
        if one.id in seen:
            checked.add(name, f"第 {number} 行重复", f"line {number} stands twice")
            return None
        seen.add(one.id)
        captures += isinstance(one, Capture)
    if (captures, len(seen) - captures) != (manifest.captures, manifest.gaps):
        checked.add(MANIFEST, "采集或缺口的条数与清单不符", "captures or gaps are not as many as it says")
    return seen


class _Elsewhere(msgspec.Struct):
    control: str
    asset: str


def read_elsewhere(archive: Archive) -> frozenset[Place]:
    """Give the verdicts that rest on originals beside the package's own. Raises KeyError where the list is none."""
    if ELSEWHERE not in archive.names():
        return frozenset()
    decoder = msgspec.json.Decoder(_Elsewhere)
    found = []
    for line in archive.lines(ELSEWHERE, LONGEST_LINE):
        try:
            one = decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise KeyError(f"{ELSEWHERE}: {error}") from error
        found.append((one.control, one.asset))
    return frozenset(found)


def _elsewhere(archive: Archive, manifest: Manifest, checked: Checked) -> frozenset[Place]:
    """Read that list, which only a part of an estate can have, and say how long it is."""
    try:
        found = read_elsewhere(archive)
    except KeyError as error:
        checked.add(ELSEWHERE, f"读不出：{error.args[0]}", f"cannot be read: {error.args[0]}")
        return frozenset()
    if found and manifest.scope.kind == "estate":
        checked.add(ELSEWHERE, "全部单位的包里不该有", "has no place in a package of all units")
    elif found:
        checked.add(
            ELSEWHERE,
            f"{len(found)} 条判定还依据范围以外的原始采集，这个包里没有，不能单凭它重新判定；要核对请索取全部单位的包",
            f"{len(found)} verdicts also rest on originals out of this scope, which are not here; ask for the whole package",
            Level.WARNING,
        )
    return found


def _verdicts(
    archive: Archive, manifest: Manifest, checked: Checked, seen: set[str], elsewhere: frozenset[Place]
) -> dict[Place, str]:
    """Hold verdicts against the originals that they cite; return a digest of what each says, by control and asset."""
    counts: dict[Status, int] = {}
    said: dict[Place, str] = {}
    name = "verdicts.jsonl"
    plain = msgspec.json.Decoder(dict[str, Any])
    for number, line in enumerate(archive.lines(name, LONGEST_VERDICT), 1):
        try:
            verdict, whole = msgspec.json.decode(line, type=_Verdict), plain.decode(line)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            checked.add(name, f"第 {number} 行读不出", f"line {number} cannot be read: {error}")
            return said
        counts[verdict.status] = counts.get(verdict.status, 0) + 1
        place = (verdict.control, verdict.asset)
        if place not in elsewhere and any(one.capture not in seen for one in verdict.evidence):
            checked.add(name, f"第 {number} 行引用的采集不在包里", f"line {number} cites what is not here")
            return said
        if place in said:
            checked.add(name, f"第 {number} 行重复", f"line {number} stands twice")
            return said
        said[place] = _said(verdict.status, whole["message"], whole["evidence"])
    if counts != manifest.counts:
        checked.add(MANIFEST, "各状态的判定数与清单不符", "verdicts are not as many as it says")
    return said


def _said(status: Status, message: object, evidence: object) -> str:
    return sha256(_EXACT.encode((status, message, evidence))).hexdigest()


def _namings(archive: Archive, manifest: Manifest, checked: Checked) -> None:
    """Look at who is who: namings and nothing else, of as many assets as the manifest says."""
    name = "identities.jsonl"
    decoder = msgspec.json.Decoder(Entry)
    assets: set[str] = set()
    for number, line in enumerate(archive.lines(name, LONGEST_NAMING), 1):
        try:
            entry = decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            checked.add(name, f"第 {number} 行读不出", f"line {number} cannot be read: {error}")
            return
        if entry.event not in ("minted", "alias") or not entry.kind:
            checked.add(name, f"第 {number} 行不是打包时会写的", f"line {number} is not as packing writes it")
            return
        assets.add(entry.asset)
    if len(assets) != manifest.assets:
        checked.add(MANIFEST, "资产数与标识不符", "assets are not as many as it says")


def _letters(archive: Archive, checked: Checked) -> None:
    """See that what stands there as letters are letters."""
    for name in archive.names():
        if name.startswith("authorisations/") and name.endswith(".toml"):
            try:
                read_letter(archive.read(name, LARGEST_LETTER), name)
            except InputError as error:
                checked.add(name, f"不是授权书（{error.what.zh}）", f"is no letter ({error.what.en})")


def _check_inputs(archive: Archive, manifest: Manifest, checked: Checked) -> None:
    """Hold the data that it was judged by against the manifest; what only another version can read is left to that one."""
    with tempfile.TemporaryDirectory(prefix="xunyan-verify-") as folder:
        try:
            unpack_inputs(archive, manifest, Path(folder))
        except InputError as error:
            checked.add("catalogue/", error.what.zh, error.what.en)
        except CatalogueError as error:
            own = manifest.judge == judge_digest()
            zh = f"本版本读不懂包里的检查项或依据（{error.what.zh}），没有核对这一项；包由 {manifest.version[:20]} 版生成"
            checked.add(
                "catalogue/",
                zh,
                f"not understood by this version: {error.what.en}",
                Level.WRONG if own else Level.WARNING,
            )


T = TypeVar("T")


def _objects(archive: Archive, name: str, shape: type[T], checked: Checked) -> Iterator[tuple[int, T]]:
    """Read a file of JSON objects, one a line; the first line that is none ends it."""
    decoder = msgspec.json.Decoder(shape)
    for number, line in enumerate(archive.lines(name, LONGEST_LINE), 1):
        try:
            found = decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            checked.add(name, f"第 {number} 行读不出", f"line {number} cannot be read: {error}")
            return
        yield number, found
