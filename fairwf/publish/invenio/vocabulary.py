"""Terms of vocabularies: an identifier where the server knows it, the text where it does not.

InvenioRDM documentation, "Vocabularies": ``GET /api/vocabularies/licenses/{id}``,
``GET /api/affiliations/{id}``, ``GET /api/funders/{id}``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fairwf.publish.facts import Licence

Knows = Callable[[str, str], bool]
"""Tells whether a server knows a term: the path of its vocabulary, the identifier."""

LICENCES = "vocabularies/licenses"
AFFILIATIONS, FUNDERS = "affiliations", "funders"


def settled(metadata: dict[str, Any], licences: Iterable[Licence], knows: Knows) -> dict[str, Any]:
    """Return the metadata of a record with terms that the server knows, else their texts."""
    found = copy.deepcopy(metadata)
    for place, terms in _organisations(found):
        terms[:] = [_organisation(term, place, knows) for term in terms]
    for entry in found.get("funding", ()):
        entry["funder"] = _organisation(entry["funder"], FUNDERS, knows)
    named = {licence.spdx.lower(): licence for licence in licences if licence.spdx}
    for right in found.get("rights", ()):
        licence = named.get(right.get("id", ""))
        if licence is not None and not knows(LICENCES, right["id"]):
            del right["id"]
            right["title"] = {"en": licence.spdx or licence.name}
            if licence.url:
                right["link"] = licence.url
    return found


def _organisations(metadata: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    for agent in (*metadata.get("creators", ()), *metadata.get("contributors", ())):
        if "affiliations" in agent:
            yield AFFILIATIONS, agent["affiliations"]


def _organisation(term: dict[str, str], place: str, knows: Knows) -> dict[str, str]:
    identifier = term.get("id")
    if identifier is not None and knows(place, identifier):
        return {"id": identifier}
    return {"name": term["name"]}
