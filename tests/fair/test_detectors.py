"""Identifiers, versions, licences and placeholders are told from what only looks like them."""

from pathlib import Path

import pytest

from fairwf.fair.detectors.identifiers import (
    is_doi,
    is_orcid,
    is_persistent,
    names_itself,
    same_identifier,
)
from fairwf.fair.detectors.licences import recognise, same_text, spdx_id
from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.detectors.versions import is_version


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("10.5281/zenodo.4300015", True),
        ("https://doi.org/10.1038/s41597-025-04451-9", True),
        ("10.5281/zenodo.XXXXXXX", False),
        ("10.5281/zenodo.0000000", False),
        ("10.5281/zenodo.1234567", False),
        ("https://doi.org/10.1000/your-doi", False),
        ("11.5281/zenodo.4300015", False),
        ("", False),
    ],
)
def test_dois(text: str, real: bool) -> None:
    assert is_doi(text) is real
    assert is_persistent(text) is real


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("https://orcid.org/0000-0002-1825-0097", True),
        ("0000-0002-1694-233X", True),
        ("0000-0002-1825-0098", False),
        ("0000-0000-0000-0000", False),
        ("0000-0002-1825", False),
    ],
)
def test_orcid_check_digits(text: str, real: bool) -> None:
    assert is_orcid(text) is real


def test_other_persistent_identifiers() -> None:
    assert is_persistent("swh:1:dir:" + "a1" * 20)
    assert is_persistent("https://workflowhub.eu/workflows/29?version=3")
    assert is_persistent("https://w3id.org/workflow/x")
    assert not is_persistent("https://github.com/a/b")


def test_a_doi_as_name_and_as_iri_is_one() -> None:
    assert same_identifier("10.5281/zenodo.43", "https://doi.org/10.5281/Zenodo.43")
    assert not same_identifier("10.5281/zenodo.43", "10.5281/zenodo.44")


@pytest.mark.parametrize("text", ["1.2", "v1.2.3", "2026.11.24", "2026-11-24", "1.0.0-rc.1"])
def test_versions(text: str) -> None:
    assert is_version(text)


@pytest.mark.parametrize("text", ["0.0.0", "latest", "x.y.z", "", "1"])
def test_what_is_no_version(text: str) -> None:
    assert not is_version(text)


@pytest.mark.parametrize(
    "text", [None, "", "  ", "TODO", "Your name", "todo: describe", "Lorem ipsum dolor", "N/A"]
)
def test_placeholders(text: str | None) -> None:
    assert is_placeholder(text)


def test_content_is_no_placeholder() -> None:
    assert not is_placeholder("Trends of four climate records.")


def test_licences_are_recognised_by_their_text(repository: Path) -> None:
    assert recognise((repository / "LICENSE").read_text()) == "Apache-2.0"
    assert recognise("This is licensed. " * 30) is None
    assert recognise("Apache License 2.0") is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Apache-2.0", "Apache-2.0"),
        ("https://spdx.org/licenses/MIT", "MIT"),
        ("https://spdx.org/licenses/MIT.html", "MIT"),
        ("mit", "MIT"),
        ("Apache License", None),
        ("https://example.org/licence", None),
    ],
)
def test_spdx_ids(text: str, known: str | None) -> None:
    assert spdx_id(text) == known


def test_only_and_or_later_share_their_text() -> None:
    assert same_text("GPL-3.0-only", "GPL-3.0-or-later")
    assert not same_text("GPL-2.0-only", "GPL-3.0-only")


def test_an_iri_in_prose_is_not_taken_for_the_identifier_of_the_workflow() -> None:
    assert names_itself("10.5281/zenodo.4300015")
    assert names_itself("swh:1:dir:" + "a1" * 20)
    assert not names_itself("https://w3id.org/ro/wfrun/provenance/0.5")
