"""Metadata as schema.org fields, where the fields that a process carries do not say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from fairwf.ir.canonical import same
from fairwf.ir.expressions import Directory, File
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.walk import escape
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Step, Workflow
from fairwf_cwl.metadata import derive
from fairwf_cwl.names import declared, is_foreign

_SCHEMA_ORG = "https://schema.org/"


_CWLTOOL = "http://commonwl.org/cwltool#"
_OF_PROCESSES = frozenset({"$namespaces", "$schemas", "hints", "requirements"})
_OF_STEPS = frozenset({"hints", "requirements", "in"})


def _carried(node: msgspec.Struct) -> dict[str, Any]:
    """Return the foreign fields of a node that a CWL document can carry."""
    said: Any = getattr(node, "extensions", {})
    fields = dict(said.get("cwl", {}))
    if isinstance(node, (File, Directory)):
        return fields
    special: frozenset[str] = frozenset()
    if isinstance(node, (Command, Script, Pure, Workflow, Operation)):
        special = _OF_PROCESSES
    elif isinstance(node, Step):
        special = _OF_STEPS
    elif isinstance(node, (InputPort, OutputPort)):
        special = frozenset({"types"})
    return {
        key: item
        for key, item in fields.items()
        if is_foreign(key) or (key in special and _fits(key, item, node))
    }


def _fits(key: str, item: Any, node: msgspec.Struct) -> bool:
    """Tell whether a special field of an extension has the form that the reader gives it."""
    if key.startswith("$"):
        return True
    if isinstance(item, list):
        return isinstance(node, Operation) and key not in ("types", "in")
    inside = item.values() if isinstance(item, dict) and key in ("types", "in") else ()
    return isinstance(item, dict) and all(isinstance(row, dict) for row in inside)


def strange_fields(node: msgspec.Struct) -> list[str]:
    """Return the foreign fields of a node that a CWL document has no place for."""
    said: Any = getattr(node, "extensions", {})
    return [key for key in said.get("cwl", {}) if key not in _carried(node)] if said else []


def with_own_fields(node: msgspec.Struct) -> msgspec.Struct:
    """Return the node with those foreign fields alone that a CWL document can carry."""
    if not strange_fields(node):
        return node
    fields, said = _carried(node), getattr(node, "extensions", {})
    rest = {name: keys for name, keys in said.items() if name != "cwl"}
    changes: dict[str, Any] = {"extensions": {**rest, "cwl": fields} if fields else rest}
    return msgspec.structs.replace(node, **changes)


def with_cwltool(process: Process) -> Process:
    """Return the process with the namespace of cwltool's extensions, unless it has a prefix so."""
    fields = dict(process.extensions.get("cwl", {}))
    namespaces = declared(fields.get("$namespaces"))
    if "cwltool" in namespaces:
        return process
    fields = {"$namespaces": {**namespaces, "cwltool": _CWLTOOL}, **fields}
    fields["$namespaces"] = {**namespaces, "cwltool": _CWLTOOL}
    return msgspec.structs.replace(process, extensions={**process.extensions, "cwl": fields})


def stated(process: Process) -> tuple[Process, list[tuple[msgspec.Struct, str]]]:
    """Return the process with fields that state its metadata, and what could not be stated.

    That are nodes with relative paths. The process is the same where its fields, or their absence,
    already do.
    """
    fields = dict(process.extensions.get("cwl", {}))
    namespaces = declared(fields.get("$namespaces"))
    found = derive(fields, namespaces)
    if process.metadata is None or (found is not None and same(found, process.metadata)):
        if found is not None and process.metadata is None:
            process = msgspec.structs.replace(process, metadata=found)
        return process, []
    prefix = _prefix(namespaces)
    old = {k: v for k, v in fields.items() if not _is_schema_org(k, namespaces)}
    namespaces[prefix] = _SCHEMA_ORG
    new = {"$namespaces": namespaces, **{k: v for k, v in old.items() if k != "$namespaces"}}
    new.update({f"{prefix}:{name}": value for name, value in _rows(process.metadata, prefix)})
    read = derive(new, namespaces)
    if read is None:
        left = {"cwl": old} if old else {}
        extensions = {**{k: v for k, v in process.extensions.items() if k != "cwl"}, **left}
    else:
        extensions = {**process.extensions, "cwl": new}
    lost = list(_unstated(process.metadata, read or Metadata()))
    return msgspec.structs.replace(process, metadata=read, extensions=extensions), lost


def _unstated(wanted: Metadata, read: Metadata) -> Iterator[tuple[msgspec.Struct, str]]:
    """Yield what of the metadata reads back differently: a node and a relative path."""
    for name in wanted.__struct_fields__:
        before, after = getattr(wanted, name), getattr(read, name)
        if isinstance(before, tuple) and before != after:
            gone = [item for item in before if item not in after] or before
            for item in gone:
                if isinstance(item, Agent):
                    yield item, ""
                else:
                    yield wanted, f"{name}/{escape(item)}"
        elif before != after:
            yield wanted, name


def _is_schema_org(key: str, namespaces: dict[str, str]) -> bool:
    prefix = key.partition(":")[0]
    vocabularies = (_SCHEMA_ORG, "http://schema.org/")
    return namespaces.get(prefix) in vocabularies or key.startswith(vocabularies)


def _prefix(namespaces: dict[str, str]) -> str:
    for prefix, iri in namespaces.items():
        if iri == _SCHEMA_ORG:
            return prefix
    prefix, number = "s", 2
    while prefix in namespaces:
        prefix, number = f"s{number}", number + 1
    return prefix


def _rows(metadata: Metadata, prefix: str) -> list[tuple[str, Any]]:
    about = [{"@id": iri} for iri in (*metadata.topics, *metadata.operations)]
    rows: list[tuple[str, Any]] = [
        ("name", metadata.title),
        ("version", metadata.version),
        ("license", metadata.license),
        ("author", [_agent(agent, prefix) for agent in metadata.creators]),
        ("contributor", [_agent(agent, prefix) for agent in metadata.contributors]),
        ("identifier", list(metadata.identifiers)),
        ("citation", list(metadata.citation)),
        ("keywords", list(metadata.keywords)),
        ("about", about),
        ("url", metadata.url),
        ("codeRepository", metadata.repository),
        ("dateCreated", metadata.created),
        ("dateModified", metadata.modified),
    ]
    return [(name, value) for name, value in rows if value not in (None, [])]


def _agent(agent: Agent, prefix: str) -> dict[str, Any]:
    kind = "Organization" if agent.organization else "Person"
    tree: dict[str, Any] = {"@type": _SCHEMA_ORG + kind}
    if agent.id is not None:
        tree["@id"] = agent.id
    tree[f"{prefix}:name"] = agent.name
    if agent.email is not None:
        tree[f"{prefix}:email"] = agent.email
    if agent.affiliation is not None:
        tree[f"{prefix}:affiliation"] = agent.affiliation
    return tree
