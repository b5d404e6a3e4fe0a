"""The quickstart example: fairwf and cwltool give the same bytes, also after a round trip."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Run = Callable[..., dict[str, Any]]
Comparable = Callable[[Any], Any]


@pytest.fixture
def quickstart(repository: Path) -> Path:
    return repository / "examples" / "quickstart"


@pytest.fixture
def expected(quickstart: Path) -> dict[str, Any]:
    text = (quickstart / "expected" / "outputs.json").read_text(encoding="utf-8")
    outputs: dict[str, Any] = json.loads(text)
    return outputs


def job_with(quickstart: Path, folder: Path, **changes: object) -> Path:
    """The example's job with some values changed, as a file in the folder."""
    job = yaml.safe_load((quickstart / "job.yml").read_text(encoding="utf-8"))
    for table in job["series"]:
        for file in (table, *table["secondaryFiles"]):
            file["path"] = str(quickstart / file["path"])
    path = folder / "job.json"
    path.write_text(json.dumps({**job, **changes}), encoding="utf-8")
    return path


def test_the_recorded_outputs_are_those_of_cwltool(
    quickstart: Path,
    expected: dict[str, Any],
    cwltool_run: Run,
    comparable: Comparable,
    tmp_path: Path,
) -> None:
    outputs = cwltool_run(quickstart / "main.cwl", quickstart / "job.yml", tmp_path / "out")
    assert comparable(outputs) == comparable(expected)


def test_fairwf_gives_the_outputs_of_cwltool(
    quickstart: Path,
    expected: dict[str, Any],
    fairwf_run: Run,
    comparable: Comparable,
    tmp_path: Path,
) -> None:
    outputs = fairwf_run(quickstart / "main.cwl", quickstart / "job.yml", tmp_path / "out")
    assert comparable(outputs) == comparable(expected)


def test_the_outputs_lie_flat_in_the_folder_with_the_recorded_sums(
    quickstart: Path, fairwf_run: Run, tmp_path: Path
) -> None:
    fairwf_run(quickstart / "main.cwl", quickstart / "job.yml", tmp_path / "out")
    sums = quickstart / "expected" / "SHA256SUMS"
    names = {line.split()[1] for line in sums.read_text(encoding="utf-8").splitlines()}
    assert {p.name for p in (tmp_path / "out").iterdir() if not p.name.startswith(".")} == names
    subprocess.run(
        ["sha256sum", "--check", "--quiet", "--strict", sums], cwd=tmp_path / "out", check=True
    )


@pytest.mark.parametrize(
    ("changes", "significant", "clearest", "drawn"),
    [
        pytest.param({"draw": False}, ["co2", "elnino", "nile"], "co2", False, id="no drawing"),
        pytest.param({"alpha": 0.01}, ["co2", "nile"], "co2", True, id="stricter test"),
        pytest.param({"alpha": 0.001}, [], None, True, id="nothing significant"),
    ],
)
def test_conditions_decide_as_in_cwltool(
    quickstart: Path,
    fairwf_run: Run,
    cwltool_run: Run,
    comparable: Comparable,
    tmp_path: Path,
    changes: dict[str, object],
    significant: list[str],
    clearest: str | None,
    drawn: bool,
) -> None:
    job = job_with(quickstart, tmp_path, **changes)
    ours = fairwf_run(quickstart / "main.cwl", job, tmp_path / "ours")
    theirs = cwltool_run(quickstart / "main.cwl", job, tmp_path / "theirs")
    assert comparable(ours) == comparable(theirs)
    assert ours["significant"] == significant
    assert ours["clearest"] == clearest
    assert len(ours["detrended"]) == len(significant)
    assert (ours["figure"] is not None) == drawn


def test_converted_to_the_ir_and_back_it_runs_in_cwltool_with_the_same_outputs(
    quickstart: Path,
    expected: dict[str, Any],
    fairwf: Callable[..., "subprocess.CompletedProcess[str]"],
    cwltool_run: Run,
    comparable: Comparable,
    tmp_path: Path,
) -> None:
    there, back = tmp_path / "main.ir.json", tmp_path / "main.cwl"
    for arguments in (
        (quickstart / "main.cwl", "--to", "ir", "-o", there),
        (there, "--to", "cwl", "-o", back),
    ):
        done = fairwf("convert", *arguments)
        assert done.returncode == 0, done.stderr
    outputs = cwltool_run(back, quickstart / "job.yml", tmp_path / "out")
    assert comparable(outputs) == comparable(expected)


def test_a_series_without_its_sidecar_is_refused(
    quickstart: Path,
    fairwf: Callable[..., "subprocess.CompletedProcess[str]"],
    tmp_path: Path,
) -> None:
    shutil.copy(quickstart / "data" / "nile.csv", tmp_path)
    table = {
        "class": "File",
        "path": str(tmp_path / "nile.csv"),
        "format": "http://edamontology.org/format_3752",
    }
    job = job_with(quickstart, tmp_path, series=[table])
    done = fairwf("run", quickstart / "main.cwl", job, "--outdir", tmp_path / "out", "--quiet")
    assert done.returncode == 1
    assert "nile.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_row_that_cannot_be_read_fails_the_run_with_the_reason(
    quickstart: Path,
    fairwf: Callable[..., "subprocess.CompletedProcess[str]"],
    tmp_path: Path,
) -> None:
    (tmp_path / "broken.csv").write_text("year,volume\n1871,1120\n1872,n/a\n", encoding="utf-8")
    shutil.copy(quickstart / "data" / "nile.json", tmp_path / "broken.json")
    table = {
        "class": "File",
        "path": str(tmp_path / "broken.csv"),
        "format": "http://edamontology.org/format_3752",
        "secondaryFiles": [{"class": "File", "path": str(tmp_path / "broken.json")}],
    }
    job = job_with(quickstart, tmp_path, series=[table])
    done = fairwf("run", quickstart / "main.cwl", job, "--outdir", tmp_path / "out", "--quiet")
    assert done.returncode == 1
    assert "line 3: not a number: 1872,n/a" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_trend_of_a_straight_line_is_its_slope(quickstart: Path, tmp_path: Path) -> None:
    rows = "".join(f"{year},{3 * year - 5000}.0,1\n" for year in range(1950, 1990))
    (tmp_path / "line.csv").write_text("year,mean,observations\n" + rows, encoding="utf-8")
    program = quickstart / "scripts" / "trend.py"
    done = subprocess.run(
        [sys.executable, program, tmp_path / "line.csv", "--name", "line", "--confidence", "0.95"],
        capture_output=True,
        check=True,
    )
    trend = json.loads(done.stdout)
    assert (trend["slope"], trend["slope_low"], trend["slope_high"]) == (3, 3, 3)
    assert trend["intercept"] == -5000
    assert trend["tau"] == 1
    # S = n(n-1)/2 and var S = n(n-1)(2n+5)/18 with n = 40; residuals are zero: no correction.
    assert trend["z"] == pytest.approx((780 - 1) / (40 * 39 * 85 / 18) ** 0.5, abs=1e-6)
