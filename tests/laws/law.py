"""The law of no silent loss, as functions that a test applies to one document.

(a) :func:`read_back`: what a writer wrote reads back as exactly what it was given.
(b) :func:`outputs_of`: a document and its lowered form give equal outputs when they run.
(c) and (d) :func:`judged`: the report names the smallest node that changed, every change has an
entry, and nothing that survived has one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from fairwf.check import check
from fairwf.document import Document
from fairwf.features import Capabilities
from fairwf.formats import Converter, ReadOptions, Source, WriteOptions
from fairwf.ir.canonical import canonical_bytes, to_plain
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Directory, File
from fairwf.ir.instance import Instance
from fairwf.ir.values import Value, from_literal
from fairwf.ir.walk import escape, walk
from fairwf.lower import lower
from fairwf.report import Diagnostic, Report, UnsupportedError

LOSSY = ("approximated", "lost")


@dataclass(frozen=True)
class Lowered:
    """A document, what became of it for a target, and the report."""

    before: Document
    after: Document
    report: Report


def lowered(
    root: Root, capabilities: Capabilities, inputs: Mapping[str, Value] | None = None
) -> Lowered:
    """Lower a document; what comes out must be valid."""
    before, report = Document(workflow=root), Report()
    after = lower(before, capabilities, report, inputs=inputs)
    if report.ok:
        errors = [f"{d} {d.path}" for d in check(after, Report()).errors]
        assert errors == [], f"lowering made an invalid document: {errors}"
    return Lowered(before, after, report)


def normal(converter: Converter, case: Lowered) -> Lowered:
    """Return the case with the form that the format has one writing for, as a conversion does."""
    if converter.normalize is None or not case.report.ok:
        return case
    try:
        after = converter.normalize(case.after, case.report)
    except UnsupportedError:
        assert {d.code for d in case.report.errors} == {"FWF3001"}
        return case
    if case.report.ok:
        errors = [f"{d} {d.path}" for d in check(after, Report()).errors]
        assert errors == [], f"normal form made an invalid document: {errors}"
    return Lowered(case.before, after, case.report)


def read_back(converter: Converter, document: Document, folder: Path) -> Document:
    """(a) Write a lowered document, read it, compare the canonical bytes; return what was read."""
    assert converter.write is not None and converter.read is not None
    report = Report()
    written = converter.write(document, WriteOptions(), report)
    # A stand-in for what is not known (a size that the schema demands) is an approximation.
    assert [str(d) for d in report.by_fate("lost")] == [], "a writer of a lowered document lost"
    assert report.ok, report.errors
    for name, data in written.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    again = converter.read(Source.at(folder / written.main), ReadOptions(), report)
    assert report.ok, report.errors
    assert canonical_bytes(again.workflow) == canonical_bytes(document.workflow), explain(
        document.workflow, again.workflow
    )
    return again


def explain(before: Root, after: Root) -> str:
    """Say which leaves differ, for a failing test."""
    old, new = leaves(before), leaves(after)
    gone = [f"- {k}: {v!r}" for k, v in old.items() if k not in new or not same(v, new[k])]
    came = [f"+ {k}: {v!r}" for k, v in new.items() if k not in old or not same(v, old[k])]
    return "\n".join([*gone[:20], *came[:20]])


# --- what the report says ---------------------------------------------------------------------


def same(a: Any, b: Any) -> bool:
    """Tell whether two plain values are the same, 1 and 1.0 apart."""
    return type(a) is type(b) and repr(a) == repr(b)


def leaves(root: Root) -> dict[str, Any]:
    """Return everything that a document says, by path: scalars, and the kind of each node.

    ``/steps/a/retry`` is a node, ``/steps/a/retry/attempts`` one inside, ``/steps/a/after/b`` an
    item of a list of texts, ``/steps/a/retry/delay`` a number.
    """
    found: dict[str, Any] = {}
    for path, node in walk(root):
        defaults = _defaults(type(node))
        found[path] = node.__struct_config__.tag or type(node).__name__
        for field in msgspec.structs.fields(type(node)):
            value = getattr(node, field.name)
            if same(to_plain(value), defaults.get(field.name)):
                continue
            for place, leaf in _scalars(f"{path}/{field.encode_name}", value):
                found[place] = leaf
    return found


def _defaults(cls: type[msgspec.Struct]) -> dict[str, Any]:
    found = {}
    for field in msgspec.structs.fields(cls):
        if field.default is not msgspec.NODEFAULT:
            found[field.name] = to_plain(field.default)
        elif field.default_factory is not msgspec.NODEFAULT:
            found[field.name] = to_plain(field.default_factory())
    return found


def _scalars(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, msgspec.Struct):
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(item, msgspec.Struct):  # a foreign key, with all that it says
                yield f"{path}/{escape(str(key))}", item
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            segment = escape(item) if isinstance(item, str) else str(index)
            yield from _scalars(f"{path}/{segment}", item)
    else:
        yield path, value


def under(path: str, entry: str) -> bool:
    """Tell whether ``path`` is ``entry`` or inside it."""
    return path == entry or path.startswith(f"{entry}/")


def judged(case: Lowered) -> None:
    """(c) and (d): the report says what changed, where exactly, and nothing else."""
    old, new = leaves(case.before.workflow), leaves(case.after.workflow)
    entries = [d for d in case.report if d.fate in ("rewritten", *LOSSY)]
    for entry in entries:
        _names_a_node(entry, old)
    if isinstance(case.after.workflow, Instance) or isinstance(case.before.workflow, Instance):
        return  # another level: paths cannot be compared, only that each entry names a node
    changed = [path for path, v in old.items() if path not in new or not same(v, new[path])]
    added = [path for path in new if path not in old]
    rewritten = [_place(str(d.path)) for d in entries if d.fate == "rewritten"]
    for entry in entries:
        path = str(entry.path)
        touched = [c for c in (*changed, *added) if under(c, path) or under(path, c)]
        where = [c for c in (*changed, *added) if under(c, _place(path))]
        copied = any(under(path, place) for place in rewritten)  # what was rounded is the copy
        told = touched or copied or (where and entry.fate == "rewritten")
        assert told, f"survived: {entry} {path}"
        if entry.fate in LOSSY and not any(under(path, place) for place in rewritten):
            _smallest(entry, changed, old, new)
    lossy = [str(d.path) for d in entries if d.fate in LOSSY]
    names = {str(d.path).rsplit("/", 1)[-1] for d in entries if d.fate == "rewritten"}
    for path in changed:
        named = any(under(path, e) or under(e, path) for e in lossy)
        moved = any(under(path, place) for place in rewritten) or _reference(path, old[path], names)
        assert named or moved, f"lost without a word: {path} = {old[path]!r}"


def _names_a_node(entry: Diagnostic, old: Mapping[str, Any]) -> None:
    path = str(entry.path)
    assert path not in ("", "/"), f"an entry for the root: {entry}"
    inside = path in old or any(under(other, path) for other in old)
    assert inside, f"no such node in the source: {entry} {path}"
    column = path.startswith("/tasks/")  # of an instance: a million entries have one place
    whole_list = path not in old and not column
    assert not whole_list, f"an entry for a whole list: {entry} {path}"


def _place(path: str) -> str:
    """Return the step, port or process around a path: what a rewriting may rearrange."""
    parts = path.split("/")
    for index in reversed(range(1, len(parts))):
        if parts[index - 1] in ("steps", "outputs", "processes"):
            return "/".join(parts[: index + 1])
    return path


def _reference(path: str, value: Any, rewritten: set[str]) -> bool:
    """Tell whether a leaf is a name in a reference, which follows what was rewritten.

    In an array a reference is itself found by the name of what it refers to; the fields of a
    result are named as the outputs.
    """
    *_, holder, last = ("", *path.split("/"))
    is_node = last in rewritten and (value in ("input", "output") or holder == "after")
    _, of_result, fields = path.partition("/result/fields/")
    is_result = bool(of_result) and fields.split("/")[0] in rewritten
    return bool(rewritten) and (is_node or is_result or last in ("step", "port", "name"))


def _smallest(
    entry: Diagnostic, changed: list[str], old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    """Fail where the node is still there and all that changed lies in one node inside it."""
    path = str(entry.path)
    if path not in new or not same(old[path], new[path]):
        return
    inside = [c for c in changed if under(c, path) and c != path]
    heads = {c[len(path) + 1 :].split("/")[0] for c in inside}
    head = f"{path}/{next(iter(heads))}" if len(heads) == 1 else ""
    assert not (head and head in old), f"{entry}: {path} is more than what changed, {head}"


# --- running ----------------------------------------------------------------------------------


def outputs_of(
    document: Document, inputs: Mapping[str, Value], folder: Path, names: bool = True
) -> dict[str, Any]:
    """(b) Run a document and return its outputs, files by checksum and, if wanted, by name."""
    from fairwf.engine import RunOptions, run

    options = RunOptions(run_dir=folder / "run", outdir=folder / "out", container="none")
    record = run(document, inputs, options)
    assert record.status == "completed", record.error
    return {name: _comparable(from_literal(value), names) for name, value in record.outputs.items()}


def _comparable(value: Value, names: bool) -> Any:
    if isinstance(value, File):
        location = value.location or value.path or ""
        path = Path(unquote(urlsplit(location).path) if "://" in location else location)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return ("file", (value.basename or path.name) if names else None, digest)
    if isinstance(value, Directory):
        return ("directory", value.basename if names else None)
    if isinstance(value, Mapping):
        return {key: _comparable(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_comparable(item, names) for item in value]
    return (type(value).__name__, value)
