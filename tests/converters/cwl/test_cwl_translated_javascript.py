"""JavaScript that is read as neutral expressions: both give the same, for whatever may come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.engine.evaluate import Bindings, EvaluationError, Evaluator
from fairwf.engine.sandbox import JavaScriptError, Sandbox
from fairwf.ir import types as ir
from fairwf.ir.canonical import same
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import Call, Expr, File, Input, Local, Opaque, Template
from fairwf.ir.values import to_literal
from fairwf.ir.walk import nodes
from fairwf_cwl.bindings import Bound, Names
from fairwf_cwl.translate import Untranslated, translate
from fairwf_cwl.write.texts import Texts

INT, TEXT, TRUTH = ir.IntType(bits=32), ir.StringType(), ir.BoolType()
FILE, FLOAT = ir.FileType(), ir.FloatType()
COLOURS = ir.EnumType(symbols=("red", "green"))


def optional(type_: ir.Type) -> ir.Type:
    return ir.OptionalType(item=type_)


def array(type_: ir.Type) -> ir.Type:
    return ir.ArrayType(items=type_)


PORTS: dict[str, ir.Type] = {
    "i": INT,
    "oi": optional(INT),
    "x": FLOAT,
    "s": TEXT,
    "os": optional(TEXT),
    "b": TRUTH,
    "ob": optional(TRUTH),
    "e": COLOURS,
    "f": FILE,
    "of": optional(FILE),
    "ss": array(TEXT),
    "fs": array(FILE),
    "is": array(INT),
    "oss": optional(array(TEXT)),
    "u": ir.UnionType(members=(array(TEXT), TEXT)),
    "n": ir.EnumType(symbols=("1", "-20", "0")),
}
RUNTIME = {"outdir": "/out", "tmpdir": "/tmp", "cores": 4, "ram": 1024}


def bound(name: str) -> Bound:
    return Bound(lambda: Input(name=name), PORTS[name])


def names(self_: ir.Type | None = None, libraries: tuple[str, ...] = ()) -> Names:
    return Names(
        inputs={name: bound(name) for name in PORTS},
        self=Bound(lambda: Local(name="self"), self_) if self_ is not None else None,
        runtime=tuple(RUNTIME),
        javascript=True,
        libraries=libraries,
    )


FILES = st.sampled_from(["a.txt", "reads.fastq.gz", "noextension", ".hidden", "a b.bam"]).map(
    lambda name: File(
        location=f"file:///data/{name}",
        path=f"/data/{name}",
        dirname="/data",
        basename=name,
        nameroot=name.rsplit(".", 1)[0] if "." in name[1:] else name,
        nameext="." + name.rsplit(".", 1)[1] if "." in name[1:] else "",
        size=len(name) * 1000,
    )
)
TEXTS = st.one_of(
    st.sampled_from(["", "a", "a.b.c", "red", "x,y", "true", "0", "null", "ä\U0001f600", "$&"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
INTS = st.one_of(st.integers(-3, 3), st.integers(-(2**31), 2**31 - 1))


def values(type_: ir.Type) -> st.SearchStrategy[Any]:
    if isinstance(type_, ir.OptionalType):
        return st.none() | values(type_.item)
    if isinstance(type_, ir.UnionType):
        return st.one_of([values(member) for member in type_.members])
    if isinstance(type_, ir.ArrayType):
        return st.lists(values(type_.items), max_size=3)
    if isinstance(type_, ir.EnumType):
        return st.sampled_from(type_.symbols)
    return {
        ir.IntType: INTS,
        ir.StringType: TEXTS,
        ir.BoolType: st.booleans(),
        ir.FileType: FILES,
        ir.FloatType: st.floats(allow_nan=False, allow_infinity=False),
    }[type(type_)]


JOBS = st.fixed_dictionaries({name: values(type_) for name, type_ in PORTS.items()})

EXPRESSIONS = [
    'inputs.s + ".bam"',
    '"-" + inputs.i + inputs.b + inputs.os',
    "inputs.f.nameroot + inputs.f.nameext",
    "inputs.i + 1",
    "inputs.i * 3 - inputs.is.length",
    "inputs.i % 7",
    "Math.ceil(inputs.i / 1024)",
    "Math.floor(inputs.i / -3) + 2",
    "Math.max(inputs.i, 0)",
    "Math.ceil(inputs.f.size / (1024 * 1024)) + runtime.cores",
    '"" + inputs.i / 4',
    "inputs.os ? inputs.os : inputs.s",
    'inputs.os || "none"',
    "inputs.b && inputs.os",
    "!inputs.os || !inputs.oi",
    'inputs.of ? inputs.of.nameroot + ".x" : null',
    'inputs.of != null && inputs.of.nameext === ".gz"',
    "inputs.of.basename",
    "inputs.oi == null ? 1 : inputs.oi",
    "inputs.oi != null && inputs.oi > 2",
    'inputs.e == "red" ? ["--r", inputs.s] : []',
    'inputs.s === "0"',
    "inputs.x < inputs.i",
    "(inputs.b ? inputs.i : inputs.x) ? inputs.s : 1",
    "(inputs.b ? inputs.i : inputs.x) > 2 ? inputs.s : 1",
    "inputs.ob === true",
    "inputs.ob",
    'inputs.f.basename.split(".")[0]',
    'inputs.s.split(".")[2]',
    'inputs.s.split(",").slice(0, -1).join(";")',
    'inputs.s.split("/").slice(-1)[0]',
    'inputs.s.split(".").pop() + "!"',
    'inputs.s.replace(/a/g, "<>")',
    'inputs.s.startsWith("a") || inputs.s.endsWith(".c") || inputs.s.includes(",")',
    "inputs.fs.map(function (f) { return f.basename; })",
    'inputs.fs.map(f => f.nameroot + "_1").join(" ")',
    'inputs.fs.filter(function (f) { return f.nameext == ".gz" })',
    "inputs.ss.filter(s => s).length",
    "inputs.ss[1]",
    "inputs.ss[1] ? inputs.ss[1] : inputs.ss[0]",
    'inputs.ss.concat(["a"]).concat(inputs.s)',
    'inputs.ss.includes("a")',
    "inputs.is.map(x => [x, x + 1])",
    "inputs.oss ? inputs.oss.length : -1",
    "inputs.oss.length",
    '{"a": inputs.s, b: [inputs.b, {c: inputs.of}]}',
    "`${inputs.s}-${inputs.i}\\n`",
    "[inputs.f, null, 5]",
    "inputs.fs.length > 1 ? inputs.fs : inputs.f",
    "String(inputs.i) + (3).toString()",
    "inputs.oi > 2",
    "inputs.oi * 1000 + 1",
    '"" + -1 * (inputs.oi - 2)',
    "parseInt(inputs.n) + 1",
    "parseInt(inputs.n, 10)",
    '!inputs.u ? "none" : "some"',
    'inputs.u === "a"',
    "[].concat(inputs.u)",
    "[].concat(inputs.ss)",
    "Array.isArray(inputs.u) ? inputs.u : [inputs.u]",
    "(!Array.isArray(inputs.u)) ? [inputs.u] : inputs.u",
    "Array.isArray(inputs.ss) && !Array.isArray(inputs.s)",
    "inputs.fs.map(f => [f.basename, f.nameroot]).flat()",
]
BODIES = [
    'if (inputs.s == "") { return inputs.f.nameroot + ".log"; } else { return inputs.s; }',
    'var t = ""; if (inputs.b) { t = ".a"; } if (inputs.os) t += inputs.os; return "x" + t;',
    'if (inputs.b) { return "--flag"; } return null;',
    "var r = [inputs.i]; if (inputs.oi != null) { r = r.concat([inputs.oi]); } return r;",
    "if (inputs.of) { return [inputs.of]; }",
    'let root = inputs.s.split(".").slice(0,-1).join("."); return (root == "") ? inputs.s : root;',
    'if (inputs.e == "red") return 1; else if (inputs.e == "green") return 2; else return 3;',
    "return inputs.fs.map(function (f) { var n = f.basename; return n + '.idx'; });",
    "var r = []; for (var i = 0; i < inputs.ss.length; i++) { r.push(inputs.ss[i]); } return r;",
    "var r = ['a']; inputs.fs.forEach(function (f) { r.push('-i', f.basename); }); return r;",
    "var r = []; for (const f of inputs.fs) { if (f.nameext == '.gz') r.push(f); } return r;",
    "var r = []; for (var i = 0; i < inputs.fs.length; i++) { var n = inputs.fs[i].nameroot;"
    " if (inputs.fs[i].nameext == '.gz') { r.push(n + '.z'); } else { n = 'x' + n;"
    " r.push(n, '!'); } } return r.join(' ');",
    "var t = 'h\\n'; for (let i = 0; i < inputs.is.length; ++i) { t += inputs.is[i] +"
    " ','; } return t;",
    "var t = ''; if (inputs.oss != null) { for (var i = 0; i < inputs.oss.length; i++) {"
    " t += ' ' + inputs.oss[i]; } } for (var i = 0; i < inputs.ss.length; i++) {"
    " t += inputs.ss[i]; } return t;",
    "var r = []; for (var i = 0; i < inputs.ss.length; i++) { for (var j = 0; j < inputs.is.length;"
    " j++) { r.push(inputs.ss[i] + inputs.is[j]); } } return {r: r, n: r.length};",
    "var r = []; for (var i = 0; i < inputs.ss.length; i++) { var ss = inputs.ss[i];"
    " r.push(inputs.is.map(function (j) { return inputs.ss[i] + j; })); } return r;",
    "var r = []; r.push(inputs.s); r.push(inputs.i); return r;",
    "var u = inputs.u; if (!Array.isArray(u)) { u = [u]; } return u.map(x => x + '1');",
    "var a = 'x', b = a; if (inputs.b) { a = 'y'; } else if (inputs.ob) { b = a + 'z'; }"
    " return a + b;",
]
LIBRARY = """
// what people put there
function root(name) { var r = name.split('.').slice(0, -1).join('.'); return r == '' ? name : r; }
var output = function (ext) { ext = ext || '.out';
  if (inputs.os) { return inputs.os; } return root(inputs.f.basename) + ext; };
function command(prefix) { if (!self) { return null; } if (!Array.isArray(self)) { self = [self]; }
  var output = []; self.forEach(function (x) { output.push(prefix); output.push(x); });
  return output; }
function again(prefix) { return command(prefix + '-'); }
twice = (x) => x + x;
String.prototype.endsWith = String.prototype.endsWith || function (s) { return false; };
function endless(n) { return endless(n); }
function changed() { return 1; }
changed = function () { return 2; };
function file() { return {class: 'File', path: 'x'}; }
function first(xs) { return xs[0].basename; }
"""
CALLS = [
    "output()",
    "output('.x')",
    "output(inputs.s, 1)",
    "[root(inputs.s), root('a.b.c')]",
    "inputs.ss.map(function (x) { return root(x) + '_'; })",
    "command('-x')",
    "(again('-x'))",
    "twice(inputs.i) + twice(inputs.s)",
    "self ? root(inputs.s) : null",
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def outcome(expression: Expr, job: dict[str, Any], sandbox: Sandbox | None, *libraries: str) -> Any:
    scope = Bindings(inputs=job, locals={"self": job["u"]}, runtime=RUNTIME)
    given = [ExpressionLibrary(language="javascript", text=text) for text in libraries]
    try:
        return to_literal(Evaluator(sandbox).plain(expression, scope, given))
    except (EvaluationError, JavaScriptError):
        return None


def opaque(text: str, form: Any, seen: Names | None = None) -> Opaque:
    from fairwf_cwl import javascript
    from fairwf_cwl.expressions import _bindings

    seen = seen or names()
    used = javascript.Uses()
    used.add(javascript.uses(text, form))
    for library in seen.libraries:
        used.add(javascript.uses(library, "program"))
    bindings = _bindings(used, seen)
    return Opaque(language="javascript", text=text, form=form, bindings=bindings)


def assert_same(text: str, form: Any, job: dict[str, Any], sandbox: Sandbox) -> None:
    ours = outcome(translate(text, form, names()), job, None)
    theirs = outcome(opaque(text, form), job, sandbox)
    if ours is None or theirs is None:
        assert ours is theirs, (text, ours, theirs)
    else:
        assert same(_plain(ours), _plain(theirs)), (text, ours, theirs)


def _plain(value: Expr) -> Expr:
    return Template(parts=(value,))


@pytest.mark.parametrize("text", EXPRESSIONS)
@given(job=JOBS)
def test_an_expression_gives_what_javascript_gives(
    sandbox: Sandbox, text: str, job: dict[str, Any]
) -> None:
    assert_same(text, "expression", job, sandbox)


@pytest.mark.parametrize("text", CALLS)
@given(job=JOBS)
def test_a_call_of_a_library_gives_what_javascript_gives(
    sandbox: Sandbox, text: str, job: dict[str, Any]
) -> None:
    seen = names(PORTS["u"], (LIBRARY,))
    ours = translate(text, "expression", seen)
    theirs = opaque(text, "expression", seen)
    written = Texts(True, (LIBRARY,)).simple(ours, seen)
    assert written is not None
    assert not any(call.function.startswith("\0") for call in nodes(ours, Call))
    wanted = outcome(theirs, job, sandbox, LIBRARY)
    for one in (ours, Texts(True, (LIBRARY,)).read(written, seen)):
        found = outcome(one, job, sandbox, LIBRARY)
        assert (found is None) == (wanted is None), (text, found, wanted)
        assert found is None or same(_plain(found), _plain(wanted)), (text, found, wanted)


@pytest.mark.parametrize(
    "text",
    [
        "endless(1)",
        "changed()",
        "file()",
        "unknown()",
        "first(inputs.of ? [inputs.of] : inputs.fs) + root(inputs.of.basename)",
        "[command('-x'), self]",
        "command('-x').length",
    ],
)
def test_what_a_library_does_otherwise_stays_javascript(text: str) -> None:
    with pytest.raises(Untranslated):
        translate(text, "expression", names(PORTS["u"], (LIBRARY,)))


@pytest.mark.parametrize("text", BODIES)
@given(job=JOBS)
def test_a_body_gives_what_javascript_gives(
    sandbox: Sandbox, text: str, job: dict[str, Any]
) -> None:
    assert_same(text, "body", job, sandbox)


PATHS = [f"inputs.{name}" for name in PORTS] + ["runtime.cores", "inputs.f.size", "inputs.nothing"]
LITERALS = ["0", "1", "2.5", '""', '"a"', '"0"', "true", "false", "null", "undefined", "[]", "-1"]
ATOMS = st.sampled_from([*PATHS, *LITERALS])
OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "===", "!==", "<", ">=", "&&", "||"]
MEMBERS = [
    ".length",
    "[0]",
    "[1]",
    ".basename",
    ".nameext",
    '.split(".")',
    '.join("-")',
    ".slice(1)",
    ".slice(0, -1)",
    ".pop()",
    ".includes('a')",
    ".concat([1])",
    ".map(x => x + 'b')",
    ".map(function (x) { return [x]; })",
    ".filter(x => x)",
    ".toString()",
    ".replace(/a/g, 'b')",
]


def composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda t: f"({' '.join(t)})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
        st.tuples(inner, st.sampled_from(MEMBERS)).map("".join),
        inner.map(lambda text: f"!{text}"),
        inner.map(lambda text: f"Math.ceil({text})"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        inner.map(lambda text: f"`a${{{text}}}`"),
        inner.map(lambda text: f"{{a: {text}}}"),
    )


GENERATED = st.recursive(ATOMS, composed, max_leaves=5)


@given(text=GENERATED, job=JOBS)
def test_whatever_is_translated_gives_what_javascript_gives(
    sandbox: Sandbox, text: str, job: dict[str, Any]
) -> None:
    try:
        translate(text, "expression", names())
    except Untranslated:
        return
    assert_same(text, "expression", job, sandbox)


@given(text=GENERATED)
def test_what_is_translated_is_written_so_that_it_reads_the_same(text: str) -> None:
    try:
        expression = translate(text, "expression", names())
    except Untranslated:
        return
    assert Texts(javascript=True).simple(expression, names()) is not None


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_what_is_translated_has_an_idiom(text: str) -> None:
    expression = translate(text, "expression", names())
    written = Texts(javascript=True).simple(expression, names())
    assert written is not None, expression


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("inputs.ss[5] > 2", "undefined is no number"),
        ("Array.isArray(inputs.u)", "no function tells"),
        ("Array.isArray(inputs.u) ? 1 : 2", "the same"),
        ("parseInt(inputs.e)", "red is no number"),
        ("inputs.is.map(x => x * 1e10)", "numbers that JavaScript rounds"),
        ("inputs.x + 1", "2.0 would come back as 2"),
        ("'x' + inputs.x", "cwltool writes the 1.0 of $(inputs.x) so, JavaScript as 1"),
        ("[inputs.x, 0.5]", "2.0 would come back as 2"),
        ("inputs.i / inputs.i", "0 / 0 is no error"),
        ("(inputs.b ? inputs.i : inputs.x) == inputs.x", "a whole number may be rounded to it"),
        ("inputs.s.length", "characters beyond the first plane count twice"),
        ('inputs.s < "b"', "another order of texts"),
        ('inputs.s.replace("a", "b")', "the first one only"),
        ('inputs.s.replace(/a/g, "$&")', "refers to what was found"),
        ("inputs.os === undefined", "none is not undefined"),
        ("inputs.f == inputs.f", "objects are compared by identity"),
        ("inputs.b == inputs.i", "true == 1"),
        ("parseInt(inputs.s)", "not a number"),
        ("inputs.s.toUpperCase()", "tables of Unicode"),
        ("[,1]", "a hole"),
        ("inputs.ss.pop()", "changes what others see"),
        ("helper(inputs.s)", "a library"),
        ("inputs", "as a whole"),
        ("this", "anything"),
        ('{"class": "File", "path": inputs.s}', "makes a file"),
        ("`a${[1]}`", "an array as a text"),
        ("inputs.ss[inputs.i]", "a computed index"),
        ("inputs.ss[5] + 'x'", "undefined as a text"),
        ("- " * 5000 + "1", "deeper than a reader of trees may go"),
        ("(" * 300 + "1" + ")" * 300, "the same"),
        ("inputs.s" + " + inputs.s" * 2000, "the same, to the left"),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_not_certain_stays_javascript(text: str, why: str) -> None:
    with pytest.raises(Untranslated):
        translate(text, "expression", names())


@pytest.mark.parametrize(
    "text",
    [
        "var x = inputs.of.basename; if (inputs.b) { return x; } return 1;",
        "inputs.ss.map(function (s) { x = s; return s; }); return 1;",
        "var x = 1; return inputs.is.map(function (i) { x = i; return x; });",
        "if (inputs.b) { let y = 1; } return y;",
        "for (var i = 0; i < 3; i++) {} return i;",
        "for (var i = 0; i < inputs.ss.length; i++) {} return i;",
        "var r = []; for (var i = 1; i < inputs.ss.length; i++) { r.push(inputs.ss[i]); }"
        " return r;",
        "var r = []; for (var i = 0; i < inputs.ss.length; i++) { r.push(i); } return r;",
        "var r = []; for (var i = 0; i < inputs.ss.length; i += 2) { r.push(1); } return r;",
        "var r = []; for (var i = 0; i < inputs.ss.length; i++) { r.push(inputs.ss[i]);"
        " i++; } return r;",
        "var r = []; for (var i = 0; i < inputs.ss.length; i++) { return inputs.ss[i]; } return r;",
        "var r = []; for (const s of inputs.ss) { if (s == 'a') { break; } r.push(s); } return r;",
        "var r = []; for (const s of inputs.ss) { if (s == 'a') { continue; } r.push(s);"
        " } return r;",
        "var r = []; for (const s of inputs.ss) { r.push(r.length + s); } return r;",
        "var p = ''; var r = []; for (const s of inputs.ss) { r.push(p); p = s; } return r;",
        "var r = []; for (const s of inputs.ss) { if (s == 'a') { var p = s; } r.push(p);"
        " } return r;",
        "var r = [], p = ''; for (const s of inputs.ss) { p = s; r.push(s); } return"
        " r.concat([p]);",
        "var r = ['a']; for (var i = 0; i < r.length; i++) { r.push('b'); } return r;",
        "var r = inputs.ss; r.push('a'); return inputs.ss;",
        "var r = [], q = r; r.push('a'); return q;",
        "var r = [], q = [r]; r.push('a'); return q;",
        "inputs.ss.push('a'); return inputs.ss;",
        "var n = 0; for (const x of inputs.is) { n += x; } return n;",
        "var r = []; for (var i = 0; i < inputs.ss.length; i++) { for (var i = 0; i <"
        " inputs.is.length;"
        " i++) { r.push(inputs.is[i]); } } return r;",
        "var r = []; for (const x of inputs.oss) { r.push(x); } return r;",
        "var r = []; for (const x of inputs.s) { r.push(x); } return r;",
        "var r = []; for (var k in inputs.ss) { r.push(k); } return r;",
        "var r = []; inputs.ss.forEach(function (s, i) { r.push(s + i); }); return r;",
        "inputs.f.basename = 'x'; return inputs.f;",
        "var self = 1; return self;",
        "return inputs.fs.map(function (f) { var g = f.basename; "
        "return inputs.fs.map(function (f) { return g + f.basename; }); });",
        "var r = []; for (var i = 0; i < inputs.ss.length; i++) { r.push(inputs.is.map(function (i)"
        " { return inputs.ss[i]; })); } return r;",
        "var r = [], xs = inputs.ss; for (var i = 0; i < xs.length; i++) {"
        " r.push([inputs.ss].map(function (xs) { return xs[i]; })); } return r;",
        "var r = []; for (var i = 0; i < inputs.ss.length; i++) { r.push([1].map(function (x) {"
        " var q = []; inputs.is.forEach(function (i) { q.push(inputs.ss[i]); }); return q; })); }"
        " return r;",
        "var r = []; for (var i = 0; i < inputs.ss.length; i++) { r.push([1].map(function (x) {"
        " var q = []; for (const i of inputs.is) { q.push(inputs.ss[i]); } return q; })); }"
        " return r;",
        "var i = 1; return inputs.is.map(function (\\u0069) { return i; });",
    ],
)
def test_a_body_that_changes_things_stays_javascript(text: str) -> None:
    with pytest.raises(Untranslated):
        translate(text, "body", names())


@pytest.mark.parametrize(
    ("library", "translated"),
    [
        ("function f(self) { self = [self]; return self; }", True),
        ("Array.prototype.join = function () { return 'x'; };", False),
        ("Math.ceil = function () { return 1; };", False),
        ("function parseInt(x) { return 7; }", False),
    ],
)
def test_a_library_that_changes_built_ins_keeps_everything_javascript(
    library: str, translated: bool
) -> None:
    if translated:
        translate("inputs.s + 'x'", "expression", names(libraries=(library,)))
        return
    with pytest.raises(Untranslated):
        translate("inputs.s + 'x'", "expression", names(libraries=(library,)))


@pytest.mark.parametrize(
    "text",
    ["!{a: inputs.oss.length}", "[inputs.oss.length] && 3", "({a: inputs.oss.length}) ? 1 : 2"],
)
def test_what_may_throw_is_not_left_out_of_a_condition(text: str) -> None:
    with pytest.raises(Untranslated, match="throws"):
        translate(text, "expression", names())
