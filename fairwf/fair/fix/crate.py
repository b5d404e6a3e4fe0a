"""ro-crate-metadata.json: a new one that makes the folder a Workflow RO-Crate 1.0.

It says what is known and nothing else: RO-Crate 1.1 demands a name, a description and a licence, so
without them none is written. ``datePublished`` is the day on which it is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.fix.facts import Author, Facts
from fairwf.fair.reading.images import diagrams
from fairwf.fair.subject import Subject
from fairwf.formats import converters
from fairwf.ir import types as ty
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import Type
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Operation, Pure, Script, Workflow

_BESIDE = r"(?:readme|licen[cs]e|copying|changelog|citation)(?:\.\w+)?|codemeta\.json"
_PARAMETER = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
_WORKFLOW = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_SITES = {"cwl": "https://www.commonwl.org/", "wdl": "https://openwdl.org/"}
_PROCESSES = (Workflow, Command, Script, Pure, Operation)
_KINDS: tuple[tuple[type, str], ...] = (
    (ty.FileType, "File"),
    (ty.DirectoryType, "Dataset"),
    (ty.StringType, "Text"),
    (ty.EnumType, "Text"),
    (ty.IntType, "Integer"),
    (ty.FloatType, "Float"),
    (ty.BoolType, "Boolean"),
)


def crate(facts: Facts, subject: Subject, planned: list[str]) -> str | None:
    """Return the text of the metadata file; ``planned`` are files that are written with it."""
    document = subject.document
    known = converters().get(document.format or "") if document is not None else None
    if document is None or known is None or known.language_iri is None or subject.is_instance:
        return None
    title = facts.title or _own(subject, "title")
    description = facts.description or _own(subject, "description")
    if not (title and description and facts.licence):
        return None
    main = quote(subject.name)
    beside = [path.as_posix() for path in subject.named(_BESIDE)]
    pictures = [
        image.file.as_posix()
        for image in diagrams(subject.files, subject.text, subject.readme_lines, None)
    ]
    parts = dict.fromkeys(
        [*_documents(subject), *beside, *(n for n in planned if "/" not in n), *pictures[:1]]
    )
    parts.pop(subject.name, None)
    people = [_person(author) for author in facts.authors]
    licence = f"https://spdx.org/licenses/{facts.licence}"
    language: dict[str, Any] = {
        "@id": known.language_iri,
        "@type": "ComputerLanguage",
        "name": known.title,
        "identifier": {"@id": _SITES.get(known.name, known.language_iri)},
        "url": {"@id": _SITES.get(known.name, known.language_iri)},
        "version": facts.language_version,
    }
    ports = [*subject.workflow.inputs, *getattr(document.workflow, "outputs", ())]
    parameters = [_parameter(port) for port in ports]
    ids = [str(one["@id"]) for one in parameters]
    inputs = len(subject.workflow.inputs)
    about = {
        "name": title,
        "description": description,
        "license": {"@id": licence},
        "version": facts.version,
        "keywords": ", ".join(facts.keywords) or None,
        "identifier": {"@id": f"https://doi.org/{facts.doi}"} if facts.doi else None,
    }
    graph: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": [
                {"@id": "https://w3id.org/ro/crate/1.1"},
                {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
            ],
        },
        {
            "@id": "./",
            "@type": "Dataset",
            **about,
            "datePublished": datetime.now(UTC).date().isoformat(),
            "author": _refs([str(person["@id"]) for person in people]),
            "mainEntity": {"@id": main},
            "hasPart": _refs([main, *map(quote, parts)]),
        },
        {
            "@id": main,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            **about,
            "conformsTo": {"@id": _WORKFLOW},
            "creator": _refs([str(person["@id"]) for person in people]),
            "programmingLanguage": {"@id": known.language_iri},
            "codeRepository": facts.repository,
            "input": _refs(ids[:inputs]),
            "output": _refs(ids[inputs:]),
            "image": {"@id": quote(pictures[0])} if pictures else None,
        },
        *({"@id": quote(name), "@type": "File", "name": name} for name in parts),
        language,
        {"@id": licence, "@type": "CreativeWork", "name": facts.licence, "identifier": licence},
        *people,
        *parameters,
    ]
    kept = [{key: value for key, value in one.items() if value not in (None, [])} for one in graph]
    whole = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": kept}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _own(subject: Subject, kind: Literal["title", "description"]) -> str | None:
    """Return what the workflow says of itself, where files about it say something else."""
    stated = [c for c in subject.claims(kind) if c.file == subject.name]
    return next((" ".join(c.value.split()) for c in stated if not is_placeholder(c.value)), None)


def _documents(subject: Subject) -> Iterator[str]:
    """Yield the documents that the workflow's processes stand in, inside the folder."""
    assert subject.document is not None and subject.folder is not None
    known = set(subject.files)
    root = subject.document.workflow
    for process in (one for kind in _PROCESSES for one in nodes(root, kind)):
        span = subject.document.origins.get(process)
        try:
            path = Path(span.file).resolve().relative_to(subject.folder.resolve()) if span else None
        except ValueError:
            continue
        if path in known:
            yield str(path)


def _refs(ids: list[str]) -> list[dict[str, str]]:
    return [{"@id": one} for one in dict.fromkeys(ids)]


def _person(author: Author) -> dict[str, Any]:
    person: dict[str, Any] = {
        "@id": author.orcid or f"#{quote(author.name)}",
        "@type": "Person",
        "name": author.name,
        "affiliation": author.affiliation,
    }
    return person


def _parameter(port: InputPort | OutputPort) -> dict[str, Any]:
    kind, many, optional = _kind(port.type)
    given = isinstance(port, InputPort)
    return {
        "@id": f"#{'input' if given else 'output'}-{quote(port.id)}",
        "@type": "FormalParameter",
        "conformsTo": {"@id": _PARAMETER},
        "name": port.id,
        "description": port.doc or port.label,
        "additionalType": kind,
        "multipleValues": True if many else None,
        "valueRequired": not (optional or getattr(port, "default", None)) if given else None,
    }


def _kind(kind: Type) -> tuple[str, bool, bool]:
    """Return a value's kind as Bioschemas has it, whether it is many, whether it is optional."""
    many = optional = False
    while isinstance(kind, (ty.OptionalType, ty.ArrayType)):
        if isinstance(kind, ty.OptionalType):
            optional, kind = True, kind.item
        else:
            many, kind = True, kind.items
    name = next((name for one, name in _KINDS if isinstance(kind, one)), "PropertyValue")
    return name, many, optional
