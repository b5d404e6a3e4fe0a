"""``meta`` and ``parameter_meta`` (specification 1.2, "Metadata Sections")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.workflow import Process
from fairwf_wdl.write.names import is_key
from fairwf_wdl.write.strings import literal


def meta_section(process: Process, indent: str = "  ") -> str:
    """Return the ``meta`` section of a process, empty where there is nothing to say."""
    own = process.extensions.get("wdl", {}).get("meta")
    said = dict(own) if isinstance(own, Mapping) else {}
    for key, value in _stated(process):
        said.setdefault(key, value)
    return _section("meta", said, indent)


def _stated(process: Process) -> Iterable[tuple[str, Any]]:
    if process.label:
        yield "title", process.label
    if process.doc:
        yield "description", process.doc
    facts = process.metadata
    if facts is None:
        return
    if facts.creators:
        author = facts.creators[0]
        yield "author", author.name
        if author.email:
            yield "email", author.email
    for name in ("version", "license", "url", "repository", "created", "modified"):
        value = getattr(facts, name)
        if value is not None:
            yield name, value
    for name in ("keywords", "citation", "identifiers"):
        value = getattr(facts, name)
        if value:
            yield name, list(value)


def parameter_section(
    ports: Iterable[InputPort | OutputPort], names: Mapping[str, str], indent: str = "  "
) -> str:
    """Return the ``parameter_meta`` section of a process; ``names`` are those of its ports."""
    said: dict[str, Any] = {}
    for port in ports:
        own = port.extensions.get("wdl", {})
        if "parameter_meta" in own:
            said[names[port.id]] = own["parameter_meta"]
        elif port.doc and port.label:
            said[names[port.id]] = {"label": port.label, "description": port.doc}
        elif port.doc or port.label:
            said[names[port.id]] = port.doc or {"label": port.label}
    return _section("parameter_meta", said, indent)


def _section(word: str, said: Mapping[str, Any], indent: str) -> str:
    lines = [
        f"{indent}  {key}: {value_text(value, indent + '  ')}\n"
        for key, value in said.items()
        if is_key(key)
    ]
    return f"{indent}{word} {{\n{''.join(lines)}{indent}}}\n" if lines else ""


def value_text(value: Any, indent: str = "") -> str:
    """Return a value of JSON as the metadata sections write it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, Mapping):
        inner = ",\n".join(
            f"{indent}  {key}: {value_text(item, indent + '  ')}"
            for key, item in value.items()
            if is_key(str(key))
        )
        return f"{{\n{inner}\n{indent}}}" if inner else "{}"
    return f"[{', '.join(value_text(item, indent) for item in value)}]"
