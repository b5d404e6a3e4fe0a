"""Whole Snakefiles: the rules, the configuration, and the modules that they use."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fairwf.document import Document
from fairwf.formats import WriteOptions, Written
from fairwf.ir.expressions import Input, Output
from fairwf.ir.instance import Instance
from fairwf.ir.relocating import relocated
from fairwf.ir.workflow import Process, Step, Workflow
from fairwf.report import Report, UnsupportedError
from fairwf_snakemake.writing.book import Book
from fairwf_snakemake.writing.comments import comments
from fairwf_snakemake.writing.config import config_text, schema_text
from fairwf_snakemake.writing.failures import CannotSayError

MAIN = "Snakefile"
_MODULES = ("fairwf_functions.py", "fairwf_files.py")

_HEAD = """\
import sys

from snakemake.utils import min_version, validate

min_version("8.0")
sys.path.insert(0, str(workflow.basedir))

import fairwf_files as files
import fairwf_functions as std


configfile: "config.yaml"


validate(config, "config.schema.yaml", set_default=False)
"""


def write(document: Document, options: WriteOptions, report: Report) -> Written:
    """Return a Snakefile, its configuration with a schema, and the modules that it uses.

    Raises:
        UnsupportedError: a Snakefile cannot say a part of it.
    """
    root = document.workflow
    if isinstance(root, Instance):
        raise UnsupportedError.of("FWF3001", "a Snakefile has no tasks that were expanded")
    source = document.source
    folder = Path(source).parent if source not in (None, "-") else None
    try:
        files = texts_of(relocated(root, folder, options.folder))
    except CannotSayError as error:
        origin = document.origins
        path = origin.path(error.node) if hasattr(origin, "path") else None
        report.add(
            "FWF3001", error.message, span=origin.get(error.node), hint=error.hint, path=path
        )
        raise UnsupportedError(report) from None
    return Written(main=MAIN, files=files)


def texts_of(root: Process) -> dict[str, bytes]:
    """Return the files of a document by their names.

    Raises:
        CannotSayError: a Snakefile cannot say a part of it.
    """
    workflow = root if isinstance(root, Workflow) else _around(root)
    book = Book()
    last = book.workflow(workflow)
    parts = [_comment(workflow), _HEAD, *book.functions]
    parts.append('rule all:\n    input:\n        "outputs.json",\n    default_target: True\n')
    parts += [rule.text() for rule in (*book.rules, last)]
    text = "\n\n".join(part for part in parts if part)
    files = {
        MAIN: text.encode(),
        "config.yaml": config_text(workflow.inputs).encode(),
        "config.schema.yaml": schema_text(workflow.inputs).encode(),
    }
    emitted = Path(__file__).with_name("emitted")
    files.update({name: (emitted / name).read_bytes() for name in _MODULES})
    return {**files, **book.files}


def _comment(workflow: Workflow) -> str:
    lines = list(comments(workflow.label, workflow.doc))
    return "\n".join(lines) + "\n" if lines else ""


def _around(process: Process) -> Workflow:
    """Return a workflow of one step, for a document that is a tool."""
    name = process.id or "main"
    links = {port.id: Input(name=port.id) for port in process.inputs}
    outputs = tuple(
        msgspec.structs.replace(port, collect=None, value=Output(step=name, port=port.id))
        for port in process.outputs
    )
    step = Step(id=name, run=process, inputs=links)
    return Workflow(inputs=process.inputs, outputs=outputs, steps=(step,))
