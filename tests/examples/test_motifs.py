"""The six motifs of AI-coupled workflows run as `fairwf init` gives them; the numbers are right."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fairwf
from fairwf import engine
from fairwf.engine.backends.deployment import read_deployment
from fairwf.report import FairwfError, Report
from fairwf.templates import copy_template, templates
from tests.examples.motifs import CHECKS, outputs, start, tasks

MOTIFS = Path(__file__).resolve().parents[2] / "examples" / "motifs"


def test_each_motif_is_checked() -> None:
    assert {one.name for one in templates()} == set(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_motif_gives_the_numbers_of_an_independent_calculation(name: str, tmp_path: Path) -> None:
    copy_template(name, tmp_path / name)
    run = start(tmp_path / name, tmp_path / "run")
    CHECKS[name](run, outputs(run))
    # Resumed, it is the same, and nothing is repeated.
    again = engine.resume(tmp_path / "run")
    assert again.outputs == run.outputs
    assert len(again.tasks) == len(run.tasks)


def test_one_core_is_enough_for_programs_that_exchange_streams(tmp_path: Path) -> None:
    copy_template("digital-twin", tmp_path / "twin")
    run = start(tmp_path / "twin", tmp_path / "run", {"readings": 20, "pause": 0.0}, cores=1)
    assert outputs(run)["last"]["reading"] == 19
    assert tasks(run, "plant") == tasks(run, "twin") == tasks(run, "watch") == 1


def test_the_sites_of_a_federation_are_sites_of_the_run(tmp_path: Path) -> None:
    place = tmp_path / "federated-learning"
    copy_template("federated-learning", place)
    document = fairwf.load(place / "workflow.ir.yml")
    deployment = read_deployment(place / "sites.yml", document.workflow)
    few = {"tolerance": 1e-3}
    run = start(place, tmp_path / "run", few, cores=None, deployment=deployment)
    CHECKS["federated-learning"](run, outputs(run))
    names = ["north", "east", "south"]
    for task in run.tasks:
        if task.kind == "command":
            site = names[int(task.index[-1])] if task.step[-1] == "train" else "home"
            assert task.site == site, task.id
    # The data of a site came there once, and nowhere else.
    for site in names:
        moved = (tmp_path / "run" / "sites" / site / "moved").read_text().splitlines()
        data = [Path(json.loads(line)[0]).name for line in moved if ".csv" in line]
        assert data == [f"{site}.csv"]
        assert not any((place / "machines" / site).iterdir())


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_what_cwl_cannot_say_of_a_motif_is_told(name: str, tmp_path: Path) -> None:
    report = Report()
    document = fairwf.load(MOTIFS / name / "workflow.ir.yml", report=report)
    try:
        report = fairwf.dump(document, tmp_path / "x.cwl", format="cwl")
    except FairwfError as refused:
        report = refused.report
    assert {found.code for found in report if found.fate not in ("kept", "rewritten", None)} == (
        LOST.get(name, set())
    )


LOST = {
    "digital-twin": {"FWF3001", "FWF3003"},
    "hyper-parameters": {"FWF3003", "FWF3004"},
    "screening": {"FWF3003"},
}
"""What is approximated or lost of each; of the others, nothing."""


@pytest.mark.parametrize(("feed", "lines"), [("twin/readings", 5), ("watch/states", 40)])
def test_a_killed_run_of_programs_that_exchange_streams_is_resumed(
    feed: str, lines: int, tmp_path: Path
) -> None:
    copy_template("digital-twin", tmp_path)
    words = ["run", "workflow.ir.yml", "job.yml", "--run-dir", "run", "--cores", "4", "--quiet"]
    with subprocess.Popen(
        [sys.executable, "-m", "fairwf", *words], cwd=tmp_path, stdout=subprocess.DEVNULL
    ) as running:
        path, end = tmp_path / "run" / "feeds" / feed, time.monotonic() + 60
        while not path.exists() or path.read_bytes().count(b"\n") < lines:
            assert running.poll() is None and time.monotonic() < end, "it did not come to that"
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
    again = engine.resume(tmp_path / "run")
    CHECKS["digital-twin"](again, outputs(again))
