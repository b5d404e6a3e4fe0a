"""Stating a DOI in a crate: the root changes, and nothing else."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from fairwf.crates import check_crate, open_crate
from fairwf.crates.packing import write_link_set
from fairwf.crates.persistent_id import identity, state_doi, stated
from fairwf.report import Report

DOI = "10.5072/zenodo.1"


@pytest.fixture
def crate(example_crate: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(example_crate, tmp_path / "crate"))


def tell(path: Path, doi: str = DOI, replaced: tuple[str, ...] = ()) -> bool:
    scratch = path.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    with open_crate(path) as opened:
        done = state_doi(path, opened, doi, scratch, replaced)
    assert not list(scratch.iterdir())
    return done


def entities(path: Path) -> dict[str, object]:
    with open_crate(path) as opened:
        return dict(opened.entities)


def name_of(path: Path) -> str:
    with open_crate(path) as opened:
        return identity(opened)


def test_only_the_root_changes(crate: Path) -> None:
    before = entities(crate)
    text = (crate / "ro-crate-metadata.json").read_text().splitlines()
    assert tell(crate)
    after = entities(crate)
    root = after.pop("./")
    old = before.pop("./")
    assert after == before
    assert list(after) == list(before)
    assert isinstance(root, dict) and isinstance(old, dict)
    assert root == {
        **old, "identifier": f"https://doi.org/{DOI}", "cite-as": f"https://doi.org/{DOI}",
    }  # fmt: skip
    now = (crate / "ro-crate-metadata.json").read_text().splitlines()
    assert len([line for line in now if line not in text]) == 1
    report = Report()
    check_crate(crate, report)
    assert report.ok


def test_it_is_stated_once(crate: Path) -> None:
    assert tell(crate)
    before = (crate / "ro-crate-metadata.json").stat().st_mtime_ns
    assert not tell(crate)
    assert (crate / "ro-crate-metadata.json").stat().st_mtime_ns == before


def test_a_doi_of_a_new_version_takes_the_place_of_the_old_and_others_stay(crate: Path) -> None:
    tell(crate, "10.9999/of-the-publisher")
    tell(crate, "10.5072/1")
    tell(crate, "10.5072/2", replaced=("10.5072/1",))
    with open_crate(crate) as opened:
        assert stated(opened) == ["10.5072/2", "10.9999/of-the-publisher"]
        assert opened.root["cite-as"] == "https://doi.org/10.5072/2"


def test_preview_and_link_set_of_ours_follow(crate: Path) -> None:
    write_link_set(crate, "https://example.org/crate")
    tell(crate)
    assert f"https://doi.org/{DOI}" in (crate / "ro-crate-preview.html").read_text()
    links = json.loads((crate / "linkset.json").read_text())["linkset"][0]
    assert links["cite-as"] == [{"href": f"https://doi.org/{DOI}"}]
    assert links["anchor"] == "https://example.org/crate/"


def test_a_preview_of_others_stays(crate: Path) -> None:
    (crate / "ro-crate-preview.html").write_text("<p>mine</p>")
    tell(crate)
    assert (crate / "ro-crate-preview.html").read_text() == "<p>mine</p>"


@pytest.mark.parametrize("indent", [None, 2, 4, "\t"])
def test_the_metadata_keeps_its_indentation(crate: Path, indent: int | str | None) -> None:
    path = crate / "ro-crate-metadata.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document, indent=indent, ensure_ascii=False))
    tell(crate)
    text = path.read_text()
    assert text == json.dumps(json.loads(text), indent=indent, ensure_ascii=False)


def test_the_urn_of_a_crate_is_the_same_before_and_after_and_however_it_is_written(
    crate: Path, tmp_path: Path
) -> None:
    urn = name_of(crate)
    assert urn.startswith("urn:uuid:")
    tell(crate)
    assert name_of(crate) == urn
    path = crate / "ro-crate-metadata.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=3))
    assert name_of(crate) == urn
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", crate))
    assert name_of(packed) == urn
    (crate / "outputs/more.txt").write_text("more")
    assert name_of(crate) != urn


@pytest.mark.parametrize("ending", [".zip", ".eln"])
def test_a_zip_file_is_replaced_as_a_whole(crate: Path, tmp_path: Path, ending: str) -> None:
    root, base = (crate.parent, "crate") if ending == ".eln" else (crate, None)
    made = shutil.make_archive(str(tmp_path / "made" / "crate"), "zip", root, base)
    packed = Path(made).rename(tmp_path / f"crate{ending}")
    packed.chmod(0o640)
    with zipfile.ZipFile(packed) as archive:
        before = {info.filename: info for info in archive.infolist()}
    tell(packed)
    with open_crate(packed) as opened:
        assert stated(opened) == [DOI]
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as archive:
        after = {info.filename: info for info in archive.infolist()}
    assert list(after) == list(before)
    assert packed.stat().st_mode & 0o777 == 0o640
    changed = {name for name in after if after[name].CRC != before[name].CRC}
    assert {name.rpartition("/")[2] for name in changed} == {
        "ro-crate-metadata.json", "ro-crate-preview.html",
    }  # fmt: skip
    report = Report()
    check_crate(packed, report)
    assert report.ok
