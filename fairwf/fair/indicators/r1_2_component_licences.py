"""R1.2: components have licences that go with the workflow's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from fairwf.fair.detectors.licences import spdx_id
from fairwf.fair.indicator import Indicator
from fairwf.fair.indicators.r1_1_licence import recognised
from fairwf.fair.network.assessments import licences_of_tools
from fairwf.fair.outcome import Evidence, Outcome, assessed, by_share, not_applicable
from fairwf.fair.subject import Subject

_CODE = re.compile(
    r"\.(?:py|r|rmd|sh|bash|p[lm]|m?js|jl|groovy|nf|smk|wdl|cwl|awk|lua|java|scala|c|cc|cpp|h|rs|go|"
    r"rb|ipynb|sql)\Z",
    re.I,
)
_SPDX = re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+-]+)|\bs:license:\s*(\S+)")
_COVERS = re.compile(
    r"(?:(?:all (?:the )?(?:files|scripts|code|programs|contents)|everything|(?:the )?workflows?"
    r"(?:,| and) (?:all )?(?:its|the|their) (?:scripts|programs|tools|code)|this (?:whole )?"
    r"(?:repository|project|folder))[^.\n]{0,120}\blicen[cs]|SPDX-PackageLicenseDeclared)",
    re.I,
)


def _is_reuse(path: Path, text: str) -> bool:
    """Tell whether a file licenses other files in a form of REUSE 3 (REUSE.toml, dep5)."""
    if path.suffix != ".toml":
        return bool(re.search(r"^Files:.*\n(?:.+\n)*License: \S", text, re.M))
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    rules = tree.get("annotations")
    named = [r for r in rules if isinstance(r, dict)] if isinstance(rules, list) else []
    stated = [rule.get("SPDX-License-Identifier") for rule in named]
    return any(isinstance(text, str) and spdx_id(text) for text in stated)


def _stated_for_all(subject: Subject) -> Evidence | None:
    places = [Path("REUSE.toml"), Path(".reuse/dep5")]
    for path in places:
        if path in subject.files and _is_reuse(path, subject.text(path)):
            return Evidence(file=path.as_posix(), line=1, value="REUSE")
    named = subject.named(r"(?:readme|licen[cs]e|notice|copyright)(?:\.\w+)?")
    for path in named:
        text = subject.text(path)
        # A licence's own conditions speak of files too; prose about this folder is short.
        match = _COVERS.search(text) if len(text) < 6000 or path == subject.readme else None
        if match:
            line = text.count("\n", 0, match.start()) + 1
            return Evidence(file=path.as_posix(), line=line, value=" ".join(match[0].split())[:160])
    return None


def _components(subject: Subject) -> Outcome:
    parts = [p for p in subject.files if _CODE.match(p.suffix) and p.as_posix() != subject.name]
    if not parts:
        return not_applicable("no script, module or program is bundled")
    told = []
    everything = _stated_for_all(subject)
    for path in parts[:2000]:
        match = _SPDX.search(subject.text(path)[:4000])
        stated = match and (match[1] or match[2])
        if match and stated and spdx_id(stated.strip("'\"")):
            told.append(Evidence(file=path.as_posix(), value=stated))
    if everything is not None:
        told = [everything, *told][: len(parts)]
        return by_share(len(parts), len(parts), (0.3, 0.7, 1.0), "bundled files are covered", *told)
    reason = "bundled files say their licence"
    found = by_share(len(told), min(len(parts), 2000), (0.3, 0.7, 1.0), reason, *told)
    whole = recognised(subject)
    if not found.level and len(set(whole.values())) == 1:
        path, spdx = next(iter(whole.items()))
        here = Evidence(file=path.as_posix(), line=1, value=spdx)
        return assessed(1, f"the folder's licence; {found.reason}", here, *told)
    return found


INDICATORS = (
    Indicator(
        id="R1.2-1",
        question="Have the bundled scripts, modules and data a licence?",
        principle="R1.2",
        priority="important",
        reads="R",
        levels=(
            "three of ten, or one licence for the folder",
            "seven of ten",
            "all, by header, REUSE or a statement for all",
        ),
        crosswalk=("WCI R1.2", "FRSM-15-2"),
        fix="Add SPDX-License-Identifier to each file, or say in the README what covers all.",
        assess=_components,
        version="2",
        note="2: one licence of the folder is level 1: it holds for what says nothing else.",
    ),
    Indicator(
        id="R1.2-2",
        question="Are the licences of external tools and containers known?",
        principle="R1.2",
        priority="useful",
        reads="N",
        levels=("three of ten", "seven of ten", "all"),
        crosswalk=("WCI R1.2",),
        fix="Record the licence of each tool.",
        assess=licences_of_tools,
    ),
)
"""In the order of the principles."""
