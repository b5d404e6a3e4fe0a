"""Depositing in InvenioRDM and Zenodo: one draft, its DOI in the crate, its files."""

import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import check_crate
from fairwf.publish.invenio import zenodo
from fairwf.publish.state import place_of
from fairwf.publish.subject import Subject
from fairwf.publish.target import Order
from fairwf.report import EnvironmentFault, InvalidError, Report, UsageFault
from tests.publish.conftest import Deposit
from tests.publish.crates_by_hand import edit, root_of
from tests.publish.laws import check_deposit
from tests.publish.servers.invenio import Invenio

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
