"""A text that comes often runs in a context that stays: it gives what it gives in a fresh one."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import _quickjs
import pytest

from fairwf.engine.sandbox import JavaScriptError, Sandbox
from fairwf.engine.sandbox.lasting import lasts
from fairwf.engine.sandbox.program import lasting_context

OFTEN = 12
"""More evaluations than a context has to come by before it stays."""

LAST = [
    "var m = inputs.a, out = ''; for (var i = 0; i < m.length; i += 1) out = m.charAt(i) + out;"
    " return out;",
    "var t = 0; inputs.l.forEach(function (n) { t += n; }); return t;",
    "return inputs.l.map(n => n * 2).filter(n => n > 2).join('+')",
    "return inputs.a.replace(/(b+)(c)/g, '$2$1')",
    "inputs.l.push(4); return inputs.l.length",
    "var m = new Map(); m.set('k', 1); return m.get('k') + (m.size == 1 ? 'one' : 'many')",
    "const [a, b] of_ = 1; return 1",
    "try { missing(); } catch (e) { return e.name; }",
    "return JSON.stringify({a: [1, {b: null}]})",
    "let i = 0; while (i < 5) { i++; } return i",
    "return inputs.missing === undefined && inputs.a >= 'a' && inputs.a <= 'z'",
]

LAST_NOT = [
    "var d = {}; d.toString = 'x'; return d.toString",
    "var d = {}, k = 'valueOf'; d[k] = 5; return d[k]",
    "var d = {valueOf: 1}; d.valueOf += 1; return d.valueOf",
    "var d = {a: 1}; d.a++; return d.a",
    "var d = {a: 1}; --d.a; return d.a",
    "var d = {a: 1}; ++(d.a); return d.a",
    "var d = {}; for (d.toString of ['x', 'y']); return d.toString",
    "var d = {}; [d.toString] = ['x']; return d.toString",
    "var d = {}; ({a: d.toString} = {a: 'x'}); return d.toString",
    "var d = {}; d. /* of d */ toString = 'x'; return d.toString",
    "var d = {}; d." + " " * 300 + "toString = 'x'; return d.toString",
    "Array = 5; return typeof Array",
    "escape = 5; return typeof escape",
    "return String(this === globalThis)",
    "return String(Object.isFrozen(Array.prototype))",
    "return typeof eval + typeof Function",
    "return arguments.length",
    "delete inputs.a; return inputs.a === undefined",
    "return 'caf\u00e9'.length",
]

TELL_BY_WHAT_HAPPENS = [
    "leaked = (typeof leaked) + inputs.a; return leaked",
    "for (i = 0; i < 3; i += 1); return i",
    "return inputs.n.more",
    "return [].concat['construc' + 'tor']('return typeof leaked')()",
    "var f = 'x'['construc' + 'tor']; return f.fromCharCode(65) + (f.kept = (f.kept || 0) + 1)",
    "return 'x'.repeat(50)[inputs.a]",
]

CONTEXT: dict[str, Any] = {"inputs": {"a": "abbc", "l": [1, 2, 3], "n": None}}


@pytest.fixture(name="sandbox", scope="module")
def _sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def outcome(sandbox: Sandbox, code: str, libraries: tuple[str, ...] = ()) -> str:
    """The value, or the kind, message and place of the error."""
    try:
        return repr(sandbox.evaluate(code, "body", CONTEXT, libraries))
    except JavaScriptError as error:
        return repr((error.kind, str(error), error.line, error.column))


@pytest.mark.parametrize("code", LAST)
def test_texts_that_only_set_variables_may_share_a_context(code: str) -> None:
    assert lasts(code)


@pytest.mark.parametrize("code", LAST_NOT)
def test_texts_that_could_tell_may_not(code: str) -> None:
    assert not lasts(code)


@pytest.mark.parametrize("code", LAST + LAST_NOT + TELL_BY_WHAT_HAPPENS)
def test_each_evaluation_gives_what_a_fresh_context_gives(sandbox: Sandbox, code: str) -> None:
    fresh = outcome(sandbox, code, (";",))  # a context with a library is never kept
    assert [outcome(sandbox, code) for _ in range(OFTEN)] == [fresh] * OFTEN


def test_texts_take_turns_and_leave_nothing_to_each_other(sandbox: Sandbox) -> None:
    codes = [code for code in LAST + TELL_BY_WHAT_HAPPENS if lasts(code)]
    fresh = [outcome(sandbox, code, (";",)) for code in codes]
    for _ in range(OFTEN):
        assert [outcome(sandbox, code) for code in codes] == fresh


def test_a_text_that_fails_at_some_values_gives_all_others(sandbox: Sandbox) -> None:
    for number in range(3 * OFTEN):
        given = {"inputs": {"a": None if number % 10 == 9 else f"x{number}"}}
        if number % 10 == 9:
            with pytest.raises(JavaScriptError, match="TypeError"):
                sandbox.evaluate("inputs.a.length", "expression", given)
        else:
            found = sandbox.evaluate("inputs.a.length", "expression", given)
            assert found == len(f"x{number}")


def test_no_object_that_code_can_reach_is_open() -> None:
    """A walk from every kind of value that has a syntax or a built-in function of its own."""
    context = _quickjs.Context()
    context.eval(lasting_context())
    found = context.eval(
        """(function () {
          var waiting = [
            globalThis, function () {}, function* () {}, async function () {}, () => 0,
            async function* () {},
            (async function () {})(), class {}, /a/g, [], {}, 1, 'a', true, Symbol(), 1n,
            new Error(), [].keys(), new Map().keys(), new Set().keys(), ''[Symbol.iterator](),
            'a'.matchAll(/a/g), [].keys().map(x => x), [].keys().flatMap(x => [x]),
            Iterator.from({next() {}}), Iterator.from([]), new Int8Array(2), new ArrayBuffer(2),
            new DataView(new ArrayBuffer(2)), new Proxy({}, {}), new Date(), Promise.resolve(),
            new WeakRef({}), new FinalizationRegistry(x => x), new DisposableStack(), JSON, Math,
            Object.getOwnPropertyDescriptor((function () {}).__proto__, 'caller')
          ].map(each => typeof each === 'object' || typeof each === 'function' ?
            {made: each, of: Object.getPrototypeOf(each)} : {of: Object.getPrototypeOf(each)});
          var done = new Set([globalThis]), open = [];
          waiting = waiting.flatMap(each => each.made === globalThis ?
            Reflect.ownKeys(globalThis).map(name => globalThis[name]) : [each.of]);
          while (waiting.length) {
            var next = waiting.pop();
            if (next === null || !/object|function/.test(typeof next) || done.has(next)) continue;
            done.add(next);
            if (!Object.isFrozen(next)) open.push(String(next.name || next));
            for (var name of Reflect.ownKeys(next)) {
              var member = Object.getOwnPropertyDescriptor(next, name);
              waiting.push(member.value, member.get, member.set);
            }
            waiting.push(Object.getPrototypeOf(next));
          }
          return done.size + ' ' + open.join();
        })()"""
    )
    number, _, unfrozen = found.partition(" ")
    assert int(number) > 600
    assert unfrozen == ""


def test_no_text_becomes_code_in_a_context_that_stays() -> None:
    context = _quickjs.Context()
    context.eval(lasting_context())
    for code in (
        "Function('return 1')()",
        "new Function('return 1')()",
        "(function () {}).constructor('return 1')()",
        "(function* () {}).constructor('yield 1')()",
        "(async function () {}).constructor('return 1')()",
        "(async function* () {}).constructor('return 1')()",
        "eval('1')",
        "(class {}).constructor('return 1')()",
    ):
        with pytest.raises(_quickjs.JSException, match=r"EvalError|'eval' is not defined|eval"):
            context.eval(code)


def test_published_javascript_gives_the_same_in_a_context_that_stays(
    corpora: Path, sandbox: Sandbox
) -> None:
    codes: set[str] = set()
    for path in sorted((corpora / "cwl").rglob("*.cwl")):
        parts = path.read_text(encoding="utf-8", errors="replace").split("${")[1:]
        codes.update(part[: part.find("}\n")] for part in parts if part.find("}\n") < 400)
    kept = sorted(code for code in codes if lasts(code))
    assert len(kept) > 100
    kept = random.Random(20261127).sample(kept, 60)
    for code in kept:
        fresh = outcome(sandbox, code, (";",))
        assert [outcome(sandbox, code) for _ in range(OFTEN)] == [fresh] * OFTEN, code
