"""I2: metadata use vocabularies that follow FAIR principles."""

from __future__ import annotations

from fairwf.fair.detectors.identifiers import VOCABULARIES, is_orcid, is_ror
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Level, Outcome, assessed
from fairwf.fair.reading.components import literal
from fairwf.fair.subject import Subject
from fairwf.ir.ports import InputPort, OutputPort


def _terms(port: InputPort | OutputPort) -> list[str]:
    return [t for e in port.format if (t := literal(e)) and VOCABULARIES.fullmatch(t)]


def _vocabulary(subject: Subject) -> Outcome:
    assert subject.document is not None
    root = subject.document.workflow
    ports = subject.workflow.file_ports
    told = [port for port in ports if _terms(port)]
    proof = [subject.at(port, f"{port.id}: {_terms(port)[0]}") for port in told]
    keywords = subject.claims("keyword")
    named = [c for c in keywords if VOCABULARIES.fullmatch(c.value.strip())]
    intents = [subject.at(root, claim.value) for claim in named[:3]]
    share = len(told) / len(ports) if ports else float(bool(named))
    if not told and not named:
        return assessed(0, "no format, operation or topic is a term of a vocabulary")
    level: Level = 3 if share >= 0.9 else 2 if share >= 0.5 else 1
    reason = f"{len(told)} of {len(ports)} ports of files name their format by a term"
    return assessed(level, reason, *proof, *intents)


def _iris(subject: Subject) -> Outcome:
    crate = subject.crate
    if crate is None or crate.root is None:
        return assessed(0, "the crate's metadata cannot be read")
    found: dict[str, Evidence] = {}
    absent: list[str] = []
    for what, entity, key, test in (
        ("licence", crate.root, "license", _is_iri),
        ("language", crate.main, "programmingLanguage", None),
    ):
        if entity is None or key not in entity:
            absent.append(what)
            continue
        linked = crate.linked(entity, key)
        real = any(
            _is_iri(t)
            for e in linked
            for k in ("url", "identifier", "@id")
            for t in crate.refs(e, k)
        )
        if real or (test is not None and any(test(text) for text in crate.refs(entity, key))):
            found[what] = crate.at(entity, key)
        else:
            absent.append(what)
    people = [p for e in (crate.root, crate.main) for p in crate.linked(e, "author", "creator")]
    if people and all(_is_agent(str(person["@id"])) for person in people):
        found["people"] = crate.at(people[0])
    else:
        absent.append("people")
    formats = [file for file in crate.files() if "encodingFormat" in file]
    linked_formats = [
        f for f in formats if any(_is_iri(t) for t in crate.refs(f, "encodingFormat"))
    ]
    if formats and len(linked_formats) == len(formats):
        found["formats"] = crate.at(linked_formats[0], "encodingFormat")
    else:
        absent.append("formats")
    if not found:
        return assessed(0, "licence, language, people and formats are bare texts or absent")
    proof = list(found.values())
    reason = f"as IRIs: {', '.join(found)}" + (f"; not: {', '.join(absent)}" if absent else "")
    if not absent:
        return assessed(3, reason, *proof)
    return assessed(2 if {"licence", "language"} <= set(found) else 1, reason, *proof)


def _is_iri(text: str) -> bool:
    return text.startswith(("https://", "http://"))


def _is_agent(identifier: str) -> bool:
    return is_orcid(identifier) or is_ror(identifier)


INDICATORS = (
    Indicator(
        id="I2-1",
        question="Are formats, operations and topics terms of a vocabulary?",
        principle="I2",
        priority="important",
        reads="WRC",
        levels=("one", "the formats of half of the ports of files", "of nine of ten"),
        crosswalk=("FAIR I2", "RDA-I2-01M", "FsF-I2-01M"),
        fix="Name formats by EDAM's IRIs, such as http://edamontology.org/format_1930.",
        assess=_vocabulary,
        source="ir",
        needs_workflow=True,
    ),
    Indicator(
        id="I2-2",
        question="Are licence, language, people and formats IRIs in the crate?",
        principle="I2",
        priority="useful",
        reads="C",
        levels=("some", "licence and language", "all"),
        crosswalk=("FAIR I2", "RDA-R1.1-03M"),
        fix="Write an entity with an IRI for each: SPDX, ORCID, PRONOM or EDAM.",
        assess=_iris,
    ),
)
"""In the order of the principles."""
