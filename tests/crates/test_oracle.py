"""roc-validator's judgement of our crates. A call takes some seconds, so there are few."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, open_crate, package_run, package_workflow
from fairwf.crates.oracle import judge
from fairwf.crates.persistent_id import state_doi
from fairwf.document import Document
from fairwf.ir.metadata import Agent
from fairwf.trace import Run
from tests.crates.example_run import example_run, workflow

pytest.importorskip("rocrate_validator")
pytestmark = pytest.mark.xdist_group("oracle")

# RECOMMENDED checks that fail, each for a reason.
NOT_RECOMMENDED = {
    # a defect of the validator: it wants http ids for the classes themselves
    "process-run-crate-0.5_5.1",
    # who publishes the crate is not known before it is published
    "ro-crate-1.1_22.3",
    # the example skips a step, so nothing is an example of what that step would give
    "workflow-run-crate-0.5_7.1",
}


def test_a_completed_run_conforms(example_crate: Path) -> None:
    found = judge(example_crate)
    print(found.text())
    assert found.profile == "provenance-run-crate-0.5"
    assert found.total == {"REQUIRED": 85, "RECOMMENDED": 98, "OPTIONAL": 64}
    assert not found.failed("REQUIRED")
    assert set(found.failed("RECOMMENDED")) == NOT_RECOMMENDED
    assert len(found.failed("OPTIONAL")) <= 23


def test_the_newer_versions_conform_to_ro_crate_1_3(example: Run, tmp_path: Path) -> None:
    """There are no shapes of Workflow Run RO-Crate 0.6 in the validator yet."""
    package_run(example, tmp_path / "crate", PackageOptions(profile="0.6"))
    found = judge(tmp_path / "crate")
    print(found.text())
    assert found.profile == "ro-crate-1.3"
    assert found.total["REQUIRED"] == 66
    assert not found.failed("REQUIRED")


def test_the_name_of_the_folder_makes_no_difference(example_crate: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cr äte? #1"
    folder.symlink_to(example_crate, target_is_directory=True)
    assert not judge(folder).failed("REQUIRED")


def test_a_failed_run_of_an_unknown_person_conforms(tmp_path: Path) -> None:
    run = example_run(tmp_path / "run", fails=True)
    package_run(run, tmp_path / "crate.zip", PackageOptions(agent=Agent(name="J. Doe")))
    found = judge(tmp_path / "crate.zip")
    assert not found.failed("REQUIRED")
    # a failed action gave nothing, and J. Doe states no affiliation
    reasons = NOT_RECOMMENDED | {
        "process-run-crate-0.5_11.1",
        "ro-crate-1.1_30.2",
        "ro-crate-1.1_30.3",
    }
    assert set(found.failed("RECOMMENDED")) <= reasons


def test_a_workflow_alone_conforms(tmp_path: Path) -> None:
    (tmp_path / "main.cwl").write_text("cwlVersion: v1.2\n")
    document = Document(workflow=workflow(), format="cwl")
    package_workflow(document, [tmp_path / "main.cwl"], tmp_path / "crate")
    found = judge(tmp_path / "crate")
    assert found.profile == "workflow-ro-crate-1.0"
    assert not found.failed("REQUIRED")
    assert set(found.failed("RECOMMENDED")) <= NOT_RECOMMENDED | {"ro-crate-1.1_22.2"}


def test_the_command_fails_a_crate_that_breaks_its_profile(
    example: Run, tmp_path: Path, repository: Path
) -> None:
    package_run(example, tmp_path / "crate")
    file = tmp_path / "crate" / "ro-crate-metadata.json"
    metadata = json.loads(file.read_bytes())
    for entity in metadata["@graph"]:
        if entity["@id"] == "#organize/run":
            del entity["instrument"]
    file.write_text(json.dumps(metadata))
    done = subprocess.run(
        [sys.executable, "-m", "fairwf.crates.oracle", str(tmp_path / "crate")],
        capture_output=True,
        text=True,
        cwd=repository,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "REQUIRED      84 of 85 checks hold" in done.stdout
    assert "OrganizeAction instrument" in done.stdout


def test_the_command_tells_what_is_wrong_with_its_argument(
    tmp_path: Path, repository: Path
) -> None:
    crate = str(tmp_path)
    known = "process-run-crate-0.5"
    words = (([], 2), ([crate], 1), ([crate, known], 1), ([crate, "x"], 2), (["--help"], 0))
    for arguments, code in words:
        done = subprocess.run(
            [sys.executable, "-m", "fairwf.crates.oracle", *arguments],
            capture_output=True,
            text=True,
            cwd=repository,
            check=False,
        )
        assert done.returncode == code
        assert "Traceback" not in done.stderr
        assert (known in done.stdout + done.stderr) == (code != 1)


@pytest.mark.long
def test_a_crate_that_states_its_doi_conforms_as_before(
    example_crate: Path, tmp_path: Path
) -> None:
    crate = Path(shutil.copytree(example_crate, tmp_path / "crate"))
    with open_crate(crate) as opened:
        state_doi(crate, opened, "10.5072/zenodo.1", tmp_path)
    found = judge(crate)
    assert not found.failed("REQUIRED")
    assert set(found.failed("RECOMMENDED")) == NOT_RECOMMENDED
