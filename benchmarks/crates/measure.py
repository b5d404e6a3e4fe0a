"""Run crates: CPU seconds, peak memory and size, beside cwltool --provenance and runcrate.

    python benchmarks/crates/measure.py [--work DIR] [--only beside|alone]

Beside the others: chains and scatters, each run once by both. `record` is what keeping provenance
costs: a run with it minus a run without it (cwltool), nothing extra (fairwf keeps its journal in
any case); `package` is making the crate of it (runcrate convert, fairwf package). Alone: records of
1,000, 10,000 and 100,000 tasks, written here without running the tasks. Exits with 1 where a goal
is missed. runcrate needs rocrate 0.13, so it gets an environment of its own in DIR.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

import workflows

LESS_CPU = 10.0
MOST_RSS_MIB = 300
MOST_RATIO = 1.5
PINNED = ("cwltool", "runcrate>=0.6", "rocrate==0.13.0")


@dataclass(frozen=True)
class Cost:
    """CPU seconds (with everything that it started) and peak resident memory in MiB."""

    cpu_s: float
    rss_mib: float


def cost(*words: str | Path, folder: Path) -> Cost:
    """Run a program and return what it cost."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [str(word) for word in words],
            cwd=folder,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            sys.exit(
                f"{' '.join(map(str, words))}\n{said.read().decode('utf-8', 'replace')[-3000:]}"
            )
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def octets(place: Path) -> tuple[float, int]:
    """Size of a folder in MB, and how many files it has."""
    files = [path for path in place.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files) / 1e6, len(files)


def others(work: Path) -> Path:
    """The programs of the others: an environment with the versions that fit each other."""
    place = work / "others"
    if not (place / "bin/runcrate").exists():
        venv.create(place, with_pip=True)
        pip = [place / "bin/python", "-m", "pip", "install", "-q", *PINNED]
        subprocess.run([str(word) for word in pip], check=True)
    return place / "bin"


def fairwf() -> Path:
    """Our console script."""
    return Path(sysconfig.get_path("scripts")) / "fairwf"


def beside(work: Path) -> bool:
    """Print the table of both; True where the goal holds."""
    theirs = others(work)
    print(
        "| workflow | program | run | record | package | total CPU s | peak RSS MiB | MB | files |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    made = True
    for name, write, count in (
        ("chain 10", workflows.write_chain, 10),
        ("scatter 10", workflows.write_scatter, 10),
        ("scatter 100", workflows.write_scatter, 100),
        ("scatter 500", workflows.write_scatter, 500),
    ):
        folder = work / name.replace(" ", "-")
        shutil.rmtree(folder, ignore_errors=True)
        write(folder, count)
        plain = cost(
            *(theirs / "cwltool", "--no-container", "--outdir", "plain", "main.cwl", "job.json"),
            folder=folder,
        )
        told = cost(
            *(theirs / "cwltool", "--no-container", "--provenance", "ro", "--outdir", "told"),
            *("main.cwl", "job.json"),
            folder=folder,
        )
        converted = cost(theirs / "runcrate", "convert", "ro", "-o", "their-crate", folder=folder)
        ours = cost(
            *(fairwf(), "run", "--quiet", "--container", "none", "--outdir", "ours"),
            *("--run-dir", "run", "main.cwl", "job.json"),
            folder=folder,
        )
        packaged = cost(*(fairwf(), "package", "run", "-o", "our-crate", "--quiet"), folder=folder)
        record = max(0.0, told.cpu_s - plain.cpu_s)
        total_theirs = told.cpu_s + converted.cpu_s
        total_ours = ours.cpu_s + packaged.cpu_s
        for program, run, kept, package, total, rss, crate in (
            ("cwltool + runcrate", plain.cpu_s, record, converted.cpu_s, total_theirs,
             max(told.rss_mib, converted.rss_mib), "their-crate"),
            ("fairwf", ours.cpu_s, 0.0, packaged.cpu_s, total_ours,
             max(ours.rss_mib, packaged.rss_mib), "our-crate"),
        ):  # fmt: skip
            size, files = octets(folder / crate)
            print(
                f"| {name} | {program} | {run:.2f} | {kept:.2f} | {package:.2f} | {total:.2f} "
                f"| {rss:.0f} | {size:.2f} | {files} |"
            )
        metadata = json.loads((folder / "our-crate/ro-crate-metadata.json").read_bytes())
        tasks = [e for e in metadata["@graph"] if e["@id"].startswith("#action/")]
        assert len(tasks) == count, "our crate does not describe every task"
        ratio = total_theirs / total_ours
        extra = (record + converted.cpu_s) / packaged.cpu_s
        print(f"| | | | | | **{ratio:.1f} times less, {extra:.1f} without the runs** | | | |")
        made = made and (count < 500 or ratio >= LESS_CPU)
    return made


def alone(work: Path, sizes: list[int]) -> bool:
    """Print the table of large records; True where the goals hold."""
    print("\n| tasks | CPU s | ms a task | peak RSS MiB | MB | files |")
    print("|---|---|---|---|---|---|")
    per_task: dict[int, float] = {}
    peak = 0.0
    for tasks in sizes:
        run, crate = work / f"record-{tasks}", work / f"crate-{tasks}"
        shutil.rmtree(run, ignore_errors=True)
        shutil.rmtree(crate, ignore_errors=True)
        workflows.write_record(run, tasks)
        used = cost(fairwf(), "package", run, "-o", crate, "--quiet", folder=work)
        size, files = octets(crate)
        per_task[tasks], peak = used.cpu_s / tasks * 1000, max(peak, used.rss_mib)
        print(
            f"| {tasks} | {used.cpu_s:.2f} | {per_task[tasks]:.3f} | {used.rss_mib:.0f} "
            f"| {size:.2f} | {files} |"
        )
        shutil.rmtree(run)
    ratio = per_task[max(sizes)] / per_task[min(sizes)]
    print(f"\nA task costs {ratio:.2f} times as much of {max(sizes)} as of {min(sizes)}.")
    return peak < MOST_RSS_MIB and ratio < MOST_RATIO


def main() -> int:
    """Print the tables; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "fairwf-crates")
    parser.add_argument("--only", choices=["beside", "alone"])
    parser.add_argument("--tasks", type=int, nargs="*", default=[1000, 10_000, 100_000])
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    work = asked.work.resolve()
    goals = []
    if asked.only != "alone":
        goals.append(beside(work))
    if asked.only != "beside":
        goals.append(alone(work, asked.tasks))
    return 0 if all(goals) else 1


if __name__ == "__main__":
    sys.exit(main())
