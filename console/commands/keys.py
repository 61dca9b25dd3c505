"""`xunyan keys`: keys that sign evidence packages: made, listed, and their public halves handed out."""

import sys
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from console.commands.common import FormatOption, example, session
from console.keyring import keys_of, new_passphrase
from console.language import Voice
from console.output import Format, emit
from evidence.durable import replace_file
from evidence.keys import PUBLIC_SUFFIX, Kind
from xunyan.errors import UsageError
from xunyan.wording import Text


def add(app: typer.Typer, say: Voice) -> None:
    """Put the verbs on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say(
            "签名密钥：生成、列出、导出公钥。私钥加密保存。",
            "Signing keys: make one, list them, hand out a public half. Private halves are kept encrypted.",
        ),
    )
    app.add_typer(group, name="keys")
    _add_new(group, say)
    _add_list(group, say)
    _add_export(group, say)


def _add_new(group: typer.Typer, say: Voice) -> None:
    @group.command(
        help=say(
            "生成一把签名密钥，放在工作区的 keys/ 里，私钥用口令加密。口令忘了找不回来。",
            "Make a signing key in the workspace's keys/, its private half encrypted. A forgotten passphrase is lost.",
        )
        + "\n\n"
        + example(
            "xunyan keys new 信息中心",
            "xunyan keys new 信息中心-国密 --kind sm2",
            "xunyan keys new 信息中心 --passphrase env:KEY_PASSPHRASE",
        )
    )
    def new(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help=say("名称，例如单位或姓名", "a name, say a unit or a person"))],
        kind: Annotated[
            Kind, typer.Option(help=say("算法：ed25519 或 sm2（要有OpenSSL 3）", "ed25519, or sm2 (needs OpenSSL 3)"))
        ] = Kind.ED25519,
        source: Annotated[
            str,
            typer.Option(
                "--passphrase",
                help=say("口令的来处：prompt 或 env:变量名", "where the passphrase is: prompt or env:NAME"),
            ),
        ] = "prompt",
    ) -> None:
        run = session(context)
        workspace = run.workspace()
        keys = keys_of(workspace)
        keys.check_new(name)
        made = keys.create(name, kind, new_passphrase(run, workspace, source))
        run.print(
            run.say(f"密钥“{name}”已生成（{kind}），在 {keys.folder}", f"the key {name!r} ({kind}) is in {keys.folder}")
        )
        run.print(run.say(f"公钥指纹：{made.id}", f"fingerprint of the public key: {made.id}"))
        step = f"xunyan keys export {quote(name)} -o {quote(name + PUBLIC_SUFFIX)}"
        run.print(
            run.say(
                f"下一步：{step}，把公钥文件和指纹用另外的途径交给要核对证据包的人",
                f"next: {step}; hand it and the fingerprint to those who will check"
                " packages, by another way than the package",
            )
        )
        run.print(run.say("备份 keys/ 和口令，分开保管", "back up keys/ and the passphrase, and keep the two apart"))


def _add_list(group: typer.Typer, say: Voice) -> None:
    @group.command(
        "list",
        help=say("列出签名密钥和公钥指纹。", "List the signing keys and the fingerprints of their public halves.")
        + "\n\n"
        + example("xunyan keys list"),
    )
    def list_(context: typer.Context, form: FormatOption = Format.TABLE) -> None:
        run = session(context)
        keys = keys_of(run.workspace())
        rows: list[dict[str, Any]] = []
        for name in keys.names():
            public = keys.public(name)
            rows.append(
                {"schema": "xunyan.key/1", "name": name, "kind": public.kind.value, "fingerprint": public.id,
                 "private": keys.is_private(name)}
            )  # fmt: skip
        emit(
            rows,
            (
                (run.say("名称", "name"), lambda r: str(r["name"])),
                (run.say("算法", "kind"), lambda r: str(r["kind"])),
                (run.say("公钥指纹（SHA-256）", "fingerprint (SHA-256)"), lambda r: str(r["fingerprint"])),
                (
                    run.say("私钥文件", "private half"),
                    lambda r: (
                        run.say("加密", "encrypted")
                        if r["private"]
                        else run.say("加密；别的用户可读，应 chmod 600", "encrypted; others can read it, chmod 600")
                    ),
                ),
            ),
            form,
            empty=run.say(
                "没有签名密钥。用 xunyan keys new 名称 生成", "no signing key. Make one with xunyan keys new NAME"
            ),
        )


def _add_export(group: typer.Typer, say: Voice) -> None:
    @group.command(
        help=say("输出公钥（PEM），交给要核对证据包的人。", "Write a public key (PEM), for those who check packages.")
        + "\n\n"
        + example("xunyan keys export 信息中心", "xunyan keys export 信息中心 -o 信息中心.pub.pem")
    )
    def export(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help=say("密钥名称", "the key's name"))],
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help=say("写到这个文件", "the file to write"))
        ] = None,
    ) -> None:
        run = session(context)
        public = keys_of(run.workspace()).public(name)
        if output is None:
            sys.stdout.write(public.pem().decode())
            return
        if output.is_dir() or not output.absolute().parent.is_dir():
            raise UsageError(
                Text("写不到这里", "cannot be written there"),
                where=str(output),
                advice=Text("写一个文件名，它的文件夹要已经存在", "give a file name in a folder that exists"),
            )
        replace_file(output, public.pem())
        run.print(run.say(f"公钥已写到 {output}，指纹 {public.id}", f"public key in {output}, fingerprint {public.id}"))
