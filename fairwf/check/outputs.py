"""Outputs of tasks that can never be found, and what a task writes in vain."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase

from fairwf.check.findings import Findings
from fairwf.check.sites import placed
from fairwf.ir.expressions import Array, Expr, If, StringLit, Template
from fairwf.ir.ports import Collect, CollectRecord, Glob, Stderr, Stdout
from fairwf.ir.workflow import Command, Process, Script


def check_outputs(root: Process, findings: Findings) -> None:
    """Tell of patterns that leave the task's folder (CWL v1.2 "CommandOutputBinding")."""
    for place in placed(root):
        process = place.process
        if not isinstance(process, (Command, Script)):
            continue
        for port in process.outputs:
            for glob in _globs(port.collect):
                for pattern in glob.patterns:
                    _outside(pattern, port.id, findings)
        _streams(process, findings)


def _globs(collect: Collect | None) -> Iterator[Glob]:
    if isinstance(collect, Glob):
        yield collect
    elif isinstance(collect, CollectRecord):
        for part in collect.fields.values():
            yield from _globs(part)


def _outside(pattern: Expr, port: str, findings: Findings) -> None:
    for node, text, whole in _beginnings(pattern):
        parts = text.split("/")
        if text.startswith("/"):
            why = "is absolute"
        elif ".." in (parts if whole else parts[:-1]):
            why = "leads out of it"
        else:
            continue
        findings.tell(
            "FWF2012",
            node,
            f"output {port!r} is looked for only in the task's folder, but the pattern"
            f" {text!r:.60} {why}",
            "let the task write into its folder, and give a pattern relative to it",
        )


def _beginnings(pattern: Expr) -> Iterator[tuple[Expr, str, bool]]:
    """Yield the texts with which a pattern may begin, and whether each is all of it."""
    match pattern:
        case StringLit(value=text):
            yield pattern, text, True
        case Template(parts=(StringLit(value=text) as first, *_)):
            yield first, text, False
        case Array(items=items):
            for item in items:
                yield from _beginnings(item)
        case If():
            yield from _beginnings(pattern.then)
            yield from _beginnings(pattern.otherwise)


def _streams(process: Command | Script, findings: Findings) -> None:
    """Tell of a stream that is kept in a file which no output takes."""
    globs = [glob for port in process.outputs for glob in _globs(port.collect)]
    patterns = [pattern for glob in globs for pattern in glob.patterns]
    if not all(isinstance(pattern, StringLit) for pattern in patterns):
        return
    texts = [pattern.value for pattern in patterns if isinstance(pattern, StringLit)]
    kinds = {type(port.collect) for port in process.outputs}
    for kind, name, node in (
        (Stdout, "standard output", process.stdout),
        (Stderr, "standard error", process.stderr),
    ):
        if not isinstance(node, StringLit) or kind in kinds or node.value == process.outputs_file:
            continue
        file = posixpath.normpath(node.value)
        if any(fnmatchcase(file, text) or file.startswith(f"{text}/") for text in texts):
            continue
        findings.tell(
            "FWF2009",
            node,
            f"{name} is kept in {node.value!r:.60}, which no output takes",
            f"add an output of type {kind.__name__.lower()}, or a pattern that matches it",
            severity="note",
        )
