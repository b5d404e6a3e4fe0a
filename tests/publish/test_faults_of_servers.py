"""After any fault at any request there is exactly one record, and all its files are right.

Each fault is tried at each request of a publication, twice: the call goes on by itself, or it has
no patience, fails, and another call continues. The gate takes a part of the product.
"""

from pathlib import Path
from typing import Any

import pytest

from fairwf.report import EnvironmentFault, Report
from tests.publish.conftest import Deposit
from tests.publish.laws import check_deposit, check_registered
from tests.publish.servers.contract import FAULTS
from tests.publish.servers.invenio import Invenio
from tests.publish.servers.workflowhub import WorkflowHub

REQUESTS = 15
"""A publication of three files: the last request makes it public."""

HUB_REQUESTS = 3


def points(requests: int, stride: int) -> list[Any]:
    """Every fault at every request; those that the gate leaves out are marked as long."""
    found = []
    for kind, fault in enumerate(FAULTS):
        for number in range(requests):
            kept = (number + 3 * kind) % stride == 0
            marks = () if kept else pytest.mark.long
            found.append(pytest.param(number, fault, marks=marks, id=f"{fault} at {number}"))
    return found


@pytest.mark.parametrize(("number", "fault"), points(REQUESTS, 8))
def test_a_fault_is_overcome_by_the_same_call(
    crate: Path, invenio: Invenio, deposit: Deposit, number: int, fault: str
) -> None:
    invenio.fail(number, fault)
    assert deposit(crate, invenio.url, make_public=True).record == "rec01-abcd"
    check_deposit(invenio, crate, public=True)


@pytest.mark.parametrize(("number", "fault"), points(REQUESTS, 8))
def test_a_fault_that_ends_a_call_is_overcome_by_the_next(
    crate: Path, invenio: Invenio, deposit: Deposit, number: int, fault: str
) -> None:
    invenio.fail(number, fault)
    with pytest.raises(EnvironmentFault) as ended:
        deposit(crate, invenio.url, make_public=True, seconds=0)
    assert ended.value.exit_code == 3
    assert ended.value.report.errors[0].code == "FWF5203"
    deposit(crate, invenio.url, make_public=True)
    check_deposit(invenio, crate, public=True)


def test_there_are_as_many_requests_as_faults_are_tried_at(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url, make_public=True)
    assert invenio.count == REQUESTS


@pytest.mark.parametrize("number", range(REQUESTS))
def test_a_token_that_expires_on_the_way_leaves_a_draft_to_continue(
    crate: Path, invenio: Invenio, deposit: Deposit, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expire(seen: int) -> None:
        if seen == number:
            invenio.token = "another"

    invenio.before = expire
    with pytest.raises(EnvironmentFault) as ended:
        deposit(crate, invenio.url, make_public=True)
    assert ended.value.report.errors[0].code == "FWF5204"
    monkeypatch.setenv("FAIRWF_ZENODO_TOKEN", "another")
    deposit(crate, invenio.url, make_public=True)
    check_deposit(invenio, crate, public=True)


@pytest.mark.parametrize("fault", ["500 and not done", "429 with Retry-After", "half an answer"])
def test_a_server_that_always_fails_is_given_up_and_nothing_is_made_twice(
    crate: Path, invenio: Invenio, deposit: Deposit, fault: str
) -> None:
    invenio.always = fault
    for _ in range(2):
        with pytest.raises(EnvironmentFault, match=r"asks for fewer|it failed|reset|broken"):
            deposit(crate, invenio.url, make_public=True, seconds=20)
    invenio.always = None
    deposit(crate, invenio.url, make_public=True)
    check_deposit(invenio, crate, public=True)


@pytest.mark.parametrize("fault", ["reset in mid-upload", "500 and not done"])
@pytest.mark.parametrize(
    "what", ["/crate.zip/content", "/crate.zip/commit", "/actions/publish", "/pids/doi"]
)
def test_a_server_that_answers_questions_but_never_acts_is_given_up(
    crate: Path, invenio: Invenio, deposit: Deposit, what: str, fault: str
) -> None:
    invenio.rule = lambda method, path: fault if f"{method} {path}".endswith(what) else None
    with pytest.raises(EnvironmentFault) as ended:
        deposit(crate, invenio.url, make_public=True, seconds=20)
    assert ended.value.report.errors[0].code == "FWF5203"
    assert invenio.count < 60
    invenio.rule = lambda method, path: None
    deposit(crate, invenio.url, make_public=True)
    check_deposit(invenio, crate, public=True)


def test_a_server_that_is_not_there_is_told(crate: Path, tokens: None, deposit: Deposit) -> None:
    with pytest.raises(EnvironmentFault, match="refused") as ended:
        deposit(crate, "http://127.0.0.1:9", seconds=3)
    assert "nothing was created" in ended.value.report.errors[0].message


def test_a_wait_that_is_longer_than_the_patience_is_not_begun(
    crate: Path, invenio: Invenio, deposit: Deposit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairwf.publish.http import client

    monkeypatch.setattr(client, "retry_after", lambda value: 3600.0 if value else None)
    invenio.fail(0, "429 with Retry-After")
    with pytest.raises(EnvironmentFault) as ended:
        deposit(crate, invenio.url)
    assert "in 3600 s" in (ended.value.report.errors[0].hint or "")
    assert invenio.count == 1


@pytest.mark.parametrize("kind", ["with a version", "without"])
@pytest.mark.parametrize(("number", "fault"), points(HUB_REQUESTS, 2))
@pytest.mark.parametrize("seconds", [0, 60])
def test_a_workflow_is_registered_once_whatever_fails(
    crate: Path,
    hub: WorkflowHub,
    deposit: Deposit,
    number: int,
    fault: str,
    kind: str,
    seconds: float,
) -> None:
    from tests.publish.test_workflowhub import edit

    if kind == "with a version":
        edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    hub.fail(number, fault)
    options: dict[str, Any] = {"to": "workflowhub", "project": "42", "make_public": True}
    if seconds == 0:
        try:
            deposit(crate, hub.url, seconds=0, **options)
        except EnvironmentFault as ended:
            assert ended.report.errors[0].code == "FWF5203"
    deposit(crate, hub.url, **options)
    check_registered(hub, crate, "download")


@pytest.mark.parametrize(("number", "fault"), points(3, 2))
@pytest.mark.parametrize("changed", [False, True])
def test_a_new_version_of_a_workflow_is_registered_once_whatever_fails(
    crate: Path, hub: WorkflowHub, deposit: Deposit, number: int, fault: str, changed: bool
) -> None:
    """Also where the crate has changed once more before the call that continues."""
    from tests.publish.test_workflowhub import edit

    options: dict[str, Any] = {"to": "workflowhub", "project": "42", "make_public": True}
    deposit(crate, hub.url, **options)
    edit(crate, description="It does more now.")
    hub.fail(number, fault)
    try:
        deposit(crate, hub.url, seconds=0, **options)
    except EnvironmentFault as ended:
        assert ended.report.errors[0].code == "FWF5203"
    there = len(hub.workflows[1].versions)
    if changed:
        edit(crate, name="Trends and more", description="And still more.")
    deposit(crate, hub.url, **options)
    check_registered(hub, crate, "download", versions=there + 1 if changed else 2)


@pytest.mark.parametrize("kind", ["with a version", "without"])
@pytest.mark.parametrize("when", ["reset when it is done", "reset before it is done"])
def test_a_crate_that_has_changed_since_an_answer_was_lost_is_not_taken_for_what_was_sent(
    crate: Path, hub: WorkflowHub, deposit: Deposit, when: str, kind: str
) -> None:
    from tests.publish.test_workflowhub import edit

    if kind == "with a version":
        edit(crate, version="1.0", isBasedOn="https://example.org/trends")
    options: dict[str, Any] = {"to": "workflowhub", "project": "42", "make_public": True}
    hub.rule = lambda method, path: when if method == "POST" else None
    with pytest.raises(EnvironmentFault):
        deposit(crate, hub.url, seconds=0, **options)
    hub.rule = lambda method, path: None
    edit(crate, name="Trends, renamed")
    done = when == "reset when it is done"
    if done and kind == "with a version":
        for told in (False, True):
            report = Report()
            deposit(crate, hub.url, report=report, **options)
            assert any("raise the version" in (found.hint or "") for found in report) == told
        edit(crate, version="1.1")
    deposit(crate, hub.url, **options)
    check_registered(hub, crate, "download", versions=2 if done else 1)
