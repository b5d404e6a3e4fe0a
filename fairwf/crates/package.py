"""Packaging: a run, or a workflow alone, becomes an RO-Crate.

Versions: RO-Crate 1.1, Workflow RO-Crate 1.0, Workflow Run RO-Crate 0.5; or 1.3, 1.1, 0.6.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from fairwf.crates import extras, packing, readme
from fairwf.crates.assembly import Assembly, today
from fairwf.crates.citations import completed
from fairwf.crates.command_lines import CommandLines
from fairwf.crates.copies import Copies
from fairwf.crates.environments import Environments
from fairwf.crates.extras import Extra
from fairwf.crates.logs import failed_logs
from fairwf.crates.options import MIB, PackageOptions
from fairwf.crates.payload import Item, Payload
from fairwf.crates.plain_secrets import tell_secrets, tell_variables
from fairwf.crates.preview import write_preview
from fairwf.crates.prospective import Plan
from fairwf.crates.quads import terms
from fairwf.crates.retrospective import History, in_order
from fairwf.crates.sources import Sources
from fairwf.crates.summary import FOLDER, PREFIX, ProvenanceFile, Summary
from fairwf.crates.table import PLACE, ExecutionTable, write_table
from fairwf.crates.target import staged
from fairwf.crates.testing import FoundTests, Suite, find_tests, packaged_tests
from fairwf.crates.testing.found import MOST_BYTES, MOST_FILES
from fairwf.crates.values import Values
from fairwf.document import Document, DocumentFile
from fairwf.entities.identifiers import quote_path
from fairwf.entities.metadata import FILE, MetadataWriter
from fairwf.entities.versions import VERSIONS
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.instance import Instance
from fairwf.ir.metadata import Metadata
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Process, Workflow
from fairwf.locate import absent_files, known_parts, why_absent
from fairwf.report import Report, UnsupportedError
from fairwf.trace.run import Run
from fairwf.trace.stream import RunStream
from fairwf.trace.whereabouts import originals


def package_run(
    run: Run | RunStream,
    target: Path,
    options: PackageOptions | None = None,
    report: Report | None = None,
) -> None:
    """Write the Provenance Run Crate of a run to a folder, or to a zip file.

    A run of a single tool, or one of which no step ran, becomes a Workflow Run Crate. A run of more
    executions than ``options.most_tasks`` is described step by step.

    Args:
        run: what happened; a stream of it takes the same memory however many tasks there are.
        target: the folder, or a path that ends in ``.zip``; a crate that is there is replaced.
        options: what the user decides; facts that nobody states are left out.
        report: takes warnings: files that changed since, facts that are missing.

    Raises:
        InvalidError: something that is no crate is in the way (FWF5004).
        UnsupportedError: the run has no workflow, only expanded tasks.
        EnvironmentFault: the place cannot be written.
    """
    chosen, findings = options or PackageOptions(), Report() if report is None else report
    stream = run if isinstance(run, RunStream) else RunStream.of(run)
    many = stream.count > chosen.most_tasks
    head = stream.run if many else stream.whole()
    process = _process(head.workflow, head.source)
    folder = Path(head.folder) if head.folder else None
    payload = Payload(folder, findings, head.within)
    payload.copy_of = Copies(stream.tasks, payload.path)
    payload.copies = originals(head.outputs, stream.tasks(), head.inputs)
    base_folder = Path(head.base) if head.base else None
    _tell_absent(head.absent_files.items(), findings, base_folder)
    sources, tests = _sources(head.source_files, base_folder, folder, process, payload, chosen)
    assembly = _assembly(chosen, findings, process, payload, sources, base_folder, tests)
    assembly.run = head
    plan = Plan(process, quote_path(sources.main))
    tell_secrets(head, findings)
    values = Values(payload)
    _place_values(head, plan, values, payload, chosen)
    payload.tell_nowhere()
    if (job := extras.job(head.inputs, payload)) is not None:
        assembly.extras.append(job)
    with staged(target) as crate:
        texts: Mapping[str, tuple[str, str]] = {}
        if many:
            known = terms(assembly.versions.context)
            summary = Summary(stream, plan, payload, assembly.agent, crate, known)
            head, texts = summary.run, summary.texts()
            assembly.run, assembly.counted = head, summary.counted()
            assembly.extras += summary.files
            _tell_summary(stream, chosen, findings)
        if chosen.table and payload.reserve(PLACE):
            lines = CommandLines(head.folder, payload.placed, head.base)
            assembly.extras.append(write_table(stream.tasks(), crate, lines))
        history = History(head, plan, PREFIX if many else "action")
        history.texts = texts
        history.note(values)
        assembly.environments = Environments(sources, plan)
        tell_variables(history.all(), findings, head.folder)
        assembly.extras += failed_logs(history, payload)
        _tell_what_it_is(head, plan, findings)
        _write(crate, assembly, assembly.run_entities(plan, history, values))


def package_workflow(
    document: Document,
    source_files: Sequence[Path],
    target: Path,
    options: PackageOptions | None = None,
    report: Report | None = None,
) -> None:
    """Write the Workflow RO-Crate of a workflow that did not run: its files and their description.

    Args:
        document: the workflow.
        source_files: the files that it consists of, main first; none: the IR itself.

    Raises:
        InvalidError, UnsupportedError, EnvironmentFault: as :func:`package_run`.
    """
    process = _process(document.workflow, document.source)
    chosen, findings = options or PackageOptions(), Report() if report is None else report
    payload = Payload(None, findings)
    files = [str(path) for path in source_files]
    folder = source_files[0].parent if source_files else None
    sources, tests = _sources(files, folder, None, process, payload, chosen, known_parts(document))
    absent = ((part.file, part.what) for part in absent_files(document))
    _tell_absent(absent, findings, folder)
    assembly = _assembly(chosen, findings, process, payload, sources, folder, tests)
    plan = Plan(process, quote_path(sources.main))
    for tool in plan.main.all():
        tool.executed = True  # nothing ran, so all parts are described alike
    assembly.environments = Environments(sources, plan)
    with staged(target) as crate:
        _write(crate, assembly, assembly.workflow_entities(plan, document.format))


def _sources(
    files: Sequence[str],
    base: Path | None,
    folder: Path | None,
    process: Process,
    payload: Payload,
    options: PackageOptions,
    known: Mapping[Path, DocumentFile] | None = None,
) -> tuple[Sources, FoundTests]:
    """Return the documents in the crate, and the tests that lie beside them where they came from.

    Relative paths of ``files`` count from ``folder``; ``base`` is where the main one came from.
    """
    tests = FoundTests()
    if base is not None and base.is_dir() and files:
        main = Path(files[0])
        originals = [base / os.path.relpath(file, main.parent) for file in files]
        data = not options.minimal
        tests = find_tests(base, originals, lambda path: payload.path(str(path)) is not None, data)
    made = Sources.of(files, base, folder, process, payload, list(tests.files), known)
    return made, tests


def _tell_absent(files: Iterable[tuple[str, str]], report: Report, folder: Path | None) -> None:
    """Tell which files the workflow needs, and the crate does not have."""
    for file, what in files:
        why = why_absent(file, folder)
        hint = "add the file" if why is None else "keep what the workflow needs in its repository"
        report.add(
            "FWF5027",
            f"{what} {why or 'is not there'}: the crate does not hold it",
            file=file,
            hint=hint,
        )


def _assembly(
    options: PackageOptions,
    report: Report,
    process: Process,
    payload: Payload,
    sources: Sources,
    base: Path | None,
    tests: FoundTests,
) -> Assembly:
    """Return what makes the entities, with the files that a crate has beside its data."""
    found: list[Extra | ProvenanceFile | ExecutionTable] = [*extras.stated_files(base, payload)]
    stated = completed(
        process.metadata or Metadata(),
        [e.data for e in found if isinstance(e, Extra) and isinstance(e.data, Path)],
        base,
        report,
        process.doc,
    )
    if options.diagram is not None:
        found.append(extras.drawing(options.diagram, payload))
    if not sources.main.endswith(".cwl"):
        abstract = extras.abstract_cwl(process, sources.main, payload)
        found += [abstract] if abstract is not None else []
    suites: list[Suite] = []
    if base is not None:
        free = _Free(base, sources, payload)
        files, suites = packaged_tests(tests, free.place_of)
        found += files
        _tell_tests(tests, report)
    versions = VERSIONS[options.profile]
    return Assembly(options, versions, report, process, stated, payload, sources, found, suites)


@dataclass(frozen=True)
class _Free:
    """Finds places in the crate for files of tests, and tells of those that get another, or none.

    ``base`` is the folder that the main document came from.
    """

    base: Path
    sources: Sources
    payload: Payload

    def place_of(self, path: Path) -> str | None:
        """Return the place of a file; None where something else has it."""
        place = self.sources.place_of(path, self.base)
        if place is None or not self.payload.reserve(place):
            self._tell(path, "is not packaged: another file of the crate has its place")
            return None
        parts = place.split("/")[1:]
        if tuple(parts) != path.parts[-len(parts) :]:
            text = f"is {place!r:.120} in the crate, for its name is not valid on all systems"
            self._tell(path, f"{text}: tests that name it do not find it there")
        return place

    def _tell(self, path: Path, what: str) -> None:
        self.payload.report.add(
            "FWF5021",
            f"{path.name!r:.80}, a file of tests, {what}",
            file=str(path),
            hint="rename it, and what names it",
        )


def _tell_tests(tests: FoundTests, report: Report) -> None:
    if tests.left:
        report.add(
            "FWF5021",
            f"{len(tests.left)} files of tests are not packaged: more than {MOST_FILES} files, or "
            f"{MOST_BYTES // MIB} MiB in all",
            file=str(tests.left[0]),
        )
    for path in tests.refused:
        kind = "a folder" if path.is_dir() and not path.is_symlink() else "a link, or outside"
        report.add(
            "FWF5021",
            f"{path.name!r:.80}, which the tests name, is not packaged: it is {kind}; files of the "
            "repository are taken",
            file=str(path),
            hint="name its files one by one" if kind == "a folder" else "keep a copy beside them",
        )
    unversioned = [each for each in tests.definitions if each.version is None]
    if unversioned:
        engine = unversioned[0].engine
        report.add(
            "FWF5021",
            f"no version of {engine.name} is stated: the tests are described, but the crate does "
            "not claim Workflow Testing RO-Crate, which requires one",
            file=str(unversioned[0].path),
            severity="note",
            hint=f"write {engine.package}==VERSION into a requirements.txt beside the tests",
        )


def _write(crate: Path, assembly: Assembly, entities: Iterable[dict[str, Any]]) -> None:
    """Write all files of a crate and its metadata into an empty folder."""
    options = assembly.options
    assembly.sources.copy(crate, assembly.process)
    for item in assembly.payload.items:
        _copy(item, crate)
    for extra in assembly.extras:
        extra.write(crate)
    if options.swhid:
        assembly.swhid = packing.swhid(crate / "workflow")
    with (crate / FILE).open("wb") as stream:
        writer = MetadataWriter(stream, assembly.context)
        for entity in entities:
            writer.add(assembly.versions.adapted(entity))
        writer.close()
    readme.write(crate)
    if options.preview:
        write_preview(crate)
    if options.address is not None:
        packing.write_link_set(crate, options.address)
    if options.bag:
        packing.make_bag(crate, options.name or assembly.title, options.published or today())


def _process(root: Process | Instance, source: str | None) -> Process:
    if isinstance(root, Instance):
        raise UnsupportedError.of(
            "FWF5002",
            "expanded tasks without a workflow cannot be packaged as a run crate",
            file=source,
        )
    return root


def _tell_what_it_is(run: Run, plan: Plan, report: Report) -> None:
    """Tell where the crate is less than the record of a whole run."""
    unfinished = {
        "running": "has not ended",
        "cancelled": f"was {run.error or 'cancelled'}",
        "interrupted": "was cut off: its engine is gone, and recorded no end",
    }
    if how := unfinished.get(run.status):
        ours = run.folder is not None and run.within is None
        report.add(
            "FWF5018",
            f"the run {how}: the crate describes what happened until now",
            file=run.folder,
            hint=f"fairwf resume {run.folder}, then package it again" if ours else None,
        )
    if isinstance(plan.main.process, Workflow) and not plan.main.orchestrates:
        report.add(
            "FWF5019",
            "no step of the workflow ran: this is a Workflow Run Crate 0.5, which knows the run "
            "as a whole only, not a Provenance Run Crate",
            file=run.folder,
        )


def _tell_summary(stream: RunStream, options: PackageOptions, report: Report) -> None:
    left = "; intermediate files are not copied" if options.intermediate else ""
    report.add(
        "FWF5020",
        f"{stream.count} executions: the metadata describes the steps, {FOLDER}/ each execution"
        + left,
        file=stream.run.folder,
    )


def _place_values(
    run: Run, plan: Plan, values: Values, payload: Payload, options: PackageOptions
) -> None:
    for value in run.outputs.values():
        _withhold_secrets(value, payload)
    # Each is known before anything that tasks name, so that it is the same in every task.
    for value in (*run.inputs.values(), *run.outputs.values()):
        list(values.items(value))
    if options.minimal:
        return
    for expression in run.inputs.values():
        for item in values.items(expression):
            if item.total_size <= options.input_limit:
                payload.place(item, "inputs")
    for expression in run.outputs.values():
        for item in values.items(expression):
            payload.place(item, "outputs")
    if options.intermediate:
        for task in in_order(run.tasks, plan):
            for expression in (*task.inputs.values(), *task.outputs.values()):
                for item in values.items(expression):
                    payload.place(item, "intermediate")


def _withhold_secrets(value: Expr, payload: Payload) -> None:
    """Keep out of the crate what the engine marked: files with a secret input of the run."""
    found: list[File | Directory] = [*nodes(value, File)]
    found += nodes(value, Directory)
    for node in found:
        if isinstance(own := node.extensions.get("fairwf"), dict) and own.get("secret") is True:
            alone = msgspec.structs.replace(node, secondary=()) if isinstance(node, File) else node
            item = payload.value(alone)
            payload.withhold(item)
            payload.report.add(
                "FWF5005",
                f"{item.name!r:.80}, one of the outputs, holds a secret input of the run: "
                "it is described, not copied",
                file=str(payload.path(item.location or "") or item.location),
            )


def _copy(item: Item, crate: Path) -> None:
    for part in item.contents():
        if part.place is None or part.kind == "Collection":
            continue
        place = crate / part.place
        place.parent.mkdir(parents=True, exist_ok=True)
        if part.kind == "Dataset":
            place.mkdir(exist_ok=True)
        elif isinstance(part.source, Path):
            shutil.copyfile(part.source, place)
        elif part.source is not None:
            place.write_bytes(part.source)
