"""The crate of a CWLProv folder beside that of runcrate: every fact of theirs is in ours.

runcrate 0.6.2 fails on scattered subworkflows and on expressions, so the workflow has none.

FAIRWF_RUNCRATE names the program; it needs rocrate 0.13, so an environment of its own:
`pip install runcrate rocrate==0.13.0`.
"""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run
from fairwf.report import Report
from tests.converters.cwl.test_cwlprov import COUNT, JOB, cwltool_run

pytestmark = pytest.mark.long

WORKFLOW = """
cwlVersion: v1.2
class: Workflow
id: main
label: Count the lines with a letter
requirements: {ScatterFeatureRequirement: {}}
inputs: {texts: "File[]", letter: string, times: int}
outputs: {report: {type: File, outputSource: join/whole}}
steps:
  count:
    run: count.cwl
    scatter: text
    in: {text: texts, letter: letter}
    out: [counts]
  join:
    run:
      class: CommandLineTool
      doc: One after the other.
      baseCommand: cat
      inputs:
        parts: {type: "File[]", inputBinding: {position: 1}}
        times: int
      outputs: {whole: stdout}
      stdout: whole.txt
    in: {parts: count/counts, times: times}
    out: [whole]
"""
Entities = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def runcrate() -> str:
    named = os.environ.get("FAIRWF_RUNCRATE") or shutil.which("runcrate")
    if named is None:
        pytest.skip("name the program of runcrate in FAIRWF_RUNCRATE, as `make test-all` does")
    return named


@pytest.fixture(scope="module")
def crates(
    runcrate: str, cwltool: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("beside")
    for name, text in (("wf.cwl", WORKFLOW), ("count.cwl", COUNT), ("job.yml", JOB)):
        (folder / name).write_text(text)
    (folder / "a.txt").write_text("a\nb\nab\n")
    (folder / "b.txt").write_text("a\nc\n")
    who = ["--full-name", "Ada Lovelace", "--orcid", "0000-0002-1825-0097"]
    recorded = cwltool_run(cwltool, folder, *who, "wf.cwl", "job.yml")
    subprocess.run([runcrate, "convert", recorded, "-o", folder / "theirs"], check=True)
    package_run(
        read_run(str(recorded), Report()), folder / "ours", PackageOptions(intermediate=True)
    )
    return folder / "theirs", folder / "ours"


def entities(crate: Path) -> Entities:
    plain = json.loads((crate / "ro-crate-metadata.json").read_text())
    return {entity["@id"]: entity for entity in plain["@graph"]}


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def is_a(entity: dict[str, Any], kind: str) -> bool:
    return kind in many(entity["@type"])


def facts(crate: Path) -> dict[str, set[Any]]:
    """What a crate tells, in words that do not depend on the ids that it gives."""
    known = entities(crate)
    found: dict[str, set[Any]] = {
        name: set()
        for name in ("people", "engine", "files", "values", "used", "made", "times", "parameters",
                     "connections", "steps", "languages", "created", "tools")
    }  # fmt: skip

    def sha1(entity: dict[str, Any]) -> str:
        stated = entity.get("sha1")
        if stated is None:
            stated = hashlib.sha1((crate / entity["@id"]).read_bytes()).hexdigest()
        return str(stated)

    def flat(references: Any) -> list[Any]:
        shown = []
        for reference in many(references):
            entity = known[reference["@id"]]
            if is_a(entity, "File"):
                shown.append(sha1(entity))
            elif isinstance(entity["value"], (list, dict)):
                shown += flat(entity["value"])
            else:
                shown.append((entity["name"], str(entity["value"])))
        return shown

    def parameter(reference: dict[str, str]) -> tuple[str, bool]:
        entity = known[reference["@id"]]
        return entity["name"], bool(entity.get("multipleValues"))

    for entity in known.values():
        if is_a(entity, "Person"):
            found["people"].add((entity["@id"], entity["name"]))
        elif is_a(entity, "OrganizeAction"):
            engine = known[entity["instrument"]["@id"]]
            shown = f"{engine['name']} {engine.get('softwareVersion', '')}".strip()
            found["engine"].add(shown)
        elif is_a(entity, "CreateAction"):
            when = (entity["startTime"][17:23], entity["endTime"][17:23])
            found["times"].add(when)
            found["used"].update((when, each) for each in flat(entity.get("object")))
            found["made"].update((when, each) for each in flat(entity.get("result")))
        elif is_a(entity, "File") and "ComputationalWorkflow" not in entity["@type"]:
            name = entity.get("alternateName") or entity.get("name")
            if entity.get("sha1") or (crate / entity["@id"]).is_file():
                found["files"].add((name, str(entity.get("contentSize")), sha1(entity)))
                if "dateCreated" in entity:
                    found["created"].add((sha1(entity), entity["dateCreated"][17:23]))
        elif is_a(entity, "FormalParameter"):
            kinds = tuple(many(entity["additionalType"]))
            found["parameters"].add((entity["name"], kinds, bool(entity.get("multipleValues"))))
        elif is_a(entity, "ParameterConnection"):
            pair = (parameter(entity["sourceParameter"]), parameter(entity["targetParameter"]))
            found["connections"].add(pair)
        elif is_a(entity, "HowToStep"):
            inner = known[entity["workExample"]["@id"]]
            found["steps"].add(str(entity["position"]) and len(many(inner.get("input"))))
        elif is_a(entity, "ComputerLanguage"):
            found["languages"].add((entity["name"], entity.get("version")))
        if is_a(entity, "SoftwareApplication") and "description" in entity:
            found["tools"].add(entity["description"])
    return found


def test_ours_holds_every_fact_of_theirs(crates: tuple[Path, Path]) -> None:
    theirs, ours = (facts(crate) for crate in crates)
    for kind, told in theirs.items():
        if kind == "files":  # the job object is ours, too, in a form that runs from the crate
            told = {each for each in told if each[0] != "input object document"}
        assert told <= ours[kind], (kind, told - ours[kind])
    assert theirs["times"], theirs


def test_ours_holds_more(crates: tuple[Path, Path]) -> None:
    theirs, ours = (entities(crate) for crate in crates)

    def stated(known: Entities, name: str) -> int:
        actions = (each for each in known.values() if is_a(each, "CreateAction"))
        return sum(name in each for each in actions)

    for name in ("agent", "actionStatus", "resourceUsage"):
        assert stated(theirs, name) < stated(ours, name), name
    assert "Command: grep -c a" in json.dumps(ours)
    assert "Command: grep" not in json.dumps(theirs)
