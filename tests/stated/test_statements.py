"""What CITATION.cff and codemeta.json state, each statement with its place."""

import json

import pytest

from fairwf.source import SourceMap, load_structured
from fairwf.stated import CITATION, CODEMETA, READERS, Statements

CORDIS = "https://cordis.europa.eu/101"
CFF = """cff-version: 1.2.0
message: cite it
title: Tables
doi: 10.5281/zenodo.1234
license: [MIT, Apache-2.0]
keywords: ["a, b", c]
authors:
  - given-names: Ada
    name-particle: de
    family-names: Lovelace
    orcid: https://orcid.org/0000-0002-1825-0097
    affiliation: University of London
  - name: The counters
contact: [{name: Office, email: office@example.org}]
preferred-citation: {type: article, doi: 10.1000/182}
commit: 1ff847d81f29c45a3a1a5ce73d38e45c2f319bba
"""


def read(name: str, text: str) -> Statements:
    tree = load_structured(text.encode(), name)
    assert isinstance(tree, SourceMap)
    return READERS[name](tree)


def test_a_citation_file() -> None:
    found = read(CITATION, CFF)
    assert [(f.value, f.span.line) for f in found.of("license")] == [("MIT", 5), ("Apache-2.0", 5)]
    assert [f.value for f in found.of("keyword")] == ["a", "b", "c"]
    assert [(f.kind, f.value) for f in found.facts if f.key == "doi"] == [
        ("identifier", "10.5281/zenodo.1234"),
        ("citation", "10.1000/182"),
    ]
    ada, team = found.people("creator")
    assert (ada.name, ada.organization, ada.place("id").line) == ("Ada de Lovelace", False, 11)
    assert (ada.affiliations, ada.place("affiliation").line) == (("University of London",), 12)
    assert (team.name, team.organization) == ("The counters", True)
    assert found.people("contact")[0].email == "office@example.org"
    assert list(found.unread) == ["commit"]


@pytest.mark.parametrize(
    ("funding", "told"),
    [
        ("A fund, 12-34", [("A fund, 12-34", None, None)]),
        ({"name": "EU", "identifier": "101"}, [("EU", None, "101")]),
        (
            {"@id": CORDIS},
            [(CORDIS, CORDIS, None)],
        ),
        ([{"identifier": 7}, "x"], [("7", None, "7"), ("x", None, None)]),
        ({"type": "Grant"}, []),
        (True, []),
    ],
)
def test_grants_in_the_forms_that_people_write(funding: object, told: list[object]) -> None:
    found = read(CODEMETA, json.dumps({"funding": funding}))
    assert [(g.name, g.id, g.identifier) for g in found.grants] == told


def test_funders_may_be_texts_and_authors_may_not() -> None:
    text = json.dumps({"funder": ["A council", {"name": "A fund"}], "author": "Ada"})
    found = read(CODEMETA, text)
    assert [p.name for p in found.people("funder")] == ["A fund", "A council"]
    assert found.people("creator") == []
    assert list(found.unread) == ["author"]


def test_keys_that_nobody_reads_are_named_with_their_places() -> None:
    found = read(CODEMETA, '{\n"@context": "x",\n"name": "n",\n"readme": "README.md"}')
    assert [(key, span.line) for key, span in found.unread.items()] == [("readme", 4)]
