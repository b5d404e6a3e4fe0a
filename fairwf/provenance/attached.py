"""Executions that a crate keeps in N-Quads files beside its metadata (runs of very many tasks)."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from fairwf import contexts
from fairwf.entities.reading import values
from fairwf.provenance.crates import CrateMetadata, crate_base
from fairwf.provenance.rdf import oxigraph
from fairwf.report import InvalidError

if TYPE_CHECKING:
    import pyoxigraph

N_QUADS = "https://www.w3.org/TR/n-quads/"
BASE_PROPERTY = "https://www.w3.org/TR/json-ld11/#base-iri"
_MOST_RATIO = 200
_SPARE = 64 * 1024 * 1024
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_XSD = "http://www.w3.org/2001/XMLSchema#"


def base_of(crate: CrateMetadata) -> str:
    """Return the IRI that a crate's ids are resolved against: the one that its files name."""
    for entity in crate.entities.values():
        if entity.get("propertyID") == BASE_PROPERTY:
            value = entity.get("value")
            if isinstance(value, str) and value.startswith("arcp://") and value.endswith("/"):
                return value
    return crate_base(crate.metadata)


def attached_files(crate: CrateMetadata) -> list[str]:
    """Return the ids of the N-Quads files that tell more about actions of a crate."""
    return [
        identifier
        for identifier, entity in crate.entities.items()
        if entity.get("about") and {"@id": N_QUADS} in values(entity.get("encodingFormat"))
    ]


def attached_quads(crate: CrateMetadata) -> Iterator[pyoxigraph.Quad]:
    """Yield what the files of a crate say.

    Raises:
        InvalidError: a file is damaged (FWF5001), or unpacks to far more than it holds (FWF5006).
        EnvironmentFault: pyoxigraph is not installed.
    """
    library = oxigraph()
    for identifier in attached_files(crate):
        with crate.open(identifier) as packed:
            stream = _Bounded(packed, f"{crate.name}/{identifier}")
            try:
                yield from library.parse(cast(Any, stream), format=library.RdfFormat.N_QUADS)
            except (SyntaxError, EOFError, zlib.error, OSError) as error:
                raise InvalidError.of(
                    "FWF5001", f"is no gzipped N-Quads file: {error}", file=stream.name
                ) from None


def with_attached(crate: CrateMetadata) -> Mapping[str, Mapping[str, Any]]:
    """Return the entities of a crate, with those of its files, under the names of its context.

    Raises:
        InvalidError, EnvironmentFault: as :func:`attached_quads`.
    """
    if not attached_files(crate):
        return crate.entities
    base = base_of(crate)
    names = {iri: term for term, iri in _terms().items()}
    found: dict[str, dict[str, Any]] = {}
    for quad in attached_quads(crate):
        subject = _local(str(getattr(quad.subject, "value", quad.subject)), base)
        entity = found.setdefault(subject, {"@id": subject})
        predicate = quad.predicate.value
        if predicate == _TYPE:
            kind = str(getattr(quad.object, "value", quad.object))
            _add(entity, "@type", names.get(kind, kind))
        else:
            _add(entity, names.get(predicate, predicate), _value(quad.object, base))
    for identifier, stated in crate.entities.items():
        known = found.setdefault(identifier, {"@id": identifier})
        for key, value in stated.items():
            for each in values(value) if key != "@id" else ():
                _add(known, key, each)
    return found


def _terms() -> dict[str, str]:
    places = (contexts.ro_crate("1.3"), contexts.ro_crate("1.1"), contexts.WORKFLOW_RUN)
    return {term: iri for place in places for term, iri in contexts.terms(place).items()}


def _add(entity: dict[str, Any], key: str, value: Any) -> None:
    values = entity.setdefault(key, [])
    if value not in values[:64]:  # what is large came from one place, where nothing stands twice
        values.append(value)


def _value(term: Any, base: str) -> Any:
    datatype = getattr(term, "datatype", None)
    if datatype is None:
        return {"@id": _local(str(getattr(term, "value", term)), base)}
    kind = datatype.value.removeprefix(_XSD)
    if kind == "integer":
        return int(term.value)
    if kind == "double":
        return float(term.value)
    return term.value == "true" if kind == "boolean" else term.value


def _local(iri: str, base: str) -> str:
    return iri[len(base) :] or "./" if iri.startswith(base) else iri


class _Bounded(io.RawIOBase):
    """What a gzip file holds, as long as it is not a bomb."""

    def __init__(self, packed: BinaryIO, name: str) -> None:
        self.name = name
        self._packed = _Counted(packed)
        self._unpacked = gzip.GzipFile(fileobj=cast(BinaryIO, self._packed), mode="rb")
        self._given = 0

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next octets.

        Raises:
            InvalidError: they are far more than what they were made of.
        """
        data = self._unpacked.read(65536 if size < 0 else size)
        self._given += len(data)
        if self._given > _SPARE + _MOST_RATIO * self._packed.count:
            raise InvalidError.of(
                "FWF5006", f"unpacks to more than {_MOST_RATIO} times its size", file=self.name
            )
        return data


class _Counted:
    """A stream that counts what is read of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next octets."""
        data = self._stream.read(size)
        self.count += len(data)
        return data
