"""F2: rich metadata about the workflow and its components."""

from __future__ import annotations

import re
from pathlib import Path

from fairwf.fair.detectors.identifiers import VOCABULARIES, bare_orcid, is_orcid
from fairwf.fair.detectors.metadata_schemas import faults
from fairwf.fair.detectors.placeholders import (
    is_keyword_list,
    is_placeholder,
    is_title,
    meaningful_words,
    words,
)
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed
from fairwf.fair.reading.claims import Claim
from fairwf.fair.reading.images import diagrams
from fairwf.fair.reading.languages import language_version
from fairwf.fair.reading.people import people
from fairwf.fair.reading.prose import sections, summary
from fairwf.fair.subject import Subject

_TAKES = re.compile(r"inputs?|takes?|reads?|from|given|data|files?|samples?")
_PORTS = r"\b(?:inputs?|outputs?|results?)\b"
_GIVES = re.compile(r"outputs?|produces?|gives?|writes?|writing|results?|reports?|tables?")


def _description(subject: Subject) -> Outcome:
    stated = subject.claims("title", "description")
    if subject.readme is not None:
        stated += summary(subject.readme_lines, str(subject.readme), Path(subject.name).stem)
    titles = [c for c in stated if c.kind == "title" and is_title(c.value)]
    said = {tuple(words(title.value)) for title in titles}
    descriptions = [
        c
        for c in stated
        if c.kind == "description"
        and not is_placeholder(c.value)
        and not is_keyword_list(c.value)
        and tuple(words(c.value)) not in said
    ]
    if not titles and not descriptions:
        return assessed(0, "neither title nor description, or only template text")
    long = [
        c for c in descriptions if len(words(c.value)) >= 20 and meaningful_words(c.value) >= 14
    ]
    if not long:
        shown = [claim.evidence() for claim in [*titles[:1], *descriptions[:1]]]
        return assessed(1, "no description of 20 words or more", *shown)
    proof = [claim.evidence() for claim in [*titles[:1], *long]]
    used = {word for claim in long for word in words(claim.value)}
    for _, heading, text in sections(subject.readme_lines, _PORTS):
        used.update(words(heading) if meaningful_words(text) >= 3 else ())
    takes, gives = (any(map(told.fullmatch, used)) for told in (_TAKES, _GIVES))
    if titles and takes and gives:
        return assessed(3, "title, and a description that says what goes in and comes out", *proof)
    return assessed(2, "the description does not say what goes in and what comes out", *proof)


def _metadata_file(subject: Subject) -> Outcome:
    readable = [file for file in subject.metadata if file.fault is None]
    if not subject.metadata:
        return assessed(0, "no CITATION.cff, codemeta.json, ro-crate-metadata.json or .zenodo.json")
    if not readable:
        broken = subject.metadata[0]
        return assessed(0, f"{broken.name} cannot be read: {broken.fault}")
    wrong = {file.name: found for file in readable if (found := faults(file.name, file.tree))}
    for file in readable:
        titles_of = [c.value for c in file.claims if c.kind == "title"]
        if file.name not in wrong and titles_of and not any(map(is_title, titles_of)):
            wrong[file.name] = ["the title says nothing"]
    valid = [file for file in readable if file.name not in wrong]
    proof = [Evidence(file=file.name, value="parses", line=1) for file in readable]
    if not valid:
        name, found = next(iter(wrong.items()))
        named = [c for f in readable for c in f.claims if c.kind in ("title", "creator")]
        filled = [claim for claim in named if is_title(claim.value)]
        if not filled:
            return assessed(0, f"{name} says nothing: {found[0]}")
        return assessed(1, f"{name}: {found[0]}", *proof)
    proof = [Evidence(file=file.name, value="valid", line=1) for file in valid]
    titles = {
        " ".join(words(claim.value))
        for file in valid
        for claim in file.claims
        if claim.kind == "title" and is_title(claim.value)
    }
    if len(valid) < 2:
        return assessed(2, "only one valid metadata file", *proof)
    if len(titles) > 1:
        return assessed(2, "the files name the workflow differently", *proof)
    return assessed(3, "valid metadata files that agree", *proof)


def _creators(subject: Subject) -> Outcome:
    found = people(subject.claims("creator", "orcid", "affiliation"))
    if not found:
        return assessed(0, "nobody is named as creator")
    orcids = subject.claims("orcid")
    wrong = [claim for claim in orcids if claim.value and not is_orcid(claim.value)]
    if wrong:
        return assessed(0, f"{wrong[0].value!r:.60} is no ORCID iD (form or check digit)")
    shared = _shared_orcid(orcids)
    if shared:
        return assessed(0, f"{shared} is given to several people in {orcids[0].file}")
    proof = [claim.evidence() for person in found for claim in person.claims]
    if not orcids:
        return assessed(1, "no ORCID iD", *proof)
    if all(person.orcids and person.affiliations for person in found):
        return assessed(3, "all creators with ORCID iD and affiliation", *proof)
    return assessed(2, "not all creators have an ORCID iD and an affiliation", *proof)


def _shared_orcid(orcids: list[Claim]) -> str | None:
    seen: dict[tuple[str, str], str] = {}
    for claim in orcids:
        key = (claim.file, bare_orcid(claim.value))
        if seen.setdefault(key, claim.about) != claim.about:
            return claim.value
    return None


# Words about FAIRness say nothing about a workflow.
_OF_FAIRNESS = re.compile(
    r"fair|findab(?:le|ility)|accessib(?:le|ility)|interoperab(?:le|ility)|reus(?:e|able|ability)|"
    r"workflows?|pipelines?|metadata|doi|orcid|spdx|reproducib(?:le|ility)|keywords?|tags?",
    re.I,
)


def _keywords(subject: Subject) -> Outcome:
    stated = [c for c in subject.claims("keyword") if not is_placeholder(c.value)]
    for file in dict.fromkeys(claim.file for claim in stated):
        listed = [claim.value.lower() for claim in stated if claim.file == file]
        if len(listed) > 10 and len(set(listed)) < 0.8 * len(listed):
            return assessed(0, f"{file} repeats its keywords: they are stuffed")
    stated = [claim for claim in stated if not _OF_FAIRNESS.fullmatch(claim.value.strip())]
    different = {claim.value.strip().lower(): claim for claim in stated if claim.value.strip()}
    if not different:
        return assessed(0, "no keywords")
    proof = [claim.evidence() for claim in different.values()]
    terms = [claim for claim in different.values() if VOCABULARIES.fullmatch(claim.value.strip())]
    if len(different) < 3:
        return assessed(1, f"{len(different)} of the three keywords", *proof)
    if not terms:
        return assessed(2, "no keyword is a term of a vocabulary", *proof)
    return assessed(3, "keywords, a term of a vocabulary among them", terms[0].evidence(), *proof)


def _language(subject: Subject) -> Outcome:
    assert subject.document is not None
    name = subject.document.format or "unknown"
    engines = [c for c in subject.file_claims("engine_version") if not is_placeholder(c.value)]
    languages = [c for c in subject.file_claims("language") if not is_placeholder(c.value)]
    proof = [Evidence(file=subject.name, value=f"language: {name}", line=1)]
    stated = language_version(subject)
    if stated:
        proof.append(stated)
    if languages and engines:
        both = [languages[0].evidence(), engines[0].evidence()]
        return assessed(3, "language and version, also in machine metadata", *proof, *both)
    if stated or engines:
        proof += [claim.evidence() for claim in engines]
        return assessed(2, "not in machine-readable metadata beside the workflow", *proof)
    return assessed(1, "the version of the language or engine is not stated", *proof)


_MINIMUM = (
    "conformsTo",
    "creator",
    "dateCreated",
    "input",
    "license",
    "name",
    "output",
    "programmingLanguage",
    "sdPublisher",
    "url",
    "version",
)
_RECOMMENDED = (
    "citation",
    "contributor",
    "creativeWorkStatus",
    "description",
    "documentation",
    "funding",
    "hasPart",
    "isBasedOn",
    "keywords",
    "maintainer",
    "producer",
    "publisher",
    "runtimePlatform",
    "softwareRequirements",
    "targetProduct",
)


def _bioschemas(subject: Subject) -> Outcome:
    crate = subject.crate
    main = crate.main if crate is not None else None
    if crate is None or main is None:
        return assessed(0, "the crate has no main entity")
    aliases = {"creator": ("creator", "author"), "conformsTo": ("conformsTo", "dct:conformsTo")}

    def has(name: str) -> bool:
        keys = aliases.get(name, (name,))
        return any(not is_placeholder(text) for key in keys for text in crate.refs(main, key))

    there = [name for name in _MINIMUM if has(name)]
    proof = [crate.at(main, name) for name in there if name in main]
    missing = [name for name in _MINIMUM if name not in there]
    if len(there) * 2 < len(_MINIMUM) or not proof:
        return assessed(0, f"{len(there)} of {len(_MINIMUM)} minimum properties")
    if missing:
        return assessed(1, f"of the minimum, {', '.join(missing)} is missing", *proof)
    more = [name for name in _RECOMMENDED if has(name)]
    if len(more) < len(_RECOMMENDED):
        reason = f"{len(more)} of {len(_RECOMMENDED)} recommended properties"
        return assessed(2, reason, *proof)
    return assessed(3, "all minimum and recommended properties", *proof)


def _diagram(subject: Subject) -> Outcome:
    found = diagrams(subject.files, subject.text, subject.readme_lines, subject.crate)
    if not found:
        return assessed(0, "no picture of the workflow")
    proof = [Evidence(file=image.file.as_posix(), value=image.how) for image in found]
    linked = [image for image in found if image.linked]
    if not linked:
        return assessed(1, "no metadata name it", *proof)
    wanted = subject.document.hash if subject.document is not None else None
    for image in linked:
        if wanted and image.file.suffix == ".svg" and wanted in subject.text(image.file):
            return assessed(3, "drawn from this very workflow", *proof)
    return assessed(2, "the picture does not say that it was drawn from this workflow", *proof)


INDICATORS = (
    Indicator(
        id="F2-1",
        question="Are there a title and a meaningful description?",
        principle="F2",
        priority="essential",
        reads="WRC",
        levels=(
            "a title",
            "and a description of 20 words",
            "and it says what goes in and comes out",
        ),
        crosswalk=("FAIR4RS F2", "FRSM-04-1", "RDA-F2-01M", "FsF-F2-01M"),
        fix="Describe the purpose, the inputs and the outputs in `doc` or the abstract.",
        assess=_description,
        source="ir",
        version="3",
        note=(
            "2: the README's first heading and paragraphs count; lists of keywords do not. "
            "3: so do its sections such as Overview, or named like the workflow, and sections on "
            "inputs and outputs: many READMEs begin with badges alone. A template's does not."
        ),
    ),
    Indicator(
        id="F2-2",
        question="Is there a machine-readable metadata file, and is it valid?",
        principle="F2",
        priority="essential",
        reads="RC",
        levels=("exists and parses", "is valid by its schema", "two that agree"),
        crosswalk=("FRSM-04-3", "howfairis: citation", "RSFC-04"),
        fix="Add CITATION.cff and codemeta.json.",
        assess=_metadata_file,
        version="2",
    ),
    Indicator(
        id="F2-3",
        question="Are the creators named and identified?",
        principle="F2",
        priority="essential",
        reads="WRC",
        levels=("a name", "a valid ORCID iD, none shared", "all with ORCID iD and affiliation"),
        crosswalk=("FRSM-06", "RSFC-06", "gxwf: creator", "Dockstore: authors"),
        fix="Name the creators with their ORCID iDs in CITATION.cff.",
        assess=_creators,
        source="ir",
        version="3",
        note="2: people are joined across files by ORCID iD or name. 3: also from .dockstore.yml.",
    ),
    Indicator(
        id="F2-4",
        question="Are there keywords or topics?",
        principle="F2",
        priority="important",
        reads="WRC",
        levels=("one", "three", "three, one of them a term of a vocabulary"),
        crosswalk=("FRSM-04-2", "RDA-F2-01M", "gxwf: missing tags"),
        fix="Add keywords, and an EDAM topic or operation by its IRI.",
        assess=_keywords,
        source="ir",
    ),
    Indicator(
        id="F2-5",
        question="Are the language and the engine's version stated?",
        principle="F2",
        priority="essential",
        reads="WRC",
        levels=("the language", "and its version", "and both in machine-readable metadata"),
        crosswalk=("Bioschemas ComputationalWorkflow programmingLanguage", "FRSM-04-2"),
        fix="State programmingLanguage and runtimePlatform in codemeta.json or the crate.",
        assess=_language,
        source="format",
        needs_workflow=True,
        instances=True,
        version="2",
        note="2: the version that a WDL document begins with counts.",
    ),
    Indicator(
        id="F2-8",
        question="Has the crate what Bioschemas asks of a ComputationalWorkflow?",
        principle="F2",
        priority="important",
        reads="C",
        levels=("half of the minimum", "all of the minimum", "all that is recommended"),
        crosswalk=("WCI F2", "Bioschemas ComputationalWorkflow 1.0"),
        fix="Package the workflow again once its metadata are filled.",
        assess=_bioschemas,
    ),
    Indicator(
        id="F2-9",
        question="Is there a picture of the workflow?",
        principle="F2",
        priority="useful",
        reads="RC",
        levels=("a picture", "that metadata or README name", "drawn from this very workflow"),
        crosswalk=("Workflow RO-Crate image", "snakemake catalog: rulegraph"),
        fix="`fairwf graph SOURCE -o workflow.svg`, and show it in the README.",
        assess=_diagram,
    ),
)
"""In the order of the principles."""
