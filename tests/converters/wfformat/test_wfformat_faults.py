"""Wrong documents: told with place, reason and hint, and exactly where the schema forbids them."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwf.formats import ReadOptions, Source, converter
from fairwf.report import Diagnostic, InvalidError, Report

WFFORMAT = converter("wfformat")

GOOD: dict[str, Any] = {
    "name": "two",
    "schemaVersion": "1.5",
    "createdAt": "2024-01-01T00:00:00Z",
    "author": {"name": "A", "email": "a@example.org"},
    "runtimeSystem": {"name": "make", "version": "4"},
    "workflow": {
        "specification": {
            "tasks": [
                {
                    "name": "first",
                    "id": "t1",
                    "parents": [],
                    "children": ["t2"],
                    "inputFiles": [],
                    "outputFiles": ["a.txt"],
                },
                {
                    "name": "second",
                    "id": "t2",
                    "parents": ["t1"],
                    "children": [],
                    "inputFiles": ["a.txt"],
                    "outputFiles": [],
                },
            ],
            "files": [{"id": "a.txt", "sizeInBytes": 3}],
        },
        "execution": {
            "makespanInSeconds": 2.5,
            "executedAt": "2024-01-01T00:00:00Z",
            "tasks": [
                {
                    "id": "t1",
                    "runtimeInSeconds": 1.0,
                    "coreCount": 2,
                    "command": {"program": "p", "arguments": ["x"]},
                    "machines": ["m"],
                },
                {"id": "t2", "runtimeInSeconds": 1.5, "machines": ["m"]},
            ],
            "machines": [
                {"nodeName": "m", "system": "linux", "memoryInBytes": 8, "cpu": {"coreCount": 4}}
            ],
        },
    },
}


def findings(data: bytes | str) -> list[Diagnostic]:
    """All findings of reading a text; the reader fails exactly when one is an error."""
    assert WFFORMAT.read is not None
    report = Report()
    given = data.encode() if isinstance(data, str) else data
    try:
        WFFORMAT.read(Source("two.json", given=given), ReadOptions(), report)
    except InvalidError as error:
        assert error.report.errors
        return list(error.report)
    assert report.ok
    return list(report)


def changed(path: str, value: Any) -> str:
    """The good document with one value changed, or removed where the value is `...`."""
    document = copy.deepcopy(GOOD)
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    place: Any = document
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document, indent=1)


def at(text: str, finding: Diagnostic) -> str:
    """The text from where a finding points."""
    assert finding.line is not None
    assert finding.column is not None
    return text.splitlines()[finding.line - 1][finding.column - 1 :]


def test_the_good_document_has_no_finding() -> None:
    assert findings(json.dumps(GOOD)) == []


TASKS = "workflow/specification/tasks"
RUNS = "workflow/execution/tasks"


@pytest.mark.parametrize(
    ("path", "value", "message", "points_at"),
    [
        (f"{TASKS}/1/name", ..., "the key 'name' is missing", "{"),
        (f"{TASKS}/1/name", 3, "expected a text, found a number", "3"),
        (f"{TASKS}/1/name", "", "the text is empty", '""'),
        (f"{TASKS}/1/parents", "t1", "expected a list, found a text", '"t1"'),
        (f"{TASKS}/1/parents/0", "t 1", "has a character that is not allowed", '"t 1"'),
        (f"{TASKS}", [], "the list is empty", "[]"),
        ("workflow/specification/files/0/sizeInBytes", -1, "-1 is less than 0", "-1"),
        ("workflow/specification/files/0/sizeInBytes", 1.5, "expected a whole number", "1.5"),
        (f"{RUNS}/0/runtimeInSeconds", None, "expected a number, found null", "null"),
        (f"{RUNS}/0/runtimeInSeconds", True, "expected a number, found a truth value", "true"),
        (f"{RUNS}/0/runtimeInSeconds", 10**400, "beyond the range of 64-bit floats", "1000"),
        (f"{RUNS}/0/coreCount", 0, "0 is less than 1", "0"),
        ("workflow/execution/machines/0/system", "plan9", "'plan9' is not allowed here", '"plan9"'),
        ("workflow", [], "expected an object, found a list", "[]"),
        ("author/email", ..., "the key 'email' is missing", "{"),
    ],
)
def test_a_broken_schema_is_told_where_it_is_broken(
    path: str, value: Any, message: str, points_at: str
) -> None:
    text = changed(path, value)
    [finding] = findings(text)
    assert finding.code == "FWF1201"
    assert message in finding.message
    assert at(text, finding).startswith(points_at)


@pytest.mark.parametrize(
    ("path", "value", "severity", "message", "points_at"),
    [
        (f"{TASKS}/1/id", "t1", "error", "the task 't1' stands twice", '"t1"'),
        (f"{TASKS}/1/parents/0", "t3", "error", "the parent 't3' of 't2' is no task", '"t3"'),
        (f"{TASKS}/0/children/0", "t3", "error", "the child 't3' of 't1' is no task", '"t3"'),
        (f"{TASKS}/0/parents", ["t2"], "error", "tasks wait for each other: t", "["),
        (f"{TASKS}/0/parents", ["t1"], "error", "wait for each other: t1 -> t1", "["),
        (f"{TASKS}/0/children", [], "warning", "which does not name it", '"t1"'),
        (f"{TASKS}/1/parents", [], "warning", "which does not name it", '"t2"'),
        (f"{TASKS}/1/inputFiles/0", "b.txt", "warning", "'b.txt' is not in the list", '"b.txt"'),
        (f"{TASKS}/1/outputFiles", ["a.txt"], "warning", "is an output of two tasks", '"a.txt"'),
        ("workflow/specification/files", ..., "warning", "there is no list of files", "{"),
        (f"{RUNS}/1/id", "t9", "error", "'t9' is not in the specification", '"t9"'),
        (f"{RUNS}/1/id", "t1", "error", "the task 't1' is executed twice", '"t1"'),
        (f"{RUNS}/1", ..., "warning", "1 tasks have no execution", "["),
        (f"{RUNS}/1/machines/0", "n", "warning", "'n' is not in the list of machines", '"n"'),
    ],
)
def test_contradictions_are_told_where_they_stand(
    path: str, value: Any, severity: str, message: str, points_at: str
) -> None:
    text = changed(path, value)
    found = [f for f in findings(text) if message in f.message]
    assert found
    assert (found[0].code, found[0].severity) == ("FWF1203", severity)
    assert at(text, found[0]).startswith(points_at)


def test_a_mistyped_name_gets_a_hint() -> None:
    [finding] = findings(changed(f"{TASKS}/1/inputFiles/0", "a.text"))
    assert finding.hint == "did you mean 'a.txt'?"
    document = copy.deepcopy(GOOD)
    task = document["workflow"]["specification"]["tasks"][0]
    task["parent"] = task.pop("parents")
    [finding] = findings(json.dumps(document))
    assert finding.hint == "the key 'parent' may be meant: rename it"


@pytest.mark.parametrize("version", ["2.0", "1.7", 1.5, None])
def test_an_unknown_version_is_told_with_the_known_ones(version: Any) -> None:
    text = changed("schemaVersion", version)
    [finding] = findings(text)
    assert finding.code == "FWF1202"
    assert finding.line == 3
    assert finding.hint is not None
    assert "1.5" in finding.hint


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b'{"name": "a",\n "schemaVersion": }', "FWF1004", 2),
        (b'{"schemaVersion": "1.5",\n "name": "a", "name": "b"}', "FWF1004", 2),
        (b'{"schemaVersion": "1.5",\n "name": NaN}', "FWF1004", 2),
        (b'{"schemaVersion": "1.5",\n "name": -Infinity}', "FWF1004", 2),
        (b'{"schemaVersion": "1.5",\n "x": 1e999}', "FWF1004", 2),
        (b'{"schemaVersion": "1.5", "name": "\xff"}', "FWF1003", 1),
        (b'{"schemaVersion": "1.5", "name": "\\ud800"}', "FWF1003", None),
        (b'{"schemaVersion": "1.5", "name": ' + b"[" * 100_000, "FWF1009", None),
        (b'{"schemaVersion": "1.5", "name": ' + b"9" * 10_000 + b"}", "FWF1004", None),
        (b"[]", "FWF1201", 1),
        (b'{"name": "a"}', "FWF1201", 1),
    ],
)
def test_what_is_no_json_is_told(data: bytes, code: str, line: int | None) -> None:
    [finding] = findings(data)
    assert (finding.code, finding.line) == (code, line)


def test_all_faults_are_told_up_to_a_limit() -> None:
    document = copy.deepcopy(GOOD)
    tasks = document["workflow"]["specification"]["tasks"]
    tasks.extend({"id": f"x{i}", "parents": [], "children": []} for i in range(150))
    found = findings(json.dumps(document))
    assert len(found) == 101
    assert found[-1].message == "and 50 more faults"


def test_contradictions_of_a_kind_are_told_up_to_a_limit() -> None:
    document = copy.deepcopy(GOOD)
    task = document["workflow"]["specification"]["tasks"][0]
    task["inputFiles"] = [f"x{i}" for i in range(50)]
    found = findings(json.dumps(document))
    assert len(found) == 21
    assert found[-1].message.startswith("and 30 more findings like this")


VALUES = st.sampled_from(
    [None, True, 0, 1, -1, 1.5, 2.0, "", "x", "t1", "t 1", "a#b", "linux", [], [1], ["x"], [""], {}]
)


def paths(value: Any, way: tuple[str, ...] = ()) -> list[str]:
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    found = ["/".join(way)] if way else []
    for key, item in items:
        found += paths(item, (*way, str(key)))
    return found


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(paths(GOOD)), value=VALUES | st.just(...))
def test_the_reader_and_the_published_schema_agree(
    path: str, value: Any, schemas: dict[str, Any]
) -> None:
    text = changed(path, value)
    valid = jsonschema.Draft7Validator(schemas["newest"]).is_valid(json.loads(text))
    invalid = [f for f in findings(text) if f.code in ("FWF1201", "FWF1202")]
    assert valid == (not invalid), invalid
