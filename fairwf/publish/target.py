"""Where a crate can be published: what a target is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import msgspec

from fairwf.publish.http.patience import Patience
from fairwf.publish.subject import Subject
from fairwf.report import Report, UsageFault

Status = Literal["planned", "draft", "published", "unchanged"]


class SentFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of a publication; ``sent`` is false where the server had it already."""

    name: str
    size: int
    checksum: str | None = None
    sent: bool = False


class Publication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a crate.

    ``planned``: a dry run, nothing was sent; ``draft``: not public yet; ``unchanged``: this very
    crate is published already. ``requests`` are those that a dry run would have made.
    """

    target: str
    server: str
    status: Status
    record: str | None = None
    version: str | None = None
    doi: str | None = None
    url: str | None = None
    files: list[SentFile] = []
    metadata: dict[str, object] = {}
    requests: list[str] = []


def _silent(text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Order:
    """How to publish.

    ``url`` is the server, or for a folder the address that it will have; ``output`` that folder;
    ``project`` the team that owns a workflow; ``make_public`` is what no other call does.
    """

    url: str | None = None
    make_public: bool = False
    dry_run: bool = False
    output: Path | None = None
    project: str | None = None
    allow_http: bool = False
    patience: Patience = field(default_factory=Patience)
    say: Callable[[str], None] = _silent


class Target(Protocol):
    """A kind of place."""

    def publish(self, subject: Subject, order: Order, report: Report) -> Publication:
        """Publish a crate, continue a publication that was interrupted, or plan one.

        Raises:
            InvalidError: the crate lacks what the place requires, or the place refuses it.
            UsageFault: the order lacks an option, or has one that makes no sense here.
            EnvironmentFault: the place is out of reach, or refuses the token.
        """


class Entry(NamedTuple):
    """A target: the module that has it as ``TARGET``, and what it is."""

    module: str
    title: str


TARGETS: dict[str, Entry] = {
    "invenio": Entry("fairwf.publish.invenio.any", "any InvenioRDM repository"),
    "zenodo": Entry("fairwf.publish.invenio.zenodo", "Zenodo or its sandbox"),
    "workflowhub": Entry("fairwf.publish.workflowhub", "WorkflowHub or another SEEK"),
    "folder": Entry("fairwf.publish.site", "a static web site in a folder"),
}
"""Every target; one is imported when it is asked for."""


def publish(crate: Path, to: str, order: Order, report: Report) -> Publication:
    """Publish a crate.

    Raises:
        InvalidError, UsageFault, EnvironmentFault: as :meth:`Target.publish`.
    """
    entry = TARGETS.get(to)
    if entry is None:
        raise UsageFault.of("FWF9001", f"no target {to!r:.40}", hint="known: " + ", ".join(TARGETS))
    target: Target = import_module(entry.module).TARGET
    return target.publish(Subject(crate, report), order, report)
