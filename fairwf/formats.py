"""The converter protocol and the registry of formats.

A converter is one import package ``fairwf_NAME`` with a ``CONVERTER``; all its parts but the name
are optional, so that no verb is a switch over formats. Packages of the ``converters`` source root
(or beside the installed ``fairwf``) are found by their name; those of third parties by the entry
point group ``fairwf.converters``.
"""

from __future__ import annotations

import errno
import importlib
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import msgspec

from fairwf.document import Document, DocumentFile
from fairwf.features import Capabilities
from fairwf.ir.values import Value
from fairwf.kinds import KINDS, kind_of_contents
from fairwf.report import Diagnostic, InvalidError, Report, UnsupportedError, UsageFault
from fairwf.source import (
    SourceError,
    did_you_mean,
    like_file,
    load_structured,
    refuse_utf16,
    seen,
    watched,
)
from fairwf.trace import Run

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from fairwf.native import NativeEngine

_GROUP = "fairwf.converters"

UNSURE = 40
"""How sure a converter is of what may as well be another file that speaks of its format."""

MAX_SOURCE_BYTES = 512 * 1024 * 1024
"""The largest document that is read."""


class Source(msgspec.Struct, frozen=True, dict=True):
    """A document to read: a file, or text from standard input (``path`` of None).

    ``fragment`` names a part of the document (``#main``). ``tree`` is the folder whose files it may
    name; None for :func:`fairwf.source.document_tree`.
    """

    name: str
    path: Path | None = None
    given: bytes | None = None
    fragment: str | None = None
    tree: Path | None = None

    @staticmethod
    def at(path: str | Path) -> Source:
        """Return the source at a path, which may end in ``#fragment``."""
        text = str(path)
        fragment: str | None = None
        if "#" in text and not os.path.lexists(text):
            text, fragment = text.split("#", 1)
        return Source(name=text, path=Path(text), fragment=fragment)

    @cached_property
    def data(self) -> bytes:
        """The octets.

        Raises:
            InvalidError: the file is missing, a folder, not readable, or too large.
        """
        if self.given is not None or self.path is None:
            return self.given or b""
        return read_file(self.path, self.name)

    @property
    def head(self) -> bytes:
        """The first 64 KiB, to recognise a format by."""
        return self.data[: 64 * 1024]


def read_file(path: Path, name: str | None = None) -> bytes:
    """Return a regular file's octets.

    Raises:
        InvalidError: the file is missing, a folder, not readable, or too large.
    """
    shown = name or str(path)
    seen(path)
    try:
        if path.is_dir():
            raise InvalidError.of(
                "FWF1002", "is a folder, not a file", file=shown, hint="name a file inside it"
            )
        if path.is_symlink() and not path.exists():
            raise _broken_link(path, shown)
        if not path.exists():
            parent = path.parent
            names = [p.name for p in parent.iterdir()] if parent.is_dir() else []
            hint = like_file(path.name, names)
            raise InvalidError.of("FWF1001", "no such file", file=shown, hint=hint)
        if not path.is_file():
            raise InvalidError.of("FWF1002", "is not a regular file", file=shown)
        if path.stat().st_size > MAX_SOURCE_BYTES:
            raise InvalidError.of("FWF1009", f"larger than {MAX_SOURCE_BYTES} bytes", file=shown)
        return path.read_bytes()
    except OSError as error:
        locked = isinstance(error, PermissionError)
        raise InvalidError.of(
            "FWF1002",
            f"cannot be read: {error.strerror}",
            file=shown,
            hint="let its owner allow you to read it" if locked else None,
        ) from None


def _broken_link(path: Path, shown: str) -> InvalidError:
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            why = "is a symlink that leads back to itself"
            return InvalidError.of("FWF1001", why, file=shown, hint="name the file itself")
    why = f"is a symlink to {os.readlink(path)!r:.300}, which does not exist"
    return InvalidError.of("FWF1001", why, file=shown, hint="mend the link, or name the file")


class Edit(NamedTuple):
    """A change of a source text: what stands between two places becomes ``text``.

    Lines and columns count from 1; the end is exclusive.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class PartlyReadError(InvalidError):
    """A document is invalid; ``document`` is what it seems to mean, and checking it may find more.

    So a mistyped field does not hide a mistyped reference until it is mended.
    """

    def __init__(self, report: Report, document: Document | None = None) -> None:
        super().__init__(report)
        self.document = document


class ReadOptions(msgspec.Struct, frozen=True):
    """How to read. ``trust`` allows executing parts of the document (never by default).

    ``advise``: also tell of what is allowed and discouraged, in notes.
    """

    allow_network: bool = False
    trust: bool = False
    advise: bool = False
    tool_path: Path | None = None


def read_with_parts(
    read: Callable[[Source, ReadOptions, Report], Document],
    source: Source,
    options: ReadOptions,
    report: Report,
) -> Document:
    """Return a document with every other file that its reader has read among its parts.

    Raises:
        FairwfError: what the reader raises.
    """
    with watched() as seen:
        document = read(source, options, report)
    if source.path is None:
        return document
    named = [str(source.path), document.source, *(part.file for part in document.parts)]
    known = {os.path.realpath(name) for name in named if name is not None and "\0" not in name}
    others = {os.path.abspath(path) for path in seen if "\0" not in str(path)}
    files = (
        DocumentFile(os.path.relpath(path), "a part of the document")
        for path in sorted(others)
        if os.path.isfile(path) and os.path.realpath(path) not in known
    )
    return msgspec.structs.replace(
        document,
        parts=(*document.parts, *files),
        opened=tuple(sorted({os.path.realpath(path) for path in others})),
    )


class WriteOptions(msgspec.Struct, frozen=True):
    """How to write: the version of the target format (None: the newest that is written).

    ``folder`` is where the main file is put: relative locations in it count from there. None: they
    are written as the document has them. ``split`` asks for one file a process, of formats that
    have it (:attr:`Converter.splits`).
    """

    target_version: str | None = None
    folder: Path | None = None
    split: bool = False


class Written(msgspec.Struct, frozen=True):
    """What a writer made: octets by relative path; ``main`` is the file to open."""

    main: str
    files: Mapping[str, bytes]


class Layout(msgspec.Struct, frozen=True):
    """Where a repository of this kind keeps its main document: names tried in order."""

    main: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


class Normalize(Protocol):
    """Puts a lowered document into the form that the format's reader gives."""

    def __call__(self, document: Document, report: Report, version: str | None = None) -> Document:
        """Return the document for a version of the format (None: the newest that is written)."""


class TraceReader(msgspec.Struct, frozen=True, eq=False):
    """Reads what an engine left behind of a run.

    Attributes:
        name: what ``--from-trace`` calls it.
        title: what it reads.
        detect: how sure it is, 0 to 100, that a folder or file is such a trace; looks at content.
        read: a trace to a run; findings go to the report; raises FairwfError when it cannot. What
            the trace does not say is left out. Files need not exist, and none is read that the
            trace does not consist of: :mod:`fairwf.foreign` decides what may be looked at.
    """

    name: str
    title: str
    detect: Callable[[Path], int]
    read: Callable[[Path, Report], Run]


class Remark(msgspec.Struct, frozen=True):
    """What a language's own linter says. ``line`` counts from 1, None where it says none."""

    severity: Literal["error", "warning"]
    text: str
    line: int | None


class Linter(msgspec.Struct, frozen=True, eq=False):
    """A language's own linter.

    Attributes:
        name: how its users call it.
        run: what it says of a document that can be read; raises FairwfError when it cannot be run.
        external: it starts another program, so only who asks for it gets it.
    """

    name: str
    run: Callable[[Source], tuple[Remark, ...]]
    external: bool = False


class Converter(msgspec.Struct, frozen=True, eq=False):
    """A format: its name and what can be done with it.

    Attributes:
        versions: those that are written, and read where ``read_versions`` is empty.
        read_versions: those that are read.
        detect: how sure it is, 0 to 100, that a source is of this format; looks at content only.
            What is :data:`UNSURE` counts where a user names the file, not for one that is found.
        read: source to document; findings go to the report; raises FairwfError when it cannot.
        normalize: the end of lowering: the forms that the format has one writing for become the
            one that its reader gives; raises FairwfError for what the format cannot say.
        write: document (lowered to ``capabilities``) to files; says in the report what it changed.
        version_named: the version in which a result of this file name is written, where its ending
            says one.
        splits: whether ``write`` can put each process into a file of its own.
        capabilities: what a version of the format can say.
        read_inputs: a job file to values by input id, files with absolute ``location`` paths.
        amend: the document with what a job file says beside values in force.
        write_inputs: values to a job file.
        render_outputs: the JSON object that ``run`` prints.
        vocabularies: the ontologies that a process and what it runs name for the formats of files:
            paths relative to the document's source, and URLs.
        trace: reads what an engine of this format left behind of a run.
        fix: edits of a document's text that mend a finding and keep its meaning, or none.
        linter: the language's own.
        rename_steps: a source's text with other ids for steps of its main workflow, by the old
            ones; None where it does not mend the form that the text has.
        engine: the format's own engine, None where it is not installed or cannot run here.
        layout: where a repository keeps what.
        version_line: finds, as its group, the version of the format that a document states.
    """

    name: str
    title: str
    versions: tuple[str, ...] = ()
    read_versions: tuple[str, ...] = ()
    suffix: str = ""
    media_type: str = "application/octet-stream"
    language_iri: str | None = None
    detect: Callable[[Source], int] | None = None
    read: Callable[[Source, ReadOptions, Report], Document] | None = None
    normalize: Normalize | None = None
    write: Callable[[Document, WriteOptions, Report], Written] | None = None
    version_named: Callable[[str], str | None] | None = None
    splits: bool = False
    capabilities: Callable[[str | None], Capabilities] | None = None
    read_inputs: Callable[[Source, Document, Report], Mapping[str, Value]] | None = None
    amend: Callable[[Source, Document, Report], Document] | None = None
    write_inputs: Callable[[Document, Mapping[str, Value]], bytes] | None = None
    render_outputs: Callable[[Document, Mapping[str, Value]], Any] | None = None
    vocabularies: Callable[[Document], Sequence[str]] | None = None
    trace: TraceReader | None = None
    fix: Callable[[bytes, Diagnostic], Sequence[Edit]] | None = None
    linter: Linter | None = None
    rename_steps: Callable[[Source, Mapping[str, str]], bytes | None] | None = None
    engine: Callable[[], NativeEngine | None] | None = None
    layout: Layout = msgspec.field(default_factory=Layout)
    version_line: re.Pattern[str] | None = None

    @property
    def documents(self) -> bool:
        """True where documents of the format are read or written; else only traces are read."""
        return self.read is not None or self.write is not None


_PREFIX = "fairwf_"
_NOT_CONVERTERS = frozenset({"fairwf_schemas", "fairwf_templates"})


def _roots() -> list[str]:
    here = Path(__file__).resolve().parent.parent
    checkout = here / "converters"
    if checkout.is_dir():
        if str(checkout) not in sys.path:
            sys.path.append(str(checkout))
        return [str(checkout)]
    return [str(here)]


@cache
def converters() -> Mapping[str, Converter]:
    """Return every converter by the name of its format."""
    found: dict[str, Converter] = {}
    for module in pkgutil.iter_modules(_roots()):
        if module.ispkg and module.name.startswith(_PREFIX) and module.name not in _NOT_CONVERTERS:
            converter = importlib.import_module(module.name).CONVERTER
            found[converter.name] = converter
    if _others_installed():
        from importlib.metadata import entry_points

        for entry in entry_points(group=_GROUP):
            if entry.name not in found:
                _load(entry, found)
    return dict(sorted(found.items()))


_broken: list[Diagnostic] = []


def broken_converters() -> Sequence[Diagnostic]:
    """Return a warning for each installed converter of a third party that cannot be used."""
    return tuple(_broken)


def _load(entry: EntryPoint, found: dict[str, Converter]) -> None:
    try:
        loaded = entry.load()
        if isinstance(loaded, Converter):
            found[entry.name] = loaded
            return
        why = f"{entry.value!r:.120} is no fairwf.formats.Converter"
    except Exception as error:  # noqa: BLE001 - code of strangers, and the rest works without it
        why = f"{type(error).__name__}: {error}"
    package = entry.dist.name if entry.dist is not None else entry.value
    report = Report()
    report.add(
        "FWF9004",
        f"the converter {entry.name!r:.60} of the package {package!r:.80} is left out: {why:.500}",
        hint=f"mend or remove the package: pip uninstall {package}",
    )
    _broken.extend(report)


def _others_installed() -> bool:
    """Tell whether a distribution beside our own may bring converters.

    `importlib.metadata` would say which, but loading it takes longer than reading a document.
    """
    for place in sys.path:
        try:
            with os.scandir(place or ".") as entries:
                infos = [e.path for e in entries if e.name.endswith((".dist-info", ".egg-info"))]
        except NotADirectoryError:
            return True  # an archive
        except OSError:
            continue
        for info in infos:
            if os.path.basename(info).startswith("fairwf-"):
                continue
            try:
                with open(f"{info}/entry_points.txt", "rb") as stream:
                    if _GROUP.encode() in stream.read():
                        return True
            except OSError:
                continue
    return False


def converter(name: str) -> Converter:
    """Return the converter of a format.

    Raises:
        UsageFault: no format has this name.
    """
    known = {n: c for n, c in converters().items() if c.documents}
    if name not in known:
        later = name in {*converters(), *(format_ for format_, _ in KINDS.values())}
        hint = None if later else did_you_mean(name, known)
        raise UsageFault.of(
            "FWF9001",
            f"the format {name} is neither read nor written yet"
            if later
            else f"unknown format {name!r:.60}",
            hint=f"{hint + '; ' if hint else ''}known: {', '.join(known)}",
        )
    return known[name]


class StatedVersion(NamedTuple):
    """The version of its format that a document states, and the line from 1."""

    version: str
    line: int


def stated_version(format_: str | None, head: bytes) -> StatedVersion | None:
    """Return the version of a format that the beginning of a document states, if it does."""
    known = converters().get(format_ or "")
    if known is None or known.version_line is None:
        return None
    text = head.decode("utf-8", "replace")
    found = known.version_line.search(text)
    return StatedVersion(found[1], text.count("\n", 0, found.start(1)) + 1) if found else None


def detect(source: Source, least: int = 1) -> Converter:
    """Return the converter that recognises a source by its content, and is that sure (1 to 100).

    Raises:
        InvalidError: the source cannot be read, or nothing recognises it.
        UnsupportedError: it is of a known kind that no converter reads.
    """
    scores = [(c.detect(source), c) for c in converters().values() if c.detect is not None]
    best = max(scores, key=lambda pair: pair[0], default=(0, None))
    if best[1] is None or best[0] < least:
        raise _unknown(source)
    return best[1]


def kind_of(path: Path) -> str | None:
    """Return what a file is by its name, where the name alone says it and no converter reads it."""
    format_, kind = KINDS.get(path.suffix) or KINDS.get(path.name) or (None, None)
    found = converters().get(format_ or "")
    return kind if found is None or found.read is None else None


def _refuse_broken(source: Source) -> None:
    """Say where a text is broken that can only be meant as JSON.

    Raises:
        InvalidError: it is broken.
    """
    if len(source.head) < len(source.data) or source.data.lstrip()[:1] not in (b"{", b"["):
        return
    try:
        load_structured(source.data, source.name)
    except SourceError as error:
        raise InvalidError.of("FWF1004", error.message, span=error.span, hint=error.hint) from None


def _unknown(source: Source) -> InvalidError | UnsupportedError:
    data = source.head
    kind = kind_of(source.path) if source.path is not None else None
    kind = kind_of_contents(data) or kind
    if kind is not None and data.strip() and b"\0" not in data:
        readable = ", ".join(c.name for c in converters().values() if c.read is not None)
        return UnsupportedError.of(
            "FWF1006",
            f"{kind}; fairwf cannot read it yet",
            file=source.name,
            hint=f"what can be read: {readable}",
        )
    if not data.strip():
        code, message, hint = "FWF1003", "the file is empty", None
    elif b"\0" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            refuse_utf16(data, source.name)
        except SourceError as error:
            return InvalidError.of("FWF1003", error.message, file=source.name, hint=error.hint)
        code, message = "FWF1003", "a binary file, not a workflow document"
        hint = "name the workflow's text file"
    else:
        _refuse_broken(source)
        code, message = "FWF1005", "no converter recognises this document"
        readable = ", ".join(c.name for c in converters().values() if c.read is not None)
        hint = f"name its format with --from ({readable})"
    return InvalidError.of(code, message, file=source.name, hint=hint)
