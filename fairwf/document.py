"""A document: a workflow with its origins and comments, and its file form.

The file form is ``{fairwf_ir, workflow, sources, comments}``. Only ``workflow`` is hashed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from fairwf.ir import codec
from fairwf.ir.canonical import content_hash, to_plain
from fairwf.ir.codec import Root
from fairwf.ir.instance import Instance
from fairwf.ir.migrations import IR_VERSION, migrate
from fairwf.ir.origins import Origins

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def _escaped(match: re.Match[str]) -> str:
    """Write a character that JSON allows and YAML does not (or folds) as an escape of both."""
    return f"\\u{ord(match[0]):04x}"


@dataclass(frozen=True)
class Document:
    """A process or instance, where its nodes came from, and the comments beside them.

    ``comments`` are texts by the path of the node that they stand before. ``format`` and
    ``source`` say what it was read from (a path or ``-``), if anything.
    """

    workflow: Root
    origins: Origins = field(default_factory=Origins)
    comments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    format: str | None = None
    source: str | None = None

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
        )

    def to_plain(self, bare: bool = False) -> dict[str, Any]:
        """Return the file form as plain JSON values; ``bare`` leaves origins and comments out."""
        plain: dict[str, Any] = {"fairwf_ir": IR_VERSION, "workflow": to_plain(self.workflow)}
        if bare:
            return plain
        spans = self.origins.to_paths(self.workflow)
        if spans or self.source:
            files = sorted({span[0] for span in spans.values()})
            index = {file: number for number, file in enumerate(files)}
            plain["sources"] = {
                "format": self.format,
                "source": self.source,
                "files": files,
                "spans": {path: [index[span[0]], *span[1:]] for path, span in spans.items()},
            }
        if self.comments:
            plain["comments"] = {path: list(texts) for path, texts in self.comments.items()}
        return plain

    def encode(self, bare: bool = False) -> bytes:
        """Return the file form as JSON in UTF-8, indented, with a newline at the end."""
        text = json.dumps(self.to_plain(bare), ensure_ascii=False, indent=2, allow_nan=False)
        return _UNPRINTABLE.sub(_escaped, text).encode("utf-8") + b"\n"

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], source: str | None = None) -> Document:
        """Return the document that the file form holds.

        Raises:
            fairwf.ir.codec.DecodeError: ``workflow`` is no IR.
            fairwf.ir.migrations.UnknownVersionError: the version is not known.
        """
        whole = migrate(dict(plain), str(plain.get("fairwf_ir")))
        workflow = codec.from_plain(whole.get("workflow"))
        sources = whole.get("sources") or {}
        files = sources.get("files", [])
        spans = {
            path: [files[span[0]], *span[1:]] for path, span in sources.get("spans", {}).items()
        }
        return cls(
            workflow=workflow,
            origins=Origins.from_paths(workflow, spans),
            comments={path: tuple(texts) for path, texts in whole.get("comments", {}).items()},
            format=sources.get("format"),
            source=sources.get("source") or source,
        )


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
                },
            },
            "comments": {"type": "object", "additionalProperties": texts},
        },
    }
    return schema
