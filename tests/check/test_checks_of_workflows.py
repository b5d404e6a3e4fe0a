"""What the checks find: each case is a small document with one fault and what must be said."""

from typing import Any

import pytest

from fairwf.check import check
from fairwf.document import Document
from fairwf.ir import codec
from fairwf.ir.expressions import Record
from fairwf.ir.origins import Origins, Span
from fairwf.ir.ports import OutputPort
from fairwf.ir.types import IntType
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Pure
from fairwf.report import Report

TOOL: dict[str, Any] = {
    "kind": "command",
    "id": "tool",
    "inputs": [{"id": "file", "type": {"kind": "File"}}, {"id": "count", "type": {"kind": "int"}}],
    "outputs": [{"id": "result", "type": {"kind": "File"}, "collect": {"kind": "stdout"}}],
    "arguments": [{"value": {"kind": "input", "name": "file"}}],
}
FILE = {"kind": "input", "name": "file"}
COUNT = {"kind": "int_lit", "value": 1}


def out(step: str, port: str = "result") -> dict[str, Any]:
    return {"kind": "output", "step": step, "port": port}


def array(items: str) -> dict[str, Any]:
    return {"kind": "array", "items": {"kind": items}}


def call(function: str, *args: Any) -> dict[str, Any]:
    return {"kind": "call", "function": function, "args": list(args)}


def step(id: str = "a", **fields: Any) -> dict[str, Any]:
    whole = {"id": id, "run": TOOL, "in": {"file": FILE, "count": COUNT}, **fields}
    return {key: value for key, value in whole.items() if value is not None}


def workflow(*steps: Any, inputs: Any = None, outputs: Any = ()) -> dict[str, Any]:
    given = inputs or [{"id": "file", "type": {"kind": "File"}}]
    return {"kind": "workflow", "inputs": given, "steps": list(steps), "outputs": list(outputs)}


def findings(plain: dict[str, Any], **options: Any) -> list[tuple[str, str | None, str]]:
    document = Document(workflow=codec.from_plain(plain))
    report = check(document, Report(), **options)
    return [(d.code, d.path, f"{d.message} | {d.hint}") for d in report]


FILES = [{"id": "file", "type": {"kind": "File"}}, {"id": "files", "type": array("File")}]
DEMAND = {"kind": "demand", "keys": [{"name": "n", "type": {"kind": "int"}}]}
REF = {"kind": "ref", "name": "w"}
OUTPUT_TEXT = {"id": "x", "type": {"kind": "string"}}

ENUM = {"kind": "optional", "item": {"kind": "enum", "symbols": ["red", "green"]}}
COLOURED: dict[str, Any] = {
    "kind": "command",
    "inputs": [
        {"id": "colour", "type": ENUM},
        {
            "id": "more",
            "type": {"kind": "optional", "item": {"kind": "array", "items": ENUM["item"]}},
        },
    ],
}


def text(value: str) -> dict[str, Any]:
    return {"kind": "string_lit", "value": value}


def many(*items: Any) -> dict[str, Any]:
    return {"kind": "array_of", "items": list(items)}


def globbing(pattern: Any) -> dict[str, Any]:
    file = {"kind": "optional", "item": {"kind": "File"}}
    collect = {"kind": "glob", "patterns": [pattern]}
    return {
        "kind": "command",
        "inputs": [{"id": "maybe", "type": file}],
        "outputs": [{"id": "o", "type": file, "collect": collect}],
    }


CASES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "an input that does not exist": (
        workflow(step(**{"in": {"file": {"kind": "input", "name": "flie"}, "count": COUNT}})),
        "FWF2001", "/steps/a/in/file", "no input is called 'flie' | did you mean 'file'?",
    ),
    "a step that does not exist": (
        workflow(step("align"), step("b", **{"in": {"file": out("aling"), "count": COUNT}})),
        "FWF2001", "/steps/b/in/file", "no step is called 'aling' | did you mean 'align'?",
    ),
    "an output that does not exist": (
        workflow(
            step("align"), step("b", **{"in": {"file": out("align", "resutl"), "count": COUNT}})
        ),
        "FWF2001", "/steps/b/in/file", "no output 'resutl' | did you mean 'result'?",
    ),
    "a process that does not exist": (
        workflow(step(run={"kind": "ref", "name": "nothing"})),
        "FWF2001", "/steps/a/run", "no process is called 'nothing'",
    ),
    "a step named in after that does not exist": (
        workflow(step(after=["b"])), "FWF2001", "/steps/a", "no step is called 'b'",
    ),
    "a name of each outside it": (
        workflow(step(**{"in": {"file": {"kind": "local", "name": "x"}, "count": COUNT}})),
        "FWF2001", "/steps/a/in/file", "no local name is called 'x'",
    ),
    "two steps of one name": (
        workflow(step("a"), step("a")), "FWF2002", "/steps/1", "two steps are called 'a'",
    ),
    "an output of a step inside a tool": (
        workflow(step(run={**TOOL, "arguments": [{"value": out("a")}]})),
        "FWF2011", "/steps/a/run/arguments/0/value", "has no meaning in an argument",
    ),
    "the state of a loop in a step that does not loop": (
        workflow(step(when={"kind": "state", "name": "s"})),
        "FWF2011", "/steps/a/when", "the state of a loop exists only in the step that loops",
    ),
    "the runtime in a link": (
        workflow(step(**{"in": {"file": FILE, "count": {"kind": "runtime", "name": "cores"}}})),
        "FWF2011", "/steps/a/in/count", "runtime.cores has no meaning in step 'a'",
    ),
    "a wrong type": (
        workflow(step(**{"in": {"file": FILE, "count": {"kind": "string_lit", "value": "x"}}})),
        "FWF2003", "/steps/a/in/count", "string is given, but int is wanted",
    ),
    "an array where one is wanted": (
        workflow(
            step(**{"in": {"file": {"kind": "input", "name": "files"}, "count": COUNT}}),
            inputs=FILES,
        ),
        "FWF2003", "/steps/a/in/file", "File[] is given, but File is wanted | scatter the step",
    ),
    "a condition that is a number": (
        workflow(step(when=COUNT)), "FWF2003", "/steps/a/when", "int32 is given, but bool",
    ),
    "a member of a record": (
        workflow(
            step(**{"in": {"file": FILE, "count": {
                "kind": "attr", "name": "agee",
                "of": {"kind": "record_of", "fields": {"age": COUNT}}}}}),
        ),
        "FWF2003", "/steps/a/in/count", "no member 'agee' | did you mean 'age'?",
    ),
    "an attribute of a file": (
        workflow(
            step(**{"in": {"file": FILE, "count": {"kind": "attr", "name": "sice", "of": FILE}}})
        ),
        "FWF2003", "/steps/a/in/count", "no attribute 'sice' | did you mean 'size'?",
    ),
    "an argument of a function": (
        workflow(step(**{"in": {"file": FILE, "count": call("add", COUNT, {"kind": "none_lit"})}})),
        "FWF2003", "/steps/a/in/count/args/1", "argument 2 of add is none",
    ),
    "a step that waits for itself": (
        workflow(step("a", **{"in": {"file": out("a"), "count": COUNT}})),
        "FWF2004", "/steps/a/in/file", "step 'a' waits for itself",
    ),
    "steps in a circle": (
        workflow(
            step("a", **{"in": {"file": out("b"), "count": COUNT}}),
            step("b", after=["c"]),
            step("c", **{"in": {"file": out("a"), "count": COUNT}}),
        ),
        "FWF2004", "/steps/a/in/file", "steps wait for each other: a -> b -> c -> a",
    ),
    "a process inside itself": (
        {**workflow(step(run=REF, **{"in": {"file": FILE}})), "processes": {
            "w": workflow(step(run=REF, **{"in": {"file": FILE}}))}},
        "FWF2004", "/processes/w", "processes contain themselves: w -> w",
    ),
    "an input without a value": (
        workflow(step(**{"in": {"file": FILE}})),
        "FWF2005", "/steps/a", "gives its input 'count' (int) no value",
    ),
    "an output of a workflow without a value": (
        workflow(step(), outputs=[OUTPUT_TEXT]), "FWF2005", "/outputs/x", "nothing gives output",
    ),
    "a value for an input that does not exist": (
        workflow(step(**{"in": {"file": FILE, "conut": COUNT}})),
        "FWF2006", "/steps/a/in/conut", "no such input | did you mean 'count'?",
    ),
    "a scatter over one file": (
        workflow(step(scatter={"kind": "scatter", "over": [{"name": "f", "value": FILE}]})),
        "FWF2007", "/steps/a/scatter/over/f/value", "scatters over File, which has no items",
    ),
    "a scatter over arrays of unequal length": (
        workflow(step(scatter={"kind": "scatter", "over": [
            {"name": "f", "value": many(COUNT, COUNT)}, {"name": "g", "value": many(COUNT)}]})),
        "FWF2012", "/steps/a/scatter", "unequal length: [2, 1] | scatter over a crossproduct",
    ),
    "a scatter over nothing": (
        workflow(step(scatter={"kind": "scatter", "over": []})),
        "FWF2007", "/steps/a/scatter", "scatters over nothing",
    ),
    "an unknown function": (
        workflow(step(when=call("dfined", COUNT))),
        "FWF2008", "/steps/a/when", "no standard function 'dfined' | did you mean 'defined'?",
    ),
    "too many arguments": (
        workflow(step(when=call("not", COUNT, COUNT))),
        "FWF2008", "/steps/a/when", "not takes 1 argument(s), 2 given",
    ),
    "a value that may be none": (
        workflow(
            step("a", when={"kind": "bool_lit", "value": True}),
            step("b", **{"in": {"file": out("a"), "count": COUNT}}),
        ),
        "FWF2012", "/steps/b/in/file", "File? is given, but File is wanted: it may be none",
    ),
    "a keyed collection taken whole": (
        workflow(
            step("a", scatter=DEMAND), step("b", **{"in": {"file": out("a"), "count": COUNT}})
        ),
        "FWF2013", "/steps/b/in/file", "only an index by key gives a value",
    ),
    "a step after one on demand": (
        workflow(step("a", scatter=DEMAND), step("b", after=["a"])),
        "FWF2013", "/steps/b", "is never complete",
    ),
    "a key of the wrong type": (
        workflow(step("a", scatter=DEMAND), step("b", **{"in": {"count": COUNT, "file": {
            "kind": "index", "of": out("a"),
            "by": {"kind": "record_of", "fields": {"n": {"kind": "string_lit", "value": "1"}}}}}})),
        "FWF2013", "/steps/b/in/file/by", "the key is record{n: string}",
    ),
    "a text that an enum does not have": (
        workflow(step(run=COLOURED, **{"in": {"colour": text("gren")}})),
        "FWF2003", "/steps/a/in/colour", "the text 'gren' is given, but enum{red, green}? is wanted"
        " | did you mean 'green'?",
    ),
    "a text in an array that an enum does not have": (
        workflow(step(run=COLOURED, **{"in": {"more": many(text("red"), text("blue"))}})),
        "FWF2003", "/steps/a/in/more/items/1", "the text 'blue' is given, but enum{red, green}",
    ),
    "a default that can never be used": (
        workflow(step(run={**COLOURED, "inputs": [{**COLOURED["inputs"][0], "default": COUNT}]},
                      **{"in": {}})),
        "FWF2012", "/steps/a/run/inputs/colour/default", "it can never be used",
    ),
    "a pattern that is a file": (
        workflow(step(run=globbing({"kind": "input", "name": "maybe"}), **{"in": {}})),
        "FWF2012", "/steps/a/run/outputs/o/collect/patterns/maybe", "only none fits",
    ),
    "a pattern that is absolute": (
        workflow(step(run=globbing(text("/tmp/x")), **{"in": {}})),
        "FWF2012", "/steps/a/run/outputs/o/collect/patterns/0", "the pattern '/tmp/x' is absolute",
    ),
    "a pattern that leads out of the folder": (
        workflow(step(run=globbing({"kind": "template", "parts": [text("a/../../x"), COUNT]}),
                      **{"in": {}})),
        "FWF2012", "/steps/a/run/outputs/o/collect/patterns/0/parts/0", "leads out of it",
    ),
    "a log that no output takes": (
        workflow(step(run={**globbing(text("*.txt")), "stderr": text("log")}, **{"in": {}})),
        "FWF2009", "/steps/a/run/stderr", "standard error is kept in 'log', which no output takes"
        " | add an output of type stderr",
    ),
    "a loop without an end": (
        workflow(
            step(loop={"state": {}, "next": {}, "until": {"kind": "bool_lit", "value": False}})
        ),
        "FWF2014", "/steps/a/loop/until", "never ends",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_once_with_its_place_and_a_hint(name: str) -> None:
    plain, code, path, text = CASES[name]
    found = findings(plain)
    assert [(c, p) for c, p, _ in found] == [(code, path)], found
    assert text in found[0][2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", text("red")),
        ("colour", {"kind": "none_lit"}),
        ("more", many(text("red"), text("green"))),
        ("colour", call("default", {"kind": "none_lit"}, text("green"))),
        ("colour", {"kind": "if", "test": {"kind": "bool_lit", "value": True},
                    "then": text("red"), "otherwise": text("green")}),
    ],
)  # fmt: skip
def test_texts_that_an_enum_has_are_silent(name: str, value: Any) -> None:
    assert findings(workflow(step(run=COLOURED, **{"in": {name: value}}))) == []


def test_a_text_that_is_computed_may_not_be_one_of_an_enum() -> None:
    computed = {"kind": "template", "parts": [text("r"), text("ed")]}
    found = findings(workflow(step(run=COLOURED, **{"in": {"colour": computed}})))
    assert [code for code, _, _ in found] == ["FWF2012"]


@pytest.mark.parametrize("pattern", ["log", "*", "l?g", "./log"])
def test_a_log_that_an_output_takes_is_silent(pattern: str) -> None:
    run = {**globbing(text(pattern.removeprefix("./"))), "stdout": text("./log")}
    assert findings(workflow(step(run=run, **{"in": {}}))) == []


def test_what_is_wrong_with_a_process_that_two_steps_run_is_told_once() -> None:
    run = globbing(text("/tmp/x"))
    root = codec.from_plain(
        workflow(step("a", run=run, **{"in": {}}), step("b", run=run, **{"in": {}}))
    )
    origins = Origins()
    for path, node in walk(root):
        if path.endswith("/patterns/0"):
            origins.set(node, Span("t.cwl", 7, 3, 9, 1))
    report = check(Document(workflow=root, origins=origins), Report())
    assert [(d.code, d.line) for d in report] == [("FWF2012", 7)]


def test_all_faults_are_told_at_once() -> None:
    plain = workflow(
        step("a", **{"in": {"fil": FILE, "count": out("nobody")}}),
        step("a", when=call("nothing")),
        step("b", **{"in": {}}),
    )
    codes = {code for code, _, _ in findings(plain)}
    assert codes == {"FWF2001", "FWF2002", "FWF2005", "FWF2006", "FWF2008"}


def test_sets_can_be_selected_and_ignored() -> None:
    plain = workflow(step("a", **{"in": {"file": out("a"), "count": out("nobody")}}))
    assert {c for c, _, _ in findings(plain)} == {"FWF2001", "FWF2004"}
    assert {c for c, _, _ in findings(plain, select={"cycles", "syntax"})} == {"FWF2004"}
    assert {c for c, _, _ in findings(plain, ignore={"cycles"})} == {"FWF2001"}


def test_the_position_is_that_of_the_node_or_of_the_nearest_around_it() -> None:
    plain = workflow(step("a", **{"in": {"file": out("nobody"), "count": COUNT}}))
    root = codec.from_plain(plain)
    origins = Origins()
    for path, node in walk(root):
        if path == "/steps/a":
            origins.set(node, Span("w.yml", 7, 3, 9, 1))
    report = check(Document(workflow=root, origins=origins), Report())
    assert [(d.file, d.line, d.column) for d in report] == [("w.yml", 7, 3)]


def test_a_rule_may_ask_for_its_own_earlier_keys() -> None:
    earlier = {
        "kind": "index",
        "of": out("f"),
        "by": {
            "kind": "record_of",
            "fields": {"n": call("subtract", {"kind": "key", "name": "n"}, COUNT)},
        },
    }
    assert (
        findings(workflow(step("f", scatter=DEMAND, **{"in": {"file": earlier, "count": COUNT}})))
        == []
    )


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("dot", array("File")),
        ("flat_crossproduct", array("File")),
        ("nested_crossproduct", {"kind": "array", "items": array("File")}),
    ],
)
def test_a_scatter_gives_arrays(mode: str, wanted: dict[str, Any]) -> None:
    files = {"kind": "input", "name": "files"}
    scatter = {
        "kind": "scatter",
        "mode": mode,
        "over": [{"name": "x", "value": files}, {"name": "y", "value": files}],
    }
    given = {"file": {"kind": "local", "name": "x"}, "count": COUNT}
    right = {"id": "o", "type": wanted, "value": out("a")}
    wrong = {"id": "o", "type": {"kind": "File"}, "value": out("a")}
    body = step("a", scatter=scatter, **{"in": given})
    assert findings(workflow(body, inputs=FILES, outputs=[right])) == []
    codes = [c for c, _, _ in findings(workflow(body, inputs=FILES, outputs=[wrong]))]
    assert codes == ["FWF2003"]


def test_a_long_chain_of_steps_is_checked_without_recursion() -> None:
    steps = [step("s0")]
    for number in range(1, 3000):
        steps.append(step(f"s{number}", **{"in": {"file": out(f"s{number - 1}"), "count": COUNT}}))
    assert findings(workflow(*steps)) == []


def test_a_computed_result_without_an_output_is_told_in_plain_words() -> None:
    process = Pure(outputs=(OutputPort(id="o", type=IntType()),), result=Record(fields={}))
    report = check(Document(workflow=process), Report())
    [found] = [d for d in report if d.code == "FWF2003"]
    assert found.message == "the result of a computed step: the record has no member 'o'"
    assert found.hint == "add it: it takes int"
