"""What an evidence package says of itself: its manifest, and the two lists of digests that stock tools check."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.hazmat.primitives import hashes

from evidence.captures import EARLIEST, LATEST
from xunyan.canonical import moment, utc_text
from xunyan.model import Status

SCHEMA = "xunyan.package/1"
MANIFEST, SHA256SUMS, SM3SUMS = "manifest.json", "SHA256SUMS", "SM3SUMS"
SIGNATURES = "signatures/"
LISTS = (MANIFEST, SHA256SUMS, SM3SUMS)
"""What cannot stand in the manifest itself, beside the signatures."""

PIECE = 1 << 20
_SMALL, _LARGE = 1 << 20, 4 << 30
_LIMITS = (
    (r"captures/000001\.captures\.jsonl", 16 << 30),
    (r"(verdicts|findings|coverage|elsewhere)\.jsonl", _LARGE),
    (r"decisions\.jsonl", 1 << 30),
    (r"identities\.jsonl", 256 << 20),
    (r"report\.html", 64 << 20),
    (r"CHECKING\.txt|evaluated_products\.toml|profiles/[a-z0-9-]+\.toml", _SMALL),
    (r"catalogue/[a-z0-9-]+/[a-z0-9-]+\.toml", _SMALL),
    (r"authorisations/([0-9]{4}\.toml(\.sig)?|revocations\.jsonl|withheld\.jsonl)", 4 << 20),
)


def limit(name: str) -> int:
    """Say how large a file of this name may be in a package; 0 where none of this name belongs there."""
    return next((most for pattern, most in _LIMITS if re.fullmatch(pattern, name)), 0)


class PackedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its name in the package, its size in bytes, and its digests in hexadecimal."""

    path: str
    size: int
    sha256: str
    sm3: str


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whose evidence it is: all of the workspace, one unit's, or that of the assets which some runs heard."""

    kind: Literal["estate", "unit", "run"]
    unit: str = ""
    runs: tuple[int, ...] = ()


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the package holds and what it rests on. Nothing of where, when or by whom it was packed.

    `judge` is the digest of the program that judged, `inputs` that of catalogue, profile and lists; `profile` names the
    file that the judgement began with. `counts` are verdicts by status.
    """

    schema: str
    version: str
    judge: str
    inputs: str
    profile: str
    judged_at: str
    scope: Scope
    assets: int
    captures: int
    gaps: int
    counts: dict[Status, int]
    files: tuple[PackedFile, ...]

    def encoded(self) -> bytes:
        """Write it as JSON, keys in order, one line."""
        return msgspec.json.encode(self, order="deterministic") + b"\n"


_decoder = msgspec.json.Decoder(Manifest)


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest. Raises ValueError where it is none of ours, or not in the form that we write."""
    try:
        manifest = _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    if manifest.schema != SCHEMA:
        raise ValueError(f"schema {manifest.schema[:40]!r}")
    if manifest.encoded() != data:
        raise ValueError("not in canonical form")
    judged_at = moment(manifest.judged_at)
    if not EARLIEST <= judged_at < LATEST or utc_text(judged_at) != manifest.judged_at:
        raise ValueError("judged_at")
    return manifest


def digests(pieces: Iterable[bytes]) -> tuple[int, str, str]:
    """Give size, SHA-256 and SM3 of a content that comes in pieces."""
    size, sha256, sm3 = 0, hashlib.sha256(), hashes.Hash(hashes.SM3())
    for piece in pieces:
        size += len(piece)
        sha256.update(piece)
        sm3.update(piece)
    return size, sha256.hexdigest(), sm3.finalize().hex()


def describe(name: str, content: bytes | Path) -> PackedFile:
    """Describe a file that goes into a package."""
    return PackedFile(name, *digests(_pieces(content)))


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def sums(files: Iterable[PackedFile], manifest: bytes) -> Mapping[str, bytes]:
    """Write both lists of digests, in the forms that `sha256sum -c` and `cksum -a sm3 -c` read; the manifest is in them."""
    every = [*files, describe(MANIFEST, manifest)]
    return {
        SHA256SUMS: "".join(f"{one.sha256}  {one.path}\n" for one in every).encode(),
        SM3SUMS: "".join(f"SM3 ({one.path}) = {one.sm3}\n" for one in every).encode(),
    }
