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

from fairwf.contexts import ro_crate as context_of
from fairwf.entities.descriptors import (
    COMPUTATIONAL_WORKFLOW,
    agent_entities,
    agent_id,
    authored,
    descriptor,
    language_entity,
    license_entities,
)
from fairwf.entities.identifiers import quote_path, ref, refs
from fairwf.entities.metadata import compacted
from fairwf.entities.parameters import Parameter
from fairwf.entities.versions import VERSIONS
from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.fix.facts import Facts
from fairwf.fair.reading.images import diagrams
from fairwf.fair.subject import Subject
from fairwf.formats import converters
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Operation, Pure, Script, Workflow

_BESIDE = r"(?:readme|licen[cs]e|copying|changelog|citation)(?:\.\w+)?|codemeta\.json"
_PROCESSES = (Workflow, Command, Script, Pure, Operation)
_VERSIONS = VERSIONS["0.5"]


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
    main = quote_path(subject.name)
    beside = [path.as_posix() for path in subject.named(_BESIDE)]
    pictures = [
        image.file.as_posix()
        for image in diagrams(subject.files, subject.text, subject.readme_lines, None)
    ]
    parts = dict.fromkeys(
        [*_documents(subject), *beside, *(n for n in planned if "/" not in n), *pictures[:1]]
    )
    parts.pop(subject.name, None)
    stated = _metadata(facts)
    people = refs(agent_id(agent) for agent in stated.creators)
    inputs = [Parameter(f"#input-{quote(p.id)}", p) for p in subject.workflow.inputs]
    ports = getattr(document.workflow, "outputs", ())
    outputs = [Parameter(f"#output-{quote(p.id)}", p) for p in ports]
    language = language_entity(known.name, known.title, known.language_iri, facts.language_version)
    about = {"name": title, "description": description, **authored(stated)}
    graph: list[dict[str, Any]] = [
        descriptor(_VERSIONS),
        {
            "@id": "./",
            "@type": "Dataset",
            **{key: about[key] for key in ("name", "description", "version", "license")},
            "identifier": [ref(iri) for iri in stated.identifiers],
            "keywords": about["keywords"],
            "datePublished": datetime.now(UTC).date().isoformat(),
            "author": people,
            "mainEntity": ref(main),
            "hasPart": refs([main, *map(quote_path, parts)]),
        },
        {
            "@id": main,
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            **about,
            "conformsTo": ref(COMPUTATIONAL_WORKFLOW),
            "programmingLanguage": ref(language["@id"]),
            "input": refs(one.id for one in inputs),
            "output": refs(one.id for one in outputs),
            "image": ref(quote_path(pictures[0])) if pictures else None,
        },
        *({"@id": quote_path(name), "@type": "File", "name": name} for name in parts),
        language,
        *license_entities(facts.licence),
        *agent_entities(stated.creators),
        *(one.entity() for one in (*inputs, *outputs)),
    ]
    unique = {one["@id"]: compacted(one) for one in reversed(graph)}
    whole = {"@context": context_of(_VERSIONS.ro_crate), "@graph": [*reversed(unique.values())]}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _metadata(facts: Facts) -> Metadata:
    """Return the facts as a workflow's own metadata would say them."""
    return Metadata(
        version=facts.version,
        license=facts.licence,
        creators=tuple(
            Agent(name=author.name, id=author.orcid, affiliation=author.affiliation)
            for author in facts.authors
        ),
        identifiers=(f"https://doi.org/{facts.doi}",) if facts.doi else (),
        keywords=facts.keywords,
        repository=facts.repository,
    )


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
