"""The shapes of every ``--format json`` output; ``schemas/`` publishes their JSON Schemas."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from fairwf.report import Diagnostic
from fairwf.version import VERSION


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What every output carries: the version of fairwf that wrote it."""

    fairwf_version: str = VERSION


class FateCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many nodes of the source were kept as they are, and how many entries say otherwise."""

    kept: int
    rewritten: int
    approximated: int
    lost: int


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One end of a conversion: a path (``-``: a standard stream), its format, its content hash."""

    path: str
    format: str | None = None
    version: str | None = None
    hash: str | None = None


class ConversionReport(Output, frozen=True, kw_only=True):
    """``convert --report PATH.json``."""

    source: Place
    target: Place
    diagnostics: list[Diagnostic]
    summary: FateCounts


class CheckedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file that ``validate`` looked at. ``unread`` is of a kind that no converter reads."""

    file: str
    status: Literal["valid", "invalid", "unsupported", "unread"]
    format: str | None = None
    diagnostics: list[Diagnostic] = []


class CheckCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Files by status, findings by severity."""

    files: int
    valid: int
    invalid: int
    unsupported: int
    unread: int
    errors: int
    warnings: int
    notes: int


class ValidationResult(Output, frozen=True, kw_only=True):
    """``validate --format json``."""

    files: list[CheckedFile]
    summary: CheckCounts


class FormatEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A format, what can be done with it, and what it can say natively.

    ``versions`` are those that are written, ``read_versions`` those that are read. ``trace`` is
    what ``package --from-trace`` calls the traces of runs that are read.
    """

    name: str
    title: str
    versions: list[str]
    read_versions: list[str]
    suffix: str
    reads: bool
    writes: bool
    reads_traces: bool
    trace: str | None
    features: list[str]
    languages: list[str]


class FormatList(Output, frozen=True, kw_only=True):
    """``formats --format json``. ``features`` names every feature of the matrix."""

    formats: list[FormatEntry]
    features: list[str]


class CodeExamples(msgspec.Struct, frozen=True, kw_only=True):
    """Files by name in which ``command`` finds the code, and files in which it does not."""

    command: str
    wrong: dict[str, str]
    right: dict[str, str]


class CodeEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A diagnostic code."""

    code: str
    severity: str
    title: str
    explanation: str
    fate: str | None = None
    examples: CodeExamples | None = None


class CodeList(Output, frozen=True, kw_only=True):
    """``explain --format json``."""

    codes: list[CodeEntry]


class TemplateEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow to begin with."""

    name: str
    title: str


class TemplateList(Output, frozen=True, kw_only=True):
    """``init --format json`` without a template."""

    templates: list[TemplateEntry]


class WaitingStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step that waits for an approval (``text`` is its prompt) or an event (its name).

    ``approved_by`` said yes already, and the engine is still to hear it.
    """

    key: str
    what: str
    text: str
    who: list[str]
    approved_by: str | None = None


class Standing(Output, frozen=True, kw_only=True):
    """``status --format json``. ``alive``: an engine is working on the run now.

    ``reused``: the id of the run that a result was taken from, by task. ``sites``: where those run
    that are running, where the run has several sites.
    """

    run_id: str
    folder: str
    status: str
    alive: bool
    counts: dict[str, int]
    running: list[str]
    sites: dict[str, str]
    failed: list[str]
    reused: dict[str, str]
    waiting: list[WaitingStep]
    started: str | None
    ended: str | None
    error: str | None


class StepReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a task ran, was reused, or did not run.

    ``state``: completed, failed, skipped, cancelled, running, waiting, interrupted, ``not run``.
    ``code``: what decided (``first``, ``changed``, ``reused``, ``upstream failed`` ...).
    ``changed``: parts of the key of its result that did: ``input:NAME``, ``command``,
    ``environment``, ``resources``, ``image``, ``program`` ... ``upstream``: what failed before it,
    or is waited for.
    """

    key: str
    state: str
    code: str
    text: str
    changed: list[str]
    cache_key: str | None
    from_run: str | None
    upstream: list[str]
    stderr: str | None


class Reasons(Output, frozen=True, kw_only=True):
    """``status --why STEP --format json``: a reason for each task of the step."""

    run_id: str
    step: str
    reasons: list[StepReason]


class StepVolume(msgspec.Struct, frozen=True, kw_only=True):
    """How many files and bytes the tasks of a step took, gave, and left in their folders.

    The whole run has the empty step.
    """

    step: str
    tasks: int
    files_in: int
    bytes_in: int
    files_out: int
    bytes_out: int
    files_left: int
    bytes_left: int


class Volumes(Output, frozen=True, kw_only=True):
    """``status --volumes --format json``: each step, at last the whole run."""

    run_id: str
    volumes: list[StepVolume]


class RunEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A run directory below ``.fairwf/runs``. ``status`` of None: it cannot be read."""

    folder: str
    status: str | None
    alive: bool
    started: str | None
    ended: str | None


class RunList(Output, frozen=True, kw_only=True):
    """``status --format json`` without a run directory, the oldest first."""

    runs: list[RunEntry]


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One difference in meaning at a path of the IR; the values are JSON."""

    path: str
    change: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


class StepPair(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of two workflows by its name in each, or of one of them alone."""

    a: str | None = None
    b: str | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A step that waits for another in one of two workflows only, by their names in ``a``."""

    source: str
    target: str
    only: Literal["a", "b"]


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """The steps of two workflows in pairs, and the links that only one of them has."""

    steps: list[StepPair]
    links: list[Link]

    @property
    def same(self) -> bool:
        """Whether each step has a counterpart that waits for the same ones."""
        return not self.links and all(pair.a and pair.b for pair in self.steps)


class Difference(Output, frozen=True, kw_only=True):
    """``diff --format json``."""

    a: Place
    b: Place
    same: bool
    changes: list[Change]
    outline: Outline


class BackendEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that tasks or containers can run on, whether it works here, and why not."""

    name: str
    kind: Literal["backend", "container", "scheduler"]
    works: bool
    version: str | None = None
    path: str | None = None
    reason: str | None = None


class BackendList(Output, frozen=True, kw_only=True):
    """``backends --format json``."""

    cores: int
    memory_mib: int | None
    backends: list[BackendEntry]


class LineageNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An activity or a file, and how many steps it is away from the file asked about."""

    id: str
    distance: int
    name: str | None = None
    path: str | None = None


class LineageAnswer(Output, frozen=True, kw_only=True):
    """``query --lineage|--used-by|--affected-by --format json``, nearest first."""

    question: str
    file: str
    activities: list[LineageNode]
    entities: list[LineageNode]


class QueryAnswer(Output, frozen=True, kw_only=True):
    """``query SPARQL --format json``: rows of a SELECT, a truth value, or N-Triples."""

    columns: list[str] | None = None
    rows: list[list[str | None]] | None = None
    boolean: bool | None = None
    triples: str | None = None


class RerunOutput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one file or value of an output. Checksums are ``sha256:...``."""

    output: str
    name: str
    verdict: Literal["same", "equivalent", "different", "missing", "unexpected", "ignored"]
    detail: str = ""
    expected: str | None = None
    actual: str | None = None


class RerunResult(Output, frozen=True, kw_only=True):
    """``rerun --format json``."""

    crate: str
    run_dir: str
    verdict: Literal["same", "equivalent", "different"]
    outputs: list[RerunOutput]


class PublishedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of a publication. ``checksum`` is ``md5:...``; ``sent``: it was not there before.

    In a dry run, the size of the zip file of a folder is that before it is packed.
    """

    name: str
    size: int
    checksum: str | None = None
    sent: bool = False


class PublishResult(Output, frozen=True, kw_only=True):
    """``publish --format json``.

    ``planned``: a dry run, nothing was sent; ``draft``: not public yet; ``unchanged``: this very
    crate is published already. ``metadata`` and ``requests`` are those of a dry run.
    """

    crate: str
    target: Literal["invenio", "zenodo", "workflowhub", "folder"]
    server: str
    status: Literal["planned", "draft", "published", "unchanged"]
    record: str | None
    version: str | None
    doi: str | None
    url: str | None
    files: list[PublishedFile]
    metadata: dict[str, Any]
    requests: list[str]


def outputs() -> dict[str, type[msgspec.Struct]]:
    """Return the shape of every output by the name of its schema (``output-NAME.schema.json``)."""
    from fairwf.fair import Scorecard

    return {
        "backends": BackendList,
        "convert-report": ConversionReport,
        "diff": Difference,
        "explain": CodeList,
        "formats": FormatList,
        "init": TemplateList,
        "lineage": LineageAnswer,
        "publish": PublishResult,
        "query": QueryAnswer,
        "reasons": Reasons,
        "rerun": RerunResult,
        "runs": RunList,
        "score": Scorecard,
        "status": Standing,
        "validate": ValidationResult,
        "volumes": Volumes,
    }


def output_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of every output by the name of its file."""
    from fairwf.ir.schema import schema_of

    schemas = {}
    for name, kind in outputs().items():
        file = f"output-{name}.schema.json"
        title = f"fairwf output: {name}"
        schemas[file] = schema_of({kind.__name__: kind}, file, title, kind.__name__)
    return schemas


def encode(output: Output) -> str:
    """Return an output as indented JSON without a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(output), indent=2).decode()
