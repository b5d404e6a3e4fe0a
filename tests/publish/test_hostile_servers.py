"""Whatever a server answers, there is a message of our own and never a crash."""

import contextlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwf.publish.state import State, place_of
from fairwf.report import EnvironmentFault, FairwfError, Report
from tests.publish.conftest import Deposit
from tests.publish.servers.contract import Asked, ContractServer, RefusedError, Told
from tests.publish.servers.invenio import Invenio
from tests.publish.servers.workflowhub import WorkflowHub

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["id", "entries", "hits", "pids", "doi", "identifier", "links", "metadata", "errors",
             "data", "attributes", "policy", "access", "relationships", "workflows", "key",
             "status", "checksum", "transfer", "type", "message", "self_html", "is_published"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


class Broken(ContractServer):
    """Answers as a real server until a request, and then something that may be anything."""

    def __init__(self, real: ContractServer, at: int, answers: list[Any], status: int) -> None:
        super().__init__()
        self._real, self._at, self._answers, self._status = real, at, answers, status
        self.scheme = real.scheme
        self._seen = 0

    def unauthorised(self) -> Told:
        return Told(401)

    def answer(self, asked: Asked) -> Told:
        self._real._server = self._server
        self._seen += 1
        with contextlib.suppress(RefusedError, AssertionError):
            told = self._real.answer(asked)
            if self._seen <= self._at:
                return told
        body = self._answers[self._seen % len(self._answers)]
        return Told(self._status, body)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    at=st.integers(0, 15),
    answers=st.lists(JSON, min_size=1, max_size=4),
    status=st.sampled_from([200, 200, 200, 201, 400, 404, 409, 418]),
    hub=st.booleans(),
)
def test_any_answer_is_survived(
    crate: Path, tokens: None, deposit: Deposit, at: int, answers: Any, status: int, hub: bool
) -> None:
    real: ContractServer = WorkflowHub() if hub else Invenio()
    options = {"to": "workflowhub", "project": "42"} if hub else {}
    with Broken(real, at, answers, status) as server, contextlib.suppress(FairwfError):
        deposit(crate, server.url, seconds=3, make_public=True, report=Report(), **options)


def test_an_answer_without_end_is_not_read_to_its_end(
    crate: Path, invenio: Invenio, deposit: Deposit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairwf.publish.http import client

    monkeypatch.setattr(client, "MOST_ANSWER", 100)
    with pytest.raises(EnvironmentFault, match="too large"):
        deposit(crate, invenio.url)
        deposit(crate, invenio.url)


@pytest.mark.parametrize("record", ["../users/me", "a b", "x" * 200, "a?b", "..", ""])
def test_notes_that_were_tampered_with_lead_to_no_other_address(
    crate: Path, invenio: Invenio, deposit: Deposit, record: str
) -> None:
    import msgspec

    place = place_of(crate)
    place.mkdir()
    name = f"zenodo-{quote(invenio.url, safe='')}.json"
    (place / name).write_bytes(msgspec.json.encode(State(server=invenio.url, record=record)))
    report = Report()
    deposit(crate, invenio.url, report=report)
    assert "FWF5207" not in [found.code for found in report], "the notes are read"
    assert not [line for line in invenio.log if record and record in line]
    assert len(invenio.all) == 1


def test_a_link_in_the_place_of_the_notes_is_not_followed(
    crate: Path, invenio: Invenio, deposit: Deposit, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    place_of(crate).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentFault):
        deposit(crate, invenio.url)
    assert not list((tmp_path / "elsewhere").iterdir())
    assert invenio.count == 0
