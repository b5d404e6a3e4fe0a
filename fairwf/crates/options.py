"""What the user decides about a crate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairwf.entities.versions import ProfileVersion
from fairwf.ir.metadata import Agent

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class PackageOptions:
    """How to package. What is None is taken from the run and the workflow's metadata.

    Attributes:
        name: the crate's title.
        description: what it holds.
        license: SPDX expression or IRI for the crate as a whole.
        published: date of publication (ISO 8601); today where None.
        agent: who started the run; only what was said is written.
        usual_agent: who it was where neither ``agent`` nor the run's record says so.
        publisher: the organisation that publishes the crate.
        diagram: the drawing of the workflow (SVG).
        profile: version of Workflow Run RO-Crate, with the versions of RO-Crate that fit it
            (:data:`fairwf.entities.versions.VERSIONS`).
        keywords: of the crate.
        table: whether there is a table of executions in Apache Parquet.
        minimal: whether data are described (name, size, checksum) and not copied at all.
        intermediate: whether files that only steps saw are copied, not just described.
        input_limit: the largest input file that is copied, in bytes; larger ones are described by
            size and SHA-256.
        most_tasks: a run of more executions is described step by step; its executions then stand in
            N-Quads files beside the metadata.
        bag: whether the crate becomes the payload of a bag (BagIt).
        address: where the crate will lie on the web; its link set (Signposting) is written.
        swhid: whether the SWHID of the workflow's folder is stated.
        remarks: further entities; the root mentions the first.
        preview: whether ``ro-crate-preview.html`` is written.
    """

    name: str | None = None
    description: str | None = None
    license: str | None = None
    published: str | None = None
    agent: Agent | None = None
    usual_agent: Agent | None = None
    publisher: Agent | None = None
    diagram: bytes | None = None
    profile: ProfileVersion = "0.5"
    keywords: tuple[str, ...] = ()
    table: bool = False
    minimal: bool = False
    intermediate: bool = False
    input_limit: int = 100 * MIB
    most_tasks: int = 5000
    bag: bool = False
    address: str | None = None
    swhid: bool = False
    remarks: tuple[Mapping[str, Any], ...] = ()
    preview: bool = True
