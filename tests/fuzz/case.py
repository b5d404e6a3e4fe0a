"""What a case is, and the seeds that cases are made from: published documents, or our own."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

REPOSITORY = Path(__file__).resolve().parents[2]
OWN = Path(__file__).parent / "documents"
LARGEST_SEED = 12 * 1024

Kind = Literal["document", "job", "run", "expression", "crate"]


@dataclass(frozen=True)
class Case:
    """Octets and what they are. ``path``: where relative references count from.

    ``beside`` holds the document of a job file, and the job file of a run.
    """

    kind: Kind
    name: str
    data: bytes
    path: Path
    beside: bytes = b""

    def to_json(self) -> dict[str, str]:
        return {
            "kind": self.kind,
            "name": self.name,
            "path": str(self.path),
            "data": base64.b64encode(self.data).decode(),
            "beside": base64.b64encode(self.beside).decode(),
        }

    @staticmethod
    def from_json(said: dict[str, Any]) -> Case:
        return Case(
            kind=said["kind"],
            name=said["name"],
            path=Path(said["path"]),
            data=base64.b64decode(said["data"]),
            beside=base64.b64decode(said["beside"]),
        )


@dataclass(frozen=True)
class Seeds:
    """Seeds by kind, in an order that does not depend on the machine."""

    by_kind: dict[Kind, list[Case]]

    def __len__(self) -> int:
        return sum(map(len, self.by_kind.values()))


def corpora() -> Path | None:
    """The folder of published documents (see ``tests/conftest.py``), where there is one."""
    named = os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    folder = (REPOSITORY / named).resolve()
    return folder if folder.is_dir() else None


def load_seeds(published: bool = True) -> Seeds:
    """Return all seeds; without ``published`` only those in the repository."""
    folder = corpora() if published else None
    found: dict[Kind, list[Case]] = {kind: [] for kind in ("document", "job", "run", "crate")}
    found["expression"] = [
        Case("expression", f"expression {number}", text.encode(), OWN / "expression")
        for number, text in enumerate(json.loads((OWN / "expressions.json").read_text()))
    ]
    for path in sorted(OWN.glob("run-*")):
        document, job = path.read_bytes(), _job_of(path).read_bytes()
        found["run"].append(Case("run", path.name, document, path, job))
        found["job"].append(Case("job", path.name, job, path, document))
        found["document"].append(Case("document", path.name, document, path))
    for path in _files(REPOSITORY / "examples", "*.cwl", "*.ir.yml"):
        found["document"].append(_seed("document", path))
    for path in _files(OWN, "*.wfformat.json"):
        found["document"].append(_seed("document", path))
    for path in _files(OWN, "*.crate.json"):
        found["crate"].append(_seed("crate", path))
    if folder is not None:
        for path in _files(folder / "cwl", "*.cwl"):
            found["document"].append(_seed("document", path))
        for path in _files(folder / "wfformat", "*.json"):
            found["document"] += [_seed("document", path)] * 12
        for path in _files(folder / "rocrate", "ro-crate-metadata.json", largest=60_000):
            found["crate"].append(_seed("crate", path))
        found["job"] += _jobs(folder / "cwl")
    return Seeds(found)


def _job_of(path: Path) -> Path:
    return path.with_name(f"job-{path.name.partition('.')[0]}.yml")


def _seed(kind: Kind, path: Path) -> Case:
    return Case(kind, path.name, path.read_bytes(), path)


def _files(folder: Path, *patterns: str, largest: int = LARGEST_SEED) -> Iterator[Path]:
    paths = {path for pattern in patterns for path in folder.rglob(pattern)}
    for path in sorted(paths):
        if path.is_file() and path.stat().st_size <= largest:
            yield path


def _jobs(folder: Path) -> Iterator[Case]:
    """Job files of the conformance suite, each with the tool of the same name."""
    for path in _files(folder, "*-job.json", "*-job.yml", "*-job.yaml"):
        tool = path.with_name(path.name.rsplit("-job.", 1)[0] + ".cwl")
        if tool.is_file() and tool.stat().st_size <= LARGEST_SEED:
            yield Case("job", path.name, path.read_bytes(), tool, tool.read_bytes())
