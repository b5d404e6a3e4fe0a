"""Media types and format entities of files.

A media type is looked up by the ending of the name, or else by whether the first octets are text;
EDAM IRIs are kept as they were stated, with their label where it is known.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any

# Labels of EDAM 1.25 formats that workflows name most (http://edamontology.org).
EDAM_LABELS = {
    "format_1915": "Format",
    "format_1929": "FASTA",
    "format_1930": "FASTQ",
    "format_2330": "Textual format",
    "format_2331": "HTML",
    "format_2332": "XML",
    "format_2333": "Binary format",
    "format_2572": "BAM",
    "format_2573": "SAM",
    "format_3003": "BED",
    "format_3016": "VCF",
    "format_3464": "JSON",
    "format_3475": "TSV",
    "format_3508": "PDF",
    "format_3603": "PNG",
    "format_3604": "SVG",
    "format_3752": "CSV",
    "format_3996": "Python script",
}

_BY_ENDING = {
    ".bam": "application/octet-stream",
    ".cwl": "text/x-yaml",
    ".fa": "text/x-fasta",
    ".fasta": "text/x-fasta",
    ".fastq": "text/x-fastq",
    ".fq": "text/x-fastq",
    ".ga": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".nf": "text/x-nextflow",
    ".ttl": "text/turtle",
    ".tsv": "text/tab-separated-values",
    ".wdl": "text/x-wdl",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
_COMPRESSED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_TYPES = mimetypes.MimeTypes()
_TYPES.types_map[1].update(_BY_ENDING)


def media_type(name: str, path: Path | None = None) -> str:
    """Return the media type of a file by its name, or by its first octets where that says none."""
    found, encoding = _TYPES.guess_type(name.lower(), strict=True)
    if encoding in _COMPRESSED:
        return _COMPRESSED[encoding]
    if found is not None:
        return found
    if path is not None and path.is_file():
        with path.open("rb") as stream:
            head = stream.read(4096)
        return "text/plain" if head and _is_text(head) else "application/octet-stream"
    return "application/octet-stream"


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and len(head) >= 4096
    return True


def format_entity(iri: str) -> dict[str, Any]:
    """Return the entity that describes a format's IRI.

    RO-Crate 1.1 "Adding detailed descriptions of encodings" wants a ``WebSite`` with a name.
    """
    name = iri.rstrip("/#").replace("#", "/").rpartition("/")[2] or iri
    return {"@type": "WebSite", "@id": iri, "name": EDAM_LABELS.get(name, name)}
