"""Tasks in real containers: what they see, what they may change, and that nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.containers.conftest import HEAD, IMAGE, Execute, shell

pytestmark = [
    pytest.mark.root,
    pytest.mark.xdist_group("podman"),
    pytest.mark.usefixtures("podman"),
]


def containers(folder: Path) -> list[str]:
    """Containers, running or not, that something below a folder is mounted in."""
    done = subprocess.run(
        ["podman", "ps", "--all", "--format", "json"], capture_output=True, text=True, check=True
    )
    return [
        one["Names"][0]
        for one in json.loads(done.stdout or "[]")
        if any(str(folder) in place for place in one["Mounts"])
    ]


def test_the_programs_are_those_of_the_image(execute: Execute) -> None:
    done = execute(shell("command -v docker-entrypoint.sh; command -v podman || echo none"))
    assert done.text() == "/usr/bin/docker-entrypoint.sh\nnone\n"
    assert done.record.tasks[0].cpu_user_s is None  # the client's is no measure of the task


def test_an_entry_point_is_called(execute: Execute) -> None:
    tool = """\
arguments: ["-c", "echo run by $BASH"]
inputs: []
outputs: {out: {type: stdout}}
stdout: out.txt
requirements: {DockerRequirement: {dockerPull: "docker.io/bash:4.4"}}
"""
    assert "bash" in execute(tool).text()


def test_inputs_can_be_read_and_not_changed(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("kept\n")
    tool = shell(
        'cat "$0"; if echo spoilt > "$0"; then echo changed; fi',
        inputs="{data: {type: File, inputBinding: {}}}",
    )
    done = execute(tool, {"data": {"class": "File", "path": "data.txt"}})
    assert done.text() == "kept\n"
    assert (tmp_path / "data.txt").read_text() == "kept\n"


@pytest.mark.parametrize("name", ["a b", "a,b", 'a"b', "a:b", "ä;$(id)`id`'"])
def test_inputs_may_have_any_name(execute: Execute, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / name).write_text("read\n")
    tool = shell(
        'cat "$0"; cat "$1"',
        inputs="{f: {type: File, inputBinding: {position: 1}}, d: {type: Directory, "
        "inputBinding: {position: 2, valueFrom: $(self.path)/$(inputs.f.basename)}}}",
    )
    job = {
        "f": {"class": "File", "path": f"{name}/{name}"},
        "d": {"class": "Directory", "path": name},
    }
    assert execute(tool, job).text() == "read\nread\n"


def test_a_renamed_input_lies_beside_its_companions(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("main ")
    (tmp_path / "y").write_text("beside")
    job = {
        "reads": {
            "class": "File",
            "path": "x",
            "basename": "r.bam",
            "secondaryFiles": [{"class": "File", "path": "y", "basename": "r.bam.bai"}],
        }
    }
    tool = shell('cat "$0" "$0.bai"', inputs="{reads: {type: File, inputBinding: {}}}")
    assert execute(tool, job).text() == "main beside"


def test_what_is_updated_in_place_is_changed_where_it_lies(
    execute: Execute, tmp_path: Path
) -> None:
    (tmp_path / "count").write_text("1")
    more = """\
  InitialWorkDirRequirement: {listing: [{entry: $(inputs.count), writable: true}]}
  InplaceUpdateRequirement: {inplaceUpdate: true}
"""
    tool = shell("printf 2 > count; cat count", more, "{count: File}")
    assert execute(tool, {"count": {"class": "File", "path": "count"}}).text() == "2"
    assert (tmp_path / "count").read_text() == "2"


def test_variables_home_and_temporary_folder(execute: Execute) -> None:
    more = "  EnvVarRequirement: {envDef: {WORD: 'a,b c'}}\n"
    script = 'echo "$WORD"; here=$PWD; cd; [ "$PWD" = "$here" ] && echo at home; '
    script += 'touch "$TMPDIR/x" && echo "$FOREIGN" && ls -A'
    os.environ["FOREIGN"] = "not handed on"
    try:
        word, home, foreign, *names = execute(shell(script, more)).text().split("\n")
    finally:
        del os.environ["FOREIGN"]
    assert word == "a,b c"
    assert home == "at home"
    assert foreign == ""
    assert names == ["out.txt", ""]


@pytest.mark.parametrize("asked", [False, True])
def test_a_network_is_there_where_the_tool_asks_for_it(execute: Execute, asked: bool) -> None:
    more = f"  NetworkAccess: {{networkAccess: {str(asked).lower()}}}\n"
    text = execute(shell("tail -n +3 /proc/net/dev", more)).text()
    here = Path("/proc/net/dev").read_text().count(":")
    assert text.count(":") == (here if asked else 1)


def test_a_named_output_folder_and_absolute_names(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("staged\n")
    tool = f"""\
baseCommand: [sh, -c, 'cat /given/data.txt; echo more > /result/more.txt; touch /result/$0', made]
inputs: {{data: File}}
stdout: out.txt
outputs:
  out: {{type: stdout}}
  more: {{type: File, outputBinding: {{glob: $(runtime.outdir)/more.txt}}}}
requirements:
  DockerRequirement: {{dockerPull: {IMAGE}, dockerOutputDirectory: /result}}
  InitialWorkDirRequirement: {{listing: [{{entry: $(inputs.data), entryname: /given/data.txt}}]}}
"""
    done = execute(tool, {"data": {"class": "File", "path": "data.txt"}})
    assert done.text() == "staged\n"
    assert done.text("more.txt") == "more\n"


def test_absolute_names_need_a_container_that_the_tool_requires(
    execute: Execute, tmp_path: Path
) -> None:
    (tmp_path / "data.txt").write_text("staged\n")
    tool = f"""\
baseCommand: [cat, /given/data.txt]
inputs: {{data: File}}
stdout: out.txt
outputs: {{out: {{type: stdout}}}}
hints: {{DockerRequirement: {{dockerPull: {IMAGE}}}}}
requirements:
  InitialWorkDirRequirement: {{listing: [{{entry: $(inputs.data), entryname: /given/data.txt}}]}}
"""
    done = execute(tool, {"data": {"class": "File", "path": "data.txt"}})
    assert done.status == "failed"
    assert "FWF4014" in done.codes


def test_the_exit_code_is_the_programs(execute: Execute) -> None:
    done = execute(shell("echo why >&2; exit 7"))
    assert done.status == "failed"
    assert done.record.tasks[0].exit_code == 7
    assert "why" in (done.report.errors[0].hint or "")


def test_an_image_that_is_not_here_is_not_fetched(execute: Execute) -> None:
    done = execute(shell("true", image="registry.invalid/none:1"))
    assert done.status == "failed"
    assert done.codes == ["FWF4020"]
    assert "podman pull registry.invalid/none:1" in (done.report.errors[0].hint or "")


def test_what_is_only_advised_runs_without_an_image_that_is_not_here(execute: Execute) -> None:
    tool = shell("echo here", image="registry.invalid/none:1")
    done = execute(tool.replace("requirements:", "hints:"), container="auto")
    assert done.text() == "here\n"
    assert done.codes == ["FWF4015"]
    (task,) = done.record.tasks
    assert (task.container, task.container_digest) == (None, None)


def test_what_is_required_does_not_run_without_it_unless_told_so(execute: Execute) -> None:
    tool = shell("echo here", image="registry.invalid/none:1")
    done = execute(tool, container="auto")
    assert done.codes == ["FWF4020"]
    assert "--container none" in (done.report.errors[0].hint or "")


def test_what_is_required_runs_without_it_when_told_so(execute: Execute) -> None:
    tool = shell("echo here", image="registry.invalid/none:1")
    assert execute(tool, container="none").text() == "here\n"


def test_the_image_that_really_ran_is_recorded_by_its_digest(execute: Execute) -> None:
    (task,) = execute(shell("true")).record.tasks
    shown = subprocess.run(
        ["podman", "image", "inspect", "--format", "{{.Digest}}", IMAGE],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (task.container, task.container_digest) == (IMAGE, shown.stdout.strip())


def test_an_image_is_built_from_the_tools_own_recipe(execute: Execute) -> None:
    tag = f"localhost/fairwf-built:{os.getpid()}"
    tool = f"""\
baseCommand: [cat, /made]
inputs: []
stdout: out.txt
outputs: {{out: {{type: stdout}}}}
requirements:
  DockerRequirement:
    dockerImageId: {tag}
    dockerFile: |
      FROM {IMAGE}
      COPY --from={IMAGE} /usr/bin/docker-entrypoint.sh /made
"""
    try:
        assert execute(tool).text().startswith("#!/bin/bash")
    finally:
        subprocess.run(["podman", "rmi", "-f", tag], capture_output=True, check=False)


def test_an_image_is_loaded_from_a_file(execute: Execute, tmp_path: Path) -> None:
    tag = f"localhost/fairwf-loaded:{os.getpid()}"
    subprocess.run(["podman", "tag", IMAGE, tag], check=True)
    subprocess.run(["podman", "save", "-q", "-o", tmp_path / "i.tar", tag], check=True)
    subprocess.run(["podman", "untag", tag, tag], check=True)
    tool = f"""\
baseCommand: [echo, loaded]
inputs: []
stdout: out.txt
outputs: {{out: {{type: stdout}}}}
requirements: {{DockerRequirement: {{dockerImageId: "{tag}", dockerLoad: i.tar}}}}
"""
    try:
        assert execute(tool).text() == "loaded\n"
    finally:
        subprocess.run(["podman", "untag", tag, tag], capture_output=True, check=False)


def test_a_time_limit_ends_the_container(execute: Execute, tmp_path: Path) -> None:
    done = execute(shell("trap '' TERM; sleep 60", "  ToolTimeLimit: {timelimit: 2}\n"))
    assert done.status == "failed"
    assert "FWF4007" in done.codes
    assert containers(tmp_path) == []


def test_the_container_ends_when_the_engine_is_killed(tmp_path: Path) -> None:
    (tmp_path / "tool.cwl").write_text(HEAD + shell("touch started; trap '' TERM; sleep 60"))
    words = ["run", "tool.cwl", "--run-dir", "run", "--quiet", "--container", "podman"]
    with subprocess.Popen([sys.executable, "-m", "fairwf", *words], cwd=tmp_path) as process:
        wait_for(lambda: any((tmp_path / "run").rglob("started")))
        assert len(containers(tmp_path)) == 1
        process.send_signal(signal.SIGKILL)
    wait_for(lambda: containers(tmp_path) == [])


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen within a minute")
