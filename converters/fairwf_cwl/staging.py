"""InitialWorkDirRequirement (CWL v1.2): what lies in the folder before the tool starts."""

from __future__ import annotations

from fairwf.ir.command import StagedItem
from fairwf.ir.expressions import Array, Expr
from fairwf.ir.origins import Span
from fairwf.ir.values import to_literal
from fairwf.source import SourceList, SourceMap
from fairwf_cwl.bindings import Names
from fairwf_cwl.context import Context, Scope
from fairwf_cwl.idmaps import as_list
from fairwf_cwl.ports import PortReader


def staging(
    context: Context, scope: Scope, ports: PortReader, names: Names
) -> tuple[StagedItem, ...]:
    """Return the items of ``listing``.

    An expression may itself give files, folders, Dirent objects (``entry``, ``entryname``,
    ``writable``), null, or lists of them.
    """
    found = scope.find("InitialWorkDirRequirement")
    if found is None:
        return ()
    result = []
    for item, span in as_list(found.node, "listing"):
        staged = _item(context, ports, names, item, span)
        if staged is not None:
            context.origins.set(staged, span)
            context.expressions.place(staged.value, span)
            result.append(staged)
    return tuple(result)


def _item(
    context: Context, ports: PortReader, names: Names, item: object, span: Span
) -> StagedItem | None:
    if item is None:
        return None
    if isinstance(item, str):
        return StagedItem(value=context.expressions.read(item, span, names))
    if isinstance(item, SourceList):
        files = tuple(to_literal(ports.values.read(part)) for part in item)
        return StagedItem(value=Array(items=files))
    if not isinstance(item, SourceMap):
        return None
    if item.get("class") in ("File", "Directory"):
        return StagedItem(value=to_literal(ports.values.read(item)))
    name: Expr | None = None
    said = item.get("entryname")
    if isinstance(said, str):
        name = context.expressions.read(said, item.value_span("entryname"), names)
    entry = context.expressions.read(
        str(item.get("entry", "")), item.value_span("entry"), names, strip=False
    )
    return StagedItem(value=entry, name=name, writable=bool(item.get("writable")))
