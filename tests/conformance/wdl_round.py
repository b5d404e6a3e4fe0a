"""Round trips of WDL documents: read, written, read again.

    python -m tests.conformance.wdl_round PATH... [--target-version V] [--all]

Each PATH is a WDL file, a folder (all ``*.wdl`` below it), or a specification's ``SPEC.md``, whose
examples are taken. Prints each document that is not the same with the reason, then how many are

- *same*: the IR read again is the one read first, but for the names of bound variables, and a value
  that is bound to be used twice may stand there twice,
- *other*: it is another IR; what differs first is printed,
- *refused*: the writer says that it cannot write it,
- *unread*: the reader refuses it already, so it does not count.

Everything that is written has passed miniwdl's type checker, which the writer asks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

import fairwf
from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.expressions import Call, Each, Local
from fairwf.ir.rewriting import map_children
from fairwf.ir.workflow import Over, Scatter
from fairwf.report import FairwfError
from fairwf_wdl.write.patterns import let
from tests.conformance.wdl import examples
from tests.laws.law import explain


class Trip(NamedTuple):
    """What came of a document."""

    name: str
    verdict: str
    reason: str = ""


def same_names(root: msgspec.Struct) -> msgspec.Struct:
    """Return a tree whose bound variables are numbered, so that their names do not matter.

    A value that is bound once to be used twice stands there twice.
    """

    def visit(node: msgspec.Struct, names: dict[str, str]) -> msgspec.Struct:
        node = let(node) if isinstance(node, Call) else node
        if isinstance(node, Local):
            return Local(name=names.get(node.name, node.name))
        if isinstance(node, Each):
            inner = {**names, node.name: f"bound{len(names)}"}
            over = visit(node.over, names)
            body = visit(node.body, inner)
            where = visit(node.where, inner) if node.where is not None else None
            return msgspec.structs.replace(
                node,
                name=inner[node.name],
                over=over,  # type: ignore[arg-type]
                body=body,  # type: ignore[arg-type]
                where=where,  # type: ignore[arg-type]
            )
        scatter = getattr(node, "scatter", None)
        if isinstance(scatter, Scatter):
            over_ = {one.name: f"bound{number}" for number, one in enumerate(scatter.over)}
            renamed = tuple(Over(name=over_[one.name], value=one.value) for one in scatter.over)
            node = msgspec.structs.replace(node, scatter=Scatter(over=renamed, mode=scatter.mode))  # type: ignore[call-arg]
            names = {**names, **over_}
        return map_children(node, lambda child: visit(child, names))

    return visit(root, {})


def trip(path: Path, version: str | None = None) -> Trip:
    """Read, write and read a document."""
    try:
        document = fairwf.load(path)
    except FairwfError as error:
        return Trip(path.name, "unread", _reason(error))
    try:
        written = fairwf.convert(document, "wdl", target_version=version).written
    except FairwfError as error:
        return Trip(path.name, "refused", _reason(error))
    with tempfile.TemporaryDirectory() as folder:
        for name, data in written.files.items():
            Path(folder, name).write_bytes(data)
        again = fairwf.load(Path(folder, written.main))
    old, new = same_names(document.workflow), same_names(again.workflow)
    if canonical_bytes(old) == canonical_bytes(new):  # type: ignore[arg-type]
        return Trip(path.name, "same")
    return Trip(path.name, "other", explain(old, new))  # type: ignore[arg-type]


def _reason(error: FairwfError) -> str:
    return str(error.report.errors[0]) if error.report.errors else str(error)


def documents(paths: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Yield the documents at paths; those of a specification are put into a folder."""
    for path in paths:
        if path.name == "SPEC.md":
            for example in examples(path.parent):
                target = folder / f"{example.name}.wdl"
                target.write_text(example.wdl)
            yield from sorted(folder.glob("*.wdl"))
        elif path.is_dir():
            yield from sorted(path.rglob("*.wdl"))
        else:
            yield path


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("paths", type=Path, nargs="+")
    parser.add_argument("--target-version")
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for path in documents(options.paths, Path(folder)):
            done = trip(path, options.target_version)
            counts[done.verdict] += 1
            if done.verdict not in ("same", "unread"):
                print(f"{done.verdict}: {done.name}: {done.reason[:400]}", flush=True)
    print(", ".join(f"{counts[name]} {name}" for name in ("same", "other", "refused", "unread")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
