"""The Workflow Description Language, draft-2 and 1.0 to 1.2 (https://openwdl.org)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    WriteOptions,
    Written,
)
from fairwf.ir.values import Value
from fairwf.native import NativeEngine
from fairwf.report import Diagnostic, EnvironmentFault, Report

# Possessive, so that no text of strangers makes them try again and again.
_BEFORE = rb"\A(?:\s++|#[^\n]*+)*+"
_VERSION = re.compile(_BEFORE + rb"version\s+(?:draft-\d|\d+\.\d+|development)\s")
_FIRST = re.compile(
    _BEFORE + rb"(?:import\s+[\"'][^\"'\n]*[\"']|(?:task|workflow|struct)\s+\w+\s*\{)"
)
_PART = re.compile(rb"(?m)^[ \t]*+(?:command\s*(?:\{|<<<)|call\s+[\w.]+|runtime\s*\{)")


def _detect(source: Source) -> int:
    head = source.head
    if _VERSION.search(head):
        return 100
    if _FIRST.search(head):
        return 80 if _PART.search(head) else UNSURE
    return 0


def _read(source: Source, options: ReadOptions, report: Report) -> Document:
    _need("reading")
    from fairwf_wdl.read import read

    return read(source, options, report)


def _need(doing: str) -> None:
    try:
        import WDL  # noqa: F401 - says here whether it is there
    except ModuleNotFoundError as error:
        if error.name != "WDL":
            raise
        hint = "pip install 'fairwf[wdl]'"
        raise EnvironmentFault.of("FWF9002", f"{doing} WDL needs miniwdl", hint=hint) from None


def _normalize(document: Document, report: Report, version: str | None = None) -> Document:
    _need("writing")
    from fairwf_wdl.write.normalize import normalize

    return normalize(document, report, version)


def _write(document: Document, options: WriteOptions, report: Report) -> Written:
    _need("writing")
    from fairwf_wdl.write import write

    return write(document, options, report)


def _capabilities(version: str | None) -> Capabilities:
    from fairwf_wdl.write.capabilities import capabilities

    return capabilities(version)


def _read_inputs(source: Source, document: Document, report: Report) -> Mapping[str, Value]:
    from fairwf_wdl.jobs import read_inputs

    return read_inputs(source, document, report)


def _write_inputs(document: Document, values: Mapping[str, Value]) -> bytes:
    from fairwf_wdl.jobs import write_inputs

    return write_inputs(document, values)


def _engine() -> NativeEngine | None:
    from fairwf_wdl.engine import find

    return find()


def _render_outputs(document: Document, outputs: Mapping[str, Value]) -> Any:
    from fairwf_wdl.outputs import render_outputs

    return render_outputs(document, outputs)


def _fix(data: bytes, found: Diagnostic) -> Sequence[Edit]:
    from fairwf_wdl.fixes import fix

    return fix(data, found)


def _lint(source: Source) -> tuple[Remark, ...]:
    _need("checking")
    from fairwf_wdl.lint import lint

    return lint(source)


CONVERTER = Converter(
    name="wdl",
    title="Workflow Description Language",
    versions=("1.1", "1.2"),
    read_versions=("draft-2", "1.0", "1.1", "1.2"),
    suffix=".wdl",
    media_type="text/x-wdl",
    language_iri="https://w3id.org/workflowhub/workflow-ro-crate#wdl",
    detect=_detect,
    read=_read,
    normalize=_normalize,
    write=_write,
    capabilities=_capabilities,
    read_inputs=_read_inputs,
    write_inputs=_write_inputs,
    render_outputs=_render_outputs,
    fix=_fix,
    linter=Linter("miniwdl check", _lint),
    engine=_engine,
    layout=Layout(
        main=("main.wdl", "workflow.wdl"),
        tests=("inputs.json", "main.inputs.json", "test.json"),
    ),
    version_line=re.compile(r"\A(?:\s*(?:#.*)?\n)*\s*version\s+([\w.-]+)"),
)
