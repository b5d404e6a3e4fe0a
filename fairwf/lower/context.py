"""What passes work with: origins and first paths carried along, fresh names, the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from fairwf.features import Capabilities
from fairwf.ir.origins import Origins
from fairwf.ir.rewriting import rewrite
from fairwf.ir.values import Value
from fairwf.ir.walk import children, escape, walk
from fairwf.report import Fate, Report

S = TypeVar("S", bound=msgspec.Struct)

CODES: Mapping[Fate, str] = {
    "rewritten": "FWF3002",
    "approximated": "FWF3003",
    "lost": "FWF3004",
}


class Places(Origins):
    """Origins that also know the path that each node had in the document before lowering."""

    def __init__(self, root: msgspec.Struct, origins: Origins) -> None:
        super().__init__()
        self._paths: dict[int, tuple[msgspec.Struct, str]] = {}
        self._nodes.update(origins._nodes)
        self._fields.update(origins._fields)
        self._finer.update(origins._finer)
        self._sources: dict[str, msgspec.Struct] = {}
        for path, node in walk(root):
            self._paths[id(node)] = (node, path)
            self._sources[path] = node

    def path(self, node: msgspec.Struct) -> str | None:
        """Return the path that the node, or the one that it comes from, had at first."""
        entry = self._paths.get(id(node))
        return entry[1] if entry is not None else None

    def part(self, node: msgspec.Struct, part: str) -> str:
        """Return ``part`` if what the node comes from has such a field and item, else nothing."""
        entry = self._paths.get(id(node))
        source = self._sources.get(entry[1]) if entry is not None else None
        if source is None:
            return ""
        head, _, rest = part.partition("/")
        for field in fields_of(type(source)):
            if field.encode_name == head:
                return part if _has(getattr(source, field.name), rest) else ""
        return ""

    def inherit(self, new: msgspec.Struct, old: msgspec.Struct) -> None:
        """Let ``new`` have the origin and first path of ``old``, unless it has its own."""
        super().inherit(new, old)
        entry = self._paths.get(id(old))
        if entry is not None and id(new) not in self._paths:
            self._paths[id(new)] = (new, entry[1])


@cache
def fields_of(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of a node; to look at its annotations costs more than all that follows."""
    return msgspec.structs.fields(kind)


def _has(value: object, item: str) -> bool:
    """Tell whether a field has an item, where it is a map or holds texts."""
    if isinstance(value, Mapping):
        return not item or any(item.split("/")[0] == escape(str(name)) for name in value)
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return not item or any(item == escape(one) for one in value)
    return True


class Context:
    """What a pass is given beside the workflow.

    ``inputs`` are values of the workflow's inputs, where the caller knows them; ``capabilities``
    are the target's.
    """

    def __init__(
        self,
        root: msgspec.Struct,
        origins: Origins,
        report: Report,
        capabilities: Capabilities,
        inputs: Mapping[str, Value] | None = None,
    ) -> None:
        self.origins = Places(root, origins)
        self.report = report
        self.capabilities = capabilities
        self._told: set[tuple[str, str, str]] = set()
        self.inputs: Mapping[str, Value] = inputs or {}

    def rewrite(self, root: S, function: Callable[[msgspec.Struct], msgspec.Struct]) -> S:
        """Return the tree with ``function`` applied to every node, children first."""
        return rewrite(root, function, self.origins)

    def replace(self, node: S, **changes: Any) -> S:
        """Return ``node`` with fields changed; it keeps its origin."""
        new = msgspec.structs.replace(node, **changes)
        self.origins.inherit(new, node)
        return new

    def made(self, new: S, old: msgspec.Struct) -> S:
        """Return ``new``, made for ``old``: it and what is new inside have ``old``'s origin."""
        self.origins.inherit(new, old)
        self.settle(new)
        return new

    def copy(self, node: S) -> S:
        """Return the tree with every node new: no node stands in two places."""

        def anew(at: msgspec.Struct) -> msgspec.Struct:
            return self.replace(at)

        return rewrite(node, anew, self.origins)

    def settle(self, root: msgspec.Struct) -> None:
        """Let every node without an origin have that of the node around it."""
        stack = [root]
        while stack:
            node = stack.pop()
            for _, child in children(node):
                self.origins.inherit(child, node)
                stack.append(child)

    def told(
        self,
        fate: Fate,
        node: msgspec.Struct,
        message: str,
        hint: str | None = None,
        *,
        part: str = "",
        code: str | None = None,
    ) -> None:
        """Say in the report what became of ``node``, or of its ``part`` (a relative path)."""
        path = self.origins.path(node)
        part = self.origins.part(node, part) if part else ""
        whole = f"{path or ''}/{part}" if part else path or "/"
        span = self.origins.get(node, part.split("/", 1)[0] if part else None)
        chosen = code or CODES[fate]
        if (chosen, whole, message) in self._told:
            return  # of a copy: the node that it comes from has its entry
        self._told.add((chosen, whole, message))
        self.report.add(chosen, message, span=span, hint=hint, fate=fate, path=whole)


def keys_of(items: Iterable[msgspec.Struct]) -> set[str]:
    """Return the ids of ports or steps."""
    return {str(getattr(item, "id", "")) for item in items}
