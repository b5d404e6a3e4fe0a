"""A: each indicator climbs when what it asks for is added, and falls to 0 on what is not real."""

from collections.abc import Callable

import pytest

from tests.fair.indicators.conftest import Ladder, Repo
from tests.fair.indicators.test_findable import CFF, CODEMETA, DOI, start, svg

GIT = '[remote "origin"]\n\turl = git@github.com:o/words.git\n'
CONTAINER = "  DockerRequirement: {dockerPull: HOST/o/words:1.0}\n"

LADDERS: dict[str, Ladder] = {
    "A1-1": [
        (start, 0),
        (lambda r: r.write("README.md", "See https://github.com/your-name/your-repo\n"), 0),
        (lambda r: r.write("README.md", "See https://github.com/o/words for the source.\n"), 1),
        (lambda r: r.write(".git/config", GIT.replace("words", "verbs")), 0),
        (lambda r: r.write("README.md", "By [black](https://github.com/p/black): https://github.com/o/verbs.git\n"), 1),
        (lambda r: r.write("CITATION.cff", CFF + "repository-code: https://github.com/o/words\n"), 2),
        (lambda r: r.write(".git/config", GIT), 3),
        (lambda r: r.write(".git/config", GIT.replace("words", "verbs")), 2),
    ],
    "A1-3": [
        (start, 3),
        (
            lambda r: r.change(
                "main.cwl", "    doc: A text", "    default: {class: File, location: a.txt}\n    doc: A text"
            ),
            1,
        ),
        (lambda r: r.write("a.txt", "a"), 3),
        (lambda r: r.change("main.cwl", "location: a.txt", "location: ../../../etc/hostname"), 1),
        (lambda r: r.write("tool.cwl", "cwlVersion: v1.2\nclass: Comm"), 0),
    ],
    "A1.1-1": [
        (lambda r: r.change("main.cwl", "    doc: A text", "    default: {class: File, location: 'gopher://a.org/x'}\n    doc: A text"), 0),
        (lambda r: r.change("main.cwl", "gopher", "http"), 2),
        (lambda r: r.change("main.cwl", "http://a.org/x", "https://a.org/x"), 3),
    ],
    "A1.2-1": [
        (lambda r: r.change("tool.cwl", "hints:\n", "hints:\n" + CONTAINER.replace("HOST", "registry.site.org")), 0),
        (lambda r: r.write("README.md", "# Words\n\nAccess to the registry is granted on request.\n"), 1),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "conditionsOfAccess": "members of the site"}), 2),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "conditionsOfAccess": "ask help@site.org"}), 3),
    ],
    "A2-1": [
        (start, 0),
        (lambda r: r.write("README.md", "# Words\n\nArchived in Zenodo.\n"), 1),
        (lambda r: r.write("CITATION.cff", CFF + f"doi: {DOI}\n"), 2),
        (lambda r: r.write("CITATION.cff", CFF + f"doi: {DOI}\nversion: 1.2.0\n"), 3),
        (lambda r: r.write("CITATION.cff", CFF + "doi: 10.5281/zenodo.XXXXXX\nversion: 1.2.0\n"), 1),
    ],
    "A2-2": [
        (start, 0),
        (svg, 1),
        (lambda r: r.crate(_step("other"), _step("third"), step=[{"@id": "#other"}, {"@id": "#third"}]), 2),
        (lambda r: r.crate(_step("main/count_words"), step=[{"@id": "#main/count_words"}]), 3),
    ],
}  # fmt: skip


def _step(name: str) -> dict[str, object]:
    return {"@id": f"#{name}", "@type": "HowToStep", "name": name}


@pytest.mark.parametrize("indicator", LADDERS)
def test_levels(indicator: str, climb: Callable[[str, Ladder], None]) -> None:
    climb(indicator, LADDERS[indicator])


def test_nothing_restricted_and_nothing_outside_do_not_apply(repo: Repo) -> None:
    repo.change("tool.cwl", ', specs: ["https://identifiers.org/rrid:1"]', "")
    assert repo.outcome("A1.2-1").status == "not_applicable"
    assert repo.outcome("A1.1-1").status == "not_applicable"


@pytest.mark.parametrize("indicator", ["F1-2", "F4-2", "A1-2", "R1.2-2"])
def test_what_only_a_network_can_answer_says_so(repo: Repo, indicator: str) -> None:
    assert repo.outcome(indicator).why_not == "network"
