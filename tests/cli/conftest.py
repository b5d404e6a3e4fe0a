"""Calling the command line as a user does, in this process."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fairwf.cli.failures import run_guarded


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Fairwf = Callable[..., Said]


@pytest.fixture
def fairwf(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fairwf:
    """Run ``fairwf`` with words; ``stdin`` is what it reads."""

    def call(*words: object, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        code = run_guarded([str(word) for word in words])
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return Said(code, said.out, said.err)

    return call


WORKFLOW = """\
fairwf_ir: "1"
workflow:
  kind: workflow
  id: greet
  label: Greetings
  inputs:
    - {id: names, type: {kind: array, items: {kind: string}}, doc: Whom to greet.}
    - {id: loud, type: {kind: bool}, default: {kind: bool_lit, value: false}}
    - {id: note, type: {kind: optional, item: {kind: File}}}
  steps:
    - id: hello
      scatter: {kind: scatter, over: [{name: one, value: {kind: input, name: names}}]}
      in: {name: {kind: local, name: one}}
      run:
        kind: command
        inputs: [{id: name, type: {kind: string}}]
        arguments:
          - {value: {kind: string_lit, value: echo}}
          - {value: {kind: input, name: name}}
        stdout: {kind: string_lit, value: hello.txt}
        outputs: [{id: text, type: {kind: File}, collect: {kind: stdout}}]
  outputs:
    - id: greetings
      type: {kind: array, items: {kind: File}}
      value: {kind: output, step: hello, port: text}
"""


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """A small IR workflow that runs with what every system has."""
    path = tmp_path / "greet.ir.yml"
    path.write_text(WORKFLOW)
    return path
