"""A crate of a run is packaged again: another form, the same run."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, check_crate, holds_runs, package_run, repackage
from fairwf.crates.oracle import judge
from fairwf.ir.metadata import Agent
from fairwf.report import InvalidError, Report, UsageFault
from fairwf.trace import Run


def graph(crate: Path) -> dict[str, dict]:
    metadata = json.loads((crate / "ro-crate-metadata.json").read_bytes())
    return {entity["@id"]: entity for entity in metadata["@graph"]}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("packed", ["crate.zip", "crate.eln"])
def test_folder_to_zip_to_folder_is_the_same_crate(
    example_crate: Path, tmp_path: Path, packed: str
) -> None:
    repackage(example_crate, tmp_path / packed, PackageOptions())
    repackage(tmp_path / packed, tmp_path / "again", PackageOptions())
    assert files(tmp_path / "again") == files(example_crate)


def test_a_crate_becomes_a_bag_and_comes_back(example_crate: Path, tmp_path: Path) -> None:
    bagit = pytest.importorskip("bagit")
    repackage(example_crate, tmp_path / "bag", PackageOptions(bag=True))
    assert bagit.Bag(str(tmp_path / "bag")).validate()
    repackage(tmp_path / "bag", tmp_path / "again", PackageOptions())
    assert files(tmp_path / "again") == files(example_crate)


def test_without_its_data_it_is_still_conformant(example_crate: Path, tmp_path: Path) -> None:
    target = tmp_path / "minimal"
    before, kept = graph(example_crate), {"workflow", "README.md", "ro-crate-preview.html"}
    repackage(example_crate, target, PackageOptions(minimal=True))
    tops = {path.name for path in target.iterdir()}
    assert tops - kept == {"ro-crate-metadata.json"}
    after = graph(target)
    assert sum("CreateAction" in str(e["@type"]) for e in after.values()) == sum(
        "CreateAction" in str(e["@type"]) for e in before.values()
    )
    sums = {e.get("sha256") for i, e in before.items() if i.startswith(("inputs/", "outputs/"))}
    assert sums <= {e.get("sha256") for e in after.values()}
    findings = Report()
    check_crate(target, findings)
    assert not findings.errors
    pytest.importorskip("rocrate_validator")
    assert judge(target).failed("REQUIRED") == {}


def test_it_is_what_a_run_packaged_without_data_is(
    example: Run, example_crate: Path, tmp_path: Path
) -> None:
    repackage(example_crate, tmp_path / "again", PackageOptions(minimal=True))
    package_run(example, tmp_path / "first", PackageOptions(minimal=True))
    one, other = files(tmp_path / "again"), files(tmp_path / "first")
    assert one.keys() == other.keys()


def test_title_licence_and_publisher_are_those_of_now(example_crate: Path, tmp_path: Path) -> None:
    options = PackageOptions(
        name="Renamed",
        description="Again.",
        license="CC0-1.0",
        keywords=("a", "b"),
        publisher=Agent(name="U", id="https://ror.org/04cw6st05", organization=True),
        address="https://data.example.org/a/",
    )
    repackage(example_crate, tmp_path / "crate", options)
    told = graph(tmp_path / "crate")
    root = told["./"]
    assert (root["name"], root["description"], root["keywords"]) == ("Renamed", "Again.", "a, b")
    assert told[root["license"]["@id"]]["name"] == "CC0-1.0"
    assert told[root["publisher"]["@id"]]["name"] == "U"
    assert {"@id": "linkset.json"} in root["hasPart"]
    links = json.loads((tmp_path / "crate/linkset.json").read_bytes())
    assert links["linkset"][0]["anchor"] == "https://data.example.org/a/"
    assert "Renamed" in (tmp_path / "crate/README.md").read_text()
    assert "Renamed" in (tmp_path / "crate/ro-crate-preview.html").read_text("utf-8")


@pytest.mark.parametrize(
    "options",
    [
        PackageOptions(agent=Agent(name="Bob")),
        PackageOptions(intermediate=True),
        PackageOptions(table=True),
        PackageOptions(swhid=True),
        PackageOptions(profile="0.6"),
        PackageOptions(input_limit=1),
        PackageOptions(most_tasks=1),
        PackageOptions(diagram=b"<svg/>"),
        PackageOptions(remarks=({"@id": "#x", "@type": "Thing"},)),
    ],
)
def test_what_only_the_run_knows_is_refused(
    example_crate: Path, tmp_path: Path, options: PackageOptions
) -> None:
    with pytest.raises(UsageFault, match="cannot be had from a crate"):
        repackage(example_crate, tmp_path / "crate", options)
    assert not (tmp_path / "crate").exists()


def test_the_crates_of_others_keep_every_file_and_entity(corpora: Path, tmp_path: Path) -> None:
    found = sorted((corpora / "rocrate").rglob("ro-crate-metadata.json"))
    crates = [path.parent for path in found if holds_runs(path.parent)]
    assert len(crates) >= 10
    for number, crate in enumerate(crates):
        target = tmp_path / f"{number}.zip"
        repackage(crate, target, PackageOptions(preview=False))
        with zipfile.ZipFile(target) as opened:
            text = opened.read("ro-crate-metadata.json")
            names = {name for name in opened.namelist() if not name.endswith("/")}
        assert text == (crate / "ro-crate-metadata.json").read_bytes()
        held = {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()}
        assert names == held - {"ro-crate-preview.html"}


def test_links_that_leave_the_crate_are_not_followed(example_crate: Path, tmp_path: Path) -> None:
    repackage(example_crate, tmp_path / "crate", PackageOptions())
    (tmp_path / "crate/workflow/hosts").symlink_to("/etc/hosts")
    report = Report()
    repackage(tmp_path / "crate", tmp_path / "again", PackageOptions(), report)
    assert [d.code for d in report] == ["FWF5005"]
    assert not (tmp_path / "again/workflow/hosts").exists()


def test_a_zip_file_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as opened:
        opened.writestr("ro-crate-metadata.json", '{"@graph": []}')
        opened.writestr("../outside", "x")
    assert not holds_runs(tmp_path / "bad.zip")
    with pytest.raises(InvalidError):
        repackage(tmp_path / "bad.zip", tmp_path / "crate", PackageOptions())


def test_what_is_wrong_with_a_crate_is_told_when_it_is_packaged(
    example_crate: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(example_crate, broken)
    place = broken / "ro-crate-metadata.json"
    metadata = json.loads(place.read_bytes())
    root = next(entity for entity in metadata["@graph"] if entity["@id"] == "./")
    del root["license"]
    place.write_text(json.dumps(metadata, indent=1))
    report = Report()
    repackage(broken, tmp_path / "crate.zip", PackageOptions(), report)
    (fault,) = [d for d in report if d.code == "FWF5102"]
    assert (fault.severity, fault.message) == ("warning", "the root has no license")
    assert fault.file == str(tmp_path / "crate.zip/ro-crate-metadata.json")
    mended = Report()
    repackage(broken, tmp_path / "mended", PackageOptions(license="MIT"), mended)
    assert "FWF5102" not in [d.code for d in mended]
