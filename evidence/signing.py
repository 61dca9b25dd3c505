"""Signatures under a package: an in-toto statement on its manifest in a DSSE envelope, a second one by SM2, a timestamp.

Each stands twice, in the form of its standard and as plain files for openssl; whoever checks either must see the same, so
a difference between them makes it invalid.
"""

from collections.abc import Iterable, Mapping

from evidence import dsse, sm2, timestamps
from evidence.checked import Checked, FlawError, Part, State, demand
from evidence.keys import Ed25519Key, Kind, PublicKey, Sm2Key, public_key
from evidence.package import MANIFEST, SIGNATURES, digests
from evidence.pem import CERTIFICATE, PUBLIC, pem, unpem
from xunyan.canonical import canonical_json
from xunyan.errors import UsageError
from xunyan.names import shown
from xunyan.wording import Text

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE = "urn:xunyan:evidence-package:1"
STATEMENT, ENVELOPE = "statement.json", "envelope.dsse.json"
PAE, SIG, PEM = "ed25519.pae", "ed25519.sig", "ed25519.pem"
SM2_SIG, SM2_PEM = "sm2.sig", "sm2.pem"
REQUEST, REPLY, AUTHORITY = "timestamp.tsq", "timestamp.tsr", "timestamp-ca.pem"
LIMITS: Mapping[str, int] = {
    STATEMENT: 1 << 14, ENVELOPE: 1 << 16, PAE: 1 << 15, SIG: 64, PEM: 1 << 10, SM2_SIG: 80, SM2_PEM: 1 << 10,
    REQUEST: 1 << 10, REPLY: timestamps.LARGEST_REPLY, AUTHORITY: 1 << 14,
}  # fmt: skip
"""Every file that can stand in the folder `signatures/` of a package, and how many bytes it may have."""

MOST_SIGNATURES = 16


def statement(manifest: bytes) -> bytes:
    """Say of a manifest what is signed: its name, its digests, its size. An in-toto statement v1 as canonical JSON."""
    size, sha256, sm3 = digests([manifest])
    said = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": MANIFEST, "digest": {"sha256": sha256, "sm3": sm3}}],
        "predicateType": PREDICATE,
        "predicate": {"size": size},
    }
    return canonical_json(said).encode()


def sign(manifest: bytes, key: Ed25519Key, second: Sm2Key | None = None) -> dict[str, bytes]:
    """Sign a manifest; gives the files of the folder `signatures/`, by their names in it. Raises UsageError where SM2 cannot be made."""
    payload = statement(manifest)
    signed = dsse.pae(PAYLOAD_TYPE, payload)
    made = key.sign(signed)
    envelope = dsse.Envelope(PAYLOAD_TYPE, payload, ((key.public.id, made),))
    files = {STATEMENT: payload, ENVELOPE: envelope.encoded(), PAE: signed, SIG: made, PEM: key.public.pem()}
    if second is not None:
        files |= {SM2_SIG: second.sign(signed), SM2_PEM: second.public.pem()}
    return files


def timestamp_files(asked: bytes, reply: bytes, authority: bytes = b"") -> dict[str, bytes]:
    """Give the files of a timestamp that was taken; `authority` is its certificate (PEM), where it is to go along."""
    files = {REQUEST: asked, REPLY: reply}
    return files | {AUTHORITY: authority} if authority else files


def check(
    manifest: bytes, files: Mapping[str, bytes], trusted: Iterable[PublicKey] = (), authorities: bytes = b""
) -> list[Checked]:
    """Check everything that stands under a manifest. Whatever the files hold becomes a result, never an exception.

    `files` are those of the folder `signatures/`, by their names in it. `trusted` are the keys that the person who checks got
    from the signers by another way than the package, `authorities` likewise those of timestamps.
    """
    keys = {one.id: one for one in trusted}
    results = [
        *_ed25519(manifest, files, keys), _sm2(manifest, files, keys), _timestamp(manifest, files, authorities),
        *(Checked(Part.OTHER, State.INVALID, _stray(name)) for name in sorted(files.keys() - LIMITS.keys())),
    ]  # fmt: skip
    return [one for one in results if one.state is not State.ABSENT] + [
        one for one in results if one.state is State.ABSENT
    ]


def _ed25519(manifest: bytes, files: Mapping[str, bytes], keys: Mapping[str, PublicKey]) -> list[Checked]:
    if not {STATEMENT, ENVELOPE, PAE, SIG, PEM} & files.keys():
        return [Checked(Part.ED25519, State.ABSENT, Text("没有签名", "there is no signature"))]
    try:
        _whole(files, STATEMENT, ENVELOPE, PAE, SIG, PEM)
        _check_statement(manifest, files[STATEMENT])
        envelope = _envelope(files)
        public = _public(files[PEM], Kind.ED25519, PEM)
        demand(
            envelope.signatures[0] == (public.id, files[SIG]),
            f"{SIGNATURES}{ENVELOPE} 里的签名与 {SIG}、{PEM} 不一致",
            f"{SIGNATURES}{ENVELOPE} holds another signature than {SIG} and {PEM}",
        )
    except FlawError as flaw:
        return [Checked(Part.ED25519, State.INVALID, flaw.text)]
    known = {**keys, public.id: public}
    return [_judged(id_, made, files[PAE], known, keys) for id_, made in envelope.signatures]


def _judged(
    id_: str, made: bytes, signed: bytes, known: Mapping[str, PublicKey], trusted: Mapping[str, PublicKey]
) -> Checked:
    """Judge one signature of the envelope."""
    if id_ not in known:
        detail = Text(
            f"签名的公钥 {shown(id_, 64)} 不在手里，核对不了",
            f"the key {shown(id_, 64)} is not at hand, so it cannot be checked",
        )
        return Checked(Part.ED25519, State.COULD_NOT_CHECK, detail, shown(id_, 64))
    if not dsse.fits(known[id_], made, signed):
        return Checked(Part.ED25519, State.INVALID, Text("签名不对", "the signature is wrong"), id_)
    return _right(Part.ED25519, known[id_], trusted)


def _sm2(manifest: bytes, files: Mapping[str, bytes], keys: Mapping[str, PublicKey]) -> Checked:
    if not {SM2_SIG, SM2_PEM} & files.keys():
        return Checked(Part.SM2, State.ABSENT, Text("没有国密签名", "there is no SM2 signature"))
    try:
        _whole(files, SM2_SIG, SM2_PEM, STATEMENT, PAE)
        _check_statement(manifest, files[STATEMENT])
        signed = dsse.pae(PAYLOAD_TYPE, files[STATEMENT])
        demand(
            files[PAE] == signed, f"{SIGNATURES}{PAE} 不是签名所用的内容", f"{SIGNATURES}{PAE} is not what is signed"
        )
        public = _public(files[SM2_PEM], Kind.SM2, SM2_PEM)
        demand(sm2.verify(public.der, files[SM2_SIG], signed), "签名不对", "the signature is wrong")
    except FlawError as flaw:
        return Checked(Part.SM2, State.INVALID, flaw.text)
    except UsageError as error:
        return Checked(Part.SM2, State.COULD_NOT_CHECK, error.what)
    return _right(Part.SM2, public, keys)


def _timestamp(manifest: bytes, files: Mapping[str, bytes], authorities: bytes) -> Checked:
    if not {REQUEST, REPLY, AUTHORITY} & files.keys():
        return Checked(Part.TIMESTAMP, State.ABSENT, Text("没有时间戳", "there is no timestamp"))
    own = files.get(AUTHORITY)
    try:
        _whole(files, REQUEST, REPLY, *((AUTHORITY,) if own is not None else ()))
        demand(
            own is None or _is_canonical(own),
            f"{SIGNATURES}{AUTHORITY} 不是证书",
            f"{SIGNATURES}{AUTHORITY} is no certificate",
        )
        return timestamps.check(manifest, files[REQUEST], files[REPLY], own=own, authorities=authorities)
    except FlawError as flaw:
        return Checked(Part.TIMESTAMP, State.INVALID, flaw.text)
    except UsageError as error:
        return Checked(Part.TIMESTAMP, State.COULD_NOT_CHECK, error.what)


def _stray(name: str) -> Text:
    return Text(
        f"{SIGNATURES}{shown(name)} 不该在这里：它不属于任何签名", f"{SIGNATURES}{shown(name)} belongs to no signature"
    )


def _right(part: Part, public: PublicKey, trusted: Mapping[str, PublicKey]) -> Checked:
    if public.id in trusted:
        return Checked(part, State.VALID, Text("签名正确，签名人受信任", "right, by a trusted signer"), public.id)
    detail = Text(
        "签名正确，但签名人不在受信任之列；请与签名人核对公钥指纹",
        "right, but by a signer who is not among the trusted; compare the fingerprint with the signer",
    )
    return Checked(part, State.UNKNOWN_SIGNER, detail, public.id)


def _whole(files: Mapping[str, bytes], *names: str) -> None:
    """See that all files are there, none too large."""
    for name in names:
        demand(name in files, f"少了 {SIGNATURES}{name}", f"{SIGNATURES}{name} is missing")
        demand(len(files[name]) <= LIMITS[name], f"{SIGNATURES}{name} 过大", f"{SIGNATURES}{name} is too large")


def _check_statement(manifest: bytes, data: bytes) -> None:
    """See that a statement is the one that this manifest has, byte by byte: it has but one form."""
    demand(
        data == statement(manifest),
        f"{SIGNATURES}{STATEMENT} 与 {MANIFEST} 不符，签名后其中之一改动过",
        f"{SIGNATURES}{STATEMENT} does not fit {MANIFEST}: one of them was changed after signing",
    )


def _envelope(files: Mapping[str, bytes]) -> dsse.Envelope:
    """Read the envelope and hold it against the files beside it."""
    try:
        envelope = dsse.read(files[ENVELOPE])
    except ValueError as error:
        raise FlawError(
            f"{SIGNATURES}{ENVELOPE} 不是DSSE信封", f"{SIGNATURES}{ENVELOPE} is no DSSE envelope"
        ) from error
    # One form only: what decodes to the same could hide a changed byte, or be read otherwise by another tool.
    demand(
        envelope.encoded() == files[ENVELOPE],
        f"{SIGNATURES}{ENVELOPE} 的写法不规范",
        f"{SIGNATURES}{ENVELOPE} is not in canonical form",
    )
    demand(envelope.payload_type == PAYLOAD_TYPE, "信封的类型不对", "the envelope is of another type")
    demand(
        envelope.payload == files[STATEMENT],
        f"信封里的声明和 {SIGNATURES}{STATEMENT} 不一致", f"the envelope holds another statement than {SIGNATURES}{STATEMENT}",
    )  # fmt: skip
    demand(
        envelope.pae() == files[PAE],
        f"{SIGNATURES}{PAE} 不是签名所用的内容",
        f"{SIGNATURES}{PAE} is not what is signed",
    )
    demand(
        0 < len(envelope.signatures) <= MOST_SIGNATURES,
        "信封里没有签名，或过多", "the envelope holds no signature, or too many",
    )  # fmt: skip
    return envelope


def _public(data: bytes, kind: Kind, name: str) -> PublicKey:
    """Read a public key of the package, in the one form that we write."""
    der = unpem(data, PUBLIC)
    found = public_key(der) if der is not None else None
    if found is None or found.kind is not kind or found.pem() != data:
        raise FlawError(
            f"{SIGNATURES}{name} 不是规定形式的公钥", f"{SIGNATURES}{name} is no public key in its one form"
        )
    return found


def _is_canonical(certificate: bytes) -> bool:
    der = unpem(certificate, CERTIFICATE)
    return der is not None and pem(der, CERTIFICATE) == certificate
