"""The rules: what they tell of, and the look-alikes that they leave alone."""

from pathlib import Path

import pytest

from fairwf import Report, load
from fairwf.check import RULES, check

HEAD = "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [cat]\n"
TAIL = "outputs: {out: stdout}\n"


def told(folder: Path, text: str) -> list[tuple[str, int | None]]:
    """The codes of the rules with the lines that they name."""
    path = folder / "main.cwl"
    path.write_text(text, "utf-8")
    report = check(load(path), Report(), select=RULES)
    return [(d.code, d.line) for d in report]


def tool(folder: Path, middle: str) -> list[tuple[str, int | None]]:
    return told(folder, HEAD + middle + TAIL)


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("debian", "FWF2106"),
        ("quay.io:5000/group/tool", "FWF2106"),
        ("debian:latest", "FWF2106"),
        ("debian:12.8", None),
        ("quay.io:5000/group/tool:1.2--h3", None),
        (f"debian@sha256:{'0' * 64}", None),
        ("./image.sif", None),
    ],
)
def test_an_image_is_pinned_by_tag_or_digest(tmp_path: Path, image: str, code: str | None) -> None:
    hints = f"hints:\n  DockerRequirement: {{dockerPull: '{image}'}}\n"
    found = tool(tmp_path, f"inputs: {{}}\n{hints}")
    assert found == ([(code, 6)] if code else [])


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("AKIA" + "Q7" * 8, True),
        ("ghp_" + "a1B2" * 9, True),
        ("-----BEGIN RSA PRIVATE KEY-----", True),
        ("https://ada:s3cr3tpw@example.org/data", True),
        ("https://example.org/AKIA", False),
        ("$(inputs.key)", False),
    ],
)
def test_what_looks_like_a_key_is_told_and_never_shown(
    tmp_path: Path, value: str, secret: bool
) -> None:
    path = tmp_path / "main.cwl"
    path.write_text(f"{HEAD}arguments: ['{value}']\ninputs: {{key: string}}\n{TAIL}")
    report = check(load(path), Report(), select=["secrets"])
    assert [d.code for d in report] == (["FWF2108"] if secret else [])
    assert all(value not in d.message for d in report)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("api_token", "f3A9-x71Qb", True),
        ("db_password", "hunter2-hunter2", True),
        ("api_token", "<your token>", False),
        ("password", "changeme", False),
        ("tokenizer", "whitespace", False),
        ("secretion", "pancreatic", False),
    ],
)
def test_defaults_of_what_is_named_like_a_secret(
    tmp_path: Path, name: str, value: str, secret: bool
) -> None:
    port = f"inputs:\n  {name}: {{type: string, default: '{value}', inputBinding: {{}}}}\n"
    assert tool(tmp_path, port) == ([("FWF2108", 5)] if secret else [])


def test_files_of_a_task_may_be_used_without_being_named(tmp_path: Path) -> None:
    found = tool(tmp_path, "inputs:\n  index: File\n  words: int\n  files: File[]\n")
    assert found == [("FWF2104", 6)]


def test_an_opaque_expression_uses_what_it_sees(tmp_path: Path) -> None:
    text = (
        "requirements: {InlineJavascriptRequirement: {}}\n"
        "arguments: ['${ return Object.keys(inputs).length; }']\ninputs: {words: int}\n"
    )
    assert tool(tmp_path, text) == []


SHELL = """requirements: {{ShellCommandRequirement: {{}}}}
inputs:
  name: {{type: {type}, inputBinding: {{shellQuote: {quote}}}}}
"""


@pytest.mark.parametrize(
    ("type_", "quote", "hazard"),
    [
        ("string", "false", True),
        ("string?", "false", True),
        ("{type: array, items: string}", "false", True),
        ("string", "true", False),
        ("int", "false", False),
        ("File", "false", False),
        ("{type: enum, symbols: [a, b]}", "false", False),
    ],
)
def test_only_free_texts_are_a_hazard_for_a_shell(
    tmp_path: Path, type_: str, quote: str, hazard: bool
) -> None:
    found = tool(tmp_path, SHELL.format(type=type_, quote=quote))
    assert [code for code, _ in found] == (["FWF2105"] if hazard else [])


WDL = """version 1.1
task greet {{
  input {{
    String name
  }}
  command <<<
    # don't mind
    echo {placeholder}
  >>>
  output {{
    String text = read_string(stdout())
  }}
}}
"""


@pytest.mark.parametrize(
    ("placeholder", "hazard"),
    [("~{name}", True), ("'~{name}'", False), ('"hello ~{name}"', False)],
)
def test_what_the_author_quoted_is_no_hazard(
    tmp_path: Path, placeholder: str, hazard: bool
) -> None:
    pytest.importorskip("WDL")
    path = tmp_path / "main.wdl"
    path.write_text(WDL.format(placeholder=placeholder))
    report = check(load(path), Report(), select=["shell"])
    assert [(d.code, d.line) for d in report] == ([("FWF2105", 8)] if hazard else [])


def test_only_relative_files_of_the_own_tree_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "there.txt").touch()
    (tmp_path / ".git").mkdir()
    rows = ["there.txt", "gone.txt", "https://example.org/x.txt", "../../../etc/passwd-gone"]
    ports = "".join(
        f"  f{n}: {{type: File, default: {{class: File, location: '{row}'}}}}\n"
        for n, row in enumerate(rows)
    )
    assert tool(tmp_path, f"inputs:\n{ports}") == [("FWF2101", 6)]


def test_rules_are_no_reason_not_to_run_or_convert(tmp_path: Path) -> None:
    path = tmp_path / "main.cwl"
    path.write_text(f"{HEAD}inputs: {{words: int}}\n{TAIL}")
    report = Report()
    load(path, report=report)
    assert len(report) == 0
