"""Snakefiles as documents: what becomes of rules, wildcards, functions; and mistakes."""

import ast
from pathlib import Path

import pytest

from fairwf.check import check
from fairwf.document import Document
from fairwf.engine import RunOptions, run
from fairwf.formats import ReadOptions, Source
from fairwf.ir import types as ir
from fairwf.ir.expressions import (
    Array,
    Call,
    Each,
    If,
    Index,
    Key,
    Local,
    Output,
    Record,
    StringLit,
    Template,
)
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Demand, Operation, Script, Step, Workflow
from fairwf.report import FairwfError, Report
from fairwf_snakemake import CONVERTER
from fairwf_snakemake.document import read
from fairwf_snakemake.reading.patterns import posix
from fairwf_snakemake.snakefile.static import Evaluator, NotStaticError

EXAMPLE = Path(__file__).parents[3] / "examples/snakemake"


def reading(folder: Path, text: str, target: str | None = None) -> tuple[Document, Report]:
    """Return what a Snakefile in a folder is read as; it must be valid."""
    path = folder / "Snakefile"
    path.write_text(text)
    report = Report()
    source = Source(name=str(path), path=path, fragment=target, tree=folder)
    document = read(source, ReadOptions(), report)
    found = Report()
    check(document, found)
    assert found.errors == []
    return document, report


def workflow_of(document: Document) -> Workflow:
    assert isinstance(document.workflow, Workflow)
    return document.workflow


def step(document: Document, name: str) -> Step:
    return next(each for each in workflow_of(document).steps if each.id == name)


def faults(folder: Path, text: str) -> list[tuple[str, int | None, int | None]]:
    with pytest.raises(FairwfError) as refused:
        reading(folder, text)
    return [(d.code, d.line, d.column) for d in refused.value.report.errors]


# --- what is what ---------------------------------------------------------------------------------


def test_a_rule_is_a_step_over_its_wildcards(tmp_path: Path) -> None:
    document, _ = reading(
        tmp_path,
        "rule all:\n    input: 'm/a.bam'\n"
        "rule align:\n"
        "    input: 'r/{s}.fq'\n"
        "    output: bam='m/{s,[a-z]+}.bam'\n"
        "    threads: 4\n"
        "    resources: mem_mb=2000, runtime=10\n"
        "    shell: 'bwa -t {threads} {input} > {output.bam}'\n",
    )
    align = step(document, "align")
    assert isinstance(align.scatter, Demand)
    assert [(k.name, k.where) for k in align.scatter.keys] == [("s", "[a-z]+")]
    parts = (StringLit(value="m/"), Key(name="s"), StringLit(value=".bam"))
    assert align.produces == {"bam": Template(parts=parts)}
    assert isinstance(align.run, Script)
    assert [type(p.value).__name__ for p in align.run.body if hasattr(p, "value")] == [
        "Runtime",
        "Template",
        "Template",
    ]
    assert align.run.resources.cores is not None
    assert align.run.resources.memory is not None
    output = workflow_of(document).outputs[0]
    by = Record(fields={"s": StringLit(value="a")})
    assert output.value == Index(of=Output(step="align", port="bam"), by=by)


def test_expand_over_the_configuration_asks_for_each(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("samples: [a, b]\n")
    document, _ = reading(
        tmp_path,
        "configfile: 'c.yaml'\nSAMPLES = config['samples']\n"
        "rule all:\n    input: expand('{s}.out', s=SAMPLES)\n"
        "rule one:\n    output: '{s}.out'\n    shell: 'touch {output}'\n",
    )
    workflow = workflow_of(document)
    (port,) = workflow.inputs
    assert (port.id, port.type) == ("samples", ir.ArrayType(items=ir.StringType()))
    assert port.default is not None
    assert from_literal(port.default) == ["a", "b"]
    value = workflow.outputs[0].value
    assert isinstance(value, Each)
    assert isinstance(value.body, Index)
    assert value.body.by == Record(fields={"s": Template(parts=(Local(name="s"),))})


def test_an_input_function_is_translated_where_it_can_be(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("raw: {a: x.fq}\n")
    document, report = reading(
        tmp_path,
        "configfile: 'c.yaml'\n"
        "def raw(wildcards):\n"
        "    if wildcards.s == 'a':\n"
        "        return config['raw'][wildcards.s]\n"
        "    return f'r/{wildcards.s}.fq'\n"
        "rule one:\n    input: raw\n    output: '{s}.out'\n    shell: 'cp {input} {output}'\n",
        "a.out",
    )
    value = step(document, "one").inputs["input"]
    assert isinstance(value, If)
    assert value.test == Call(function="equal", args=(Key(name="s"), StringLit(value="a")))
    assert not [d for d in report if d.code == "FWF1504"]


def test_what_cannot_be_translated_is_opaque_and_named(tmp_path: Path) -> None:
    document, report = reading(
        tmp_path,
        "import pandas as pd\n"
        "def raw(wildcards):\n    return pd.read_csv('t.csv').loc[wildcards.s]\n"
        "rule one:\n    input: raw\n    output: '{s}.out'\n    shell: 'cp {input} {output}'\n",
        "a.out",
    )
    one = step(document, "one")
    opaque = [node for node in one.inputs.values() if isinstance(node, Each)]
    assert opaque
    assert "python" in str(opaque)
    (told,) = [d for d in report if d.code == "FWF1504"]
    assert "dynamic: depends on function raw at line 2" in told.message
    assert (told.line, told.column) == (5, 12)
    assert one.extensions["snakemake"]["dynamic"]


def test_ruleorder_and_rules_without_wildcards_come_first(tmp_path: Path) -> None:
    document, _ = reading(
        tmp_path,
        "ruleorder: b > a\n"
        "rule a:\n    output: '{x}.txt'\n    shell: 'touch {output}'\n"
        "rule b:\n    output: '{x}.txt'\n    shell: 'touch {output}'\n"
        "rule c:\n    output: 'c.txt'\n    shell: 'touch {output}'\n",
        "c.txt",
    )
    priorities = {s.id: s.scatter.priority for s in workflow_of(document).steps
                  if isinstance(s.scatter, Demand)}  # fmt: skip
    assert priorities == {"a": 0, "b": 2, "c": 1}


def test_lists_of_outputs_are_taken_apart_and_paths_are_joined(tmp_path: Path) -> None:
    text = """
from pathlib import Path
OUT = Path(config.get("out", "results"))
rule index:
    output:
        idx=multiext("genome", ".amb", ".ann"),
    shell: "touch {output}"
rule use:
    input:
        idx=rules.index.output,
        more=lambda w: Path("in") / w.name / "reads.txt",
    output: "{name}.txt"
    params: where=lambda w: OUT / f"{w.name}.d"
    shell: "cat {input.idx} {input.more} > {output}; echo {params.where}"
"""
    document, _ = reading(tmp_path, text, target="a.txt")
    idx = step(document, "use").inputs["idx"]
    assert isinstance(idx, Array) and len(idx.items) == 2
    assert "in/" in repr(step(document, "use").inputs["more"])


def test_modules_includes_and_derived_rules(tmp_path: Path) -> None:
    (tmp_path / "inc.smk").write_text("rule inc:\n    output: 'i'\n    shell: 'touch {output}'\n")
    (tmp_path / "mod.smk").write_text("rule m:\n    output: 'res/m'\n    shell: 'touch {output}'\n")
    document, _ = reading(
        tmp_path,
        "include: 'inc.smk'\n"
        "module other:\n    snakefile: 'mod.smk'\n    replace_prefix: {'res/': 'new/'}\n"
        "use rule * from other as o_*\n"
        "use rule inc as inc2 with:\n    output: 'j'\n",
    )
    made = {s.id: s.produces["output"] for s in workflow_of(document).steps}
    texts = {name: value.value for name, value in made.items() if isinstance(value, StringLit)}
    assert texts == {"inc": "i", "o_m": "new/m", "inc2": "j"}


def test_what_only_snakemake_can_run_is_abstract(tmp_path: Path) -> None:
    document, _ = reading(
        tmp_path,
        "rule sort:\n    input: 'a.bam'\n    output: 'b.bam'\n"
        "    wrapper: 'v1/bio/samtools/sort'\n",
    )
    process = step(document, "sort").run
    assert isinstance(process, Operation)
    assert process.implementation == "snakemake wrapper: v1/bio/samtools/sort"


# --- it runs --------------------------------------------------------------------------------------


def outputs(document: Document, folder: Path) -> dict[str, str]:
    options = RunOptions(run_dir=folder / "run", outdir=folder / "out", container="none")
    record = run(document, {}, options)
    assert record.status == "completed", record.error
    return {p.name: p.read_text() for p in (folder / "out").iterdir() if p.is_file()
            and not p.name.startswith(".")}  # fmt: skip


def test_the_example_runs_on_our_engine(tmp_path: Path) -> None:
    document = read(Source.at(EXAMPLE / "Snakefile"), ReadOptions(), Report())
    counts = {n: len((EXAMPLE / f"data/{n}.txt").read_text().split()) for n in ("short", "long")}
    wanted = f"Words of the texts\nshort {counts['short']}\nlong {counts['long']}\n"
    assert outputs(document, tmp_path) == {"report.txt": wanted}


def test_python_of_a_rule_runs_with_what_snakemake_gives(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("seven\n")
    document, _ = reading(
        tmp_path,
        "import string\nLETTERS = string.ascii_lowercase\n"
        "rule all:\n    input: 'out/x.txt'\n"
        "rule code:\n"
        "    input: a='in.txt'\n    output: 'out/{w}.txt', touch('done.{w}')\n"
        "    params: n=3, names=['p', 'q']\n"
        "    run:\n"
        "        shell('cat {input.a} > {output[0]}')\n"
        "        with open(output[0], 'a') as f:\n"
        "            print(wildcards.w, params.n, params.names, rule, LETTERS[:3], file=f)\n",
    )
    assert outputs(document, tmp_path) == {"x.txt": "seven\nx 3 p q code abc\n"}


# --- mistakes and strangers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rule a:\n    imput: 'x'\n", ("FWF1501", 2, 5)),
        ("rule a:\n    input: 'x' 3\n", ("FWF1501", 2, 12)),
        ("rule a:\n    input: (\n", ("FWF1501", 2, 12)),
        ("rule a:\n    run:\n        f(1\n        x = (2)\n", ("FWF1501", 3, 10)),
        ("rule a:\n    output: 'x'\nrule a:\n    output: 'y'\n", ("FWF1501", 3, 1)),
        ("rule a:\n    output: 'x'\n    shell: 'awk {print'\n", ("FWF1501", 3, 12)),
        ("include: 'no.smk'\n", ("FWF1503", 1, 1)),
        ("include: 'https://example.org/a.smk'\n", ("FWF1007", 1, 1)),
        ("include: '/etc/passwd'\n", ("FWF1008", 1, 1)),
        ("configfile: '/etc/passwd'\nrule a:\n    output: 'x'\n", ("FWF1008", 1, 1)),
        ("use rule b as c\n", ("FWF1503", 1, 1)),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, text: str, fault: tuple[str, int, int]
) -> None:
    assert faults(tmp_path, text) == [fault]


def test_reading_executes_nothing(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "made").mkdir()
    text = (
        "import os, shutil\n"
        "os.remove('precious')\nshutil.rmtree('made')\n"
        "X = [os.remove('precious') for _ in range(3)]\n"
        "shell('rm -rf precious')\n"
        "def f(wildcards):\n    os.remove('precious')\n    return 'precious'\n"
        "Y = f(None)\nopen('new', 'w').write('x')\n"
        "rule a:\n    input: f\n    output: lambda w: os.remove('precious')\n    shell: 'true'\n"
    )
    reading(tmp_path, text)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["Snakefile", "made", "precious"]


HOSTILE = {
    "a line of 50 MB": "x = '" + "a" * 50_000_000 + "'\n",
    "nested parentheses": "rule a:\n    input: " + "(" * 5000 + ")" * 5000 + "\n",
    "a chain of operators": "x = " + "+".join(["1"] * 5_000) + "\nrule a:\n    output: 'x'\n",
    "nested blocks": "".join(" " * i + "if True:\n" for i in range(90)) + " " * 90 + "pass\n",
    "a list without end": "x = list(range(10**12))\nrule a:\n    output: expand('{x}', x=x)\n",
    "a text without end": "x = 'a' * 10**12\ny = '%999999999d' % 1\nrule a:\n    output: y\n",
    "a number without end": "x = 9**9**9**9\nrule a:\n    output: str(x)\n",
    "functions that call each other": "def f(x):\n    return f(x)\nrule a:\n    output: f(1)\n",
    "texts of texts": "x = ['a' * 1000] * 1000\nz = str([x] * 1000)\nrule a:\n    output: z\n",
    "many wildcards": "rule a:\n    output: '" + "{a}{b}{c}{d}{e}{f}{g}{h}{i}" + "'\n"
    "rule b:\n    input: '" + "x" * 1900 + "'\n    output: 'y'\n",
    "includes itself": "include: 'Snakefile'\n",
    "no text": "\0\0\0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_documents_of_strangers_end_in_diagnostics(tmp_path: Path, name: str) -> None:
    path = tmp_path / "Snakefile"
    path.write_text(HOSTILE[name])
    report = Report()
    source = Source(name="Snakefile", path=path, tree=tmp_path)
    try:
        read(source, ReadOptions(), report)
    except FairwfError as error:
        assert error.report.errors
    assert all(len(d.message) < 2500 for d in report)


# --- static values --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[x * 2 for x in range(4) if x % 2]",
        "{k: v for k, v in zip('ab', [1, 2])}",
        "'{}-{b:02d}'.format('a', b=3)",
        "f'{1 + 1:03d} {\"x\"!r}'",
        "sorted({'b', 'a'})[0].upper()",
        "'%s.%d' % ('a', 3)",
        "1 if 'a' in ['b'] else (2 if not [] else 3)",
        "[1, 2, 3][-2:] + [*range(2)]",
        "{'a': {'b': [5]}}['a']['b'][0]",
        "(lambda a, b=2: a + b)(1)",
        "'a,b'.split(',') == ['a', 'b'] and 3 > 2 >= 2",
    ],
)
def test_static_values_are_those_of_python(text: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert Evaluator().value(node, {}) == eval(text)


@pytest.mark.parametrize(
    "text", ["open('x')", "__import__('os')", "().__class__", "'{0.__class__}'.format(1)", "name"]
)
def test_what_is_not_in_the_subset_has_no_value(text: str) -> None:
    with pytest.raises(NotStaticError):
        Evaluator().value(ast.parse(text, mode="eval").body, {})


@pytest.mark.parametrize(
    ("python", "wanted"),
    [(r"\d+", "[0-9]+"), (r"[^/\d]+", "[^/0-9]+"), ("(?:a|b)", "(a|b)"), (r"a\.b", r"a\.b"),
     ("(?!x).*", None), ("a+?", None), (r"\bx", None)],
)  # fmt: skip
def test_constraints_as_posix_expressions(python: str, wanted: str | None) -> None:
    assert posix(python) == wanted


def test_snakefiles_are_recognised_by_what_they_hold() -> None:
    assert CONVERTER.detect is not None
    rule = Source(name="x", given=b"rule a:\n    input: 'x'\n    shell: 'y'\n")
    assert CONVERTER.detect(rule) == 90
    assert CONVERTER.detect(Source(name="x", given=b"rules: are rules\n")) == 0
