"""Which program judges: one digest of the code that turns stored originals into verdicts, and of what reads for it."""

from functools import cache
from pathlib import Path

from xunyan.canonical import digest

HOUSE = Path(__file__).parents[1]
CODE = (
    "xunyan/*.py",
    "controls/**/*.py",
    "scanners/platforms/**/*.py",
    "evidence/captures.py",
    "inventories/ledgers.py",
    "console/snapshot.py",
)
"""The ground, the rules, the readers of originals, and what stands between them. Equal code, equal verdicts."""


@cache
def judge_digest() -> str:
    """SHA-256 (64 hex digits) over names and texts of the judging code, in the order of the names, and its libraries."""
    paths = sorted({path for pattern in CODE for path in HOUSE.glob(pattern)})
    texts = [part for path in paths for part in (path.relative_to(HOUSE).as_posix(), path.read_text("utf-8"))]
    return digest(*texts, *libraries())


def libraries() -> tuple[str, ...]:
    """Name the libraries that read originals, each with the version at work: another may read a page otherwise."""
    import cryptography  # noqa: PLC0415  # what takes long to load is loaded when it is used
    import msgspec  # noqa: PLC0415
    from lxml import etree  # noqa: PLC0415

    own, parser = (".".join(map(str, version)) for version in (etree.LXML_VERSION, etree.LIBXML_VERSION))
    return (
        f"cryptography {cryptography.__version__}", f"libxml2 {parser}", f"lxml {own}", f"msgspec {msgspec.__version__}",
    )  # fmt: skip
