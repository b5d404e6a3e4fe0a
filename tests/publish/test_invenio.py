"""Depositing in InvenioRDM and Zenodo: one draft, its DOI in the crate, its files, new versions."""

import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import check_crate, open_crate
from fairwf.publish.invenio import zenodo
from fairwf.publish.invenio.deposit import Repository
from fairwf.publish.invenio.files import Sizes
from fairwf.publish.state import place_of
from fairwf.publish.subject import Subject
from fairwf.publish.target import Order
from fairwf.report import EnvironmentFault, InvalidError, Report, UsageFault
from tests.publish.conftest import Deposit
from tests.publish.laws import check_deposit
from tests.publish.servers.invenio import Invenio, Stored


def root_of(crate: Path) -> Any:
    with open_crate(crate) as opened:
        return opened.root


def edit(crate: Path, **changes: Any) -> None:
    """Change the root of a crate by hand."""
    path = crate / "ro-crate-metadata.json"
    document = json.loads(path.read_text())
    root = next(entity for entity in document["@graph"] if entity["@id"] == "./")
    for key, value in changes.items():
        root[key] = value
        if value is None:
            del root[key]
    path.write_text(json.dumps(document, indent=2))


# --- a first deposit --------------------------------------------------------------------------


def test_a_crate_becomes_a_draft_that_is_not_public(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    done = deposit(crate, invenio.url)
    assert (done.status, done.record, done.doi) == ("draft", "rec01-abcd", "10.5072/rec01-abcd")
    assert done.url == f"{invenio.url}/uploads/rec01-abcd"
    assert not invenio.requests("publish")
    check_deposit(invenio, crate, public=False)


def test_only_with_publish_it_becomes_public(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    assert deposit(crate, invenio.url, make_public=True).status == "published"
    check_deposit(invenio, crate, public=True)


def test_a_draft_is_published_by_a_second_call_that_sends_no_file_again(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    sent = len(invenio.received)
    done = deposit(crate, invenio.url, make_public=True)
    assert done.status == "published"
    assert len(invenio.received) == sent
    assert not any(file.sent for file in done.files)
    check_deposit(invenio, crate, public=True)


def test_the_metadata_is_that_of_the_crate(crate: Path, invenio: Invenio, deposit: Deposit) -> None:
    deposit(crate, invenio.url)
    metadata = invenio.all[0].data["metadata"]
    assert metadata["title"] == "Trends"
    assert metadata["resource_type"] == {"id": "workflow"}
    assert metadata["publication_date"] == "2026-11-27"
    assert metadata["rights"] == [{"id": "cc-by-4.0"}]
    assert metadata["publisher"] == "Zenodo"
    assert metadata["description"].startswith("<p>")
    assert all(creator["person_or_org"]["family_name"] for creator in metadata["creators"])


def test_the_doi_stands_in_the_crate_before_it_is_sent(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    doi = "https://doi.org/10.5072/rec01-abcd"
    root = root_of(crate)
    assert root["cite-as"] == doi
    identifier = root["identifier"]
    assert doi == (identifier[0] if isinstance(identifier, list) else identifier)
    assert doi in (crate / "ro-crate-preview.html").read_text()
    report = Report()
    check_crate(crate, report)
    assert report.ok, report.diagnostics


def test_a_doi_of_another_place_is_told(crate: Path, invenio: Invenio, deposit: Deposit) -> None:
    edit(crate, identifier="https://doi.org/10.1000/182")
    for _ in range(2):
        report = Report()
        deposit(crate, invenio.url, report=report)
        told = [found.message for found in report if "DOI" in found.message]
        assert told == ["the record does not say that the crate has the DOI 10.1000/182, too"]


def test_every_licence_that_the_server_does_not_know_becomes_text(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    named = [{"@id": f"https://spdx.org/licenses/{each}"} for each in ("EUPL-1.2", "MIT", "Zlib")]
    edit(crate, license=named)
    deposit(crate, invenio.url)
    rights = invenio.all[0].data["metadata"]["rights"]
    assert [right.get("id") or right["title"]["en"] for right in rights] == [
        "EUPL-1.2",
        "mit",
        "Zlib",
    ]


def test_a_zip_file_gets_the_doi_and_is_sent_as_it_is(
    crate: Path, invenio: Invenio, deposit: Deposit, tmp_path: Path
) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", crate))
    deposit(packed, invenio.url, make_public=True)
    assert root_of(packed)["cite-as"] == "https://doi.org/10.5072/rec01-abcd"
    stored = invenio.all[0].files["packed.zip"]
    assert stored.content == packed.read_bytes()


@pytest.mark.parametrize("packed", [False, True])
def test_a_bag_stays_a_whole_bag(
    repository: Path, tmp_path: Path, invenio: Invenio, deposit: Deposit, packed: bool
) -> None:
    """Its manifests change with the metadata; bagit, which made it, says that it is valid."""
    bagit = pytest.importorskip("bagit")
    from fairwf import api
    from fairwf.crates import PackageOptions

    document = api.load(repository / "examples/quickstart/main.cwl")
    bag = tmp_path / "bag"
    api.package(document, bag, options=PackageOptions(bag=True, license="MIT"))
    subject = Path(shutil.make_archive(str(bag), "zip", bag)) if packed else bag
    deposit(subject, invenio.url, make_public=True)
    assert root_of(subject)["cite-as"] == "https://doi.org/10.5072/rec01-abcd"
    sent = invenio.all[0].files["bag.zip"].content or b""
    with zipfile.ZipFile(io.BytesIO(sent)) as archive:
        archive.extractall(tmp_path / "unpacked")
    for place in (tmp_path / "unpacked", *([] if packed else [bag])):
        bagit.Bag(str(place)).validate()
    assert deposit(subject, invenio.url, make_public=True).status == "unchanged"


def test_a_crate_of_ro_crate_1_0_is_deposited_and_found_again(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    """Its metadata file is called ro-crate-metadata.jsonld."""
    old = crate / "ro-crate-metadata.json"
    text = old.read_text().replace('"ro-crate-metadata.json"', '"ro-crate-metadata.jsonld"')
    old.unlink()
    (crate / "ro-crate-metadata.jsonld").write_text(text)
    before = Subject(crate, Report()).identity
    deposit(crate, invenio.url)
    assert "ro-crate-metadata.jsonld" in invenio.all[0].files
    after = Subject(crate, Report())
    assert after.dois == ["10.5072/rec01-abcd"]
    assert after.identity == before, "the DOI does not change what the crate is"


def test_a_server_without_dois_gets_the_crate_without_one(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    invenio.reserves = False
    before = (crate / "ro-crate-metadata.json").read_bytes()
    assert deposit(crate, invenio.url, to="invenio").doi is None
    assert (crate / "ro-crate-metadata.json").read_bytes() == before


def test_terms_that_the_server_does_not_know_become_text(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    edit(
        crate,
        license={"@id": "https://spdx.org/licenses/EUPL-1.2"},
        funder={"@id": "https://ror.org/00k4n6c32"},
    )
    path = crate / "ro-crate-metadata.json"
    document = json.loads(path.read_text())
    ror = "https://ror.org/00k4n6c32"
    document["@graph"].append({"@id": ror, "@type": "Organization", "name": "European Commission"})
    path.write_text(json.dumps(document))
    deposit(crate, invenio.url)
    metadata = invenio.all[0].data["metadata"]
    assert metadata["rights"] == [
        {"title": {"en": "EUPL-1.2"}, "link": "https://spdx.org/licenses/EUPL-1.2"}
    ]
    assert metadata["funding"] == [{"funder": {"id": "00k4n6c32"}}]
    assert "errors" not in invenio._shown(invenio.all[0])


# --- continuing -------------------------------------------------------------------------------


def test_without_the_notes_the_draft_is_found_by_the_urn_of_the_crate(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    shutil.rmtree(place_of(crate))
    edit(crate, identifier=None, **{"cite-as": None})  # as before the DOI
    again = deposit(crate, invenio.url)
    assert again.record == "rec01-abcd"
    check_deposit(invenio, crate, public=False)


def test_without_the_notes_it_is_found_by_the_doi_in_the_crate(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    shutil.rmtree(place_of(crate))
    edit(crate, name="Another name, and so another URN")
    assert deposit(crate, invenio.url).record == "rec01-abcd"
    check_deposit(invenio, crate, public=False)


def test_unreadable_notes_are_told_and_the_server_is_asked(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    notes = next(place_of(crate).glob("*.json"))
    notes.write_text("{")
    report = Report()
    deposit(crate, invenio.url, report=report)
    assert "FWF5207" in [found.code for found in report]
    check_deposit(invenio, crate, public=False)


def test_two_repositories_on_one_machine_have_notes_of_their_own(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    from fairwf.publish.state import opened

    deposit(crate, invenio.url)
    for server in (f"{invenio.url}/second", invenio.url.replace("http://", "https://"), "x" * 999):
        with opened(crate, "zenodo", server, Report()) as notes:
            assert notes.state.record is None
            notes.save(record="another")
    assert len(list(place_of(crate).glob("*.json"))) == 4
    assert deposit(crate, invenio.url).record == "rec01-abcd"


def test_notes_of_another_server_are_told_and_not_followed(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    notes = next(place_of(crate).glob("*.json"))
    notes.write_text(notes.read_text().replace(invenio.url, "https://zenodo.org"))
    report = Report()
    deposit(crate, invenio.url, report=report)
    assert any("https://zenodo.org" in found.message for found in report)
    check_deposit(invenio, crate, public=False)


def test_a_term_is_asked_for_once(crate: Path, invenio: Invenio, deposit: Deposit) -> None:
    ror = "https://ror.org/01ggx4157"
    people = [
        {"@id": f"#{n}", "@type": "Person", "name": f"Person {n}", "affiliation": {"@id": ror}}
        for n in ("a", "b", "c")
    ]
    document = json.loads((crate / "ro-crate-metadata.json").read_text())
    document["@graph"] += [*people, {"@id": ror, "@type": "Organization", "name": "CERN"}]
    (crate / "ro-crate-metadata.json").write_text(json.dumps(document))
    edit(crate, author=[{"@id": each["@id"]} for each in people])
    deposit(crate, invenio.url)
    assert len(invenio.requests("GET /api/affiliations")) == 1


def test_a_draft_that_the_search_does_not_show_yet_is_waited_for(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    invenio.index_delay = 3
    invenio.fail(2, "reset when it is done")
    deposit(crate, invenio.url)
    check_deposit(invenio, crate, public=False)


def test_a_draft_of_an_earlier_call_that_the_search_does_not_show_yet_is_waited_for(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    invenio.index_delay = 3
    invenio.fail(2, "reset when it is done")
    with pytest.raises(EnvironmentFault):
        deposit(crate, invenio.url, seconds=0)
    deposit(crate, invenio.url)
    check_deposit(invenio, crate, public=False)


def test_a_draft_that_was_deleted_on_the_server_is_made_anew(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    invenio.all[0].deleted = True
    done = deposit(crate, invenio.url)
    assert done.record == "rec02-abcd"
    assert root_of(crate)["identifier"] == "https://doi.org/10.5072/rec02-abcd"
    check_deposit(invenio, crate, public=False)


@pytest.mark.parametrize("published", [False, True])
def test_a_draft_or_record_that_may_not_be_seen_is_not_taken_for_deleted(
    crate: Path, invenio: Invenio, deposit: Deposit, published: bool
) -> None:
    deposit(crate, invenio.url, make_public=published)
    invenio.rule = lambda method, path: "status 403" if "/api/records/rec01-abcd" in path else None
    with pytest.raises(EnvironmentFault) as refusal:
        deposit(crate, invenio.url)
    assert refusal.value.report.errors[0].code == "FWF5204"
    assert len(invenio.all) == 1
    invenio.rule = lambda method, path: None
    deposit(crate, invenio.url, make_public=published)
    check_deposit(invenio, crate, public=published)


def test_what_the_user_wrote_into_the_draft_stays(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    invenio.all[0].data["metadata"]["title"] = "A better title, typed in the browser"
    deposit(crate, invenio.url, make_public=True)
    assert invenio.all[0].data["metadata"]["title"] == "A better title, typed in the browser"


def test_metadata_that_changed_in_the_crate_goes_into_the_draft(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    edit(crate, name="Trends, revised")
    deposit(crate, invenio.url)
    assert invenio.all[0].data["metadata"]["title"] == "Trends, revised"
    reserved = invenio.requests("POST /api/records/rec01-abcd/draft/pids/doi")
    assert len(reserved) == 1, "the reserved DOI must survive the update"
    check_deposit(invenio, crate, public=False)


def test_a_draft_published_in_the_browser_is_not_deposited_again(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url)
    invenio.all[0].published = True
    assert deposit(crate, invenio.url, make_public=True).status == "unchanged"
    check_deposit(invenio, crate, public=True)


def test_files_of_others_in_the_draft_stay(crate: Path, invenio: Invenio, deposit: Deposit) -> None:
    deposit(crate, invenio.url)
    invenio.all[0].files["paper.pdf"] = Stored("paper.pdf", {"type": "L"}, 3, b"pdf", {}, True)
    deposit(crate, invenio.url)
    assert "paper.pdf" in invenio.all[0].files


# --- new versions -----------------------------------------------------------------------------


def test_the_same_crate_is_not_published_twice(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url, make_public=True)
    assert deposit(crate, invenio.url, make_public=True).status == "unchanged"
    check_deposit(invenio, crate, public=True)


def test_a_changed_crate_becomes_a_new_version_with_a_doi_of_its_own(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url, make_public=True)
    edit(crate, version="2.0")
    done = deposit(crate, invenio.url, make_public=True)
    first, second = invenio.all
    assert first.parent == second.parent
    assert done.record == second.id
    assert second.data["metadata"]["version"] == "2.0"
    assert root_of(crate)["identifier"] == f"https://doi.org/10.5072/{second.id}"
    assert deposit(crate, invenio.url, make_public=True).status == "unchanged"
    assert len(invenio.all) == 2


def test_a_new_version_that_is_interrupted_is_continued(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    deposit(crate, invenio.url, make_public=True)
    edit(crate, version="2.0")
    invenio.fail(3, "reset when it is done")
    with pytest.raises(EnvironmentFault):
        deposit(crate, invenio.url, make_public=True, seconds=0)
    deposit(crate, invenio.url, make_public=True)
    assert [each.published for each in invenio.all] == [True, True]


# --- large files ------------------------------------------------------------------------------


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


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"name": None}, "name"), ({"author": None}, "author"), ({"datePublished": "soon"}, "date")],
)
def test_a_missing_fact_is_told_before_anything_is_sent(
    crate: Path, invenio: Invenio, deposit: Deposit, changes: Any, told: str
) -> None:
    document = json.loads((crate / "ro-crate-metadata.json").read_text())
    for entity in document["@graph"]:
        entity.pop("creator", None)
    (crate / "ro-crate-metadata.json").write_text(json.dumps(document))
    edit(crate, **changes)
    with pytest.raises(InvalidError) as refusal:
        deposit(crate, invenio.url)
    assert any(told in found.message for found in refusal.value.report)
    assert invenio.count == 0
    assert not place_of(crate).exists()


def test_a_crate_that_does_not_conform_is_not_sent(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    next((crate / "workflow").glob("*.cwl")).unlink()
    with pytest.raises(InvalidError) as refusal:
        deposit(crate, invenio.url)
    assert refusal.value.exit_code == 1
    assert invenio.count == 0


def test_the_servers_own_words_are_told_and_the_draft_is_kept(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    with pytest.raises(InvalidError) as refusal:
        deposit(crate, invenio.url, to="invenio", make_public=True)
    message = refusal.value.report.errors[0].message
    assert "Missing publisher field required for DOI registration." in message
    assert "the draft rec01-abcd is kept" in message
    edit(crate, publisher={"@id": "#publisher"})
    document = json.loads((crate / "ro-crate-metadata.json").read_text())
    house = {"@id": "#publisher", "@type": "Organization", "name": "Our repository"}
    document["@graph"].append(house)
    (crate / "ro-crate-metadata.json").write_text(json.dumps(document))
    deposit(crate, invenio.url, to="invenio", make_public=True)
    check_deposit(invenio, crate, public=True)


def test_another_process_at_the_same_crate_is_waited_for_by_the_user(
    crate: Path, invenio: Invenio, deposit: Deposit
) -> None:
    from fairwf.publish.state import opened

    with opened(crate, "zenodo", "https://x.example", Report()) as held:
        (held.scratch / "made").write_text("being sent")
        with pytest.raises(EnvironmentFault, match="another process"):
            deposit(crate, invenio.url)
        assert (held.scratch / "made").exists()
    assert invenio.count == 0


def test_invenio_needs_the_address_of_a_repository(crate: Path, tokens: None) -> None:
    from fairwf.publish import publish

    with pytest.raises(UsageFault, match="--url"):
        publish(crate, "invenio", Order(), Report())


def test_zenodo_is_where_it_is() -> None:
    assert zenodo.TARGET.url == "https://zenodo.org"


# --- a dry run --------------------------------------------------------------------------------


def test_a_dry_run_sends_nothing_and_leaves_the_crate_alone(
    crate: Path, invenio: Invenio, deposit: Deposit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRWF_ZENODO_TOKEN")
    before = {path: path.stat().st_mtime_ns for path in crate.rglob("*")}
    done = deposit(crate, invenio.url, dry_run=True, make_public=True)
    assert done.status == "planned"
    assert done.metadata["title"] == "Trends"
    assert done.files[0].name == "crate.zip"
    assert any("actions/publish" in request for request in done.requests)
    assert invenio.count == 0
    assert {path: path.stat().st_mtime_ns for path in crate.rglob("*")} == before
    assert not place_of(crate).exists()


def test_the_same_crate_is_always_packed_into_the_same_octets(crate: Path, tmp_path: Path) -> None:
    from fairwf.publish.subject import pack

    for name in ("one.zip", "two.zip"):
        pack(crate, tmp_path / name)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.zip", "two.zip"))
    assert hashlib.sha256(one).digest() == hashlib.sha256(two).digest()
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert archive.namelist()[0] == "ro-crate-metadata.json"
