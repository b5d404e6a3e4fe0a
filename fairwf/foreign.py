"""Runs of other engines as a SOURCE: recognised by their content, read, and confined.

What an engine left behind is written by strangers. It may name any path of this machine, so only
files in the trace's own folder, or in folders that the user names, are looked at or copied
(:attr:`fairwf.trace.Run.within`); the rest is described by what the trace says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from fairwf.formats import TraceReader, converters
from fairwf.locate import CRATE_METADATA, unpacked
from fairwf.report import InvalidError, Report, UsageFault
from fairwf.source import did_you_mean
from fairwf.trace import Run
from fairwf.trace.run import told_apart

SURE = 50
"""How sure a reader must be of a trace whose engine nobody named."""


def trace_readers() -> Mapping[str, TraceReader]:
    """Return what reads traces, by the name that ``--from-trace`` has for it."""
    found = (converter.trace for converter in converters().values())
    return {reader.name: reader for reader in sorted(filter(None, found), key=lambda r: r.name)}


def trace_reader(name: str) -> TraceReader:
    """Return the reader of this name.

    Raises:
        UsageFault: there is none.
    """
    known = trace_readers()
    if name not in known:
        raise UsageFault.of(
            "FWF9001",
            f"no traces {name!r:.60} are read",
            hint=f"{did_you_mean(name, known) or ''} known: {', '.join(known)}".strip(),
        )
    return known[name]


def recognised(path: Path) -> TraceReader | None:
    """Return what reads the trace at a path, told from content; None where it is no trace."""
    if not os.path.exists(path):  # noqa: PTH110 - takes names of any length
        return None
    surest = max(_scores(path), key=lambda pair: pair[0], default=None)
    return surest[1] if surest is not None and surest[0] >= SURE else None


def _scores(path: Path) -> Iterator[tuple[int, TraceReader]]:
    for reader in trace_readers().values():
        try:
            yield reader.detect(path), reader
        except OSError:  # what cannot be looked into is recognised by nobody
            continue


def holds_trace(text: str) -> bool:
    """Tell whether a SOURCE is what an engine left behind of a run."""
    return text != "-" and recognised(unpacked(Path(text))) is not None


def holds_provenance(text: str) -> bool:
    """Tell whether a SOURCE is a trace, and no crate, which tells its provenance itself."""
    path = unpacked(Path(text))
    return not (path / CRATE_METADATA).is_file() and recognised(path) is not None


def read_run(text: str, report: Report, name: str | None = None, data: Sequence[Path] = ()) -> Run:
    """Return the run that a trace tells of.

    Args:
        text: the trace: a folder, a file, or a zip file of a folder.
        report: takes the findings.
        name: the reader; told from the content when None.
        data: folders beside the trace's own whose files may be looked at and copied.

    Raises:
        InvalidError: the trace is damaged, or nothing recognises it.
        UsageFault: no reader has this name.
    """
    path = unpacked(Path(text))
    if not os.path.exists(path):  # noqa: PTH110 - takes names of any length
        raise InvalidError.of("FWF1001", "there is no trace of a run", file=text)
    path = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
    reader = trace_reader(name) if name is not None else recognised(path)
    if reader is None:
        known = ", ".join(f"{r.name} ({r.title})" for r in trace_readers().values())
        raise InvalidError.of(
            "FWF1801",
            "nothing recognises this as what an engine left behind of a run",
            file=text,
            hint=f"name it with --from-trace: {known}",
        )
    try:
        run = reader.read(path, report)
    except OSError as error:
        raise InvalidError.of(
            "FWF1802", f"cannot be read: {error.strerror or error}", file=text
        ) from None
    if not report.ok:
        raise InvalidError(report)
    run = msgspec.structs.replace(run, tasks=told_apart(run.tasks))
    inside = confined(run, [path if path.is_dir() else path.parent, *data])
    _tell_outside(run.source_files, inside.source_files, report)
    return inside


def _tell_outside(stated: Sequence[str], kept: Sequence[str], report: Report) -> None:
    """Tell which documents of the workflow a trace names, and may not be looked at."""
    inside = set(kept)
    outside = [file for file in stated if file not in inside]
    if not outside:
        return
    what = "the workflow's document" if outside[0] == stated[0] else "a part of the workflow"
    more = f", with {len(outside) - 1} more" if len(outside) > 1 else ""
    report.add(
        "FWF1803",
        f"{what} lies outside of the trace's own folder{more}: it is not looked at",
        file=outside[0],
        hint=f"if it may be: fairwf package ... --data {Path(outside[0]).parent}",
    )


def confined(run: Run, folders: Sequence[Path]) -> Run:
    """Return a run whose files are looked at and copied from these folders alone."""
    trees = tuple(os.path.realpath(folder) for folder in folders)
    sources = tuple(file for file in run.source_files if lies_in(file, trees))
    if sources[:1] != run.source_files[:1]:
        sources = ()  # parts without the main document are no workflow
    return msgspec.structs.replace(
        run,
        within=trees,
        source_files=sources,
        source=sources[0] if sources else None,
        base=run.base if run.base is not None and lies_in(run.base, trees) else None,
    )


def lies_in(path: str, trees: Sequence[str]) -> bool:
    """Tell whether a path, its links followed, lies in one of these folders."""
    if "\0" in path:
        return False
    real = os.path.realpath(path)
    return any(real == tree or real.startswith(tree.rstrip("/") + "/") for tree in trees)
