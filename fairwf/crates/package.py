"""Packaging: a run, or a workflow alone, becomes an RO-Crate.

Versions: RO-Crate 1.1, Workflow RO-Crate 1.0, Workflow Run RO-Crate 0.5.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fairwf.contexts import WORKFLOW_RUN, ro_crate
from fairwf.crates import descriptors as base
from fairwf.crates import readme
from fairwf.crates.copies import Copies
from fairwf.crates.formats import format_entity, media_type
from fairwf.crates.identifiers import is_iri, quote_path, ref, refs, timestamp
from fairwf.crates.metadata import FILE, MetadataWriter
from fairwf.crates.options import PackageOptions
from fairwf.crates.payload import Item, Payload, measure
from fairwf.crates.preview import write_preview
from fairwf.crates.prospective import Plan, interface, orchestration, plan_entities
from fairwf.crates.retrospective import Actions, History, approval_id
from fairwf.crates.sources import Sources
from fairwf.crates.target import staged
from fairwf.crates.values import Values
from fairwf.document import Document
from fairwf.ir.canonical import content_hash
from fairwf.ir.instance import Instance
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.workflow import Process, Workflow
from fairwf.report import Report, UnsupportedError
from fairwf.trace.run import Run, counts, counts_text

CONTEXT = [ro_crate("1.1"), WORKFLOW_RUN]
NOT_STATED = "No licence was stated for this crate."


def package_run(
    run: Run, target: Path, options: PackageOptions | None = None, report: Report | None = None
) -> None:
    """Write the Provenance Run Crate of a run to a folder, or to a zip file.

    A run of a single tool, or one of which no step ran, becomes a Workflow Run Crate.

    Args:
        run: what happened.
        target: the folder, or a path that ends in ``.zip``; a crate that is there is replaced.
        options: what the user decides; facts that nobody states are left out.
        report: takes warnings: files that changed since, facts that are missing.

    Raises:
        InvalidError: something that is no crate is in the way (FWF5004).
        UnsupportedError: the run has no workflow, only expanded tasks.
        EnvironmentFault: the place cannot be written.
    """
    process = _process(run.workflow, run.source)
    chosen, findings = options or PackageOptions(), Report() if report is None else report
    folder = Path(run.folder) if run.folder else None
    payload = Payload(folder, findings)
    payload.copy_of = Copies(run, payload.path)
    base_folder = Path(run.base) if run.base else None
    sources = Sources.of(run.source_files, base_folder, folder, process, payload)
    plan = Plan(process, quote_path(sources.main))
    history = History(run, plan)
    values = Values(payload)
    _place_values(run, values, payload, chosen)
    history.note(values)
    _tell_what_it_is(run, plan, findings)
    with staged(target) as crate:
        with (crate / FILE).open("wb") as stream:
            writer = MetadataWriter(stream, CONTEXT)
            packaging = _Packaging(chosen, findings, process, payload, sources, run)
            for entity in packaging.run_entities(plan, history, values):
                writer.add(entity)
            writer.close()
        sources.copy(crate, process)
        for item in payload.items:
            _copy(item, crate)
        readme.write(crate)
        if chosen.preview:
            write_preview(crate)


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
    sources = Sources.of(files, folder, None, process, payload)
    plan = Plan(process, quote_path(sources.main))
    for tool in plan.main.all():
        tool.executed = True  # nothing ran, so all parts are described alike
    with staged(target) as crate:
        with (crate / FILE).open("wb") as stream:
            writer = MetadataWriter(stream, CONTEXT)
            packaging = _Packaging(chosen, findings, process, payload, sources, None)
            for entity in packaging.workflow_entities(plan, document.format):
                writer.add(entity)
            writer.close()
        sources.copy(crate, process)
        for item in payload.items:
            _copy(item, crate)
        readme.write(crate)
        if chosen.preview:
            write_preview(crate)


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
    if run.status in ("running", "cancelled"):
        how = "was cancelled" if run.status == "cancelled" else "has not ended"
        report.add(
            "FWF5018",
            f"the run {how}: the crate describes what happened until now",
            file=run.folder,
            hint=f"fairwf resume {run.folder}, then package it again" if run.folder else None,
        )
    if isinstance(plan.main.process, Workflow) and not plan.main.orchestrates:
        report.add(
            "FWF5019",
            "no step of the workflow ran: this is a Workflow Run Crate 0.5, which knows the run "
            "as a whole only, not a Provenance Run Crate",
            file=run.folder,
        )


def _place_values(run: Run, values: Values, payload: Payload, options: PackageOptions) -> None:
    for expression in run.inputs.values():
        for item in values.items(expression):
            if item.total_size <= options.input_limit:
                payload.place(item, "inputs")
    for expression in run.outputs.values():
        for item in values.items(expression):
            payload.place(item, "outputs")
    if options.intermediate:
        for task in run.tasks:
            for expression in (*task.inputs.values(), *task.outputs.values()):
                for item in values.items(expression):
                    payload.place(item, "intermediate")


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


class _Packaging:
    """Makes the entities of one crate, in the order of the file."""

    def __init__(
        self,
        options: PackageOptions,
        report: Report,
        process: Process,
        payload: Payload,
        sources: Sources,
        run: Run | None,
    ) -> None:
        self._options = options
        self._report = report
        self._process = process
        self._metadata = process.metadata or Metadata()
        self._payload = payload
        self._sources = sources
        self._run = run
        self._agent = options.agent or (run.agent if run else None)

    def run_entities(
        self, plan: Plan, history: History, values: Values
    ) -> Iterator[dict[str, Any]]:
        """Yield the entities of a run crate."""
        run = history.run
        profiles = {**base.RUN_PROFILES, **base.WORKFLOW_PROFILES}
        if plan.main.orchestrates:
            profiles |= base.PROVENANCE_PROFILES
        collections = [item for item in self._payload.items if item.kind == "Collection"]
        mentions = [
            *(execution.id for execution in history.all()),
            *(item.id for item in collections if item.examples),
            *(approval_id(approval) for approval in run.approvals),
        ]
        yield from self._head(profiles, mentions, _summary(run, plan.main.name))
        yield from self._workflow(plan, run.format, run.format_version)
        agent = base.agent_id(self._agent) if self._agent else None
        engine = base.engine_id(run.engine)
        yield base.engine_entity(run.engine)
        actions = Actions(history, values, engine, agent, run.folder)
        yield from actions.entities()
        yield from self._files()
        yield from values.entities()
        yield readme.entity()

    def workflow_entities(self, plan: Plan, format: str | None) -> Iterator[dict[str, Any]]:
        """Yield the entities of a crate of a workflow alone."""
        yield from self._head(dict(base.WORKFLOW_PROFILES), [], None)
        yield from self._workflow(plan, format, None)
        yield from self._files()
        yield readme.entity()

    def _head(
        self, profiles: dict[str, tuple[str, str]], mentions: list[str], summary: str | None
    ) -> Iterator[dict[str, Any]]:
        options, process = self._options, self._process
        title = self._metadata.title or process.label or process.id or "workflow"
        licence = options.license or self._metadata.license
        if licence is None:
            self._missing("license", "--license SPDX")
        placed = [item.id for item in self._payload.items if item.place is not None]
        yield base.descriptor()
        yield {
            "@type": "Dataset",
            "@id": "./",
            "name": options.name or (f"Run of {title}" if self._run else title),
            "description": options.description or summary or process.doc or title,
            "datePublished": options.published or _today(),
            "license": base.license_value(licence) if licence else NOT_STATED,
            "author": ref(base.agent_id(self._agent)) if self._agent else None,
            "keywords": ", ".join(options.keywords or self._metadata.keywords),
            "conformsTo": refs(profiles),
            "mainEntity": ref(quote_path(self._sources.main)),
            "hasPart": refs([*self._workflow_files(), *placed, readme.FILE]),
            "mentions": refs(mentions),
        }
        yield from base.profile_entities(profiles)
        if licence:
            yield from base.license_entities(licence)
        people: list[Agent] = [*self._metadata.creators, *self._metadata.contributors]
        approvals = self._run.approvals if self._run else ()
        people += [Agent(name=approval.who) for approval in approvals if approval.who]
        yield from base.agent_entities([self._agent, *people] if self._agent else people)

    def _missing(self, fact: str, hint: str) -> None:
        self._report.add(
            "FWF5007", f"the {fact} of the crate is not stated anywhere", hint=f"give {hint}"
        )

    def _workflow_files(self) -> list[str]:
        places = list(self._sources.files) or [self._sources.main]
        return [quote_path(place) for place in places]

    def _workflow(
        self, plan: Plan, format: str | None, version: str | None
    ) -> Iterator[dict[str, Any]]:
        main, process = self._sources.main, self._process
        language = _language(format if self._sources.files else "ir", version)
        shown: dict[str, Any] = {
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "@id": quote_path(main),
            "name": self._metadata.title or plan.main.name,
            "description": process.doc,
            "conformsTo": ref(base.COMPUTATIONAL_WORKFLOW),
            "programmingLanguage": ref(language["@id"]),
            **base.authored(process.metadata),
            **interface(plan.main),
        }
        shown["version"] = shown.get("version") or content_hash(process)
        shown["url"] = shown.get("url") or ref(quote_path(main))
        shown |= self._file_facts(main)
        if plan.main.orchestrates:
            shown |= orchestration(plan.main)
            shown["@type"] = [*shown["@type"], "HowTo"]
        yield shown
        yield language
        for place in list(self._sources.files)[1:]:
            yield {
                "@type": "File",
                "@id": quote_path(place),
                "name": place.removeprefix("workflow/"),
                **self._file_facts(place),
            }
        yield from plan_entities(plan, quote_path(main))
        iris = [iri for t in plan.main.all() for p in t.parameters() for iri in p.formats()]
        yield from (format_entity(iri) for iri in dict.fromkeys(iris))
        for iri in (*self._metadata.topics, *self._metadata.operations):
            if is_iri(iri):
                name = iri.rpartition("/")[2]
                yield {"@type": "DefinedTerm", "@id": iri, "name": name, "url": iri}

    def _file_facts(self, place: str) -> dict[str, Any]:
        path = self._sources.files.get(place)
        facts: dict[str, Any] = {"encodingFormat": media_type(place, path)}
        if path is not None:
            size, _, sha256 = measure(path)
            facts |= {"contentSize": size, "sha256": sha256}
        return facts

    def _files(self) -> Iterator[dict[str, Any]]:
        for item in self._payload.items:
            yield from (part.entity() for part in item.contents())
        yield from self._payload.formats()


def _language(format: str | None, version: str | None) -> dict[str, Any]:
    from fairwf.formats import converters

    known = converters().get(format or "")
    if known is None:
        return base.language_entity(format, format or "unknown language", None, version)
    return base.language_entity(format, known.title, known.language_iri, version)


def _summary(run: Run, name: str) -> str:
    when = timestamp(run.started)
    return (
        f"A run of the workflow {name!r} by {run.engine.name} {run.engine.version or ''}".rstrip()
        + (f", started {when}" if when else "")
        + f": {run.status}, {counts_text(counts(run.tasks))}."
    )


def _today() -> str:
    """Return today's date in UTC; SOURCE_DATE_EPOCH (reproducible-builds.org) overrides it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.date().isoformat()
