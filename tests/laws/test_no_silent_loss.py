"""Nothing is lost without a word: for every target, on generated documents."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fairwf.formats import Converter
from fairwf.ir.instance import Instance
from tests.generation import instances, runnable, workflows
from tests.laws.law import judged, lowered, outputs_of, reads_back
from tests.laws.targets import ALL, LEFT_OUT, LIMITS, MADE_UP, Limits, writers

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
SIMPLE = ("once", "scatter")
GENERATED = {
    True: workflows(),
    False: workflows(styles=SIMPLE, bytes_too=False)
    | workflows(styles=SIMPLE, bytes_too=False, depth=0),
}
quick = settings(max_examples=25, suppress_health_check=SLOW, deadline=None)


@pytest.mark.parametrize("name", MADE_UP)
def test_the_report_names_what_changed_and_nothing_else(name: str) -> None:
    @quick
    @given(st.one_of(GENERATED[MADE_UP[name].features >= ALL - LEFT_OUT], instances()))
    def law(root: object) -> None:
        case = lowered(root, MADE_UP[name])  # type: ignore[arg-type]
        assume(case.report.ok)
        judged(case)

    law()


def _seen(converter: Converter) -> Limits:
    return LIMITS.get(converter.name, Limits())


@pytest.mark.parametrize("converter", writers(), ids=lambda c: c.name)
def test_what_is_written_reads_back(converter: Converter) -> None:
    limits = _seen(converter)
    assert converter.capabilities is not None
    capabilities = converter.capabilities(None)

    @quick
    @given(workflows(ids=limits.ids, styles=limits.styles, bytes_too=False))
    def law(root: object) -> None:
        case = lowered(root, capabilities)  # type: ignore[arg-type]
        assume(case.report.ok)
        judged(case)
        with TemporaryDirectory() as folder:
            reads_back(converter, case.after, Path(folder))

    law()


RUNNABLE = [name for name in MADE_UP if name != "tasks"]


@pytest.mark.parametrize("name", RUNNABLE)
def test_outputs_stay_what_they_were(name: str) -> None:
    @settings(max_examples=6, suppress_health_check=SLOW, deadline=None)
    @given(runnable())
    def law(drawn: tuple[object, dict[str, object]]) -> None:
        root, inputs = drawn
        case = lowered(root, MADE_UP[name])  # type: ignore[arg-type]
        assert case.report.ok, [f"{d} {d.path}" for d in case.report.errors]
        with TemporaryDirectory() as folder:
            before = outputs_of(case.before, inputs, Path(folder, "before"))  # type: ignore[arg-type]
            after = outputs_of(case.after, inputs, Path(folder, "after"))  # type: ignore[arg-type]
        assert after == before

    law()


def test_tasks_of_a_runnable_workflow_are_as_many_as_the_items() -> None:
    @quick
    @given(runnable())
    def law(drawn: tuple[object, object]) -> None:
        case = lowered(drawn[0], MADE_UP["tasks"])  # type: ignore[arg-type]
        assert case.report.ok
        assert isinstance(case.after.workflow, Instance)

    law()
