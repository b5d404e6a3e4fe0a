"""Rules that hold for every command."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from fairwf.cli import diagnostics, failures
from fairwf.cli.program import GROUPS, VERBS, program
from fairwf.report import EnvironmentFault, UnsupportedError
from tests.cli.conftest import Fairwf


def test_help_lists_every_verb_by_group(fairwf: Fairwf) -> None:
    said = fairwf("--help")
    assert said.code == 0
    assert all(f"{title}:" in said.out for title in GROUPS)
    assert all(f"  {name} " in said.out for name in VERBS)
    assert said.err == ""


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help_with_an_example(fairwf: Fairwf, verb: str) -> None:
    said = fairwf(verb, "--help")
    assert said.code == 0
    assert f"Usage: fairwf {verb}" in said.out
    assert f"  fairwf {verb}" in said.out.split("Examples:")[1]


def test_help_promises_nothing_that_is_not_built(fairwf: Fairwf) -> None:
    text = "".join(fairwf(*words, "--help").out for words in ([], *([verb] for verb in VERBS)))
    for absent in ("flux", "airflow"):
        assert absent not in text


def test_version(fairwf: Fairwf) -> None:
    from fairwf.version import VERSION

    assert fairwf("--version").out == f"fairwf {VERSION}\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["explan"], "did you mean 'explain'?"),
        (["validate"], "PATH"),
        (["convert", "x"], "--to"),
        (["convert", "x", "--to", "cwll"], "did you mean 'cwl'?"),
        (["formats", "--fromat", "json"], "--format"),
        (["validate", "x", "--select", "tpyes"], "known: syntax"),
        (["explain", "FWF0000"], "no code"),
        (["run", "--reads", "x", "main.cwl"], "before its inputs"),
        (["run", "main.cwl", "--memory", "lots"], "8GiB"),
        (["graph", "main.cwl", "-o", "x.gif"], ".svg, .png, .html"),
        (["--show-completion", "tcsh"], "bash, zsh, fish"),
    ],
)
def test_wrong_usage_is_exit_2_with_a_hint(fairwf: Fairwf, words: list[str], expected: str) -> None:
    said = fairwf(*words)
    assert said.code == 2
    assert expected in said.err
    assert said.out == ""


def test_an_unknown_format_lists_the_known_ones(fairwf: Fairwf) -> None:
    from fairwf.formats import converters

    said = fairwf("convert", "x", "--to", "no-such-format")
    assert said.code == 2
    known = [name for name, found in converters().items() if found.documents]
    assert f"known: {', '.join(known)}" in said.err


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def formats() -> None:
        raise error

    monkeypatch.setattr("fairwf.cli.formats.formats", formats)


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (RuntimeError("odd\x1b[2J"), 3, "error[FWF9003]: RuntimeError: odd\\x1b[2J"),
        (OSError(errno.ENOSPC, "No space left on device", "out"), 3, "out: error[FWF9002]: No sp"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), 3, "that you may use"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (UnsupportedError.of("FWF1105", "needs MPI"), 33, "error[FWF1105]: needs MPI"),
        (EnvironmentFault.of("FWF9002", "no scheduler"), 3, "no scheduler"),
    ],
)
def test_what_goes_wrong_has_its_exit_code(
    fairwf: Fairwf, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, text: str
) -> None:
    monkeypatch.delenv("FAIRWF_DEBUG", raising=False)
    raising(monkeypatch, error)
    said = fairwf("formats")
    assert said.code == code
    assert text in said.err


def test_a_bug_shows_its_traceback_on_request(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIRWF_DEBUG", "1")
    raising(monkeypatch, RuntimeError("odd"))
    assert failures.run_guarded(["formats"]) == 3
    assert "Traceback (most recent call last)" in capfd.readouterr().err


def test_a_reader_that_goes_away_is_no_mishap() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        result = subprocess.run(
            [sys.executable, "-m", "fairwf", "explain", "--format", "json"],
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
    assert result.stderr == b""
    assert result.returncode == 3


def test_a_full_disk_is_exit_3(workflow: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("wb") as stdout:
        result = subprocess.run(
            [sys.executable, "-m", "fairwf", "formats"], stdout=stdout, stderr=subprocess.PIPE
        )
    assert result.returncode == 3
    assert result.stderr.count(b"stdout: error[FWF9002]: No space left on device") == 1
    assert b"Traceback" not in result.stderr


def in_shell(command: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which ``fairwf`` is ours."""
    line = f'fairwf() {{ "{sys.executable}" -m fairwf "$@"; }}; {command}'
    return subprocess.run(["bash", "-c", line], capture_output=True, env={**os.environ, **env})


def test_a_result_that_cannot_go_to_a_closed_stdout_is_exit_3(workflow: Path) -> None:
    told = in_shell("fairwf formats >&-")
    assert (told.returncode, told.stdout) == (3, b"")
    assert told.stderr.startswith(b"stdout: error[FWF9002]: Bad file descriptor")
    assert in_shell(f"fairwf validate '{workflow}' >&-").returncode == 0  # prints no result


def test_a_closed_stderr_or_stdin_changes_no_result(workflow: Path) -> None:
    told = in_shell("fairwf explain FWF2001 2>&-")
    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout.startswith(b"FWF2001")
    assert in_shell(f"fairwf validate '{workflow}' 2>&- <&-").returncode == 0
    assert b"the file is empty" in in_shell("fairwf validate - <&-").stderr


def test_a_result_in_a_file_is_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    document = tmp_path / "uni.ir.yml"
    document.write_text(
        'fairwf_ir: "1"\nworkflow: {kind: operation, label: 配列, inputs: '
        "[{id: a, type: {kind: string}, doc: 試料}]}\n"
    )
    told = in_shell(f"fairwf inputs '{document}'", PYTHONIOENCODING="latin-1")
    assert (told.returncode, told.stderr) == (0, b"")
    assert "試料" in told.stdout.decode()


def test_without_a_verb_the_help_is_all_that_is_said(fairwf: Fairwf) -> None:
    said = fairwf()
    assert said.code == 2
    assert said.err.strip() == fairwf("--help").out.strip()


@pytest.mark.parametrize("verb", ["validate", "inputs", "graph", "score"])
def test_a_source_may_come_from_stdin(fairwf: Fairwf, workflow: Path, verb: str) -> None:
    said = fairwf(verb, "-", stdin=workflow.read_bytes())
    assert said.code == 0, said.err


def test_a_workflow_from_stdin_is_packaged(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    said = fairwf("package", "-", "-o", tmp_path / "crate", stdin=workflow.read_bytes())
    assert said.code == 0, said.err


def test_a_dumb_terminal_gets_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert diagnostics.coloured()
    monkeypatch.setenv("TERM", "dumb")
    assert not diagnostics.coloured()


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from fairwf.cli.failures import run_guarded; run_guarded(['--help']);"
        "heavy = {'msgspec', 'yaml', 'rich', 'rdflib', 'pyoxigraph', 'fairwf.formats'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stderr == "[]\n"


def test_a_run_loads_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "tool.cwl").write_text(
        "{cwlVersion: v1.2, class: CommandLineTool, inputs: {}, baseCommand: [echo, x],"
        " outputs: {o: stdout}}"
    )
    script = (
        "import sys; from fairwf.cli.failures import run_guarded;"
        "code = run_guarded(['run', '--quiet', 'tool.cwl', '--outdir', 'out', '--run-dir', 'r']);"
        "assert code == 0;"
        "later = {'fairwf.engine.sandbox.sandbox', 'fairwf.archive', 'fairwf.trace.instance',"
        " 'fairwf_cwl.translate', 'difflib', 'sqlite3', 'tempfile', 'rich'};"
        "from fairwf import formats, document, conversion; from fairwf_cwl import types, context;"
        "plain = [name for module in (formats, document, conversion, types, context)"
        " for name, one in vars(module).items() if hasattr(one, '__dataclass_fields__')];"
        "print(sorted(later & set(sys.modules)), plain, file=sys.stderr)"
    )
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert result.stderr == "[] []\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_shown_and_installed(
    fairwf: Fairwf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    shown = fairwf("--show-completion", shell)
    assert "_FAIRWF_COMPLETE" in shown.out
    installed = fairwf("--install-completion", shell)
    target = Path(installed.out.strip())
    assert target.is_relative_to(tmp_path)
    assert target.read_text().strip() == shown.out.strip()


def test_completion_knows_verbs_formats_codes_and_inputs(workflow: Path) -> None:
    env = {**os.environ, "_FAIRWF_COMPLETE": "bash_complete"}

    def complete(words: str, at: int) -> list[str]:
        call = [sys.executable, "-c", "from fairwf.cli import main; main()"]
        more = {"COMP_WORDS": words, "COMP_CWORD": str(at)}
        result = subprocess.run(call, env=env | more, capture_output=True, text=True)
        return [line.split(",")[1] for line in result.stdout.splitlines()]

    assert complete("fairwf va", 1) == ["validate"]
    assert "ir" in complete("fairwf convert --to i", 3)
    assert complete("fairwf explain fwf200", 2)[:2] == ["FWF2001", "FWF2002"]
    assert complete("fairwf explain 6", 2) == ["FWF6001", "FWF6002"]
    assert complete(f"fairwf run {workflow} --n", 3) == ["--no-wait", "--names", "--note"]
    assert complete("fairwf run no-such-file --n", 3) == ["--no-wait"]


def test_formats_as_json_has_the_feature_matrix(fairwf: Fairwf) -> None:
    from fairwf.features import Feature
    from fairwf.formats import converters

    said = fairwf("formats", "--format", "json").json
    assert [each["name"] for each in said["formats"]] == list(converters())
    ir = next(each for each in said["formats"] if each["name"] == "ir")
    assert set(ir["features"]) == {feature.value for feature in Feature} == set(said["features"])


def test_explain_tells_one_code_or_lists_all(fairwf: Fairwf) -> None:
    from fairwf.codes import CODES

    one = fairwf("explain", "fwf2001")
    assert one.out.startswith("FWF2001: unknown name (error)\n")
    everything = fairwf("explain", "--format", "json").json
    assert [entry["code"] for entry in everything["codes"]] == list(CODES)


def test_backends_says_what_works_and_why_not(
    fairwf: Fairwf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    broken = tmp_path / "podman"
    broken.write_text("#!/bin/sh\necho 'no runtime' >&2; exit 125\n")
    works = tmp_path / "apptainer"
    works.write_text("#!/bin/sh\necho apptainer version 1.3.0\n")
    for path in (broken, works):
        path.chmod(0o755)
    entries = {e["name"]: e for e in fairwf("backends", "--format", "json").json["backends"]}
    assert entries["local"]["works"]
    assert entries["podman"] | {"path": ""} == {
        "name": "podman", "kind": "container", "works": False, "path": "", "reason": "no runtime",
    }  # fmt: skip
    assert entries["apptainer"]["version"] == "1.3.0"
    assert entries["docker"]["reason"] == "docker is not on PATH"


def test_the_program_is_a_click_group() -> None:
    assert isinstance(program, click.Group)
    assert json.dumps(sorted(program.list_commands(click.Context(program)))) == json.dumps(
        sorted(VERBS)
    )
