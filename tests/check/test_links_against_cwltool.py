"""Every pair of types as a link: what the checks say beside what the reference runner's says.

Where they differ, the pair falls into one of a few classes, each with its reason.
"""

import contextlib
import copy
import itertools
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from fairwf.check import check
from fairwf.formats import ReadOptions, Source
from fairwf.report import FairwfError, Report
from fairwf_cwl.read import read

checker = pytest.importorskip("cwltool.checker")

Kind = Any
ORDER = ("pass", "warning", "exception")


def array(items: Kind) -> Kind:
    return {"type": "array", "items": items}


def enum(*symbols: str) -> Kind:
    return {"type": "enum", "symbols": list(symbols)}


def record(**fields: Kind) -> Kind:
    return {"type": "record", "fields": [{"name": n, "type": t} for n, t in fields.items()]}


PRIMITIVES: list[Kind] = [
    "null", "boolean", "int", "long", "float", "double", "string", "File", "Directory", "Any",
]  # fmt: skip
KINDS: list[Kind] = [
    *PRIMITIVES,
    ["null", "int"],
    ["null", "File"],
    ["int", "string"],
    ["null", "int", "string"],
    array("int"),
    array("File"),
    ["null", array("File")],
    array(["null", "File"]),
    array(array("int")),
    ["File", array("File")],
    record(a="int"),
    record(a="int", b="string"),
    record(a="int", b=["null", "string"]),
    ["null", record(a="int")],
    enum("a", "b"),
    enum("a"),
    ["null", enum("a", "b")],
    array("Any"),
    array(enum("a")),
]


def parts(kind: Kind) -> list[Kind]:
    """The types inside a type, arrays opened."""
    if isinstance(kind, list):
        return [part for member in kind for part in parts(member)]
    if isinstance(kind, dict) and kind["type"] == "array":
        return parts(kind["items"])
    return [kind["type"] if isinstance(kind, dict) else kind]


def _numbers(source: Kind, sink: Kind) -> bool:
    widths = ("int", "long", "float", "double")
    return any(a != b and {a, b} <= set(widths) for a in parts(source) for b in parts(sink))


def _texts(source: Kind, sink: Kind) -> bool:
    return {"enum", "string"} <= set(parts(source)) | set(parts(sink))


def _symbols(source: Kind, sink: Kind) -> bool:
    return "enum" in parts(source) and "enum" in parts(sink)


def _any(source: Kind, sink: Kind) -> bool:
    return "Any" in parts(sink) and "null" in parts(source)


def _inside(source: Kind, sink: Kind) -> bool:
    """An array whose items may not fit, where the sink is a union."""
    return isinstance(sink, list) and len(parts(source)) > 1


Class = tuple[str, Callable[[Kind, Kind], bool]]
CLASSES: list[Class] = [
    ("a number may go where a wider one is wanted, and fits a narrower one if small", _numbers),
    ("a value of an enum is a string, and a string may be one of an enum", _texts),
    ("an enum with more symbols than wanted may give one that is not wanted", _symbols),
    ("Any is any value but null (Process v1.2, CWLType)", _any),
    ("what may be null inside an array is looked at in unions too", _inside),
]
FLATTENED: Class = (
    "null alone makes no link: int? never goes into File?, nor as an item of File?[]",
    lambda source, sink: "null" in parts(source) and "null" in parts(sink),
)


def ours(source: Kind, sink: Kind, merge: str | None) -> str:
    link = {"source": ["i"], "linkMerge": merge} if merge else {"source": "i"}
    tool = {
        "class": "CommandLineTool",
        "baseCommand": "true",
        "inputs": {"x": {"type": sink}},
        "outputs": {},
    }
    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "inputs": {"i": {"type": source}},
        "outputs": {},
        "steps": {"s": {"in": {"x": link}, "out": [], "run": tool}},
    }
    report = Report()
    given = Source(name="w.cwl", given=json.dumps(document).encode())
    with contextlib.suppress(FairwfError):
        check(read(given, ReadOptions(), report), report)
    if report.errors:
        assert [d.code for d in report.errors] == ["FWF2003"]
        assert report.errors[0].line == 1 and report.errors[0].column
        return "exception"
    return "warning" if [d for d in report if d.code == "FWF2012"] else "pass"


@pytest.mark.parametrize("merge", [None, "merge_nested", "merge_flattened"])
def test_links_get_the_verdict_of_the_reference_runner(merge: str | None) -> None:
    logging.getLogger("cwltool").setLevel(logging.ERROR)
    classes = [*CLASSES, FLATTENED] if merge == "merge_flattened" else CLASSES
    used: set[str] = set()
    apart = []
    for source, sink in itertools.product(KINDS, KINDS):
        found = ours(source, sink, merge)
        pair = copy.deepcopy((source, sink))
        theirs = checker.check_types(*pair, merge, None, None)
        if found == theirs:
            continue
        reasons = [reason for reason, holds in classes if holds(source, sink)]
        if not reasons:
            apart.append((source, sink, found, theirs))
        used.update(reasons)
    assert apart == []
    if merge != "merge_nested":
        assert used == {reason for reason, _ in classes}


@pytest.mark.parametrize(
    ("pick", "given", "wanted", "expected"),
    [
        ("first_non_null", array(["null", "File"]), "File", "pass"),
        ("first_non_null", array(["null", "File"]), array("File"), "exception"),
        ("the_only_non_null", array(["null", "int"]), "string", "exception"),
        ("all_non_null", array(["null", "File"]), array("File"), "pass"),
        ("all_non_null", array(["null", "File"]), "File", "exception"),
        ("all_non_null", array(array("int")), array(array("int")), "pass"),
        ("first_non_null", array(array("int")), array("int"), "pass"),
        ("first_non_null", "File", "File", "warning"),
    ],
)
def test_picked_values_are_judged_by_what_is_left(
    pick: str, given: Kind, wanted: Kind, expected: str
) -> None:
    tool = {"class": "CommandLineTool", "inputs": {"x": {"type": wanted}}, "outputs": {}}
    step = {"in": {"x": {"source": ["i"], "pickValue": pick}}, "out": [], "run": tool}
    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "inputs": {"i": {"type": given}},
        "outputs": {},
        "steps": {"s": step},
    }
    report = Report()
    source = Source(name="w.cwl", given=json.dumps(document).encode())
    check(read(source, ReadOptions(), report), report)
    codes = {"FWF2003": "exception", "FWF2012": "warning"}
    assert [codes[d.code] for d in report] == [] if expected == "pass" else [expected]
