"""What must hold on a server after any fault and another call."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from fairwf.publish.state import place_of
from tests.publish.servers.contract import TOKEN
from tests.publish.servers.invenio import Invenio
from tests.publish.servers.workflowhub import WorkflowHub


def check_deposit(server: Invenio, crate: Path, public: bool) -> None:
    """There is one record, it holds the crate as it is here, and the crate names its DOI."""
    assert len(server.all) == 1, f"{len(server.all)} records of one crate"
    deposit = server.all[0]
    assert deposit.published == public
    metadata = (crate / "ro-crate-metadata.json").read_bytes()
    doi = f"https://doi.org/{deposit.pids['doi']['identifier']}"
    root = next(e for e in json.loads(metadata)["@graph"] if e["@id"] == "./")
    assert root["cite-as"] == doi
    assert all(stored.committed for stored in deposit.files.values())
    names = {"crate.zip", "ro-crate-metadata.json", "ro-crate-preview.html"}
    assert set(deposit.files) == names
    for name in ("ro-crate-metadata.json", "ro-crate-preview.html"):
        assert deposit.files[name].content == (crate / name).read_bytes()
    with zipfile.ZipFile(io.BytesIO(deposit.files["crate.zip"].content or b"")) as archive:
        sent = {name: archive.read(name) for name in archive.namelist()}
    here = {p.relative_to(crate).as_posix(): p for p in crate.rglob("*") if p.is_file()}
    assert sent == {name: path.read_bytes() for name, path in here.items()}
    check_nothing_is_left(crate)


def check_registered(server: WorkflowHub, crate: Path, access: str, versions: int = 1) -> None:
    """There is one workflow with so many versions, all different; the last one is the crate."""
    assert len(server.workflows) == 1, f"{len(server.workflows)} workflows of one crate"
    found = next(iter(server.workflows.values()))
    assert found.access == access
    digests = [hashlib.sha256(data).hexdigest() for _, data in found.versions]
    assert len(digests) == versions
    assert len(set(digests)) == versions
    check_is_crate(found.versions[-1][1], crate)


def check_is_crate(data: bytes, crate: Path) -> None:
    """A zip file on the hub is the crate, but for addresses that SEEK reads in its own way."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sent = {name: archive.read(name) for name in archive.namelist()}
    here = {p.relative_to(crate).as_posix(): p for p in crate.rglob("*") if p.is_file()}
    assert set(sent) == set(here)
    for name, path in here.items():
        if name == "ro-crate-metadata.json":
            assert _graph(sent[name]) == _graph(path.read_bytes())
        else:
            assert sent[name] == path.read_bytes(), name


def _graph(metadata: bytes) -> list[dict[str, Any]]:
    graph = json.loads(metadata)["@graph"]
    return [{k: v for k, v in e.items() if k not in ("isBasedOn", "url")} for e in graph]


def check_nothing_is_left(crate: Path) -> None:
    """Beside the crate are the notes alone, without the token; in it nothing half-written."""
    place = place_of(crate)
    assert all(path.suffix == ".json" for path in place.iterdir()), list(place.iterdir())
    for path in (*place.rglob("*"), *crate.rglob("*")):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), f"the token stands in {path}"
    assert not list(crate.parent.glob(f".{crate.name}.*.tmp"))
