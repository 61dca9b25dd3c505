"""Making a package out of what was gathered: its lists, its signatures, and the file, whole or not at all."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from console.keyring import keys_of, open_keys
from console.packing import gather
from console.progress import Step
from console.session import Session
from console.timestamping import take_files
from console.verifying import Checked, Level
from console.workspace import Workspace
from evidence.archive import ArchiveError, is_package, write_archive
from evidence.checked import Part, State
from evidence.durable import replace_file
from evidence.keys import Ed25519Key, Kind, PublicKey, Sm2Key
from evidence.package import MANIFEST, SIGNATURES, Manifest, Scope, sums
from evidence.signing import AUTHORITY, REPLY, REQUEST, SM2_PEM, SM2_SIG, check, sign
from evidence.store import Store
from xunyan.errors import UsageError
from xunyan.wording import Text

PROMPT = "prompt"
KEPT = "packages"
"""The folder of a workspace where signatures and timestamps are kept that come out otherwise each time."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Which keys sign, and where their passphrase comes from: `prompt` or `env:VARIABLE`; whether a timestamp is taken."""

    key: str = ""
    sm2_key: str = ""
    passphrase: str = ""
    timestamp: bool = False


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written: the manifest, its SHA-256, and the size of the file in bytes."""

    manifest: Manifest
    digest: str
    size: int


def pack(
    run: Session, workspace: Workspace, store: Store, scope: Scope, output: Path, seal: Seal, progress: Step
) -> Packed:
    """Pack the last judgement in a scope into a file. An earlier file of this name is replaced when the new one is whole."""
    folder = output.resolve().parent
    if output.is_dir() or not folder.is_dir():
        raise UsageError(
            Text("不能写到这里", "cannot be written there"),
            where=str(output),
            advice=Text("给出一个文件名，它的文件夹要已存在", "name a file in a folder that exists"),
        )
    if output.exists() and not (output.is_file() and is_package(output)):
        raise UsageError(
            Text("已有的文件不是证据包，没有动它", "this file is no evidence package, and was left alone"),
            where=str(output),
            advice=Text("换一个文件名", "choose another name"),
        )
    with tempfile.TemporaryDirectory(prefix=".xunyan-pack-", dir=folder) as name:
        manifest, contents = gather(workspace, store, scope, Path(name), progress)
        data = manifest.encoded()
        files: list[tuple[str, bytes | Path]] = [(MANIFEST, data), *sums(manifest.files, data).items()]
        files += [(one.path, contents.files[one.path]) for one in manifest.files]
        files += sorted((SIGNATURES + key, value) for key, value in _signatures(run, workspace, data, seal).items())
        whole = Path(name) / "package.zip"
        try:
            write_archive(whole, files)
        except ArchiveError as error:
            raise UsageError(error.what, where=str(output), advice=None) from error
        whole.chmod(0o600)
        whole.replace(output)
    return Packed(manifest, sha256(data).hexdigest(), output.stat().st_size)


def _signatures(run: Session, workspace: Workspace, manifest: bytes, seal: Seal) -> dict[str, bytes]:
    """Sign a manifest and have it timestamped as was asked for; what differs each time is made once and kept."""
    kept = workspace.root / KEPT / sha256(manifest).hexdigest()
    files = _signed(run, workspace, manifest, seal, kept) if seal.key else {}
    if seal.timestamp:
        taken = _stored(kept, (REQUEST, REPLY))
        if taken:
            taken |= _stored(kept, (AUTHORITY,))
        else:
            taken = take_files(workspace, manifest, run.now())
            _keep(kept, taken)
        files |= taken
    return files


def _signed(run: Session, workspace: Workspace, manifest: bytes, seal: Seal, kept: Path) -> dict[str, bytes]:
    stored = _stored(kept, (SM2_SIG, SM2_PEM))
    wanted = {seal.key: Kind.ED25519}
    if seal.sm2_key and stored.get(SM2_PEM) != keys_of(workspace).public(seal.sm2_key).pem():
        wanted[seal.sm2_key] = Kind.SM2
        stored = {}
    opened = open_keys(run, workspace, wanted, seal.passphrase or PROMPT)
    key, second = opened[seal.key], opened.get(seal.sm2_key)
    if not isinstance(key, Ed25519Key) or not (second is None or isinstance(second, Sm2Key)):
        raise TypeError("keys of another kind than was asked for")
    files = sign(manifest, key, second)
    if second is not None:
        _keep(kept, {name: files[name] for name in (SM2_SIG, SM2_PEM)})
    return files | (stored if seal.sm2_key else {})


def _keep(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        replace_file(folder / name, data)


def _stored(folder: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """Read what was kept of an earlier signing; nothing where any of it is missing."""
    paths = {name: folder / name for name in names}
    if not all(path.is_file() for path in paths.values()):
        return {}
    return {name: path.read_bytes() for name, path in paths.items()}


LEVELS = {
    State.VALID: Level.GOOD, State.UNKNOWN_SIGNER: Level.WARNING, State.INVALID: Level.WRONG,
    State.ABSENT: Level.WARNING, State.COULD_NOT_CHECK: Level.WARNING,
}  # fmt: skip
PARTS = {
    Part.ED25519: Text("签名（Ed25519）", "signature (Ed25519)"),
    Part.SM2: Text("签名（SM2）", "signature (SM2)"),
    Part.TIMESTAMP: Text("时间戳", "timestamp"),
    Part.OTHER: Text("其他", "other"),
}


def check_signatures(
    checked: Checked, trusted: Sequence[PublicKey], authorities: bytes, *, required: bool
) -> Text | None:
    """Check what stands under a package's manifest, add it to what was found, and say what is not proved of the signer.

    None where a trusted person signed it. `required`: a package that is not signed is wrong. Where somebody is trusted,
    one signature of theirs is enough, and none of theirs is wrong.
    """
    if checked.manifest is None:
        return None
    found = check(checked.manifest.encoded(), checked.signatures, trusted, authorities)
    signed = [one for one in found if one.part is not Part.TIMESTAMP]
    known = any(one.state is State.VALID for one in signed)
    there = any(one.state in (State.VALID, State.UNKNOWN_SIGNER) for one in signed)
    for one in found:
        if one.state is State.ABSENT and one.part is not Part.ED25519:
            continue
        level = LEVELS[one.state]
        if one.part is Part.ED25519 and ((required and not there) or (trusted and not known)):
            level = Level.WRONG
        name = PARTS[one.part]
        rest = "".join(f" {word}" for word in (one.signer, one.at) if word)
        checked.add("", f"{name.zh}：{one.detail.zh}{rest}", f"{name.en}: {one.detail.en}{rest}", level)
    if known:
        return None
    if there:
        return Text(
            "签名人没有核实（没有给出他的公钥 --signer），不能证明是谁打的包",
            "the signer was not verified (no --signer): who packed it is not proved",
        )
    return Text("没有签名，不能证明是谁打的包", "it is not signed: who packed it is not proved")
