"""A deployment file with sites: every mistake is told with its place, before anything runs."""

import re
from pathlib import Path

import pytest

from fairwf.document import Document
from fairwf.engine.backends.choice import check_backend
from fairwf.engine.backends.deployment import Deployment, SiteSettings, fault_of, read_deployment
from fairwf.engine.backends.sites.fitness import check_sites
from fairwf.ir.environment import Container, Environment
from fairwf.ir.workflow import Loop, Workflow
from fairwf.report import InvalidError, UsageFault
from tests.engine.running.workflows import call, expr, over, script, step, workflow


def nested() -> Workflow:
    inner = workflow(
        [step("train", script("echo {x}", {"x": "int"}, out="int"), {"x": "x"},
              scatter=over(x=call("range", 3))),
         step("average", script("echo 1", out="int"))],
        {"o": ("int", "average.out")},
        {"x": "int"},
    )  # fmt: skip
    rounds = Loop(state={"n": expr(0)}, next={"n": expr("^o")}, until=expr(True))
    return workflow(
        [step("rounds", inner, {"x": "@n"}, loop=rounds), step("last", script("true"))],
        {"o": ("int", "rounds.o")},
    )


def read(folder: Path, text: str) -> Deployment:
    path = folder / "sites.yml"
    path.write_text(text)
    return read_deployment(path, nested())


def test_a_whole_one(tmp_path: Path) -> None:
    said = read(
        tmp_path,
        "sites:\n  home:\n"
        "  cluster: {backend: 'psij:slurm', jobs: {queue: short, walltime: 2h}}\n"
        "  gpu: {host: me@gpu.example.org, root: /scratch/me, mover: rsync, ssh: [sh],\n"
        "        rsync: [sh], cores: 4, memory_mib: 2000, jobs: {setup: [module load cuda]}}\n"
        "  other: {root: there, mover: local}\n"
        "default: home\n"
        "steps:\n  'rounds/train[0]': cluster\n  rounds: gpu\n  '**/last': other\n",
    )
    assert list(said.sites) == ["home", "cluster", "gpu", "other"]
    assert said.sites["home"] == SiteSettings()
    assert said.sites["cluster"].jobs == Deployment(queue="short", walltime="2h")
    assert said.sites["gpu"].apart and said.sites["other"].apart
    assert said.sites["other"].root == str(tmp_path / "there")
    assert said.steps == {"rounds/train[0]": "cluster", "rounds": "gpu", "**/last": "other"}
    assert fault_of(said) is None


@pytest.mark.parametrize(
    "text, line, column, words",
    [
        ("sites:\n  a:\nsteps:\n  trian: a\n", 4, 3, "'trian'.*did you mean 'rounds/train'"),
        ("sites:\n  a:\nsteps:\n  rounds/avrage: a\n", 4, 3, "did you mean 'rounds/average'"),
        ("sites:\n  a:\nsteps:\n  xyz: a\n", 4, 3, "steps: rounds, rounds/train"),
        ("sites:\n  clustre:\nsteps:\n  last: cluster\n", 4, 9, "did you mean 'clustre'"),
        ("sites:\n  a:\nsteps: [last]\n", 3, 8, "no map from steps to sites"),
        ("sites:\n  a:\ndefault: b\n", 3, 10, "there is no site 'b'.*sites: a"),
        ("sites:\n  a:\ndefalt: a\n", 3, 1, "did you mean 'default'"),
        ("sites:\n  a:\nqueue: x\n", 3, 1, "'queue' is said of each site"),
        ("sites: []\n", 1, 8, "no map of sites"),
        ("sites:\n  -x:\n", 2, 3, "'-x' is no name of a site"),
        ("sites:\n  a: {backend: psij:slrum}\n", 2, 16, "did you mean 'psij:slurm'"),
        ("sites:\n  a: {mover: rsnc, host: h, root: /x}\n", 2, 14, "did you mean 'rsync'"),
        ("sites:\n  a: {mover: local}\n", 2, 14, "none is named"),
        ("sites:\n  a: {mover: rsync, root: /x, rsync: [sh]}\n", 2, 14, "no host is named"),
        ("sites:\n  a: {mover: local, root: /x, host: h, ssh: [sh]}\n", 2, 14, "mover: rsync"),
        ("sites:\n  a: {root: /x}\n", 2, 7, "has no root of its own"),
        ("sites:\n  a: {host: -oProxyCommand=x, ssh: [sh]}\n", 2, 13, "is no host"),
        ("sites:\n  a: {host: h, ssh: [sssh]}\n", 2, 21, "'sssh' is not on PATH here"),
        (
            "sites:\n  a: {host: h, root: /x, mover: rsync, ssh: [sh], rsync: [rsnc]}\n",
            2,
            58,
            "'rsnc' is not on PATH here.*apt-get install rsync",
        ),
        ("sites:\n  a: {host: h, root: x, mover: rsync, ssh: [sh], rsync: [sh]}\n", 2, 22,
         "not absolute"),
        ("sites:\n  a: {backend: 'psij:slurm', mover: local, root: x}\n", 2, 16,
         "cannot be used in a folder of its own"),
        ("sites:\n  a: {backend: 'parsl:x'}\n", 2, 16, "jobs: {parsl: FILE.py}"),
        ("sites:\n  a: {jobs: {queue: x}}\n", 2, 14, "run in none"),
        ("sites:\n  a: {jobs: {qeue: x}}\n", 2, 14, "did you mean 'queue'"),
        ("sites:\n  a: {cores: 0}\n", 2, 14, "cores: must be above 0"),
        ("sites:\n  a: {keep_mib: -1}\n", 2, 17, "keep_mib: must be from 0 on"),
        ("sites:\n  a: {cores: x}\n", 2, 14, "cores: expected"),
        ("sites:\n  a: {sites: {}}\n", 2, 7, "'sites' goes with"),
        ("steps: {}\n", 1, 1, "'steps' goes with `sites`"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(
    tmp_path: Path, text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        read(tmp_path, text)
    [found] = refused.value.report.errors
    assert re.search(words, str(found)), str(found)
    assert (found.code, found.line, found.column) == ("FWF4042", line, column), str(found)
    assert found.file == str(tmp_path / "sites.yml")


def test_sites_have_backends_of_their_own() -> None:
    with pytest.raises(UsageFault, match="leave --backend out"):
        check_backend("psij:slurm", Deployment(sites={"a": SiteSettings()}))


def test_what_a_site_cannot_run_is_told_before() -> None:
    image = Environment(container=Container(image="debian:12"))
    root = workflow([step("boxed", script("true", environment=image))], {})
    away = SiteSettings(root="/x", mover="local")
    sites = {"home": SiteSettings(), "away": away}
    bound = Deployment(sites=sites, steps={"boxed": "away"})
    with pytest.raises(InvalidError, match=r"FWF4061.*'boxed' cannot run at the site 'away'"):
        check_sites(Document(workflow=root), bound, "auto")
    check_sites(Document(workflow=root), bound, "none")
    check_sites(Document(workflow=root), Deployment(sites=sites), "auto")
    unknown = Deployment(sites=sites, steps={"bocsed": "away"})
    with pytest.raises(InvalidError, match="did you mean 'boxed'"):
        check_sites(Document(workflow=root), unknown, "auto")
