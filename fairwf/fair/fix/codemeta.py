"""codemeta.json (CodeMeta 3.0): a new one, or properties added to one that is there."""

from __future__ import annotations

import json
import re
from typing import Any

from fairwf.fair.fix.facts import Author, Facts


def codemeta(facts: Facts, old: str | None, tree: dict[str, Any] | None) -> str | None:
    """Return the text of codemeta.json, None where nothing can be written."""
    properties: dict[str, Any] = {}
    if facts.description:
        properties["description"] = facts.description
    if facts.authors:
        properties["author"] = [_person(author) for author in facts.authors]
    if facts.version:
        properties["version"] = facts.version
    if facts.doi:
        properties["identifier"] = f"https://doi.org/{facts.doi}"
    if facts.licence:
        properties["license"] = f"https://spdx.org/licenses/{facts.licence}"
    if facts.repository:
        properties["codeRepository"] = facts.repository
    if facts.keywords:
        properties["keywords"] = list(facts.keywords)
    if facts.language:
        language = {"@type": "ComputerLanguage", "name": facts.language}
        if facts.language_version:
            language["version"] = facts.language_version
        properties["programmingLanguage"] = language
    if old is not None:
        return _added(old, tree, properties)
    if not facts.title:
        return None
    head = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": facts.title,
    }
    return json.dumps({**head, **properties}, indent=2, ensure_ascii=False) + "\n"


def _person(author: Author) -> dict[str, Any]:
    person: dict[str, Any] = {"@type": "Person"}
    if author.orcid:
        person["@id"] = author.orcid
    if author.given and author.family:
        person |= {"givenName": author.given, "familyName": author.family}
    else:
        person["name"] = author.name
    if author.affiliation:
        person["affiliation"] = author.affiliation
    return person


def _added(old: str, tree: dict[str, Any] | None, properties: dict[str, Any]) -> str | None:
    """Return the object with what it lacks at its end, the rest of its text untouched."""
    synonyms = {"author": ("author", "creator"), "version": ("version", "softwareVersion")}
    if tree is None:
        return None
    lacking = {
        key: value
        for key, value in properties.items()
        if not any(name in tree for name in synonyms.get(key, (key,)))
    }
    end = re.search(r"\s*\}\s*\Z", old)
    if not lacking or end is None or not tree:
        return None
    indent = re.search(r"\{\s*\n([ \t]+)\"", old)
    step = indent[1] if indent else "  "
    body = json.dumps(lacking, indent=step, ensure_ascii=False)[2:-2]
    return old[: end.start()] + ",\n" + body + "\n}\n"
