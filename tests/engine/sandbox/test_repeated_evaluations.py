"""The second evaluation of a text takes a shorter way than the first, and answers may be foreseen.

Neither may be seen: whatever the first gives, the others give, too.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwf.engine.sandbox import JavaScriptError, Limits, Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(wall_s=20, cpu_s=5, result_bytes=200_000)) as made:
        yield made


CONTEXT = {"inputs": {"a": "x", "n": 3}, "self": None}


def outcome(sandbox: Sandbox, code: str, libraries: list[str] | None = None) -> Any:
    try:
        value = sandbox.evaluate(code, "body", CONTEXT, libraries or [])
    except JavaScriptError as error:
        return "error", error.kind, error.message, error.line, error.column, error.library
    return type(value).__name__, repr(value)


CODES = [
    "return 1",
    "return -0",
    "return 1.5",
    "return Math.pow(2, 31)",
    "return Math.pow(2, 53)",
    "return 123456789012345680000",
    "return 1e21",
    "return 5e-324",
    "return 0 / 0",
    "return 1 / 0",
    "return true",
    "return false",
    "return null",
    "return",
    "return ''",
    "return 'a' + inputs.a",
    "return 'M'",
    "return 'a\\0b'",
    "return '\\0n1'",
    "return '\\ud800'",
    "return '\\u{1F600}\\u2028\"\\\\'",
    "var s = ''; for (var i = 0; i < 3000; i++) s = 'ab' + s; return s",
    "var s = 'x'; for (var i = 0; i < 18; i++) s += s; return s",
    "return [1, 'a', null]",
    "return {a: [undefined], b: undefined, c: 0 / 0}",
    "return new String('boxed')",
    "return new Date(0)",
    "return function () {}",
    "return Symbol('s')",
    "return 10n",
    "return new Map()",
    "throw new Error('wrong')",
    "throw 'a text'",
    "throw null",
    "throw {code: 5}",
    "\n  return missing.name",
    "return typeof Atomics + typeof SharedArrayBuffer",
    "JSON.stringify = function () { return '7'; }; return inputs.a",
    "Object.prototype.toJSON = function () { return 7; }; return inputs.a",
    "String.prototype.toJSON = function () { return 7; }; return inputs.a",
    "Object.defineProperty(Object.prototype, 'v', {get: function () { return 1; }}); return 'x'",
    "inputs = 5; leaked = 6; return typeof leaked",
    "return typeof leaked",
    "return arguments.length + String(this === globalThis)",
    "return String(arguments.callee.caller)",
]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("libraries", [[], ["var three = 3;", "function f() { return three; }"]])
def test_every_evaluation_of_a_text_gives_the_same(
    sandbox: Sandbox, code: str, libraries: list[str]
) -> None:
    first = outcome(sandbox, code, libraries)
    for _ in range(3):
        assert outcome(sandbox, code, libraries) == first
    sandbox.foresee([(code, "body", CONTEXT, libraries)] * 2)
    for _ in range(3):
        assert outcome(sandbox, code, libraries) == first


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.none(),
        st.booleans(),
        st.floats(),
        st.integers(-(2**53), 2**53),
        st.text(),
        st.lists(st.text(), max_size=2),
    )
)
def test_values_come_back_alike_the_second_time(sandbox: Sandbox, value: Any) -> None:
    found = [sandbox.evaluate("self", "expression", {"self": value}) for _ in range(2)]
    assert repr(found[0]) == repr(found[1])
    assert [type(each) for each in found] == [type(found[0])] * 2


def test_a_text_that_gives_now_this_now_that_gives_it_each_time(sandbox: Sandbox) -> None:
    for value in ["a", {"b": 1}, "c", 2, [3], None, "d"]:
        assert sandbox.evaluate("inputs.v", "expression", {"inputs": {"v": value}}) == value


@pytest.mark.parametrize("libraries", [[], ["var three = 3;"]])
def test_limits_hold_for_later_evaluations_too(libraries: list[str]) -> None:
    loop = "if (inputs.n > 1) for (;;); return 'done'"
    fill = "var s = []; if (inputs.n > 1) for (;;) s.push(new Array(1000).fill(1)); return 'done'"
    long = "return inputs.n > 1 ? 'x'.repeat(3000) : 'x'"
    limits = Limits(wall_s=20, cpu_s=0.2, memory_bytes=8 << 20, result_bytes=2000)
    with Sandbox(limits) as sandbox:
        for code, kind in ((loop, "timeout"), (fill, "memory"), (long, "memory")):
            for _ in range(2):
                sandbox.evaluate(code, "body", {"inputs": {"n": 1}}, libraries)
            with pytest.raises(JavaScriptError) as caught:
                sandbox.evaluate(code, "body", {"inputs": {"n": 2}}, libraries)
            assert caught.value.kind == kind, code


# --- foreseen -------------------------------------------------------------------------------------


def test_a_foreseen_answer_is_for_one_evaluation_only(sandbox: Sandbox) -> None:
    code = "return Math.random()"
    sandbox.evaluate(code, "body", {})
    sandbox.foresee([(code, "body", {}, [])] * 3)
    found = {sandbox.evaluate(code, "body", {}) for _ in range(6)}
    assert len(found) == 6


def test_a_foreseen_answer_is_for_the_same_values_only(sandbox: Sandbox) -> None:
    code = "return inputs + '!'"
    sandbox.evaluate(code, "body", {"inputs": "z"})
    sandbox.foresee([(code, "body", {"inputs": text}, []) for text in "abc"])
    for text in ("c", "d", "a", "b", "a"):
        assert sandbox.evaluate(code, "body", {"inputs": text}) == f"{text}!"


def test_foreseeing_again_forgets_what_was_not_asked_for(sandbox: Sandbox) -> None:
    code = "return Date.now()"
    sandbox.evaluate(code, "body", {})
    sandbox.foresee([(code, "body", {}, [])])
    time.sleep(0.02)
    moment = time.time() * 1000
    sandbox.foresee([])
    assert sandbox.evaluate(code, "body", {}) >= moment - 1


def test_what_fails_when_foreseen_fails_when_asked_for_and_not_before() -> None:
    loop = "if (inputs === 'b') for (;;); return inputs"
    with Sandbox(Limits(wall_s=20, cpu_s=0.2)) as sandbox:
        sandbox.evaluate(loop, "body", {"inputs": "z"})
        sandbox.foresee([(loop, "body", {"inputs": text}, []) for text in "abc"])
        assert sandbox.evaluate(loop, "body", {"inputs": "a"}) == "a"
        with pytest.raises(JavaScriptError) as caught:
            sandbox.evaluate(loop, "body", {"inputs": "b"})
        assert caught.value.kind == "timeout"
        assert sandbox.evaluate(loop, "body", {"inputs": "c"}) == "c"


def test_a_worker_that_hangs_while_foreseeing_is_replaced() -> None:
    loop = "if (inputs === 'b') for (;;); return inputs"
    with Sandbox(Limits(wall_s=0.5, cpu_s=10)) as sandbox:
        sandbox.evaluate(loop, "body", {"inputs": "z"})
        worker = sandbox.worker_pid()
        sandbox.foresee([(loop, "body", {"inputs": text}, []) for text in "abc"])
        assert sandbox.evaluate(loop, "body", {"inputs": "a"}) == "a"
        assert sandbox.evaluate(loop, "body", {"inputs": "c"}) == "c"
        assert sandbox.worker_pid() != worker


def test_what_cannot_be_sent_at_once_is_left_for_later(sandbox: Sandbox) -> None:
    code = "return inputs.length"
    sandbox.evaluate(code, "body", {"inputs": ""})
    texts = ["x" * 40_000, "y" * 400_000, "z"]
    sandbox.foresee(
        [("not new", "body", {}, []), *((code, "body", {"inputs": text}, []) for text in texts)]
    )
    for text in texts:
        assert sandbox.evaluate(code, "body", {"inputs": text}) == len(text)


def test_large_answers_that_were_foreseen_arrive_whole(sandbox: Sandbox) -> None:
    code = "return inputs.repeat(60000)"
    sandbox.evaluate(code, "body", {"inputs": ""})
    sandbox.foresee([(code, "body", {"inputs": letter}, []) for letter in "abcdefgh"])
    for letter in "abcdefgh":
        assert sandbox.evaluate(code, "body", {"inputs": letter}) == letter * 60_000


def test_answers_that_are_too_large_to_be_kept_are_not_foreseen_again() -> None:
    code = "return inputs.repeat(1000000)"
    with Sandbox() as sandbox:
        sandbox.evaluate(code, "body", {"inputs": ""})
        worker = sandbox.worker_pid()
        for _ in range(2):
            sandbox.foresee([(code, "body", {"inputs": letter}, []) for letter in "abcdefgh"])
            for letter in "abcdefgh":
                assert sandbox.evaluate(code, "body", {"inputs": letter}) == letter * 1_000_000
        assert sandbox.worker_pid() not in (None, worker)
