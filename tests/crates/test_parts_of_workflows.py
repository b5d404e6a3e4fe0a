"""Files that a workflow needs: its crate holds them, and tells of those that it cannot hold."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from fairwf.conversion import read_document
from fairwf.document import Document
from fairwf.formats import Source
from fairwf.report import Report
from tests.cli.conftest import Fairwf
from tests.cli.conftest import fairwf as fairwf

SNAKEFILE = """\
configfile: "config.yaml"
include: "rules/plots.smk"

rule all:
    input: "plot.txt"

rule count:
    input: "data.txt"
    output: "count.txt"
    conda: "envs/count.yaml"
    envmodules: "bio/tools/1.9"
    shell: "wc -l {input} > {output}"
"""
PLOTS = """\
from snakemake.utils import validate
validate(config, schema="../schemas/config.schema.yaml")

rule plot:
    input: "count.txt"
    output: "plot.txt"
    conda: "../envs/plot.yaml"
    script: "../scripts/plot.R"

rule explore:
    input: "count.txt"
    output: "explored.txt"
    conda: "../envs/absent.yaml"
    notebook: "../notebooks/explore.py.ipynb"
"""
FILES = {
    "Snakefile": SNAKEFILE,
    "rules/plots.smk": PLOTS,
    "config.yaml": "rows: 3\n",
    "envs/count.yaml": "dependencies: [coreutils]\n",
    "envs/plot.yaml": "dependencies: [r-base]\n",
    "scripts/plot.R": "plot(1)\n",
    "notebooks/explore.py.ipynb": "{}\n",
    "schemas/config.schema.yaml": "type: object\n",
    "data.txt": "a\nb\n",
}


def laid(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / ".git").mkdir()
    return folder


def judged(crate: Path) -> Any:
    pytest.importorskip("rocrate_validator")
    from fairwf.crates.oracle import judge

    return judge(crate)


def entities(crate: Path) -> dict[str, dict[str, Any]]:
    graph = json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]
    return {entity["@id"]: entity for entity in graph}


def held(crate: Path) -> set[str]:
    found = {p.relative_to(crate / "workflow").as_posix() for p in crate.glob("workflow/**/*.*")}
    return found - {"diagram.svg"}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return laid(tmp_path / "repository", FILES)


def test_all_that_a_snakefile_names_is_packed_and_what_is_not_there_is_told(
    fairwf: Fairwf, repository: Path, tmp_path: Path
) -> None:
    crate = tmp_path / "crate"
    done = fairwf("package", repository / "Snakefile", "-o", crate, "--license", "MIT")
    assert done.code == 0, done.err
    assert held(crate) >= set(FILES) - {"Snakefile", "data.txt"}
    assert "envs/absent.yaml: warning[FWF5027]" in done.err
    assert "the conda environment of rule 'explore' is not there" in done.err
    assert done.err.count("FWF5027") == 1
    parts = {part["@id"] for part in entities(crate)["./"]["hasPart"]}
    assert {f"workflow/{name}" for name in set(FILES) - {"data.txt"}} <= parts
    assert fairwf("validate", "--strict", crate).code == 0


def test_environments_are_the_build_instructions_of_their_steps(
    fairwf: Fairwf, repository: Path, tmp_path: Path
) -> None:
    for profile in ("0.5", "0.6"):
        crate = tmp_path / profile
        done = fairwf("package", repository / "Snakefile", "-o", crate, "--profile", profile)
        assert done.code == 0, done.err
        found = entities(crate)
        for rule in ("count", "plot"):  # the second is a script that only Snakemake can run
            step, file = found[f"#step/{rule}"], found[f"workflow/envs/{rule}.yaml"]
            assert step["buildInstructions"] == {"@id": file["@id"]}
            assert file["about"] == {"@id": step["workExample"]["@id"]}
            assert file["encodingFormat"] == "application/yaml"
            assert file["conformsTo"]["@id"] in found
        assert "buildInstructions" not in found["#step/explore"]
        assert found["workflow/scripts/plot.R"]["@type"] == ["File", "SoftwareSourceCode"]
    context = json.loads((tmp_path / "0.5/ro-crate-metadata.json").read_text())["@context"]
    assert {"buildInstructions": "https://codemeta.github.io/terms/buildInstructions"} in context
    assert not judged(tmp_path / "0.5").failed("REQUIRED")


def test_the_ir_of_a_workflow_keeps_what_it_consists_of(
    fairwf: Fairwf, repository: Path, tmp_path: Path
) -> None:
    assert fairwf("convert", repository / "Snakefile", "--to", "ir", "-o", "a.ir.json").code == 0
    done = fairwf("package", "a.ir.json", "-o", tmp_path / "crate")
    assert held(tmp_path / "crate") >= set(FILES) - {"Snakefile", "data.txt"}
    assert done.err.count("FWF5027") == 1


def test_files_outside_of_the_repository_are_told_and_not_packed(
    fairwf: Fairwf, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.yaml").write_text("password: x\n")
    named = SNAKEFILE.replace("envs/count.yaml", "../secret.yaml")
    (repository / "Snakefile").write_text(named)
    done = fairwf("package", repository / "Snakefile", "-o", tmp_path / "crate")
    assert "secret.yaml: warning[FWF5027]" in done.err
    assert "lies outside of the workflow's own folders" in done.err
    assert not list((tmp_path / "crate").glob("**/secret.yaml"))


SECRET = "token: very-secret\n"


def test_hidden_files_that_a_snakefile_names_are_told_and_not_packed(
    fairwf: Fairwf, repository: Path, tmp_path: Path
) -> None:
    for name in (".git/config", ".env", "envs/.netrc"):
        (repository / name).write_text(SECRET)
        named = PLOTS.replace("../scripts/plot.R", f"../{name}")
        (repository / "rules/plots.smk").write_text(named)
        crate = tmp_path / name.replace("/", "")
        done = fairwf("package", repository / "Snakefile", "-o", crate)
        assert f"{name}: warning[FWF5027]" in done.err
        assert "is hidden (a name in its path begins with a dot)" in done.err
        assert not [
            p for p in crate.rglob("*") if p.is_file() and "very-secret" in p.read_text("latin-1")
        ]


@pytest.mark.parametrize("how", ["parts", "files", "source", "itself"])
def test_hidden_files_that_an_ir_file_names_are_not_packed(
    fairwf: Fairwf, repository: Path, tmp_path: Path, how: str
) -> None:
    (repository / ".git/config").write_text(SECRET)
    ir = repository / "a.ir.json"
    assert fairwf("convert", repository / "Snakefile", "--to", "ir", "-o", ir).code == 0
    said = json.loads(ir.read_text())
    if how == "parts":
        said["sources"]["parts"].append({"file": ".git/config", "what": "a part"})
    elif how == "source":
        said["sources"]["source"] = ".git/config"
    else:
        said["sources"]["files"] = [".git/config"] * len(said["sources"]["files"])
    if how == "itself":
        said["sources"]["source"] = "a.ir.json"
    ir.write_text(json.dumps(said))
    crate = tmp_path / "crate"
    done = fairwf("package", ir, "-o", crate)
    assert done.code == 0, done.err
    assert not [
        p for p in crate.rglob("*") if p.is_file() and "very-secret" in p.read_text("latin-1")
    ]
    assert how == "source" or ".git/config: warning[FWF5027]" in done.err


def test_a_hidden_document_that_was_read_is_packed(fairwf: Fairwf, repository: Path) -> None:
    (repository / ".rules").mkdir()
    (repository / "rules/plots.smk").rename(repository / ".rules/plots.smk")
    (repository / "Snakefile").write_text(SNAKEFILE.replace("rules/", ".rules/"))
    done = fairwf("package", repository / "Snakefile", "-o", repository.parent / "crate")
    assert done.code == 0, done.err
    assert list((repository.parent / "crate").rglob("plots.smk"))


def test_programs_stay_programs_and_large_files_stay_where_they_are(
    fairwf: Fairwf, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "scripts/plot.R").chmod(0o744)
    (repository / "envs/count.yaml").write_text("#" * 5000)
    monkeypatch.setattr("fairwf.locate.MAX_PART_BYTES", 4000)
    done = fairwf("package", repository / "Snakefile", "-o", tmp_path / "crate")
    assert "envs/count.yaml: warning[FWF5027]" in done.err
    assert "is larger than 4000 bytes" in done.err
    assert not list((tmp_path / "crate").rglob("count.yaml"))
    (program,) = (tmp_path / "crate").rglob("plot.R")
    assert program.stat().st_mode & 0o111 == 0o111


def test_a_run_keeps_the_files_and_its_crate_has_them(fairwf: Fairwf, tmp_path: Path) -> None:
    files = FILES | {
        "workflow/Snakefile": SNAKEFILE.replace("config.yaml", "config/config.yaml")
        .replace('include: "rules/plots.smk"\n', "")
        .replace('input: "plot.txt"', 'input: "count.txt"')
        .replace('conda: "envs/count.yaml"', 'conda: "../envs/count.yaml"'),
        "config/config.yaml": "rows: 3\n",
        "workflow/data.txt": "a\nb\n",
    }
    del files["Snakefile"]
    main_file = laid(tmp_path / "repository", files) / "workflow/Snakefile"
    run, crate = tmp_path / "run", tmp_path / "crate"
    done = fairwf("run", main_file, "--run-dir", run, "--outdir", tmp_path / "out")
    assert done.code == 0, done.err
    (tmp_path / "repository/envs/count.yaml").write_text("changed: since\n")
    assert fairwf("package", run, "-o", crate).code == 0
    found = entities(crate)
    assert found["./"]["mainEntity"] == {"@id": "workflow/workflow/Snakefile"}
    assert found["#step/count"]["buildInstructions"] == {"@id": "workflow/envs/count.yaml"}
    assert (crate / "workflow/envs/count.yaml").read_text() == FILES["envs/count.yaml"]
    said = judged(crate)
    assert said.profile == "provenance-run-crate-0.5" and not said.failed("REQUIRED")
    names = [*said.failed("RECOMMENDED").values(), *said.failed("OPTIONAL").values()]
    assert "HowToStep buildInstructions" not in names
    assert not [name for name in names if name.startswith("environment file")]


def test_imports_without_a_process_are_parts_of_a_wdl(fairwf: Fairwf, tmp_path: Path) -> None:
    struct = "version 1.1\nstruct Sample {\n  String name\n}\n"
    main_text = """\
version 1.1
import "types/sample.wdl" as types
workflow w {
  input { Sample s }
  output { String name = s.name }
}
"""
    place = laid(tmp_path / "r", {"main.wdl": main_text, "types/sample.wdl": struct})
    assert fairwf("package", place / "main.wdl", "-o", tmp_path / "crate").code == 0
    assert held(tmp_path / "crate") >= {"main.wdl", "types/sample.wdl"}


def test_what_nextflow_finds_beside_scripts_is_part_of_a_pipeline(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    process = """\
process COUNT {
    conda "${moduleDir}/environment.yml"
    output: path "n.txt"
    script:
    template 'count.sh'
}
"""
    files = {
        "main.nf": "include { COUNT } from './modules/count'\nworkflow { COUNT() }\n",
        "nextflow.config": "includeConfig 'conf/base.config'\n",
        "conf/base.config": "process.cpus = 1\n",
        "modules/count/main.nf": process,
        "modules/count/environment.yml": "dependencies: [coreutils]\n",
        "modules/count/templates/count.sh": "#!/bin/bash\necho 1 > n.txt\n",
        "bin/helper.py": "#!/usr/bin/env python3\n",
    }
    place = laid(tmp_path / "r", files)
    done = fairwf("package", place / "main.nf", "-o", tmp_path / "crate")
    assert done.code == 0, done.err
    assert held(tmp_path / "crate") >= set(files)
    assert "FWF5027" not in done.err
    (env,) = [e for e in entities(tmp_path / "crate").values() if "buildInstructions" in e]
    assert env["buildInstructions"] == {"@id": "workflow/modules/count/environment.yml"}


def test_programs_of_a_pipeline_are_sought_inside_of_it_and_told_where_they_are_too_many(
    fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"main.nf": "workflow { println 'x' }\n", **{f"bin/{n}.sh": "x\n" for n in range(3)}}
    place = laid(tmp_path / "r", files)
    (place / "lib").symlink_to("/")
    walked: list[str] = []
    walk = os.walk

    def watched(top: Any, *args: Any, **more: Any) -> Any:
        walked.append(str(top))
        return walk(top, *args, **more)

    monkeypatch.setattr("fairwf_nextflow.meaning.modules.os.walk", watched)
    report = Report()
    assert len(read_document(Source.at(place / "main.nf"), report).parts) == 3
    assert str(place / "bin") in walked
    assert not [folder for folder in walked if folder.endswith("lib")]
    assert not list(report)
    monkeypatch.setattr("fairwf_nextflow.meaning.modules.MAX_FILES", 2)
    assert len(read_document(Source.at(place / "main.nf"), report).parts) == 2
    assert [(found.code, found.severity) for found in report] == [("FWF1009", "warning")]


def test_what_a_cwl_document_includes_is_part_of_it(fairwf: Fairwf, tmp_path: Path) -> None:
    tool = """\
cwlVersion: v1.2
class: CommandLineTool
requirements:
  InlineJavascriptRequirement:
    expressionLib: [{$include: lib/functions.js}]
baseCommand: echo
arguments: [$(one())]
inputs: []
outputs: []
"""
    files = {"tool.cwl": tool, "lib/functions.js": "function one() { return 1; }\n"}
    place = laid(tmp_path / "r", files)
    assert fairwf("package", place / "tool.cwl", "-o", tmp_path / "crate").code == 0
    assert held(tmp_path / "crate") >= set(files)


def test_parts_go_through_the_file_form(repository: Path) -> None:
    document = read_document(Source.at(repository / "Snakefile"), Report())
    again = Document.from_plain(document.to_plain())
    assert again.parts == document.parts
    kinds = {Path(part.file).name: part.kind for part in document.parts}
    assert kinds["plot.yaml"] == "environment" and kinds["plot.R"] == "program"
    assert kinds["plots.smk"] == kinds["config.yaml"] == "part"
