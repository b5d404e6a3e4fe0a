"""I: each indicator climbs when what it asks for is added, and falls to 0 on what is not real."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fair.indicators.conftest import Ladder, Repo
from tests.fair.indicators.test_findable import CFF, DOI, start

RUN: dict[str, Any] = {
    "@id": "#run",
    "@type": "CreateAction",
    "name": "a run",
    "instrument": {"@id": "main.cwl"},
}
PROFILES = "https://w3id.org/ro/wfrun/"
OUT = {"@id": "count.txt", "@type": "File", "name": "count"}
AGENT = {"@id": "https://orcid.org/0000-0002-1825-0097", "@type": "Person", "name": "J Carberry"}
STEP = {"@id": "#s", "@type": "HowToStep", "workExample": {"@id": "tool.cwl"}}
TOOL_PART = [{"@id": "tool.cwl"}]

LADDERS: dict[str, Ladder] = {
    "I1-1": [
        (start, 3),
        (lambda r: r.change("main.cwl", "  count:\n    type: File", "  count:\n    type: int"), 2),
        (lambda r: r.write("main.cwl", "class: Workflow\ncwlVersion: v1.2\nsteps: ["), 0),
    ],
    "I1-2": [
        (lambda r: r.write("count.txt", "3").crate(OUT), 3),
        (lambda r: r.crate(OUT, root_license=""), 2),
        (lambda r: r.crate(OUT, flavour="sweet"), 1),
    ],
    "I1-3": [
        (lambda r: r.crate(root_conformsTo={"@id": PROFILES + "workflow/0.5"}), 0),
        (lambda r: r.crate(RUN), 1),
        (lambda r: r.crate(RUN, root_conformsTo={"@id": PROFILES + "workflow/0.5"}), 2),
        (
            lambda r: r.crate(
                RUN,
                {**RUN, "@id": "#run/1", "instrument": {"@id": "tool.cwl"}},
                root_conformsTo={"@id": PROFILES + "provenance/0.5"},
            ),
            3,
        ),
    ],
    "I2-1": [
        (start, 3),
        (lambda r: r.change("main.cwl", "format: http://edamontology.org/format_1964\n    outputSource", "outputSource"), 2),
        (lambda r: r.change("main.cwl", "    format: http://edamontology.org/format_1964\n", ""), 0),
        (lambda r: r.change("main.cwl", "label: Words", "intent: [http://edamontology.org/operation_3435]\nlabel: Words"), 1),
    ],
    "I2-2": [
        (lambda r: r.crate(root_license="free"), 1),
        (lambda r: r.crate(), 2),
        (lambda r: r.crate(AGENT, {"@id": "o.txt", "@type": "File", "encodingFormat": {"@id": "https://a.org/f"}}, root_author={"@id": AGENT["@id"]}), 3),
    ],
    "I3-1": [
        (start, 3),
        (lambda r: r.change("main.cwl", "  text:\n    type: File", "  text:\n    type: Any"), 1),
        (lambda r: r.change("main.cwl", "  count:\n    type: File", "  count:\n    type: Any"), 0),
    ],
    "I3-2": [
        (start, 3),
        (lambda r: r.change("main.cwl", "    format: http://edamontology.org/format_1964\n    outputSource", "    outputSource"), 1),
        (lambda r: r.change("main.cwl", "    format: http://edamontology.org/format_1964\n", ""), 0),
        (
            lambda r: r.change(
                "tool.cwl", "  count: stdout\nstdout: count.txt", "  count: {type: File, outputBinding: {glob: 'count.txt'}}"
            ),
            1,
        ),
    ],
    "I3-3": [
        (start, 3),
        (lambda r: r.change("main.cwl", "    doc: A text in UTF-8 with any number of lines.\n    format: http://edamontology.org/format_1964\n", ""), 2),
        (lambda r: r.change("main.cwl", "  text:\n    type: File", "  text:\n    type: Any"), 1),
    ],
    "I3-4": [
        (start, 3),
        (lambda r: r.change("tool.cwl", "[wc, -w]", "[wc, -w, /data/shared/list]"), 0),
    ],
    "I4-1": [
        (lambda r: r.crate(root_hasPart=[]), 0),
        (lambda r: r.crate(), 1),
        (lambda r: r.crate(hasPart=TOOL_PART), 2),
        (lambda r: r.crate(STEP, hasPart=TOOL_PART, step=[{"@id": "#s"}]), 3),
    ],
    "I4-2": [
        (start, 0),
        (lambda r: r.write("README.md", "# Words\n\n## References\n\nTODO\n"), 0),
        (lambda r: r.write("README.md", "# Words\n\n## References\n\nCounting Words, by A. B., 1998.\n"), 1),
        (lambda r: r.write("README.md", "# Words\n\n## References\n\nhttps://doi.org/10.1038/s41597-025-04451-9\n"), 2),
        (lambda r: r.write("CITATION.cff", CFF + f"doi: {DOI}\nreferences:\n- type: article\n  title: T\n  doi: {DOI}\n"), 2),
        (lambda r: r.change("CITATION.cff", f"  doi: {DOI}", "  doi: 10.1038/s41597-025-04451-9"), 3),
    ],
    "I4-3": [
        (lambda r: r.crate(RUN), 1),
        (lambda r: r.crate({**RUN, "result": [{"@id": "count.txt"}]}, OUT), 2),
        (lambda r: r.crate({**RUN, "result": [{"@id": "count.txt"}], "object": [{"@id": "tool.cwl"}], "agent": {"@id": AGENT["@id"]}}, OUT, AGENT), 3),
    ],
}  # fmt: skip


@pytest.mark.parametrize("indicator", LADDERS)
def test_levels(indicator: str, climb: Callable[[str, Ladder], None]) -> None:
    climb(indicator, LADDERS[indicator])


def test_a_workflow_that_is_no_run_says_that_a_run_is_needed(repo: Repo) -> None:
    repo.crate()
    for indicator in ("I1-3", "I4-3", "R1.3-2"):
        assert repo.outcome(indicator).why_not == "needs_run"
