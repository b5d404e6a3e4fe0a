"""Nothing is lost without a word: for every target, on generated documents.

Each law holds for the same documents in every run of the gate; the long tests draw many more.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import note, reject
from hypothesis import strategies as st

from fairwf.formats import Converter, converter
from fairwf.ir import codec
from fairwf.ir.codec import Root
from fairwf.ir.instance import Instance
from fairwf.ir.values import Value
from fairwf.ir.workflow import Workflow
from tests.generation import connected, instances, runnable, workflows
from tests.laws.effort import Effort, Tally, efforts, hold
from tests.laws.law import judged, lowered, normal, outputs_of, read_back
from tests.laws.targets import IN_NEXTFLOW, IN_WDL, LIMITS, MADE_UP, REFUSED, Limits, writers

Runnable = tuple[Workflow, Mapping[str, Value]]


@pytest.mark.parametrize("effort", efforts(40, 500))
@pytest.mark.parametrize("name", MADE_UP)
def test_the_report_names_what_changed_and_nothing_else(name: str, effort: Effort) -> None:
    target, tally = MADE_UP[name], Tally()

    def law(root: Root) -> None:
        note(codec.encode(root).decode())
        case = lowered(root, target)
        tally.drawn += 1
        if case.report.ok:
            judged(case)
        else:
            tally.refusals.extend({d.message for d in case.report.errors})

    hold(law, st.one_of(workflows(bytes_too=False), instances()), effort)
    tally.judge(REFUSED.get(name, ()), share=0.25)


@pytest.mark.parametrize("effort", efforts(40, 1000, 1000))
@pytest.mark.parametrize("converter", writers(), ids=lambda c: c.name)
def test_what_is_written_reads_back(converter: Converter, effort: Effort) -> None:
    limits, tally = LIMITS.get(converter.name, Limits()), Tally()
    assert converter.capabilities is not None
    capabilities = converter.capabilities(None)

    def law(root: Root) -> None:
        note(codec.encode(root).decode())
        tally.drawn += 1
        case = lowered(root, capabilities)
        if case.report.ok:
            judged(case)
        case = normal(converter, case)
        if not case.report.ok:
            tally.refusals.append("; ".join(sorted({d.message for d in case.report.errors})))
            reject()  # another is drawn in its place
        judged(case)
        with TemporaryDirectory() as folder:
            read_back(converter, case.after, Path(folder))

    drawn = connected() if limits.connected else workflows(bytes_too=limits.bytes_too)
    hold(law, drawn, effort)
    tally.judge(limits.refusals, limits.share)


@pytest.mark.parametrize("effort", efforts(10, 150))
@pytest.mark.parametrize("name", [name for name in MADE_UP if name != "tasks"])
def test_outputs_stay_what_they_were(name: str, effort: Effort) -> None:
    tally = Tally()

    def law(drawn: Runnable) -> None:
        root, inputs = drawn
        note(codec.encode(root).decode())
        tally.drawn += 1
        case = lowered(root, MADE_UP[name])
        if not case.report.ok:
            tally.refusals.extend({d.message for d in case.report.errors})
            return
        # Names of files may be among what the report calls lost; what they hold may not.
        names = not case.report.by_fate("approximated", "lost")
        with TemporaryDirectory() as folder:
            before = outputs_of(case.before, inputs, Path(folder, "before"), names)
            assert outputs_of(case.after, inputs, Path(folder, "after"), names) == before

    hold(law, runnable(), effort)
    tally.judge(REFUSED.get(name, ()), share=0.6)  # each style is in a third of them


@pytest.mark.parametrize("effort", efforts(25, 400))
def test_outputs_stay_what_they_were_in_cwl(effort: Effort) -> None:
    """Also when what was written is read again. WfFormat holds tasks that ran: nothing to run."""
    cwl = converter("cwl")
    assert cwl.capabilities is not None
    capabilities = cwl.capabilities(None)

    def law(drawn: Runnable) -> None:
        root, inputs = drawn
        note(codec.encode(root).decode())
        case = normal(cwl, lowered(root, capabilities))
        assert case.report.ok, case.report.errors
        names = not case.report.by_fate("approximated", "lost")
        with TemporaryDirectory() as folder:
            before = outputs_of(case.before, inputs, Path(folder, "before"), names)
            again = read_back(cwl, case.after, Path(folder, "written"))
            assert outputs_of(again, inputs, Path(folder, "after"), names) == before

    hold(law, runnable(), effort)


@pytest.mark.parametrize("effort", efforts(20, 300))
def test_outputs_stay_what_they_were_in_wdl(effort: Effort) -> None:
    """Where WDL can say it at all; what is refused is refused by a known reason."""
    wdl = converter("wdl")
    assert wdl.capabilities is not None
    capabilities, tally = wdl.capabilities(None), Tally()

    def law(drawn: Runnable) -> None:
        root, inputs = drawn
        note(codec.encode(root).decode())
        tally.drawn += 1
        case = normal(wdl, lowered(root, capabilities))
        if not case.report.ok:
            tally.refusals.append("; ".join(sorted({d.message for d in case.report.errors})))
            return
        judged(case)
        with TemporaryDirectory() as folder:
            before = outputs_of(case.before, inputs, Path(folder, "before"), names=False)
            again = read_back(wdl, case.after, Path(folder, "written"))
            old, new = (one.workflow for one in (case.before, again))
            assert isinstance(old, Workflow)
            assert isinstance(new, Workflow)
            ports = {a.id: b.id for a, b in zip(old.inputs, new.inputs, strict=True)}
            given = {ports[name]: value for name, value in inputs.items()}
            after = outputs_of(again, given, Path(folder, "after"), names=False)
            assert list(after.values()) == list(before.values())

    hold(law, runnable(), effort)
    tally.judge(IN_WDL, share=0.9)


@pytest.mark.parametrize("effort", efforts(25, 300))
def test_outputs_stay_what_they_were_in_nextflow(effort: Effort) -> None:
    """Written, parsed, read again and run; what is refused is refused by a known reason."""
    nextflow = converter("nextflow")
    assert nextflow.capabilities is not None
    capabilities, tally = nextflow.capabilities(None), Tally()

    def law(drawn: Runnable) -> None:
        root, inputs = drawn
        note(codec.encode(root).decode())
        tally.drawn += 1
        case = lowered(root, capabilities)
        if case.report.ok:
            judged(case)
        case = normal(nextflow, case)
        if not case.report.ok:
            tally.refusals.append("; ".join(sorted({d.message for d in case.report.errors})))
            return
        judged(case)
        with TemporaryDirectory() as folder:
            before = outputs_of(case.before, inputs, Path(folder, "before"), names=False)
            again = read_back(nextflow, case.after, Path(folder, "written"))
            assert outputs_of(again, inputs, Path(folder, "after"), names=False) == before

    hold(law, runnable(), effort)
    tally.judge(IN_NEXTFLOW, share=0.5)


@pytest.mark.parametrize("effort", efforts(25, 300))
def test_programs_of_a_runnable_workflow_are_tasks_one_for_each_item(effort: Effort) -> None:
    def law(drawn: Runnable) -> None:
        root, inputs = drawn
        numbers = inputs["numbers"]
        assert isinstance(numbers, list)
        tasks = {"echo": len(numbers), "cat": 1, "script": len(numbers)}
        expected = sum(tasks.get(step.id, 0) for step in root.steps)
        case = lowered(root, MADE_UP["tasks"], inputs)
        assert case.report.ok
        assert isinstance(case.after.workflow, Instance)
        assert len(case.after.workflow.tasks.id) == expected

    hold(law, runnable(), effort)
