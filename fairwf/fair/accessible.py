"""A: where the source is, and whether all that the workflow refers to can be had."""

from __future__ import annotations

import re
from pathlib import Path

from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed, not_assessed
from fairwf.fair.placeholders import is_placeholder
from fairwf.fair.subject import Subject
from fairwf.ir.expressions import Directory, File
from fairwf.ir.walk import nodes

_URL = re.compile(r"https?://[^\s)>\]\"'`]+|git@[\w.-]+:[^\s]+")
_FORGES = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.[\w.]+|bitbucket\.org|codeberg\.org|"
    r"git\.[\w.]+|workflowhub\.eu|zenodo\.org)/\S+",
    re.I,
)


def _bare(url: str) -> str:
    url = re.sub(r"^(?:https?://|git@|ssh://git@)", "", url.strip()).replace(":", "/")
    return url.removesuffix("/").removesuffix(".git").lower()


def _source_location(subject: Subject) -> Outcome:
    stated = [c for c in subject.claims("repository") if _URL.fullmatch(c.value.strip())]
    stated = [claim for claim in stated if not is_placeholder(claim.value)]
    if stated:
        proof = [claim.evidence() for claim in stated]
        remote = subject.git_remote
        if len({_bare(claim.value) for claim in subject.file_claims("repository")}) > 1:
            return assessed(2, "metadata files name different places", *proof)
        if remote is None:
            return assessed(2, "there is no git remote to compare with", *proof)
        if _bare(remote) != _bare(stated[0].value):
            return assessed(2, "the metadata name another place than the git remote", *proof)
        return assessed(3, "the same place in metadata and git", *proof)
    if subject.readme is not None:
        for number, line in enumerate(subject.text(subject.readme).splitlines(), 1):
            match = _FORGES.search(line)
            if match and not re.search(r"your|example|<", match[0], re.I):
                here = Evidence(file=str(subject.readme), line=number, value=match[0])
                return assessed(1, "in the README alone", here)
    return assessed(0, "nowhere is said where the source is")


def _everything_obtainable(subject: Subject) -> Outcome:
    if subject.document is None:
        return assessed(0, f"the workflow cannot be read: {_first_error(subject)}")
    root = subject.document.workflow
    every: list[File | Directory] = [*nodes(root, File), *nodes(root, Directory)]
    referred = [node for node in every if node.location is not None]
    main = Evidence(file=subject.name, value="parses with everything that it includes")
    missing, outside = [], []
    base = subject.source.path.parent if subject.source.path else Path()
    top = (subject.folder or base).resolve()
    for node in referred:
        location = str(node.location)
        if re.match(r"[a-z][a-z0-9+.-]+://", location, re.I) and not location.startswith("file:"):
            continue
        path = (base / location.removeprefix("file://")).resolve()
        if not path.exists():
            missing.append(node)
        elif not path.is_relative_to(top):
            outside.append(node)
    if missing:
        where = subject.at(missing[0], f"{missing[0].location} is not there")
        return assessed(1, f"{len(missing)} of {len(referred)} files are not there", main, where)
    if outside:
        where = subject.at(outside[0], f"{outside[0].location} is outside the folder")
        return assessed(2, f"{len(outside)} files lie outside the repository", main, where)
    shown = [subject.at(node, f"{node.location} is there") for node in referred[:5]]
    return assessed(3, "all that it refers to is in the repository or has an IRI", main, *shown)


def _first_error(subject: Subject) -> str:
    return next((str(d) for d in subject.report.errors), "unknown")


def _everything(subject: Subject) -> Outcome:
    if subject.source.path is None:
        return not_assessed("input_kind", "a document from standard input has no folder")
    return _everything_obtainable(subject)


INDICATORS = (
    Indicator(
        id="A1-1",
        question="Is the source's location declared with an open scheme?",
        principle="A1",
        priority="essential",
        reads="RC",
        levels=("in the README", "in a machine-readable field", "that equals the git remote"),
        crosswalk=("FRSM-09-1", "RDA-A1-01M"),
        fix="Write repository-code into CITATION.cff.",
        assess=_source_location,
    ),
    Indicator(
        id="A1-3",
        question="Can everything that the workflow refers to be had?",
        principle="A1",
        priority="essential",
        reads="WR",
        levels=("the main file is complete", "all local references exist", "inside the repository"),
        crosswalk=("WCI A1",),
        fix="Put the missing files into the repository or name them by IRI.",
        assess=_everything,
    ),
)
"""In the order of the principles."""
