"""Provenance as W3C PROV: of a run record or of a run crate, in every form, and questions to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fairwf.provenance.crates import CrateMetadata, provenance_of_crate
from fairwf.provenance.lineage import Answer, Lineage
from fairwf.provenance.model import Provenance
from fairwf.provenance.prov_forms import prov_json, prov_n
from fairwf.provenance.query import Table
from fairwf.provenance.query import query as _query
from fairwf.provenance.rdf import rdf_graph, serialize
from fairwf.provenance.runs import provenance_of_run
from fairwf.report import UsageFault
from fairwf.source import did_you_mean
from fairwf.trace import Run

if TYPE_CHECKING:
    import rdflib

__all__ = ["FORMATS", "Answer", "Lineage", "Table", "graph", "prov", "provenance", "query"]

_FORMS: Mapping[str, Callable[[Provenance], bytes]] = {
    "turtle": lambda told: serialize(told, "turtle"),
    "nquads": lambda told: serialize(told, "nquads"),
    "json-ld": lambda told: serialize(told, "json-ld"),
    "prov-json": prov_json,
    "prov-n": prov_n,
}

FORMATS = tuple(_FORMS)
"""What provenance can be written as."""


def provenance(source: Run | CrateMetadata) -> Provenance:
    """Return the provenance of a run record, or what an open crate tells."""
    return provenance_of_run(source) if isinstance(source, Run) else provenance_of_crate(source)


def prov(source: Run | CrateMetadata, to: str = "turtle") -> bytes:
    """Return the provenance of a run or crate in a form of :data:`FORMATS`.

    Raises:
        UsageFault: the form is unknown.
        EnvironmentFault: pyoxigraph is not installed (for RDF).
    """
    if to not in _FORMS:
        raise UsageFault.of(
            "FWF9001",
            f"unknown form {to!r:.40} of provenance",
            hint=f"{did_you_mean(to, FORMATS) or ''} known: {', '.join(FORMATS)}".strip(),
        )
    return _FORMS[to](provenance(source))


def graph(source: Run | CrateMetadata) -> rdflib.Graph:
    """Return the provenance of a run or crate (PROV-O) as a graph of rdflib.

    Raises:
        EnvironmentFault: rdflib or pyoxigraph is not installed.
    """
    return rdf_graph(provenance(source))


def query(source: Run | CrateMetadata, sparql: str) -> Table | bool | bytes:
    """Return the answer to a SPARQL query over a run or crate; see :mod:`fairwf.provenance.query`.

    Raises:
        UsageFault: the query is malformed, or wants something from a network.
        EnvironmentFault: pyoxigraph is not installed.
    """
    crate = None if isinstance(source, Run) else source
    return _query(provenance(source), sparql, crate)
