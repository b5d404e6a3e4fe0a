"""What crosses between Python and JavaScript, and what does not."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.engine.sandbox import JavaScriptError, Limits, Sandbox, inexact_integers


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(wall_s=20, cpu_s=5, result_bytes=200_000)) as made:
        yield made


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1", 1),
        ("1.0", 1),
        ("1.5", 1.5),
        ("-0", 0),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("Math.pow(2, 53) + 2", 2**53 + 2),
        ("Math.pow(2, 60)", 2**60),
        ("1e21", 1e21),
        ("5e-324", 5e-324),
        ("1 / 0", math.inf),
        ("-1 / 0", -math.inf),
        ("true", True),
        ("null", None),
        ("undefined", None),
        ("void 0", None),
        ("[undefined, null]", [None, None]),
        ("({a: undefined, b: 1})", {"b": 1}),
        ("{b: [1, {c: 'x'}]}", {"b": [1, {"c": "x"}]}),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("[new Number(1), new String('s'), new Boolean(false)]", [1, "s", False]),
        ("[new Number(NaN / 1 || 1/0)]", [math.inf]),
        ("({toJSON: function() { return 7 }})", 7),
        (r"'\ud83d\ude00 \u2028 \ud800 \0'", "\U0001f600 \u2028 \ud800 \0"),
        ("'\U0001f600'.length", 2),
        (r"[1/0, '\0n1', '\0']", [math.inf, "\0n1", "\0"]),
        ("({__proto__: null, a: 1})", {"a": 1}),
        ("(function() { return arguments })(1, 2)", {"0": 1, "1": 2}),
    ],
)
def test_results(sandbox: Sandbox, code: str, value: object) -> None:
    result = sandbox.evaluate(code, "expression", {})
    assert result == value
    assert type(result) is type(value)


def test_not_a_number_comes_back_as_one(sandbox: Sandbox) -> None:
    result = sandbox.evaluate("[0 / 0]", "expression", {})
    assert isinstance(result, list)
    assert math.isnan(result[0])


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("function() {}", "function"),
        ("({a: [function() {}]})", "function at key '0'"),
        ("Symbol('x')", "symbol"),
        ("10n", "bigint"),
        ("({when: new Map()})", "Map at key 'when'"),
        ("new Set([1])", "Set"),
        ("Promise.resolve(1)", "Promise"),
        ("import('os')", "Promise"),
        ("/x/", "RegExp"),
        ("new Error('x')", "Error"),
        ("new Uint8Array(2)", "Uint8Array"),
        ("(function() { var a = []; a.push(a); return a })()", "contains itself"),
    ],
)
def test_no_json_form(sandbox: Sandbox, code: str, named: str) -> None:
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate(code, "expression", {})
    assert caught.value.kind == "type"
    assert named in caught.value.message


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False).filter(lambda number: not number.is_integer())
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(bool), inner),
    max_leaves=12,
)


@given(value=JSON_VALUES)
def test_round_trip(sandbox: Sandbox, value: object) -> None:
    assert sandbox.evaluate("inputs", "expression", {"inputs": value}) == value


def test_members_named_like_parts_of_objects(sandbox: Sandbox) -> None:
    value = {"__proto__": {"x": 1}, "constructor": 1, "toString": "t", "bad": math.inf}
    assert sandbox.evaluate("self", "expression", {"self": value}) == value
    assert sandbox.evaluate("self.x", "expression", {"self": value}) is None


def test_integers_beyond_doubles_become_the_nearest_and_can_be_told_before(
    sandbox: Sandbox,
) -> None:
    value = {"a/b": [2**53, 2**53 + 1], "exact": 2**60, "~": {"big": -(2**63) + 1}, "t": True}
    assert inexact_integers(value) == ["/a~1b/1", "/~0/big"]
    result = sandbox.evaluate("inputs", "expression", {"inputs": value})
    assert result == value | {"a/b": [2**53, 2**53], "~": {"big": -(2**63)}}


@pytest.mark.parametrize(
    "integer", [10**400, 10**5000, -(10**309)], ids=["400 digits", "5000 digits", "negative"]
)
def test_integers_beyond_the_range_of_doubles_are_refused(sandbox: Sandbox, integer: int) -> None:
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate("self", "expression", {"self": [integer]})
    assert caught.value.kind == "type"


def test_python_values_without_json_form_are_refused(sandbox: Sandbox) -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    for value in (object(), b"bytes", {1, 2}, cycle):
        with pytest.raises(JavaScriptError) as caught:
            sandbox.evaluate("self", "expression", {"self": value})
        assert caught.value.kind == "type"


def test_results_nested_too_deeply_for_python(sandbox: Sandbox) -> None:
    code = "var a = []; for (var i = 0; i < 3000; i++) a = [a]; return a"
    with pytest.raises(JavaScriptError) as caught:
        sandbox.evaluate(code, "body", {})
    assert caught.value.kind == "type"


def test_result_larger_than_its_limit(sandbox: Sandbox) -> None:
    assert sandbox.evaluate("Array(199999).join('x').length", "expression", {}) == 199_998
    for size, fits in ((199_998, True), (199_999, False)):
        code = f"Array({size} + 1).join('x')"
        if fits:
            assert sandbox.evaluate(code, "expression", {}) == "x" * size
        else:
            with pytest.raises(JavaScriptError, match="larger than 200000 bytes") as caught:
                sandbox.evaluate(code, "expression", {})
            assert caught.value.kind == "memory"


def test_size_of_a_result_counts_bytes(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError, match="larger than 200000"):
        sandbox.evaluate("Array(100001).join('\u20ac')", "expression", {})


def test_names_of_variables_must_be_identifiers(sandbox: Sandbox) -> None:
    for name in ("a b", "1x", "", "a;evil()", "a\n"):
        with pytest.raises(ValueError, match="not a name"):
            sandbox.evaluate("1", "expression", {name: 1})
