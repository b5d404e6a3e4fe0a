"""JSON text to plain values of a known schema version, with the position of every fault."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Literal

import msgspec

from fairwf.formats import Source
from fairwf.ir.origins import Span
from fairwf.report import InvalidError, Report
from fairwf.source import SourceError, SourceList, SourceMap, load_json, span_of
from fairwf_wfformat.faults import Path, faults_of, misspelt
from fairwf_wfformat.schema import SCHEMAS

MOST_TOLD = 100
"""How many faults are told; a broken generator breaks every one of its tasks."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


_LARGE = re.compile(rb"[eE]\+?\d{3}|\d{300}")
"""What every number beyond the range of floats has in its text."""


class _DuplicateKeyError(ValueError):
    """A key stands twice in an object; the positioned loader says where."""


class Text:
    """A document's text; positions are looked up only when one is asked for."""

    def __init__(self, source: Source) -> None:
        self.file = source.name
        self._data = source.data
        self._positioned: Any = None
        self._tried = False

    def span(self, path: Path) -> Span:
        """Return where the value at a path stands; the first line where it cannot be told."""
        return span_of(self._tree(), path) or Span(self.file, 1, 1, 1, 2)

    def exact(self, path: Path) -> Span | None:
        """Return where the value at a path stands; None where there is none."""
        node = self._tree()
        for part in path[:-1]:
            try:
                node = node[part]
            except (LookupError, TypeError):
                return None
        last = path[-1]
        if isinstance(node, SourceMap) and isinstance(last, str) and last in node:
            return node.value_span(last)
        if isinstance(node, SourceList) and isinstance(last, int) and last < len(node):
            return node.item_span(last)
        return None

    def _tree(self) -> Any:
        if not self._tried:
            self._tried = True
            try:
                self._positioned = load_json(self._data.decode("utf-8-sig"), self.file)
            except SourceError:
                self._positioned = None
        return self._positioned

    def whole(self) -> Span:
        """Return the span of the whole text."""
        lines = self._data.count(b"\n") + 1
        return Span(self.file, 1, 1, lines, len(self._data) - self._data.rfind(b"\n"))

    def tell(
        self,
        report: Report,
        code: str,
        message: str,
        path: Path,
        hint: str | None = None,
        severity: Literal["error", "warning", "note"] | None = None,
    ) -> None:
        """Report a finding at a path."""
        span = self.span(path)
        report.add(code, message, span=span, hint=hint, severity=severity, file=self.file)


def parse(source: Source, report: Report) -> tuple[dict[str, Any], Text]:
    """Return the JSON object of a document that fits the schema of its version.

    Raises:
        InvalidError: no JSON, an unknown version, or the schema is broken; all faults are told.
    """
    text = Text(source)
    plain = _decode(source, text, report)
    if not isinstance(plain, dict):
        report.add("FWF1201", "a WfFormat document is an object", span=text.span(()))
        raise InvalidError(report)
    version = plain.get("schemaVersion")
    if not isinstance(version, str) or version not in SCHEMAS:
        _tell_version(plain, text, report)
        raise InvalidError(report)
    _validate(plain, SCHEMAS[version], text, report)
    return plain, text


def _tell_version(plain: dict[str, Any], text: Text, report: Report) -> None:
    known = ", ".join(sorted(SCHEMAS))
    if "schemaVersion" not in plain:
        hint = misspelt("schemaVersion", plain, ("workflow", "name"))
        text.tell(report, "FWF1201", "the key 'schemaVersion' is missing", (), hint)
        return
    shown = repr(plain["schemaVersion"])[:60]
    message = f"schemaVersion {shown} cannot be read"
    text.tell(report, "FWF1202", message, ("schemaVersion",), f"known: {known}")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise _DuplicateKeyError
    return whole


class _Numbers:
    """Hooks that refuse numbers which a float cannot hold, as they would be lost in silence."""

    def __init__(self, text: str) -> None:
        self.text = text

    def constant(self, name: str) -> Any:
        found = re.search(rf"[:\[,]\s*({name})", self.text)
        place = found.start(1) if found else 0
        raise json.JSONDecodeError(f"{name} is no JSON number", self.text, place)

    def real(self, digits: str) -> float:
        value = float(digits)
        if math.isinf(value):
            place = self.text.find(digits)
            message = f"{digits:.40} is beyond the range of 64-bit floats"
            raise json.JSONDecodeError(message, self.text, place)
        return value


def _decode(source: Source, text: Text, report: Report) -> Any:
    try:
        characters = source.data.decode("utf-8-sig")
        numbers = _Numbers(characters)
        plain = json.loads(
            characters,
            object_pairs_hook=_pairs,
            parse_constant=numbers.constant,
            parse_float=numbers.real if _LARGE.search(source.data) else None,
        )
        if _SURROGATE.search(source.data):
            json.dumps(plain, ensure_ascii=False).encode()
        return plain
    except UnicodeEncodeError:
        report.add("FWF1003", "a text holds half of a surrogate pair", file=source.name)
    except UnicodeDecodeError as error:
        line = source.data.count(b"\n", 0, error.start) + 1
        span = Span(source.name, line, 1, line, 2)
        report.add("FWF1003", "not a text in UTF-8", span=span)
    except _DuplicateKeyError:
        _tell_duplicate(source, report)
    except json.JSONDecodeError as error:
        span = Span(source.name, error.lineno, error.colno, error.lineno, error.colno + 1)
        report.add("FWF1004", f"broken JSON: {error.msg}", span=span)
    except RecursionError:
        report.add("FWF1009", "nested too deeply", file=source.name)
    except ValueError as error:
        report.add("FWF1004", f"broken JSON: {error}", file=source.name)
    raise InvalidError(report)


def _tell_duplicate(source: Source, report: Report) -> None:
    try:
        load_json(source.data.decode("utf-8-sig"), source.name)
    except SourceError as error:
        report.add("FWF1004", error.message, span=error.span, hint=error.hint)
    else:
        report.add("FWF1004", "a key stands twice in one object", file=source.name)


def _validate(plain: dict[str, Any], schema: Any, text: Text, report: Report) -> None:
    try:
        msgspec.convert(plain, schema)
        return
    except msgspec.ValidationError as error:
        quick = str(error)
    count = 0
    for fault in faults_of(plain, schema):
        count += 1
        if count <= MOST_TOLD:
            text.tell(report, "FWF1201", fault.message, fault.path, fault.hint)
    if count > MOST_TOLD:
        report.add("FWF1201", f"and {count - MOST_TOLD} more faults", file=text.file)
    if not count:
        report.add("FWF1201", quick, file=text.file)
    raise InvalidError(report)
