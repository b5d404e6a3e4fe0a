"""Asking the scheduler, with programs that stand in for those of Slurm."""

import time
from pathlib import Path

from fairwf.engine.backends.batch.lister import Lister
from tests.engine.backends.batch.conftest import stand_in


def test_a_query_that_fails_says_why_and_is_no_answer(programs: Path) -> None:
    stand_in(programs, "squeue", "echo 'slurm_load_jobs error: Connection refused' >&2; exit 1")
    lister = Lister("slurm")
    assert lister.now(20) is None
    assert lister.error == "slurm_load_jobs error: Connection refused"
    stand_in(programs, "squeue", "echo nonsense")
    assert lister.now(20) is None
    assert "cannot be read" in str(lister.error)
    stand_in(programs, "squeue", "echo '1|RUNNING|fwabc-1'")
    assert lister.now(20) is not None
    assert lister.error is None


def test_who_asks_for_what_is_now_gets_no_answer_to_an_earlier_question(
    programs: Path, tmp_path: Path
) -> None:
    queue, goes, may_go = (tmp_path / name for name in ("queue", "goes", "may_go"))
    queue.write_text("1|RUNNING|fwabc-1\n")
    stand_in(
        programs,
        "squeue",
        f"text=$(cat {queue}); touch {goes}\n"
        f'while ! [ -e {may_go} ]; do sleep 0.01; done; echo "$text"',
    )
    lister = Lister("slurm")
    lister.ask(())
    while not goes.exists():
        time.sleep(0.01)
    queue.write_text("1|RUNNING|fwabc-1\n2|RUNNING|fwabc-2\n")
    may_go.touch()
    assert [one.id for one in lister.now(20) or ()] == ["1", "2"]


def test_a_query_without_an_answer_keeps_nobody_waiting(programs: Path) -> None:
    stand_in(programs, "squeue", "sleep 100")
    lister = Lister("slurm")
    lister.ask(())
    began = time.monotonic()
    assert lister.answer() is None
    assert lister.waiting
    assert time.monotonic() - began < 50
    lister.close()
    assert not lister.waiting
