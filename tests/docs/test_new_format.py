"""The converter that docs/new-format.md shows is installed as its reader would, and works."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "new-format.md"


def block(title: str) -> str:
    """The only fenced block of the page that begins with these words."""
    found = re.findall(
        rf"^```{re.escape(title)}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    assert len(found) == 1, title
    return str(found[0])


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """A folder with the page's example; beside it, the converter as an installed distribution."""
    package, metadata = tmp_path / "fairwf_chain", tmp_path / "fairwf_chain-1.dist-info"
    package.mkdir()
    metadata.mkdir()
    (package / "__init__.py").write_text(block('python title="fairwf_chain/__init__.py"'))
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: fairwf-chain\nVersion: 1\n")
    entry = block("toml").replace('project.entry-points."fairwf.converters"', "fairwf.converters")
    (metadata / "entry_points.txt").write_text(entry.replace('"', ""))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "a.chain").write_text(block("text"))
    return folder


def fairwf(folder: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "fairwf", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder.parent), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def test_it_is_listed_detected_and_run(chain: Path) -> None:
    assert re.search(r"^chain +1 +1 ", fairwf(chain, "formats").stdout, re.MULTILINE)
    assert "1 valid" in fairwf(chain, "validate", "a.chain").stderr
    said = json.loads(fairwf(chain, "run", "a.chain", "--outdir", "out").stdout)
    assert (chain / "out" / said["out"]["basename"]).read_text().strip() == "10"


def test_it_writes_what_it_read_also_through_the_ir(chain: Path) -> None:
    text = (chain / "a.chain").read_text()
    assert fairwf(chain, "convert", "a.chain", "--to", "chain").stdout == text
    fairwf(chain, "convert", "a.chain", "--to", "ir", "-o", "a.ir.json")
    assert fairwf(chain, "convert", "a.ir.json", "--to", "chain").stdout == text
    fairwf(chain, "convert", "a.chain", "--to", "cwl", "-o", "a.cwl")
    said = json.loads(fairwf(chain, "run", "a.cwl", "--outdir", "out").stdout)
    assert (chain / "out" / said["out"]["basename"]).read_text().strip() == "10"


def test_mistakes_have_a_place(chain: Path) -> None:
    (chain / "b.chain").write_text("# chain 1\na: ls\n3: wc\n")
    assert "b.chain:3:1: error[FWF1004]" in fairwf(chain, "validate", "b.chain", code=1).stderr


def test_what_it_cannot_say_is_refused(chain: Path) -> None:
    (chain / "c.cwl").write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: ls\ninputs: []\noutputs: []\n"
    )
    assert "FWF3001" in fairwf(chain, "convert", "c.cwl", "--to", "chain", code=33).stderr
