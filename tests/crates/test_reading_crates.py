"""Reading crates of strangers, also of unkind ones."""

import json
import stat
import zipfile
from pathlib import Path

import pytest

from fairwf.archive import Limits
from fairwf.crates.read import local_path, open_crate
from fairwf.report import InvalidError

METADATA = json.dumps(
    {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
            {"@id": "./", "@type": "Dataset", "name": "a crate", "hasPart": {"@id": "a%20b.txt"}},
            {"@id": "a%20b.txt", "@type": "File"},
        ],
    }
)


def zipped(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ro-crate-metadata.json", METADATA)
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def refused(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(InvalidError) as caught:
        open_crate(path, limits)
    return caught.value.report.diagnostics[0].code


def test_a_folder_and_a_zip_file_read_alike(tmp_path: Path) -> None:
    folder = tmp_path / "crate"
    folder.mkdir()
    (folder / "ro-crate-metadata.json").write_text(METADATA)
    (folder / "a b.txt").write_text("hello")
    places = [folder, zipped(tmp_path / "crate.zip", **{"a b.txt": "hello"})]
    places.append(folder / "ro-crate-metadata.json")
    for place in places:
        with open_crate(place) as crate:
            assert crate.root["name"] == "a crate"
            (part,) = crate.resolve(crate.root["hasPart"])
            with crate.open(part["@id"]) as stream:
                assert stream.read() == b"hello"
            assert sorted(crate.files()) == ["a b.txt", "ro-crate-metadata.json"]


def test_a_crate_in_the_only_folder_of_a_zip_file_is_found(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "crate.zip", "w") as archive:
        archive.writestr("top/ro-crate-metadata.json", METADATA)
        archive.writestr("top/a b.txt", "hello")
    with open_crate(tmp_path / "crate.zip") as crate:
        assert crate.has("a%20b.txt")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../evil", "a\\..\\evil"])
def test_members_that_leave_the_crate_are_refused(tmp_path: Path, name: str) -> None:
    assert refused(zipped(tmp_path / "crate.zip", **{name: "x"})) == "FWF5006"


def test_links_in_zip_files_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "crate.zip")
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert refused(path) == "FWF5006"


def test_zip_bombs_are_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "crate.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ro-crate-metadata.json", METADATA)
        archive.writestr("zeros", b"\0" * (20 * 1024**2))
    assert refused(tmp_path / "crate.zip") == "FWF5006"


def test_duplicated_members_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "crate.zip", a="1")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a", "2")
    assert refused(path) == "FWF5006"


def test_too_many_members_and_too_large_metadata_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "crate.zip", a="1", b="2")
    assert refused(path, Limits(members=2)) == "FWF5006"
    assert refused(path, Limits(metadata_bytes=10)) == "FWF1009"


def test_links_out_of_a_folder_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "crate"
    folder.mkdir()
    (folder / "ro-crate-metadata.json").write_text(METADATA)
    (tmp_path / "secret").write_text("secret")
    (folder / "a b.txt").symlink_to(tmp_path / "secret")
    with open_crate(folder) as crate, pytest.raises(InvalidError) as caught:
        crate.open("a%20b.txt")
    assert caught.value.report.diagnostics[0].code == "FWF5006"


@pytest.mark.parametrize(
    "identifier",
    ["../x", "/etc/passwd", "file:///etc/passwd", "C:/x", "%2e%2e/x", "a/%2e%2e/%2e%2e/x", "#x"],
)
def test_ids_that_lead_out_of_the_crate_name_no_path(identifier: str) -> None:
    assert local_path(identifier) is None


@pytest.mark.parametrize("text", ["", "[1]", '{"@graph": 1}', "[" * 100_000, '{"@graph": [3]}'])
def test_broken_metadata_is_a_diagnostic(tmp_path: Path, text: str) -> None:
    (tmp_path / "ro-crate-metadata.json").write_text(text)
    with open_crate(tmp_path) as crate, pytest.raises(InvalidError) as caught:
        _ = crate.entities
    assert caught.value.report.diagnostics[0].code == "FWF5001"


def test_what_is_no_crate_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path) == "FWF5001"
    assert refused(tmp_path / "missing") == "FWF1001"
    (tmp_path / "text.zip").write_text("text")
    assert refused(tmp_path / "text.zip") == "FWF5001"


def test_crates_of_other_producers_are_read(corpora: Path) -> None:
    found = sorted((corpora / "rocrate").rglob("ro-crate-metadata.json"))
    assert len(found) == 25
    for path in found:
        with open_crate(path) as crate:
            assert crate.root["@type"]
            assert len(crate.entities) > 3
