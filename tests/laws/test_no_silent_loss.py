"""Nothing is lost without a word: for every target, on generated documents."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, assume, given, reject, settings
from hypothesis import strategies as st

from fairwf.formats import Converter
from fairwf.ir.instance import Instance
from fairwf.report import UnsupportedError
from tests.generation import instances, runnable, workflows
from tests.laws.law import judged, lowered, normal, outputs_of, reads_back
from tests.laws.targets import ALL, LEFT_OUT, LIMITS, MADE_UP, Limits, writers

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
SIMPLE = ("once", "scatter")
GENERATED = {
    True: workflows(),
    False: workflows(styles=SIMPLE, bytes_too=False)
    | workflows(styles=SIMPLE, bytes_too=False, depth=0),
}
# Shrinking documents of this size takes minutes: a failure is shown as it was drawn.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
quick = settings(max_examples=5, suppress_health_check=SLOW, deadline=None, phases=PHASES)


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


NOT_YET = {
    "cwl": "keys of formats other than CWL (extensions) are not carried by a CWL document",
    "wfformat": "some texts of a lowered document are reported lost only when it is written",
}


def _writers() -> list[object]:
    return [
        pytest.param(c, id=c.name, marks=pytest.mark.xfail(strict=False, reason=NOT_YET[c.name]))
        if c.name in NOT_YET
        else pytest.param(c, id=c.name)
        for c in writers()
    ]


@pytest.mark.parametrize("converter", _writers())
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
        try:
            case = normal(converter, case)
            assume(case.report.ok)
            with TemporaryDirectory() as folder:
                reads_back(converter, case.after, Path(folder))
        except UnsupportedError as refusal:  # said aloud, with FWF3001: nothing is lost
            assert {d.code for d in refusal.report.errors} == {"FWF3001"}
            reject()

    law()


RUNNABLE = [name for name in MADE_UP if name != "tasks"]


@pytest.mark.parametrize("name", RUNNABLE)
def test_outputs_stay_what_they_were(name: str) -> None:
    @settings(max_examples=3, suppress_health_check=SLOW, deadline=None, phases=PHASES)
    @given(runnable())
    def law(drawn: tuple[object, dict[str, object]]) -> None:
        root, inputs = drawn
        case = lowered(root, MADE_UP[name])  # type: ignore[arg-type]
        assume(case.report.ok)  # a target may refuse a document, with FWF3001
        with TemporaryDirectory() as folder:
            # Names of files may be among what the report calls lost; what they hold may not.
            names = not case.report.by_fate("approximated", "lost")
            before = outputs_of(case.before, inputs, Path(folder, "before"), names)  # type: ignore[arg-type]
            after = outputs_of(case.after, inputs, Path(folder, "after"), names)  # type: ignore[arg-type]
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
