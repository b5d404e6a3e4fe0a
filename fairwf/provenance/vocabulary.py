"""Namespaces and terms: PROV-O, P-Plan, ProvONE, wfprov, wfdesc."""

from __future__ import annotations

PREFIXES = {
    "prov": "http://www.w3.org/ns/prov#",
    "p-plan": "http://purl.org/net/p-plan#",
    "provone": "http://purl.dataone.org/provone/2015/01/15/ontology#",
    "wfprov": "http://purl.org/wf4ever/wfprov#",
    "wfdesc": "http://purl.org/wf4ever/wfdesc#",
    "schema": "http://schema.org/",
    "wfrun": "https://w3id.org/ro/terms/workflow-run#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def expand(name: str) -> str:
    """Return the IRI of a prefixed name; an IRI is returned as it is."""
    prefix, separator, rest = name.partition(":")
    return PREFIXES[prefix] + rest if separator and prefix in PREFIXES else name
