"""The outputs of a task that ended (CWL v1.2 "Output binding" and ``cwl.output.json``)."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fairwf.engine.evaluate import Bindings, Evaluator, FunctionError
from fairwf.engine.evaluate.cwl_objects import from_object
from fairwf.engine.evaluate.reading import (
    file_uri,
    load_contents,
    load_listing,
    local_path,
    path_of_location,
    read_json,
)
from fairwf.engine.evaluate.texts import describe
from fairwf.engine.places.away import at_hand
from fairwf.engine.task.compute import typed_output
from fairwf.engine.task.confine import Confinement, UnsafePathError, real_path
from fairwf.engine.task.ending import check_ending
from fairwf.engine.task.faults import Computing, failed, span_of
from fairwf.engine.task.files import (
    SCALARS,
    Entry,
    described,
    entry_at,
    is_literal,
    map_files,
    name_of,
    named,
    with_digests,
    without_path,
)
from fairwf.engine.task.fit import accepts_none, fits
from fairwf.engine.task.globbing import holds, matches
from fairwf.engine.task.inputs import formats
from fairwf.engine.task.lines import items_of
from fairwf.engine.task.request import Completion, PreparedTask, TaskFailed, TaskRequest
from fairwf.engine.task.secondary import with_secondary
from fairwf.ir.expressions import Attr, Directory, Expr, File, Opaque
from fairwf.ir.ports import (
    Collect,
    CollectRecord,
    Evaluated,
    FieldFiles,
    Glob,
    OutputPort,
    Stderr,
    Stdout,
)
from fairwf.ir.types import AnyType, RecordType, StreamType, Type
from fairwf.ir.values import Value
from fairwf.ir.walk import walk
from fairwf.report import Report


def collect(
    request: TaskRequest,
    prepared: PreparedTask,
    completion: Completion,
    evaluator: Evaluator,
) -> dict[str, Value]:
    """Return a value for every output port of a task that ended.

    Files have location, names, size and digests; folders are listed where the port says so.
    Members of ``outputs_file`` that no port declares are left out, with a warning.

    Raises:
        TaskFailed: FWF4001, 4005, 4007, 4017 for its end; FWF4003 an output is missing, FWF4014
            one lies outside, FWF4018 one does not fit its type, FWF4002 an expression failed.
    """
    check_ending(request, prepared, completion)
    if not request.process.outputs and request.process.outputs_file is None:
        return {}
    try:
        return _Collection(request, prepared, completion, evaluator).all()
    except OSError as error:
        raise _uncollected(request, error) from None


def _uncollected(request: TaskRequest, error: OSError) -> TaskFailed:
    if not os.path.isdir(request.folder):
        message = "the task removed its own working folder, and its outputs with it"
        return failed("FWF4003", message, request.origins, request.process)
    where = f": {os.fsdecode(error.filename)!r:.300}" if error.filename else ""
    message = f"the outputs cannot be collected: {error.strerror}{where}"
    return failed("FWF4003", message, request.origins, request.process)


def _code(fault: FunctionError) -> str:
    return "FWF4014" if isinstance(fault, UnsafePathError) else "FWF4018"


def _reads_digests(expression: Expr) -> bool:
    """Tell whether an expression may read the checksum of a file that it is given."""
    return any(
        isinstance(node, Opaque) or (isinstance(node, Attr) and node.name == "checksum")
        for _, node in walk(expression)
    )


class _Collection:
    def __init__(
        self,
        request: TaskRequest,
        prepared: PreparedTask,
        completion: Completion,
        evaluator: Evaluator,
    ) -> None:
        self.request = request
        self.prepared = prepared
        self.process = request.process
        self.folder = request.folder
        self.seen_folder = prepared.view.seen(request.folder)
        given = prepared.view.host_values([*prepared.inputs.values()])
        self.allowed = Confinement(request.folder, request.staged, [*given, *prepared.staged])
        runtime = {**prepared.runtime, "exitCode": completion.exit_code}
        scope = Bindings(
            inputs=prepared.inputs,
            runtime=runtime,
            keys=request.keys,
            on_host=self.on_host,
            confined=True,
        )
        self.scope = scope
        self.read: dict[str, File] = {}
        libraries = request.libraries or request.process.libraries
        self.computing = Computing(evaluator, scope, libraries, request.origins)

    def all(self) -> dict[str, Value]:
        report = Report()
        told = self.told()
        outputs: dict[str, Value] = {}
        for port in self.process.outputs:
            what = f"output {port.id!r}"
            try:
                if told is not None:
                    value = told.get(port.id)
                elif port.collect is not None:
                    value = self.found(port.collect, port.type, what, port)
                else:
                    value = None
                value = self.furnished(port, port, value, what)
                if value is None and not accepts_none(port.type):
                    raise self.missing(port, told is not None)
                typed = typed_output(port, value, self.request.origins, report)
                outputs[port.id] = map_files(typed, without_path)
            except FunctionError as fault:
                span = span_of(self.request.origins, port.collect, port)
                code = _code(fault)
                report.add(code, f"{what}: {fault.message}", span=span, hint=fault.hint)
            except TaskFailed as fault:
                report.extend(fault.report)
        if report.diagnostics and not report.ok:
            raise TaskFailed(report, self.scope.runtime["exitCode"])  # type: ignore[arg-type]
        return outputs

    def missing(self, port: OutputPort, told: bool) -> TaskFailed:
        name = self.process.outputs_file if told else None
        why = f"is not in {name!r}" if name else "has no value"
        message = f"the output {port.id!r} {why}"
        return failed("FWF4003", message, self.request.origins, port, hint=holds(self.folder))

    def told(self) -> Mapping[str, Any] | None:
        """The output object that the task itself wrote."""
        name = self.process.outputs_file
        if name is None:
            return None
        path = f"{self.folder}/{name}" if not name.startswith("/") else name
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return None
        except (OSError, ValueError):
            return None
        try:
            self.allowed.check(path)
            plain = read_json(File(path=path))
            if not isinstance(plain, Mapping):
                raise FunctionError(f"an object is wanted, not {describe(plain)}")
            self.undeclared(name, plain)
            return {
                str(key): map_files(from_object(value), self.adopted)
                for key, value in plain.items()
            }
        except FunctionError as fault:
            message = f"{name!r}: {fault.message}"
            raise failed(_code(fault), message, self.request.origins, self.process) from fault

    def undeclared(self, name: str, plain: Mapping[str, Any]) -> None:
        declared = {port.id for port in self.process.outputs}
        if others := sorted(str(key) for key in plain if key not in declared):
            more = f" and {len(others) - 6} more" if len(others) > 6 else ""
            said = ", ".join(f"{key!r:.60}" for key in others[:6])
            self.prepared.warnings.add(
                "FWF4051",
                f"{name!r} holds {said}{more}, which is no output of the task",
                span=span_of(self.request.origins, self.process),
                hint="declare it among the outputs, if it is wanted",
            )

    # --- finding

    def found(self, how: Collect, type_: Type, what: str, port: OutputPort) -> Value:
        if isinstance(how, Stdout) and isinstance(type_, StreamType):
            path = self.prepared.stdout
            self.allowed.check(path)
            at_hand(path)
            return items_of(Path(path).read_bytes(), type_.items)
        if isinstance(how, Stdout):
            return self.stream(self.prepared.stdout)
        if isinstance(how, Stderr):
            return self.stream(self.prepared.stderr)
        if isinstance(how, Evaluated):
            return self.evaluated(how.value, [], what)
        if isinstance(how, CollectRecord):
            types = {f.name: f.type for f in type_.fields} if isinstance(type_, RecordType) else {}
            return {
                name: self.found(
                    inner, types.get(name, AnyType()), f"{what}, member {name!r}", port
                )
                for name, inner in how.fields.items()
            }
        return self.globbed(how, type_, what, port)

    def stream(self, path: str) -> Entry:
        return entry_at(path, self.allowed.check(path).st_mode)

    def evaluated(self, expression: Expr, files: Sequence[Entry], what: str) -> Value:
        scope = self.scope.binding(self=list(files))
        value = self.computing.value(expression, what, scope)
        result: Value = map_files(value, self.adopted)
        return result

    def globbed(self, how: Glob, type_: Type, what: str, port: OutputPort) -> Value:
        patterns = self.patterns(how, what)
        paths: dict[Path, None] = {}
        for pattern in patterns:
            seen = self.prepared.view.seen(self.folder)
            try:
                paths.update(dict.fromkeys(matches(Path(self.folder), pattern, seen)))
            except FunctionError as fault:
                origins = self.request.origins
                message = f"{what}: {fault.message}"
                raise failed("FWF4014", message, origins, how, port) from fault
        files = [self.loaded(self.entry(str(path)), how) for path in paths]
        if how.evaluate is not None:
            if _reads_digests(how.evaluate):
                files = [self.digested(entry) for entry in files]
            return self.evaluated(how.evaluate, files, what)
        wanted = [entry for entry in files if fits(entry, type_)]
        if not files:
            if accepts_none(type_):
                return None
            if fits([], type_):
                return []
            shown = " or ".join(map(repr, patterns)) or "no pattern at all"
            message = f"{what}: nothing matches {shown}"
            hint = holds(self.folder)
            raise failed("FWF4003", message, self.request.origins, how, port, hint=hint)
        if len(files) == 1:
            return files[0] if wanted else list(files)
        if wanted and not fits(list(files), type_):
            names = ", ".join(repr(entry.basename) for entry in files[:6])
            raise FunctionError(f"one file is wanted, {len(files)} match: {names}")
        return list(files)

    def patterns(self, how: Glob, what: str) -> list[str]:
        texts: list[str] = []
        for expression in how.patterns:
            value = self.computing.value(expression, f"{what}, pattern")
            for one in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(one, (File, Directory)) and one.path is not None:
                    one = one.path
                if isinstance(one, str):
                    texts.append(one)
                elif one is not None:
                    raise FunctionError(f"a pattern is a text, not {describe(one)}")
        return texts

    def entry(self, path: str) -> Entry:
        """What lies at a matched path: named as there, located where its content really is."""
        entry = entry_at(path, self.allowed.check(path).st_mode)
        if os.path.islink(path) and not self.allowed.is_own(real := real_path(path)):
            entry = replace(entry, location=file_uri(real))
        return described(entry)

    def loaded(self, entry: Entry, how: Glob) -> Entry:
        if isinstance(entry, File):
            return load_contents(entry) if how.load_contents else entry
        if how.load_listing in ("shallow", "deep"):
            return load_listing(entry, how.load_listing)
        return entry

    # --- what expressions and the task itself name

    def on_host(self, value: Any) -> Any:
        """A value whose files lie where the task names them, which may be inside its folder."""
        return map_files(value, self.on_host_entry)

    def on_host_entry(self, entry: Entry) -> Entry:
        if entry.path is None:
            return entry
        path = self.prepared.view.host(os.path.join(self.seen_folder, entry.path))
        if os.path.lexists(path):
            self.allowed.check(path)
        return replace(entry, path=path)

    def adopted(self, entry: Entry) -> Entry:
        """An entry that an expression or the outputs file names, checked and located."""
        if isinstance(entry, Directory):
            listing = entry.listing
            if listing is not None:
                listing = tuple(map(self.adopted, listing))
            if is_literal(entry):
                if listing is None:
                    raise FunctionError("a folder has neither location nor listing")
                return replace(entry, listing=listing)
            placed = self.located(entry)
            assert isinstance(placed, Directory)
            return replace(placed, listing=listing)
        secondary = tuple(map(self.adopted, entry.secondary))
        if is_literal(entry):
            if entry.contents is None:
                raise FunctionError("a file has neither location nor contents")
            return replace(named(entry, name_of(entry)), secondary=secondary)
        placed = self.located(entry)
        assert isinstance(placed, File)
        return replace(placed, secondary=secondary)

    def located(self, entry: Entry) -> Entry:
        given = entry.path if entry.path is not None else entry.location
        assert given is not None
        path = path_of_location(given)
        if path is None:
            if ":" in given.split("/", 1)[0] and entry.path is None:
                raise FunctionError(f"{given!r:.120} does not lie on this machine")
            path = Path(self.folder, given)
        path = Path(self.prepared.view.host(str(path)))
        is_folder = stat.S_ISDIR(self.allowed.check(str(path)).st_mode)
        if is_folder is not isinstance(entry, Directory):
            raise FunctionError(f"{given!r:.120} is {'a folder' if is_folder else 'a file'}")
        name = entry.basename if entry.basename is not None else path.name
        location, linked = file_uri(path), path.is_symlink()
        if linked or not path.absolute().is_relative_to(self.folder):
            real = real_path(str(path))
            if not (linked and self.allowed.is_own(real)):
                location = file_uri(real)
        if isinstance(entry, Directory):
            return replace(entry, location=location, path=str(path), basename=name)
        placed = replace(entry, location=location, path=str(path), dirname=str(path.parent))
        return named(placed, name)

    # --- what ports say of files

    def furnished(
        self, port: OutputPort, spec: OutputPort | FieldFiles, value: Any, what: str
    ) -> Any:
        if type(value) in SCALARS:
            return value
        if isinstance(value, File):
            return self.described_file(spec, value, what)
        if isinstance(value, Mapping):
            return {
                name: self.furnished(port, spec.fields.get(name, FieldFiles()), item, what)
                for name, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.furnished(port, spec, item, what) for item in value]
        if isinstance(value, Directory):
            return value if value.listing is None else with_digests(value)
        return value

    def described_file(self, spec: OutputPort | FieldFiles, file: File, what: str) -> Entry:
        if spec.secondary:
            file = with_secondary(
                file,
                spec.secondary,
                self.computing,
                required=False,
                look=self.beside,
                what=what,
                code="FWF4003",
            )
            file = replace(file, secondary=tuple(map(self.adopted, file.secondary)))
        iris = formats(spec.format, self.computing, what) if spec.format else []
        if len(iris) > 1:
            raise FunctionError(f"an output has one format, not {len(iris)}")
        if iris:
            file = replace(file, format=iris[0])
        return self.digested(file)

    def digested(self, entry: Entry) -> Entry:
        """The entry with its digests, each file read once."""
        if isinstance(entry, Directory) or entry.location is None or entry.secondary:
            return with_digests(entry)
        known = self.read.get(entry.location)
        if known is None:
            computed = with_digests(entry)
            assert isinstance(computed, File)
            known = self.read[entry.location] = computed
        own = {**entry.extensions.get("fairwf", {}), **known.extensions["fairwf"]}
        extensions = {**entry.extensions, "fairwf": own}
        return replace(entry, size=known.size, checksum=known.checksum, extensions=extensions)

    def beside(self, file: File, name: str) -> Entry | None:
        if file.path is None and file.location is None:
            return None
        path = (Path(file.path) if file.path else local_path(file)).parent / name
        try:
            exists = path.exists()
        except (OSError, ValueError):
            return None
        return self.entry(str(path)) if exists else None
