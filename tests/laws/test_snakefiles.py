"""Nothing is lost without a word on the way to Snakemake, and it gives the outputs that we give."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import note

from fairwf.formats import WriteOptions, converter
from fairwf.ir import codec
from fairwf.ir.codec import Root
from fairwf.ir.values import Value
from fairwf.ir.workflow import Workflow
from fairwf.report import Report
from fairwf_snakemake.snakefile.parse import parse
from tests.generation import runnable, workflows
from tests.laws.effort import Effort, Tally, efforts, hold
from tests.laws.law import Lowered, judged, lowered, normal, outputs_of
from tests.laws.targets import NOT_IN_SNAKEMAKE
from tests.matrix.engines import plain, snakemake

SNAKEMAKE = converter("snakemake")


def said(root: Root) -> Lowered:
    """Return a document as a Snakefile says it; every step of the way is judged."""
    assert SNAKEMAKE.capabilities is not None
    case = lowered(root, SNAKEMAKE.capabilities(None))
    if case.report.ok:
        judged(case)
        case = normal(SNAKEMAKE, case)
    if case.report.ok:
        judged(case)
    return case


def written(case: Lowered, folder: Path) -> None:
    assert SNAKEMAKE.write is not None
    report = Report()
    made = SNAKEMAKE.write(case.after, WriteOptions(), report)
    assert list(report) == [], "what is lost is told before"
    for name, data in made.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    for name in ("config.yaml", "config.schema.yaml"):
        assert isinstance(yaml.safe_load(made.files[name]), dict)
    parse(made.files[made.main].decode(), made.main)


@pytest.mark.parametrize("effort", efforts(25, 500))
def test_the_report_names_what_a_snakefile_leaves_out(effort: Effort) -> None:
    tally = Tally()

    def law(root: Root) -> None:
        note(codec.encode(root).decode())
        case = said(root)
        tally.drawn += 1
        if not case.report.ok:
            tally.refusals.append("; ".join(sorted({d.message for d in case.report.errors})))
            return
        with TemporaryDirectory() as folder:
            written(case, Path(folder))

    hold(law, workflows(bytes_too=False), effort)
    tally.judge(NOT_IN_SNAKEMAKE, share=0.7)  # opaque texts and operations


@pytest.mark.parametrize("effort", efforts(1, 30))
def test_outputs_stay_what_they_were_in_snakemake(effort: Effort) -> None:
    program = snakemake()
    assert SNAKEMAKE.write_inputs is not None

    def law(drawn: tuple[Workflow, Mapping[str, Value]]) -> None:
        root, inputs = drawn
        note(codec.encode(root).decode())
        case = said(root)
        assert case.report.ok, case.report.errors
        with TemporaryDirectory() as name:
            folder = Path(name)
            written(case, folder)
            (folder / "job.yaml").write_bytes(SNAKEMAKE.write_inputs(case.after, inputs))  # type: ignore[misc]
            command = [program, "-c1", "--force-use-threads", "--configfile", "job.yaml"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            after = plain(json.loads((folder / "outputs.json").read_text()))
            before = outputs_of(case.before, inputs, folder / "fairwf", names=False)
            assert after == {key: _plain(one) for key, one in before.items()}

    hold(law, runnable(), effort)


def _plain(value: object) -> object:
    """Return what :func:`outputs_of` gives as :func:`plain` has it."""
    if isinstance(value, tuple):
        return f"sha256:{value[2]}" if value[0] == "file" else value[1]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
