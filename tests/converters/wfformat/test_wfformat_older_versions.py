"""WfFormat 1.3 and 1.4: tasks that hold their files and execution, in 1.3 with volumes in KB."""

import copy
import json
from typing import Any

import jsonschema
import pytest

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, WriteOptions, converter
from fairwf.ir.canonical import same
from fairwf.ir.instance import Instance
from fairwf.report import InvalidError, Report

WFFORMAT = converter("wfformat")

V14: dict[str, Any] = {
    "name": "old",
    "schemaVersion": "1.4",
    "wms": {"name": "Pegasus", "version": "4.9"},
    "workflow": {
        "makespanInSeconds": 9,
        "executedAt": "20200401T000000+0000",
        "machines": [
            {
                "nodeName": "n1",
                "system": "linux",
                "memoryInBytes": 64000,
                "cpu": {"count": 4, "speed": 1200, "vendor": "V"},
            }
        ],
        "tasks": [
            {
                "name": "split",
                "id": "s1",
                "type": "compute",
                "category": "splitting",
                "command": {"program": "split", "arguments": ["-n", "2"]},
                "files": [
                    {"name": "in.txt", "sizeInBytes": 1000, "link": "input"},
                    {"name": "out.txt", "sizeInBytes": 500, "link": "output"},
                ],
                "runtimeInSeconds": 3.5,
                "cores": 2,
                "avgCPU": 90.0,
                "readBytes": 1000,
                "writtenBytes": 500,
                "memoryInBytes": 4000,
                "energy": 0.5,
                "avgPower": 20,
                "priority": 1,
                "machine": "n1",
            },
            {
                "name": "join",
                "id": "j1",
                "type": "auxiliary",
                "parents": ["s1"],
                "files": [{"name": "out.txt", "sizeInBytes": 500, "link": "input"}],
            },
        ],
    },
}


def v13() -> dict[str, Any]:
    """The same document as 1.3 says it."""
    document = copy.deepcopy(V14)
    document["schemaVersion"] = "1.3"
    workflow = document["workflow"]
    workflow["makespan"] = workflow.pop("makespanInSeconds")
    workflow["machines"][0]["memory"] = workflow["machines"][0].pop("memoryInBytes") // 1000
    for task in workflow["tasks"]:
        for file in task["files"]:
            file["size"] = file.pop("sizeInBytes") // 500
        for now, before in (("readBytes", "bytesRead"), ("writtenBytes", "bytesWritten"),
                            ("memoryInBytes", "memory")):  # fmt: skip
            if now in task:
                task[before] = task.pop(now) / 1000
        if "runtimeInSeconds" in task:
            task["runtime"] = task.pop("runtimeInSeconds")
    return document


def read(plain: dict[str, Any], report: Report | None = None) -> Document:
    assert WFFORMAT.read is not None
    data = json.dumps(plain, indent=1).encode()
    return WFFORMAT.read(
        Source("old.json", given=data), ReadOptions(), report if report is not None else Report()
    )


def instance_of(plain: dict[str, Any]) -> Instance:
    instance = read(plain).workflow
    assert isinstance(instance, Instance)
    return instance


def test_a_document_of_1_4_is_read_into_the_same_columns_as_1_5() -> None:
    instance = instance_of(V14)
    tasks, files = instance.tasks, instance.files
    assert (instance.runtime_system, instance.runtime_system_version) == ("Pegasus", "4.9")
    assert (instance.makespan_s, instance.executed) == (9.0, "20200401T000000+0000")
    assert (tasks.id, tasks.name) == (["s1", "j1"], ["split", "join"])
    assert tasks.process == ["splitting", ""]
    assert [tasks.parents.row(i) for i in (0, 1)] == [[], [0]]
    assert (files.id, files.size) == (["in.txt", "out.txt"], [1000, 500])
    assert [tasks.inputs.row(i) for i in (0, 1)] == [[0], [1]]
    assert [tasks.outputs.row(i) for i in (0, 1)] == [[1], []]
    assert tasks.program == ["split", None]
    assert tasks.runtime_s == [3.5, None]
    assert (tasks.cores, tasks.priority) == ([2.0, None], [1, None])
    assert (tasks.energy_kwh, tasks.average_power_w) == ([0.5, None], [20.0, None])
    assert (tasks.read_bytes, tasks.memory_bytes) == ([1000, None], [4000, None])
    [machine] = instance.machines
    assert (machine.cores, machine.speed_mhz, machine.memory_bytes) == (4, 1200, 64000)


def test_volumes_of_1_3_are_in_kilobytes() -> None:
    old, new = instance_of(v13()), instance_of(V14)
    assert old.files.size == [2000, 1000]
    assert old.tasks.memory_bytes == new.tasks.memory_bytes
    assert old.tasks.read_bytes == new.tasks.read_bytes
    assert old.machines[0].memory_bytes == new.machines[0].memory_bytes
    assert old.tasks.runtime_s == new.tasks.runtime_s
    assert old.makespan_s == new.makespan_s


@pytest.mark.parametrize("plain", [V14, v13()], ids=["1.4", "1.3"])
def test_it_is_written_as_1_5_with_all_it_said(
    plain: dict[str, Any], schemas: dict[str, Any]
) -> None:
    assert WFFORMAT.write is not None
    jsonschema.Draft7Validator(schemas[plain["schemaVersion"]]).validate(plain)
    document = read(plain)
    data = WFFORMAT.write(document, WriteOptions(), Report()).files["workflow.wfformat.json"]
    written = json.loads(data)
    jsonschema.Draft7Validator(schemas["1.5"]).validate(written)
    assert [task["type"] for task in written["workflow"]["specification"]["tasks"]] == [
        "compute",
        "auxiliary",
    ]
    assert same(read(written).workflow, document.workflow)


def test_parents_may_be_named_instead_of_identified() -> None:
    plain = copy.deepcopy(V14)
    plain["workflow"]["tasks"][1]["parents"] = ["split"]
    assert same(instance_of(plain), instance_of(V14))


def test_a_task_without_id_is_called_by_its_name() -> None:
    plain = copy.deepcopy(V14)
    for task in plain["workflow"]["tasks"]:
        del task["id"]
    plain["workflow"]["tasks"][1]["parents"] = ["split"]
    assert instance_of(plain).tasks.id == ["split", "join"]


def test_a_file_with_two_sizes_is_told() -> None:
    plain = copy.deepcopy(V14)
    plain["workflow"]["tasks"][1]["files"][0]["sizeInBytes"] = 1
    report = Report()
    read(plain, report)
    [finding] = [f for f in report if "size" in f.message]
    assert (finding.code, finding.severity) == ("FWF1203", "warning")
    assert finding.line is not None


def test_faults_are_named_as_the_version_names_them() -> None:
    plain = copy.deepcopy(V14)
    del plain["workflow"]["makespanInSeconds"]
    plain["workflow"]["tasks"][0]["type"] = "other"
    with pytest.raises(InvalidError) as error:
        read(plain)
    messages = [finding.message for finding in error.value.report]
    assert messages == ["the key 'makespanInSeconds' is missing", "'other' is not allowed here"]


def test_a_document_without_any_measure_of_its_tasks_keeps_its_makespan() -> None:
    plain = copy.deepcopy(V14)
    tasks = plain["workflow"]["tasks"]
    plain["workflow"]["tasks"] = [
        {key: task[key] for key in ("name", "id", "type", "files")} for task in tasks
    ]
    document = read(plain)
    assert WFFORMAT.write is not None
    data = WFFORMAT.write(document, WriteOptions(), Report()).files["workflow.wfformat.json"]
    again = read(json.loads(data))
    assert same(again.workflow, document.workflow)
    assert isinstance(again.workflow, Instance)
    assert again.workflow.makespan_s == 9.0
    assert [machine.cores for machine in again.workflow.machines] == [4]


def test_a_task_with_a_measure_but_no_runtime_is_written_with_a_placeholder(
    schemas: dict[str, Any],
) -> None:
    plain = copy.deepcopy(V14)
    plain["workflow"]["tasks"][1]["cores"] = 1
    document = read(plain)
    assert WFFORMAT.write is not None
    report = Report()
    data = WFFORMAT.write(document, WriteOptions(), report).files["workflow.wfformat.json"]
    jsonschema.Draft7Validator(schemas["1.5"]).validate(json.loads(data))
    assert [finding.path for finding in report] == ["/tasks/runtime_s/j1"]
    assert same(read(json.loads(data)).workflow, document.workflow)


def test_names_that_1_5_forbids_are_rewritten_and_kept_beside(schemas: dict[str, Any]) -> None:
    plain = copy.deepcopy(V14)
    first, second = plain["workflow"]["tasks"]
    first["id"] = "s 1"
    second["parents"] = ["split"]
    first["files"][1]["name"] = second["files"][0]["name"] = "out 1.txt"
    first["inputFiles"] = "a key that 1.4 does not know"
    document = read(plain)
    assert isinstance(document.workflow, Instance)
    assert document.workflow.tasks.id == ["s 1", "j1"]
    assert document.workflow.files.id == ["in.txt", "out 1.txt"]
    assert WFFORMAT.write is not None
    data = WFFORMAT.write(document, WriteOptions(), Report()).files["workflow.wfformat.json"]
    written = json.loads(data)
    jsonschema.Draft7Validator(schemas["1.5"]).validate(written)
    assert [t["id"] for t in written["workflow"]["specification"]["tasks"]] == ["s_1", "j1"]
    assert same(read(written).workflow, document.workflow)
