"""The data that a package was judged by, read as data: controls, profile with its parents, and the list of products."""

import re
from pathlib import Path

from console.workspace import Inputs
from controls.loader import inputs_digest, load_catalogue, load_evaluated, load_profile
from evidence.archive import Archive
from evidence.package import Manifest
from xunyan.errors import InputError
from xunyan.wording import Text

PRODUCTS = "evaluated_products.toml"
FOLDERS = ("catalogue/", "profiles/")
LARGEST_DATA = 1 << 20
MOST_FILES = 1000
MOST_DOTS = 100
"""Readers of TOML take a time that grows with the square of a dotted key's parts; no line of ours has so many."""

_PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


def unpack_inputs(archive: Archive, manifest: Manifest, folder: Path) -> Inputs:
    """Read catalogue, profile and lists out of a package. Raises InputError or CatalogueError where they do not fit."""
    names = [name for name in archive.names() if name == PRODUCTS or name.startswith(FOLDERS)]
    if len(names) > MOST_FILES or not _PLAIN.fullmatch(manifest.profile):
        raise _odd("manifest.json")
    for name in names:
        data = archive.read(name, LARGEST_DATA)
        if any(line.count(b".") > MOST_DOTS for line in data.splitlines()):
            raise _odd(name)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    profiles = folder / "profiles"
    inputs = Inputs(
        load_catalogue(folder / "catalogue"),
        load_profile(str(profiles / f"{manifest.profile}.toml"), profiles),
        load_evaluated(folder / PRODUCTS),
    )
    if inputs_digest(inputs.catalogue, inputs.profile, inputs.products) != manifest.inputs:
        raise InputError(
            Text(
                "包里的检查项、依据或名录不是判定时用的那份",
                "controls, profile or lists in the package are not those that it was judged by",
            ),
            where="manifest.json: inputs",
            advice=Text("向出包的人核实，索取原包", "ask whoever packed it for the original"),
        )
    return inputs


def _odd(name: str) -> InputError:
    return InputError(
        Text("不是打包时会写成的样子", "not as packing writes it"),
        where=name,
        advice=Text("向出包的人核实，索取原包", "ask whoever packed it for the original"),
    )
