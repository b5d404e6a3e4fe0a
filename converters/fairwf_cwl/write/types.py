"""Types with what CWL writes into them: bindings, secondary files, how members are collected.

The opposite of :mod:`fairwf_cwl.types` and :mod:`fairwf_cwl.commandline`: what they read from a
result here is what was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairwf.ir import types as ir
from fairwf.ir.canonical import same
from fairwf.ir.command import Rendering
from fairwf.ir.ports import Collect, CollectRecord, FieldFiles, Stderr, Stdout
from fairwf_cwl.names import short
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.yaml_text import Inline

_SIMPLE: tuple[tuple[type[ir.Type], str], ...] = (
    (ir.NoneType, "null"),
    (ir.BoolType, "boolean"),
    (ir.StringType, "string"),
    (ir.FileType, "File"),
    (ir.DirectoryType, "Directory"),
    (ir.AnyType, "Any"),
)


@dataclass(frozen=True)
class Inside:
    """What stands inside a type: how it is rendered, what members say of files, how collected.

    ``files`` and ``collected`` write the fields of a member; ``rendered`` writes a binding without
    what nests.
    """

    rendering: Rendering | None = None
    fields: Mapping[str, FieldFiles] = field(default_factory=dict)
    collect: CollectRecord | None = None


Writer = Callable[[Any, ir.Type], dict[str, Any]]


class TypeWriter:
    """Writes types. ``binding``, ``files`` and ``collection`` write parts that hold expressions."""

    def __init__(self, binding: Writer, files: Writer, collection: Writer) -> None:
        self._binding = binding
        self._files = files
        self._collection = collection

    def write(self, type_: ir.Type, inside: Inside) -> tuple[Any, dict[str, Any] | None]:
        """Return the type, and the binding that stands beside it (None: no binding).

        Raises:
            CannotSayError: CWL has no such type, or cannot write this rendering into it.
        """
        if isinstance(type_, ir.OptionalType):
            return self._optional(type_, inside)
        if isinstance(type_, ir.UnionType):
            members, binding = self._union(type_, inside)
            return members, binding
        if isinstance(type_, ir.ArrayType):
            return self._array(type_, inside)
        if isinstance(type_, ir.RecordType):
            return self._record(type_, inside)
        self._no_inner(inside, type_)
        if isinstance(type_, ir.EnumType):
            tree: dict[str, Any] = {"type": "enum"}
            if type_.name is not None:
                tree["name"] = type_.name
            for symbol in type_.symbols:
                if short(symbol) != symbol:
                    raise CannotSayError(f"CWL cannot write the symbol {symbol!r:.60}", type_)
            tree["symbols"] = list(type_.symbols)
            return tree, self._own(inside.rendering, type_)
        return _name(type_), self._own(inside.rendering, type_)

    def _own(self, rendering: Rendering | None, type_: ir.Type) -> dict[str, Any] | None:
        return None if rendering is None else self._binding(rendering, type_)

    def _no_inner(self, inside: Inside, type_: ir.Type) -> None:
        rendering = inside.rendering
        if rendering is not None and (rendering.items or rendering.fields or rendering.cases):
            raise CannotSayError("the rendering does not fit the type of the value", rendering)
        if inside.fields:
            raise CannotSayError("the port says something of members that its type lacks", type_)

    def _optional(
        self, type_: ir.OptionalType, inside: Inside
    ) -> tuple[Any, dict[str, Any] | None]:
        tree, binding = self.write(type_.item, inside)
        if isinstance(tree, str) and not tree.endswith("?") and tree != "null":
            return tree + "?", binding
        return ["null", *(tree if isinstance(tree, list) else [tree])], binding

    def _union(self, type_: ir.UnionType, inside: Inside) -> tuple[Any, dict[str, Any] | None]:
        rendering = inside.rendering
        if rendering is None or not rendering.cases:
            # Members with bindings of their own inside are cases: here none has one.
            if rendering is not None and (rendering.items or rendering.fields):
                raise CannotSayError("the rendering does not fit the type of the value", rendering)
            plain = all(_is_primitive(member) for member in type_.members)
            if rendering is not None and rendering.value is None and not plain:
                raise CannotSayError(
                    "a union of arrays, records or enums is rendered by its cases", rendering
                )
            bare = Inside(None, inside.fields, inside.collect)
            members = [self._member(member, bare)[0] for member in type_.members]
            return members, self._own(rendering, type_)
        return self._cases(type_, inside, rendering)

    def _member(self, type_: ir.Type, inside: Inside) -> tuple[Any, dict[str, Any] | None]:
        names = _member_names(type_)
        kept = {name: files for name, files in inside.fields.items() if name in names}
        collect = inside.collect if isinstance(type_, ir.RecordType) else None
        return self.write(type_, Inside(inside.rendering, kept, collect))

    def _cases(
        self, type_: ir.UnionType, inside: Inside, rendering: Rendering
    ) -> tuple[Any, dict[str, Any] | None]:
        trees: list[Any] = []
        outer: list[dict[str, Any] | None] = []
        left = list(rendering.cases)
        for member in type_.members:
            mine = left.pop(0).rendering if left and same(left[0].type, member) else None
            tree, binding = self._member(member, Inside(mine, inside.fields, inside.collect))
            trees.append(tree)
            outer.append(binding)
        if left:
            raise CannotSayError("a case's type is not among those of the value", rendering)
        first = outer[0]
        if first is not None and all(binding == first for binding in outer):
            return trees, first
        for tree, binding in zip(trees, outer, strict=True):
            if not binding:
                continue
            if not isinstance(tree, dict) or tree["type"] == "array" or "inputBinding" in tree:
                raise CannotSayError("CWL renders all types of a union alike", rendering)
            tree["inputBinding"] = Inline(binding)
        return trees, None

    def _array(self, type_: ir.ArrayType, inside: Inside) -> tuple[Any, dict[str, Any] | None]:
        rendering = inside.rendering
        if rendering is not None and (rendering.fields or rendering.cases):
            raise CannotSayError("the rendering does not fit the type of the value", rendering)
        inner = rendering.items if rendering is not None else None
        tree, binding = self.write(type_.items, Inside(inner, inside.fields, None))
        tree = _spelled_out(tree)
        outer = self._own(rendering, type_)
        if binding is None and isinstance(tree, str) and tree != "null":
            return tree + "[]", outer
        if rendering is not None and rendering.value is not None and inner is not None:
            raise CannotSayError("CWL renders no items of a computed value", rendering)
        schema: dict[str, Any] = {"type": "array", "items": tree}
        if binding is not None:
            schema["inputBinding"] = Inline(binding)
        if isinstance(tree, str) or (isinstance(tree, list) and all(map(_is_text, tree))):
            return Inline(schema) if binding is None else schema, outer
        return schema, outer

    def _record(self, type_: ir.RecordType, inside: Inside) -> tuple[Any, dict[str, Any] | None]:
        rendering = inside.rendering
        if rendering is not None and (rendering.items or rendering.cases):
            raise CannotSayError("the rendering does not fit the type of the value", rendering)
        order = [part.name for part in rendering.fields] if rendering else []
        if rendering is not None and rendering.value is not None and order:
            raise CannotSayError("CWL renders no members of a computed value", rendering)
        parts = {part.name: part.rendering for part in rendering.fields} if rendering else {}
        names = [member.name for member in type_.fields]
        if len(parts) < len(order) or not set(parts) <= set(names):
            raise CannotSayError("the rendering does not fit the type of the value", type_)
        sorted_by_name = order == sorted(order)
        tree: dict[str, Any] = {"type": "record"}
        if type_.name is not None:
            tree["name"] = type_.name
        tree["fields"] = {}
        for member in type_.fields:
            if short(member.name) != member.name:
                raise CannotSayError(f"CWL cannot write the field {member.name!r:.60}", member)
            position = (
                None if sorted_by_name or member.name not in parts else order.index(member.name)
            )
            field_ = self.field(member, parts.get(member.name), position, inside)
            bare = list(field_) == ["type"] and isinstance(field_["type"], str)
            tree["fields"][member.name] = field_["type"] if bare else field_
        binding = self._own(rendering, type_)
        return tree, binding

    def field(
        self,
        member: ir.RecordField,
        rendering: Rendering | None,
        position: int | None,
        inside: Inside,
    ) -> dict[str, Any]:
        """Return a field of a record as an object."""
        files = inside.fields.get(member.name)
        collect = inside.collect.fields.get(member.name) if inside.collect is not None else None
        tree, binding = self.write(
            member.type,
            Inside(
                rendering,
                files.fields if files is not None else {},
                collect if isinstance(collect, CollectRecord) else None,
            ),
        )
        if isinstance(collect, (Stdout, Stderr)):
            tree = "stdout" if isinstance(collect, Stdout) else "stderr"
        result: dict[str, Any] = {"type": tree}
        if member.label is not None:
            result["label"] = member.label
        if member.doc is not None:
            result["doc"] = member.doc
        if files is not None:
            result.update(self._files(files, member.type))
        if binding is not None:
            placed = {"position": position, **binding} if position is not None else binding
            result["inputBinding"] = Inline(placed)
        elif position is not None:
            raise CannotSayError("CWL orders members by bindings of their own", member)
        if collect is not None and not isinstance(collect, (CollectRecord, Stdout, Stderr)):
            result["outputBinding"] = self._collection(collect, member.type)
        return result


def _spelled_out(tree: Any) -> Any:
    """Return a type without ``?`` and ``[]``, which CWL v1.2 does not know in ``items``."""
    if isinstance(tree, list):
        return [_spelled_out(part) for part in tree]
    if isinstance(tree, str) and tree.endswith("?"):
        return ["null", _spelled_out(tree[:-1])]
    if isinstance(tree, str) and tree.endswith("[]"):
        return Inline({"type": "array", "items": tree[:-2]})
    return tree


def _name(type_: ir.Type) -> str:
    if isinstance(type_, ir.IntType):
        return "int" if type_.bits == 32 else "long"
    if isinstance(type_, ir.FloatType):
        return "float" if type_.bits == 32 else "double"
    for kind, name in _SIMPLE:
        if isinstance(type_, kind):
            return name
    raise CannotSayError(f"CWL has no type {type(type_).__struct_config__.tag!r}", type_)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_primitive(type_: ir.Type) -> bool:
    return not isinstance(type_, (ir.ArrayType, ir.RecordType, ir.EnumType))


def _member_names(type_: ir.Type) -> set[str]:
    if isinstance(type_, ir.RecordType):
        return {member.name for member in type_.fields}
    if isinstance(type_, ir.ArrayType):
        return _member_names(type_.items)
    if isinstance(type_, ir.OptionalType):
        return _member_names(type_.item)
    if isinstance(type_, ir.UnionType):
        return {name for member in type_.members for name in _member_names(member)}
    return set()


def normal_type(type_: ir.Type) -> ir.Type:
    """Return a type as CWL's reader gives it: unions flat, none as an optional around them.

    The same object comes back where nothing changes.
    """
    if isinstance(type_, ir.ArrayType):
        items = normal_type(type_.items)
        if items is type_.items and not type_.nonempty:
            return type_
        return ir.ArrayType(items=items)
    if isinstance(type_, ir.RecordType):
        fields = tuple(_normal_field(member) for member in type_.fields)
        if all(a is b for a, b in zip(fields, type_.fields, strict=True)):
            return type_
        return ir.RecordType(fields=fields, name=type_.name)
    if isinstance(type_, (ir.OptionalType, ir.UnionType)):
        return _flat(type_)
    return type_


def _normal_field(member: ir.RecordField) -> ir.RecordField:
    inner = normal_type(member.type)
    if inner is member.type:
        return member
    return ir.RecordField(name=member.name, type=inner, label=member.label, doc=member.doc)


def _flat(type_: ir.OptionalType | ir.UnionType) -> ir.Type:
    some: list[ir.Type] = []
    null = False
    stack: list[ir.Type] = [type_]
    while stack:
        part = stack.pop(0)
        if isinstance(part, ir.NoneType):
            null = True
        elif isinstance(part, ir.OptionalType):
            null = True
            stack.insert(0, part.item)
        elif isinstance(part, ir.UnionType):
            stack[0:0] = part.members
        else:
            inner = normal_type(part)
            if not (_is_primitive(inner) and any(same(inner, other) for other in some)):
                some.append(inner)
    if not some:
        return ir.NoneType()
    whole = some[0] if len(some) == 1 else ir.UnionType(members=tuple(some))
    result = ir.OptionalType(item=whole) if null else whole
    return type_ if same(result, type_) else result


def collected(collect: Collect | None) -> CollectRecord | None:
    """Return the collection of members, if that is what it is."""
    return collect if isinstance(collect, CollectRecord) else None


def described(tree: Any, path: list[str], said: Mapping[str, Any]) -> Any:
    """Return a written type with the label and doc of the type at a path inside it.

    Raises:
        CannotSayError: there is no such type.
    """
    try:
        return _described(tree, path, said)
    except (LookupError, ValueError):
        raise CannotSayError("a description of a type that is not there", None) from None


def _described(tree: Any, path: list[str], said: Mapping[str, Any]) -> Any:
    if isinstance(tree, str) and tree.endswith("?"):
        tree = ["null", tree[:-1]]
    elif isinstance(tree, str) and tree.endswith("[]"):
        tree = {"type": "array", "items": tree[:-2]}
    if isinstance(tree, list):
        some = [index for index, part in enumerate(tree) if part != "null"]
        if len(some) > 1:
            path, index = path[1:], some[int(path[0])]
        else:
            index = some[0]
        return [
            _described(part, path, said) if here == index else part
            for here, part in enumerate(tree)
        ]
    if not isinstance(tree, dict):
        raise LookupError(path)
    if not path:
        first = {key: tree[key] for key in ("type", "name") if key in tree}
        return {**first, **said, **{k: v for k, v in tree.items() if k not in first}}
    if path[0] == "items":
        return {**tree, "items": _described(tree["items"], path[1:], said)}
    fields = dict(tree["fields"])
    field_ = fields[path[1]]
    whole = isinstance(field_, dict) and "type" in field_ and "fields" not in field_
    body = field_ if whole else {"type": field_}
    fields[path[1]] = {**body, "type": _described(body["type"], path[2:], said)}
    return {**tree, "fields": fields}
