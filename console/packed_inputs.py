"""The data that a package was judged by, read as data: controls, profile with its parents, and the list of products."""

from pathlib import Path

from console.workspace import Inputs
from controls.loader import inputs_digest, load_catalogue, load_evaluated, load_profile
from evidence.archive import Archive
from evidence.package import Manifest
from xunyan.errors import InputError
from xunyan.wording import Text

DATA = ("catalogue/", "profiles/", "evaluated_products.toml")
LARGEST_DATA = 8 << 20


def unpack_inputs(archive: Archive, manifest: Manifest, folder: Path) -> Inputs:
    """Read catalogue, profile and lists out of a package. Raises InputError or CatalogueError where they do not fit."""
    for name in archive.names():
        if name.startswith(DATA):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name, LARGEST_DATA))
    profiles = folder / "profiles"
    inputs = Inputs(
        load_catalogue(folder / "catalogue"),
        load_profile(str(profiles / f"{Path(manifest.profile).name}.toml"), profiles),
        load_evaluated(folder / "evaluated_products.toml"),
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
