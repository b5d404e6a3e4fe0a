"""The public verbs in Python: the same work as the command line, with values instead of files."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fairwf.atomic import write_file, write_files
from fairwf.conversion import Conversion, check_document, convert_document, read_document
from fairwf.document import Document
from fairwf.formats import ReadOptions, converters
from fairwf.ir.codec import Root
from fairwf.ir.instance import Instance
from fairwf.ir.values import Value, from_literal
from fairwf.jobfile import amended, job_source, ports_of, read_job
from fairwf.jobs import UnfitError, from_plain, to_plain
from fairwf.locate import is_run, locate, source_files, unpacked
from fairwf.report import FairwfError, InvalidError, Report, UnsupportedError, UsageFault
from fairwf.source import did_you_mean

if TYPE_CHECKING:
    from fairwf.crates import PackagedRuns, PackageOptions
    from fairwf.engine.containers import ContainerPolicy
    from fairwf.engine.events import Listener
    from fairwf.fair import Scorecard
    from fairwf.trace import Run, RunStream
    from fairwf.verify import Rules
    from fairwf.verify.conversion import Verification
    from fairwf.verify.rerun import Rerun

__all__ = [
    "Document",
    "FairwfError",
    "InvalidError",
    "Report",
    "UnsupportedError",
    "convert",
    "dump",
    "load",
    "outputs",
    "package",
    "rerun",
    "run",
    "score",
    "verified",
]


def load(
    source: str | Path, format: str | None = None, *, report: Report | None = None
) -> Document:
    """Return the checked document at a source: a file, or a folder with a main document.

    Args:
        source: the path; ``#id`` at its end names a part of the document.
        format: the name of the format; detected when None.
        report: takes warnings and notes.

    Raises:
        InvalidError: the document is invalid; its ``report`` has every finding.
        UnsupportedError: it needs something that is not supported.
    """
    findings = Report() if report is None else report
    document = read_document(locate(str(source)), findings, format, ReadOptions())
    check_document(document, findings)
    return document


def convert(
    document: Document,
    format: str,
    *,
    target_version: str | None = None,
    strict: bool = False,
    allow: Collection[str] = (),
    folder: str | Path | None = None,
    split: bool = False,
    report: Report | None = None,
) -> Conversion:
    """Return the files that a document becomes in a format, writing nothing.

    Args:
        document: a checked document, as :func:`load` returns it.
        format: the name of the target format.
        target_version: its version; the newest that is written when None.
        strict: whether anything approximated or lost is an error.
        allow: codes that ``strict`` accepts.
        folder: where the files will lie; relative locations in them count from there.
        split: whether each process gets a file of its own.
        report: takes what was rewritten, approximated and lost.

    Raises:
        UsageFault: the format or version cannot be written.
        UnsupportedError: the format cannot say something that the document needs.
        InvalidError: ``strict`` forbids a loss.
    """
    findings = Report() if report is None else report
    return convert_document(
        document,
        format,
        findings,
        version=target_version,
        strict=strict,
        allow=allow,
        folder=Path(folder) if folder is not None else None,
        split=split,
    )


def verified(
    document: Document,
    place: str,
    format: str,
    written: Sequence[Path],
    job: str,
    report: Report | None = None,
) -> Verification:
    """Return whether a document and what was written of it give the same outputs for a job file.

    Args:
        document: the source, as :func:`load` returns it.
        place: its path.
        format: the name of the format that was written.
        written: the files, main first.
        job: the path of the source's job file.
        report: takes what is found in the job file.

    Raises:
        InvalidError: the job file or the result cannot be read.
    """
    from fairwf.verify.conversion import Side, verify

    findings = Report() if report is None else report
    source = job_source(job)
    values = read_job(document, source, findings)
    if not findings.ok:
        raise InvalidError(findings)
    files = tuple(source_files(document)) or (Path(place.partition("#")[0]),)
    again = load(written[0], format)
    return verify(
        Side(amended(document, source, findings), place, document.format or "ir", files),
        Side(again, str(written[0]), format, tuple(written)),
        Path(job),
        values,
    )


def dump(
    document: Document,
    path: str | Path,
    format: str | None = None,
    *,
    target_version: str | None = None,
    strict: bool = False,
    allow: Collection[str] = (),
    split: bool = False,
) -> Report:
    """Write a document to a file, or several into a folder, and return what changed on the way.

    ``format`` of None is guessed from the name of the file. Raises what :func:`convert` raises,
    and OSError where the place cannot be written; what was there before is unharmed.
    """
    path = Path(path)
    report = Report()
    written = convert(
        document,
        format or _by_name(path),
        target_version=target_version,
        strict=strict,
        allow=allow,
        folder=path if path.is_dir() else path.parent,
        split=split,
        report=report,
    ).written
    if path.is_dir():
        write_files(path, written.files)
        return report
    beside = {name: data for name, data in written.files.items() if name != written.main}
    write_files(path.parent, beside)
    write_file(path, written.files[written.main])
    return report


def _by_name(path: Path) -> str:
    endings = {c.suffix: c.name for c in converters().values() if c.suffix and c.write}
    for suffix in sorted(endings, key=len, reverse=True):
        if path.name.endswith(suffix):
            return endings[suffix]
    raise UsageFault.of(
        "FWF9001", f"the name {path.name!r:.60} tells no format", hint="name one with format=..."
    )


def run(
    document: Document | str | Path,
    inputs: Mapping[str, Any] | str | Path | None = None,
    *,
    backend: str = "local",
    config: str | Path | None = None,
    run_dir: str | Path | None = None,
    outdir: str | Path | None = None,
    cores: float | None = None,
    memory_mib: float | None = None,
    container: ContainerPolicy = "auto",
    allow_network: bool = False,
    cache: str | Path | None = None,
    cache_key: Literal["content", "stat"] = "content",
    listener: Listener | None = None,
    report: Report | None = None,
) -> Run:
    """Run a workflow and return the record of the run; its ``status`` says how it ended.

    Args:
        document: a checked document, or what :func:`load` takes.
        inputs: plain values by input id (where a file or folder is wanted, a text is its path),
            or the path of a job file of the document's format.
        backend: where tasks run: ``local`` is this machine, ``psij:slurm`` and others a cluster,
            ``parsl:LABEL`` pilots of Parsl.
        config: the path of a deployment file, which says what jobs on a cluster are like, or
            of a configuration of Parsl (``.py``), which is run as a program.
        run_dir: the run directory, new or empty; made below ``.fairwf/runs`` when None.
        outdir: where the outputs go; ``RUN_DIR/outputs`` when None. Outputs of earlier runs are
            replaced there; anything else of the same name is renamed (FWF4041).
        cores: most cores in use at once; all when None.
        memory_mib: most memory in use at once, in MiB; all when None.
        container: what runs tasks that ask for a container.
        allow_network: pull images of containers that are not on this machine.
        cache: a folder of results of earlier tasks, which are used again, and of new ones.
        cache_key: what makes input files the same: what they hold, or path, size and time.
        listener: hears every event.
        report: takes the findings, among them why a run failed.

    Raises:
        InvalidError: the document or an input is invalid.
        UsageFault: no backend has this name, or ``config`` is given for a local run.
        EnvironmentFault: the run directory cannot be written.
    """
    from fairwf import engine
    from fairwf.agents import configured
    from fairwf.engine.backends.choice import check_backend
    from fairwf.engine.backends.deployment import read_deployment

    deployment = read_deployment(Path(config)) if config is not None else None
    check_backend(backend, deployment)
    findings = Report() if report is None else report
    whole = document if isinstance(document, Document) else load(document, report=findings)
    if isinstance(inputs, (str, Path)):
        whole, values = _of_job_file(whole, str(inputs), findings)
    else:
        values = given(whole, inputs or {})
    options = engine.RunOptions(
        run_dir=Path(run_dir) if run_dir is not None else None,
        outdir=Path(outdir) if outdir is not None else None,
        backend=backend,
        deployment=deployment,
        cores=cores,
        memory_mib=memory_mib,
        container=container,
        allow_network=allow_network,
        cache=Path(cache) if cache is not None else None,
        cache_key=cache_key,
        sources=source_files(whole),
        agent=configured()[0],
    )
    return engine.run(whole, values, options, listener, findings)


def outputs(run: Run) -> dict[str, Any]:
    """Return what a run made as plain Python values by output id; files and folders are paths.

    A file that lies nowhere on this machine is given as its location.
    """
    return {name: to_plain(from_literal(value)) for name, value in run.outputs.items()}


def _of_job_file(document: Document, job: str, report: Report) -> tuple[Document, dict[str, Value]]:
    """Return what a job file gives, and the document with what the file says beside values."""
    source = job_source(job)
    changed = amended(document, source, report)
    if changed is not document:
        check_document(changed, report)
    values = read_job(changed, source, report)
    if not report.ok:
        raise InvalidError(report)
    return changed, values


def given(document: Document, inputs: Mapping[str, Any]) -> dict[str, Value]:
    """Return plain values as values of a document's inputs.

    Raises:
        InvalidError: a value does not fit its input, or there is no such input; all are told.
    """
    ports = {port.id: port for port in getattr(document.workflow, "inputs", ())}
    report = Report()
    values: dict[str, Value] = {}
    for name, value in inputs.items():
        if name not in ports:
            hint = did_you_mean(name, ports) or f"the inputs are: {', '.join(list(ports)[:12])}"
            report.add("FWF2006", f"there is no input {name!r:.80}", hint=hint)
            continue
        try:
            values[name] = None if value is None else from_plain(value, ports[name].type)
        except UnfitError as fault:
            span = document.origins.get(ports[name])
            report.add("FWF2010", f"the input {name!r} {fault}", span=span)
    if not report.ok:
        raise InvalidError(report)
    return values


def package(
    subject: Run | RunStream | PackagedRuns | Document | str | Path,
    path: str | Path,
    *,
    options: PackageOptions | None = None,
    report: Report | None = None,
) -> Path:
    """Write a run, or a workflow alone, as an RO-Crate and return its path.

    Args:
        subject: the record of a run (or a stream of it), a document, or a path as for
            :func:`packageable`.
        path: a folder, or a file that ends in ``.zip``; a crate that is there is replaced.
        options: title, licence, what is copied (:class:`fairwf.crates.PackageOptions`).
        report: takes warnings: files that changed since, facts that are missing.

    Raises:
        InvalidError: something that is no crate is in the way.
        UnsupportedError: the run has no workflow, only expanded tasks.
        UsageFault: an option cannot be had for a crate that is packaged again.
        EnvironmentFault: the place cannot be written.
    """
    from fairwf import crates
    from fairwf.trace import RunStream

    target = Path(path)
    if isinstance(subject, (str, Path)):
        subject = packageable(subject, report=report)
    if isinstance(subject, crates.PackagedRuns):
        crates.repackage(subject.source, target, options or crates.PackageOptions(), report)
        return target
    workflow = subject.run.workflow if isinstance(subject, RunStream) else subject.workflow
    options = _with_drawing(options or crates.PackageOptions(), workflow)
    if isinstance(subject, Document):
        crates.package_workflow(subject, source_files(subject), target, options, report)
    else:
        crates.package_run(subject, target, options, report)
    return target


def packageable(
    source: str | Path,
    format: str | None = None,
    *,
    trace: str | None = None,
    data: Sequence[str | Path] = (),
    report: Report | None = None,
) -> Run | RunStream | PackagedRuns | Document:
    """Return what :func:`package` makes of a path.

    In this order: a run directory of ours, what another engine left behind of a run, a crate of a
    run, which is packaged again (:func:`fairwf.crates.repackage`), and what :func:`load` takes.

    Args:
        source: the path.
        format: the name of the format of a document, which the path then is.
        trace: the name of the engine that left a trace, which the path then is.
        data: folders beside a trace's own whose files may go into the crate.
        report: takes the findings.

    Raises:
        UsageFault: no format or engine has this name, or ``data`` is given for what is no trace.
        InvalidError: it is damaged or invalid.
    """
    from fairwf.crates import PackagedRuns, holds_runs
    from fairwf.engine import stream_run
    from fairwf.foreign import holds_trace, read_run

    text = str(source)
    told = trace is None and format is None
    ours = told and is_run(text)
    if trace is not None or (told and not ours and holds_trace(text)):
        found = Report() if report is None else report
        return read_run(text, found, trace, [Path(folder) for folder in data])
    if data:
        raise UsageFault.of(
            "FWF9001", "--data goes with what another engine left behind of a run", file=text
        )
    if ours:
        return stream_run(Path(text))
    return (
        PackagedRuns(Path(text)) if told and holds_runs(text) else load(text, format, report=report)
    )


def rerun(
    crate: str | Path,
    *,
    run_dir: str | Path | None = None,
    outdir: str | Path | None = None,
    container: ContainerPolicy = "auto",
    allow_network: bool = False,
    rules: Rules | None = None,
    listener: Listener | None = None,
    report: Report | None = None,
) -> Rerun:
    """Run a packaged run again, from its crate alone, and compare every output by checksum.

    Args:
        crate: a folder or zip file, ours or another producer's.
        rules: what counts as equivalent where octets differ (:class:`fairwf.verify.Rules`).
        run_dir, outdir, container, allow_network, listener, report: as for :func:`run`.

    Raises:
        InvalidError: the crate tells of no run, or lacks what is needed to run again.
        UnsupportedError: its workflow cannot be run.
        EnvironmentFault: the run directory cannot be written.
    """
    from fairwf import engine
    from fairwf.crates.read import crate_root, open_crate
    from fairwf.verify import Rules, packaged_inputs
    from fairwf.verify.rerun import JOB, check_inside
    from fairwf.verify.rerun import rerun as verified

    findings = Report() if report is None else report
    folder = crate_root(unpacked(Path(crate))).resolve()
    if not folder.is_dir():
        raise InvalidError.of("FWF1001", "there is no crate", file=str(crate))
    with open_crate(folder) as opened:
        document = load(folder, report=findings)
        if (folder / JOB).is_file():
            document, values = _of_job_file(document, str(folder / JOB), findings)
        else:
            values = given(document, packaged_inputs(opened, ports_of(document), folder))
        check_inside(values, folder, str(crate))
        options = engine.RunOptions(
            run_dir=Path(run_dir) if run_dir is not None else None,
            outdir=Path(outdir) if outdir is not None else None,
            container=container,
            allow_network=allow_network,
            sources=source_files(document),
        )

        def again() -> Run:
            return engine.run(document, values, options, listener, findings)

        return verified(opened, again, rules or Rules())


def _with_drawing(options: PackageOptions, workflow: Root) -> PackageOptions:
    from fairwf.graph import document_graph, drawing

    if options.diagram is not None or isinstance(workflow, Instance):
        return options
    svg = drawing(document_graph(Document(workflow=workflow)), ".svg")
    return dataclasses.replace(options, diagram=svg)


def score(
    source: str | Path,
    format: str | None = None,
    *,
    main: str | None = None,
    allow_network: bool = False,
    linters: bool = False,
) -> Scorecard:
    """Return how FAIR a workflow file, a repository folder or a crate is, with the evidence.

    ``main`` names the workflow in a folder that holds several, relative to the folder. With
    ``allow_network`` resolvers, archives and registries are asked what files cannot tell; with
    ``linters`` a language's own linter may be started as a program.

    Raises:
        FairwfError: the source cannot be found or read.
    """
    from fairwf import fair

    network = fair.Network() if allow_network else None
    return fair.score(str(source), format, main, network, linters)
