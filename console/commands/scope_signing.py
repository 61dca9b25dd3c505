"""`xunyan scope sign` and `xunyan scope revoke`: a person's hand under a letter of authorisation, and its withdrawal."""

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.commands.common import example, session
from console.language import Voice
from console.session import Session
from console.workspace import Workspace
from evidence.durable import replace_file
from inventories import authorisations, signatures
from inventories.authorisations import FOLDER, SUFFIX, ScopeSettings, file_bytes, letter_files
from inventories.letters import read_letter
from xunyan.canonical import utc_text
from xunyan.errors import UsageError
from xunyan.names import flaw, shown
from xunyan.wording import Text


def add(group: typer.Typer, say: Voice) -> None:
    """Put both verbs into the group."""

    @group.command(
        help=say(
            "用Ed25519私钥给授权书签名，写在旁边的 .toml.sig 里。",
            "Sign a letter with an Ed25519 key; the signature goes beside it, into .toml.sig.",
        )
        + "\n\n"
        + example(
            "xunyan scope sign 教育局.toml --key sign.pem --by 王五",
            "openssl genpkey -algorithm ed25519 -aes256 -out sign.pem",
        )
    )
    def sign(
        context: typer.Context,
        letter: Annotated[str, typer.Argument(help=say("授权书的文件或编号", "a letter's file or number"))],
        key: Annotated[Path, typer.Option("--key", help=say("私钥文件（PEM）", "the file of the private key (PEM)"))],
        by: Annotated[
            str, typer.Option("--by", help=say("签名人，默认为系统用户名", "who signs, by default the login"))
        ] = "",
        passphrase_env: Annotated[
            str,
            typer.Option(
                "--passphrase-env", help=say("放私钥口令的环境变量名", "the variable that holds the passphrase")
            ),
        ] = "",
    ) -> None:
        run = session(context)
        path = _find(run, letter)
        signer = _person(by or getpass.getuser(), "--by")
        data = file_bytes(path)
        read_letter(data, str(path))
        opened = _open(run, key, passphrase_env)
        made = signatures.sign(data, opened, by=signer, signed_at=utc_text(run.now()))
        beside = authorisations.signature_file(path)
        replace_file(beside, made)
        run.print(run.say(f"已签名：{beside}（签名人 {signer}）", f"signed: {beside} (by {signer})"))
        _tell_trust(run, signatures.public_pem(opened))

    @group.command(
        help=say(
            "撤销授权书，立即生效；授权书原件不动，签名仍可核对。",
            "Revoke a letter, at once; its file stays as it is, so that its signature still verifies.",
        )
        + "\n\n"
        + example("xunyan scope revoke A-2026-01 --by 赵六 --reason 项目中止")
    )
    def revoke(
        context: typer.Context,
        number: Annotated[str, typer.Argument(help=say("授权书编号", "the letter's number"))],
        by: Annotated[str, typer.Option("--by", help=say("撤销人", "who revokes"))],
        reason: Annotated[str, typer.Option("--reason", help=say("理由", "why"))],
    ) -> None:
        run = session(context)
        _person(by, "--by")
        _person(reason, "--reason")
        workspace, now = run.workspace(), run.now()
        folder = workspace.root / FOLDER
        letters = authorisations.load_letters(folder, workspace.file.scope, workspace.root)
        found = next((one for one in letters if one.number == number), None)
        if found is None:
            known = [one.number for one in letters]
            raise UsageError(
                Text(f"没有编号为“{shown(number)}”的授权书", f"there is no letter of the number {shown(number)!r}"),
                where="NUMBER",
                advice=Text(f"现有：{'、'.join(known) or '无'}", f"there are: {', '.join(known) or 'none'}"),
            )
        if found.revoked is not None and found.revoked.at <= now:
            raise UsageError(
                Text(
                    f"授权书 {number} 已由{found.revoked.by}撤销", f"{number} was revoked by {found.revoked.by} already"
                ),
                where="NUMBER",
                advice=Text("用 xunyan scope show 查看", "see xunyan scope show"),
            )
        authorisations.revoke(folder, number, by=by, reason=reason, at=now)
        run.print(
            run.say(
                f"授权书 {number} 已撤销，立即生效；其中的禁止和涉密范围仍然有效",
                f"{number} is revoked, from now on; what it denies and marks as classified still holds",
            )
        )


def _person(value: str, option: str) -> str:
    """Refuse a name or reason that is empty or that a screen would obey. Raises UsageError."""
    if not value.strip() or flaw(value):
        raise UsageError(
            Text("为空、过长或含不可见字符", "is empty, too long, or holds an invisible character"),
            where=option,
            advice=Text("写成一行文字", "write one line of text"),
        )
    return value.strip()


def _find(run: Session, letter: str) -> Path:
    """Find the letter that is meant: a file, a file of the workspace's folder, or a number."""
    given = Path(letter)
    if given.is_file():
        return given
    folder = run.workspace().root / FOLDER
    for path in (folder / letter, folder / f"{letter}{SUFFIX}"):
        if path.is_file():
            return path
    for path in letter_files(folder):
        if read_letter(file_bytes(path), str(path)).number == letter:
            return path
    raise UsageError(
        Text(f"没有授权书“{shown(letter)}”", f"there is no letter {shown(letter)!r}"),
        where="LETTER",
        advice=Text(f"写文件路径、{FOLDER} 下的文件名或编号", f"give a path, a file name under {FOLDER}, or a number"),
    )


def _open(run: Session, key: Path, passphrase_env: str) -> Ed25519PrivateKey:
    """Open the private key, with a passphrase from the environment or the terminal where it is closed."""
    if not key.is_file():
        raise UsageError(
            Text("没有这个私钥文件", "there is no such private key"),
            where=str(key),
            advice=Text(
                "可用 openssl genpkey -algorithm ed25519 -aes256 -out sign.pem 生成",
                "make one with openssl genpkey -algorithm ed25519 -aes256 -out sign.pem",
            ),
        )
    pem = file_bytes(key)
    if not signatures.is_encrypted(pem):
        return signatures.private_key(pem, None, str(key))
    if passphrase_env:
        passphrase = os.environ.get(passphrase_env, "")
    elif sys.stdin.isatty():
        passphrase = getpass.getpass(run.say("私钥口令：", "passphrase of the key: "), sys.stderr)
    else:
        passphrase = ""
    if not passphrase:
        raise UsageError(
            Text("私钥有口令，而没有给出口令", "the key has a passphrase, and none was given"),
            where=str(key),
            advice=Text(
                "在终端上运行，或用 --passphrase-env 指明放口令的环境变量",
                "run it on a terminal, or name a variable that holds it with --passphrase-env",
            ),
        )
    return signatures.private_key(pem, passphrase.encode(), str(key))


def _tell_trust(run: Session, pem: str) -> None:
    """Say whether the workspace trusts the key, and what to add where it does not."""
    try:
        workspace: Workspace | None = run.workspace()
    except UsageError:
        workspace = None  # letters are also signed away from the workspace
    settings = workspace.file.scope if workspace is not None else ScopeSettings()
    own = signatures.public_key(pem.encode(), "")
    if workspace is not None and own in authorisations.trusted_keys(settings, workspace.root):
        return
    run.print(
        run.say(
            "工作区还没有登记这个公钥。把下面几行存成文件，例如工作区里的 keys/signer.pem：",
            "the workspace does not know this public key. Save these lines, say as keys/signer.pem in the workspace:",
        )
    )
    run.print(pem.rstrip("\n"))
    run.print(
        run.say("再把它的路径加进 xunyan.toml：", "and add its path to xunyan.toml:")
        + '\n[scope]\ntrusted_keys = ["keys/signer.pem"]'
    )
    if settings.trusted_keys:
        run.note(
            run.say(
                "注意：登记之前，这份签名不被信任，工作区的授权书都无法读取",
                "note: until then this signature is not trusted, and the workspace's letters cannot be read",
            )
        )
