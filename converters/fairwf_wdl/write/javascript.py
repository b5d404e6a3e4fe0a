"""Programs for Node that compute what WDL has no expression for.

A program gets its data as files of JSON, which ``write_json`` writes, and says its results as JSON
for ``read_json``, or as words and texts for the shell.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fairwf.ir.command import ExpressionLibrary, Rendering
from fairwf.ir.enclosing import is_enclosed
from fairwf.ir.expressions import Opaque
from fairwf.ir.types import ArrayType, DirectoryType, FileType, MapType, RecordType, Type
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.node_functions import HEAD, functions_for
from fairwf_wdl.write.several import kind as kinds
from fairwf_wdl.write.several import several
from fairwf_wdl.write.types import member_names, required

IMAGE = "node:22-slim"
"""What a task that computes in JavaScript runs in where there are containers."""
END = "FAIRWF"


def shape(
    type_: Type | None, contents: bool = False, listing: str | None = None, names: bool = True
) -> Any:
    """Return how values of a type look in the JSON of ``write_json`` and ``read_json``."""
    kind = required(type_)
    record = several(type_)
    if record is not None and is_enclosed(record):
        return "A" if contents else "a"
    if record is not None:
        of = [[f.name, kinds(required(f.type)), shape(f.type, contents, listing)]
              for f in record.fields]  # fmt: skip
        return ["|", *of]
    if isinstance(kind, FileType):
        return "c" if contents else "f"
    if isinstance(kind, DirectoryType):
        return {"deep": "D", "shallow": "s"}.get(listing or "", "d")
    if isinstance(kind, ArrayType):
        inner = shape(kind.items, contents, listing)
        return None if inner is None else [inner]
    if isinstance(kind, MapType):
        inner = shape(kind.values, contents, listing)
        return None if inner is None else {"*": inner}
    if isinstance(kind, RecordType):
        known = member_names(kind)
        return {f.name: [known[f.name], shape(f.type, contents, listing)] for f in kind.fields}
    return None


@dataclass
class Computed:
    """A result of a program: the JavaScript that gives it, and what becomes of it."""

    node: Opaque
    bound: list[tuple[tuple[str, ...], str]]
    kind: Literal["json", "text", "words", "stage"]
    name: str
    """Of the result: a member of the JSON, or the file that the shell reads."""
    how: Any = None


@dataclass
class Program:
    """What one start of Node computes."""

    libraries: Sequence[ExpressionLibrary]
    data: list[str] = field(default_factory=list)
    """WDL's expressions of files with JSON."""
    results: list[Computed] = field(default_factory=list)

    def datum(self, text: str) -> int:
        """Return the number of a file with data."""
        if text not in self.data:
            self.data.append(text)
        return self.data.index(text)

    def source(self, into: str | None = None) -> str:
        """Return the text of the program; results in JSON go into a file."""
        json_ = any(one.kind == "json" for one in self.results)
        known: dict[str, str] = {}
        parts = ["const results = {};\n"] if json_ else []
        parts += [self._result(one, known) for one in self.results]
        if json_:
            parts.append(f"fs.writeFileSync({json.dumps(into)}, JSON.stringify(results));\n")
        if self.data:
            parts.insert(0, "const data = process.argv.slice(2).map(read);\n")
        body = "".join(parts)
        return HEAD + functions_for(body) + body

    def _result(self, one: Computed, known: dict[str, str]) -> str:
        body = self._body(one)
        said = ""
        if body not in known:
            known[body] = f"value{len(known) + 1}"
            said = f"const {known[body]} = {body};\n"
        value, how = known[body], json.dumps(one.how)
        name = json.dumps(one.name)
        match one.kind:
            case "json":
                made = "closed" if is_several(one.how) else "made"
                value = f"{value} ?? null" if one.how is None else f"{made}({value}, {how})"
                said += f"results[{name}] = {value};\n"
            case "text":
                said += f"fs.writeFileSync({name}, text({value}));\n"
            case "words":
                words = "phrased" if _has_parts(one.how) else "words"
                said += (
                    f"fs.writeFileSync({name}, "
                    f"{words}({value}, {how}).map(x => x + '\\0').join(''));\n"
                )
            case "stage":
                said += f"stage({value}, {how});\n"
        return said

    def _body(self, one: Computed) -> str:
        roots: dict[str, Any] = {"inputs": {}, "self": None, "runtime": {}}
        for path, text in sorted(one.bound, key=lambda pair: len(pair[0])):
            inside: Any = roots
            for part in path[:-1]:
                if not isinstance(inside.get(part), dict):
                    inside[part] = {}
                inside = inside[part]
            inside[path[-1]] = _Raw(text)
        libraries = "".join(
            f"{lib.text.rstrip()}\n" for lib in self.libraries if lib.language == "javascript"
        )
        text = one.node.text
        returned = f"return ({text}\n);" if one.node.form == "expression" else text
        given = ", ".join(_written(roots[name]) for name in roots)
        return f"((inputs, self, runtime) => {{\n{libraries}{returned}\n}})({given})"


class _Raw(str):
    """JavaScript as it is."""


def _written(value: Any) -> str:
    if isinstance(value, _Raw):
        return str(value)
    if isinstance(value, dict):
        members = (f"{json.dumps(key)}: {_written(item)}" for key, item in value.items())
        return f"{{{', '.join(members)}}}"
    return json.dumps(value)


def is_several(looks: Any) -> bool:
    """Tell whether a shape has a place for values of several types."""
    if isinstance(looks, list):
        return len(looks) > 1 or is_several(looks[0])
    if isinstance(looks, dict):
        return any(is_several(one if name == "*" else one[1]) for name, one in looks.items())
    return looks in ("a", "A")


def datum_of(number: int, looks: Any) -> str:
    """Return the JavaScript of a file with data, of a shape."""
    given = "opened" if is_several(looks) else "given"
    return f"{given}(data[{number}], {json.dumps(looks)})"


def _has_parts(rendering: Any) -> bool:
    """Tell whether the parts of a value are rendered each in its own way."""
    return bool({"cases", "fields"} & rendering.keys()) or (
        "items" in rendering and _has_parts(rendering["items"])
    )


def rendering_of(rendering: Rendering) -> dict[str, Any]:
    """Return how a value becomes words.

    Raises:
        CannotSayError: the rendering computes.
    """
    if rendering.value is not None:
        raise CannotSayError("WDL computes no argument for each part of a value", rendering)
    said: dict[str, Any] = {}
    if rendering.cases:
        said["cases"] = [[kinds(one.type), rendering_of(one.rendering)] for one in rendering.cases]
    if rendering.fields:
        said["fields"] = [[one.name, rendering_of(one.rendering)] for one in rendering.fields]
    if rendering.prefix is not None:
        said["prefix"] = rendering.prefix
    if not rendering.separate:
        said["separate"] = False
    if rendering.item_separator is not None:
        said["separator"] = rendering.item_separator
    if rendering.items is not None:
        said["items"] = rendering_of(rendering.items)
    return said
