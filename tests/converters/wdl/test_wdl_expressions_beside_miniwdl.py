"""Every operator and function of the standard library gives what miniwdl's evaluator gives."""

import json
from pathlib import Path
from typing import Any

import pytest
import WDL
from WDL import Env, StdLib, Value

from fairwf.engine.evaluate import Bindings, Evaluator
from fairwf.ir.expressions import Opaque
from fairwf.ir.walk import walk
from fairwf_wdl.library import LIBRARY
from fairwf_wdl.outputs import render
from tests.converters.wdl.conftest import Reading

HEAD = """
struct Point {
  Int x
  Float? y
}
struct Sized {
  File? file
  Array[File]? files
  Int other
}
struct Row {
  Int x
  String s
}
"""

CASES = [
    # literals, texts and their placeholders
    ("String", r'"a\tb\n\"\\ \u00e9 \x41 \101"'),
    ("String", "'it is ~{1 + 1} and ~{true} and ~{0.5} and ~{\"~{3}\"}'"),
    ("String", '"~{sep=\', \' [1, 2, 3]}|~{true=\'yes\' false=\'no\' 1 < 2}"'),
    ("String", '"~{default=\'none\' maybe}~{maybe}."'),
    ("String", '"x ~{"--n " + maybe} ~{"--n " + known} y"'),
    ("String", "<<<\n    one ~{1}\n      two \\\n      more\n    three\n  >>>"),
    ("Array[String]", "[\"a\", 'b', \"~{sep=' ' prefix('-', ['x', 'y'])}\"]"),
    # numbers
    ("Array[Int]", "[1 + 2, 5 - 7, 3 * 4, 7 / 2, 7 % 3, 2 ** 10, min(3, 1), max(3, 1)]"),
    ("Array[Float]", "[1 + 0.5, 1.5 - 1, 3 * 0.5, 7 / 2.0, 2 ** 0.5, min(3, 1.5), max(3, 1.5)]"),
    ("Array[Int]", "[floor(1.9), ceil(1.1), round(1.5), round(1.4), floor(2)]"),
    ("String", '"~{1.0} ~{1e10} ~{1e-7} ~{0.1 + 0.2} ~{1000000 * 1000000}"'),
    # comparison and logic
    ("Array[Boolean]", "[1 < 2, 1 <= 1, 1 > 2, 1 >= 1, 1 == 1.0, 1 != 2, 'a' < 'b', 'a' == 'b']"),
    ("Array[Boolean]", "[true && false, true || false, !true, [1, 2] == [1, 2], (1, 2) == (1, 3)]"),
    ("Array[Boolean]", "[{'a': 1, 'b': 2} == {'b': 2, 'a': 1}, {'a': 1} == {'a': 1}]"),
    ("Array[Boolean]", "[defined(maybe), defined(known), maybe == known, false && 1 / 0 == 1]"),
    ("Int", "if known == 7 then 1 else 1 / 0"),
    ("Float", "if true then 1 else 0.5"),
    # access
    ("Int", "numbers[1] + pairs[0].left + {'a': 4}['a'] + {1: 5}[1]"),
    ("Float", "[(1, 2.0)][0].right + 0.5"),
    ("Point", "Point { x: 1 }"),
    ("Point", "{'x': 3}"),
    ("Map[String, Int]", "{'b': 1, 'a': 2}"),
    ("Map[Int, String]", "{2: 'b', 1: 'a'}"),
    ("Pair[Int, Pair[Float, String]]", "(1, (2, 'x'))"),
    ("Array[Array[Float]]", "[[1, 2.5], []]"),
    ("Array[Int?]", "[1, None]"),
    # texts
    ("Array[String]", "[sub('a1b22', '[0-9]+', '#'), sub('aXbX', 'X', '-')]"),
    ("String", "sub('a.b', '\\\\.', '_')"),
    ("Array[String?]", "[find('ab12', '[0-9]+'), find('ab', '[0-9]+')]"),
    ("Array[Boolean]", "[matches('ab12', '^[a-z]+'), matches('ab', '[0-9]')]"),
    ("Array[String]", "[basename('/a/b.bam'), basename('/a/b.bam', '.bam'), basename('b', '.x')]"),
    ("Array[String]", "[join_paths(['/a', 'b', 'c.txt']), join_paths(['/a/', 'b/c'])]"),
    ("Array[String]", "flatten([prefix('-', [1, 2]), suffix('.x', ['a'])])"),
    ("Array[String]", "flatten([quote([1]), squote(['b'])])"),
    ("String", "sep('|', [1, 2, 3]) + sep(',', [0.5])"),
    # arrays
    ("Array[Int]", "[length(numbers), length({'a': 1}), length('four'), length([])]"),
    ("Array[Int]", "flatten([range(3), select_all([1, None, 2]), [select_first([maybe, 5])]])"),
    ("Int", "select_first([maybe], 9)"),
    ("Array[Array[Int]]", "flatten([transpose([[1, 2], [3, 4]]), chunk([1, 2, 3], 2)])"),
    ("Array[Pair[Int, String]]", "flatten([zip([1, 2], ['a', 'b']), cross([1, 2], ['x'])])"),
    ("Pair[Array[Int], Array[String]]", "unzip([(1, 'a'), (2, 'b')])"),
    ("Array[Boolean]", "[contains([1, 2], 2), contains(['a'], 'b'), contains([1, None], None)]"),
    # maps
    ("Array[String]", "keys({'b': 1, 'a': 2})"),
    ("Array[Int]", "flatten([keys({3: 'x', 1: 'y'}), values({'b': 1, 'a': 2})])"),
    ("Array[String]", "keys(Point { x: 1 })"),
    ("Array[Pair[Int, String]]", "as_pairs({1: 'a', 2: 'b'})"),
    ("Map[String, Int]", "as_map([('a', 1), ('b', 2)])"),
    ("Map[Int, Array[String]]", "collect_by_key([(1, 'a'), (2, 'b'), (1, 'c')])"),
    ("Array[Boolean]", "[contains_key({'a': 1}, 'a'), contains_key({1: 2}, 3)]"),
    # files
    ("Array[String]", "[read_string(text), sep('|', read_lines(text))]"),
    ("Int", "read_int(number) + length(read_string(text))"),
    ("Float", "read_float(number) + size(number)"),
    ("Float", "size(number, 'KiB') + size([text, number], 'K')"),
    ("Float", "size([(1, text), (2, number)]) + size({'a': (text, 'b')}, 'K')"),
    ("Float", "size([[text], []]) + size(select_first([sized]))"),
    ("Boolean", "read_boolean(truth)"),
    ("Array[Array[String]]", "read_tsv(table)"),
    ("Array[Map[String, String]]", "read_tsv(table, true)"),
    ("Array[Map[String, String]]", "read_tsv(table, false, ['p', 'q'])"),
    ("Map[String, String]", "read_map(table)"),
    ("Array[Map[String, String]]", "read_objects(table)"),
    ("Map[String, String]", "read_object(table)"),
    ("Point", "read_json(json)"),
    ("String", "read_string(write_lines(['a', 'b'])) + read_string(write_lines([]))"),
    ("String", "read_string(write_tsv([['a', 'b'], ['c', 'd']]))"),
    ("String", "read_string(write_map({'k': 'v'}))"),
    ("String", "read_string(write_tsv([Row { x: 1, s: 'a' }], true))"),
    ("String", "read_string(write_tsv([['a', 'b']], true, ['h', 'i']))"),
    ("Map[String, Int]", "read_json(write_json({'a': 1}))"),
    ("String", "basename(text) + basename(text, '.txt')"),
]  # fmt: skip

FILES = {
    "text": "line one\nline two\n",
    "number": " 42\n",
    "truth": "TRUE\n",
    "table": "a\tb\nc\td\n",
    "json": '{"x": 4, "y": 5}',
}


class Oracle(StdLib.Base):
    """miniwdl's standard library on files of this machine."""

    def _devirtualize_filename(self, filename: str) -> str:
        return filename

    def _virtualize_filename(self, filename: str) -> str:
        return filename

    def _join_paths_default_directory(self) -> str:
        return "/"


def document(type_: str, expression: str) -> str:
    files = "\n".join(f"    File {name}" for name in FILES)
    return f"""version 1.2
{HEAD}
workflow w {{
  input {{
    Int? maybe
    Int? known
    Array[Int] numbers
    Array[Pair[Int, Int]] pairs
    Sized sized
{files}
  }}
  output {{
    {type_} result = {expression}
  }}
}}
"""


def expected(path: Path, inputs: dict[str, Any], folder: Path) -> Any:
    """What miniwdl gives."""
    tree = WDL.load(str(path))
    assert tree.workflow is not None
    (output,) = tree.workflow.outputs or []
    env: Env.Bindings[Value.Base] = WDL.values_from_json(
        inputs, tree.workflow.available_inputs, tree.workflow.required_inputs
    )
    env = env.bind("maybe", Value.Null())
    assert output.expr is not None
    return output.expr.eval(env, Oracle("1.2", str(folder))).coerce(output.type).json


@pytest.mark.parametrize(("type_", "expression"), CASES, ids=[case[1][:60] for case in CASES])
def test_an_expression_gives_what_miniwdl_gives(
    type_: str, expression: str, wdl: Reading, tmp_path: Path
) -> None:
    plain = {"known": 7, "numbers": [10, 20], "pairs": [{"left": 1, "right": 2}]}
    paths = {name: str(wdl.file(f"{name}.txt", text)) for name, text in FILES.items()}
    read = wdl.document(document(type_, expression)).workflow
    (output,) = read.outputs  # type: ignore[union-attr] - a workflow
    assert not [node for _, node in walk(read) if isinstance(node, Opaque)]
    from fairwf.engine.evaluate.reading import to_file

    sized = {"file": to_file(paths["text"]), "files": [to_file(paths["json"])], "other": 1}
    inputs = {
        **plain,
        "sized": sized,
        "maybe": None,
        **{name: to_file(path) for name, path in paths.items()},
    }
    given = render(Evaluator().plain(output.value, Bindings(inputs=inputs)))
    plain["sized"] = {"file": paths["text"], "files": [paths["json"]], "other": 1}
    wanted = expected(tmp_path / "main.wdl", {**plain, **paths}, tmp_path)
    assert json.dumps(given) == json.dumps(wanted)


def test_every_function_has_a_case() -> None:
    said = " ".join(expression for _, expression in CASES)
    named = {name for name in LIBRARY if not name.startswith("_")}
    assert {name for name in named if f"{name}(" not in said} == {"stdout", "stderr", "glob"}
