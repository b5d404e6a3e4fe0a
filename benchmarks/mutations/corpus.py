"""Puts single mistakes into valid documents: python -m benchmarks.mutations.corpus OUT [...]

OUT gets one folder a format with copies of the documents' repositories and, beside each document
that was drawn, its mutants; ``OUT/mutants.json`` lists them. The documents are those that the
reference accepts (ACCEPTED.tsv for CWL and WfFormat, miniwdl for WDL); IR files are converted from
the CWL documents.
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

from benchmarks.mutations import cwl, instances, ir, wdl
from benchmarks.mutations.places import Mutant
from fairwf import load

HERE = Path(__file__).parent
SEED = 9
MOST_OF_A_DOCUMENT = 3
MOST_LINES = 700
MOST_PLACES = 300
MOST_OCTETS = 300_000
FORMATS = {"cwl": cwl, "wdl": wdl, "wfformat": instances, "ir": ir}


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


def drawn(format: str, documents: list[Path], counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield the mutants of a format, each drawn by the seed."""
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
                except (ValueError, KeyError, AttributeError):
                    loaded[path] = None
            chosen = rng.choice(kinds)
            made = module.KINDS[chosen](loaded[path], rng) if loaded[path] else iter(())
            mutant = one_of(islice(made, MOST_PLACES), rng)
            if mutant is None:
                continue
            used[path] += 1
            number += 1
            left -= 1
            file = path.with_name(f"mutant-{format}-{number:03}{''.join(path.suffixes[-2:])[-8:]}")
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
    parser.add_argument("--formats", default="cwl,wdl,wfformat,ir")
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
    counts = wanted()
    before = out / "mutants.json"
    rows = json.loads(before.read_text()) if before.is_file() else []
    rows = [row for row in rows if row["format"] not in formats]
    rows += [row for name in formats for row in drawn(name, documents[name], counts[name])]
    (out / "mutants.json").write_text(json.dumps(rows, indent=1))
    print(len(rows), Counter(row["format"] for row in rows))


if __name__ == "__main__":
    main()
