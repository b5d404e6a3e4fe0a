"""Expressions that loop, allocate without end, reach for the host, or lay traps for the next one.

``tests/engine/sandbox`` looks at the sandbox alone; here the same comes from documents and runs.
"""

import functools
import json
from pathlib import Path
from typing import Any

import pytest

import fairwf.engine.sandbox as sandbox_module
from fairwf.engine.sandbox import Limits, Sandbox
from tests.hostile.conftest import Fairwf, Said

SMALL = Limits(wall_s=6, cpu_s=0.2, memory_bytes=32 << 20, result_bytes=1 << 20)
FOREVER = "function() { for (;;); }"


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "Sandbox", functools.partial(Sandbox, SMALL))


def tool(expression: str, **fields: Any) -> dict[str, Any]:
    return {
        "cwlVersion": "v1.2",
        "class": "ExpressionTool",
        "requirements": [{"class": "InlineJavascriptRequirement", **fields}],
        "inputs": [{"id": "a", "type": "Any?"}],
        "outputs": [{"id": "out", "type": "Any?"}],
        "expression": expression,
    }


def run(fairwf: Fairwf, folder: Path, document: Any) -> Said:
    path = folder / "main.cwl"
    path.write_text(json.dumps(document, indent=1))
    return fairwf("run", path, "--run-dir", folder / "run", "--outdir", folder / "out")


HOSTILE = (
    "for (;;);",
    "while (true) { try { throw 1 } catch (e) {} }",
    "(function f() { f(); })()",
    "(function f() { try { f() } finally { f() } })()",
    "return 'x'.repeat(1e9)",
    "var s = 'x'; for (;;) s += s",
    "var a = []; for (;;) a.push(a.slice())",
    "return Array(1e9).fill(0).map(String)",
    "return 10n ** 10000000n",
    "var n = 3n; for (;;) n *= n",
    "return /(a+)+$/.test('a'.repeat(50) + '!')",
    "return /(.*)*(.*)*x/.test('a'.repeat(100))",
    "return JSON.stringify(JSON.parse('['.repeat(1e6)))",
    f"return {{out: {{toJSON: {FOREVER}}}}}",
    f"throw {{toString: {FOREVER}}}",
    f"throw {{get message() {{ ({FOREVER})() }}}}",
    f"return {{out: new Proxy({{}}, {{ownKeys: {FOREVER}}})}}",
    f"return Object.defineProperty({{}}, 'out', {{enumerable: true, get: {FOREVER}}})",
    "return {out: new Proxy([], {get: (t, k) => k === 'length' ? 1e9 : 1})}",
    "var o = {}; o.o = o; return {out: o}",
    "var o = {}; for (var i = 0; i < 1e5; i++) o = {o: o}; return {out: o}",
    "return new Promise(function() {})",
    "return import('fs')",
    "return {out: eval('import(\"os\")')}",
    "new Worker('x')",
    "require('child_process').exec('id')",
    "process.exit(0)",
    "std.loadFile('/etc/passwd')",
    "os.exec(['id'])",
    "fetch('http://127.0.0.1:9/')",
    "new XMLHttpRequest()",
    "return {out: Function('return process.env')()}",
    "return {out: this.constructor.constructor('return process')().env}",
    "return {out: inputs.constructor.constructor('return require')()('fs')}",
    "return {out: Symbol.iterator}",
    "return {out: function() {}}",
    "return {out: new Map([[1, 2]])}",
    "return {out: {class: 'File', location: 'http://127.0.0.1:9/x'}}",
    "return {out: {class: 'File', basename: '../../x', contents: 'y'}}",
    "return {out: {class: 'Directory', basename: '/', listing: []}}",
)


@pytest.mark.parametrize("code", HOSTILE)
def test_hostile_code_ends_as_a_diagnostic(fairwf: Fairwf, tmp_path: Path, code: str) -> None:
    said = run(fairwf, tmp_path, tool(f"${{{code}}}"))
    assert said.code == 1
    assert f"{tmp_path}/main.cwl:" in said.err
    assert "error[FWF4" in said.err
    assert "root:" not in said.err + said.out
    assert len(said.err) < 5000


@pytest.mark.parametrize("code", ["for (;;);", "for (;;) { x += x }", "throw 1", ")(", "return 1"])
def test_hostile_libraries_end_as_a_diagnostic(fairwf: Fairwf, tmp_path: Path, code: str) -> None:
    said = run(fairwf, tmp_path, tool("${return {out: x}}", expressionLib=[f"var x = 'x'; {code}"]))
    assert said.code == 1
    assert f"{tmp_path}/main.cwl:" in said.err


def test_no_name_of_the_host_is_there(fairwf: Fairwf, tmp_path: Path) -> None:
    names = "process require module std os scriptArgs console print load fetch Deno Bun window"
    code = (
        f"return {{out: {json.dumps(names.split())}.filter(n => typeof globalThis[n] !== "
        "'undefined' && n !== 'console')}"
    )
    said = run(fairwf, tmp_path, tool(f"${{{code}}}"))
    assert said.code == 0, said.err
    assert said.json == {"out": []}


POLLUTION = (
    "Object.prototype.polluted = 1; Array.prototype.map = Array.prototype.join = "
    "String.prototype.split = JSON.parse = Object.keys = function() { return 'polluted' }; "
    "globalThis.polluted = 1; Object.freeze(Object.prototype);"
)
PROBE = (
    "return {out: [typeof polluted, 'a,b'.split(','), Object.keys({a: 1}), "
    "JSON.parse('[1]'), [1, 2].map(x => x + 1).join('-'), ({}).polluted === undefined]}"
)


def test_one_expression_leaves_nothing_for_the_next(fairwf: Fairwf, tmp_path: Path) -> None:
    def step(code: str, source: str) -> dict[str, Any]:
        return {"run": tool(f"${{{code}}}"), "in": {"a": source}, "out": ["out"]}

    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "inputs": {"a": "Any?"},
        "outputs": {"out": {"type": "Any?", "outputSource": "second/out"}},
        "steps": {
            "first": step(f"{POLLUTION} return {{out: 1}}", "a"),
            "second": step(PROBE, "first/out"),
        },
    }
    said = run(fairwf, tmp_path, document)
    assert said.code == 0, said.err
    assert said.json == {"out": ["undefined", ["a", "b"], ["a"], [1], "2-3", True]}


@pytest.mark.parametrize(
    "text",
    ["$(inputs.a.constructor)", "$(inputs.__proto__)", "$(inputs.a.__proto__.polluted)",
     "$(inputs['constructor']['prototype'])", "$(inputs.hasOwnProperty)"],
)  # fmt: skip
def test_parameter_references_see_own_members_only(
    fairwf: Fairwf, tmp_path: Path, text: str
) -> None:
    document = tool("$(null)")
    document["class"] = "CommandLineTool"
    del document["expression"], document["requirements"]
    document |= {"baseCommand": "echo", "arguments": [text], "stdout": "x"}
    document["inputs"] = {"a": {"type": "Any", "default": {"b": 1}}}
    document["outputs"] = {"out": "stdout"}
    said = run(fairwf, tmp_path, document)
    assert "function" not in said.out
    assert said.code in (0, 1)
    if said.code == 0:
        assert (tmp_path / "out" / "x").read_text().strip() in ("", "null")


CHAIN = "".join(
    f"function f{n}(x) {{ return {' + '.join([f'f{n + 1}(x)'] * 30)}; }}\n" for n in range(7)
)


@pytest.mark.parametrize(
    ("library", "code"),
    [
        (CHAIN + "function f7(x) { return x; }", "$(f0('a'))"),
        ("function f(a) { " + "a = a + a; " * 60 + "return a; }", "$(f(runtime.outdir))"),
        ("function f(a) { return a + a; }", f"$({'f(' * 30}runtime.outdir{')' * 30})"),
    ],
    ids=["functions that call others", "a text doubled", "calls in calls"],
)
def test_what_grows_when_it_is_translated_stays_javascript(
    fairwf: Fairwf, tmp_path: Path, library: str, code: str
) -> None:
    path = tmp_path / "main.cwl"
    document = tool(f"$({{out: {code[2:-1]}}})", expressionLib=[library])
    path.write_text(json.dumps(document))
    said = fairwf("convert", path, "--to", "ir")
    assert said.code == 0
    assert '"opaque"' in said.out or "kind: opaque" in said.out


@pytest.mark.parametrize(("depth", "kind"), [(2, "expressions"), (4, "JavaScript")])
def test_branches_in_branches_are_not_translated_for_ever(
    fairwf: Fairwf, tmp_path: Path, depth: int, kind: str
) -> None:
    code = "return 'a';"
    for n in range(depth):  # what comes after such a condition is translated twice
        branches = "if (inputs.a) { if (inputs.b) { return 'x'; } } " * 3
        code = f"{branches} var q{n} = inputs.c.map(function (x{n}) {{ {code} }}); return 'a';"
    types = {"a": "boolean", "b": "boolean", "c": "string[]"}
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "requirements": {"InlineJavascriptRequirement": {}},
        "inputs": types,
        "outputs": {},
        "baseCommand": ["echo"],
        "arguments": [f"${{ {code} }}"],
    }
    path = tmp_path / "main.cwl"
    path.write_text(json.dumps(document))
    said = fairwf("convert", path, "--to", "ir")
    assert said.code == 0
    assert ('"opaque"' in said.out) is (kind == "JavaScript")


FILES = {
    "location": "{'class': 'File', 'location': 'file://%s'}",
    "path": "{'class': 'File', 'path': '%s'}",
    "a detour": "{'class': 'File', 'location': inputs.a.location + '/../../secret/key'}",
    "a folder": "{'class': 'Directory', 'location': '%s/..'}",
    "beside a file": "{'class': 'File', 'contents': 'x', 'basename': 'b',"
    " 'secondaryFiles': [{'class': 'File', 'path': '%s'}]}",
    "in a listing": "{'class': 'Directory', 'basename': 'd', 'listing': [{'class': 'File',"
    " 'path': '%s'}]}",
}


def secret(folder: Path) -> Path:
    path = folder / "secret/key"
    path.parent.mkdir()
    path.write_text("hidden")
    return path


def with_file(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A document whose input is a file that the caller gives."""
    (folder / "given").mkdir()
    (folder / "given/reads.bam").write_text("")
    (folder / "given/reads.bai").write_text("")
    default = {"class": "File", "location": "given/reads.bam"}
    return {**document, "inputs": [{"id": "a", "type": "File", "default": default}]}


@pytest.mark.parametrize("name", FILES)
def test_files_of_the_host_are_not_made(fairwf: Fairwf, tmp_path: Path, name: str) -> None:
    made = FILES[name].replace("%s", str(secret(tmp_path)))
    said = run(fairwf, tmp_path, with_file(tool(f"${{return {{out: {made}}}}}"), tmp_path))
    assert said.code == 1 and "which it was not given" in said.err
    assert not list((tmp_path / "out").glob("*"))


def test_files_of_the_host_are_not_handed_to_steps(fairwf: Fairwf, tmp_path: Path) -> None:
    made = FILES["path"].replace("%s", str(secret(tmp_path)))
    taker = {
        "class": "CommandLineTool",
        "baseCommand": "cat",
        "inputs": [{"id": "f", "type": "File", "inputBinding": {}}],
        "outputs": [{"id": "o", "type": "stdout"}],
    }
    entry = {"id": "f", "source": "a", "valueFrom": f"${{return {made}}}"}
    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "requirements": [
            {"class": "InlineJavascriptRequirement"},
            {"class": "StepInputExpressionRequirement"},
        ],
        "outputs": [{"id": "o", "type": "File", "outputSource": "s/o"}],
        "steps": [{"id": "s", "in": [entry], "out": ["o"], "run": taker}],
    }
    said = run(fairwf, tmp_path, with_file(document, tmp_path))
    assert said.code == 1 and "which it was not given" in said.err


def test_files_of_the_host_are_not_staged(fairwf: Fairwf, tmp_path: Path) -> None:
    made = FILES["location"].replace("%s", str(secret(tmp_path)))
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "requirements": [
            {"class": "InlineJavascriptRequirement"},
            {"class": "InitialWorkDirRequirement", "listing": f"${{return [{made}]}}"},
        ],
        "baseCommand": ["cat", "key"],
        "outputs": [{"id": "o", "type": "stdout"}],
    }
    said = run(fairwf, tmp_path, with_file(document, tmp_path))
    assert said.code == 1 and "which it was not given" in said.err


def test_what_belongs_to_a_given_file_may_be_made(fairwf: Fairwf, tmp_path: Path) -> None:
    made = "{'class': 'File', 'location': inputs.a.location.replace('.bam', '.bai')}"
    said = run(fairwf, tmp_path, with_file(tool(f"${{return {{out: {made}}}}}"), tmp_path))
    assert said.code == 0, said.err
    assert (tmp_path / "out/reads.bai").exists()


def test_what_is_logged_goes_nowhere(fairwf: Fairwf, tmp_path: Path) -> None:
    said = run(fairwf, tmp_path, tool("${console.log(inputs); console.error(1); return {out: 1}}"))
    assert (said.code, said.json) == (0, {"out": 1}), said.err
    library = "function told(x) { console.warn(x); return x; }"
    (tmp_path / "b").mkdir()
    said = run(fairwf, tmp_path / "b", tool("${return {out: told(2)}}", expressionLib=[library]))
    assert said.json == {"out": 2}, said.err
