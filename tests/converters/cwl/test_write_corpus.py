"""Every published CWL document that is read is written as CWL that reads back as the same IR.

All files of the corpora that are CWL count, whatever their names end in, and every process of a
``$graph``. Left out are those that are not read, or that the checks refuse.
"""

import random
from pathlib import Path

import pytest
import yaml

from fairwf.conversion import check_document, convert_document
from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, converter
from fairwf.ir.canonical import canonical_bytes, same
from fairwf.report import FairwfError, InvalidError, Report
from fairwf_cwl.read import read
from tests.laws.law import explain

SAMPLE = 60
SPLIT = 20
LEAST = 1480
"""Documents and processes of the corpora that are written."""
SUFFIXES = (".cwl", ".json", ".yml", ".yaml")


def _listed(corpora: Path) -> list[str]:
    """Return every CWL file, and every process of a ``$graph`` as ``FILE#id``."""
    found = []
    for path in sorted((corpora / "cwl").rglob("*")):
        if path.suffix not in SUFFIXES or not path.is_file():
            continue
        source = Source.at(path)
        detect = converter("cwl").detect
        assert detect is not None
        if not detect(source):
            continue
        found.append(str(path))
        if b"$graph" in source.data:
            found += [f"{path}#{name}" for name in _processes(source.data)]
    return found


def _processes(data: bytes) -> list[str]:
    try:
        tree = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return []
    graph = tree.get("$graph") if isinstance(tree, dict) else None
    rows = graph if isinstance(graph, list) else []
    return [row["id"].lstrip("#") for row in rows if isinstance(row, dict) and "id" in row]


def _read(path: str) -> Document | None:
    try:
        document = read(Source.at(path), ReadOptions(), Report())
        check_document(document, Report())
    except FairwfError as error:
        assert isinstance(error, InvalidError) or error.report.errors
        return None
    return document


def _changed(path: str, folder: Path, split: bool = False) -> str | None:
    """Convert to CWL and read again; return what became different, None for a document unread."""
    document = _read(path)
    if document is None:
        return None
    report = Report()
    result = convert_document(document, "cwl", report, split=split)
    assert report.by_fate("approximated", "lost") == [], path
    for name, data in result.written.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    again = read(Source.at(folder / result.written.main), ReadOptions(), Report())
    if canonical_bytes(again.workflow) != canonical_bytes(result.lowered.workflow):
        return explain(result.lowered.workflow, again.workflow)
    if not same(document.workflow, result.lowered.workflow):
        return explain(document.workflow, result.lowered.workflow)
    return ""


def _check(paths: list[str], folder: Path, split: bool = False) -> int:
    """Demand that all are written and read back as they were; return how many there were."""
    seen = {path: _changed(path, folder, split) for path in paths}
    changed = {path: text for path, text in seen.items() if text}
    count = sum(text is not None for text in seen.values())
    print(f"{count - len(changed)} of {count} read back as they were read first")
    assert changed == {}
    return count


def test_a_sample_of_published_documents_reads_back(corpora: Path, tmp_path: Path) -> None:
    chosen = random.Random(2).sample(_listed(corpora), SAMPLE)
    assert _check(chosen, tmp_path) > SAMPLE * 0.9
    split = random.Random(3).sample(_listed(corpora), SPLIT)
    assert _check(split, tmp_path / "split", split=True) > SPLIT * 0.9


@pytest.mark.long
@pytest.mark.parametrize("split", [False, True])
def test_all_published_documents_read_back(corpora: Path, tmp_path: Path, split: bool) -> None:
    assert _check(_listed(corpora), tmp_path, split) >= LEAST
