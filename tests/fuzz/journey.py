"""The road of a case through fairwf, and the endings that are allowed."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import tempfile
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from fairwf import crates, engine, fair, provenance
from fairwf.check import check
from fairwf.cli.comparison.changes import meaning
from fairwf.cli.diagnostics import SourceLines, render
from fairwf.cli.input_schema import input_schema
from fairwf.cli.inputs import job_template
from fairwf.cli.job import Given, read_values
from fairwf.cli.outputs import encode
from fairwf.cli.sarif import sarif
from fairwf.codes import CODES
from fairwf.conversion import convert_document, read_document
from fairwf.document import Document
from fairwf.engine.evaluate import Bindings, EvaluationError, Evaluator
from fairwf.engine.sandbox import Limits, Sandbox
from fairwf.engine.task.inputs import complete_inputs
from fairwf.fair.render import as_html, as_text
from fairwf.features import features_of
from fairwf.formats import Converter, Source, converter, converters, detect
from fairwf.graph import WRITERS, document_graph
from fairwf.ir.expressions import Directory, File
from fairwf.ir.instance import Instance
from fairwf.ir.values import from_literal
from fairwf.report import Diagnostic, FairwfError, InvalidError, Report
from tests.fuzz.case import OWN, Case
from tests.fuzz.guard import Guard

LIMITS = Limits(wall_s=5, cpu_s=0.3, memory_bytes=64 << 20, result_bytes=4 << 20)

# Findings about a file as a whole, or about more than one place, have no line.
WHOLE_FILE = frozenset(
    [
        "FWF1001",
        "FWF1002",
        "FWF1003",
        "FWF1005",
        "FWF1006",
        "FWF1009",
        "FWF1203",
        "FWF5001",
        "FWF5002",
        "FWF5006",
    ]
)


@dataclasses.dataclass(frozen=True)
class Finding:
    """An ending that is not allowed. Cases with the same signature show the same mistake."""

    signature: str
    text: str


@dataclasses.dataclass(frozen=True)
class Ending:
    """How far a case came: the last stage, the codes that refused it, what was found."""

    stage: str
    codes: tuple[str, ...] = ()
    finding: Finding | None = None


class Traveller:
    """Takes cases along the road, one by one, with one sandbox for all."""

    def __init__(self, guard: Guard | None = None) -> None:
        self.guard = guard or Guard()
        self.sandbox = Sandbox(LIMITS, reproducible=True)
        self.stage = ""

    def close(self) -> None:
        self.sandbox.close()

    def take(self, case: Case) -> Ending:
        """Take a case along its road; whatever is raised becomes an ending."""
        codes: tuple[str, ...] = ()
        self.stage = "start"
        folder = Path(tempfile.mkdtemp(prefix="fairwf-fuzz-"))
        road: Callable[[Case, Path], None] = getattr(self, case.kind)
        # What is written for a while, and read again, lies in the case's folder, too.
        elsewhere, tempfile.tempdir = tempfile.tempdir, str(folder)
        try:
            with self.guard.watching(folder):
                road(case, folder)
        except FairwfError as error:
            codes = tuple(sorted({d.code for d in error.report}))
            wrong = _wrong(error.report, self.stage)
            if wrong is None and not error.report.errors:
                wrong = Finding(f"{self.stage}: an error without a diagnostic", repr(error))
            if wrong is not None:
                return Ending(self.stage, codes, wrong)
        except BaseException as error:  # noqa: BLE001 - this is what is looked for
            return Ending(self.stage, codes, _raised(error, self.stage))
        finally:
            tempfile.tempdir = elsewhere
            shutil.rmtree(folder, ignore_errors=True)
        if self.guard.breaches:
            text = "\n".join(self.guard.breaches)
            return Ending(
                self.stage, codes, Finding(f"escape: {_general(text.splitlines()[0])}", text)
            )
        return Ending(self.stage, codes)

    @contextmanager
    def at(self, stage: str) -> Iterator[None]:
        self.stage = stage
        yield

    # --- documents

    def document(self, case: Case, folder: Path) -> None:
        """Detect, read, draw, compare, check, list the inputs, convert, score."""
        source = Source(name=str(case.path), path=case.path, given=case.data)
        lot = zlib.crc32(case.data)
        if lot % 16 == 0:
            self.forced(source)
        with self.at("detect"):
            found = detect(source).name
        document = self.read(source, found)
        self.uses(document, case.data)
        report = Report()
        with self.at("check"):
            check(document, report)
            _judge(report, self.stage)
        if not report.ok:
            raise InvalidError(report)
        with self.at("inputs"):
            job_template(document)
            json.dumps(input_schema(document))
        for target, chosen in _targets().items():
            self.convert(document, target)
            for version in chosen.versions[:-1] if lot % 8 == 0 else ():
                self.convert(document, target, version)
        if lot % 4 == 0:
            self.score(case, folder)
        if lot % 16 == 1:
            self.package(document, folder)

    def forced(self, source: Source) -> None:
        """Every reader gets every text: ``--from`` may name any format."""
        for name in _formats():
            with self.at(f"read as {name}"):
                report = Report()
                try:
                    read_document(source, report, name)
                except FairwfError as error:
                    _judge(error.report, self.stage)

    def read(self, source: Source, format: str) -> Document:
        report = Report()
        with self.at(f"read {format}"):
            document = read_document(source, report, format)
            _judge(report, self.stage)
        return document

    def uses(self, document: Document, data: bytes) -> None:
        """What needs no checked document: features, drawings, meaning, hash."""
        with self.at("features"):
            features_of(document.workflow)
        with self.at("meaning"):
            meaning(document)
            assert document.hash
        if document.instance:
            with self.at("check instance"):
                report = Report()
                check(document, report)
                if not report.ok:
                    raise InvalidError(report)
        for suffix, write in WRITERS.items():
            with self.at(f"graph {suffix}"):
                write(document_graph(document)).encode("utf-8")

    def convert(self, document: Document, target: str, version: str | None = None) -> None:
        with self.at(f"convert to {target}"):
            report = Report()
            try:
                converted = convert_document(document, target, report, version=version)
            except FairwfError as error:
                _judge(error.report, self.stage)
                return
            _judge(report, self.stage)
        with self.at(f"read {target} again"):
            again = Report()
            main = converted.written.main
            source = Source(name=main, path=Path("/nowhere") / main)
            source.__dict__["data"] = converted.written.files[main]
            if len(converted.written.files) == 1:
                read_document(source, again, target)

    def score(self, case: Case, folder: Path) -> None:
        with self.at("score"):
            path = folder / case.path.name
            path.write_bytes(case.data)
            card = fair.score(str(folder / case.path.name))
            encode(card)
            as_html(card).encode()
            as_text(card).encode()

    def package(self, document: Document, folder: Path) -> None:
        with self.at("package"):
            report = Report()
            target = folder / "packed.zip"
            try:
                crates.package_workflow(document, (), target, None, report)
            except FairwfError as error:
                _judge(error.report, self.stage)
                return
            _judge(report, self.stage)
        self.reads_crate(target)

    # --- job files

    def job(self, case: Case, folder: Path) -> None:
        """Read a job file for a document, and complete the inputs as a run does."""
        self.values(case, case.beside, case.data, folder)

    def values(
        self, case: Case, text: bytes, job: bytes, folder: Path
    ) -> tuple[Document, dict[str, Any]]:
        source = Source(name=str(case.path), path=case.path, given=text)
        with self.at("read the document"):
            document = read_document(source, Report())
            check(document, Report())
        shutil.copy(OWN / "data.txt", folder)
        path = folder / "job.yml"
        path.write_bytes(job)
        report = Report()
        with self.at("read the job"):
            values = read_values(document, Given(job=str(path)), report)
            _judge(report, self.stage)
        with self.at("complete the inputs"), self.guard.reading():
            if not isinstance(document.workflow, Instance):
                complete_inputs(
                    document.workflow,
                    values,
                    Evaluator(self.sandbox),
                    origins=document.origins,
                    folder=folder,
                    discover=True,
                    digests=True,
                )
        return document, values

    def run(self, case: Case, folder: Path) -> None:
        """Run a document whose programs are harmless with a mutated job, package what it left."""
        document, values = self.values(case, case.data, case.beside, folder)
        report = Report()
        with self.at("run"), self.guard.running(), self.guard.reading():
            options = engine.RunOptions(
                run_dir=folder / "run", container="none", cores=2, memory_mib=4000
            )
            record = engine.run(document, values, options, None, report)
            _judge(report, self.stage)
        with self.at("outputs"):
            render_outputs = converter(record.format or "ir").render_outputs
            assert render_outputs is not None
            outputs = {name: from_literal(value) for name, value in record.outputs.items()}
            json.dumps(render_outputs(document, outputs), ensure_ascii=False).encode()
        if record.status != "completed":
            return
        with self.at("package the run"), self.guard.reading():
            engine.load_run(folder / "run")
            crates.package_run(record, folder / "crate", None, report)
            _judge(report, self.stage)
        self.reads_crate(folder / "crate")

    # --- expressions

    def expression(self, case: Case, folder: Path) -> None:
        """Read an expression in a tool, evaluate it, convert the tool."""
        try:
            text = case.data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # no document can hold it: what is like it is tried
            text = case.data.decode("utf-8", "replace")
        tree = {
            "cwlVersion": "v1.2",
            "class": "ExpressionTool",
            "requirements": [{"class": "InlineJavascriptRequirement"}],
            "inputs": [{"id": name, "type": kind} for name, kind in _PORTS.items()],
            "outputs": [{"id": "out", "type": "Any?"}],
            "expression": text,
        }
        data = json.dumps(tree, indent=1).encode()
        path = folder / "tool.cwl"
        path.write_bytes(data)
        document = self.read(Source(name=str(path), path=path), "cwl")
        with self.at("evaluate"):
            try:
                value = Evaluator(self.sandbox).plain(
                    document.workflow.result,  # type: ignore[union-attr]
                    Bindings(inputs=_INPUTS, runtime=_RUNTIME),
                    document.workflow.libraries,  # type: ignore[union-attr]
                )
            except EvaluationError as error:
                assert str(error)
            else:
                assert value is None or repr(value)
        self.uses(document, data)
        with self.at("check"):
            report = Report()
            check(document, report)
        if report.ok:
            for target in _targets():
                self.convert(document, target)

    # --- crates

    def crate(self, case: Case, folder: Path) -> None:
        """Open a crate, follow its entities, tell its provenance, query it, score it."""
        (folder / "ro-crate-metadata.json").write_bytes(case.data)
        shutil.copy(OWN / "run-staging.cwl", folder / "main.cwl")
        shutil.copy(OWN / "data.txt", folder / "in.txt")
        try:
            self.reads_crate(folder)
        except FairwfError as error:
            _judge(error.report, self.stage)
        with self.at("score"):
            as_html(fair.score(str(folder))).encode()
        with self.at("damaged zip"):
            self.zip(case, folder)

    def zip(self, case: Case, folder: Path) -> None:
        """The same as a zip file, some of its octets changed."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ro-crate-metadata.json", case.data)
            archive.write(OWN / "data.txt", "in.txt")
        whole = bytearray(stream.getvalue())
        lot = zlib.crc32(case.data)
        for number in range(lot % 4):
            whole[(lot >> number) % len(whole)] ^= 1 << (lot >> 3 * number) % 8
        path = folder / "crate.zip"
        path.write_bytes(whole[: len(whole) if lot % 5 else lot % len(whole)])
        self.reads_crate(path)

    def reads_crate(self, place: Path) -> None:
        with self.at("open the crate"), crates.open_crate(place) as crate:
            with self.at("follow the crate"):
                list(crate.files())
                for name, entity in crate.entities.items():
                    if crate.has(name) and "File" in crates.read.types(entity):
                        try:
                            crate.open(name).close()
                        except InvalidError as error:
                            _judge(error.report, self.stage)
                assert crate.root is not None
                assert crate.main is None or crate.profiles is not None
            for form in provenance.FORMATS:
                with self.at(f"provenance as {form}"):
                    try:
                        provenance.prov(crate, form)
                    except FairwfError as error:
                        _judge(error.report, self.stage)
            with self.at("query"):
                try:
                    provenance.query(crate, "SELECT * WHERE { ?s ?p ?o } LIMIT 5")
                except FairwfError as error:
                    _judge(error.report, self.stage)


_PORTS = {
    "file": "File", "files": "File[]", "text": "string", "n": "int", "list": "int[]",
    "flag": "boolean", "nothing": "string?", "folder": "Directory", "x": "Any?", "y": "float",
    "record": {"type": "record", "fields": {"a": "string", "b c": "int?"}},
}  # fmt: skip
_FILE = File(location="file:///x/a.tar.gz", path="/x/a.tar.gz", basename="a.tar.gz",
             nameroot="a.tar", nameext=".gz", size=7, dirname="/x")  # fmt: skip
_INPUTS: dict[str, Any] = {
    "file": _FILE, "files": [_FILE, _FILE], "text": "a/b\u00e9", "n": 3, "list": [3, 1, 2],
    "flag": True, "nothing": None, "folder": Directory(location="file:///x", path="/x",
    basename="x"), "x": {"y": [1.5, None]}, "y": 0.5, "record": {"a": "1", "b c": None},
}  # fmt: skip
_RUNTIME: dict[str, Any] = {
    "outdir": "/o", "tmpdir": "/t", "cores": 1, "ram": 256, "outdirSize": 1, "tmpdirSize": 1,
    "exitCode": 0, "attempt": 1,
}  # fmt: skip


class WrongDiagnosticError(Exception):
    """A diagnostic lacks what every diagnostic has."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.signature)
        self.finding = finding


def _formats() -> dict[str, Converter]:
    """Return what reads or writes documents: other formats have traces of runs alone."""
    return {name: found for name, found in converters().items() if found.documents}


def _judge(report: Report, stage: str) -> None:
    wrong = _wrong(report, stage)
    if wrong is not None:
        raise WrongDiagnosticError(wrong)


def _wrong(report: Report, stage: str) -> Finding | None:
    """Return what is wrong with diagnostics, if anything."""
    lines = SourceLines()
    for d in report:
        fault = _fault(d)
        if fault is not None:
            return Finding(f"{stage}: {fault} [{d.code}] {_general(d.message)}", str(d))
        try:
            render(d, lines).encode("utf-8")
        except UnicodeEncodeError:
            return Finding(f"{stage}: cannot be printed [{d.code}]", repr(d))
    try:
        msgspec.json.encode(list(report))
        sarif(list(report)).encode("utf-8")
    except (UnicodeEncodeError, msgspec.MsgspecError) as error:
        return Finding(f"{stage}: cannot be JSON", repr(error) + repr(list(report))[:2000])
    return None


def _fault(d: Diagnostic) -> str | None:
    if d.code not in CODES or d.code == "FWF9003":
        return "internal error" if d.code == "FWF9003" else "unknown code"
    if not d.message.strip():
        return "no message"
    if len(d.message) > 3000 or len(d.hint or "") > 3000:
        return "a message without end"
    if d.severity != "error":
        return None
    if d.file is None:
        return "no file"
    whole = d.code in WHOLE_FILE or d.file.endswith("ro-crate-metadata.json")
    return None if whole or d.line is not None else "no line"


def _general(text: str) -> str:
    """A message without what differs from case to case."""
    out, inside = [], False
    for c in text[:300]:
        if c in "'\"":
            inside = not inside
        elif not inside and not c.isdigit():
            out.append(c)
    return "".join(out)[:80]


def _raised(error: BaseException, stage: str) -> Finding:
    if isinstance(error, WrongDiagnosticError):
        return error.finding
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/fairwf" in f.filename and "/tests/" not in f.filename]
    place = "?"
    if own:
        last = own[-1]
        place = f"{last.filename.rsplit('/fairwf', 1)[1]}:{last.name}"
    deep = isinstance(error, RecursionError)
    text = "" if deep else "".join(traceback.format_exception(error))[-6000:]
    stage = "" if not deep else f"{stage}: "
    return Finding(f"{stage}{type(error).__name__} at {place}", text or repr(error))


def _targets() -> dict[str, Converter]:
    """Return what writes documents."""
    return {name: found for name, found in _formats().items() if found.write}
