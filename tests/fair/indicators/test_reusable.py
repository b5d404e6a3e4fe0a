"""R: each indicator climbs when what it asks for is added, and falls to 0 on what is not real."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fair.indicators.conftest import Ladder, Repo
from tests.fair.indicators.test_findable import CFF, CODEMETA, DOI, start
from tests.fair.indicators.test_interoperable import AGENT, OUT, RUN

APACHE = (Path(__file__).parents[3] / "LICENSE").read_text()
HINT = 'hints:\n  SoftwareRequirement:\n    packages: [{package: coreutils, version: ["9.1"], specs: ["https://identifiers.org/rrid:1"]}]\n'
SHA = "sha256:" + "1a" * 32


def docker(image: str) -> str:
    return f"hints:\n  DockerRequirement: {{dockerPull: {image}}}\n"


LADDERS: dict[str, Ladder] = {
    "R1-1": [
        (start, 0),
        (lambda r: r.write("README.md", "# Usage\n\nTODO\n"), 0),
        (lambda r: r.write("README.md", "# Usage\n\n```\nfairwf run <workflow> <job>\n```\n"), 0),
        (lambda r: r.write("README.md", "# Usage\n\n```\nfairwf run main.cwl\n```\n"), 2),
        (lambda r: r.write("README.md", "# Usage\n\n```\nfairwf run main.cwl job.yml\n```\n"), 2),
        (lambda r: r.write("job.yml", "text: {class: File, path: a.txt}\n"), 3),
    ],
    "R1-2": [
        (start, 3),
        (lambda r: r.change("tool.cwl", HINT, "hints:\n"), 0),
        (lambda r: r.change("tool.cwl", "hints:\n", docker("busybox")), 3),
    ],
    "R1-3": [
        (start, 2),
        (lambda r: r.change("tool.cwl", HINT, docker("busybox:latest")), 0),
        (lambda r: r.change("tool.cwl", "busybox:latest", "busybox:1.36"), 2),
        (lambda r: r.change("tool.cwl", "busybox:1.36", "busybox@" + SHA), 3),
    ],
    "R1-4": [
        (start, 3),
        (lambda r: r.change("tool.cwl", "  ResourceRequirement: {coresMin: 1}\n", ""), 0),
    ],
    "R1-5": [
        (start, 0),
        (lambda r: r.write("job.yml", "other: {class: File, path: a.txt}\n"), 0),
        (lambda r: r.write("job.yml", "text: {class: File, path: a.txt}\n"), 1),
        (lambda r: r.write("expected/count.txt", ""), 1),
        (lambda r: r.write("expected/count.txt", "3 a.txt\n"), 3),
        (lambda r: r.write("job.yml", "text: {class: File, location: 'https://a.org/a.txt'}\n"), 2),
    ],
    "R1-6": [
        (start, 0),
        (lambda r: r.write(".github/workflows/ci.yml", "on: push\njobs: {}\n"), 0),
        (lambda r: r.write(".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    steps:\n    - run: ls\n    # fairwf run main.cwl job.yml\n"), 1),
        (lambda r: r.change(".github/workflows/ci.yml", "run: ls", "run: fairwf validate main.cwl"), 2),
        (lambda r: r.change(".github/workflows/ci.yml", "fairwf validate main.cwl", "fairwf run main.cwl job.yml"), 3),
    ],
    "R1-7": [
        (start, 3),
        (lambda r: r.write("config.yml", "place: /home/ada/data\n"), 2),
        (lambda r: r.change("tool.cwl", "[wc, -w]", "[wc, -w, /home/ada/x]"), 1),
        (lambda r: r.change("tool.cwl", "/home/ada/x", '"password=\'hunter2hunter2\'"'), 0),
    ],
    "R1-8": [
        (start, 0),
        (lambda r: r.write("config.yml", "text: a.txt\nlimit: 3\n"), 2),
        (lambda r: r.write("README.md", "# Words\n\n`config.yml` holds `limit`, the number of words at which to stop.\n"), 3),
    ],
    "R1-9": [
        (start, 0),
        (lambda r: r.write("CONTRIBUTING.md", "TODO"), 0),
        (lambda r: r.write("README.md", "# Words\n\nMail to ada@words.org or open an issue.\n"), 1),
        (lambda r: r.write("CONTRIBUTING.md", "Changes are welcome: open a merge request with one change, run every test before, say why it is needed, and add yourself to the authors of the citation file.\n"), 2),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "developmentStatus": "active"}), 3),
    ],
    "R1.1-1": [
        (start, 0),
        (lambda r: r.write("LICENSE", "TODO: choose a licence\n"), 0),
        (lambda r: r.write("LICENSE", "You may do as you like with all of this, if you ask. " * 20), 0),
        (lambda r: r.write("LICENSE", APACHE), 3),
    ],
    "R1.1-2": [
        (start, 0),
        (lambda r: r.write("CITATION.cff", CFF + "license: open\n"), 0),
        (lambda r: r.write("CITATION.cff", CFF + "license: Apache Licence\n"), 1),
        (lambda r: r.write("CITATION.cff", CFF + "license: Apache-2.0\n"), 2),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "license": "https://spdx.org/licenses/Apache-2.0"}), 3),
        (lambda r: r.write("CITATION.cff", CFF + "license: MIT\n"), 0),
    ],
    "R1.1-3": [
        (start, 0),
        (lambda r: r.write("CITATION.cff", CFF + "license: CC-BY-ND-4.0\n"), 1),
        (lambda r: r.write("CITATION.cff", CFF + "license: CC-BY-NC-4.0\n"), 2),
        (lambda r: r.write("CITATION.cff", CFF + "license: CC-BY-4.0\n"), 3),
    ],
    "R1.2-1": [
        (start, 0),
        (lambda r: r.change("tool.cwl", "cwlVersion: v1.2", "# SPDX-License-Identifier: Nonsense-7\ncwlVersion: v1.2"), 0),
        (lambda r: r.change("tool.cwl", "Nonsense-7", "MIT"), 3),
        (lambda r: [r.write(f"scripts/{n}.py", "print()\n") for n in "ab"], 1),
        (lambda r: r.write("README.md", "# Words\n\nThe workflow and its scripts are under the MIT licence.\n"), 3),
    ],
    "R1.3-1": [
        (start, 0),
        (lambda r: r.write("CHANGELOG.md", "# Changes\n\nTODO\n"), 0),
        (lambda r: r.write("CHANGELOG.md", "# Changes\n\n## 1.2.0\n\nThe first.\n"), 1),
        (lambda r: r.write(".git/HEAD", "ref: refs/heads/main\n").write(".git/refs/heads/main", "a1" * 20 + "\n"), 2),
        (lambda r: r.write("CITATION.cff", CFF + "version: 1.2.0\n"), 3),
    ],
    "R1.3-2": [
        (lambda r: r.crate(RUN), 0),
        (lambda r: r.crate({**RUN, "startTime": "2026-01-01", "endTime": "2026-01-01", "result": [{"@id": "count.txt"}], "agent": {"@id": AGENT["@id"]}}, OUT, AGENT), 1),
        (
            lambda r: r.crate(
                {**RUN, "startTime": "2026-01-01", "endTime": "2026-01-01", "result": [{"@id": "count.txt"}], "agent": {"@id": AGENT["@id"]},
                 "actionStatus": "http://schema.org/CompletedActionStatus", "object": [{"@id": "#p"}], "environment": [{"@id": "#e"}]},
                {**OUT, "sha256": "1a" * 32}, AGENT, {"@id": "#p", "@type": "PropertyValue", "exampleOfWork": {"@id": "#i"}},
            ),
            2,
        ),
    ],
    "R2-1": [
        (lambda r: r.crate(isBasedOn="https://github.com/o/other"), 1),
        (lambda r: r.crate(isBasedOn="https://workflowhub.org/workflows/29?version=3"), 2),
        (lambda r: r.crate(isBasedOn=f"https://doi.org/{DOI}"), 3),
        (lambda r: r.write(".gitmodules", '[submodule "a"]\n\turl = https://github.com/o/a\n'), 3),
        (lambda r: r.write("modules.json", {"repos": {}}), 1),
    ],
    "R3-1": [
        (start, 0),
        (lambda r: r.write("README.md", "# Words\n\nCounts the words of one text, and gives their number in a file.\n").write("LICENSE", APACHE).write("tools/a.cwl", "cwlVersion: v1.2\nclass: CommandLineTool"), 1),
        (lambda r: r.write("job.yml", "text: a\n"), 2),
        (lambda r: r.write("CITATION.cff", CFF), 3),
        (lambda r: [(r.top / n).write_text("") for n in ("README.md", "LICENSE", "tools/a.cwl", "job.yml")], 0),
    ],
    "R3-3": [
        (lambda r: r.crate(root_datePublished=""), 0),
        (lambda r: r.crate(root_hasPart=[]), 1),
        (lambda r: r.crate(), 2),
        (lambda r: r.write("README.md", "# Words").crate({"@id": "README.md", "@type": "File"}), 3),
    ],
}  # fmt: skip


@pytest.mark.parametrize("indicator", LADDERS)
def test_levels(indicator: str, climb: Callable[[str, Ladder], None]) -> None:
    climb(indicator, LADDERS[indicator])


def test_no_linter_is_run_and_the_outcome_says_so(repo: Repo) -> None:
    assert repo.outcome("R3-2").why_not == "tool_missing"
