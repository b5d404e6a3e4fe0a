"""Choosing a process of a document (CWL v1.2, "Packed documents"; Schema Salad, "$graph")."""

from __future__ import annotations

import msgspec

from fairwf.source import SourceList, SourceMap, did_you_mean
from fairwf_cwl.idmaps import entries
from fairwf_cwl.load import find_named
from fairwf_cwl.names import class_name, path_of, short
from fairwf_cwl.schema import PROCESS_CLASSES


class NoSuchProcess(msgspec.Struct, frozen=True):
    """Why there is no process to choose, and what to do."""

    message: str
    hint: str | None


def opened(tree: object) -> SourceMap | None:
    """Return the object of a document: a list of processes is a ``$graph`` without a name."""
    if isinstance(tree, SourceMap):
        return tree
    if not isinstance(tree, SourceList) or not all(isinstance(i, SourceMap) for i in tree):
        return None
    root = SourceMap(tree.span)
    root.put("$graph", tree, tree.span.start(), tree.span)
    return root


def choose(tree: SourceMap, fragment: str | None) -> SourceMap | NoSuchProcess:
    """Return the process that a fragment names.

    Without a fragment it is the top-level process, else ``#main``, else the only one that no other
    runs.
    """
    graph = tree.get("$graph")
    if isinstance(graph, (SourceList, SourceMap)):
        return _in_graph({_path(entry.key): entry.node for entry in entries(graph, "id")}, fragment)
    if fragment is None:
        return tree
    inner = find_named(tree, fragment, ("id",))
    if inner is not None:
        kind = class_name(inner.get("class"), {})
        if kind in PROCESS_CLASSES:
            return inner
    if "id" in tree:
        hint = f"the document itself is {short(str(tree['id']))!r:.80}: leave #{fragment:.80} out"
    else:
        hint = f"the document holds one process, without a name: leave #{fragment:.80} out"
    return NoSuchProcess(f"there is no process {fragment!r:.80}", hint)


def _path(identifier: str) -> str:
    return "/".join(path_of(identifier))


def _in_graph(found: dict[str, SourceMap], fragment: str | None) -> SourceMap | NoSuchProcess:
    """Look a process up by its whole id, else by its last part where only one ends so."""
    if not found:
        return NoSuchProcess(
            "the document holds no process", "a process begins with cwlVersion: v1.2"
        )
    if fragment is None and len(found) == 1:
        return next(iter(found.values()))
    name = _path(fragment) if fragment else "main"
    if name in found:
        return found[name]
    endings = [path for path in found if short(path) == short(name)]
    if len(endings) == 1:
        return found[endings[0]]
    if fragment is None:
        free = _not_run(found)
        if len(free) == 1:
            return found[free[0]]
        hint = f"name one: FILE#{' or FILE#'.join(free or found)}"[:300]
        message = "the document holds several processes and none is named 'main'"
        return NoSuchProcess(message, hint)
    if endings:
        hint = f"name one: {', '.join(endings)}"[:300]
        return NoSuchProcess(f"several processes are named {name!r:.80}", hint)
    known = f"there are: {', '.join(found)}"[:300]
    return NoSuchProcess(f"there is no process {name!r:.80}", did_you_mean(name, found) or known)


def _not_run(found: dict[str, SourceMap]) -> list[str]:
    run: set[str] = set()
    for node in found.values():
        for entry in entries(node.get("steps"), "id"):
            if isinstance(entry.node.get("run"), str):
                run.update((_path(entry.node["run"]), short(entry.node["run"])))
    return [path for path in found if path not in run and short(path) not in run]
