"""Puts single mistakes into valid documents: python -m benchmarks.mutations.corpus OUT [...]

OUT gets one folder a format with copies of the documents' repositories and, beside each document
that was drawn, its mutants; ``OUT/mutants.json`` lists them, ``OUT/left-out.json`` the documents
that the rule of drawing left out, with what was said of each. IR files are converted from CWL.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from benchmarks.mutations import cwl, galaxy, instances, ir, measure, nextflow, snakemake, wdl
from benchmarks.mutations.places import Mutant
from fairwf import load

HERE = Path(__file__).parent
SEED = 12
"""Of the drawing. The first run (300 mistakes, in an older version of this script) had 9."""
MOST_OF_A_DOCUMENT = 3
MOST_LINES = 700
MOST_PLACES = 300
MOST_OCTETS = 300_000
FORMATS = {
    "cwl": cwl,
    "wdl": wdl,
    "wfformat": instances,
    "ir": ir,
    "galaxy": galaxy,
    "snakemake": snakemake,
    "nextflow": nextflow,
}
SUFFIXES = {"snakemake": ".smk"}
"""Of documents that have none."""
REFERENCES = {"cwl": "cwltool", "wdl": "miniwdl", "wfformat": "schema", "galaxy": "gxformat2",
              "snakemake": "snakemake"}  # fmt: skip


def wanted() -> dict[str, dict[str, int]]:
    with (HERE / "kinds.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return {name: {row["kind"]: int(row[name]) for row in rows} for name in FORMATS}


def accepted(corpora: Path, format: str, kind: str | None = None) -> Iterator[Path]:
    with (corpora / "ACCEPTED.tsv").open() as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            fits = row["format"] == format and row["reference_accepts"] == "True"
            if (
                fits
                and (kind is None or row["kind"] == kind)
                and "only" not in row["reference_tool"]
            ):
                yield Path(row["path"])


def short(path: Path) -> bool:
    text = path.read_text("utf-8", "replace")
    return text.count("\n") < MOST_LINES


def cwl_documents(corpora: Path, out: Path) -> list[Path]:
    """YAML documents in a copy of their repositories, workflows first among equals."""
    if not (out / "cwl").is_dir():
        shutil.copytree(corpora / "cwl", out / "cwl")
    found = [out / p for p in accepted(corpora, "cwl")]
    return [p for p in found if short(p) and p.read_bytes().lstrip()[:1] != b"{"]


def wfformat_documents(corpora: Path, out: Path) -> list[Path]:
    (out / "wfformat").mkdir(exist_ok=True)
    found = []
    for number, path in enumerate(accepted(corpora, "wfformat")):
        if (corpora / path).stat().st_size < MOST_OCTETS:
            target = out / "wfformat" / f"{number:02}-{path.name}"
            shutil.copyfile(corpora / path, target)
            found.append(target)
    return found


def wdl_documents(folder: Path | None, out: Path) -> list[Path]:
    import WDL

    if folder is None:
        return []
    if not (out / "wdl").is_dir():
        shutil.copytree(folder, out / "wdl")
    rng = random.Random(SEED)
    names = sorted(p for p in (out / "wdl").rglob("*.wdl") if short(p))
    found = []
    for path in rng.sample(names, min(80, len(names))):
        try:
            WDL.load(str(path), check_quant=False)
        except Exception as error:  # noqa: BLE001 - whatever miniwdl refuses is no valid document
            print(f"not valid: {path}: {error!s:.80}")
        else:
            found.append(path)
    return found


def galaxy_documents(corpora: Path, out: Path) -> list[Path]:
    """Workflows that lie one a file, and no two of them the same."""
    (out / "galaxy").mkdir(exist_ok=True)
    found: dict[bytes, Path] = {}
    for number, path in enumerate(accepted(corpora, "galaxy")):
        data = (corpora / path).read_bytes()
        if len(data) < MOST_OCTETS and data not in found:
            target = out / "galaxy" / f"{number:03}-{path.name}"
            target.write_bytes(data)
            found[data] = target
    return list(found.values())


def program_documents(folder: Path | None, out: Path, pattern: str) -> list[Path]:
    """Snakefiles, or scripts of Nextflow, in a copy of their repositories."""
    if folder is None:
        return []
    if not out.is_dir():
        shutil.copytree(folder, out, symlinks=True)
    names = sorted(p for p in out.rglob(pattern) if p.is_file() and short(p))
    return [p for p in names if p.stat().st_size > 200 and not p.name.startswith("mutant-")]


class Clean:
    """The rule of drawing: nothing above a note is said of a document, by nobody."""

    def __init__(self, format: str) -> None:
        self._reference = REFERENCES.get(format)
        self._verdicts: dict[Path, bool] = {}
        self.left_out: list[dict[str, Any]] = []

    def __call__(self, path: Path) -> bool:
        if path not in self._verdicts:
            said = self._said(path)
            self._verdicts[path] = not said
            if said:
                who, (severity, line, message) = said
                self.left_out.append(
                    {"document": str(path), "who": who, "severity": severity, "line": line,
                     "message": message}
                )  # fmt: skip
        return self._verdicts[path]

    def _said(self, path: Path) -> tuple[str, measure.Finding] | None:
        for who in ("fairwf", self._reference):
            found = measure.VALIDATORS[who][0](str(path)) if who else []
            above = [finding for finding in found if finding[0] != "note"]
            if above:
                return str(who), above[0]
        return None

    def told(self, format: str) -> str:
        """How many documents were looked at and left out, by who said what."""
        by = Counter(
            f"{row['who']} {row['message' if row['who'] == 'fairwf' else 'severity'].split()[0]}"
            for row in self.left_out
        )
        said = ", ".join(f"{count} ({name})" for name, count in by.most_common())
        return (f"{format}: {len(self._verdicts)} documents came up, {len(self.left_out)} left out"
                f"{': ' if said else ''}{said}")  # fmt: skip


def ir_documents(sources: list[Path], out: Path) -> list[Path]:
    (out / "ir").mkdir(exist_ok=True)
    rng = random.Random(SEED)
    found: list[Path] = []
    for path in rng.sample(sources, len(sources)):
        if len(found) == 20:
            break
        text = path.read_text("utf-8")
        if "class: Workflow" not in text:
            continue
        plain = load(path).to_plain(bare=True)
        dumped = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=1000)
        if dumped.count("\n") < 2500:
            target = out / "ir" / f"{len(found):02}-{path.stem}.ir.yml"
            target.write_text(dumped)
            found.append(target)
    return found


def one_of(mutants: Iterator[Mutant], rng: random.Random) -> Mutant | None:
    """Return one of them, each with the same chance, without holding all."""
    chosen = None
    for number, mutant in enumerate(mutants, 1):
        if rng.random() * number < 1:
            chosen = mutant
    return chosen


def drawn(
    format: str, documents: list[Path], counts: dict[str, int], clean: Clean
) -> Iterator[dict[str, Any]]:
    """Yield the mutants of a format, each drawn by the seed, from documents that are clean."""
    module: Any = FORMATS[format]
    rng = random.Random(f"{SEED}-{format}")
    used: Counter[Path] = Counter()
    loaded: dict[Path, Any] = {}
    short_of = 0
    number = 0
    rows = sorted(((kind, n) for kind, n in counts.items() if n), key=lambda row: row[1])
    for kind, n in [*rows, ("any", 0)]:
        left = n if kind != "any" else short_of
        kinds = [kind] if kind != "any" else list(module.KINDS)
        for path in rng.sample(documents, len(documents)):
            if not left:
                break
            if used[path] >= MOST_OF_A_DOCUMENT:
                continue
            if path not in loaded:
                try:
                    loaded[path] = module.Doc(path)
                except (ValueError, KeyError, AttributeError, TypeError):
                    loaded[path] = None
            chosen = rng.choice(kinds)
            made = module.KINDS[chosen](loaded[path], rng) if loaded[path] else iter(())
            mutant = one_of(islice(made, MOST_PLACES), rng)
            if mutant is None or mutant.text == loaded[path].text.text or not clean(path):
                continue
            used[path] += 1
            number += 1
            left -= 1
            suffix = "".join(path.suffixes[-2:])[-8:] or SUFFIXES.get(format, "")
            file = path.with_name(f"mutant-{format}-{number:03}{suffix}")
            file.write_text(mutant.text)
            if hasattr(loaded[path], "text") and format == "wfformat":
                path.write_text(loaded[path].text.text)
            yield {
                "format": format,
                "kind": chosen,
                "file": str(file),
                "original": str(path),
                "lines": sorted(mutant.lines),
                "what": mutant.what,
            }
        if left and kind != "any":
            short_of += left
            print(f"{format}: {left} of {kind} cannot be drawn; drawn from other kinds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--wdl", type=Path, help="a folder of WDL repositories")
    parser.add_argument("--snakemake", type=Path, help="a folder of Snakemake repositories")
    parser.add_argument("--nextflow", type=Path, help="a folder of Nextflow repositories")
    parser.add_argument("--formats", default=",".join(FORMATS))
    options = parser.parse_args()
    formats = options.formats.split(",")
    out: Path = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    documents: dict[str, list[Path]] = {}
    if "cwl" in formats or "ir" in formats:
        documents["cwl"] = cwl_documents(options.corpora, out)
    if "wdl" in formats:
        documents["wdl"] = wdl_documents(options.wdl, out)
    if "wfformat" in formats:
        documents["wfformat"] = wfformat_documents(options.corpora, out)
    if "ir" in formats:
        documents["ir"] = ir_documents(documents["cwl"], out)
    if "galaxy" in formats:
        documents["galaxy"] = galaxy_documents(options.corpora, out)
    if "snakemake" in formats:
        documents["snakemake"] = program_documents(
            options.snakemake, out / "snakemake", "[Ss]nakefile"
        )
    if "nextflow" in formats:
        documents["nextflow"] = program_documents(options.nextflow, out / "nextflow", "*.nf")
    counts = wanted()
    clean = {name: Clean(name) for name in formats}
    before = out / "mutants.json"
    rows = json.loads(before.read_text()) if before.is_file() else []
    rows = [row for row in rows if row["format"] not in formats]
    rows += [
        row for name in formats for row in drawn(name, documents[name], counts[name], clean[name])
    ]
    (out / "mutants.json").write_text(json.dumps(rows, indent=1))
    left_out = {name: rule.left_out for name, rule in clean.items()}
    (out / "left-out.json").write_text(json.dumps(left_out, indent=1))
    for name, rule in clean.items():
        print(rule.told(name))
    print(len(rows), Counter(row["format"] for row in rows))


if __name__ == "__main__":
    main()
