"""Large files that are sent to InvenioRDM in parts, and files that arrive damaged."""

from pathlib import Path
from typing import Any

import pytest

from fairwf.publish.invenio.deposit import Repository
from fairwf.publish.invenio.files import Sizes
from fairwf.publish.subject import Subject
from fairwf.publish.target import Order
from fairwf.report import EnvironmentFault, InvalidError, Report
from tests.publish.conftest import Deposit
from tests.publish.laws import check_deposit
from tests.publish.servers.invenio import Invenio, Stored


def in_parts(crate: Path, server: Invenio, seconds: float = 60, **options: Any) -> None:
    from fairwf.publish import Patience

    repository = Repository(
        name="zenodo",
        variable="FAIRWF_ZENODO_TOKEN",
        publisher="Zenodo",
        sizes=Sizes(multipart=10_000, part=4_000),
    )
    patience = Patience(seconds, sleep=lambda seconds: None)
    order = Order(url=server.url, patience=patience, **options)
    repository.publish(Subject(crate, Report()), order, Report())


def test_a_large_file_is_sent_in_parts(crate: Path, invenio: Invenio) -> None:
    invenio.multipart = True
    in_parts(crate, invenio, make_public=True)
    assert max(invenio.received) <= 10_000
    assert invenio.received.count(4_000) > 5
    check_deposit(invenio, crate, public=True)


def test_a_server_that_takes_no_parts_gets_it_whole(crate: Path, invenio: Invenio) -> None:
    in_parts(crate, invenio, make_public=True)
    assert max(invenio.received) > 10_000
    check_deposit(invenio, crate, public=True)


def test_parts_that_the_server_has_are_not_sent_again(crate: Path, invenio: Invenio) -> None:
    invenio.multipart = True
    invenio.fail(12, "reset in mid-upload")
    with pytest.raises(EnvironmentFault):
        in_parts(crate, invenio, seconds=0)
    first = len(invenio.received)
    assert first >= 3
    assert invenio.all[0].files["crate.zip"].transfer["type"] == "M", "still in parts"
    in_parts(crate, invenio, make_public=True)
    parts = {line for line in invenio.log if "/crate.zip/content/" in line}
    sent = [line for line in invenio.log if "/crate.zip/content/" in line]
    assert len(sent) == len(parts), "no part twice (the one that was reset never arrived)"
    check_deposit(invenio, crate, public=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts[0].update(part=0),
        lambda parts: parts[0].update(part=-5),
        lambda parts: parts[0].update(part=10**30),
        lambda parts: parts[0].update(part=True, url=None),
        lambda parts: parts.pop(),
        lambda parts: parts.clear(),
    ],
)
def test_parts_that_are_not_those_that_were_asked_for_are_not_sent(
    crate: Path, invenio: Invenio, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    invenio.multipart = True
    real = Invenio._entry

    def changed(self: Invenio, id: str, stored: Stored) -> dict[str, Any]:
        entry = real(self, id, stored)
        if "parts" in entry["links"]:
            change(entry["links"]["parts"])
        return entry

    monkeypatch.setattr(Invenio, "_entry", changed)
    with pytest.raises(EnvironmentFault, match="does not say where the parts"):
        in_parts(crate, invenio)
    assert invenio.received == []


def test_more_parts_than_the_file_has_are_left_alone(
    crate: Path, invenio: Invenio, monkeypatch: pytest.MonkeyPatch
) -> None:
    invenio.multipart = True
    real = Invenio._entry

    def changed(self: Invenio, id: str, stored: Stored) -> dict[str, Any]:
        entry = real(self, id, stored)
        if "parts" in entry["links"]:
            entry["links"]["parts"].append({"part": 10**9, "url": f"{self.url}/x"})
        return entry

    monkeypatch.setattr(Invenio, "_entry", changed)
    in_parts(crate, invenio, make_public=True)
    check_deposit(invenio, crate, public=True)


@pytest.mark.parametrize("wrong", ["refused", "not allowed", "no address", "redirected"])
def test_a_signed_address_of_a_part_is_not_shown(
    crate: Path, invenio: Invenio, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invenio.multipart = True
    signed = {
        "not allowed": "http://bucket.example/1?X-Amz-Signature=s3cret",
        "no address": "http://[?X-Amz-Signature=s3cret",
    }.get(wrong, f"{invenio.url}/bucket/1?X-Amz-Signature=s3cret")
    real = Invenio._entry

    def changed(self: Invenio, id: str, stored: Stored) -> dict[str, Any]:
        entry = real(self, id, stored)
        for part in entry["links"].get("parts", ()):
            part["url"] = signed
        return entry

    monkeypatch.setattr(Invenio, "_entry", changed)
    if wrong == "redirected":
        invenio.rule = lambda method, path: f"status 302 {signed}" if "/bucket" in path else None
    with pytest.raises((EnvironmentFault, InvalidError)) as refusal:
        in_parts(crate, invenio)
    told = str(refusal.value.report.diagnostics)
    assert "s3cret" not in told
    assert "bucket" in told or wrong == "no address"


def test_a_checksum_that_is_computed_later_is_waited_for(crate: Path, invenio: Invenio) -> None:
    invenio.multipart, invenio.late_checksums = True, 2
    in_parts(crate, invenio, make_public=True)
    check_deposit(invenio, crate, public=True)


def test_a_file_that_arrives_damaged_is_sent_again(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    invenio.corrupts = 2
    deposit(crate, invenio.url, make_public=True)
    check_deposit(invenio, crate, public=True)


def test_a_file_that_always_arrives_damaged_is_an_error_and_nothing_is_published(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    invenio.corrupts = 1000
    with pytest.raises(EnvironmentFault, match="another checksum"):
        deposit(crate, invenio.url, make_public=True)
    assert not invenio.requests("publish")
    invenio.corrupts = 0
    deposit(crate, invenio.url, make_public=True)
    check_deposit(invenio, crate, public=True)
