"""`fairwf publish` as a user calls it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import Fairwf
from tests.publish.conftest import crate as crate
from tests.publish.conftest import made_crate as made_crate
from tests.publish.conftest import tokens as tokens
from tests.publish.laws import check_deposit, check_registered
from tests.publish.servers.invenio import Invenio
from tests.publish.servers.workflowhub import WorkflowHub


@pytest.fixture
def zenodo(tokens: None) -> Iterator[Invenio]:
    with Invenio() as server:
        yield server


def test_a_draft_then_publication_then_nothing(
    fairwf: Fairwf, crate: Path, zenodo: Invenio
) -> None:
    words = ("publish", crate, "--to", "zenodo", "--url", zenodo.url)
    drafted = fairwf(*words)
    assert drafted.code == 0, drafted.err
    assert drafted.out.startswith("a draft; look at it, then call it with --publish\n")
    assert "10.5072/rec01-abcd" in drafted.out
    assert f"{zenodo.url}/uploads/rec01-abcd" in drafted.out
    assert "sending crate.zip" in drafted.err
    assert fairwf(*words, "--publish").out.startswith("published\n")
    assert fairwf(*words, "--publish").out.startswith("published already")
    check_deposit(zenodo, crate, public=True)


def test_json_conforms_to_its_schema(
    fairwf: Fairwf, crate: Path, zenodo: Invenio, repository: Path, tmp_path: Path
) -> None:
    schema = json.loads((repository / "schemas/output-publish.schema.json").read_text())
    words = ("publish", crate, "--format", "json", "--to")
    server = ("zenodo", "--url", zenodo.url)
    for more, status in (
        ((*server, "--dry-run"), "planned"),
        (server, "draft"),
        ((*server, "--publish"), "published"),
        ((*server, "--publish"), "unchanged"),
        (("folder", "-o", tmp_path / "site", "--publish"), "published"),
    ):
        said = fairwf(*words, *more)
        assert said.code == 0, said.err
        jsonschema.validate(said.json, schema)
        assert said.json["status"] == status


def test_quiet_says_nothing_but_errors(fairwf: Fairwf, crate: Path, zenodo: Invenio) -> None:
    said = fairwf("publish", crate, "--to", "zenodo", "--url", zenodo.url, "--quiet")
    assert (said.code, said.err) == (0, "")


def test_a_dry_run_needs_no_token_and_shows_metadata_files_and_requests(
    fairwf: Fairwf, crate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRWF_ZENODO_TOKEN", raising=False)
    said = fairwf("publish", crate, "--to", "zenodo", "--dry-run", "--publish")
    assert said.code == 0
    assert '"title": "Trends"' in said.out
    assert "crate.zip" in said.out
    assert "POST https://zenodo.org/api/records/ID/draft/actions/publish" in said.out


def test_a_fault_of_the_server_is_exit_3_and_the_next_call_continues(
    fairwf: Fairwf, crate: Path, zenodo: Invenio
) -> None:
    zenodo.fail(6, "reset in mid-upload")
    words = ("publish", crate, "--to", "zenodo", "--url", zenodo.url, "--publish")
    ended = fairwf(*words, "--wait", 0)
    assert ended.code == 3
    assert "error[FWF5203]" in ended.err
    assert "the draft rec01-abcd is kept" in ended.err
    assert fairwf(*words).code == 0
    check_deposit(zenodo, crate, public=True)


def test_an_expired_token_is_exit_3_and_says_where_it_is_from(
    fairwf: Fairwf, crate: Path, zenodo: Invenio
) -> None:
    zenodo.token = "another"
    said = fairwf("publish", crate, "--to", "zenodo", "--url", zenodo.url)
    assert said.code == 3
    assert "error[FWF5204]" in said.err
    assert "FAIRWF_ZENODO_TOKEN" in said.err


def test_a_crate_that_lacks_something_is_exit_1(
    fairwf: Fairwf, crate: Path, zenodo: Invenio
) -> None:
    path = crate / "ro-crate-metadata.json"
    path.write_text(
        path.read_text().replace('"datePublished": "2026-11-27"', '"datePublished": ""')
    )
    said = fairwf("publish", crate, "--to", "zenodo", "--url", zenodo.url)
    assert said.code == 1
    assert "datePublished" in said.err
    assert zenodo.count == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--to", "figshare"),
        (),
        ("--to", "invenio"),
        ("--to", "workflowhub"),
        ("--to", "zenodo", "--url", "http://zenodo.org"),
        ("--to", "zenodo", "-o", "site"),
        ("--to", "folder", "--project", "1"),
        ("--to", "zenodo", "--wait", "-1"),
    ],
)
def test_wrong_usage_is_exit_2(
    fairwf: Fairwf, crate: Path, tokens: None, words: tuple[str, ...]
) -> None:
    said = fairwf("publish", crate, *words)
    assert said.code == 2, said.err
    assert "error[FWF9001]" in said.err


@pytest.mark.parametrize("to", ["zenodo", "folder", "workflowhub"])
@pytest.mark.parametrize("what", ["nothing", "empty", "file.txt"])
def test_what_is_no_crate_is_exit_1(
    fairwf: Fairwf, tmp_path: Path, tokens: None, to: str, what: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("text")
    said = fairwf("publish", tmp_path / what, "--to", to, "--project", "1")
    assert said.code in (1, 2), said.err
    assert "error[FWF" in said.err


def test_of_a_run_directory_it_is_told_how_to_package_it(fairwf: Fairwf, tmp_path: Path) -> None:
    for name in ("run.json", "workflow.ir.json"):
        (tmp_path / name).write_text("{}")
    said = fairwf("publish", tmp_path, "--to", "folder")
    assert said.code == 1
    assert f"fairwf package {tmp_path} -o CRATE" in said.err


def test_a_workflow_goes_to_the_hub(
    fairwf: Fairwf, crate: Path, tokens: None, tmp_path: Path
) -> None:
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", crate)
    with WorkflowHub() as hub:
        words = ("publish", packed, "--to", "workflowhub", "--url", hub.url, "--project", 42)
        said = fairwf(*words, "--publish")
        assert said.code == 0, said.err
        assert f"{hub.url}/workflows/1?version=1" in said.out
        check_registered(hub, crate, "download")


def test_a_folder_that_may_not_be_written_is_exit_3(
    fairwf: Fairwf, crate: Path, tokens: None
) -> None:
    said = fairwf("publish", crate, "--to", "folder", "-o", "/proc/site")
    assert said.code == 3
    assert "error[FWF9002]" in said.err


def test_the_site_has_a_place_of_its_own_where_none_is_named(
    fairwf: Fairwf, crate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fairwf("publish", "crate", "--to", "folder", "--publish").code == 0
    assert (tmp_path / "crate-site/v1/index.html").is_file()
