"""Many cases, in worker processes that are watched from outside: a hang or a crash is a finding."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.case import REPOSITORY, Case, Seeds, load_seeds
from tests.fuzz.mutate import mutated

CPU_S = 20.0
WALL_S = 120.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Worker:
    """One process; ``busy`` is the number of its case, None when it is idle."""

    seed: int
    published: bool
    folder: Path
    cpu_s: float = CPU_S
    busy: int | None = None

    def __post_init__(self) -> None:
        self.trace = self.folder / f"trace-{os.urandom(4).hex()}"
        environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'converters'}"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.worker", str(self.seed),
             str(int(self.published)), str(self.trace)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=REPOSITORY, env=environment, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None and self.process.stdin is not None
        self.answers, self.orders = self.process.stdout, self.process.stdin
        self.rest = b""
        if self.answers.readline() != b"ready\n":
            raise RuntimeError("a worker of the fuzzer does not start")

    def give(self, order: int | Case, number: int) -> None:
        self.busy, self.since, self.used = number, time.monotonic(), self.cpu()
        self.trace.write_text("")
        said = order if isinstance(order, int) else order.to_json()
        self.orders.write(json.dumps(said).encode() + b"\n")
        self.orders.flush()

    def answer(self) -> dict[str, Any] | None:
        """The answer, where it is there; a finding for a crash or a hang."""
        ready, _, _ = select.select([self.answers], [], [], 0)
        if ready:
            data = os.read(self.answers.fileno(), 1 << 20)
            if not data:
                return self.ended("crash")
            self.rest += data
            if b"\n" in self.rest:
                line, self.rest = self.rest.split(b"\n", 1)
                self.busy = None
                answer: dict[str, Any] = json.loads(line)
                return answer
        if self.cpu() - self.used > self.cpu_s or time.monotonic() - self.since > WALL_S:
            return self.ended("hang")
        return None

    def ended(self, how: str) -> dict[str, Any]:
        if how == "hang":
            self.process.send_signal(signal.SIGUSR1)
            time.sleep(0.5)
        text = self.trace.read_text() if self.trace.exists() else ""
        self.kill()
        frames = [line for line in text.splitlines() if "fairwf" in line and "/tests/" not in line]
        place = frames[0].split("fairwf", 1)[1].strip() if frames else f"{self.process.returncode}"
        place = place.replace('"', "").split(", line")[0] + place.rsplit(" in ", 1)[-1]
        self.busy = None
        return {"kind": "?", "stage": how, "codes": [], "finding": [f"{how} at {place}", text]}

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.answers.close()
        with contextlib.suppress(BrokenPipeError):
            self.orders.close()

    def cpu(self) -> float:
        try:
            row = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0.0
        return (int(row[11]) + int(row[12])) / _TICK

    @property
    def alive(self) -> bool:
        return self.process.poll() is None


@dataclass
class Found:
    """A mistake: the first case that shows it, how many do."""

    signature: str
    text: str
    number: int
    case: Case
    count: int = 1


@dataclass
class Result:
    """What a campaign has seen."""

    seed: int
    cases: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    found: dict[str, Found] = field(default_factory=dict)
    seconds: float = 0.0

    def line(self) -> str:
        return (
            f"{self.cases} cases, seed {self.seed}, {self.seconds:.0f} s, "
            f"{len(self.found)} mistakes: {dict(self.kinds)}"
        )

    def lines(self) -> Iterator[str]:
        yield self.line()
        yield f"ended at: {dict(self.stages.most_common())}"
        yield f"codes: {dict(sorted(self.codes.items()))}"
        for one in self.found.values():
            yield f"\n=== {one.signature} ({one.count} cases, first {one.number})"
            yield f"from {one.case.kind} {one.case.path}"
            yield one.text[-3000:]


def campaign(
    cases: int, seed: int, jobs: int = 1, *, published: bool = True, first: int = 0
) -> Result:
    """Take cases ``first`` to ``first + cases`` of a seed along their roads."""
    result, began = Result(seed), time.monotonic()
    seeds = load_seeds(published)
    todo = iter(range(first, first + cases))
    with tempfile.TemporaryDirectory(prefix="fairwf-fuzzing-") as folder:
        workers = [Worker(seed, published, Path(folder)) for _ in range(jobs)]
        try:
            while True:
                for number, worker in enumerate(workers):
                    if worker.busy is None:
                        if not worker.alive:
                            workers[number] = worker = Worker(seed, published, Path(folder))
                        order = next(todo, None)
                        if order is not None:
                            worker.give(order, order)
                busy = [worker for worker in workers if worker.busy is not None]
                if not busy:
                    break
                select.select([worker.answers for worker in busy], [], [], 0.5)
                for worker in busy:
                    number, answer = worker.busy, worker.answer()
                    if answer is not None and number is not None:
                        _count(result, number, answer, seeds)
                        if result.cases % 1000 == 0:
                            result.seconds = time.monotonic() - began
                            print(result.line(), file=sys.stderr, flush=True)
        finally:
            for worker in workers:
                worker.kill()
    result.seconds = time.monotonic() - began
    return result


def _count(result: Result, number: int, answer: dict[str, Any], seeds: Seeds) -> None:
    result.cases += 1
    result.kinds[answer["kind"]] += 1
    result.stages[answer["stage"]] += 1
    result.codes.update(answer["codes"])
    if answer["finding"]:
        signature, text = answer["finding"]
        if signature in result.found:
            result.found[signature].count += 1
        else:
            case = mutated(seeds, random.Random(f"{result.seed}:{number}"))
            result.found[signature] = Found(signature, text, number, case)
            print(f"case {number}: {signature}", file=sys.stderr, flush=True)


def ending(case: Case) -> dict[str, Any]:
    """Take one case along its road in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="fairwf-fuzzing-") as folder:
        worker = Worker(0, False, Path(folder))
        try:
            worker.give(case, 0)
            while (answer := worker.answer()) is None:
                select.select([worker.answers], [], [], 0.2)
            return answer
        finally:
            worker.kill()
