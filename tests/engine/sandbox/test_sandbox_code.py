"""The language of expressions: forms, sloppy mode, libraries, positions, isolation."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.engine.sandbox import Form, JavaScriptError, Limits, Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(wall_s=20, cpu_s=5)) as made:
        yield made


def failure(
    sandbox: Sandbox, code: str, form: Form, libraries: tuple[str, ...] = ()
) -> JavaScriptError:
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate(code, form, {"inputs": {}, "self": None}, libraries)
    return caught.value


@pytest.mark.parametrize(
    "code",
    [
        "1)});evil((",
        "1)+(2",
        "1](2[",
        "1}{2",
        "1));((1",
        "1]);[(1",
        "1; 2",
        "",
        "  ",
        "// only a comment",
        "...x",
        "1,",
        "return 1",
        "var x = 1",
        "1 /*",
        "`${1",
        "'a",
        "f(",
        "a) => (b",
        "1\n)\n+\n(1",
        "/a)/.b](/",
    ],
)
def test_an_expression_cannot_leave_its_brackets(sandbox: Sandbox, code: str) -> None:
    assert failure(sandbox, code, "expression").kind == "syntax"


@pytest.mark.parametrize(
    "code",
    [
        "}); evil(); (function(){",
        "}, function(){",
        "} + 1 + function(){",
        "}, [1, function(){",
        "}}, {method(){",
        "}}] + [{method(){",
        "}}], [{method(){",
        "} evil(); function g(){",
        "}, other(){",
        "} {",
        "}",
        "{",
        "} /* */ , /* */ function(){",
        "}\n, async function(){",
        "}, get x(){",
        "}\n-->\n, function(){",
        "return super.x",
        "return 1)",
        "/*",
        "return `",
    ],
)
def test_a_body_cannot_leave_its_braces(sandbox: Sandbox, code: str) -> None:
    assert failure(sandbox, code, "body").kind == "syntax"


TOKENS = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ";",
    "a",
    "1",
    "+",
    "=>",
    "=",
    ".",
    "...",
    ":",
    "()",
    "function()",
    "function(){",
    "x(){",
    "m:",
    "get",
    "async",
]


@given(form=st.sampled_from(["expression", "body"]), tokens=st.lists(st.sampled_from(TOKENS)))
def test_whatever_compiles_has_its_brackets_in_pairs(
    sandbox: Sandbox, form: Form, tokens: list[str]
) -> None:
    code = " ".join(tokens)
    open_brackets: list[str] = []
    paired = True
    for character in code:
        if character in "([{":
            open_brackets.append(character)
        elif character in ")]}":
            opening = open_brackets.pop() if open_brackets else ""
            paired = paired and opening + character in ("()", "[]", "{}")
    if not paired or open_brackets:
        assert failure(sandbox, code, form).kind == "syntax"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1, 2", 2),
        ("'}) ]' + \")](\"", "}) ])]("),
        ("/[)\\]}]/.test('}')", True),
        ("1 // comment", 1),
        ("1 /* ) */", 1),
        ("{a: 1}", {"a": 1}),
        ("inputs.n + 1", 3),
        ("(function() { return this === globalThis })()", True),
        ("[1, 2].map(function(x) { return x * 2 })", [2, 4]),
        ("\n  inputs.n\n", 2),
        ("((x) => x + `)${1}(`)(2)", "2)1("),
        ("typeof evil", "undefined"),
    ],
)
def test_expressions(sandbox: Sandbox, code: str, value: object) -> None:
    assert sandbox.evaluate(code, "expression", {"inputs": {"n": 2}}) == value


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("return 1", 1),
        ("return 1;", 1),
        ("var x = 1;", None),
        ("", None),
        ("undeclared = 3; return undeclared", 3),
        ("with ({a: 4}) { return a }", 4),
        ("return 010 + 1", 9),
        ("return (function(a, a) { return a })(1, 2)", 2),
        ("function f(a) { arguments[0] = 5; return a } return f(1)", 5),
        ("return delete inputs.n && inputs.n === undefined", True),
        ("Object.freeze(inputs); inputs.n = 9; return inputs.n", 2),
        ("return arguments.callee === undefined", False),
        ("'use strict'; try { undeclared2 = 1 } catch (e) { return e.name }", "ReferenceError"),
        ("if (1) { function g() { return 6 } } return g()", 6),
        ("return this === globalThis", True),
        ("<!-- an old comment\nreturn 1", 1),
        ("var let = 1, yield = 2; return let + yield", 3),
        ("return eval('var q = 3; q') + q", 6),
        ("return new Function('a', 'return a * 2')(4)", 8),
        ("return [] // }", []),
    ],
)
def test_bodies_are_sloppy_mode(sandbox: Sandbox, code: str, value: object) -> None:
    assert sandbox.evaluate(code, "body", {"inputs": {"n": 2}}) == value


UNDERSCORE_LIKE = """
(function() {
  var root = typeof self == 'object' && self.self === self && self ||
             Function('return this')() || {};
  var previous = root._;
  var _ = function(obj) {
    if (!(this instanceof _)) return new _(obj);
    this._wrapped = obj;
  };
  _.range = function(n) { var r = []; for (var i = 0; i < n; i++) r.push(i); return r };
  _.mixin = function(obj) {
    _.each(Object.keys(obj), function(name) {
      var func = obj[name];
      _.prototype[name] = function() {
        return func.apply(_, [this._wrapped].concat([].slice.call(arguments)));
      };
    });
  };
  _.each = function(list, f) { for (var i = 0; i < list.length; i++) f(list[i], i, list) };
  _.map = function(list, f) { var r = []; _.each(list, function(x) { r.push(f(x)) }); return r };
  _.noConflict = function() { root._ = previous; return this };
  root._ = _;
  _.mixin(_);
}.call(this));
"""


def test_libraries_run_first_and_in_turn(sandbox: Sandbox) -> None:
    libraries = (
        UNDERSCORE_LIKE,
        "var twice = function(x) { return x * 2 };",
        "const STEP = 3; class Named { static label = 'n' }; let moved = _.map([1], twice)",
    )
    code = "_(_.map(inputs, twice)).map(function(x) { return x + STEP + Named.label + moved })"
    value = sandbox.evaluate(code, "expression", {"inputs": [1, 2], "self": None}, libraries)
    assert value == ["5n2", "7n2"]


def test_variables_win_over_those_of_libraries(sandbox: Sandbox) -> None:
    assert sandbox.evaluate("self", "expression", {"self": 1}, ["var self = 2"]) == 1
    with pytest.raises(JavaScriptError, match="redeclaration of 'self'"):
        sandbox.evaluate("self", "expression", {"self": 1}, ["let self = 2"])


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("'a\ud800b'.length", 3),
        ("'a\0b'", "a\0b"),
        ("/a\0/.source.length", 2),
        ("1 // \ud800", 1),
        ("'\ud83d\ude00'.length", 2),
    ],
)
def test_code_may_hold_what_the_engine_takes_in_no_script(
    sandbox: Sandbox, code: str, value: object
) -> None:
    for _ in range(2):
        assert sandbox.evaluate(code, "expression", {"inputs": {}}) == value


def test_a_variable_that_a_library_has_fixed_is_an_error_not_the_library_s_value(
    sandbox: Sandbox,
) -> None:
    fixed = "Object.defineProperty(this, 'inputs', {value: 1})"
    assert failure(sandbox, "inputs", "expression", (fixed,)).kind == "runtime"


def test_the_last_value_of_a_library_does_not_matter(sandbox: Sandbox) -> None:
    for last in (r"'\ud800'", "Array(99999).join('ab') + x", "Symbol()", "10n", "[1]"):
        assert sandbox.evaluate("x", "expression", {}, [f"var x = 1; {last}"]) == 1


@pytest.mark.parametrize(
    ("code", "form", "line", "column"),
    [
        ("foo", "expression", 1, 1),
        ("\n\n  foo.bar", "expression", 3, 3),
        ("1 +\r\n2 +\r foo", "expression", 3, 2),
        ("'\u2028' +\n'\u00e9\U0001f600' + foo", "expression", 2, 8),
        ("var a = 1;\nfunction f() {\n  return foo;\n}\nreturn f();", "body", 3, 10),
        ("var a = 1;\n\n    throw new Error('x')", "body", 3, 15),
        ("return inputs.a.b", "body", 1, 8),
    ],
)
def test_position_of_what_is_thrown(
    sandbox: Sandbox, code: str, form: Form, line: int, column: int
) -> None:
    error = failure(sandbox, code, form)
    assert (error.kind, error.line, error.column, error.library) == ("runtime", line, column, None)


@pytest.mark.parametrize(
    ("code", "form", "line", "column"),
    [
        ("1 +\n  * 2", "expression", 2, 3),
        ("f(1", "expression", 1, 4),
        ("", "expression", 1, 1),
        ("var a;\nvar b = ;\nreturn a", "body", 2, 9),
        ("if (x) {\n  return 1\n", "body", 3, 1),
    ],
)
def test_position_of_what_does_not_compile(
    sandbox: Sandbox, code: str, form: Form, line: int, column: int
) -> None:
    error = failure(sandbox, code, form)
    assert (error.kind, error.line, error.column, error.library) == (
        "syntax",
        line,
        column,
        None,
    )


def test_positions_in_libraries(sandbox: Sandbox) -> None:
    good = "function g(f) {\n  return f() }\n"
    thrown = failure(sandbox, "\nbad()", "expression", (good, "\nfunction bad() {\n nope() }"))
    assert (thrown.kind, thrown.library, thrown.line, thrown.column) == ("runtime", 1, 3, 2)
    assert str(thrown) == "ReferenceError: nope is not defined (library 2, line 3, column 2)"
    called_back = failure(sandbox, "1 +\n g(function() { nope() })", "expression", (good,))
    assert (called_back.library, called_back.line, called_back.column) == (None, 2, 17)
    at_load = failure(sandbox, "1", "expression", (good, "1\n\nnope()"))
    assert (at_load.kind, at_load.library, at_load.line) == ("runtime", 1, 3)
    broken = failure(sandbox, "1", "expression", (good, "var a\nvar b c"))
    assert (broken.kind, broken.library, broken.line, broken.column) == ("syntax", 1, 2, 7)
    evaluated = failure(sandbox, "1", "expression", ("\n\neval('1 +')",))
    assert (evaluated.kind, evaluated.library, evaluated.line) == ("runtime", 0, 3)
    unusable = failure(sandbox, "1", "expression", (good, "1\n '\ud800'"))
    assert (unusable.kind, unusable.library, unusable.line, unusable.column) == ("syntax", 1, 2, 3)


@pytest.mark.parametrize(
    ("thrown", "message"),
    [
        ("'text'", "text"),
        ("null", "null"),
        ("undefined", "undefined"),
        ("{code: 7}", '{"code":7}'),
        ("Symbol('x')", "Symbol(x)"),
        ("{toString() { return '[object Object]' }, toJSON() {}}", "undefined"),
        ("Object.create(null)", "an object was thrown that cannot be turned into text"),
        ("{toString: function() { throw 1 }}", "an object was thrown that cannot be turned"),
        ("new TypeError('a\\nb')", "TypeError: a\nb"),
    ],
)
def test_anything_can_be_thrown(sandbox: Sandbox, thrown: str, message: str) -> None:
    error = failure(sandbox, f"throw {thrown}", "body")
    assert error.kind == "runtime"
    assert error.message.startswith(message)


@pytest.mark.parametrize(
    "library",
    [
        "Error.prepareStackTrace = function() { return '    at <input>:99999999999:1' }",
        "Error.prepareStackTrace = function() { throw 1 }",
        "Error.stackTraceLimit = 0",
        "Object.prototype.toJSON = function() { return 1 }; Object.prototype.get = 1",
        "String.prototype.slice = String = JSON.stringify = Object.keys = undefined",
        "Array.prototype.join = function() { return 'evil' }; Array.prototype[0] = 3",
        "Function.prototype.apply = Function.prototype.call = function() { return 'evil' }",
    ],
)
def test_changed_built_ins_do_not_reach_the_harness(sandbox: Sandbox, library: str) -> None:
    assert sandbox.evaluate("inputs + 1", "expression", {"inputs": 1}, [library]) == 2
    error = failure(sandbox, "foo", "expression", (library,))
    assert (error.kind, error.message) == ("runtime", "ReferenceError: foo is not defined")


def test_nothing_leaks_into_the_next_evaluation(sandbox: Sandbox) -> None:
    pollute = """
      leaked = 1; Object.prototype.leaked = 2; Array.prototype.map = null; JSON = null;
      inputs.changed = true; String.prototype.trim = function() { return 'evil' };
      return 1"""
    inputs = {"n": 1}
    assert sandbox.evaluate(pollute, "body", {"inputs": inputs}) == 1
    code = "[typeof leaked, ({}).leaked, [1].map(String), typeof JSON, inputs, ' x '.trim()]"
    value = sandbox.evaluate(code, "expression", {"inputs": inputs})
    assert value == ["undefined", None, ["1"], "object", {"n": 1}, "x"]
    assert inputs == {"n": 1}


@pytest.mark.parametrize(
    "name",
    [
        *("require", "process", "std", "os", "print", "console", "scriptArgs", "module", "Deno"),
        *("fetch", "setTimeout", "Atomics", "SharedArrayBuffer", "Worker", "WebAssembly"),
        "fairwf_syntax_check",
    ],
)
def test_there_is_no_host(sandbox: Sandbox, name: str) -> None:
    assert sandbox.evaluate(f"typeof {name}", "expression", {}) == "undefined"


def test_modules_are_never_loaded(sandbox: Sandbox) -> None:
    code = "var r = 0; import('/etc/passwd').then(f, f); function f() { r = 1 } return r"
    assert sandbox.evaluate(code, "body", {}) == 0
    assert failure(sandbox, "import x from 'os'", "body").kind == "syntax"


def test_chance_and_clock_run_by_default(sandbox: Sandbox) -> None:
    code = "[Math.random(), Date.now()]"
    first = sandbox.evaluate(code, "expression", {})
    second = sandbox.evaluate(code, "expression", {})
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert first[0] != second[0]
    assert second[1] >= first[1] > 1_600_000_000_000


def test_reproducible_evaluations() -> None:
    code = """[Math.random(), Math.random(), Date.now(), new Date().getTime(), Date(),
      new Date(2020, 0, 1).toISOString(), new Date(5).getTime(), new Date() instanceof Date,
      new Date().constructor === Date, Date.UTC(1970, 0, 1), typeof performance,
      new (class extends Date {})().getTime(), Date.length, Date.name,
      new Date(2021, 6, 1).getTimezoneOffset(), Reflect.construct(Date, []).getTime()]"""
    with Sandbox(reproducible=True) as one, Sandbox(reproducible=True) as two:
        values = [box.evaluate(code, "expression", {}) for box in (one, one, two)]
    assert values[0] == values[1] == values[2]
    value = values[0]
    assert isinstance(value, list)
    assert 0 <= value[0] < 1
    assert value[0] != value[1]
    assert value[2:] == [
        *(0, 0, "Thu Jan 01 1970 00:00:00 GMT+0000", "2020-01-01T00:00:00.000Z", 5, True, True),
        *(0, "undefined", 0, 7, "Date", 0, 0),
    ]


def test_reproducible_random_numbers_are_spread() -> None:
    code = "var n = []; for (var i = 0; i < 1000; i++) n.push(Math.random()); return n"
    with Sandbox(reproducible=True) as sandbox:
        numbers = sandbox.evaluate(code, "body", {})
    assert isinstance(numbers, list)
    assert len(set(numbers)) == 1000
    assert 0.45 < sum(numbers) / 1000 < 0.55


def test_texts_with_rare_line_ends_stay_apart(sandbox: Sandbox) -> None:
    error = failure(sandbox, "nope", "expression", ("\u2028\u2029\u2028" * 9 + "1",))
    assert (error.library, error.line, error.column) == (None, 1, 1)
