"""Diagnostics for other programs: SARIF 2.1.0, JUnit XML, GitHub workflow commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from fairwf.cli.diagnostics import printable
from fairwf.cli.examples_of_codes import examples_of
from fairwf.cli.outputs import CheckedFile
from fairwf.codes import CODES
from fairwf.formats import Edit
from fairwf.report import Diagnostic
from fairwf.version import VERSION

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif(
    diagnostics: Iterable[Diagnostic], edits: Mapping[Diagnostic, Sequence[Edit]] | None = None
) -> str:
    """Return a SARIF 2.1.0 log of one run; ``edits`` are what ``--fix`` would try."""
    found = list(diagnostics)
    codes = sorted({d.code for d in found})
    rules = [
        {
            "id": code,
            "name": "".join(word.capitalize() for word in CODES[code].title.split()),
            "shortDescription": {"text": CODES[code].title},
            "fullDescription": {"text": CODES[code].explanation},
            "help": _help(code),
            "defaultConfiguration": {"level": CODES[code].severity},
        }
        for code in codes
    ]
    driver = {"name": "fairwf", "semanticVersion": VERSION, "rules": rules}
    results = [_result(d, codes.index(d.code)) for d in found]
    for diagnostic, result in zip(found, results, strict=True):
        if edits and diagnostic in edits:
            result["fixes"] = _fixes(diagnostic, edits[diagnostic])
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _help(code: str) -> dict[str, str]:
    """Return what SARIF's viewers show of a rule: the explanation and both examples."""
    text = CODES[code].explanation
    shown = examples_of(code)
    if shown is None:
        return {"text": text}
    example = shown.render()
    return {"text": f"{text}\n\n{example}", "markdown": f"{text}\n\n```text\n{example}\n```"}


def _fixes(diagnostic: Diagnostic, edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """Return the edits that mend a finding (SARIF 2.1.0, section 3.55)."""
    replacements = [
        {
            "deletedRegion": {
                "startLine": edit.line,
                "startColumn": edit.column,
                "endLine": edit.end_line,
                "endColumn": edit.end_column,
            },
            "insertedContent": {"text": edit.text},
        }
        for edit in edits
    ]
    change = {"artifactLocation": {"uri": _uri(str(diagnostic.file))}, "replacements": replacements}
    text = diagnostic.hint or CODES[diagnostic.code].title
    return [{"description": {"text": text}, "artifactChanges": [change]}]


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    hint = f" Hint: {diagnostic.hint}" if diagnostic.hint else ""
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": diagnostic.message + hint},
    }
    if diagnostic.file is not None:
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(diagnostic.file)}}
        region = {
            "startLine": diagnostic.line,
            "startColumn": diagnostic.column,
            "endLine": diagnostic.end_line,
            "endColumn": diagnostic.end_column,
        }
        if diagnostic.line is not None:
            place["region"] = {key: value for key, value in region.items() if value is not None}
        result["locations"] = [{"physicalLocation": place}]
    extra = {"fate": diagnostic.fate, "path": diagnostic.path, "hint": diagnostic.hint}
    properties = {key: value for key, value in extra.items() if value is not None}
    if properties:
        result["properties"] = properties
    return result


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def junit(files: Sequence[CheckedFile]) -> str:
    """Return JUnit XML: a test case a file."""
    failed = sum(1 for f in files if f.status in ("invalid", "unsupported"))
    skipped = sum(1 for f in files if f.status == "unread")
    suite = ElementTree.Element(
        "testsuite", name="fairwf validate", tests=str(len(files)), failures=str(failed),
        errors="0", skipped=str(skipped),
    )  # fmt: skip
    for file in files:
        case = ElementTree.SubElement(suite, "testcase", name=_xml(file.file), classname="fairwf")
        text = "\n".join(_xml(str(diagnostic)) for diagnostic in file.diagnostics)
        if file.status in ("invalid", "unsupported"):
            first = next((d for d in file.diagnostics if d.severity == "error"), None)
            message = _xml(first.message) if first else "warnings count (--strict)"
            ElementTree.SubElement(case, "failure", message=message, type=file.status).text = text
        elif file.status == "unread":
            ElementTree.SubElement(case, "skipped", message=text or "no reader")
        elif text:
            ElementTree.SubElement(case, "system-out").text = text
    ElementTree.indent(suite)
    root = ElementTree.tostring(suite, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{root}'


def _xml(text: str) -> str:
    """Return a text without what XML 1.0 cannot say (section 2.2, Char)."""
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "�" or c > "\uffff" else "�"
        for c in text
    )


_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return GitHub workflow commands, one a line, that annotate the files of a change."""
    return "\n".join(_command(diagnostic) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    places = {
        "file": diagnostic.file,
        "line": diagnostic.line,
        "endLine": diagnostic.end_line,
        "col": diagnostic.column,
        "endColumn": diagnostic.end_column,
        "title": diagnostic.code,
    }
    shown = ",".join(
        f"{key}={_property(str(value))}" for key, value in places.items() if value is not None
    )
    hint = f"\nhint: {diagnostic.hint}" if diagnostic.hint else ""
    return f"::{_LEVELS[diagnostic.severity]} {shown}::{_data(diagnostic.message + hint)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
