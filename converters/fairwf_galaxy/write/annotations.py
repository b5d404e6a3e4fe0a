"""Labels and documentation: Galaxy has an annotation for each step, and for the workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairwf.ir.ports import InputPort
from fairwf.ir.workflow import Step, Workflow
from fairwf_galaxy.write.failures import Tell


def kept_of(node: msgspec.Struct) -> Mapping[str, Any]:
    """Return the keys of Galaxy that a node was read with."""
    extensions: Mapping[str, Any] = getattr(node, "extensions", {})
    kept = extensions.get("galaxy", {})
    return kept if isinstance(kept, Mapping) else {}


def annotation(node: Workflow | Step | InputPort, tell: Tell, labelled: bool = False) -> str:
    """Return the annotation of a node; a label stands in it where Galaxy has no place of its own.

    ``labelled``: the label is said elsewhere.
    """
    if node.doc == "":
        tell("FWF3004", "an empty annotation is none", node, "doc")
    if labelled:
        return node.doc or ""
    if node.label == "":
        tell("FWF3004", "an empty title is none", node, "label")
    if not node.label:
        return node.doc or ""
    if node.doc:
        tell("FWF3004", "Galaxy's steps have an id and an annotation, and no title", node, "label")
        return node.doc
    tell("FWF3003", "Galaxy's steps have no title: it is the annotation there", node, "label")
    return node.label
