"""Reading the catalogue, the profiles and the list of evaluated products from TOML, strictly: what is wrong is named."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from controls.engine import Check
from controls.evaluated import EvaluatedProducts
from controls.model import EVALUATED_PRODUCTS, LEDGER, Control, Document, Profile, Requirement, Target
from controls.rules import RULES
from xunyan.canonical import digest
from xunyan.errors import CatalogueError, InputError
from xunyan.facts import FACTS
from xunyan.wording import Text

HERE = Path(__file__).parent
CATALOGUE = HERE / "catalogue"
PROFILES = HERE / "profiles"
EVALUATED = HERE / "evaluated_products.toml"

_PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")

S = TypeVar("S")


class ProfileHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `[profile]` table: whose it is, the parent whose duties hold too, or what a reference-only one includes."""

    id: str
    title: Text
    parent: str = ""
    reference_only: bool = False
    includes: tuple[str, ...] = ()


class ProfileFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One profile's file."""

    profile: ProfileHead
    document: tuple[Document, ...] = ()
    requirement: tuple[Requirement, ...] = ()
    target: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All checks, bound to their rules, and the digest of everything they were read from."""

    checks: tuple[Check, ...]
    digest: str

    def control(self, identifier: str) -> Control | None:
        """Find a control by its id."""
        return next((one.control for one in self.checks if one.control.id == identifier), None)


def load_catalogue(folder: Path = CATALOGUE) -> Catalogue:
    """Read every `<area>/<name>.toml`. Raises CatalogueError naming file and key."""
    paths = sorted(folder.glob("*/*.toml"))
    checks = tuple(_check(path) for path in paths)
    texts = [path.read_text("utf-8") for path in paths]
    return Catalogue(checks, digest(*[check.control.id for check in checks], *texts))


def _check(path: Path) -> Check:
    control = msgspec.structs.replace(read_toml(path, Control), id=f"{path.parent.name}/{path.stem}")
    rule = RULES.get(control.rule)
    if rule is None:
        raise _wrong(path, f"rule {control.rule!r} is not in the table of rules")
    for need in (*control.needs, *control.uses, *(cover.observation for cover in control.covers)):
        if need not in FACTS and need not in (LEDGER, EVALUATED_PRODUCTS):
            raise _wrong(path, f"needs {need!r}, which nothing observes")
    try:
        params = msgspec.convert(control.params, rule.params)
    except msgspec.ValidationError as error:
        raise _wrong(path, f"params: {error}") from error
    return Check(control, rule.judge, params, rule.settle)


def load_profile(name: str, folder: Path = PROFILES) -> Profile:
    """Read a profile by name, or by the path of a file of one's own, with its parents. Raises InputError, CatalogueError."""
    return _profile([read for _, read in _with_parents(name, folder)])


def profile_files(name: str, folder: Path = PROFILES) -> list[Path]:
    """List the files that a profile is read from, its own first. Raises as `load_profile` does."""
    return [path for path, _ in _with_parents(name, folder)]


def _with_parents(name: str, folder: Path) -> list[tuple[Path, ProfileFile]]:
    own = Path(name)
    files: list[tuple[Path, ProfileFile]] = []
    visited: set[Path] = set()
    pending = [own if own.suffix == ".toml" else folder / f"{name}.toml"]
    while pending:
        path = pending.pop(0)
        if path in visited:
            continue
        visited.add(path)
        if not path.is_file():
            raise InputError(
                Text("没有这个评判依据设置", "there is no such profile"),
                where=str(path if path.suffix == own.suffix and path == own else path.stem),
                advice=Text(
                    f"可用：{'、'.join(profile_names(folder))}，或自己的 .toml 文件",
                    f"available: {', '.join(profile_names(folder))}, or a .toml file of your own",
                ),
            )
        read = read_toml(path, ProfileFile)
        if read.profile.id in {one.profile.id for _, one in files}:
            continue
        files.append((path, read))
        for other in (read.profile.parent, *read.profile.includes):
            if other and not _PLAIN.fullmatch(other):
                raise _wrong(path, f"profile: {other[:40]!r} is not the name of a profile")
            if other:
                pending.append(folder / f"{other}.toml")
    return files


def profile_names(folder: Path = PROFILES) -> list[str]:
    """List the profiles that come with the product."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def _profile(files: list[ProfileFile]) -> Profile:
    head = files[0].profile
    documents = {one.id: one for file in files for one in file.document}
    requirements: dict[str, Requirement] = {}
    for duty in (duty for file in files for duty in file.requirement):
        if duty.id in requirements or duty.document not in documents:
            raise _wrong(Path(head.id), f"requirement {duty.id}: twice, or of a document that is not there")
        requirements[duty.id] = duty
    # A reference-only profile shows every place's duties and holds nobody to a figure.
    targets = () if head.reference_only else tuple(one for file in files for one in file.target)
    for target in targets:
        if target.requirement not in requirements:
            raise _wrong(Path(head.id), f"target of {target.metric}: no requirement {target.requirement}")
    return Profile(head.id, head.title, documents, requirements, targets, head.reference_only)


def load_evaluated(path: Path = EVALUATED) -> EvaluatedProducts:
    """Read the list of evaluated products, the product's own or one that the user keeps."""
    return read_toml(path, EvaluatedProducts)


def inputs_digest(catalogue: Catalogue, profile: Profile, products: EvaluatedProducts) -> str:
    """One digest of all data that judging rests on beside what was captured."""
    encode = msgspec.json.Encoder(order="deterministic").encode
    shown = (profile.id, list(profile.documents.values()), list(profile.requirements.values()), profile.targets)
    return digest(catalogue.digest, encode(shown).decode(), encode(products).decode())


def read_toml(path: Path, shape: type[S]) -> S:
    """Read one TOML file into a shape; what does not fit is named by key."""
    try:
        with path.open("rb") as file:
            data: Mapping[str, object] = tomllib.load(file)
        return msgspec.convert(data, shape)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(path, str(error)) from error
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise _wrong(path, str(error)) from error


def _wrong(path: Path, what: str) -> CatalogueError:
    return CatalogueError(
        Text(f"数据文件有误：{what}", f"the file is wrong: {what}"),
        where=str(path),
        advice=Text("改正该处后重试", "mend it there and try again"),
    )


def unknown_duties(checks: Iterable[Check], requirements: Mapping[str, Requirement]) -> list[tuple[str, str]]:
    """List (control, duty) for every basis that names no requirement."""
    return [(one.control.id, duty) for one in checks for duty in one.control.basis if duty not in requirements]
