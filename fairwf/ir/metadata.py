"""Metadata: who made a workflow, under which licence, what it is for.

Sources: schema.org, Bioschemas ComputationalWorkflow 1.0, CodeMeta 3.0, CFF 1.2.
"""

from __future__ import annotations

from fairwf.ir.base import Part


class Agent(Part, frozen=True, kw_only=True):
    """A person or an organisation. ``id`` is an IRI: an ORCID or ROR where one is known."""

    name: str
    id: str | None = None
    email: str | None = None
    affiliation: str | None = None
    organization: bool = False


class Metadata(Part, frozen=True, kw_only=True):
    """Facts about a process, as its author stated them. Nothing here is guessed.

    ``license`` is an SPDX expression or an IRI; ``identifiers`` are IRIs (DOI first);
    ``citation`` are IRIs or texts; ``topics`` and ``operations`` are IRIs (EDAM);
    dates are ISO 8601.
    """

    title: str | None = None
    version: str | None = None
    license: str | None = None
    creators: tuple[Agent, ...] = ()
    contributors: tuple[Agent, ...] = ()
    identifiers: tuple[str, ...] = ()
    citation: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    url: str | None = None
    repository: str | None = None
    created: str | None = None
    modified: str | None = None
