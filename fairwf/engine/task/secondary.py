"""Secondary files: what must lie beside a primary file (CWL v1.2 "SecondaryFileSchema")."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from fairwf.engine.evaluate import FunctionError, Inner
from fairwf.engine.evaluate.reading import local_path
from fairwf.engine.evaluate.texts import describe
from fairwf.engine.task.faults import Computing, failed
from fairwf.engine.task.files import Entry, entry_at, name_of
from fairwf.ir.expressions import Directory, File, StringLit
from fairwf.ir.ports import SecondaryFile
from fairwf.ir.values import Value


def apply_pattern(name: str, pattern: str) -> str:
    """Return the name that a pattern gives: each leading ``^`` strips an extension first.

    >>> apply_pattern("a.tar.gz", "^^.idx")
    'a.idx'
    """
    while pattern.startswith("^"):
        pattern = pattern[1:]
        stem, dot, _ = name.rpartition(".")
        if dot and stem:
            name = stem
    return name + pattern


def with_secondary(
    file: File,
    patterns: Sequence[SecondaryFile],
    computing: Computing,
    *,
    required: bool,
    look: Callable[[File, str], Entry | None],
    what: str,
    code: str,
) -> File:
    """Return the file with the secondary files of all patterns.

    ``required`` is the default of the place; ``look`` finds a name beside the primary file;
    ``code`` is of the finding when a required one is missing.

    Raises:
        TaskFailed: a required one is missing, or an expression gives something unusable.
    """
    found: dict[str, Entry] = {name_of(entry): entry for entry in file.secondary}
    for pattern in patterns:
        scope = Inner(computing.scope, {"self": file})
        for given in _names(pattern, file, computing, scope, what):
            if isinstance(given, (File, Directory)):
                # An object of a location that is there already renames it.
                found = {
                    name: entry
                    for name, entry in found.items()
                    if given.location is None or entry.location != given.location
                }
                found[name_of(given)] = given
                continue
            name = given.rpartition("/")[2] if "/" not in given else given
            if name in found:
                continue
            entry = look(file, name)
            if entry is not None:
                found[name] = entry
            elif _is_required(pattern, computing, scope, required, what):
                raise failed(
                    code,
                    f"{what}: {describe(file)} has no secondary file {name!r}",
                    computing.origins,
                    pattern.pattern,
                    pattern,
                    hint="it must lie beside the file, or be named in its secondaryFiles",
                )
    return replace(file, secondary=tuple(found.values()))


def _names(
    pattern: SecondaryFile, file: File, computing: Computing, scope: Inner, what: str
) -> list[str | Entry]:
    value = computing.value(pattern.pattern, f"{what}, secondary files", scope)
    is_pattern = isinstance(pattern.pattern, StringLit)
    names: list[str | Entry] = []

    def add(one: Value) -> None:
        if one is None:
            return
        if isinstance(one, (File, Directory)):
            names.append(one)
        elif isinstance(one, str):
            names.append(apply_pattern(file.basename or "", one) if is_pattern else one)
        elif isinstance(one, (list, tuple)):
            for inner in one:
                add(inner)
        else:
            message = f"{what}: a secondary file is a name or a file, not {describe(one)}"
            raise failed("FWF4002", message, computing.origins, pattern.pattern)

    add(value)
    return names


def _is_required(
    pattern: SecondaryFile, computing: Computing, scope: Inner, default: bool, what: str
) -> bool:
    if pattern.required is None:
        return default
    value = computing.value(pattern.required, f"{what}, 'required' of a secondary file", scope)
    if value is None:
        return False
    if not isinstance(value, bool):
        message = f"{what}: 'required' is true or false, not {describe(value)}"
        raise failed("FWF4002", message, computing.origins, pattern.required)
    return value


def beside(file: File, name: str) -> Entry | None:
    """Return what lies beside a file on disk under a name, if anything does."""
    try:
        path = str(local_path(file).parent / name)
        entry = entry_at(path, os.stat(path).st_mode)
    except (FunctionError, OSError, ValueError):
        return None
    if isinstance(entry, Directory):
        return replace(entry, path=None)
    return replace(entry, path=None, dirname=None)


def nothing(_file: File, _name: str) -> Entry | None:
    """Find nothing: the values must say it all."""
    return None
