"""Run a CWL conformance suite on what our writer writes: ``fairwf convert`` to CWL, then cwltool.

    python -m tests.conformance.written [--suite v1.2|v1.1|v1.0] [--target-version V] [--split]
        [--sample N] [--tests ID,ID] [--keep FOLDER]

Each document of a test is converted to CWL, into another folder than its own, and cwltest runs the
reference runner on the result. Where that fails, it runs on the original too: printed are the tests
that pass on the original and fail on ours. A test that has to fail passes where the conversion
refuses the document.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import fairwf
from fairwf.report import FairwfError
from tests.conformance.cwl import ROOT, SUITES, prepare, sample, served

_VERDICT = re.compile(r"^Test (?P<number>\d+) (?P<what>failed|timed out)", re.M)
_STARTED = re.compile(r"^Test \[(?P<number>\d+)/\d+\] (?P<id>[^:\s]+):", re.M)


@dataclass(frozen=True)
class Comparison:
    """Ids of tests: those that pass on what was written, and those that fail there.

    ``lost`` pass on the original only; ``never`` fail on the original too; ``refused`` are those
    of both that were not converted, with the reason.
    """

    passed: tuple[str, ...]
    lost: tuple[str, ...]
    never: tuple[str, ...]
    refused: Mapping[str, str]
    output: str


def compare(
    version: str,
    source: Path,
    folder: Path,
    chosen: Collection[str] | None = None,
    *,
    target: str | None = None,
    split: bool = False,
    jobs: int = 2,
) -> Comparison:
    """Compare the tests of a suite, or those chosen, working in ``folder``."""
    from cwltest.utils import load_and_validate_tests, shortname

    suite = folder / "suite"
    listed = prepare(SUITES[version], source, suite)
    tests = load_and_validate_tests(str(listed))[0]
    rows = {shortname(test["id"]): test for test in tests}
    if chosen is not None:
        rows = {name: test for name, test in rows.items() if name in chosen}
    written, refused = _written(rows, folder, target, split)
    fails = _cwltool(folder, written, "written.json", jobs)
    passed = [n for n in rows if n in written and n not in fails]
    passed += [n for n in refused if rows[n].get("should_fail")]
    left = {name: test for name, test in rows.items() if name not in passed}
    never = _cwltool(folder, left, "original.json", jobs)
    return Comparison(
        passed=tuple(passed),
        lost=tuple(name for name in left if name not in never),
        never=tuple(never),
        refused={n: reason for n, reason in refused.items() if n in left},
        output="\n".join([*fails.values(), *never.values()]),
    )


def _written(
    rows: Mapping[str, Mapping[str, Any]], folder: Path, target: str | None, split: bool
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Convert the document of each test; return the tests of what was written, and refusals."""
    made: dict[str, Path | str] = {}
    tests: dict[str, dict[str, Any]] = {}
    refused: dict[str, str] = {}
    for name, test in rows.items():
        tool = str(test["tool"])
        if tool not in made:
            place = folder / "written" / f"{len(made):03d}"
            made[tool] = _convert(tool, place, target, split)
        result = made[tool]
        if isinstance(result, Path):
            tests[name] = {**test, "tool": result.as_uri()}
        else:
            refused[name] = result
    return tests, refused


def _convert(tool: str, place: Path, target: str | None, split: bool) -> Path | str:
    """Return the file that a document was converted to, or why it was not."""
    parts = urlsplit(tool)
    path = unquote(parts.path) + (f"#{parts.fragment}" if parts.fragment else "")
    place.mkdir(parents=True)
    options = {"split": True} if split else {}
    main = place if split else place / "main.cwl"
    try:
        fairwf.dump(fairwf.load(path), main, format="cwl", target_version=target, **options)
    except FairwfError as error:
        return "; ".join(f"{d.code} {d.message}" for d in error.report.errors) or str(error)
    return main / "main.cwl" if split else main


def _cwltool(
    folder: Path, tests: Mapping[str, Mapping[str, Any]], name: str, jobs: int
) -> dict[str, str]:
    """Run tests with the reference runner; return the ids of those that do not pass."""
    if not tests:
        return {}
    listed = folder / name
    known = ("job", "output", "tool", "doc", "tags")
    rows = [
        {
            "id": f"#{id_}",
            "should_fail": bool(test.get("should_fail")),
            **{key: test[key] for key in known if key in test},
        }
        for id_, test in tests.items()
    ]
    listed.write_text(json.dumps(rows, ensure_ascii=False))
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    if not (programs / "python").exists():
        (programs / "python").symlink_to(sys.executable)
    search = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    xml = folder / f"{name}.xml"
    command = [
        sys.executable, "-m", "cwltest", "--test", str(listed), "--tool", str(programs / "cwltool"),
        "-j", str(jobs), "--timeout", "120", "--verbose", "--junit-xml", str(xml), "--",
        "--no-container",
    ]  # fmt: skip
    environment = os.environ | {"PATH": search, "TMPDIR": str(folder)}
    with served("cwltool", programs / "cwltool", environment):
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
    output = done.stdout + done.stderr
    (folder / f"{name}.log").write_text(output)
    names = {m["number"]: m["id"] for m in _STARTED.finditer(output)}
    if len(names) != len(tests):
        raise RuntimeError(f"cwltest ran {len(names)} of {len(tests)}:\n{output[-2000:]}")
    verdicts = {names[m["number"]]: m["what"] for m in _VERDICT.finditer(output)}
    # What is unsupported is told there alone, in the order of the list.
    for id_, case in zip(tests, ElementTree.parse(xml).iter("testcase"), strict=True):
        if case.find("skipped") is not None:
            verdicts[id_] = "unsupported"
    return verdicts


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the comparison; return 1 when a test is lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--suite", choices=SUITES, default="v1.2")
    parser.add_argument("--folder", type=Path, help="where the suite lies")
    parser.add_argument("--target-version", help="version that is written")
    parser.add_argument("--split", action="store_true", help="one file a tool")
    parser.add_argument("--tests", help="ids, separated by commas")
    parser.add_argument("--sample", type=int, help="so many tests, drawn with a seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder to leave documents and logs in")
    options = parser.parse_args(arguments)
    suite = SUITES[options.suite]
    corpora = ROOT / os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    source = options.folder or corpora / suite.folder
    if not (source / suite.tests).is_file():
        print(f"no CWL {options.suite} conformance suite in {source}: name its folder (--folder)")
        return 3
    chosen = options.tests.split(",") if options.tests else None
    if options.sample:
        chosen = sample(options.suite, source, options.sample, options.seed)
    with tempfile.TemporaryDirectory(prefix="written-") as scratch:
        folder = (options.keep or Path(scratch)).resolve()
        result = compare(
            options.suite,
            source,
            folder,
            chosen,
            target=options.target_version,
            split=options.split,
            jobs=options.jobs,
        )
    print(f"pass on the original only ({len(result.lost)}):", *result.lost)
    for name, reason in result.refused.items():
        print(f"  {name} was refused: {reason}")
    print(f"pass on neither ({len(result.never)}):", *result.never)
    print(f"{len(result.passed)} passed on what was written")
    return 1 if result.lost else 0


if __name__ == "__main__":
    sys.exit(main())
