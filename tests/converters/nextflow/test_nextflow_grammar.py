"""The grammar of scripts and configuration: forms, places, what is refused and how."""

import time

import pytest

from fairwf.report import InvalidError
from fairwf_nextflow.grammar import configuration, tree
from fairwf_nextflow.grammar.configuration import parse_config
from fairwf_nextflow.grammar.source_text import Text
from fairwf_nextflow.grammar.statements import parse
from fairwf_nextflow.grammar.walk import walk


def script(text: str) -> tuple[tree.Statement, ...]:
    return parse(Text(text, "main.nf")).statements


def value(text: str) -> tree.Expression:
    (only,) = script(f"x = {text}")
    assert isinstance(only, tree.Assign) and only.value is not None
    return only.value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a ? b : c", tree.Ternary),
        ("a ?: c", tree.Ternary),
        ("a?.b", tree.Property),
        ("a*.b", tree.Property),
        ("[:]", tree.MapOf),
        ("[a: 1, (k): 2, 'c d': 3]", tree.MapOf),
        ("[1, *rest]", tree.ListOf),
        ("1..<n", tree.Range),
        ("n =~ /a\\/b/", tree.Binary),
        ("it instanceof Path", tree.Binary),
        ("x as Integer", tree.Binary),
        ("~/[a-z]+/", tree.Unary),
        ("{ a, b = 2 -> a + b }", tree.Closure),
        ("{ (k, v), rest -> k }", tree.Closure),
        ("it -> it.size()", tree.Call),
        ("new File('x')", tree.New),
        ("$/a/b $x/$", tree.Str),
        ("4.GB * task.attempt", tree.Binary),
        ("a\n  .map { it }\n  .view()", tree.Call),
        ("a\n  | b\n  | c", tree.Binary),
        ("file params.x", tree.Call),
    ],
)  # fmt: skip
def test_expressions_are_parsed(text: str, kind: type[tree.Node]) -> None:
    if text.startswith("it ->"):
        assert isinstance(value(f"ch.view({text})"), kind)
    else:
        assert isinstance(value(text), kind)


def test_a_text_holds_its_pieces() -> None:
    found = value('"""a ${x.y ? "b$c" : \'d\'} $e.f \\$g \\\\n"""')
    assert isinstance(found, tree.Str)
    shown = [type(part).__name__ if not isinstance(part, str) else part for part in found.parts]
    assert shown == ["a ", "Ternary", " ", "Property", " $g \\n"]


def test_precedence_is_that_of_groovy() -> None:
    found = value("a + b * c == d && !e || f")
    assert isinstance(found, tree.Binary) and found.operator == "||"
    both = found.left
    assert isinstance(both, tree.Binary) and both.operator == "&&"
    same = both.left
    assert isinstance(same, tree.Binary) and same.operator == "=="


def test_a_process_has_its_sections() -> None:
    (process,) = script(
        "process A {\n  tag \"$x\"\n  label 'big'\n  input:\n  tuple val(x), path(y), emit: z\n"
        "  output:\n  path('o'), emit: o, optional: true\n  when: x > 1\n  script:\n"
        "  def a = 1\n  '''\n  echo\n  '''\n  stub:\n  'touch o'\n}\n"
    )
    assert isinstance(process, tree.Process)
    sizes = [len(part) for part in (process.directives, process.inputs, process.outputs)]
    assert (sizes, len(process.body), len(process.stub)) == ([2, 1, 1], 2, 1)
    assert process.when is not None and process.kind == "script"


def test_a_workflow_has_its_sections_and_includes_have_aliases() -> None:
    include, flow = script(
        "include { A; B as C } from './x' addParams(k: 1)\n"
        "workflow W {\n take: a\n main: C(a)\n emit: o = C.out\n}\n"
    )
    assert isinstance(include, tree.Include)
    assert [(one.name, one.alias) for one in include.names] == [("A", "A"), ("B", "C")]
    assert len(include.params) == 1
    assert isinstance(flow, tree.WorkflowBlock) and flow.name == "W"
    assert (len(flow.takes), len(flow.main), len(flow.emits)) == (1, 1, 1)


def test_every_node_has_its_place() -> None:
    text = Text('def f(a, b = 2) {\n  if (a) { return "$b" }\n  [x: a, *: y]\n}\n', "main.nf")
    nodes = [one for statement in parse(text).statements for one in walk(statement)]
    assert len(nodes) > 10
    assert all(0 <= one.start < one.end <= len(text.text) for one in nodes)
    returned = next(one for one in nodes if isinstance(one, tree.Leave))
    assert text.place(returned.start) == (2, 12)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("workflow {\n  x = [1, 2\n}\n", 3, 1, "does not close"),
        ("process A\n  input:\n  val x\n}\n", 1, 1, "does not begin with '{'"),
        ("x = 1\nworkflow\n  A()\n}\n", 2, 1, "does not begin with '{'"),
        ("x = 1\n}\n", 2, 1, "does not close anything"),
        ("x = 'abc\n", 1, 5, "does not end on its line"),
        ('x = """abc\n', 1, 5, "not closed"),
        ("process A {\n  inputs:\n  val x\n}\n", 2, 3, "no section 'inputs'"),
        ("include { A } form './a'\n", 1, 15, "expected 'from'"),
        ("x = a ? b\n", 2, 1, "expected ':'"),
        ("/* open", 1, 1, "comment is not closed"),
        ("x = 1 2\n", 1, 7, "end of the statement"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(
    text: str, line: int, column: int, says: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        script(text)
    (found,) = caught.value.report
    assert (found.code, found.line, found.column) == ("FWF1601", line, column)
    assert says in found.message


@pytest.mark.parametrize(
    "text",
    ["x = " + "[" * 5000, "x = " + "(" * 200 + ")" * 200, 'x = "' + '${"' * 2000, "{" * 4000,
     "x = " + "!" * 100_000 + "y", "x = " + "a ? b : " * 50_000 + "c"],
)  # fmt: skip
def test_deep_nesting_is_refused_in_little_time(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidError) as caught:
        script(text)
    assert {one.code for one in caught.value.report} <= {"FWF1009", "FWF1601"}
    assert time.process_time() - began < 20  # a bound, not a measurement


def test_a_configuration_has_scopes_selectors_and_settings() -> None:
    found = parse_config(
        Text(
            "params.a = 1\nprocess {\n  cpus = { 2 * task.attempt }\n"
            "  withName: 'A|B' { memory = 4.GB }\n  withLabel:big { time = '1h' }\n}\n"
            "profiles { docker { docker.enabled = true } }\n"
            "try {\n  includeConfig 'a.config'\n} catch (Exception e) {\n  println e\n}\n"
            "includeConfig !params.a ? 'b' : 'c'\nenv.X = \"${params.a}\"\n",
            "nextflow.config",
        )
    )
    kinds = [type(one).__name__ for one in found]
    assert kinds == ["Setting", "Scope", "Scope", "Code", "ConfigInclude", "Setting"]
    process = found[1]
    assert isinstance(process, configuration.Scope)
    selectors = [one.selector for one in process.body if isinstance(one, configuration.Scope)]
    assert selectors == ["A|B", "big"]
