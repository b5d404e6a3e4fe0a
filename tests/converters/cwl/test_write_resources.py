"""Resources that CWL itself lacks are hints of cwltool's."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fairwf.conversion import convert_document
from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.canonical import same
from fairwf.ir.expressions import FloatLit, Input, IntLit
from fairwf.ir.ports import InputPort
from fairwf.ir.resources import Amount, Gpu, Resources
from fairwf.ir.types import IntType
from fairwf.ir.workflow import Command
from fairwf.report import Report
from fairwf_cwl.read import read


def written(folder: Path, **said: Any) -> tuple[dict[str, Any], list[str]]:
    """Write a task with these resources; return its hints and what the report tells."""
    ports = (InputPort(id="n", type=IntType()),)
    task = Command(id="t", arguments=(), inputs=ports, resources=Resources(**said))
    report = Report()
    result = convert_document(Document(workflow=task), "cwl", report)
    tree = yaml.safe_load(result.written.files["main.cwl"])
    path = folder / "main.cwl"
    path.write_bytes(result.written.files["main.cwl"])
    again = read(Source.at(path), ReadOptions(), Report())
    assert same(again.workflow, result.lowered.workflow)
    if "hints" in tree:
        assert tree["$namespaces"] == {"cwltool": "http://commonwl.org/cwltool#"}
    told = [d.message for d in report.by_fate("approximated", "lost")]
    put = [d.message for d in report.by_fate("rewritten")]
    for name in tree.get("hints", {}):
        assert f"{name} is a hint, which only cwltool obeys" in put
    return tree.get("hints", {}), told


def test_a_gpu_of_any_kind_gets_a_version_that_stands_for_any(tmp_path: Path) -> None:
    hints, told = written(tmp_path, gpu=Gpu(count=Amount(min=IntLit(value=2)), model="A100"))
    assert hints == {
        "cwltool:CUDARequirement": {
            "cudaVersionMin": "1.0",
            "cudaComputeCapability": ["1.0"],
            "cudaDeviceCountMin": 2,
        }
    }
    assert told == [
        "CWL names no model of a GPU (A100)",
        "cwltool wants a version and capability of CUDA: 1.0 stands for any",
    ]


def test_a_gpu_that_names_its_version_is_kept(tmp_path: Path) -> None:
    gpu = Gpu(cuda_version_min="11.2", cuda_compute_capability=("7.0", "8.0"))
    hints, told = written(tmp_path, gpu=gpu)
    assert hints["cwltool:CUDARequirement"] == {
        "cudaVersionMin": "11.2",
        "cudaComputeCapability": ["7.0", "8.0"],
    }
    assert told == []


def test_ranks_are_mpi_processes_also_computed_and_nodes_are_lost(tmp_path: Path) -> None:
    assert written(tmp_path, ranks=IntLit(value=4)) == (
        {"cwltool:MPIRequirement": {"processes": 4}},
        [],
    )
    computed = written(tmp_path, ranks=Input(name="n"), nodes=IntLit(value=2))
    assert computed == (
        {"cwltool:MPIRequirement": {"processes": "$(inputs.n)"}},
        ["CWL has no number of nodes"],
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [(IntLit(value=64), "64m"), (FloatLit(value=0.5), "524288b"), (FloatLit(value=2.0), "2m")],
)
def test_shared_memory_has_a_unit(tmp_path: Path, size: Any, text: str) -> None:
    assert written(tmp_path, shared_memory=size) == ({"cwltool:ShmSize": {"shmSize": text}}, [])


def test_shared_memory_that_is_computed_is_lost(tmp_path: Path) -> None:
    hints, told = written(tmp_path, shared_memory=Input(name="n"))
    assert (hints, told) == ({}, ["CWL has no such size of shared memory"])
