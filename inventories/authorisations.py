"""The folder of letters of authorisation: reading all of it or nothing, with signatures and revocations.

A wrong yes sends a packet where it was forbidden, so whatever cannot be read stops everything and is never skipped.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from inventories.letters import Letter, Revoked, read_letter
from inventories.signatures import public_key, verify
from xunyan.canonical import moment as read_moment
from xunyan.canonical import utc_text
from xunyan.errors import DataError, InputError
from xunyan.wording import Text

FOLDER = Path("inventory") / "authorisations"
SUFFIX, SIGNATURE_SUFFIX = ".toml", ".toml.sig"
REVOCATIONS = "revocations.jsonl"
LARGEST = 4 * 1024 * 1024
_COPIES = ("~", ".bak")


class ScopeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[scope]` table of xunyan.toml.

    `trusted_keys`: paths of public keys (PEM, Ed25519), relative to the workspace. `require_signature`: no letter counts
    without a signature by one of them.
    """

    trusted_keys: tuple[str, ...] = ()
    require_signature: bool = False


class Revocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the revocations: the letter of this number is void from `at` on (UTC)."""

    number: str
    at: str
    by: str
    reason: str
    schema: Literal["xunyan.revocation/1"] = "xunyan.revocation/1"


def load_letters(folder: Path, settings: ScopeSettings, root: Path) -> tuple[Letter, ...]:
    """Read every letter of a folder, by number; `root` is where the paths of `settings` start.

    Raises InputError that names file and key for a letter or signature that cannot be taken, for two letters of one
    number, and for a file that looks like a letter and would not be read. Raises DataError for damaged revocations.
    """
    keys = trusted_keys(settings, root)
    revoked = revocations(folder)
    letters: dict[str, Letter] = {}
    for path in letter_files(folder):
        letter = _with_revocation(load_letter(path, settings, keys), revoked)
        if letter.number in letters:
            raise InputError(
                Text(
                    f"编号 {letter.number} 已用于 {letters[letter.number].file}",
                    f"the number {letter.number} is taken by {letters[letter.number].file}",
                ),
                where=f"{path}: number",
                advice=Text("每份授权书用自己的编号", "give every letter a number of its own"),
            )
        letters[letter.number] = letter
    return tuple(letters[number] for number in sorted(letters))


def load_letter(path: Path, settings: ScopeSettings, keys: Sequence[str]) -> Letter:
    """Read one letter and check its signature; revocations kept beside it are not looked at. Raises InputError."""
    data = file_bytes(path)
    letter = read_letter(data, str(path))
    beside = signature_file(path)
    if beside.exists():
        return replace(letter, signature=verify(data, file_bytes(beside), str(beside), keys))
    if settings.require_signature:
        raise InputError(
            Text(
                "授权书没有签名，而工作区要求签名", "the letter is not signed, and this workspace asks for signatures"
            ),
            where=str(path),
            advice=Text(
                f"请有权签名的人运行 xunyan scope sign {path.name} --key 私钥.pem",
                f"have a trusted person run xunyan scope sign {path.name} --key KEY.pem",
            ),
        )
    return letter


def letter_files(folder: Path) -> list[Path]:
    """List the files of a folder that are letters, by name. Raises InputError for what looks like one and is none.

    Hidden files, folders, copies that end in `~` or `.bak`, and files of other kinds (a scanned paper) are no letters.
    """
    found = []
    for path in sorted(folder.iterdir()) if folder.exists() else []:
        name = path.name.lower()
        if name.startswith(".") or name.endswith(_COPIES) or SUFFIX not in name:
            continue
        if name.endswith(SIGNATURE_SUFFIX):
            if not path.with_name(path.name.removesuffix(path.suffix)).exists():
                raise InputError(
                    Text("有签名而没有对应的授权书", "a signature without its letter"),
                    where=str(path),
                    advice=Text("找回授权书，或连签名一起删除", "bring the letter back, or remove its signature too"),
                )
        elif path.is_dir():
            continue
        elif name.endswith(SUFFIX) and path.is_file():
            found.append(path)
        else:
            raise InputError(
                Text("看上去是授权书，但不会被读取", "looks like a letter, but would not be read"),
                where=str(path),
                advice=Text("文件名以 .toml 结尾；不是授权书就移走", "end its name in .toml, or move it away"),
            )
    return found


def signature_file(letter: Path) -> Path:
    """Say where the signature of a letter stands."""
    return letter.with_name(f"{letter.name}.sig")


def trusted_keys(settings: ScopeSettings, root: Path) -> tuple[str, ...]:
    """Read the trusted public keys (base64). Raises InputError, also where signatures are required and no key is trusted."""
    if settings.require_signature and not settings.trusted_keys:
        raise InputError(
            Text("要求签名，却没有写受信任的公钥", "signatures are required, but no key is trusted"),
            where="xunyan.toml: scope.trusted_keys",
            advice=Text("写上公钥文件的路径", "name the file of a public key"),
        )
    found = []
    for name in settings.trusted_keys:
        path = root / name
        if not path.is_file():
            raise InputError(
                Text("没有这个公钥文件", "there is no such file of a public key"),
                where=str(path),
                advice=Text(
                    "改正 xunyan.toml 的 [scope] trusted_keys", "mend trusted_keys under [scope] in xunyan.toml"
                ),
            )
        found.append(public_key(file_bytes(path), str(path)))
    return tuple(found)


def revocations(folder: Path) -> tuple[Revocation, ...]:
    """Read the revocations kept beside the letters. Raises DataError for any line that is not one, also a cut-off one."""
    path = folder / REVOCATIONS
    if not path.exists():
        return ()
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        try:
            one = msgspec.json.decode(line, type=Revocation)
            read_moment(one.at)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            raise _damaged(path, number) from error
        if not line.endswith(b"\n"):
            raise _damaged(path, number)
        found.append(one)
    return tuple(found)


def revoke(folder: Path, number: str, *, by: str, reason: str, at: datetime) -> None:
    """Append a revocation, durably. The letter's own file is left as it is, so that its signature still verifies."""
    path = folder / REVOCATIONS
    line = msgspec.json.encode(Revocation(number=number, at=utc_text(at), by=by, reason=reason)) + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        view = memoryview(line)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _with_revocation(letter: Letter, kept: Sequence[Revocation]) -> Letter:
    """Put the earliest revocation on a letter, whether it stands in the letter or beside it."""
    found = [Revoked(read_moment(one.at), one.by, one.reason) for one in kept if one.number == letter.number]
    found += [letter.revoked] if letter.revoked is not None else []
    return replace(letter, revoked=min(found, key=lambda one: one.at, default=None))


def file_bytes(path: Path) -> bytes:
    """Read a letter, signature or key. Raises InputError where it is too large."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InputError(
            Text(f"文件超过 {LARGEST >> 20} MiB", f"the file is larger than {LARGEST >> 20} MiB"),
            where=str(path),
            advice=Text("网段合并书写，或分成几份授权书", "join networks, or split it into several letters"),
        )
    return data


def _damaged(path: Path, line: int) -> DataError:
    return DataError(
        Text("撤销记录损坏", "the record of revocations is damaged"),
        where=f"{path}:{line}",
        advice=Text("从备份恢复；恢复之前什么也不会触碰", "bring it back from a backup; until then nothing is touched"),
    )
