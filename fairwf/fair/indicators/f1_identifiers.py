"""F1: the workflow, its versions and its components have identifiers."""

from __future__ import annotations

import re

from fairwf.fair.detectors.identifiers import is_persistent, names_itself, same_identifier
from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.detectors.versions import bare_version, is_floating, is_version
from fairwf.fair.indicator import Indicator
from fairwf.fair.network.assessments import identifier_resolves
from fairwf.fair.outcome import (
    Evidence,
    Level,
    Outcome,
    assessed,
    by_share,
    not_applicable,
)
from fairwf.fair.reading.components import Task, literal
from fairwf.fair.subject import Subject
from fairwf.ir.instance import Instance
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.workflow import Operation

_URL = re.compile(
    r"https?://[^\s/]+/\S+|urn:uuid:[0-9a-f-]{36}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-\S{12}"
)


def _persistent_identifier(subject: Subject) -> Outcome:
    stated = subject.claims("identifier")
    real = [claim for claim in stated if is_persistent(claim.value)]
    if real:
        proof = [claim.evidence() for claim in real]
        first = [c for c in real if c.file == real[0].file]
        strays = {
            claim.file
            for claim in real
            if not any(same_identifier(claim.value, other.value) for other in first)
        }
        agreeing = {c.file for c in real if any(same_identifier(c.value, o.value) for o in first)}
        if strays - agreeing:
            return assessed(0, "files contradict each other: they name different identifiers")
        return assessed(3, "a persistent identifier in machine-readable metadata", *proof)
    for number, line in enumerate(subject.readme_lines, 1):
        for word in line.replace("(", " ").replace(")", " ").replace("]", " ").split():
            if names_itself(word.strip(".,;<>`")):
                place = Evidence(file=str(subject.readme), line=number, value=word[:200])
                return assessed(2, "a persistent identifier in the README alone", place)
    unique = [c for c in stated if _URL.fullmatch(c.value.strip()) and not is_placeholder(c.value)]
    unique = [c for c in unique if "doi.org/" not in c.value]
    if unique:
        return assessed(1, "a unique identifier that is not persistent", unique[0].evidence())
    if stated:
        return assessed(0, f"{stated[0].value!r:.60} is a template, or no persistent identifier")
    return assessed(0, "no identifier is stated")


_POSITIONAL = re.compile(r"(?:step|task|node|process|job|rule|tool|s|n|t)?[-_ ]*\d*", re.I)


def is_positional(name: str) -> bool:
    """Tell whether an id says only where something stands: empty, a number, ``step3``."""
    return bool(_POSITIONAL.fullmatch(name.strip()))


def _step_ids(subject: Subject) -> Outcome:
    assert subject.document is not None
    root = subject.document.workflow
    if isinstance(root, Instance):
        names = root.tasks.id
        good = [name for name in names if not is_positional(name)]
        where = [subject.at(root, f"task {name}") for name in good[:3]]
        unique = len(set(names)) == len(names)
    else:
        steps = subject.workflow.steps
        if not steps:
            good = [root.id] if not is_positional(root.id) else []
            names, unique = [root.id], True
            where = [subject.at(root, f"tool {root.id}")] if good else []
        else:
            names = [step.id for step in steps]
            good = [name for name in names if not is_positional(name)]
            where = [subject.at(s, f"step {s.id}") for s in steps if not is_positional(s.id)]
            unique = len(set(names)) == len(names)
    reached = by_share(
        len(good), len(names), (0.5, 0.9, 1.0), "steps have a name of their own", *where
    )
    if reached.level == 3 and not unique:
        return assessed(2, "a name stands for several steps of the workflow and its parts", *where)
    return reached


def _tool_identifier(task: Task, subject: Subject) -> tuple[str | None, bool]:
    """Return what identifies a tool, and whether it fixes a version."""
    if isinstance(task, Operation):
        name = task.implementation
        return name, bool(name and re.search(r"\d", name.rsplit("/", 1)[-1]))
    for environment in subject.workflow.environments(task):
        container = environment.container
        if container is not None:
            image = literal(container.image) or container.image_id or container.load
            if image:
                tag = image.rsplit("/", 1)[-1].partition(":")[2]
                fixed = bool(container.digest) or "@sha256:" in image or not is_floating(tag)
                return f"container {image}", fixed
        for package in environment.packages:
            return f"package {package.name}", bool(package.versions)
        if environment.conda is not None and environment.conda.packages:
            first = environment.conda.packages[0]
            return f"conda package {first}", "=" in first
        for name in (*environment.modules, *environment.spack):
            return f"module {name}", bool(re.search(r"[/@]v?\d", name))
    return None, False


def _tools_identified(subject: Subject) -> Outcome:
    tasks = subject.workflow.tasks
    if not tasks:
        return not_applicable("no step runs a program")
    found = [(task, *_tool_identifier(task, subject)) for task in tasks]
    named = [(task, name) for task, name, _ in found if name]
    proof = [subject.at(task, name) for task, name in named]
    result = by_share(
        len(named), len(tasks), (0.5, 0.8, 1.0), "programs name what they run", *proof
    )
    if result.level == 3 and not all(fixed for _, _, fixed in found):
        return assessed(2, "all programs name what they run, not all its version", *proof)
    return result


def _ports(subject: Subject) -> Outcome:
    ports = subject.workflow.ports
    if not ports:
        return assessed(0, "the workflow declares neither inputs nor outputs")
    named = [port for port in ports if port.id and not is_positional(port.id)]
    if len(named) < len(ports):
        return assessed(0, f"{len(ports) - len(named)} of {len(ports)} ports have no name")
    labelled = [port for port in ports if _said(port)]
    proof = [subject.at(port, f"{port.id}: {port.label or port.doc}") for port in labelled]
    share = len(labelled) / len(ports)
    level: Level = 3 if share == 1 else 2 if share >= 0.8 else 1
    reason = f"{len(labelled)} of {len(ports)} inputs and outputs have a label"
    return assessed(level, reason, *proof, *(subject.at(p, p.id) for p in named[:3]))


def _said(port: InputPort | OutputPort) -> bool:
    return not is_placeholder(port.label) or not is_placeholder(port.doc)


def _version(subject: Subject) -> Outcome:
    stated = [c for c in subject.claims("version") if not is_placeholder(c.value)]
    valid = [claim for claim in stated if is_version(claim.value)]
    proof = [claim.evidence() for claim in stated]
    values = {bare_version(claim.value) for claim in valid}
    if len(values) > 1:
        return assessed(0, f"files contradict each other: {', '.join(sorted(values))}")
    if valid:
        return assessed(3, "a version of a known scheme in machine-readable metadata", *proof)
    # Who keeps several workflows in one repository tags "name/v1.2.0".
    tags = [tag for tag in subject.git.tags if is_version(tag.rsplit("/", 1)[-1])]
    if tags:
        return assessed(2, "a git tag", Evidence(file=".git", value=tags[-1]))
    listed = changelog_versions(subject)
    if listed:
        return assessed(2, "an entry of the list of changes", listed[0])
    real = [claim for claim in stated if re.search(r"[1-9]", claim.value)]
    if real:
        return assessed(1, "the version follows no known scheme", real[0].evidence())
    if stated:
        return assessed(0, f"{stated[0].value!r:.40} is a template's version")
    return assessed(0, "no version is stated")


_HEADING = re.compile(r"^\s{0,3}(?:#+\s*|\*\*)?\[?v?(\d+(?:\.\d+){1,3}[\w.+-]*)\]?", re.M)


def changelog_versions(subject: Subject) -> list[Evidence]:
    """Return the versions that the list of changes has an entry for, as evidence."""
    if subject.changelog is None:
        return []
    found = []
    for number, line in enumerate(subject.text(subject.changelog).splitlines(), 1):
        match = _HEADING.match(line)
        if match and is_version(match[1]):
            found.append(Evidence(file=str(subject.changelog), line=number, value=match[1]))
    return found


def _version_everywhere(subject: Subject) -> Outcome:
    valid = [c for c in subject.claims("version") if is_version(c.value)]
    values = {bare_version(claim.value) for claim in valid}
    if len(values) > 1:
        return assessed(0, f"files contradict each other: {', '.join(sorted(values))}")
    if not valid:
        return _version_without_metadata(subject)
    version = values.pop()
    sources = {claim.file: claim.evidence() for claim in valid}
    for entry in changelog_versions(subject):
        if bare_version(entry.value) == version:
            sources[entry.file] = entry
    tagged = [tag for tag in subject.git.tags if bare_version(tag) == version]
    if tagged:
        sources[".git"] = Evidence(file=".git", value=f"tag {tagged[0]}")
    proof = list(sources.values())
    if len(sources) >= 3 and tagged:
        return assessed(3, f"{version} in {', '.join(sorted(sources))}", *proof)
    if len(sources) >= 2:
        return assessed(2, f"{version} in {', '.join(sorted(sources))}", *proof)
    return assessed(1, f"only {valid[0].file} states the version", *proof)


def _version_without_metadata(subject: Subject) -> Outcome:
    """Return the level of a version that only git's tags and the list of changes state."""
    listed = changelog_versions(subject)
    tags = [tag for tag in subject.git.tags if is_version(tag.rsplit("/", 1)[-1])]
    tagged = {bare_version(tag.rsplit("/", 1)[-1]): tag for tag in tags}
    for entry in listed:
        tag = tagged.get(bare_version(entry.value))
        if tag is not None:
            here = Evidence(file=".git", value=f"tag {tag}")
            return assessed(2, "in git's tags and in the list of changes", entry, here)
    if tags:
        return assessed(1, "only git's tags state it", Evidence(file=".git", value=tags[-1]))
    if listed:
        return assessed(1, "only the list of changes states it", listed[0])
    return assessed(0, "no metadata file, tag or list of changes states a version")


def _version_linked(subject: Subject) -> Outcome:
    crate = subject.crate
    assert crate is None or crate.tree is not None
    if crate is None or crate.root is None:
        return assessed(0, "the crate's metadata cannot be read")
    entities = [entity for entity in (crate.main, crate.root) if entity is not None]
    proof: list[Evidence] = []
    with_version = False
    for entity in entities:
        version = next(iter(crate.refs(entity, "version")), None)
        for key in ("identifier", "cite-as", "url"):
            for text in crate.refs(entity, key):
                fixed = re.search(r"[?&]version=\d|swh:1:(?:rev|rel|dir):", text)
                if (fixed or (version and version in text)) and not is_placeholder(text):
                    with_version = True
                    proof.append(crate.at(entity, key))
    links = {
        2: ("isVersionOf", "exampleOfWork", "isPartOf"),
        3: ("isBasedOn", "predecessorOf", "isNewVersionOf", "replaces"),
    }
    reached: Level = 1 if with_version else 0
    for entity in entities:
        for level, keys in links.items():
            for key in keys:
                if any(is_persistent(text) for text in crate.refs(entity, key)):
                    proof.append(crate.at(entity, key))
                    reached = max(reached, 3 if level == 3 else 2)
    if not reached:
        return assessed(0, "no identifier of this version, no link to another version")
    return assessed(reached, "an identifier of the version, or a link to its siblings", *proof)


INDICATORS = (
    Indicator(
        id="F1-1",
        question="Does the workflow declare a persistent identifier?",
        principle="F1",
        priority="essential",
        reads="RC",
        levels=(
            "any globally unique identifier",
            "a persistent identifier (DOI, Handle, ARK, w3id, SWHID)",
            "in a machine-readable field, with the same value everywhere",
        ),
        crosswalk=(
            "FAIR4RS F1",
            "FRSM-01",
            "RDA-F1-01M",
            "RDA-F1-02M",
            "FsF-F1-01MD",
            "FsF-F1-02MD",
            "RSFC-01",
        ),
        fix="Reserve a DOI (Zenodo, WorkflowHub) and write it into CITATION.cff and the crate.",
        assess=_persistent_identifier,
        version="2",
        note="2: identifiers that contradict each other are level 0, as versions are.",
    ),
    Indicator(
        id="F1-2",
        question="Does the identifier resolve to this workflow?",
        principle="F1",
        priority="important",
        reads="N",
        levels=("it resolves", "to machine-readable metadata", "that name this version"),
        crosswalk=("RDA-A1-03M", "FRSM-07-2", "FsF-F1-02MD-2"),
        fix="Correct or register the identifier.",
        assess=identifier_resolves,
    ),
    Indicator(
        id="F1.1-1",
        question="Does each step have a stable name of its own?",
        principle="F1.1",
        priority="important",
        reads="WRC",
        levels=("half of them", "nine of ten", "all, unique across subworkflows"),
        crosswalk=("FAIR4RS F1.1", "FRSM-02", "gxwf: step has no label"),
        fix="Name the step for what it does.",
        assess=_step_ids,
        source="ir",
        needs_workflow=True,
        instances=True,
    ),
    Indicator(
        id="F1.1-2",
        question="Do tools, containers and modules carry their own identifiers?",
        principle="F1.1",
        priority="important",
        reads="WRC",
        levels=("half of them", "four of five", "all, with version or digest"),
        crosswalk=("FAIR4RS F1.1", "FRSM-02-3"),
        fix="Name the package with its version, the container, or the bio.tools id.",
        assess=_tools_identified,
        source="ir",
        needs_workflow=True,
        version="2",
        note="2: images are followed as in R1-2.",
    ),
    Indicator(
        id="F1.1-3",
        question="Do the workflow's inputs and outputs have unique ids and labels?",
        principle="F1.1",
        priority="important",
        reads="WRC",
        levels=("ids", "and labels of four of five", "and labels of all"),
        crosswalk=("FAIR4RS F1.1", "gxwf: output without label"),
        fix="Give each input and output a label.",
        assess=_ports,
        source="ir",
        needs_workflow=True,
        note="A documentation text counts as label: WDL and Snakemake have no labels.",
    ),
    Indicator(
        id="F1.2-1",
        question="Is the version declared?",
        principle="F1.2",
        priority="essential",
        reads="WRC",
        levels=("a tag or text", "of a known scheme", "in machine-readable metadata"),
        crosswalk=("FAIR4RS F1.2", "FRSM-03-1", "FRSM-03-3", "RSFC-03", "planemo: release"),
        fix="Write `version` into CITATION.cff and codemeta.json, and tag the release.",
        assess=_version,
        source="ir",
        version="3",
        note=(
            "2: a tag may begin with the name of one of several workflows. 3: an entry of the list "
            "of changes states a version too."
        ),
    ),
    Indicator(
        id="F1.2-2",
        question="Is the version the same in tag, metadata, list of changes and crate?",
        principle="F1.2",
        priority="important",
        reads="RC",
        levels=("in one place", "in two that agree", "in three that agree, a git tag among them"),
        crosswalk=("FRSM-03", "nf-core: version_consistency", "RSFC-03-5"),
        fix="Write the same version everywhere, and tag it.",
        assess=_version_everywhere,
        version="2",
        note=(
            "Drafted as level 1 for two sources: then naming the version first in one file would "
            "gain nothing. A contradiction is level 0. 2: the one place may be a git tag or the "
            "list of changes, not only a metadata file."
        ),
    ),
    Indicator(
        id="F1.2-3",
        question="Has the version its own identifier, and a link to the versions before it?",
        principle="F1.2",
        priority="useful",
        reads="C",
        levels=("the version in the identifier", "a link to all versions", "to the one before"),
        crosswalk=("FAIR4RS F1.2", "FRSM-03-2"),
        fix="Add isVersionOf and isBasedOn to the crate's main entity.",
        assess=_version_linked,
    ),
)
"""In the order of the principles."""
