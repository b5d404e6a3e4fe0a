"""WfFormat 1.3, 1.4 and 1.5 to instances."""

from __future__ import annotations

from collections import Counter

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.report import InvalidError, Report
from fairwf_wfformat.collector import without_collector
from fairwf_wfformat.columns import instance_of
from fairwf_wfformat.consistency import Finding, findings
from fairwf_wfformat.differences import with_patches
from fairwf_wfformat.emit import FORMAT
from fairwf_wfformat.parse import Text, parse
from fairwf_wfformat.positions import origins_of
from fairwf_wfformat.upgrade import upgrade

MOST_OF_A_KIND = 20
"""How many findings of one kind are told one by one."""


def read(source: Source, report: Report) -> Document:
    """Return the document of a WfFormat file: an :class:`~fairwf.ir.instance.Instance`.

    Contradictions of which the meaning is clear are warnings (FWF1203). Time and memory are linear
    in the size of the text; positions are looked up only for findings.

    Raises:
        InvalidError: no JSON, the schema of its version is broken, or it contradicts itself.
    """
    with without_collector():
        return _read(source, report)


def _read(source: Source, report: Report) -> Document:
    found, text = parse(source, report)
    plain, places, wrong = upgrade(found)
    told = [Finding("warning", "size", message, path) for path, message in wrong]
    told.extend(findings(plain, places))
    _tell(told, text, report)
    if any(item.severity == "error" for item in told):
        raise InvalidError(report)
    instance = with_patches(instance_of(plain), plain, exact=plain is found)
    origins = origins_of(instance, text, places)
    return Document(workflow=instance, origins=origins, format=FORMAT, source=source.name)


def _tell(found: list[Finding], text: Text, report: Report) -> None:
    count: Counter[str] = Counter()
    for item in found:
        count[item.kind] += 1
        if count[item.kind] <= MOST_OF_A_KIND:
            text.tell(report, "FWF1203", item.message, item.path, item.hint, item.severity)
    for kind, number in count.items():
        if number > MOST_OF_A_KIND:
            first = next(item for item in found if item.kind == kind)
            more = f"and {number - MOST_OF_A_KIND} more findings like this: {first.message}"
            report.add("FWF1203", more, file=text.file, severity=first.severity)
