"""What a crate says, as the metadata of a record; and what it cannot say, told."""

import json
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import open_crate
from fairwf.publish.facts import Facts
from fairwf.publish.invenio.languages import language_id
from fairwf.publish.invenio.record import record_metadata
from fairwf.publish.reading import facts_of
from fairwf.report import InvalidError, Report

ADA = {
    "@id": "https://orcid.org/0000-0002-1825-0097",
    "@type": "Person",
    "name": "Ada Lovelace",
    "affiliation": {"@id": "https://ror.org/01ggx4157"},
}
CERN = {"@id": "https://ror.org/01ggx4157", "@type": "Organization", "name": "CERN"}
ROOT = {
    "@id": "./",
    "@type": "Dataset",
    "name": "Numbers",
    "description": "Notes <of> 1843\n\nSecond & last",
    "datePublished": "2026-11-27T10:00:00+00:00",
    "author": {"@id": ADA["@id"]},
    "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
}


def facts(folder: Path, root: dict[str, Any] | None = None, *more: dict[str, Any]) -> Facts:
    """The facts of a crate with this root and these entities."""
    graph = [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
        {**ROOT, **(root or {})},
        ADA,
        CERN,
        *more,
    ]
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    (folder / "ro-crate-metadata.json").write_text(json.dumps(document))
    with open_crate(folder) as crate:
        return facts_of(crate)


def record(folder: Path, root: dict[str, Any] | None = None, *more: dict[str, Any]) -> Any:
    return record_metadata(facts(folder, root, *more), "urn:uuid:1", Report(), "crate")


def test_a_person_has_orcid_and_affiliation(tmp_path: Path) -> None:
    assert record(tmp_path)["creators"] == [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Lovelace",
                "given_name": "Ada",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
            },
            "affiliations": [{"id": "01ggx4157", "name": "CERN"}],
        }
    ]


@pytest.mark.parametrize(
    ("person", "family", "given"),
    [
        ({"name": "Lovelace, Ada"}, "Lovelace", "Ada"),
        ({"name": "Plato"}, "Plato", None),
        (
            {"name": "V. W.", "familyName": "van der Waals", "givenName": "J."},
            "van der Waals",
            "J.",
        ),
        ({"familyName": "Noether", "givenName": "Emmy"}, "Noether", "Emmy"),
    ],
)
def test_the_parts_of_a_name(
    tmp_path: Path, person: dict[str, str], family: str, given: str | None
) -> None:
    someone = {"@id": "#someone", "@type": "Person", **person}
    made = record(tmp_path, {"author": {"@id": "#someone"}}, someone)["creators"][0]
    assert made["person_or_org"].get("family_name") == family
    assert made["person_or_org"].get("given_name") == given


def test_an_organisation_is_an_author_as_it_is(tmp_path: Path) -> None:
    made = record(tmp_path, {"author": [{"@id": CERN["@id"]}, "Grace Hopper"]})["creators"]
    assert made[0]["person_or_org"] == {
        "type": "organizational",
        "name": "CERN",
        "identifiers": [{"scheme": "ror", "identifier": "01ggx4157"}],
    }
    assert made[1]["person_or_org"]["family_name"] == "Hopper"


def test_a_guessed_name_and_a_missing_licence_are_told(tmp_path: Path) -> None:
    report = Report()
    record_metadata(facts(tmp_path, {"license": None}), "urn:uuid:1", report, "crate")
    told = " ".join(found.message for found in report)
    assert "taken apart as family 'Lovelace'" in told
    assert "licence" in told
    assert "publisher" in told


@pytest.mark.parametrize(
    ("licence", "right"),
    [
        ({"@id": "https://spdx.org/licenses/Apache-2.0"}, {"id": "apache-2.0"}),
        ({"@id": "https://spdx.org/licenses/Apache-2.0.html"}, {"id": "apache-2.0"}),
        ("MIT", {"id": "mit"}),
        ({"@id": "https://creativecommons.org/licenses/by-sa/4.0/"}, {"id": "cc-by-sa-4.0"}),
        ({"@id": "https://creativecommons.org/publicdomain/zero/1.0/"}, {"id": "cc0-1.0"}),
        (
            {"@id": "https://example.org/terms"},
            {"title": {"en": "https://example.org/terms"}, "link": "https://example.org/terms"},
        ),
        ("MIT OR Apache-2.0", {"title": {"en": "MIT OR Apache-2.0"}}),
    ],
)
def test_licences(tmp_path: Path, licence: Any, right: Any) -> None:
    assert record(tmp_path, {"license": licence})["rights"] == [right]


def test_what_packaging_writes_where_there_is_no_licence_is_none(tmp_path: Path) -> None:
    from fairwf.crates.assembly import NOT_STATED

    assert "rights" not in record(tmp_path, {"license": NOT_STATED})


def test_a_description_is_text_and_becomes_html(tmp_path: Path) -> None:
    made = record(tmp_path)["description"]
    assert made == "<p>Notes &lt;of&gt; 1843</p><p>Second &amp; last</p>"


def test_works_funding_keywords_languages_dates(tmp_path: Path) -> None:
    grant = {
        "@id": "#grant",
        "@type": "Grant",
        "name": "Computing",
        "identifier": "42",
        "funder": {"@id": CERN["@id"]},
    }
    made = record(
        tmp_path,
        {
            "citation": [{"@id": "https://doi.org/10.1000/182"}, "https://example.org/paper"],
            "isBasedOn": "https://github.com/ada/notes",
            "keywords": "engine, numbers",
            "inLanguage": ["en", "de-AT"],
            "funding": {"@id": "#grant"},
            "dateCreated": "1843",
            "version": "1.2",
        },
        grant,
    )
    assert made["related_identifiers"] == [
        {"identifier": "10.1000/182", "scheme": "doi", "relation_type": {"id": "cites"}},
        {
            "identifier": "https://example.org/paper",
            "scheme": "url",
            "relation_type": {"id": "cites"},
        },
        {
            "identifier": "https://github.com/ada/notes",
            "scheme": "url",
            "relation_type": {"id": "isderivedfrom"},
        },
    ]
    assert made["funding"] == [
        {
            "funder": {"id": "01ggx4157", "name": "CERN"},
            "award": {"title": {"en": "Computing"}, "number": "42"},
        }
    ]
    assert made["subjects"] == [{"subject": "engine"}, {"subject": "numbers"}]
    assert made["languages"] == [{"id": "eng"}, {"id": "deu"}]
    assert made["dates"] == [{"date": "1843", "type": {"id": "created"}}]
    assert made["version"] == "1.2"
    assert made["publication_date"] == "2026-11-27"
    assert made["identifiers"] == [{"identifier": "urn:uuid:1", "scheme": "urn"}]


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en", "eng"), ("EN-us", "eng"), ("deu", "deu"), ("qq", None), ("English", None)],
)
def test_languages(tag: str, code: str | None) -> None:
    assert language_id(tag) == code


def lost(folder: Path, root: dict[str, Any], *more: dict[str, Any]) -> str:
    """What is told of a crate with this root, one line for each."""
    report = Report()
    record_metadata(facts(folder, root, *more), "urn:uuid:1", report, "crate", "Zenodo")
    assert {found.code for found in report} == {"FWF5205"}
    return "\n".join(found.message for found in report)


def test_identifiers_that_are_texts_and_addresses_are_sent(tmp_path: Path) -> None:
    swhid = "swh:1:dir:" + "a1" * 20
    stated = {"@id": "#ark", "@type": "PropertyValue", "value": "ark:/12345/x"}
    listed = [swhid, {"@id": "https://w3id.org/x"}, {"@id": "#ark"}, "https://doi.org/10.1000/182"]
    made = record(tmp_path, {"identifier": listed}, stated)["identifiers"]
    assert [each["identifier"] for each in made] == [
        "urn:uuid:1", swhid, "https://w3id.org/x", "ark:/12345/x",
    ]  # fmt: skip


def test_every_licence_is_sent(tmp_path: Path) -> None:
    both = [{"@id": "https://spdx.org/licenses/MIT"}, "CC-BY-4.0"]
    assert record(tmp_path, {"license": both})["rights"] == [{"id": "mit"}, {"id": "cc-by-4.0"}]


def test_keywords_and_languages_that_are_entities_are_sent(tmp_path: Path) -> None:
    term = {"@id": "#t", "@type": "DefinedTerm", "name": "engine, analytical"}
    english = {"@id": "#en", "@type": "Language", "name": "English", "alternateName": "en"}
    root = {"keywords": [{"@id": "#t"}, "numbers"], "inLanguage": {"@id": "#en"}}
    made = record(tmp_path, root, term, english)
    assert made["subjects"] == [{"subject": "engine, analytical"}, {"subject": "numbers"}]
    assert made["languages"] == [{"id": "eng"}]


def test_a_work_that_is_cited_is_an_address_or_a_reference(tmp_path: Path) -> None:
    paper = {"@id": "#p", "@type": "ScholarlyArticle", "identifier": "doi:10.1000/182"}
    letter = {"@id": "#l", "@type": "CreativeWork", "name": "Letter to Babbage"}
    cited = [{"@id": "#p"}, {"@id": "#l"}, "Menabrea (1842): Notions sur la machine"]
    made = record(tmp_path, {"citation": cited}, paper, letter)
    assert [each["identifier"] for each in made["related_identifiers"]] == ["10.1000/182"]
    assert made["references"] == [
        {"reference": "Letter to Babbage"},
        {"reference": "Menabrea (1842): Notions sur la machine"},
    ]


@pytest.mark.parametrize(
    ("root", "told"),
    [
        ({"funding": "Grant 42"}, "Grant 42"),
        ({"funding": {"@id": "#gone"}}, "#gone"),
        ({"funding": {"@id": "#untitled"}}, "award has a title and a number"),
        ({"funder": {"@id": "#nameless"}}, "#nameless"),
        ({"identifier": {"@id": "#nameless"}}, "has no value"),
        ({"citation": {"@id": "#nameless"}}, "neither an address nor a name"),
        ({"isBasedOn": {"@id": "old.cwl"}}, "old.cwl"),
        ({"license": ["MIT", {"name": "mine"}]}, "mine"),
        ({"keywords": ["a", {"@id": "#nameless"}]}, "#nameless"),
        ({"author": [{"@id": ADA["@id"]}, {"@id": "#gone"}]}, "#gone"),
        ({"contributor": {"@id": "#nameless"}}, "#nameless"),
        ({"contributor": "Grace Hopper"}, "family 'Hopper'"),
        ({"contributor": ", Grace"}, "no family name"),
        ({"publisher": ["A", "B"]}, "'B' is not the first"),
        ({"description": ["One", "Two"]}, "'Two' is not the first"),
        ({"inLanguage": {"@id": "#nameless"}}, "#nameless"),
        ({"dateCreated": "long ago"}, "long ago"),
        ({"version": {"@id": "#nameless"}}, "is no text"),
    ],
)
def test_what_the_record_does_not_say_is_told(
    tmp_path: Path, root: dict[str, Any], told: str
) -> None:
    untitled = {
        "@id": "#untitled",
        "@type": "Grant",
        "identifier": "42",
        "funder": {"@id": CERN["@id"]},
    }
    nameless = {"@id": "#nameless", "@type": "Thing"}
    before = lost(tmp_path, {}, untitled, nameless)
    assert told not in before
    assert told in lost(tmp_path, root, untitled, nameless)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [("https://orcid.org/0000-0002-1825-0098", "ORCID"), ("https://ror.org/01ggx4158", "ROR")],
)
def test_an_identifier_with_a_wrong_check_digit_is_told_and_not_sent(
    tmp_path: Path, wrong: str, kind: str
) -> None:
    someone = {"@id": wrong, "@type": "Organization" if kind == "ROR" else "Person", "name": "A B"}
    root = {"author": {"@id": wrong}}
    assert f"is no {kind}, its check digit is wrong" in lost(tmp_path, root, someone)
    assert "identifiers" not in record(tmp_path, root, someone)["creators"][0]["person_or_org"]


def test_an_orcid_that_is_an_identifier_of_a_person_is_sent(tmp_path: Path) -> None:
    someone = {"@id": "#a", "@type": "Person", "name": "A B", "identifier": "0000-0002-1694-233X"}
    made = record(tmp_path, {"author": {"@id": "#a"}}, someone)["creators"][0]["person_or_org"]
    assert made["identifiers"] == [{"scheme": "orcid", "identifier": "0000-0002-1694-233X"}]


def test_every_missing_fact_is_told_at_once(tmp_path: Path) -> None:
    found = facts(tmp_path, {"name": "x", "author": None, "datePublished": None})
    with pytest.raises(InvalidError) as refusal:
        record_metadata(found, "urn:uuid:1", Report(), "crate")
    assert {d.code for d in refusal.value.report} == {"FWF5201"}
    assert len(refusal.value.report) == 3
    assert all(d.hint for d in refusal.value.report)


@pytest.mark.parametrize(
    "hostile",
    [
        {"name": 7},
        {"author": [[]]},
        {"license": [{"@id": 3}]},
        {"keywords": {"a": 1}},
        {"citation": [None, 1, {}]},
        {"funding": "x"},
        {"identifier": [{"@id": "./"}]},
    ],
)
def test_what_is_not_as_expected_is_told(tmp_path: Path, hostile: dict[str, Any]) -> None:
    found = facts(tmp_path, hostile)
    assert isinstance(found, Facts)
    assert found.unread or found.title == "7"


def test_published_crates_of_others_can_be_read(corpora: Path) -> None:
    """The facts of every crate in the corpora; nothing is invented and nothing breaks."""
    found = 0
    for path in sorted(corpora.rglob("ro-crate-metadata.json")):
        with open_crate(path.parent) as crate:
            try:
                read = facts_of(crate)
            except InvalidError:
                continue
        found += 1
        assert read.kind in ("workflow", "run", "software", "dataset")
        for agent in read.authors:
            assert agent.name
    assert found > 3
