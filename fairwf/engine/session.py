"""A session: one engine working on one run directory, new or resumed."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from fairwf.document import Document
from fairwf.engine.backends.choice import (
    backend_of,
    bring_home,
    check_backend,
    clear_apart,
    clear_sites,
    machines_of,
)
from fairwf.engine.backends.deployment import fault_of
from fairwf.engine.clock import Clock
from fairwf.engine.collector import rare_collections
from fairwf.engine.confidential import Secrets, from_variables, hide_inputs
from fairwf.engine.driver import Driver, Ending
from fairwf.engine.evaluate import Evaluator
from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.events import Audience, Listener, RunFinished, RunStarted, to_file
from fairwf.engine.failures import Failure
from fairwf.engine.interrupts import Interrupted, Interrupts
from fairwf.engine.journal.facts import (
    Awaited,
    Literals,
    SessionEnded,
    SessionStarted,
    SiteReached,
    literals,
    timestamp,
    values,
)
from fairwf.engine.journal.history import History, moved_path
from fairwf.engine.journal.log import Journal
from fairwf.engine.journal.record import load_document, load_run, recorded, this_machine
from fairwf.engine.journal.replay import Memory, outputs_exist
from fairwf.engine.options import RunOptions
from fairwf.engine.places.earlier import Earlier
from fairwf.engine.places.publish import Publisher, inputs_in
from fairwf.engine.places.rundir import LAYOUT_VERSION, Lock, RunDir, locked, new_run_dir
from fairwf.engine.places.writable import check_places
from fairwf.engine.sandbox.deferred import DeferredSandbox
from fairwf.ir.canonical import content_hash
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.instance import Instance
from fairwf.ir.rewriting import rewrite
from fairwf.ir.values import Value
from fairwf.ir.workflow import Workflow
from fairwf.locate import absent_files
from fairwf.report import EnvironmentFault, InvalidError, Report
from fairwf.trace import Run
from fairwf.version import VERSION

_LASTING = ("outdir", "deployment")
"""The options that hold from now on where a resume changes them, not for its session alone."""


def run(
    document: Document,
    inputs: Mapping[str, Value],
    options: RunOptions | None = None,
    listener: Listener | None = None,
    report: Report | None = None,
) -> Run:
    """Run a document in a new run directory and return the record of the run.

    A failed workflow is no exception: the record's ``status`` says so and ``report`` gets the root
    causes. ``status`` is ``running`` where the engine stopped because only approvals or events
    are missing (note FWF4016).

    Args:
        document: a checked document whose workflow the engine can run.
        inputs: values by input id; files with absolute locations.
        options: see :class:`RunOptions`.
        listener: hears every event.
        report: takes the findings.

    Raises:
        InvalidError: the run directory is not empty, or locked; the document is a mere library.
        EnvironmentFault: the run directory cannot be written.
        Interrupted: Ctrl-C or SIGTERM; the state is kept.
    """
    options = options or RunOptions()
    findings = report if report is not None else Report()
    check_backend(options.backend, options.deployment)
    _runs_something(document)
    _check_sites(document, options)
    options = _absolute(options, document)
    secrets, hidden = hide_inputs(document.workflow, inputs, document.origins, findings)
    if secrets:
        words = options.command_line or tuple(sys.argv)
        shown = tuple(map(secrets.hidden_text, words))
        options = msgspec.structs.replace(options, command_line=shown)
    place = options.run_dir or new_run_dir()
    given = literals(hidden)
    check_places(options, given, place.resolve())
    directory = RunDir.create(place)
    try:
        _describe(directory, document, given, options, secrets)
    except BaseException:
        directory.clear()
        raise
    return _session(directory, document, hidden, options, listener, findings, secrets)


def _has_sites(options: RunOptions) -> bool:
    return options.deployment is not None and bool(options.deployment.sites)


def _leaves_something(options: RunOptions) -> bool:
    """Tell whether a run has sites where something of it is until it is removed."""
    return options.deployment is not None and any(
        site.apart for site in options.deployment.sites.values()
    )


def _clear_sites(options: RunOptions, directory: RunDir, report: Report) -> None:
    """Remove what a run that has ended left at its sites: it was killed before it did."""
    assert options.deployment is not None
    if clear_apart(options.deployment, directory, report):
        directory.left_at_sites.unlink(missing_ok=True)


def _check_sites(document: Document, options: RunOptions) -> None:
    """Refuse bindings to sites that make no sense for a document."""
    if _has_sites(options):
        from fairwf.engine.backends.sites.fitness import check_sites

        assert options.deployment is not None
        check_sites(document, options.deployment, options.container)


def _runs_something(document: Document) -> None:
    """Refuse a document of processes that runs none of them."""
    root = document.workflow
    if isinstance(root, Workflow) and root.processes and not (root.steps or root.outputs):
        names = list(root.processes)
        raise InvalidError.of(
            "FWF4045",
            f"the document runs nothing; it holds {', '.join(names):.200}",
            span=document.origins.get(root),
            hint=f"name one of them after the file: {document.source or 'FILE'}#{names[0]}",
        )


def resume(
    run_dir: Path | str,
    listener: Listener | None = None,
    report: Report | None = None,
    options: RunOptions | None = None,
) -> Run:
    """Continue a run; finished tasks are not repeated. A completed run is only looked at.

    ``options`` replace the run's own where they differ from the defaults; ``outdir`` and
    ``deployment`` do so from now on, the others for this session.

    Raises:
        UsageFault: a deployment is given, and the run is local.
        InvalidError: the folder is no run directory, is damaged, or locked.
        Interrupted: as :func:`run`.
    """
    findings = report if report is not None else Report()
    directory = RunDir.open(Path(run_dir))
    said = directory.read_description()
    try:
        kept = msgspec.convert(said.get("options", {}), RunOptions, dec_hook=_path)
        if kept.deployment is not None and (fault := fault_of(kept.deployment)):
            raise msgspec.ValidationError(fault)
    except msgspec.ValidationError as error:
        raise InvalidError.of(
            "FWF4012", f"is damaged: {error}", file=str(directory.description)
        ) from None
    if kept.outdir is not None:
        kept = msgspec.structs.replace(
            kept, outdir=moved_path(kept.outdir, said.get("folder"), directory)
        )
    before = kept
    if options is not None:
        own = {
            name: value.resolve() if isinstance(value, Path) else value
            for name in RunOptions.__struct_fields__
            if (value := getattr(options, name)) != getattr(RunOptions(), name)
        }
        kept = msgspec.structs.replace(kept, **own)
    check_backend(kept.backend, kept.deployment)
    document = _as_it_ran(directory, load_document(directory), findings)
    _check_sites(document, kept)
    done = load_run(directory.root)
    elsewhere = kept.outdir != before.outdir
    here = done.status == "completed" and not elsewhere and outputs_exist(done.outputs)
    if here and not locked(directory):
        if _leaves_something(kept) and directory.left_at_sites.exists():
            with suppress(InvalidError), _lock(directory):  # or another engine does the same
                _clear_sites(kept, directory, findings)
        return done
    given = directory.read_values(directory.inputs)
    check_places(kept, given, directory.root)
    changes = {name: getattr(kept, name) for name in _LASTING}
    lasting = msgspec.structs.replace(before, **changes)
    if lasting != before:
        with _lock(directory):
            plain = msgspec.to_builtins(lasting, enc_hook=str)
            directory.write_json(directory.description, {**said, "options": plain})
    inputs = values(given)
    secrets = from_variables(said.get("secrets", {}))
    return _session(directory, document, inputs, kept, listener, findings, secrets, resumed=True)


def _as_it_ran(directory: RunDir, document: Document, report: Report) -> Document:
    """Return the document with findings about changed sources shown in the run's own copies."""
    changed = directory.changed_sources()
    if not changed:
        return document
    cwd = directory.read_description().get("cwd") or ""
    for original in changed:
        if Path(original).exists():
            report.add(
                "FWF4031",
                "this has changed since the run began; the run goes on with it as it was",
                file=original,
                hint="`fairwf run` starts anew, with the changed text",
            )

    def name(file: str) -> str:
        return changed.get(os.path.normpath(Path(cwd) / file), file)

    return msgspec.structs.replace(document, origins=document.origins.renamed(name))


def _path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise TypeError(f"{value!r:.60} is no path")


def _absolute(options: RunOptions, document: Document) -> RunOptions:
    base = options.base
    if base is None and document.source not in (None, "-"):
        base = Path(str(document.source).split("#", 1)[0]).resolve().parent
    sources = options.sources
    if not sources and document.source not in (None, "-"):
        sources = (Path(str(document.source).split("#", 1)[0]),)
    return msgspec.structs.replace(
        options,
        base=(base or Path.cwd()).resolve(),
        outdir=options.outdir.resolve() if options.outdir is not None else None,
        cache=options.cache.resolve() if options.cache is not None else None,
        events=options.events.absolute() if options.events is not None else None,
        sources=tuple(path.resolve() for path in sources),
        inputs_source=options.inputs_source.resolve() if options.inputs_source else None,
    )


def _describe(
    directory: RunDir,
    document: Document,
    inputs: Literals,
    options: RunOptions,
    secrets: Secrets,
) -> None:
    main = str(options.sources[0]) if options.sources else None
    copies, base = directory.copy_sources(main, [str(path) for path in options.sources[1:]])
    job: str | None = None
    if options.inputs_source is not None and options.inputs_source.is_file():
        target = directory.root / "inputs" / options.inputs_source.name
        text = secrets.redacted(options.inputs_source.read_bytes())
        if not secrets.written_in(text):
            target.parent.mkdir(exist_ok=True)
            directory.write_bytes(target, text)
            job = target.relative_to(directory.root).as_posix()
    directory.write_bytes(directory.workflow, document.encode())
    given = msgspec.json.encode(inputs)
    directory.write_bytes(directory.inputs, msgspec.json.format(given, indent=1) + b"\n")
    directory.write_json(
        directory.description,
        {
            "layout": LAYOUT_VERSION,
            "id": str(uuid.uuid4()),
            "workflow_hash": content_hash(document.workflow),
            "source": document.source,
            "source_base": base,
            "source_copies": copies,
            "source_absent": {part.file: part.what for part in absent_files(document)},
            "folder": str(directory.root),
            "cwd": str(Path.cwd()),
            "inputs_source": str(options.inputs_source) if options.inputs_source else None,
            "inputs_copy": job,
            "command_line": list(options.command_line or sys.argv),
            "options": msgspec.to_builtins(options, enc_hook=str),
            **({"secrets": secrets.names} if secrets else {}),
        },
    )


@contextmanager
def _lock(directory: RunDir) -> Iterator[None]:
    lock = Lock(directory)
    try:
        yield
    finally:
        lock.release()


def _session(
    directory: RunDir,
    document: Document,
    inputs: Mapping[str, Value],
    options: RunOptions,
    listener: Listener | None,
    report: Report,
    secrets: Secrets,
    resumed: bool = False,
) -> Run:
    run_id = directory.read_description()["id"]
    events = _event_file(options.events) if options.events is not None else None
    emit = Audience(listener, events)
    with (
        rare_collections(),
        _lock(directory),
        Journal(directory.log, directory.database) as journal,
        History(directory) as history,
    ):
        directory.forget_request("cancel", "run")
        memory = Memory(history)
        clock = Clock(memory.until)

        def now() -> str:
            return timestamp(clock())

        record = journal.write
        record(
            SessionStarted(
                time=now(),
                pid=os.getpid(),
                engine_version=VERSION,
                folder=str(directory.root),
                command_line=tuple(options.command_line or sys.argv),
                agent=options.agent,
                **this_machine(),
            )
        )
        ended: list[tuple[str, str | None]] = []

        def end(status: Ending, result: object, outputs: Mapping[str, Value]) -> None:
            """Put the end of the session on record."""
            error: str | None = None
            if isinstance(result, Failure):
                error = str(result)
                report.diagnostics.extend(cause.diagnostic for cause in result.causes)
            secrets.redact(
                directory.tasks, directory.staged, directory.logs, directory.batch, directory.sites
            )
            made = _marked_secrets(secrets, literals(outputs), report)
            waits = tuple(result) if isinstance(result, list) else ()
            time = now()
            record(
                SessionEnded(time=time, status=status, error=error, outputs=made, waiting_for=waits)
            )
            journal.flush()
            ended.append((time, error))

        emit(
            RunStarted(
                time=now(),
                run_id=run_id,
                run_dir=str(directory.root),
                workflow=document.workflow.id,
                total=_total(document),
                resumed=resumed,
            )
        )
        with (
            directory.temporary(),
            Interrupts(directory.root) as interrupts,
            DeferredSandbox(reproducible=options.javascript_reproducible) as sandbox,
            backend_of(options.backend, options.deployment, directory, report) as backend,
        ):
            if _has_sites(options):
                directory.sites.mkdir(exist_ok=True)
                if _leaves_something(options):
                    directory.left_at_sites.touch()
                for site, machine in machines_of(backend).items():
                    record(SiteReached(site=site, time=now(), **machine))
            driver = Driver(
                run=directory,
                document=document,
                options=options,
                memory=memory,
                evaluator=Evaluator(sandbox),
                backend=backend,
                report=report,
                record=record,
                emit=emit,
                now=clock,
                secrets=secrets,
            )
            status, result = driver.run(inputs, interrupts)
            outputs: dict[str, Value] = {}
            if isinstance(result, Mapping):
                interrupts.unlisten()  # what follows ends at once, and is done again by a resume
                if _has_sites(options):
                    bring_home(backend, result)
                outputs = _published(directory, run_id, options, result, memory, report)
                if _has_sites(options):
                    # What is there is wanted until it is on record that nothing is to do any more.
                    end(status, result, outputs)
                    if clear_sites(backend) and _leaves_something(options):
                        directory.left_at_sites.unlink(missing_ok=True)
        if not ended:
            end(status, result, outputs)
        over, error = ended[0]
        emit(RunFinished(time=over, status=status, error=error))
        done = recorded(directory, document)
    waits = result if isinstance(result, list) else ()
    _notes(directory, status, {key: memory.awaited.get(key) for key in waits}, report)
    if status == "interrupted":
        raise Interrupted(str(directory.root))
    return done


def _published(
    directory: RunDir,
    run_id: str,
    options: RunOptions,
    result: Mapping[str, Value],
    memory: Memory,
    report: Report,
) -> dict[str, Value]:
    """Copy the outputs of a run that has completed to where a person wants them.

    Raises:
        EnvironmentFault: one cannot be copied.
    """
    folder = options.outdir or directory.outputs
    earlier = Earlier(folder, report) if options.outdir is not None else None
    publisher = Publisher(folder, run_id, inputs_in(folder, memory.given), earlier)
    return publisher.publish(result)


def _notes(
    directory: RunDir, status: str, waits: Mapping[str, Awaited | None], report: Report
) -> None:
    for key, asked in waits.items():
        prompt = f": {asked.text}" if asked is not None and asked.what == "approval" else ""
        report.add(
            "FWF4016",
            f"the run waits for {key!r}{prompt}",
            hint=f"fairwf approve {directory.root} '{key}', then fairwf resume {directory.root}",
        )
    if status == "cancelled":
        report.add("FWF4017", "the run was cancelled", hint=f"fairwf resume {directory.root}")


def _marked_secrets(secrets: Secrets, outputs: dict[str, Expr], report: Report) -> dict[str, Expr]:
    """Warn of outputs that hold a secret, and mark them: they stay, but are for no crate."""
    if not secrets:
        return outputs
    return {name: _marked(secrets, name, value, report) for name, value in outputs.items()}


def _marked(secrets: Secrets, name: str, value: Expr, report: Report) -> Expr:
    def mark(node: msgspec.Struct) -> msgspec.Struct:
        if not isinstance(node, (File, Directory)) or node.location is None:
            return node
        path = path_of_location(node.location)
        if path is None or not secrets.inside(path):
            return node
        report.add(
            "FWF4034",
            f"the output {name!r:.80} holds a secret: the workflow itself wrote it there",
            file=str(path),
            hint="keep it to yourself; crates describe it, and hold no copy",
        )
        own = {**node.extensions.get("fairwf", {}), "secret": True}
        return msgspec.structs.replace(node, extensions={**node.extensions, "fairwf": own})

    return rewrite(value, mark)


def _total(document: Document) -> int | None:
    workflow = document.workflow
    return len(workflow.tasks.id) if isinstance(workflow, Instance) else None


def _event_file(path: Path) -> Listener:
    try:
        return to_file(path)
    except OSError as error:
        raise EnvironmentFault.refused(
            error, "the events cannot be written", file=str(path)
        ) from None
