"""``meta`` and ``parameter_meta`` (specification 1.2, "Metadata Sections")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from WDL import Expr as Syntax

from fairwf.ir.metadata import Agent, Metadata


def plain(value: Any) -> Any:
    """Return a value of a metadata section as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Syntax.Null):
        return None
    if isinstance(value, (Syntax.Boolean, Syntax.Int, Syntax.Float)):
        return value.value
    if isinstance(value, Syntax.Base):
        literal = value.literal
        return str(value) if literal is None else literal.json
    return str(value) if isinstance(value, str) else value


def head(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``meta`` says of a process, in fields of the IR; all of it as foreign keys."""
    said = plain(meta)
    if not said:
        return {}
    title, author = _text(said, "title"), _text(said, "author")
    found: dict[str, Any] = {
        "label": title,
        "doc": _text(said, "description") or _text(said, "help"),
        "extensions": {"wdl": {"meta": said}},
    }
    facts: dict[str, Any] = {key: text for key in _TEXTS if (text := _text(said, key))}
    facts |= {key: texts for key in _LISTS if (texts := _texts(said, key))}
    if author is not None:
        facts["creators"] = (Agent(name=author, email=_text(said, "email")),)
    if facts:
        found["metadata"] = Metadata(**facts)
    return found


_TEXTS = ("version", "license", "url", "repository", "created", "modified")
_LISTS = ("keywords", "citation", "identifiers")


def _texts(said: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = said.get(key)
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str) and item)


def port(parameter_meta: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what ``parameter_meta`` says of an input or output, in fields of the IR."""
    if name not in parameter_meta:
        return {}
    said = plain(parameter_meta[name])
    doc = said if isinstance(said, str) else None
    if isinstance(said, dict):
        doc = _text(said, "description") or _text(said, "help")
    return {"doc": doc, "extensions": {"wdl": {"parameter_meta": said}}}


def _text(said: Mapping[str, Any], key: str) -> str | None:
    value = said.get(key)
    return value if isinstance(value, str) and value else None
