"""Templates: listed, copied into a folder of one's own, and nothing is overwritten.

That each of them runs is shown in tests/examples/test_motifs.py.
"""

from pathlib import Path

import pytest

from fairwf.templates import templates
from tests.cli.conftest import Fairwf

MOTIFS = Path(__file__).resolve().parents[2] / "examples" / "motifs"
NAMES = [path.name for path in sorted(MOTIFS.iterdir()) if path.is_dir()]


def test_every_motif_is_a_template_with_a_title(fairwf: Fairwf) -> None:
    assert [one.name for one in templates()] == NAMES
    lines = fairwf("init").out.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    assert "virtual screening" in lines[NAMES.index("screening")]


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_is_the_example_and_valid(fairwf: Fairwf, tmp_path: Path, name: str) -> None:
    made = fairwf("init", name, tmp_path / "mine")
    main = tmp_path / "mine" / "workflow.ir.yml"
    assert made.out.strip() == str(main)
    for path in (MOTIFS / name).rglob("*.*"):
        if path.is_file() and path.suffix != ".pyc":
            copied = tmp_path / "mine" / path.relative_to(MOTIFS / name)
            assert copied.read_bytes() == path.read_bytes()
    assert "0 errors, 0 warnings" in fairwf("validate", main).err


def test_nothing_is_overwritten(fairwf: Fairwf, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "job.yml").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for place, words in (("full", "is not empty"), ("file", "no folder")):
        said = fairwf("init", "screening", tmp_path / place)
        assert said.code == 2 and words in said.err and not said.out
    assert (tmp_path / "full" / "job.yml").read_text() == "mine"


def test_a_mistyped_template_is_told(fairwf: Fairwf, tmp_path: Path) -> None:
    said = fairwf("init", "screning", tmp_path / "x")
    assert said.code == 2 and "did you mean 'screening'" in said.err
    assert not (tmp_path / "x").exists()
