"""Recognising what Nextflow leaves: a trace file, the folder that it was launched in, a crate."""

from __future__ import annotations

from pathlib import Path

from fairwf_nextflow.provenance_crate import FILE, is_nf_prov

_KNOWN = frozenset({"task_id", "hash", "native_id", "name", "process", "status", "exit", "submit"})
_HEAD = 64 * 1024
_TRACES = (
    "*trace*.txt",
    "*trace*.tsv",
    "*/*trace*.txt",
    "*/*trace*.tsv",
    "*/pipeline_info/*trace*.txt",
)


def detect(path: Path) -> int:
    """Return how sure it is, 0 to 100, that a path is what Nextflow left behind."""
    if path.is_file():
        return 90 if is_trace(path) else 0
    if (path / FILE).is_file():  # a crate of another producer is none of ours
        return 90 if is_nf_prov(path) else 0
    if (path / ".nextflow" / "history").is_file() or (path / ".nextflow.log").is_file():
        return 85
    return 80 if trace_files(path) else 0


def is_trace(path: Path) -> bool:
    """Tell whether a file is a trace: tab-separated, with the names of fields above."""
    try:
        with path.open("rb") as stream:
            head = stream.readline(_HEAD)
    except OSError:
        return False
    names = {name.strip() for name in head.decode("utf-8", "replace").split("\t")}
    return len(names & _KNOWN) >= 3 and bool(names & {"name", "process"}) and "status" in names


def trace_files(folder: Path) -> list[Path]:
    """Return the traces in a launch folder, where pipelines put them; the newest first."""
    found: dict[Path, None] = {}
    for pattern in _TRACES:
        for path in folder.glob(pattern):
            if path.is_file() and not path.is_symlink() and is_trace(path):
                found[path] = None
    return sorted(found, key=lambda path: (-path.stat().st_mtime, str(path)))
