"""PROV-JSON (W3C member submission, 2013) as far as CWLProv uses it, bounded and untrusting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairwf.formats import read_file
from fairwf.report import InvalidError
from fairwf.trace.numbers import finite

Attributes = Mapping[str, Any]


class ProvDocument:
    """One PROV document: records by kind, attributes of records that are told twice together."""

    def __init__(self, plain: Any, file: str) -> None:
        if not isinstance(plain, dict):
            raise InvalidError.of("FWF1802", "is no PROV-JSON: no object", file=file)
        self._plain = plain
        found = plain.get("prefix")
        self._prefixes = found if isinstance(found, dict) else {}
        self._nodes: dict[str, dict[str, dict[str, list[Any]]]] = {}
        self._relations: dict[tuple[str, str], dict[str, list[tuple[str, Attributes]]]] = {}

    @classmethod
    def read(cls, path: Path) -> ProvDocument:
        """Return the document in a file.

        Raises:
            InvalidError: it cannot be read, or is no PROV-JSON.
        """
        try:
            return cls(msgspec.json.decode(read_file(path)), str(path))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidError.of("FWF1802", f"is no JSON: {error}", file=str(path)) from None

    def nodes(self, kind: str) -> dict[str, dict[str, list[Any]]]:
        """Return the records of a kind by id, each attribute with all its values."""
        if kind in self._nodes:
            return self._nodes[kind]
        found = self._nodes.setdefault(kind, {})
        for identifier, attributes in self.records(kind):
            node = found.setdefault(identifier, {})
            for name, value in attributes.items():
                values = value if isinstance(value, list) else [value]
                node.setdefault(name, []).extend(values)
        return found

    def records(self, kind: str) -> Iterator[tuple[str, Attributes]]:
        """Yield the records of a kind in their order."""
        section = self._plain.get(kind)
        for identifier, value in section.items() if isinstance(section, dict) else ():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    yield identifier, each

    def relations(self, kind: str, subject: str, of: str) -> list[Attributes]:
        """Return the relations of a kind that are about something, in their order."""
        return [attributes for _, attributes in self.named_relations(kind, subject, of)]

    def named_relations(self, kind: str, subject: str, of: str) -> list[tuple[str, Attributes]]:
        """Return the relations of a kind that are about something, with their ids."""
        return self.by_subject(kind, subject).get(of, [])

    def by_subject(self, kind: str, subject: str) -> dict[str, list[tuple[str, Attributes]]]:
        """Return the relations of a kind, with their ids, by what they are about."""
        if (kind, subject) not in self._relations:
            found: dict[str, list[tuple[str, Attributes]]] = defaultdict(list)
            for identifier, attributes in self.records(kind):
                if (name := text(attributes.get(subject))) is not None:
                    found[name].append((identifier, attributes))
            self._relations[kind, subject] = dict(found)
        return self._relations[kind, subject]

    def iri(self, name: str) -> str:
        """Return the IRI of a prefixed name; the name itself where the prefix is unknown."""
        prefix, separator, rest = name.partition(":")
        base = self._prefixes.get(prefix)
        return f"{base}{rest}" if separator and isinstance(base, str) else name


def about(document: ProvDocument, kind: str, activity: str) -> list[Attributes]:
    """Return the relations of a kind that an activity has."""
    return document.relations(kind, "prov:activity", activity)


def text(value: Any) -> str | None:
    """Return a text, or the text of a typed value."""
    found = plain(value)
    return found if isinstance(found, str) else None


def texts(values: Any) -> list[str]:
    """Return the texts among the values of an attribute."""
    return [t for value in values or () if (t := text(value)) is not None]


def plain(value: Any) -> Any:
    """Return a PROV-JSON value as a Python value: typed numbers as numbers."""
    if not isinstance(value, dict):
        return value
    found, kind = value.get("$"), str(value.get("type", "")).rpartition(":")[2]
    if not isinstance(found, str):
        return found
    try:
        if kind in ("int", "integer", "long"):
            return int(found)
        if kind in ("double", "float", "decimal"):
            return finite(float(found))
    except ValueError:
        return found
    return found == "true" if kind == "boolean" else found
