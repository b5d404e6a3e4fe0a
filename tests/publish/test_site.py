"""A crate as a static web site: versions side by side, Signposting, and nothing half-written."""

import json
import shutil
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from fairwf.crates import check_crate
from fairwf.publish import Order, Publication, publish
from fairwf.report import InvalidError, Report, UsageFault
from tests.publish.test_workflowhub import edit

ADDRESS = "https://example.org/trends"


class Links(HTMLParser):
    """The `link` elements in the head of a page, and the addresses in its body."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.anchors: list[str] = []
        self._in_head = False
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._in_head = tag == "head" or (self._in_head and tag != "body")
        if tag == "link":
            assert self._in_head, "a link outside of the head"
            self.links.append(found)
        if tag == "a" and found.get("href"):
            self.anchors.append(found["href"] or "")

    def of(self, relation: str) -> list[str]:
        return [link["href"] or "" for link in self.links if link["rel"] == relation]


def site(crate: Path, folder: Path, **options: Any) -> Publication:
    return publish(crate, "folder", Order(output=folder, **options), Report())


def test_a_draft_is_beside_the_versions_and_on_no_list(crate: Path, tmp_path: Path) -> None:
    done = site(crate, tmp_path / "site")
    assert (done.status, done.record) == ("draft", "draft")
    assert (tmp_path / "site/draft/index.html").is_file()
    assert not (tmp_path / "site/index.html").exists()
    assert site(crate, tmp_path / "site", make_public=True).record == "v1"
    assert not (tmp_path / "site/draft").exists()


def test_a_version_holds_the_crate_its_page_and_one_zip_file(crate: Path, tmp_path: Path) -> None:
    site(crate, tmp_path / "site", make_public=True)
    version = tmp_path / "site/v1"
    for path in crate.rglob("*"):
        if path.is_file() and path.name != "linkset.json":
            assert (version / path.relative_to(crate)).read_bytes() == path.read_bytes()
    with zipfile.ZipFile(version / "crate.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    report = Report()
    check_crate(tmp_path / "unpacked", report)
    check_crate(version, report)
    assert report.ok, report.diagnostics
    assert "crate.zip" in Links(version / "index.html").anchors


@pytest.mark.parametrize("address", [ADDRESS, None])
def test_every_link_of_the_page_and_of_the_link_set_leads_to_something(
    crate: Path, tmp_path: Path, address: str | None
) -> None:
    edit(crate, identifier="https://doi.org/10.5072/1", **{"cite-as": "https://doi.org/10.5072/1"})
    site(crate, tmp_path / "site", url=address, make_public=True)
    version = tmp_path / "site/v1"
    page = Links(version / "index.html")
    assert page.of("cite-as") == ["https://doi.org/10.5072/1"]
    assert page.of("license") == ["https://spdx.org/licenses/CC-BY-4.0"]
    assert page.of("author")
    assert "https://schema.org/Dataset" in page.of("type")
    base = f"{ADDRESS}/v1/"
    inside = [
        *page.of("describedby"), *page.of("item"), *page.of("linkset"),
        *page.of("version-history"), *page.anchors,
    ]  # fmt: skip
    local = [urljoin(base, href) for href in inside]
    local = [href for href in local if href.startswith(ADDRESS)]
    assert len(local) > 10
    for href in local:
        path = href.removeprefix(ADDRESS).partition("#")[0].lstrip("/")
        assert (tmp_path / "site" / path).exists(), href
    links = json.loads((version / "linkset.json").read_text())["linkset"][0]
    assert urljoin(base, links["anchor"]) == base
    assert {urljoin(base, item["href"]) for item in links["item"]} == {
        urljoin(base, href) for href in page.of("item")
    }


def test_a_new_version_stands_beside_the_old_one(crate: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    site(crate, folder, make_public=True)
    before = {p: p.read_bytes() for p in (folder / "v1").rglob("*") if p.is_file()}
    edit(crate, name="Trends, revised", version="2.0")
    assert site(crate, folder, make_public=True).record == "v2"
    assert {p: p.read_bytes() for p in (folder / "v1").rglob("*") if p.is_file()} == before
    assert Links(folder / "v2/index.html").of("predecessor-version") == ["../v1/"]
    page = Links(folder / "index.html")
    assert page.of("latest-version") == ["v2/"]
    assert page.anchors == ["v2/", "v1/"]
    assert "Trends, revised" in (folder / "index.html").read_text()


def test_the_same_crate_is_no_new_version(crate: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    site(crate, folder, make_public=True)
    (folder / "index.html").unlink()  # as after a death just before it was written
    assert site(crate, folder, make_public=True).status == "unchanged"
    assert (folder / "index.html").is_file()
    assert not (folder / "v2").exists()
    assert site(crate, folder).status == "unchanged"


def test_github_pages_is_told_to_leave_no_file_out(crate: Path, tmp_path: Path) -> None:
    site(crate, tmp_path / "site", make_public=True)
    assert (tmp_path / "site/.nojekyll").is_file()


def test_a_zip_file_of_a_crate_is_unpacked(crate: Path, tmp_path: Path) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", crate))
    site(packed, tmp_path / "site", make_public=True)
    version = tmp_path / "site/v1"
    assert (version / "packed.zip").read_bytes() == packed.read_bytes()
    assert (version / "ro-crate-metadata.json").is_file()


def test_hostile_names_do_not_become_html(crate: Path, tmp_path: Path) -> None:
    edit(crate, name="</title><script>alert(1)</script>", version='"><img src=x>')
    site(crate, tmp_path / "site", make_public=True)
    for page in (tmp_path / "site/index.html", tmp_path / "site/v1/index.html"):
        assert "<script>alert" not in page.read_text()
        assert "<img src=x" not in page.read_text()


def test_a_page_of_the_crate_is_not_overwritten(crate: Path, tmp_path: Path) -> None:
    (crate / "index.html").write_text("mine")
    with pytest.raises(InvalidError, match=r"index\.html"):
        site(crate, tmp_path / "site")


def test_a_link_set_that_others_wrote_is_not_overwritten(crate: Path, tmp_path: Path) -> None:
    document = json.loads((crate / "ro-crate-metadata.json").read_text())
    graph = [e for e in document["@graph"] if e["@id"] != "linkset.json"]
    graph.append({"@id": "linkset.json", "@type": "File", "name": "Links that I measured"})
    root = next(e for e in graph if e["@id"] == "./")
    parts = root["hasPart"] if isinstance(root["hasPart"], list) else [root["hasPart"]]
    root["hasPart"] = [*[p for p in parts if p["@id"] != "linkset.json"], {"@id": "linkset.json"}]
    document["@graph"] = graph
    (crate / "ro-crate-metadata.json").write_text(json.dumps(document))
    (crate / "linkset.json").write_text("[1, 2]")
    with pytest.raises(InvalidError, match=r"linkset\.json"):
        site(crate, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_our_own_link_set_is_made_anew_for_the_place_of_the_site(
    repository: Path, tmp_path: Path
) -> None:
    from fairwf import api
    from fairwf.crates import PackageOptions

    document = api.load(repository / "examples/quickstart/main.cwl")
    options = PackageOptions(license="MIT", address="https://example.org/elsewhere")
    api.package(document, tmp_path / "crate", options=options)
    assert (tmp_path / "crate/linkset.json").is_file()
    site(tmp_path / "crate", tmp_path / "site", url=ADDRESS, make_public=True)
    text = (tmp_path / "site/v1/linkset.json").read_text()
    assert f"{ADDRESS}/v1/" in text
    assert "elsewhere" not in text


def test_a_crate_of_ro_crate_1_0_has_versions_too(crate: Path, tmp_path: Path) -> None:
    """Its metadata file is called ro-crate-metadata.jsonld."""
    folder, old = tmp_path / "site", crate / "ro-crate-metadata.json"
    for name in ("Trends", "Trends, revised"):
        if old.exists():
            text = old.read_text().replace('"ro-crate-metadata.json"', '"ro-crate-metadata.jsonld"')
            old.unlink()
        new = crate / "ro-crate-metadata.jsonld"
        document = json.loads(text)
        next(e for e in document["@graph"] if e["@id"] == "./")["name"] = name
        new.write_text(json.dumps(document))
        assert [site(crate, folder).status for _ in range(2)] == ["draft", "draft"]
        assert site(crate, folder, make_public=True).status == "published"
        assert site(crate, folder, make_public=True).status == "unchanged"
        assert site(crate, folder).status == "unchanged"
    page = Links(folder / "index.html")
    assert page.anchors == ["v2/", "v1/"]
    described = Links(folder / "v2/index.html").of("describedby")
    assert [Path(href).name for href in described] == ["ro-crate-metadata.jsonld"]
    assert "ro-crate-metadata.jsonld" in Links(folder / "v2/index.html").anchors


def test_a_site_in_the_crate_itself_is_refused(crate: Path) -> None:
    with pytest.raises(UsageFault, match="in the crate"):
        site(crate, crate / "site")


def test_what_is_no_version_is_not_replaced(crate: Path, tmp_path: Path) -> None:
    (tmp_path / "site/v1").mkdir(parents=True)
    (tmp_path / "site/v1/thesis.tex").write_text("years of work")
    with pytest.raises(InvalidError, match="not replaced"):
        site(crate, tmp_path / "site", make_public=True)
    assert (tmp_path / "site/v1/thesis.tex").read_text() == "years of work"


def test_a_dry_run_writes_nothing(crate: Path, tmp_path: Path) -> None:
    done = site(crate, tmp_path / "site", dry_run=True, make_public=True)
    assert (done.status, done.record) == ("planned", "v1")
    assert not (tmp_path / "site").exists()
