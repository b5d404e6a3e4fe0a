"""Galaxy workflows: ``.ga`` and gxformat2 (https://galaxyproject.org)."""

from __future__ import annotations

from fairwf.document import Document
from fairwf.features import Capabilities
from fairwf.formats import Converter, ReadOptions, Source, WriteOptions, Written
from fairwf.report import Report


def _detect(source: Source) -> int:
    from fairwf_galaxy.detect import detect

    return detect(source)


def _read(source: Source, options: ReadOptions, report: Report) -> Document:
    from fairwf_galaxy.read import read

    return read(source, report, options.tool_path)


def _normalize(document: Document, report: Report, version: str | None = None) -> Document:
    from fairwf_galaxy.write.normalize import normalize

    return normalize(document, report, version)


def _write(document: Document, options: WriteOptions, report: Report) -> Written:
    from fairwf_galaxy.write import write

    return write(document, options, report)


def _version_named(name: str) -> str | None:
    return "gxformat2" if name.endswith((".yml", ".yaml")) else None


def _capabilities(version: str | None) -> Capabilities:
    from fairwf_galaxy.write.capabilities import capabilities

    return capabilities()


CONVERTER = Converter(
    name="galaxy",
    title="Galaxy",
    versions=("ga", "gxformat2"),
    suffix=".ga",
    media_type="application/json",
    language_iri="https://w3id.org/workflowhub/workflow-ro-crate#galaxy",
    detect=_detect,
    read=_read,
    normalize=_normalize,
    write=_write,
    version_named=_version_named,
    capabilities=_capabilities,
)
