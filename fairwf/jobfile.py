"""Job files: the values of a run's inputs, read as the document's format writes them.

Every fault is told with its position: a name that is no input, a value that does not fit, a file
that is not on this machine.
"""

from __future__ import annotations

import os.path
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from fairwf.document import Document
from fairwf.formats import Source, converter
from fairwf.ir.expressions import Directory, File
from fairwf.ir.instance import Instance
from fairwf.ir.ports import InputPort
from fairwf.ir.values import Value
from fairwf.report import Diagnostic, Report
from fairwf.source import SourceError, SourceMap, did_you_mean, like_file, load_structured, span_of

Steps = tuple[str | int, ...]


def ports_of(document: Document) -> Sequence[InputPort]:
    """Return the inputs that a document takes; an instance takes none."""
    return () if isinstance(document.workflow, Instance) else document.workflow.inputs


def job_source(job: str, given: bytes | None = None) -> Source:
    """Return the source of a job file; ``given`` holds the octets that ``-`` stands for."""
    return Source(name=job, given=given) if given is not None else Source(name=job, path=Path(job))


def amended(document: Document, job: Source, report: Report) -> Document:
    """Return the document with what a job file says beside values in force.

    Raises:
        InvalidError: the job file cannot be read, or what it says cannot be in force.
    """
    amend = converter(document.format or "ir").amend
    return document if amend is None else amend(job, document, report)


def read_job(
    document: Document, source: Source, report: Report, said: Collection[str] = ()
) -> dict[str, Value]:
    """Return the values that a job file gives, by input id; faults go to the report.

    ``said`` are inputs that are given in another way, which counts more.

    Raises:
        InvalidError: the file cannot be read.
    """
    from fairwf.engine.task.fit import fit, strangers

    ports = {port.id: port for port in ports_of(document)}
    read = converter(document.format or "ir").read_inputs or converter("ir").read_inputs
    assert read is not None, "the IR reads job files"
    job = source.name
    values = dict(read(source, document, report))
    places = _places(source)
    missing = [name for name in ports if values.get(name) is None]
    for name, value in list(values.items()):
        if name not in ports:
            # A job may serve several workflows (CWL allows more than is taken), so only a name
            # that stands for one that is missing is a mistake.
            typo = did_you_mean(name, missing)
            known = ", ".join(list(ports)[:12]) or "none"
            report.add(
                "FWF2006",
                f"there is no input {name!r:.80}" + ("" if typo else "; it is ignored"),
                span=places.key_span(name) if places is not None else None,
                hint=typo or f"the inputs are: {known}",
                file=job,
                severity="error" if typo else "warning",
            )
            del values[name]
        elif value is not None:
            for fault in fit(value, ports[name].type)[1]:
                span = span_of(places, (name, *fault.path)) if places is not None else None
                report.add(
                    "FWF2010", f"input {name!r}: {fault}", span=span, hint=fault.hint, file=job
                )
            for path, known_members in strangers(value, ports[name].type):
                member = str(path[-1])
                report.add(
                    "FWF2006",
                    f"input {name!r}: its type has no member {member!r:.80}; it is ignored",
                    span=span_of(places, (name, *path)) if places is not None else None,
                    hint=did_you_mean(member, known_members)
                    or f"the members are: {', '.join(known_members[:12])}",
                    file=job,
                    severity="warning",
                )
            if name not in said:  # an option wins
                tell_missing(name, value, report, job, places)
    return values


def at_job(document: Document, job: Source, report: Report) -> None:
    """Move what is wrong with values to the place in the job file that gives them.

    What the engine finds about a value (its secondary files, its format, where it lies) it finds at
    the input that takes it.
    """
    places = _places(job)
    if places is None:
        return
    for number, found in enumerate(report.diagnostics):
        port = _port_at(document, found)
        if port is not None and port.id in places and found.code in _OF_VALUES:
            span = places.value_span(port.id)
            report.diagnostics[number] = replace(
                found,
                file=span.file,
                line=span.line,
                column=span.column,
                end_line=span.end_line,
                end_column=span.end_column,
            )


_OF_VALUES = ("FWF4009", "FWF2010")


def _port_at(document: Document, found: Diagnostic) -> InputPort | None:
    """Return the input of the whole workflow that a finding stands at."""
    for port in ports_of(document):
        span = document.origins.get(port)
        if span is None or span.file != found.file or found.line is None:
            continue
        start, end = (span.line, span.column), (span.end_line, span.end_column)
        if start <= (found.line, found.column or 1) <= end:
            return port
    return None


def tell_missing(
    name: str, value: Value, report: Report, file: str, places: SourceMap | None
) -> None:
    """Tell of every file and folder in the value of an input that is not on this machine.

    ``file`` is the job file, or the option, that names them; ``places`` are its positions.
    """
    for steps, entry, path in _local(value, (name,)):
        if _is_there(path, isinstance(entry, Directory)):
            continue
        kind = "folder" if isinstance(entry, Directory) else "file"
        why, hint = "does not exist", _hint(path)
        if kind == "folder" and _is_there(path, folder=False):
            why, hint = "is a file, not a folder", "say class: File"
        span = span_of(places, steps) if places is not None else None
        for key in ("location", "path"):
            inner = span_of(places, (*steps, key)) if places is not None else None
            if inner != span:
                span = inner
                break
        report.add(
            "FWF4009",
            f"input {name!r}: the {kind} {str(path)!r:.300} {why}",
            span=span,
            hint=hint,
            file=file,
        )


def _local(value: Value, steps: Steps) -> Iterator[tuple[Steps, File | Directory, Path]]:
    from fairwf.engine.evaluate.reading import path_of_location

    if isinstance(value, (File, Directory)):
        location = value.location or value.path
        path = path_of_location(location) if location is not None else None
        if path is not None and path.is_absolute():
            yield steps, value, path
        inside = value.secondary if isinstance(value, File) else value.listing or ()
        key = "secondaryFiles" if isinstance(value, File) else "listing"
        for number, entry in enumerate(inside):
            yield from _local(entry, (*steps, key, number))
    elif isinstance(value, Mapping):
        for field, item in value.items():
            yield from _local(item, (*steps, field))
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _local(item, (*steps, number))


def _is_there(path: Path, folder: bool) -> bool:
    """Tell whether there is a file, or a folder; where a name is too long there is none."""
    return os.path.isdir(path) if folder else os.path.exists(path)  # noqa: PTH110, PTH112 - no raise


def _hint(path: Path) -> str:
    if not _is_there(path.parent, folder=True):
        return f"its folder {str(path.parent)!r:.300} does not exist either"
    try:
        names = [each.name for each in path.parent.iterdir()]
    except OSError:
        names = []
    counted = "relative paths count from the job file, those of options from the current folder"
    return like_file(path.name, names) or counted


def _places(source: Source) -> SourceMap | None:
    """Return a job file with its positions, if it is YAML or JSON."""
    try:
        tree = load_structured(source.data, source.name)
    except SourceError:  # a format may have job files of another syntax
        return None
    return tree if isinstance(tree, SourceMap) else None
