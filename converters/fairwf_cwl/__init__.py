"""The Common Workflow Language, versions 1.0 to 1.2 (https://www.commonwl.org/v1.2/)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.features import Capabilities
from fairwf.formats import (
    UNSURE,
    Converter,
    Edit,
    Layout,
    Linter,
    ReadOptions,
    Remark,
    Source,
    TraceReader,
    WriteOptions,
    Written,
)
from fairwf.ir.values import Value
from fairwf.native import NativeEngine
from fairwf.report import Diagnostic, Report
from fairwf.trace import Run

_VERSION = re.compile(rb"""(?m)^[ \t]*["']?cwlVersion["']?\s*:\s*["']?(v1\.|draft-|cwl:)""")
_QUOTED = re.compile(rb"""["']cwlVersion["']\s*:\s*["'](v1\.|draft-|cwl:)""")
_CLASS = re.compile(
    rb"""(?m)^[ \t]*["']?class["']?\s*:\s*["']?(CommandLineTool|ExpressionTool|Operation)\b"""
)

_TOP = re.compile(_CLASS.pattern.replace(rb"^[ \t]*", rb"^"))
_PROCESS = re.compile(
    rb"""["']?class["']?\s*:\s*["']?(CommandLineTool|ExpressionTool|Operation|Workflow)\b"""
)


def _detect(source: Source) -> int:
    head = source.head
    if _VERSION.search(head) or _QUOTED.search(head):
        return 100 if _PROCESS.search(head) or b"$graph" in head else UNSURE
    if _CLASS.search(head):
        return 70 if head.lstrip()[:1] == b"{" or _TOP.search(head) else UNSURE
    tail = source.data[-4096:]
    if _PROCESS.search(head) and (_VERSION.search(tail) or _QUOTED.search(tail)):
        return 100
    return UNSURE if b"cwlVersion" in tail and b"class" in head else 0


def _read(source: Source, options: ReadOptions, report: Report) -> Document:
    from fairwf_cwl.read import read

    return read(source, options, report)


def _normalize(document: Document, report: Report, version: str | None = None) -> Document:
    from fairwf_cwl.write import normalize

    return normalize(document, report, version)


def _write(document: Document, options: WriteOptions, report: Report) -> Written:
    from fairwf_cwl.write import write

    return write(document, options, report)


def _capabilities(version: str | None) -> Capabilities:
    from fairwf_cwl.capabilities import capabilities

    return capabilities(version)


def _read_inputs(source: Source, document: Document, report: Report) -> Mapping[str, Value]:
    from fairwf_cwl.jobs import read_inputs

    return read_inputs(source, document, report)


def _amend(source: Source, document: Document, report: Report) -> Document:
    from fairwf_cwl.jobs import amended

    return amended(source, document, report)


def _write_inputs(document: Document, values: Mapping[str, Value]) -> bytes:
    from fairwf_cwl.jobs import write_inputs

    return write_inputs(document, values)


def _engine() -> NativeEngine | None:
    from fairwf_cwl.engine import find

    return find()


def _render_outputs(document: Document, outputs: Mapping[str, Value]) -> Any:
    from fairwf_cwl.outputs import render_outputs

    return render_outputs(document, outputs)


def _vocabularies(document: Document) -> Sequence[str]:
    from fairwf_cwl.vocabularies import vocabularies

    return vocabularies(document)


def _detect_trace(path: Path) -> int:
    from fairwf_cwl.cwlprov.detect import detect

    return detect(path)


def _read_trace(path: Path, report: Report) -> Run:
    from fairwf_cwl.cwlprov.read import read

    return read(path, report)


def _fix(data: bytes, found: Diagnostic) -> Sequence[Edit]:
    from fairwf_cwl.fixes import fix

    return fix(data, found)


def _rename_steps(source: Source, names: Mapping[str, str]) -> bytes | None:
    from fairwf_cwl.rename import rename_steps

    return rename_steps(source, names)


def _lint(source: Source) -> tuple[Remark, ...]:
    from fairwf_cwl.lint import lint

    return lint(source)


CONVERTER = Converter(
    name="cwl",
    title="Common Workflow Language",
    versions=("v1.0", "v1.1", "v1.2", "v1.3.0-dev1"),
    suffix=".cwl",
    media_type="application/cwl",
    language_iri="https://w3id.org/workflowhub/workflow-ro-crate#cwl",
    detect=_detect,
    read=_read,
    normalize=_normalize,
    write=_write,
    splits=True,
    capabilities=_capabilities,
    read_inputs=_read_inputs,
    write_inputs=_write_inputs,
    amend=_amend,
    render_outputs=_render_outputs,
    engine=_engine,
    vocabularies=_vocabularies,
    trace=TraceReader("cwlprov", "CWLProv research object", _detect_trace, _read_trace),
    fix=_fix,
    rename_steps=_rename_steps,
    linter=Linter("cwltool --validate", _lint, external=True),
    layout=Layout(
        main=("main.cwl", "workflow.cwl", "Workflow.cwl", "packed.cwl"),
        tests=("job.yml", "job.yaml", "job.json", "inputs.yml", "inputs.yaml", "inputs.json"),
    ),
    version_line=re.compile(r"""(?m)^[ {]*["']?cwlVersion["']?\s*:\s*["']?([\w.-]+)"""),
)
