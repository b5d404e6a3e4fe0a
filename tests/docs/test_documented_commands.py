"""The commands and the Python in README.md and docs/ are run as they stand.

The rules, for who writes documentation:

- A block fenced as `console` holds commands, each after `$ `, and may show lines of their output;
  a line `...` stands for any number of lines.
- The `fairwf` commands of one page run in order in one folder that holds a copy of `examples/`.
- They must exit with 0, or with the code that a comment names above the block: `<!-- exit: 1 -->`.
- `fairwf publish` talks to a server of our own that follows the repository's API, whatever the page
  names.
- `make` commands must name a target of the Makefile; they are not run. `pip install` is not run.
- The blocks of a page fenced as `python` are one program, run in such a folder. A comment after
  `print(...)` is what it prints.
- Any other command fails the test: nobody would notice when it breaks.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.publish.servers.contract import TOKEN
from tests.publish.servers.invenio import Invenio
from tests.publish.servers.workflowhub import WorkflowHub

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

TOKENS = {f"FAIRWF_{name}_TOKEN": TOKEN for name in ("ZENODO", "WORKFLOWHUB")}

BLOCK = re.compile(
    r"(?:^<!-- exit: (?P<exit>\d+) -->\n)?^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Command:
    """One command of a page, with the line it stands on."""

    line: int
    words: list[str]
    exit_code: int
    output: list[str]


def commands_of(text: str) -> list[Command]:
    """All commands of a page in order."""
    found = []
    for block in BLOCK.finditer(text):
        first_line = text.count("\n", 0, block.start("body")) + 1
        lines = block["body"].splitlines()
        number = 0
        while number < len(lines):
            line, at = lines[number], first_line + number
            assert line.startswith("$ "), f"line {at}: a console block begins with a command"
            while line.endswith("\\"):
                number += 1
                line = line[:-1] + lines[number]
            number += 1
            shown = []
            while number < len(lines) and not lines[number].startswith("$ "):
                shown.append(lines[number])
                number += 1
            words = shlex.split(line[2:], comments=True)
            found.append(Command(at, words, int(block["exit"] or 0), shown))
    return found


def shows(output: str, expected: list[str]) -> bool:
    """Whether the expected lines are the output, where `...` stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "..." else re.escape(line.rstrip()) + r"[ \t]*\n"
        for line in expected
    )
    return re.fullmatch(pattern, output if output.endswith("\n") else output + "\n") is not None


def program_of(text: str) -> str:
    """The Python of a page in order."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


CLUSTERS = ROOT / "docs" / "clusters.md"  # tests/clusters runs its commands, on a cluster


def pages_with(program: str) -> list[Path]:
    return [
        page
        for page in PAGES
        if page != CLUSTERS
        and any(command.words[:1] == [program] for command in commands_of(page.read_text()))
    ]


@contextmanager
def repositories() -> Iterator[dict[str, str]]:
    """Servers that follow the APIs of those that pages publish to, by their addresses."""
    with Invenio() as zenodo, Invenio() as sandbox, WorkflowHub() as hub:
        yield {
            "https://zenodo.org": zenodo.url,
            "https://sandbox.zenodo.org": sandbox.url,
            "https://workflowhub.eu": hub.url,
        }


def redirected(words: list[str], servers: dict[str, str]) -> list[str]:
    """The words of `fairwf publish` with a server of our own in place of the one it names."""
    if words[:2] != ["fairwf", "publish"] or "--dry-run" in words or "folder" in words:
        return words
    usual = "https://workflowhub.eu" if "workflowhub" in words else "https://zenodo.org"
    if "--url" not in words:
        words = [*words, "--url", usual]
    at = words.index("--url") + 1
    return [*words[:at], servers[words[at]], *words[at + 1 :]]


def run(command: Command, folder: Path) -> str | None:
    """Run a fairwf command; what is wrong with its result, or None."""
    program = shutil.which("fairwf", path=str(Path(sys.executable).parent))
    assert program, "fairwf is not installed beside this Python: pip install -e ."
    result = subprocess.run(
        [program, *command.words[1:]],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", **TOKENS},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    said = f"\n{result.stdout}{result.stderr}"
    if result.returncode != command.exit_code:
        return f"exit {result.returncode}, expected {command.exit_code}{said}"
    if "Traceback (most recent call last)" in result.stderr:
        return f"traceback{said}"
    if command.output and not shows(result.stdout + result.stderr, command.output):
        return f"the output shown is not the output{said}"
    return None


@pytest.mark.parametrize(
    "page", pages_with("fairwf"), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_the_fairwf_commands_of_a_page_work(page: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    with repositories() as servers:
        for command in commands_of(page.read_text()):
            if command.words[0] == "fairwf":
                ours = replace(command, words=redirected(command.words, servers))
                fault = run(ours, tmp_path)
                assert fault is None, (
                    f"{page.name}:{command.line}: {shlex.join(command.words)}: {fault}"
                )


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if program_of(page.read_text())],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_the_python_of_a_page_works(page: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    program = program_of(page.read_text())
    shown = re.findall(r"^ *print\(.*\)  # (.*)$", program, re.MULTILINE)
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == shown


def test_no_page_takes_the_run_directory_of_another() -> None:
    """A reader follows several pages in one folder, and a run directory is used once."""
    taken: dict[str, str] = {}
    for page in PAGES:
        for command in commands_of(page.read_text()):
            if "--run-dir" in command.words:
                name = command.words[command.words.index("--run-dir") + 1]
                where = f"{page.name}:{command.line}"
                assert name not in taken, f"{where}: {name} is of {taken[name]}"
                taken[name] = where


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_other_commands_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for command in commands_of(page.read_text()):
        where = f"{page.name}:{command.line}"
        match command.words:
            case ["make", *rest]:
                named = {word for word in rest if "=" not in word}
                assert named <= targets, f"{where}: no target {named - targets}"
            case ["fairwf", *_] | ["pip", "install", *_]:
                continue
            case _:
                pytest.fail(f"{where}: no test knows the command {shlex.join(command.words)}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_command_hides_in_an_indented_block(page: Path) -> None:
    assert not re.search(r"^[ \t]+```console", page.read_text(), re.MULTILINE)


def test_a_block_is_read_with_its_exit_code_continuation_and_output() -> None:
    text = "\n".join(
        [
            "x",
            "<!-- exit: 1 -->",
            "```console",
            "$ fairwf a \\",
            "    'b c'",
            "out",
            "$ fairwf d",
            "```",
        ]
    )
    assert commands_of(text) == [
        Command(4, ["fairwf", "a", "b c"], 1, ["out"]),
        Command(7, ["fairwf", "d"], 1, []),
    ]


def test_shown_output_is_compared_line_by_line() -> None:
    assert shows("a\nb\nc\n", ["a", "...", "c"])
    assert shows("a\n", ["a", "..."])
    assert not shows("a\nb\n", ["a"])
    assert not shows("a\nb\n", ["...", "c"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
