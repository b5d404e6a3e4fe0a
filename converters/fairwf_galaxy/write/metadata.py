"""``creator``, ``license``, ``release`` and ``tags`` of a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairwf.ir.metadata import Agent, Metadata
from fairwf_galaxy.metadata import KEYS, facts_of, said_of
from fairwf_galaxy.write.failures import Tell

_SAID = frozenset({"license", "creators", "version", "keywords"})


def metadata(facts: Metadata | None, kept: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Return the keys for metadata: as they were read, where they still say the same."""
    said = said_of(facts)
    result = {}
    for key in KEYS:
        before = kept.get(key)
        if before is not None and said_of(facts_of({key: before}))[key] == said[key]:
            result[key] = before
        elif said[key] or key == "tags":
            result[key] = said[key]
    if facts is not None:
        _left_out(facts, tell)
    return result


def _left_out(facts: Metadata, tell: Tell) -> None:
    for field in msgspec.structs.fields(Metadata):
        value = getattr(facts, field.name)
        if field.name in _SAID or not value:
            continue
        text = f"Galaxy workflows have no place for {field.name!r}"
        if isinstance(value, tuple):
            for item in value:
                if isinstance(item, Agent):
                    tell("FWF3004", text, item)
                else:
                    tell("FWF3004", text, facts, f"{field.encode_name}/{_segment(item)}")
        else:
            tell("FWF3004", text, facts, field.encode_name)
    for agent in facts.creators:
        if agent.affiliation is not None:
            tell("FWF3004", "Galaxy's creators have no affiliation", agent, "affiliation")


def _segment(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")
