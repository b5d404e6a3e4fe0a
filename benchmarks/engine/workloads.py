"""The same tasks, each `/bin/true`, written for each engine.

A workload is a list of tasks by number, each with the tasks that it comes after.
"""

import json
from dataclasses import dataclass
from pathlib import Path

WIDTH = 100


@dataclass(frozen=True)
class Workload:
    """Tasks by number with their parents. ``shape`` is ``flat``, ``chain`` or ``fan``."""

    name: str
    shape: str
    parents: list[list[int]]

    def __len__(self) -> int:
        return len(self.parents)


def flat(tasks: int) -> Workload:
    """Tasks that need nothing."""
    return Workload(f"flat {tasks:,}", "flat", [[] for _ in range(tasks)])


def chain(tasks: int) -> Workload:
    """Tasks that each need the one before."""
    return Workload(f"chain {tasks:,}", "chain", [[n - 1] if n else [] for n in range(tasks)])


def fan(stages: int) -> Workload:
    """Stages of a hundred tasks and one that needs all of them, each after the stage before."""
    parents: list[list[int]] = []
    for stage in range(stages):
        before = [len(parents) - 1] if stage else []
        first = len(parents)
        parents += [before] * WIDTH
        parents.append(list(range(first, first + WIDTH)))
    return Workload(f"fan {stages} x {WIDTH}", "fan", parents)


def write_makefile(work: Workload, folder: Path) -> None:
    """Write a Makefile of targets that are no files."""
    names = " ".join(f"t{n}" for n in range(len(work)))
    rules = [
        f"t{n}:{''.join(f' t{p}' for p in parents)}\n\t@/bin/true"
        for n, parents in enumerate(work.parents)
    ]
    (folder / "Makefile").write_text(f".PHONY: all {names}\nall: {names}\n" + "\n".join(rules))


def write_ninja(work: Workload, folder: Path) -> None:
    """Write a build file of outputs that nobody makes."""
    rules = [
        f"build t{n}: true{''.join(f' t{p}' for p in parents)}"
        for n, parents in enumerate(work.parents)
    ]
    head = "rule true\n  command = /bin/true\n"
    (folder / "build.ninja").write_text(head + "\n".join(rules) + "\n")


def write_snakefile(work: Workload, folder: Path) -> None:
    """Write a Snakefile of one rule whose inputs a table holds."""
    (folder / "parents.json").write_text(json.dumps(work.parents))
    (folder / "Snakefile").write_text(
        'import json\nPARENTS = json.load(open("parents.json"))\n'
        'rule all:\n    input: [f"t{n}" for n in range(len(PARENTS))]\n'
        "rule one:\n"
        '    input: lambda w: [f"t{p}" for p in PARENTS[int(w.n)]]\n'
        '    output: touch("t{n,[0-9]+}")\n'
        '    shell: "/bin/true"\n'
    )


def write_cwl(work: Workload, folder: Path) -> None:
    """Write a CWL workflow and its job: scatters, or steps that hand a number on."""
    steps: dict[str, object] = {}
    job: dict[str, object] = {"n": 0}
    inputs: dict[str, object] = {"n": "int"}
    one, join = _tool("int", "$(inputs.n)"), _tool("int[]", "$(inputs.n[0])")
    if work.shape == "chain":
        for number in range(len(work)):
            source = f"s{number - 1}/n" if number else "n"
            steps[f"s{number}"] = {"run": one, "in": {"n": source}, "out": ["n"]}
    else:
        width = WIDTH if work.shape == "fan" else len(work)
        inputs, job = {"many": "int[]", **inputs}, {"many": list(range(width)), **job}
        scattered = {**one, "inputs": {"n": "int", "after": "int"}}
        for stage in range(len(work) // (width + 1) if work.shape == "fan" else 1):
            after = f"j{stage - 1}/n" if stage else "n"
            given = {"n": "many", "after": after}
            steps[f"s{stage}"] = {"run": scattered, "in": given, "scatter": "n", "out": ["n"]}
            if work.shape == "fan":
                steps[f"j{stage}"] = {"run": join, "in": {"n": f"s{stage}/n"}, "out": ["n"]}
    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "requirements": {"ScatterFeatureRequirement": {}},
        "inputs": inputs,
        "outputs": {},
        "steps": steps,
    }
    (folder / "work.cwl").write_text(json.dumps(document))
    (folder / "job.json").write_text(json.dumps(job))


def _tool(type_: str, output: str) -> dict[str, object]:
    return {
        "class": "CommandLineTool",
        "baseCommand": "/bin/true",
        "inputs": {"n": type_},
        "outputs": {"n": {"type": "int", "outputBinding": {"outputEval": output}}},
    }


_HEAD = "import json, subprocess\nPARENTS = json.load(open('parents.json'))\n"


def write_parsl(work: Workload, folder: Path) -> None:
    """Write a Parsl program: apps of a pool of two threads, its cheapest executor."""
    (folder / "parents.json").write_text(json.dumps(work.parents))
    (folder / "work_parsl.py").write_text(
        _HEAD + "import parsl\n"
        "from parsl.config import Config\n"
        "from parsl.executors import ThreadPoolExecutor\n"
        "parsl.load(Config(executors=[ThreadPoolExecutor(max_threads=2)]))\n"
        "@parsl.python_app\n"
        "def one(inputs=()):\n"
        "    import subprocess\n"
        "    subprocess.run(['/bin/true'], check=True)\n"
        "made = []\n"
        "for parents in PARENTS:\n"
        "    made.append(one(inputs=[made[p] for p in parents]))\n"
        "for each in made:\n"
        "    each.result()\n"
        "parsl.dfk().cleanup()\n"
    )


def write_dask(work: Workload, folder: Path) -> None:
    """Write a dask program: a graph for its scheduler of threads."""
    (folder / "parents.json").write_text(json.dumps(work.parents))
    (folder / "work_dask.py").write_text(
        _HEAD + "import dask\n"
        "@dask.delayed\n"
        "def one(*after):\n"
        "    subprocess.run(['/bin/true'], check=True)\n"
        "made = []\n"
        "for parents in PARENTS:\n"
        "    made.append(one(*[made[p] for p in parents]))\n"
        "dask.compute(*made, scheduler='threads', num_workers=2)\n"
    )
