"""Convert a CWL conformance suite to WDL, and run both with fairwf's own engine.

    python -m tests.conformance.wdl_from_cwl [--suite v1.2] [--target-version V] [--sample N]
        [--tests ID,ID] [--verbose]

Tests that have to fail do not count, nor those that our engine does not run in CWL. Each other one
is *equal* (the outputs are the same; files by basename and SHA-256, ports and members in their
order), *different* without a word, *different, as told* by an approximation or loss in the report,
*failed* (the WDL does not run to its end), or *refused* by the writer. Refused
ones are grouped by the reason. Everything that is written has passed miniwdl's type checker.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import fairwf
from fairwf.document import Document
from fairwf.engine import RunOptions, run
from fairwf.formats import Source, converter
from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value, from_literal
from fairwf.report import FairwfError, Report
from tests.conformance.cwl import ROOT, SUITES, prepare

_UNNAMED = re.compile(r"[0-9a-f]{20}\.std(?:out|err)|\.?std(?:out|err)\.txt")
"""Names that engines choose for a stream that the document does not name."""


def outcome(row: Mapping[str, Any], version: str | None) -> tuple[str, str]:
    """Return the verdict on a test, and why."""
    try:
        document = fairwf.load(Path(urlsplit(row["tool"]).path + _fragment(row["tool"])))
        inputs = _inputs(row, document)
        expected = _outputs(document, inputs)
    except (FairwfError, OSError, AssertionError) as error:
        return "not run in CWL", _words(error)
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        try:
            written = fairwf.convert(
                document, "wdl", target_version=version, folder=folder, report=report
            ).written
        except FairwfError as error:
            return "refused", _words(error)
        for name, data in written.files.items():
            Path(folder, name).write_bytes(data)
        again = fairwf.load(Path(folder, written.main))
        old, new = (getattr(one.workflow, "inputs", ()) for one in (document, again))
        if len(old) != len(new):
            return "different", "the inputs are not the same in number"
        names = {a.id: b.id for a, b in zip(old, new, strict=True)}
        try:
            got = _outputs(again, {names[k]: v for k, v in inputs.items() if k in names})
        except (FairwfError, OSError, AssertionError) as error:
            return "failed", _words(error)
    if got == expected:
        return "equal", ""
    losses = report.by_fate("approximated", "lost")
    if losses:
        return "different, as told", losses[0].message
    return "different", f"{expected!r:.300} became {got!r:.300}"


def _fragment(location: str) -> str:
    fragment = urlsplit(location).fragment
    return f"#{fragment}" if fragment else ""


def _inputs(row: Mapping[str, Any], document: Document) -> dict[str, Value]:
    if not row.get("job"):
        return {}
    cwl = converter("cwl")
    assert cwl.read_inputs is not None
    source = Source.at(urlsplit(row["job"]).path)
    return dict(cwl.read_inputs(source, document, Report()))


def _outputs(document: Document, inputs: Mapping[str, Value]) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        options = RunOptions(
            run_dir=Path(folder, "run"), outdir=Path(folder, "out"), container="none"
        )
        record = run(document, inputs, options)
        if record.status != "completed":
            raise AssertionError(str(record.error)[:300])
        ids = [port.id for port in getattr(document.workflow, "outputs", ())]
        values = {name: from_literal(value) for name, value in record.outputs.items()}
        return [_comparable(values.get(name)) for name in ids]


def _comparable(value: Value) -> Any:
    if isinstance(value, File):
        location = value.location or value.path or ""
        path = Path(unquote(urlsplit(location).path) if "://" in location else location)
        inside = tuple(_comparable(one) for one in value.secondary)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = _UNNAMED.sub("", value.basename or path.name)
        return ("file", name, digest, inside)
    if isinstance(value, Directory):
        location = value.location or value.path or ""
        path = Path(unquote(urlsplit(location).path) if "://" in location else location)
        return ("directory", value.basename or path.name, _tree(path))
    if isinstance(value, Mapping):
        return [_comparable(item) for item in value.values()]
    if isinstance(value, (list, tuple)):
        return [_comparable(item) for item in value]
    return value


def _tree(path: Path) -> list[tuple[str, str]]:
    return [
        (str(one.relative_to(path)), hashlib.sha256(one.read_bytes()).hexdigest())
        for one in sorted(path.rglob("*"))
        if one.is_file()
    ]


def _words(error: BaseException) -> str:
    errors = error.report.errors if isinstance(error, FairwfError) else []
    text = errors[0].message if errors else str(error)
    return re.sub(r"'[^']*'", "'...'", text)[:110]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--suite", choices=SUITES, default="v1.2")
    parser.add_argument("--target-version")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--tests")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args(arguments)
    from cwltest.utils import load_and_validate_tests, shortname

    suite = SUITES[options.suite]
    corpora = ROOT / os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    counts: Counter[str] = Counter()
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory() as folder:
        listed = prepare(suite, corpora / suite.folder, Path(folder, "suite"))
        rows = {shortname(t["id"]): t for t in load_and_validate_tests(str(listed))[0]}
        names = [name for name, row in rows.items() if not row.get("should_fail")]
        if options.tests:
            names = options.tests.split(",")
        if options.sample:
            names = sorted(random.Random(0).sample(names, options.sample))
        for name in names:
            row = {**rows[name]}
            for key in ("tool", "job"):
                if row.get(key) and "://" not in row[key]:
                    row[key] = str(listed.parent / row[key])
            verdict, why = outcome(row, options.target_version)
            counts[verdict] += 1
            reasons[verdict][why] += 1
            if verdict in ("different", "failed") or options.verbose:
                print(f"{verdict}: {name}: {why}", flush=True)
    for why, number in reasons["refused"].most_common():
        print(f"{number:4} refused: {why}")
    ran = sum(number for verdict, number in counts.items() if verdict != "not run in CWL")
    print(f"of {ran}: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
