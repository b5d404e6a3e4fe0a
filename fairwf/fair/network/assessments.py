"""The indicators that only a network can answer, by its answers.

Each raises :class:`fairwf.fair.network.client.UnreachableError` where nobody answers: then the
indicator is not assessed.
"""

from __future__ import annotations

from fairwf.fair.detectors.identifiers import is_persistent
from fairwf.fair.detectors.placeholders import is_placeholder, is_title
from fairwf.fair.detectors.versions import is_version
from fairwf.fair.network.answers import (
    Record,
    archived_commit,
    archived_content,
    dockstore_records,
    hub_record,
    licence_of_tool,
    package_of_image,
    record_of,
)
from fairwf.fair.network.client import Network
from fairwf.fair.outcome import Evidence, Outcome, assessed, by_share, not_applicable
from fairwf.fair.reading.components import Task, literal
from fairwf.fair.reading.prose import summary
from fairwf.fair.reading.registries import hub_numbers, registered_names
from fairwf.fair.subject import Subject


def _network(subject: Subject) -> Network:
    assert subject.network is not None
    return subject.network


def _titles(subject: Subject) -> list[str]:
    stated = subject.claims("title")
    if subject.readme is not None:
        stated += [c for c in summary(subject.readme_lines, "") if c.kind == "title"]
    return [claim.value for claim in stated if is_title(claim.value)]


def _versions(subject: Subject) -> list[str]:
    stated = [c.value for c in subject.claims("version") if is_version(c.value)]
    return [*stated, *(tag for tag in subject.git.tags if is_version(tag.rsplit("/", 1)[-1]))]


def identifier_resolves(subject: Subject) -> Outcome:
    """F1-2: the identifier that the metadata state leads to this workflow."""
    stated = [c for c in subject.claims("identifier") if is_persistent(c.value)]
    if not stated:
        return assessed(0, "no persistent identifier is stated that could be resolved")
    found = record_of(_network(subject), stated[0].value)
    if not found.found:
        told = found.evidence.value
        return assessed(0, f"{stated[0].value!r:.80} does not resolve ({told})")
    proof = (stated[0].evidence(), found.evidence)
    if not found.readable:
        return assessed(1, "it leads to a page without machine-readable metadata", *proof)
    if not found.names(_titles(subject)):
        return assessed(2, f"its metadata name {found.title!r:.80}", *proof)
    if not found.has_version(_versions(subject)):
        return assessed(2, "its metadata do not name this version", *proof)
    return assessed(3, "its metadata name this workflow and this version", *proof)


def retrievable(subject: Subject) -> Outcome:
    """A1-2: the workflow can be had by its identifier."""
    network = _network(subject)
    found = archived_content(network, subject.source.data)
    if found is not None:
        return assessed(3, "an archive gives this very file by its intrinsic identifier", found)
    commit = subject.git.commit
    held = archived_commit(network, commit) if commit is not None else None
    if held is not None:
        return assessed(2, "an archive has this commit, not this file as it is now", held)
    places = [
        c for c in subject.claims("repository") if c.value.startswith(("http://", "https://"))
    ]
    places = [claim for claim in places if not is_placeholder(claim.value)]
    remote = subject.git.remote
    asked = [(claim.value, claim.evidence()) for claim in places]
    if remote is not None and remote.startswith("https://"):
        asked.append((remote, Evidence(file=".git/config", value=f"origin {remote}"[:200])))
    for url, evidence in asked[:3]:
        reply = network.ask(url, "text/html, */*;q=0.5")
        if reply.ok:
            here = Evidence(file=reply.url, value=f"status {reply.status}")
            return assessed(1, "the repository answers; no archive has this file", evidence, here)
    if asked:
        return assessed(0, f"{asked[0][0]!r:.100} does not answer with anything")
    return assessed(0, "no archive has this file, and no repository is stated")


def listed(subject: Subject) -> Outcome:
    """F4-2: registries of workflows list it."""
    network = _network(subject)
    records: list[Record] = []
    for number in hub_numbers(subject.claims("identifier", "repository"), subject.readme_lines):
        records.append(hub_record(network, number))
    remote = subject.git.remote or next((c.value for c in subject.claims("repository")), None)
    if remote is not None and subject.folder is not None:
        records += dockstore_records(network, remote, registered_names(subject.folder))
    there = [record for record in records if record.found]
    if not there:
        return assessed(0, "neither WorkflowHub nor Dockstore lists it")
    proof = [record.evidence for record in there]
    current = [record for record in there if record.has_version(_versions(subject))]
    if not current:
        return assessed(1, "listed, not with this version", *proof)
    said = "\n".join([*subject.readme_lines, *(c.value for c in subject.claims("identifier"))])
    back = "workflowhub.eu/workflows/" in said or "dockstore.org/" in said
    ours = _bare(remote) if remote is not None else None
    if back and any(ours and ours in _bare(link) for one in current for link in one.links):
        return assessed(3, "listed with this version; registry and folder name each other", *proof)
    return assessed(2, "listed with this version; not linked both ways", *proof)


def _bare(url: str) -> str:
    text = url.split("://", 1)[-1].split("@", 1)[-1].replace(":", "/")
    return text.removesuffix("/").removesuffix(".git").lower()


def licences_of_tools(subject: Subject) -> Outcome:
    """R1.2-2: registries of software know the licences of the tools that steps run."""
    if subject.document is None or subject.is_instance:
        return not_applicable("no steps are known")
    tools: dict[str, tuple[Task, tuple[str, ...]]] = {}
    for task in subject.workflow.tasks:
        for environment in subject.workflow.environments(task):
            for package in environment.packages:
                tools.setdefault(package.name, (task, package.specs))
            for name in environment.conda.packages if environment.conda is not None else ():
                tools.setdefault(name, (task, ()))
            image = literal(environment.container.image) if environment.container else None
            if image is not None:
                tools.setdefault(package_of_image(image) or image, (task, ()))
    if not tools:
        return not_applicable("no tool or container is named")
    known: list[Evidence] = []
    for name, (_, specs) in list(tools.items())[:15]:
        found = licence_of_tool(_network(subject), name, specs)
        if found is not None:
            known.append(found)
    asked = min(len(tools), 15)
    return by_share(len(known), asked, (0.3, 0.7, 1.0), "tools have a known licence", *known)
