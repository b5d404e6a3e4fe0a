"""The wrong and the right example that `fairwf explain CODE` shows are what they claim to be."""

import shlex
from pathlib import Path

import pytest

from fairwf.cli.examples_of_codes import codes_with_examples, examples_of
from fairwf.codes import CODES
from tests.cli.conftest import Fairwf

OUTSIDE = {
    # what only a run, a crate, a repository or the machine brings about has no document to show
    *(
        "FWF1002",
        "FWF1009",
        "FWF1011",
        "FWF1109",
        "FWF1112",
        "FWF1302",
        "FWF1403",
        "FWF1406",
        "FWF1407",
        "FWF1408",
        "FWF1502",
        *("FWF1508", "FWF1509"),  # what only writing a Snakefile brings about
        *("FWF1607", "FWF1608"),  # what only writing Nextflow brings about
        *("FWF1704", "FWF1705"),  # what only writing for Galaxy, or its wrappers, bring about
        "FWF1702",
    ),
    *("FWF2013", "FWF2014", "FWF2015"),
}


def test_every_code_of_documents_has_examples() -> None:
    wanted = {code for code in CODES if code.startswith(("FWF1", "FWF2"))}
    wanted -= {code for code in wanted if code.startswith("FWF18")} | OUTSIDE
    assert wanted - set(codes_with_examples()) == set()
    assert set(codes_with_examples()) - CODES.keys() == set()


@pytest.mark.parametrize("code", codes_with_examples())
def test_an_example_is_found_and_its_right_form_is_not(
    fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    shown = examples_of(code)
    assert shown is not None
    words = shlex.split(shown.command)
    assert words[0] == "fairwf"
    for side in ("wrong", "right"):
        folder = tmp_path / side
        folder.mkdir()
        for name, text in shown.files(side).items():
            (folder / name).write_text(text, "utf-8")
        monkeypatch.chdir(folder)
        named = [word for word in words[1:] if "." in word and not word.startswith(".")]
        if side == "right" and not any((folder / name).exists() for name in named):
            words = ["fairwf", "validate", "."]
        said = fairwf(*words[1:])
        told = f"[{code}]" in said.err
        assert told is (side == "wrong"), (side, said)
        if side == "right":
            assert (said.code, said.err.count("error[")) == (0, 0)


def test_explain_shows_them(fairwf: Fairwf) -> None:
    said = fairwf("explain", "FWF2106")
    assert 'dockerPull: "debian:latest"' in said.out
    assert "wrong: main.cwl" in said.out
    assert "found by: fairwf validate ." in said.out
    plain = fairwf("explain", "FWF2106", "--format", "json").json["codes"][0]["examples"]
    assert plain["command"] == "fairwf validate ."
    assert "debian:12.8" in plain["right"]["main.cwl"]
