"""Documents written as Snakefiles; tests/matrix and tests/laws run them in Snakemake."""

import importlib
import re
import shlex
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import fairwf_snakemake
from fairwf.conversion import convert_document, read_document
from fairwf.document import Document
from fairwf.features import Feature
from fairwf.formats import Source, converter
from fairwf.ir.command import Argument
from fairwf.ir.environment import Conda, Container, Environment
from fairwf.ir.expressions import (
    Array,
    Call,
    Each,
    FloatLit,
    Input,
    IntLit,
    Local,
    Opaque,
    Output,
    Record,
    StringLit,
)
from fairwf.ir.functions import FUNCTIONS, Fails
from fairwf.ir.ports import FieldFiles, InputPort, OutputPort, SecondaryFile, Stdout
from fairwf.ir.resources import Amount, Resources, Retry
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    EnumType,
    FileType,
    IntType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
)
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Command, Over, Pure, Scatter, Step, Workflow
from fairwf.report import Report, UnsupportedError
from fairwf_snakemake.snakefile.parse import parse
from fairwf_snakemake.writing.capabilities import capabilities
from fairwf_snakemake.writing.expressions import python
from fairwf_snakemake.writing.functions import SAID
from tests.matrix.engines import HERE

EMITTED = Path(fairwf_snakemake.__file__).parent / "writing/emitted"


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, ModuleType]]:
    """The modules that are written beside a Snakefile, as it imports them."""
    sys.path.insert(0, str(EMITTED))
    yield {
        "std": importlib.import_module("fairwf_functions"),
        "files": importlib.import_module("fairwf_files"),
    }
    sys.path.remove(str(EMITTED))


EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name in SAID
    for number, example in enumerate(FUNCTIONS[name].examples)
]


class Nowhere:
    """A place that sees nothing."""

    def call(self, node: Call, args: Any) -> None:
        return None


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_functions_mean_in_python_what_they_mean(
    name: str, example: Any, modules: dict[str, ModuleType]
) -> None:
    call = Call(function=name, args=tuple(map(to_literal, example.args)))
    text = python(call, Nowhere())  # type: ignore[arg-type]
    if isinstance(example.result, Fails):
        with pytest.raises((ValueError, ArithmeticError, LookupError)):
            eval(text, dict(modules))
        return
    result = eval(text, dict(modules))
    assert result == example.result
    assert type(result) is type(example.result)


def tool(**fields: Any) -> Command:
    inputs = (
        InputPort(id="names", type=ArrayType(items=StringType()), doc="Who is greeted."),
        InputPort(id="table", type=FileType()),
        InputPort(id="times", type=OptionalType(item=IntType()), default=IntLit(value=2)),
    )
    words = ("echo", "{braces}")
    arguments = (*(Argument(value=StringLit(value=w)) for w in words), *map(_argument, inputs))
    outputs = (OutputPort(id="said", type=FileType(), collect=Stdout()),)
    stdout = StringLit(value="said.txt")
    return Command(
        id="greet", inputs=inputs, outputs=outputs, arguments=arguments, stdout=stdout, **fields
    )


def _argument(port: InputPort) -> Argument:
    return Argument(value=Input(name=port.id))


def written(process: Any) -> tuple[dict[str, str], Report]:
    report = Report()
    made = convert_document(Document(workflow=process), "snakemake", report)
    return {name: data.decode() for name, data in made.written.files.items()}, report


def test_a_tool_is_a_rule_and_its_inputs_are_the_configuration() -> None:
    files, report = written(tool())
    assert not report.by_fate("approximated", "lost")
    rule = files["Snakefile"].split("rule greet:")[1].split("\nrule ")[0]
    assert 'said="results/greet/said.txt"' in rule
    assert "echo '{{braces}}' {params.names} {params.table} {params.times} > said.txt" in rule
    config = yaml.safe_load(files["config.yaml"])
    assert config == {"names": None, "table": None, "times": 2}
    schema = yaml.safe_load(files["config.schema.yaml"])
    assert schema["required"] == ["names", "table"]
    assert schema["properties"]["names"]["description"] == "Who is greeted."


def test_directives_are_kept() -> None:
    conda = Conda(channels=("bioconda",), packages=("samtools=1.21",))
    environment = Environment(
        conda=conda,
        container=Container(image=StringLit(value="quay.io/biocontainers/samtools:1.21")),
        modules=("samtools/1.21",),
    )
    resources = Resources(
        cores=Amount(min=IntLit(value=4)),
        memory=Amount(min=IntLit(value=2048)),
        time=IntLit(value=600),
    )
    process = tool(
        environment=environment, resources=resources, retry=Retry(attempts=IntLit(value=2))
    )
    files, report = written(process)
    assert not report.by_fate("approximated", "lost")
    rule = files["Snakefile"].split("rule greet:")[1].split("\nrule ")[0]
    said = " ".join(rule.split())
    assert "threads: 4" in said
    assert "retries: 2" in said
    assert "resources: mem_mib=2048, runtime=10," in said
    assert "container: 'docker://quay.io/biocontainers/samtools:1.21'" in said
    assert "envmodules: 'samtools/1.21'" in said
    assert "conda: 'envs/greet.yaml'" in said
    assert yaml.safe_load(files["envs/greet.yaml"]) == {
        "channels": ["bioconda"],
        "dependencies": ["samtools=1.21"],
    }


def test_what_a_directive_cannot_hold_is_told() -> None:
    resources = Resources(
        cores=Amount(min=FloatLit(value=1.5), max=IntLit(value=8)), time=IntLit(value=90)
    )
    retry = Retry(attempts=IntLit(value=2), delay=3.0)
    files, report = written(tool(resources=resources, retry=retry))
    told = sorted((d.code, d.path) for d in report.by_fate("approximated", "lost"))
    assert told == [
        ("FWF1508", "/resources/cores/min"),
        ("FWF1508", "/resources/time/value"),
        ("FWF1509", "/resources/cores/max"),
        ("FWF1509", "/retry/delay"),
    ]
    assert "runtime=2," in files["Snakefile"]


def test_what_no_snakefile_can_say_is_refused_at_its_place() -> None:
    script = Opaque(language="javascript", text="inputs.names.length")
    with pytest.raises(UnsupportedError) as refused:
        written(tool(stdin=script))
    (error,) = refused.value.report.errors
    assert error.code == "FWF3001"
    assert error.path == "/stdin"


def test_steps_whose_number_is_not_known_ask_a_checkpoint() -> None:
    document = read_document(Source.at(HERE / "dynamic_number_of_tasks.ir.json"), Report())
    assert isinstance(document.workflow, Workflow)
    text = written(document.workflow)[0]["Snakefile"]
    assert "checkpoint words_outputs:" in text
    assert "checkpoints.words_outputs.get().output.words" in text
    assert 'out="results/each/{each}/out.txt"' in text


def test_values_of_inputs_are_a_configuration() -> None:
    document = read_document(Source.at(HERE / "sequence.ir.json"), Report())
    own = converter("ir")
    assert own.read_inputs is not None
    values = own.read_inputs(Source.at(HERE / "sequence.job.json"), document, Report())
    writes = converter("snakemake").write_inputs
    assert writes is not None
    assert yaml.safe_load(writes(document, values)) == {"text": str(HERE / "words.txt")}


LINES = "import sys\nif sys.argv:\n    print('{a}')   \n"


def test_words_of_several_lines_stay_what_they_are() -> None:
    words = tuple(Argument(value=StringLit(value=w)) for w in ("python3", "-c", LINES))
    variables = {"TEXT": StringLit(value="a\n  b\n")}
    process = Command(id="p", arguments=words, environment=Environment(variables=variables))
    rule = written(process)[0]["Snakefile"].split("rule p:")[1].split("\nrule ")[0]
    assert "python3 -c {params.argument}" in rule
    assert "export TEXT={params.TEXT}" in rule
    assert f"argument=lambda wildcards, input: {shlex.quote(LINES)!r}," in rule
    assert f"TEXT=lambda wildcards, input: {shlex.quote(variables['TEXT'].value)!r}," in rule


def test_a_condition_and_an_input_of_its_name_stand_side_by_side() -> None:
    port = InputPort(id="when", type=StringType())
    process = Command(inputs=(port,), arguments=(Argument(value=Input(name="when")),))
    step = Step(id="s", run=process, inputs={"when": Input(name="w")}, when=Input(name="go"))
    inputs = (InputPort(id="w", type=StringType()), InputPort(id="go", type=BoolType()))
    text = written(Workflow(inputs=inputs, steps=(step,)))[0]["Snakefile"]
    assert "if {params.when}; then" in text
    assert "{params.when_2}" in text
    assert "when=lambda wildcards, input: 'true' if config['go'] else 'false'," in text


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "/tmp/a", "a/b", "a\0"])
def test_a_literal_file_has_a_name_without_folders(
    name: str, modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="without folders"):
        modules["files"].literal(name, "text")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["/tmp/a", "../a", "a/../../b"])
def test_what_is_staged_lies_in_the_folder_of_the_task(
    name: str, modules: dict[str, ModuleType]
) -> None:
    for value in ("text", modules["files"].at("file")):
        with pytest.raises(ValueError, match="lies in it"):
            modules["files"].staged((value, name, False))
    assert "a/b" in modules["files"].staged(("text", "a/b", False))


def test_names_of_a_computation_hide_nothing_that_it_uses(modules: dict[str, ModuleType]) -> None:
    names = ("min", "len", "x", "y", "one", "each_x")
    ports = tuple(InputPort(id=name, type=IntType()) for name in names)
    x, y, least, length, one, each = (
        Input(name=n) for n in ("x", "y", "min", "len", "one", "each_x")
    )
    cross = Call(function="cross", args=(Array(items=(least, length)), Array(items=(x, y))))
    rounds = Each(
        name="x", over=Array(items=(one, each)), body=Array(items=(Local(name="x"), each))
    )
    smallest = Call(function="min", args=(least, Call(function="length", args=(rounds,))))
    both = Array(items=(cross, rounds, smallest))
    out = OutputPort(id="out", type=AnyType())
    process = Pure(id="p", inputs=ports, outputs=(out,), result=Record(fields={"out": both}))
    text = written(process)[0]["Snakefile"]
    (run,) = re.findall(r"rule p:.*?    run:\n(.*?)\n\n", text, re.S)
    run = run.replace("files.save(output.out, ", "result = (")
    names_ = {**modules, "config": dict(zip(names, range(6), strict=True))}
    exec(textwrap.dedent(run), names_)
    assert names_["result"] == [[[0, 2], [0, 3], [1, 2], [1, 3]], [[4, 5], [5, 5]], 0]


def test_no_input_of_a_rule_is_named_as_what_snakemake_has_there() -> None:
    source = Pure(
        outputs=(OutputPort(id="mb", type=IntType()),),
        result=Record(fields={"mb": IntLit(value=1)}),
    )
    steps = tuple(Step(id=name, run=source) for name in ("size", "temp_size"))
    outputs = tuple(
        OutputPort(id=step.id, type=IntType(), value=Output(step=step.id, port="mb"))
        for step in steps
    )
    text = written(Workflow(steps=steps, outputs=outputs))[0]["Snakefile"]
    assert "input.temp_size_mb_)" in text
    assert "input.size__mb)" in text


def test_a_default_keeps_what_else_its_port_says() -> None:
    loaded = InputPort(
        id="table", type=FileType(), default=Call(function="to_file", args=(Input(name="name"),)),
        load_contents=True, secondary=(SecondaryFile(pattern=StringLit(value=".idx")),),
    )  # fmt: skip
    name = InputPort(id="name", type=StringType(), default=StringLit(value="a.txt"))
    out = OutputPort(id="out", type=FileType(), value=Input(name="table"))
    text = written(Workflow(inputs=(name, loaded), outputs=(out,)))[0]["Snakefile"]
    assert (
        "files.with_contents(files.beside(std.default(files.given(config['table'], 'File', "
        "['.idx']), lambda: files.at(std.default(config['name'], lambda: 'a.txt'), 'File')), "
        "['.idx']))" in text
    )


def scattered(*ports: InputPort) -> str:
    names = tuple(port.id for port in ports)
    inputs = tuple(InputPort(id=name, type=StringType()) for name in names)
    process = Command(inputs=inputs, arguments=tuple(map(_argument, inputs)))
    over = tuple(Over(name=name, value=Input(name=name)) for name in names)
    links = {name: Local(name=name) for name in names}
    step = Step(id="s", run=process, inputs=links, scatter=Scatter(over=over))
    return written(Workflow(inputs=ports, steps=(step,)))[0]["Snakefile"]


def test_a_default_has_as_many_items_as_it_has() -> None:
    kind = ArrayType(items=StringType())
    default = Call(function="split", args=(StringLit(value="a b"), StringLit(value=" ")))
    text = scattered(InputPort(id="a", type=kind, default=default))
    said = "std.default(config['a'], lambda: std.split('a b', ' '))"
    assert f"range(len({said}))" in text
    assert f"{said}[int(wildcards.s)]" in text


def test_arrays_of_a_dot_product_have_one_length(modules: dict[str, ModuleType]) -> None:
    kind = ArrayType(items=StringType())
    text = scattered(InputPort(id="a", type=kind), InputPort(id="b", type=kind))
    assert "range(std.same([len(config['a']), len(config['b'])]))" in text
    assert modules["std"].same([2, 2]) == 2
    with pytest.raises(ValueError, match=r"equal length are wanted, not of length \[2, 3\]"):
        modules["std"].same([2, 3])


def test_nested_arrays_keep_their_lengths(modules: dict[str, ModuleType]) -> None:
    nested = modules["files"].nested
    assert nested([], 2, 3, 0) == [[[], [], []], [[], [], []]]
    assert nested([], 0, 3) == []
    assert nested(list(range(6)), 2, 1, 3) == [[[0, 1, 2]], [[3, 4, 5]]]


def test_what_is_said_of_members_files_is_told() -> None:
    bam = RecordField(name="bam", type=FileType())
    port = InputPort(
        id="pair", type=RecordType(fields=(bam,)), doc="Both.",
        fields={"bam": FieldFiles(secondary=(SecondaryFile(pattern=StringLit(value=".bai")),))},
    )  # fmt: skip
    files, report = written(Command(inputs=(port,), arguments=()))
    told = [(d.code, d.path) for d in report.by_fate("approximated", "lost")]
    assert told == [("FWF1509", "/inputs/pair/fields/bam")]
    assert "# Both." in files["config.yaml"]


def test_capabilities_name_what_is_written() -> None:
    lacking = frozenset(Feature) - capabilities(None).features
    assert {Feature.LOOP, Feature.OPAQUE, Feature.SECRET, Feature.METADATA} <= lacking


def test_no_text_of_a_document_leaves_its_comment() -> None:
    kind = EnumType(symbols=("a\nevil: 1", "b\x00\x85evil: 2"))
    port = InputPort(id="kind", type=kind, doc="one\x0bevil: 3\x07\nevil: 4")
    out = OutputPort(id="kind", type=kind, value=Input(name="kind"), doc="x\revil()\x00")
    workflow = Workflow(inputs=(port,), outputs=(out,), doc="a\x0cevil()\x00")
    files, _ = written(workflow)
    assert yaml.safe_load(files["config.yaml"]) == {"kind": None}
    assert yaml.safe_load(files["config.schema.yaml"])["properties"].keys() == {"kind"}
    assert not re.search(r"^\s*evil", files["Snakefile"], re.M)
    parse(files["Snakefile"], "Snakefile")
    assert "\0" not in files["Snakefile"]
