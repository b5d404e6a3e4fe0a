"""Values of CWLProv: entities of PROV and CWL objects as literals of the IR.

A file's octets lie under the name of their SHA-1 in ``data/``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from fairwf.ir.expressions import Array, Directory, Expr, File, NoneLit, Record, StringLit
from fairwf.ir.values import to_literal
from fairwf.report import InvalidError
from fairwf.trace.whereabouts import with_original
from fairwf_cwl.cwlprov.prov_json import ProvDocument, plain, text, texts

_SHA1 = re.compile(r"[0-9a-f]{40}\Z")
_UUID = re.compile(r"urn:uuid:([0-9a-f-]{36})\Z")
_DEEPEST = 40
_MOST_VALUES = 10_000_000
"""How many values, those inside of others among them, a research object may tell of."""


class Data:
    """The files of a research object."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._left = _MOST_VALUES

    def take(self, count: int) -> None:
        """Count values that are told of.

        Raises:
            InvalidError: they are more than any run has: entities that hold each other.
        """
        self._left -= count
        if self._left < 0:
            raise InvalidError.of(
                "FWF1009", f"more than {_MOST_VALUES} values", file=str(self._root)
            )

    def file(self, sha1: str, name: str | None, others: Sequence[File | Directory] = ()) -> File:
        """Return the file with a checksum; its size is that of the octets that are there."""
        path = self._root / "data" / sha1[:2] / sha1
        known = path.is_file() and not path.is_symlink()
        return File(
            location=str(path),
            basename=name or sha1,
            size=path.stat().st_size if known else None,
            checksum=f"sha1${sha1}",
            secondary=tuple(others),
        )


class Entities:
    """The entities of a PROV document as values."""

    def __init__(self, document: ProvDocument, data: Data) -> None:
        self._data = data
        self._values: dict[str, tuple[Expr | None, int]] = {}
        self._count = 0
        self._nodes = document.nodes("entity")
        self._members = {
            whole: list(dict.fromkeys(m for _, r in found if (m := text(r.get("prov:entity")))))
            for whole, found in document.by_subject("hadMember", "prov:collection").items()
        }
        self._general = {
            special: name
            for special, found in document.by_subject(
                "specializationOf", "prov:specificEntity"
            ).items()
            for _, each in found
            if (name := text(each.get("prov:generalEntity"))) is not None
        }
        self._secondary = {
            main: [m for _, r in found if (m := text(r.get("prov:generatedEntity"))) is not None]
            for main, found in document.by_subject("wasDerivedFrom", "prov:usedEntity").items()
        }

    def value(self, identifier: str) -> Expr | None:
        """Return the value that an entity is; None where the document does not say it.

        Raises:
            InvalidError: there are too many, or they nest too deep.
        """
        before = self._count
        found = self._value(identifier, 0)
        self._data.take(self._count - before)
        return found

    def _value(self, identifier: str, depth: int) -> Expr | None:
        """Return a value, made once, and count it with what is in it."""
        if depth > _DEEPEST:
            raise InvalidError.of("FWF1009", "its values nest too deep", file=identifier)
        before = self._count
        if identifier not in self._values:
            self._values[identifier] = None, 1  # what an entity finds that holds itself
            found = self._made(identifier, depth)
            self._values[identifier] = found, self._count - before + 1
        found, size = self._values[identifier]
        self._count = before + size
        return found

    def _made(self, identifier: str, depth: int) -> Expr | None:
        node = self._nodes.get(identifier, {})
        types = set(texts(node.get("prov:type")))
        if identifier == "cwlprov:None":
            return NoneLit()
        if (sha1 := self._sha1(self._general.get(identifier))) is not None:
            names = texts(node.get("cwlprov:basename"))
            found = [
                self._value(n, depth + 1)
                for n in dict.fromkeys(self._secondary.get(identifier, ()))
            ]
            others = [each for each in found if isinstance(each, (File, Directory))]
            file = self._data.file(sha1, names[0] if names else None, others)
            return with_original(file, identifier)
        if "prov:value" in node:
            first = plain(node["prov:value"][0])
            return to_literal(first) if isinstance(first, (str, int, float, bool)) else None
        if (sha1 := self._sha1(identifier)) is not None:
            return self._data.file(sha1, None)
        if "ro:Folder" in types:
            return self._folder(identifier, node, depth)
        if "prov:Dictionary" in types:
            return Record(fields=self._pairs(node, depth))
        if "prov:Collection" in types:
            items = [self._value(name, depth + 1) for name in self._members.get(identifier, ())]
            return Array(items=tuple(item for item in items if item is not None))
        labels = texts(node.get("prov:label"))
        return StringLit(value=labels[0]) if labels else None

    def _sha1(self, name: str | None) -> str | None:
        kind, _, rest = (name or "").partition(":")
        return rest if kind == "data" and _SHA1.match(rest) else None

    def _folder(self, identifier: str, node: Mapping[str, list[Any]], depth: int) -> Directory:
        names = texts(node.get("cwlprov:basename"))
        found = self._pairs(node, depth)
        entries = [
            _named(value, name)
            for name, value in found.items()
            if isinstance(value, (File, Directory))
        ]
        name = names[0] if names else identifier.rpartition(":")[2]
        return Directory(location=None, basename=name, listing=tuple(entries))

    def _pairs(self, node: Mapping[str, list[Any]], depth: int) -> dict[str, Expr]:
        found: dict[str, Expr] = {}
        for member in texts(node.get("prov:hadDictionaryMember")):
            pair = self._nodes.get(member, {})
            keys, of = texts(pair.get("prov:pairKey")), texts(pair.get("prov:pairEntity"))
            value = self._value(of[0], depth + 1) if keys and of else None
            if value is not None:
                found[keys[0]] = value
        return found


def _named(value: File | Directory, name: str) -> File | Directory:
    return msgspec.structs.replace(value, basename=name)


def created(value: Expr, time: str | None) -> Expr:
    """Return a value whose files, if it is one or an array of them, say when they were made."""
    if time is None:
        return value
    if isinstance(value, Array):
        return Array(items=tuple(created(item, time) for item in value.items))
    if isinstance(value, File):
        own = {**value.extensions.get("fairwf", {}), "created": time}
        return msgspec.structs.replace(value, extensions={"fairwf": own})
    return value


def of_object(plain_value: Any, data: Data, depth: int = 0) -> Expr:
    """Return a value of a CWL job or output object (``primary-job.json``) as a literal.

    Raises:
        ValueError: it nests too deep.
    """
    if depth > _DEEPEST:
        raise ValueError("nests too deep")
    if isinstance(plain_value, list):
        return Array(items=tuple(of_object(item, data, depth + 1) for item in plain_value))
    if not isinstance(plain_value, dict):
        return to_literal(plain_value)
    kind = plain_value.get("class")
    name = plain_value.get("basename")
    basename = name if isinstance(name, str) else None
    if kind == "Directory":
        listed = plain_value.get("listing")
        entries = [of_object(e, data, depth + 1) for e in _list(listed)]
        kept = tuple(entry for entry in entries if isinstance(entry, (File, Directory)))
        return Directory(basename=basename or "directory", listing=kept)
    if kind == "File":
        return _file(plain_value, basename, data, depth)
    members = {k: v for k, v in plain_value.items() if k != "@id"}
    return Record(fields={str(k): of_object(v, data, depth + 1) for k, v in members.items()})


def _file(node: Mapping[str, Any], name: str | None, data: Data, depth: int) -> Expr:
    others = node.get("secondaryFiles")
    found = [of_object(e, data, depth + 1) for e in _list(others)]
    beside = [each for each in found if isinstance(each, (File, Directory))]
    checksum, contents = node.get("checksum"), node.get("contents")
    sha1 = checksum.partition("$")[2] if isinstance(checksum, str) else ""
    if not _SHA1.match(sha1):
        sha1 = str(node.get("location", "")).rpartition("/")[2]
    if _SHA1.match(sha1):
        entity = _UUID.match(str(node.get("@id", "")))
        file = data.file(sha1, name, beside)
        file = with_original(file, f"id:{entity[1]}" if entity else None)
    else:
        literal = contents if isinstance(contents, str) else None
        file = File(basename=name, contents=literal, secondary=tuple(beside))
    stated = node.get("format")
    size = node.get("size")
    return msgspec.structs.replace(
        file,
        format=stated if isinstance(stated, str) else None,
        size=file.size if file.size is not None or not isinstance(size, int) else size,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
