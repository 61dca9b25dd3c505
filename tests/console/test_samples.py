"""Real outputs of real machines, from ingest to verdict. They are read where they lie and never copied into the project."""

import shutil
from pathlib import Path

import pytest

from tests.making import SHARED, statuses, xunyan

SAMPLES = SHARED / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of real samples is not beside the project")


def expected(name: str) -> str:
    if name.startswith(("foreign-", "via-")):
        return "not-satisfied"
    return "needs-person" if name.startswith("vm-") else "satisfied"


def test_every_processor_sample_gets_the_right_verdict(tmp_path: Path) -> None:
    found = {}
    for source in ("dmidecode", "lscpu"):
        for sample in sorted((SAMPLES / source).glob("*.txt")):
            folder = tmp_path / "answers" / f"{source}-{sample.stem}"
            folder.mkdir(parents=True)
            shutil.copy(sample, folder / f"{source}.txt")
            found[f"host:{folder.name}"] = expected(sample.stem)
    assert len(found) >= 13
    xunyan("init", tmp_path / "w")
    xunyan("-C", tmp_path / "w", "ingest", tmp_path / "answers")
    verdicts = statuses(tmp_path / "w")
    assert {asset: verdicts["domestic/cpu", asset] for asset in found} == found
    assert {status for (control, _), status in verdicts.items() if control != "domestic/cpu"} == {"not-observed"}
