"""SPARQL over a run's provenance or a crate: its PROV-O triples, and the crate's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fairwf.ir.origins import Span
from fairwf.provenance.attached import attached_quads, base_of
from fairwf.provenance.crates import CrateMetadata
from fairwf.provenance.model import Provenance
from fairwf.provenance.rdf import crate_triples, oxigraph, triples
from fairwf.provenance.vocabulary import PREFIXES
from fairwf.report import InvalidError, UsageFault

# What a SPARQL text is made of (SPARQL 1.1, section 19), as far as it can hide the word SERVICE: a
# reading that errs says SERVICE. An escape is one character of a name; the first match counts.
_TOKEN = re.compile(
    r"""
      (?P<text> \"{3}(?:\"{0,2}(?:\\.|[^"\\]))*+\"{3} | '{3}(?:'{0,2}(?:\\.|[^'\\]))*+'{3}
      | "(?:\\.|[^"\\\n\r])*+" | '(?:\\.|[^'\\\n\r])*+' )
    | (?P<comment> \#[^\n\r]* )
    | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
    | (?P<variable> [?$]\w+ )
    | (?<![\w.-]) (?P<prefix> [\w.-]*+ ) : (?: [\w.:%-] | \\[_~.\-!$&'()*+,;=/?\#@%] )*
    | (?P<word> \w+ )
    | (?P<escape> \\ )
    """,
    re.VERBOSE | re.DOTALL,
)


def asks_network(sparql: str) -> bool:
    """Tell whether a SPARQL query may hold SERVICE, which would ask a network."""
    for token in _TOKEN.finditer(sparql):
        kind, text = token.lastgroup, token[0].lower()
        if kind == "escape":  # no query needs one outside of texts and names
            return True
        # "<" may be a comparison, and what follows no IRI: FILTER(?a<1)SERVICE#>
        if kind == "iri" and ")" in text and "service" in text:
            return True
        if kind == "prefix" and token["prefix"].lower().endswith("service"):
            return True
        if kind == "word" and "service" in text:
            return True
    return False


@dataclass(frozen=True)
class Table:
    """What a SELECT gives: names, and rows of texts (None: unbound)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


def query(
    told: Provenance, sparql: str, crate: CrateMetadata | None = None
) -> Table | bool | bytes:
    """Return the answer to a SPARQL 1.1 query: a table, a truth value (ASK), or N-Triples.

    The usual prefixes (``prov``, ``schema``, ``wfprov``, ``p-plan`` ...) need no declaration.

    Raises:
        UsageFault: the query is malformed, or wants something from a network.
        InvalidError: the crate's metadata is no JSON-LD.
        EnvironmentFault: pyoxigraph is not installed.
    """
    library = oxigraph()
    if asks_network(sparql):
        raise UsageFault.of(
            "FWF1007", "SERVICE asks a network, which fairwf does not", file="SPARQL"
        )
    store = library.Store()
    default = library.DefaultGraph()
    store.bulk_extend(
        library.Quad(t.subject, t.predicate, t.object, default) for t in triples(told)
    )
    if crate is not None:
        store.bulk_extend(crate_triples(crate.metadata, base_of(crate), crate.name))
        store.bulk_extend(attached_quads(crate))
    try:
        # In a crate, <#run> and <outputs/a.csv> are its own entities.
        base = base_of(crate) if crate is not None else told.base
        answer: Any = store.query(sparql, base_iri=base, prefixes=dict(PREFIXES))
        return _answer(library, answer)
    except SyntaxError as error:
        raise _malformed(sparql, str(error)) from None
    except (OSError, RuntimeError) as error:
        raise InvalidError.of("FWF5002", f"the query failed: {error}") from None


_PLACE = re.compile(r"\s*(?:error )?at (\d+):(\d+): ")
_WANTED = re.compile(r"""(?<=[ ,])(?:"[^"]+"|[A-Z][A-Z ]*)(?=,|$)""")


def _malformed(sparql: str, text: str) -> UsageFault:
    """Return what is wrong with a query: its place, what stands there, and what could."""
    match = _PLACE.search(text)
    if match is None or not sparql.strip():
        what = text if sparql.strip() else "it is empty"
        return UsageFault.of("FWF9001", f"the query is no SPARQL: {what}", file="SPARQL")
    line, column = int(match[1]), int(match[2])
    rest = sparql.split("\n")[line - 1][column - 1 :].strip()
    shown = f"{rest!r:.40} cannot stand here" if rest else "it ends too early"
    wanted = ", ".join(_WANTED.findall(text[match.end() :].replace("one of", "")))
    hint = f"what can: {wanted}" if wanted else None
    if "Prefix not found" in text:
        shown, hint = "the prefix is not known", "declare it: PREFIX name: <IRI>"
    span = Span("SPARQL", line, column, line, column + 1)
    return UsageFault.of("FWF9001", f"the query is no SPARQL: {shown}", span=span, hint=hint)


def _answer(library: Any, answer: Any) -> Table | bool | bytes:
    if isinstance(answer, library.QueryBoolean):
        return bool(answer)
    if isinstance(answer, library.QueryTriples):
        written: bytes = answer.serialize(format=library.RdfFormat.N_TRIPLES)
        return written
    columns = tuple(variable.value for variable in answer.variables)
    rows = tuple(
        tuple(None if solution[c] is None else _text(solution[c]) for c in columns)
        for solution in answer
    )
    return Table(columns, rows)


def _text(term: Any) -> str:
    value = getattr(term, "value", None)
    return value if isinstance(value, str) else str(term)
