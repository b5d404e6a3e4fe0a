"""Our own check of crates: it agrees with roc-validator, says where, refuses what is hostile."""

import copy
import hashlib
import io
import json
import re
import shutil
import stat
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwf.crates import PackageOptions, check_crate, package_run
from fairwf.crates.entity_stream import MalformedError, parts
from fairwf.crates.oracle import judge
from fairwf.report import Report
from fairwf.trace import Run
from tests.crates.example_run import example_run

METADATA: dict[str, Any] = {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "a crate",
            "description": "what it holds",
            "license": "CC0-1.0",
            "datePublished": "2026-11-27",
            "hasPart": [{"@id": "a.txt"}, {"@id": "sub/"}],
        },
        {"@id": "a.txt", "@type": "File"},
        {"@id": "sub/", "@type": "Dataset", "hasPart": {"@id": "sub/b.txt"}},
        {"@id": "sub/b.txt", "@type": "File", "contentSize": 1},
    ],
}

# a finding of ours, and the check of roc-validator (RO-Crate 1.1) that it stands for
SAME = {
    r"has no @context": "3.2",
    r"the graph must be flat": "3.3",
    r"an entity has no @id": "3.4",
    r"has no @type": "3.5",
    r"the root has no name": "8.1",
    r"the root has no description": "8.2",
    r"the root has no license": "8.3",
    r"the root has no datePublished|is no date of ISO 8601": "8.4",
    r"publisher names": "9.2",
    r"the crate does not hold": "12.1",
    r"is no part of the root": "14.1",
}


def crate_at(folder: Path, metadata: Any) -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "sub/b.txt").write_text("b")
    text = metadata if isinstance(metadata, str) else json.dumps(metadata, indent=1)
    (folder / "ro-crate-metadata.json").write_text(text)
    return folder


def found(crate: Path) -> list[Any]:
    report = Report()
    check_crate(crate, report)
    return list(report)


def ours(crate: Path) -> set[str]:
    """What we find at the level of RO-Crate itself, as checks of roc-validator."""
    said = [d.message for d in found(crate) if d.severity == "error" and d.code != "FWF5105"]
    return {f"ro-crate-1.1_{n}" for text in said for p, n in SAME.items() if re.search(p, text)}


def theirs(crate: Path) -> set[str]:
    return set(judge(crate, "ro-crate-1.1").failed("REQUIRED"))


Change = Callable[[dict[str, dict[str, Any]]], object]
CHANGES: dict[str, Change] = {
    "nothing": lambda e: None,
    "no name": lambda e: e["./"].pop("name"),
    "no description": lambda e: e["./"].pop("description"),
    "no licence": lambda e: e["./"].pop("license"),
    "no date": lambda e: e["./"].pop("datePublished"),
    "a date that is none": lambda e: e["./"].update(datePublished="tomorrow"),
    "a file that is not there": lambda e: e["a.txt"].update({"@id": "c.txt"}),
    "a file that is no part": lambda e: e["sub/"].pop("hasPart"),
    "an entity inside": lambda e: e["./"].update(author={"@type": "Person", "name": "A"}),
    "no type": lambda e: e["a.txt"].pop("@type"),
    "no id": lambda e: e["sub/b.txt"].pop("@id"),
    "a publisher that is none": lambda e: e["./"].update(publisher={"@id": "a.txt"}),
    "a value object": lambda e: e["a.txt"].update(description={"@value": "text"}),
    "several files of the web": lambda e: e["./"]["hasPart"].append({"@id": "https://x.test/y"}),
}


def changed(name: str) -> dict[str, Any]:
    metadata = copy.deepcopy(METADATA)
    CHANGES[name]({entity["@id"]: entity for entity in metadata["@graph"]})
    if name == "several files of the web":
        metadata["@graph"].append({"@id": "https://x.test/y", "@type": "File"})
    return metadata


@pytest.mark.xdist_group("oracle")
@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "no name",
        "a file that is no part",
        *(pytest.param(n, marks=pytest.mark.long) for n in list(CHANGES)[2:] if "no part" not in n),
    ],
)
def test_we_agree_with_roc_validator_on_small_crates(tmp_path: Path, name: str) -> None:
    pytest.importorskip("rocrate_validator")
    crate = crate_at(tmp_path / "crate", changed(name))
    assert ours(crate) == theirs(crate)
    assert bool(ours(crate)) == (
        name not in ("nothing", "a value object", "several files of the web")
    )


@pytest.mark.long
@pytest.mark.xdist_group("oracle")
def test_we_agree_with_roc_validator_on_published_crates(corpora: Path) -> None:
    pytest.importorskip("rocrate_validator")
    places = sorted(p.parent for p in (corpora / "rocrate").rglob("ro-crate-metadata.json"))
    assert len(places) == 25
    for place in places:
        assert ours(place) == theirs(place), place


def test_published_crates_without_their_files_get_diagnostics_with_positions(corpora: Path) -> None:
    for file in sorted((corpora / "rocrate").rglob("ro-crate-metadata.json")):
        lines = file.read_text().split("\n")
        said = found(file.parent)
        assert said
        for finding in said:
            assert finding.line is not None
            assert finding.column is not None
            assert lines[finding.line - 1][finding.column - 1] in '"{[', finding


def test_our_own_crates_are_valid(example_crate: Path, example: Run, tmp_path: Path) -> None:
    failed = example_run(tmp_path / "run", fails=True)
    for run, options in (
        (example, PackageOptions(most_tasks=3)),
        (example, PackageOptions(profile="0.6")),
        (failed, PackageOptions()),
    ):
        package_run(run, tmp_path / "crate.zip", options)
        assert found(tmp_path / "crate.zip") == []
    assert found(example_crate) == []


def test_what_a_profile_requires_is_checked_where_it_is_claimed(
    example_crate: Path, tmp_path: Path
) -> None:
    import shutil

    crate = shutil.copytree(example_crate, tmp_path / "crate")
    file = crate / "ro-crate-metadata.json"
    metadata = json.loads(file.read_bytes())
    told = {entity["@id"]: entity for entity in metadata["@graph"]}
    del told["#organize/run"]["instrument"]
    told["#control/run/gather"]["instrument"] = {"@id": "./"}
    del told["#run"]["instrument"]
    del told["workflow/main.cwl"]["programmingLanguage"]
    file.write_text(json.dumps(metadata))
    said = {(d.code, d.message) for d in found(crate)}
    assert {code for code, _ in said} == {"FWF5105"}
    texts = sorted(message for _, message in said)
    assert texts == [
        "'#control/run/gather': instrument names './', no HowToStep, which the profile requires",
        "'#organize/run' has no instrument, which the profile requires",
        "'#run' has no instrument, which the profile requires",
        "'workflow/main.cwl' has no programmingLanguage",
    ]
    told["./"]["conformsTo"] = []
    file.write_text(json.dumps(metadata))
    assert found(crate) == []


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "is empty", (1, 1)),
        ("[1]", "is no JSON object", (1, 1)),
        ('{"@graph": 1}', "@graph is no array of entities", (1, 12)),
        ('{"@context": "x",\n "@graph": [\n  {"@id": "a" "b"}]}', "is no JSON", (3, 15)),
        ('{"@graph": [{"@id": "a"}', "a comma or ] is missing", (1, 25)),
        ('{"@graph": [{"@id": "a', "ends too early", (1, 13)),
        ('{"@graph": []} x', "something follows", (1, 16)),
        ('{"@graph": [' + "[" * 1000, "is nested too deeply", (1, 13)),
        ('{"@graph": [' + '{"a":' * 100_000, "is nested too deeply", (1, 13)),
        ('\ufeff{"@graph": []}', "byte order mark", (1, 1)),
    ],
)
def test_broken_json_is_shown_where_it_breaks(
    tmp_path: Path, text: str, message: str, place: tuple[int, int]
) -> None:
    last = found(crate_at(tmp_path / "crate", text))[-1]  # what stood before it was checked, too
    assert last.code == "FWF5101"
    assert message in last.message
    assert (last.line, last.column) == place


def test_an_entity_that_stands_twice_is_told(tmp_path: Path) -> None:
    metadata = copy.deepcopy(METADATA)
    metadata["@graph"].append({"@id": "a.txt", "@type": "File"})
    (said,) = found(crate_at(tmp_path / "crate", metadata))
    assert (said.code, "described twice" in said.message, said.hint) == (
        "FWF5101",
        True,
        "merge both entities",
    )


def test_a_file_that_is_not_as_described_and_a_loose_end_are_told(tmp_path: Path) -> None:
    metadata = copy.deepcopy(METADATA)
    metadata["@graph"][4]["contentSize"] = "7"
    metadata["@graph"][1]["author"] = {"@id": "#nobody"}
    said = found(crate_at(tmp_path / "crate", metadata))
    assert [(d.code, d.severity) for d in said] == [("FWF5103", "error"), ("FWF5106", "warning")]
    assert "has 1 octets, not 7" in said[0].message


@pytest.mark.parametrize(
    "identifier", ["/etc/passwd", "file:///etc/passwd", "C:\\x", "../x", "a/%2e%2e/%2e%2e/x"]
)
def test_ids_that_lead_out_of_the_crate_are_refused(tmp_path: Path, identifier: str) -> None:
    metadata = copy.deepcopy(METADATA)
    metadata["@graph"][2]["@id"] = identifier
    metadata["@graph"][1]["hasPart"][0] = {"@id": identifier}
    codes = [d.code for d in found(crate_at(tmp_path / "crate", metadata))]
    assert codes == ["FWF5006"]


def test_contexts_of_the_network_are_refused(tmp_path: Path) -> None:
    metadata = {**METADATA, "@context": [METADATA["@context"], "https://evil.test/context"]}
    (said,) = found(crate_at(tmp_path / "crate", metadata))
    assert (said.code, said.line) == ("FWF5006", 4)
    metadata = {**METADATA, "@context": [METADATA["@context"], {"x": "https://x.test/x"}]}
    assert found(crate_at(tmp_path / "other", metadata)) == []


@pytest.mark.parametrize(
    "own",
    [
        {"@import": "https://evil.test/context"},
        {"x": {"@id": "https://x.test/x", "@context": "https://evil.test/context"}},
        {"x": {"@id": "https://x.test/x", "@context": [{"@import": "https://evil.test/context"}]}},
    ],
)
def test_contexts_that_a_context_fetches_are_refused(tmp_path: Path, own: dict[str, Any]) -> None:
    metadata = {**METADATA, "@context": [METADATA["@context"], own]}
    (said,) = found(crate_at(tmp_path / "crate", metadata))
    assert said.code == "FWF5006" and "evil.test" in said.message


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("key", ["sha256", "sha1"])
def test_a_file_of_the_same_size_that_is_another_one_is_told(
    tmp_path: Path, key: str, form: str
) -> None:
    def said(digest: str) -> list[Any]:
        metadata = copy.deepcopy(METADATA)
        metadata["@graph"][4][key] = digest
        folder = tmp_path / hashlib.sha256(digest.encode()).hexdigest()
        crate = crate_at(folder, metadata)
        if form == "zip":
            crate = Path(shutil.make_archive(str(folder), "zip", folder))
        return found(crate)

    right = hashlib.new(key, b"b").hexdigest()
    other = hashlib.new(key, b"c").hexdigest()
    assert said(right) == said(right.upper()) == []
    (fault,) = said(other)
    assert (fault.code, fault.severity) == ("FWF5103", "error")
    assert f"'sub/b.txt' is another file than the one described: its {key} is {right}" in (
        fault.message
    )
    assert fault.line > 30
    (fault,) = said("b" * 20)
    assert "which is none" in fault.message


def test_links_out_of_the_crate_are_refused_and_others_told(tmp_path: Path) -> None:
    crate = crate_at(tmp_path / "crate", METADATA)
    (crate / "inner").symlink_to("a.txt")
    assert [(d.code, d.severity) for d in found(crate)] == [("FWF5006", "warning")]
    (crate / "sub/b.txt").unlink()
    (crate / "sub/b.txt").symlink_to("/etc/passwd")
    assert {(d.code, d.severity) for d in found(crate)} == {
        ("FWF5006", "warning"),
        ("FWF5006", "error"),
    }


def test_zip_files_that_are_unsafe_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    attacks: dict[str, tuple[zipfile.ZipInfo | str, bytes]] = {
        "escape": ("../evil", b"x"),
        "link": (link, b"/etc/passwd"),
        "bomb": ("zeros", bytes(20 * 1024**2)),
        "twice": ("ro-crate-metadata.json", b"{}"),
    }
    for name, (member, data) in attacks.items():
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ro-crate-metadata.json", json.dumps(METADATA))
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            if name == "twice":
                with pytest.warns(UserWarning, match="Duplicate"):
                    archive.writestr(member, data)
            else:
                archive.writestr(member, data)
        assert [d.code for d in found(path)] == ["FWF5006"], name


def test_what_is_no_crate_is_told(tmp_path: Path) -> None:
    assert [d.code for d in found(tmp_path)] == ["FWF5001"]
    (tmp_path / "x.zip").write_text("text")
    assert [d.code for d in found(tmp_path / "x.zip")] == ["FWF5001"]


def test_the_entities_of_a_stream_are_those_of_the_document(corpora: Path) -> None:
    """Whatever the size of the pieces that are read."""

    class Dribble(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(7)

    for path in sorted((corpora / "rocrate").rglob("ro-crate-metadata.json"))[:8]:
        data = path.read_bytes()
        for stream in (io.BytesIO(data), Dribble(data)):
            got = [part.value for part in parts(stream, 1 << 30) if part.key is None]
            assert got == json.loads(data)["@graph"]


def test_a_part_that_is_too_large_is_refused() -> None:
    text = b'{"@graph": [{"@id": "' + b"a" * 3_000_000 + b'"}]}'
    with pytest.raises(MalformedError, match="too large"):
        list(parts(io.BytesIO(text), 1_000_000))


def test_memory_is_that_of_the_ids_not_of_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (2000, 6000):
        metadata = copy.deepcopy(METADATA)
        metadata["@graph"] += [
            {"@id": f"#{n}", "@type": "Thing", "description": f"{n}" * 300} for n in range(count)
        ]
        crate = crate_at(tmp_path / str(count), metadata)
        size = (crate / "ro-crate-metadata.json").stat().st_size
        del metadata
        tracemalloc.start()
        assert found(crate) == []
        peaks.append((tracemalloc.get_traced_memory()[1], size))
        tracemalloc.stop()
    assert peaks[1][0] - peaks[0][0] < (peaks[1][1] - peaks[0][1]) / 3, peaks


TEXTS = st.sampled_from(
    ["./", "a.txt", "#x", "sub/", "File", "Dataset", "CreativeWork", "ro-crate-metadata.json", "",
     "../x", "/etc/passwd", "http://[x", "a\0b", "é" * 300, "ControlAction", "WebSite", "\ud800"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["@id", "@value", "@type", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["@id", "@type", "about", "hasPart", "conformsTo", "name", "license", "datePublished",
     "mainEntity", "instrument", "object", "contentSize", "publisher", "programmingLanguage"]
)  # fmt: skip


@settings(max_examples=150)
@given(graph=st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=6), context=VALUES)
def test_whatever_the_metadata_holds_findings_are_all_that_comes(
    graph: list[dict[str, Any]], context: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = copy.deepcopy(METADATA["@graph"])
        metadata = {"@context": context, "@graph": [*graph, *base]}
        crate = crate_at(Path(folder) / "crate", json.dumps(metadata))
        for finding in found(crate):
            assert finding.code.startswith("FWF5")
            assert (finding.line or 1) >= 1


def _only(folder: Path, data: bytes) -> list[tuple[str, int | None, str]]:
    folder.mkdir()
    (folder / "ro-crate-metadata.json").write_bytes(data)
    report = Report()
    check_crate(folder, report)
    return [(d.code, d.line, d.message) for d in report]


def test_a_key_that_stands_twice_is_an_error_where_it_stands_again(tmp_path: Path) -> None:
    text = json.dumps(METADATA, indent=1)
    doubled = text.replace('"name": "a crate",', '"name": "a crate",\n "name": "another",', 1)
    line = doubled[: doubled.index('"another"')].count("\n") + 1
    assert doubled != text
    known = _only(tmp_path / "once", text.encode())
    found = _only(tmp_path / "twice", doubled.encode())
    assert [fault for fault in found if "twice in one object" in fault[2]] == [
        ("FWF5101", line, "the key 'name' stands twice in one object: readers take one of both")
    ]
    assert not any("stands twice" in message for _, _, message in known)
    top = _only(tmp_path / "top", text.replace("{", '{"@context": [],', 1).encode())
    assert any("'@context' stands twice" in message for _, _, message in top)


def test_a_second_graph_is_refused_where_it_begins(tmp_path: Path) -> None:
    text = json.dumps(METADATA, indent=1)
    doubled = text[: text.rindex("}")] + ',\n "@graph": []}'
    found = _only(tmp_path / "twice", doubled.encode())
    (said,) = [fault for fault in found if "'@graph' stands twice" in fault[2]]
    assert said[:2] == ("FWF5101", doubled.count("\n") + 1)


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        (None, "is empty"),
        ("utf-16", "is in UTF-16, not in UTF-8"),
        ("utf-16-be", "is in UTF-16, not in UTF-8"),
        ("utf-32-le", "is in UTF-32, not in UTF-8"),
    ],
)
def test_what_is_no_text_in_utf8_is_called_by_its_name(
    tmp_path: Path, encoding: str | None, message: str
) -> None:
    data = json.dumps(METADATA).encode(encoding) if encoding else b" \n"
    ((code, _, told),) = _only(tmp_path / "crate", data)
    assert code == "FWF5101"
    assert told.startswith(message)


@pytest.mark.parametrize("identifier", ["a.txt", "a.txt/b.txt"])
def test_a_link_that_leaves_the_crate_is_told_once(tmp_path: Path, identifier: str) -> None:
    found = copy.deepcopy(METADATA)
    found["@graph"][1]["hasPart"] = {"@id": identifier}
    found["@graph"].append({"@id": identifier, "@type": "File", "name": "a"})
    (tmp_path / "crate").mkdir()
    (tmp_path / "crate/a.txt").symlink_to("/etc")
    (tmp_path / "crate/ro-crate-metadata.json").write_text(json.dumps(found))
    report = Report()
    check_crate(tmp_path / "crate", report)
    assert [d.code for d in report].count("FWF5006") == 1
