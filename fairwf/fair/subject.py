"""What is scored: a workflow document, the repository folder around it, a crate."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from fairwf.check import check
from fairwf.conversion import read_document
from fairwf.document import Document
from fairwf.fair.network.client import Network
from fairwf.fair.outcome import Evidence
from fairwf.fair.reading.claims import METADATA_FILES, Claim, Kind, MetadataFile, read_metadata_file
from fairwf.fair.reading.components import Components, does_nothing
from fairwf.fair.reading.crate import RUN_PROFILES, Crate
from fairwf.fair.reading.git import Git, git_at
from fairwf.fair.reading.registries import descriptors, registry_authors
from fairwf.formats import Source, converters
from fairwf.ir.instance import Instance
from fairwf.locate import CRATE_METADATA, locate, unpacked
from fairwf.report import FairwfError, InvalidError, Report, UnsupportedError, UsageFault
from fairwf.source import in_tree

Input = Literal["W", "R", "C", "X"]
"""Workflow, repository folder, Workflow RO-Crate, run crate."""

MAX_FILES = 20_000
MAX_TEXT = 1024 * 1024
_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".fairwf"})
_DEEPEST_MAIN = 3
_NO_WORKFLOW = frozenset({"FWF1003", "FWF1005"})


@dataclass(frozen=True)
class Subject:
    """A workflow and what lies around it.

    ``shown`` is how a user named it. ``document`` is None where the main workflow cannot be read;
    ``report`` says why, and ``gap`` is True where that is for want of a reader. ``folder`` is None
    when a workflow file alone is scored. ``named_main`` is True where nothing in the folder says
    that this file is the main workflow, only the user. ``network`` is None where none may be asked;
    ``linters`` allows to start a language's own linter as a program.
    """

    source: Source
    shown: str
    folder: Path | None
    document: Document | None
    report: Report
    kinds: frozenset[Input]
    metadata: tuple[MetadataFile, ...] = ()
    gap: bool = False
    named_main: bool = False
    network: Network | None = None
    linters: bool = False

    @cached_property
    def hollow(self) -> str | None:
        """Why there is no workflow that anything here could be about, None where there is one."""
        if self.document is not None:
            return does_nothing(self.document.workflow)
        errors = self.report.errors
        if not self.gap and any(error.code in _NO_WORKFLOW for error in errors):
            return f"{self.name} is no workflow: {errors[0].message}"
        return None

    @cached_property
    def workflow(self) -> Components:
        """The parts of the workflow, of an instance only its name and its texts."""
        assert self.document is not None
        return Components(self.document.workflow)

    @property
    def is_instance(self) -> bool:
        """True for one expanded execution."""
        return self.document is not None and isinstance(self.document.workflow, Instance)

    @cached_property
    def crate(self) -> Crate | None:
        """The crate that the folder is, if it is one that can be read."""
        for file in self.metadata:
            if file.name == CRATE_METADATA and file.fault is None:
                return Crate(file.tree, file.name)
        return None

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
            *(registry_authors(self.folder) if self.folder else ()),
        ]

    def _workflow_claims(self) -> Iterator[Claim]:
        if self.document is None:
            return
        root = self.document.workflow
        name, line = self.name, self.line(root)
        meta = root.metadata
        facts: list[tuple[Kind, str | None]] = [
            ("title", (meta.title if meta else None) or root.label),
            ("description", root.doc),
        ]
        if meta is not None:
            facts += [("version", meta.version), ("license", meta.license)]
            facts += [("repository", meta.repository)]
            facts += [("identifier", text) for text in meta.identifiers]
            facts += [("citation", text) for text in meta.citation]
            facts += [("keyword", text) for text in (*meta.keywords, *meta.topics)]
            facts += [("keyword", text) for text in meta.operations]
        facts += [("keyword", text) for text in getattr(root, "intent", ())]
        for kind, value in facts:
            if value:
                yield Claim(kind, value, name, line)
        for number, person in enumerate(meta.creators if meta else ()):
            about = f"w{number}"
            yield Claim("creator", person.name, name, line, about)
            if person.id and "orcid" in person.id:
                yield Claim("orcid", person.id, name, line, about)
            if person.affiliation:
                yield Claim("affiliation", person.affiliation, name, line, about)
            if person.email:
                yield Claim("contact", person.email, name, line, about)

    @cached_property
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

    @cached_property
    def files(self) -> list[Path]:
        """Files of the folder, relative, sorted; links and hidden tool folders are left out."""
        return sorted(_walk(self.folder, Path())) if self.folder else []

    @cached_property
    def copied(self) -> frozenset[Path]:
        """Files whose one text stands under names of different meaning: it can be only one of them.

        A README that is also the licence and the list of changes is neither.
        """
        by_text: dict[str, list[Path]] = {}
        for path in self.files:
            if len(path.parts) == 1 and _ROLES.match(path.name):
                text = self._text(path)
                if text.strip():
                    by_text.setdefault(text, []).append(path)
        groups = [group for group in by_text.values() if len({_role(path) for path in group}) > 1]
        return frozenset(path for group in groups for path in group)

    def text(self, path: Path) -> str:
        """Return the first MiB of a file of the folder as text; undecodable bytes are replaced.

        What is copied under names of different meaning is as good as empty.
        """
        return "" if path in self.copied else self._text(path)

    def _text(self, path: Path) -> str:
        assert self.folder is not None
        try:
            with (self.folder / path).open("rb") as file:
                return file.read(MAX_TEXT).decode("utf-8", "replace")
        except OSError:
            return ""  # may not be read: as good as empty to whoever gets the folder

    def size(self, path: Path) -> int:
        """Return the octets of a file of the folder."""
        assert self.folder is not None
        return (self.folder / path).stat().st_size

    def named(self, pattern: str, folder: Path = Path()) -> list[Path]:
        """Return files whose name matches a regular expression, directly in a folder inside."""
        match = re.compile(pattern, re.I)
        return [path for path in self.files if path.parent == folder and match.fullmatch(path.name)]

    @property
    def home(self) -> Path:
        """The folder of the main workflow, relative to the folder; the folder itself outside."""
        path = self.source.path
        if self.folder is None or path is None or not in_tree(path, self.folder.resolve()):
            return Path()
        return path.resolve().parent.relative_to(self.folder.resolve())

    @cached_property
    def readme(self) -> Path | None:
        """The folder's README."""
        found = self.named(r"readme(\.(md|rst|txt|markdown))?")
        return found[0] if found else None

    @cached_property
    def readme_lines(self) -> list[str]:
        """The lines of the README, none where there is none."""
        return self.text(self.readme).splitlines() if self.readme is not None else []

    @cached_property
    def changelog(self) -> Path | None:
        """The folder's list of changes."""
        found = self.named(r"(changelog|changes|history|news|releases?)(\.(md|rst|txt))?")
        return found[0] if found else None

    @cached_property
    def git(self) -> Git:
        """The folder's history."""
        return git_at(self.folder)


_ROLES = re.compile(
    r"(readme|licen[cs]e|copying|changelog|changes|history|news|contributing|citations?|citation\.cff|"
    r"codemeta|config|job|inputs?|reuse|environment)\b",
    re.I,
)


def _role(path: Path) -> str:
    match = _ROLES.match(path.name)
    return match[1].lower() if match else path.name


def _walk(top: Path, below: Path) -> Iterator[Path]:
    pending, count = [below], 0
    while pending:
        here = pending.pop()
        for path in sorted(_entries(top / here)):
            # os.path takes names of any length; Path.is_dir raises where one is too long.
            if os.path.islink(path) or path.name in _SKIPPED:  # noqa: PTH114 - as said above
                continue
            count += 1
            if count > MAX_FILES:
                return
            if os.path.isdir(path):  # noqa: PTH112 - as said above
                pending.append(here / path.name)
            elif os.path.isfile(path):  # noqa: PTH113 - as said above
                yield here / path.name


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []  # a folder that may not be entered holds nothing for a reader either


def _of_another_language(crate: Crate | None, report: Report) -> bool:
    """Tell whether a crate names the language of a main entity that no converter recognises."""
    unknown = any(error.code == "FWF1005" for error in report.errors)
    return unknown and crate is not None and bool(crate.linked(crate.main, "programmingLanguage"))


def _main(text: str, folder: Path | None, named: str | None) -> Source:
    """Return the main document, also of a repository that keeps it in a folder inside.

    There ``named`` says which, or a registry's descriptor, or only one file has a main document's
    name.

    Raises:
        InvalidError: there is none, or it is not said which.
        UsageFault: what is named does not lie in the folder.
    """
    if named is not None:
        path = folder / named if folder is not None else None
        if folder is None or path is None or not in_tree(path, folder.resolve()):
            raise UsageFault.of("FWF9001", f"{named!r:.80} is no file of a folder", file=text)
        return Source(name=str(path), path=path)
    try:
        return locate(text)
    except InvalidError as error:
        if folder is None or error.report.errors[0].code != "FWF1002":
            raise
        found = _inside(folder)
        if len(found) == 1:
            return Source(name=str(found[0]), path=found[0])
        raise InvalidError.of(
            "FWF1002",
            error.report.errors[0].message,
            file=text,
            hint=f"say which one is meant: fairwf score {text} --main FILE",
        ) from None


def _inside(folder: Path) -> list[Path]:
    """Return what may be the main document of a folder that has none at its top."""
    top = folder.resolve()
    found = {top / d.main.lstrip("/") for d in descriptors(folder) if d.main is not None}
    if not found:
        names = {name for converter in converters().values() for name in converter.layout.main}
        inside = (path for path in _walk(folder, Path()) if len(path.parts) <= _DEEPEST_MAIN)
        found = {top / path for path in inside if path.name in names}
    return sorted(p for p in found if in_tree(p, top) and os.path.isfile(p))  # noqa: PTH113 - asks, and does not raise


def subject_at(
    text: str,
    format: str | None = None,
    main: str | None = None,
    network: Network | None = None,
    linters: bool = False,
) -> Subject:
    """Return the subject that a SOURCE names: a workflow file, a repository folder, or a crate.

    ``main`` names the workflow in a folder that holds several, relative to the folder; ``network``
    is asked what files cannot tell; with ``linters`` a language's own is started as a program.

    Raises:
        InvalidError: the source cannot be found or read at all.
    """
    path = unpacked(Path(text))
    folder = path if os.path.isdir(path) else None  # noqa: PTH112 - asks, and does not raise
    report = Report()
    document: Document | None = None
    gap = False
    source = Source.at(text)
    try:
        source = _main(text, folder, main)
        document = read_document(source, report, format)
        check(document, report)
    except FairwfError as error:
        gap = isinstance(error, UnsupportedError)
        described = folder is not None and (folder / CRATE_METADATA).is_file()
        if folder is None and document is None:
            raise
        if source.path == Path(text) and not (gap and described):
            raise
        if error.report is not report:
            report.extend(error.report)
    kinds: set[Input] = {"W"}
    metadata: list[MetadataFile] = []
    if folder is not None:
        kinds.add("R")
        found = [read_metadata_file(folder, name) for name in METADATA_FILES]
        metadata = [file for file in found if file is not None]
        for file in metadata:
            if file.name == CRATE_METADATA:
                kinds.add("C")
                crate = Crate(file.tree, file.name) if file.fault is None else None
                runs = crate is not None and crate.is_run
                if runs or (crate and any(RUN_PROFILES in p for p in crate.profiles)):
                    kinds.add("X")
                gap = gap or _of_another_language(crate, report)
    shown = source.name if folder is None else text
    named = main is not None and folder is not None and not _found_unnamed(text, folder, source)
    return Subject(
        source=source,
        shown=shown,
        folder=folder,
        document=document,
        report=report,
        kinds=frozenset(kinds),
        metadata=tuple(metadata),
        gap=gap,
        named_main=named,
        network=network,
        linters=linters,
    )


def _found_unnamed(text: str, folder: Path, source: Source) -> bool:
    """Tell whether the main document that a user named is the one that would be found without."""
    try:
        found = _main(text, folder, None)
    except FairwfError:
        return False
    return (
        found.path is not None
        and source.path is not None
        and found.path.resolve() == source.path.resolve()
    )
