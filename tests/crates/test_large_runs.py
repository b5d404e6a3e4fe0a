"""Runs of very many tasks: streamed, described by steps, each execution in N-Quads beside."""

import gzip
import json
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairwf.contexts import inline
from fairwf.crates import PackageOptions, open_crate, package_run, quads
from fairwf.crates.oracle import judge
from fairwf.crates.quads import QuadWriter, terms
from fairwf.engine import load_run, stream_run
from fairwf.engine.journal.facts import Done
from fairwf.engine.journal.log import line_of, read_log
from fairwf.entities.versions import VERSIONS
from fairwf.ir.expressions import FloatLit
from fairwf.provenance import Lineage, provenance, query
from fairwf.report import InvalidError, Report
from fairwf.trace import Run, RunStream, Task
from tests.crates.example_run import SCRIPT_NAME, example_run

pyoxigraph = pytest.importorskip("pyoxigraph")
BY_STEPS = PackageOptions(most_tasks=3, published="2026-11-24")


@pytest.fixture(scope="module")
def large(example: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's crate, described by steps."""
    crate = tmp_path_factory.mktemp("large") / "crate"
    package_run(example, crate, BY_STEPS)
    return crate


def entities(crate: Path) -> dict[str, dict[str, Any]]:
    graph = json.loads((crate / "ro-crate-metadata.json").read_bytes())["@graph"]
    return {entity["@id"]: entity for entity in graph}


def test_the_metadata_describes_steps_with_their_totals(large: Path) -> None:
    told = entities(large)
    cleaned = told["#executions/analyse/clean"]
    assert cleaned["name"] == "2 runs of Clean a table"
    assert cleaned["description"] == "All executions together: 2 completed."
    usage = {told[u["@id"]]["name"]: told[u["@id"]]["value"] for u in cleaned["resourceUsage"]}
    assert (usage["user CPU time"], usage["maximum resident set size"]) == (0.25, 2048)
    assert not [identifier for identifier in told if "item%20" in identifier]
    control = told["#control/executions/analyse/analyse/clean"]
    assert control["object"] == {"@id": cleaned["@id"]}
    assert "3 tasks done" in told["./"]["description"]


def test_each_step_has_a_file_that_is_about_its_executions(large: Path) -> None:
    told = entities(large)
    files = {i: e for i, e in told.items() if i.startswith("provenance/")}
    assert sorted(entity["about"]["@id"] for entity in files.values()) == [
        "#executions/analyse",
        "#executions/analyse/clean",
        "#executions/analyse/count",
        "#executions/gather",
    ]
    for identifier, entity in files.items():
        assert {"@id": identifier} in told["./"]["hasPart"]
        assert entity["contentSize"] == (large / identifier).stat().st_size
        lines = gzip.decompress((large / identifier).read_bytes()).count(b"\n")
        assert entity["description"].endswith(f", as {lines} N-Quads.")


def test_all_required_checks_hold(large: Path) -> None:
    pytest.importorskip("rocrate_validator")
    found = judge(large)
    assert found.profile == "provenance-run-crate-0.5"
    assert found.total["REQUIRED"] == 85
    assert not found.failed("REQUIRED")


def test_metadata_and_files_together_tell_every_execution(large: Path, example_crate: Path) -> None:
    """The lineage is that of the crate which describes each execution in its metadata."""
    executions = {}
    for place in (large, example_crate):
        with open_crate(place) as crate:
            found = Lineage(provenance(crate)).lineage(SCRIPT_NAME)
            executions[place] = {node.name for _, node in found.activities}
            asked = query(crate, "SELECT (COUNT(?a) AS ?n) { ?a a schema:CreateAction }")
            assert asked.rows == (("12" if place == large else "8",),)  # type: ignore[union-attr]
    assert executions[large] == executions[example_crate]


def test_the_quads_of_entities_are_those_of_their_json_ld(
    example_crate: Path, tmp_path: Path
) -> None:
    metadata = json.loads((example_crate / "ro-crate-metadata.json").read_bytes())
    context = VERSIONS["0.5"].context
    base = "arcp://uuid,3f1e6b1c-58a3-4c7e-9d43-0d9f3f3f0001/"
    extra = {"@type": "PropertyValue", "@id": "#x", "value": [1.5e-7, 2.0, -3, True, 'a"\\\n\x01é']}
    metadata["@graph"].append(extra)
    with (tmp_path / "x.nq.gz").open("wb") as stream, QuadWriter(stream, terms(context), base) as w:
        for entity in metadata["@graph"]:
            w.add(entity)
    text = json.dumps({"@context": inline(context), "@graph": metadata["@graph"]})
    expected = set(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.JSON_LD, base_iri=base))
    data = gzip.decompress((tmp_path / "x.nq.gz").read_bytes())
    assert set(pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.N_QUADS)) == expected
    assert w.quads == data.count(b"\n")


def test_the_same_run_gives_the_same_octets(large: Path, example: Run, tmp_path: Path) -> None:
    package_run(RunStream.of(example), tmp_path / "again", BY_STEPS)
    for path in large.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(large)).read_bytes()


def test_the_order_is_that_of_streaming_json_ld(large: Path) -> None:
    text = (large / "ro-crate-metadata.json").read_text()
    assert list(json.loads(text)) == ["@context", "@graph"]
    for entity in json.loads(text)["@graph"]:
        assert list(entity)[:2] == ["@type", "@id"]


def test_a_failed_task_fails_its_step(tmp_path: Path) -> None:
    package_run(example_run(tmp_path / "run", fails=True), tmp_path / "crate", BY_STEPS)
    told = entities(tmp_path / "crate")
    assert told["#executions/gather"]["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert told["#executions/gather"]["error"] == "ended with exit code 3"
    assert told["#executions/analyse/clean"]["actionStatus"].endswith("CompletedActionStatus")


def many(example: Run, count: int) -> RunStream:
    """A stream of as many executions of one step as wanted, made while it is read."""
    task = next(t for t in example.tasks if t.step == ("analyse", "clean"))

    def tasks() -> Iterator[Task]:
        for number in range(count):
            limit = {**task.inputs, "limit": FloatLit(value=float(number))}
            yield msgspec.structs.replace(
                task, id=f"t{number}", index=(str(number),), inputs=limit, cpu_user_s=number / 7
            )

    return RunStream(msgspec.structs.replace(example, tasks=()), count, tasks)


def test_memory_does_not_grow_with_the_number_of_tasks(
    example: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quads, "_MOST_SEEN", 500)
    peaks = []
    package_run(many(example, 100), tmp_path / "warm", BY_STEPS)
    for count in (1000, 4000):
        tracemalloc.start()
        package_run(many(example, count), tmp_path / f"crate{count}", BY_STEPS)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # a block of a file that is measured may be a MiB; 3,000 tasks would be several
    assert peaks[1] < peaks[0] + 1024**2, peaks
    with gzip.open(tmp_path / "crate4000/provenance/analyse.clean.nq.gz") as stream:
        assert stream.read().count(b"schema.org/CreateAction> .\n") == 4000


def test_a_stream_of_a_run_directory_is_its_record(repository: Path, tmp_path: Path) -> None:
    ir, folder = repository / "examples/ir", tmp_path / "run"
    words = [ir / "streams.ir.yml", ir / "streams.job.yml", "--run-dir", folder, "-q"]
    command = [sys.executable, "-m", "fairwf", "run", *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    done = [fact for _, fact in read_log(folder / "journal.log") if isinstance(fact, Done)]
    with (folder / "journal.log").open("ab") as log:  # the last execution was repeated
        log.write(line_of(msgspec.structs.replace(done[-1], attempt=2)))
    stream, record = stream_run(folder), load_run(folder)
    assert stream.whole() == record
    assert (stream.count, stream.run.tasks) == (len(done) + 1, ())
    assert [task.id for task in record.tasks if "@" in task.id] == [f"{done[-1].key}@1"]


def test_bombs_and_damage_beside_the_metadata_are_told(large: Path, tmp_path: Path) -> None:
    crate = tmp_path / "crate"
    shutil.copytree(large, crate)
    victim = crate / "provenance/gather.nq.gz"
    whole = victim.read_bytes()
    bomb = gzip.compress(b"\n" * (300 * 1024 * 1024), 9, mtime=0)
    for data, code in ((whole[:-20], "FWF5001"), (b"plain", "FWF5001"), (bomb, "FWF5006")):
        victim.write_bytes(data)
        with open_crate(crate) as opened, pytest.raises(InvalidError) as caught:
            query(opened, "ASK { ?a ?b ?c }")
        assert caught.value.report.diagnostics[0].code == code


def test_it_is_told_and_intermediate_files_are_not_copied(example: Run, tmp_path: Path) -> None:
    report = Report()
    package_run(example, tmp_path / "c", PackageOptions(most_tasks=3, intermediate=True), report)
    assert [d.code for d in report] == ["FWF5020"]
    assert "not copied" in report.diagnostics[0].message


def test_a_table_of_executions_in_parquet(example: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for most in (3, 5000):
        crate = tmp_path / str(most)
        package_run(example, crate, PackageOptions(most_tasks=most, table=True))
        table = parquet.read_table(crate / "provenance" / "executions.parquet")
        rows = table.to_pylist()
        assert len(rows) == len(example.tasks)
        cleaned = next(row for row in rows if row["step"] == "analyse/clean")
        assert cleaned["status"] == "completed"
        assert cleaned["elapsed_s"] >= 0
        assert cleaned["max_rss_bytes"] == 2048 * 1024
        told = entities(crate)["provenance/executions.parquet"]
        assert told["encodingFormat"] == "application/vnd.apache.parquet"
        if most == 5000:
            assert all(row["id"] in entities(crate) for row in rows if row["status"] != "skipped")
