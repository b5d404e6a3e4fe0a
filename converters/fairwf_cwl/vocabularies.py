"""The ontologies of ``$schemas`` (CWL v1.2, "Document metadata"; Schema Salad 1.2, "$schemas")."""

from __future__ import annotations

from collections.abc import Iterator

from fairwf.document import Document
from fairwf.ir.instance import Instance
from fairwf.ir.walk import walk


def vocabularies(document: Document) -> tuple[str, ...]:
    """Return what the processes of a document name in ``$schemas``, main first, each once.

    Paths are relative to the folder of the document's source.
    """
    if isinstance(document.workflow, Instance):
        return ()
    return tuple(dict.fromkeys(_named(document)))


def _named(document: Document) -> Iterator[str]:
    for _, node in walk(document.workflow):
        extensions = getattr(node, "extensions", None)
        said = extensions.get("cwl", {}).get("$schemas") if extensions else None
        if isinstance(said, (list, tuple)):
            yield from (text for text in said if isinstance(text, str))
