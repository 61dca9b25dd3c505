"""Packing evidence: what a judgement rests on, and what it came to, gathered so that equal contents give an equal package."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import msgspec

from console.coverage import coverage_rows
from console.findings import Filter, select
from console.judge_digest import judge_digest
from console.judging import oldest_useful
from console.language import Voice
from console.packed_scope import AddressPlan, address_plan, resting_elsewhere
from console.progress import Step, no_progress
from console.reporting import assemble
from console.standing import FILE as DECISIONS
from console.standing import Overlay, overlay
from console.workspace import Inputs, Workspace
from controls.loader import CATALOGUE, EVALUATED, PROFILES, inputs_digest, profile_files
from evidence import decisions
from evidence.decision_entries import Entry
from evidence.journal import Judgement, Run
from evidence.package import Manifest, PackedFile, Scope, describe
from evidence.segments import Place
from evidence.store import Store
from inventories import authorisations, identities
from inventories.letters import read_letter
from reports import html
from xunyan import __version__
from xunyan.canonical import utc_text
from xunyan.errors import UsageError
from xunyan.model import Asset, Capture, Status
from xunyan.wording import Text

CHECKING = Path(__file__).with_name("checking.txt")
ANY_UNIT = "*"


@dataclass(slots=True)
class Contents:
    """What goes into a package, by name; `folder` holds what is too large for memory."""

    folder: Path
    files: dict[str, bytes | Path] = field(default_factory=dict)
    captures: int = 0
    gaps: int = 0


def gather(
    workspace: Workspace, store: Store, scope: Scope, folder: Path, progress: Step = no_progress
) -> tuple[Manifest, Contents]:
    """Gather the evidence of the last judgement in a scope. Raises UsageError where there is nothing to pack.

    `folder` takes what is too large for memory. What is gathered depends on what is kept alone: not on where, when, in
    which zone or by whom it is packed.
    """
    inputs = workspace.inputs()
    judgement = _judgement(workspace, inputs)
    listed = _assets(store, scope, judgement)
    minted = set(listed)
    derived = {key for key, one in store.derived().items() if scope.kind == "estate" or one.unit == scope.unit != ""}
    assets = minted | derived
    contents = Contents(folder)
    plan = AddressPlan() if scope.kind == "estate" else address_plan(store, assets)
    _captures(workspace, contents, judgement, minted, plan.captures, progress)
    contents.files["identities.jsonl"] = _identities(workspace, minted | plan.assets)
    _letters(workspace, contents, scope)
    profile = _inputs(workspace, contents)
    counts = _verdicts(store, contents, assets)
    if scope.kind != "estate":
        _elsewhere(contents, inputs, judgement)
    decided = _decisions(workspace, contents, scope, assets)
    said = [datetime.fromisoformat(one.at) for one in decided]
    standing = overlay(workspace, max([datetime.fromisoformat(judgement.judged_at), *said]))
    _findings(store, contents, inputs, scope, assets, standing)
    _coverage(store, contents, inputs, judgement, listed.values())
    if scope.kind != "run":  # a report speaks of the estate or of a unit
        contents.files["report.html"] = _report(workspace, store, scope)
    contents.files["CHECKING.txt"] = CHECKING.read_bytes()
    manifest = Manifest(
        schema="xunyan.package/1",
        version=__version__,
        judge=judge_digest(),
        inputs=judgement.inputs,
        profile=profile,
        judged_at=judgement.judged_at,
        scope=scope,
        assets=len(minted | plan.assets),
        captures=contents.captures,
        gaps=contents.gaps,
        counts=counts,
        files=tuple(describe(name, contents.files[name]) for name in sorted(contents.files)),
    )
    return manifest, contents


def described(manifest: Manifest, name: str) -> PackedFile:
    """Find a file in a manifest."""
    return next(one for one in manifest.files if one.path == name)


def _judgement(workspace: Workspace, inputs: Inputs) -> Judgement:
    """Give the last judgement, if the present program and settings are those that made it."""
    last = workspace.journal.last_judgement()
    if last is None:
        raise UsageError(
            Text("还没有判定过，没有可以打包的证据", "nothing was judged yet: there is no evidence to pack"),
            where=str(workspace.root),
            advice=Text("先运行 xunyan scan 或 xunyan ingest", "run xunyan scan or xunyan ingest first"),
        )
    now = (inputs_digest(inputs.catalogue, inputs.profile, inputs.products), judge_digest())
    if (last.inputs, last.judge) != now:
        raise UsageError(
            Text(
                "上次判定之后，检查项、依据、名录或程序已经变了，打出的包会与判定对不上",
                "controls, profile, lists or the program changed since the last judgement: the package would not fit it",
            ),
            where=str(workspace.root),
            advice=Text("先运行 xunyan judge 重新判定，再打包", "run xunyan judge, then pack"),
        )
    if _grown(workspace):
        raise UsageError(
            Text(
                "上次判定之后又导入了采集，或认定过资产，打出的包会与判定对不上",
                "captures came in or identities were decided since the last judgement: the package would not fit it",
            ),
            where=str(workspace.root),
            advice=Text("先运行 xunyan judge 重新判定，再打包", "run xunyan judge, then pack"),
        )
    return last


def _grown(workspace: Workspace) -> bool:
    """Tell whether originals or identities came after the newest judgement."""
    grown = False
    for entry in workspace.journal.read():
        if isinstance(entry, Judgement):
            grown = False
        elif isinstance(entry, Run) and (entry.segment or entry.kind == "identities"):
            grown = True
    return grown


def _assets(store: Store, scope: Scope, judgement: Judgement) -> dict[str, Asset]:
    """Give the assets of a scope as they were known when they were judged."""
    known = store.assets_at(judgement.judged_at, judgement.upto_segment)
    if scope.kind == "run":
        lost = [run for run in scope.runs if store.value("SELECT 1 FROM run WHERE number = ?", (run,)) is None]
        if lost:
            raise UsageError(
                Text(f"没有批次 {lost[0]}", f"there is no run {lost[0]}"),
                where="--run",
                advice=Text("用 xunyan runs 查看", "see xunyan runs"),
            )
        heard = {one for run in scope.runs for one in _heard(store, run)}
        assets = {key: one for key, one in known.items() if key in heard}
    elif scope.kind == "unit":
        assets = {key: one for key, one in known.items() if one.unit == scope.unit}
    else:
        assets = known
    if not assets:
        raise UsageError(
            Text("选定的范围内没有资产", "there is no asset in what was chosen"),
            where="evidence pack",
            advice=Text(
                "用 xunyan coverage --all 看有哪些单位，用 xunyan runs 看有哪些批次",
                "see xunyan coverage --all for units, and xunyan runs for runs",
            ),
        )
    return assets


def _heard(store: Store, run: int) -> Iterator[str]:
    """Give the assets that a run heard, or could not reach."""
    segment = store.value("SELECT segment FROM run WHERE number = ?", (run,))
    for table in ("capture", "gap"):
        for row in store.rows(f"SELECT DISTINCT asset FROM {table} WHERE segment = ?", (segment,)):  # noqa: S608  # ours
            yield row["asset"]


@dataclass(slots=True)
class _Line:
    """Where one original stands, and what it is sorted by: alike ones side by side, whatever order they came in."""

    key: tuple[str, str, str, str, str]
    place: Place


def _captures(
    workspace: Workspace,
    contents: Contents,
    judgement: Judgement,
    assets: set[str],
    beside: frozenset[str],
    progress: Step,
) -> None:
    """Write the originals that the judgement could see of these assets, each checked against its own digests.

    `beside`: ids of originals of others that are written as well.
    """
    register = identities.load(workspace.identities)
    until = datetime.fromisoformat(judgement.judged_at)
    found: list[_Line] = []
    for number in workspace.segments.numbers():
        if number > judgement.upto_segment:
            break
        for one, place in workspace.segments.scan(number):
            envelope = one.envelope
            asset = register.asset_at(envelope.network, envelope.asset, envelope.taken_at)
            if (asset not in assets and one.id not in beside) or envelope.taken_at > until:
                continue
            key = (envelope.network, envelope.asset, envelope.source, utc_text(envelope.taken_at), one.id)
            found.append(_Line(key, place))
            if isinstance(one, Capture):
                contents.captures += 1
            else:
                contents.gaps += 1
            progress(len(found))
    found.sort(key=lambda line: line.key)
    path = contents.folder / "captures.jsonl"
    with path.open("wb") as file:
        for line in workspace.segments.lines(one.place for one in found):
            file.write(line)
    contents.files["captures/000001.captures.jsonl"] = path


def _elsewhere(contents: Contents, inputs: Inputs, judgement: Judgement) -> None:
    """Name the verdicts of a part that its own originals do not give."""
    captures, identities_of = (contents.files[name] for name in ("captures/000001.captures.jsonl", "identities.jsonl"))
    verdicts = contents.files["verdicts.jsonl"]
    if isinstance(captures, Path) and isinstance(verdicts, Path) and isinstance(identities_of, bytes):
        found = resting_elsewhere(captures, identities_of, verdicts, inputs, judgement.judged_at)
        if found:
            contents.files["elsewhere.jsonl"] = found


def _identities(workspace: Workspace, assets: set[str]) -> bytes:
    """Write which names mean these assets, from when on: what replay needs, and nothing of other assets."""
    encoder = msgspec.json.Encoder()
    return b"".join(encoder.encode(one) + b"\n" for one in identities.load(workspace.identities).namings(assets))


def _letters(workspace: Workspace, contents: Contents, scope: Scope) -> None:
    """Add the letters of authorisation with signatures and revocations.

    Of a letter that speaks of others than the unit too, a unit gets number and digests: it holds their ranges.
    """
    folder = workspace.root / authorisations.FOLDER
    numbers: set[str] = set()
    chosen: list[tuple[str, bytes, bytes | None]] = []
    withheld: list[dict[str, str]] = []
    for path in authorisations.letter_files(folder):
        data = path.read_bytes()
        letter = read_letter(data, str(path))
        beside = authorisations.signature_file(path)
        if scope.kind != "unit" or letter.units == (scope.unit,):
            numbers.add(letter.number)
            chosen.append((letter.number, data, beside.read_bytes() if beside.exists() else None))
        elif scope.unit in letter.units or ANY_UNIT in letter.units:
            told = describe("", data)
            withheld.append({"number": letter.number, "sha256": told.sha256, "sm3": told.sm3})
    for count, (_, data, signature) in enumerate(sorted(chosen, key=lambda one: one[0]), 1):
        contents.files[f"authorisations/{count:04d}.toml"] = data
        if signature is not None:
            contents.files[f"authorisations/{count:04d}.toml.sig"] = signature
    if withheld:
        lines = [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in withheld]
        contents.files["authorisations/withheld.jsonl"] = "".join(f"{line}\n" for line in sorted(lines)).encode()
    revoked = folder / authorisations.REVOCATIONS
    if revoked.exists():
        kept = [line for line in revoked.read_bytes().splitlines(keepends=True) if _number(line) in numbers]
        if kept:
            contents.files["authorisations/revocations.jsonl"] = b"".join(kept)


def _number(line: bytes) -> str:
    return msgspec.json.decode(line, type=authorisations.Revocation).number


def _inputs(workspace: Workspace, contents: Contents) -> str:
    """Add catalogue, profile with its parents, and the list of evaluated products; return the profile's name here."""
    for path in sorted(CATALOGUE.glob("*/*.toml")):
        contents.files[f"catalogue/{path.parent.name}/{path.name}"] = path.read_bytes()
    name = workspace.settings.profile
    own = name.endswith(".toml")
    first, *parents = profile_files(str(workspace.root / name) if own else name, PROFILES)
    contents.files[f"profiles/{'own' if own else name}.toml"] = first.read_bytes()
    for path in parents:
        contents.files[f"profiles/{path.name}"] = path.read_bytes()
    products = workspace.settings.evaluated_products
    path = workspace.root / products if products else EVALUATED
    contents.files["evaluated_products.toml"] = path.read_bytes()
    return "own" if own else name


def _verdicts(store: Store, contents: Contents, assets: set[str]) -> dict[Status, int]:
    """Write the verdicts as they are compared, and count them by status."""
    counts: dict[Status, int] = {}

    def lines() -> Iterator[bytes]:
        for row in store.rows("SELECT asset, status, body FROM verdict ORDER BY control, asset"):
            if row["asset"] in assets:
                status = Status(row["status"])
                counts[status] = counts.get(status, 0) + 1
                yield row["body"].encode() + b"\n"

    _write(contents, "verdicts.jsonl", lines())
    return counts


def _findings(
    store: Store, contents: Contents, inputs: Inputs, scope: Scope, assets: set[str], decided: Overlay
) -> None:
    """Write the findings as `xunyan findings --all --format jsonl` does, in Chinese whoever packs."""
    wanted = Filter(unit=scope.unit, everything=True)
    found = select(store, wanted, inputs.catalogue, Voice("zh"), decided)
    lines = (
        json.dumps(one, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        for one in found
        if one["asset"]["id"] in assets
    )
    _write(contents, "findings.jsonl", lines)


def _report(workspace: Workspace, store: Store, scope: Scope) -> bytes:
    """Write the report without what is true of this workspace alone: how often and when it judged, what came since."""
    report = assemble(workspace, store, Voice("zh"), scope.unit)
    return html.render(replace(report, method=replace(report.method, number=0, made_at="", runs=(), warnings=())))


def _coverage(store: Store, contents: Contents, inputs: Inputs, judgement: Judgement, assets: Iterable[Asset]) -> None:
    """Write what was asked of these assets and what came of it, as `xunyan coverage --all` does."""
    judged_at = datetime.fromisoformat(judgement.judged_at)
    rows = coverage_rows(store, assets, judged_at, oldest_useful(inputs), judgement.upto_segment)
    _write(
        contents,
        "coverage.jsonl",
        (json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n" for row in rows),
    )


def _decisions(workspace: Workspace, contents: Contents, scope: Scope, assets: set[str]) -> list[Entry]:
    """Add what persons decided; of others' assets only the digests that hold the chain together. A broken one is not packed."""
    path = workspace.root / DECISIONS
    entries = decisions.read(path)
    lines = decisions.lines_of(path)
    whole = b"".join(line + b"\n" for line in lines)
    contents.files["decisions.jsonl"] = whole if scope.kind == "estate" else decisions.for_unit(lines, assets)
    return entries if scope.kind == "estate" else [one for one in entries if one.asset in assets]


def _write(contents: Contents, name: str, lines: Iterable[bytes]) -> None:
    path = contents.folder / name
    with path.open("wb") as file:
        file.writelines(lines)
    contents.files[name] = path
