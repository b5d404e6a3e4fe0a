"""Bags, ELN archives, link sets and SWHIDs: judged by the libraries of those who defined them."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fairwf.archive import Limits
from fairwf.crates import PackageOptions, bag_check, check_crate, open_crate, package_run
from fairwf.report import InvalidError, Report
from fairwf.trace import Run


def valid(crate: Path) -> bool:
    report = Report()
    check_crate(crate, report)
    assert list(report) == []
    return True


def test_a_bag_holds_the_crate_and_is_valid(example: Run, tmp_path: Path) -> None:
    bagit = pytest.importorskip("bagit")
    options = PackageOptions(bag=True, name="A\nbag: crate", published="2026-11-27")
    package_run(example, tmp_path / "bag", options)
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    assert set(bag.algorithms) == {"sha256", "sha512"}
    assert bag.info["External-Description"] == "A bag: crate"
    with open_crate(tmp_path / "bag") as crate:
        assert crate.root["name"] == "A\nbag: crate"
        assert crate.has("outputs/pages/")
    assert valid(tmp_path / "bag")
    package_run(example, tmp_path / "bag", PackageOptions(bag=True, name="another"))
    with open_crate(tmp_path / "bag") as crate:
        assert crate.root["name"] == "another"


def test_a_manifest_makes_no_more_work_than_the_bag_has_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = tmp_path / "bag"
    (bag / "data").mkdir(parents=True)
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    (bag / "data/a").write_text("a")
    line = f"{hashlib.sha256(b'a').hexdigest()}  data/a\n"
    (bag / "manifest-sha256.txt").write_text(line * 251)
    hashed: list[str] = []
    digest = bag_check._digest

    def counted(payload: Any, file: str, algorithm: str) -> str:
        hashed.append(file)
        return digest(payload, file, algorithm)

    monkeypatch.setattr(bag_check, "_digest", counted)
    report = Report()
    bag_check.check_bag(bag, report, Limits())
    assert hashed == ["data/a"]
    messages = [found.message for found in report]
    assert messages == ["'data/a' stands twice in the manifest"] * 100 + ["and 150 more"]
    monkeypatch.setattr(bag_check, "_MOST_MANIFEST", 1000)
    with pytest.raises(InvalidError, match="FWF1009"):
        bag_check.check_bag(bag, Report(), Limits())


def test_a_bag_that_is_unlike_its_manifests_is_told(example: Run, tmp_path: Path) -> None:
    pytest.importorskip("bagit")
    bag = tmp_path / "bag"
    package_run(example, bag, PackageOptions(bag=True))
    (bag / "data/README.md").write_text("another text")
    (bag / "data/added.txt").write_text("new")
    (bag / "data/examples/job.json").unlink()
    (bag / "bag-info.txt").write_text("Payload-Oxum: 1.1")
    with zipfile.ZipFile(tmp_path / "bag.zip", "w") as archive:
        for path in sorted(p for p in bag.rglob("*") if p.is_file()):
            archive.write(path, path.relative_to(bag).as_posix())
    for place in (bag, tmp_path / "bag.zip"):
        report = Report()
        check_crate(place, report)
        told = {d.message for d in report if d.code == "FWF5103" and "manifest" in (d.file or "")}
        assert {message for message in told if "tag" not in message} >= {
            "'data/README.md' has changed since the bag was made: its sha512 is another",
            "'data/added.txt' is in the bag, and not in its manifest",
            "'data/examples/job.json' is in the manifest, and not in the bag",
            "'bag-info.txt' has changed since the bag was made: its sha512 is another",
        }
    for manifest in bag.glob("manifest-*.txt"):
        manifest.unlink()
    report = Report()
    check_crate(bag, report)
    assert any("no manifest of its payload" in d.message for d in report)


def test_a_zipped_bag_is_a_crate_and_always_has_the_same_octets(
    example: Run, tmp_path: Path
) -> None:
    pytest.importorskip("bagit")
    for name in ("one.zip", "two.zip"):
        package_run(example, tmp_path / name, PackageOptions(bag=True, published="2026-11-27"))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert valid(tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {"bagit.txt", "data/ro-crate-metadata.json"} <= set(archive.namelist())


def test_an_eln_file_has_all_in_one_folder(example: Run, tmp_path: Path) -> None:
    package_run(example, tmp_path / "book.eln")
    with zipfile.ZipFile(tmp_path / "book.eln") as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"book"}
    assert "book/ro-crate-metadata.json" in names
    assert valid(tmp_path / "book.eln")
    package_run(example, tmp_path / "book.eln", PackageOptions(name="again"))
    with open_crate(tmp_path / "book.eln") as crate:
        assert crate.root["name"] == "again"
    (tmp_path / "notes.eln").write_bytes(b"years of notes")
    with pytest.raises(InvalidError):
        package_run(example, tmp_path / "notes.eln")


def test_a_link_set_names_metadata_items_licence_and_author(example: Run, tmp_path: Path) -> None:
    address = "https://data.example.org/crates/1"
    package_run(example, tmp_path / "crate", PackageOptions(address=address))
    (links, back) = json.loads((tmp_path / "crate/linkset.json").read_bytes())["linkset"]
    assert links["anchor"] == f"{address}/"
    assert links["describedby"][0]["href"] == f"{address}/ro-crate-metadata.json"
    assert links["license"] == [{"href": "https://spdx.org/licenses/Apache-2.0"}]
    items = {item["href"].removeprefix(f"{address}/"): item.get("type") for item in links["item"]}
    assert items["inputs/a%20b%23%25.csv"] == "text/csv"
    assert items["linkset.json"] == "application/linkset+json"
    assert back == {
        "anchor": f"{address}/ro-crate-metadata.json",
        "describes": [{"href": f"{address}/", "type": "text/html"}],
    }
    assert valid(tmp_path / "crate")


def test_the_swhid_is_that_of_the_workflows_folder(example: Run, tmp_path: Path) -> None:
    from_disk = pytest.importorskip("swh.model.from_disk")
    package_run(example, tmp_path / "crate", PackageOptions(swhid=True))
    metadata = json.loads((tmp_path / "crate/ro-crate-metadata.json").read_bytes())
    told: dict[str, dict[str, Any]] = {entity["@id"]: entity for entity in metadata["@graph"]}
    stated = told[told["./"]["identifier"]["@id"]]["value"]
    path = bytes(tmp_path / "crate/workflow")
    assert stated == str(from_disk.Directory.from_disk(path=path, max_content_length=None).swhid())
    assert stated.startswith("swh:1:dir:")
    assert valid(tmp_path / "crate")


def test_options_that_cannot_be_are_wrong_usage(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from fairwf.cli.package import package

    (tmp_path / "x.cwl").write_text("")
    words = [str(tmp_path / "x.cwl"), "-o", str(tmp_path / "c"), "--signposting", "not a URL"]
    said = CliRunner().invoke(package, words)
    assert (said.exit_code, "no address on the web" in said.output) == (2, True)
