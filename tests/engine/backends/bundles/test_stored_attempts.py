"""An attempt comes back from its file as it went: outputs are collected by what it says."""

import pytest
from msgspec.structs import asdict

from fairwf.engine.backends.bundles.sizing import Load
from fairwf.engine.backends.bundles.stored import decode, encode, kept, stored
from fairwf.engine.task import PreparedTask
from fairwf.engine.task.view import View
from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value

LISTED = Directory(
    location="file:///in/d",
    path="/in/d",
    basename="d",
    listing=(File(path="/in/d/x", basename="x"),),
)
READS = File(
    location="file:///in/a%20b.fq",
    path="/staged/a b.fq",
    basename="a b.fq",
    dirname="/staged",
    nameroot="a b",
    nameext=".fq",
    size=7,
    checksum="sha1$0123456789012345678901234567890123456789",
    secondary=(File(location="file:///in/a.idx", basename="a.idx"),),
)
VALUES: dict[str, Value] = {
    "reads": READS,
    "folder": LISTED,
    "many": [READS, None, {"deep": LISTED}],
    "whole": 2**53 + 1,
    "real": 1.0,
    "least": -0.0,
    "odd": "a\nb \u00fc \"'",
    "yes": True,
    "nothing": None,
}


@pytest.mark.parametrize("view", [View(), View([("/run/tasks/t.1", "/out"), ("/in", "/data")])])
def test_all_that_collecting_needs_comes_back(view: View) -> None:
    task = PreparedTask(
        task_id="step[0]",
        argv=("/usr/bin/tool", "secret"),
        command=("tool", "(secret)"),
        env={"PASSWORD": "secret"},
        cwd="/run/tasks/t.1",
        stdin="/in/x",
        stdout="/run/tasks/t.1/out.txt",
        stderr="/run/logs/t.1/stderr",
        stdout_declared=True,
        time_limit_s=1.5,
        inputs=VALUES,
        staged=[READS, LISTED],
        runtime={"cores": 2, "outdir": "/out", "tmpdir": "/tmp/1"},
        view=view,
        image="debian:12",
        image_digest="sha256:00",
    )
    text = encode("/run", [stored(task, "digest", 3, "/tmp/1", Load("tool", 2, 0, 1.5, 512))])
    assert b'"secret"' not in text  # neither variables nor the words that the program gets
    back = decode(text)
    (attempt,) = back.attempts
    assert back.folder == "/run"
    assert attempt.load == Load("tool", 2, 0, 1.5, 512)
    found = kept(attempt)
    assert (found.digest, found.number, found.tmp) == ("digest", 3, "/tmp/1")
    same = {"argv": ("/usr/bin/tool",), "env": {}, "view": None, "warnings": None}
    assert {**asdict(found.prepared), **same} == {**asdict(task), **same}
    assert repr(found.prepared.inputs) == repr(task.inputs)  # 1 is not 1.0, 0.0 is not -0.0
    assert found.prepared.view.pairs == view.pairs
