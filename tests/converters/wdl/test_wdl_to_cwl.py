"""What WDL becomes in CWL gives the same outputs in the reference runner, or is refused."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.report import UnsupportedError
from tests.converters.wdl.conftest import Reading


def cwltool(document: Path, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    command = [sys.executable, "-m", "cwltool", "--quiet", "--no-container"]
    command += ["--outdir", str(folder / "cwl"), str(document), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_workflow_gives_the_same_in_the_reference_runner(
    wdl: Reading, repository: Path, tmp_path: Path
) -> None:
    source = repository / "examples/wdl/words.wdl"
    texts = [str(source.parent / name) for name in ("short.txt", "long.txt")]
    fairwf.dump(fairwf.load(source), tmp_path / "words.cwl", "cwl")
    given = cwltool(
        tmp_path / "words.cwl",
        {"texts": [{"class": "File", "path": one} for one in texts]},
        tmp_path,
    )
    own = wdl.run(source.read_text(), {"texts": texts})
    assert (
        given["counts"]
        == own["counts"]
        == [
            {"name": "short", "words": 3},
            {"name": "long", "words": 9},
        ]
    )
    assert given["most"] == own["most"] == "long"
    table = Path(given["table"]["location"].removeprefix("file://"))
    assert table.read_text() == Path(own["table"]).read_text()


def test_what_cwl_cannot_say_is_refused_with_its_place(wdl: Reading) -> None:
    text = (
        "version 1.2\ntask t {\n  input { String s }\n  command <<< echo ~{matches(s, s)} >>>\n}\n"
    )
    document = fairwf.load(wdl.file("main.wdl", text))
    with pytest.raises(UnsupportedError) as caught:
        fairwf.convert(document, "cwl")
    (one,) = caught.value.report.errors
    assert (one.code, one.line) == ("FWF3001", 4)
    assert "regular expressions" in one.message
