"""A document: a workflow with its origins and comments, and its file form.

The file form is ``{fairwf_ir, workflow, sources, comments}``. Only ``workflow`` is hashed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec.structs import replace

from fairwf.ir import codec
from fairwf.ir.canonical import content_hash, to_plain
from fairwf.ir.codec import Root
from fairwf.ir.faults import Fault, faults_of
from fairwf.ir.instance import Instance
from fairwf.ir.migrations import IR_VERSION, migrate
from fairwf.ir.origins import Origins
from fairwf.source import printable_json

PartKind = Literal["part", "environment", "program"]


class DocumentFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that a document needs beside those that its nodes come from; it need not be there.

    ``file`` is its path as spans have them, ``what`` what it is to the workflow, for messages. An
    ``environment`` says which software is installed, a ``program`` is run. ``processes`` are the
    ids of those that it is for, where it is not for all.
    """

    file: str
    what: str
    kind: PartKind = "part"
    processes: tuple[str, ...] = ()


class Document(msgspec.Struct, frozen=True):
    """A process or instance, where its nodes came from, and the comments beside them.

    ``comments`` are texts by the path of the node that they stand before. ``format`` and
    ``source`` say what it was read from (a path or ``-``), if anything. An IR file says them of the
    document that it was made from; ``file`` is the file that really was read. ``type_names`` says
    what the language that it was read from calls types, by the IR's names, for messages.
    ``parts`` are the files that it needs: those that reading it has read, and those that it names
    (scripts, environments, notebooks) and that were not read. ``opened`` are the absolute paths of
    the files that really were read to make it.
    """

    workflow: Root
    origins: Origins = msgspec.field(default_factory=Origins)
    comments: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    format: str | None = None
    source: str | None = None
    file: str | None = None
    type_names: Mapping[str, str] = msgspec.field(default_factory=dict)
    parts: tuple[DocumentFile, ...] = ()
    opened: tuple[str, ...] = ()

    def __repr__(self) -> str:
        kind, name = type(self.workflow).__name__, getattr(self.workflow, "id", None)
        where = f" from {self.source!r:.200}" if self.source is not None else ""
        return f"<Document: {kind} {name!r:.80}{where}>"

    @property
    def hash(self) -> str:
        """The content hash of the workflow."""
        return content_hash(self.workflow)

    @property
    def instance(self) -> bool:
        """True at the instance level."""
        return isinstance(self.workflow, Instance)

    def seen_from(self, folder: Path | None, back: bool = False) -> Document:
        """Return the document with names of sources that count from a folder.

        They count from the current folder otherwise, which is what a user reads; in a file they
        count from the file's own folder. ``back`` is the way from there. Absolute names stay.
        """
        if folder is None or folder.resolve() == Path.cwd():
            return self

        @cache
        def name(file: str) -> str:
            if not file or file == "-" or Path(file).is_absolute():
                return file
            if back:
                return os.path.relpath(folder / file)
            return os.path.relpath(Path(file).absolute(), folder.resolve())

        return replace(
            self,
            origins=self.origins.renamed(name),
            source=None if self.source is None else name(self.source),
            parts=tuple(replace(part, file=name(part.file)) for part in self.parts),
        )

    def to_plain(self, bare: bool = False) -> dict[str, Any]:
        """Return the file form as plain JSON values; ``bare`` leaves origins and comments out."""
        plain: dict[str, Any] = {"fairwf_ir": IR_VERSION, "workflow": to_plain(self.workflow)}
        if bare:
            return plain
        spans = self.origins.to_paths(self.workflow)
        if spans or self.source or self.parts:
            files = sorted({span[0] for span in spans.values()})
            index = {file: number for number, file in enumerate(files)}
            plain["sources"] = {
                "format": self.format,
                "source": self.source,
                "files": files,
                "spans": {path: [index[span[0]], *span[1:]] for path, span in spans.items()},
            }
            if self.parts:
                plain["sources"]["parts"] = msgspec.json.decode(msgspec.json.encode(self.parts))
        if self.comments:
            plain["comments"] = {path: list(texts) for path, texts in self.comments.items()}
        return plain

    def encode(self, bare: bool = False) -> bytes:
        """Return the file form as JSON in UTF-8, indented, with a newline at the end."""
        text = json.dumps(self.to_plain(bare), ensure_ascii=False, allow_nan=False)
        # `json` would indent slowly, in Python.
        return msgspec.json.format(printable_json(text).encode("utf-8"), indent=2) + b"\n"

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], source: str | None = None) -> Document:
        """Return the document that the file form holds.

        Raises:
            fairwf.ir.codec.DecodeError: it is no file form; paths of faults count from its root.
            fairwf.ir.migrations.UnknownVersionError: the version is not known.
        """
        whole = migrate(dict(plain), str(plain.get("fairwf_ir")))
        faults = list(_faults_beside(whole))
        try:
            workflow = codec.from_plain(whole.get("workflow"))
        except codec.DecodeError as error:
            inside = [fault._replace(path=("workflow", *fault.path)) for fault in error.faults]
            raise codec.DecodeError([*faults, *inside]) from None
        if faults:
            raise codec.DecodeError(faults)
        sources = msgspec.convert(whole.get("sources") or {}, _Sources)
        spans = {path: [sources.files[at[0]], *at[1:]] for path, at in sources.spans.items()}
        return cls(
            workflow=workflow,
            origins=Origins.from_paths(workflow, spans),
            comments={path: tuple(texts) for path, texts in whole.get("comments", {}).items()},
            format=sources.format,
            source=sources.source or source,
            parts=tuple(sources.parts),
        )


class _Sources(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    format: str | None = None
    source: str | None = None
    files: list[str] = []
    spans: dict[str, list[int]] = {}
    parts: list[DocumentFile] = []


class _Beside(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    fairwf_ir: Any
    workflow: Any
    sources: _Sources | None = None
    comments: dict[str, list[str]] = {}


def _faults_beside(whole: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with all but the workflow itself."""
    faults = faults_of(dict(whole), _Beside)
    yield from faults
    sources = whole.get("sources")
    if faults or not isinstance(sources, dict):
        return
    files = sources.get("files", [])
    names: list[tuple[tuple[str | int, ...], str | None]] = [
        *((("files", number), name) for number, name in enumerate(files)),
        *((("parts", n, "file"), part["file"]) for n, part in enumerate(sources.get("parts", []))),
        (("source",), sources.get("source")),
    ]
    for path, name in names:
        if name is not None and "\0" in name:
            yield Fault(("sources", *path), "no file has a NUL character in its name")
    for path, span in sources.get("spans", {}).items():
        if len(span) != 5 or not 0 <= span[0] < len(files) or min(span[1:]) < 1:
            message = "a span is [index of a file, line, column, end line, end column]"
            yield Fault(("sources", "spans", path), message, "lines and columns count from 1")


def file_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file form."""
    from fairwf.ir.expressions import Expr
    from fairwf.ir.schema import schema_of
    from fairwf.ir.types import Type
    from fairwf.ir.workflow import Process

    types = {"Root": Root, "Process": Process, "Expr": Expr, "Type": Type}
    schema = schema_of(types, "ir.schema.json", "fairwf IR", "Document")
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    schema["$defs"]["Document"] = {
        "title": "Document",
        "description": "A workflow, where its nodes came from, and the comments beside them.",
        "type": "object",
        "required": ["fairwf_ir", "workflow"],
        "additionalProperties": False,
        "properties": {
            "fairwf_ir": {"const": IR_VERSION},
            "workflow": {"$ref": "#/$defs/Root"},
            "sources": {
                "type": "object",
                "properties": {
                    "format": {"type": ["string", "null"]},
                    "source": {"type": ["string", "null"]},
                    "files": texts,
                    "spans": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "array",
                            "items": {"type": "integer"},
                            "minItems": 5,
                            "maxItems": 5,
                        },
                    },
                    "parts": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["file", "what"],
                            "additionalProperties": False,
                            "properties": {
                                "file": text,
                                "what": text,
                                "kind": {"enum": list(get_args(PartKind))},
                                "processes": texts,
                            },
                        },
                    },
                },
            },
            "comments": {"type": "object", "additionalProperties": texts},
        },
    }
    return schema
