"""``creator``, ``license``, ``release`` and ``tags`` of a workflow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from fairwf.ir.metadata import Metadata
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
        _told(facts, tell)
    return result


def left_out(facts: Metadata, said: Collection[str] = ()) -> Iterator[tuple[msgspec.Struct, str]]:
    """Yield what stands in metadata, but for the fields ``said``: each node, or its part."""
    for field in msgspec.structs.fields(Metadata):
        value = getattr(facts, field.name)
        if field.name in said or not value:
            continue
        if isinstance(value, tuple):
            for number, item in enumerate(value):
                if isinstance(item, msgspec.Struct):
                    yield item, ""
                else:
                    name = _segment(item) if isinstance(item, str) else str(number)
                    yield facts, f"{field.encode_name}/{name}"
        else:
            yield facts, field.encode_name


def _told(facts: Metadata, tell: Tell) -> None:
    for node, part in left_out(facts, _SAID):
        tell("FWF3004", "Galaxy workflows have no place for it", node, part)
    kept: set[str] = set()
    for word in facts.keywords:
        if not word or word in kept:
            tell("FWF3004", "Galaxy has no empty tags", facts, f"keywords/{_segment(word)}")
        kept.add(word)
    for name in ("license", "version"):
        if getattr(facts, name) == "":
            tell("FWF3004", "Galaxy leaves out what is empty", facts, name)
    for agent in facts.creators:
        if agent.affiliation is not None:
            tell("FWF3004", "Galaxy's creators have no affiliation", agent, "affiliation")


def _segment(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")
