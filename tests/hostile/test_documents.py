"""Documents that try to exhaust the reader, or to bring files into it that are not theirs."""

import json
from pathlib import Path

import pytest

from tests.hostile.conftest import SECRET, Fairwf

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
doc: {doc}
baseCommand: 'true'
inputs: {inputs}
outputs: []
"""

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = 100_000

JSON_OF = {
    "main.cwl": '{"cwlVersion": "v1.2", "class": "Workflow", "doc": @}',
    "main.ir.json": '{"fairwf_ir": "1", "workflow": @}',
    "main.wfformat.json": '{"schemaVersion": "1.5", "name": "x", "workflow": {"specification": @}}',
}


@pytest.mark.parametrize("head", ["cwlVersion: v1.2\nclass: Workflow\n", 'fairwf_ir: "1"\n'])
def test_a_yaml_bomb_is_refused_before_it_goes_off(
    fairwf: Fairwf, tmp_path: Path, head: str
) -> None:
    path = tmp_path / "bomb.yml"
    path.write_text(head + BOMB)
    said = fairwf("validate", path)
    assert said.code == 1
    assert "aliases (*name) multiply the document" in said.err


@pytest.mark.parametrize("name", sorted(JSON_OF))
@pytest.mark.parametrize(
    "inside",
    ["[" * DEEP, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP, '{"a": 1, "a": 2}', "9" * 100_000,
     "1e99999", '"\\ud800"', "\0", "NaN"],
    ids=["open", "deep", "deep maps", "twice", "digits", "exponent", "surrogate", "nul", "nan"],
)  # fmt: skip
def test_json_that_breaks_parsers(fairwf: Fairwf, tmp_path: Path, name: str, inside: str) -> None:
    path = tmp_path / name
    path.write_text(JSON_OF[name].replace("@", inside))
    for verb in (["validate"], ["convert", "--to", "ir"], ["graph"], ["inputs"], ["score"]):
        said = fairwf(*verb, path)
        assert said.code in (1, 33), verb
        assert f"{path}" in said.err
        assert len(said.err) < 5000


IR = """\
fairwf_ir: "1"
workflow: {kind: pure, inputs: [{id: a, type: {kind: string}}], result: {kind: record_of}}
"""


@pytest.mark.parametrize("text", [TOOL.format(doc="x", inputs="{a: string}"), IR])
def test_a_job_file_that_breaks_parsers(fairwf: Fairwf, tmp_path: Path, text: str) -> None:
    path, job = tmp_path / "main", tmp_path / "job.json"
    path.write_text(text)
    for data in ("[" * DEEP, '{"a": "b", "a": "c"}', f'{{"a": {"[" * 500 + "]" * 500}}}', BOMB):
        job.write_text(data)
        said = fairwf("run", path, job, "--run-dir", tmp_path / "run")
        assert said.code == 1
        assert f"{job}:" in said.err


def test_a_text_of_empty_lines_is_recognised_at_once(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "main.cwl"
    path.write_text("\n" * 60_000 + "x")
    assert fairwf("validate", path).code == 1


@pytest.mark.parametrize(
    "unit",
    ["k@: x\n", "- a: b\n  run: c\n", "  x@: {type: int, foo: 1}\n", "\t", "[a, ", "'", "<<: *x\n"],
)
def test_a_broken_file_of_megabytes_is_told_in_few_words(
    fairwf: Fairwf, tmp_path: Path, unit: str
) -> None:
    rows = [unit.replace("@", str(number)) for number in range(20_000)]
    path = tmp_path / "main.cwl"
    path.write_text("cwlVersion: v1.2\nclass: Workflow\ninputs:\n" + "".join(rows))
    said = fairwf("validate", path)
    assert said.code == 1
    assert f"{path}:" in said.err


def test_thousands_of_links_to_nothing(fairwf: Fairwf, tmp_path: Path) -> None:
    def step(number: int) -> dict[str, object]:
        link = {"kind": "output", "step": f"step_numbr_{number}", "port": "x"}
        port = {"id": "a", "type": {"kind": "string"}}
        run = {"kind": "operation", "inputs": [port]}
        return {"id": f"step_number_{number}", "in": {"a": link}, "run": run}

    path = tmp_path / "main.ir.json"
    steps = [step(number) for number in range(700)]
    path.write_text(
        json.dumps({"fairwf_ir": "1", "workflow": {"kind": "workflow", "steps": steps}})
    )
    said = fairwf("validate", path)
    assert said.code == 1
    assert "did you mean 'step_number_" in said.err
    assert "and 600 more findings" in said.err


# --- files that are not the document's


def test_no_line_is_shown_of_a_file_that_an_ir_file_claims_to_come_from(
    fairwf: Fairwf, secret: Path, repository_of_a_stranger: Path
) -> None:
    def told(file: str) -> str:
        path = repository_of_a_stranger / "main.ir.json"
        result = {"kind": "int_lit", "value": 1}
        port = {"id": "a", "type": {"kind": "int"}}
        workflow = {"kind": "pure", "outputs": [port], "result": result}
        sources = {"files": [file], "spans": {"": [0, 1, 1, 1, 5]}}
        document = {"fairwf_ir": "1", "workflow": workflow, "sources": sources}
        path.write_text(json.dumps(document))
        said = fairwf("validate", path)
        assert said.code == 1 and f"{Path(file).name}:1:1: error[FWF2003]" in said.err, said.err
        return said.err

    (repository_of_a_stranger / "main.cwl").write_text("class: nothing\n")
    assert "class: nothing" in told("main.cwl")
    assert SECRET not in told(str(secret))
    assert "root" not in told("../../../../../../../../../../etc/passwd")


def importing(folder: Path, reference: str, directive: str) -> Path:
    path = folder / "main.cwl"
    path.write_text(TOOL.format(doc="x", inputs=f"{{${directive}: {json.dumps(reference)}}}"))
    return path


@pytest.mark.parametrize("directive", ["import", "include", "mixin"])
@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("/etc/passwd", "FWF1008"),
        ("file:///etc/passwd", "FWF1008"),
        ("FILE:///etc/passwd", "FWF1008"),
        ("../../../../../../../../../../etc/passwd", "FWF1008"),
        ("%2e%2e/%2e%2e/%2e%2e/secret.yml", "FWF1008"),
        ("../../secret.yml", "FWF1008"),
        ("link.yml", "FWF1008"),
        ("folder/secret.yml", "FWF1008"),
        ("http://127.0.0.1:9/x.yml", "FWF1007"),
        ("https://example.invalid/x.yml", "FWF1007"),
        ("ftp://example.invalid/x.yml", "FWF1007"),
        ("gopher://example.invalid/x", "FWF1008"),
        ("a\0b", "FWF1008"),
        ("a" * 5000, "FWF1106"),
        (".", "FWF1106"),
        ("pipe", "FWF1106"),
    ],
)
def test_a_reference_out_of_the_repository(
    fairwf: Fairwf, secret: Path, repository_of_a_stranger: Path, directive: str, reference: str,
    code: str,
) -> None:  # fmt: skip
    import os

    folder = repository_of_a_stranger
    (folder / "link.yml").symlink_to(secret)
    (folder / "folder").symlink_to(secret.parent)
    os.mkfifo(folder / "pipe")
    path = importing(folder, reference, directive)
    said = fairwf("convert", path, "--to", "ir")
    assert said.code == 1
    assert f"{path}:5:" in said.err
    assert f"error[{code}]" in said.err
    assert SECRET not in said.err + said.out


@pytest.mark.parametrize("place", ["run: ../../secret.yml", "run: /etc/passwd", "run: link.yml"])
def test_a_step_out_of_the_repository(
    fairwf: Fairwf, secret: Path, repository_of_a_stranger: Path, place: str
) -> None:
    (repository_of_a_stranger / "link.yml").symlink_to(secret)
    path = repository_of_a_stranger / "main.cwl"
    path.write_text(
        "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\n"
        f"steps:\n  a: {{in: [], out: [], {place}}}\n"
    )
    said = fairwf("validate", path)
    assert said.code == 1
    assert f"{path}:6:" in said.err
    assert "error[FWF1008]" in said.err
    assert SECRET not in said.err


def test_tools_beside_the_workflow_are_read(fairwf: Fairwf, repository_of_a_stranger: Path) -> None:
    tools = repository_of_a_stranger.parent / "tools"
    tools.mkdir()
    (tools / "inputs.yml").write_text("{a: string}")
    path = importing(repository_of_a_stranger, "../tools/inputs.yml", "import")
    assert fairwf("validate", path).code == 0


def test_files_that_import_each_other(fairwf: Fairwf, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("{$import: b.yml}")
    (tmp_path / "b.yml").write_text("{$import: a.yml}")
    said = fairwf("validate", importing(tmp_path, "a.yml", "import"))
    assert said.code == 1
    assert "error[FWF2004]: files import each other" in said.err


# --- what a package takes along


def files_of(crate: Path) -> str:
    texts = [path.read_bytes() for path in crate.rglob("*") if path.is_file()]
    return b"".join(texts).decode("utf-8", "replace")


@pytest.mark.parametrize("location", ["file://[x", "http://[x", "file://h/x", "%00"])
def test_a_package_with_a_default_that_lies_nowhere(
    fairwf: Fairwf, tmp_path: Path, location: str
) -> None:
    default = f"{{a: {{type: File, default: {{class: File, location: '{location}'}}}}}}"
    path = tmp_path / "main.cwl"
    path.write_text(TOOL.format(doc="x", inputs=default))
    said = fairwf("package", path, "-o", tmp_path / "crate")
    assert said.code in (0, 1)
    assert "FWF9" not in said.err


@pytest.mark.parametrize("location", ["../../secret.yml", "link.yml", "@", "file://@"])
def test_a_package_leaves_out_defaults_that_lie_elsewhere(
    fairwf: Fairwf, secret: Path, repository_of_a_stranger: Path, location: str
) -> None:
    (repository_of_a_stranger / "link.yml").symlink_to(secret)
    location = location.replace("@", str(secret))
    default = f"{{a: {{type: File, default: {{class: File, location: {location}}}}}}}"
    path = repository_of_a_stranger / "main.cwl"
    path.write_text(TOOL.format(doc="x", inputs=default))
    crate = secret.parent / "crate"
    said = fairwf("package", path, "-o", crate)
    assert said.code == 0, said.err
    assert "warning[FWF5005]" in said.err
    assert SECRET not in files_of(crate)


@pytest.mark.parametrize("claimed", ["source", "files"])
@pytest.mark.parametrize("verb", ["package", "run"])
def test_an_ir_file_cannot_claim_files_of_others_as_its_sources(
    fairwf: Fairwf, secret: Path, repository_of_a_stranger: Path, claimed: str, verb: str
) -> None:
    path = repository_of_a_stranger / "main.ir.json"
    sources = {"format": "cwl", "source": str(path), "files": [str(path)], "spans": {}}
    sources["spans"] = {"": [0, 1, 1, 1, 2]}
    sources[claimed] = str(secret) if claimed == "source" else [str(secret)]
    process = {"kind": "pure", "result": {"kind": "record_of", "fields": {}}}
    path.write_text(json.dumps({"fairwf_ir": "1", "workflow": process, "sources": sources}))
    crate = secret.parent / "crate"
    if verb == "run":
        run = secret.parent / "run"
        assert fairwf("run", path, "--run-dir", run, "--crate", crate).code == 0
        assert SECRET not in files_of(run)
    else:
        assert fairwf("package", path, "-o", crate).code == 0
    assert SECRET not in files_of(crate)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"sources": {"files": 3}}, "sources"),
        ({"sources": {"files": ["a"], "spans": {"": [1, 1, 1, 1, 1]}}}, "spans"),
        ({"sources": {"files": ["a"], "spans": {"": [0, 1]}}}, "spans"),
        ({"sources": {"files": ["a"], "spans": {"": [0, "x", {}, 1, 1]}}}, "spans"),
        ({"sources": {"files": ["a"], "spans": "x"}}, "spans"),
        ({"sources": {"files": ["a"], "spans": {"": [0, -1, 1, 1, 1]}}}, "spans"),
        ({"comments": {"/": "x"}}, "comments"),
        ({"sorces": {}}, "sorces"),
    ],
)
def test_what_stands_beside_the_workflow_of_an_ir_file_is_checked(
    fairwf: Fairwf, tmp_path: Path, change: dict[str, object], where: str
) -> None:
    path = tmp_path / "main.ir.json"
    process = {"kind": "pure", "result": {"kind": "record_of", "fields": {}}}
    whole = {"fairwf_ir": "1", "workflow": process, **change}
    path.write_text(json.dumps(whole, indent=1))
    said = fairwf("validate", path)
    assert said.code == 1
    line = next(n for n, row in enumerate(path.read_text().splitlines(), 1) if where in row)
    assert any(f"{path}:{at}:" in said.err for at in range(line, line + 5))
    assert "error[FWF1301]" in said.err
