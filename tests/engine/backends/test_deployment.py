"""The deployment file: every mistake is told with its place."""

from pathlib import Path

import pytest

from fairwf.engine.backends.deployment import LONGEST_S, Deployment, read_deployment
from fairwf.report import InvalidError


def read(folder: Path, text: str) -> Deployment:
    path = folder / "cluster.yml"
    path.write_text(text)
    return read_deployment(path)


def test_a_whole_one(tmp_path: Path) -> None:
    said = read(
        tmp_path,
        "queue: short\naccount: bio\nwalltime: 1-02:03:04\ncores: 4\nsetup:\n"
        "  - module load gcc/12\nattributes: {slurm.constraint: haswell}\nlinger: 0\n"
        "bundle_time: 2h\ngrace: 90s\nmemory_mib: 2048\n",
    )
    assert said.seconds("walltime") == ((24 + 2) * 60 + 3) * 60 + 4
    assert said.seconds("bundle_time") == 7200
    assert said.seconds("grace") == 90
    assert said.setup == ("module load gcc/12",)
    assert said.attributes == {"slurm.constraint": "haswell"}


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("queue: a\nquque: b\n", 2, "there is no setting 'quque'"),
        ("queue: a\ncores: many\n", 2, "cores: expected `int`, got `str`"),
        ("cores: 0\n", 1, "cores: must be from 1 on, not 0"),
        ("walltime: soon\n", 1, "walltime: 'soon' is no time"),
        ("walltime: -5\n", 1, "walltime: must be from 1 on, not -5"),
        (
            "walltime: 367d\n",
            1,
            "walltime: '367d' is longer than a year (31622400 seconds, or 366d)",
        ),
        ("grace: 1.0e+300\n", 1, "grace: 1e+300 is longer than a year"),
        (f"guess: {'9' * 400}-00:00:00\n", 1, "is longer than a year"),
        (f"guess: {'9' * 400}d\n", 1, "is longer than a year"),
        (f"bundle_time: 1{'0' * 400}\n", 1, "bundle_time: "),
        ("memory_mib: 1.0e+300\n", 1, "memory_mib: must be 1073741824 at most, not 1e+300"),
        (f"cores: {'9' * 19}\n", 1, "cores: must be 1048576 at most, not 9999999999999999999"),
        ("attributes: {constraint: x}\n", 1, "'constraint' is not SCHEDULER.OPTION"),
        ('queue: "a\\nb"\n', 1, "queue: holds a line break"),
        ('attributes: {slurm.x: "1\\n#SBATCH --uid=0"}\n', 1, "holds a line break"),
        ("shell: []\n", 1, "shell: names no program"),
        ("scratch: tmp\n", 1, "scratch: 'tmp' is no absolute path"),
        ("- a\n", None, "is no map of settings"),
        ("a: [\n", 1, "broken YAML"),
    ],
)
def test_mistakes_are_told_with_their_place(
    tmp_path: Path, text: str, line: int | None, words: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        read(tmp_path, text)
    (found,) = caught.value.report
    assert found.code == "FWF4042"
    assert words in found.message
    assert found.file == str(tmp_path / "cluster.yml")
    assert line is None or found.line == line


def test_a_year_is_the_longest_time(tmp_path: Path) -> None:
    assert read(tmp_path, "walltime: 366d\n").seconds("walltime") == LONGEST_S


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="No such file"):
        read_deployment(tmp_path / "absent.yml")
