"""R: usage, environments, portability, licences."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from fairwf.fair.indicator import Indicator
from fairwf.fair.licences import recognise, same_text, spdx_id
from fairwf.fair.outcome import Evidence, Outcome, assessed, not_applicable, not_assessed
from fairwf.fair.placeholders import is_placeholder
from fairwf.fair.subject import Subject
from fairwf.ir.command import Text
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Directory, File, Opaque, StringLit
from fairwf.ir.instance import Instance
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Operation, Script

_FENCE = re.compile(r"^(?:```|~~~|\s{4,}\S|\s*\$ )")
_ENGINES = re.compile(
    r"\b(?:fairwf run|cwltool|cwl-runner|toil-cwl-runner|snakemake|nextflow run|miniwdl run|"
    r"planemo run|arvados-cwl-runner|streamflow run)\b"
)
_SECTION = re.compile(
    r"^(?:#+\s*|\*\*)?.*\b(?:usage|how to run|running|run it|quick ?start)\b", re.I
)


def _usage(subject: Subject) -> Outcome:
    if subject.readme is None:
        return assessed(0, "there is no README")
    lines = subject.text(subject.readme).splitlines()
    name = str(subject.readme)
    main = subject.name.rsplit("/", 1)[-1]
    commands = [
        Evidence(file=name, line=number, value=line.strip()[:160])
        for number, line in enumerate(lines, 1)
        if _ENGINES.search(line) and not re.search(r"<[^>]+>|\.\.\.\s*$", line)
    ]
    real = [command for command in commands if main in command.value or " . " in command.value]
    tested = [c for c in real if re.search(r"job|test|example|input|\.ya?ml|\.json", c.value)]
    if tested:
        return assessed(3, "a command with the inputs to try it", *tested)
    if real:
        return assessed(2, "a command, but no inputs to try it with", *real)
    sections = [
        Evidence(file=name, line=number, value=line.strip()[:160])
        for number, line in enumerate(lines, 1)
        if _SECTION.match(line) and not is_placeholder(line)
    ]
    if sections or commands:
        return assessed(1, "no command that runs this workflow", *sections, *commands)
    return assessed(0, "the README does not say how to run it")


def _provides(environment: Environment) -> str | None:
    container = environment.container
    if container is not None:
        image = container.image
        return f"container {image.value if isinstance(image, StringLit) else '(computed)'}"
    named = [package.name for package in environment.packages]
    named += [*environment.modules, *environment.spack]
    if environment.conda is not None:
        named.append(environment.conda.file or " ".join(environment.conda.packages) or "conda")
    return f"software {', '.join(named)}" if named else None


def _environment(subject: Subject) -> Outcome:
    if subject.document is None:
        return assessed(0, "the workflow cannot be read")
    if isinstance(subject.document.workflow, Instance):
        return not_assessed("parser_gap", "an instance does not say where its programs come from")
    tasks = subject.processes(Command, Script, Operation)
    if not tasks:
        return not_applicable("no step runs a program")
    told: list[Evidence] = []
    for task in tasks:
        if isinstance(task, Operation):
            text = f"implementation {task.implementation}" if task.implementation else None
        elif isinstance(task, (Command, Script)):
            text = _provides(task.environment)
        else:
            continue
        if text:
            told.append(subject.at(task, text))
    share = len(told) / len(tasks)
    reason = f"{len(told)} of {len(tasks)} executable processes declare their software"
    if share < 0.5:
        return assessed(0, reason)
    return assessed(3 if share == 1 else 2 if share >= 0.8 else 1, reason, *told)


_USER_PATH = re.compile(r"(?<![\w.])/(?:home|Users|scratch|lustre|gpfs|mnt|nfs|work)/[\w.-]+")
_SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|-----BEGIN [A-Z ]*PRIVATE KEY-----|"
    r"(?:password|passwd|api_?key|secret|token)\s*[=:]\s*['\"][^'\"$({\s]{8,}['\"]",
    re.I,
)


def _texts(subject: Subject) -> Iterator[tuple[msgspec.Struct, str]]:
    assert subject.document is not None
    root = subject.document.workflow
    for literal in nodes(root, StringLit):
        yield literal, literal.value
    for text in nodes(root, Text):
        yield text, text.text
    for opaque in nodes(root, Opaque):
        yield opaque, opaque.text
    every: list[File | Directory] = [*nodes(root, File), *nodes(root, Directory)]
    for node in every:
        if node.location and not node.location.startswith(("http://", "https://")):
            yield node, node.location


def _local_location(subject: Subject, text: str) -> bool:
    """Tell whether a path only resolved to the folder of the document itself."""
    path = subject.source.path
    return path is not None and text.startswith(str(path.resolve().parent))


def _portable(subject: Subject) -> Outcome:
    if subject.document is None:
        return assessed(0, "the workflow cannot be read")
    found: list[Evidence] = []
    for node, text in _texts(subject):
        if _SECRET.search(text):
            return assessed(0, "a secret stands in the workflow")
        match = _USER_PATH.search(text)
        if match and not _local_location(subject, text):
            found.append(subject.at(node, match[0]))
    if len(found) > 2:
        return assessed(0, f"{len(found)} absolute paths of a machine, such as {found[0].value}")
    searched = Evidence(file=subject.name, value="all texts of the workflow searched")
    if found:
        return assessed(1, f"{len(found)} absolute paths of a machine", *found)
    if subject.folder is None:
        return assessed(2, "the configuration beside it was not looked at", searched)
    for path in subject.files:
        if path.suffix in (".yml", ".yaml", ".json", ".config", ".cfg", ".toml", ".ini"):
            text = subject.text(path)
            bad = _SECRET.search(text) or _USER_PATH.search(text)
            if bad and path.name not in ("ro-crate-metadata.json",):
                line = text.count("\n", 0, bad.start()) + 1
                where = Evidence(file=path.as_posix(), line=line, value=bad[0][:40])
                return assessed(2, "a path of a machine in a configuration file", searched, where)
    clean = Evidence(file=".", value=f"{len(subject.files)} files beside it")
    return assessed(3, "no path of a machine and no secret", searched, clean)


def _licence_file(subject: Subject) -> Outcome:
    pattern = r"(?:licen[cs]e|copying|unlicense)s?(?:[-._][\w.-]+)?(?:\.(?:md|txt|rst))?"
    files = subject.named(pattern)
    files += [p for p in subject.files if len(p.parts) == 2 and p.parts[0] == "LICENSES"]
    if not files:
        return assessed(0, "there is no licence file")
    texts = {path: subject.text(path) for path in files}
    known = {path: spdx for path, text in texts.items() if (spdx := recognise(text))}
    proof = [Evidence(file=str(path), value=spdx) for path, spdx in known.items()]
    if len(set(known.values())) == 1:
        return assessed(3, f"one licence: {next(iter(known.values()))}", *proof)
    if known:
        return assessed(2, f"several licences: {', '.join(sorted(set(known.values())))}", *proof)
    real = [path for path, text in texts.items() if len(text.split()) >= 50]
    if not real or is_placeholder(texts[real[0]][:200]):
        return assessed(0, f"{files[0]} holds no licence text")
    return assessed(
        1, "the text is no licence that SPDX knows", Evidence(file=str(real[0]), value="text")
    )


def _licence_stated(subject: Subject) -> Outcome:
    stated = [c for c in subject.claims("license") if not is_placeholder(c.value)]
    if not stated:
        return assessed(0, "no licence is stated in machine-readable metadata")
    proof = [claim.evidence() for claim in stated]
    ids = {claim: spdx_id(claim.value) for claim in stated}
    known = {spdx for spdx in ids.values() if spdx}
    if len(known) > 1:
        return assessed(0, f"files contradict each other: {', '.join(sorted(known))}")
    if not known:
        return assessed(1, f"{stated[0].value!r:.60} is no SPDX id", *proof)
    files = subject.named(r"(?:licen[cs]e|copying).*")
    texts = {recognise(subject.text(path)) for path in files} - {None}
    if texts and not any(same_text(a, str(b)) for a in known for b in texts):
        found = ", ".join(sorted(map(str, texts)))
        return assessed(0, f"stated is {', '.join(known)}, but the licence file is {found}")
    iri = any("spdx.org/licenses/" in claim.value for claim in stated)
    if iri:
        return assessed(3, "an SPDX IRI, without contradiction", *proof)
    return assessed(2, "an SPDX id, not an IRI", *proof)


INDICATORS = (
    Indicator(
        id="R1-1",
        question="Does the documentation show a command that runs it?",
        principle="R1",
        priority="essential",
        reads="R",
        levels=("a section on usage", "a command on this file", "with inputs to try it"),
        crosswalk=("FRSM-13-1", "RSFC-13", "RDA-R1-01M"),
        fix="Show the command that runs the workflow on its example in the README.",
        assess=_usage,
    ),
    Indicator(
        id="R1-2",
        question="Is the software environment of each executable step declared?",
        principle="R1",
        priority="essential",
        reads="WR",
        levels=("half of them", "four of five", "all"),
        crosswalk=("FRSM-13-2",),
        fix="Give each tool a container or its software packages.",
        assess=_environment,
        source="ir",
    ),
    Indicator(
        id="R1-7",
        question="Is it free of absolute user paths, host names and secrets?",
        principle="R1",
        priority="essential",
        reads="W",
        levels=("at most two", "none in the workflow", "none in its configuration either"),
        crosswalk=("EVERSE no_leaked_credentials",),
        fix="Make the path an input.",
        assess=_portable,
        source="ir",
    ),
    Indicator(
        id="R1.1-1",
        question="Is there a licence text that is one?",
        principle="R1.1",
        priority="essential",
        reads="R",
        levels=("a file with text", "that SPDX knows", "one clear licence"),
        crosswalk=("FRSM-15-1", "RSFC-15", "howfairis licence"),
        fix="Add the full text of the licence as LICENSE.",
        assess=_licence_file,
    ),
    Indicator(
        id="R1.1-2",
        question="Is the licence stated in metadata, and does it agree with the text?",
        principle="R1.1",
        priority="essential",
        reads="WRC",
        levels=("a licence is named", "by its SPDX id", "as an SPDX IRI without conflict"),
        crosswalk=("FRSM-15-3", "RDA-R1.1-01M"),
        fix="State the SPDX id in CITATION.cff and the workflow's metadata.",
        assess=_licence_stated,
    ),
)
"""In the order of the principles."""
