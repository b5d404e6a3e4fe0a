"""Deposits in InvenioRDM that are continued, and new versions of them."""

import json
import shutil
from pathlib import Path

import pytest

from fairwf.publish.state import place_of
from fairwf.report import EnvironmentFault, Report
from tests.publish.conftest import Deposit
from tests.publish.crates_by_hand import edit, root_of
from tests.publish.laws import check_deposit
from tests.publish.servers.invenio import Invenio, Stored

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
