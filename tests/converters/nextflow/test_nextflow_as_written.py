"""What published pipelines write and Nextflow takes: it is read without an error."""

from pathlib import Path

import pytest

from fairwf.check import check
from fairwf.ir.expressions import Each, Opaque
from fairwf.ir.ports import Glob
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Script
from tests.converters.nextflow.scripts import opened, workflow, written

ONE = """
process ONE {
    input:
    tuple val(meta), path(reads)
    output:
    tuple val(meta), path('*.txt'), emit: made
    script:
    "touch x.txt"
}
"""


def faults(path: Path) -> list[str]:
    """Read and check a script; return what is wrong with it."""
    document, report = opened(path)
    check(document, report)
    return [f"{one.code} {one.message}" for one in report.errors]


def the_process(path: Path) -> Script:
    """Read a script with one process."""
    document, _ = opened(path)
    assert isinstance(document.workflow, Script)
    return document.workflow


def test_options_may_follow_as_a_chain_of_commands(tmp_path: Path) -> None:
    main = """
    process A {
        input:
        path reads
        output:
        path("out.txt"), emit: found optional true
        script:
        "echo"
    }
    """
    (port,) = the_process(written(tmp_path, main)).outputs
    assert port.id == "found" and type(port.type).__name__ == "OptionalType"


def test_a_directive_may_stand_behind_the_outputs(tmp_path: Path) -> None:
    main = """
    process A {
        input:
        val x
        output:
        path 'o'
        publishDir "out", mode: 'copy'
        container 'image:1'
        script:
        "touch o"
    }
    """
    found = the_process(written(tmp_path, main))
    assert len(found.outputs) == 1 and found.environment.container is not None


def test_a_section_may_come_twice(tmp_path: Path) -> None:
    again = ONE.replace("script:", "output:\n    path 'log', emit: log\n    script:")
    flow = """
    workflow W {
        before = 1
        take: x
        main: ONE(x)
        emit: a = ONE.out.made
        emit: b = ONE.out.log
    }
    """
    path = written(tmp_path, again + flow)
    assert [port.id for port in workflow(path).outputs] == ["a", "b"]
    assert not opened(path)[1].errors
    twice = ONE.replace("script:", "script:\n    def a = 'made'\n    script:").replace(
        "x.txt", "${a}.txt"
    )
    assert "made.txt" in repr(the_process(written(tmp_path / "twice", twice)).body)


def test_an_assignment_in_brackets_is_a_value(tmp_path: Path) -> None:
    main = """
    def named(name, deep) { deep ? name : "flat_$name" }
    workflow W {
        take: x
        emit: y = x.map { named(it, deep=false) }
    }
    """
    document, report = opened(written(tmp_path, main))
    assert not report.errors and "FWF1604" not in {one.code for one in report}
    assert "flat_" in repr(document.workflow)


@pytest.mark.parametrize(("default", "arguments"), [("true", 1), ("null", 0)])
def test_the_defaults_choose_a_part_of_the_configuration(
    tmp_path: Path, default: str, arguments: int
) -> None:
    config = f"""
    params.trim = {default}
    if (params.trim) {{
        process {{ withName: 'A' {{ container = 'trimmed:1' }} }}
    }} else {{
        process {{ cpus = ext.args = 2 }}
    }}
    """
    main = "process A {\n input:\n val x\n script:\n 'echo'\n}\n"
    document, report = opened(written(tmp_path, main, {"nextflow.config": config}))
    container = document.workflow.environment.container  # type: ignore[union-attr]
    assert (container is not None) is bool(arguments)
    assert "FWF1606" in {one.code for one in report} and not report.errors


def test_a_file_that_a_task_was_given_may_be_its_output(tmp_path: Path) -> None:
    main = """
    process A {
        input:
        tuple val(meta), path(reads)
        output:
        tuple val(meta), path(reads), path('*.txt'), emit: both
        script:
        "touch $reads x.txt"
    }
    """
    path = written(tmp_path, main)
    assert not faults(path)
    globs = [node for _, node in walk(the_process(path).outputs[0]) if isinstance(node, Glob)]
    assert isinstance(globs[0].patterns[0], Each)  # the names of the files in the task's folder


@pytest.mark.parametrize(
    "expression",
    [
        "meta - meta.subMap('lane') + [type: 'bam']",
        "meta - [lane: 1]",
        "meta.name - '.gz'",
        "meta.name.toString() - ~/\\.gz$/",
        "['a', 'b'] - meta.name.tokenize(',')",
        "['a', 'b'] - 'a'",
        "\"${meta.name}\".collect { [a: 't', t: 'a'][it] }.join('')",
        "meta.list - null",
        "['a', 'b', 'c'][0..(meta.x.size() / 2)]",
        '"${meta.name}".reverse()',
        "meta.name.reverse().toLowerCase()",
        "(meta.x ? [['a', 1]] : meta.y.withIndex().collect { e, i -> [e, i] })"
        ".collect { old, made -> made }.join(' ')",
    ],
)
def test_operators_mean_what_their_operands_say(tmp_path: Path, expression: str) -> None:
    main = f"workflow W {{\n take: x\n emit: y = x.map {{ meta -> [{expression}] }}\n}}\n"
    path = written(tmp_path, main)
    assert not faults(path)
    document, _ = opened(path)
    groovy = [
        n for _, n in walk(document.workflow) if isinstance(n, Opaque) and n.language == "groovy"
    ]
    assert not groovy


def test_null_goes_through_a_channel(tmp_path: Path) -> None:
    main = """
    workflow INNER {
        take: x
        emit: y = x
    }
    workflow {
        INNER(Channel.of(null))
        INNER.out.y.view()
    }
    """
    assert not faults(written(tmp_path, main))


def test_a_channel_of_one_value_joins_a_channel(tmp_path: Path) -> None:
    main = """
    workflow W {
        take: x
        main:
        one = Channel.value(['a', 1])
        other = Channel.of(['a', 2])
        emit: y = one.join(other)
    }
    """
    assert not faults(written(tmp_path, main))


@pytest.mark.parametrize("folder", ["$projectDir/lib", "${baseDir}/lib", "${moduleDir}/../lib"])
def test_an_include_may_begin_at_the_folder_of_the_pipeline(tmp_path: Path, folder: str) -> None:
    inner = f'include {{ ONE }} from "{folder}/one"\nworkflow W {{\n take: x\n main: ONE(x)\n}}\n'
    main = "include { W } from './parts/w'\nworkflow { W(Channel.of([[id: 1], file('x')])) }\n"
    path = written(tmp_path, main, {"parts/w.nf": inner, "lib/one.nf": ONE})
    assert not faults(path)
    assert "ONE" in opened(path)[0].workflow.processes  # type: ignore[union-attr]
