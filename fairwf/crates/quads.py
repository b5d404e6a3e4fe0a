"""Entities as N-Quads, one after another in constant memory.

The triples are those that JSON-LD 1.1 gives for the same entities (in the default graph): terms
have the IRIs of the crate's context, ids are resolved against a base.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any, BinaryIO, Self

from fairwf import contexts

_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_MOST_SEEN = 20_000
_MOST_LINES = 1000
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ESCAPED = re.compile(r'[\x00-\x1f"\\\x7f]')
_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_NAMES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class QuadWriter:
    """Writes entities to a gzip file whose octets depend on them alone.

    An entity that was written lately is left out; in N-Quads, to write it again says the same.
    """

    def __init__(self, stream: BinaryIO, terms: Mapping[str, str], base: str) -> None:
        self._file = gzip.GzipFile("", "wb", 3, stream, mtime=0)
        self._terms = {term: f"<{iri}>" for term, iri in terms.items()}
        self._base = base
        self._seen: set[str] = set()
        self._lines: list[str] = []
        self.quads = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def once(self, entity: Mapping[str, Any], key: str | None = None) -> None:
        """Write an entity, unless one of this key (by default its id) was written lately."""
        key = entity["@id"] if key is None else key
        if key in self._seen:
            return
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(key)
        self.add(entity)

    def add(self, entity: Mapping[str, Any]) -> None:
        """Write an entity.

        Raises:
            KeyError: it has a term that the context lacks.
        """
        subject = self._node(entity["@id"])
        types = entity.get("@type", ())
        for name in (types,) if isinstance(types, str) else types:
            self._line(f"{subject} <{_TYPE}> {self._terms[name]} .\n")
        for key, value in entity.items():
            if key[0] == "@" or value is None:
                continue
            start = f"{subject} {self._terms[key]} "
            for item in value if isinstance(value, (list, tuple)) else (value,):
                self._line(f"{start}{self._object(item)} .\n")

    def _line(self, line: str) -> None:
        self.quads += 1
        self._lines.append(line)
        if len(self._lines) >= _MOST_LINES:
            self._flush()

    def close(self) -> None:
        """Write the end."""
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        self._file.write("".join(self._lines).encode("utf-8", "replace"))
        self._lines.clear()

    def _node(self, identifier: str) -> str:
        if identifier[0] == "#" or not _SCHEME.match(identifier):
            identifier = self._base + identifier.removeprefix("./")
        return f"<{_NO_IRI.sub(_hex, identifier)}>"

    def _object(self, value: Any) -> str:
        if isinstance(value, Mapping):
            return self._node(value["@id"]) if "@id" in value else _literal(value["@value"])
        return _literal(value)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return f'"{str(value).lower()}"^^<{_XSD}boolean>'
    if isinstance(value, float):
        if math.isfinite(value) and value == int(value) and abs(value) < 1e21:
            return f'"{int(value)}"^^<{_XSD}integer>'
        return f'"{_double(value)}"^^<{_XSD}double>'
    if isinstance(value, int):
        return f'"{value}"^^<{_XSD}integer>'
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _double(value: float) -> str:
    """Return the canonical form of xsd:double that JSON-LD 1.1 prescribes (section 8.6)."""
    mantissa, exponent = f"{value:.15E}".split("E")
    digits = mantissa.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"


def _escape(match: re.Match[str]) -> str:
    return _NAMES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def _hex(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"


def terms(context: list[str]) -> dict[str, str]:
    """Return the terms of a crate's contexts, later ones over earlier ones."""
    return {term: iri for url in context for term, iri in contexts.terms(url).items()}
