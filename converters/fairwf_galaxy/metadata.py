"""Who made a workflow: ``creator``, ``license``, ``release``, ``tags``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fairwf.ir.identifiers import orcid_of, ror_of
from fairwf.ir.metadata import Agent, Metadata
from fairwf.source import SourceMap, plain
from fairwf_galaxy.shapes import Shapes

KEYS = ("creator", "license", "release", "tags")


def read_metadata(workflow: SourceMap, shapes: Shapes) -> tuple[Metadata | None, dict[str, Any]]:
    """Return the metadata, and what of it they have no field for, as it stands."""
    what, left = "the workflow", dict[str, Any]()
    found = shapes.get_list(workflow, "creator", what)
    for each, span in shapes.maps(found, "'creator'"):
        if _agent(each) is None:
            shapes.tell("a creator has no name", span, "give it a 'name'")
    shapes.get_text(workflow, "license", what)
    shapes.get_text(workflow, "release", what)
    facts = facts_of(workflow)
    for key, said in said_of(facts).items():
        if workflow.get(key) and plain(workflow[key]) != said:
            left[key] = plain(workflow[key])
    return (facts if facts != Metadata() else None), left


def facts_of(given: Mapping[str, Any]) -> Metadata:
    """Return the metadata that keys of a workflow say; what is wrong there counts for nothing."""
    creators = given.get("creator")
    listed = creators if isinstance(creators, list) else []
    agents = [_agent(each) for each in listed if isinstance(each, Mapping)]
    tags = given.get("tags")
    words = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
    return Metadata(
        license=_text(given, "license"),
        creators=tuple(agent for agent in agents if agent is not None),
        version=_text(given, "release"),
        keywords=tuple(dict.fromkeys(word for word in words if isinstance(word, str) and word)),
    )


def _text(given: Mapping[str, Any], key: str) -> str | None:
    value = given.get(key)
    return value if isinstance(value, str) and value else None


def said_of(facts: Metadata | None) -> dict[str, Any]:
    """Return what Galaxy says of metadata, by key."""
    facts = facts or Metadata()
    return {
        "creator": [_creator(agent) for agent in facts.creators],
        "license": facts.license,
        "release": facts.version,
        "tags": list(facts.keywords),
    }


def _agent(given: Mapping[str, Any]) -> Agent | None:
    texts = {key: value.strip() for key, value in given.items() if isinstance(value, str)}
    name = texts.get("name") or " ".join(
        texts[key] for key in ("givenName", "familyName") if texts.get(key)
    )
    if not name:
        return None
    email = texts.get("email") or None
    return Agent(
        name=name,
        id=_iri(texts.get("identifier", "")) or _iri(texts.get("url", "")),
        email=email.removeprefix("mailto:") if email else None,
        organization=texts.get("class") == "Organization",
    )


def _iri(text: str) -> str | None:
    if (orcid := orcid_of(text)) is not None:
        return f"https://orcid.org/{orcid}"
    if (ror := ror_of(text)) is not None:
        return f"https://ror.org/{ror}"
    return text if urlsplit_scheme(text) else None


def urlsplit_scheme(text: str) -> bool:
    """Tell whether a text is a web address."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and " " not in text


def _creator(agent: Agent) -> dict[str, Any]:
    said = {"class": "Organization" if agent.organization else "Person"}
    if agent.id is not None:
        said["identifier"] = agent.id
    said["name"] = agent.name
    if agent.email is not None:
        said["email"] = agent.email
    return said
