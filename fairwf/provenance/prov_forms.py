"""PROV-JSON (W3C member submission, 2013) and PROV-N (W3C recommendation, 2013)."""

from __future__ import annotations

import json
from typing import Any

from fairwf.provenance.model import Link, Node, Provenance, Relation, Scalar
from fairwf.provenance.vocabulary import PREFIXES

_JSON_ENDS = {
    "used": ("prov:activity", "prov:entity"),
    "wasGeneratedBy": ("prov:entity", "prov:activity"),
    "wasAssociatedWith": ("prov:activity", "prov:agent"),
    "actedOnBehalfOf": ("prov:delegate", "prov:responsible"),
    "hadMember": ("prov:collection", "prov:entity"),
    "alternateOf": ("prov:alternate1", "prov:alternate2"),
    "wasAttributedTo": ("prov:entity", "prov:agent"),
}
_OMITTED = frozenset({"rdf", "xsd"})


class _Names:
    """Short names of nodes, ``id:n1``: qualified names allow few characters."""

    def __init__(self, told: Provenance) -> None:
        self._names = {id_: f"id:n{number}" for number, id_ in enumerate(told.nodes, 1)}
        self._told = told

    def __getitem__(self, identifier: str) -> str:
        return self._names.get(identifier, identifier)


def prov_json(told: Provenance) -> bytes:
    """Return PROV-JSON; ``prov:location`` holds each node's IRI."""
    names = _Names(told)
    document: dict[str, Any] = {"prefix": _prefixes(told)}
    for node in told.nodes.values():
        document.setdefault(node.kind, {})[names[node.id]] = _json_attributes(node, names)
    for number, relation in enumerate(told.relations, 1):
        one, other = _JSON_ENDS[relation.kind]
        body: dict[str, Any] = {one: names[relation.subject], other: names[relation.object]}
        if relation.role:
            body["prov:role"] = relation.role
        if relation.plan and relation.plan in told.nodes:
            body["prov:plan"] = names[relation.plan]
        document.setdefault(relation.kind, {})[f"_:r{number}"] = body
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def prov_n(told: Provenance) -> bytes:
    """Return PROV-N; ``prov:location`` holds each node's IRI."""
    names = _Names(told)
    lines = ["document"]
    lines += [f"  prefix {name} <{iri}>" for name, iri in _prefixes(told).items()]
    for node in told.nodes.values():
        times = ""
        if node.kind == "activity":
            times = f", {_time(node.started)}, {_time(node.ended)}"
        lines.append(f"  {node.kind}({names[node.id]}{times}{_n_attributes(node, names)})")
    lines += [_n_relation(told, names, relation) for relation in told.relations]
    lines.append("endDocument")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _prefixes(told: Provenance) -> dict[str, str]:
    shown = {name: iri for name, iri in PREFIXES.items() if name not in (*_OMITTED, "prov")}
    return {"id": f"{told.base}#", **shown}


def _json_attributes(node: Node, names: _Names) -> dict[str, Any]:
    shown: dict[str, Any] = {"prov:label": node.name, "prov:location": _any_uri(node.id)}
    if node.types:
        types = [{"$": name, "type": "prov:QUALIFIED_NAME"} for name in node.types]
        shown["prov:type"] = types[0] if len(types) == 1 else types
    if node.started:
        shown["prov:startTime"] = node.started
    if node.ended:
        shown["prov:endTime"] = node.ended
    for name, values in node.attributes.items():
        written = [_json_value(value, names) for value in values]
        shown[name] = written[0] if len(written) == 1 else written
    return shown


def _json_value(value: Scalar, names: _Names) -> Any:
    if not isinstance(value, Link):
        return value
    name = names[value.id]
    return _any_uri(value.id) if name == value.id else {"$": name, "type": "prov:QUALIFIED_NAME"}


def _any_uri(iri: str) -> dict[str, str]:
    return {"$": iri, "type": "xsd:anyURI"}


def _n_attributes(node: Node, names: _Names) -> str:
    shown = [f"prov:label={_quoted(node.name)}", f"prov:location={_quoted(node.id)} %% xsd:anyURI"]
    shown += [f"prov:type='{name}'" for name in node.types]
    for name, values in node.attributes.items():
        shown += [f"{name}={_n_value(value, names)}" for value in values]
    return f", [{', '.join(shown)}]"


def _n_value(value: Scalar, names: _Names) -> str:
    if isinstance(value, Link):
        name = names[value.id]
        return f"'{name}'" if name != value.id else f"{_quoted(value.id)} %% xsd:anyURI"
    if isinstance(value, bool):
        return f'"{str(value).lower()}" %% xsd:boolean'
    if isinstance(value, int):
        return str(value) if -(2**31) <= value < 2**31 else f'"{value}" %% xsd:long'
    if isinstance(value, float):
        return f'"{value!r}" %% xsd:double'
    return _quoted(value)


def _n_relation(told: Provenance, names: _Names, r: Relation) -> str:
    ends = f"{names[r.subject]}, {names[r.object]}"
    if r.kind == "wasAssociatedWith":
        ends += f", {names[r.plan] if r.plan in told.nodes else '-'}" if r.plan else ", -"
    elif r.kind in ("used", "wasGeneratedBy"):
        ends += ", -"
    role = f", [prov:role={_quoted(r.role)}]" if r.role else ""
    return f"  {r.kind}({ends}{role})"


def _time(text: str | None) -> str:
    return text or "-"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for character, name in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = escaped.replace(character, name)
    return f'"{escaped}"'
