"""Registering crates in WorkflowHub."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fairwf.publish.state import place_of
from fairwf.report import InvalidError, Report, UsageFault
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
    check_registered(hub, "no_access")
    assert deposit(crate, hub.url, make_public=True, **HUB).status == "published"
    check_registered(hub, "download")
    check_nothing_is_left(crate)


def test_a_team_that_shows_everything_shows_no_draft(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    hub.default_access = "view"
    deposit(crate, hub.url, **HUB)
    check_registered(hub, "no_access")


def test_what_was_published_is_not_hidden_by_a_call_without_publish(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    deposit(crate, hub.url, make_public=True, **HUB)
    assert deposit(crate, hub.url, **HUB).status == "unchanged"
    check_registered(hub, "download")


def test_a_changed_crate_becomes_a_new_version(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    deposit(crate, hub.url, **HUB)
    edit(crate, name="Trends, revised")
    done = deposit(crate, hub.url, **HUB)
    assert (done.record, done.version) == ("1", "2")
    check_registered(hub, "no_access", versions=2)


def test_with_source_and_version_the_hub_keeps_it_single_even_without_the_notes(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, **HUB)
    shutil.rmtree(place_of(crate))
    deposit(crate, hub.url, **HUB)
    check_registered(hub, "no_access")
    assert len(hub.requests("POST /workflows/submit")) == 2
    edit(crate, version="1.1")
    assert deposit(crate, hub.url, **HUB).version == "2"
    check_registered(hub, "no_access", versions=2)


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


def test_a_change_without_a_new_version_is_told_because_the_hub_keeps_the_old(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    deposit(crate, hub.url, **HUB)
    edit(crate, description="Changed.")
    report = Report()
    deposit(crate, hub.url, report=report, **HUB)
    assert any("raise the version" in (found.hint or "") for found in report)
    check_registered(hub, "no_access")


def test_a_workflow_that_was_deleted_on_the_hub_is_registered_anew(
    crate: Path, hub: WorkflowHub, deposit: Deposit
) -> None:
    deposit(crate, hub.url, **HUB)
    hub.workflows.clear()
    deposit(crate, hub.url, **HUB)
    check_registered(hub, "no_access")


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
