"""Coverage-guided fuzzing with atheris (libFuzzer): ``python -m tests.fuzz.guided --runs 20000``.

atheris instruments the byte code of fairwf and its converters, and keeps inputs that reach new
code; our own mutations work beside libFuzzer's. Needs the extra ``fuzz`` (``pip install atheris``).
A process of its own does the work, since libFuzzer leaves by ``_exit``.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

INSTRUMENTED = ("fairwf", "fairwf_cwl", "fairwf_ir", "fairwf_wfformat")
LARGEST = 20_000
TIMEOUT_S = 20
KINDS = ("document", "expression", "crate")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided", description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS, default="document")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.child is not None:
        return fuzz(said.kind, said.runs, said.seed, said.child)
    found, status = guided(said.kind, said.runs, said.seed)
    print(status)
    for one in found:
        print(f"\n=== {one['signature']}\n{one['text'][-3000:]}\n{one['data'][:1500]}")
    return 1 if found else 0


def guided(kind: str, runs: int, seed: int) -> tuple[list[dict[str, Any]], str]:
    """Fuzz in a process of its own; return the mistakes, and libFuzzer's last words."""
    with tempfile.TemporaryDirectory(prefix="fairwf-guided-") as folder:
        words = ["--kind", kind, "--runs", str(runs), "--seed", str(seed), "--child", folder]
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.guided", *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
            check=False,
        )  # fmt: skip
        log = Path(folder) / "found.jsonl"
        rows = log.read_text().splitlines() if log.exists() else []
        found = [json.loads(row) for row in rows]
        for crash in Path(folder).glob("*-*"):
            if crash.name.startswith(("timeout-", "crash-", "oom-")):
                data = repr(crash.read_bytes())
                found.append({"signature": crash.name, "text": done.stderr, "data": data})
        status = [row for row in done.stderr.splitlines() if "cov:" in row or "Done" in row]
        if done.returncode and not found:
            found.append({"signature": "did not run", "text": done.stderr, "data": ""})
        return found, "\n".join(status[-2:])


def fuzz(kind: Any, runs: int, seed: int, folder: Path) -> int:
    """Run libFuzzer in this process, writing mistakes into a folder."""
    import atheris

    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        from tests.fuzz.case import OWN, Case, load_seeds
        from tests.fuzz.journey import Traveller
        from tests.fuzz.mutate import expression, lines, octets, structure, tokens

        traveller = Traveller()
    seeds = load_seeds(published=False)
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, one in enumerate(seeds.by_kind[kind]):
        (corpus / str(number)).write_bytes(one.data)
    known: set[str] = set()
    path = OWN / "guided.cwl"

    def one_input(data: bytes) -> None:
        ending = traveller.take(Case(kind, "guided", data, path))
        finding = ending.finding
        if finding is not None and finding.signature not in known:
            known.add(finding.signature)
            row = {"signature": finding.signature, "text": finding.text, "data": repr(data)}
            with (folder / "found.jsonl").open("a") as stream:
                stream.write(json.dumps(row) + "\n")

    def mutate(data: bytes, most: int, number: int) -> bytes:
        draw = random.Random(number)
        if draw.random() < 0.3:
            return bytes(atheris.Mutate(data, most))
        if kind == "expression":
            text = data.decode("utf-8", "replace").encode()
            return expression(text, seeds, draw)[:most]
        how = draw.choices((structure, lines, octets, tokens), (6, 2, 1, 2))[0]
        return how(data, seeds, draw)[:most]

    atheris.Setup(
        [sys.argv[0], f"-runs={runs}", f"-seed={seed}", f"-max_len={LARGEST}", "-rss_limit_mb=4000",
         f"-timeout={TIMEOUT_S}", f"-artifact_prefix={folder}/", str(corpus)],
        one_input,
        custom_mutator=mutate,
    )  # fmt: skip
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
