"""Convert CWL to WDL, and WDL to CWL, run both in their own engines, and compare the outputs.

    python -m tests.conformance.between cwl [--suite v1.2] [--tests ID,ID] [--sample N]
    python -m tests.conformance.between wdl SPECIFICATION [--tests ID,ID] [--sample N]
    options: [--engine native|fairwf] [--jobs N] [--target-version V] [--cache DIR] [--verbose]

``cwl`` takes the tests of a CWL conformance suite, but those that have to fail or need a container;
``wdl`` the examples of a checkout of https://github.com/openwdl/wdl that do not have to fail. What
the source's engine does not run does not count. Engines are cwltool without containers, and
miniwdl with the backend in ``tests/engines`` (``--engine fairwf``: our own for both). Each other
document is

- *equal*: the outputs are the same by the mapping in :mod:`fairwf.verify.mapping`,
- *refused*: the writer says, with exit code 33, what the target cannot say,
- *told*: other outputs, or it does not run, and the report says what was approximated or lost,
- *failed*: it does not run, and nothing was told,
- *silent*: other outputs, and nothing was told. There must be none of these.

Prints what is not equal or refused, the refused ones grouped by what the target lacks, a table by
the features that the documents use, and the counts. Ends with 1 where there is a silent difference.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import pickle
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import fairwf
from fairwf.features import features_of
from fairwf.formats import Source, converter
from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value
from fairwf.jobfile import amended, ports_of
from fairwf.native import NativeEngine, NativeRun
from fairwf.report import FairwfError, Report
from fairwf.verify.conversion import Side, compared, native_engine, outputs_of
from fairwf.verify.mapping import paired
from tests.conformance import warm
from tests.conformance import wdl as specification
from tests.conformance.cwl import ROOT, SUITES, prepare

BACKEND = ROOT / "tests" / "engines" / "miniwdl_host"
ONE_AT_A_TIME = Lock()
"""Conversions share nothing but this process."""


@dataclass(frozen=True)
class Case:
    """A document to convert, with its job file."""

    name: str
    place: str
    format: str
    job: Path | None


@dataclass(frozen=True)
class Verdict:
    """What came of a case."""

    name: str
    verdict: str
    reason: str = ""
    features: tuple[str, ...] = ()


class Between:
    """Judges cases of one direction."""

    def __init__(
        self,
        target: str,
        version: str | None,
        engines: Mapping[str, NativeEngine],
        kept: Path,
        work: Path,
    ) -> None:
        self.target = target
        self.version = version
        self.engines = engines
        self.kept = kept
        self.work = work

    def judge(self, case: Case) -> Verdict | None:
        """Return the verdict, None where the source does not run."""
        report = Report()
        try:
            with ONE_AT_A_TIME:
                document = fairwf.load(case.place, report=report)
                if case.job is not None:
                    document = amended(document, Source.at(case.job), report)
                values = _values(case, document)
                used = sorted(str(one.value) for one in features_of(document.workflow))
        except (FairwfError, OSError) as error:
            runs = case.format != "wdl" or self._runs(case)
            return Verdict(case.name, "unread", _words(error)) if runs else None
        source = Side(document, case.place, case.format)
        with tempfile.TemporaryDirectory(dir=self.work) as place:
            folder = Path(place)
            expected = self._expected(case, source, values)
            if expected.outputs is None:
                return None
            verdict, why = self._compared(case, source, values, expected.outputs, folder, report)
        return Verdict(case.name, verdict, why, tuple(used))

    def _runs(self, case: Case) -> bool:
        """Tell whether miniwdl runs a document that we do not read."""
        engine: Any = self.engines.get(case.format)
        if engine is None:
            return True
        place, _, task = case.place.partition("#")
        command = [*engine.command, "run", place, *(["--task", task] if task else [])]
        command += ["-i", str(case.job)] if case.job is not None else []
        with tempfile.TemporaryDirectory(dir=self.work) as folder:
            done = subprocess.run(
                [*command, "-d", folder], cwd=Path(place).parent, capture_output=True
            )
        return done.returncode == 0

    def _expected(self, case: Case, source: Side, values: Mapping[str, Value]) -> NativeRun:
        # examples of two specifications have the same names
        named = hashlib.sha256(Path(case.place.partition("#")[0]).read_bytes()).hexdigest()[:8]
        return self._kept(f"{case.format}-{case.name}-{named}", source, case.job, values)

    def _kept(
        self, name: str, side: Side, job: Path | None, values: Mapping[str, Value]
    ) -> NativeRun:
        """Run a document once, where what it gives stays to be compared with later."""
        kept = self.kept / f"{len(self.engines)}-{name}"
        if not (kept / "given").is_file():
            shutil.rmtree(kept, ignore_errors=True)
            found = outputs_of(side, self.engines.get(side.format), job, values, kept)
            (kept / "given").write_bytes(pickle.dumps((found.outputs, found.said)))
        return NativeRun(*pickle.loads((kept / "given").read_bytes()))

    def _compared(
        self,
        case: Case,
        source: Side,
        values: Mapping[str, Value],
        expected: Mapping[str, Value],
        folder: Path,
        report: Report,
    ) -> tuple[str, str]:
        # beside its source, where files that it names have to be; in a copy of it
        beside = Path(case.place.partition("#")[0]).resolve().parent
        shutil.copytree(beside, folder / "written", copy_function=_linked)
        try:
            with ONE_AT_A_TIME:
                written = fairwf.convert(
                    source.document, self.target, target_version=self.version,
                    folder=beside, report=report,
                ).written  # fmt: skip
                for name, data in written.files.items():
                    (folder / "written" / name).unlink(missing_ok=True)
                    (folder / "written" / name).write_bytes(data)
                main = folder / "written" / written.main
                target = Side(fairwf.load(main), str(main), self.target)
        except FairwfError as error:
            return "refused", _words(error)
        losses = [one.message for one in report.by_fate("approximated", "lost")]
        told = "told" if losses else None
        more = f" [{losses[0]}]" if losses else ""
        try:
            theirs = paired(values, ports_of(source.document), ports_of(target.document))
        except ValueError:
            return told or "silent", f"other inputs{more}"
        if any(_has_secondary(one) for one in theirs.values()) and self.target == "wdl":
            told = "told"
            more = more or " [files of WDL have no secondary files, those of the job file have]"
        told_of = repr((sorted(written.files.items()), theirs)).encode()
        name = f"{self.target}-{hashlib.sha256(told_of).hexdigest()}"
        found = self._kept(name, target, None, theirs)
        if found.outputs is None:
            return told or "failed", f"{found.said[:300]}{more}"
        if len(source.outputs) != len(target.outputs):
            return told or "silent", f"other outputs{more}"
        different = compared(source, expected, target, found.outputs)
        first = next((f"{k}: {v}" for k, v in different.items() if v), None)
        return ("equal", "") if first is None else (told or "silent", f"{first}{more}")


def _has_secondary(value: Value) -> bool:
    if isinstance(value, (File, Directory)):
        return bool(getattr(value, "secondary", ()))
    items = value.values() if isinstance(value, Mapping) else value
    return (
        isinstance(items, Iterable)
        and not isinstance(items, (str, bytes))
        and any(map(_has_secondary, items))
    )


def _linked(source: str, target: str) -> str:
    os.link(source, target)
    return target


def _values(case: Case, document: fairwf.Document) -> Mapping[str, Value]:
    if case.job is None:
        return {}
    read = converter(case.format).read_inputs
    assert read is not None
    return read(Source.at(case.job), document, Report())


def _words(error: BaseException) -> str:
    errors = error.report.errors if isinstance(error, FairwfError) else []
    text = errors[0].message if errors else str(error)
    return re.sub(r"'[^']*'", "'...'", text)[:120]


@contextlib.contextmanager
def conformance_tests(suite_name: str, kept: Path | None = None) -> Iterator[list[Case]]:
    """Give the tests of a CWL conformance suite, which is put into ``kept``."""
    from cwltest.utils import load_and_validate_tests, shortname

    suite = SUITES[suite_name]
    corpora = ROOT / os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    with tempfile.TemporaryDirectory() as folder:
        place = (kept or Path(folder)).resolve() / f"suite-{suite_name}"
        listed = place / suite.tests
        if not listed.is_file():
            listed = prepare(suite, corpora / suite.folder, place)
        cases = []
        for row in load_and_validate_tests(str(listed))[0]:
            name = shortname(row["id"])
            if row.get("should_fail") or name in suite.need_container | suite.need_network:
                continue
            tool, job = (_local(listed, row.get(key)) for key in ("tool", "job"))
            assert tool is not None
            cases.append(Case(name, tool, "cwl", Path(job) if job is not None else None))
        yield cases


def _local(listed: Path, place: str | None) -> str | None:
    if not place:
        return None
    parts = urlsplit(place if "://" in place else str(listed.parent / place))
    return parts.path + (f"#{parts.fragment}" if parts.fragment else "")


@contextlib.contextmanager
def spec_examples(checkout: Path, kept: Path | None = None) -> Iterator[list[Case]]:
    """Give the examples of a WDL specification, which are put into ``kept``."""
    import json

    with tempfile.TemporaryDirectory() as place:
        folder = (kept or Path(place)).resolve() / f"examples-{checkout.name}"
        data = checkout / "tests" / "data"
        folder.mkdir(parents=True, exist_ok=True)
        if data.is_dir():
            shutil.copytree(data, folder, dirs_exist_ok=True)
        cases = []
        found = list(specification.examples(checkout))
        for example in found:
            (folder / f"{example.name}.wdl").write_text(example.wdl)
        for example in found:
            if example.fails or example.name.endswith("_resource"):
                continue
            job = folder / f"{example.name}.inputs.json"
            job.write_text(json.dumps(example.inputs))
            path = str(folder / f"{example.name}.wdl")
            path += f"#{example.target}" if example.target else ""
            cases.append(Case(example.name, path, "wdl", job))
        yield cases


@contextlib.contextmanager
def engines(native: bool) -> Iterator[Mapping[str, NativeEngine]]:
    """Give the engines of CWL and WDL, each warm: a call costs a fork; none if they are ours."""
    with contextlib.ExitStack() as stack:
        found: dict[str, NativeEngine] = {}
        for format_ in ("cwl", "wdl") if native else ():
            engine: Any = native_engine(format_)
            if engine is None:
                raise SystemExit(f"the engine of {format_} is not installed")
            engine.command = (str(stack.enter_context(warm.served(engine.name))),)
            if format_ == "cwl":  # on a busy machine its Node takes longer than it waits for
                engine.command += ("--eval-timeout", "600")
            found[format_] = engine
        yield found


def table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the lines of a table of verdicts by feature."""
    names = ("equal", "refused", "told", "failed", "silent")
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in verdicts:
        for feature in one.features or ("none",):
            rows[feature][one.verdict] += 1
    yield f"{'feature':26}" + "".join(f"{name:>9}" for name in names)
    for feature, counts in sorted(rows.items()):
        yield f"{feature:26}" + "".join(f"{counts[name]:9}" for name in names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("source", choices=("cwl", "wdl"))
    parser.add_argument("specification", type=Path, nargs="?")
    parser.add_argument("--suite", choices=SUITES, default="v1.2")
    parser.add_argument("--target-version")
    parser.add_argument("--tests")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--engine", choices=("native", "fairwf"), default="native")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--cache", type=Path, help="a folder that keeps what documents give")
    parser.add_argument("--verbose", action="store_true")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge and print."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.source == "wdl" and not (
        options.specification and (options.specification / "SPEC.md").is_file()
    ):
        parser.error("name a checkout of openwdl/wdl, which holds SPEC.md")
    if str(BACKEND) not in sys.path:
        sys.path.append(str(BACKEND))
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{BACKEND}{os.pathsep}{before}" if before else str(BACKEND)
    os.environ.setdefault("MINIWDL__SCHEDULER__CONTAINER_BACKEND", "host")
    given: Any = (
        conformance_tests(options.suite, options.cache)
        if options.source == "cwl"
        else spec_examples(options.specification, options.cache)
    )
    native = engines(options.engine == "native")
    with tempfile.TemporaryDirectory() as work, given as cases, native as known:
        if options.tests:
            cases = [case for case in cases if case.name in options.tests.split(",")]
        if options.sample:
            cases = random.Random(0).sample(cases, min(options.sample, len(cases)))
        kept = options.cache or Path(work, "kept")
        between = Between(
            "wdl" if options.source == "cwl" else "cwl",
            options.target_version, known, kept, Path(work),
        )  # fmt: skip
        verdicts: list[Verdict] = []
        with ThreadPoolExecutor(options.jobs) as pool:
            for verdict in pool.map(between.judge, cases):
                if verdict is None:
                    continue
                verdicts.append(verdict)
                if verdict.verdict not in ("equal", "refused", "unread") or options.verbose:
                    print(f"{verdict.verdict}: {verdict.name}: {verdict.reason}", flush=True)
    _summary(verdicts)
    return 1 if any(one.verdict == "silent" for one in verdicts) else 0


def _summary(verdicts: Sequence[Verdict]) -> None:
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in verdicts:
        if one.verdict in ("refused", "unread"):
            groups[one.verdict, one.reason].append(one.name)
    for (verdict, reason), names in sorted(groups.items(), key=lambda item: -len(item[1])):
        print(f"{len(names):4} {verdict}: {reason} ({', '.join(names[:3])})")
    print(*table(verdicts), sep="\n")
    counts = Counter(one.verdict for one in verdicts)
    of = len(verdicts)
    print(f"of {of}: " + ", ".join(f"{n} {name}" for name, n in counts.most_common()))
    if of:
        print(f"equal: {100 * counts['equal'] / of:.1f} %")


if __name__ == "__main__":
    sys.exit(main())
