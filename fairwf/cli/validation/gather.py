"""Checking what lies at the paths that ``validate`` is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fairwf.cli.outputs import CheckedFile
from fairwf.cli.validation.configuration import configuration_for
from fairwf.cli.validation.crates import check_archive, check_crate_at, is_told
from fairwf.cli.validation.documents import document_names
from fairwf.cli.validation.kept import Kept
from fairwf.cli.validation.selection import Selection
from fairwf.cli.validation.verdict import broken, check_source
from fairwf.cli.validation.workers import Task, check_all
from fairwf.formats import Source
from fairwf.locate import CRATE_METADATA, main_document, unpacked
from fairwf.report import InvalidError, Report


@dataclass(frozen=True)
class Way:
    """How documents are checked: their format if it is named, in how many processes, and whether
    verdicts are kept for the next time. ``configured``: configuration files count.
    """

    format: str | None = None
    jobs: int = 1
    keep: bool = True
    configured: bool = True


def check_paths(
    paths: Iterable[str], selection: Selection, way: Way, report: Report
) -> tuple[list[CheckedFile], bytes | None]:
    """Check what lies at the paths; also return what ``-`` stood for, if it was named.

    The report takes what is about no document.

    Raises:
        UsageFault: a configuration file makes no sense.
    """
    gathered = _Gathered(selection, way, report)
    given: bytes | None = None
    for text in paths:
        if text == "-":
            given = sys.stdin.buffer.read()
            source = Source(name="-", given=given)
            chosen = gathered.selection_at(Path.cwd())
            gathered.add(check_source(source, way.format, chosen))
        else:
            gathered.path(text)
    return gathered.files(), given


@dataclass(frozen=True)
class _End:
    """The end of what a folder holds; its rows begin at ``first``."""

    folder: str
    first: int


class _Gathered:
    """The verdicts in the order of the paths; what is to be checked is checked in the end."""

    def __init__(self, selection: Selection, way: Way, report: Report) -> None:
        self.selection = selection
        self.way = way
        self.report = report
        self._rows: list[CheckedFile | Task | _End] = []

    def add(self, file: CheckedFile) -> None:
        self._rows.append(file)

    def selection_at(self, path: Path) -> Selection:
        if not self.way.configured:
            return self.selection
        return self.selection.under(configuration_for(path))

    def path(self, text: str) -> None:
        selection = self.selection_at(Path(text))
        crate = check_archive(Path(text), selection)
        self._rows += [crate] if crate else []
        if crate and any(d.code == "FWF5006" for d in crate.diagnostics):
            return
        try:
            path = unpacked(Path(text))
        except InvalidError as error:
            self.add(broken(text, error))
            return
        if os.path.isdir(path):
            self._folder(path, selection, crate)
        elif path.name == CRATE_METADATA and self.way.format is None:
            self.add(check_crate_at(path.parent, selection))
        else:
            self._rows.append(Task(text, self.way.format, selection, found=False))

    def _folder(self, folder: Path, selection: Selection, archived: CheckedFile | None) -> None:
        """Check what lies below a folder, crates too; a crate has to hold the workflow it names."""
        crate = archived
        locked: list[OSError] = []
        first = len(self._rows)
        for name in document_names(str(folder), locked.append):
            if selection.configuration is not None and selection.configuration.excludes(name):
                continue
            if name.endswith(CRATE_METADATA) and self.way.format is None:
                path = Path(name)
                if path.name == CRATE_METADATA:
                    if path.parent != folder:
                        self.add(check_crate_at(path.parent, selection))
                    elif archived is None:
                        self.add(crate := check_crate_at(folder, selection))
                    continue
            self._rows.append(Task(name, self.way.format, selection, found=True))
        try:
            main_document(folder)
        except InvalidError as error:
            if not is_told(error, crate):
                place = archived.file if archived is not None else str(folder / CRATE_METADATA)
                self._rows.insert(first, broken(place, error))
        if not (locked or archived):
            self._rows.append(_End(str(folder), first))
        for fault in locked:
            place = str(fault.filename)
            message = f"cannot be read: {fault.strerror}"
            self.add(broken(place, InvalidError.of("FWF1002", message, file=place)))

    def files(self) -> list[CheckedFile]:
        """Check what is to be checked, and return all verdicts in order."""
        tasks = [row for row in self._rows if isinstance(row, Task)]
        kept = Kept() if self.way.keep else None
        verdicts = iter(check_all(tasks, self.way.jobs, kept))
        if kept is not None:
            kept.save()
        files: list[CheckedFile] = []
        before: list[int] = []
        for row in self._rows:
            before.append(len(files))
            if isinstance(row, CheckedFile):
                files.append(row)
            elif isinstance(row, Task):
                verdict = next(verdicts)
                files += [verdict] if verdict is not None else []
            elif len(files) == before[row.first]:
                self.report.add("FWF1010", "holds no workflow document", file=row.folder)
        return files
