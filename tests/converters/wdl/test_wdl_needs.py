"""What tasks need: ``runtime`` and ``requirements`` (specification 1.2, "Requirements Section")."""

from typing import Any

import pytest

import fairwf
from fairwf.engine.evaluate import Bindings, Evaluator
from fairwf.ir.workflow import Script
from fairwf.report import Report
from tests.converters.wdl.conftest import Reading

NEEDS = """version 1.1
task t {
  input { Boolean large = true  String memory = "1.5 GiB"  Int gib = 3 }
  command <<< echo ~{task.memory} >>>
  runtime { %s }
  output { String said = read_string(stdout()) }
}
"""


def test_what_runtime_says_is_kept_or_has_a_place(wdl: Reading) -> None:
    text = """version 1.0
task t {
  input { Int gib = 2 }
  command {}
  runtime {
    docker: "debian:12"
    cpu: 2
    memory: "1.5 GB"
    disks: "local-disk 10 SSD"
    preemptible: 3
    maxRetries: 1
  }
  meta { author: "Ada", description: "Does nothing." }
}
"""
    script = wdl.document(text).workflow
    assert isinstance(script, Script)
    assert script.environment.container is not None
    assert not script.environment.container.required
    assert script.doc == "Does nothing."
    assert script.extensions["wdl"]["runtime"] == {"preemptible": 3}
    memory, space = script.resources.memory, script.resources.out_space
    assert memory is not None and space is not None
    assert memory.min is not None and memory.min.number == 1.5e9 / 2**20  # type: ignore[union-attr]
    assert space.min is not None and space.min.number == 10 * 1024  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "inputs", "bytes_"),
    [
        ("memory: memory", {}, 3 * 2**29),
        ("memory: memory", {"memory": "20MB"}, 20 * 2**20),
        ("memory: memory", {"memory": "5242880"}, 5 * 2**20),
        ('memory: if large then "8 MiB" else memory', {}, 2**23),
        (
            'memory: if large then "8 MiB" else memory',
            {"large": False, "memory": "9216 KiB"},
            9 * 2**20,
        ),
        ('memory: "~{gib} ~{if large then "MiB" else "KiB"}"', {}, 3 * 2**20),
    ],
)
def test_an_amount_of_memory_may_be_computed(
    said: str, inputs: dict[str, Any], bytes_: int, wdl: Reading
) -> None:
    text = (NEEDS % said).replace("version 1.1", "version 1.2")  # which has ``task``, in whole MiB
    assert wdl.run(text, inputs) == {"said": str(bytes_)}
    assert [one.code for one in wdl.report] == []


def test_a_computed_memory_without_a_known_unit_fails(wdl: Reading) -> None:
    path = wdl.file("main.wdl", NEEDS.replace("~{task.memory}", "") % "memory: memory")
    report = Report()
    run = fairwf.run(
        path, {"memory": "1 lot"}, run_dir=wdl.folder / "run", container="none", report=report
    )
    assert run.status == "failed"
    assert [(one.code, one.line) for one in report.errors] == [("FWF4002", 2)]


@pytest.mark.parametrize(
    ("said", "inputs", "amount"),
    [
        ('disks: "local-disk ~{gib} HDD"', {}, 3 * 1024),
        ('disks: "local-disk " + gib + " SSD"', {}, 3 * 1024),
        ('disks: if large then "2 GiB" else "local-disk 1 SSD"', {"large": False}, 1024),
        ("disks: gib", {}, 3 * 1024),
        ("gpu: large", {}, 1),
        ("gpu: !large", {}, 0),
    ],
)
def test_room_and_gpus_may_be_computed(
    said: str, inputs: dict[str, Any], amount: float, wdl: Reading
) -> None:
    script = wdl.document(NEEDS.replace("~{task.memory}", "") % said).workflow
    assert isinstance(script, Script)
    needs = script.resources
    asked = needs.out_space or (needs.gpu.count if needs.gpu is not None else None)
    assert asked is not None and asked.min is not None
    given = {"large": True, "gib": 3, **inputs}
    assert Evaluator().plain(asked.min, Bindings(inputs=given)) == amount
    assert [one.code for one in wdl.report] == []


@pytest.mark.parametrize(
    "said",
    [
        'memory: "much"',
        "memory: [memory]",
        "disks: memory",
        'disks: "/mnt/data 5 GiB"',
        'disks: ["10 GiB", "5 GiB"]',
        'gpu: "yes"',
        "returnCodes: [0, gib]",
    ],
)
def test_a_need_that_is_not_understood_is_told_and_kept(said: str, wdl: Reading) -> None:
    script = wdl.document(NEEDS.replace("~{task.memory}", "") % said).workflow
    name = said.split(":")[0]
    column = 13 + len(name) + 2
    assert [(one.code, one.line, one.column) for one in wdl.report] == [("FWF1409", 5, column)]
    assert list(script.extensions["wdl"]["runtime"]) == [name]
