"""What a crate says of itself, as repositories ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["workflow", "run", "software", "dataset"]
Relation = Literal["cites", "isderivedfrom"]


@dataclass(frozen=True)
class Organisation:
    """An organisation; ``ror`` is the last part of its ROR."""

    name: str
    ror: str | None = None


@dataclass(frozen=True)
class Agent:
    """A person, or with ``organisation`` an organisation that made something.

    ``guessed``: the parts of the name are not stated, only the whole.
    """

    name: str
    family: str = ""
    given: str = ""
    orcid: str | None = None
    ror: str | None = None
    affiliations: tuple[Organisation, ...] = ()
    organisation: bool = False
    guessed: bool = False


@dataclass(frozen=True)
class Licence:
    """A licence: its SPDX identifier, or a name with an address where there is none."""

    spdx: str | None
    name: str
    url: str | None = None


@dataclass(frozen=True)
class Related:
    """Another work and what the crate is to it; ``doi`` where it has one."""

    relation: Relation
    url: str
    doi: str | None = None


@dataclass(frozen=True)
class Grant:
    """Who paid, and by which grant."""

    funder: Organisation
    title: str | None = None
    number: str | None = None


@dataclass(frozen=True)
class Facts:
    """The facts of one crate. Dates are ISO 8601 days, months or years.

    ``references`` are works that are cited and have no address. ``unread`` are sentences, one for
    each value that the crate states and that is none of these facts.
    """

    kind: Kind
    title: str | None = None
    description: str | None = None
    published: str | None = None
    authors: tuple[Agent, ...] = ()
    contributors: tuple[Agent, ...] = ()
    licences: tuple[Licence, ...] = ()
    publisher: str | None = None
    keywords: tuple[str, ...] = ()
    version: str | None = None
    languages: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    references: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    identifiers: tuple[str, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
