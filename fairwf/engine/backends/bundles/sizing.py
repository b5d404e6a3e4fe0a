"""How ready tasks are put into few jobs, by how long they are thought to run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from fairwf.engine.backends.deployment import Deployment

_WEIGHT = 0.3
"""Of the newest run time in the estimate of its kind."""
_FULL = 0.8
"""The part of the walltime that estimates may fill."""
_LEAST_S = 0.01


class Shape(NamedTuple):
    """What a job asks of the scheduler; its memory is None where it asks for none."""

    cores: int
    gpus: int
    memory_mib: float | None


SMALLEST = Shape(cores=1, gpus=0, memory_mib=None)


class Load(NamedTuple):
    """What a task asks of a job. ``kind`` are tasks that run about as long."""

    kind: str
    cores: float
    gpus: int
    limit_s: float | None
    ram_mib: float

    def shape(self, deployment: Deployment) -> Shape:
        """Return the job that it goes into: what the deployment says, or more if it needs more."""
        memory = deployment.memory_mib
        return Shape(
            cores=max(deployment.cores, math.ceil(self.cores)),
            gpus=self.gpus,
            memory_mib=None if memory is None else max(memory, self.ram_mib),
        )

    def share(self, deployment: Deployment) -> float:
        """Return the part of its job that it takes: of the cores, or of the memory if more."""
        job = self.shape(deployment)
        cores = max(self.cores, 1e-3) / job.cores
        return max(cores, self.ram_mib / job.memory_mib) if job.memory_mib else cores


class Estimates:
    """How long tasks of each kind run, in seconds; what is not known yet is guessed."""

    def __init__(self, guess_s: float) -> None:
        self._guess = guess_s
        self._known: dict[str, float] = {}

    def learn(self, kind: str, seconds: float) -> None:
        """Take note of a run time."""
        before = self._known.get(kind)
        if before is None:
            self._known[kind] = seconds
        else:
            self._known[kind] = before + _WEIGHT * (seconds - before)

    def of(self, load: Load) -> float:
        """Return how long a task is thought to run."""
        known = self._known.get(load.kind)
        if known is not None:
            return max(known, _LEAST_S)
        return self._guess if load.limit_s is None else min(self._guess, load.limit_s)


def work_of(loads: Sequence[Load], estimates: Estimates, deployment: Deployment) -> float:
    """Return for how long the tasks would fill one job, in seconds."""
    return sum(estimates.of(load) * load.share(deployment) for load in loads)


def bundles(
    loads: Sequence[Load],
    estimates: Estimates,
    deployment: Deployment,
    free: int,
    later: bool = False,
) -> list[list[int]]:
    """Return which tasks, by their place, go together into at most ``free`` new jobs.

    Tasks of one bundle want the same kind of job. What is left out waits for the next time. As many
    jobs are made as the work fills for ``bundle_time``, and enough that ``bundle_size`` holds;
    where they are more than ``free``, these get more work, or with ``later`` the rest waits.
    """
    by_shape: dict[Shape, list[int]] = {}
    for place, load in enumerate(loads):
        by_shape.setdefault(load.shape(deployment), []).append(place)
    made: list[list[int]] = []
    for number, places in enumerate(by_shape.values()):
        share = max(1, (free - len(made)) // (len(by_shape) - number))
        if len(made) + 1 > free:
            break
        made += _of_one_shape(places, loads, estimates, deployment, share, later)
    return made


def _of_one_shape(
    places: Sequence[int],
    loads: Sequence[Load],
    estimates: Estimates,
    deployment: Deployment,
    most: int,
    later: bool,
) -> list[list[int]]:
    costs = [work_of([loads[place]], estimates, deployment) for place in places]
    total = sum(costs)
    wanted = math.ceil(total / deployment.seconds("bundle_time"))
    wanted = max(wanted, math.ceil(len(places) / deployment.bundle_size), 1)
    number = min(wanted, most)
    each = total / (wanted if later else number)
    room = max(_FULL * deployment.seconds("walltime"), _LEAST_S)
    found: list[list[int]] = [[]]
    filled = passed = 0.0
    for place, cost in zip(places, costs, strict=True):
        full = found[-1] and (
            len(found[-1]) >= deployment.bundle_size
            or filled + cost > room
            or ((later or len(found) < number) and passed >= len(found) * each * (1 - 1e-9))
        )
        if full:
            if len(found) == number:
                return found
            found.append([])
            filled = 0.0
        found[-1].append(place)
        filled += cost
        passed += cost
    return found
