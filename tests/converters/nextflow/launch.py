"""A launch folder of Nextflow, written to its documentation: no Nextflow can be installed here.

Sources: "Trace file", "Execution log" and "Cache and resume" of the documentation (work folders and
their files), and the shape of the log of version 23.
"""

from pathlib import Path

DEFAULT = ("task_id", "hash", "native_id", "name", "status", "exit", "submit", "duration",
           "realtime", "%cpu", "peak_rss", "peak_vmem", "rchar", "wchar")  # fmt: skip
SPLIT, UP_1, UP_2 = "a1/0001aa", "b2/0002bb", "b3/0003bc"
HUMAN = [
    (1, SPLIT, 101, "SPLIT", "COMPLETED", 0, "2026-03-01 10:00:00.000", "2s", "1.5s", "95.0%",
     "3 MB", "8 MB", "1.5 KB", "20 B"),
    (2, UP_1, 102, "UPPER (x)", "COMPLETED", 0, "2026-03-01 10:00:02.100", "1m 3s", "1m", "99.9%",
     "2.5 MB", "8 MB", "10 B", "10 B"),
    (3, UP_2, 103, "UPPER (y)", "FAILED", 2, "2026-03-01 10:00:02.200", "500ms", "-", "-",
     "-", "-", "-", "-"),
    (4, "c4/0004cc", 104, "UPPER (y)", "COMPLETED", 0, "2026-03-01 10:00:03.000", "900ms", "800ms",
     "50.0%", "0", "0", "0", "0"),
]  # fmt: skip
RAW_FIELDS = ("task_id", "hash", "process", "tag", "name", "status", "exit", "submit", "start",
              "complete", "realtime", "%cpu", "peak_rss", "cpus", "attempt", "container",
              "hostname", "workdir")  # fmt: skip
MAIN = """
process SPLIT { input: path text; output: path 'part_*'; script: "split -l 1 $text part_" }
process UPPER { tag "$id"; input: tuple val(id), path(part); output: path 'up.txt'
  script: "tr a-z A-Z < $part > up.txt" }
workflow { SPLIT(file('data/in.txt')) }
"""
LOG = """\
Mar-01 09:59:58.000 [main] DEBUG nextflow.cli.Launcher - $> nextflow run main.nf -with-trace
Mar-01 09:59:58.100 [main] INFO  nextflow.cli.CmdRun - N E X T F L O W  ~  version 23.10.1
Mar-01 09:59:58.300 [main] INFO  nextflow.cli.CmdRun - Launching `main.nf` [happy_ada] DSL2
Mar-01 09:59:58.400 [main] DEBUG nextflow.Session -
  Version: 23.10.1 build 5891
  System: Linux 5.15.0-91-generic
  Runtime: Groovy 3.0.19 on OpenJDK 64-Bit Server VM 17.0.9
  Process: 4242@node7 [127.0.1.1]
  CPUs: 8 - Mem: 15.5 GB (1.1 GB) - Swap: 2 GB (1.7 GB)
Mar-01 10:00:02.000 [Task monitor] DEBUG n.processor.TaskPollingMonitor - Task completed > \
TaskHandler[id: 1; name: SPLIT; status: COMPLETED; exit: 0; error: -; \
workDir: {root}/work/a1/0001aa77]
Mar-01 10:01:05.000 [Task monitor] DEBUG n.processor.TaskPollingMonitor - Task completed > \
TaskHandler[id: 2; name: UPPER (x); status: COMPLETED; exit: 0; error: -; \
workDir: {root}/work/b2/0002bb77]
"""
HISTORY = (
    "2026-03-01 09:59:58\t1m 10s\thappy_ada\tOK\t0a1b2c3d4e\t"
    "6b8c9d10-0000-4000-8000-0123456789ab\tnextflow run main.nf -with-trace\n"
)


def table(fields: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    return "\n".join("\t".join(map(str, row)) for row in [fields, *rows]) + "\n"


def work(root: Path, name: str, script: str, links: dict[str, str], made: dict[str, str]) -> Path:
    folder = root / "work" / name
    folder.mkdir(parents=True)
    (folder / ".command.sh").write_text(f"#!/bin/bash -ue\n{script}\n")
    stage = "".join(f"    ln -s {target} {link}\n" for link, target in links.items())
    (folder / ".command.run").write_text(f"#!/bin/bash\nnxf_stage() {{\n    true\n{stage}}}\n")
    (folder / ".exitcode").write_text("0")
    (folder / ".command.out").write_text("")
    for link, target in links.items():
        (folder / link).symlink_to(target)
    for file, text in made.items():
        (folder / file).write_text(text)
    return folder


def launched(root: Path, trace: str | None = None) -> Path:
    """Write the folder; `trace` of None: none is there, as without `-with-trace`."""
    (root / "data").mkdir(parents=True)
    (root / "data/in.txt").write_text("a\nb\n")
    (root / "main.nf").write_text(MAIN)
    (root / "nextflow.config").write_text("process.cpus = 1\n")
    (root / ".nextflow").mkdir()
    (root / ".nextflow/history").write_text(HISTORY)
    (root / ".nextflow.log").write_text(LOG.replace("{root}", str(root)))
    given = {"in.txt": f"{root}/data/in.txt"}
    split = work(root, "a1/0001aa77", "split -l 1 in.txt part_", given,
                 {"part_aa": "a\n", "part_ab": "b\n"})  # fmt: skip
    work(root, "b2/0002bb77", "tr a-z A-Z < part_aa > up.txt",
         {"part_aa": f"{split}/part_aa"}, {"up.txt": "A\n"})  # fmt: skip
    work(root, "b3/0003bc77", "tr a-z A-Z < part_ab > up.txt", {"part_ab": f"{split}/part_ab"}, {})
    work(root, "c4/0004cc77", "tr a-z A-Z < part_ab > up.txt",
         {"part_ab": f"{split}/part_ab"}, {"up.txt": "B\n"})  # fmt: skip
    if trace is not None:
        (root / "trace.txt").write_text(trace)
    return root
