"""Crates that try to unpack without end, to leave their folder, or to make a reader fetch."""

import io
import json
import random
import socket
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwf.provenance.query import asks_network
from tests.fuzz.case import OWN
from tests.hostile.conftest import SECRET, Fairwf

METADATA = "ro-crate-metadata.json"
VERBS = (
    ["prov"],
    ["prov", "--to", "prov-json"],
    ["query", "--lineage", "out.txt"],
    ["query", "SELECT * WHERE { ?s ?p ?o }"],
    ["score"],
    ["validate"],
    ["graph"],
)


def metadata() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((OWN / "run.crate.json").read_text())
    return read


def crate_in(folder: Path, whole: Any) -> Path:
    crate = folder / "crate"
    crate.mkdir(exist_ok=True)
    (crate / METADATA).write_text(whole if isinstance(whole, str) else json.dumps(whole))
    return crate


def every_verb(fairwf: Fairwf, crate: Path) -> str:
    told = ""
    for words in VERBS:
        said = fairwf(words[0], crate, *words[1:])
        assert said.code in (0, 1, 2, 33), (words, said.err)
        assert "FWF9" not in said.err, (words, said.err)
        told += said.out + said.err
    return told


class Listener:
    """An address that counts who connects."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.visits = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.visits += 1


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.socket.close()


# --- nothing is fetched


@pytest.mark.parametrize(
    "context",
    [
        "@/context.jsonld",
        ["https://w3id.org/ro/crate/1.1/context", "@/context.jsonld"],
        {"@import": "@/context.jsonld"},
        [{"x": {"@id": "http://x/y", "@context": "@/context.jsonld"}}],
        ["https://w3id.org/ro/crate/1.1/context", {"@propagate": True, "@import": "@/c"}],
        "file:///etc/passwd",
        "../../secret.yml",
    ],
    ids=str,
)
def test_contexts_are_never_fetched(
    fairwf: Fairwf, tmp_path: Path, secret: Path, listener: Listener, context: Any
) -> None:
    whole = metadata()
    whole["@context"] = json.loads(json.dumps(context).replace("@/", f"{listener.url}/"))
    whole["@graph"][1]["@context"] = f"{listener.url}/inner.jsonld"
    told = every_verb(fairwf, crate_in(tmp_path, whole))
    assert listener.visits == 0
    assert SECRET not in told


QUERIES = (
    "SELECT * { SERVICE <@> {?s ?p ?o} }",
    "SELECT * { SERVICE SILENT <@> {?s ?p ?o} }",
    "SELECT * { BIND('''it's''' AS ?x) SERVICE <@> {?s ?p ?o} } #'",
    'SELECT * { BIND("""a"b""" AS ?x) SERVICE <@> {?s ?p ?o} } #"',
    "SELECT * { ?s ?p ?a FILTER(?a<1)SERVICE#>\n<@>{} }",
    "SELECT * { ?s schema:a\\' ?o . SERVICE <@> {} ?x schema:b\\' ?y }",
    "PREFIX : <@> SELECT * { SERVICE: {} }",
    "SELECT * {?s ?p 1SERVICE<@>{}}",
    "SELECT * {?s ?p trueSERVICE<@>{}}",
    "SELECT * { \\u0053ERVICE <@> {} }",
    "select*{service<@>{}}",
    "SELECT * { VALUES ?x {<@>} SERVICE ?x {?s ?p ?o} }",
    "ASK { SERVICE <@> {?s ?p ?o} }",
    "CONSTRUCT { ?s ?p ?o } WHERE { {SELECT * {SERVICE <@> {?s ?p ?o}}} }",
    "SELECT * FROM <@> { ?s ?p ?o }",
    "SELECT * FROM NAMED <@> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    "LOAD <@>",
    "INSERT DATA { <a> <b> <c> }",
)


@pytest.mark.parametrize("text", QUERIES)
def test_queries_reach_no_network(
    fairwf: Fairwf, tmp_path: Path, listener: Listener, text: str
) -> None:
    crate = crate_in(tmp_path, metadata())
    said = fairwf("query", crate, text.replace("@", listener.url))
    assert listener.visits == 0
    assert said.code in (0, 1, 2)
    assert "FWF9003" not in said.err
    assert "root:" not in said.out


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?a WHERE { ?a a schema:Service }",
        "SELECT ?service { ?service a <http://schema.org/Service> }",
        "SELECT * { ?s ?p 'SERVICE <x>' } # SERVICE",
        "SELECT * { ?s ?p '''it's a SERVICE''' }",
        "SELECT * { ?s schema:a\\'b ?o FILTER(?x < 3 && ?y > 4) }",
        "SELECT * { ?s schema:load ?o FILTER regex(?o, '\\\\d+') }",
    ],
)
def test_queries_may_speak_of_services(text: str) -> None:
    assert not asks_network(text)


# --- nothing leaves the folder


@pytest.mark.parametrize(
    "identifier",
    ["../secret.yml", "/etc/passwd", "file:///etc/passwd", "link", "%2e%2e/secret.yml",
     "a/../../secret.yml", "..\\secret.yml", "C:\\x", "http://127.0.0.1:9/x", "", ".", "..", "\0",
     "a" * 5000, "#../x", "//etc/passwd"],
)  # fmt: skip
def test_ids_that_leave_the_crate(
    fairwf: Fairwf, tmp_path: Path, secret: Path, identifier: str
) -> None:
    whole = metadata()
    text = json.dumps(whole).replace('"main.cwl"', json.dumps(identifier))
    crate = crate_in(tmp_path, text)
    (crate / "link").symlink_to(secret)
    assert SECRET not in every_verb(fairwf, crate)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "3", "null", "{}", '{"@graph": 3}', '{"@graph": [3]}',
     "[" * 100_000, '{"@graph": ' + "[" * 100_000, "\0", "\ufeff{}",
     '{"@context": 1e999, "@graph": []}', '{"@graph": [{"@id": "\\ud800"}]}', "NaN"],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_metadata_that_is_none(fairwf: Fairwf, tmp_path: Path, text: str) -> None:
    crate = crate_in(tmp_path, text)
    for words in VERBS[:5]:
        said = fairwf(words[0], crate, *words[1:])
        assert said.code == 1, (words, said.err)
        assert f"{crate}" in said.err


@pytest.mark.parametrize(
    "identifier", ["#a#b", "\U0010ffff", "http://h:x/", "http://[x", "a%zz", "a b", "::", "\ue000"]
)
def test_ids_that_are_no_iris(fairwf: Fairwf, tmp_path: Path, identifier: str) -> None:
    text = json.dumps(metadata()).replace('"#task"', json.dumps(identifier))
    told = every_verb(fairwf, crate_in(tmp_path, text))
    assert told


def test_times_that_are_numbers(fairwf: Fairwf, tmp_path: Path) -> None:
    whole = metadata()
    for entity in whole["@graph"]:
        for key in ("startTime", "endTime", "name", "sha256"):
            if key in entity:
                entity[key] = [1.5, {"@value": 3}]
    every_verb(fairwf, crate_in(tmp_path, whole))


def test_entities_that_refer_to_each_other_without_end(fairwf: Fairwf, tmp_path: Path) -> None:
    whole = metadata()
    for entity in whole["@graph"]:
        for key in ("hasPart", "object", "result", "instrument", "about", "mainEntity", "step"):
            entity[key] = [{"@id": other["@id"]} for other in whole["@graph"]]
    every_verb(fairwf, crate_in(tmp_path, whole))


# --- zip files


def zipped(path: Path, members: dict[str, bytes], **keys: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name) if keys.get("raw") else name, data)
    return path


def good() -> dict[str, bytes]:
    return {METADATA: json.dumps(metadata()).encode()}


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../../x", "..", "a\\..\\x", "C:/x", "\u202ex", "a" * 60_000]
)
def test_members_that_leave_the_crate(fairwf: Fairwf, tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "x.zip", {**good(), name: b"x"})
    for words in VERBS[:4]:
        assert fairwf(words[0], path, *words[1:]).code in (0, 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.zip"]


def test_a_zip_bomb(fairwf: Fairwf, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {METADATA: b" " * (200 << 20)})
    said = fairwf("prov", path)
    assert said.code == 1
    assert "error[FWF5006]" in said.err


def test_a_zip_whose_metadata_is_larger_than_it_says(fairwf: Fairwf, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {METADATA: b"[" * (1 << 20)})
    data = path.read_bytes()
    path.write_bytes(data.replace((1 << 20).to_bytes(4, "little"), (5).to_bytes(4, "little")))
    said = fairwf("prov", path)
    assert said.code == 1
    assert "error[FWF500" in said.err


@pytest.mark.parametrize("seed", range(40))
def test_damaged_zip_files(fairwf: Fairwf, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**good(), "in.txt": b"x" * 1000}.items():
            archive.writestr(name, data)
    whole = bytearray(stream.getvalue())
    for _ in range(draw.randint(1, 20)):
        whole[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
    path = tmp_path / "x.zip"
    path.write_bytes(whole[: draw.choice((len(whole), len(whole) // 2))])
    said = fairwf("prov", path)
    assert said.code in (0, 1)
    assert said.code == 0 or f"{path}: error[FWF" in said.err


def test_what_is_no_zip_file(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    for data in (b"", b"PK", zlib.compress(b"x"), b"\0" * 10_000):
        path.write_bytes(data)
        said = fairwf("query", path, "--lineage", "x")
        assert said.code == 1
        assert f"{path}: error[FWF5001]" in said.err
