"""Files and bytes that steps took, gave and left are those that lie there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwf.engine import volumes
from fairwf.ir.expressions import File
from fairwf.ir.ports import Glob, OutputPort
from fairwf.ir.types import DirectoryType
from fairwf.ir.workflow import Script
from tests.engine.running.workflows import call, over, script, step, text, workflow

Execute = Callable[..., Any]


def folder_of(process: Script) -> Script:
    """The same process with the folder `d` as its output."""
    port = OutputPort(id="d", type=DirectoryType(), collect=Glob(patterns=(text("d"),)))
    fields = {name: getattr(process, name) for name in process.__struct_fields__}
    return Script(**{**fields, "outputs": (port,)})


def test_each_step_and_the_whole_run(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(b"x" * 100)
    body = "cat {f}; head -c 30 /dev/zero > kept; echo said >&2"
    copied = script(body, {"f": "File"}, out="File")
    body = "mkdir d; for n in 1 2 3; do head -c 7 {f} > d/$n; done"
    many = folder_of(script(body, {"f": "File"}, out=""))
    steps = [
        step("copy", copied, {"f": "f"}, scatter=over(x=call("range", 4))),
        step("many", many, {"f": "f"}),
        step("count", script("ls {d} | wc -l", {"d": "any"}), {"d": "many.d"}),
    ]
    root = workflow(steps, {"o": ("File[]", "copy.out")}, {"f": "File"})
    done = execute(root, {"f": File(location=str(tmp_path / "given"))})
    assert done.status == "completed"
    found = {each.step: each for each in volumes(done.folder)}
    copy, made, count, whole = (found[name] for name in ("copy", "many", "count", ""))
    assert (copy.tasks, copy.files_in, copy.bytes_in) == (4, 4, 400)
    assert (copy.files_out, copy.bytes_out) == (4, 400)
    # What it wrote beside its output, and to standard error, is left too, and so is the script.
    lies = [p for p in done.folder.glob("[tl]*s/copy*/**/*") if p.is_file() and not p.is_symlink()]
    assert sum(path.name == "kept" for path in lies) == 4
    assert copy.files_left == len(lies) == 16
    assert copy.bytes_left == sum(path.stat().st_size for path in lies)
    assert (made.files_out, made.bytes_out) == (3, 21)
    assert (count.files_in, count.bytes_in) == (3, 21)
    assert whole.tasks == 6 and whole.files_in == 4 + 1 + 3 and whole.bytes_out == 421
    assert list(found)[-1] == ""


def test_a_failed_attempt_counts_with_what_it_left(execute: Execute) -> None:
    made = script("head -c 50 /dev/zero > half; exit 1", out="File")
    done = execute(workflow([step("a", made)], {}))
    assert done.status == "failed"
    (step_, whole) = volumes(done.folder)
    assert (step_.step, step_.tasks, step_.files_out) == ("a", 1, 0)
    assert step_.bytes_left == whole.bytes_left == 50
