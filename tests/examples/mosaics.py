"""What the mosaics of examples/montage must be like, wherever their tasks ran."""

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fairwf.conversion import read_document
from fairwf.engine import RunOptions, run
from fairwf.formats import Source
from fairwf.report import Report

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "montage"
INSTANCE = "montage-chameleon-2mass-005d-001.json"
PROGRAMS = (
    "mProject",
    "mDiff",
    "mFitplane",
    "mBgModel",
    "mBackground",
    "mImgtbl",
    "mAdd",
    "mViewer",
)
TASKS = 58
STARS, PIXELS = 12, 120 * 120


def concrete(corpora: Path, folder: Path) -> Path:
    """Draw the files of the published instance; return where it lies with them."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs the Debian package montage: {', '.join(missing)} are not here")
    (published,) = corpora.glob(f"wfformat/*WfInstances/**/{INSTANCE}")
    command = [sys.executable, EXAMPLE / "sky.py", published, folder]
    subprocess.run(command, check=True, capture_output=True)
    return folder / INSTANCE


def mosaicked(instance: Path, run_dir: Path, **options: Any) -> None:
    """Run it, and compare what comes out with the sky that went in."""
    report = Report()
    document = read_document(Source(name=str(instance), path=instance), report)
    record = run(document, {}, RunOptions(run_dir=run_dir, **options), None, report)
    assert record.status == "completed", [str(found) for found in report.errors]
    assert len(record.tasks) == TASKS
    assert {task.status for task in record.tasks} == {"completed"}
    sky = json.loads((instance.parent / "sky.json").read_text())
    measured = runpy.run_path(str(EXAMPLE / "measure.py"))["measured"]
    for number, band in enumerate("jhk", 1):
        (mosaic,) = run_dir.glob(f"tasks/mAdd_*/{number}-mosaic.fits")
        found = measured(sky[band], mosaic)
        assert (found["stars"], found["pixels"]) == (STARS, PIXELS)
        assert all(abs(light - 1) < 0.01 for light in found["flux"]), found
        assert max(found["away"]) < 0.05, found
        assert found["seams"] < 0.05, found
        # What had to be taken away was far more than what is left.
        (corrections,) = run_dir.glob(f"tasks/mBgModel_*/{number}-corrections.tbl")
        planes = [line.split() for line in corrections.read_text().splitlines() if line[0] != "|"]
        assert len(planes) == 4
        assert max(abs(float(plane[3])) for plane in planes) > 5
    pictures = [name for name in record.outputs if name.endswith(".png")]
    assert sorted(pictures) == [*(f"{n}-mosaic.png" for n in (1, 2, 3)), "mosaic-color.png"]
    for name in pictures:
        picture = Path(record.outputs[name].location.removeprefix("file://")).read_bytes()
        assert picture.startswith(b"\x89PNG") and len(picture) > 1000
