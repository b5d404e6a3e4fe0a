"""What the expressions of a task see: its inputs as variables, its files by their names."""

from __future__ import annotations

from collections.abc import Mapping

from fairwf.ir.expressions import (
    Attr,
    Call,
    Each,
    Expr,
    Index,
    Input,
    IntLit,
    Local,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Command, Script
from fairwf_nextflow.write.expressions import Said, Sayer, is_path, kind_of
from fairwf_nextflow.write.failures import CannotSayError

_RUNTIME = {"cores": "task.cpus", "ram": "task.memory.toMega()", "attempt": "task.attempt"}


class TaskSayer(Sayer):
    """Says expressions of one task."""

    def __init__(self, task: Command | Script, names: Mapping[str, str]) -> None:
        super().__init__(self._leaf, self._text)
        self.types = {port.id: port.type for port in task.inputs}
        self.names = names
        self.taken = frozenset(names.values())
        self._pairs: set[str] = set()

    def _leaf(self, node: Expr) -> Said | None:
        match node:
            case Input(name=name):
                if name not in self.names:
                    raise CannotSayError(f"the task has no input {name!r:.60}", node)
                type_ = self.types[name]
                kind = kind_of(type_) if is_path(type_) else "any"
                return Said(self.names[name], kind if kind in ("path", "list") else "any", type_)
            case Runtime(name=name) if name in _RUNTIME:
                return Said(_RUNTIME[name], "int")
            case Runtime():
                raise CannotSayError("Nextflow's expressions do not know this of a task", node)
            case Call(function="first", args=(Call(function="merge_flattened", args=(of,)),)):
                return self._leaf(of) if self._port(of) is not None else None
            case Call(function="merge_flattened", args=(of,)) if self._port(of) is not None:
                said = self._leaf(of)
                listed = said is not None and said.kind == "list"
                return said if listed else None
            case Call(function="get", args=(Local(name=name), IntLit(value=number))):
                if name in self._pairs and number in (0, 1):
                    return Said(self.locals[name].text, "path" if number == 0 else "str")
            case Index(of=Call(function="merge_flattened", args=(of,)), by=IntLit(value=0)):
                return self._leaf(of) if self._port(of) is not None else None
        return None

    def _port(self, node: Expr) -> str | None:
        """Return the input of files that an expression names."""
        if isinstance(node, Input) and is_path(self.types.get(node.name)):
            return node.name
        return None

    def _text(self, node: Expr) -> str | None:
        """Return what stands in a text for a file: by its name in the task's folder."""
        match node:
            case Attr(of=of, name="path" | "location"):
                return self._text(of)
            case Call(function="file_path", args=(of,)):
                return self._text(of)
            case Call(function="join", args=(Each() as each, StringLit(value=" "))):
                return self._staged(each)
            case Call(function="get", args=(Local(name=name), IntLit(value=1))):
                return self.locals[name].text if name in self._pairs else None
            case Input() if self._port(node) is not None:
                return self.names[node.name]
            case Local(name=name) if name in self.locals and is_path(self.locals[name].type):
                return self.locals[name].text
        return None

    def _staged(self, each: Each) -> str | None:
        """Return the input whose names are listed, as the reader says it."""
        port = self._port(_whole(each.over))
        if port is None or each.where is not None:
            return None
        named = each.body == Attr(of=Local(name=each.name), name="basename")
        counted = isinstance(each.body, Template) and _counts(each.body, each.name)
        return self.names[port] if named or counted else None

    def _each(self, node: Each) -> Said:
        match node.over:
            case Call(function="zip", args=(Call(function="merge_flattened", args=(of,)), Each())):
                port = self._port(of)
                if port is not None:
                    over: Expr = of
                    self._pairs.add(node.name)
                    said = super()._each(_replaced(node, over))
                    self._pairs.discard(node.name)
                    return said
        return super()._each(node)


def _replaced(node: Each, over: Expr) -> Each:
    import msgspec

    return msgspec.structs.replace(node, over=over)


def _whole(over: Expr) -> Expr:
    match over:
        case Call(function="range", args=(Call(function="length", args=(inner,)),)):
            return _whole(inner)
        case Call(function="merge_flattened", args=(inner,)):
            return inner
    return over


def _counts(body: Template, index: str) -> bool:
    return any(isinstance(node, Local) and node.name == index for _, node in walk(body))


def staged_as(value: Expr) -> tuple[str, str] | None:
    """Return the input and pattern of files that the reader stages under other names."""
    if not isinstance(value, Each) or not isinstance(value.body, Record):
        return None
    port = _whole(value.over)
    shown = value.body.fields.get("entryname")
    if not isinstance(port, Input) or set(value.body.fields) != {"entry", "entryname"}:
        return None
    parts = shown.parts if isinstance(shown, Template) else (shown,)
    pattern = ""
    for part in parts:
        match part:
            case StringLit(value=text):
                pattern += text
            case Call(function="to_string"):
                pattern += "?"
            case Attr(name="basename"):
                pattern += "*"
            case _ if type(part).__name__ == "If":
                pattern += "*"
            case _:
                return None
    return port.name, pattern
