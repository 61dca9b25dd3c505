"""Private keys: read from the text of a key file, or lent by the agent. Which of them is chosen beforehand, never tried out."""

import io
from functools import lru_cache

import paramiko

from scanners.transports.carrying import Credential
from xunyan.errors import InputError
from xunyan.wording import Text

KINDS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


@lru_cache(maxsize=64)
def private_key(credential: Credential) -> paramiko.PKey:
    """Read a credential's private key, opening it with its passphrase. Raises InputError."""
    for kind in KINDS:
        try:
            return kind.from_private_key(io.StringIO(credential.key), credential.password or None)
        except paramiko.PasswordRequiredException as error:
            raise _wrong(credential, "密钥有口令，没有给出", "the key has a passphrase, which was not given") from error
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise _wrong(credential, "私钥读不出，或口令不对", "the private key cannot be read, or its passphrase is wrong")


@lru_cache(maxsize=64)
def agent_key(credential: Credential) -> paramiko.PKey:
    """Find the agent's key that the credential names; without a name the agent may hold one only. Raises InputError."""
    keys = paramiko.Agent().get_keys()
    found = [key for key in keys if credential.fingerprint in ("", key.fingerprint)]
    if len(found) == 1:
        return found[0]
    shown = "、".join(f"{key.fingerprint} {key.comment}" for key in keys) or "-"
    if not found:
        raise _wrong(
            credential, f"代理里没有这把密钥（有：{shown}）", f"the agent does not hold this key (it holds {shown})"
        )
    raise _wrong(
        credential,
        f"代理里有几把密钥，不逐把去试；用 fingerprint 指明一把：{shown}",
        f"the agent holds several keys, which are not tried in turn; name one by fingerprint: {shown}",
    )


def _wrong(credential: Credential, zh: str, en: str) -> InputError:
    return InputError(
        Text(zh, en),
        where=f"credentials.{credential.name}",
        advice=Text("核对 xunyan.toml 的这一节和密钥文件", "check this section of xunyan.toml and the key file"),
    )
