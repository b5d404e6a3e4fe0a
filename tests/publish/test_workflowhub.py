"""Registering crates in WorkflowHub."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fairwf.publish.state import place_of
from fairwf.report import EnvironmentFault, InvalidError, Report, UsageFault
from tests.publish.conftest import Deposit
from tests.publish.laws import check_nothing_is_left, check_registered
from tests.publish.servers.workflowhub import WorkflowHub

HUB: dict[str, Any] = {"to": "workflowhub", "project": "42"}


def edit(crate: Path, **changes: Any) -> None:
    """Change the root of a crate by hand."""
    path = crate / "ro-crate-metadata.json"
    document = json.loads(path.read_text())
    next(e for e in document["@graph"] if e["@id"] == "./").update(changes)
    path.write_text(json.dumps(document))


def test_a_workflow_is_registered_and_hidden_until_it_is_published(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    done = deposit(crate, hub.url, **HUB)
    assert (done.status, done.record, done.version) == ("draft", "1", "1")
    check_registered(hub, crate, "no_access")
    assert deposit(crate, hub.url, make_public=True, **HUB).status == "published"
    check_registered(hub, crate, "download")
    check_nothing_is_left(crate)


def test_a_team_that_shows_everything_shows_no_draft(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    hub.default_access = "view"
    deposit(crate, hub.url, **HUB)
    check_registered(hub, crate, "no_access")


def test_what_was_published_is_not_hidden_by_a_call_without_publish(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    deposit(crate, hub.url, make_public=True, **HUB)
    assert deposit(crate, hub.url, **HUB).status == "unchanged"
    check_registered(hub, crate, "download")


def test_a_changed_crate_becomes_a_new_version(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    deposit(crate, hub.url, **HUB)
    edit(crate, name="Trends, revised")
    done = deposit(crate, hub.url, **HUB)
    assert (done.record, done.version) == ("1", "2")
    check_registered(hub, crate, "no_access", versions=2)


def test_with_source_and_version_the_hub_keeps_it_single_even_without_the_notes(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, **HUB)
    shutil.rmtree(place_of(crate))
    deposit(crate, hub.url, **HUB)
    check_registered(hub, crate, "no_access")
    assert len(hub.requests("POST /workflows/submit")) == 2
    edit(crate, version="1.1")
    assert deposit(crate, hub.url, **HUB).version == "2"
    check_registered(hub, crate, "no_access", versions=2)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ({"@id": "workflow/main.cwl"}, None),
        ({"@id": "https://example.org/trends"}, "https://example.org/trends"),
        (["https://example.org/a", "https://example.org/b"], "https://example.org/a"),
    ],
)
def test_what_the_hub_cannot_read_is_written_otherwise_in_the_copy_that_is_sent(
    crate: Path,
    hub: WorkflowHub,
    deposit: Deposit,
    tmp_path: Path,
    value: Any,
    sent: str | None,
    packed: bool,
) -> None:
    """RO-Crate allows references, SEEK takes texts only."""
    edit(crate, url=value)
    before = (crate / "ro-crate-metadata.json").read_bytes()
    subject = crate
    if packed:
        subject = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", crate))
    deposit(subject, hub.url, **HUB)
    assert hub.workflows[1].source == sent
    assert (crate / "ro-crate-metadata.json").read_bytes() == before


@pytest.mark.parametrize("public", [False, True])
def test_a_change_without_a_new_version_is_told_because_the_hub_keeps_the_old(
    crate: Path, hub: WorkflowHub, deposit: Deposit, public: bool
) -> None:
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, make_public=public, **HUB)
    old = crate.parent / "old"
    shutil.copytree(crate, old)
    edit(crate, description="Changed.")
    for _ in range(2):
        report = Report()
        done = deposit(crate, hub.url, report=report, make_public=public, **HUB)
        assert any("raise the version" in (found.hint or "") for found in report)
        assert done.status == ("unchanged" if public else "draft")
        check_registered(hub, old, "download" if public else "no_access")
    edit(crate, version="1.1")
    report = Report()
    deposit(crate, hub.url, report=report, make_public=public, **HUB)
    assert not any("raise the version" in (found.hint or "") for found in report)
    check_registered(hub, crate, "download" if public else "no_access", versions=2)


def test_another_source_is_another_workflow_and_no_version_that_the_hub_keeps(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    hub.default_access = "view"
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, **HUB)
    edit(crate, isBasedOn="https://example.org/moved")
    report = Report()
    assert deposit(crate, hub.url, report=report, **HUB).record == "2"
    assert not any("raise the version" in (found.hint or "") for found in report)
    assert [each.access for each in hub.workflows.values()] == ["no_access", "no_access"]


@pytest.mark.parametrize("source", [None, "https://example.org/trends"])
def test_a_new_version_of_what_is_public_is_not_shown_without_publish(
    crate: Path, hub: WorkflowHub, deposit: Deposit, source: str | None
) -> None:
    if source is not None:
        edit(crate, version="1.0", isBasedOn=source)
    deposit(crate, hub.url, make_public=True, **HUB)
    edit(crate, version="1.1")
    with pytest.raises(InvalidError, match="everybody would see") as refusal:
        deposit(crate, hub.url, **HUB)
    assert refusal.value.report.errors[0].code == "FWF5209"
    assert "--publish" in (refusal.value.report.errors[0].hint or "")
    assert len(hub.workflows[1].versions) == 1
    deposit(crate, hub.url, make_public=True, **HUB)
    check_registered(hub, crate, "download", versions=2)


@pytest.mark.parametrize("public", [False, True])
def test_without_the_notes_a_crate_that_the_hub_keeps_as_it_is_is_told(
    crate: Path, hub: WorkflowHub, deposit: Deposit, public: bool
) -> None:
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, make_public=public, **HUB)
    shutil.rmtree(place_of(crate))
    edit(crate, description="Changed.")
    report = Report()
    deposit(crate, hub.url, report=report, make_public=public, **HUB)
    assert any("raise the version" in (found.hint or "") for found in report)


def test_without_the_notes_what_is_public_gets_no_version_that_nobody_asked_for(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, make_public=True, **HUB)
    shutil.rmtree(place_of(crate))
    edit(crate, version="1.1")
    with pytest.raises(InvalidError, match="everybody would see"):
        deposit(crate, hub.url, **HUB)
    assert len(hub.workflows[1].versions) == 1


def test_without_the_notes_what_is_public_under_another_title_is_told_and_stays_so(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, make_public=True, **HUB)
    shutil.rmtree(place_of(crate))
    edit(crate, version="1.1", name="Trends, renamed")
    report = Report()
    deposit(crate, hub.url, report=report, **HUB)
    assert any("was there already and is public" in found.message for found in report)
    check_registered(hub, crate, "download", versions=2)


def test_notes_of_a_workflow_that_is_gone_say_nothing_of_another_of_its_title(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, **HUB)
    hub.workflows[2] = hub.workflows.pop(1)
    hub.workflows[2].id, hub.workflows[2].source = 2, "https://example.org/other"
    hub.workflows[2].versions = [("0.1", b"of somebody else")]
    deposit(crate, hub.url, **HUB)
    assert len(hub.requests("POST /workflows/submit")) == 2


def test_a_hub_that_does_not_say_who_sees_a_workflow_is_told_that_nobody_does(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    hub.default_access, hub.shows_policy = "download", False
    deposit(crate, hub.url, **HUB)
    check_registered(hub, crate, "no_access")
    edit(crate, name="Trends, revised")
    with pytest.raises(InvalidError, match="the hub does not say"):
        deposit(crate, hub.url, **HUB)
    assert len(hub.workflows[1].versions) == 1


def test_a_workflow_that_could_not_be_hidden_is_hidden_by_the_next_call(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    hub.default_access = "view"
    hub.rule = lambda method, path: "500 and not done" if method == "PATCH" else None
    with pytest.raises(EnvironmentFault):
        deposit(crate, hub.url, seconds=0, **HUB)
    hub.rule = lambda method, path: None
    deposit(crate, hub.url, **HUB)
    check_registered(hub, crate, "no_access")


def test_a_workflow_that_was_deleted_on_the_hub_is_registered_anew(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    deposit(crate, hub.url, **HUB)
    hub.workflows.clear()
    deposit(crate, hub.url, **HUB)
    check_registered(hub, crate, "no_access")


def test_the_hub_says_what_is_wrong(crate: Path, hub: WorkflowHub, deposit: Deposit) -> None:
    with pytest.raises(InvalidError, match="Projects must be a project you are a member of"):
        deposit(crate, hub.url, to="workflowhub", project="7")
    assert not hub.workflows


@pytest.mark.parametrize("project", [None, "../1", "Team"])
def test_a_project_is_named_by_its_number(
    crate: Path, hub: WorkflowHub, deposit: Deposit, project: str | None
) -> None:
    with pytest.raises(UsageFault, match="--project"):
        deposit(crate, hub.url, to="workflowhub", project=project)


def test_a_crate_without_a_workflow_is_refused_before_anything_is_sent(
    tmp_path: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    crate = tmp_path / "data"
    crate.mkdir()
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "Data",
            "description": "Numbers",
            "datePublished": "2026",
            "license": "CC0-1.0",
        },
    ]
    context = "https://w3id.org/ro/crate/1.1/context"
    text = json.dumps({"@context": context, "@graph": graph})
    (crate / "ro-crate-metadata.json").write_text(text)
    with pytest.raises(InvalidError, match="no main workflow"):
        deposit(crate, hub.url, **HUB)
    assert hub.count == 0


def test_a_dry_run_sends_nothing(crate: Path, hub: WorkflowHub, deposit: Deposit) -> None:
    done = deposit(crate, hub.url, dry_run=True, **HUB)
    assert done.status == "planned"
    assert done.requests
    assert hub.count == 0
