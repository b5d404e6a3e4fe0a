"""What schedulers are given, seen by programs that stand in for theirs.

Slurm and Grid Engine are tested for real in tests/clusters. PBS Pro, LSF and Cobalt are on no
machine that runs tests: their scripts are compared with what their documentation asks for, no more.
"""

from pathlib import Path

import pytest

from fairwf.engine.backends.batch.submission import Submitter
from fairwf.engine.backends.bundles.scheduler import RefusedError
from fairwf.engine.backends.bundles.sizing import Shape
from fairwf.engine.backends.deployment import Deployment
from tests.engine.backends.batch.conftest import stand_in

CLUSTER = Deployment(
    queue="short",
    account="bio",
    walltime="1-00:30:00",
    attributes={
        "slurm.constraint": "haswell",
        "pbs.W": "umask=077",
        "lsf.R": "span[hosts=1]",
        "sge.l": "mem_free=2G",
        "sge.pe": "smp",
        "cobalt.attrs": "mcdram=flat",
    },
)
PROGRAMS = {
    "slurm": ("sbatch", "Submitted batch job 4711", "4711"),
    "pbs": ("qsub", "4711.server", "4711.server"),
    "lsf": ("bsub", "Job <4711> is submitted to queue <short>.", "4711"),
    "cobalt": ("qsub", "4711", "4711"),
    "sge": ("qsub", "4711", "4711"),
}
DIRECTIVES = {
    "slurm": {
        "#SBATCH --job-name=\"fwabc-1\"", "#SBATCH --nodes=1", "#SBATCH --ntasks=1",
        "#SBATCH --cpus-per-task=4", "#SBATCH --mem=2097152K", "#SBATCH --time=1-0:30:0",
        "#SBATCH --partition=\"short\"", "#SBATCH --account=\"bio\"",
        "#SBATCH --constraint=\"haswell\"", "#SBATCH --export=NONE",
    },
    "pbs": {
        "#PBS -N \"fwabc-1\"", "#PBS -l select=1:ncpus=4:mpiprocs=4:mem=2147483648",
        "#PBS -l walltime=24:30:0", "#PBS -A bio", "#PBS -q short", "#PBS -W \"umask=077\"",
    },
    "lsf": {
        "#BSUB -J \"fwabc-1\"", "#BSUB -nnodes 1", "#BSUB -n 4", "#BSUB -M 2097152KB",
        "#BSUB -W 24:30", "#BSUB -q \"short\"", "#BSUB -P \"bio\"", "#BSUB -env none",
    },
    "cobalt": {
        "#COBALT --jobname=\"fwabc-1\"", "#COBALT --nodecount=1", "#COBALT --proccount=4",
        "#COBALT --queue=short", "#COBALT --project=bio",
    },
    "sge": {
        "#$ -N fwabc-1", "#$ -S /bin/bash", "#$ -pe smp 4", "#$ -l h_rt=24:30:0",
        "#$ -q \"short\"", "#$ -P \"bio\"", "#$ -l mem_free=2G",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_the_script_says_what_the_deployment_says(
    name: str, programs: Path, tmp_path: Path
) -> None:
    program, said, job = PROGRAMS[name]
    body = f'for last; do :; done; cp "$last" {tmp_path}/script; echo "{said}"'
    stand_in(programs, program, body)
    submitter = Submitter(name, CLUSTER, tmp_path / "psij")
    command = ["/bin/sh", "/run dir/job.sh", 'it\'s "here" $HOME']
    assert submitter.submit("fwabc-1", command, Shape(4, 0, 2048)) == job
    script = (tmp_path / "script").read_text()
    lines = {line.strip() for line in script.splitlines()}
    assert lines >= DIRECTIVES[name]
    (launch,) = [line for line in lines if "job.sh" in line]
    assert "/bin/sh '/run dir/job.sh' 'it'\"'\"'s \"here\" $HOME'" in launch


@pytest.mark.parametrize(
    "words, passing",
    [
        ("sbatch: error: Batch job submission failed: Unable to contact slurm controller", True),
        ("sbatch: error: Batch job submission failed: Socket timed out on send/recv", True),
        ("qsub: Job exceeds queue resource limits", False),
        ("sbatch: error: invalid partition specified: x", False),
        ("Unable to run job: denied: host is no submit host.", False),
    ],
)
def test_what_may_pass_is_told_from_what_will_not(
    words: str, passing: bool, programs: Path, tmp_path: Path
) -> None:
    stand_in(programs, "sbatch", f"echo '{words}' >&2; exit 1")
    submitter = Submitter("slurm", Deployment(), tmp_path / "psij")
    with pytest.raises(RefusedError) as caught:
        submitter.submit("fwabc-1", ["true"], Shape(1, 0, None))
    assert caught.value.passing is passing
    assert words in str(caught.value)


def test_cancelling_what_has_ended_is_no_fault(programs: Path, tmp_path: Path) -> None:
    stand_in(programs, "qdel", "echo 'denied: job \"7\" does not exist'; exit 1")
    assert Submitter("sge", Deployment(), tmp_path / "psij").cancel("7") is None
    stand_in(programs, "qdel", "echo 'error: commlib error'; exit 1")
    assert "commlib error" in str(Submitter("sge", Deployment(), tmp_path / "psij").cancel("7"))
