"""`xunyan evidence pack|verify|replay`: evidence that stands alone, checked and judged again by anybody."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from console.commands.common import example, known_unit, session
from console.language import STATUS, Voice
from console.output import one_line
from console.progress import Progress
from console.session import Session, shown
from xunyan import __version__
from xunyan.errors import UsageError
from xunyan.wording import Text

if TYPE_CHECKING:
    from console.replaying import Replayed
    from console.verifying import Checked
    from evidence.package import Manifest

PROMPT = "prompt"
DIFFERENT = 4
SHOWN = 20


def add(app: typer.Typer, say: Voice) -> None:
    """Put the group on the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say("证据包：打包、核对、重新判定", "evidence packages: pack, verify, judge again"),
    )
    _add_pack(group, say)
    _add_verify(group, say)
    _add_replay(group, say)
    app.add_typer(group, name="evidence")


def _add_pack(group: typer.Typer, say: Voice) -> None:
    @group.command(
        "pack",
        help=say(
            "把上次判定的依据和结论打成一个ZIP：原始采集、授权书、检查项、判定、决定、报告和摘要表。给了密钥就签名。"
            "同样的内容打出同样的清单。",
            "Pack the last judgement with all it rests on into one ZIP: originals, letters, controls, verdicts, decisions, "
            "report and digests; signed where a key is given. Equal contents give an equal manifest.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan evidence pack -o 全部.zip",
            "xunyan evidence pack --unit 教育局 -o 教育局.zip --key 审查",
            "xunyan evidence pack --run 3 --run 4 -o 批次3-4.zip",
        ),
    )
    def pack_command(
        context: typer.Context,
        output: Annotated[Path, typer.Option("--output", "-o", help=say("写到哪个文件", "where to write it"))],
        unit: Annotated[
            str, typer.Option(help=say("只打这个单位的，不含别的单位", "this unit's alone, and nothing of others"))
        ] = "",
        runs: Annotated[
            list[int] | None,
            typer.Option(
                "--run", help=say("只打这个批次涉及的资产，可重复", "the assets of this run, may be repeated")
            ),
        ] = None,
        key: Annotated[str, typer.Option(help=say("签名用的Ed25519密钥", "the Ed25519 key to sign with"))] = "",
        sm2_key: Annotated[str, typer.Option("--sm2-key", help=say("另用这个SM2密钥签名", "an SM2 key too"))] = "",
        timestamp: Annotated[
            bool,
            typer.Option(
                "--timestamp",
                help=say(
                    "向 xunyan.toml 里的时间戳服务取一个时间戳（授权书要授予）",
                    "take a timestamp from the server in xunyan.toml, which a letter has to grant",
                ),
            ),
        ] = False,
        passphrase: Annotated[
            str,
            typer.Option(
                help=say(
                    "密钥口令的来处：prompt、env:变量名 或 vault:文件#键",
                    "the passphrase: prompt, env:VARIABLE or vault:FILE#KEY",
                )
            ),
        ] = PROMPT,
    ) -> None:
        from console.sealing import Seal, pack  # noqa: PLC0415  # loaded when used
        from evidence.package import Scope  # noqa: PLC0415  # loaded when used

        run = session(context)
        if unit and runs:
            raise UsageError(
                Text("--unit 和 --run 只能选一个", "--unit and --run exclude each other"),
                where="evidence pack",
                advice=Text("去掉其中一个", "leave one of them out"),
            )
        if sm2_key and not key:
            raise UsageError(
                Text("SM2 签名须与 Ed25519 签名一起给出", "an SM2 signature goes with an Ed25519 one"),
                where="--sm2-key",
                advice=Text("同时给出 --key", "give --key too"),
            )
        kind: Literal["estate", "unit", "run"] = "unit" if unit else "run" if runs else "estate"
        scope = Scope(kind, unit, tuple(sorted(set(runs or ()))))
        with run.reading() as (workspace, store):
            known_unit(store, unit)
            with Progress(run.say("正在打包", "packing")) as progress:
                packed = pack(run, workspace, store, scope, output, Seal(key, sm2_key, passphrase, timestamp), progress)
        manifest = packed.manifest
        run.print(
            run.say(
                f"已打包：{output}（{packed.size / 1000:,.0f} KB），资产 {manifest.assets} 个，采集 {manifest.captures} 条，"
                f"缺口 {manifest.gaps} 条",
                f"packed: {output} ({packed.size / 1000:,.0f} KB), {manifest.assets} assets, "
                f"{manifest.captures} captures, {manifest.gaps} gaps",
            )
        )
        run.print(run.say(f"清单 SHA-256：{packed.digest}", f"manifest SHA-256: {packed.digest}"))
        if key:
            keys = "、".join(one for one in (key, sm2_key) if one)
            run.print(
                run.say(
                    f"已签名：{keys}（公钥用 xunyan keys export 导出）", f"signed by {keys}; see xunyan keys export"
                )
            )
        else:
            run.note(
                run.say(
                    "注意：没有签名，只能发现改动，不能证明是谁打的包；要签名先 xunyan keys new，再加 --key",
                    "note: not signed: a change shows, but not who packed it; make a key with xunyan keys new, add --key",
                )
            )
        run.print(run.say(f"核对：xunyan evidence verify {output}", f"check it: xunyan evidence verify {output}"))


def _add_verify(group: typer.Typer, say: Voice) -> None:
    @group.command(
        "verify",
        help=say(
            "核对一个证据包，不需要工作区：压缩包、每个文件的两种摘要、原始采集、判定、决定和签名。有一处不对，退出码为4。",
            "Check a package; no workspace is needed: archive, both digests of every file, originals, verdicts, decisions "
            "and signatures. Exit code 4 where anything is wrong.",
        )
        + "\n\n"
        + say("示例：", "Examples:")
        + "\n\n"
        + example(
            "xunyan evidence verify 教育局.zip",
            "xunyan evidence verify 教育局.zip --signer 审查.pem --require-signature",
        ),
    )
    def verify_command(
        context: typer.Context,
        package: Annotated[Path, typer.Argument(help=say("证据包", "the package"))],
        signer: Annotated[
            list[Path] | None,
            typer.Option(help=say("认可的公钥（PEM），可重复", "a public key that is trusted (PEM), may be repeated")),
        ] = None,
        require_signature: Annotated[
            bool,
            typer.Option("--require-signature", help=say("没有签名也算不对", "a missing signature is wrong too")),
        ] = False,
        tsa_ca: Annotated[
            Path | None,
            typer.Option(
                "--tsa-ca", help=say("时间戳机构的根证书（PEM）", "the time authority's root certificate (PEM)")
            ),
        ] = None,
    ) -> None:
        from console.sealing import check_signatures  # noqa: PLC0415  # loaded when used
        from console.verifying import check_contents  # noqa: PLC0415  # loaded when used
        from evidence.keys import read_public  # noqa: PLC0415  # loaded when used
        from evidence.timestamps import read_authorities  # noqa: PLC0415  # loaded when used

        run = session(context)
        with Progress(run.say("正在核对", "checking")) as progress:
            trusted = [read_public(_read(path), str(path)) for path in signer or ()]
            authorities = read_authorities(_read(tsa_ca), str(tsa_ca)) if tsa_ca else b""
            checked = check_contents(package, progress)
            unproved = check_signatures(checked, trusted, authorities, required=require_signature or bool(trusted))
        _say(run, package, checked, unproved)
        if checked.wrong:
            raise typer.Exit(DIFFERENT)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            Text("读不出这个文件", "this file cannot be read"),
            where=f"{path}: {error.strerror}",
            advice=Text("检查路径", "check the path"),
        ) from error


def _say(run: Session, package: Path, checked: "Checked", unproved: Text | None = None) -> None:
    from console.verifying import Level  # noqa: PLC0415  # loaded when used

    marks = {
        Level.GOOD: run.say("通过", "good"),
        Level.WARNING: run.say("注意", "note"),
        Level.WRONG: run.say("不对", "wrong"),
    }
    for one in checked.remarks:
        where = one_line(one.file or package.name)
        run.print(f"{marks[one.level]}  {where}: {one_line(run.say.text(one.what))}")
    manifest = checked.manifest
    if checked.wrong or manifest is None:
        run.print(
            run.say("结论：核对不通过，不要采信这个包", "outcome: it does not check; do not rely on this package")
        )
        return
    counts = run.say("，", ", ").join(
        f"{run.say.word(STATUS, key.value)} {count}" for key, count in sorted(manifest.counts.items())
    )
    run.print(run.say("范围：", "scope: ") + _scope(run, manifest))
    run.print(
        run.say(
            f"内容：{len(manifest.files)} 个文件，采集 {manifest.captures} 条，缺口 {manifest.gaps} 条；"
            f"判定于 {shown(manifest.judged_at)}：{counts}",
            f"contents: {len(manifest.files)} files, {manifest.captures} captures, {manifest.gaps} gaps; "
            f"judged at {shown(manifest.judged_at)}: {counts}",
        )
    )
    run.print(run.say("清单 SHA-256：", "manifest SHA-256: ") + sha256(manifest.encoded()).hexdigest())
    if unproved is None:
        run.print(run.say("结论：核对通过", "outcome: it checks"))
    else:
        run.print(
            run.say(f"结论：内容完整，核对通过；但{unproved.zh}", f"outcome: whole, it checks; but {unproved.en}")
        )


def _scope(run: Session, manifest: "Manifest") -> str:
    """Say whose evidence a package holds."""
    scope = manifest.scope
    assets = run.say(f"（{manifest.assets} 个资产）", f" ({manifest.assets} assets)")
    if scope.kind == "unit":
        return run.say("单位 ", "unit ") + one_line(scope.unit) + assets
    if scope.kind == "run":
        return run.say("批次 ", "runs ") + ", ".join(str(one) for one in scope.runs) + assets
    return run.say("全部单位", "all units") + assets


def _add_replay(group: typer.Typer, say: Voice) -> None:
    @group.command(
        "replay",
        help=say(
            "先核对，再由包里的原始采集重新判定，与包里的判定逐条比较。只用这个包，不需要工作区。有差别时退出码为4。",
            "Check a package, judge again from the originals in it, and compare verdict by verdict. Nothing but the package "
            "is used. Exit code 4 where something differs.",
        )
        + "\n\n"
        + say("示例：", "Example:")
        + "\n\n"
        + example("xunyan evidence replay 教育局.zip"),
    )
    def replay_command(
        context: typer.Context, package: Annotated[Path, typer.Argument(help=say("证据包", "the package"))]
    ) -> None:
        from console import replaying  # noqa: PLC0415  # loaded when used
        from console.verifying import check_contents  # noqa: PLC0415  # loaded when used

        run = session(context)
        with Progress(run.say("正在核对", "checking")) as progress:
            checked = check_contents(package, progress)
        manifest = checked.manifest
        if checked.wrong or manifest is None:
            _say(run, package, checked)
            raise typer.Exit(DIFFERENT)
        run.print(run.say("范围：", "scope: ") + _scope(run, manifest))
        with Progress(run.say("正在重新判定", "judging again")) as progress:
            done = replaying.replay(package, manifest, progress)
        for one in done.differences[:SHOWN]:
            nothing = run.say("（没有）", "(none)")
            run.print(
                run.say(
                    f"不同  {one_line(one.control)} {one_line(one.asset)}：包里 {one_line(one.recorded) or nothing}，"
                    f"现在 {one_line(one.now) or nothing}",
                    f"differs  {one_line(one.control)} {one_line(one.asset)}: package {one_line(one.recorded) or nothing}, "
                    f"now {one_line(one.now) or nothing}",
                )
            )
        if len(done.differences) > SHOWN:
            rest = len(done.differences) - SHOWN
            run.print(run.say(f"……还有 {rest} 条", f"... and {rest} more"))
        _conclude(run, done, manifest.version)
        if done.differences:
            raise typer.Exit(DIFFERENT)


def _conclude(run: Session, done: "Replayed", version: str) -> None:
    run.print(
        run.say(
            "比较的是判定；报告页和处置不在其中，签名用 xunyan evidence verify 核对",
            "verdicts are compared; the report and decisions are not, and signatures are checked by xunyan evidence verify",
        )
    )
    if done.elsewhere:
        run.print(
            run.say(
                f"另有 {done.elsewhere} 条判定还依据范围以外的原始采集，没有重新判定；要核对请索取全部单位的包",
                f"{done.elsewhere} more verdicts also rest on originals out of this scope and were not judged again; "
                "ask for the package of all units",
            )
        )
    version = one_line(version)
    judge = (
        run.say("程序与判定时相同", "by the very program that judged it")
        if done.same_judge
        else run.say(
            f"程序与判定时不同（当时 {version}，现在 {__version__}），要完全一致请用 {version} 版",
            f"by another program (then {version}, now {__version__}); version {version} would be exact",
        )
    )
    if done.differences:
        run.print(
            run.say(
                f"结论：重新判定 {done.verdicts} 条，{len(done.differences)} 条不同；{judge}",
                f"outcome: {done.verdicts} judged again, {len(done.differences)} differ; {judge}",
            )
        )
    else:
        run.print(
            run.say(
                f"结论：重新判定 {done.verdicts} 条，全部相同；{judge}",
                f"outcome: {done.verdicts} judged again, all equal; {judge}",
            )
        )
