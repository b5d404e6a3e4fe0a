"""Texts with expressions: parameter references, templates, escapes, JavaScript."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.engine.sandbox import Form, JavaScriptError, Sandbox
from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    Attr,
    BoolLit,
    Call,
    Index,
    Input,
    IntLit,
    NoneLit,
    Opaque,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf.report import InvalidError
from fairwf_cwl import javascript
from fairwf_cwl.interpolate import UnfinishedError, has_expression, pieces

X = Input(name="x")
INPUTS = (
    "inputs:\n  x: File\n  a: File[]\n  any: Any\n  s: string\n  'a b': int\n"
    "  r: {type: {type: record, fields: {k: int, length: int}}}\n"
)


def _argument(cwl: Any, text: str, javascript_: bool = False, version: str = "v1.2") -> Any:
    needs = "requirements: {InlineJavascriptRequirement: {}}\n" if javascript_ else ""
    tool = cwl.tool(f"{needs}{INPUTS}arguments:\n  - {json.dumps(text)}\n", version)
    return tool.arguments[0].value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", StringLit(value="plain")),
        ("$(inputs.x)", X),
        ("  $(inputs.x)\n", X),
        ("$(inputs.x.nameroot)", Attr(of=X, name="nameroot")),
        ("$(inputs.x['size'])", Attr(of=X, name="size")),
        ("$(inputs['a b'])", Input(name="a b")),
        ('$(inputs["a b"])', Input(name="a b")),
        ("$(inputs.a[1])", Index(of=Input(name="a"), by=IntLit(value=1))),
        ("$(inputs.a.length)", Call(function="length", args=(Input(name="a"),))),
        ("$(inputs.r.length)", Attr(of=Input(name="r"), name="length")),
        ("$(inputs.any['b\\'c'].d)", Attr(of=Attr(of=Input(name="any"), name="b'c"), name="d")),
        ("$(runtime.outdir)", Runtime(name="outdir")),
        ("$(null)", NoneLit()),
        ("$(self)", NoneLit()),
        ("a$(inputs.s)", Template(parts=(StringLit(value="a"), Input(name="s")))),
        (r"\$(inputs.s)", StringLit(value="$(inputs.s)")),
        (r"\\$(inputs.s)", Template(parts=(StringLit(value="\\"), Input(name="s")))),
        (r"\t$(inputs.s)", Template(parts=(StringLit(value=r"\t"), Input(name="s")))),
        (r"C:\dir", StringLit(value=r"C:\dir")),
        ("$x ${ }"[:2], StringLit(value="$x")),
    ],
)  # fmt: skip
def test_references_and_templates(cwl: Any, text: str, expected: Any) -> None:
    assert same(_argument(cwl, text), expected)
    assert len(cwl.report) == 0


def test_the_whole_of_inputs_is_a_record(cwl: Any) -> None:
    value = _argument(cwl, "$(inputs)")
    assert isinstance(value, Record)
    assert list(value.fields) == ["x", "a", "any", "s", "a b", "r"]


def test_escapes_of_older_versions_drop_any_backslash(cwl: Any) -> None:
    value = _argument(cwl, r"\t$(inputs.s)", version="v1.1")
    assert same(value, Template(parts=(StringLit(value="t"), Input(name="s"))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(inputs.x.nameroot)", Attr(of=X, name="nameroot")),
        ("$( inputs.s )", Input(name="s")),
        # in JavaScript a missing item is undefined, which is none
        ("$(inputs.a[0])", Call(function="get", args=(Input(name="a"), IntLit(value=0)))),
        ("$(inputs.a.length)", Call(function="length", args=(Input(name="a"),))),
    ],
)
def test_references_that_javascript_cannot_understand_otherwise_stay_references(
    cwl: Any, text: str, expected: Any
) -> None:
    assert same(_argument(cwl, text, True), expected)


@pytest.mark.parametrize(
    ("text", "form", "paths"),
    [
        ("$(inputs.any.b)", "expression", ["inputs.any"]),  # may be undefined
        ("$(inputs.s.length)", "expression", ["inputs.s"]),  # counts UTF-16
        (
            "$(Math.sqrt(inputs.x.size + runtime.cores))",
            "expression",
            ["inputs.x", "runtime.cores"],
        ),
        ("${ return inputs['s'].trim() + \"}\"; }", "body", ["inputs.s"]),
        (
            "${ var i = inputs; return i; }",
            "body",
            ["inputs.x", "inputs.a", "inputs.any", "inputs.s", "inputs.a b", "inputs.r"],
        ),
        ("$(typeof self)", "expression", ["self"]),
        ("$(inputs.absent || 1)", "expression", ["inputs"]),
        ("$(Math.PI)", "expression", []),
        ("$([{self: 1, inputs: 2}].pop())", "expression", []),
        ("${ // don't stop here }\n return Math.PI; }", "body", []),
    ],
)
def test_other_javascript_is_opaque_and_all_that_it_sees_is_bound(
    cwl: Any, text: str, form: str, paths: list[str]
) -> None:
    value = _argument(cwl, text, True)
    assert isinstance(value, Opaque)
    assert (value.language, value.form) == ("javascript", form)
    assert [".".join(binding.path) for binding in value.bindings] == paths


def test_names_in_libraries_are_bound_too(cwl: Any) -> None:
    tool = cwl.tool(
        "requirements:\n  InlineJavascriptRequirement:\n"
        "    expressionLib: ['function all() { return JSON.parse(inputs.y); }']\n"
        "inputs: {x: int, y: int}\narguments: ['$(all() + inputs.x)']\n"
    )
    paths = [binding.path for binding in tool.arguments[0].value.bindings]
    assert sorted(paths) == [("inputs", "x"), ("inputs", "y")]


@pytest.mark.parametrize("text", ["$(1 + 1)", "${ return 1; }", "$(inputs.nope)", "$(inputs.s.b)"])
def test_without_javascript_what_is_no_reference_is_kept_with_a_warning(
    cwl: Any, text: str
) -> None:
    value = _argument(cwl, text)
    assert isinstance(value, Opaque)
    assert (value.language, value.text) == ("cwl", text)
    assert [d.code for d in cwl.report] == ["FWF2012"]
    assert (cwl.report.diagnostics[0].line, cwl.report.diagnostics[0].column) == (12, 6)


def test_a_mistyped_input_in_a_reference_is_told(cwl: Any) -> None:
    cwl.tool("inputs: {reads: File}\narguments: [$(inputs.raeds.path)]\n")
    assert "did you mean 'reads'?" in cwl.hints


def test_broken_javascript_is_told(cwl: Any) -> None:
    with pytest.raises(InvalidError):
        _argument(cwl, "${ var a;\n  return (1 + ; }", True)
    (found,) = cwl.report
    assert (found.code, found.severity) == ("FWF1108", "error")
    assert "near '(1 + ;' (line 2, column 10 of the expression)" in found.message


def test_broken_definitions_are_told_where_they_stand(cwl: Any) -> None:
    cwl.file("lib.js", "var fine = 1;\nfunction g(x) {\n  return x + ;\n}\n")
    text = """cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs: []
outputs: []
requirements:
  InlineJavascriptRequirement:
    expressionLib:
      - "function fine() { return 1; }"
      - "function broken( { return 1; }"
      - {$include: lib.js}
"""
    assert cwl.faults(text) == [("FWF1108", 10, 9), ("FWF1108", 11, 9)]
    assert "near ';\\n}' (line 3, column 13 of the library)" in str(cwl.report.diagnostics[-1])


def test_definitions_that_steps_inherit_are_told_once(cwl: Any) -> None:
    text = """cwlVersion: v1.2
class: Workflow
inputs: []
outputs: []
requirements: {InlineJavascriptRequirement: {expressionLib: ["function ("]}}
steps:
  a: {in: {}, out: [], run: {class: ExpressionTool, inputs: [], outputs: [], expression: '$({})'}}
  b: {in: {}, out: [], run: {class: ExpressionTool, inputs: [], outputs: [], expression: '$({})'}}
"""
    assert cwl.faults(text) == [("FWF1108", 5, 62)]


@pytest.mark.parametrize("form", ["expression", "body"])
def test_what_the_sandbox_runs_is_javascript(form: Form) -> None:
    """Old and new syntax, and what only looks like a mistake: refused here is refused there."""
    with Sandbox() as sandbox:
        for text in _JAVASCRIPT[form]:
            try:
                sandbox.evaluate(text, form, {})
            except JavaScriptError as error:
                assert "SyntaxError" not in str(error), text
            assert javascript.uses(text, form).broken is None, text


_JAVASCRIPT: dict[Form, list[str]] = {
    "expression": [
        "010 + 0o17 + 0b1 + 1_000 + .5",
        "/[/]/.test('/') || /(?<y>a)/u.exec('a')",
        "(a => `${a ?? 1}b`)(null)",
        "{if: 1, 'a b': 2, [1 + 1]: 3, get x() { return 1 }, async *g() {},}",
        "[, 1, , ...[2]]",
        "String.raw`\\u`",
        "typeof typeof void 0",
        "(1, 2)",
        "5..toString() /* c */ // d",
        "function (a,) { 'use strict'; return this }",
    ],
    "body": [
        "",
        "return",
        "with ({a: 1}) { return a }",
        "var let = 1, yield = 2, async = 3, of = 4, get = 5, static = 6, await = 7; return let",
        "var {a, ...b} = {a: 1, c: 2}; return b",
        "var o = {}; o.x ??= o?.a?.[0]; return o.x ** 2",
        "class A { #p = 1; static s = 2; get() { return this.#p } static { A.z = 1 } }",
        "try { throw 1 } catch { return 2 } finally {}",
        "label: for (;;) { break label }",
        "if (1) function f() {}",
        "var a = 1\n++a\nreturn a\n<!-- an old comment",
        "var a = 1; while (a --> 0); return a;;",
        "for (var i = 0 in {}) {}",
        "for (let [k, v] of Object.entries({})) {}",
        "var \\u0061 = 'a\\\nb'; return ünï = a",
        "switch (1) { case 1: default: }",
        "function* g() { yield 1 } async function f() { await 1 } return new.target",
    ],
}


def test_an_expression_without_end_is_an_error(cwl: Any) -> None:
    faults = cwl.faults(
        "cwlVersion: v1.2\nclass: CommandLineTool\ninputs: []\noutputs: []\nstdout: a$(inputs.x\n"
    )
    assert faults == [("FWF1108", 5, 9)]


@given(st.text(alphabet="ab \\\n\"'", max_size=20))
def test_text_without_expressions_is_taken_as_it_is(text: str) -> None:
    assert not has_expression(text)


@given(
    st.lists(
        st.one_of(
            st.text(alphabet="xyz $\n/", min_size=1, max_size=5),
            st.sampled_from(["$(a)", "${b}", "$(f(')'))", '${"}"}', "$((1))"]),
        ),
        max_size=6,
    )
)
def test_pieces_cover_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        found = pieces(text, strip=False)
    except UnfinishedError:
        return
    marks = {"text": "{}", "paren": "$({})", "brace": "${{{}}}"}
    assert "".join(marks[piece.kind].format(piece.text) for piece in found) == text


def test_names_that_are_keys_or_members_are_no_uses() -> None:
    found = javascript.uses("other.inputs + f({runtime: 1}).self", "expression")
    assert not found.whole and not any(found.members.values())


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("true", BoolLit(value=True)),
        ("false", BoolLit(value=False)),
        ("42", IntLit(value=42)),
        ("'a b'", StringLit(value="a b")),
        ('"a"', StringLit(value="a")),
    ],
)
def test_a_literal_in_javascript_is_a_literal(cwl: Any, text: str, literal: Any) -> None:
    tool = cwl.tool(
        "requirements: {InlineJavascriptRequirement: {}}\n"
        f"arguments:\n- |\n  $({text})\n- |\n  $({text} + 1)\n"
    )
    assert same(tool.arguments[0].value, literal)
    assert not same(tool.arguments[1].value, literal)
