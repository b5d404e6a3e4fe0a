"""`fairwf rerun`: a packaged run, from the crate alone, with every output compared."""

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fairwf import api
from fairwf.crates import check_crate
from fairwf.ir.expressions import Array, Expr, File
from fairwf.report import FairwfError, Report
from fairwf.verify.compare import Rules, compare
from fairwf.verify.packaged import Given

RUN = """\
cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}}
inputs:
  tables: {type: 'File[]'}
  note: {type: string?}
outputs:
  sums: {type: 'File[]', outputSource: add/sum}
  packed: {type: File, outputSource: pack/packed}
steps:
  add:
    run: add.cwl
    scatter: table
    in: {table: tables}
    out: [sum]
  pack:
    run: pack.cwl
    in: {sums: add/sum}
    out: [packed]
"""
ADD = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand:
- python3
- -c
- |
  import sys
  print(sum(map(float, open(sys.argv[1]))) * float(open("FACTOR").read()))
requirements:
  InitialWorkDirRequirement:
    listing: [{entryname: FACTOR, entry: '1.0'}]
inputs: {table: {type: File, inputBinding: {}}}
stdout: $(inputs.table.nameroot).sum
outputs: {sum: stdout}
"""
PACK = """\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'cat "$@" | gzip', sh]
inputs: {sums: {type: 'File[]', inputBinding: {}}}
stdout: all.gz
outputs: {packed: stdout}
"""


def fairwf(*words: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fairwf", *map(str, words)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The crate of a run; nothing that it was made from is there any more."""
    folder = tmp_path_factory.mktemp("made")
    work = folder / "work"
    work.mkdir()
    for name, text in (("main.cwl", RUN), ("add.cwl", ADD), ("pack.cwl", PACK)):
        (work / name).write_text(text)
    for name, numbers in (("a", "1.5\n2\n"), ("b", "3.25\n"), ("c", "1.5\n2\n")):
        (work / f"{name}.txt").write_text(numbers)
    names = [word for name in "abc" for word in ("--tables", work / f"{name}.txt")]
    done = fairwf("run", work / "main.cwl", *names, "--run-dir", folder / "run", "-q")
    assert done.returncode == 0, done.stderr
    done = fairwf("package", folder / "run", "-o", folder / "crate", "--license", "CC0-1.0", "-q")
    assert done.returncode == 0, done.stderr
    shutil.rmtree(work)
    shutil.rmtree(folder / "run")
    return folder / "crate"


@pytest.fixture
def crate(packaged: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy that a test may change."""
    yield Path(shutil.copytree(packaged, tmp_path / "crate"))


def verdicts(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    found: list[dict[str, Any]] = json.loads(done.stdout)["outputs"]
    return {f"{o['output']}/{o['name']}": o["verdict"] for o in found}


def test_outputs_are_the_same_and_the_new_crate_says_so(
    packaged: Path, tmp_path: Path, repository: Path
) -> None:
    target = tmp_path / "again"
    words = ("--run-dir", tmp_path / "run", "-o", target, "--format", "json", "-q")
    done = fairwf("rerun", packaged, *words)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    jsonschema.validate(
        said, json.loads((repository / "schemas/output-rerun.schema.json").read_bytes())
    )
    assert verdicts(done) == {
        "sums/a.sum": "same",
        "sums/b.sum": "same",
        "sums/c.sum": "same",
        "packed/all.gz": "same",
    }
    report = Report()
    check_crate(target, report)
    assert list(report) == []
    graph = json.loads((target / "ro-crate-metadata.json").read_bytes())["@graph"]
    told = {entity["@id"]: entity for entity in graph}
    assert {"@id": "#rerun"} in told["./"]["mentions"]
    assert told["#rerun"]["@type"] == "AssessAction"
    assert told["#rerun"]["description"] == "The outputs are same."
    assert len(told["#rerun"]["result"]) == 4
    assert len(told["#rerun-of"]["sha256"]) == 64


def test_a_zip_file_is_enough(packaged: Path, tmp_path: Path) -> None:
    archive = tmp_path / "crate.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in packaged.rglob("*"):
            opened.write(path, path.relative_to(packaged))
    done = fairwf("rerun", archive, "--run-dir", tmp_path / "run", "-q")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "same: 4 same")


def changed(crate: Path, factor: str) -> None:
    tool = crate / "workflow/add.cwl"
    tool.write_text(tool.read_text().replace("entry: '1.0'", f"entry: '{factor}'"))


def test_what_differs_is_told_with_its_place_and_fails(crate: Path, tmp_path: Path) -> None:
    changed(crate, "2.0")
    done = fairwf("rerun", crate, "--run-dir", tmp_path / "run", "--format", "json", "-q")
    assert done.returncode == 1
    assert set(verdicts(done).values()) == {"different"}
    details = {o["name"]: o["detail"] for o in json.loads(done.stdout)["outputs"]}
    assert details["b.sum"] == "first in line 1: '3.25' was expected, it is '6.5'"


def test_numbers_may_be_close_where_that_is_declared(crate: Path, tmp_path: Path) -> None:
    changed(crate, "1.0000000001")
    run = ("--run-dir", tmp_path / "run1", "--format", "json", "-q")
    assert fairwf("rerun", crate, *run).returncode == 1
    run = ("--run-dir", tmp_path / "run2", "--format", "json", "-q", "--tolerance", "1e-9")
    done = fairwf("rerun", crate, *run)
    assert done.returncode == 0, done.stdout
    assert set(verdicts(done).values()) == {"equivalent"}
    run = ("--run-dir", tmp_path / "run3", "-q", "--ignore", "sums", "--ignore", "*.gz")
    done = fairwf("rerun", crate, *run)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "same: 4 ignored")


def test_a_gzip_file_that_holds_the_same_is_equivalent(crate: Path, tmp_path: Path) -> None:
    tool = crate / "workflow/pack.cwl"
    tool.write_text(tool.read_text().replace("| gzip", "| gzip -1"))
    place = crate / "outputs/all.gz"
    held = gzip.decompress(place.read_bytes())
    done = fairwf("rerun", crate, "--run-dir", tmp_path / "run", "--format", "json", "-q")
    found = verdicts(done)
    assert (done.returncode, found["packed/all.gz"]) in ((0, "equivalent"), (0, "same"))
    assert gzip.decompress((tmp_path / "run/outputs/all.gz").read_bytes()) == held
    assert (tmp_path / "run/outputs/all.gz").read_bytes() != place.read_bytes()


def test_outputs_that_are_gone_or_new_are_told(crate: Path, tmp_path: Path) -> None:
    main = crate / "workflow/main.cwl"
    main.write_text(
        main.read_text().replace(
            "  packed: {type: File, outputSource: pack/packed}",
            "  other: {type: File, outputSource: pack/packed}",
        )
    )
    done = fairwf("rerun", crate, "--run-dir", tmp_path / "run", "--format", "json", "-q")
    assert done.returncode == 1
    found = verdicts(done)
    assert (found["packed/all.gz"], found["other/all.gz"]) == ("missing", "unexpected")


def test_a_run_that_fails_is_told_as_run_does(crate: Path, tmp_path: Path) -> None:
    (crate / "workflow/pack.cwl").write_text(PACK.replace("| gzip", "| false"))
    done = fairwf("rerun", crate, "--run-dir", tmp_path / "run", "-q")
    assert done.returncode == 1
    assert "error[FWF4001]" in done.stderr


@pytest.mark.parametrize("location", ["/etc/passwd", "../../secret", "file:///etc/passwd"])
def test_a_job_file_that_names_files_outside_is_refused(
    crate: Path, tmp_path: Path, location: str
) -> None:
    (tmp_path / "secret").write_text("secret")
    job = crate / "examples/job.json"
    told = json.loads(job.read_bytes())
    told["tables"][0]["location"] = location
    job.write_text(json.dumps(told))
    done = fairwf("rerun", crate, "--run-dir", tmp_path / "run", "-q")
    assert done.returncode == 1
    assert "error[FWF5006]" in done.stderr
    assert not list((tmp_path / "run").rglob("*.sum"))


def test_a_crate_without_a_run_cannot_be_run_again(tmp_path: Path, repository: Path) -> None:
    api.package(repository / "examples/quickstart/main.cwl", tmp_path / "crate")
    done = fairwf("rerun", tmp_path / "crate", "--run-dir", tmp_path / "run", "-q")
    assert done.returncode == 1
    assert "tells of no run" in done.stderr
    for wrong, code in ((tmp_path / "nothing", 1), (tmp_path, 1)):
        assert fairwf("rerun", wrong, "-q").returncode == code


def test_a_crate_without_a_job_file_is_run_from_what_its_action_says(
    crate: Path, tmp_path: Path
) -> None:
    """As crates of other producers are."""
    shutil.rmtree(crate / "examples")
    done = fairwf("rerun", crate, "--run-dir", tmp_path / "run", "-q")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "same: 4 same"


def test_the_python_function_gives_run_and_outcomes(packaged: Path, tmp_path: Path) -> None:
    done = api.rerun(packaged, run_dir=tmp_path / "run")
    assert (done.verdict, done.run.status) == ("same", "completed")
    assert {outcome.output for outcome in done.outcomes} == {"sums", "packed"}
    with pytest.raises(FairwfError):
        api.rerun(tmp_path / "nothing")


def test_arrays_of_files_as_runcrate_writes_them(crate: Path, tmp_path: Path) -> None:
    """A property value that refers to the files, none of which has a name or a SHA-256."""
    shutil.rmtree(crate / "examples")
    file = crate / "ro-crate-metadata.json"
    metadata = json.loads(file.read_bytes())
    told = {entity["@id"]: entity for entity in metadata["@graph"]}
    run = told["#run"]
    tables = [each for each in run["object"] if each["@id"].startswith("inputs/")]
    assert len(tables) == 3  # files of the same content and another name are not the same
    run["object"] = [{"@id": "#pv-tables"}]
    parameter = {"@id": "#parameter/in/tables"}
    assert told[parameter["@id"]]["name"] == "tables"
    metadata["@graph"].append(
        {"@id": "#pv-tables", "@type": "PropertyValue", "exampleOfWork": parameter, "value": tables}
    )
    told[parameter["@id"]]["name"] = "main/tables"
    for reference in (*tables, *run["result"]):
        entity = told[reference["@id"]]
        path = crate / reference["@id"]
        entity["sha1"] = hashlib.sha1(path.read_bytes()).hexdigest()
        del entity["sha256"], entity["name"]
    file.write_text(json.dumps(metadata))
    done = fairwf("rerun", crate, "--run-dir", tmp_path / "run", "-q")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "same: 4 same"


def test_files_of_one_name_are_compared_in_their_order(tmp_path: Path) -> None:
    """An engine that gives each task a folder has three ``n.txt`` where ours has ``n_2.txt``."""
    wanted, made = [], []
    for number, name in enumerate(("n.txt", "n_2.txt", "n_3.txt")):
        old, new = tmp_path / f"old/{number}/n.txt", tmp_path / f"new/{name}"
        for path, text in ((old, f"{number}.000"), (new, f"{number}.001")):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        wanted.append(
            Given("n.txt", sha256=hashlib.sha256(old.read_bytes()).hexdigest(), path=str(old))
        )
        made.append(File(location=str(new), basename=name))
    outputs: dict[str, Expr] = {"counts": Array(items=tuple(made))}

    def verdicts_of(rules: Rules) -> list[str]:
        found = compare(
            {"counts": wanted},
            outputs,
            lambda path: io.BytesIO(Path(path).read_bytes()),
            Path,
            rules,
        )
        return [outcome.verdict for outcome in found]

    assert verdicts_of(Rules()) == ["different"] * 3
    assert verdicts_of(Rules(tolerance=1.0)) == ["equivalent"] * 3
