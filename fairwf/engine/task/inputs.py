"""The inputs of a process, complete: defaults, types, files with attributes and companions.

Implements CWL v1.2 "Process.inputs": default, type, format, secondaryFiles, loadContents,
loadListing, in terms of the IR's ports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fairwf.engine.evaluate import Bindings, Evaluator, FunctionError
from fairwf.engine.evaluate.collections import StreamValue
from fairwf.engine.evaluate.errors import EvaluationError
from fairwf.engine.evaluate.reading import load_contents, load_listing
from fairwf.engine.evaluate.texts import describe
from fairwf.engine.task.faults import Computing, expression_report, span_of
from fairwf.engine.task.files import SCALARS, Entry, anchored, described, map_files, resolved
from fairwf.engine.task.fit import accepts_none, fit, fits_exactly, words
from fairwf.engine.task.request import TaskFailed
from fairwf.engine.task.secondary import beside, nothing, with_secondary
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import Directory, Expr, File, Input, Reference
from fairwf.ir.origins import Origins
from fairwf.ir.ports import FieldFiles, InputPort
from fairwf.ir.values import Value
from fairwf.ir.workflow import Process
from fairwf.report import InvalidError, Report
from fairwf.source import did_you_mean

FormatFits = Callable[[str, str], bool]
"""Tells whether a file's format (an IRI) is, or is a kind of, the one that is wanted."""


def complete_inputs(
    process: Process,
    values: Mapping[str, Any],
    evaluator: Evaluator,
    *,
    libraries: Sequence[ExpressionLibrary] = (),
    origins: Origins | None = None,
    folder: Path | None = None,
    document_folder: Path | None = None,
    discover: bool = False,
    digests: bool = False,
    format_fits: FormatFits | None = None,
) -> dict[str, Any]:
    """Return a value for every input port, in the order of the ports.

    ``folder``: what relative locations in ``values`` are relative to; those in defaults are
    relative to ``document_folder``, or without it to the document of their origin. ``discover``:
    look on disk for secondary files that the values do not name (for what a user gives; what
    steps hand on must say them). ``digests``: compute them. Files get an absolute location, names
    and size. A file that does not say its format fits any.

    Where all are scalars, :func:`as_they_are` is asked first: it is shorter.

    Raises:
        InvalidError: all findings: FWF2005 missing, FWF2006 unknown, FWF2010 unfit, FWF4009 no
            such file, FWF4002 an expression failed.
        NotReady: a default waits for something.
    """
    work = _Completion(
        process,
        evaluator,
        libraries or process.libraries,
        origins or Origins(),
        folder,
        document_folder,
        discover,
        digests,
        format_fits or (lambda found, wanted: found == wanted),
    )
    return work.all(values)


def as_they_are(process: Process, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values where each is a scalar of its port's type, which needs nothing done."""
    complete = {}
    for port in process.inputs:
        value = values.get(port.id)
        if not fits_exactly(value, port.type):
            return None
        complete[port.id] = value
    return complete if len(complete) == len(values) else None


class _Completion:
    def __init__(
        self,
        process: Process,
        evaluator: Evaluator,
        libraries: Sequence[ExpressionLibrary],
        origins: Origins,
        folder: Path | None,
        document_folder: Path | None,
        discover: bool,
        digests: bool,
        format_fits: FormatFits,
    ) -> None:
        self.process = process
        self.evaluator = evaluator
        self.libraries = libraries
        self.origins = origins
        self.folder = folder
        self.document_folder = document_folder
        self.discover = discover
        self.digests = digests
        self.format_fits = format_fits
        self.report = Report()
        self.done: dict[str, Any] = {}
        self.busy: set[str] = set()

    def all(self, values: Mapping[str, Any]) -> dict[str, Any]:
        self.values = values
        self.ports = {port.id: port for port in self.process.inputs}
        for name in values:
            if name not in self.ports:
                hint = did_you_mean(name, self.ports)
                if hint is None:
                    known = ", ".join(list(self.ports)[:12])
                    hint = f"the inputs are: {known}" if known else "there are no inputs"
                span = span_of(self.origins, self.process)
                self.report.add("FWF2006", f"there is no input {name!r}", span=span, hint=hint)
        for port in self.process.inputs:
            self.typed(port)
        self.stop()
        # Formats and patterns may name other inputs, so they come when all values are there.
        scope = Bindings(inputs=self.done)
        computing = Computing(self.evaluator, scope, self.libraries, self.origins)
        finished: dict[str, Any] = {}
        for port in self.process.inputs:
            try:
                finished[port.id] = self.furnished(port, port, self.done[port.id], computing)
            except TaskFailed as fault:
                self.report.extend(fault.report)
        self.stop()
        return finished

    def stop(self) -> None:
        if self.report.diagnostics and not self.report.ok:
            raise InvalidError(self.report)

    # --- values and types

    def typed(self, port: InputPort) -> Any:
        """The value of a port, of its type; its files located. Defaults may ask for others."""
        if port.id in self.done:
            return self.done[port.id]
        if port.id in self.busy:
            raise FunctionError(f"the default of the input {port.id!r} needs itself")
        self.busy.add(port.id)
        value, folder = self.values.get(port.id), self.folder
        if value is None and port.default is not None:
            span = span_of(self.origins, port.default, port)
            if self.document_folder is not None:
                folder = self.document_folder
            elif span is not None:
                folder = Path(span.file).absolute().parent
            try:
                value = self.evaluator.evaluate(port.default, _Ports(self), self.libraries)
            except EvaluationError as error:
                what = f"the default of the input {port.id!r}"
                self.report.extend(expression_report(error, self.origins, what))
                self.done[port.id] = None
                return None
        self.done[port.id] = self.checked(port, value, folder)
        return self.done[port.id]

    def checked(self, port: InputPort, value: Any, folder: Path | None) -> Any:
        span = span_of(self.origins, port)
        if value is None and not accepts_none(port.type):
            near = did_you_mean(port.id, [name for name in self.values if name not in self.ports])
            self.report.add(
                "FWF2005",
                f"the input {port.id!r} has no value and no default: {words(port.type)} is needed",
                span=span,
                hint=near and near.replace("did you mean", "was it given as"),
            )
            return None
        fitted, mismatches = fit(value, port.type)
        for one in mismatches:
            message = f"input {port.id!r}{one.where}: expected {one.expected}, found {one.found}"
            self.report.add("FWF2010", message, span=span, hint=one.hint)
        if mismatches or isinstance(fitted, StreamValue):
            return fitted
        try:
            return map_files(fitted, lambda entry: self.located(port, entry, folder))
        except FunctionError as fault:
            message = f"input {port.id!r}: {fault.message}"
            self.report.add("FWF4009", message, span=span, hint=fault.hint)
            return fitted

    def located(self, port: InputPort, entry: Entry, folder: Path | None) -> Entry:
        head, colon, _ = (entry.location or "").partition("://")
        if colon and head.isalnum() and head.lower() != "file":
            raise FunctionError(
                f"{entry.location!r:.120} is not on this machine, and nothing is fetched",
                "download it first and name the local file",
            )
        return described(resolved(anchored(entry, self.origins), folder), self.digests)

    # --- what ports say of files

    def furnished(
        self, port: InputPort, spec: InputPort | FieldFiles, value: Any, computing: Computing
    ) -> Any:
        if type(value) in SCALARS:
            return value
        if isinstance(value, Mapping):
            return {
                name: self.furnished(port, spec.fields.get(name, FieldFiles()), item, computing)
                for name, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [
                item if type(item) in SCALARS else self.furnished(port, spec, item, computing)
                for item in value
            ]
        if not isinstance(value, (File, Directory)):
            return value
        what = f"input {port.id!r}"
        entry: Entry = value
        try:
            if isinstance(entry, File):
                entry = self.with_companions(entry, spec, computing, what)
                self.check_format(entry, spec, computing, what)
                if spec.load_contents:
                    entry = load_contents(entry)
            elif spec.load_listing in ("shallow", "deep"):
                entry = load_listing(entry, spec.load_listing)
        except FunctionError as fault:
            span = span_of(self.origins, port)
            self.report.add("FWF2010", f"{what}: {fault.message}", span=span, hint=fault.hint)
        return entry

    def with_companions(
        self, file: File, spec: InputPort | FieldFiles, computing: Computing, what: str
    ) -> File:
        if not spec.secondary:
            return file
        file = with_secondary(
            file,
            spec.secondary,
            computing,
            required=True,
            look=beside if self.discover else nothing,
            what=what,
            code="FWF4009",
        )
        inside = tuple(described(resolved(one, None), self.digests) for one in file.secondary)
        return replace(file, secondary=inside)

    def check_format(
        self, file: File, spec: InputPort | FieldFiles, computing: Computing, what: str
    ) -> None:
        if not spec.format or file.format is None:
            return
        wanted = formats(spec.format, computing, what)
        if wanted and not any(self.format_fits(file.format, one) for one in wanted):
            raise FunctionError(
                f"{describe(file)} has the format {file.format}, but {' or '.join(wanted)} "
                "is wanted"
            )


def formats(expressions: Sequence[Expr], computing: Computing, what: str) -> list[str]:
    """Return the IRIs that a port's formats give.

    Raises:
        TaskFailed: one is no text.
    """
    iris: list[str] = []
    for expression in expressions:
        value: Value = computing.value(expression, f"{what}, format")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(one, str):
                iris.append(one)
            elif one is not None:
                raise FunctionError(f"a format is an IRI, not {describe(one)}")
    return iris


class _Ports:
    """The scope of defaults: the other inputs of the process, completed on demand."""

    def __init__(self, work: _Completion) -> None:
        self.work = work

    def resolve(self, reference: Reference) -> Any:
        if not isinstance(reference, Input):
            raise FunctionError("a default can refer to inputs only")
        port = self.work.ports.get(reference.name)
        if port is None:
            raise FunctionError(
                f"there is no input {reference.name!r}",
                did_you_mean(reference.name, self.work.ports),
            )
        return self.work.typed(port)

    confined = False

    def demand_path(self, path: str) -> Any:
        raise FunctionError(f"no rule makes {path!r} for a default")

    def readable(self, value: Any) -> Any:
        return value
