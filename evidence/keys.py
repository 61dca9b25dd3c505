"""Keys that sign packages: private halves encrypted at rest, one folder, one pair of files a key."""

import hashlib
import os
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from evidence import sm2
from evidence.durable import sync_folder, write_all
from evidence.openssl import LONGEST_PASSPHRASE
from evidence.pem import ENCRYPTED, PUBLIC, pem, unpem
from evidence.pkcs8 import lock
from xunyan.errors import DataError, InputError, UsageError
from xunyan.names import flaw, shown
from xunyan.wording import Text

PRIVATE_SUFFIX, PUBLIC_SUFFIX = ".key.pem", ".pub.pem"
SHORTEST_PASSPHRASE, LONGEST_NAME = 8, 40
_ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")


class Kind(StrEnum):
    """The algorithms that a key can be for."""

    ED25519 = "ed25519"
    SM2 = "sm2"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key: `der` is its SubjectPublicKeyInfo, in the one form that DER has for it."""

    kind: Kind
    der: bytes

    @property
    def id(self) -> str:
        """The fingerprint: SHA-256 over the DER, 64 hex digits. `openssl pkey -pubin -outform DER | sha256sum` tells it."""
        return hashlib.sha256(self.der).hexdigest()

    def pem(self) -> bytes:
        """Write it as PEM."""
        return pem(self.der, PUBLIC)


def public_key(der: bytes) -> PublicKey | None:
    """Read a SubjectPublicKeyInfo; None where it is neither of Ed25519 nor of SM2."""
    if der.startswith(_ED25519_PREFIX) and len(der) == len(_ED25519_PREFIX) + 32:
        return PublicKey(Kind.ED25519, der)
    return PublicKey(Kind.SM2, der) if sm2.is_public(der) else None


def read_public(data: bytes, where: str) -> PublicKey:
    """Read a public key that a person brings, as PEM. Raises InputError."""
    der = unpem(data, PUBLIC)
    found = public_key(der) if der is not None else None
    if found is None:
        raise InputError(
            Text("不是Ed25519或SM2公钥（PEM）", "not a public key of Ed25519 or SM2 (PEM)"),
            where=where,
            advice=Text(
                "向签名人要 xunyan keys export 导出的文件", "ask the signer for what xunyan keys export writes"
            ),
        )
    return found


@dataclass(frozen=True, slots=True)
class Ed25519Key:
    """An opened private key."""

    public: PublicKey
    private: Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 bytes."""
        return self.private.sign(message)


@dataclass(frozen=True, slots=True)
class Sm2Key:
    """A private key that stays closed in its file; OpenSSL opens it for each signature."""

    public: PublicKey
    path: Path
    passphrase: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Sign with SM3 under the default identity; DER. Raises UsageError where OpenSSL cannot."""
        return sm2.sign(self.path, self.passphrase, message)


SigningKey: TypeAlias = Ed25519Key | Sm2Key


class Keys:
    """The keys in a folder: `NAME.key.pem` the encrypted private half, `NAME.pub.pem` the public one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str, kind: Kind, passphrase: str) -> PublicKey:
        """Make a key, durably. Raises UsageError for a name or passphrase that will not do, or a name that is taken."""
        self.check_new(name)
        secret = _new_passphrase(passphrase)
        private, public = self._private(name), self._public(name)
        made, der = _generate(kind)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        _write_new(public, made.pem(), 0o644)
        try:
            _write_new(private, lock(der, secret), 0o600)
        except OSError:
            public.unlink()
            raise
        sync_folder(self.folder)
        return made

    def check_new(self, name: str) -> None:
        """See that a new key can have this name. Raises UsageError."""
        _check_name(name)
        for path in (self._private(name), self._public(name)):
            if path.exists():
                raise UsageError(
                    Text(f"已有名为“{name}”的密钥", f"there is a key named {name!r}"),
                    where=str(path),
                    advice=Text(
                        "换一个名称；旧密钥签过的证据包还要靠它的公钥核对，不要覆盖",
                        "take another name; what the old key signed is checked with its public half, so keep it",
                    ),
                )

    def names(self) -> list[str]:
        """Name the keys, in order."""
        found = (path.name for path in self.folder.glob(f"*{PRIVATE_SUFFIX}") if path.is_file())
        return sorted(name.removesuffix(PRIVATE_SUFFIX) for name in found)

    def public(self, name: str) -> PublicKey:
        """Give a key's public half. Raises UsageError where there is no such key, InputError where its file is damaged."""
        self._check_known(name)
        path = self._public(name)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise DataError(
                Text("少了公钥文件", "the file of the public key is missing"),
                where=str(path),
                advice=Text("从备份恢复它", "restore it from a backup"),
            ) from error
        return read_public(data, str(path))

    def open(self, name: str, passphrase: str) -> SigningKey:
        """Open a private key. Raises InputError for a wrong passphrase or a damaged file, UsageError for no such key."""
        public = self.public(name)
        path = self._private(name)
        data, secret = path.read_bytes(), _bytes(passphrase)
        if unpem(data, ENCRYPTED) is None:
            raise InputError(
                Text("不是加密的私钥（PEM，PKCS#8）", "not an encrypted private key (PEM, PKCS#8)"),
                where=str(path),
                advice=Text("私钥须加密保存；从备份恢复该文件", "a key is kept encrypted; restore it from a backup"),
            )
        if len(secret) > LONGEST_PASSPHRASE:
            raise _wrong_passphrase(path)
        opened = _open_ed25519(path, data, secret) if public.kind is Kind.ED25519 else _open_sm2(path, secret)
        if opened.public != public:
            raise DataError(
                Text("私钥和旁边的公钥不是一对", "the private key and the public key beside it are no pair"),
                where=str(path),
                advice=Text("从备份恢复这两个文件", "restore both files from a backup"),
            )
        return opened

    def is_private(self, name: str) -> bool:
        """Say whether nobody else on the machine can read the private half's file."""
        return self._private(name).stat().st_mode & 0o077 == 0

    def _check_known(self, name: str) -> None:
        if name not in self.names():
            known = self.names()
            raise UsageError(
                Text(f"没有密钥“{shown(name)}”", f"there is no key {shown(name)!r}"),
                advice=Text(
                    f"现有：{'、'.join(known)}" if known else "先用 xunyan keys new 名称 生成",
                    f"there are: {', '.join(known)}" if known else "make one with xunyan keys new NAME",
                ),
            )

    def _private(self, name: str) -> Path:
        return self.folder / f"{name}{PRIVATE_SUFFIX}"

    def _public(self, name: str) -> Path:
        return self.folder / f"{name}{PUBLIC_SUFFIX}"


def _generate(kind: Kind) -> tuple[PublicKey, bytes]:
    if kind is Kind.SM2:
        der = sm2.generate()
        return PublicKey(kind, sm2.public_of(der)), der
    private = Ed25519PrivateKey.generate()
    return _ed25519(private).public, private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _ed25519(private: Ed25519PrivateKey) -> Ed25519Key:
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Ed25519Key(PublicKey(Kind.ED25519, der), private)


def _open_ed25519(path: Path, data: bytes, secret: bytes) -> SigningKey:
    try:
        private = load_pem_private_key(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _wrong_passphrase(path) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _wrong_passphrase(path)
    return _ed25519(private)


def _open_sm2(path: Path, secret: bytes) -> SigningKey:
    der = sm2.public_of_file(path, secret)
    if der is None:
        raise _wrong_passphrase(path)
    return Sm2Key(PublicKey(Kind.SM2, der), path, secret)


def _wrong_passphrase(path: Path) -> InputError:
    return InputError(
        Text("口令不对，或私钥文件已损坏", "a wrong passphrase, or a damaged key"),
        where=str(path),
        advice=Text(
            "核对口令后重试；口令忘了找不回来，只能另生成密钥",
            "check the passphrase; a forgotten one cannot be recovered, make another key",
        ),
    )


def _bytes(passphrase: str) -> bytes:
    return passphrase.encode("utf-8", "surrogateescape")  # what came from the environment may be no text


def _new_passphrase(passphrase: str) -> bytes:
    secret = _bytes(passphrase)
    if (
        len(passphrase) < SHORTEST_PASSPHRASE
        or len(secret) > LONGEST_PASSPHRASE
        or {"\n", "\r", "\0"} & set(passphrase)
    ):
        raise UsageError(
            Text(
                f"口令应为 {SHORTEST_PASSPHRASE} 个字符以上的一行文字",
                f"a passphrase is one line of {SHORTEST_PASSPHRASE} characters or more",
            ),
            where="--passphrase",
            advice=Text("换一个长的，例如几个不相干的词", "take a long one, say a few unrelated words"),
        )
    return secret


def _check_name(name: str) -> None:
    """Refuse what makes no file name, or one that people would misread."""
    plain = name.strip() == name and not flaw(name) and unicodedata.is_normalized("NFC", name)
    if not plain or not 0 < len(name) <= LONGEST_NAME or "/" in name or name.startswith((".", "-")):
        raise UsageError(
            Text(f"“{shown(name)}”不能用作密钥名称", f"{shown(name)!r} cannot be a key's name"),
            where="NAME",
            advice=Text(
                f"写 1 到 {LONGEST_NAME} 个字，不含斜杠，不以点或减号开头，例如单位或姓名",
                f"1 to {LONGEST_NAME} characters, no slash, no dot or minus at the start; say a unit or a person",
            ),
        )


def _write_new(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(descriptor)
