"""The verdict of a comparison as entities of the new run's crate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from fairwf.entities.identifiers import digest, local_id, ref, refs
from fairwf.verify.compare import Outcome

Whole = Literal["same", "equivalent", "different"]
"""The verdict of all outputs together."""

_GOOD = ("same", "equivalent", "ignored")


def verdict_of(outcomes: Iterable[Outcome]) -> Whole:
    """Return ``same``, ``equivalent`` or ``different`` for all outputs together."""
    verdicts = {outcome.verdict for outcome in outcomes}
    if verdicts - set(_GOOD):
        return "different"
    return "equivalent" if "equivalent" in verdicts else "same"


def remarks(
    outcomes: list[Outcome], name: str, metadata_sha256: str, identifier: str | None
) -> tuple[Mapping[str, Any], ...]:
    """Return the entities that say how a run's outputs compare with those of a crate.

    The first is the act of assessing (schema.org ``AssessAction``), which the root mentions.

    Args:
        outcomes: of every output.
        name: of the crate that was run again.
        metadata_sha256: of that crate's metadata file.
        identifier: that crate's own, if it has one.
    """
    return tuple(_entities(outcomes, name, metadata_sha256, identifier))


def _entities(
    outcomes: list[Outcome], name: str, metadata_sha256: str, identifier: str | None
) -> Iterator[Mapping[str, Any]]:
    original = "#rerun-of"
    results: list[dict[str, Any]] = [
        {
            "@type": "PropertyValue",
            "@id": local_id("rerun", o.output, digest([o.name, o.expected, o.actual])),
            "name": f"{o.output}: {o.name}" if o.name != o.output else o.output,
            "value": o.verdict,
            "description": o.detail or None,
        }
        for o in outcomes
    ]
    verdict = verdict_of(outcomes)
    status = "Failed" if verdict == "different" else "Completed"
    yield {
        "@type": "AssessAction",
        "@id": "#rerun",
        "name": f"Comparison with the outputs of {name}",
        "description": f"The outputs are {verdict}.",
        "object": [ref("#run"), ref(original)],
        "result": refs(result["@id"] for result in results),
        "actionStatus": f"http://schema.org/{status}ActionStatus",
        "error": "outputs differ" if verdict == "different" else None,
    }
    yield {
        "@type": "CreativeWork",
        "@id": original,
        "name": name,
        "description": "The crate that was run again.",
        "identifier": identifier,
        "sha256": metadata_sha256,
    }
    yield from results
