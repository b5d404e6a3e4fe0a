"""The motifs of examples/motifs: how each is run, and what its numbers must be.

Every number is checked against a calculation that shares nothing with the programs of the example.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import fairwf
from fairwf import engine
from fairwf.formats import Source, converter
from fairwf.ir.values import Value, from_literal
from fairwf.report import Report
from fairwf.trace import Run
from fairwf.trace.run import last_attempts

Outputs = Mapping[str, Any]


def start(folder: Path, run_dir: Path, more: Outputs | None = None, **options: Any) -> Run:
    """Run the workflow of a folder with its job file, and other values where they are given."""
    path = folder / "workflow.ir.yml"
    document = fairwf.load(path)
    read_inputs = converter("ir").read_inputs
    assert read_inputs is not None
    inputs: dict[str, Value] = dict(read_inputs(Source.at(folder / "job.yml"), document, Report()))
    options.setdefault("cores", 4)
    chosen = engine.RunOptions(run_dir=run_dir, base=folder, sources=(path,), **options)
    return engine.run(document, {**inputs, **(more or {})}, chosen)


def outputs(run: Run) -> Outputs:
    """Return the outputs of a run that has completed."""
    assert run.status == "completed", run.error
    return {name: from_literal(value) for name, value in run.outputs.items()}


def tasks(run: Run, step: str, status: str = "completed") -> int:
    """Return how many programs of a step ended so."""
    return sum(t.kind == "command" and t.step[-1] == step and t.status == status for t in run.tasks)


# --- screening


def _ligand(number: int) -> tuple[float, float]:
    seed = 2 * number + 1
    a, c, m = 1103515245, 12345, 2**31
    for _ in range(7):
        seed = (a * seed + c) % m
    return 0.5 + seed / m, 4 * ((a * seed + c) % m) / m - 2


def _lowest(s: float, q: float) -> float:
    """The least value of s (x^4 - 2 x^2) + q x, at the roots of 4 s x^3 - 4 s x + q (Viete)."""
    p, r = -1.0, q / (4 * s)
    shape = 3 * r / (2 * p) * math.sqrt(-3 / p)
    if abs(shape) <= 1:
        angle = math.acos(shape) / 3
        roots = [2 * math.sqrt(-p / 3) * math.cos(angle - 2 * math.pi * k / 3) for k in range(3)]
    else:
        part = math.acosh(abs(shape)) / 3
        roots = [-2 * math.copysign(math.sqrt(-p / 3), r) * math.cosh(part)]
    return min(s * (x**4 - 2 * x**2) + q * x for x in roots)


def screening(run: Run, found: Outputs) -> None:
    ligands = {number: _ligand(number) for number in range(24)}
    docked = {
        n: min(8 * s - 2 * q, 8 * s + 2 * q, -s - q, -s + q, 0) for n, (s, q) in ligands.items()
    }
    refined = [n for n in ligands if docked[n] < -1.4]
    assert 0 < len(refined) < 24
    hits = [n for n in refined if _lowest(*ligands[n]) < -2.2]
    assert 0 < len(hits) < len(refined)
    assert found["refined"] == len(refined) == tasks(run, "refine")
    assert [hit["ligand"] for hit in found["hits"]] == hits
    for hit in found["hits"]:
        assert math.isclose(hit["energy"], _lowest(*ligands[hit["ligand"]]), rel_tol=1e-12)
    assert tasks(run, "dock") == 24 and tasks(run, "polish") == len(hits)


# --- active learning


def active_learning(run: Run, found: Outputs) -> None:
    def energy(x: float) -> float:
        return math.sin(3 * x) + 0.3 * (x - 0.5) ** 2

    # By a fine grid, and by halving where the slope changes its sign.
    low = min((-2 + 4 * i / 4000 for i in range(4001)), key=energy) - 0.001
    high = low + 0.002
    for _ in range(60):
        middle = (low + high) / 2
        slope = 3 * math.cos(3 * middle) + 0.6 * (middle - 0.5)
        low, high = (middle, high) if slope < 0 else (low, middle)
    assert abs(found["best"]["angle"] - low) < 0.05
    assert 0 <= found["best"]["energy"] - energy(low) < 0.01  # the tolerance
    assert found["best"]["energy"] == min(sample["energy"] for sample in found["samples"])
    assert len(found["samples"]) == tasks(run, "simulate") < 40
    assert tasks(run, "learn") > 3


# --- hyper-parameters


def hyper_parameters(run: Run, found: Outputs) -> None:
    winner = found["winner"]
    assert winner["rate"] == 0.3 and winner["reached"]
    # The others were cancelled, but for those that had given up before the winner could start.
    ended = [trial["rate"] for trial in found["trials"] if trial is not None]
    assert [trial["rate"] for trial in found["trials"] if trial and trial["reached"]] == [0.3]
    assert tasks(run, "train", "cancelled") == 4 - len(ended) and tasks(run, "probe") == 4
    # The least squares by the normal equations, in powers of x.
    xs = [-1 + i / 20 for i in range(41)]
    ys = [0.5 - x + 2 * x**3 + 0.1 * math.sin(37 * i) for i, x in enumerate(xs)]
    sums = [[math.fsum(x ** (i + j) for x in xs) for j in range(4)] for i in range(4)]
    right = [math.fsum(y * x**i for x, y in zip(xs, ys, strict=True)) for i in range(4)]
    a = solved(sums, right)
    legendre = [a[0] + a[2] / 3, a[1] + 3 * a[3] / 5, 2 * a[2] / 3, 2 * a[3] / 5]
    assert all(
        math.isclose(w, e, abs_tol=1e-7) for w, e in zip(winner["weights"], legendre, strict=True)
    )


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Return the solution of linear equations (Gauss and Jordan, with pivots)."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = max(range(k, len(rows)), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i, row in enumerate(rows):
            if i != k:
                rows[i] = [v - row[k] * p for v, p in zip(row, rows[k], strict=True)]
    return [row[-1] for row in rows]


# --- federated learning


def federated_learning(run: Run, found: Outputs) -> None:
    folder = Path(__file__).resolve().parents[2] / "examples" / "motifs" / "federated-learning"
    points = []
    for path in sorted((folder / "sites").glob("*.csv")):
        points += [tuple(map(float, row.split(","))) for row in path.read_text().split()[1:]]
    n, rounds = len(points), tasks(run, "average")
    assert rounds > 5 and tasks(run, "train") == 3 * rounds
    # As many steps of gradient descent on all data at once.
    slope = offset = 0.0
    for _ in range(rounds):
        down = math.fsum(2 * (slope * x + offset - y) * x for x, y in points) / n
        left = math.fsum(2 * (slope * x + offset - y) for x, y in points) / n
        slope, offset = slope - 0.75 * down, offset - 0.75 * left
    assert math.isclose(found["weights"][0], slope, rel_tol=1e-9)
    assert math.isclose(found["weights"][1], offset, rel_tol=1e-9)
    # And the least squares over all sites.
    mean_x, mean_y = (math.fsum(p[k] for p in points) / n for k in (0, 1))
    best = math.fsum((x - mean_x) * (y - mean_y) for x, y in points) / math.fsum(
        (x - mean_x) ** 2 for x, _ in points
    )
    assert abs(found["weights"][0] - best) < 0.01
    assert abs(found["weights"][1] - (mean_y - best * mean_x)) < 0.01


# --- digital twin


def digital_twin(run: Run, found: Outputs) -> None:
    last = last_attempts(run.tasks)
    assert sorted(task.step[-1] for task in last) == ["plant", "twin", "watch"]
    readings = found["readings"]
    # All readings at once: the temperature at the beginning that fits best.
    factors = [math.exp(-0.05 * k) for k in range(len(readings))]
    above = math.fsum(f * (r - 20) for f, r in zip(factors, readings, strict=True))
    first = above / math.fsum(f * f for f in factors)
    assert found["last"]["reading"] == len(readings) - 1
    assert math.isclose(found["last"]["temperature"], 20 + first * factors[-1], abs_tol=1e-5)
    spread = math.sqrt(0.32 / math.fsum(f * f for f in factors)) * factors[-1]
    assert math.isclose(found["last"]["spread"], spread, rel_tol=1e-4)
    # The tank has truly 30 degrees after ln(6) / 0.05 = 35.8 readings.
    assert 35 < found["cool_at"] < 42


# --- inverse design


def inverse_design(run: Run, found: Outputs) -> None:
    index, thickness = found["design"]
    assert abs(index - 1.38) < 1e-6 and abs(thickness - 105) < 1e-4
    assert found["error"] < 1e-9
    assert tasks(run, "simulate") == 3 * tasks(run, "propose")


CHECKS: dict[str, Callable[[Run, Outputs], None]] = {
    "active-learning": active_learning,
    "digital-twin": digital_twin,
    "federated-learning": federated_learning,
    "hyper-parameters": hyper_parameters,
    "inverse-design": inverse_design,
    "screening": screening,
}
