"""Texts of a document in Nextflow: none of them ends its quotes, its block or its word."""

from pathlib import Path

import pytest

from fairwf.ir.command import Placeholder, Text
from fairwf.ir.environment import Conda, Environment
from fairwf.ir.expressions import Expr, File, Input, StringLit
from fairwf.ir.ports import InputPort
from fairwf.ir.relocating import relocated
from fairwf.ir.types import StringType
from fairwf.ir.workflow import Script
from fairwf_nextflow.write.failures import CannotSayError
from fairwf_nextflow.write.parameters import located
from fairwf_nextflow.write.processes import ProcessWriter
from fairwf_nextflow.write.strings import Hole, block
from tests.converters.nextflow.scripts import opened, written

HOSTILE = "a\"; 'id'.execute(); \"$x ${y} 'b' \\"


def script(body: str = "true\n", **more: object) -> Script:
    return Script(id="p", body=(Text(text=body),), **more)  # type: ignore[arg-type]


def module(task: Script) -> tuple[str, list[str]]:
    told: list[str] = []
    text = ProcessWriter(task, "p", (), lambda code, message, node: told.append(code)).text()
    return text, told


def test_a_default_file_is_only_a_name() -> None:
    said = located(File(location=HOSTILE))
    assert said == ("\"${projectDir}/a\\\"; 'id'.execute(); \\\"\\$x \\${y} 'b' \\\\\"")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ('e$x".yml', '"${projectDir}/e\\$x\\".yml"'),
        ("https://example.org/e.yml", "'https://example.org/e.yml'"),
        ("env/e.yml", '"${projectDir}/env/e.yml"'),
    ],
)
def test_a_conda_file_is_only_a_name(file: str, said: str) -> None:
    text, _ = module(script(environment=Environment(conda=Conda(file=file))))
    assert f"    conda {said}\n" in text


def test_a_conda_file_on_a_network_is_read_as_it_is(tmp_path: Path) -> None:
    main = "process P {\n conda 'https://x.org/e.yml'\n script:\n '''\n true\n '''\n}\n"
    document, _ = opened(written(tmp_path, main))
    assert isinstance(document.workflow, Script)
    assert document.workflow.environment.conda == Conda(file="https://x.org/e.yml")


def test_a_conda_file_moves_with_its_document(tmp_path: Path) -> None:
    task = script(environment=Environment(conda=Conda(file="env/e.yml")))
    moved = relocated(task, tmp_path / "a", tmp_path / "b")
    assert isinstance(moved, Script)
    assert moved.environment.conda == Conda(file="../a/env/e.yml")


def test_kept_directives_are_written_anew() -> None:
    kept = {
        "label": [
            "label 'big'",
            "label 'a'; println 1",
            "label { 'id'.execute() }",
            "label 'a', 'b'",
        ],
        "beforeScript": ['beforeScript "a \\$HOME"', 'beforeScript "${1 + 1}"', "x 'y'"],
        "scratch": ["scratch true", "scratch false"],
        "queue": "queue 'long'",
        "tag": ["tag 'a'"],
        "publishDir": ["publishDir 'a'"],
    }
    text, told = module(script(extensions={"nextflow": kept}))
    lines = [line.strip() for line in text.split("script:")[0].splitlines()[1:] if line.strip()]
    assert lines == ["label 'big'", "beforeScript 'a $HOME'", "scratch true", "queue 'long'"]
    assert told == ["FWF1608"] * 7


def test_a_block_does_not_end_in_pieces() -> None:
    assert block(['"', '"', '"\n']) == '\\"\\"\\"\n'
    assert block(['""', Hole("x"), '"\n']) == '""${x}"\n'


def test_an_interpreter_is_words() -> None:
    text, _ = module(script(interpreter=("python3", "-u")))
    assert "#!/usr/bin/env -S python3 -u\n" in text
    for word in ("a b", "a\nb", "$(id)", '"""'):
        with pytest.raises(CannotSayError):
            module(script(interpreter=("/bin/x", word)))


def test_no_line_of_a_script_ends_its_here_document() -> None:
    variables: dict[str, Expr] = {"A": StringLit(value="1")}
    more = {"interpreter": ("python3", "-c; id"), "environment": Environment(variables=variables)}
    text, _ = module(script("print(1)\nFAIRWF_SCRIPT\nid\n", **more))
    (begin,) = [line for line in text.splitlines() if "<<" in line]
    end = begin.split("'")[1]
    assert text.splitlines().count(end) == 1 and end != "FAIRWF_SCRIPT"
    assert "\npython3 '-c; id' .fairwf_script\n" in text


def test_a_value_in_a_script_for_another_program_is_one_word() -> None:
    task = Script(
        id="p",
        inputs=(InputPort(id="x", type=StringType()),),
        interpreter=("python3",),
        environment=Environment(variables={"A": StringLit(value="1")}),
        body=(Text(text="print('"), Placeholder(value=Input(name="x")), Text(text="')\n")),
    )
    text, _ = module(task)
    assert "<<" not in text
    assert "printf %s ${quoted(\"print('${x}')\\n\")} > .fairwf_script\n" in text
