"""The workspace's signing keys, and how a person gives the passphrase that opens one."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from console.session import Session
from console.workspace import Workspace
from evidence.keys import Keys, Kind, SigningKey
from xunyan.errors import UsageError
from xunyan.wording import Text

if TYPE_CHECKING:
    from console.credentials import Secrets

FOLDER = "keys"


def keys_of(workspace: Workspace) -> Keys:
    """Give the folder of signing keys; it need not be there yet."""
    return Keys(workspace.root / FOLDER)


def new_passphrase(run: Session, workspace: Workspace, source: str) -> str:
    """Get the passphrase of a new key; on a terminal twice. Raises InputError, UsageError."""
    secrets = _secrets(workspace)
    given = _secret(run, secrets, source, Text("新密钥的口令：", "passphrase of the new key: "))
    if source == "prompt":
        again = _secret(run, secrets, source, Text("再输一次：", "once more: "))
        if again != given:
            raise UsageError(
                Text("两次输入的口令不同", "the two passphrases differ"),
                where="--passphrase",
                advice=Text("重新运行，两次输入同一个口令", "run it again and type the same one twice"),
            )
    return given


def open_keys(
    run: Session, workspace: Workspace, wanted: Mapping[str, Kind], source: str = "prompt"
) -> dict[str, SigningKey]:
    """Open signing keys by name; `source` says where the passphrase is: `prompt`, `env:NAME`, `vault:FILE#KEY`.

    Raises UsageError where there is no such key or it is of another kind, InputError for a wrong passphrase.
    """
    keys = keys_of(workspace)
    secrets = _secrets(workspace)
    found = {}
    for name, kind in wanted.items():
        if keys.public(name).kind is not kind:
            raise UsageError(
                Text(
                    f"密钥“{name}”是 {keys.public(name).kind} 的，这里要 {kind} 的",
                    f"the key {name!r} is for {keys.public(name).kind}; {kind} is needed here",
                ),
                advice=Text("用 xunyan keys list 查看", "see xunyan keys list"),
            )
        question = Text(f"密钥“{name}”的口令：", f"passphrase of the key {name!r}: ")
        found[name] = keys.open(name, _secret(run, secrets, source, question))
    return found


def _secrets(workspace: Workspace) -> "Secrets":
    from console.credentials import Secrets, ask_secret  # noqa: PLC0415  # takes along what carries scans

    def ask(question: str) -> str:
        sys.stdout.flush()
        return ask_secret(question)

    return Secrets(workspace.root, workspace.file.scan.vault_password, ask)


def _secret(run: Session, secrets: "Secrets", source: str, question: Text) -> str:
    said = run.say.text(question)  # whoever asks says it as it is
    return secrets.get(source or "prompt", "--passphrase", Text(said, said))
