"""Write docs/patterns.md: common patterns of workflows in every format that is written.

``python -m tools.patterns`` (``make patterns``) makes the page with the converters themselves, from
the documents in examples/patterns; a test fails where the page is not what they make.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from fairwf import FairwfError, Report, convert, load
from fairwf.document import Document
from fairwf.formats import Converter, converters
from fairwf.graph import WRITERS, document_graph

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "patterns.md"
PATTERNS = {"chain": "Chain", "scatter": "Scatter and gather", "condition": "Condition",
            "nested": "Workflow in a workflow"}  # fmt: skip
"""The documents and what the patterns are called, the simplest first."""
MOST_LINES = 200
"""Of JSON that is shown as it is."""
_HEAD = """# Patterns in every format

The same workflow in every format that fairwf writes. Nothing on this page was written by hand: it
is made from `examples/patterns` by `python -m tools.patterns`, with the converters that
`fairwf convert` uses, and a test compares it with what they make. What a format cannot say is
refused, with the reason; what it says in other ways stands below it. Long JSON is shown as YAML,
without the places of the source.

```console
$ fairwf convert examples/patterns/scatter.cwl --to wdl -o scatter.wdl
$ fairwf diff examples/patterns/scatter.cwl scatter.wdl --format steps
```
"""


def writers() -> list[Converter]:
    """Return the formats of documents that are written, by name."""
    return [c for _, c in sorted(converters().items()) if c.write is not None and c.documents]


def generated() -> str:
    """Return the text of the page."""
    parts = [_HEAD]
    for name, title in PATTERNS.items():
        document = load(ROOT / "examples" / "patterns" / f"{name}.cwl")
        drawn = WRITERS[".mmd"](document_graph(document)).strip()
        doc = getattr(document.workflow, "doc", None) or ""
        parts += [f"## {title}\n", f"{doc}\n", f"```mermaid\n{drawn}\n```\n"]
        for converter in writers():
            parts += [f"### {title} in {converter.title}\n", *_said(document, converter)]
    return "\n".join(parts).rstrip("\n") + "\n"


def _said(document: Document, converter: Converter) -> Iterator[str]:
    report = Report()
    try:
        done = convert(document, converter.name, report=report)
    except FairwfError as error:
        found = error.report.errors[0]
        yield f"Refused, {found.code}: {found.message}.\n"
        return
    for file, data in sorted(done.written.files.items()):
        if file != done.written.main and data.count(b"\n") > MOST_LINES // 2:
            lines = data.count(b"\n")
            why = "that do what the language has no words for"
            yield f"Beside it lies `{file}`, {lines} lines {why}.\n"
            continue
        shown, language = _shown(file, data)
        if len(done.written.files) > 1:
            yield f"`{file}`:\n"
        yield f"```{language}\n{shown}\n```\n"
    told = {f"{d.code}: {d.message}" for d in report if d.fate in ("approximated", "lost")}
    yield from (f"- {line}" for line in sorted(told))
    if told:
        yield ""


def _shown(file: str, data: bytes) -> tuple[str, str]:
    """Return the text of a file, and its language; long JSON as YAML of the same."""
    text = data.decode("utf-8").rstrip()
    if Path(file).suffix != ".json" or text.count("\n") < MOST_LINES:
        return text, _language(file)
    plain = {k: v for k, v in json.loads(text).items() if k not in ("sources", "comments")}
    said = yaml.safe_dump(
        plain, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    return said.rstrip(), "yaml"


def _language(file: str) -> str:
    """Return what highlights a file, by the end of its name."""
    suffix = Path(file).suffix or Path(file).name
    known = {".json": "json", ".ga": "json", ".cwl": "yaml", ".yml": "yaml", ".nf": "groovy",
             ".smk": "py", "Snakefile": "py"}  # fmt: skip
    return known.get(suffix, "text")


def main() -> None:
    """Write the page."""
    PAGE.write_text(generated(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
