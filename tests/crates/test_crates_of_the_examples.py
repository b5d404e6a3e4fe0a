"""Every example's crate, made with no placeholder: what roc-validator says, check by check.

What fails is listed with its reason in docs/formats/ro-crate.md, and nothing else fails.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from fairwf import api
from fairwf.agents import organisation, person
from fairwf.crates import PackageOptions
from fairwf.crates.oracle import SEVERITIES, Judgement, judge
from fairwf.engine import load_run

pytest.importorskip("rocrate_validator")
pytestmark = pytest.mark.xdist_group("oracle")

UNIVERSITY = "University of London <https://ror.org/04cw6st05>"
OPTIONS = PackageOptions(
    agent=person("Ada Lovelace <0000-0002-1825-0097>", UNIVERSITY),
    publisher=organisation(UNIVERSITY),
    license="CC-BY-4.0",
)
RECOMMENDED_AT_LEAST = {"quickstart": 94, "streams": 95, "typed-data-flow": 95, "demanded-keys": 95}
EXAMPLES = {
    "quickstart": ("quickstart/main.cwl", "quickstart/job.yml"),
    "streams": ("ir/streams.ir.yml", "ir/streams.job.yml"),
    "typed-data-flow": ("ir/typed-data-flow.ir.yml", "ir/typed-data-flow.job.yml"),
    "demanded-keys": ("ir/demanded-keys.ir.yml", "ir/demanded-keys.job.yml"),
    "loop-with-approval": ("ir/loop-with-approval.ir.yml", "ir/loop-with-approval.job.yml"),
}


@pytest.fixture(scope="session")
def reasons(repository: Path) -> dict[str, set[str]]:
    """The checks that the documentation says fail, by severity."""
    page = (repository / "docs/formats/ro-crate.md").read_text()
    recommended, _, optional = page.partition("RECOMMENDED:")[2].partition("OPTIONAL:")
    found = {"REQUIRED": set[str]()}
    for severity, text in (("RECOMMENDED", recommended), ("OPTIONAL", optional)):
        found[severity] = set(re.findall(r"^\| `([a-z0-9._-]+)` \| .+ \|$", text, re.MULTILINE))
    return found


def check(found: Judgement, name: str, reasons: dict[str, set[str]]) -> None:
    held = {s: found.total[s] - len(found.failed(s)) for s in SEVERITIES}
    print(f"{name}: " + ", ".join(f"{s} {held[s]} of {found.total[s]}" for s in SEVERITIES))
    assert found.profile == "provenance-run-crate-0.5"
    for severity in SEVERITIES:
        assert set(found.failed(severity)) <= reasons[severity], severity
    assert held["RECOMMENDED"] >= RECOMMENDED_AT_LEAST.get(name, 93)
    assert held["OPTIONAL"] >= 44


def fairwf(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "fairwf", *map(str, arguments), "--quiet"]
    subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def judgement(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Judgement]:
    """What roc-validator says of an example's crate; each is made once."""

    @cache
    def judged(name: str) -> Judgement:
        folder = tmp_path_factory.mktemp(name)
        source, job = (repository / "examples" / each for each in EXAMPLES[name])
        run = folder / "run"
        fairwf("run", source, job, "--outdir", folder / "out", "--run-dir", run, "--no-wait")
        api.package(load_run(run), folder / "crate", options=OPTIONS)
        return judge(folder / "crate")

    return judged


@pytest.mark.parametrize(
    "name",
    [
        "quickstart",
        "loop-with-approval",
        *(pytest.param(n, marks=pytest.mark.long) for n in list(EXAMPLES)[1:-1]),
    ],
)
def test_what_fails_is_documented(
    name: str, judgement: Callable[[str], Judgement], reasons: dict[str, set[str]]
) -> None:
    check(judgement(name), name, reasons)


@pytest.mark.long
@pytest.mark.skipif(
    not all(map(shutil.which, ("bwa", "samtools", "bcftools"))),
    reason="needs bwa, samtools and bcftools",
)
def test_variant_calling(repository: Path, tmp_path: Path, reasons: dict[str, set[str]]) -> None:
    folder, run = repository / "examples/variant-calling", tmp_path / "run"
    made = [sys.executable, str(folder / "make_job.py"), str(tmp_path / "in")]
    if subprocess.run(made, check=False, capture_output=True).returncode:
        pytest.skip("the reads of Debian's package bowtie2-examples are absent")
    job = tmp_path / "in/job.json"
    fairwf("run", folder / "main.cwl", job, "--outdir", tmp_path / "out", "--run-dir", run)
    api.package(load_run(run), tmp_path / "crate", options=OPTIONS)
    check(judge(tmp_path / "crate"), "variant-calling", reasons)


def test_every_documented_reason_is_one_that_occurs(
    judgement: Callable[[str], Judgement], reasons: dict[str, set[str]]
) -> None:
    """Two examples show all of them; a reason that is gone goes from the page, too."""
    found = [judgement(name) for name in ("quickstart", "loop-with-approval")]
    for severity in SEVERITIES:
        assert reasons[severity] <= {check for each in found for check in each.failed(severity)}
