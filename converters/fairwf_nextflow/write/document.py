"""All files of a document: the script, its modules, the configuration and the schema."""

from __future__ import annotations

from fairwf.ir.metadata import Metadata
from fairwf.ir.workflow import Operation, Process
from fairwf_nextflow.write.failures import CannotSayError, Telling
from fairwf_nextflow.write.parameters import json_text, params_block, schema_of
from fairwf_nextflow.write.prepare import Opening
from fairwf_nextflow.write.processes import _comment
from fairwf_nextflow.write.strings import literal
from fairwf_nextflow.write.substitution import arrays
from fairwf_nextflow.write.workflows import WorkflowWriter

MAIN = "main.nf"


def texts_of(root: Process, tell: Telling) -> dict[str, str]:
    """Return the files of a document, :data:`MAIN` first.

    Raises:
        CannotSayError: Nextflow cannot say a part of it.
    """
    if isinstance(root, Operation):
        raise CannotSayError("Nextflow has no process that cannot run yet", root)
    root = arrays(root)
    flat = Opening().open(root)
    writer = WorkflowWriter(root, flat, tell)
    writer.write()
    ports = root.inputs
    parts = ["#!/usr/bin/env nextflow\n\n", _comment(root.doc or root.label)]
    parts.append("".join(f"{line}\n" for line in writer.includes))
    parts.append("\n" if writer.includes else "")
    parts.append(params_block(ports, writer.params))
    lines = "".join(f"    {line}\n" for line in writer.lines)
    publish = "".join(f"    {name} = {text}\n" for name, text in writer.published.items())
    parts.append("workflow {\n    main:\n" + lines)
    parts.append(f"\n    publish:\n{publish}" if publish else "")
    parts.append("}\n")
    if publish:
        inner = "".join(f"    {n} {{\n        path '{n}'\n    }}\n" for n in writer.published)
        parts.append(f"\noutput {{\n{inner}}}\n")
    files = {MAIN: "".join(parts), **writer.modules, "nextflow.config": _config(root)}
    if ports:
        title = root.label or root.id or "inputs"
        files["nextflow_schema.json"] = json_text(schema_of(ports, writer.params, title))
    return files


def _config(root: Process) -> str:
    facts = root.metadata or Metadata()
    said: list[str] = []
    title = root.id or facts.title
    for name, value in (
        ("name", title),
        ("author", ", ".join(agent.name for agent in facts.creators if agent.name)),
        ("version", facts.version),
        ("homePage", facts.url),
        ("license", facts.license),
    ):
        if value:
            said.append(f"    {name} = {literal(value)}\n")
    manifest = f"manifest {{\n{''.join(said)}}}\n\n" if said else ""
    return (
        f"{manifest}// what a process makes comes in the order of what it was given\n"
        "process.fair = true\n"
    )
