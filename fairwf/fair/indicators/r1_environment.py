"""R1: software, resources and portability of the workflow itself."""

from __future__ import annotations

import re

from fairwf.fair.detectors.versions import is_floating
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed, by_share, not_applicable
from fairwf.fair.reading.components import Task, literal
from fairwf.fair.subject import Subject
from fairwf.ir.environment import Environment
from fairwf.ir.resources import Resources
from fairwf.ir.workflow import Operation


def _provides(environment: Environment) -> str | None:
    container = environment.container
    if container is not None:
        return f"container {literal(container.image) or container.image_id or '(computed)'}"
    named = [package.name for package in environment.packages]
    named += [*environment.modules, *environment.spack]
    if environment.conda is not None:
        named.append(environment.conda.file or " ".join(environment.conda.packages) or "conda")
    return f"software {', '.join(named)}" if named else None


def _declares(subject: Subject, task: Task) -> str | None:
    if isinstance(task, Operation) and task.implementation:
        return f"implementation {task.implementation}"
    said = (_provides(environment) for environment in subject.workflow.environments(task))
    return next((text for text in said if text), None)


def _environment(subject: Subject) -> Outcome:
    tasks = subject.workflow.tasks
    if not tasks:
        return not_applicable("no step runs a program")
    told = [subject.at(task, text) for task in tasks if (text := _declares(subject, task))]
    reason = "executable processes declare their software"
    return by_share(len(told), len(tasks), (0.5, 0.8, 1.0), reason, *told)


def _pinned(environment: Environment) -> int:
    """Return 2 for a digest or lock, 1 for exact versions, 0 for what may change."""
    container = environment.container
    if container is not None:
        image = literal(container.image) or container.image_id or ""
        if container.digest or "@sha256:" in image or container.dockerfile:
            return 2
        return 0 if is_floating(image.rsplit("/", 1)[-1].partition(":")[2]) else 1
    conda = environment.conda
    if conda is not None and conda.file and re.search(r"lock|\.pin\.txt|explicit", conda.file):
        return 2
    pins = [bool(package.versions) for package in environment.packages]
    pins += [bool(re.search(r"[/@]v?\d", name)) for name in environment.modules + environment.spack]
    if conda is not None:
        pins += [bool(re.search(r"={1,2}v?\d", package)) for package in conda.packages]
    return 1 if pins and all(pins) else 0


def _environments_pinned(subject: Subject) -> Outcome:
    tasks = subject.workflow.tasks
    if not tasks:
        return not_applicable("no step runs a program")
    pins: list[tuple[int, Evidence]] = []
    for task in tasks:
        if isinstance(task, Operation):
            fixed = int(bool(task.implementation and re.search(r"[/:@]\d", task.implementation)))
            pins.append((fixed, subject.at(task, str(task.implementation))))
            continue
        found = [e for e in subject.workflow.environments(task) if _provides(e)]
        least = min((_pinned(environment) for environment in found), default=0)
        text = _declares(subject, task) or "no software declared"
        pins.append((least, subject.at(task, text)))
    proof = [evidence for pin, evidence in pins if pin >= 1]
    share = len(proof) / len(pins)
    reason = f"{len(proof)} of {len(pins)} environments have exact versions"
    if share < 0.8:
        return assessed(0, reason)
    if share < 1:
        return assessed(1, reason, *proof)
    if any(pin < 2 for pin, _ in pins):
        return assessed(2, f"{reason}, not all a digest or lock", *proof)
    return assessed(3, f"{len(pins)} of {len(pins)} have a digest or lock", *proof)


def _resources(subject: Subject) -> Outcome:
    tasks = [task for task in subject.workflow.tasks if not isinstance(task, Operation)]
    if not tasks:
        return not_applicable("no step runs a program of its own")
    of_steps = {
        id(subject.workflow.process(step))
        for step in subject.workflow.steps
        if step.resources is not None and step.resources != Resources()
    }
    told = [task for task in tasks if _asks(task.resources) or id(task) in of_steps]
    proof = [subject.at(task, f"{task.id or 'a program'}: resources") for task in told]
    share = len(told) / len(tasks)
    reason = f"{len(told)} of {len(tasks)} programs say what they need of a machine"
    if not told:
        return assessed(0, reason)
    return assessed(3 if share >= 0.9 else 2 if share >= 0.5 else 1, reason, *proof)


def _asks(resources: Resources) -> bool:
    return any(
        getattr(resources, name) not in (None, {})
        for name in Resources.__struct_fields__
        if name != "required"
    )


_USER_PATH = re.compile(r"(?<![\w.])/(?:home|Users|scratch|lustre|gpfs|mnt|nfs|work)/[\w.-]+")
_SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|-----BEGIN [A-Z ]*PRIVATE KEY-----|"
    r"(?:password|passwd|api_?key|secret|token)\s*[=:]\s*['\"][^'\"$({\s]{8,}['\"]",
    re.I,
)
_HOST = re.compile(
    r"\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b|"
    r"//[\w-]+\.(?:local|internal|intranet|lan|cluster)\b"
)
_CONFIGURATION = frozenset({".yml", ".yaml", ".json", ".config", ".cfg", ".toml", ".ini"})
_NOT_CONFIGURATION = frozenset({"ro-crate-metadata.json", "codemeta.json"})


def _machine(text: str) -> re.Match[str] | None:
    return _USER_PATH.search(text) or _HOST.search(text)


def _local_location(subject: Subject, text: str) -> bool:
    """Tell whether a path only resolved to the folder of the document itself."""
    path = subject.source.path
    if path is None:
        return False
    text = text.removeprefix("file://")
    tops = [subject.folder.resolve()] if subject.folder is not None else []
    return any(text.startswith(str(top)) for top in (*tops, path.resolve().parent))


def _portable(subject: Subject) -> Outcome:
    found: list[Evidence] = []
    for node, text in subject.workflow.texts():
        if _SECRET.search(text):
            return assessed(0, "a secret stands in the workflow")
        match = _machine(text)
        if match and not _local_location(subject, text):
            found.append(subject.at(node, match[0]))
    if len(found) > 2:
        return assessed(0, f"{len(found)} places of a machine, such as {found[0].value}")
    searched = Evidence(file=subject.name, line=1, value="all texts of the workflow searched")
    if found:
        return assessed(1, f"{len(found)} paths or hosts of a machine", *found)
    if subject.folder is None:
        return assessed(2, "the configuration beside it was not looked at", searched)
    looked = 0
    for path in subject.files:
        if path.suffix not in _CONFIGURATION or path.name in _NOT_CONFIGURATION:
            continue
        looked += 1
        text = subject.text(path)
        bad = _SECRET.search(text) or _machine(text)
        if bad:
            line = text.count("\n", 0, bad.start()) + 1
            where = Evidence(file=path.as_posix(), line=line, value=bad[0][:40])
            return assessed(2, "a place of a machine in a configuration file", searched, where)
    clean = Evidence(file=".", value=f"{looked} configuration files beside it")
    return assessed(3, "no path or host of a machine and no secret", searched, clean)


INDICATORS = (
    Indicator(
        id="R1-2",
        question="Is the software environment of each executable step declared?",
        principle="R1",
        priority="essential",
        reads="WR",
        levels=("half of them", "four of five", "all"),
        crosswalk=("FRSM-13-2", "snakemake --lint"),
        fix="Give each tool a container or its software packages.",
        assess=_environment,
        source="ir",
        needs_workflow=True,
        version="2",
        note=(
            "2: an image that is an input is followed to its default and to what steps give; one "
            "that only whoever runs it can say, or a template's blank, is not declared."
        ),
    ),
    Indicator(
        id="R1-3",
        question="Are the environments pinned?",
        principle="R1",
        priority="important",
        reads="WR",
        levels=("four of five with a version", "all exact", "all by digest or lock"),
        crosswalk=("EVERSE dependency_management",),
        fix="Name a version of each package, the digest of each container.",
        assess=_environments_pinned,
        source="ir",
        needs_workflow=True,
        version="2",
        note=(
            "A program without any declared environment counts as not pinned. 2: images are "
            "followed as in R1-2."
        ),
    ),
    Indicator(
        id="R1-4",
        question="Are the resources declared that the programs need?",
        principle="R1",
        priority="useful",
        reads="W",
        levels=("of one program", "of half of them", "of nine of ten"),
        crosswalk=("CWL ResourceRequirement",),
        fix="Declare cores and memory of each tool.",
        assess=_resources,
        source="ir",
        needs_workflow=True,
    ),
    Indicator(
        id="R1-7",
        question="Is it free of absolute user paths, host names and secrets?",
        principle="R1",
        priority="essential",
        reads="W",
        levels=("at most two", "none in the workflow", "none in its configuration either"),
        crosswalk=("EVERSE no_leaked_credentials", "snakemake --lint: absolute path"),
        fix="Make the path an input.",
        assess=_portable,
        source="ir",
        needs_workflow=True,
        instances=True,
        version="2",
    ),
)
"""In the order of the principles."""
