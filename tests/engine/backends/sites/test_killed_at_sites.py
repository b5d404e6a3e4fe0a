"""Killed at any moment, a run with several sites loses nothing and repeats nothing that ended."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from fairwf.document import Document
from fairwf.engine import RunOptions, resume, run
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.engine.backends.sites.work import SiteWork
from fairwf.engine.journal.facts import Done
from fairwf.engine.journal.log import read_log
from fairwf.engine.journal.record import load_run
from fairwf.engine.places.rundir import Lock, RunDir
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Workflow
from fairwf.report import Report
from tests.engine.running.workflows import call, over, script, step, workflow

WIDTH = 6
STARTER = """
import sys
from pathlib import Path
import fairwf, msgspec
from fairwf.engine import RunOptions, resume, run
from fairwf.engine.backends.deployment import Deployment
folder = Path(sys.argv[1])
if (folder / "run" / "journal.log").exists():
    resume(folder / "run")
else:
    document = fairwf.load(folder / "workflow.ir.json")
    deployment = msgspec.json.decode((folder / "sites.json").read_bytes(), type=Deployment)
    options = RunOptions(run_dir=folder / "run", base=folder, deployment=deployment)
    run(document, {}, options)
"""


def campaign(log: Path) -> Workflow:
    """Files of 64 KiB go from site to site; each execution of a program is noted in a file."""

    def said(name: str, body: str) -> object:
        note = f"echo {name}-{{x}} >>{log}; sleep 0.05;"
        inputs = {"x": "int", **({"f": "File"} if "{f}" in body else {})}
        return script(f"{note} {body}", inputs, out="", globs={"o": "o"})

    make = said("make", "yes {x} | head -c 65536 >o")
    turn = said("turn", "tr 0-9 a-j <{f} >o")
    last = said("last", "cksum <{f} >o")
    steps = [
        step("make", make, {"x": "$x"}, scatter=over(x=call("range", WIDTH))),
        step("turn", turn, {"x": "$x", "f": "$f"},
             scatter=over(x=call("range", WIDTH), f="make.o")),
        step("last", last, {"x": "$x", "f": "$f"},
             scatter=over(x=call("range", WIDTH), f="turn.o")),
    ]  # fmt: skip
    sums = {"sums": ("string[]", "read.out")}
    read = script("cat {f}", {"f": "File"})
    steps.append(step("read", read, {"f": "$f"}, scatter=over(f="last.o")))
    return workflow(steps, sums)


def expected() -> list[str]:
    found = []
    for number in range(WIDTH):
        data = (f"{number}\n".encode() * 65536)[:65536]
        data = data.translate(bytes.maketrans(b"0123456789", b"abcdefghij"))
        said = subprocess.run(["cksum"], input=data, capture_output=True, check=True)
        found.append(said.stdout.decode().strip())
    return found


def ended(folder: Path) -> set[str]:
    """The tasks whose ends are recorded."""
    log = folder / "run" / "journal.log"
    if not log.exists():
        return set()
    return {
        fact.key
        for _, fact in read_log(log)
        if isinstance(fact, Done) and fact.status == "completed"
    }


@pytest.mark.parametrize("seed", [pytest.param(n, marks=pytest.mark.long) for n in range(1, 7)])
def test_killed_at_random_moments(seed: int, tmp_path: Path) -> None:
    sites = {"home": SiteSettings(cores=3)}
    for name in ("a", "b"):
        place = str(tmp_path / f"root {name}")
        sites[name] = SiteSettings(mover="local", root=place, keep_mib=0.01, cores=3)
    steps = {
        "make": "a",
        "turn[0]": "b",
        "turn[1]": "b",
        "turn": "a",
        "last[2]": "home",
        "last": "b",
    }
    deployment = Deployment(sites=sites, default="home", steps=steps)
    (tmp_path / "workflow.ir.json").write_bytes(
        Document(workflow=campaign(tmp_path / "log")).encode()
    )
    (tmp_path / "sites.json").write_bytes(msgspec.json.encode(deployment))
    chance = random.Random(seed)
    said = tmp_path / "said"
    for turn in range(25):
        with said.open("ab") as out:
            engine = subprocess.Popen(
                [sys.executable, "-c", STARTER, str(tmp_path)], stdout=out, stderr=out
            )
        before, ran = ended(tmp_path), executions(tmp_path)
        try:
            engine.wait(1 + (4 + turn) * chance.random())
        except subprocess.TimeoutExpired:
            engine.send_signal(signal.SIGKILL)
            engine.wait()
        # What had ended before this engine began has not run again.
        again = executions(tmp_path) - ran
        assert not {name for name in again if name.replace("-", "[") + "]" in before}
        if engine.returncode == 0:
            break
        assert engine.returncode == -signal.SIGKILL, said.read_text()
    else:
        raise AssertionError("it never came to its end")
    record = load_run(tmp_path / "run")
    assert [from_literal(record.outputs["sums"])] == [expected()]
    where = {task.id: task.site for task in record.tasks}
    assert where["turn[0]"] == "b" and where["turn[2]"] == "a" and where["last[2]"] == "home"
    end = time.monotonic() + 30
    while left := [each for each in "ab" if any((tmp_path / f"root {each}").iterdir())]:
        assert time.monotonic() < end, left
        time.sleep(0.1)


def executions(folder: Path) -> Counter[str]:
    log = folder / "log"
    return Counter(log.read_text().split()) if log.exists() else Counter()


def apart(folder: Path) -> tuple[Document, RunOptions]:
    deployment = Deployment(
        sites={"home": SiteSettings(), "a": SiteSettings(mover="local", root=f"{folder}/root")},
        default="a",
    )
    options = RunOptions(run_dir=folder / "run", base=folder, deployment=deployment)
    return Document(workflow=campaign(folder / "log")), options


def test_what_a_killed_engine_left_at_a_site_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "root"
    document, options = apart(tmp_path)

    def killed(backend: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("fairwf.engine.session.clear_sites", killed)
        with pytest.raises(KeyboardInterrupt):
            run(document, {}, options)
    assert list(place.iterdir())
    ran = executions(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("fairwf.engine.session.locked", lambda _: False)
        lock = Lock(RunDir.open(tmp_path / "run"))
        assert resume(tmp_path / "run").status == "completed"  # another engine removes it
        lock.release()
    assert list(place.iterdir())
    with monkeypatch.context() as patch:
        patch.delattr("fairwf.engine.session.backend_of")  # no other site is asked for anything
        assert resume(tmp_path / "run").status == "completed"
    assert not list(place.iterdir())
    assert executions(tmp_path) == ran


def test_what_could_not_be_removed_is_removed_by_a_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, options = apart(tmp_path)
    report, again = Report(), Report()
    with monkeypatch.context() as patch:
        patch.setattr(SiteWork, "clear", lambda _: "the connection has ended")
        assert run(document, {}, options, None, report).status == "completed"
        assert resume(tmp_path / "run", None, again).status == "completed"
    for each in (report, again):
        [found] = each
        assert found.code == "FWF4062" and f"fairwf resume {tmp_path}/run" in (found.hint or "")
    assert list((tmp_path / "root").iterdir())
    assert RunDir.open(tmp_path / "run").left_at_sites.exists()
    assert resume(tmp_path / "run").status == "completed"
    assert not list((tmp_path / "root").iterdir())
    assert not RunDir.open(tmp_path / "run").left_at_sites.exists()


def test_a_run_that_leaves_nothing_at_sites_is_not_said_to(tmp_path: Path) -> None:
    _, options = apart(tmp_path)
    here = Deployment(sites={"home": SiteSettings()}, default="home")
    failing = workflow([step("bad", script("exit 1"))], {})
    report = Report()
    for number, (root, deployment) in enumerate([(failing, here), (failing, options.deployment)]):
        mine = RunOptions(run_dir=tmp_path / f"run {number}", deployment=deployment)
        assert run(Document(workflow=root), {}, mine, None, report).status == "failed"
        left = RunDir.open(tmp_path / f"run {number}").left_at_sites
        assert left.exists() == (deployment is not here)
