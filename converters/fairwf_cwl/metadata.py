"""Schema.org fields of a process to :class:`Metadata` (and back: what they would derive to).

The fields themselves stay, word by word, in ``extensions["cwl"]``: that is the one place that a
writer writes them from. Metadata is derived from them; a writer adds fields only where
:func:`derive` of the extensions does not give the metadata that the process has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairwf.ir.metadata import Agent, Metadata
from fairwf_cwl.names import expand

_VOCABULARIES = ("https://schema.org/", "http://schema.org/")
_EDAM_TOPIC = "http://edamontology.org/topic_"
_EDAM_OPERATION = "http://edamontology.org/operation_"


def derive(
    fields: Mapping[str, Any], namespaces: Mapping[str, str], title: str | None = None
) -> Metadata | None:
    """Return the metadata that foreign fields state, or None where they state none.

    ``title`` is not derived from a label: a label stays where it is.
    """
    said = _schema_org(fields, namespaces)
    if not said:
        return None
    about = [_iri(item, namespaces) for item in _many(said.get("about"))]
    node = Metadata(
        title=_text(said.get("name")) or title,
        version=_text(said.get("version") or said.get("softwareVersion")),
        license=next((_iri(item, namespaces) for item in _many(said.get("license"))), None),
        creators=_agents(said, ("author", "creator"), namespaces),
        contributors=_agents(said, ("contributor",), namespaces),
        identifiers=_texts(said.get("identifier"), namespaces),
        citation=_texts(said.get("citation"), namespaces),
        keywords=_keywords(said.get("keywords")),
        topics=tuple(item for item in about if item and item.startswith(_EDAM_TOPIC)),
        operations=tuple(item for item in about if item and item.startswith(_EDAM_OPERATION)),
        url=next(iter(_texts(said.get("url"), namespaces)), None),
        repository=next(iter(_texts(said.get("codeRepository"), namespaces)), None),
        created=_text(said.get("dateCreated")),
        modified=_text(said.get("dateModified")),
    )
    return None if node == Metadata() else node


def _schema_org(fields: Mapping[str, Any], namespaces: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in fields.items():
        full = expand(key, namespaces)
        for vocabulary in _VOCABULARIES:
            if full.startswith(vocabulary):
                found[full[len(vocabulary) :]] = value
    return found


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def _iri(value: Any, namespaces: Mapping[str, str]) -> str | None:
    """Return the IRI of a node or text: its ``id``, ``@id``, ``identifier``, ``url`` or itself."""
    if isinstance(value, Mapping):
        inner = _schema_org(value, namespaces)
        for item in (
            value.get("@id"),
            value.get("id"),
            value.get("class"),
            inner.get("identifier"),
            inner.get("url"),
        ):
            if _text(item) and ":" in str(item):
                return expand(str(item), namespaces)
        return _text(inner.get("name"))
    text = _text(value)
    return expand(text, namespaces) if text else None


def _texts(value: Any, namespaces: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(text for item in _many(value) if (text := _iri(item, namespaces)))


def _keywords(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(text for item in _many(value) if (text := _text(item)))


def _agents(
    said: Mapping[str, Any], roles: tuple[str, ...], namespaces: Mapping[str, str]
) -> tuple[Agent, ...]:
    found: list[Agent] = []
    for role in roles:
        for item in _many(said.get(role)):
            for agent in _agent(item, namespaces):
                if agent not in found:
                    found.append(agent)
    return tuple(found)


def _agent(item: Any, namespaces: Mapping[str, str]) -> Iterator[Agent]:
    if isinstance(item, str):
        iri = expand(item, namespaces)
        yield Agent(name=item, id=iri if "://" in iri else None)
        return
    if not isinstance(item, Mapping):
        return
    inner = _schema_org(item, namespaces)
    kind = expand(str(item.get("@type") or item.get("class") or ""), namespaces)
    given = " ".join(
        part for part in (_text(inner.get("givenName")), _text(inner.get("familyName"))) if part
    )
    name = _text(inner.get("name")) or _text(inner.get("legalName")) or given
    identifier = next(
        (
            expand(str(value), namespaces)
            for value in (item.get("@id"), item.get("id"), inner.get("identifier"))
            if _text(value) and not str(value).startswith(("_:", "#"))
        ),
        None,
    )
    members = [inner.get("department"), inner.get("employee"), inner.get("member")]
    people = [
        agent for group in members for part in _many(group) for agent in _agent(part, namespaces)
    ]
    if people:
        yield from people
    elif name or identifier:
        affiliation = next(iter(_many(inner.get("affiliation"))), None)
        yield Agent(
            name=name or identifier or "",
            id=identifier,
            email=_mail(inner.get("email")),
            affiliation=_affiliation(affiliation, namespaces),
            organization=kind.endswith("Organization") or "legalName" in inner,
        )


def _affiliation(value: Any, namespaces: Mapping[str, str]) -> str | None:
    if isinstance(value, Mapping):
        inner = _schema_org(value, namespaces)
        return _text(inner.get("name")) or _text(inner.get("legalName")) or _iri(value, namespaces)
    return _text(value)


def _mail(value: Any) -> str | None:
    text = _text(value)
    return text.removeprefix("mailto:") if text else None
