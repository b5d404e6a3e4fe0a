"""`diff` beside Git, and its pages: side by side, and as a comment of a pull request."""

import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf

ROOT = Path(__file__).resolve().parents[3]
TOOL = (
    "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: {program}\n"
    "inputs: {{text: {{type: string, default: '{default}', inputBinding: {{}}}}}}\n"
    "outputs: {{said: stdout}}\n"
)
WORKFLOW = (
    "cwlVersion: v1.2\nclass: Workflow\ninputs: {text: string}\n"
    "outputs: {said: {type: File, outputSource: say/said}}\n"
    "steps: {say: {run: tool.cwl, in: {text: text}, out: [said]}}\n"
)


def git(folder: Path, *words: str) -> str:
    program = shutil.which("git")
    assert program
    named = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    done = subprocess.run(
        [program, *named, *words],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A workflow whose tool has changed since the last revision."""
    folder = tmp_path / "repository"
    (folder / "flows").mkdir(parents=True)
    (folder / "flows/main.cwl").write_text(WORKFLOW)
    (folder / "flows/tool.cwl").write_text(TOOL.format(program="echo", default="a"))
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    (folder / "flows/tool.cwl").write_text(TOOL.format(program="printf", default="a"))
    return folder


def test_a_document_is_compared_with_what_it_and_its_tools_were(
    fairwf: Fairwf, repository: Path
) -> None:
    said = fairwf("diff", repository / "flows/main.cwl", "--since", "HEAD")
    assert said.code == 1
    assert said.out.startswith("~ /steps/say/run/arguments/0")
    assert '"echo" -> "printf"' in said.out
    git(repository, "checkout", "-q", "flows/tool.cwl")
    assert fairwf("diff", repository / "flows/main.cwl", "--since", "HEAD").code == 0


@pytest.mark.parametrize(
    ("name", "revision", "says"),
    [
        ("flows/main.cwl", "no-such", "git:"),
        ("flows/main.cwl", "--output=stolen", "git:"),
        ("flows/new.cwl", "HEAD", "is not in the revision"),
    ],
)
def test_a_revision_that_is_not_there_is_told(
    fairwf: Fairwf, repository: Path, name: str, revision: str, says: str
) -> None:
    (repository / "flows/new.cwl").write_text(WORKFLOW)
    said = fairwf("diff", repository / name, f"--since={revision}")
    assert said.code == 1
    assert "error[FWF1001]" in said.err
    assert says in said.err
    assert not list(repository.rglob("stolen"))


@pytest.mark.parametrize("name", ["flows", "flows/main.cwl", "flows/main.cwl#main", "."])
def test_a_folder_and_a_part_are_compared_too(
    fairwf: Fairwf, repository: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(repository)
    if name == ".":
        monkeypatch.chdir("flows")
    if "#" in name:
        (repository / "flows/main.cwl").write_text(f"id: main\n{WORKFLOW}")
        git(repository, "commit", "-qm", "an id", "flows/main.cwl")
    said = fairwf("diff", name, "--since", "HEAD")
    assert '"echo" -> "printf"' in said.out, said.err


def test_a_document_that_is_a_link_out_of_its_repository_has_no_revision(
    fairwf: Fairwf, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.cwl").write_text(WORKFLOW)
    (repository / "out.cwl").symlink_to(tmp_path / "other.cwl")
    said = fairwf("diff", repository / "out.cwl", "--since", "HEAD")
    assert (said.code, "error[FWF1008]" in said.err) == (1, True)


def test_a_link_out_of_a_revision_is_told(fairwf: Fairwf, repository: Path) -> None:
    (repository / "out").symlink_to("../elsewhere")
    (repository / "in").symlink_to("flows")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "links")
    said = fairwf("diff", repository / "flows/main.cwl", "--since", "HEAD")
    assert said.err.count("FWF1017") == 1
    assert "out: warning[FWF1017]" in said.err


def test_nothing_that_a_repository_names_is_run(
    fairwf: Fairwf, repository: Path, tmp_path: Path
) -> None:
    (repository / ".gitattributes").write_text("*.cwl filter=bad\n")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "-qm", "a filter")
    for key in ("filter.bad.smudge", "filter.bad.process", "core.fsmonitor", "tar.tar.command"):
        git(repository, "config", key, f"touch {tmp_path}/ran; cat")
    said = fairwf("diff", repository / "flows/main.cwl", "--since", "HEAD")
    assert '"echo" -> "printf"' in said.out, said.err
    assert not (tmp_path / "ran").exists()


def test_a_bare_repository_that_came_with_a_clone_is_none(fairwf: Fairwf, repository: Path) -> None:
    git(repository, "init", "-q", "--bare", "hidden")
    (repository / "hidden/main.cwl").write_text(TOOL.format(program="echo", default="a"))
    said = fairwf("diff", repository / "hidden/main.cwl", "--since", "HEAD")
    assert (said.code, "error[FWF1001]" in said.err) == (1, True)


def test_a_revision_that_holds_too_much_is_refused(
    fairwf: Fairwf, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairwf.cli.comparison.revision.MAX_BYTES", 1000)
    said = fairwf("diff", repository / "flows/main.cwl", "--since", "HEAD")
    assert (said.code, "error[FWF1009]" in said.err) == (1, True)


def test_outside_of_a_repository_there_is_no_revision(fairwf: Fairwf, tmp_path: Path) -> None:
    (tmp_path / "a.cwl").write_text(TOOL.format(program="echo", default="a"))
    said = fairwf("diff", tmp_path / "a.cwl", "--since", "HEAD")
    assert said.code == 1
    assert "not a git repository" in said.err


def test_two_documents_or_one_and_a_revision(fairwf: Fairwf, workflow: Path) -> None:
    assert fairwf("diff", workflow).code == 2
    assert fairwf("diff", workflow, workflow, "--since", "HEAD").code == 2


def test_git_difftool_shows_the_difference_in_meaning(repository: Path) -> None:
    """As docs/validation.md sets it up."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    program = shutil.which("git")
    assert program
    for words in (
        ["config", "diff.tool", "fairwf"],
        ["config", "difftool.fairwf.cmd", 'fairwf diff "$LOCAL" "$REMOTE"'],
    ):
        git(repository, *words)
    done = subprocess.run(
        [program, "difftool", "-y"],
        cwd=repository, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull},
    )  # fmt: skip
    assert '~ /arguments/0/value/value: "echo" -> "printf"' in done.stdout, done.stderr


class Page(HTMLParser):
    """Counts the elements of a page, and holds that each that begins ends."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.count: dict[str, int] = {}
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs), attrs


def test_the_page_stands_side_by_side_and_loads_nothing(fairwf: Fairwf, repository: Path) -> None:
    said = fairwf("diff", repository / "flows/main.cwl", "--since", "HEAD", "--format", "html")
    assert said.code == 1
    page = Page(said.out)
    assert page.count["svg"] == page.count["figure"] == 2
    assert "script" not in page.count
    assert "1 difference in meaning" in said.out
    assert "http://" not in said.out.replace("http://www.w3.org/2000/svg", "")
    assert '<td class="gone"><code>&quot;echo&quot;</code></td>' in said.out
    assert '<td class="new"><code>&quot;printf&quot;</code></td>' in said.out


HOSTILE = "<script>alert(1)</script>|`x` ``` <img src=x>"


def test_names_and_values_are_text_in_the_page_and_in_the_comment(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    for name, default in (("a", "plain"), ("b", HOSTILE)):
        (tmp_path / f"{name}.cwl").write_text(TOOL.format(program="echo", default=default))
    page = fairwf("diff", tmp_path / "a.cwl", tmp_path / "b.cwl", "--format", "html").out
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    comment = fairwf("diff", tmp_path / "a.cwl", tmp_path / "b.cwl", "--format", "markdown").out
    (row,) = [line for line in comment.splitlines() if "plain" in line]
    assert row.count(" | ") == 2  # three cells, whatever the value holds
    assert '```` "<script>alert(1)</script>\\|`x` ``` <img src=x>" ````' in row


def test_the_comment_says_first_what_counts(fairwf: Fairwf, repository: Path) -> None:
    main = repository / "flows/main.cwl"
    said = fairwf("diff", main, "--since", "HEAD", "--format", "markdown")
    first, *rest = said.out.splitlines()
    assert first == f"### `HEAD:{main}` → `{main}`: 1 difference in meaning"
    assert "<details><summary>Every place</summary>" in rest
    git(repository, "checkout", "-q", ".")
    said = fairwf("diff", main, "--since", "HEAD", "--format", "markdown")
    assert (said.code, said.out.strip().endswith("the same meaning")) == (0, True)
