"""Text tests of passes: a YAML document holds what goes in, what comes out, and the report."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from fairwf.check import check
from fairwf.document import Document
from fairwf.features import Capabilities, Feature
from fairwf.ir import codec
from fairwf.ir.canonical import to_plain
from fairwf.ir.codec import Root
from fairwf.lower.catalogue import PASSES
from fairwf.lower.context import Context
from fairwf.lower.contract import Pass
from fairwf.report import Report

WIDTH = 96
FOLDER = Path(__file__).parent / "passes"
BY_NAME: Mapping[str, Pass] = {one.name: one for one in PASSES}


def cases() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield an id, the name of the pass and the document of each case."""
    for path in sorted(FOLDER.glob("*.yaml")):
        documents = YAML(typ="safe", pure=True).load_all(path.read_text(encoding="utf-8"))
        for number, document in enumerate(documents, start=1):
            name = document.get("pass", path.stem)
            yield f"{name}-{number}", name, document


def applied(name: str, before: Any) -> tuple[Any, list[str]]:
    """Apply a pass; return what came out as plain values (None: nothing changed), the report."""
    root, report = codec.from_plain(before), Report()
    _valid(root)
    after = run(BY_NAME[name], root, report)
    _valid(after)
    entries = [f"{d.fate} {d.path}: {d.message}" for d in report]
    return (None if after is root else to_plain(after)), entries


def run(one: Pass, root: Root, report: Report) -> Root:
    """Apply a pass as the planner does, for a target that lacks what it removes alone."""
    document = Document(workflow=root)
    capabilities = Capabilities(frozenset(Feature) - {one.removes})
    context = Context(root, document.origins, report, capabilities)
    context.settle(root)
    return one(root, context)


def _valid(root: Root) -> None:
    errors = [f"{d} {d.path}" for d in check(Document(workflow=root), Report()).errors]
    assert errors == []


def dump(document: Any) -> str:
    """Return the text of a case: what fits into a line stands on one."""
    yaml = YAML()
    yaml.width = 4 * WIDTH
    stream = io.StringIO()
    yaml.dump(_styled(document, WIDTH), stream)
    return stream.getvalue()


def _styled(value: Any, room: int) -> Any:
    made: Any = value
    if isinstance(value, Mapping):
        made = CommentedMap((key, _styled(item, room - 2)) for key, item in value.items())
    elif isinstance(value, (list, tuple)):
        made = CommentedSeq(_styled(item, room - 2) for item in value)
    if isinstance(made, (CommentedMap, CommentedSeq)):
        texts = isinstance(made, CommentedSeq) and made and all(isinstance(m, str) for m in made)
        fits = len(json.dumps(value, ensure_ascii=False)) <= room and not (texts and room > 90)
        (made.fa.set_flow_style if fits else made.fa.set_block_style)()
    return made
