"""Hostile code ends in an error within its limits, and the next evaluation works."""

from collections.abc import Iterator

import pytest

from fairwf.engine.sandbox import JavaScriptError, Limits, Sandbox

SMALL = Limits(wall_s=5, cpu_s=0.15, memory_bytes=32 << 20, result_bytes=1 << 20)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SMALL) as made:
        yield made


def kind_of(sandbox: Sandbox, code: str, libraries: tuple[str, ...] = ()) -> str:
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate(code, "body", {"inputs": {"a": [1]}}, libraries)
    assert sandbox.evaluate("inputs.n + 1", "expression", {"inputs": {"n": 1}}) == 2
    return caught.value.kind


FOREVER = "function() { for (;;); }"


@pytest.mark.parametrize(
    "code",
    [
        "for (;;);",
        "for (;;) { try { for (;;); } catch (e) {} finally { continue } }",
        f"[3, 2, 1].sort({FOREVER})",
        f"return {{toJSON: {FOREVER}}}",
        f"throw {{toString: {FOREVER}}}",
        f"var e = new Error(); e.toString = {FOREVER}; throw e",
        f"var e = new Error(); Object.defineProperty(e, 'stack', {{get: {FOREVER}}}); throw e",
        f"return Object.defineProperty({{}}, 'x', {{enumerable: true, get: {FOREVER}}})",
        f"return new Proxy({{}}, {{ownKeys: {FOREVER}}})",
        f"return [1].concat(new Proxy([], {{get: {FOREVER}}}))",
        "return /(a+)+$/.test(Array(60).join('a') + 'b')",
        "return Array(1e9).join('xx')",
        "return new Array(4294967295).indexOf(1)",
        "var n = 3n; for (;;) n = n * n % (2n ** 400000n)",
    ],
)
def test_too_much_time(sandbox: Sandbox, code: str) -> None:
    assert kind_of(sandbox, code) == "timeout"


def test_too_much_time_in_a_library(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate("1", "expression", {}, ["1", "\nfunction spin() { for (;;); }\nspin()"])
    assert (caught.value.kind, caught.value.library, caught.value.line) == ("timeout", 1, 2)


def test_libraries_and_code_share_the_time(sandbox: Sandbox) -> None:
    little = "for (var i = 0; i < 2e5; i++);"
    assert sandbox.evaluate("return 1", "body", {}, [little, little]) == 1
    assert kind_of(sandbox, little, (little,) * 300) == "timeout"


def test_sorting_a_big_array_with_a_comparator_that_lies(sandbox: Sandbox) -> None:
    code = """var a = []; for (var i = 0; i < 3e5; i++) a.push(i);
      a.sort(function(x, y) { a.length = 5; a.push(x); return Math.random() - 0.5 }); return 1"""
    assert kind_of(sandbox, code) == "timeout"


def test_wall_clock_ends_what_the_engine_cannot_interrupt() -> None:
    limits = Limits(wall_s=0.2, cpu_s=30)
    with Sandbox(limits) as sandbox:
        before = None
        for code in ("Array(1e9).join('xx')", "for (;;);"):
            sandbox.evaluate("1", "expression", {})
            assert sandbox.worker_pid() != before
            before = sandbox.worker_pid()
            with pytest.raises(JavaScriptError, match=r"0\.2 s") as caught:
                sandbox.evaluate(code, "body" if ";" in code else "expression", {})
            assert caught.value.kind == "timeout"
            assert sandbox.worker_pid() is None


@pytest.mark.parametrize(
    "code",
    [
        "var a = []; for (;;) a.push({})",
        "var a = []; for (;;) a.push([a.length, 'x' + a.length])",
        "var s = ''; for (;;) { s += 'x'.repeat(1e6) }",
        "return 'x'.repeat(5e8)",
        "return new ArrayBuffer(1e9)",
        "return Array(1e7).join('0123456789')",
        "var a = [1]; for (var i = 0; i < 40; i++) a = [a, a]; return a",
        "return {toJSON: function() { return 'x'.repeat(3e7) }}",
        "return 'x'.repeat(2e6)",
        "throw new Error('x'.repeat(1e9))",
    ],
)
def test_too_much_memory(code: str) -> None:
    with Sandbox(Limits(cpu_s=5, memory_bytes=32 << 20, result_bytes=1 << 20)) as sandbox:
        assert kind_of(sandbox, code) == "memory"


def test_a_request_larger_than_the_memory(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate("1", "expression", {"inputs": "x" * (33 << 20)})
    assert caught.value.kind == "memory"
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate("1", "expression", {"inputs": [{}] * (5 << 20)})
    assert caught.value.kind == "memory"
    assert sandbox.evaluate("1", "expression", {}) == 1


@pytest.mark.parametrize(
    "code",
    [
        "function f() { return f() + 1 } return f()",
        "function f() { return [1].map(f) } return f()",
        "var o = {toString: function() { return '' + o }}; return '' + o",
        "var p = new Proxy({}, {get: function(t, k, r) { return r[k] }}); return p.x",
        "var a = []; for (var i = 0; i < 1e5; i++) a = [a]; return a",
        "return JSON.parse(Array(100000).join('['))",
        "return new RegExp(Array(50000).join('(') + Array(50000).join(')'))",
        "return eval(Array(100000).join('('))",
        "return 2n ** (2n ** 40n)",
        "var s = 'x'; for (var i = 0; i < 40; i++) s += s; return s.length",
    ],
)
def test_too_deep_or_too_big_for_the_engine(code: str) -> None:
    with Sandbox(Limits(cpu_s=5, memory_bytes=128 << 20)) as sandbox:
        assert kind_of(sandbox, code) == "runtime"


def test_deep_code_is_an_error_of_the_code(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate("(" * 100_000, "expression", {})
    assert caught.value.kind in ("syntax", "runtime")
    assert sandbox.evaluate("1", "expression", {}) == 1


def test_recursion_that_real_programs_use(sandbox: Sandbox) -> None:
    code = "function depth(n) { return n ? 1 + depth(n - 1) : 0 } return depth(2000)"
    assert sandbox.evaluate(code, "body", {}) == 2000


def test_limits_must_be_positive() -> None:
    with pytest.raises(ValueError, match="cpu_s"):
        Limits(cpu_s=0)
    with pytest.raises(ValueError, match="wall_s"):
        Limits(wall_s=float("nan"))
