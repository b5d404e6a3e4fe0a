"""Documents written as Snakefiles; tests/matrix and tests/laws run them in Snakemake."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import fairwf_snakemake
from fairwf.conversion import convert_document, read_document
from fairwf.document import Document
from fairwf.formats import Source, converter
from fairwf.ir.command import Argument
from fairwf.ir.environment import Conda, Container, Environment
from fairwf.ir.expressions import Call, FloatLit, Input, IntLit, Opaque, StringLit
from fairwf.ir.functions import FUNCTIONS, Fails
from fairwf.ir.ports import InputPort, OutputPort, Stdout
from fairwf.ir.resources import Amount, Resources, Retry
from fairwf.ir.types import ArrayType, FileType, IntType, OptionalType, StringType
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Command, Workflow
from fairwf.report import Report, UnsupportedError
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
