"""`run --backend`: what cannot work is told before anything runs. tests/clusters runs for real."""

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

import fairwf as package
from fairwf.report import UsageFault
from tests.cli.conftest import Fairwf


def test_an_unknown_backend_is_wrong_usage(fairwf: Fairwf, workflow: Path) -> None:
    said = fairwf("run", workflow, "--names", "x", "--backend", "psij:slrum")
    assert said.code == 2
    assert "psij:slurm" in said.err
    with pytest.raises(UsageFault, match="no backend"):
        package.run(workflow, {"names": ["x"]}, backend="cloud")


def test_a_deployment_file_is_for_clusters(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    (tmp_path / "cluster.yml").write_text("queue: short\n")
    said = fairwf("run", workflow, "--names", "x", "--config", tmp_path / "cluster.yml")
    assert said.code == 2
    assert "FWF9001" in said.err
    assert "--backend psij:slurm" in said.err


def test_a_deployment_file_is_refused_for_a_run_that_was_local(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    config, run_dir = tmp_path / "cluster.yml", tmp_path / "run"
    config.write_text("queue: short\n")
    assert fairwf("run", workflow, "--names", "x", "--run-dir", run_dir).code == 0
    before = (run_dir / "run.json").read_bytes()
    said = fairwf("resume", run_dir, "--config", config)
    assert said.code == 2
    assert "the run is local" in said.err
    assert (run_dir / "run.json").read_bytes() == before
    with pytest.raises(UsageFault, match="the run is local"):
        package.run(workflow, {"names": ["x"]}, config=config)


def test_another_deployment_file_holds_from_then_on(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # without the scheduler
    config, run_dir = tmp_path / "cluster.yml", tmp_path / "run"
    words = ("run", workflow, "--names", "x", "--backend", "psij:slurm", "--run-dir", run_dir)
    fairwf(*words)
    config.write_text("queue: long\n")
    assert fairwf("resume", run_dir, "--config", config).code == 3
    fairwf("resume", run_dir)
    said = json.loads((run_dir / "run.json").read_text())["options"]
    assert said["deployment"] == {"queue": "long"}
    assert said["backend"] == "psij:slurm"


def test_a_deployment_that_the_run_directory_holds_is_checked_too(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    run_dir = tmp_path / "run"
    fairwf("run", workflow, "--names", "x", "--backend", "psij:slurm", "--run-dir", run_dir)
    said = json.loads((run_dir / "run.json").read_text())
    said["options"]["deployment"] = {"queue": "long", "grace": "soon"}
    (run_dir / "run.json").write_text(json.dumps(said))
    told = fairwf("resume", run_dir)
    assert told.code == 1
    assert "FWF4012" in told.err
    assert "is damaged: grace: 'soon' is no time" in told.err


def test_a_faulty_deployment_file_is_told_with_its_place(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    config, run_dir = tmp_path / "cluster.yml", tmp_path / "run"
    config.write_text("queue: short\nwaltime: 2h\n")
    words = ("run", workflow, "--names", "x", "--backend", "psij:slurm", "--run-dir", run_dir)
    said = fairwf(*words, "--config", config)
    assert said.code == 1
    assert f"{config}:2:1: error[FWF4042]: there is no setting 'waltime'" in said.err
    assert "walltime" in said.err
    assert not run_dir.exists()


BROKEN = {
    "from parsl.config import Config\nconfig = Config(nothing=1)\n": (2, "unexpected keyword"),
    "config = (\n": (1, "'(' was never closed"),
    "import parsl\nraise SystemExit(3)\n": (2, "SystemExit: 3"),
    "": (None, "holds no parsl.Config"),
    "from parsl.config import Config\nc = Config()\n": (None, "no executor with the label 'here'"),
    "from parsl.config import Config\nfrom parsl.executors import ThreadPoolExecutor\n"
    "c = Config(executors=[ThreadPoolExecutor(label='here')])\n": (
        None,
        "is a ThreadPoolExecutor; a HighThroughputExecutor is needed",
    ),
}


@pytest.mark.parametrize(
    "text", [pytest.param(t, marks=[pytest.mark.long] * (n > 0)) for n, t in enumerate(BROKEN)]
)
def test_a_faulty_configuration_of_parsl_is_told_with_its_place(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, text: str
) -> None:
    pytest.importorskip("parsl", reason="needs Parsl: pip install 'fairwf[parsl]'")
    config, run_dir = tmp_path / "pilots.py", tmp_path / "run"
    config.write_text(text)
    words = ("run", workflow, "--names", "x", "--backend", "parsl:here", "--run-dir", run_dir)
    said = fairwf(*words, "--config", config)
    line, told = BROKEN[text]
    assert said.code == 1
    assert f"{config}:{f'{line}:1:' if line else ''} error[FWF4042]: " in said.err
    assert told in said.err
    assert "Traceback" not in said.err


def test_pilots_need_a_configuration_that_the_user_names(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    words = ("run", workflow, "--names", "x", "--run-dir", tmp_path / "run")
    said = fairwf(*words, "--backend", "parsl:here")
    assert said.code == 2
    assert "fairwf run --backend parsl:here --config FILE.py" in said.err
    assert fairwf(*words, "--backend", "parsl:").code == 2
    missing = tmp_path / "missing.py"
    said = fairwf(*words, "--backend", "parsl:here", "--config", missing)
    assert said.code == 1
    assert f"{missing}: error[FWF4042]: there is no such file" in said.err
    (tmp_path / "site.yml").write_text("queue: short\nparsl: missing.py\n")
    said = fairwf(*words, "--backend", "parsl:here", "--config", tmp_path / "site.yml")
    assert f"site.yml:2:8: error[FWF4042]: parsl: there is no file {missing}" in said.err
    assert not (tmp_path / "run").exists()


def test_a_configuration_that_lies_in_a_run_directory_is_not_run(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    config, run_dir, trace = tmp_path / "pilots.py", tmp_path / "run", tmp_path / "trace"
    config.write_text("raise SystemExit(3)\n")
    words = ("run", workflow, "--names", "x", "--backend", "parsl:here", "--run-dir", run_dir)
    assert fairwf(*words, "--config", config).code in (1, 3)  # the latter where Parsl is not here
    hidden = run_dir / "hidden.py"
    hidden.write_text(f"open({str(trace)!r}, 'w')\n")
    said = (run_dir / "run.json").read_text()
    (run_dir / "run.json").write_text(said.replace(str(config), str(hidden)))
    resumed = fairwf("resume", run_dir)
    assert resumed.code == 1
    assert f"{hidden}: error[FWF4042]: lies in the run directory" in resumed.err
    assert not trace.exists()


def test_a_configuration_of_parsl_is_not_for_other_backends(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    config = tmp_path / "pilots.py"
    config.write_text("raise SystemExit('this was run')\n")
    for backend in ("psij:slurm", "local"):
        said = fairwf("run", workflow, "--names", "x", "--backend", backend, "--config", config)
        assert said.code == 2
        assert "this was run" not in said.err


def test_backends_says_whether_pilots_are_possible(
    fairwf: Fairwf, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("parsl", reason="needs Parsl: pip install 'fairwf[parsl]'")
    entries = json.loads(fairwf("backends", "--format", "json").out)["backends"]
    (found,) = [entry for entry in entries if entry["name"] == "parsl:LABEL"]
    assert found["works"]
    assert found["version"]

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("fairwf.engine.backends.pilots.available.version", missing)
    entries = json.loads(fairwf("backends", "--format", "json").out)["backends"]
    (found,) = [entry for entry in entries if entry["name"] == "parsl:LABEL"]
    assert found["reason"] == "Parsl is not installed: pip install 'fairwf[parsl]'"


def test_backends_names_the_programs_that_a_scheduler_lacks(
    fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("bsub", "bjobs"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    said = fairwf("backends", "--format", "json")
    assert said.code == 0
    found = {entry["name"]: entry for entry in json.loads(said.out)["backends"]}
    assert found["local"]["works"] is True
    assert found["psij:slurm"]["works"] is found["psij:lsf"]["works"] is False
    assert found["psij:slurm"]["reason"] == "sbatch, squeue, scancel are not on PATH"
    assert found["psij:lsf"]["reason"] == "bkill is not on PATH"


def test_without_the_scheduler_nothing_runs_and_resuming_is_possible(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    run_dir = tmp_path / "run"
    words = ("run", workflow, "--names", "x", "--backend", "psij:slurm", "--run-dir", run_dir)
    said = fairwf(*words)
    assert said.code == 3
    assert "the scheduler (slurm) does not answer: squeue is not on PATH" in said.err
    assert f"fairwf resume {run_dir}" in said.err
    assert fairwf("resume", run_dir).code == 3
    assert list((run_dir / "tasks").iterdir()) == []
