"""Command lines: what programs and shells receive."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwf.engine.evaluate import Bindings, Evaluator
from fairwf.engine.task import TaskFailed
from fairwf.engine.task.arguments import Word, shell_line, words_of
from fairwf.engine.task.faults import Computing
from fairwf.engine.task.script import script_text
from fairwf.ir.command import (
    Argument,
    CaseRendering,
    FieldRendering,
    Placeholder,
    Rendering,
    Text,
    Words,
)
from fairwf.ir.expressions import (
    Attr,
    Call,
    Directory,
    Expr,
    File,
    Input,
    IntLit,
    Local,
    StringLit,
)
from fairwf.ir.origins import Origins
from fairwf.ir.types import ArrayType, FileType, StringType
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Script


def computing(**inputs: Any) -> Computing:
    return Computing(Evaluator(), Bindings(inputs=inputs), (), Origins())


def rendered(value: Any, **how: Any) -> list[str]:
    argument = Argument(value=to_literal(value), rendering=Rendering(**how))
    return [word.text for word in words_of([argument], computing())]


FILE = File(path="/d/a b.txt", basename="a b.txt")
ITEMS = Rendering(prefix="-i")


@pytest.mark.parametrize(
    ("value", "how", "words"),
    [
        ("x", {}, ["x"]),
        ("x", {"prefix": "-p"}, ["-p", "x"]),
        ("x", {"prefix": "-p=", "separate": False}, ["-p=x"]),
        ("", {"prefix": "-p"}, ["-p", ""]),
        (3, {"prefix": "-n"}, ["-n", "3"]),
        (0.00001, {}, ["0.00001"]),
        (0.0000000123, {}, ["0.0000000123"]),
        (1.23e25, {}, ["12300000000000000000000000"]),
        (True, {"prefix": "-v"}, ["-v"]),
        (True, {}, []),
        (False, {"prefix": "-v"}, []),
        (None, {"prefix": "-v"}, []),
        (FILE, {"prefix": "-f"}, ["-f", "/d/a b.txt"]),
        (Directory(path="/d"), {}, ["/d"]),
        (["a", 1], {"prefix": "-p"}, ["-p", "a", "1"]),
        (["a", "b"], {"prefix": "-p", "items": ITEMS}, ["-p", "-i", "a", "-i", "b"]),
        (["a", "b"], {"prefix": "-p", "item_separator": ","}, ["-p", "a,b"]),
        (["a", "b"], {"prefix": "-p=", "separate": False, "item_separator": ","}, ["-p=a,b"]),
        ([], {"prefix": "-p"}, []),
        ([], {"prefix": "-p", "item_separator": ","}, []),
        ([["a"], ["b", "c"]], {"items": Rendering(item_separator="+")}, ["a", "b+c"]),
        ([True, False], {"items": ITEMS}, ["-i"]),
        ({"a": 1, "b": 2}, {"prefix": "-r"}, ["-r"]),
        (
            {"a": 1, "b": None, "c": 3},
            {
                "fields": tuple(
                    FieldRendering(name=n, rendering=Rendering(prefix=f"-{n}")) for n in "cba"
                )
            },
            ["-c", "3", "-a", "1"],
        ),
    ],
)
def test_values_become_words(value: Any, how: dict[str, Any], words: list[str]) -> None:
    assert rendered(value, **how) == words


def test_a_union_is_rendered_by_the_first_case_that_fits() -> None:
    cases = (
        CaseRendering(type=ArrayType(items=StringType()), rendering=Rendering(item_separator=":")),
        CaseRendering(type=FileType(), rendering=Rendering(prefix="-f")),
    )
    assert rendered(["a", "b"], cases=cases) == ["a:b"]
    assert rendered(FILE, cases=cases) == ["-f", "/d/a b.txt"]
    assert rendered(7, cases=cases, prefix="-n") == ["-n", "7"]


def test_a_computed_value_sees_self_but_not_for_none() -> None:
    how = Rendering(value=Attr(of=Local(name="self"), name="basename"), prefix="-f")
    argument = Argument(value=Input(name="v"), rendering=how)
    assert words_of([argument], computing(v=FILE)) == [Word("-f"), Word("a b.txt")]
    assert words_of([argument], computing(v=None)) == []


def test_positions_sort_before_place() -> None:
    def argument(name: str, position: Expr | None = None) -> Argument:
        return Argument(value=StringLit(value=name), position=position)

    length = Call(function="length", args=(Local(name="self"),))
    arguments = [
        argument("bbb", length),
        argument("zero"),
        argument("a", length),
        argument("minus", IntLit(value=-1)),
        argument("zero again"),
    ]
    words = [word.text for word in words_of(arguments, computing())]
    assert words == ["minus", "zero", "zero again", "a", "bbb"]


@pytest.mark.parametrize("bad", ["nul\0", b"bytes", File(basename="nowhere")])
def test_what_cannot_be_a_word_is_refused(bad: Any) -> None:
    with pytest.raises(TaskFailed, match="FWF4002"):
        rendered(bad)


# Every text that can be an argument: no NUL, no half characters.
ARGUMENT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
HOSTILE = st.one_of(
    ARGUMENT,
    st.sampled_from(["$(id)", "`id`", "'", '"', "\\", "\n", "-n", "--", "*", "~", "!x", "a;b", ""]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=8))
def test_a_shell_receives_the_words_as_they_are(texts: list[str]) -> None:
    line = "printf '%s\\0' " + shell_line([Word(text) for text in texts])
    got = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True).stdout
    assert got == b"".join(text.encode() + b"\0" for text in texts)


def test_what_is_not_quoted_is_for_the_shell() -> None:
    body = (
        Words(
            arguments=(
                Argument(value=StringLit(value="echo")),
                Argument(value=StringLit(value="a|b")),
                Argument(value=StringLit(value="| cat"), rendering=Rendering(quote=False)),
            )
        ),
    )
    assert script_text(Script(body=body), computing()) == "echo 'a|b' | cat"


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        ("a b", {}, "a b"),
        ("a b", {"quote": "shell"}, "'a b'"),
        (["a", "b c"], {"separator": ","}, "a,b c"),
        (["a", "b c"], {"separator": " ", "quote": "shell"}, "a 'b c'"),
        (True, {"when_true": "--yes", "when_false": ""}, "--yes"),
        (False, {"when_true": "--yes", "when_false": "--no"}, "--no"),
        (None, {}, ""),
        (None, {"default": StringLit(value="d")}, "d"),
        (FILE, {"quote": "shell"}, "'/d/a b.txt'"),
        (1.5, {}, "1.5"),
    ],
)
def test_placeholders(value: Any, how: dict[str, Any], text: str) -> None:
    body = (Text(text="<"), Placeholder(value=Input(name="v"), **how), Text(text=">"))
    assert script_text(Script(body=body), computing(v=value)) == f"<{text}>"


def test_an_array_without_separator_cannot_be_written() -> None:
    body = (Placeholder(value=Input(name="v")),)
    with pytest.raises(TaskFailed, match="separator"):
        script_text(Script(body=body), computing(v=["a"]))


def test_a_script_runs_with_its_interpreter_by_file_and_by_argument(
    place: Any, tmp_path: Path
) -> None:
    from fairwf.ir.ports import OutputPort, Stdout

    for delivery, interpreter in (("file", ("/bin/sh",)), ("argument", ("/bin/sh", "-c"))):
        process = Script(
            interpreter=interpreter,
            delivery=delivery,  # type: ignore[arg-type]
            body=(Text(text="echo '"), Text(text="a\nb'\nexit 0\n")),
            outputs=(OutputPort(id="o", type=FileType(), collect=Stdout()),),
        )
        outputs = place.run(process).outputs
        assert outputs["o"].size == 4
