"""Which program judges: one digest of the code that turns stored originals into verdicts."""

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
    """SHA-256 (64 hex digits) over names and texts of the judging code, in the order of the names."""
    paths = sorted({path for pattern in CODE for path in HOUSE.glob(pattern)})
    return digest(*[part for path in paths for part in (path.relative_to(HOUSE).as_posix(), path.read_text("utf-8"))])
