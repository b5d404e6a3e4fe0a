"""The entities every crate has: the descriptor, the root, profiles, people, licence, language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fairwf.entities.identifiers import local_id, ref, refs
from fairwf.entities.metadata import FILE
from fairwf.entities.versions import Profiles, Versions
from fairwf.ir.iris import is_iri
from fairwf.ir.metadata import Agent, Metadata
from fairwf.trace.run import SoftwareAgent

COMPUTATIONAL_WORKFLOW = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"

_NAMED = re.compile(r"(.+?)\s*<([^<>\s]+)>\Z")
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*\Z")
_SPDX_IRI = "https://spdx.org/licenses/"

# Other names and addresses of languages, by the IRI that Workflow RO-Crate 1.0 lists for them.
_LANGUAGES: dict[str, dict[str, Any]] = {
    "https://w3id.org/workflowhub/workflow-ro-crate#cwl": {
        "alternateName": "CWL",
        "identifier": ref("https://w3id.org/cwl/"),
        "url": ref("https://www.commonwl.org/"),
    },
    "https://w3id.org/workflowhub/workflow-ro-crate#wdl": {
        "alternateName": "WDL",
        "url": ref("https://openwdl.org/"),
    },
    "https://w3id.org/workflowhub/workflow-ro-crate#snakemake": {
        "url": ref("https://snakemake.readthedocs.io/"),
    },
    "https://w3id.org/workflowhub/workflow-ro-crate#nextflow": {
        "url": ref("https://www.nextflow.io/"),
    },
    "https://w3id.org/workflowhub/workflow-ro-crate#galaxy": {
        "url": ref("https://galaxyproject.org/"),
    },
}


def descriptor(versions: Versions) -> dict[str, Any]:
    """Return the entity of the metadata file."""
    return {
        "@type": "CreativeWork",
        "@id": FILE,
        "about": ref("./"),
        "conformsTo": refs(versions.descriptor_conforms_to),
    }


def profile_entities(profiles: Profiles) -> Iterator[dict[str, Any]]:
    """Yield an entity for each profile that the crate claims."""
    for iri, (name, version) in profiles.items():
        yield {"@type": "CreativeWork", "@id": iri, "name": name, "version": version}


def agent_id(agent: Agent) -> str:
    """Return the id of a person or organisation: the IRI that was stated, or a local one."""
    return agent.id if agent.id and is_iri(agent.id) else local_id("agent", agent.name)


def agent_entities(agents: Iterable[Agent]) -> Iterator[dict[str, Any]]:
    """Yield the entities of people and organisations, with the latter's affiliations."""
    for agent in agents:
        identifier = agent_id(agent)
        yield {
            "@type": "Organization" if agent.organization else "Person",
            "@id": identifier,
            "name": agent.name,
            "email": agent.email,
            "url": identifier if agent.organization and identifier.startswith("http") else None,
            "affiliation": _affiliation_ref(agent),
        }
        if agent.affiliation:
            name, iri = _affiliation(agent.affiliation)
            yield {
                "@type": "Organization",
                "@id": iri or local_id("agent", name),
                "name": name,
                "url": iri,
            }


def _affiliation(text: str) -> tuple[str, str | None]:
    """Return the name and IRI of an affiliation: an IRI, a name, or ``NAME <IRI>``."""
    if is_iri(text):
        return text, text
    match = _NAMED.match(text)
    return (match[1], match[2]) if match and is_iri(match[2]) else (text, None)


def _affiliation_ref(agent: Agent) -> dict[str, str] | None:
    if not agent.affiliation:
        return None
    name, iri = _affiliation(agent.affiliation)
    return ref(iri or local_id("agent", name))


def license_value(text: str) -> dict[str, str] | str:
    """Return a licence as a reference (an IRI, an SPDX identifier) or as the text that it is."""
    if is_iri(text):
        return ref(text)
    return ref(_SPDX_IRI + text) if _SPDX.match(text) else text


def license_entities(text: str) -> Iterator[dict[str, Any]]:
    """Yield the entity of a licence that is referred to."""
    value = license_value(text)
    if isinstance(value, dict):
        iri = value["@id"]
        name = iri.removeprefix(_SPDX_IRI)
        yield {
            "@type": "CreativeWork",
            "@id": iri,
            "name": name,
            "identifier": name if iri.startswith(_SPDX_IRI) else None,
            "description": "The licence that the metadata of the workflow or the packager states.",
            "url": iri,
        }


def language_entity(
    name: str | None, title: str, iri: str | None, version: str | None
) -> dict[str, Any]:
    """Return the entity of a workflow language."""
    identifier = iri or local_id("language", name or title)
    return {
        "@type": "ComputerLanguage",
        "@id": identifier,
        "name": title,
        **_LANGUAGES.get(identifier, {}),
        "version": version,
    }


def engine_id(engine: SoftwareAgent) -> str:
    """Return the id of the engine."""
    return local_id("engine", engine.name, *([engine.version] if engine.version else []))


def engine_entity(engine: SoftwareAgent) -> dict[str, Any]:
    """Return the entity of the engine."""
    return {
        "@type": "SoftwareApplication",
        "@id": engine_id(engine),
        "name": engine.name,
        "softwareVersion": engine.version,
        "url": engine.url or _address(engine.name),
    }


def _address(name: str) -> str | None:
    """Return the home page that our own installed distribution states (Project-URL)."""
    from importlib.metadata import PackageNotFoundError, metadata

    if name != "fairwf":
        return None
    try:
        stated = metadata(name).get_all("Project-URL") or ()
    except PackageNotFoundError:
        return None
    urls = [
        url.strip()
        for label, _, url in (text.partition(",") for text in stated)
        if label.strip().lower() == "homepage"
    ]
    return next((url for url in urls if is_iri(url)), None)


def authored(metadata: Metadata | None) -> dict[str, Any]:
    """Return the properties of a workflow that its metadata states."""
    if metadata is None:
        return {}
    return {
        "version": metadata.version,
        "license": license_value(metadata.license) if metadata.license else None,
        "creator": refs(agent_id(agent) for agent in metadata.creators),
        "contributor": refs(agent_id(agent) for agent in metadata.contributors),
        "identifier": list(metadata.identifiers),
        "citation": [ref(c) if is_iri(c) else c for c in metadata.citation],
        "keywords": ", ".join(metadata.keywords),
        "about": refs(iri for iri in metadata.topics if is_iri(iri)),
        "featureList": refs(iri for iri in metadata.operations if is_iri(iri)),
        "url": metadata.url or metadata.repository,
        "codeRepository": metadata.repository,
        "dateCreated": metadata.created,
        "dateModified": metadata.modified,
    }
