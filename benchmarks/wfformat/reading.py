"""WfFormat of a generated document: CPU seconds and peak memory by number of tasks.

    PYTHONPATH=.:converters python benchmarks/wfformat/reading.py [TASKS ...]

Each number of tasks runs in a process of its own. "decode" is the standard library's json alone.
"""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import time
from typing import Any

from fairwf.formats import Source
from fairwf.report import Report
from fairwf_wfformat.read import read
from fairwf_wfformat.write import write


def document(count: int) -> dict[str, Any]:
    """Return layers of 100 tasks, each with two parents in the layer before."""
    tasks, runs, files = [], [], []
    for index in range(count):
        parents = [index - 100, index - 101] if index > 100 else []
        below = [index + 100, index + 101]
        tasks.append(
            {
                "name": f"step_{index % 7}",
                "id": f"task_{index:08d}",
                "parents": [f"task_{p:08d}" for p in parents],
                "children": [f"task_{c:08d}" for c in below if 100 < c < count],
                "inputFiles": [f"file_{p:08d}" for p in parents],
                "outputFiles": [f"file_{index:08d}"],
            }
        )
        files.append({"id": f"file_{index:08d}", "sizeInBytes": index})
        runs.append(
            {
                "id": f"task_{index:08d}",
                "runtimeInSeconds": index / 7,
                "command": {"program": "step", "arguments": ["-n", str(index), "-o", "out"]},
                "coreCount": 1,
                "avgCPU": 99.5,
                "memoryInBytes": 1024 * index,
                "machines": [f"node{index % 4}"],
            }
        )
    machines = [{"nodeName": f"node{i}", "cpu": {"coreCount": 8}} for i in range(4)]
    execution = {
        "makespanInSeconds": 1.0,
        "executedAt": "2024-01-01T00:00:00Z",
        "tasks": runs,
        "machines": machines,
    }
    return {
        "name": "generated",
        "schemaVersion": "1.5",
        "workflow": {"specification": {"tasks": tasks, "files": files}, "execution": execution},
    }


def measure(count: int) -> None:
    """Print one row."""
    data = json.dumps(document(count)).encode()
    times = [time.process_time()]
    json.loads(data)
    times.append(time.process_time())
    report = Report()
    whole = read(Source("generated", given=data), report)
    times.append(time.process_time())
    write(whole, report)
    times.append(time.process_time())
    assert not len(report), report.diagnostics[0]
    decode, reading, writing = (b - a for a, b in itertools.pairwise(times))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count:9d} {len(data) / 1e6:8.1f} {decode:9.2f} {reading:8.2f} {writing:8.2f} {peak:8.0f}"
    )


def main() -> None:
    """Measure the numbers of tasks that the command line names."""
    if sys.argv[1:2] == ["--one"]:
        measure(int(sys.argv[2]))
        return
    print("    tasks       MB  decode s   read s  write s  peak MB", flush=True)
    for count in sys.argv[1:] or ["1000", "10000", "100000"]:
        subprocess.run([sys.executable, __file__, "--one", count], check=True)


if __name__ == "__main__":
    main()
