"""What a script says is read, refused or told: nothing of it is passed over."""

from pathlib import Path

import pytest

from fairwf.ir.expressions import Call, Each, Input, IntLit, Local
from fairwf.ir.workflow import Script
from fairwf.report import InvalidError
from fairwf_nextflow.meaning.build import over_each
from fairwf_nextflow.write.fusing import fused
from tests.converters.nextflow.scripts import opened, written

PROCESS = "process P {{\n {directives}\n output:\n {output}\n script:\n '''\n true\n '''\n}}\n"


def add(name: str, other: str) -> Call:
    return Call(function="add", args=(Local(name=name), Local(name=other)))


def test_a_choice_and_what_each_gives_keep_their_names_apart() -> None:
    inner = Each(
        name="m",
        over=Input(name="l"),
        body=Local(name="m"),
        where=Call(function="defined", args=(Local(name="m"),)),
    )
    body = Each(name="m", over=Input(name="q"), body=add("m", "_1"))
    assert over_each("_1", inner, body) == Each(
        name="_1",
        over=Input(name="l"),
        body=body,
        where=Call(function="defined", args=(Local(name="_1"),)),
    )


def test_loops_that_are_joined_keep_their_names_apart() -> None:
    inner = Each(name="x", over=Input(name="l"), body=add("x", "x"))
    body = Each(name="x", over=Input(name="q"), body=add("x", "y"))
    found = fused(Each(name="y", over=inner, body=body))
    assert isinstance(found, Each) and isinstance(found.body, Each)
    total = found.body.body
    assert isinstance(total, Call) and found.name != "x"
    assert total.args == (Local(name="x"), add(found.name, found.name))


@pytest.mark.parametrize(
    "output",
    ["path 'x', optional: true, emit: logs", "path 'x' optional true, emit: logs",
     "path('x') optional true, emit: logs"],
)  # fmt: skip
def test_options_of_a_chain_count(tmp_path: Path, output: str) -> None:
    document, _ = opened(written(tmp_path, PROCESS.format(directives="", output=output)))
    task = document.workflow
    assert isinstance(task, Script)
    (port,) = task.outputs
    assert port.id == "logs" and type(port.type).__name__ == "OptionalType"


def test_directives_in_no_known_form_are_told(tmp_path: Path) -> None:
    text = PROCESS.format(directives="publishDir 'a' mode 'copy'", output="path 'x'")
    _, report = opened(written(tmp_path, text))
    assert [(one.code, one.line) for one in report if one.code == "FWF1605"] == [("FWF1605", 2)]


@pytest.mark.parametrize("output", ["file 'x' into ch", "path('x') into ch", "val x from y"])
def test_channels_of_old_scripts_are_refused(tmp_path: Path, output: str) -> None:
    with pytest.raises(InvalidError) as caught:
        opened(written(tmp_path, PROCESS.format(directives="", output=output)))
    (error,) = caught.value.report.errors
    assert error.line == 4 and "DSL1" in (error.hint or "")


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ("when:\n true\n when:\n false\n script:\n 'a'", "comes twice"),
        ("script:\n 'a'\n exec:\n x = 1", "cannot have 'exec'"),
    ],
)
def test_sections_that_exclude_each_other_are_refused(
    tmp_path: Path, sections: str, message: str
) -> None:
    with pytest.raises(InvalidError, match=message):
        opened(written(tmp_path, f"process P {{\n {sections}\n}}\n"))


def test_all_targets_of_a_setting_count(tmp_path: Path) -> None:
    text = PROCESS.format(directives="", output="path 'x'")
    config = "process { cpus = maxRetries = 3\n errorStrategy = 'retry' }\n"
    document, _ = opened(written(tmp_path, text, {"nextflow.config": config}))
    task = document.workflow
    assert isinstance(task, Script) and task.retry is not None and task.resources.cores is not None
    assert task.retry.attempts == task.resources.cores.min == IntLit(value=3)


def test_choices_in_a_configuration_count_or_are_told(tmp_path: Path) -> None:
    text = PROCESS.format(directives="", output="path 'x'")
    config = "profiles { if (true) { standard { process.cpus = 3 } } }\n"
    document, _ = opened(written(tmp_path, text, {"nextflow.config": config}))
    task = document.workflow
    assert isinstance(task, Script) and task.resources.cores is not None
    config = "if (System.getenv('X')) { process.cpus = 3 }\n"
    _, report = opened(written(tmp_path, text, {"nextflow.config": config}))
    assert [one.code for one in report] == ["FWF1605"]
