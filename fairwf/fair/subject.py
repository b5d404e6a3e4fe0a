"""What is scored: a workflow document, the repository folder around it, a crate."""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from fairwf.check import check
from fairwf.conversion import read_document
from fairwf.document import Document
from fairwf.fair.claims import METADATA_FILES, Claim, Kind, MetadataFile, read_metadata_file
from fairwf.fair.outcome import Evidence
from fairwf.formats import Source
from fairwf.ir.instance import Instance
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Command, Operation, Pure, Script, Workflow
from fairwf.locate import CRATE_METADATA, locate, unpacked
from fairwf.report import FairwfError, Report

Input = Literal["W", "R", "C", "X"]
"""Workflow, repository folder, Workflow RO-Crate, run crate."""

MAX_FILES = 20_000
MAX_TEXT = 1024 * 1024
_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".fairwf"})

Process = Command | Script | Pure | Operation | Workflow


@dataclass(frozen=True)
class Subject:
    """A workflow and what lies around it.

    ``shown`` is how a user named it. ``document`` is None where the main workflow cannot be read;
    ``report`` says why. ``folder`` is None when a workflow file alone is scored.
    """

    source: Source
    shown: str
    folder: Path | None
    document: Document | None
    report: Report
    kinds: frozenset[Input]
    metadata: tuple[MetadataFile, ...] = ()
    extra: dict[str, object] = field(default_factory=dict)

    def claims(self, *kinds: Kind) -> list[Claim]:
        """Return what metadata files and the workflow itself state."""
        return [claim for claim in self._claims if claim.kind in kinds]

    def file_claims(self, *kinds: Kind) -> list[Claim]:
        """Return what metadata files state."""
        found = [claim for file in self.metadata for claim in file.claims]
        return [claim for claim in found if claim.kind in kinds]

    @cached_property
    def _claims(self) -> list[Claim]:
        return [
            *(claim for file in self.metadata for claim in file.claims),
            *self._workflow_claims(),
        ]

    def _workflow_claims(self) -> Iterator[Claim]:
        if self.document is None:
            return
        root = self.document.workflow
        name, line = self.name, self.line(root)
        meta = root.metadata
        label, doc = root.label, root.doc
        facts: list[tuple[Kind, str | None]] = [
            ("title", (meta.title if meta else None) or label),
            ("description", doc),
        ]
        if meta is not None:
            facts += [("version", meta.version), ("license", meta.license)]
            facts += [("repository", meta.repository)]
            facts += [("identifier", text) for text in meta.identifiers]
        for kind, value in facts:
            if value:
                yield Claim(kind, value, name, line)
        for number, person in enumerate(meta.creators if meta else ()):
            yield Claim("creator", person.name, name, line, f"w{number}")
            if person.id and "orcid" in person.id:
                yield Claim("orcid", person.id, name, line, f"w{number}")
            if person.affiliation:
                yield Claim("affiliation", person.affiliation, name, line, f"w{number}")

    @property
    def name(self) -> str:
        """The main document's path, relative to the folder where there is one."""
        path = self.source.path
        if path is not None and self.folder is not None:
            try:
                return path.resolve().relative_to(self.folder.resolve()).as_posix()
            except ValueError:
                return self.source.name
        return self.source.name

    def line(self, node: object) -> int | None:
        """Return the line of a node in its document."""
        span = self.document.origins.get(node) if self.document else None  # type: ignore[arg-type]
        return span.line if span else None

    def at(self, node: object, value: str) -> Evidence:
        """Return evidence that points at a node of the workflow."""
        span = self.document.origins.get(node) if self.document else None  # type: ignore[arg-type]
        file = self._shown(span.file) if span else self.name
        return Evidence(file=file, line=span.line if span else None, value=value[:200])

    def _shown(self, file: str) -> str:
        if self.folder is None:
            return file
        path = Path(file)
        try:
            return path.resolve().relative_to(self.folder.resolve()).as_posix()
        except ValueError:
            return file

    def processes(self, *kinds: type[Process]) -> list[Process]:
        """Return the processes of the workflow that are of these classes, in order."""
        if self.document is None or isinstance(self.document.workflow, Instance):
            return []
        root = self.document.workflow
        return [node for _, node in walk(root) if isinstance(node, kinds)]

    @cached_property
    def files(self) -> list[Path]:
        """Files of the folder, relative, sorted; links and hidden tool folders are left out."""
        return sorted(self._walk(self.folder, Path())) if self.folder else []

    def _walk(self, top: Path, below: Path) -> Iterator[Path]:
        pending, count = [below], 0
        while pending:
            here = pending.pop()
            for path in sorted((top / here).iterdir()):
                if path.is_symlink() or path.name in _SKIPPED:
                    continue
                count += 1
                if count > MAX_FILES:
                    return
                if path.is_dir():
                    pending.append(here / path.name)
                elif path.is_file():
                    yield here / path.name

    def text(self, path: Path) -> str:
        """Return the first MiB of a file of the folder as text; undecodable bytes are replaced."""
        assert self.folder is not None
        with (self.folder / path).open("rb") as file:
            return file.read(MAX_TEXT).decode("utf-8", "replace")

    def named(self, pattern: str) -> list[Path]:
        """Return files at the top of the folder whose name matches a regular expression."""
        match = re.compile(pattern, re.I)
        return [path for path in self.files if len(path.parts) == 1 and match.fullmatch(path.name)]

    @cached_property
    def readme(self) -> Path | None:
        """The folder's README."""
        found = self.named(r"readme(\.(md|rst|txt|markdown))?")
        return found[0] if found else None

    @cached_property
    def git_remote(self) -> str | None:
        """The URL of the folder's git remote ``origin``, from its configuration file."""
        config = self.folder / ".git" / "config" if self.folder else None
        if config is None or not config.is_file():
            return None
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        try:
            parser.read_string(config.read_text("utf-8", "replace").replace("\t", ""))
        except configparser.Error:
            return None
        return parser.get('remote "origin"', "url", fallback=None)

    @cached_property
    def git_tags(self) -> list[str]:
        """Names of the folder's git tags."""
        git = self.folder / ".git" if self.folder else None
        if git is None or not git.is_dir():
            return []
        tags = [path.name for path in (git / "refs" / "tags").glob("*")]
        packed = git / "packed-refs"
        text = packed.read_text("utf-8", "replace") if packed.is_file() else ""
        return sorted({*tags, *re.findall(r"refs/tags/([^\s^]+)", text)})


def subject_at(text: str, format: str | None = None) -> Subject:
    """Return the subject that a SOURCE names: a workflow file, a repository folder, or a crate.

    Raises:
        InvalidError: the source cannot be found or read at all.
    """
    path = unpacked(Path(text))
    folder = path if os.path.isdir(path) else None  # noqa: PTH112 - asks, and does not raise
    source = locate(text)
    report = Report()
    document: Document | None = None
    try:
        document = read_document(source, report, format)
        check(document, report)
    except FairwfError as error:
        if folder is None and document is None:
            raise
        if error.report is not report:
            report.extend(error.report)
    kinds: set[Input] = {"W"}
    metadata: list[MetadataFile] = []
    if folder is not None:
        kinds.add("R")
        found = [read_metadata_file(folder, name) for name in METADATA_FILES]
        metadata = [file for file in found if file is not None]
        if (folder / CRATE_METADATA).is_file():
            kinds.add("C")
    shown = source.name if folder is None else text
    return Subject(source, shown, folder, document, report, frozenset(kinds), tuple(metadata))
