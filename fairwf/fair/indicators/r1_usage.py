"""R1: documentation, examples, tests, configuration, contact (what lies around the workflow)."""

from __future__ import annotations

import re
from pathlib import Path

from fairwf.fair.detectors.placeholders import is_placeholder, is_stuffed, meaningful_words
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed
from fairwf.fair.reading.automation import automation
from fairwf.fair.reading.engines import ENGINES
from fairwf.fair.reading.examples import ExampleInput, expected_outputs, test_inputs
from fairwf.fair.subject import Subject

_SECTION = re.compile(
    r"^(?:#+\s*|\*\*)?.*\b(?:usage|how to run|running|run it|quick ?start|getting started)\b", re.I
)
_UNFILLED = re.compile(r"<[^<>]+>|\.\.\.\s*$")


def _commands(subject: Subject) -> list[Evidence]:
    """Return the commands in README and docs that start an engine."""
    pages = [subject.readme] if subject.readme is not None else []
    pages += [p for p in subject.files if p.parts[0] in ("docs", "doc") and p.suffix == ".md"][:50]
    found = []
    for page in pages:
        for number, line in enumerate(subject.text(page).splitlines(), 1):
            if ENGINES.search(line) and not _UNFILLED.search(line):
                found.append(Evidence(file=page.as_posix(), line=number, value=line.strip()[:160]))
    return found


def _usage(subject: Subject) -> Outcome:
    if subject.readme is None:
        return assessed(0, "there is no README")
    lines = subject.readme_lines
    name = str(subject.readme)
    main = subject.name.rsplit("/", 1)[-1]
    commands = _commands(subject)
    real = [c for c in commands if main in c.value or re.search(r" \.(?:\s|$)", c.value)]
    inputs = [example.path.name for example in test_inputs(subject)]
    needs = subject.document is None or bool(subject.workflow.inputs)
    tested = [c for c in real if not needs or any(given in c.value for given in inputs)]
    if tested:
        return assessed(3, "a command with the inputs to try it", *tested)
    if real:
        return assessed(2, "a command, but no inputs to try it with", *real)
    sections = [
        Evidence(file=name, line=number, value=line.strip()[:160])
        for number, line in enumerate(lines, 1)
        if _SECTION.match(line) and not is_placeholder(line)
    ]
    said = sections if meaningful_words(" ".join(lines)) >= 30 else []
    if said or commands:
        return assessed(1, "no command that runs this workflow", *said, *commands)
    return assessed(0, "the README does not say how to run it")


def _examples(subject: Subject) -> Outcome:
    inputs = test_inputs(subject)
    if not inputs:
        return assessed(0, "no file with inputs of this workflow to test it with")
    proof = [example.evidence for example in inputs]
    wanted = expected_outputs(subject, inputs)
    if not wanted:
        return assessed(1, "the outputs to expect are not there", *proof)
    remote = [example for example in inputs if example.remote]
    size = sum(subject.size(path) for path in _named(subject, inputs))
    if remote and len(remote) == len(inputs):
        return assessed(2, "the test's inputs need a network", *proof, *wanted)
    if size > 100 * 1024**2:
        return assessed(2, f"the test's inputs are large ({size // 1024**2} MiB)", *proof, *wanted)
    return assessed(
        3, "small inputs with the outputs to expect, without a network", *proof, *wanted
    )


def _named(subject: Subject, inputs: list[ExampleInput]) -> list[Path]:
    known = set(subject.files)
    return sorted({path for example in inputs for path in example.data if path in known})


def _automated(subject: Subject) -> Outcome:
    found = automation(subject)
    if not found:
        return assessed(0, "no configuration of continuous integration")
    real = [job for job in found if job.commands]
    if not real:
        return assessed(0, f"{found[0].file} runs nothing")
    proof = [job.evidence for job in real]
    tests = [job for job in real if job.tests]
    if tests:
        return assessed(3, "it runs a test", *[c for job in tests for c in job.tests])
    calls = [job for job in real if job.calls]
    if calls:
        return assessed(
            2, "it calls an engine or linter, no test", *[c for j in calls for c in j.calls]
        )
    return assessed(1, "it calls neither engine nor linter", *proof)


_CONFIG = re.compile(
    r"(?:(?:config|conf|params?|profiles?)/[^/]+\.(?:ya?ml|json|toml|config|tsv)|"
    r"(?:nextflow|base)\.config|(?:[^/]*[-_.])?(?:config|params?|settings|defaults?|job|inputs?|"
    r"options)[\w.-]*\.(?:ya?ml|json|toml|config|cfg|ini))",
    re.I,
)


def _configuration(subject: Subject) -> Outcome:
    files = [p for p in subject.files if len(p.parts) <= 2 and _CONFIG.fullmatch(p.as_posix())]
    files = [p for p in files if p.as_posix() != subject.name and _configures(subject, p)]
    files += [e.path for e in test_inputs(subject) if e.path not in files]
    if not files:
        return assessed(0, "no configuration beside the code")
    proof = [Evidence(file=path.as_posix(), line=1, value="configuration") for path in files]
    prose = "\n".join(subject.readme_lines)
    prose += "".join(
        subject.text(p)
        for p in subject.files
        if p.parts[0] in ("docs", "config") and p.suffix == ".md"
    )
    named = [path for path in files if path.name in prose]
    documented = _documented_keys(subject, files, prose)
    if not named and documented is None:
        return assessed(1, "README and docs do not name it", *proof)
    if documented is None or documented:
        lacking = f", such as {documented[0]}" if documented else ""
        return assessed(2, f"not all its keys are documented{lacking}", *proof)
    return assessed(3, "configuration, with all its keys documented", *proof)


def _configures(subject: Subject, path: Path) -> bool:
    """Tell whether a file sets something: a key with a value, no template's text."""
    from fairwf.fair.reading.registries import load

    assert subject.folder is not None
    text = subject.text(path)
    if is_placeholder(text) or _TEMPLATE.search(text):
        return False
    if path.suffix in (".yml", ".yaml", ".json"):
        tree = load(subject.folder, path.as_posix())
        return isinstance(tree, dict) and bool(tree)
    return bool(re.search(r"^\s*[\w.-]+\s*[={]|\t", text, re.M))


_TEMPLATE = re.compile(r"\b(?:FIXME|TBD|change ?me)\b", re.I)


def _documented_keys(subject: Subject, files: list[Path], prose: str) -> list[str] | None:
    """Return the keys without documentation; None where no key is known."""
    from fairwf.fair.reading.registries import load

    assert subject.folder is not None
    documented = set()
    if subject.document is not None:
        ports = subject.workflow.inputs
        documented = {
            p.id for p in ports if not is_placeholder(p.doc) or not is_placeholder(p.label)
        }
    keys: list[str] = []
    for path in files:
        tree = load(subject.folder, path.as_posix())
        if isinstance(tree, dict):
            keys += [str(key) for key in tree if str(key) not in keys]
    if not keys:
        return None
    lacking = [
        k for k in keys if k not in documented and not re.search(rf"\b{re.escape(k)}\b", prose)
    ]
    return None if len(lacking) == len(keys) else lacking


_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_ISSUES = re.compile(
    r"https?://[\w.-]{1,100}/\S{1,200}/(?:issues|discussions)\b|\b(?:open|file) an? issue\b", re.I
)
_STATUS = re.compile(
    r"repostatus\.org/(?:#|badges/)|img\.shields\.io/badge/(?:status|lifecycle)", re.I
)


def _contact(subject: Subject) -> Outcome:
    found: dict[str, Evidence] = {}
    machine = [
        c
        for c in subject.claims("contact")
        if (_MAIL.search(c.value) or c.value.startswith("http")) and "example." not in c.value
    ]
    if machine:
        found["contact"] = machine[0].evidence()
    guide = subject.named(r"contributing(\.(md|rst|txt))?")
    guide += [
        p
        for p in subject.files
        if p.as_posix().lower() in (".github/contributing.md", "docs/contributing.md")
    ]
    guide = [
        path
        for path in guide
        if meaningful_words(subject.text(path)) >= 20 and not is_stuffed(subject.text(path))
    ]
    if guide:
        found["contribution"] = Evidence(
            file=guide[0].as_posix(), line=1, value="how to contribute"
        )
    status = [c for c in subject.claims("status") if not is_placeholder(c.value)]
    if status:
        found["status"] = status[0].evidence()
    for number, line in enumerate(subject.readme_lines, 1):
        here = Evidence(file=str(subject.readme), line=number, value=line.strip()[:160])
        mail = _MAIL.search(line)
        if (mail and "example." not in mail[0] and "git@" not in mail[0]) or _ISSUES.search(line):
            found.setdefault("contact", here)
        if _STATUS.search(line):
            found.setdefault("status", here)
    if not found:
        return assessed(0, "neither contact nor a way to contribute nor a status")
    proof = list(found.values())
    reason = ", ".join(sorted(found))
    if len(found) >= 2 and (machine or status):
        return assessed(3, f"{reason}; machine-readable", *proof)
    return assessed(2 if len(found) >= 2 else 1, reason, *proof)


INDICATORS = (
    Indicator(
        id="R1-1",
        question="Does the documentation show a command that runs it?",
        principle="R1",
        priority="essential",
        reads="R",
        levels=("a section on usage", "a command on this file", "with inputs to try it"),
        crosswalk=("FAIR4RS R1", "FRSM-13-1", "RSFC-13", "RDA-R1-01M"),
        fix="Show the command that runs the workflow on its example in the README.",
        assess=_usage,
        version="3",
        note="3: cromwell.jar, caper and others start workflows too.",
    ),
    Indicator(
        id="R1-5",
        question="Are there inputs to test it with, and the outputs to expect?",
        principle="R1",
        priority="important",
        reads="R",
        levels=("test inputs", "and the outputs to expect", "small, without a network"),
        crosswalk=("FRSM-14-1", "planemo: tests"),
        fix="Add a job file with small inputs, and the outputs that it gives.",
        assess=_examples,
        version="2",
        note=(
            "A job file counts when it names an input of this workflow. 2: tests of "
            "pytest-workflow name the outputs to expect."
        ),
    ),
    Indicator(
        id="R1-6",
        question="Do automated tests call the workflow?",
        principle="R1",
        priority="important",
        reads="R",
        levels=("continuous integration", "that calls an engine or linter", "that runs a test"),
        crosswalk=("FRSM-14-2", "EVERSE has_ci-tests"),
        fix="Run the workflow on its test inputs in continuous integration.",
        assess=_automated,
        version="2",
        note="2: scripts and recipes of the folder that it calls are read, one step deep.",
    ),
    Indicator(
        id="R1-8",
        question="Is the configuration apart from the code, and documented?",
        principle="R1",
        priority="important",
        reads="R",
        levels=("a configuration file", "that is documented", "with all its keys"),
        crosswalk=("snakemake catalog: config",),
        fix="Document each key of the configuration in the README.",
        assess=_configuration,
        version="2",
        note=(
            "2: a file that sets inputs of this workflow counts under any name (name.inputs.json "
            "is usual for WDL), not only under names that begin with config or inputs."
        ),
    ),
    Indicator(
        id="R1-9",
        question="Are contact, a way to contribute and the status stated?",
        principle="R1",
        priority="useful",
        reads="R",
        levels=("one of them", "two", "two, one in a machine-readable field"),
        crosswalk=("FRSM-05", "RSFC-05"),
        fix="Add CONTRIBUTING.md, a contact, and developmentStatus in codemeta.json.",
        assess=_contact,
    ),
)
"""In the order of the principles."""
