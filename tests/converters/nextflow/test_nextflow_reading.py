"""Scripts as workflows of the IR: processes, channels, configuration, parameters."""

from pathlib import Path

import pytest

from fairwf.ir.expressions import Opaque, StringLit
from fairwf.ir.types import ArrayType, BoolType, EnumType
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Operation, Script, Workflow
from fairwf.report import InvalidError
from tests.converters.nextflow.scripts import opened, workflow, written

ALIGN = """
process ALIGN {
    label 'big'
    container 'biocontainers/bwa:0.7'
    conda 'bioconda::bwa=0.7'
    cpus 2
    errorStrategy 'retry'
    maxRetries 3

    input:
    tuple val(meta), path(reads)
    path index

    output:
    tuple val(meta), path("*.bam"), emit: bam
    path 'log.txt', emit: log, optional: true

    script:
    def args = task.ext.args ?: ''
    \"\"\"
    bwa -t ${task.cpus} $args ${index} ${reads} > ${meta.id}.bam
    \"\"\"
}
"""
CONFIG = """
docker.registry = 'quay.io'
process {
    memory = { 2.GB * task.attempt }
    withLabel: big { memory = '6 GB' }
    withName: '.*:?ALIGN' {
        time = 2.h
        ext.args = { "-x ${meta.kind}" }
    }
}
"""


def test_a_process_is_complete(tmp_path: Path) -> None:
    path = written(tmp_path, ALIGN, {"nextflow.config": CONFIG})
    document, report = opened(path)
    process = document.workflow
    assert isinstance(process, Script) and not list(report)
    assert [port.id for port in process.inputs] == ["meta", "reads", "index"]
    assert [port.id for port in process.outputs] == ["bam", "log"]
    container = process.environment.container
    assert container is not None and container.image == StringLit(
        value="quay.io/biocontainers/bwa:0.7"
    )
    conda = process.environment.conda
    assert conda is not None and (conda.channels, conda.packages) == (("bioconda",), ("bwa=0.7",))
    needs = process.resources
    shown = [getattr(one, "number", None) for one in (
        needs.cores.min if needs.cores else None,
        needs.memory.min if needs.memory else None,
        needs.time,
        process.retry.attempts if process.retry else None,
    )]  # fmt: skip
    assert shown == [2, 6144, 7200, 3]


def test_every_node_has_an_origin(tmp_path: Path) -> None:
    path = written(tmp_path, ALIGN + "workflow { ALIGN(Channel.of([[id: 'a'], file('x')]), 'y') }")
    document, _ = opened(path)
    assert all(node in document.origins for _, node in walk(document.workflow))
    step = document.workflow.steps[0]  # type: ignore[union-attr]
    span = document.origins.get(step)
    assert span is not None and span.line == 24


def test_includes_are_read_under_their_aliases_with_workflows_inside(tmp_path: Path) -> None:
    flow = workflow(
        written(
            tmp_path,
            """
            include { ONE as FIRST; ONE as SECOND } from './modules/one'
            include { INNER } from './modules/inner/main.nf'
            workflow {
                FIRST(Channel.of(1, 2))
                SECOND(FIRST.out)
                INNER(SECOND.out, params.flag)
                INNER.out.result.view()
            }
            params.flag = true
            """,
            {
                "modules/one.nf": "process ONE { input: val x\n output: stdout\n script: 'x' }",
                "modules/inner/main.nf": """
                    include { ONE } from '../one'
                    workflow INNER {
                        take: items
                              flag
                        main:
                        if (flag) { ONE(items); result = ONE.out } else { result = items }
                        emit: result
                    }
                """,
            },
        )
    )
    assert [step.id for step in flow.steps] == ["FIRST", "SECOND", "INNER"]
    assert set(flow.processes) == {"FIRST", "SECOND", "ONE"}
    inner = flow.steps[2].run
    assert isinstance(inner, Workflow) and inner.steps[0].when is not None
    assert [port.id for port in flow.inputs] == ["flag"]
    assert flow.inputs[0].type == BoolType()


def test_parameters_take_their_types_from_the_schema_and_their_use(tmp_path: Path) -> None:
    schema = """{"$defs": {"io": {"required": ["mode"], "properties": {
        "mode": {"type": "string", "enum": ["fast", "slow"], "description": "How."},
        "hidden_one": {"type": "string", "hidden": true}}}}}"""
    flow = workflow(
        written(
            tmp_path,
            """
            params.reads = "$projectDir/data/*.fq"
            workflow {
                Channel.fromPath(params.reads).map { it.name }.view()
                log.info "$params.reads"
            }
            """,
            {"nextflow_schema.json": schema, "data/a.fq": "", "data/b.fq": "", "data/c.txt": ""},
        )
    )
    ports = {port.id: port for port in flow.inputs}
    assert set(ports) == {"reads", "mode"}
    assert isinstance(ports["reads"].type, ArrayType)
    found = ports["reads"].default
    assert [one.location for one in found.items] == ["data/a.fq", "data/b.fq"]  # type: ignore[union-attr]
    assert ports["mode"].type == EnumType(symbols=("fast", "slow")) and ports["mode"].doc == "How."


def test_what_cannot_be_said_stays_groovy_with_the_names_that_it_sees(tmp_path: Path) -> None:
    path = written(
        tmp_path, "workflow { a = Channel.of(1)\n b = a.randomSample(3, params.seed)\n b.view() }"
    )
    document, report = opened(path)
    (found,) = report
    assert (found.code, found.line) == ("FWF1604", 2) and "randomSample" in found.message
    opaque = [node for _, node in walk(document.workflow) if isinstance(node, Opaque)]
    assert {binding.path for binding in opaque[0].bindings} == {("channel",), ("params", "seed")}


def test_a_process_that_runs_groovy_has_a_shape_alone(tmp_path: Path) -> None:
    document, report = opened(
        written(tmp_path, "process A { input: val x\n output: val y\n exec: y = x + 1 }")
    )
    assert isinstance(document.workflow, Operation)
    assert any("runs Groovy" in one.message for one in report)


@pytest.mark.parametrize(
    ("main", "files", "code"),
    [
        ("include { A } from '/etc/passwd'", {}, "FWF1008"),
        ("include { A } from '../../up'", {}, "FWF1008"),
        ("include { A } from 'https://example.org/a.nf'", {}, "FWF1007"),
        ("include { A } from './none'", {}, "FWF1602"),
        ("include { B } from './a'", {"a.nf": "process A { script: 'x' }"}, "FWF1602"),
        ("include { A } from './a'", {"a.nf": "include { A } from './main'"}, "FWF2004"),
        ("workflow { }", {"nextflow.config": "includeConfig '/etc/passwd'"}, "FWF1008"),
        ("workflow { }", {"nextflow.config": "includeConfig '../../x.config'"}, "FWF1008"),
        ("process A { input: val x\n script: 'x' }\nworkflow { A() }", {}, "FWF1602"),
        ("x = '" + "a" * 5_000_000 + "'", {}, "FWF1009"),
    ],
)  # fmt: skip
def test_what_leads_out_or_nowhere_is_refused(
    tmp_path: Path, main: str, files: dict[str, str], code: str
) -> None:
    path = written(tmp_path / "deep" / "in", main, files)
    with pytest.raises(InvalidError) as caught:
        opened(path)
    assert [one.code for one in caught.value.report.errors] == [code]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.nf").write_text("process A { script: 'x' }", encoding="utf-8")
    path = written(tmp_path / "in", "include { A } from './a'\nworkflow { A() }")
    (tmp_path / "in" / "a.nf").symlink_to(tmp_path / "outside.nf")
    with pytest.raises(InvalidError) as caught:
        opened(path)
    assert [one.code for one in caught.value.report.errors] == ["FWF1008"]


def test_what_would_end_the_workflow_is_told(tmp_path: Path) -> None:
    text = """
    process ONE {
        input: val x
        output: stdout
        script:
        if (x == 3) { error "no" }
        "echo $x"
    }
    workflow {
        error "never"
        ONE(Channel.of(1).map { n -> assert n < 2; n })
    }
    """
    _, report = opened(written(tmp_path, text))
    told = [(d.line, d.message) for d in report if d.code == "FWF1605"]
    assert (10, "error would end the workflow here, and does not") in told
    assert (11, "what is asserted is not checked here") in told
    assert any(line == 6 for line, _ in told), told


def test_a_process_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    text = "process A {\n  script: 'true'\n}\nprocess A {\n  script: 'ls'\n}\nworkflow { A() }\n"
    with pytest.raises(InvalidError) as caught:
        opened(written(tmp_path, text))
    (found,) = caught.value.report
    assert (found.code, found.line) == ("FWF1601", 4)


def test_a_mistyped_directive_is_told(tmp_path: Path) -> None:
    text = "process A {\n  tga 'x'\n  cpus 2\n  script: 'true'\n}\nworkflow { A() }\n"
    _, report = opened(written(tmp_path, text))
    (found,) = [d for d in report if d.code == "FWF1605"]
    assert found.line == 2
    assert "'tga'" in found.message
    assert "'tag'" in found.message
