"""A submit folder of Pegasus, written to its documentation: no Pegasus can be installed here.

Sources: the schema of abstract workflows (5.0), "Monitoring, Debugging and Statistics" (for
jobstate.log and braindump.yml), the kickstart record of versions 5 (YAML) and 4.9 (XML, invocation
schema 2.3), and the schema of the stampede database.
"""

import sqlite3
from pathlib import Path

WORKFLOW = """
x-pegasus: {apiLang: python, createdBy: ada}
pegasus: "5.0"
name: letters
jobs:
- {type: job, name: count, id: ID0000001, arguments: [-i, a.txt, -o, a.n],
   uses: [{lfn: a.txt, type: input}, {lfn: a.n, type: output, stageOut: false}]}
- {type: job, name: count, id: ID0000002, arguments: [-i, b.txt, -o, b.n],
   uses: [{lfn: b.txt, type: input}, {lfn: b.n, type: output, stageOut: false}]}
- {type: job, namespace: t, name: join, version: "1.0", id: ID0000003, stdout: whole.txt,
   arguments: [a.n, b.n],
   uses: [{lfn: a.n, type: input}, {lfn: b.n, type: input}, {lfn: whole.txt, type: output}]}
jobDependencies:
- {id: ID0000001, children: [ID0000003]}
- {id: ID0000002, children: [ID0000003]}
"""
BRAINDUMP = """
user: "ada"
wf_uuid: "11112222-3333-4444-5555-666677778888"
root_wf_uuid: "11112222-3333-4444-5555-666677778888"
dax: "/home/ada/workflow.yml"
dax_label: "letters"
submit_dir: "/home/ada/submit/run0001"
planner_version: "5.0.5"
planner_arguments: "\\"--sites condorpool --output-sites local workflow.yml \\""
"""
JOBSTATE = """\
1772359200 INTERNAL *** MONITORD_STARTED ***
1772359201 INTERNAL *** DAGMAN_STARTED 1.0 ***
1772359202 create_dir_letters_0_local SUBMIT 2.0 local - 1
1772359203 create_dir_letters_0_local EXECUTE 2.0 local - 1
1772359204 create_dir_letters_0_local JOB_TERMINATED 2.0 local - 1
1772359204 create_dir_letters_0_local JOB_SUCCESS 0 local - 1
1772359210 count_ID0000001 SUBMIT 3.0 condorpool - 2
1772359211 count_ID0000001 EXECUTE 3.0 condorpool - 2
1772359212 count_ID0000001 JOB_TERMINATED 3.0 condorpool - 2
1772359212 count_ID0000001 JOB_FAILURE 1 condorpool - 2
1772359213 count_ID0000001 SUBMIT 4.0 condorpool - 3
1772359214 count_ID0000001 EXECUTE 4.0 condorpool - 3
1772359216 count_ID0000001 JOB_TERMINATED 4.0 condorpool - 3
1772359216 count_ID0000001 JOB_SUCCESS 0 condorpool - 3
1772359210 count_ID0000002 SUBMIT 5.0 condorpool - 4
1772359211 count_ID0000002 EXECUTE 5.0 condorpool - 4
1772359215 count_ID0000002 JOB_TERMINATED 5.0 condorpool - 4
1772359215 count_ID0000002 JOB_SUCCESS 0 condorpool - 4
1772359220 join_ID0000003 SUBMIT 6.0 condorpool - 5
1772359221 join_ID0000003 EXECUTE 6.0 condorpool - 5
1772359222 join_ID0000003 JOB_TERMINATED 6.0 condorpool - 5
1772359222 join_ID0000003 JOB_SUCCESS 0 condorpool - 5
1772359230 INTERNAL *** DAGMAN_FINISHED 0 ***
1772359231 INTERNAL *** MONITORD_FINISHED 0 ***
"""
YAML = """\
---------------pegasus-multipart
- unrelated_part:
    succeeded: 1
---------------pegasus-multipart
- invocation: True
  version: 3.0
  start: 2026-03-01T11:00:14.000+01:00
  duration: 2.100
  transformation: "{name}"
  derivation: "{id}"
  resource: "condorpool"
  hostname: node7.example.org
  mainjob:
    start: 2026-03-01T11:00:14.100+01:00
    duration: 2.000
    usage:
      utime: 1.5
      stime: 0.25
      maxrss: 2696
    status:
      raw: {raw}
      regular_exitcode: {code}
    executable:
      file_name: /opt/bin/{name}
      mode: 0o100755
    argument_vector:
      - "-i"
      - "a.txt"
  machine:
    uname_system: linux
    uname_nodename: node7.example.org
    uname_release: 4.18.0
    uname_machine: x86_64
    ram_total: 65653728
    cpu_count: 24
    cpu_model: Xeon
  files:
    {made}:
      lfn: "{made}"
      size: 2
      output: True
      sha256: {sha256}
    stderr:
      temporary_name: /tmp/ks.err
      data: |
        {error}

---------------pegasus-multipart
"""
XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<invocation xmlns="http://pegasus.isi.edu/schema/invocation" version="2.3"
 start="2026-03-01T10:00:11.000+00:00" duration="4.2" transformation="{name}" derivation="{id}"
 hostname="node8.example.org">
  <mainjob start="2026-03-01T10:00:11.100+00:00" duration="4.0" pid="7">
    <usage utime="3.5" stime="0.5" maxrss="1000"/>
    <status raw="0"><regular exitcode="0"/></status>
    <statcall error="0"><file name="/opt/bin/{name}"/><statinfo size="9"/></statcall>
    <argument-vector><arg nr="2">b.txt</arg><arg nr="1">-i</arg></argument-vector>
  </mainjob>
  <machine><uname system="linux" nodename="node8" release="3.10" machine="x86_64"/>
    <linux><ram total="1048576"/><cpu count="8" speed="2500" vendor="V">Old Xeon</cpu></linux>
  </machine>
  <statcall error="0" lfn="{made}" id="final"><statinfo size="3"/>
    <checksum type="sha256" value="{sha256}"/></statcall>
</invocation>
"""
SHA = {"a.n": "a1" * 32, "b.n": "b2" * 32, "whole.txt": "c3" * 32}
TABLES = """
CREATE TABLE workflow (wf_id INTEGER, wf_uuid TEXT, dax_label TEXT, planner_version TEXT,
  planner_arguments TEXT, parent_wf_id INTEGER);
CREATE TABLE workflowstate (wf_id INTEGER, state TEXT, timestamp NUMERIC, status INTEGER);
CREATE TABLE task (wf_id INTEGER, abs_task_id TEXT, transformation TEXT, argv TEXT, type_desc TEXT);
CREATE TABLE task_edge (wf_id INTEGER, parent_abs_task_id TEXT, child_abs_task_id TEXT);
CREATE TABLE host (host_id INTEGER, wf_id INTEGER, hostname TEXT, uname TEXT, total_memory INTEGER);
CREATE TABLE job_instance (job_instance_id INTEGER, host_id INTEGER);
CREATE TABLE invocation (wf_id INTEGER, job_instance_id INTEGER, task_submit_seq INTEGER,
  start_time NUMERIC, remote_duration NUMERIC, exitcode INTEGER, executable TEXT, argv TEXT,
  abs_task_id TEXT, maxrss INTEGER, avg_cpu NUMERIC);
CREATE TABLE rc_lfn (lfn_id INTEGER, lfn TEXT);
CREATE TABLE rc_pfn (pfn_id INTEGER, lfn_id INTEGER, pfn TEXT, site TEXT);
"""
UUID = "11112222-3333-4444-5555-666677778888"


def record(kind: str, name: str, job: str, made: str, code: int = 0) -> str:
    form = YAML if kind == "yaml" else XML
    error = "no letters" if code else ""
    return form.format(
        name=name, id=job, made=made, sha256=SHA[made], code=code, raw=code << 8, error=error
    )


def database(path: Path, output: str) -> Path:
    """Write a stampede database of the same run; its output was registered at a place."""
    connection = sqlite3.connect(path)
    connection.executescript(TABLES)
    insert = {
        "workflow": [(1, UUID, "letters", "5.0.5", "--sites condorpool", None)],
        "workflowstate": [(1, "WORKFLOW_STARTED", 1772359201, None),
                          (1, "WORKFLOW_TERMINATED", 1772359230, 0)],
        "task": [(1, f"ID000000{n}", name, "", "compute")
                 for n, name in ((1, "count"), (2, "count"), (3, "t::join:1.0"))],
        "task_edge": [(1, "ID0000001", "ID0000003"), (1, "ID0000002", "ID0000003")],
        "host": [(1, 1, "node7", "linux-4.18.0-x86_64", 65653728)],
        "job_instance": [(1, 1), (2, 1), (3, 1), (4, 1)],
        "invocation": [
            (1, 1, 1, 1772359211, 1.0, 1, "/opt/bin/count", "-i a.txt", "ID0000001", 2696, 0.5),
            (1, 2, 1, 1772359214, 2.0, 0, "/opt/bin/count", "-i a.txt", "ID0000001", 2696, 0.875),
            (1, 3, 1, 1772359211, 4.0, 0, "/opt/bin/count", "-i b.txt", "ID0000002", 1000, 1.0),
            (1, 4, 1, 1772359221, 1.0, 0, "/opt/bin/join", "a.n b.n", "ID0000003", None, None),
            (1, 4, -2, 1772359223, 1.0, 0, "pegasus-exitcode", "", None, None, None),
        ],
        "rc_lfn": [(1, "whole.txt")],
        "rc_pfn": [(1, 1, output, "local")],
    }  # fmt: skip
    for table, rows in insert.items():
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.commit()
    connection.close()
    return path


def submitted(folder: Path, *, records: bool = True, states: bool = True) -> Path:
    """Write the folder; without records, what ran is known from the states of jobs alone."""
    jobs = folder / "00/00"
    jobs.mkdir(parents=True)
    (folder / "workflow.yml").write_text(WORKFLOW)
    (folder / "braindump.yml").write_text(BRAINDUMP)
    (folder / "letters-0.dag").write_text("")
    if states:
        (folder / "jobstate.log").write_text(JOBSTATE)
    if records:
        for name, text in (
            ("count_ID0000001.out.000", record("yaml", "count", "ID0000001", "a.n", 1)),
            ("count_ID0000001.out.001", record("yaml", "count", "ID0000001", "a.n")),
            ("count_ID0000002.out.000", record("xml", "count", "ID0000002", "b.n")),
            ("join_ID0000003.out.000", record("yaml", "join", "ID0000003", "whole.txt")),
            ("create_dir_letters_0_local.out.000",
             record("yaml", "dirmanager", "null", "a.n").replace("null", "")),
        ):  # fmt: skip
            (jobs / name).write_text(text)
    return folder
