"""JSON Schemas (2020-12) generated from the types.

A union of tagged nodes dispatches by ``if kind = const then $ref``: a validator so reports the
faults of the one node that was meant, where ``anyOf`` would report those of every alternative.
"""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(types: dict[str, Any], identifier: str, title: str, root: str) -> dict[str, Any]:
    """Return one schema for several types by name; ``root`` is the one that it validates.

    ``identifier`` becomes ``$id``.
    """
    names = list(types)
    tops, definitions = msgspec.json.schema_components(
        [types[name] for name in names], ref_template="#/$defs/{name}"
    )
    merged = {name: _rewritten(schema) for name, schema in sorted(definitions.items())}
    for name, top in zip(names, tops, strict=True):
        if top.get("$ref") != f"#/$defs/{name}":
            merged[name] = _rewritten(top)
    _share_unions(merged, types)
    return {
        "$schema": DIALECT,
        "$id": identifier,
        "title": title,
        "$ref": f"#/$defs/{root}",
        "$defs": dict(sorted(merged.items())),
    }


def _rewritten(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_rewritten(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "discriminator" not in schema:
        return {key: _cleaned(key, value) for key, value in schema.items()}
    mapping: dict[str, str] = schema["discriminator"]["mapping"]
    dispatch = _dispatch(mapping)
    refs = set(mapping.values())
    others = [_rewritten(o) for o in schema["anyOf"] if o.get("$ref") not in refs]
    rest = {k: _rewritten(v) for k, v in schema.items() if k not in ("anyOf", "discriminator")}
    return rest | ({"anyOf": [*others, dispatch]} if others else dispatch)


def _cleaned(key: str, value: Any) -> Any:
    if key == "description" and isinstance(value, str):
        return inspect.cleandoc(value)
    return _rewritten(value)


def _dispatch(mapping: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": sorted(mapping)}},
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"$ref": reference},
            }
            for kind, reference in sorted(mapping.items())
        ],
    }


def _share_unions(definitions: dict[str, Any], types: dict[str, Any]) -> None:
    """Let every place that spells a named union refer to its definition instead."""
    named = {
        tuple(definitions[name]["properties"]["kind"]["enum"]): name
        for name in types
        if "allOf" in definitions.get(name, {})
    }

    def visit(schema: Any, top: bool) -> Any:
        if isinstance(schema, list):
            return [visit(item, False) for item in schema]
        if not isinstance(schema, dict):
            return schema
        if not top and "allOf" in schema:
            kinds = tuple(schema["properties"]["kind"]["enum"])
            if kinds in named:
                keep = {k: v for k, v in schema.items() if k in ("description", "default")}
                return {**keep, "$ref": f"#/$defs/{named[kinds]}"}
        return {key: visit(value, False) for key, value in schema.items()}

    for name in definitions:
        definitions[name] = visit(definitions[name], True)
