"""Python that a rule runs (``run``, ``script``), with what Snakemake would hand to it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

PREAMBLE = '''\
import json as _json, os as _os, re as _re, subprocess as _subprocess, sys as _sys

class _Named(list):
    """Values by number and, where they have one, by name."""
    def __init__(self, pairs):
        super().__init__(value for _, value in pairs)
        self._names = {name: value for name, value in pairs if name}
        self.__dict__.update(self._names)
    def keys(self):
        return self._names.keys()
    def items(self):
        return self._names.items()
    def get(self, name, default=None):
        return self._names.get(name, default)
    def __getitem__(self, key):
        return self._names[key] if isinstance(key, str) else super().__getitem__(key)
    def __str__(self):
        return " ".join(map(str, self))
    __format__ = lambda self, spec: str(self)

class _Lines(list):
    def __str__(self):
        return " ".join(map(str, self))
    __format__ = lambda self, spec: str(self)

def _named(pairs):
    return _Named([(n, _Lines(v) if isinstance(v, list) else v) for n, v in pairs])

class _Snakemake:
    def __init__(self, given):
        for name in ("input", "output", "params", "wildcards", "log", "resources"):
            setattr(self, name, _named(given[name]))
        self.threads, self.rule, self.config = given["threads"], given["rule"], given["config"]
    def log_fmt_shell(self, stdout=True, stderr=True, append=False):
        if not self.log:
            return ""
        sign = ">>" if append else ">"
        lead = {(True, True): "&" + sign, (True, False): sign, (False, True): "2" + sign}
        return f" {lead[stdout, stderr]} {self.log}" if (stdout, stderr) in lead else ""

snakemake = _Snakemake(_json.loads('''
"""Comes before the text; a JSON text with what the rule has follows, and :data:`AFTER`."""

AFTER = "))\n"

NAMES = """\
import os, sys
from pathlib import Path

input, output, params, wildcards = (
    snakemake.input, snakemake.output, snakemake.params, snakemake.wildcards)
log, resources, threads, config, rule = (
    snakemake.log, snakemake.resources, snakemake.threads, snakemake.config, snakemake.rule)

def shell(command, iterable=False, read=False, **more):
    frame = _sys._getframe(1)
    names = {**frame.f_globals, **frame.f_locals, **more}
    done = _subprocess.run(
        ["bash", "-c", "set -euo pipefail; " + command.format(**names)],
        check=True, text=True, stdout=_subprocess.PIPE if iterable or read else None)
    if iterable:
        return iter(done.stdout.splitlines())
    return done.stdout if read else None

"""
"""What a ``run`` block sees beside: the members under their own names, and ``shell``."""


def needed(body: str, python: Sequence[ast.stmt]) -> str | None:
    """Return the imports, functions and assignments of the Snakefile that a block needs.

    None where the block is no Python.
    """
    try:
        names = _names(ast.parse(body).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    chosen: list[int] = []
    wanted = set(names)
    while True:
        more = [
            index
            for index, statement in enumerate(python)
            if index not in chosen and _given(statement) & wanted
        ]
        if not more:
            break
        chosen += more
        for index in more:
            wanted |= _names([python[index]])
    return "".join(f"{ast.unparse(python[index])}\n" for index in sorted(chosen))


def _names(body: Iterable[ast.stmt]) -> set[str]:
    return {
        each.id for statement in body for each in ast.walk(statement) if isinstance(each, ast.Name)
    }


def _given(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).split(".")[0] for alias in names}
        case ast.Assign(targets=targets):
            return {t.id for t in targets if isinstance(t, ast.Name)}
    return set()
