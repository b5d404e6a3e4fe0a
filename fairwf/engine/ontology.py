"""Whether a file's format is a kind of another (CWL v1.2 "Process.inputs", ``format``).

Formats are IRIs of classes. What is a subclass of what, and which classes are the same, is read
from the ontologies that the document names, where they are files of this machine, and for EDAM
from the package ``edam-ontology``. Nothing is read before two IRIs differ, and nothing is fetched.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from fairwf.document import Document
from fairwf.edam import EDAM, is_kind_of, reaches
from fairwf.formats import converters
from fairwf.report import Report
from fairwf.source import document_tree, in_tree

MAX_BYTES = 64 * 1024 * 1024
"""The largest ontology that is read."""

_SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
_EQUIVALENT = "http://www.w3.org/2002/07/owl#equivalentClass"
_SYNTAX = {
    ".owl": "RDF_XML",
    ".rdf": "RDF_XML",
    ".xml": "RDF_XML",
    ".ttl": "TURTLE",
    ".n3": "N3",
    ".nt": "N_TRIPLES",
    ".jsonld": "JSON_LD",
}


class FormatKinds:
    """The formats that some ontologies know.

    ``folder`` is that of the document, whose format says what ontologies it names. What cannot be
    used of them is noted in the report, once.
    """

    def __init__(self, document: Document, folder: Path, report: Report) -> None:
        self._document = document
        self._folder = folder
        self._report = report
        self._above: dict[str, set[str]] | None = None

    def fits(self, found: str, wanted: str) -> bool:
        """Tell whether a format is the wanted one, the same by another name, or a kind of it."""
        if found == wanted:
            return True
        if self._above is None:
            self._above = self._read()
        if reaches(self._above, found, wanted):
            return True
        if not (found.startswith(EDAM) and wanted.startswith(EDAM)):
            return False
        return is_kind_of(found, wanted)

    def _read(self) -> dict[str, set[str]]:
        above: dict[str, set[str]] = defaultdict(set)
        found = converters().get(self._document.format or "")
        said = found.vocabularies(self._document) if found and found.vocabularies else ()
        for place in said:
            for kind, other, same in self._statements(place):
                above[kind].add(other)
                if same:
                    above[other].add(kind)
        return above

    def _statements(self, place: str) -> Iterator[tuple[str, str, bool]]:
        """The classes above classes, and whether both are the same."""
        if "://" in place:
            if not place.startswith(EDAM):
                self._unread(place, "is on a network; nothing is fetched", "name a local copy")
            return
        path = Path(os.path.normpath(self._folder / place))
        if place.startswith("/") or not in_tree(path, document_tree(self._folder)):
            self._unread(place, "it leaves the document's folders", None)
            return
        syntax = _SYNTAX.get(path.suffix.lower())
        try:
            if syntax is None:
                raise ValueError(f"no syntax of RDF has the suffix {path.suffix!r:.20}")
            if path.stat().st_size > MAX_BYTES:
                raise ValueError(f"larger than {MAX_BYTES} bytes")
            yield from _triples(path, syntax)
        except ImportError:
            self._unread(place, "pyoxigraph is not installed", "pip install 'fairwf[formats]'")
        except (OSError, ValueError, SyntaxError) as error:
            self._unread(place, str(error), None)

    def _unread(self, place: str, why: str, hint: str | None) -> None:
        self._report.add("FWF4019", f"the ontology {place!r:.200} is not used: {why}", hint=hint)


def _triples(path: Path, syntax: str) -> Sequence[tuple[str, str, bool]]:
    import pyoxigraph

    found = []
    with path.open("rb") as stream:
        base = path.absolute().as_uri()
        format = getattr(pyoxigraph.RdfFormat, syntax)
        for quad in pyoxigraph.parse(stream, format=format, base_iri=base):
            predicate = quad.predicate.value
            if predicate not in (_SUBCLASS, _EQUIVALENT):
                continue
            ends = quad.subject, quad.object
            if all(isinstance(end, pyoxigraph.NamedNode) for end in ends):
                found.append((ends[0].value, ends[1].value, predicate == _EQUIVALENT))
    return found
