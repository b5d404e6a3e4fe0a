"""Tasks of literals and scalars are prepared by a shorter way, which gives the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwf.engine.evaluate import Evaluator
from fairwf.engine.task import PreparedTask, TaskRequest, prepare
from fairwf.engine.task.plan import plan_of
from fairwf.ir.command import Argument
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Input, StringLit
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.resources import Resources
from fairwf.ir.types import AnyType
from fairwf.ir.workflow import Command

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
SCALARS = st.one_of(TEXTS, st.integers(), st.floats(), st.booleans(), st.none())


def shown(task: PreparedTask) -> dict[str, Any]:
    """Everything that a prepared task says, comparable."""
    fields: dict[str, Any] = {name: getattr(task, name) for name in task.__struct_fields__}
    fields["warnings"] = task.warnings.diagnostics
    fields["view"] = task.view.pairs
    fields["inputs"] = repr(dict(task.inputs))  # where NaN is itself
    return fields


@settings(max_examples=60, deadline=None)
@given(
    literals=st.lists(TEXTS, max_size=4),
    values=st.lists(SCALARS, max_size=4),
    here=st.booleans(),
    cores=st.floats(0.1, 64),
    attempt=st.integers(1, 3),
)
def test_both_ways_prepare_the_same(
    literals: list[str], values: list[Any], here: bool, cores: float, attempt: int
) -> None:
    inputs = {f"i{number}": value for number, value in enumerate(values)}
    process = Command(
        arguments=(
            Argument(value=StringLit(value="true")),
            *(Argument(value=StringLit(value=each)) for each in literals),
            *(Argument(value=Input(name=each)) for each in inputs),
        ),
        inputs=tuple(InputPort(id=each, type=AnyType()) for each in inputs),
        outputs=(
            OutputPort(id="o", type=AnyType(), collect=Glob(patterns=(StringLit(value="x"),))),
        ),
    )
    root = tempfile.mkdtemp()
    try:
        Path(root, "tmp").mkdir()
        request = TaskRequest(
            id="t",
            process=process,
            inputs=inputs,
            folder=f"{root}/work",
            tmp=f"{root}/tmp",
            staged=f"{root}/staged",
            logs=f"{root}/logs",
            cores=cores,
            attempt=attempt,
            programs_here=here,
        )
        plan = plan_of(request)
        assert plan.bare is not None
        short = prepare(request, Evaluator())
        plan.bare = None
        assert shown(short) == shown(prepare(request, Evaluator()))
    finally:
        shutil.rmtree(root)


LOOKED_AT = {
    Environment: {
        "container",
        "packages",
        "packages_required",  # of packages
        "conda",
        "modules",
        "spack",
        "variables",
    },
    Resources: {
        # What the engine reserves before it prepares a task:
        "cores",
        "memory",
        "tmp_space",
        "out_space",
        "required",
        # What changes how a task is prepared:
        "time",
        "gpu",
        "ranks",
        # What preparing does not look at:
        "shared_memory",
        "nodes",
        "licenses",
        "read_volume",
        "written_volume",
    },
}


@pytest.mark.parametrize("part", LOOKED_AT)
def test_a_new_field_is_looked_at_by_the_plan(part: type[msgspec.Struct]) -> None:
    """Where this fails: does Plan have to keep tasks that say it from the short way?"""
    own = set(part.__struct_fields__) - {"extensions"}
    assert own == LOOKED_AT[part]
