"""How many mutants each validator finds: python -m benchmarks.mutations.measure OUT [...]

OUT is what ``corpus`` made. Writes ``OUT/verdicts-NAME.json`` and prints tables by kind and format.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

Finding = tuple[str, int | None, str]
"""Severity, line, message."""
Validator = Callable[[str], list[Finding]]


def fairwf(file: str) -> list[Finding]:
    from fairwf.cli.validation.selection import Selection
    from fairwf.cli.validation.verdict import check_source
    from fairwf.formats import Source

    found = check_source(Source.at(file), None, Selection())
    return [(d.severity, d.line, f"{d.code} {d.message}") for d in found.diagnostics]


_AT = re.compile(r"(?:^|[\s/])(?P<file>[\w.-]+\.(?:cwl|wdl)):(?P<line>\d+)(?::\d+)?:")


def cwltool(file: str) -> list[Finding]:
    """cwltool --validate, in a process that has imported it already."""
    return _forked(_cwltool, file)


def _cwltool(file: str) -> list[Finding]:
    from cwltool.main import main

    out, err = io.StringIO(), io.StringIO()
    import logging

    logging.getLogger("cwltool").handlers.clear()
    code = main(
        ["--validate", "--disable-color", "--strict", file],
        stdout=out, stderr=err, logger_handler=logging.StreamHandler(err),
    )  # fmt: skip
    text = err.getvalue()
    severity = "error" if code else "warning"
    lines = [(int(m["line"]), m["file"]) for m in _AT.finditer(text)]
    own = [line for line, name in lines if name == Path(file).name]
    found: list[Finding] = [(severity, line, text[:300]) for line in own]
    return found or ([("error", None, text[:300])] if code else [])


def miniwdl(file: str) -> list[Finding]:
    """Return what ``miniwdl check`` tells of errors, in this process."""
    import WDL

    try:
        WDL.load(file, check_quant=False)
    except Exception as error:  # noqa: BLE001 - its error is the finding
        errors = getattr(error, "exceptions", None) or [error]
        found: list[Finding] = []
        for each in errors:
            pos = getattr(each, "pos", None)
            found.append(("error", pos.line if pos is not None else None, str(each)[:300]))
        return found
    return []


def schema(file: str) -> list[Finding]:
    """The JSON Schema of WfFormat, by the version that the document names."""
    import jsonschema

    from fairwf.source import SourceError, load_structured, span_of

    folder = Path(os.environ["WFFORMAT_SCHEMAS"])
    data = Path(file).read_bytes()
    try:
        tree = load_structured(data, file)
        plain = json.loads(data)
    except (SourceError, ValueError) as error:
        return [("error", getattr(getattr(error, "span", None), "line", None), str(error))]
    version = str(plain.get("schemaVersion"))
    path = folder / f"wfcommons-schema-v{version}.json"
    path = path if path.is_file() else folder / "wfcommons-schema.json"
    checker = jsonschema.Draft7Validator(json.loads(path.read_text()))
    found: list[Finding] = []
    for error in checker.iter_errors(plain):
        span = span_of(tree, tuple(error.absolute_path))
        found.append(("error", span.line if span else None, error.message[:200]))
    return found


def gxformat2(file: str) -> list[Finding]:
    """What Galaxy's own lint tells of errors and warnings, best practices left out."""
    from gxformat2.lint import lint_format2_path, lint_ga_path
    from gxformat2.linting import LintContext

    from fairwf.source import SourceError, load_structured, span_of

    def line(message: Any) -> int | None:
        parts = tuple(message.json_pointer.split("/")[1:])
        span = span_of(tree, tuple(int(p) if p.isdigit() and not native else p for p in parts))
        return span.line if span else None

    try:
        tree = load_structured(Path(file).read_bytes(), file)
        context = LintContext()
        native = "a_galaxy_workflow" in tree
        (lint_ga_path if native else lint_format2_path)(context, file)
    except SourceError as error:
        return [("error", error.span.line if error.span else None, str(error)[:300])]
    except Exception as error:  # noqa: BLE001 - a traceback of the peer is its answer
        return [("error", None, f"{type(error).__name__}: {error}"[:300])]
    rows = [("error", context.error_messages), ("warning", context.warn_messages)]
    return [(how, line(said), str(said)[:300]) for how, messages in rows for said in messages]


_SNAKEMAKE_AT = re.compile(r'(?:file "?(?P<file>[^",]+)"?, line|[Ll]ine) (?P<line>\d+)')


def snakemake(file: str) -> list[Finding]:
    """``snakemake --lint``: what keeps it from reading the file, and its lints of certain faults.

    FAIRWF_SNAKEMAKE names the program. Advice on style is no finding of a mistake.
    """
    program = os.environ.get("FAIRWF_SNAKEMAKE", "snakemake")
    done = subprocess.run(
        [program, "--lint", "-s", file],
        cwd=Path(file).parent, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "HOME": tempfile.gettempdir()},
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    text = done.stdout + done.stderr
    if "Lints for" in text or done.returncode == 0:
        return []
    lines = [int(m["line"]) for m in _SNAKEMAKE_AT.finditer(text)]
    return [("error", line, text.strip()[-300:]) for line in lines] or [
        ("error", None, text.strip()[-300:])
    ]


def _forked(function: Callable[[str], list[Finding]], file: str) -> list[Finding]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                answer: Any = function(file)
        except BaseException as error:  # noqa: BLE001 - a traceback of the peer is its answer
            answer = [("error", None, f"{type(error).__name__}: {error}"[:300])]
        with os.fdopen(writing, "w") as stream:
            json.dump(answer, stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return [tuple(row) for row in json.loads(text or "[]")]


EVERY = ("cwl", "wdl", "wfformat", "ir", "galaxy", "snakemake", "nextflow")
VALIDATORS: dict[str, tuple[Validator, tuple[str, ...]]] = {
    "fairwf": (fairwf, EVERY),
    "cwltool": (cwltool, ("cwl",)),
    "miniwdl": (miniwdl, ("wdl",)),
    "schema": (schema, ("wfformat",)),
    "gxformat2": (gxformat2, ("galaxy",)),
    "snakemake": (snakemake, ("snakemake",)),
}


def judged(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    validator, formats = VALIDATORS[name]
    verdicts: list[dict[str, Any]] = []
    before: dict[str, list[Finding]] = {}
    for number, row in enumerate(rows):
        if row["format"] not in formats:
            continue
        original = row["original"]
        if original not in before:  # the references accept it, and only their errors count
            before[original] = validator(original) if name == "fairwf" else []
        known = {(s, m) for s, _, m in before[original]}
        found = [f for f in validator(row["file"]) if f[0] != "note" and (f[0], f[2]) not in known]
        right = any(f[1] in row["lines"] for f in found)
        above = [f for f in before[original] if f[0] != "note"]
        verdicts.append(
            {
                **row,
                "found": bool(found),
                "right": right,
                "said": found[:3],
                "original_says": above[:3],
            }
        )
        print(f"\r{name} {number + 1}/{len(rows)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return verdicts


def table(verdicts: dict[str, list[dict[str, Any]]]) -> str:
    groups: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = defaultdict(dict)
    for name, rows in verdicts.items():
        for row in rows:
            for key in (
                (row["format"], row["kind"]),
                (row["format"], "**all**"),
                ("all", "**all**"),
            ):
                if key[0] != "all" or name == "fairwf":
                    groups[key].setdefault(name, []).append(row)
    lines = [
        "| format | kind | mistakes | fairwf: found | on the right line | reference: found "
        "| on the right line |",
        "|---|---|---|---|---|---|---|",
    ]
    for (format, kind), by in sorted(groups.items()):
        own = by["fairwf"]
        other = next((rows for name, rows in by.items() if name != "fairwf"), None)
        cells = [format, kind, str(len(own)), *_counts(own)]
        cells += _counts(other) if other is not None else ["", ""]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _counts(rows: list[dict[str, Any]]) -> list[str]:
    return [f"{sum(r[key] for r in rows)} ({sum(r[key] for r in rows) / len(rows):.0%})"
            for key in ("found", "right")]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--validators", default=",".join(VALIDATORS))
    parser.add_argument("--formats", default=",".join(EVERY))
    options = parser.parse_args()
    rows = json.loads((options.out / "mutants.json").read_text())
    verdicts: dict[str, list[dict[str, Any]]] = {}
    for name, (_, formats) in VALIDATORS.items():
        for format in formats:
            file = options.out / f"verdicts-{name}-{format}.json"
            if name in options.validators.split(",") and format in options.formats.split(","):
                own = [row for row in rows if row["format"] == format]
                file.write_text(json.dumps(judged(own, name), indent=1))
            if file.is_file():
                verdicts.setdefault(name, []).extend(json.loads(file.read_text()))
    print(table(verdicts))
    told = {
        row["original"]: row["original_says"] for row in verdicts["fairwf"] if row["original_says"]
    }
    count = len({row["original"] for row in verdicts["fairwf"]})
    print(f"\n{count} originals, {len(told)} with a finding above a note")
    for file, found in told.items():
        print(f"  {file}: {found[0]}")


if __name__ == "__main__":
    main()
