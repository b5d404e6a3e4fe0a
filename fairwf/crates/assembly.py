"""The entities of a crate, in the order of its metadata file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fairwf.contexts import WORKFLOW_TEST
from fairwf.crates import environments, packing, readme
from fairwf.crates.checksums import measure
from fairwf.crates.command_lines import CommandLines
from fairwf.crates.environments import Environments
from fairwf.crates.extras import Extra
from fairwf.crates.facts import Stated
from fairwf.crates.formats import format_entity, media_type
from fairwf.crates.options import PackageOptions
from fairwf.crates.payload import Payload
from fairwf.crates.prospective import Plan, interface, orchestration, plan_entities
from fairwf.crates.retrospective import Actions, History, approval_id
from fairwf.crates.sources import Sources
from fairwf.crates.summary import ProvenanceFile
from fairwf.crates.table import ExecutionTable
from fairwf.crates.testing import Suite
from fairwf.crates.values import Values
from fairwf.entities import descriptors as base
from fairwf.entities.identifiers import quote_path, ref, refs, timestamp
from fairwf.entities.versions import Profiles, Versions
from fairwf.ir.canonical import content_hash
from fairwf.ir.iris import is_iri
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.workflow import Process
from fairwf.report import Report
from fairwf.trace.run import Run, counts, counts_text

_HEAD = 4 * 1024 * 1024
"""Octets of a document in which its version stands; in packed CWL that is the end."""
NOT_STATED = "No licence was stated for this crate."


@dataclass
class Assembly:
    """Makes the entities of one crate. ``run`` is None for a workflow alone.

    ``stated`` is what the workflow and the files beside it state; ``counted`` says how many tasks
    there are, where the run does not hold them one by one.
    """

    options: PackageOptions
    versions: Versions
    report: Report
    process: Process
    stated: Stated
    payload: Payload
    sources: Sources
    extras: list[Extra | ProvenanceFile | ExecutionTable]
    suites: Sequence[Suite] = ()
    run: Run | None = None
    counted: str | None = None
    swhid: str | None = None
    environments: Environments | None = None
    """Made with the plan."""

    @property
    def metadata(self) -> Metadata:
        """What is stated of the workflow itself."""
        return self.stated.metadata

    @property
    def title(self) -> str:
        """The name of the workflow."""
        return self.metadata.title or self.process.label or self.process.id or "workflow"

    @property
    def context(self) -> list[str | dict[str, str]]:
        """The crate's ``@context``."""
        tests = [WORKFLOW_TEST] if self.suites else []
        terms = [environments.TERM] if self.environments and self.versions.ro_crate == "1.1" else []
        return [*self.versions.context, *tests, *terms]

    @property
    def agent(self) -> Agent | None:
        """Who ran the workflow: what the user says, else what the run recorded."""
        recorded = self.run.agent if self.run else None
        return self.options.agent or recorded or self.options.usual_agent

    def run_entities(
        self, plan: Plan, history: History, values: Values
    ) -> Iterator[dict[str, Any]]:
        """Yield the entities of a run crate."""
        run = history.run
        profiles = {**self.versions.run_profiles, **self.versions.workflow_profiles}
        if plan.main.orchestrates:
            profiles |= self.versions.provenance_profiles
        collections = [item for item in self.payload.items if item.kind == "Collection"]
        mentions = [
            *(execution.id for execution in history.all()),
            *(item.id for item in collections if item.examples),
            *(approval_id(approval) for approval in run.approvals),
            *(remark["@id"] for remark in self.options.remarks[:1]),
        ]
        yield from self._head(profiles, mentions, self._summary(run, plan.main.name))
        yield from self._workflow(plan, run.format, run.format_version)
        agent = base.agent_id(self.agent) if self.agent else None
        engine = base.engine_id(run.engine)
        yield base.engine_entity(run.engine)
        lines = CommandLines(run.folder, self.payload.placed, run.base)
        yield from Actions(history, values, engine, agent, lines).entities()
        yield from self._files()
        yield from values.entities()
        yield from map(dict, self.options.remarks)
        yield readme.entity()

    def workflow_entities(self, plan: Plan, format: str | None) -> Iterator[dict[str, Any]]:
        """Yield the entities of a crate of a workflow alone."""
        yield from self._head(self.versions.workflow_profiles, [], None)
        yield from self._workflow(plan, format, None)
        yield from self._files()
        yield readme.entity()

    def _head(
        self, profiles: Profiles, mentions: list[str], summary: str | None
    ) -> Iterator[dict[str, Any]]:
        options, process = self.options, self.process
        title = self.title
        described = process.doc or self.stated.description
        swhid = packing.swhid_entity(self.swhid) if self.swhid else None
        link_set = packing.link_set_entity() if options.address is not None else None
        licence = options.license or self.metadata.license
        if licence is None:
            self._missing("license", "--license SPDX")
        if self.run is not None and self.agent is None and self.metadata.creators:
            self.report.add(
                "FWF5007",
                "the crate has no author: who ran the workflow is not stated, and its own authors "
                "are those of the workflow",
                severity="note",
                hint="give --agent 'NAME <ORCID>', or [agent] in fairwf's config.toml",
            )
        if self.suites and all(suite.definition.version for suite in self.suites):
            profiles = {**profiles, **self.versions.testing_profiles}
        placed = [item.id for item in self.payload.items if item.place is not None]
        yield base.descriptor(self.versions)
        yield {
            "@type": "Dataset",
            "@id": "./",
            "identifier": ref(swhid["@id"]) if swhid else None,
            "name": options.name or (f"Run of {title}" if self.run else title),
            "description": options.description or summary or described or title,
            "datePublished": options.published or today(),
            "license": base.license_value(licence) if licence else NOT_STATED,
            "author": refs(base.agent_id(agent) for agent in self._authors()),
            "publisher": ref(base.agent_id(options.publisher)) if options.publisher else None,
            "keywords": ", ".join(options.keywords or self.metadata.keywords),
            **self._funded(),
            "conformsTo": refs(profiles),
            "mainEntity": ref(quote_path(self.sources.main)),
            "hasPart": refs(
                [
                    *self._workflow_files(),
                    *(extra.id for extra in self.extras if extra.listed),
                    *placed,
                    readme.FILE,
                    *([link_set["@id"]] if link_set else []),
                ]
            ),
            "mentions": refs([*mentions, *(suite.id for suite in self.suites)]),
        }
        yield from (entity for entity in (swhid, link_set) if entity)
        yield from base.profile_entities(profiles)
        if licence:
            yield from base.license_entities(licence)
        approvals = self.run.approvals if self.run else ()
        people = [
            *self._authors(),
            *([options.publisher] if options.publisher else []),
            *self.stated.people,
            *(Agent(name=approval.who) for approval in approvals if approval.who),
        ]
        yield from base.agent_entities(people)

    def _authors(self) -> Iterable[Agent]:
        """Return who made the crate: who ran the workflow; of a workflow alone, its creators."""
        if self.agent is not None:
            return [self.agent]
        return [] if self.run else self.metadata.creators

    def _funded(self) -> dict[str, Any]:
        """Return who paid, of a workflow alone: a run is not what the money was given for."""
        stated = self.stated.properties
        return {} if self.run else {name: stated[name] for name in ("funder", "funding")}

    def _missing(self, fact: str, hint: str) -> None:
        self.report.add(
            "FWF5007", f"the {fact} of the crate is not stated anywhere", hint=f"give {hint}"
        )

    def _workflow_files(self) -> list[str]:
        places = list(self.sources.files) or [self.sources.main]
        return [quote_path(place) for place in places]

    def _workflow(
        self, plan: Plan, format: str | None, version: str | None
    ) -> Iterator[dict[str, Any]]:
        main, process = self.sources.main, self.process
        language = _language(format, version, self.sources)
        shown: dict[str, Any] = {
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
            "@id": quote_path(main),
            "name": self.metadata.title or plan.main.name,
            "description": process.doc or self.stated.description,
            "conformsTo": ref(base.COMPUTATIONAL_WORKFLOW),
            "programmingLanguage": ref(language["@id"]),
            "image": refs(extra.id for extra in self.extras if extra.role == "image"),
            "subjectOf": refs(extra.id for extra in self.extras if extra.role == "subjectOf"),
            **base.authored(self.metadata),
            **self.stated.properties,
            **interface(plan.main),
        }
        shown["version"] = shown.get("version") or content_hash(process)
        if self.run is not None and not shown.get("url"):
            # Process Run Crate wants one. SEEK refuses what is no address, so a workflow alone,
            # which people upload there, has none.
            shown["url"] = ref(quote_path(main))
        shown |= self._file_facts(main)
        if plan.main.orchestrates:
            shown |= orchestration(plan.main)
            shown["@type"] = [*shown["@type"], "HowTo"]
        needed = self.environments
        if needed is None:
            needed = Environments(self.sources, plan)
        shown |= needed.instructions(plan.main.id)
        yield shown
        yield language
        yield from needed.entities()
        for place in list(self.sources.files)[1:]:
            part = self.sources.known.get(place)
            program = part is not None and part.kind == "program"
            yield {
                "@type": ["File", "SoftwareSourceCode"] if program else "File",
                "@id": quote_path(place),
                "name": place.removeprefix("workflow/"),
                **self._file_facts(place),
                **needed.facts(place),
            }
        for extra in self.extras:
            yield from extra.entities(quote_path(main))
        yield from self.stated.grant_entities()
        for suite in self.suites:
            yield from suite.entities(quote_path(main), self.metadata.repository)
        for entity in plan_entities(plan, quote_path(main)):
            step = entity["@type"] == "HowToStep"
            yield {**entity, **needed.instructions(entity["@id"])} if step else entity
        iris = [iri for t in plan.main.all() for p in t.parameters() for iri in p.formats()]
        yield from (format_entity(iri) for iri in dict.fromkeys(iris))
        for iri in (*self.metadata.topics, *self.metadata.operations):
            if is_iri(iri):
                name = iri.rpartition("/")[2]
                yield {"@type": "DefinedTerm", "@id": iri, "name": name, "url": iri}

    def _file_facts(self, place: str) -> dict[str, Any]:
        path = self.sources.files.get(place)
        facts: dict[str, Any] = {"encodingFormat": media_type(place, path)}
        if path is not None:
            size, _, sha256 = measure(path)
            facts |= {"contentSize": size, "sha256": sha256}
        return facts

    def _files(self) -> Iterator[dict[str, Any]]:
        for item in self.payload.items:
            yield from (part.entity() for part in item.contents())
        yield from self.payload.formats()

    def _summary(self, run: Run, name: str) -> str:
        when = timestamp(run.started)
        engine = f"{run.engine.name} {run.engine.version or ''}".rstrip()
        told = self.counted or counts_text(counts(run.tasks))
        start = f", started {when}" if when else ""
        return f"A run of the workflow {name!r} by {engine}{start}: {run.status}, {told}."


def _language(format: str | None, version: str | None, sources: Sources) -> dict[str, Any]:
    """Return the entity of the language, of the version that the main document states."""
    from fairwf.formats import converters, stated_version

    if not sources.files:
        ours = converters()["ir"]
        return base.language_entity("ir", ours.title, ours.language_iri, ours.versions[-1])
    known = converters().get(format or "")
    if known is None:
        return base.language_entity(format, format or "unknown language", None, version)
    if version is None:
        with sources.files[sources.main].open("rb") as stream:
            stated = stated_version(format, stream.read(_HEAD))
        version = stated.version if stated else None
    return base.language_entity(format, known.title, known.language_iri, version)


def today() -> str:
    """Return today's date in UTC; SOURCE_DATE_EPOCH (reproducible-builds.org) overrides it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.date().isoformat()
