"""What people put into their pipelines: the hook, the GitHub Action and the GitLab template.

The commands in them run here as the services run them, but for those that install.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples" / "quickstart"
BROKEN = "cwlVersion: v1.2\nclass: CommandLineTool\nbaseComand: echo\ninputs: {}\noutputs: {}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of somebody who uses fairwf."""
    folder = tmp_path / "checkout"
    shutil.copytree(QUICKSTART, folder)
    return folder


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def bash(script: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a script as the runners do: bash -e, with pipes that fail."""
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        **variables,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(folder.parent / "cache"),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder, env=environment, text=True, capture_output=True, check=False,
    )  # fmt: skip


class Action:
    """The composite action, run step by step."""

    def __init__(self, checkout: Path, **inputs: str) -> None:
        self.document = read("action.yml")
        self.folder = checkout
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        unknown = given.keys() - self.document["inputs"].keys()
        assert not unknown
        self.inputs = {k: given.get(k, v["default"]) for k, v in self.document["inputs"].items()}
        self.summary = checkout.parent / "summary.md"
        self.output = checkout.parent / "output.txt"
        self.ended: dict[str, subprocess.CompletedProcess[str]] = {}

    def run(self) -> "Action":
        for step in self.document["runs"]["steps"]:
            if step["name"] == "Install fairwf" or not self._wanted(step.get("if")):
                continue
            variables = {
                name: re.sub(
                    r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: self.inputs[found[1]], text
                )
                for name, text in step.get("env", {}).items()
            }
            ended = bash(
                step["run"], self.folder, GITHUB_STEP_SUMMARY=str(self.summary),
                GITHUB_OUTPUT=str(self.output), **variables,
            )  # fmt: skip
            self.ended[step["name"]] = ended
            if ended.returncode:
                break
        return self

    def _wanted(self, condition: str | None) -> bool:
        if condition is None:
            return True
        parts = [part.split(" != ") for part in condition.split(" && ")]
        return all(self.inputs[name.removeprefix("inputs.")] != "" for name, _ in parts)


def test_the_action_validates_scores_converts_and_draws(checkout: Path) -> None:
    action = Action(checkout, source="main.cwl", convert_to="ir", lossless="true").run()
    said = {name: (ended.returncode, ended.stderr) for name, ended in action.ended.items()}
    assert [code for code, _ in said.values()] == [0, 0, 0, 0], said
    report = checkout / "fairwf-report"
    log = json.loads((report / "fairwf.sarif").read_text())
    assert log["version"] == "2.1.0"
    assert (report / "badge.svg").read_text().startswith("<svg")
    assert "<svg" in (report / "workflow.svg").read_text()
    assert (report / "conversion.html").is_file()
    summary = action.summary.read_text()
    assert "```mermaid\n" in summary
    assert "FAIRness" in summary
    outputs = dict(line.split("=", 1) for line in action.output.read_text().splitlines())
    assert outputs == {
        "sarif": "fairwf-report/fairwf.sarif",
        "badge": "fairwf-report/badge.svg",
    }


def test_the_action_compares_with_the_base_of_a_pull_request(checkout: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "base"]):
        named = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        ended = bash(shlex.join(["git", *named, *words]), checkout)
        assert ended.returncode == 0, ended.stderr
    main = checkout / "main.cwl"
    main.write_text(main.read_text().replace("label:", "label: New,", 1))
    action = Action(checkout, source="main.cwl", since="HEAD").run()
    assert action.ended["Compare"].returncode == 0
    comment = (checkout / "fairwf-report" / "diff.md").read_text()
    assert comment.startswith("### `HEAD:main.cwl` → `main.cwl`: 1 difference in meaning")
    assert comment in action.summary.read_text()
    assert "<figure>" in (checkout / "fairwf-report" / "diff.html").read_text()
    assert "comparison=fairwf-report/diff.md" in action.output.read_text()


def test_a_workflow_that_is_new_is_compared_with_nothing(checkout: Path) -> None:
    action = Action(checkout, source="main.cwl", since="HEAD").run()
    assert action.ended["Compare"].returncode == 0
    assert "cannot be compared" in action.summary.read_text()


def test_the_action_fails_and_annotates_where_a_document_is_invalid(checkout: Path) -> None:
    (checkout / "broken.cwl").write_text(BROKEN)
    action = Action(checkout).run()
    assert list(action.ended) == ["Validate"]
    ended = action.ended["Validate"]
    assert ended.returncode == 1
    assert "::error file=broken.cwl,line=3," in ended.stdout
    log = json.loads((checkout / "fairwf-report" / "fairwf.sarif").read_text())
    assert any(result["level"] == "error" for result in log["runs"][0]["results"])


def test_the_action_fails_under_the_minimum_level(tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    shutil.copyfile(ROOT / "examples" / "wdl" / "words.wdl", folder / "words.wdl")
    action = Action(folder, min_level="M3").run()
    assert action.ended["Score"].returncode == 1


def test_inputs_of_the_action_are_never_part_of_a_script() -> None:
    for step in read("action.yml")["runs"]["steps"]:
        assert "${{" not in step["run"]


def test_what_the_action_installs_exists() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    texts = [(ROOT / "action.yml").read_text(), (ROOT / "docs/ci/fairwf.gitlab-ci.yml").read_text()]
    for text in texts:
        for group in re.findall(r"(?:PATH\}|fairwf)\[([\w,]+)\]", text):
            assert set(group.split(",")) <= extras.keys()


@pytest.mark.parametrize("hook", read(".pre-commit-hooks.yaml"), ids=lambda hook: hook["id"])
def test_a_hook_finds_what_a_commit_breaks(checkout: Path, hook: dict[str, Any]) -> None:
    (checkout / "broken.cwl").write_text(BROKEN)
    names = [p.relative_to(checkout).as_posix() for p in checkout.rglob("*") if p.is_file()]
    changed = [name for name in names if re.search(hook.get("files", ""), name)]
    assert "broken.cwl" in changed
    given = changed if hook.get("pass_filenames", True) else []
    ended = bash(f"{hook['entry']} {shlex.join(given)}", checkout)
    assert ended.returncode == 1
    assert "broken.cwl:3:1: error[FWF1102]" in ended.stderr
    (checkout / "broken.cwl").unlink()
    ended = bash(f"{hook['entry']} {shlex.join(n for n in given if n != 'broken.cwl')}", checkout)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_gitlab_jobs_run(checkout: Path) -> None:
    template = read("docs/ci/fairwf.gitlab-ci.yml")
    common = template[".fairwf"]["variables"]
    for name, job in template.items():
        if name.startswith("."):
            continue
        variables = {"FAIRWF_PATH": common["FAIRWF_PATH"]}
        ended = bash("\n".join(job["script"]), checkout, **variables)
        assert ended.returncode == 0, (name, ended.stderr)
    assert "<testsuite" in (checkout / "fairwf-junit.xml").read_text()
    assert (checkout / "fairwf-badge.svg").read_text().startswith("<svg")
    (checkout / "broken.cwl").write_text(BROKEN)
    script = "\n".join(template["fairwf-validate"]["script"])
    assert bash(script, checkout, FAIRWF_PATH=".").returncode == 1
