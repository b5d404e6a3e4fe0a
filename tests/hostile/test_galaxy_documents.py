"""Galaxy workflows of strangers: whatever they hold, they end in diagnostics, and soon."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fairwf.conversion import check_document, convert_document, read_document
from fairwf.formats import Source
from fairwf.report import FairwfError, Report
from tests.hostile.conftest import SECRET, Fairwf

HEAD = {"a_galaxy_workflow": "true", "format-version": "0.1", "name": "w"}
WRONG = (None, True, 0, -1, 1e308, "", "x", "{", "9" * 30, [], [[]], [None], {}, {"a": 1})


def outcome(data: bytes, name: str = "x.ga") -> list[str]:
    """Read, check and convert a document; return the codes of its errors, none where it is good."""
    report = Report()
    try:
        document = read_document(Source(name=name, given=data), report, "galaxy")
        check_document(document, report)
        convert_document(document, "galaxy", report)
    except FairwfError as error:
        found = [d.code for d in error.report.errors]
        assert found
        assert all(len(d.message) <= 2000 for d in error.report)
        assert "FWF9003" not in found, [str(d) for d in error.report.errors]
        return found
    return []


def test_a_text_of_fifty_megabytes_in_one_line_is_refused_before_it_is_parsed(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    path = tmp_path / "big.ga"
    step = '"{}":{{"id":{},"type":"tool","tool_id":"cat1","tool_state":"{}"}},'
    with path.open("w") as stream:
        stream.write('{"a_galaxy_workflow":"true","format-version":"0.1","steps":{')
        for number in range(50):
            stream.write(step.format(number, number, "x" * 1024 * 1024))
        stream.write('"50":{}}}')
    said = fairwf("validate", path)
    assert said.code == 1
    assert "error[FWF1009]: a Galaxy workflow of more than 16 MiB is not read" in said.err
    assert len(said.err) < 2000


def nested(levels: int) -> dict[str, Any]:
    flow: dict[str, Any] = {**HEAD, "steps": {}}
    for _ in range(levels):
        step = {"id": 0, "type": "subworkflow", "subworkflow": flow}
        flow = {**HEAD, "steps": {"0": step}}
    return flow


def test_subworkflows_in_subworkflows_end_in_a_limit() -> None:
    assert outcome(json.dumps(nested(3)).encode()) == []
    assert outcome(json.dumps(nested(60)).encode()) == ["FWF1009"]


@pytest.mark.parametrize("inside", ["[" * 100_000, '{"a":' * 100_000, "[" * 500 + "]" * 500])
def test_states_and_documents_that_are_nested_too_deeply(inside: str) -> None:
    assert outcome(f'{{"a_galaxy_workflow": "true", "steps": {inside}'.encode())
    step = {"id": 0, "type": "tool", "tool_id": "cat1", "tool_state": inside}
    text = json.dumps({**HEAD, "steps": {"0": step}})
    assert set(outcome(text.encode())) <= {"FWF1701", "FWF1009"}


def test_a_cycle_is_named() -> None:
    steps = {
        str(n): {
            "id": n,
            "type": "tool",
            "tool_id": "cat1",
            "input_connections": {"input1": {"id": (n + 1) % 500, "output_name": "out"}},
        }
        for n in range(500)
    }
    assert outcome(json.dumps({**HEAD, "steps": steps}).encode()) == ["FWF2004"]


def test_faults_without_number_are_told_up_to_a_limit() -> None:
    steps = {str(n): {"type": n} for n in range(20_000)}
    found = outcome(json.dumps({**HEAD, "steps": steps}).encode())
    assert set(found) == {"FWF1701"} and len(found) <= 101


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield from places(item, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    result = copy.deepcopy(value)
    holder = result
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = new
    return result


@pytest.fixture(scope="module")
def whole(repository: Path) -> dict[str, Any]:
    """A workflow with a subworkflow, a condition and comments."""
    inner = json.loads((repository / "examples/galaxy/reads.ga").read_bytes())
    connection = {"id": 0, "output_name": "output", "input_subworkflow_step_id": 0}
    steps = {
        "0": inner["steps"]["0"],
        "1": {
            "id": 1,
            "type": "parameter_input",
            "label": "go",
            "tool_state": {"parameter_type": "boolean"},
        },
        "2": {
            "id": 2,
            "type": "subworkflow",
            "subworkflow": inner,
            "when": "$(inputs.when)",
            "input_connections": {"Reads": connection, "when": {"id": 1, "output_name": "output"}},
            "workflow_outputs": [{"label": "r", "output_name": "Quality report", "uuid": "u"}],
        },
    }
    comments = [{"id": 0, "type": "frame", "child_steps": [0, 1]}]
    return {**HEAD, "steps": steps, "comments": comments, "report": {"markdown": "# x"}}


@pytest.mark.parametrize("most", [250, pytest.param(100_000, marks=pytest.mark.long)])
def test_wrong_kinds_of_values_everywhere(whole: dict[str, Any], most: int) -> None:
    assert outcome(json.dumps(whole).encode()) == []
    trials = [(path, new) for path in places(whole) for new in WRONG]
    chosen = trials if most >= len(trials) else Random(8).sample(trials, most)
    for path, new in chosen:
        try:
            outcome(json.dumps(changed(whole, path, new)).encode())
        except Exception as error:
            raise AssertionError(f"{path} = {new!r}") from error


FORMAT2 = """\
class: GalaxyWorkflow
inputs: {x: data}
outputs: {}
steps:
  a:
    run: @
    in: {x: x}
"""


@pytest.mark.parametrize(
    "run",
    [
        "{'@import': ../../secret.yml}",
        "{import: ../../secret.yml}",
        "../../secret.yml",
        "https://example.org/x.ga",
        "base64://Y2xhc3M6IEdhbGF4eVdvcmtmbG93",
        "file:///etc/passwd",
    ],
)
def test_gxformat2_opens_and_fetches_nothing(
    fairwf: Fairwf, repository_of_a_stranger: Path, secret: Path, run: str
) -> None:
    path = repository_of_a_stranger / "x.gxwf.yml"
    path.write_text(FORMAT2.replace("@", run))
    said = fairwf("convert", path, "--to", "ir")
    assert SECRET not in said.out + said.err and "root:" not in said.out
    assert said.code in (0, 1)


@pytest.mark.parametrize(
    "key", ["inputs", "outputs", "steps", "comments", "creator", "tags", "doc"]
)
def test_gxformat2_of_wrong_kinds(key: str) -> None:
    base = {"class": "GalaxyWorkflow", "inputs": {"x": "data"}, "outputs": {}, "steps": {}}
    for new in WRONG:
        outcome(json.dumps({**base, key: new}).encode(), "x.yml")
