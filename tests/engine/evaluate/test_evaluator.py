"""Evaluation of every kind of node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from fairwf.engine.evaluate import (
    Bindings,
    EvaluationError,
    Evaluator,
    FunctionError,
    KeyedValue,
    NotReady,
    StreamItem,
    StreamValue,
)
from fairwf.engine.sandbox import Sandbox
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import (
    Array,
    Attr,
    Binding,
    BoolLit,
    Call,
    Directory,
    Each,
    Expr,
    File,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    NoneLit,
    Opaque,
    Output,
    Record,
    Reference,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.values import Value


def text(value: str) -> StringLit:
    return StringLit(value=value)


def whole(value: int) -> IntLit:
    return IntLit(value=value)


def add(a: Expr, b: Expr) -> Call:
    return Call(function="add", args=(a, b))


class Waiting:
    """A scope in which steps' outputs are missing, each under its own name."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, reference: Reference) -> Any:
        if isinstance(reference, Output):
            self.asked.append(reference.step)
            raise NotReady({reference.step})
        raise FunctionError("nothing")

    def demand_path(self, path: str) -> Any:
        raise NotReady({path})

    def readable(self, value: Any) -> Any:
        return value


def missing(name: str) -> Output:
    return Output(step=name, port="out")


def value_of(expression: Expr, **inputs: Any) -> Any:
    scope = Bindings(inputs=inputs, runtime={"cores": 2})
    return Evaluator().evaluate(expression, scope)


# --- what waits -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        add(missing("a"), missing("b")),
        Array(items=(missing("a"), whole(1), missing("b"))),
        Record(fields={"x": missing("a"), "y": missing("b")}),
        Template(parts=(missing("a"), text("-"), missing("b"))),
        Index(of=missing("a"), by=missing("b")),
        add(add(whole(1), missing("a")), missing("b")),
        Each(
            name="i",
            over=Array(items=(text("a"), text("b"))),
            body=If(
                test=Call(function="equal", args=(Local(name="i"), text("a"))),
                then=missing("a"),
                otherwise=missing("b"),
            ),
        ),
        Opaque(
            language="javascript",
            text="1",
            bindings=(
                Binding(path=("x",), value=missing("a")),
                Binding(path=("y",), value=missing("b")),
            ),
        ),
    ],
)
def test_everything_that_is_missing_is_asked_for_at_once(expression: Expr) -> None:
    with pytest.raises(NotReady) as caught:
        Evaluator().evaluate(expression, Waiting())
    assert caught.value.waits == {"a", "b"}


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        (If(test=BoolLit(value=True), then=whole(1), otherwise=missing("a")), 1),
        (Call(function="and", args=(BoolLit(value=False), missing("a"))), False),
        (Call(function="or", args=(BoolLit(value=True), missing("a"))), True),
        (Call(function="default", args=(whole(0), missing("a"))), 0),
    ],
)
def test_lazy_forms_do_not_ask_for_what_they_do_not_need(expression: Expr, result: Any) -> None:
    scope = Waiting()
    assert Evaluator().evaluate(expression, scope) == result
    assert scope.asked == []


def test_a_demanded_path_is_the_scopes_affair() -> None:
    with pytest.raises(NotReady) as caught:
        Evaluator().evaluate(Call(function="demand_path", args=(text("x.bam"),)), Waiting())
    assert caught.value.waits == {"x.bam"}


# --- values -----------------------------------------------------------------------------------


def test_templates_write_texts_as_they_are_and_the_rest_as_json() -> None:
    parts = (
        text("a "),
        FloatLit(value=1.0),
        NoneLit(),
        BoolLit(value=True),
        Record(fields={"k": Array(items=(whole(1), text('"')))}),
    )
    assert value_of(Template(parts=parts)) == 'a 1nulltrue{"k": [1, "\\""]}'


def test_a_file_in_a_template_is_its_cwl_object() -> None:
    file = File(location="file:///d/a.txt", path="/d/a.txt", basename="a.txt")
    assert value_of(Template(parts=(text("="), Input(name="f"))), f=file) == (
        '={"class": "File", "location": "file:///d/a.txt", "path": "/d/a.txt", "basename": "a.txt"}'
    )


def test_each_filters_and_nests() -> None:
    body = Each(
        name="y",
        over=Local(name="x"),
        body=add(Local(name="y"), whole(1)),
        where=Call(function="greater", args=(Local(name="y"), whole(1))),
    )
    assert value_of(Each(name="x", over=Input(name="a"), body=body), a=[[1, 2], [3]]) == [[3], [4]]


def test_attributes_of_files() -> None:
    file = File(location="file:///d/a.tar.gz", path="/d/a.tar.gz", size=3)
    got = {
        name: value_of(Attr(of=Input(name="f"), name=name), f=file)
        for name in ("basename", "nameroot", "nameext", "dirname", "size", "contents", "class")
    }
    assert got == {
        "basename": "a.tar.gz",
        "nameroot": "a.tar",
        "nameext": ".gz",
        "dirname": "/d",
        "size": 3,
        "contents": None,
        "class": "File",
    }


class Squares(KeyedValue):
    def get(self, key: Mapping[str, Value]) -> Value:
        n = key["n"]
        assert isinstance(n, int)
        if n > 9:
            raise NotReady({n})
        return n * n


def keyed(n: int) -> Index:
    return Index(of=Input(name="squares"), by=Record(fields={"n": whole(n)}))


def test_a_keyed_collection_is_indexed_by_a_record_of_its_keys() -> None:
    assert value_of(keyed(3), squares=Squares()) == 9
    with pytest.raises(NotReady) as caught:
        value_of(Array(items=(keyed(10), keyed(2), keyed(11))), squares=Squares())
    assert caught.value.waits == {10, 11}


@pytest.mark.parametrize(
    "expression",
    [
        Each(name="x", over=Input(name="squares"), body=Local(name="x")),
        Call(function="length", args=(Input(name="squares"),)),
        Index(of=Input(name="squares"), by=whole(1)),
    ],
)
def test_a_keyed_collection_can_do_nothing_else(expression: Expr) -> None:
    with pytest.raises(EvaluationError, match="a key"):
        value_of(expression, squares=Squares())


def test_streams_keep_lineage_and_are_collected_in_its_order() -> None:
    items = (StreamItem((1,), 20), StreamItem((0,), 10))
    open_, closed = StreamValue(items, False, frozenset({"s"})), StreamValue(items, True)
    plus = Each(name="x", over=Input(name="s"), body=add(Local(name="x"), whole(1)))
    collected = Call(function="collect", args=(plus,))
    assert value_of(collected, s=closed) == [11, 21]
    with pytest.raises(NotReady) as caught:
        value_of(collected, s=open_)
    assert caught.value.waits == {"s"}
    first = value_of(Call(function="take", args=(Input(name="s"), whole(1))), s=open_)
    assert first.closed
    assert first.in_order() == [10]


# --- faults -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (lambda: Input(name="raeds"), "no input 'raeds'", "did you mean 'reads'?"),
        (lambda: Attr(of=Input(name="r"), name="nme"), "no member 'nme'", "'name'"),
        (lambda: Call(function="lenght", args=()), "no function 'lenght'", "'length'"),
        (lambda: Index(of=Array(items=()), by=whole(0)), "no index 0", None),
        (lambda: Index(of=Array(items=(whole(1),)), by=whole(-1)), "no index -1", None),
        (
            lambda: Index(of=Array(items=(whole(1),)), by=BoolLit(value=False)),
            "indexed by a whole number",
            None,
        ),
        (lambda: Attr(of=NoneLit(), name="x"), "none has no member 'x'", None),
        (lambda: Runtime(name="exitCode"), "no runtime value 'exitCode'", None),
        (lambda: Key(name="k"), "no key 'k'", None),
        (lambda: Opaque(language="python", text="1"), "cannot evaluate python", None),
        (lambda: add(whole(1), text("x")), "must be a number", None),
    ],
)
def test_a_fault_names_the_smallest_node(make: Any, message: str, hint: str | None) -> None:
    bad = make()
    around = Array(items=(whole(1), If(test=BoolLit(value=True), then=bad, otherwise=NoneLit())))
    with pytest.raises(EvaluationError) as caught:
        value_of(around, reads=[], r={"name": 1})
    assert message in caught.value.message
    assert caught.value.node is bad
    if hint is not None:
        assert caught.value.hint is not None
        assert hint in caught.value.hint


def test_a_test_must_be_a_truth_value() -> None:
    test = whole(1)
    with pytest.raises(EvaluationError, match="expected true or false") as caught:
        value_of(If(test=test, then=whole(1), otherwise=whole(2)))
    assert caught.value.node is test


# --- JavaScript -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Evaluator]:
    with Sandbox() as sandbox:
        yield Evaluator(sandbox)


def javascript(code: str, **options: Any) -> Opaque:
    bindings = (
        Binding(path=("inputs", "f"), value=Input(name="f")),
        Binding(path=("inputs", "n"), value=Input(name="n")),
        Binding(path=("runtime", "cores"), value=Runtime(name="cores")),
    )
    return Opaque(language="javascript", text=code, bindings=bindings, **options)


SCOPE = Bindings(
    inputs={
        "f": File(
            location="file:///d/a.txt",
            basename="a.txt",
            secondary=(File(location="file:///d/a.txt.idx"),),
            extensions={"cwl": {"ex:tag": "t"}},
        ),
        "n": 3,
    },
    runtime={"cores": 2},
)


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("inputs.n * runtime.cores", 6),
        ("inputs.f.secondaryFiles[0].location", "file:///d/a.txt.idx"),
        ("inputs.f['ex:tag']", "t"),
        ("inputs.n / 2", 1.5),
        ("null", None),
        ("({a: [inputs.n, true]})", {"a": [3, True]}),
    ],
)
def test_javascript_sees_its_bindings(evaluator: Evaluator, code: str, result: Any) -> None:
    assert evaluator.evaluate(javascript(code), SCOPE) == result


def test_files_that_javascript_gives_are_files(evaluator: Evaluator) -> None:
    same = evaluator.evaluate(javascript("[inputs.f]"), SCOPE)
    assert isinstance(same, list)
    assert isinstance(same[0], File)
    assert same[0].secondary[0].location == "file:///d/a.txt.idx"
    assert same[0].extensions == {"cwl": {"ex:tag": "t"}}
    folder = evaluator.evaluate(
        javascript("({class: 'Directory', basename: 'd', listing: [inputs.f]})"), SCOPE
    )
    assert isinstance(folder, Directory)
    assert folder.listing is not None
    with pytest.raises(EvaluationError, match="'size' of a File"):
        evaluator.evaluate(javascript("({class: 'File', size: 'big'})"), SCOPE)


def test_libraries_and_bodies(evaluator: Evaluator) -> None:
    library = ExpressionLibrary(language="javascript", text="function twice(x) { return 2 * x; }")
    other = ExpressionLibrary(language="python", text="not javascript")
    node = javascript("var x = twice(inputs.n); return x;", form="body")
    assert evaluator.evaluate(node, SCOPE, [library, other]) == 6


def test_a_fault_of_javascript_has_its_place_in_the_text(evaluator: Evaluator) -> None:
    node = javascript("1 +\n nothing.x")
    with pytest.raises(EvaluationError) as caught:
        evaluator.evaluate(node, SCOPE)
    assert caught.value.node is node
    assert "nothing" in caught.value.message
    assert caught.value.line == 2
