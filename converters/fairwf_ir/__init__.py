"""The IR's own file form as a format, so that every verb takes it like any other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fairwf.document import Document
from fairwf.features import Capabilities, Feature
from fairwf.formats import Converter, ReadOptions, Source, WriteOptions, Written
from fairwf.ir.values import Value
from fairwf.report import Report

# a key of the document itself, not a word of a text in it
_VERSION = re.compile(
    rb"""(?m)\A\s*\{\s*fairwf_ir\s*:|^["']?fairwf_ir["']?\s*:|(?<!\\)"fairwf_ir"\s*:"""
)


def _detect(source: Source) -> int:
    return 100 if _VERSION.search(source.head) else 0


def _read(source: Source, options: ReadOptions, report: Report) -> Document:
    from fairwf_ir.read import read

    return read(source, report)


def _write(document: Document, options: WriteOptions, report: Report) -> Written:
    named = document.seen_from(options.folder)
    return Written(main="workflow.ir.json", files={"workflow.ir.json": named.encode()})


def _capabilities(version: str | None) -> Capabilities:
    return Capabilities(features=frozenset(Feature), languages=None)


def _read_inputs(source: Source, document: Document, report: Report) -> Mapping[str, Value]:
    from fairwf_ir.inputs import read_inputs

    return read_inputs(source, document, report)


def _render_outputs(document: Document, outputs: Mapping[str, Value]) -> Any:
    from fairwf_ir.inputs import render

    return {name: render(value) for name, value in outputs.items()}


CONVERTER = Converter(
    name="ir",
    title="fairwf IR",
    versions=("1",),
    suffix=".ir.json",
    media_type="application/json",
    detect=_detect,
    read=_read,
    write=_write,
    capabilities=_capabilities,
    read_inputs=_read_inputs,
    render_outputs=_render_outputs,
    version_line=re.compile(r"""(?m)^[ {]*["']?fairwf_ir["']?\s*:\s*["']?([\w.-]+)"""),
)
