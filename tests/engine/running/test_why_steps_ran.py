"""Why a step ran, was reused, or did not run: each answer comes from a real run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine import approve, resume, why
from fairwf.engine.reasons import Reason
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import File
from fairwf.ir.resources import Retry
from fairwf.ir.workflow import Approval, Workflow
from fairwf.report import UsageFault
from tests.engine.running.workflows import expr, over, script, step, text, workflow

Execute = Callable[..., Any]


def only(folder: Path, name: str) -> Reason:
    (reason,) = why(folder, name)
    return reason


def two(body: str = "cat {x}", **more: Any) -> Workflow:
    steps = [
        step("a", script(body, {"x": "File"}, out="File", **more), {"x": "f"}),
        step("b", script("cat {x}", {"x": "File"}, out="File"), {"x": "a.out"}),
    ]
    return workflow(steps, {"o": ("File", "b.out")}, {"f": "File"})


@pytest.fixture
def given(tmp_path: Path) -> dict[str, File]:
    (tmp_path / "reads.fq").write_text("one")
    return {"f": File(location=str(tmp_path / "reads.fq"))}


def test_a_first_run(execute: Execute, given: Any) -> None:
    done = execute(two(), given)
    reason = only(done.folder, "a")
    assert (reason.key, reason.state, reason.code) == ("a", "completed", "first")
    assert reason.text == "ran: for the first time"


def test_a_result_from_the_cache_and_its_key(execute: Execute, given: Any, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = execute(two(), given, cache=cache)
    assert only(first.folder, "a").text == (
        "ran: for the first time; the cache held no result of it"
    )
    reason = only(execute(two(), given, cache=cache).folder, "a")
    assert (reason.state, reason.code, reason.from_run) == ("completed", "reused", first.record.id)
    assert reason.cache_key and reason.cache_key in reason.text
    assert (cache / "1" / reason.cache_key[:2] / reason.cache_key / "entry.json").is_file()


def test_an_input_that_changed_is_named_and_so_is_what_follows_from_it(
    execute: Execute, given: Any, tmp_path: Path
) -> None:
    execute(two(), given, cache=tmp_path / "cache")
    (tmp_path / "reads.fq").write_text("two")
    done = execute(two(), given, cache=tmp_path / "cache")
    reason = only(done.folder, "a")
    assert (reason.code, reason.changed) == ("changed", ("input:x",))
    assert reason.text == "ran: its input 'x' changed (the file 'reads.fq')"
    assert only(done.folder, "b").changed == ("input:x",)


COLOUR = Environment(variables={"COLOUR": text("pale")})


@pytest.mark.parametrize(
    ("changed", "other", "words"),
    [
        ("command", two("cat {x}; echo more"), "its command changed"),
        ("environment", two(environment=COLOUR), "its environment changed"),
        ("definition", two(retry=Retry(attempts=expr(1))), "its definition changed"),
    ],
)
def test_what_changed_in_a_step_is_named(
    execute: Execute, given: Any, tmp_path: Path, changed: str, other: Workflow, words: str
) -> None:
    execute(two(), given, cache=tmp_path / "cache")
    reason = only(execute(other, given, cache=tmp_path / "cache").folder, "a")
    assert (reason.code, reason.changed, reason.text) == ("changed", (changed,), f"ran: {words}")


def test_what_may_not_be_used_again_and_what_is_gone(
    execute: Execute, given: Any, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    done = execute(two(cacheable=False), given, cache=cache)
    assert "may not be used again" in only(done.folder, "a").text
    for entry in cache.glob("1/??/*/entry.json"):
        entry.unlink()
    done = execute(two(cacheable=False), given, cache=cache)
    assert "no longer in the cache" in only(done.folder, "b").text


def test_a_condition_that_is_false(execute: Execute) -> None:
    done = execute(workflow([step("a", script("echo 1"), when=expr(False))], {}))
    reason = only(done.folder, "a")
    assert (reason.state, reason.code) == ("skipped", "condition")


def test_a_failure_and_what_it_kept_from_running(execute: Execute) -> None:
    steps = [
        step("bad", script("echo no such star >&2; exit 3")),
        step("next", script("echo {x}", {"x": "string"}), {"x": "bad.out"}),
        step("last", script("echo {x}", {"x": "string"}), {"x": "next.out"}),
    ]
    done = execute(workflow(steps, {"o": ("string", "last.out")}))
    reason = only(done.folder, "bad")
    assert (reason.state, reason.code) == ("failed", "failed")
    assert reason.text == "failed (FWF4001): 'bad' ended with exit code 3"
    assert reason.stderr and Path(reason.stderr).read_text() == "no such star\n"
    for name in ("next", "last"):
        reason = only(done.folder, name)
        assert (reason.state, reason.code) == ("not run", "upstream failed")
        assert reason.upstream == ("bad",)


def test_an_approval_and_what_waits_for_it(execute: Execute) -> None:
    steps = [
        step("asked", script("echo 1"), approval=Approval(prompt=text("Go on?"), who=("pi",))),
        step("next", script("echo {x}", {"x": "string"}), {"x": "asked.out"}),
    ]
    done = execute(workflow(steps, {"o": ("string", "next.out")}))
    reason = only(done.folder, "asked")
    assert (reason.state, reason.code) == ("waiting", "approval")
    assert reason.text == "waits for an approval by pi: Go on?"
    reason = only(done.folder, "next")
    assert (reason.state, reason.code, reason.upstream) == ("waiting", "upstream", ("asked",))
    approve(done.folder, "asked", who="pi")
    resume(done.folder)
    assert only(done.folder, "next").code == only(done.folder, "asked").code == "first"


def test_files_that_are_gone_when_a_run_is_resumed(execute: Execute, given: Any) -> None:
    done = execute(two(), given)
    for task in done.record.tasks:
        (Path(task.folder or "") / "out.txt").unlink()
    Path(done.record.outputs["o"].location.removeprefix("file://")).unlink()
    resume(done.folder)
    assert only(done.folder, "a").code == "outputs gone"
    # It was made anew, and so lies elsewhere.
    assert only(done.folder, "b").changed == ("input:x",)


def test_an_engine_that_was_killed_meanwhile(execute: Execute, given: Any) -> None:
    done = execute(two(), given)
    journal = done.folder / "journal.log"
    lines = journal.read_bytes().splitlines(keepends=True)
    begun = next(n for n, line in enumerate(lines) if b'"started"' in line)
    journal.write_bytes(b"".join(lines[: begun + 1]))
    reason = only(done.folder, "a")
    assert (reason.state, reason.code) == ("interrupted", "cut off")
    assert "fairwf resume" in reason.text
    reason = only(done.folder, "b")
    assert (reason.state, reason.upstream) == ("not run", ("a",))
    resume(done.folder)
    assert only(done.folder, "a").text == "ran again: the engine had ended while it ran"


def test_another_try(execute: Execute, tmp_path: Path) -> None:
    body = f"echo x >> {tmp_path}/n; test $(wc -l < {tmp_path}/n) -ge 2"
    done = execute(workflow([step("a", script(body), retry=Retry(attempts=expr(3)))], {}))
    reason = only(done.folder, "a")
    assert reason.code == "retried"
    assert reason.text == "ran again: attempt 1 failed: 'a' ended with exit code 1"


def test_items_are_told_one_by_one_and_by_their_step(execute: Execute) -> None:
    checked = script("test {x} != 2", {"x": "int"})
    inner = workflow([step("a", checked, {"x": "x"})], {}, {"x": "int"})
    made = step("sub", inner, {"x": "$x"}, scatter=over(x=expr([1, 2])))
    done = execute(workflow([made], {}))
    assert sorted((reason.key, reason.state) for reason in why(done.folder, "sub/a")) == [
        ("sub[0]/a", "completed"),
        ("sub[1]/a", "failed"),
    ]
    assert only(done.folder, "sub[1]/a").state == "failed"


def test_a_step_that_is_not_there(execute: Execute, given: Any) -> None:
    done = execute(two(), given)
    with pytest.raises(UsageFault) as fault:
        why(done.folder, "aa")
    assert "no step 'aa'" in str(fault.value)
