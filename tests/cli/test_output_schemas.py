"""What `--format json` prints is what the published schemas say."""

import json
from pathlib import Path

import jsonschema
import pytest

from fairwf.cli.outputs import output_schemas, outputs
from fairwf.version import VERSION
from tests.cli.conftest import Fairwf

CALLS = {
    "backends": ["backends"],
    "diff": ["diff", "{w}", "{w}"],
    "explain": ["explain"],
    "formats": ["formats"],
    "init": ["init"],
    "score": ["score", "{w}"],
    "validate": ["validate", "{w}"],
}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_the_output_of_a_verb_fits_its_schema(fairwf: Fairwf, workflow: Path, name: str) -> None:
    words = [word.format(w=workflow) for word in CALLS[name]]
    said = fairwf(*words, "--format", "json").json
    schema = output_schemas()[f"output-{name}.schema.json"]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(said)
    assert said["fairwf_version"] == VERSION


def test_a_report_of_a_conversion_fits_its_schema(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    fairwf("convert", workflow, "--to", "ir", "-o", tmp_path / "x.json", "--report", path)
    schema = output_schemas()["output-convert-report.schema.json"]
    jsonschema.Draft202012Validator(schema).validate(json.loads(path.read_text()))


def test_the_standing_of_a_run_fits_its_schema(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    fairwf("run", workflow, "--names", "x", "--run-dir", tmp_path / "run")
    said = fairwf("status", tmp_path / "run", "--format", "json").json
    jsonschema.Draft202012Validator(output_schemas()["output-status.schema.json"]).validate(said)


def test_the_reasons_of_a_step_fit_their_schema(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    fairwf("run", workflow, "--names", "x", "--run-dir", tmp_path / "run")
    (step, *_) = fairwf("convert", workflow, "--to", "ir", "-o", "-").json["workflow"]["steps"]
    said = fairwf("status", tmp_path / "run", "--why", step["id"], "--format", "json").json
    jsonschema.Draft202012Validator(output_schemas()["output-reasons.schema.json"]).validate(said)
    assert [each["code"] for each in said["reasons"]] == ["first"]
    shown = fairwf("status", tmp_path / "run", "--why", step["id"])
    assert shown.out.endswith(": ran: for the first time\n")
    wrong = fairwf("status", tmp_path / "run", "--why", step["id"] + "x")
    assert wrong.code == 2 and step["id"] in wrong.err
    assert fairwf("status", "--why", step["id"]).code == 2


def test_the_volumes_of_a_run_fit_their_schema(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    fairwf("run", workflow, "--names", "x", "--run-dir", tmp_path / "run")
    said = fairwf("status", tmp_path / "run", "--volumes", "--format", "json").json
    jsonschema.Draft202012Validator(output_schemas()["output-volumes.schema.json"]).validate(said)
    assert said["volumes"][-1]["step"] == "" and said["volumes"][-1]["tasks"] > 0
    shown = fairwf("status", tmp_path / "run", "--volumes").out.splitlines()
    assert len(shown) == 1 + len(said["volumes"]) and shown[-1].startswith("all ")
    assert fairwf("status", "--volumes").code == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lineage", ["--lineage", "hello.txt"]),
        ("query", ["SELECT ?a WHERE { ?a a prov:Activity }"]),
        ("query", ["ASK { ?a a prov:Activity }"]),
    ],
)
def test_answers_fit_their_schema(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, name: str, words: list[str]
) -> None:
    fairwf("run", workflow, "--names", "x", "--run-dir", tmp_path / "run")
    said = fairwf("query", tmp_path / "run", *words, "--format", "json").json
    schema = output_schemas()[f"output-{name}.schema.json"]
    jsonschema.Draft202012Validator(schema).validate(said)
    assert said["fairwf_version"] == VERSION


def test_every_verb_with_json_has_a_schema(fairwf: Fairwf) -> None:
    from fairwf.cli.program import VERBS

    with_json = {
        verb for verb in VERBS if "[text|json" in fairwf(verb, "--help").out.replace("\n", "")
    }
    assert with_json <= set(outputs())


def test_the_published_schemas_are_those_of_the_types(repository: Path) -> None:
    for name, schema in output_schemas().items():
        assert json.loads((repository / "schemas" / name).read_text()) == json.loads(
            json.dumps(schema)
        )
