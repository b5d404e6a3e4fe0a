"""Provenance as RDF: PROV-O in Turtle, N-Quads and JSON-LD; a crate's metadata as RDF."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fairwf import contexts
from fairwf.provenance.model import Link, Node, Provenance, Relation, Scalar
from fairwf.provenance.vocabulary import PREFIXES, expand
from fairwf.report import EnvironmentFault, InvalidError

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib

_QUALIFIED = {
    "used": ("qualifiedUsage", "Usage", "entity"),
    "wasGeneratedBy": ("qualifiedGeneration", "Generation", "activity"),
    "wasAssociatedWith": ("qualifiedAssociation", "Association", "agent"),
}
_KINDS = {"entity": "prov:Entity", "activity": "prov:Activity", "agent": "prov:Agent"}


def oxigraph() -> Any:
    """Return pyoxigraph.

    Raises:
        EnvironmentFault: it is not installed (FWF5003).
    """
    try:
        import pyoxigraph
    except ImportError:
        raise EnvironmentFault.of(
            "FWF5003", "pyoxigraph is not installed", hint="pip install 'fairwf[crates]'"
        ) from None
    return pyoxigraph


def triples(told: Provenance) -> Iterator[pyoxigraph.Triple]:
    """Yield the PROV-O triples of a provenance; nothing is a blank node.

    Raises:
        EnvironmentFault: pyoxigraph is not installed.
    """
    return _Triples().of(told)


def rdf_graph(told: Provenance) -> rdflib.Graph:
    """Return PROV-O as a graph of rdflib, for programs that work with one.

    With ``oxrdflib`` it lies in Oxigraph's store, which queries and writes many times faster;
    rdflib's own store holds it otherwise.

    Raises:
        EnvironmentFault: rdflib or pyoxigraph is not installed.
    """
    try:
        import rdflib
    except ImportError:
        raise EnvironmentFault.of(
            "FWF5003", "rdflib is not installed", hint="pip install 'fairwf[crates]'"
        ) from None
    library = oxigraph()
    graph = rdflib.Graph(store="Oxigraph" if find_spec("oxrdflib") else "default")
    written = library.serialize(triples(told), format=library.RdfFormat.N_TRIPLES)
    graph.parse(data=written, format="ox-nt" if find_spec("oxrdflib") else "nt")
    for prefix, iri in PREFIXES.items():
        graph.bind(prefix, iri)
    return graph


def serialize(told: Provenance, form: str) -> bytes:
    """Return PROV-O as ``turtle``, ``nquads`` or ``json-ld``.

    Raises:
        EnvironmentFault: pyoxigraph is not installed.
    """
    library = oxigraph()
    forms = {
        "turtle": library.RdfFormat.TURTLE,
        "nquads": library.RdfFormat.N_QUADS,
        "json-ld": library.RdfFormat.JSON_LD,
    }
    used = {name: iri for name, iri in PREFIXES.items() if name != "rdf"}
    prefixes = None if form == "nquads" else used
    written: bytes = library.serialize(triples(told), format=forms[form], prefixes=prefixes)
    return written


def crate_triples(metadata: bytes, base: str, name: str) -> Iterator[pyoxigraph.Quad]:
    """Yield the triples of a crate's metadata file, with our contexts in place of their URLs.

    ``name`` is what messages call the crate.

    Raises:
        InvalidError: it is no JSON-LD, or names a context that is not known (FWF5006).
        EnvironmentFault: pyoxigraph is not installed.
    """
    library = oxigraph()
    try:
        document = json.loads(metadata)
        document["@context"] = contexts.inline(document.get("@context"))
    except KeyError as error:
        raise InvalidError.of(
            "FWF5006", f"the context {error} is not known, and nothing is fetched", file=name
        ) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidError.of(
            "FWF5001", f"the metadata is no JSON-LD: {error}", file=name
        ) from None
    text = json.dumps(document)
    try:
        yield from library.parse(text, format=library.RdfFormat.JSON_LD, base_iri=base)
    except SyntaxError as error:
        raise InvalidError.of(
            "FWF5001", f"the metadata is no JSON-LD: {error}", file=name
        ) from None


class _Triples:
    def __init__(self) -> None:
        self._library = oxigraph()

    def _iri(self, name: str) -> pyoxigraph.NamedNode:
        return self._named(expand(name))

    def _named(self, iri: str) -> pyoxigraph.NamedNode:
        """Return a node; a crate of a stranger may have ids that are no IRIs: they are quoted."""
        node: pyoxigraph.NamedNode
        try:
            node = self._library.NamedNode(iri)
        except ValueError:
            node = self._library.NamedNode(f"urn:fairwf:no-iri:{quote(iri, safe='')}")
        return node

    def _triple(self, subject: str, predicate: str, object: Any) -> pyoxigraph.Triple:
        triple: pyoxigraph.Triple = self._library.Triple(
            self._named(subject), self._iri(predicate), object
        )
        return triple

    def of(self, told: Provenance) -> Iterator[pyoxigraph.Triple]:
        for node in told.nodes.values():
            yield from self._node(node)
        for number, relation in enumerate(told.relations):
            yield from self._relation(told.base, number, relation)

    def _node(self, node: Node) -> Iterator[pyoxigraph.Triple]:
        for name in (_KINDS[node.kind], *node.types):
            yield self._triple(node.id, "rdf:type", self._iri(name))
        yield self._triple(node.id, "rdfs:label", self._library.Literal(node.name))
        for predicate, time in (
            ("prov:startedAtTime", node.started),
            ("prov:endedAtTime", node.ended),
        ):
            if time is not None:
                yield self._triple(node.id, predicate, self._time(time))
        for predicate, values in node.attributes.items():
            for value in values:
                yield self._triple(node.id, predicate, self._value(value))

    def _time(self, text: str) -> Any:
        return self._library.Literal(text, datatype=self._iri("xsd:dateTime"))

    def _value(self, value: Scalar) -> Any:
        if isinstance(value, Link):
            return self._named(value.id)
        return self._library.Literal(value)

    def _relation(self, base: str, number: int, r: Relation) -> Iterator[pyoxigraph.Triple]:
        target = self._named(r.object)
        yield self._triple(r.subject, f"prov:{r.kind}", target)
        if r.kind in _QUALIFIED and (r.role or r.plan):
            by, name, influencer = _QUALIFIED[r.kind]
            qualified = f"{base}#{name.lower()}/{number + 1}"
            yield self._triple(r.subject, f"prov:{by}", self._named(qualified))
            yield self._triple(qualified, "rdf:type", self._iri(f"prov:{name}"))
            yield self._triple(qualified, f"prov:{influencer}", target)
            if r.plan:
                plan = self._named(r.plan)
                yield self._triple(qualified, "prov:hadPlan", plan)
            if r.role:
                role = _role(base, r.role)
                yield self._triple(qualified, "prov:hadRole", self._named(role))
                yield self._triple(role, "rdf:type", self._iri("prov:Role"))
                yield self._triple(role, "rdfs:label", self._library.Literal(r.role))


def _role(base: str, name: str) -> str:
    return f"{base}#role/{quote(name, safe='-._~')}"
